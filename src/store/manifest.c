/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests: sets of artefacts that hosts share, so that a host is stored as
 * what it has more and less.
 *
 * The first host of its kind leaves a manifest with all that it holds, its own
 * peculiarities included, and each host like it would have to be written with
 * those as removed. So a host that lacks too much of the nearest manifest
 * makes a new one, of what the two have in common.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/sketch.h"

enum {
	FAR_PERCENT = 25,        /* a set that differs more gets a new manifest */
	NEAR_PERCENT = 12,       /* one that differs less looks no further */
	LACK_PERCENT = 3,        /* a set that lacks more makes one in common */
	BYTES_MAX = 192 << 20,   /* of manifests in memory */
};

static void manifest_free(struct manifest *m)
{
	if (!m)
		return;
	free(m->digests);
	free(m->artefacts);
	free(m);
}

void manifests_finish(struct manifests *m)
{
	for (uint32_t i = 0; i < m->size; i++)
		manifest_free(m->by_id[i]);
	free(m->by_id);
	sketches_finish(m);
	*m = (struct manifests){0};
}

/* ---- manifests in memory ----------------------------------------------- */

static size_t bytes_of(const struct manifest *m)
{
	return sizeof(*m) + m->n * (sizeof(*m->digests) + sizeof(*m->artefacts));
}

int manifests_reserve(struct manifests *m, uint32_t id)
{
	uint32_t size = m->size ? m->size : 256;

	while (size <= id)
		size *= 2;
	if (size == m->size)
		return 0;
	struct manifest **by_id = reallocarray(m->by_id, size, sizeof(*by_id));
	if (!by_id)
		return -ENOMEM;
	memset(by_id + m->size, 0, (size - m->size) * sizeof(*by_id));
	m->by_id = by_id;
	uint16_t *votes = reallocarray(m->votes, size, sizeof(*votes));
	if (!votes)
		return -ENOMEM;
	memset(votes + m->size, 0, (size - m->size) * sizeof(*votes));
	m->votes = votes;
	m->size = size;
	return 0;
}

/* Drops manifests that were not used lately, until there is room. */
static void make_room(struct manifests *m)
{
	for (uint32_t looked = 0; m->bytes > BYTES_MAX && looked < 2 * m->size;
	     looked++) {
		m->hand = m->hand + 1 < m->size ? m->hand + 1 : 0;
		struct manifest *x = m->by_id[m->hand];
		if (!x || (looked < m->size && m->clock - x->used < m->size / 2))
			continue;
		m->bytes -= bytes_of(x);
		manifest_free(x);
		m->by_id[m->hand] = NULL;
	}
}

struct pair {
	struct digest digest;
	uint32_t artefact;
};

static int by_digest(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return digest_compare(&x->digest, &y->digest);
}

/* The digests of artefacts, each with its number, ascending by digest. */
static int make_pairs(struct store *s, const struct numbers *artefacts,
                      struct pair **ret)
{
	struct pair *pairs = calloc(artefacts->n + 1, sizeof(*pairs));

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < artefacts->n; i++) {
		uint32_t id = artefacts->v[i];
		if (id > s->artefacts.n) {
			free(pairs);
			return db_damaged(s->db, "artefact %u is not there", id);
		}
		pairs[i] = (struct pair){s->artefacts.digests[id], id};
	}
	qsort(pairs, artefacts->n, sizeof(*pairs), by_digest);
	*ret = pairs;
	return 0;
}

/* Takes a manifest into memory. */
static int keep(struct store *s, uint32_t id, const struct numbers *artefacts,
                struct manifest **ret)
{
	struct manifests *all = &s->manifests;
	struct manifest *m = calloc(1, sizeof(*m));
	struct pair *pairs = NULL;

	if (!m)
		return -ENOMEM;
	int r = make_pairs(s, artefacts, &pairs);
	if (r < 0) {
		free(m);
		return r;
	}
	m->id = id;
	m->n = artefacts->n;
	m->digests = calloc(m->n + 1, sizeof(*m->digests));
	m->artefacts = calloc(m->n + 1, sizeof(*m->artefacts));
	r = m->digests && m->artefacts ? manifests_reserve(all, id) : -ENOMEM;
	for (size_t i = 0; i < m->n && r == 0; i++) {
		m->digests[i] = pairs[i].digest;
		m->artefacts[i] = pairs[i].artefact;
	}
	free(pairs);
	if (r < 0) {
		manifest_free(m);
		return r;
	}
	make_room(all);
	m->used = ++all->clock;
	all->by_id[id] = m;
	all->bytes += bytes_of(m);
	*ret = m;
	return 0;
}

int manifest_read(struct store *s, uint32_t id, struct numbers *ret)
{
	const struct db_value *row;
	struct db_rows *rows;
	int r = row_get(s->db, TABLE_MANIFEST, id, &rows, &row);

	if (r == 0)
		return db_damaged(s->db, "manifest %u is not there", id);
	if (r < 0)
		return r;
	r = numbers_unpack(row[2].s, ret);
	row_done(s->db, rows);
	return r == -EUCLEAN
	               ? db_damaged(s->db, "manifest %u: cannot be read", id)
	               : r;
}

/* The manifest, from memory or read into it. Lasts until the next call. */
static int get(struct store *s, uint32_t id, struct manifest **ret)
{
	struct manifests *all = &s->manifests;
	struct numbers artefacts = {0};

	if (id < all->size && all->by_id[id]) {
		*ret = all->by_id[id];
		(*ret)->used = ++all->clock;
		return 0;
	}
	int r = manifest_read(s, id, &artefacts);
	if (r == 0)
		r = keep(s, id, &artefacts, ret);
	numbers_finish(&artefacts);
	return r;
}

/* ---- choosing ---------------------------------------------------------- */

/* How many digests are in one and not in the other; more than `most` is as
 * good as any. */
static size_t distance(const struct manifest *m, const struct digest *set,
                       size_t n, size_t most)
{
	size_t i = 0, j = 0, apart = 0;

	while (i < m->n && j < n && apart <= most) {
		int c = digest_compare(&m->digests[i], &set[j]);
		apart += c != 0;
		i += c <= 0;
		j += c >= 0;
	}
	return apart + m->n - i + n - j;
}

/* The nearest manifest: *ret 0 when all are far. */
static int nearest(struct store *s, const struct digest *set, size_t n,
                   uint32_t present, uint32_t *ret)
{
	struct candidates c = {.ids = {present}, .n = present != 0};
	struct manifest *m;
	size_t far = n * FAR_PERCENT / 100, near = n * NEAR_PERCENT / 100;
	size_t best = far + 1;
	int r = 0;

	*ret = 0;
	if (present) {
		r = get(s, present, &m);
		if (r == 0 && distance(m, set, n, far) <= far) {
			*ret = present;
			return 0;
		}
	}
	if (r == 0)
		r = sketch_vote(s, set, n, &c);
	for (size_t i = 0; i < c.n && r == 0 && best > near; i++) {
		r = get(s, c.ids[i], &m);
		size_t d = r == 0 ? distance(m, set, n, best) : SIZE_MAX;
		if (d >= best)
			continue;
		best = d;
		*ret = m->id;
	}
	return r;
}

static int take_added(struct store *s, const struct digest *d,
                      struct numbers *ret)
{
	uint32_t id = idmap_find(&s->artefacts, d);

	if (!id)
		return -ENOENT;
	numbers_add(ret, id);
	return 0;
}

/* The numbers of digests, which lie all over memory: each is fetched while
 * those before it are looked at. */
static int take_all(struct store *s, const struct digest *set,
                    const struct numbers *places, struct numbers *ret)
{
	enum { AHEAD = 8 };
	int r = places->failed ? -ENOMEM : 0;

	for (size_t i = 0; i < places->n && r == 0; i++) {
		if (i + AHEAD < places->n)
			idmap_fetch(&s->artefacts, &set[places->v[i + AHEAD]]);
		r = take_added(s, &set[places->v[i]], ret);
	}
	return r;
}

static int differ(struct store *s, const struct manifest *m,
                  const struct digest *set, size_t n, struct difference *ret)
{
	struct numbers places = {0}; /* in the set, of what is added */
	size_t i = 0, j = 0;

	while (i < m->n || j < n) {
		int c = i == m->n ? 1
		        : j == n  ? -1
		                  : digest_compare(&m->digests[i], &set[j]);
		if (c < 0)
			numbers_add(&ret->removed, m->artefacts[i]);
		else if (c > 0)
			numbers_add(&places, (uint32_t)j);
		i += c <= 0;
		j += c >= 0;
	}
	int r = take_all(s, set, &places, &ret->added);
	numbers_finish(&places);
	numbers_sort(&ret->added);
	numbers_sort(&ret->removed);
	if (ret->added.failed || ret->removed.failed)
		return -ENOMEM;
	ret->manifest = m->id;
	return r;
}

/* ---- making ------------------------------------------------------------ */

static int write_manifest(struct store_batch *b, const struct digest *digest,
                          const struct numbers *artefacts, uint32_t id)
{
	struct str packed = {0};

	numbers_pack(artefacts, &packed);
	int r = str_failed(&packed) ? -ENOMEM
	                            : row_put(b->s->db, TABLE_MANIFEST,
	                                      (struct db_value[]){
		DB_N(id), DB_B(slice_of(digest->bytes, sizeof(digest->bytes))),
		DB_B(str_slice(&packed))});
	str_finish(&packed);
	for (size_t i = 0; i < artefacts->n && r == 0; i++)
		r = posting_change(b, POSTING_MANIFESTS_WITH, artefacts->v[i], id,
		                   true);
	return r;
}

/* Makes a manifest of the whole set. */
static int make(struct store_batch *b, const struct digest *set, size_t n,
                const struct digest *digest, uint32_t *ret)
{
	struct store *s = b->s;
	uint32_t id = (uint32_t)s->meta[META_MANIFESTS] + 1;
	struct numbers artefacts = {0};
	struct manifest *m;
	int r = id > NUMBER_MAX ? -E2BIG : sketch_index_new(s);

	for (size_t i = 0; i < n && r == 0; i++)
		r = take_added(s, &set[i], &artefacts);
	numbers_sort(&artefacts);
	if (r == 0 && artefacts.failed)
		r = -ENOMEM;
	if (r == 0)
		r = write_manifest(b, digest, &artefacts, id);
	if (r == 0)
		r = keep(s, id, &artefacts, &m);
	if (r == 0)
		r = sketch_index(s, id, &artefacts);
	if (r == 0) {
		s->meta[META_MANIFESTS] = s->manifests.indexed = id;
		*ret = id;
	}
	numbers_finish(&artefacts);
	return r;
}

/* A manifest of exactly that set that nobody voted for: an old one. */
static int find_equal(struct store *s, const struct digest *digest,
                      uint32_t *ret)
{
	const struct db_value *row;
	struct db_rows *rows;
	int r = row_first(s->db, TABLE_MANIFEST,
	                  "SELECT * FROM manifest WHERE digest = ?1",
	                  &DB_B(slice_of(digest->bytes, sizeof(digest->bytes))), 1,
	                  &rows, &row);

	*ret = 0;
	if (r <= 0)
		return r;
	*ret = (uint32_t)row[0].n;
	row_done(s->db, rows);
	return 0;
}

/* Appends what the manifest and the set have in common. */
static size_t in_common(const struct manifest *m, const struct digest *set,
                        size_t n, struct digest *ret)
{
	size_t i = 0, j = 0, n_ret = 0;

	while (i < m->n && j < n) {
		int c = digest_compare(&m->digests[i], &set[j]);
		if (c == 0)
			ret[n_ret++] = set[j];
		i += c <= 0;
		j += c >= 0;
	}
	return n_ret;
}

/* The manifest of what the set has in common with another one. */
static int common_manifest(struct store_batch *b, const struct manifest *m,
                           const struct digest *set, size_t n, uint32_t *ret)
{
	struct digest *common = calloc(n + 1, sizeof(*common));
	uint32_t id = 0;

	if (!common)
		return -ENOMEM;
	size_t n_common = in_common(m, set, n, common);
	struct digest digest = digests_digest(common, n_common);
	int r = find_equal(b->s, &digest, &id);
	if (r == 0 && !id)
		r = make(b, common, n_common, &digest, &id);
	free(common);
	if (r == 0)
		*ret = id;
	return r;
}

static int differ_from(struct store *s, uint32_t id, const struct digest *set,
                       size_t n, struct difference *ret)
{
	struct manifest *m;
	int r = get(s, id, &m);

	numbers_clear(&ret->added);
	numbers_clear(&ret->removed);
	return r ? r : differ(s, m, set, n, ret);
}

int manifest_for(struct store_batch *b, const struct digest *set, size_t n,
                 const struct digest *digest, uint32_t present,
                 struct difference *ret)
{
	struct store *s = b->s;
	struct manifest *m;
	uint32_t id;
	int r = artefacts_load(s);

	if (r == 0)
		r = nearest(s, set, n, present, &id);
	if (r == 0 && !id)
		r = find_equal(s, digest, &id);
	if (r == 0 && !id)
		r = make(b, set, n, digest, &id);
	if (r == 0)
		r = differ_from(s, id, set, n, ret);
	if (r < 0 || id == present || ret->removed.n * 100 <= n * LACK_PERCENT)
		return r;
	r = get(s, id, &m);
	if (r == 0)
		r = common_manifest(b, m, set, n, &id);
	return r ? r : differ_from(s, id, set, n, ret);
}
