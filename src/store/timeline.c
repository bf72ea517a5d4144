/* SPDX-License-Identifier: Apache-2.0 */
#include "store/timeline.h"

#include <errno.h>
#include <stdlib.h>

void timeline_finish(struct timeline *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->events[i].set);
	free(t->events);
	*t = (struct timeline){0};
}

int timeline_add(struct timeline *t, int64_t time, const struct digest *set,
                 size_t n)
{
	struct event event = {time, calloc(n + 1, sizeof(*set)), n};

	if (!event.set ||
	    array_grow(&t->events, t->n, &t->size, sizeof(*t->events)) < 0) {
		free(event.set);
		return -ENOMEM;
	}
	if (n)
		memcpy(event.set, set, n * sizeof(*set));
	t->events[t->n++] = event;
	return 0;
}

/* ---- reading ----------------------------------------------------------- */

struct read {
	struct store *s;
	struct timeline *t;
};

static int add_numbers(struct store *s, struct timeline *t, int64_t time,
                       const struct numbers *set)
{
	struct digest *digests = calloc(set->n + 1, sizeof(*digests));
	int r = digests ? 0 : -ENOMEM;

	for (size_t i = 0; i < set->n && r == 0; i++) {
		if (set->v[i] > s->artefacts.n)
			r = db_damaged(s->db, "artefact %u is not there", set->v[i]);
		else
			digests[i] = s->artefacts.digests[set->v[i]];
	}
	if (r == 0)
		r = timeline_add(t, time, digests, set->n);
	free(digests);
	return r;
}

static int read_one(void *ctx, const struct db_value *row)
{
	struct read *x = ctx;
	struct numbers set = {0};
	int r = report_set(x->s, row, &set);

	if (r == 0)
		r = add_numbers(x->s, x->t, row[1].n, &set);
	numbers_finish(&set);
	return r;
}

int timeline_read(struct store *s, uint32_t host, int64_t last_seen,
                  struct timeline *ret)
{
	struct read x = {s, ret};
	struct db_value args[] = {DB_N(report_id(host, 0)),
	                          DB_N(report_id(host + 1, 0))};
	int r = row_each(s->db, TABLE_REPORT, "SELECT * FROM report WHERE id >= ?1"
	                 " AND id < ?2 ORDER BY id", args, COUNT_OF(args), read_one,
	                 &x);

	if (r < 0 || ret->n == 0)
		return r;
	const struct event *last = &ret->events[ret->n - 1];
	return last_seen > last->time
	               ? timeline_add(ret, last_seen, last->set, last->n)
	               : 0;
}

/* ---- applying ---------------------------------------------------------- */

static int replay(struct store_batch *b, const struct store_host *host,
                  struct timeline *t, const struct store_coverage *coverage,
                  struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		struct event *x = &t->events[i];
		int r = store_report(b, host, x->time,
		                     i + 1 == t->n ? coverage : NULL, x->set, x->n,
		                     e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Both in one, in order of time; at equal times those of `b` come later. */
static int weave(const struct timeline *a, const struct timeline *b,
                 struct timeline *ret)
{
	size_t i = 0, j = 0;
	int r = 0;

	while ((i < a->n || j < b->n) && r == 0) {
		bool first = j == b->n || (i < a->n && a->events[i].time <=
		                                               b->events[j].time);
		const struct event *x = first ? &a->events[i++] : &b->events[j++];
		r = timeline_add(ret, x->time, x->set, x->n);
	}
	return r;
}

/* Takes the host's reports out and puts them back with the new among them. */
static int rewrite(struct store_batch *b, uint32_t entry,
                   const struct store_host *host, const struct timeline *t,
                   const struct store_coverage *coverage, struct err *e)
{
	const uint32_t host_id = b->s->hosts.entries[entry].id;
	const int64_t last = (int64_t)host_get(&b->s->hosts, host_id,
	                                       HOST_LAST_SEEN);
	struct timeline known = {0}, all = {0};
	bool newer = t->events[t->n - 1].time >= last;
	int r = artefacts_load(b->s);

	if (r == 0)
		r = rows_flush(&b->reports);
	if (r == 0)
		r = timeline_read(b->s, host_id, last, &known);
	if (r == 0)
		r = weave(&known, t, &all);
	if (r == 0)
		r = report_forget(b, entry);
	if (r < 0)
		r = store_error(b->s, e, batch_fail(b, r), "storing a report in");
	else
		r = replay(b, host, &all, newer ? coverage : NULL, e);
	timeline_finish(&known);
	timeline_finish(&all);
	return r;
}

int timeline_apply(struct store_batch *b, const struct store_host *host,
                   struct timeline *t, const struct store_coverage *coverage,
                   struct err *e)
{
	uint32_t entry;
	int r = b->failed ? b->failed : host_entry(b, host, &entry);

	if (r == -EBADMSG)
		return err_set(e, -EINVAL, "%s", db_error(b->s->db));
	if (r < 0)
		return store_error(b->s, e, batch_fail(b, r), "storing a host in");
	if (t->n == 0)
		return 0;
	const uint32_t id = b->s->hosts.entries[entry].id;
	if (t->events[0].time >=
	    (int64_t)host_get(&b->s->hosts, id, HOST_LAST_SEEN))
		return replay(b, host, t, coverage, e);
	return rewrite(b, entry, host, t, coverage, e);
}
