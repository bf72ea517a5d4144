/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests and their numbers, both ways, in memory: 16 bytes a number and 4 to
 * 8 for the index. Where a digest lands in the index depends on a random key,
 * so that nobody can make records that pile up.
 */
#ifndef STORE_IDMAP_H
#define STORE_IDMAP_H

#include "store/store.h"

/* Part of the digest's hash stands by the number, so that a wrong slot is passed
 * over without a look at the digest of its number. */
struct idmap_slot {
	uint32_t tag, number; /* number 0: empty */
};

struct idmap {
	struct digest *digests; /* of number i at [i]; [0] is unused */
	uint32_t n;             /* largest number */
	uint32_t size;
	uint32_t used;          /* numbers that have a digest */
	struct idmap_slot *slots;
	uint32_t n_slots;       /* a power of two */
	uint64_t key[2];
};

void idmap_finish(struct idmap *m);

/* The digest's number, or 0. */
uint32_t idmap_find(const struct idmap *m, const struct digest *digest);

/* The digest will be looked for soon: its slot is brought near. */
void idmap_fetch(const struct idmap *m, const struct digest *digest);

/* Says that `number` (not 0, new) has that digest (new too). 0 or -ENOMEM. */
int idmap_set(struct idmap *m, uint32_t number, const struct digest *digest);

#endif
