/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table from (kind of test, folded text) to the tests that ask for exactly
 * that text. One text may belong to many tests. Filled once, then read.
 */
#ifndef MATCH_LOOKUP_H
#define MATCH_LOOKUP_H

#include "base/arena.h"

struct lookup_slot {
	struct slice key; /* .p is NULL in an empty slot */
	uint32_t kind, test;
};

struct lookup {
	struct lookup_slot *slots;
	size_t mask;
};

/* Makes room for n entries in mem. Returns 0 or -ENOMEM. */
int lookup_init(struct lookup *l, struct arena *mem, size_t n);

/* Adds an entry; key is borrowed. At most as many as lookup_init was told. */
void lookup_add(struct lookup *l, uint32_t kind, struct slice key,
                uint32_t test);

/* A walk over the tests of one key. */
struct lookup_walk {
	struct slice key;
	size_t at;
	uint32_t kind;
};

struct lookup_walk lookup_find(const struct lookup *l, uint32_t kind,
                               struct slice key);

/* The next test of that key; false when there is no more. */
bool lookup_next(const struct lookup *l, struct lookup_walk *w,
                 uint32_t *ret_test);

#endif
