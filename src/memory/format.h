/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a memory, private to memory/. Little-endian throughout:
 *
 *   header      MEMORY_HEADER bytes, in the order of struct memory_header
 *   extractors  for each: u64 hash of its name, u32 version, u64 hash of its
 *               probes
 *   prints      u64 each, ascending
 *   flags       u8 each, of the same items
 *   learnt      u32 each: number in the index below + 1, or 0
 *   index       for each item that something was said of: u64 where in the file
 *               its path begins, u32 length of the path, u32 length of the
 *               messages right behind it, u64 extractors, u64 hash of both
 *   said        paths and messages
 *
 * `sum` covers all but the last part, which is checked item by item.
 */
#ifndef MEMORY_FORMAT_H
#define MEMORY_FORMAT_H

#include "extract/extract.h"
#include "memory/memory.h"

enum {
	/* Raised when what workers say changes without any of the names below. */
	MEMORY_FORMAT = 1,
	MEMORY_HEADER = 160,
	MEMORY_EXTRACTOR = 20,
	MEMORY_INDEX = 32,
	MEMORY_MAGIC = 8,
};

extern const uint8_t memory_magic[MEMORY_MAGIC];

struct memory_header {
	uint32_t format, n_extractors;
	uint64_t vocabulary; /* memory_vocabulary() */
	struct memory_about about;
	struct siphash_key key;
	uint64_t n_items, n_learnt, said_bytes;
	uint64_t sum;
};

/* A hash of all words that messages have as numbers. */
uint64_t memory_vocabulary(void);

/* An accident-proof hash; nobody is kept from making collisions. */
uint64_t memory_sum(uint64_t start, struct slice bytes);

/* What must not change for an extractor's items to be known. */
uint64_t memory_name_hash(const struct extractor *x);
uint64_t memory_probes_hash(const struct extractor *x);

#endif
