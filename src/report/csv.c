/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format csv (RFC 4180): a header, then one row per finding and order, with
 * the strongest piece of evidence. A finding that no selected order speaks of
 * has one row with empty order columns.
 *
 * What was looked at must not get lost in a table, so the last rows are about
 * coverage. They have the word "coverage" in the first column:
 *   verdict "complete" or "incomplete", attribute "items", value their number;
 *   then for each reason why something was not fully examined: verdict
 *   "incomplete", attribute the reason's name, value how often, because its
 *   words.
 *
 * Cells hold shown text (base/text.h) and never start a formula.
 */
#include <errno.h>

#include "base/text.h"
#include "report/report.h"

static const char header[] =
	"finding,entity,maker,article,version,kind,ecosystem,state,basis,"
	"strength,source,path,offset,attribute,value,mark,order,verdict,because"
	"\r\n";

static const char *const verdict_words[] = {
	[VERDICT_COVERED] = "covered",
	[VERDICT_EXCLUDED] = "excluded",
	[VERDICT_REVIEW] = "review",
};

struct table {
	FILE *out;
	struct str shown;   /* scratch */
	bool failed;        /* out of memory */
	bool in_row;
};

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
static void put(struct table *t)
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

static void cell(struct table *t, struct slice value)
{
	text_show(&t->shown, value);
	put(t);
}

static void cell_cstr(struct table *t, const char *value)
{
	cell(t, slice_str(value));
}

static void cell_number(struct table *t, uint64_t value)
{
	str_printf(&t->shown, "%llu", (unsigned long long)value);
	put(t);
}

/* A path, with the path inside the item behind a colon. */
static void cell_path(struct table *t, const struct evidence *e)
{
	text_show(&t->shown, e->path);
	if (e->member.n) {
		str_putc(&t->shown, ':');
		text_show(&t->shown, e->member);
	}
	put(t);
}

static void end_row(struct table *t)
{
	fputs("\r\n", t->out);
	t->in_row = false;
}

static struct slice source_path(const struct report *r, uint32_t id)
{
	for (size_t i = 0; i < r->n_sources; i++)
		if (r->sources[i].id == id)
			return r->sources[i].path;
	return (struct slice){0};
}

static void finding_cells(struct table *t, const struct report *r,
                          const struct finding *f)
{
	const struct evidence *e = &f->evidence[0];

	cell_cstr(t, f->id);
	cell_cstr(t, f->entity->id);
	cell_cstr(t, f->entity->name);
	cell(t, f->name);
	cell(t, f->version);
	cell_cstr(t, kind_name(f->kind));
	cell_cstr(t, f->ecosystem);
	cell_cstr(t, state_name(f->state));
	cell_cstr(t, basis_name(f->basis));
	cell_cstr(t, strength_name(f->strength));
	cell(t, source_path(r, f->source));
	cell_path(t, e);
	cell_number(t, e->offset);
	cell_cstr(t, attr_name(e->attr));
	cell(t, e->value);
	cell_cstr(t, e->mark->id);
}

static void finding_rows(struct table *t, const struct report *r,
                         const struct finding *f)
{
	size_t rows = f->n_verdicts ? f->n_verdicts : 1;

	for (size_t i = 0; i < rows; i++) {
		const struct verdict *v = f->n_verdicts ? &f->verdicts[i] : NULL;
		finding_cells(t, r, f);
		cell_cstr(t, v ? v->order->id : NULL);
		cell_cstr(t, v ? verdict_words[v->word] : NULL);
		cell_cstr(t, v ? v->because : NULL);
		end_row(t);
	}
}

static void coverage_row(struct table *t, const char *attribute, uint64_t value,
                         const char *verdict, const char *because)
{
	/* The columns from entity to offset, and mark and order, are empty. */
	enum { BEFORE_ATTRIBUTE = 12, BEFORE_VERDICT = 2 };

	cell_cstr(t, "coverage");
	for (int i = 0; i < BEFORE_ATTRIBUTE; i++)
		cell_cstr(t, NULL);
	cell_cstr(t, attribute);
	cell_number(t, value);
	for (int i = 0; i < BEFORE_VERDICT; i++)
		cell_cstr(t, NULL);
	cell_cstr(t, verdict);
	cell_cstr(t, because);
	end_row(t);
}

static void coverage_rows(struct table *t, const struct report *r)
{
	const struct coverage *c = &r->coverage;

	coverage_row(t, "items", c->items, c->complete ? "complete" : "incomplete",
	             c->complete ? "everything was examined"
	                         : r->interrupted ? "the sweep was stopped before its end"
	                                          : "not everything was examined");
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		if (c->by_why[why])
			coverage_row(t, why_name((enum why)why), c->by_why[why],
			             "incomplete", why_words((enum why)why));
}

static int csv_write(const struct report *r, const struct report_style *,
                     FILE *out)
{
	struct table t = {.out = out};

	fputs(header, out);
	for (size_t i = 0; i < r->n_findings; i++)
		finding_rows(&t, r, &r->findings[i]);
	coverage_rows(&t, r);
	str_finish(&t.shown);
	return t.failed ? -ENOMEM : 0;
}

const struct report_form report_csv = {
	.name = "csv",
	.write = csv_write,
};
