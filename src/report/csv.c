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
 * Changes, when they were asked for, have rows between those. Their first column
 * is "appeared", "went" or "changed", kind is "package", "file", "folder" or
 * "setup", and because tells the version before. A row "changes" each tells of
 * the attribute "since", the time of the report that was compared with; of
 * "files" of these packages; of "new-sources", which had no earlier report; and
 * of "more", changes over the limit: both are
 * numbers of what has no row.
 *
 * Cells hold shown text (base/text.h) and never start a formula.
 */
#include "base/text.h"
#include "report/changes.h"
#include "report/csv_emit.h"
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

/* A path, with the path inside the item behind a colon. */
static void cell_path(struct csv *t, const struct evidence *e)
{
	text_show(&t->shown, e->path);
	if (e->member.n) {
		str_putc(&t->shown, ':');
		text_show(&t->shown, e->member);
	}
	csv_put(t);
}

static struct slice source_path(const struct report *r, uint32_t id)
{
	for (size_t i = 0; i < r->n_sources; i++)
		if (r->sources[i].id == id)
			return r->sources[i].path;
	return (struct slice){0};
}

static void finding_cells(struct csv *t, const struct report *r,
                          const struct finding *f)
{
	const struct evidence *e = &f->evidence[0];

	csv_cstr(t, f->id);
	csv_cstr(t, f->entity->id);
	csv_cstr(t, f->entity->name);
	csv_cell(t, f->name);
	csv_cell(t, f->version);
	csv_cstr(t, kind_name(f->kind));
	csv_cstr(t, f->ecosystem);
	csv_cstr(t, state_name(f->state));
	csv_cstr(t, basis_name(f->basis));
	csv_cstr(t, strength_name(f->strength));
	csv_cell(t, source_path(r, f->source));
	cell_path(t, e);
	csv_number(t, e->offset);
	csv_cstr(t, attr_name(e->attr));
	csv_cell(t, e->value);
	csv_cstr(t, e->mark->id);
}

static void finding_rows(struct csv *t, const struct report *r,
                         const struct finding *f)
{
	size_t rows = f->n_verdicts ? f->n_verdicts : 1;

	for (size_t i = 0; i < rows; i++) {
		const struct verdict *v = f->n_verdicts ? &f->verdicts[i] : NULL;
		finding_cells(t, r, f);
		csv_cstr(t, v ? v->order->id : NULL);
		csv_cstr(t, v ? verdict_words[v->word] : NULL);
		csv_cstr(t, v ? v->because : NULL);
		csv_end_row(t);
	}
}

static void coverage_row(struct csv *t, const char *attribute, uint64_t value,
                         const char *verdict, const char *because)
{
	/* The columns from entity to offset, and mark and order, are empty. */
	enum { BEFORE_ATTRIBUTE = 12, BEFORE_VERDICT = 2 };

	csv_cstr(t, "coverage");
	for (int i = 0; i < BEFORE_ATTRIBUTE; i++)
		csv_cstr(t, NULL);
	csv_cstr(t, attribute);
	csv_number(t, value);
	for (int i = 0; i < BEFORE_VERDICT; i++)
		csv_cstr(t, NULL);
	csv_cstr(t, verdict);
	csv_cstr(t, because);
	csv_end_row(t);
}

static void coverage_rows(struct csv *t, const struct report *r)
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

/* ---- changes ---- */

static void change_row(struct csv *t, const struct report *r, const struct change *c)
{
	csv_cstr(t, change_word_name(c->word));
	csv_empty(t, 2); /* entity, maker */
	csv_cell(t, c->name);
	csv_cell(t, c->version);
	csv_cstr(t, change_kind_name(c->kind));
	csv_cstr(t, c->ecosystem);
	csv_empty(t, 3); /* state, basis, strength */
	csv_cell(t, source_path(r, c->source));
	csv_cell(t, c->path);
	csv_empty(t, 6); /* offset to verdict */
	if (c->was.n) {
		str_puts(&t->shown, "was ");
		text_show(&t->shown, c->was);
	}
	csv_put(t);
	csv_end_row(t);
}

static void changes_row(struct csv *t, const char *attribute, const char *value,
                        const char *because)
{
	csv_cstr(t, "changes");
	csv_empty(t, 12); /* entity to offset */
	csv_cstr(t, attribute);
	csv_cstr(t, value);
	csv_empty(t, 3); /* mark, order, verdict */
	csv_cstr(t, because);
	csv_end_row(t);
}

static void changes_number(struct csv *t, const char *attribute, uint64_t n,
                           const char *because)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	if (n)
		changes_row(t, attribute, digits, because);
}

static void changes_rows(struct csv *t, const struct report *r)
{
	const struct changes *c = r->changes;

	if (!c)
		return;
	changes_row(t, "since", c->since,
	            c->since ? NULL : "there was no earlier report to compare with");
	for (size_t i = 0; i < c->n; i++)
		change_row(t, r, &c->list[i]);
	changes_number(t, "files", c->files, "files of these packages");
	changes_number(t, "new-sources", c->fresh,
	               "sources without an earlier report, not compared");
	changes_number(t, "more", c->more, "changes over the limit");
}

static int csv_write(const struct report *r, const struct report_style *,
                     FILE *out)
{
	struct csv t;

	csv_init(&t, out);
	fputs(header, out);
	for (size_t i = 0; i < r->n_findings; i++)
		finding_rows(&t, r, &r->findings[i]);
	changes_rows(&t, r);
	coverage_rows(&t, r);
	return csv_finish(&t);
}

const struct report_form report_csv = {
	.name = "csv",
	.write = csv_write,
};
