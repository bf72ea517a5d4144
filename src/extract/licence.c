/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The licence files of code packages: LICENSE, COPYING, NOTICE and their like
 * below node_modules, site-packages or a folder of vendored code. Whoever is
 * the only holder in a package's own licence file wrote the package; of
 * several, or where one holds "portions", each wrote some part.
 */
#include "extract/code_util.h"
#include "extract/licence_util.h"

enum {
	LICENCE_BYTES_MAX = 64 * 1024,
	HOLDERS_MAX = 64,
	OWN_TEXT_LINES = 4 /* from a licence text's copyright to its sentence */
};

struct holders {
	struct slice names[HOLDERS_MAX];
	uint64_t offsets[HOLDERS_MAX];
	size_t n;
	unsigned since; /* lines since the last one was added */
	bool portion;   /* one of them says that he wrote a part only */
};

/* "license.js" is a program about licences. */
static const struct slice code_ends[] = {
	SLICE(".js"),   SLICE(".mjs"),  SLICE(".cjs"),  SLICE(".ts"),
	SLICE(".jsx"),  SLICE(".tsx"),  SLICE(".json"), SLICE(".map"),
	SLICE(".py"),   SLICE(".pyc"),  SLICE(".pyi"),  SLICE(".c"),
	SLICE(".h"),    SLICE(".cc"),   SLICE(".cpp"),  SLICE(".java"),
	SLICE(".go"),   SLICE(".rs"),   SLICE(".kt"),   SLICE(".swift"),
	SLICE(".m"),    SLICE(".rb"),   SLICE(".php"),  SLICE(".class"),
	SLICE(".so"),   SLICE(".svg"),  SLICE(".png"),  SLICE(".css"),
};

static bool is_code(struct slice path)
{
	for (size_t i = 0; i < COUNT_OF(code_ends); i++)
		if (slice_ends(path, code_ends[i]))
			return true;
	return false;
}

static void add_holder(struct holders *h, struct slice name, uint64_t offset)
{
	h->since = 0;
	for (size_t i = 0; i < h->n; i++)
		if (licence_same_holder(h->names[i], name))
			return;
	if (h->n == HOLDERS_MAX)
		return;
	h->names[h->n] = name;
	h->offsets[h->n++] = offset;
}

static void read_holders(struct holders *h, struct slice text)
{
	struct slice rest = text, line, name;

	while (slice_line(&rest, &line)) {
		h->since++;
		if (licence_holder(line, &name)) {
			add_holder(h, name, (size_t)(name.p - text.p));
			h->portion |= licence_portion(line);
		} else if (h->n > 0 && h->since <= OWN_TEXT_LINES &&
		           licence_own_text(line)) {
			h->n--;
		}
	}
}

static void claim_holders(struct extraction *x, const struct code_package *p,
                          const struct holders *h)
{
	bool whole = h->n == 1 && !h->portion && p->top;
	enum attr attr = whole ? ATTR_LICENSE_HOLDER : ATTR_LICENSE_PART_HOLDER;

	sink_record(x->out, &(struct record){
				    .scope = SCOPE_FOLDER,
				    .kind = ARTICLE_SOFTWARE,
				    .state = p->state,
				    .ecosystem = p->ecosystem,
				    .name = p->name,
				    .version = p->version,
				    .root = p->root,
			    });
	for (size_t i = 0; i < h->n; i++)
		sink_text(x->out, attr, h->names[i], h->offsets[i]);
}

static int licence_run(struct extraction *x)
{
	struct code_package package;
	struct holders holders = {0};
	struct slice text;

	if (is_code(x->item->path) || !code_package(x->item, &package))
		return 0;
	int r = input_get_some(x->in, 0, LICENCE_BYTES_MAX, x->mem, &text);
	if (r < 0)
		return r;
	read_holders(&holders, text);
	if (holders.n)
		claim_holders(x, &package, &holders);
	return 0;
}

const struct extractor extract_licence = {
	.name = "licence",
	.version = 2,
	.probes = {{.path = "LICENSE*"},
	           {.path = "LICENCE*"},
	           {.path = "COPYING*"},
	           {.path = "NOTICE*"},
	           {.path = "COPYRIGHT*"},
	           {.path = "License*"},
	           {.path = "license*"},
	           {.path = "licence*"},
	           {.path = "copying*"},
	           {.path = "notice*"}},
	.run = licence_run,
};
