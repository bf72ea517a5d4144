/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came, went and changed since an earlier report, as the text report tells
 * it: the numbers in a line, then a line for each.
 */
#include "report/changes.h"
#include "report/text.h"

enum {
	INDENT = 2,
	SIGN = 2,       /* width of the column of signs */
	SHOWN_MAX = 50, /* lines; the other forms list all */
};

static const struct {
	const char *sign;
	enum tone tone;
} looks[] = {
	[CHANGE_APPEARED] = {"+", TONE_GOOD},
	[CHANGE_WENT] = {"-", TONE_BAD},
	[CHANGE_CHANGED] = {"~", TONE_UNSURE},
};

static void headline(struct page *p, const struct changes *c)
{
	static const enum change_word words[] = {CHANGE_APPEARED, CHANGE_WENT,
	                                         CHANGE_CHANGED};

	page_blank(p);
	if (!c->since) {
		page_add(p, "Changes: not known, because there was no earlier report "
		            "to compare with.");
		page_end(p, 0, TONE_UNSURE);
		return;
	}
	page_add(p, "Since %s: ", c->since);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		page_add(p, "%s", i ? ", " : "");
		page_number(p, changes_count(c, words[i]));
		page_add(p, " %s", change_word_name(words[i]));
	}
	if (c->more) {
		page_add(p, ", and ");
		page_number(p, c->more);
		page_add(p, " more over the limit");
	}
	page_end(p, 0, TONE_PLAIN);
}

static void name_and_version(struct page *p, const struct change *c)
{
	page_show(p, c->name);
	if (c->name.n && c->version.n)
		page_add(p, " ");
	page_show(p, c->version);
}

/* What its name says first, then where it stands, when that is known. */
static void by_name(struct page *p, const struct report *r, const struct change *c)
{
	page_add(p, "%s ", *c->ecosystem ? c->ecosystem : change_kind_name(c->kind));
	name_and_version(p, c);
	if (!c->path.n)
		return;
	page_add(p, " in ");
	text_path(p, r, c->source, c->path);
}

static void by_path(struct page *p, const struct report *r, const struct change *c)
{
	page_add(p, "%s ", change_kind_name(c->kind));
	text_path(p, r, c->source, c->path);
	if (!c->name.n && !c->version.n)
		return;
	page_add(p, " (");
	name_and_version(p, c);
	page_add(p, ")");
}

static void one_line(struct page *p, const struct report *r, const struct change *c)
{
	page_label(p, INDENT, SIGN, looks[c->word].sign, looks[c->word].tone);
	if (c->kind == CHANGE_FILE || c->kind == CHANGE_FOLDER)
		by_path(p, r, c);
	else
		by_name(p, r, c);
	if (c->was.n) {
		page_add(p, " (was ");
		page_show(p, c->was);
		page_add(p, ")");
	}
	page_end_line(p, TONE_PLAIN);
}

static void number_line(struct page *p, const char *before, uint64_t n,
                        const char *behind)
{
	if (n == 0)
		return;
	page_label(p, INDENT, 0, "", TONE_PLAIN);
	page_add(p, "%s", before);
	page_number(p, n);
	page_add(p, "%s", behind);
	page_end_line(p, TONE_QUIET);
}

void text_changes(struct page *p, const struct report *r)
{
	const struct changes *c = r->changes;

	if (!c)
		return;
	headline(p, c);
	const size_t shown = c->n < SHOWN_MAX ? c->n : SHOWN_MAX;
	for (size_t i = 0; c->since && i < shown; i++)
		one_line(p, r, &c->list[i]);
	if (!c->since)
		return;
	number_line(p, "and ", c->n - shown, " more (--format json lists them)");
	number_line(p, "", c->files,
	            c->files == 1 ? " file of these packages is not listed"
	                          : " files of these packages are not listed");
	number_line(p, "", c->fresh,
	            c->fresh == 1 ? " source had no earlier report, and is not compared"
	                          : " sources had no earlier report, and are not "
	                            "compared");
}
