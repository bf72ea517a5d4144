/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/due.h"

#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/output.h"
#include "report/due.h"

/* Room for the dates and their words, of which there may be DUE_MAX. */
enum { DUE_BYTES_MAX = 1024 * 1024 * 1024 };

/* What one run holds. */
struct due_work {
	const struct due_options *o;
	const struct due_form *form;
	struct pack *pack;
	struct profile *profile;
	struct law_context law;
	struct arena mem;
	const struct order **orders;
	size_t n_orders;
	struct due_report report;
};

static int failed(const struct err *e)
{
	cmd_error("%s", e->text);
	return EXIT_FAILED;
}

/* ---- what is asked ----------------------------------------------------- */

static bool take_dates(struct due_work *w)
{
	struct due_report *r = &w->report;

	w->law.as_of = choice_day("--as-of", w->o->as_of, choice_today());
	if (w->law.as_of == DAY_NONE)
		return false;
	r->until = choice_day("--until", w->o->until, law_year_after(w->law.as_of));
	if (r->until == DAY_NONE)
		return false;
	if (r->until < w->law.as_of)
		cmd_error("--until lies before the day that is asked for");
	return r->until >= w->law.as_of;
}

static bool choose_orders(struct due_work *w)
{
	const struct words *named = w->o->orders;
	const size_t n = named && named->n ? named->n : w->pack->n_orders;

	w->orders = arena_zalloc(&w->mem, n, sizeof(*w->orders));
	if (!w->orders) {
		cmd_error("out of memory");
		return false;
	}
	for (; w->n_orders < n; w->n_orders++) {
		const struct order *order = named && named->n
			? pack_order(w->pack, named->list[w->n_orders])
			: &w->pack->orders[w->n_orders];
		if (!order) {
			cmd_error("there is no order %s; 'debar orders list' has them all",
			          named->list[w->n_orders]);
			return false;
		}
		w->orders[w->n_orders] = order;
	}
	return true;
}

static bool prepare(struct due_work *w)
{
	w->form = due_form(w->o->format ? w->o->format : "text");
	if (!w->form) {
		cmd_error("unknown format %s: use text, json, csv or ics", w->o->format);
		return false;
	}
	if (!take_dates(w))
		return false;
	w->pack = cmd_load_packs(w->o->packs, w->o->n_packs, w->o->no_default);
	if (!w->pack ||
	    (w->o->profile && !(w->profile = choice_profile(w->pack, w->o->profile))) ||
	    !choose_orders(w))
		return false;
	w->law.pack = w->pack;
	w->law.profile = w->profile;
	return true;
}

/* ---- the answer -------------------------------------------------------- */

static int compute(struct due_work *w, struct err *e)
{
	const struct due_args args = {
		.context = &w->law, .orders = w->orders, .n_orders = w->n_orders,
		.until = w->report.until,
	};
	struct due *list = NULL;
	const int rc = law_due(&args, &w->mem, &list, &w->report.n);

	w->report.context = &w->law;
	w->report.list = list;
	if (rc == -E2BIG)
		return err_set(e, rc, "more than %d dates: ask for fewer orders or an earlier "
		               "--until", DUE_MAX);
	return rc < 0 ? err_set(e, rc, "out of memory") : 0;
}

static int show(const struct due_work *w, struct err *e)
{
	const struct report_style style = choice_style(w->o->color ? w->o->color : "auto",
	                                               w->o->output);
	struct output out;
	int rc = output_open(&out, w->o->output, e);

	if (rc < 0)
		return rc;
	if (w->form->write(&w->report, &style, out.stream) < 0) {
		output_cancel(&out);
		return err_set(e, -ENOMEM, "out of memory");
	}
	return output_close(&out, e);
}

static int status_of(const struct due_report *r)
{
	if (due_count(r, DUE_OVERDUE))
		return EXIT_FOUND;
	return due_count(r, DUE_PASSED) ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

int due_run(const struct due_options *o)
{
	struct due_work w = {.o = o};
	struct err e = {0};
	int status = EXIT_FAILED;

	arena_init(&w.mem, DUE_BYTES_MAX);
	if (prepare(&w))
		status = compute(&w, &e) < 0 || show(&w, &e) < 0 ? failed(&e)
		                                                 : status_of(&w.report);
	arena_finish(&w.mem);
	profile_free(w.profile);
	pack_free(w.pack);
	return status;
}
