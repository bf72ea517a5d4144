/* SPDX-License-Identifier: Apache-2.0 */
#include "report/paper.h"

#include <errno.h>

enum { NUMBER_SIZE = 32 };

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

static void chart_table(struct paper *p, const struct paper_chart *c)
{
	const char *heads[PAPER_SERIES_MAX + 1] = {c->what};
	struct slice cells[PAPER_SERIES_MAX + 1];
	char numbers[PAPER_SERIES_MAX][NUMBER_SIZE];

	for (size_t i = 0; i < c->n_series; i++)
		heads[i + 1] = c->series[i];
	p->form->table(p, c->title, heads, c->n_series + 1);
	for (size_t b = 0; b < c->n_bars; b++) {
		cells[0] = slice_str(c->bars[b].label);
		for (size_t i = 0; i < c->n_series; i++) {
			(void)snprintf(numbers[i], NUMBER_SIZE, "%llu",
			               (unsigned long long)c->bars[b].values[i]);
			cells[i + 1] = slice_str(numbers[i]);
		}
		paper_row(p, cells, c->n_series + 1);
	}
	p->form->table_end(p);
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
		bool any = false;
		str_printf(out, "%s%s: ", b ? " " : "", c->bars[b].label);
		for (size_t i = 0; i < c->n_series; i++) {
			if (c->bars[b].values[i] == 0)
				continue;
			str_printf(out, "%s%llu %s", any ? ", " : "",
			           (unsigned long long)c->bars[b].values[i], c->series[i]);
			any = true;
		}
		str_puts(out, any ? "." : "nothing.");
	}
}
