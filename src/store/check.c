/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the inventory sound? First the database's own opinion, then every row's
 * seal, then what the rows say of each other: everything that is named is
 * there, digests are those of the contents, postings agree with reports.
 *
 * Postings are compared as sums of hashes of their members, one per kind and
 * block, so that a fleet's need no more memory than a machine's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/members.h"
#include "store/page.h"

enum { FAULTS_MAX = 1000, COMPACT_WAIT_MS = 1000 };

/* Sums by block: of what should be, minus what is. */
struct sums {
	uint64_t *v;
	size_t n;
};

struct check {
	struct store *s;
	struct str *words;
	int faults;
	int failed;               /* -ENOMEM and the like: the check itself */
	struct sums sums[POSTING_KINDS];
	int64_t seen_host;        /* host of the report rows being read */
	int64_t counts[META_COUNT];
	int64_t reported;         /* hosts that did so, by their blocks */
	struct host_block_cache cache; /* of the host being checked */
};

static void fault(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void fault(struct check *c, const char *fmt, ...)
{
	char line[600];
	va_list args;

	if (c->faults++ >= FAULTS_MAX)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	str_printf(c->words, "%s\n", line);
}

/* Damage is a fault; anything else ends the check. */
static int judge(struct check *c, int r)
{
	if (r >= 0)
		return 0;
	if (r != -EUCLEAN)
		return c->failed = r;
	fault(c, "%s", db_error(c->s->db));
	return 0;
}

/* ---- sums -------------------------------------------------------------- */

static int sum(struct check *c, enum posting_kind kind, uint32_t key,
               uint32_t member, bool minus)
{
	static const struct siphash_key any = {1, 2};
	struct sums *sums = &c->sums[kind];
	uint64_t pair[2] = {key, member};
	size_t block = member / MEMBERS_BLOCK;
	uint64_t h = siphash(&any, slice_of(pair, sizeof(pair)));

	if (block >= sums->n) {
		uint64_t *v = reallocarray(sums->v, block + 1, sizeof(*v));
		if (!v)
			return c->failed = -ENOMEM;
		memset(v + sums->n, 0, (block + 1 - sums->n) * sizeof(*v));
		sums->v = v;
		sums->n = block + 1;
	}
	sums->v[block] += minus ? -h : h;
	return 0;
}

static int sum_keys(struct check *c, enum posting_kind kind,
                    const struct numbers *keys, uint32_t member)
{
	int r = 0;

	for (size_t i = 0; i < keys->n && r == 0; i++)
		r = sum(c, kind, keys->v[i], member, false);
	return r;
}

static int sum_members(struct check *c, const struct db_value *row,
                       const struct page_entry *entry)
{
	const uint32_t key = (uint32_t)row[2].n * PAGE_KEYS + entry->place;
	uint64_t words[MEMBERS_WORDS] = {0};
	struct host_set set = {words, MEMBERS_WORDS};
	struct numbers members = {0};
	int r = members_apply(entry->set, false, words);

	if (r < 0)
		return r;
	set_numbers(&set, &members);
	for (size_t i = 0; i < members.n && r == 0; i++)
		r = sum(c, (enum posting_kind)row[0].n, key,
		        (uint32_t)row[1].n * MEMBERS_BLOCK + members.v[i], true);
	if (members.failed)
		r = c->failed = -ENOMEM;
	numbers_finish(&members);
	return r;
}

static int check_posting(struct check *c, const struct db_value *row)
{
	struct page page;
	struct page_entry entry;
	int r = -EUCLEAN;

	if (row[0].n >= 1 && row[0].n < POSTING_KINDS && row[1].n >= 0 &&
	    row[1].n <= NUMBER_MAX / MEMBERS_BLOCK && row[2].n >= 0 &&
	    row[2].n <= NUMBER_MAX / PAGE_KEYS)
		r = page_open(&page, row[3].s);
	while (r >= 0 && (r = page_next(&page, &entry)) > 0)
		r = sum_members(c, row, &entry);
	if (r == -EUCLEAN)
		fault(c, "posting %lld %lld %lld: cannot be read",
		      (long long)row[0].n, (long long)row[1].n, (long long)row[2].n);
	return c->failed;
}

static void check_sums(struct check *c)
{
	for (int kind = 1; kind < POSTING_KINDS; kind++)
		for (size_t i = 0; i < c->sums[kind].n; i++)
			if (c->sums[kind].v[i])
				fault(c, "posting %d, block %zu: does not agree with what "
				      "it was made from", kind, i);
}

/* ---- artefacts and manifests ------------------------------------------- */

static int sum_claims(struct check *c, const struct db_value *row)
{
	struct numbers values = {0};
	int r = artefact_values(row[9].s, &values);

	if (r == 0)
		r = sum_keys(c, POSTING_ARTEFACTS_OF, &values, (uint32_t)row[0].n);
	numbers_finish(&values);
	return r == -ENOMEM ? c->failed = r : 0;
}

static int check_record(struct check *c, const struct db_value *row)
{
	struct record record;
	struct arena mem;
	uint32_t id = (uint32_t)row[0].n;

	arena_init(&mem, 0);
	int r = artefact_unpack(c->s, row, &mem, &record);
	if (r == 0) {
		struct digest d = store_digest(&record);
		if (row[1].s.n != sizeof(d) ||
		    memcmp(row[1].s.p, &d, sizeof(d)) != 0)
			fault(c, "artefact %u: its digest is that of another", id);
	}
	r = judge(c, r);
	if (r == 0)
		r = sum_claims(c, row);
	arena_finish(&mem);
	return r;
}

static int check_artefact(struct check *c, const struct db_value *row)
{
	c->counts[META_ARTEFACTS]++;
	if (row[0].n < 1 || row[0].n > c->s->meta[META_ARTEFACTS]) {
		fault(c, "artefact %lld: no such number", (long long)row[0].n);
		return 0;
	}
	return check_record(c, row);
}

/* The digest of a set of artefacts, as a report or manifest has it. */
static int digest_of(struct check *c, const struct numbers *set,
                     struct digest *ret)
{
	struct digest *d = calloc(set->n + 1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i] > c->s->artefacts.n) {
			free(d);
			return db_damaged(c->s->db, "artefact %u is not there, but named",
			                  set->v[i]);
		}
		d[i] = c->s->artefacts.digests[set->v[i]];
	}
	*ret = digests_digest(d, digests_sort(d, set->n));
	free(d);
	return 0;
}

static int check_set(struct check *c, const char *what, int64_t id,
                     const struct numbers *set, struct slice digest)
{
	struct digest d;
	int r = digest_of(c, set, &d);

	if (r == 0 && (digest.n != sizeof(d) || memcmp(digest.p, &d, sizeof(d)) != 0))
		fault(c, "%s %lld: its digest is that of another set", what,
		      (long long)id);
	return judge(c, r);
}

static int check_manifest(struct check *c, const struct db_value *row)
{
	struct numbers set = {0};
	int r = numbers_unpack(row[2].s, &set);

	c->counts[META_MANIFESTS]++;
	if (r == -EUCLEAN || row[0].n < 1 || row[0].n > NUMBER_MAX) {
		fault(c, "manifest %lld: cannot be read", (long long)row[0].n);
		numbers_finish(&set);
		return 0;
	}
	if (r == 0)
		r = check_set(c, "manifest", row[0].n, &set, row[1].s);
	if (r == 0)
		r = sum_keys(c, POSTING_MANIFESTS_WITH, &set, (uint32_t)row[0].n);
	numbers_finish(&set);
	return r < 0 ? c->failed = r : 0;
}

/* ---- hosts and reports ------------------------------------------------- */

static int sum_report(struct check *c, const struct db_value *row, uint32_t host)
{
	struct numbers added = {0}, removed = {0};
	int r = numbers_unpack(row[3].s, &added);

	if (r == 0)
		r = numbers_unpack(row[4].s, &removed);
	if (r == 0)
		r = sum(c, POSTING_HOSTS_OF_MANIFEST, (uint32_t)row[2].n, host, false);
	if (r == 0)
		r = sum_keys(c, POSTING_HOSTS_WITH, &added, host);
	if (r == 0)
		r = sum_keys(c, POSTING_HOSTS_WITHOUT, &removed, host);
	numbers_finish(&added);
	numbers_finish(&removed);
	return r;
}

/* A report that its host's row of `seen` names is the current one. */
static int check_current(struct check *c, const struct db_value *row)
{
	int64_t host = row[0].n >> REPORTS_PER_HOST_BITS;
	int64_t number = row[0].n & ((1 << REPORTS_PER_HOST_BITS) - 1);
	const struct db_value *seen;
	struct db_rows *rows;
	int r = row_get(c->s->db, TABLE_SEEN, host, &rows, &seen);

	if (r <= 0) {
		if (r == 0)
			fault(c, "report %lld: its host is not there",
			      (long long)row[0].n);
		return judge(c, r);
	}
	bool current = number == seen[1].n;
	if (number > seen[1].n)
		fault(c, "report %lld: later than the host's last",
		      (long long)row[0].n);
	if (current && (row[2].n != seen[2].n || !slice_eq(row[5].s, seen[3].s)))
		fault(c, "seen %lld: not what the host's report says",
		      (long long)host);
	row_done(c->s->db, rows);
	return current ? sum_report(c, row, (uint32_t)host) : 0;
}

static int check_report(struct check *c, const struct db_value *row)
{
	struct numbers set = {0};
	int r = report_set(c->s, row, &set);

	c->counts[META_REPORTS]++;
	if (r == 0)
		r = check_set(c, "report", row[0].n, &set, row[5].s);
	numbers_finish(&set);
	r = judge(c, r);
	return r ? r : check_current(c, row);
}

/* A column of a host's block; a fault when it cannot be read. */
static uint64_t of_block(struct check *c, int64_t host, enum host_column column)
{
	int r = host_block_need(c->s->db, &c->cache,
	                        (uint32_t)host / HOST_BLOCK);

	if (r == 0)
		return c->cache.block.v[column][host % HOST_BLOCK];
	(void)judge(c, r);
	return 0;
}

static int check_seen(struct check *c, const struct db_value *row)
{
	const struct db_value *report;
	struct db_rows *rows;

	c->counts[META_REPORTED]++;
	if (row[0].n < 1 || row[0].n > c->s->meta[META_HOSTS]) {
		fault(c, "seen %lld: no such host", (long long)row[0].n);
		return 0;
	}
	int64_t last = (int64_t)of_block(c, row[0].n, HOST_LAST_SEEN);
	int r = row_get(c->s->db, TABLE_REPORT,
	                report_id((uint32_t)row[0].n, (uint32_t)row[1].n), &rows,
	                &report);
	if (r == 0)
		fault(c, "seen %lld: its report is not there", (long long)row[0].n);
	if (r > 0 && report[1].n > last)
		fault(c, "seen %lld: last seen before its report",
		      (long long)row[0].n);
	if (r > 0)
		row_done(c->s->db, rows);
	return judge(c, r);
}

static int check_host(struct check *c, const struct db_value *row)
{
	c->counts[META_HOSTS]++;
	if (row[0].n < 1 || row[0].n > c->s->meta[META_HOSTS])
		fault(c, "host %lld: no such number", (long long)row[0].n);
	return 0;
}

/* The row and the host's block together are what the host's hash is of. */
static int check_coverage(struct check *c, const struct db_value *row)
{
	const struct db_value *seen;
	struct db_rows *rows;

	if (row[0].n < 1 || row[0].n > c->s->meta[META_HOSTS]) {
		fault(c, "coverage %lld: no such host", (long long)row[0].n);
		return 0;
	}
	uint64_t flags = of_block(c, row[0].n, HOST_FLAGS);
	const struct store_coverage coverage = {
		.items = (uint64_t)row[1].n,
		.examined = (uint64_t)row[2].n,
		.bytes = (uint64_t)row[3].n,
		.incomplete = of_block(c, row[0].n, HOST_INCOMPLETE),
		.programs = of_block(c, row[0].n, HOST_PROGRAMS),
		.complete = flags & SEEN_COMPLETE,
		.deep = flags & SEEN_DEEP,
		.json = row[4].s,
	};
	int r = row_get(c->s->db, TABLE_SEEN, row[0].n, &rows, &seen);
	if (r <= 0) {
		if (r == 0)
			fault(c, "coverage %lld: its host did not report",
			      (long long)row[0].n);
		return judge(c, r);
	}
	if (seen[4].n != coverage_hash(&coverage))
		fault(c, "coverage %lld: not what its host reported",
		      (long long)row[0].n);
	row_done(c->s->db, rows);
	return 0;
}

static bool sound_host(const struct check *c, const struct host_block *b,
                       uint32_t i)
{
	const int64_t id = (int64_t)b->number * HOST_BLOCK + i;
	const uint64_t first = b->v[HOST_FIRST_SEEN][i];
	const uint64_t last = b->v[HOST_LAST_SEEN][i];

	return id <= c->s->meta[META_HOSTS] &&
	       (int64_t)b->v[HOST_UNIT][i] <= c->s->meta[META_UNITS] &&
	       b->v[HOST_FLAGS][i] <= (SEEN_COMPLETE | SEEN_DEEP) &&
	       first <= last && (first == 0) == (last == 0) &&
	       (id > 0 || (!first && !b->v[HOST_UNIT][i]));
}

static int check_host_block(struct check *c, const struct db_value *row)
{
	struct host_block *b = calloc(1, sizeof(*b));

	if (!b)
		return c->failed = -ENOMEM;
	int r = host_block_read(c->s->db, row, b);
	for (uint32_t i = 0; r == 0 && i < b->n; i++) {
		if (!sound_host(c, b, i))
			fault(c, "host_block %lld: what it says of host %lld cannot be",
			      (long long)row[0].n,
			      (long long)row[0].n * HOST_BLOCK + i);
		c->reported += b->v[HOST_LAST_SEEN][i] != 0;
	}
	free(b);
	return judge(c, r);
}

/* ---- values and counts ------------------------------------------------- */

static int count_attribute(struct check *c, const struct db_value *row)
{
	(void)row;
	c->counts[META_ATTRIBUTES]++;
	return 0;
}

static int count_block(struct check *c, const struct db_value *row)
{
	uint32_t n = 0;
	int r = values_in_block(c->s->db, row, &n);

	c->counts[META_VALUE_BLOCKS]++;
	c->counts[META_VALUES] += n;
	return judge(c, r);
}

static int count_unit(struct check *c, const struct db_value *row)
{
	(void)row;
	c->counts[META_UNITS]++;
	return 0;
}

static void check_counts(struct check *c)
{
	static const struct {
		enum meta which;
		const char *name;
	} counted[] = {
		{META_ATTRIBUTES, "attributes"}, {META_VALUE_BLOCKS, "value blocks"},
		{META_VALUES, "values"},
		{META_ARTEFACTS, "artefacts"},   {META_UNITS, "units"},
		{META_HOSTS, "hosts"},           {META_REPORTED, "hosts that reported"},
		{META_REPORTS, "reports"},       {META_MANIFESTS, "manifests"},
	};

	for (size_t i = 0; i < COUNT_OF(counted); i++) {
		long long is = (long long)c->counts[counted[i].which];
		long long said = (long long)c->s->meta[counted[i].which];
		if (is != said)
			fault(c, "meta says %lld %s, but there are %lld", said,
			      counted[i].name, is);
	}
	if (c->reported != c->counts[META_REPORTED])
		fault(c, "host_block has %lld hosts that reported, seen has %lld",
		      (long long)c->reported, (long long)c->counts[META_REPORTED]);
}

/* ---- all --------------------------------------------------------------- */

static const struct {
	enum table_id table;
	int (*check)(struct check *c, const struct db_value *row);
} steps[] = {
	{TABLE_META, NULL},
	{TABLE_ATTRIBUTE, count_attribute},
	{TABLE_VALUE_BLOCK, count_block},
	{TABLE_UNIT, count_unit},
	{TABLE_ARTEFACT, check_artefact},
	{TABLE_MANIFEST, check_manifest},
	{TABLE_HOST, check_host},
	{TABLE_HOST_BLOCK, check_host_block},
	{TABLE_SEEN, check_seen},
	{TABLE_COVERAGE, check_coverage},
	{TABLE_REPORT, check_report},
	{TABLE_POSTING, check_posting},
};

/* A damaged row is said and passed over. */
static int check_table(struct check *c, size_t step)
{
	struct db *db = c->s->db;
	const struct db_value *row;
	struct db_rows *rows;
	int r = db->driver->query(db, tables[steps[step].table].all, NULL, 0, &rows);

	if (r < 0)
		return judge(c, r);
	while ((r = db->driver->next(rows, &row)) > 0 && !c->failed) {
		r = row_verify(db, steps[step].table, row);
		if (r < 0)
			(void)judge(c, r);
		else if (steps[step].check)
			(void)steps[step].check(c, row);
	}
	row_done(db, rows);
	return c->failed ? c->failed : judge(c, r);
}

static int check_all(struct check *c)
{
	size_t before = c->words->n;
	int r = judge(c, c->s->db->driver->check(c->s->db, c->words));

	/* What could not be checked is said, and is no fault. */
	struct slice said = slice_from(str_slice(c->words), before), line;
	while (slice_line(&said, &line))
		c->faults += !slice_starts(line, SLICE("note: "));
	if (r == 0)
		r = judge(c, artefacts_load(c->s));
	for (size_t i = 0; i < COUNT_OF(steps) && r == 0; i++)
		r = check_table(c, i);
	if (r < 0)
		return r;
	check_sums(c);
	check_counts(c);
	return 0;
}

int store_check(struct store *s, struct str *words, struct err *e)
{
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	struct check *c = calloc(1, sizeof(*c));
	int faults = 0;
	r = -ENOMEM;
	if (c) {
		c->s = s;
		c->words = words;
		r = check_all(c);
		faults = c->faults;
		for (size_t i = 0; i < POSTING_KINDS; i++)
			free(c->sums[i].v);
		free(c);
	}
	read_end(s);
	if (r == 0 && str_failed(words))
		r = -ENOMEM;
	return r < 0 ? store_error(s, e, r, "checking") : faults;
}

/* Pages of postings from which all members went stay behind, empty. */
int store_compact(struct store *s, struct err *e)
{
	struct store_batch *b;
	int r = store_begin(s, COMPACT_WAIT_MS, e, &b);
	if (r < 0)
		return r;
	r = s->db->driver->exec(s->db, "DELETE FROM posting WHERE keys = ?1",
	                        &DB_B(page_empty()), 1);
	if (r < 0)
		(void)batch_fail(b, r);
	r = store_commit(b, e);
	if (r == 0)
		r = s->db->driver->compact(s->db);
	return r < 0 ? store_error(s, e, r, "compacting") : 0;
}
