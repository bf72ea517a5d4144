/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "report/paper.h"

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n";

static const char style[] =
	"<style>\n"
	":root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--line:#c8c8c8;"
	"--soft:#f3f3f0}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#161616;"
	"--line:#444;--soft:#222}}\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:64rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.7rem}h2{font-size:1.2rem;margin-top:2rem}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}\n"
	"dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"th,td{border-bottom:1px solid var(--line);padding:.35rem .6rem;text-align:left;"
	"vertical-align:top;overflow-wrap:anywhere}\n"
	"th{background:var(--soft)}\n"
	"@media print{body{max-width:none;margin:0;font-size:10pt;color:#000;"
	"background:#fff}thead{display:table-header-group}tr{break-inside:avoid}"
	"h2{break-after:avoid}}\n"
	"</style>\n";

static void put(struct paper *p, struct slice bytes)
{
	struct str shown = {0};

	text_show(&shown, bytes);
	for (size_t i = 0; i < shown.n; i++)
		switch (shown.p[i]) {
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
			(void)fputc(shown.p[i], p->out);
		}
	p->text.failed |= shown.failed;
	str_finish(&shown);
}

static void tagged(struct paper *p, const char *tag, struct slice bytes)
{
	(void)fprintf(p->out, "<%s>", tag);
	put(p, bytes);
	(void)fprintf(p->out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

static void html_open(struct paper *p, const char *title)
{
	(void)fputs(head, p->out);
	tagged(p, "title", slice_str(title));
	(void)fputs(style, p->out);
	(void)fputs("</head>\n<body>\n<main>\n", p->out);
	tagged(p, "h1", slice_str(title));
}

static void html_heading(struct paper *p, const char *words)
{
	tagged(p, "h2", slice_str(words));
}

/* The list is opened by its first fact: `text` says whether it is open. */
static void html_fact(struct paper *p, const char *name, struct slice value)
{
	if (p->text.n == 0)
		(void)fputs("<dl>\n", p->out);
	str_clear(&p->text);
	str_putc(&p->text, 'o');
	tagged(p, "dt", slice_str(name));
	tagged(p, "dd", value);
}

static void html_facts_end(struct paper *p)
{
	if (p->text.n)
		(void)fputs("</dl>\n", p->out);
	str_clear(&p->text);
}

static void html_paragraph(struct paper *p, struct slice words)
{
	tagged(p, "p", words);
}

static void html_table(struct paper *p, const char *const *heads, size_t n)
{
	(void)fputs("<table>\n<thead><tr>", p->out);
	for (size_t i = 0; i < n; i++)
		tagged(p, "th scope=\"col\"", slice_str(heads[i]));
	(void)fputs("</tr></thead>\n<tbody>\n", p->out);
}

static void html_row(struct paper *p, const struct slice *cells, size_t n)
{
	(void)fputs("<tr>", p->out);
	for (size_t i = 0; i < n; i++)
		tagged(p, "td", cells[i]);
	(void)fputs("</tr>\n", p->out);
}

static void html_table_end(struct paper *p)
{
	(void)fputs("</tbody>\n</table>\n", p->out);
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
	.table = html_table,
	.row = html_row,
	.table_end = html_table_end,
	.close = html_close,
};
