/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copyright lines in the first 4 KiB of source files of code packages. There
 * are very many such files, so nothing is read beyond the head that is there
 * already, and a head without the word costs one scan.
 */
#include "extract/code_util.h"
#include "extract/licence_util.h"

enum { HEAD_HOLDERS_MAX = 16 };

/* Moves *at to the next line that has the word; *ret_line is that line. */
static bool next_line(struct slice text, size_t *at, struct slice *ret_line)
{
	size_t found = licence_find(slice_from(text, *at));

	if (found == SIZE_MAX)
		return false;
	struct slice before = slice_first(text, *at + found);
	const uint8_t *lf = before.n ? memrchr(before.p, '\n', before.n) : NULL;
	size_t start = lf ? (size_t)(lf - text.p) + 1 : 0;
	struct slice line = slice_from(text, start);
	*ret_line = slice_first(line, slice_find_byte(line, '\n'));
	*at = start + ret_line->n;
	return true;
}

static void start_record(struct extraction *x, const struct code_package *p)
{
	sink_record(x->out, &(struct record){
				    .scope = SCOPE_FOLDER,
				    .kind = ARTICLE_SOFTWARE,
				    .state = p->state,
				    .ecosystem = p->ecosystem,
				    .name = p->name,
				    .version = p->version,
				    .root = p->root,
			    });
}

static int source_head_run(struct extraction *x)
{
	struct slice text = x->in->head, line, name;
	struct code_package package;
	unsigned n = 0;
	size_t at = 0;

	if (!code_package(x->item, &package))
		return 0;
	while (n < HEAD_HOLDERS_MAX && next_line(text, &at, &line)) {
		if (!licence_holder(line, &name))
			continue;
		if (n++ == 0)
			start_record(x, &package);
		sink_text(x->out, ATTR_SOURCE_HOLDER, name,
		          (size_t)(name.p - text.p));
	}
	return 0;
}

/* Patterns with a star in front stand for several endings: .js .mjs .cjs, and
 * .jsx .tsx. */
const struct extractor extract_source_head = {
	.name = "source_head",
	.version = 1,
	.probes = {{.path = "*js"},
	           {.path = "*.ts"},
	           {.path = "*.*sx"},
	           {.path = "*.py"},
	           {.path = "*.c"},
	           {.path = "*.h"},
	           {.path = "*.cc"},
	           {.path = "*.cpp"},
	           {.path = "*.java"},
	           {.path = "*.go"},
	           {.path = "*.rs"},
	           {.path = "*.kt"},
	           {.path = "*.swift"},
	           {.path = "*.m"}},
	.run = source_head_run,
};
