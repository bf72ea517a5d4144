/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted of every host, of HOST_BLOCK hosts in one row of
 * host_block, so that a fleet is read in a few hundred rows and an unchanged
 * host's report touches no row of its own.
 *
 * A block is a version byte, the number of its hosts up to the last that is
 * known (16 bits), and for each column of enum host_column:
 *
 *   width   a byte: bytes of each number, 0 to 8; 0: all are 0, that is all
 *   least   64 bits: the least number that is not 0
 *   numbers `width` bytes each; 0 is 0, others are 1 + the number - least
 *
 * All little-endian.
 */
#ifndef STORE_HOST_BLOCK_H
#define STORE_HOST_BLOCK_H

#include "store/db.h"
#include "store/store.h"

enum host_column {
	HOST_UNIT,       /* number of the unit, 0: none */
	HOST_FIRST_SEEN, /* 0: never reported */
	HOST_LAST_SEEN,
	HOST_FLAGS,      /* set of enum store_seen_flag */
	HOST_INCOMPLETE,
	HOST_PROGRAMS,
	HOST_COLUMNS
};

struct host_block {
	uint32_t number; /* its hosts are number * HOST_BLOCK and following */
	uint32_t n;      /* up to the last that is known */
	bool changed;    /* the batch must write it */
	uint64_t v[HOST_COLUMNS][HOST_BLOCK]; /* 0 from n on */
};

/* Fills a block, zeroed before, from its row; -EUCLEAN with words. */
int host_block_read(struct db *db, const struct db_value *row,
                    struct host_block *ret);

/* The block of that number from the table, empty when it has no row. */
int host_block_get(struct db *db, uint32_t number, struct host_block *ret);

/* One block that was read, for those who go through hosts in order. */
struct host_block_cache {
	bool there;
	struct host_block block;
};

/* Has the cache hold the block of that number. */
int host_block_need(struct db *db, struct host_block_cache *cache,
                    uint32_t number);

/* Appends the form described above. */
void host_block_pack(const struct host_block *block, struct str *out);

#endif
