/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars, drawn in per cent of the width. Each series has a colour and a pattern:
 * who prints in black, or sees no colours, still tells them apart. The numbers
 * stand in the bars where there is room, and all of them in the table below.
 */
#include "report/paper_html.h"

/* Pixels, but for the widths in thousandths of the whole. */
enum { LABEL = 20, BAR = 26, GAP = 14, WHOLE = 1000, THIN = 6, DIGIT = 26 };

/* Patterns of 8 by 8, on the colour of the paper. */
static const char *const patterns[PAPER_SERIES_MAX] = {
	"<rect width=\"8\" height=\"8\" style=\"fill:var(--s0)\"/>",
	"<path d=\"M-2,2l4,-4M0,8l8,-8M6,10l4,-4\" "
	"style=\"stroke:var(--s1);stroke-width:3\"/>",
	"<circle cx=\"4\" cy=\"4\" r=\"2.6\" style=\"fill:var(--s2)\"/>",
	"<path d=\"M0,2h8M0,6h8\" style=\"stroke:var(--s3);stroke-width:2\"/>",
	"<path d=\"M0,0l8,8M8,0l-8,8\" style=\"stroke:var(--s4);stroke-width:1.5\"/>",
	"<rect width=\"8\" height=\"8\" style=\"fill:var(--paper)\"/>",
};

static uint64_t total(const struct paper_chart *c, const struct paper_bar *bar)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n_series; i++)
		n += bar->values[i];
	return n;
}

static uint64_t longest(const struct paper_chart *c)
{
	uint64_t most = 1;

	for (size_t b = 0; b < c->n_bars; b++)
		if (total(c, &c->bars[b]) > most)
			most = total(c, &c->bars[b]);
	return most;
}

static void definitions(struct paper *p, const struct paper_chart *c)
{
	(void)fputs("<defs>\n", p->out);
	for (size_t i = 0; i < c->n_series; i++)
		(void)fprintf(p->out, "<pattern id=\"c%us%zu\" width=\"8\" height=\"8\" "
		              "patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\" "
		              "style=\"fill:var(--paper)\"/>%s</pattern>\n", p->charts, i,
		              patterns[i]);
	(void)fputs("</defs>\n", p->out);
}

/* One part of a bar, from `at`; returns where it ends, in thousandths. */
static unsigned segment(struct paper *p, size_t series, unsigned at, unsigned y,
                        uint64_t value, uint64_t most)
{
	unsigned wide = (unsigned)((double)value / (double)most * WHOLE);
	char number[PAPER_NUMBER_SIZE];

	if (wide < THIN)
		wide = THIN; /* what is there must be seen */
	(void)fprintf(p->out, "<rect class=\"edge\" x=\"%u.%u%%\" y=\"%u\" width=\"%u.%u%%\" "
	              "height=\"%d\" fill=\"url(#c%us%zu)\"/>\n", at / 10, at % 10, y,
	              wide / 10, wide % 10, BAR, p->charts, series);
	if (wide > DIGIT * (paper_number(value, number).n + 1))
		(void)fprintf(p->out, "<text class=\"n\" x=\"%u.%u%%\" y=\"%u\">%s</text>\n",
		              (at + wide / 2) / 10, (at + wide / 2) % 10, y + BAR - 8, number);
	return at + wide;
}

static void bar(struct paper *p, const struct paper_chart *c, const struct paper_bar *b,
                unsigned y)
{
	/* Thin parts are widened, so that all of a bar must keep a little back. */
	const uint64_t most = longest(c) + longest(c) * c->n_series * THIN / WHOLE;
	char number[PAPER_NUMBER_SIZE];
	unsigned at = 0;

	(void)paper_number(total(c, b), number);
	(void)fprintf(p->out, "<text x=\"0\" y=\"%u\">", y + LABEL - 6);
	html_put(p, slice_str(b->label));
	(void)fprintf(p->out, ": %s</text>\n", number);
	for (size_t i = 0; i < c->n_series; i++)
		if (b->values[i])
			at = segment(p, i, at, y + LABEL, b->values[i], most);
	if (at == 0)
		(void)fprintf(p->out, "<rect class=\"edge rest\" x=\"0\" y=\"%u\" "
		              "width=\"%d.%d%%\" height=\"%d\"/>\n", y + LABEL, THIN / 10,
		              THIN % 10, BAR);
}

static void legend(struct paper *p, const struct paper_chart *c)
{
	(void)fputs("<ul class=\"legend\" aria-hidden=\"true\">\n", p->out);
	for (size_t i = 0; i < c->n_series; i++) {
		(void)fprintf(p->out, "<li><svg width=\"18\" height=\"14\"><rect class=\"edge\" "
		              "x=\".5\" y=\".5\" width=\"17\" height=\"13\" "
		              "fill=\"url(#c%us%zu)\"/></svg>", p->charts, i);
		html_put(p, slice_str(c->series[i]));
		(void)fputs("</li>\n", p->out);
	}
	(void)fputs("</ul>\n", p->out);
}

void html_drawing(struct paper *p, const struct paper_chart *c)
{
	const unsigned step = LABEL + BAR + GAP, id = ++p->charts;
	struct str words = {0};

	paper_chart_words(c, &words);
	(void)fputs("<figure>\n", p->out);
	html_tagged(p, "figcaption", slice_str(c->title));
	(void)fprintf(p->out, "<svg class=\"chart\" role=\"img\" height=\"%zu\" "
	              "aria-labelledby=\"c%ut\" aria-describedby=\"c%ud\">\n",
	              c->n_bars * step, id, id);
	(void)fprintf(p->out, "<title id=\"c%ut\">", id);
	html_put(p, slice_str(c->title));
	(void)fprintf(p->out, "</title>\n<desc id=\"c%ud\">", id);
	html_put(p, str_slice(&words));
	(void)fputs("</desc>\n", p->out);
	definitions(p, c);
	for (size_t b = 0; b < c->n_bars; b++)
		bar(p, c, &c->bars[b], (unsigned)b * step);
	(void)fputs("</svg>\n", p->out);
	legend(p, c);
	(void)fputs("</figure>\n", p->out);
	p->text.failed |= words.failed;
	str_finish(&words);
}
