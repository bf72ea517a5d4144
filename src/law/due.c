/* SPDX-License-Identifier: Apache-2.0 */
/* When a duty is due: whom each clock of an order concerns, and what ends. */
#include <errno.h>
#include <stdlib.h>

#include "law/due.h"

enum { ROOM_FIRST = 64 };

/* ---- small things ------------------------------------------------------ */

day due_date(const char *text)
{
	return text ? day_parse(slice_str(text)) : DAY_NONE;
}

/* Does the day lie in [since, until], each of which may be NULL? */
bool due_holds(const char *since, const char *until, day d)
{
	return (!since || due_date(since) <= d) && (!until || d <= due_date(until));
}

bool due_listed(const char *const *list, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], id) == 0)
			return true;
	return false;
}

static bool names_entity_of(const struct run *r, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < r->o->n_entities; i++)
		if (due_listed(ids, n, r->c->pack->entities[r->o->entities[i].entity].id))
			return true;
	return false;
}

/* Is this said of the order at hand? */
bool due_concerns(const struct run *r, const struct profile_place *p)
{
	return (p->n_orders == 0 || due_listed(p->orders, p->n_orders, r->o->id)) &&
	       (p->n_entities == 0 || names_entity_of(r, p->entities, p->n_entities));
}

/* Did this happen to the order, and to the contract at hand? */
bool due_happened(const struct run *r, const struct profile_event *e)
{
	const char *number = r->contract ? r->contract->contract : NULL;

	return due_concerns(r, &e->place) &&
	       (!e->contract || !r->contract || (number && strcmp(number, e->contract) == 0));
}

/* Is it said of all that the order reaches, and not of a part? */
bool due_whole(const struct run *r, const struct profile_place *p)
{
	if (p->n_articles || p->n_sources)
		return false;
	for (size_t i = 0; p->n_entities && i < r->o->n_entities; i++)
		if (!due_listed(p->entities, p->n_entities,
		            r->c->pack->entities[r->o->entities[i].entity].id))
			return false;
	return true;
}

const char *due_keep(struct run *r, struct str *s)
{
	const char *copy = str_failed(s) ? NULL : arena_str(r->mem, str_slice(s));

	if (!copy)
		r->rc = -ENOMEM;
	str_finish(s);
	return copy;
}

struct draft *due_add(struct run *r)
{
	if (r->rc == 0 && r->n == DUE_MAX)
		r->rc = -E2BIG;
	if (r->rc < 0)
		return NULL;
	if (r->n == r->room) {
		const size_t room = r->room ? 2 * r->room : ROOM_FIRST;
		struct draft *list = arena_zalloc(r->mem, room, sizeof(*list));
		if (!list) {
			r->rc = -ENOMEM;
			return NULL;
		}
		if (r->n)
			memcpy(list, r->list, r->n * sizeof(*list));
		r->list = list;
		r->room = room;
	}
	struct draft *d = &r->list[r->n++];
	*d = (struct draft){
		.due = {.kind = DUE_CLOCK, .order = r->o, .clock = r->k,
		        .what = r->k ? r->k->what : NULL, .contract = r->contract,
		        .on = DAY_NONE, .unextended = DAY_NONE},
		.start = DAY_NONE,
		.made = r->n,
	};
	return d;
}

/* ---- whom it concerns -------------------------------------------------- */

static bool terms_meet(const struct term_list *a, const struct term_list *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (a->list[i] == b->list[j])
				return true;
	return false;
}

static bool is_party(const struct run *r, const struct term_list *who)
{
	const struct profile *p = r->c->profile;

	return who->n == 0 || !p || p->is.n == 0 || terms_meet(who, &p->is);
}

/* Does this binding make the clock concern the profile's user? */
static bool binds(const struct run *r, const struct binding *b)
{
	return is_party(r, &b->who) &&
	       (r->k->who.n == 0 || b->who.n == 0 || terms_meet(&r->k->who, &b->who));
}

static void run_for(struct run *r, const struct profile_clause *contract, const char *unsaid)
{
	const size_t from = r->n;

	r->contract = contract;
	r->unsaid = unsaid;
	due_begin(r);
	due_settle(r, from);
	r->contract = NULL;
	r->unsaid = NULL;
}

/* Is the clause one that a binding which fits asks for? */
static bool held_for(const struct run *r, const struct profile_clause *clause)
{
	for (size_t i = 0; i < r->o->n_bindings; i++) {
		const struct binding *b = &r->o->bindings[i];
		if (binds(r, b) && due_listed(b->holding, b->n_holding, clause->clause))
			return true;
	}
	return false;
}

/* For everybody; or for each contract that holds a clause; or, where the profile
 * does not say which clauses it holds, for one that is not known. */
static void run_clock(struct run *r)
{
	const struct profile *p = r->c->profile;
	bool anyhow = true, any = false;
	const char *holding = NULL;

	if (!is_party(r, &r->k->who))
		return;
	for (size_t i = 0; i < r->o->n_bindings; i++) {
		const struct binding *b = &r->o->bindings[i];
		if (!binds(r, b))
			continue;
		anyhow = any ? anyhow || b->n_holding == 0 : b->n_holding == 0;
		any = true;
		if (b->n_holding && !holding)
			holding = b->holding[0];
	}
	if (r->o->n_bindings && !any)
		return;
	if (anyhow) {
		run_for(r, NULL, NULL);
	} else if (!p || !p->clauses_said) {
		run_for(r, NULL, holding);
	} else {
		for (size_t i = 0; i < p->n_clauses && r->rc == 0; i++)
			if (held_for(r, &p->clauses[i]))
				run_for(r, &p->clauses[i], NULL);
	}
}

/* ---- an order ---------------------------------------------------------- */

static bool running(enum order_state s)
{
	return s == ORDER_DRAFT || s == ORDER_IN_FORCE || s == ORDER_UNDER_REVIEW;
}

static bool ended(const struct run *r)
{
	return r->o->until && due_date(r->o->until) < r->c->as_of;
}

/* The order does not run on that day: its clocks stand still. */
static void add_stopped(struct run *r, enum order_state state,
                        const struct order_period *period)
{
	struct str s = {0};

	if (!is_party(r, &r->k->who))
		return;
	if (ended(r))
		str_printf(&s, "the order ended on %s", r->o->until);
	else
		str_printf(&s, "the order is %s", order_state_name(state));
	if (ended(r))
		period = NULL;
	if (period && period->since)
		str_printf(&s, " since %s", period->since);
	if (period && period->until)
		str_printf(&s, " until %s", period->until);
	if (period && period->by)
		str_printf(&s, " by %s", period->by);
	if (period && period->because)
		str_printf(&s, ": %s", period->because);
	struct draft *d = due_add(r);
	const char *how = due_keep(r, &s);
	if (d) {
		d->due.stopped = true;
		d->due.how = how;
	}
}

static void add_end(struct run *r, enum due_kind kind, const char *until, const char *what,
                    const char *how)
{
	if (due_date(until) == DAY_NONE || due_date(until) < r->c->as_of)
		return;
	struct draft *d = due_add(r);
	if (!d)
		return;
	d->due.kind = kind;
	d->due.on = d->due.unextended = due_date(until);
	d->due.what = what;
	d->due.how = how;
	if (!what || !how)
		r->rc = -ENOMEM;
}

static const char *tell_waiver(struct run *r, const struct profile_waiver *w)
{
	struct str s = {0};

	str_printf(&s, "waiver by %s", w->by);
	if (w->cite)
		str_printf(&s, " (%s)", w->cite);
	if (w->since)
		str_printf(&s, " since %s", w->since);
	return due_keep(r, &s);
}

/* What ends on a day that is still to come. */
static void add_ends(struct run *r)
{
	const struct profile *p = r->c->profile;

	r->k = NULL;
	add_end(r, DUE_ORDER_ENDS, r->o->until, "the order ends", "said in the order");
	for (size_t i = 0; i < r->o->n_history; i++) {
		const struct order_period *h = &r->o->history[i];
		if (h->until)
			add_end(r, DUE_PERIOD_ENDS, h->until,
			        arena_printf(r->mem, "the order is no longer %s from the next "
			                     "day", order_state_name(h->state)),
			        arena_printf(r->mem, "%s since %s", order_state_name(h->state),
			                     h->since));
	}
	for (size_t i = 0; p && i < p->n_waivers; i++) {
		const struct profile_waiver *w = &p->waivers[i];
		if (!w->clock && w->place.n_orders && due_concerns(r, &w->place))
			add_end(r, DUE_WAIVER_ENDS, w->until,
			        "a waiver ends: the ban holds again from the next day",
			        tell_waiver(r, w));
	}
}

static void run_order(struct run *r, const struct order *o)
{
	const struct order_period *period = NULL;

	if (due_date(o->issued) > r->c->as_of)
		return;
	r->o = o;
	const enum order_state state = law_state(o, r->c->as_of, &period);
	for (size_t i = 0; i < o->n_clocks && r->rc == 0; i++) {
		r->k = &o->clocks[i];
		if (running(state) && !ended(r))
			run_clock(r);
		else
			add_stopped(r, state, period);
	}
	if (r->rc == 0)
		add_ends(r);
}

/* ---- the whole --------------------------------------------------------- */

const struct calendar *law_calendar(const struct law_context *c, const struct order *o)
{
	const struct pack *p = c->pack;

	if (c->profile && c->profile->calendar)
		return c->profile->calendar;
	for (size_t i = 0; o->country && i < p->n_calendars; i++)
		if (p->calendars[i].country && strcmp(p->calendars[i].country, o->country) == 0)
			return &p->calendars[i];
	return p->n_calendars == 1 ? &p->calendars[0] : NULL;
}

/* Drafts are made in the order of orders, clocks, contracts, starts, numbers. */
static int by_day(const void *va, const void *vb)
{
	const struct draft *a = va, *b = vb;
	const int64_t x = a->due.on == DAY_NONE ? INT64_MAX : a->due.on;
	const int64_t y = b->due.on == DAY_NONE ? INT64_MAX : b->due.on;

	if (x != y)
		return x < y ? -1 : 1;
	return (a->made > b->made) - (a->made < b->made);
}

day law_year_after(day d)
{
	const day year = span_after(NULL, (struct span){12, SPAN_MONTHS}, d);

	return year == DAY_NONE ? d : year;
}

int law_due(const struct due_args *args, struct arena *mem, struct due **ret, size_t *ret_n)
{
	struct run r = {.args = args, .c = args->context, .mem = mem};

	for (size_t i = 0; i < args->n_orders && r.rc == 0; i++)
		run_order(&r, args->orders[i]);
	if (r.rc < 0)
		return r.rc;
	struct due *list = arena_zalloc(mem, r.n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	if (r.n)
		qsort(r.list, r.n, sizeof(*r.list), by_day);
	for (size_t i = 0; i < r.n; i++)
		list[i] = r.list[i].due;
	*ret = list;
	*ret_n = r.n;
	return 0;
}
