/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts with all that is known of each: its rows of `host` and `coverage`,
 * read side by side, and its block. A set of hosts is read in runs, so that a
 * few hosts do not read those between them.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/internal.h"

/* Words of a set without a host that are cheaper to read over than to skip. */
enum { GAP_WORDS = 4 };

struct walk {
	struct store *s;
	const struct host_set *only;
	int (*fn)(void *ctx, const struct store_host_info *host);
	void *ctx;
	int stopped; /* fn's result */
	struct slice *units;
	size_t n_units;
	struct host_block_cache cache;
	struct db_rows *coverages;
	const struct db_value *coverage; /* the next one; NULL: no more */
};

/* ---- one host ---------------------------------------------------------- */

static void take_block(const struct walk *w, struct store_host_info *ret)
{
	const uint32_t at = ret->number % HOST_BLOCK;
	const uint64_t (*v)[HOST_BLOCK] = w->cache.block.v;

	if (v[HOST_UNIT][at] < w->n_units)
		ret->unit = w->units[v[HOST_UNIT][at]];
	ret->first_seen = (int64_t)v[HOST_FIRST_SEEN][at];
	ret->last_seen = (int64_t)v[HOST_LAST_SEEN][at];
	ret->coverage.complete = v[HOST_FLAGS][at] & SEEN_COMPLETE;
	ret->coverage.deep = v[HOST_FLAGS][at] & SEEN_DEEP;
	ret->coverage.incomplete = v[HOST_INCOMPLETE][at];
	ret->coverage.programs = v[HOST_PROGRAMS][at];
}

static int next_coverage(struct walk *w)
{
	int r = row_next(w->s->db, w->coverages, TABLE_COVERAGE, &w->coverage);

	if (r == 0)
		w->coverage = NULL;
	return r < 0 ? r : 0;
}

/* Goes on in the table to the host's row, if it has one. */
static int take_coverage(struct walk *w, struct store_host_info *ret)
{
	int r = 0;

	while (w->coverage && w->coverage[0].n < ret->number && r == 0)
		r = next_coverage(w);
	if (r < 0 || !w->coverage || w->coverage[0].n != ret->number)
		return r;
	ret->coverage.items = (uint64_t)w->coverage[1].n;
	ret->coverage.examined = (uint64_t)w->coverage[2].n;
	ret->coverage.bytes = (uint64_t)w->coverage[3].n;
	ret->coverage.json = w->coverage[4].s;
	return 0;
}

static bool in_set(const struct host_set *set, uint64_t host)
{
	return !set || (host / 64 < set->n_words &&
	                set->words[host / 64] >> host % 64 & 1);
}

static int on_host(void *ctx, const struct db_value *row)
{
	struct walk *w = ctx;
	struct store_host_info info = {.number = (uint32_t)row[0].n,
	                               .name = row[1].s, .labels = row[2].s};

	if (row[0].n < 1 || row[0].n > NUMBER_MAX)
		return db_damaged(w->s->db, "host %lld: no such number",
		                  (long long)row[0].n);
	if (!in_set(w->only, info.number))
		return 0;
	int r = host_block_need(w->s->db, &w->cache, info.number / HOST_BLOCK);
	if (r == 0)
		r = take_coverage(w, &info);
	if (r < 0)
		return r;
	take_block(w, &info);
	w->stopped = w->fn(w->ctx, &info);
	return w->stopped;
}

/* ---- runs of hosts ----------------------------------------------------- */

/* The hosts from first to last, both included. */
static int walk_run(struct walk *w, int64_t first, int64_t last)
{
	const struct db_value range[] = {DB_N(first), DB_N(last)};
	struct db *db = w->s->db;
	int r = db->driver->query(db, "SELECT * FROM coverage WHERE host >= ?1"
	                          " AND host <= ?2 ORDER BY host", range,
	                          COUNT_OF(range), &w->coverages);

	if (r < 0)
		return r;
	r = next_coverage(w);
	if (r == 0)
		r = row_each(db, TABLE_HOST, "SELECT * FROM host WHERE id >= ?1"
		             " AND id <= ?2 ORDER BY id", range, COUNT_OF(range),
		             on_host, w);
	row_done(db, w->coverages);
	return r;
}

/* The words [*from, *to) of the next run at or after *to; false at the end. */
static bool next_run(const struct host_set *set, size_t *from, size_t *to)
{
	size_t i = *to, gap = 0;

	while (i < set->n_words && !set->words[i])
		i++;
	*from = i;
	for (; i < set->n_words && gap <= GAP_WORDS; i++) {
		gap = set->words[i] ? 0 : gap + 1;
		if (set->words[i])
			*to = i + 1;
	}
	return *from < set->n_words;
}

static int walk_all(struct walk *w)
{
	size_t from = 0, to = 0;
	int r = 0;

	if (!w->only)
		return walk_run(w, 0, NUMBER_MAX);
	while (r == 0 && next_run(w->only, &from, &to))
		r = walk_run(w, (int64_t)from * 64, (int64_t)to * 64 - 1);
	return r;
}

int store_hosts(struct store *s, const struct host_set *only,
                int (*fn)(void *ctx, const struct store_host_info *host),
                void *ctx, struct err *e)
{
	struct arena mem;
	int r = read_begin(s, e), stopped = 0;

	if (r < 0)
		return r;
	struct walk *w = calloc(1, sizeof(*w));
	arena_init(&mem, 0);
	r = w ? 0 : -ENOMEM;
	if (r == 0) {
		*w = (struct walk){.s = s, .only = only, .fn = fn, .ctx = ctx};
		r = unit_names_read(s, &mem, &w->units, &w->n_units);
	}
	if (r == 0) {
		r = walk_all(w);
		stopped = w->stopped;
	}
	free(w);
	arena_finish(&mem);
	read_end(s);
	if (stopped)
		return stopped;
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}

/* ---- labels ------------------------------------------------------------ */

struct labels {
	int (*fn)(void *ctx, uint32_t host, struct slice labels);
	void *ctx;
	int stopped; /* fn's result */
};

static int on_labels(void *ctx, const struct db_value *row)
{
	struct labels *l = ctx;

	if (row[2].s.n == 0)
		return 0;
	l->stopped = l->fn(l->ctx, (uint32_t)row[0].n, row[2].s);
	return l->stopped;
}

int store_labels(struct store *s,
                 int (*fn)(void *ctx, uint32_t host, struct slice labels),
                 void *ctx, struct err *e)
{
	struct labels l = {.fn = fn, .ctx = ctx};
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = row_each(s->db, TABLE_HOST, tables[TABLE_HOST].all, NULL, 0, on_labels,
	             &l);
	read_end(s);
	if (l.stopped)
		return l.stopped;
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}
