/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copyright files of Debian packages in their machine-readable form (DEP-5):
 * paragraphs that say who wrote which files. The paragraph for all files
 * ("Files: *") and the header speak for the package as a whole, the others for
 * a part of its source. In a copyright file of any other form, a third of
 * Debian's, each line that is a copyright line names the holder of some part.
 */
#include <errno.h>

#include "extract/deb822_util.h"
#include "extract/extract.h"
#include "extract/field_util.h"
#include "extract/licence_util.h"
#include "extract/values_util.h"

enum {
	PARAGRAPHS_MAX = 20000,
	HOLDERS_MAX = 2000,       /* lines of Copyright in one paragraph */
	PATTERNS_MAX = 100000,    /* of Files in one paragraph */
	RECORD_PATTERNS = 2000,   /* of them in one record, beside all holders */
	PARAGRAPH_BYTES = 8 * 1024 * 1024, /* of both together */
	FREE_BYTES_MAX = 2 * 1024 * 1024,  /* of a file in free form */
	OWN_TEXT_LINES = 4, /* from a licence text's copyright to its sentence */
};

enum where { WHERE_ELSE, WHERE_FILES, WHERE_COPYRIGHT };

/* Lines and patterns wait for the end of their paragraph, which alone tells
 * whether it is the one for all files. */
struct text {
	struct slice value;
	uint64_t offset;
};

struct reader {
	const struct extraction *x;
	struct slice package;
	struct arena mem;       /* of one paragraph */
	struct text *holders;   /* HOLDERS_MAX of them */
	struct text *patterns;  /* PATTERNS_MAX */
	unsigned paragraphs;
	bool over;              /* a limit was hit */
	/* the paragraph that is being read */
	bool open, has_files, all_files;
	size_t n_holders, n_patterns;
	enum where where;
};

static void paragraph_start(struct reader *r)
{
	r->open = true;
	r->has_files = r->all_files = false;
	r->n_holders = r->n_patterns = 0;
	r->where = WHERE_ELSE;
	r->paragraphs++;
	arena_reset(&r->mem);
}

static void claim_texts(struct reader *r, enum attr attr,
                        const struct text *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sink_text(r->x->out, attr, texts[i].value, texts[i].offset);
}

static void paragraph_end(struct reader *r)
{
	/* The header is the first paragraph, and has no Files. Others without
	 * Files are licence texts. */
	bool main = r->all_files || (!r->has_files && r->paragraphs == 1);
	size_t at = 0;

	if (!r->open)
		return;
	r->open = false;
	if (r->n_holders == 0 || (!main && !r->has_files))
		return;
	do {
		size_t n = r->n_patterns - at < RECORD_PATTERNS
			? r->n_patterns - at : RECORD_PATTERNS;
		sink_record(r->x->out, &(struct record){
			.scope = SCOPE_PART,
			.kind = ARTICLE_SOFTWARE,
			.state = STATE_INSTALLED,
			.ecosystem = "deb",
			.name = r->package,
		});
		claim_texts(r, main ? ATTR_COPYRIGHT_MAIN : ATTR_COPYRIGHT_HOLDER,
		            r->holders, r->n_holders);
		claim_texts(r, ATTR_COPYRIGHT_FILES, r->patterns + at, n);
		at += n;
	} while (at < r->n_patterns);
}

/* Keeps a text of the paragraph in a list with room for `most`. */
static void keep(struct reader *r, struct text *list, size_t *n, size_t most,
                 const struct text *text)
{
	struct slice copy = {0};

	if (*n < most)
		copy = arena_copy(&r->mem, text->value);
	if (!copy.p) {
		r->over = true;
		return;
	}
	list[(*n)++] = (struct text){copy, text->offset};
}

static void take_patterns(struct reader *r, const struct deb822_line *line)
{
	struct slice rest = line->value, pattern;

	r->has_files = true;
	while (field_word(&rest, &pattern)) {
		if (slice_eq(pattern, SLICE("*"))) {
			r->all_files = true;
			continue;
		}
		keep(r, r->patterns, &r->n_patterns, PATTERNS_MAX,
		     &(struct text){
			     pattern,
			     line->offset + field_at(line->value, pattern),
		     });
	}
}

static void take_holder(struct reader *r, const struct deb822_line *line)
{
	/* A lone dot stands for an empty line. */
	if (line->value.n == 0 || slice_eq(line->value, SLICE(".")))
		return;
	keep(r, r->holders, &r->n_holders, HOLDERS_MAX,
	     &(struct text){line->value, line->offset});
}

static void take_line(struct reader *r, const struct deb822_line *line)
{
	if (line->kind == DEB822_BLANK) {
		paragraph_end(r);
		return;
	}
	if (!r->open)
		paragraph_start(r);
	if (line->kind == DEB822_FIELD) {
		r->where = WHERE_ELSE;
		if (slice_eq_nocase(line->name, SLICE("Files")))
			r->where = WHERE_FILES;
		if (slice_eq_nocase(line->name, SLICE("Copyright")))
			r->where = WHERE_COPYRIGHT;
	}
	if (r->where == WHERE_FILES)
		take_patterns(r, line);
	if (r->where == WHERE_COPYRIGHT)
		take_holder(r, line);
}

/* Does the first line name the machine-readable form? */
static bool is_dep5(const struct deb822_line *line)
{
	if (line->kind != DEB822_FIELD ||
	    (!slice_eq_nocase(line->name, SLICE("Format")) &&
	     !slice_eq_nocase(line->name, SLICE("Format-Specification"))))
		return false;
	return slice_find(line->value, SLICE("copyright-format")) != SIZE_MAX ||
	       slice_find(line->value, SLICE("dep5")) != SIZE_MAX ||
	       slice_find(line->value, SLICE("DEP5")) != SIZE_MAX ||
	       slice_find(line->value, SLICE("dep.debian.net")) != SIZE_MAX;
}

/* Returns 1 when the file has another form, 0, or a negative errno value. */
static int read_paragraphs(struct reader *r)
{
	struct deb822_line line;
	struct deb822 d;
	bool first = true;

	int e = deb822_init(&d, r->x->in, r->x->mem);
	if (e < 0)
		return e;
	while ((e = deb822_next(&d, &line)) > 0) {
		if (line.kind != DEB822_BLANK) {
			if (first && !is_dep5(&line))
				return 1;
			first = false;
		}
		if (r->paragraphs == PARAGRAPHS_MAX)
			return -E2BIG;
		take_line(r, &line);
	}
	paragraph_end(r);
	if (r->over)
		sink_unread(r->x->out, WHY_TOO_MANY, (struct slice){0});
	if (d.lines.cut > 0)
		sink_unread(r->x->out, WHY_TOO_LARGE, (struct slice){0});
	return e;
}

/* The copyright lines of a text, but those of licence texts' own authors. */
static void find_holders(struct reader *r, struct slice text)
{
	struct slice rest = text, line, name;
	unsigned since = 0;

	while (slice_line(&rest, &line)) {
		since++;
		if (licence_holder(line, &name)) {
			since = 0;
			keep(r, r->holders, &r->n_holders, HOLDERS_MAX,
			     &(struct text){name, (size_t)(name.p - text.p)});
		} else if (r->n_holders > 0 && since <= OWN_TEXT_LINES &&
		           licence_own_text(line)) {
			r->n_holders--;
		}
	}
}

static int read_free_form(struct reader *r)
{
	struct value_set seen = value_set_on(&r->mem);
	struct slice text;
	size_t kept = 0;

	int e = input_get_all(r->x->in, FREE_BYTES_MAX, r->x->mem, &text);
	if (e < 0)
		return e;
	paragraph_start(r);
	find_holders(r, text);
	for (size_t i = 0; i < r->n_holders; i++)
		if (value_set_add(&seen, ATTR_COPYRIGHT_HOLDER,
		                  r->holders[i].value) != 0)
			r->holders[kept++] = r->holders[i];
	r->n_holders = kept;
	r->has_files = true; /* it speaks of parts, whichever they are */
	paragraph_end(r);
	if (r->over)
		sink_unread(r->x->out, WHY_TOO_MANY, (struct slice){0});
	return 0;
}

static int run(struct extraction *x)
{
	struct reader r = {
		.x = x,
		.package = slice_basename(slice_dirname(x->item->path)),
		/* Not cleared: most files touch a few pages of these. */
		.holders = arena_alloc(x->mem, HOLDERS_MAX * sizeof(struct text)),
		.patterns = arena_alloc(x->mem,
		                        PATTERNS_MAX * sizeof(struct text)),
	};

	if (!r.holders || !r.patterns)
		return -ENOMEM;
	arena_init(&r.mem, PARAGRAPH_BYTES);
	int e = read_paragraphs(&r);
	if (e > 0)
		e = read_free_form(&r);
	arena_finish(&r.mem);
	return e;
}

const struct extractor extract_copyright = {
	.name = "copyright",
	.version = 2,
	.probes = {{.path = "usr/share/doc/*/copyright"}},
	.run = run,
};
