/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/exporting.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/cmd.h"

/* Of one SARIF file, by the readers whom ours are divided for. */
enum { RUNS_MAX = 20 };

/* ---- what packs know --------------------------------------------------- */

static struct slice *texts(struct arena *mem, const char *const *list, size_t n)
{
	struct slice *ret = arena_zalloc(mem, n, sizeof(*ret));

	for (size_t i = 0; ret && i < n; i++)
		ret[i] = slice_str(list[i]);
	return ret;
}

static struct export_clause *clauses(struct arena *mem, const struct order *o)
{
	struct export_clause *ret = arena_zalloc(mem, o->n_clauses, sizeof(*ret));

	for (size_t i = 0; ret && i < o->n_clauses; i++)
		ret[i] = (struct export_clause){slice_str(o->clauses[i].id),
			slice_str(o->clauses[i].cite), slice_str(o->clauses[i].text)};
	return ret;
}

/* Of a duty that repeats, only the next date: the past ones would fill the page. */
static bool is_shown(const struct due *list, size_t at, day as_of)
{
	const struct due *d = &list[at];

	if (d->kind != DUE_CLOCK)
		return false;
	if (d->number == 0 || d->on == DAY_NONE)
		return true;
	if (d->done || d->on < as_of)
		return false;
	for (size_t i = 0; i < at; i++)
		if (list[i].clock == d->clock && list[i].contract == d->contract &&
		    list[i].number > 0 && !list[i].done && list[i].on >= as_of)
			return false;
	return true;
}

static bool tell_dues(struct arena *mem, const struct law_context *law, const struct order *o,
                      struct export_order *ret)
{
	const struct due_args args = {.context = law, .orders = &o, .n_orders = 1,
		.until = law_year_after(law->as_of)};
	struct due *list = NULL;
	size_t n = 0;

	if (law_due(&args, mem, &list, &n) < 0)
		return false;
	struct export_due *dues = arena_zalloc(mem, n, sizeof(*dues));
	for (size_t i = 0; dues && i < n; i++) {
		char on[DATE_BYTES] = "";
		if (!is_shown(list, i, law->as_of))
			continue;
		day_format(list[i].on, on);
		const struct slice date = arena_copy(mem, slice_str(on));
		if (!date.p)
			return false;
		dues[ret->n_dues++] = (struct export_due){
			.id = slice_str(list[i].clock->id),
			.what = slice_str(list[i].what),
			.on = date,
			.how = slice_str(list[i].how),
			.number = list[i].number,
			.done = list[i].done,
		};
	}
	ret->dues = dues;
	return dues != NULL;
}

static bool tell_order(struct arena *mem, const struct law_context *law, const struct order *o,
                       struct export_order *ret)
{
	const struct slice *sources = texts(mem, o->sources, o->n_sources);
	const struct export_clause *list = clauses(mem, o);

	*ret = (struct export_order){
		.id = slice_str(o->id),
		.title = slice_str(o->title),
		.issuer = slice_str(o->issuer),
		.authority = slice_str(o->authority),
		.action = slice_str(o->action),
		.issued = slice_str(o->issued),
		.sources = sources,
		.n_sources = sources ? o->n_sources : 0,
		.clauses = list,
		.n_clauses = list ? o->n_clauses : 0,
	};
	return sources && list && tell_dues(mem, law, o, ret);
}

/* The order of that id; of one that the packs do not have, the id. */
static bool add_order(struct arena *mem, const struct law_context *law, struct slice id,
                      struct export_order *ret)
{
	const char *name = arena_str(mem, id);
	const struct order *o = name ? pack_order(law->pack, name) : NULL;

	if (o)
		return tell_order(mem, law, o, ret);
	*ret = (struct export_order){.id = id};
	return name != NULL;
}

static int by_id(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* The same id twice would be two rules. */
static size_t sort_ids(struct slice *ids, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(ids, n, sizeof(*ids), by_id);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !slice_eq(ids[i], ids[kept - 1]))
			ids[kept++] = ids[i];
	return kept;
}

/* A report without verdicts of an order says nothing of it: least of all that
 * nothing was found. */
static bool all_judged(const struct articles *a, const struct words *orders)
{
	for (size_t i = 0; i < orders->n; i++)
		if (!articles_judged_by(a, orders->list[i])) {
			cmd_error("the findings were not judged by the order \"%s\": sweep again "
			          "with it (\"debar orders list\" shows those that are known)",
			          orders->list[i]);
			return false;
		}
	return true;
}

static bool verdicts_known(const struct export *x)
{
	struct export all = *x;

	for (size_t i = 0; !x->chosen && i < x->articles->n; i++)
		for (size_t k = 0; k < x->articles->list[i].n_words; k++)
			if (!export_order(&all, &x->articles->list[i].words[k])) {
				cmd_error("finding %zu has a verdict of an order that the "
				          "findings do not name at their head", i + 1);
				return false;
			}
	return true;
}

static bool add_orders(struct exporting *e, const struct law_context *law,
                       const struct words *orders)
{
	const struct articles *a = e->x.articles;
	const size_t n = orders->n ? orders->n : a->n_orders;
	struct slice *ids = arena_zalloc(&e->mem, n, sizeof(*ids));
	struct export_order *list = arena_zalloc(&e->mem, n, sizeof(*list));
	bool good = ids && list;

	for (size_t i = 0; good && i < n; i++)
		ids[i] = orders->n ? slice_str(orders->list[i]) : a->orders[i];
	const size_t kept = good ? sort_ids(ids, n) : 0;
	for (size_t i = 0; good && i < kept; i++)
		good = add_order(&e->mem, law, ids[i], &list[i]);
	e->x.orders = list;
	e->x.n_orders = good ? kept : 0;
	e->x.chosen = orders->n > 0;
	if (!good)
		cmd_error("out of memory");
	return good;
}

static bool add_makers(struct exporting *e, const struct pack *pack)
{
	const struct articles *a = e->x.articles;
	struct slice *ids = arena_zalloc(&e->mem, a->n, sizeof(*ids));

	for (size_t i = 0; ids && i < a->n; i++)
		ids[i] = a->list[i].entity;
	const size_t n = ids ? sort_ids(ids, a->n) : 0;
	struct export_maker *list = ids ? arena_zalloc(&e->mem, n, sizeof(*list)) : NULL;
	for (size_t i = 0; list && i < n; i++) {
		const char *id = arena_str(&e->mem, ids[i]);
		const struct entity *known = id ? pack_entity(pack, id) : NULL;
		list[i] = (struct export_maker){
			.id = ids[i], .name = known ? slice_str(known->name) : ids[i]};
	}
	e->x.makers = list;
	e->x.n_makers = list ? n : 0;
	if (!list)
		cmd_error("out of memory");
	return list != NULL;
}

bool exporting_make(struct exporting *e, const struct law_context *law,
                    const struct articles *a, const struct words *orders)
{
	*e = (struct exporting){.x = {.articles = a, .version = DEBAR_VERSION}};
	arena_init(&e->mem, 0);
	(void)text_time((int64_t)time(NULL), e->written);
	e->x.written = e->written;
	return all_judged(a, orders) && add_orders(e, law, orders) && add_makers(e, law->pack) &&
	       verdicts_known(&e->x);
}

/* ---- the law again ----------------------------------------------------- */

static const struct order **orders_of(const struct law_context *law, const struct words *orders,
                                      struct articles *a, size_t *ret_n)
{
	const size_t n = orders->n ? orders->n : a->n_orders;
	const struct order **list = arena_zalloc(&a->mem, n, sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		const char *id = orders->n ? orders->list[i] : arena_str(&a->mem, a->orders[i]);
		list[i] = id ? pack_order(law->pack, id) : NULL;
		if (!list[i]) {
			cmd_error("the packs have no order \"%s\", by which the findings are to "
			          "be judged: use those of the sweep", id ? id : "");
			return NULL;
		}
	}
	if (!list)
		cmd_error("out of memory");
	*ret_n = n;
	return list;
}

bool exporting_judge(const struct law_context *law, const struct words *orders,
                     struct articles *a)
{
	struct err e = {0};
	struct export_judging j = {.law = law};

	if (!all_judged(a, orders))
		return false;
	const struct order **list = orders_of(law, orders, a, &j.n_orders);
	if (!list)
		return false;
	j.orders = list;
	if (export_judge(a, &j, &e) == 0)
		return true;
	cmd_error("%s", e.text);
	return false;
}

void exporting_finish(struct exporting *e)
{
	arena_finish(&e->mem);
	*e = (struct exporting){0};
}

/* ---- files ------------------------------------------------------------- */

static bool write_one(const struct export_form *form, const struct export *x,
                      const struct export_part *parts, size_t n, struct output *out)
{
	struct err e = {0};
	int r = form->write(x, parts, n, out->stream);

	if (r < 0)
		output_cancel(out);
	else
		r = output_close(out, &e);
	if (r < 0)
		cmd_error("%s", *e.text ? e.text : strerror(-r));
	return r == 0;
}

static bool write_file(const struct export_form *form, const struct export *x,
                       const struct export_part *part, const char *path)
{
	struct output out;
	struct err e = {0};

	if (output_open(&out, path, &e) == 0)
		return write_one(form, x, part, 1, &out);
	cmd_error("%s", e.text);
	return false;
}

/* "found.sarif" is divided into "found-1.sarif" and so on. */
static char *part_path(struct arena *mem, const char *path, size_t number)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	const char *name = slash ? slash + 1 : path;
	const size_t stem = dot && dot > name ? (size_t)(dot - path) : strlen(path);

	return arena_printf(mem, "%.*s-%zu%s", (int)stem, path, number, path + stem);
}

static bool write_parts(struct exporting *e, const struct export_form *form,
                        const struct export_part *parts, size_t n, const char *path, bool quiet)
{
	const char *name = NULL;

	for (size_t i = 0; i < n; i++) {
		name = part_path(&e->mem, path, i + 1);
		if (!name)
			cmd_error("out of memory");
		if (!name || !write_file(form, &e->x, &parts[i], name))
			return false;
	}
	if (!quiet)
		cmd_note("the report is divided into %zu files, the last is %s: its readers take "
		         "no larger ones", n, name);
	return true;
}

bool exporting_write(struct exporting *e, const struct export_form *form, struct output *out,
                     bool quiet)
{
	struct export_part *parts = NULL;
	size_t n = 0;

	if (form->split && form->split(&e->x, &e->mem, &parts, &n) < 0) {
		output_cancel(out);
		cmd_error("out of memory");
		return false;
	}
	if (n > 1 && out->temporary) {
		output_cancel(out);
		return write_parts(e, form, parts, n, out->path, quiet);
	}
	if (n > 1 && !quiet)
		cmd_note("the report is one document of %zu runs: readers that take no more than "
		         "%d runs or 10 MB want it divided, which -o FILE does", n, RUNS_MAX);
	return write_one(form, &e->x, parts, n, out);
}

int exporting_status(const struct export *x)
{
	for (size_t i = 0; i < x->articles->n; i++)
		if (export_wants(x, &x->articles->list[i]))
			return EXIT_FOUND;
	return x->articles->complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}
