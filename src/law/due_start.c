/* SPDX-License-Identifier: Apache-2.0 */
/* From what starts a clock to its dates. */
#include <errno.h>

#include "law/due.h"

/* ---- one date ---------------------------------------------------------- */

/* Is it an extension of this clock for a date that was to be met on that day? */
bool due_extends(const struct run *r, const struct profile_waiver *w, day on)
{
	return w->clock && strcmp(w->clock, r->k->id) == 0 && due_concerns(r, &w->place) &&
	       due_holds(w->since, w->until, on) && due_date(w->until) > on &&
	       (!w->since || due_date(w->since) <= r->c->as_of);
}

/* Moves the date to the latest day that an extension allows. */
static void extend(const struct run *r, struct draft *d)
{
	const struct profile *p = r->c->profile;

	d->due.unextended = d->due.on;
	for (size_t i = 0; p && i < p->n_waivers; i++) {
		const struct profile_waiver *w = &p->waivers[i];
		if (due_extends(r, w, d->due.unextended) && due_whole(r, &w->place) &&
		    due_date(w->until) > d->due.on) {
			d->due.on = due_date(w->until);
			d->due.extension = w;
		}
	}
}

static struct draft *add_date(struct run *r, const struct start *start, day first, day on,
                              unsigned number)
{
	struct draft *d = due_add(r);

	if (!d)
		return NULL;
	d->due.on = on;
	d->due.number = number;
	d->due.event = start->event;
	d->start = r->k->on ? DAY_NONE : start->on;
	if (on != DAY_NONE)
		extend(r, d);
	d->due.how = due_tell(r, start, first, &d->due);
	return d;
}

/* The last day of a repetition: what ends it happened, the order ends, or the
 * caller wants no more. */
static day last_day(const struct run *r)
{
	const struct profile *p = r->c->profile;
	const day ends = due_date(r->o->until);
	day last = r->args->until;

	if (ends != DAY_NONE && ends < last)
		last = ends;
	for (size_t i = 0; p && r->k->ends >= 0 && i < p->n_events; i++) {
		const struct profile_event *e = &p->events[i];
		const day on = due_date(e->on);
		if ((int)e->kind == r->k->ends && on <= r->c->as_of && on < last &&
		    due_happened(r, e) && due_whole(r, &e->place))
			last = on;
	}
	return last;
}

/* The day of the next occurrence: counted from the first one, so that months
 * that are short leave no mark on the later ones. */
static day next_day(const struct run *r, day first, day on, unsigned number)
{
	const struct span every = r->k->every;
	const int64_t n = (int64_t)every.n * number;

	if (every.unit == SPAN_BUSINESS_DAYS)
		return span_after(law_calendar(r->c, r->o), every, on);
	if (n > SPAN_MAX)
		return DAY_NONE;
	return span_after(NULL, (struct span){(int)n, every.unit}, first);
}

static void add_dates(struct run *r, const struct start *start)
{
	const struct calendar *c = law_calendar(r->c, r->o);
	const day first = r->k->on ? start->on : span_after(c, r->k->after, start->on);

	if (r->k->every.n == 0 || first == DAY_NONE) {
		(void)add_date(r, start, first, first, 0);
		return;
	}
	const day last = last_day(r);
	day on = first;
	for (unsigned i = 1; on != DAY_NONE && on <= last && r->rc == 0; i++) {
		(void)add_date(r, start, first, on, i);
		on = next_day(r, first, on, i);
	}
}

/* ---- what starts a clock ----------------------------------------------- */

/* Could it be known on as_of? A contract may be dated ahead. */
static bool known_then(const struct run *r, const struct profile_event *e)
{
	return e->kind == EVENT_CONTRACT || e->kind == EVENT_SOLICITATION ||
	       due_date(e->on) <= r->c->as_of;
}

static bool is_start(const struct run *r, const struct profile_event *e)
{
	return e->kind == r->k->from && due_happened(r, e) &&
	       (e->kind != EVENT_SUBMITTED ||
	        (e->clock && strcmp(e->clock, r->k->after_clock) == 0));
}

/* Counts the start when the clause's wording is of its day. */
static void begin(struct run *r, const struct start *start)
{
	if (due_holds(r->k->since, r->k->until, start->on) &&
	    (!r->contract || due_holds(r->contract->since, r->contract->until, start->on)))
		add_dates(r, start);
}

static void begin_event(struct run *r, const struct profile_event *e)
{
	struct str s = {0};

	if (e->kind == EVENT_SUBMITTED)
		str_printf(&s, "%s ", e->clock);
	str_printf(&s, "%s %s", event_name(e->kind), e->on);
	if (e->what)
		str_printf(&s, " (%s)", e->what);
	const char *words = due_keep(r, &s);
	if (words)
		begin(r, &(struct start){due_date(e->on), words, e});
}

/* Starts the clock by each event of the profile; says whether there was any, and
 * how many lie ahead. */
static bool begin_events(struct run *r, unsigned *ret_ahead)
{
	const struct profile *p = r->c->profile;
	bool any = false;

	for (size_t i = 0; p && i < p->n_events && r->rc == 0; i++) {
		const struct profile_event *e = &p->events[i];
		if (!is_start(r, e))
			continue;
		if (!known_then(r, e)) {
			++*ret_ahead;
			continue;
		}
		any = true;
		begin_event(r, e);
	}
	return any;
}

/* A date that stands in the order itself or in the clause. */
static bool begin_given(struct run *r, const char *words, const char *on)
{
	if (!on)
		return false;
	const char *said = arena_printf(r->mem, "%s %s", words, on);
	if (!said)
		r->rc = -ENOMEM;
	else
		begin(r, &(struct start){due_date(on), said, NULL});
	return true;
}

static void add_open(struct run *r, unsigned ahead)
{
	if (!due_holds(r->k->since, r->k->until, r->c->as_of) ||
	    (r->contract &&
	     !due_holds(r->contract->since, r->contract->until, r->c->as_of)))
		return;
	struct draft *d = due_add(r);
	if (d)
		d->due.how = due_tell_open(r, ahead);
}

void due_begin(struct run *r)
{
	unsigned ahead = 0;
	bool any;

	if (r->k->on)
		any = begin_given(r, "fixed date", r->k->on);
	else if (r->k->from == EVENT_ISSUED)
		any = begin_given(r, "issued", r->o->issued);
	else if (r->k->from == EVENT_EFFECTIVE)
		any = begin_given(r, "in force since", r->o->effective);
	else
		any = begin_events(r, &ahead);
	if (!any && r->k->from == EVENT_CONTRACT && r->contract)
		any = begin_given(r, "the contract holds the clause since", r->contract->since);
	if (!any)
		add_open(r, ahead);
}
