/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of numbers below 65,536, packed: the members of one block of a
 * posting. The first byte says the form, and a set always has the smallest:
 *
 *   0x11  the members, 16 bits each, ascending
 *   0x12  runs of members: first, and how many follow it, 16 bits each
 *   0x13  a bit for each of the 65,536
 *
 * All little-endian. Two equal sets have equal bytes (when two forms are
 * equally small, the one named first is taken).
 */
#ifndef STORE_MEMBERS_H
#define STORE_MEMBERS_H

#include "base/str.h"

enum { MEMBERS_BLOCK = 65536, MEMBERS_WORDS = MEMBERS_BLOCK / 64 };

/* A change of one member: its number * 2, and 1 more when it comes. */
static inline uint32_t members_change_of(uint16_t member, bool comes)
{
	return (uint32_t)member << 1 | comes;
}

/*
 * Appends the set `old` (an empty slice is the empty set) with the changes:
 * ascending, one per member; one that changes nothing is allowed. -EUCLEAN
 * when `old` is not a set as described above; out is touched only on success.
 */
int members_change(struct slice old, const uint32_t *changes, size_t n,
                   struct str *out);

/* Sets (or clears) the members' bits in words[MEMBERS_WORDS]. -EUCLEAN. */
int members_apply(struct slice set, bool clear, uint64_t *words);

/* Of a set as described above, or an empty slice. */
static inline bool members_is_empty(struct slice set)
{
	return set.n <= 1;
}

/* The number of members, or -EUCLEAN. */
int members_count(struct slice set);

#endif
