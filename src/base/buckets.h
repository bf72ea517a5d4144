/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a number stands in a sorted array of numbers that are as good as random
 * (keyed hashes): a table over their first 16 bits leads to the few that share
 * them, which costs one cache line and not seventeen.
 */
#ifndef BASE_BUCKETS_H
#define BASE_BUCKETS_H

#include "base/slice.h"

enum { BUCKETS = 1 << 16, BUCKET_SHIFT = 48 };

struct buckets {
	const uint8_t *first; /* the array's first number */
	size_t stride;        /* bytes from one to the next */
	uint32_t starts[BUCKETS + 1];
};

/* The array (at most UINT32_MAX long) stays the caller's, and stays. */
void buckets_init(struct buckets *b, const uint64_t *first, size_t stride,
                  size_t n);

/* The index of the first that is not less; compare what stands there. */
size_t buckets_find(const struct buckets *b, uint64_t number);

#endif
