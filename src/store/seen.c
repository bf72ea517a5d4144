/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every host in a few hundred rows: the blocks of host_block.h, and the names
 * of units.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/internal.h"

/* ---- blocks ------------------------------------------------------------ */

struct ask {
	struct store *s;
	struct host_block block;
	int (*fn)(void *ctx, const struct store_seen *hosts);
	void *ctx;
	int stopped; /* fn's result */
};

static int ask_block(void *ctx, const struct db_value *row)
{
	struct ask *a = ctx;
	struct host_block *b = &a->block;

	memset(b, 0, sizeof(*b));
	int r = host_block_read(a->s->db, row, b);
	if (r < 0)
		return r;
	const struct store_seen hosts = {
		.first = b->number * HOST_BLOCK,
		.n = b->n,
		.unit = b->v[HOST_UNIT],
		.first_seen = b->v[HOST_FIRST_SEEN],
		.last_seen = b->v[HOST_LAST_SEEN],
		.flags = b->v[HOST_FLAGS],
		.incomplete = b->v[HOST_INCOMPLETE],
		.programs = b->v[HOST_PROGRAMS],
	};
	a->stopped = a->fn(a->ctx, &hosts);
	return a->stopped;
}

int store_seen(struct store *s,
               int (*fn)(void *ctx, const struct store_seen *hosts), void *ctx,
               struct err *e)
{
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	struct ask *a = calloc(1, sizeof(*a));
	if (!a) {
		read_end(s);
		return store_error(s, e, -ENOMEM, "asking");
	}
	a->s = s;
	a->fn = fn;
	a->ctx = ctx;
	r = row_each(s->db, TABLE_HOST_BLOCK, tables[TABLE_HOST_BLOCK].all, NULL,
	             0, ask_block, a);
	const int stopped = a->stopped;
	free(a);
	read_end(s);
	if (stopped)
		return stopped;
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}

/* ---- names of units ---------------------------------------------------- */

struct names {
	struct store *s;
	struct arena *mem;
	struct slice *names;
	size_t n;
};

static int take_name(void *ctx, const struct db_value *row)
{
	struct names *x = ctx;

	if (row[0].n < 1 || (uint64_t)row[0].n >= x->n)
		return db_damaged(x->s->db, "unit %lld: no such number",
		                  (long long)row[0].n);
	x->names[row[0].n] = arena_copy(x->mem, row[1].s);
	return x->names[row[0].n].p ? 0 : -ENOMEM;
}

int unit_names_read(struct store *s, struct arena *mem, struct slice **ret,
                    size_t *ret_n)
{
	struct names x = {s, mem, NULL, (size_t)s->meta[META_UNITS] + 1};

	x.names = arena_zalloc(mem, x.n, sizeof(*x.names));
	if (!x.names)
		return -ENOMEM;
	int r = row_each(s->db, TABLE_UNIT, tables[TABLE_UNIT].all, NULL, 0,
	                 take_name, &x);
	if (r < 0)
		return r;
	*ret = x.names;
	*ret_n = x.n;
	return 0;
}

int store_unit_names(struct store *s, struct arena *mem, struct slice **ret,
                     size_t *ret_n, struct err *e)
{
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = unit_names_read(s, mem, ret, ret_n);
	read_end(s);
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}
