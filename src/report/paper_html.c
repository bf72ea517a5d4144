/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A paper as one HTML page: no script, nothing fetched, headings in order, tables
 * with captions and scopes. Charts are in paper_html_chart.c.
 */
#include "report/paper_html.h"

#include "base/text.h"

/* Characters of a word after which it may be broken: at a good place, anywhere. */
enum { WORD_GOOD = 10, WORD_MAX = 24 };

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n";

/* The colours s0 to s5 are told apart by people who see no red or no green, and
 * stand out from the paper by 3:1 at least; text does by 7:1. */
static const char style[] =
	"<style>\n"
	":root{color-scheme:light dark;--ink:#1a1a1a;--soft-ink:#4a4a4a;--paper:#fff;"
	"--line:#8a8a8a;--soft:#f3f3f0;--gap:#fff3cd;--gap-line:#8a5a00;"
	"--s0:#b3261e;--s1:#0b63a5;--s2:#8a5a00;--s3:#5b4aa8;--s4:#0e7a6b;--s5:#6b6b6b}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--ink:#e8e8e8;"
	"--soft-ink:#b8b8b8;--paper:#161616;--line:#7a7a7a;--soft:#242424;--gap:#3a2f0b;"
	"--gap-line:#e0b040;--s0:#ff8a80;--s1:#7cc0ff;--s2:#e8b04a;--s3:#b9a8ff;"
	"--s4:#5fd0bd;--s5:#a8a8a8}}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:64rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}\n"
	"h1{font-size:1.7rem;line-height:1.25}h2{font-size:1.25rem;margin-top:2.25rem;"
	"border-bottom:1px solid var(--line);padding-bottom:.25rem}h3{font-size:1.05rem;"
	"margin-bottom:.4rem}\n"
	"p{max-width:46rem}\n"
	"dl{display:grid;grid-template-columns:minmax(9rem,16rem) minmax(0,1fr);"
	"gap:.3rem 1rem;margin:.5rem 0 1rem}\n"
	"dt{font-weight:600}dd{margin:0}\n"
	".table{overflow-x:auto;margin:.75rem 0 1.25rem}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"caption{text-align:left;color:var(--soft-ink);padding:.25rem 0}\n"
	"th,td{border-bottom:1px solid var(--line);padding:.35rem .6rem;text-align:left;"
	"vertical-align:top}\n"
	"thead th{background:var(--soft)}tbody th{font-weight:600}\n"
	".gap{background:var(--gap);outline:1px dashed var(--gap-line);outline-offset:2px;"
	"padding:0 .25rem}\n"
	".notice{border-left:.3rem solid var(--gap-line);background:var(--gap);"
	"padding:.5rem .8rem}\n"
	"figure{margin:1rem 0}figcaption{font-weight:600;margin-bottom:.4rem}\n"
	"figure svg.chart{display:block;width:100%;overflow:visible}\n"
	"svg text{fill:var(--ink);font:14px system-ui,sans-serif}\n"
	"svg text.n{font-weight:700;text-anchor:middle;paint-order:stroke;"
	"stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}\n"
	"svg .edge{stroke:var(--ink);stroke-width:1px}svg .rest{fill:var(--soft)}\n"
	"ul.legend{list-style:none;padding:0;margin:.4rem 0;display:flex;flex-wrap:wrap;"
	"gap:.2rem 1.2rem}ul.legend svg{vertical-align:-.15em;margin-right:.4em}\n"
	"@media (max-width:34rem){body{margin:1rem auto}dl{grid-template-columns:"
	"minmax(0,1fr);gap:0}dd{margin:0 0 .6rem}}\n"
	"@page{margin:18mm 16mm;@bottom-right{content:counter(page) \" / \" counter(pages);"
	"font:9pt sans-serif}}\n"
	"@media print{:root{color-scheme:light}body{max-width:none;margin:0;padding:0;"
	"font-size:10pt}svg,.gap,.notice,thead th{print-color-adjust:exact;"
	"-webkit-print-color-adjust:exact}.table{overflow:visible}"
	"thead{display:table-header-group}figure,.notice{break-inside:avoid}"
	"h2,h3,caption{break-after:avoid}}\n"
	"</style>\n";

static void put_char(struct paper *p, char c)
{
	switch (c) {
	case '&':
		(void)fputs("&amp;", p->out);
		break;
	case '<':
		(void)fputs("&lt;", p->out);
		break;
	case '>':
		(void)fputs("&gt;", p->out);
		break;
	case '"':
		(void)fputs("&quot;", p->out);
		break;
	default:
		(void)fputc(c, p->out);
	}
}

/* Where may a long word be broken after this character? Paths and hosts hold no
 * space, and a table with one would be wider than any page. */
static bool breaks(char c, char next, size_t run)
{
	if ((next & 0xc0) == 0x80) /* inside a character */
		return false;
	return run >= WORD_MAX || (run >= WORD_GOOD && strchr("/._:=,@", c));
}

static void put(struct paper *p, struct slice bytes, bool breaking)
{
	struct str shown = {0};
	size_t run = 0;

	text_show(&shown, bytes);
	for (size_t i = 0; i < shown.n; i++) {
		put_char(p, shown.p[i]);
		run = shown.p[i] == ' ' || shown.p[i] == '-' ? 0 : run + 1;
		if (breaking && i + 1 < shown.n && breaks(shown.p[i], shown.p[i + 1], run)) {
			(void)fputs("<wbr>", p->out);
			run = 0;
		}
	}
	p->text.failed |= shown.failed;
	str_finish(&shown);
}

void html_put(struct paper *p, struct slice bytes)
{
	put(p, bytes, false);
}

void html_tagged(struct paper *p, const char *tag, struct slice bytes)
{
	(void)fprintf(p->out, "<%s>", tag);
	html_put(p, bytes);
	(void)fprintf(p->out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

static void html_open(struct paper *p, const char *title)
{
	(void)fputs(head, p->out);
	html_tagged(p, "title", slice_str(title));
	(void)fputs(style, p->out);
	(void)fputs("</head>\n<body>\n<main>\n", p->out);
	html_tagged(p, "h1", slice_str(title));
}

static void html_heading(struct paper *p, unsigned level, struct slice words)
{
	html_tagged(p, level == 2 ? "h2" : "h3", words);
}

static void valued(struct paper *p, const char *tag, const struct paper_value *value)
{
	(void)fprintf(p->out, "<%s>", tag);
	if (value->gap)
		(void)fprintf(p->out, "<span class=\"gap\"><strong>%s</strong>", paper_gap);
	for (size_t i = 0; i < value->n; i++) {
		(void)fputs(i ? "<br>\n" : "", p->out);
		put(p, value->lines[i], true);
	}
	(void)fprintf(p->out, "%s</%.*s>\n", value->gap ? "</span>" : "",
	              (int)strcspn(tag, " "), tag);
}

/* The list is opened by its first fact. */
static void html_fact(struct paper *p, const char *name, const struct paper_value *value)
{
	if (!p->facts_open)
		(void)fputs("<dl>\n", p->out);
	p->facts_open = true;
	html_tagged(p, "dt", slice_str(name));
	valued(p, "dd", value);
}

static void html_facts_end(struct paper *p)
{
	if (p->facts_open)
		(void)fputs("</dl>\n", p->out);
	p->facts_open = false;
}

static void html_paragraph(struct paper *p, struct slice words)
{
	html_tagged(p, "p", words);
}

static void html_notice(struct paper *p, struct slice words)
{
	html_tagged(p, "p class=\"notice\"", words);
}

/* What is too wide scrolls by itself, also from the keyboard. */
static void html_table(struct paper *p, const char *caption, const char *const *heads,
                       size_t n)
{
	(void)fputs("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"", p->out);
	html_put(p, slice_str(caption));
	(void)fputs("\">\n<table>\n", p->out);
	html_tagged(p, "caption", slice_str(caption));
	(void)fputs("<thead><tr>", p->out);
	for (size_t i = 0; i < n; i++)
		html_tagged(p, "th scope=\"col\"", slice_str(heads[i]));
	(void)fputs("</tr></thead>\n<tbody>\n", p->out);
}

static void html_row(struct paper *p, const struct paper_value *cells, size_t n)
{
	(void)fputs("<tr>", p->out);
	for (size_t i = 0; i < n; i++)
		valued(p, i ? "td" : "th scope=\"row\"", &cells[i]);
	(void)fputs("</tr>\n", p->out);
}

static void html_table_end(struct paper *p)
{
	(void)fputs("</tbody>\n</table>\n</div>\n", p->out);
}

static void html_close(struct paper *p)
{
	(void)fputs("</main>\n</body>\n</html>\n", p->out);
}

const struct paper_form paper_html = {
	.open = html_open,
	.heading = html_heading,
	.fact = html_fact,
	.facts_end = html_facts_end,
	.paragraph = html_paragraph,
	.notice = html_notice,
	.table = html_table,
	.row = html_row,
	.table_end = html_table_end,
	.drawing = html_drawing,
	.close = html_close,
};
