/* SPDX-License-Identifier: Apache-2.0 */
/* A paper as plain text. A row of a table is a paragraph of its labels: that can
 * be read at any width, and aloud. */
#include "report/paper.h"

enum { LABEL = 26, INDENT = 2 };

static void text_open(struct paper *p, const char *title)
{
	page_show(&p->page, slice_str(title));
	page_end(&p->page, 0, TONE_TITLE);
	page_blank(&p->page);
}

static void text_heading(struct paper *p, unsigned level, struct slice words)
{
	page_blank(&p->page);
	page_show(&p->page, words);
	page_end(&p->page, 0, TONE_TITLE);
	if (level == 2)
		page_blank(&p->page);
}

static void labelled(struct paper *p, unsigned indent, const char *name,
                     const struct paper_value *value)
{
	struct str label = {0};

	str_printf(&label, "%s:", name);
	const bool apart = label.n >= LABEL; /* a long one has a line of its own */
	if (apart) {
		page_label(&p->page, indent, 0, label.p, TONE_QUIET);
		page_end(&p->page, 0, TONE_PLAIN);
	}
	for (size_t i = 0; i < value->n; i++) {
		page_label(&p->page, indent, LABEL, i || apart || !label.p ? "" : label.p,
		           TONE_QUIET);
		if (value->gap && i == 0)
			page_add(&p->page, "%s", paper_gap);
		page_show(&p->page, value->lines[i]);
		page_end(&p->page, indent + LABEL, value->gap ? TONE_UNSURE : TONE_PLAIN);
	}
	p->text.failed |= label.failed;
	str_finish(&label);
}

static void text_fact(struct paper *p, const char *name, const struct paper_value *value)
{
	labelled(p, 0, name, value);
}

static void text_nothing(struct paper *p)
{
	(void)p;
}

static void text_facts_end(struct paper *p)
{
	page_blank(&p->page);
}

static void text_paragraph(struct paper *p, struct slice words)
{
	page_show(&p->page, words);
	page_end(&p->page, 0, TONE_PLAIN);
	page_blank(&p->page);
}

static void text_notice(struct paper *p, struct slice words)
{
	page_show(&p->page, words);
	page_end(&p->page, 0, TONE_UNSURE);
	page_blank(&p->page);
}

static void text_table(struct paper *p, const char *caption, const char *const *heads,
                       size_t n)
{
	page_show(&p->page, slice_str(caption));
	page_end(&p->page, 0, TONE_PLAIN);
	for (size_t i = 0; i < n; i++)
		p->heads[i] = heads[i];
	p->n_heads = n;
}

static void text_row(struct paper *p, const struct paper_value *cells, size_t n)
{
	page_blank(&p->page);
	for (size_t i = 0; i < n; i++)
		if (cells[i].n && (cells[i].n > 1 || cells[i].lines[0].n))
			labelled(p, INDENT, p->heads[i], &cells[i]);
}

static void text_table_end(struct paper *p)
{
	page_blank(&p->page);
}

const struct paper_form paper_text = {
	.open = text_open,
	.heading = text_heading,
	.fact = text_fact,
	.facts_end = text_facts_end,
	.paragraph = text_paragraph,
	.notice = text_notice,
	.table = text_table,
	.row = text_row,
	.table_end = text_table_end,
	.close = text_nothing,
};
