/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hosts have an artefact. Now is answered from postings: a few rows per
 * block of 65,536 hosts. Then reads the reports of all hosts, once for as many
 * artefacts as there is memory for: slow, as it grows with hosts and history,
 * but asked seldom.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/internal.h"

enum { SETS_BYTES_MAX = 128 << 20 }; /* of sets that one reading fills */

/* ---- now --------------------------------------------------------------- */

/* Those whose manifest has it, but for those that lack it, and those that have
 * it besides. The set is empty before. */
static int hosts_now(struct store *s, uint32_t artefact, struct host_set *set)
{
	uint32_t last = (uint32_t)s->meta[META_HOSTS];
	struct numbers manifests = {0};
	int r = posting_numbers(s, POSTING_MANIFESTS_WITH, artefact,
	                        (uint32_t)s->meta[META_MANIFESTS], &manifests);

	for (size_t i = 0; i < manifests.n && r == 0; i++)
		r = posting_read(s, POSTING_HOSTS_OF_MANIFEST, manifests.v[i], last,
		                 false, set);
	if (r == 0)
		r = posting_read(s, POSTING_HOSTS_WITHOUT, artefact, last, true, set);
	if (r == 0)
		r = posting_read(s, POSTING_HOSTS_WITH, artefact, last, false, set);
	numbers_finish(&manifests);
	return r;
}

static void empty(struct host_set *set)
{
	if (set->n_words)
		memset(set->words, 0, set->n_words * sizeof(*set->words));
}

/* What is asked: fn for each artefact, with its hosts. */
struct question {
	struct store *s;
	const uint32_t *artefacts; /* ascending, each once */
	size_t n;
	int64_t as_of;
	int (*fn)(void *ctx, size_t i, const struct host_set *hosts);
	void *ctx;
	int stopped;               /* fn's result */
};

static int ask_now(struct question *q)
{
	struct host_set set = {0};
	int r = 0;

	for (size_t i = 0; i < q->n && r == 0 && !q->stopped; i++) {
		empty(&set);
		r = hosts_now(q->s, q->artefacts[i], &set);
		if (r == 0)
			q->stopped = q->fn(q->ctx, i, &set);
	}
	free(set.words);
	return r;
}

/* ---- then -------------------------------------------------------------- */

/* Some of the question's artefacts, while the reports are read. */
struct then {
	struct store *s;
	int64_t as_of;
	const uint32_t *artefacts;
	size_t n;
	struct host_set *sets;  /* of each */
	bool *in_manifest;      /* n for each manifest, by number */
	size_t n_manifests;
	bool *has;              /* n, of the report being read */
	struct numbers numbers; /* scratch */
};

/* Which of the artefacts does the packed set hold? They get the value. */
static int apply(struct then *t, struct slice packed, bool value)
{
	struct numbers *set = &t->numbers;
	size_t i = 0, j = 0;

	numbers_clear(set);
	int r = numbers_unpack(packed, set);
	while (r == 0 && i < set->n && j < t->n) {
		if (set->v[i] == t->artefacts[j])
			t->has[j] = value;
		const bool left = set->v[i] <= t->artefacts[j];
		j += set->v[i] >= t->artefacts[j];
		i += left;
	}
	return r;
}

static void put(struct host_set *set, uint32_t host, bool value)
{
	const uint64_t bit = (uint64_t)1 << host % 64;
	uint64_t *word = &set->words[host / 64];

	*word = value ? *word | bit : *word & ~bit;
}

/* A host's reports come in order, so the last one not after as_of decides. */
static int on_report(void *ctx, const struct db_value *row)
{
	struct then *t = ctx;
	const uint64_t host = (uint64_t)row[0].n >> REPORTS_PER_HOST_BITS;

	if (row[1].n > t->as_of)
		return 0;
	if (host > (uint64_t)t->s->meta[META_HOSTS] || row[2].n < 0 ||
	    (uint64_t)row[2].n >= t->n_manifests)
		return db_damaged(t->s->db, "report %lld: cannot be read",
		                  (long long)row[0].n);
	memcpy(t->has, t->in_manifest + (size_t)row[2].n * t->n,
	       t->n * sizeof(*t->has));
	int r = apply(t, row[4].s, false);
	if (r == 0)
		r = apply(t, row[3].s, true);
	if (r < 0)
		return r == -EUCLEAN ? db_damaged(t->s->db, "report %lld: cannot be "
		                                  "read", (long long)row[0].n) : r;
	for (size_t i = 0; i < t->n; i++)
		put(&t->sets[i], (uint32_t)host, t->has[i]);
	return 0;
}

static int read_manifests(struct then *t, size_t i)
{
	struct numbers manifests = {0};
	int r = posting_numbers(t->s, POSTING_MANIFESTS_WITH, t->artefacts[i],
	                        (uint32_t)t->n_manifests - 1, &manifests);

	for (size_t k = 0; k < manifests.n && r == 0; k++)
		if (manifests.v[k] < t->n_manifests)
			t->in_manifest[(size_t)manifests.v[k] * t->n + i] = true;
	numbers_finish(&manifests);
	return r;
}

static int then_read(struct then *t)
{
	int r = 0;

	t->n_manifests = (size_t)t->s->meta[META_MANIFESTS] + 1;
	t->sets = calloc(t->n, sizeof(*t->sets));
	t->in_manifest = calloc(t->n_manifests, t->n * sizeof(*t->in_manifest));
	t->has = calloc(t->n, sizeof(*t->has));
	if (!t->sets || !t->in_manifest || !t->has)
		return -ENOMEM;
	for (size_t i = 0; i < t->n && r == 0; i++) {
		r = set_reserve(&t->sets[i], (uint32_t)t->s->meta[META_HOSTS]);
		if (r == 0)
			r = read_manifests(t, i);
	}
	return r ? r : row_each(t->s->db, TABLE_REPORT, tables[TABLE_REPORT].all,
	                        NULL, 0, on_report, t);
}

static void then_finish(struct then *t)
{
	for (size_t i = 0; t->sets && i < t->n; i++)
		free(t->sets[i].words);
	free(t->sets);
	free(t->in_manifest);
	free(t->has);
	numbers_finish(&t->numbers);
}

/* The artefacts that one reading of all reports answers: as many as have room,
 * for their sets and for a byte of each in each manifest. */
static size_t at_once(const struct store *s)
{
	const uint64_t each = (uint64_t)s->meta[META_HOSTS] / 8 +
	                      (uint64_t)s->meta[META_MANIFESTS] + 1;

	return SETS_BYTES_MAX / each + 1;
}

static int ask_then(struct question *q)
{
	const size_t most = at_once(q->s);
	int r = 0;

	for (size_t from = 0; from < q->n && r == 0 && !q->stopped; from += most) {
		struct then t = {.s = q->s, .as_of = q->as_of,
		                 .artefacts = q->artefacts + from,
		                 .n = q->n - from < most ? q->n - from : most};
		r = then_read(&t);
		for (size_t i = 0; i < t.n && r == 0 && !q->stopped; i++)
			q->stopped = q->fn(q->ctx, from + i, &t.sets[i]);
		then_finish(&t);
	}
	return r;
}

/* ---- asking ------------------------------------------------------------ */

int store_holders(struct store *s, const uint32_t *artefacts, size_t n,
                  int64_t as_of,
                  int (*fn)(void *ctx, size_t i, const struct host_set *hosts),
                  void *ctx, struct err *e)
{
	struct question q = {s, artefacts, n, as_of, fn, ctx, 0};
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = as_of ? ask_then(&q) : ask_now(&q);
	read_end(s);
	if (q.stopped)
		return q.stopped;
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}

static int add_hosts(void *ctx, size_t i, const struct host_set *hosts)
{
	struct host_set *to = ctx;

	(void)i;
	if (hosts->n_words &&
	    set_reserve(to, (uint32_t)hosts->n_words * 64 - 1) < 0)
		return -ENOMEM;
	for (size_t k = 0; k < hosts->n_words; k++)
		to->words[k] |= hosts->words[k];
	return 0;
}

int store_hosts_with(struct store *s, const uint32_t *artefacts, size_t n,
                     int64_t as_of, struct host_set *set, struct err *e)
{
	int r = store_holders(s, artefacts, n, as_of, add_hosts, set, e);

	return r == -ENOMEM ? store_error(s, e, r, "asking") : r;
}
