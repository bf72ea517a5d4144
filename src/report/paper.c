/* SPDX-License-Identifier: Apache-2.0 */
#include "report/paper.h"

#include <errno.h>

const char paper_gap[] = "To be filled in: ";

void paper_open(struct paper *p, const struct paper_form *form,
                const struct report_style *style, FILE *out, const char *title)
{
	*p = (struct paper){.out = out, .form = form, .style = style};
	page_init(&p->page, style, out);
	form->open(p, title);
}

int paper_close(struct paper *p)
{
	p->form->close(p);
	const bool failed = str_failed(&p->text);
	str_finish(&p->text);
	return page_finish(&p->page) < 0 || failed ? -ENOMEM : 0;
}

void paper_heading(struct paper *p, unsigned level, const char *words)
{
	p->form->heading(p, level, slice_str(words));
}

void paper_fact(struct paper *p, const char *name, struct slice value)
{
	p->form->fact(p, name, &(struct paper_value){&value, 1, false});
}

void paper_row(struct paper *p, const struct slice *cells, size_t n)
{
	struct paper_value values[PAPER_COLUMNS_MAX];

	for (size_t i = 0; i < n; i++)
		values[i] = (struct paper_value){&cells[i], 1, false};
	p->form->row(p, values, n);
}

struct slice paper_number(uint64_t n, char text[static PAPER_NUMBER_SIZE])
{
	char plain[PAPER_NUMBER_SIZE];
	const int len = snprintf(plain, sizeof(plain), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = plain[i];
	}
	text[at] = 0;
	return slice_of(text, at);
}

static void chart_table(struct paper *p, const struct paper_chart *c)
{
	const char *heads[PAPER_SERIES_MAX + 1] = {c->what};
	struct slice cells[PAPER_SERIES_MAX + 1];
	char numbers[PAPER_SERIES_MAX][PAPER_NUMBER_SIZE];
	struct str caption = {0};

	for (size_t i = 0; i < c->n_series; i++)
		heads[i + 1] = c->series[i];
	str_printf(&caption, "%s%s", c->title, p->form->drawing ? ", in numbers" : "");
	p->form->table(p, caption.p ? caption.p : c->title, heads, c->n_series + 1);
	for (size_t b = 0; b < c->n_bars; b++) {
		cells[0] = slice_str(c->bars[b].label);
		for (size_t i = 0; i < c->n_series; i++)
			cells[i + 1] = paper_number(c->bars[b].values[i], numbers[i]);
		paper_row(p, cells, c->n_series + 1);
	}
	p->form->table_end(p);
	p->text.failed |= caption.failed;
	str_finish(&caption);
}

void paper_chart(struct paper *p, const struct paper_chart *c)
{
	if (p->form->drawing)
		p->form->drawing(p, c);
	chart_table(p, c);
}

void paper_chart_words(const struct paper_chart *c, struct str *out)
{
	for (size_t b = 0; b < c->n_bars; b++) {
		char number[PAPER_NUMBER_SIZE];
		bool any = false;
		str_printf(out, "%s%s: ", b ? " " : "", c->bars[b].label);
		for (size_t i = 0; i < c->n_series; i++) {
			if (c->bars[b].values[i] == 0)
				continue;
			(void)paper_number(c->bars[b].values[i], number);
			str_printf(out, "%s%s %s", any ? ", " : "", number, c->series[i]);
			any = true;
		}
		str_puts(out, any ? "." : "nothing.");
	}
}
