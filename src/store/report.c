/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host reports. Nothing new is the common case and must be cheap: the set's
 * digest is compared with that of the host's last one, and that is all.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "store/internal.h"

enum { BUCKETS = 2048, BUCKET_MAX = 64 };

/* ---- sets of digests --------------------------------------------------- */

static int by_digest(const void *a, const void *b)
{
	return digest_compare(a, b);
}

static bool is_sorted(const struct digest *d, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (digest_compare(&d[i], &d[i - 1]) < 0)
			return false;
	return true;
}

static void insertion_sort(struct digest *d, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct digest x = d[i];
		size_t j = i;
		for (; j > 0 && digest_compare(&x, &d[j - 1]) < 0; j--)
			d[j] = d[j - 1];
		d[j] = x;
	}
}

static size_t bucket_of(const struct digest *d)
{
	return (size_t)d->bytes[0] << 3 | d->bytes[1] >> 5;
}

/*
 * Digests are as good as random, so their first bits put them into nearly
 * even buckets. (One who makes records with alike digests meets qsort.)
 */
static bool bucket_sort(struct digest *d, size_t n)
{
	uint32_t ends[BUCKETS] = {0}, start = 0;
	struct digest *from = n < UINT32_MAX ? malloc(n * sizeof(*from)) : NULL;

	if (!from)
		return false;
	memcpy(from, d, n * sizeof(*from));
	for (size_t i = 0; i < n; i++)
		ends[bucket_of(&from[i])]++;
	for (uint32_t i = 0, sum = 0; i < BUCKETS; i++) {
		uint32_t here = ends[i];
		ends[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		d[ends[bucket_of(&from[i])]++] = from[i];
	for (size_t i = 0; i < BUCKETS; start = ends[i++]) {
		if (ends[i] - start <= BUCKET_MAX)
			insertion_sort(d + start, ends[i] - start);
		else
			qsort(d + start, ends[i] - start, sizeof(*d), by_digest);
	}
	free(from);
	return true;
}

size_t digests_sort(struct digest *d, size_t n)
{
	size_t last = 0;

	if (n == 0)
		return 0;
	if (!is_sorted(d, n) && !bucket_sort(d, n))
		qsort(d, n, sizeof(*d), by_digest);
	for (size_t i = 1; i < n; i++)
		if (digest_compare(&d[i], &d[last]) != 0)
			d[++last] = d[i];
	return last + 1;
}

struct digest digests_digest(const struct digest *sorted, size_t n)
{
	struct digest d = {0};
	uint8_t sha[EVP_MAX_MD_SIZE];

	if (EVP_Digest(n ? (const void *)sorted : "", n * sizeof(*sorted), sha,
	               NULL, EVP_sha256(), NULL) == 1)
		memcpy(d.bytes, sha, sizeof(d.bytes));
	return d;
}

/* ---- rows of report ---------------------------------------------------- */

int report_set(struct store *s, const struct db_value *row, struct numbers *ret)
{
	struct numbers set = {0}, added = {0}, removed = {0}, left = {0};
	int r = numbers_unpack(row[3].s, &added);

	if (r == 0)
		r = numbers_unpack(row[4].s, &removed);
	if (r == -EUCLEAN)
		r = db_damaged(s->db, "report %lld: cannot be read",
		               (long long)row[0].n);
	if (r == 0)
		r = manifest_read(s, (uint32_t)row[2].n, &set);
	if (r == 0) {
		numbers_minus(&set, &removed, &left);
		numbers_union(&left, &added, ret);
		r = left.failed || ret->failed ? -ENOMEM : 0;
	}
	numbers_finish(&set);
	numbers_finish(&added);
	numbers_finish(&removed);
	numbers_finish(&left);
	return r;
}

static int write_report(struct store_batch *b, const struct host_entry *x,
                        int64_t since, const struct difference *d)
{
	struct str added = {0}, removed = {0};

	numbers_pack(&d->added, &added);
	numbers_pack(&d->removed, &removed);
	int r = str_failed(&added) || str_failed(&removed) ? -ENOMEM : 0;
	if (r == 0)
		r = rows_add(&b->reports, (struct db_value[]){
			DB_N(report_id(x->id, x->report)), DB_N(since),
			DB_N(d->manifest), DB_B(str_slice(&added)),
			DB_B(str_slice(&removed)),
			DB_B(slice_of(x->digest.bytes, sizeof(x->digest.bytes)))});
	str_finish(&added);
	str_finish(&removed);
	return r;
}

/* ---- postings ---------------------------------------------------------- */

static int change_all(struct store_batch *b, enum posting_kind kind,
                      const struct numbers *keys, uint32_t host, bool comes)
{
	int r = keys->failed ? -ENOMEM : 0;

	for (size_t i = 0; i < keys->n && r == 0; i++)
		r = posting_change(b, kind, keys->v[i], host, comes);
	return r;
}

/* What left the set takes its posting away, what came brings one. */
static int change_kind(struct store_batch *b, enum posting_kind kind,
                       uint32_t host, const struct numbers *before,
                       const struct numbers *now)
{
	struct numbers gone = {0}, new = {0};

	numbers_minus(before, now, &gone);
	numbers_minus(now, before, &new);
	int r = change_all(b, kind, &gone, host, false);
	if (r == 0)
		r = change_all(b, kind, &new, host, true);
	numbers_finish(&gone);
	numbers_finish(&new);
	return r;
}

/* The postings turn from the host's last report to `now` (manifest 0: none). */
static int change_postings(struct store_batch *b, uint32_t host,
                           const struct difference *before,
                           const struct difference *now)
{
	int r = 0;

	if (before->manifest != now->manifest) {
		if (before->manifest)
			r = posting_change(b, POSTING_HOSTS_OF_MANIFEST,
			                   before->manifest, host, false);
		if (r == 0 && now->manifest)
			r = posting_change(b, POSTING_HOSTS_OF_MANIFEST, now->manifest,
			                   host, true);
	}
	if (r == 0)
		r = change_kind(b, POSTING_HOSTS_WITH, host, &before->added,
		                &now->added);
	if (r == 0)
		r = change_kind(b, POSTING_HOSTS_WITHOUT, host, &before->removed,
		                &now->removed);
	return r;
}

static int read_before(struct store_batch *b, const struct host_entry *x,
                       struct difference *ret)
{
	struct db *db = b->s->db;
	const struct db_value *row;
	struct db_rows *rows;
	int r = x->fresh ? rows_flush(&b->reports) : 0;

	if (r < 0 || !host_get(&b->s->hosts, x->id, HOST_LAST_SEEN))
		return r;
	r = row_get(db, TABLE_REPORT, report_id(x->id, x->report), &rows, &row);
	if (r <= 0)
		return r ? r : db_damaged(db, "host %u has no report %u", x->id,
		                          x->report);
	ret->manifest = (uint32_t)row[2].n;
	r = numbers_unpack(row[3].s, &ret->added);
	if (r == 0)
		r = numbers_unpack(row[4].s, &ret->removed);
	row_done(db, rows);
	return r == -EUCLEAN ? db_damaged(db, "report of host %u: cannot be read",
	                                  x->id)
	                     : r;
}

/* ---- reporting --------------------------------------------------------- */

static int next_number(struct store_batch *b, struct host_entry *x, int64_t time)
{
	struct hosts *h = &b->s->hosts;

	if (!host_get(h, x->id, HOST_LAST_SEEN)) {
		host_set(h, x->id, HOST_FIRST_SEEN, (uint64_t)time);
		b->s->meta[META_REPORTED]++;
		return 0;
	}
	return ++x->report >> REPORTS_PER_HOST_BITS ? -E2BIG : 0;
}

/* The set is another than the last one. b->difference says how. */
static int store_changed(struct store_batch *b, struct host_entry *x,
                         int64_t time, const struct digest *digest)
{
	struct difference before = {0};
	int r = read_before(b, x, &before);

	if (r == 0)
		r = change_postings(b, x->id, &before, &b->difference);
	if (r == 0)
		r = next_number(b, x, time);
	numbers_finish(&before.added);
	numbers_finish(&before.removed);
	if (r < 0)
		return r;
	x->digest = *digest;
	x->manifest = b->difference.manifest;
	x->fresh = true;
	b->s->meta[META_REPORTS]++;
	return write_report(b, x, time, &b->difference);
}

static bool same_digest(const struct digest *a, const struct digest *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* 1 changed, 0 not, -ENOENT: an artefact is not stored, nothing was done. */
static int report(struct store_batch *b, uint32_t entry, int64_t time,
                  const struct store_coverage *coverage,
                  struct digest *artefacts, size_t n)
{
	struct hosts *h = &b->s->hosts;
	struct host_entry *x = &h->entries[entry];
	uint64_t last = host_get(h, x->id, HOST_LAST_SEEN);
	int r = 0, changed = 0;

	if ((uint64_t)time < last)
		return 0;
	n = digests_sort(artefacts, n);
	struct digest digest = digests_digest(artefacts, n);
	if (!last || !same_digest(&x->digest, &digest)) {
		r = manifest_for(b, artefacts, n, &digest, x->manifest,
		                 &b->difference);
		if (r == 0)
			r = store_changed(b, x, time, &digest);
		if (r == 0)
			r = host_reported(b, entry);
		changed = 1;
	}
	if (r < 0)
		return r;
	host_set(h, x->id, HOST_LAST_SEEN, (uint64_t)time);
	r = coverage ? host_covered(b, entry, coverage) : 0;
	return r ? r : changed;
}

int report_forget(struct store_batch *b, uint32_t entry)
{
	static const struct difference none;
	struct hosts *h = &b->s->hosts;
	struct host_entry *x = &h->entries[entry];
	struct difference before = {0};
	struct db_value args[] = {DB_N(report_id(x->id, 0)),
	                          DB_N(report_id(x->id + 1, 0))};
	int r = read_before(b, x, &before);

	if (r == 0)
		r = change_postings(b, x->id, &before, &none);
	if (r == 0)
		r = b->s->db->driver->exec(b->s->db, "DELETE FROM report"
		                           " WHERE id >= ?1 AND id < ?2",
		                           args, COUNT_OF(args));
	numbers_finish(&before.added);
	numbers_finish(&before.removed);
	if (r < 0 || !host_get(h, x->id, HOST_LAST_SEEN))
		return r;
	b->s->meta[META_REPORTS] -= x->report + 1;
	b->s->meta[META_REPORTED]--;
	host_set(h, x->id, HOST_FIRST_SEEN, 0);
	host_set(h, x->id, HOST_LAST_SEEN, 0);
	x->report = x->manifest = 0;
	x->digest = (struct digest){0};
	return 0;
}

/* A host that cannot be is the caller's fault and leaves the batch whole. */
static int give_up(struct store_batch *b, int r, const char *doing,
                   struct err *e)
{
	if (r == -EBADMSG)
		return err_set(e, -EINVAL, "%s", db_error(b->s->db));
	return store_error(b->s, e, batch_fail(b, r), doing);
}

static bool in_range(const struct store_coverage *c)
{
	return (c->items | c->examined | c->bytes | c->incomplete | c->programs) <=
	       INT64_MAX;
}

int store_report(struct store_batch *b, const struct store_host *host,
                 int64_t time, const struct store_coverage *coverage,
                 struct digest *artefacts, size_t n, struct err *e)
{
	uint32_t entry;
	int r = b->failed;

	if (r < 0)
		return store_error(b->s, e, r, "storing a report in");
	if (time < 1)
		return err_set(e, -EINVAL, "a report's time must be after 1970");
	if (coverage && !in_range(coverage))
		return err_set(e, -EINVAL, "a report counts more than can be kept");
	r = host_entry(b, host, &entry);
	if (r == 0)
		r = report(b, entry, time, coverage, artefacts, n);
	if (r == -ENOENT)
		return err_set(e, -EINVAL, "the report of %.*s names an artefact "
		               "that was not given", SLICE_ARG(host->name));
	return r < 0 ? give_up(b, r, "storing a report in", e) : r;
}

int store_expect(struct store_batch *b, const struct store_host *host,
                 struct err *e)
{
	uint32_t entry;
	int r = b->failed ? b->failed : host_entry(b, host, &entry);

	return r < 0 ? give_up(b, r, "storing a host in", e) : 0;
}
