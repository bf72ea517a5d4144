/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sketch.h"

#include <errno.h>
#include <stdlib.h>

enum {
	SKETCH = 64,
	INDEXED_MAX = 16384,       /* manifests that may be voted for: the newest */
	VOTES_ENOUGH = SKETCH / 8, /* of digests that are not common */
	VOTERS_FIRST = 4096,       /* a power of two */
};

void sketches_finish(struct manifests *m)
{
	for (uint32_t i = 0; i < m->n_slots; i++)
		free(m->voters[i].ids);
	free(m->voters);
	free(m->votes);
}

/* ---- voters ------------------------------------------------------------ */

static uint64_t prefix_of(const struct digest *d)
{
	uint64_t p;

	memcpy(&p, d->bytes, sizeof(p));
	return be64toh(p);
}

/* The prefix's voters, or the empty slot where they belong. */
static struct voters *find_voters(const struct manifests *m, uint64_t prefix)
{
	uint32_t i = (uint32_t)(prefix * 0x9e3779b97f4a7c15 >> 32);

	for (;; i++) {
		struct voters *v = &m->voters[i & (m->n_slots - 1)];
		if (v->n == 0 || v->prefix == prefix)
			return v;
	}
}

static int grow_voters(struct manifests *m)
{
	struct manifests grown = {.n_slots = m->n_slots ? m->n_slots * 2
	                                                : VOTERS_FIRST};

	if (m->n_voters < m->n_slots / 2)
		return 0;
	grown.voters = calloc(grown.n_slots, sizeof(*grown.voters));
	if (!grown.voters)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->n_slots; i++)
		if (m->voters[i].n)
			*find_voters(&grown, m->voters[i].prefix) = m->voters[i];
	free(m->voters);
	m->voters = grown.voters;
	m->n_slots = grown.n_slots;
	return 0;
}

static int add_sketch(struct manifests *m, uint32_t id, uint64_t prefix)
{
	if (grow_voters(m) < 0)
		return -ENOMEM;
	struct voters *v = find_voters(m, prefix);
	size_t size = v->size;
	if (array_grow(&v->ids, v->n, &size, sizeof(*v->ids)) < 0)
		return -ENOMEM;
	v->size = (uint32_t)size;
	m->n_voters += v->n == 0;
	v->prefix = prefix;
	v->ids[v->n++] = id;
	return 0;
}

/* ---- the index --------------------------------------------------------- */

/* Keeps the smallest SKETCH prefixes seen, ascending. */
static size_t note_small(uint64_t *small, size_t n, uint64_t prefix)
{
	if (n == SKETCH && prefix >= small[n - 1])
		return n;
	size_t i = n < SKETCH ? n++ : n - 1;
	for (; i > 0 && small[i - 1] > prefix; i--)
		small[i] = small[i - 1];
	small[i] = prefix;
	return n;
}

int sketch_index(struct store *s, uint32_t id, const struct numbers *artefacts)
{
	uint64_t small[SKETCH];
	size_t n = 0;
	int r = manifests_reserve(&s->manifests, id);

	for (size_t i = 0; i < artefacts->n; i++) {
		if (artefacts->v[i] > s->artefacts.n)
			return db_damaged(s->db, "manifest %u names artefact %u, which "
			                  "is not there", id, artefacts->v[i]);
		n = note_small(small, n,
		               prefix_of(&s->artefacts.digests[artefacts->v[i]]));
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_sketch(&s->manifests, id, small[i]);
	return r;
}

int sketch_index_new(struct store *s)
{
	struct manifests *m = &s->manifests;
	uint32_t last = (uint32_t)s->meta[META_MANIFESTS];
	struct numbers artefacts = {0};
	int r = 0;

	if (last > INDEXED_MAX && m->indexed < last - INDEXED_MAX)
		m->indexed = last - INDEXED_MAX;
	while (m->indexed < last && r == 0) {
		numbers_clear(&artefacts);
		r = manifest_read(s, m->indexed + 1, &artefacts);
		if (r == 0)
			r = sketch_index(s, m->indexed + 1, &artefacts);
		m->indexed += r == 0;
	}
	numbers_finish(&artefacts);
	return r;
}

/* ---- voting ------------------------------------------------------------ */

static void note_candidate(struct candidates *c, uint32_t id, uint16_t votes)
{
	size_t i = 0;

	while (i < c->n && c->votes[i] >= votes)
		i++;
	if (i == CANDIDATES)
		return;
	if (c->n < CANDIDATES)
		c->n++;
	for (size_t j = c->n - 1; j > i; j--) {
		c->ids[j] = c->ids[j - 1];
		c->votes[j] = c->votes[j - 1];
	}
	c->ids[i] = id;
	c->votes[i] = votes;
}

/* Counts the voters of a set; prefixes that more than `most` have are passed
 * over. */
static void count_votes(struct manifests *m, const struct digest *set, size_t n,
                        uint32_t most)
{
	for (size_t i = 0; i < n && i < SKETCH; i++) {
		const struct voters *v = find_voters(m, prefix_of(&set[i]));
		for (uint32_t k = 0; v->n <= most && k < v->n; k++)
			m->votes[v->ids[k]]++;
	}
}

/* Of equally many votes, the newer manifest counts: it has less to remove. */
static void elect(struct manifests *m, struct candidates *ret)
{
	*ret = (struct candidates){0};
	for (uint32_t id = m->size; id-- > 0;)
		if (m->votes[id])
			note_candidate(ret, id, m->votes[id]);
	memset(m->votes, 0, m->size * sizeof(*m->votes));
}

/* What a quarter of all manifests have says little, unless it is all there is. */
int sketch_vote(struct store *s, const struct digest *set, size_t n,
                struct candidates *ret)
{
	struct manifests *m = &s->manifests;
	int r = sketch_index_new(s);

	*ret = (struct candidates){0};
	if (r < 0 || m->n_slots == 0)
		return r;
	count_votes(m, set, n, m->indexed / 4);
	elect(m, ret);
	if (ret->n > 0 && ret->votes[0] >= VOTES_ENOUGH)
		return 0;
	count_votes(m, set, n, UINT32_MAX);
	elect(m, ret);
	return 0;
}
