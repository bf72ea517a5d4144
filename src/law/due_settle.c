/* SPDX-License-Identifier: Apache-2.0 */
/* Which dates were met: by papers that were handed in, or by the removal. */
#include <errno.h>
#include <stdlib.h>

#include "law/due.h"

static int by_date(const void *va, const void *vb)
{
	const struct profile_event *const *a = va, *const *b = vb;

	return strcmp((*a)->on, (*b)->on);
}

/* The papers of this clock that were handed in by as_of, earliest first. */
static const struct profile_event **papers(struct run *r, size_t *ret_n)
{
	const struct profile *p = r->c->profile;
	size_t n = 0;

	*ret_n = 0;
	if (!p)
		return NULL;
	const struct profile_event **list = arena_zalloc(r->mem, p->n_events, sizeof(*list));
	if (!list) {
		r->rc = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < p->n_events; i++) {
		const struct profile_event *e = &p->events[i];
		if (e->kind == EVENT_SUBMITTED && e->clock && strcmp(e->clock, r->k->id) == 0 &&
		    due_date(e->on) <= r->c->as_of && due_happened(r, e))
			list[n++] = e;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_date);
	*ret_n = n;
	return list;
}

static bool slices_same(const struct slice *a, size_t n_a, const struct slice *b, size_t n_b)
{
	for (size_t i = 0; n_a == n_b && i < n_a; i++)
		if (!slice_eq(a[i], b[i]))
			return false;
	return n_a == n_b;
}

/* May this paper be about what that event found? One that is narrowed to some
 * articles or sources is only about an event narrowed in the same way. */
static bool about(const struct profile_event *paper, const struct profile_event *event)
{
	const struct profile_place *a = &paper->place;

	if (!event || (!a->n_articles && !a->n_sources))
		return true;
	return slices_same(a->articles, a->n_articles, event->place.articles,
	                   event->place.n_articles) &&
	       slices_same(a->sources, a->n_sources, event->place.sources,
	                   event->place.n_sources);
}

static bool open_for(const struct draft *d, const struct profile_event *paper)
{
	return !d->due.done && d->due.on != DAY_NONE && d->start <= due_date(paper->on) &&
	       about(paper, d->due.event);
}

/* The earliest date that is open. */
static void settle_once(struct draft *list, size_t n, const struct profile_event *paper)
{
	struct draft *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (open_for(&list[i], paper) && (!first || list[i].start < first->start))
			first = &list[i];
	if (first)
		first->due.done = true;
}

/* One repetition, in order of number. */
static void settle_repeated(struct draft *list, size_t n, const struct profile_event *paper)
{
	struct draft *next = NULL;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!open_for(&list[i], paper))
			continue;
		if (list[i].due.on <= due_date(paper->on))
			any = list[i].due.done = true;
		else if (!next)
			next = &list[i];
	}
	if (!any && next)
		next->due.done = true;
}

/* Dates of one start follow one another: number 1 begins the next. */
static size_t same_start(const struct draft *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i].due.number != 1)
		i++;
	return i;
}

static void settle_papers(struct run *r, size_t from)
{
	size_t n_papers;
	const struct profile_event **list = papers(r, &n_papers);

	for (size_t i = 0; r->rc == 0 && i < n_papers; i++) {
		if (r->k->every.n == 0) {
			settle_once(r->list + from, r->n - from, list[i]);
			continue;
		}
		for (size_t at = from, n; at < r->n; at += n) {
			n = same_start(r->list + at, r->n - at);
			settle_repeated(r->list + at, n, list[i]);
		}
	}
}

/* A duty without a paper is met when the removal was completed after it began. */
static void settle_by_removal(struct run *r, size_t from)
{
	const struct profile *p = r->c->profile;

	for (size_t i = 0; p && !r->k->form && r->k->every.n == 0 && i < p->n_events; i++) {
		const struct profile_event *e = &p->events[i];
		const day on = due_date(e->on);
		if (e->kind != EVENT_DONE || on > r->c->as_of || !due_happened(r, e) ||
		    !due_whole(r, &e->place))
			continue;
		for (size_t j = from; j < r->n; j++)
			if (r->list[j].due.on != DAY_NONE && r->list[j].start <= on)
				r->list[j].due.done = true;
	}
}

void due_settle(struct run *r, size_t from)
{
	if (r->rc == 0)
		settle_papers(r, from);
	settle_by_removal(r, from);
}
