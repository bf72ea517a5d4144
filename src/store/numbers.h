/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of numbers as ascending arrays, and packed: a version byte, then the
 * difference of each to the one before as a varint (the first to 0).
 */
#ifndef STORE_NUMBERS_H
#define STORE_NUMBERS_H

#include "base/str.h"

struct numbers {
	uint32_t *v;
	size_t n, size;
	bool failed; /* sticky: out of memory */
};

void numbers_finish(struct numbers *a);

static inline void numbers_clear(struct numbers *a)
{
	a->n = 0;
	a->failed = false;
}

void numbers_add(struct numbers *a, uint32_t number);

/* Sorts, and leaves doubles out. */
void numbers_sort(struct numbers *a);

/* Appends what is in a and not in b. All three are different. */
void numbers_minus(const struct numbers *a, const struct numbers *b,
                   struct numbers *ret);
/* Appends what is in a or in b, ascending. */
void numbers_union(const struct numbers *a, const struct numbers *b,
                   struct numbers *ret);

void numbers_pack(const struct numbers *a, struct str *out);
/* Appends. -EUCLEAN when it is not a packed set, -ENOMEM. */
int numbers_unpack(struct slice packed, struct numbers *ret);

/* An unsigned LEB128 number at the end of out. */
void put_varint(struct str *out, uint64_t n);

#endif
