/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "report/paper.h"

/* Whatever has a meaning in Markdown is escaped, so that a file's name can
 * neither make a link nor end a cell. */
static void put(struct paper *p, struct slice bytes)
{
	struct str shown = {0};

	text_show(&shown, bytes);
	for (size_t i = 0; i < shown.n; i++) {
		if (strchr("\\`*_{}[]<>()#+!|~&", shown.p[i]))
			(void)fputc('\\', p->out);
		(void)fputc(shown.p[i], p->out);
	}
	p->text.failed |= shown.failed;
	str_finish(&shown);
}

static void heading_of(struct paper *p, const char *marks, const char *words)
{
	(void)fputs(marks, p->out);
	put(p, slice_str(words));
	(void)fputs("\n\n", p->out);
}

static void md_open(struct paper *p, const char *title)
{
	heading_of(p, "# ", title);
}

static void md_heading(struct paper *p, const char *words)
{
	heading_of(p, "## ", words);
}

static void md_fact(struct paper *p, const char *name, struct slice value)
{
	(void)fprintf(p->out, "- **%s:** ", name);
	put(p, value);
	(void)fputc('\n', p->out);
}

static void md_end(struct paper *p)
{
	(void)fputc('\n', p->out);
}

static void md_paragraph(struct paper *p, struct slice words)
{
	put(p, words);
	(void)fputs("\n\n", p->out);
}

static void md_row(struct paper *p, const struct slice *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)fputs("| ", p->out);
		put(p, cells[i]);
		(void)fputc(' ', p->out);
	}
	(void)fputs("|\n", p->out);
}

static void md_table(struct paper *p, const char *const *heads, size_t n)
{
	struct slice cells[PAPER_COLUMNS_MAX];

	for (size_t i = 0; i < n; i++)
		cells[i] = slice_str(heads[i]);
	md_row(p, cells, n);
	for (size_t i = 0; i < n; i++)
		(void)fputs("| --- ", p->out);
	(void)fputs("|\n", p->out);
}

static void md_close(struct paper *p)
{
	(void)p;
}

const struct paper_form paper_markdown = {
	.open = md_open,
	.heading = md_heading,
	.fact = md_fact,
	.facts_end = md_end,
	.paragraph = md_paragraph,
	.table = md_table,
	.row = md_row,
	.table_end = md_end,
	.close = md_close,
};
