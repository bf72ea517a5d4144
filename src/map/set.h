/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of hosts: dense ones (struct host_set of the store, a bit per host) to
 * work with, and sparse ones to keep, which cost 16 bytes for each 64 hosts
 * that are near each other.
 */
#ifndef MAP_SET_H
#define MAP_SET_H

#include "base/arena.h"
#include "store/store.h"

enum { WORD_BITS = 64 };

struct set_word {
	uint32_t at;   /* index of the word in a dense set */
	uint64_t bits; /* never 0 */
};

struct sparse_set {
	struct set_word *words; /* ascending */
	size_t n;
};

/* Makes room for n words, the new ones empty. Returns 0 or -ENOMEM. */
int set_grow(struct host_set *set, size_t n_words);
void set_finish(struct host_set *set);
void set_clear(struct host_set *set);
bool set_has(const struct host_set *set, uint32_t host);
int set_put(struct host_set *set, uint32_t host);
uint64_t set_count(const struct host_set *set);
/* to |= from; to &= ~from; to &= from */
int set_add(struct host_set *to, const struct host_set *from);
void set_remove(struct host_set *to, const struct host_set *from);
void set_keep(struct host_set *to, const struct host_set *from);

/* Calls fn for each host in the set, ascending. */
void set_each(const struct host_set *set, void (*fn)(void *ctx, uint32_t host),
              void *ctx);

/* The sparse form, in mem. Returns 0 or -ENOMEM. */
int sparse_of(struct sparse_set *ret, const struct host_set *set,
              struct arena *mem);
bool sparse_has(const struct sparse_set *set, uint32_t host);
uint64_t sparse_count(const struct sparse_set *set);
int sparse_add_to(struct host_set *to, const struct sparse_set *from);

#endif
