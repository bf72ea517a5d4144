/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the answer rests on: which hosts there are, which of them reported and
 * how well they were looked at. No row is read per host.
 */
#include <errno.h>
#include <stdlib.h>

#include "map/state.h"

struct seeing {
	struct map *m;
	int64_t oldest, newest;
};

/* Makes room for the hosts below n. */
static int make_room(struct map *m, size_t n)
{
	struct host_set *sets[] = {&m->reported, &m->never, &m->incomplete,
	                           &m->deep, &m->with_programs, &m->within};

	for (size_t i = 0; i < COUNT_OF(sets); i++)
		if (set_grow(sets[i], (n + WORD_BITS - 1) / WORD_BITS) < 0)
			return -ENOMEM;
	uint32_t *units = reallocarray(m->unit_of, n, sizeof(*units));
	if (!units)
		return -ENOMEM;
	memset(units + m->n_unit_of, 0, (n - m->n_unit_of) * sizeof(*units));
	m->unit_of = units;
	m->n_unit_of = n;
	return 0;
}

static int note_host(struct seeing *s, const struct store_seen *hosts, uint32_t i)
{
	struct map *m = s->m;
	const uint32_t host = hosts->first + i;
	const int64_t first = (int64_t)hosts->first_seen[i];
	const int64_t last = (int64_t)hosts->last_seen[i];

	if (hosts->unit[i] < m->n_unit_names)
		m->unit_of[host] = (uint32_t)hosts->unit[i];
	if (!map_within(m, host, hosts->unit[i]))
		return 0;
	if (set_put(&m->within, host) < 0)
		return -ENOMEM;
	if (first == 0 || (m->args.as_of && first > m->args.as_of))
		return set_put(&m->never, host);
	if (s->oldest == 0 || last < s->oldest)
		s->oldest = last;
	if (last > s->newest)
		s->newest = last;
	m->report.coverage.not_examined += hosts->incomplete[i];
	if (set_put(&m->reported, host) < 0 ||
	    (!(hosts->flags[i] & SEEN_COMPLETE) &&
	     set_put(&m->incomplete, host) < 0) ||
	    (hosts->flags[i] & SEEN_DEEP && set_put(&m->deep, host) < 0) ||
	    (hosts->programs[i] && set_put(&m->with_programs, host) < 0))
		return -ENOMEM;
	return 0;
}

static int on_hosts(void *ctx, const struct store_seen *hosts)
{
	struct seeing *s = ctx;
	int r = 0;

	if ((size_t)hosts->first + hosts->n > s->m->n_unit_of)
		r = make_room(s->m, (size_t)hosts->first + hosts->n);
	for (uint32_t i = 0; i < hosts->n && r == 0; i++)
		if (hosts->first + i > 0)
			r = note_host(s, hosts, i);
	return r;
}

int map_seen(struct map *m, struct err *e)
{
	struct map_coverage *c = &m->report.coverage;
	struct seeing s = {.m = m};
	int r = store_seen(m->args.store, on_hosts, &s, e);

	if (r == -ENOMEM)
		return err_sys(e, r, "reading hosts");
	if (r < 0)
		return r;
	c->reported = set_count(&m->reported);
	c->never = set_count(&m->never);
	c->incomplete = set_count(&m->incomplete);
	c->deep = set_count(&m->deep);
	c->oldest = map_time(&m->mem, s.oldest);
	c->newest = map_time(&m->mem, s.newest);
	return 0;
}
