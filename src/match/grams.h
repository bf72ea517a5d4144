/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds many literals in bytes, faster than every byte can be looked at.
 *
 * A literal of n bytes covers, wherever it stands, at least one of the places
 * that are n - 3 bytes apart with a whole word of four bytes. So when the
 * shortest literal has n bytes, it is enough to look at the four bytes at
 * every (n - 3)th place: are they a word that stands in some literal at an
 * offset below n - 3? A bit table answers that, nearly always with no; when it
 * says yes, the literals with that word are compared in full.
 *
 * With the shortest at 12 bytes that is one look every nine bytes. Literals
 * that share their words make candidates; a file made of them costs time, which
 * is what an item's deadline is for.
 */
#ifndef MATCH_GRAMS_H
#define MATCH_GRAMS_H

#include "base/slice.h"

enum { GRAM_BYTES = 4, LITERALS_MAX = 1000000 };

struct grams;

/*
 * Builds the tables; literals are borrowed for as long as they live. Returns 0;
 * -EINVAL when one has fewer than GRAM_BYTES bytes; -E2BIG or -ENOMEM. No
 * literal at all is fine.
 */
int grams_new(const struct slice *literals, size_t n, struct grams **ret);
void grams_free(struct grams *g);

/* Bytes of the longest literal; 0 when there is none. */
size_t grams_longest(const struct grams *g);

/*
 * What is done with places. `wanted` says whether a literal is still looked
 * for (one that was found already need not be compared again); `found` is told
 * of each that stands at bytes[at], in no particular order of places.
 */
struct grams_use {
	void *ctx;
	bool (*wanted)(void *ctx, uint32_t literal);
	void (*found)(void *ctx, uint32_t literal, size_t at);
};

/* Finds every place of every wanted literal that lies whole in `bytes`. */
void grams_find(const struct grams *g, struct slice bytes,
                const struct grams_use *use);

#endif
