/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A paper as a table (RFC 4180): a row per article and order, with the strongest
 * piece of evidence and the order's next date. An article of which no order
 * speaks has one row with empty order columns. The last rows, with the word
 * "coverage" in the first column, say what was examined, as those of a sweep's
 * table do (report/csv.c).
 *
 * Cells hold shown text and never start a formula (report/csv_emit.h).
 */
#include "base/text.h"
#include "export/put.h"
#include "report/csv_emit.h"

static const char header[] =
	"finding,entity,maker,article,version,kind,ecosystem,state,basis,strength,source,host,"
	"path,offset,attribute,value,mark,order,verdict,because,clause,clock,due\r\n";

static void article_cells(struct csv *t, const struct export *x, const struct article *a)
{
	const struct export_maker *m = export_maker(x, a->entity);

	csv_cell(t, a->id);
	csv_cell(t, a->entity);
	csv_cell(t, m ? m->name : a->entity);
	csv_cell(t, a->name);
	csv_cell(t, a->version);
	csv_cstr(t, kind_name(a->kind));
	csv_cstr(t, a->ecosystem);
	csv_cstr(t, state_name(a->state));
	csv_cstr(t, basis_name(a->basis));
	csv_cstr(t, strength_name(a->strength));
}

static void place_cells(struct csv *t, const struct export *x, const struct article *a)
{
	const struct article_source *s = articles_source(x->articles, a->source);
	const struct article_evidence *e = a->n_evidence ? &a->evidence[0] : NULL;

	csv_cell(t, s ? s->path : (struct slice){0});
	csv_cell(t, s ? s->host : (struct slice){0});
	if (!e) {
		csv_empty(t, 5);
		return;
	}
	put_place(&t->shown, e->path, e->members, e->n_members);
	csv_put(t);
	csv_number(t, e->offset);
	csv_cell(t, e->attr);
	csv_cell(t, e->value);
	csv_cell(t, e->mark);
}

/* The first date that is not done; else the first clock whose start is not
 * known, without a date. */
static const struct export_due *next_due(const struct export_order *o)
{
	for (size_t i = 0; i < o->n_dues; i++)
		if (!o->dues[i].done)
			return &o->dues[i];
	return NULL;
}

static void order_cells(struct csv *t, const struct export_order *o, const struct article_word *w)
{
	const struct export_due *d = w->verdict == ARTICLE_EXCLUDED ? NULL : next_due(o);

	csv_cell(t, w->order);
	csv_cstr(t, article_verdict_name(w->verdict));
	csv_cell(t, w->because);
	csv_cell(t, w->clause);
	csv_cell(t, d ? d->what : (struct slice){0});
	csv_cell(t, d ? d->on : (struct slice){0});
}

static void rows(struct csv *t, const struct export *x, const struct article *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_words; i++) {
		const struct export_order *o = export_order(x, &a->words[i]);
		if (!o)
			continue;
		article_cells(t, x, a);
		place_cells(t, x, a);
		order_cells(t, o, &a->words[i]);
		csv_end_row(t);
		n++;
	}
	if (n > 0 || x->chosen)
		return;
	article_cells(t, x, a);
	place_cells(t, x, a);
	csv_empty(t, 6);
	csv_end_row(t);
}

static void coverage_row(struct csv *t, const char *attribute, uint64_t value,
                         const char *verdict, const char *because)
{
	enum { BEFORE_ATTRIBUTE = 13, BEFORE_VERDICT = 2, AFTER = 3 };

	csv_cstr(t, "coverage");
	csv_empty(t, BEFORE_ATTRIBUTE);
	csv_cstr(t, attribute);
	csv_number(t, value);
	csv_empty(t, BEFORE_VERDICT);
	csv_cstr(t, verdict);
	csv_cstr(t, because);
	csv_empty(t, AFTER);
	csv_end_row(t);
}

static void coverage_rows(struct csv *t, const struct articles *a)
{
	const struct article_coverage *c = &a->coverage;

	coverage_row(t, "items", c->items, a->complete ? "complete" : "incomplete",
	             a->complete ? "everything was examined"
	                         : c->interrupted ? "the sweep was stopped before its end"
	                                          : "not everything was examined");
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		if (c->by_why[why])
			coverage_row(t, why_name((enum why)why), c->by_why[why], "incomplete",
			             why_words((enum why)why));
}

static int csv_write(const struct export *x, const struct export_part *, size_t, FILE *out)
{
	struct csv t;

	csv_init(&t, out);
	(void)fputs(header, out);
	for (size_t i = 0; i < x->articles->n; i++)
		rows(&t, x, &x->articles->list[i]);
	coverage_rows(&t, x->articles);
	return csv_finish(&t);
}

const struct export_form export_csv = {
	.name = "csv",
	.write = csv_write,
};
