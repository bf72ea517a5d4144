/* SPDX-License-Identifier: Apache-2.0 */
/* What reading and writing share. */
#ifndef MEMORY_PRIVATE_H
#define MEMORY_PRIVATE_H

#include <endian.h>

#include "memory/format.h"

#define MEMORY_FILE_MAX (4LL * 1024 * 1024 * 1024)
enum { MEMORY_BUCKET_SHIFT = 48, MEMORY_BUCKETS = 1 << 16 };

struct memory {
	int fd;
	uint8_t *bytes;      /* of the file */
	size_t n_bytes;
	struct siphash_key key;
	struct memory_about about;
	bool same_packs, same_markers;
	uint64_t n_items, n_learnt;
	const uint8_t *prints, *flags, *learnt, *index; /* into bytes */
	unsigned n_extractors;
	uint64_t bit_of[EXTRACTORS_MAX]; /* of an old extractor, now */
	uint64_t stale;      /* old bits: those who changed */
	uint64_t settled;    /* present bits: those whose probes are the same */
	const struct extractor *fresh[EXTRACTORS_MAX]; /* the others */
	size_t n_fresh;
	uint32_t starts[MEMORY_BUCKETS + 1];
};

/* What was said of the item with that number in the index, and the old bits of
 * the extractors that read it. False when what the file says cannot be so, or,
 * with `verify`, when its sum is another. */
bool memory_learnt(const struct memory *m, uint32_t number, bool verify,
                   struct memory_item *ret, uint64_t *ret_extractors);
/* The present bits for old ones. */
uint64_t memory_present(const struct memory *m, uint64_t old);

static inline uint64_t memory_u64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline uint32_t memory_u32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

#endif
