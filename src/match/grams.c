/* SPDX-License-Identifier: Apache-2.0 */
#include "match/grams.h"

#include <errno.h>
#include <stdlib.h>

/* The filter is a table of 64-bit cells; a word sets two bits in one of them,
 * so that asking costs one access to memory. */
enum {
	CELLS_LOW = 9,   /* 2^9 cells, 4 KiB: stays in the first cache */
	CELLS_HIGH = 15, /* 2^15 cells, 256 KiB: the second one */
	/* So full, one look in a hundred goes further in vain. */
	WORDS_PER_CELL = 4,
	BUCKET_BITS = 16,
};

/* Four bytes of a literal, and where in it they stand. */
struct gram {
	uint32_t word, literal;
	uint32_t at;
};

struct grams {
	const struct slice *literals;
	size_t n, longest;
	size_t step;          /* places looked at are this far apart */
	unsigned cell_shift;
	uint64_t *cells;
	uint32_t *buckets;    /* first gram of each hash; one more at the end */
	struct gram *grams;   /* by bucket */
};

static uint32_t word_at(const uint8_t *p)
{
	uint32_t word;
	memcpy(&word, p, sizeof(word));
	return word;
}

/* Multiplicative hashing (Knuth); the upper bits are the good ones. */
static uint64_t mix(uint32_t word)
{
	return word * 0x9e3779b97f4a7c15;
}

static size_t bucket_of(uint32_t word)
{
	return mix(word) >> (64 - BUCKET_BITS);
}

/* The two bits of a word, from parts of the hash that choose no cell. */
static uint64_t bits_of(uint64_t hash)
{
	return (uint64_t)1 << (hash >> 36 & 63) | (uint64_t)1 << (hash >> 42 & 63);
}

static int measure(struct grams *g)
{
	size_t shortest = SIZE_MAX;

	for (size_t i = 0; i < g->n; i++) {
		size_t n = g->literals[i].n;
		if (n < GRAM_BYTES)
			return -EINVAL;
		if (n < shortest)
			shortest = n;
		if (n > g->longest)
			g->longest = n;
	}
	g->step = g->n ? shortest - (GRAM_BYTES - 1) : 1;
	return 0;
}

/* Counting sort: the sizes of the buckets, then their ends, then the grams
 * from the back, so that of one literal's equal words the later comes first:
 * it belongs to the earlier place. */
static void sort_grams(struct grams *g)
{
	const size_t buckets = (size_t)1 << BUCKET_BITS;

	for (size_t i = 0; i < g->n; i++)
		for (size_t at = 0; at < g->step; at++)
			g->buckets[bucket_of(word_at(g->literals[i].p + at))]++;
	for (size_t b = 1; b <= buckets; b++)
		g->buckets[b] += g->buckets[b - 1];
	for (size_t i = g->n; i > 0; i--)
		for (size_t at = 0; at < g->step; at++) {
			uint32_t word = word_at(g->literals[i - 1].p + at);
			uint32_t to = --g->buckets[bucket_of(word)];
			g->grams[to] = (struct gram){word, (uint32_t)(i - 1),
			                             (uint32_t)at};
		}
}

static void fill_cells(struct grams *g, size_t n_grams)
{
	for (size_t i = 0; i < n_grams; i++) {
		uint64_t hash = mix(g->grams[i].word);
		g->cells[hash >> g->cell_shift] |= bits_of(hash);
	}
}

int grams_new(const struct slice *literals, size_t n, struct grams **ret)
{
	struct grams *g = n <= LITERALS_MAX ? calloc(1, sizeof(*g)) : NULL;
	unsigned bits = CELLS_LOW;

	if (!g)
		return n > LITERALS_MAX ? -E2BIG : -ENOMEM;
	*g = (struct grams){.literals = literals, .n = n};
	int r = measure(g);
	size_t n_grams = n * g->step;
	if (r == 0 && n_grams > UINT32_MAX / 2)
		r = -E2BIG;
	while (bits < CELLS_HIGH && (size_t)1 << bits < n_grams / WORDS_PER_CELL)
		bits++;
	g->cell_shift = 64 - bits;
	if (r == 0) {
		g->cells = calloc((size_t)1 << bits, sizeof(*g->cells));
		g->buckets = calloc(((size_t)1 << BUCKET_BITS) + 1,
		                    sizeof(*g->buckets));
		g->grams = calloc(n_grams + 1, sizeof(*g->grams));
		if (!g->cells || !g->buckets || !g->grams)
			r = -ENOMEM;
	}
	if (r < 0) {
		grams_free(g);
		return r;
	}
	sort_grams(g);
	fill_cells(g, n_grams);
	*ret = g;
	return 0;
}

void grams_free(struct grams *g)
{
	if (!g)
		return;
	free(g->cells);
	free(g->buckets);
	free(g->grams);
	free(g);
}

size_t grams_longest(const struct grams *g)
{
	return g->longest;
}

/* The word at bytes[at] may be one of ours. */
static void compare(const struct grams *g, struct slice bytes, size_t at,
                    const struct grams_use *use)
{
	const uint32_t word = word_at(bytes.p + at);
	const size_t bucket = bucket_of(word);

	for (uint32_t i = g->buckets[bucket]; i < g->buckets[bucket + 1]; i++) {
		const struct gram *gram = &g->grams[i];
		if (gram->word != word || gram->at > at)
			continue;
		const struct slice literal = g->literals[gram->literal];
		const size_t start = at - gram->at;
		if (literal.n <= bytes.n - start &&
		    use->wanted(use->ctx, gram->literal) &&
		    memcmp(bytes.p + start, literal.p, literal.n) == 0)
			use->found(use->ctx, gram->literal, start);
	}
}

void grams_find(const struct grams *g, struct slice bytes,
                const struct grams_use *use)
{
	const uint64_t *cells = g->cells;
	const unsigned shift = g->cell_shift;
	const size_t step = g->step;

	if (g->n == 0)
		return;
	for (size_t at = 0; at + GRAM_BYTES <= bytes.n; at += step) {
		uint64_t hash = mix(word_at(bytes.p + at));
		uint64_t bits = bits_of(hash);
		if ((cells[hash >> shift] & bits) == bits)
			compare(g, bytes, at, use);
	}
}
