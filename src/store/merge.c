/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One inventory into another. Each batch is a whole number of hosts, and what
 * was added is found there when it is added again: a merge that was stopped is
 * simply repeated.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/timeline.h"

enum { HOSTS_AT_ONCE = 1024, RECORDS_AT_ONCE = 65536, WAIT_MS = 10000 };

struct merge {
	struct store *into, *from;
	struct store_batch *b;
	size_t n;           /* things in the batch */
	struct err *e;
};

/* Counts one more thing; a full batch is committed and another begun. */
static int step(struct merge *m, size_t most)
{
	if (++m->n < most)
		return 0;
	m->n = 0;
	int r = store_commit(m->b, m->e);
	m->b = NULL;
	return r ? r : store_begin(m->into, WAIT_MS, m->e, &m->b);
}

static int merge_artefact(struct merge *m, uint32_t id)
{
	const struct digest *digest = &m->from->artefacts.digests[id];
	struct record record;
	struct arena mem;

	if (store_has(m->b, digest))
		return 0;
	arena_init(&mem, 0);
	int r = store_record(m->from, id, &mem, &record, m->e);
	if (r == 0)
		r = store_artefact(m->b, digest, &record, m->e);
	arena_finish(&mem);
	return r ? r : step(m, RECORDS_AT_ONCE);
}

static int merge_artefacts(struct merge *m)
{
	int r = artefacts_load(m->from);

	if (r < 0)
		return store_error(m->from, m->e, r, "reading");
	for (uint32_t id = 1; id <= m->from->artefacts.n && r == 0; id++)
		r = merge_artefact(m, id);
	return r;
}

static int merge_host(void *ctx, const struct store_host_info *info)
{
	struct merge *m = ctx;
	struct store_host host = {info->name, info->unit, info->labels};
	struct timeline t = {0};
	int r = timeline_read(m->from, info->number, info->last_seen, &t);

	if (r < 0)
		r = store_error(m->from, m->e, r, "reading");
	else
		r = timeline_apply(m->b, &host, &t, &info->coverage, m->e);
	timeline_finish(&t);
	return r ? r : step(m, HOSTS_AT_ONCE);
}

int store_merge(struct store *into, struct store *from, struct err *e)
{
	struct merge m = {.into = into, .from = from, .e = e};
	int r = read_begin(from, e);

	if (r < 0)
		return r;
	r = store_begin(into, WAIT_MS, e, &m.b);
	if (r == 0)
		r = merge_artefacts(&m);
	if (r == 0)
		r = store_hosts(from, NULL, merge_host, &m, e);
	read_end(from);
	if (r == 0)
		return store_commit(m.b, e);
	if (m.b)
		store_cancel(m.b);
	return r;
}
