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

static void heading_of(struct paper *p, const char *marks, struct slice words)
{
	(void)fputs(marks, p->out);
	put(p, words);
	(void)fputs("\n\n", p->out);
}

static void md_open(struct paper *p, const char *title)
{
	heading_of(p, "# ", slice_str(title));
}

static void md_heading(struct paper *p, unsigned level, struct slice words)
{
	heading_of(p, level == 2 ? "## " : "### ", words);
}

/* Lines with `between` them; a gap stands out. */
static void lines(struct paper *p, const struct paper_value *value, const char *between)
{
	if (value->gap)
		(void)fprintf(p->out, "**%s**", paper_gap);
	for (size_t i = 0; i < value->n; i++) {
		(void)fputs(i ? between : "", p->out);
		put(p, value->lines[i]);
	}
}

static void md_fact(struct paper *p, const char *name, const struct paper_value *value)
{
	(void)fputs("- **", p->out);
	put(p, slice_str(name));
	(void)fputs(":** ", p->out);
	lines(p, value, "\\\n  ");
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

static void md_notice(struct paper *p, struct slice words)
{
	heading_of(p, "> ", words);
}

static void md_row(struct paper *p, const struct paper_value *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)fputs("| ", p->out);
		lines(p, &cells[i], "<br>");
		(void)fputc(' ', p->out);
	}
	(void)fputs("|\n", p->out);
}

static void md_table(struct paper *p, const char *caption, const char *const *heads, size_t n)
{
	struct slice cells[PAPER_COLUMNS_MAX];

	md_paragraph(p, slice_str(caption));
	for (size_t i = 0; i < n; i++)
		cells[i] = slice_str(heads[i]);
	paper_row(p, cells, n);
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
	.notice = md_notice,
	.table = md_table,
	.row = md_row,
	.table_end = md_end,
	.close = md_close,
};
