/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv_emit.h"

#include <errno.h>

#include "base/text.h"

void csv_init(struct csv *t, FILE *out)
{
	*t = (struct csv){.out = out};
}

int csv_finish(struct csv *t)
{
	str_finish(&t->shown);
	return t->failed ? -ENOMEM : 0;
}

/* Would a spreadsheet take this cell for a formula? The full-width forms of
 * the signs count too. */
static bool starts_formula(struct slice cell)
{
	static const uint32_t signs[] = {'=', '+', '-', '@', '\t', '\r',
	                                 0xff1d, 0xff0b, 0xff0d, 0xff20};
	uint32_t first;

	if (!text_rune(cell, &first))
		return false;
	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (first == signs[i])
			return true;
	return false;
}

static bool needs_quotes(struct slice cell)
{
	for (size_t i = 0; i < cell.n; i++)
		if (cell.p[i] == ',' || cell.p[i] == '"' || cell.p[i] < 0x20)
			return true;
	return cell.n > 0 && (cell.p[0] == ' ' || cell.p[cell.n - 1] == ' ');
}

/* Writes what `shown` holds as the next cell. */
void csv_put(struct csv *t)
{
	struct slice cell = str_slice(&t->shown);
	bool quotes = needs_quotes(cell);

	t->failed |= str_failed(&t->shown);
	if (t->in_row)
		fputc(',', t->out);
	t->in_row = true;
	if (quotes)
		fputc('"', t->out);
	if (starts_formula(cell))
		fputc('\'', t->out);
	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] == '"')
			fputc('"', t->out);
		fputc(cell.p[i], t->out);
	}
	if (quotes)
		fputc('"', t->out);
	str_clear(&t->shown);
}

void csv_cell(struct csv *t, struct slice value)
{
	text_show(&t->shown, value);
	csv_put(t);
}

void csv_cstr(struct csv *t, const char *value)
{
	csv_cell(t, slice_str(value));
}

void csv_number(struct csv *t, uint64_t value)
{
	str_printf(&t->shown, "%llu", (unsigned long long)value);
	csv_put(t);
}

void csv_empty(struct csv *t, unsigned n)
{
	while (n-- > 0)
		csv_put(t);
}

void csv_end_row(struct csv *t)
{
	fputs("\r\n", t->out);
	t->in_row = false;
}
