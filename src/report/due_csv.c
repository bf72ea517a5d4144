/* SPDX-License-Identifier: Apache-2.0 */
/* debar orders due --format csv: a header, then a row per date. */
#include "report/csv_emit.h"
#include "report/due.h"

static const char header[] =
	"is,on,order,clock,number,what,for,contract,clause_held,officer,why,clause,form,how,"
	"instead_of\r\n";

static void put_day(struct csv *t, day d)
{
	char text[DATE_BYTES];

	day_format(d, text);
	csv_cstr(t, text);
}

static void put_told(struct csv *t, struct str *text)
{
	t->failed |= str_failed(text);
	csv_cell(t, str_slice(text));
	str_clear(text);
}

static void put_row(struct csv *t, const struct due_report *r, const struct due *d)
{
	const struct profile_clause *c = d->contract;
	const struct clock *k = d->clock;
	struct str text = {0};

	csv_cstr(t, due_word_name(due_word_of(r, d)));
	put_day(t, d->on);
	csv_cstr(t, d->order->id);
	csv_cstr(t, k ? k->id : NULL);
	if (d->number)
		csv_number(t, d->number);
	else
		csv_empty(t, 1);
	csv_cstr(t, d->what);
	due_tell_whom(&text, r, d);
	put_told(t, &text);
	csv_cstr(t, c ? c->contract : NULL);
	csv_cstr(t, c ? c->clause : NULL);
	csv_cstr(t, c ? c->officer : NULL);
	due_tell_why(&text, d);
	put_told(t, &text);
	csv_cstr(t, k && k->clause ? k->clause->id : NULL);
	csv_cstr(t, k ? k->form : NULL);
	csv_cstr(t, d->how);
	put_day(t, d->extension ? d->unextended : DAY_NONE);
	csv_end_row(t);
	str_finish(&text);
}

static int write_csv(const struct due_report *r, const struct report_style *style, FILE *out)
{
	struct csv t;

	(void)style;
	csv_init(&t, out);
	fputs(header, out);
	for (size_t i = 0; i < r->n; i++)
		put_row(&t, r, &r->list[i]);
	return csv_finish(&t);
}

const struct due_form due_csv = {.name = "csv", .write = write_csv};
