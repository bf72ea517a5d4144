/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What values cannot answer: marks that look for bytes, which nobody keeps. A
 * host whose programs were all searched for a marker holds an artefact that
 * claims the marker's digest (ATTR_SEARCH_MARKER), so the hosts to look at
 * again are those that have programs and do not hold it. That is exact: a
 * marker that the packs got, or changed, since the search has another digest.
 */
#include <errno.h>
#include <stdlib.h>

#include "map/state.h"

/* ---- the markers ------------------------------------------------------- */

int map_markers(struct map *m, struct err *e)
{
	const struct pack *pack = m->args.pack;
	int r = 0;

	m->markers = arena_zalloc(&m->mem, pack->n_marks, sizeof(*m->markers));
	if (!m->markers)
		r = -ENOMEM;
	for (size_t i = 0; i < pack->n_marks && r >= 0; i++) {
		struct marker *marker = &m->markers[m->n_markers];
		if (!map_wants(m, &pack->marks[i]))
			continue;
		r = pack_marker_digest(&pack->marks[i], marker->digest);
		if (r <= 0)
			continue;
		marker->mark = &pack->marks[i];
		m->n_markers++;
	}
	return r < 0 ? err_sys(e, r, "listing byte markers") : 0;
}

void map_note_search(struct map *m, uint32_t id, struct slice digest)
{
	for (size_t i = 0; i < m->n_markers; i++)
		if (slice_eq(digest, slice_str(m->markers[i].digest)))
			m->markers[i].value = id;
}

/* ---- hosts that were searched ------------------------------------------ */

/* The artefacts that say that a host was searched for a marker. */
struct searches {
	uint32_t *list;
	size_t n;
};

static int find_searches(struct map *m, const struct marker *marker,
                         struct searches *ret, struct err *e)
{
	*ret = (struct searches){0};
	if (!marker->value)
		return 0;
	return store_artefacts_of(m->args.store, marker->value, &m->mem,
	                          &ret->list, &ret->n, e);
}

static bool same_searches(const struct searches *a, const struct searches *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->list, b->list, a->n * sizeof(*a->list)) == 0);
}

/* The hosts with programs that none of the artefacts speaks of. */
static int not_searched(struct map *m, const struct searches *searches,
                        struct host_set *ret, struct err *e)
{
	struct host_set searched = {0};
	int r = store_hosts_with(m->args.store, searches->list, searches->n,
	                         m->args.as_of, &searched, e);

	set_clear(ret);
	if (r == 0 && set_add(ret, &m->with_programs) < 0)
		r = err_sys(e, -ENOMEM, "counting programs");
	if (r == 0)
		set_remove(ret, &searched);
	set_finish(&searched);
	return r;
}

/* ---- counting ---------------------------------------------------------- */

/* Markers that were searched for together, by the same sweeps, are most often
 * next to each other in the packs: what one cost is not paid by the next. */
static int count_marks(struct map *m, struct map_marker *marks, struct err *e)
{
	struct host_set again = {0};
	struct searches before = {0}, now;
	int r = 0;

	for (size_t i = 0; i < m->n_markers && r == 0; i++) {
		marks[i].mark = m->markers[i].mark;
		r = find_searches(m, &m->markers[i], &now, e);
		if (r == 0 && i > 0 && same_searches(&now, &before)) {
			marks[i].hosts = marks[i - 1].hosts;
			continue;
		}
		if (r == 0)
			r = not_searched(m, &now, &again, e);
		if (r == 0 && set_add(&m->search_again, &again) < 0)
			r = err_sys(e, -ENOMEM, "counting programs");
		marks[i].hosts = set_count(&again);
		before = now;
	}
	set_finish(&again);
	return r;
}

/* Programs are counted by the last report: when a host has reported since the
 * day that was asked about, the number is not that day's. */
static int count_programs(void *ctx, const struct store_seen *hosts)
{
	struct map *m = ctx;
	struct map_remainder *rest = &m->report.remainder;

	for (uint32_t i = 0; i < hosts->n; i++) {
		if (!set_has(&m->search_again, hosts->first + i))
			continue;
		rest->programs += hosts->programs[i];
		if (m->args.as_of && (int64_t)hosts->last_seen[i] > m->args.as_of)
			rest->exact = false;
	}
	return 0;
}

int map_remains(struct map *m, struct err *e)
{
	struct map_remainder *rest = &m->report.remainder;
	struct map_marker *marks =
		arena_zalloc(&m->mem, m->n_markers, sizeof(*marks));

	if (!marks)
		return err_sys(e, -ENOMEM, "counting programs");
	int r = count_marks(m, marks, e);
	if (r < 0)
		return r;
	rest->marks = marks;
	rest->n_marks = m->n_markers;
	rest->hosts = set_count(&m->search_again);
	rest->exact = true;
	return rest->hosts ? store_seen(m->args.store, count_programs, m, e) : 0;
}
