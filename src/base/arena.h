/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena hands out memory that is given back all at once: one per item,
 * reset between items. It has a ceiling; past it, allocation fails like
 * malloc. Freed chunks are poisoned under AddressSanitizer, so that an arena
 * does not hide a use after reset.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used_bytes;          /* handed out since the last reset */
	size_t limit_bytes;         /* 0 means no ceiling */
};

/* Starts an empty arena in the caller's memory; nothing is allocated yet. */
void arena_init(struct arena *a, size_t limit_bytes);

/* Gives everything back; the arena may be used again. */
void arena_reset(struct arena *a);

/* Gives everything back, including the chunk that a reset keeps. */
void arena_finish(struct arena *a);

/* n bytes, aligned for any type, not cleared; NULL when out of memory or over
 * the ceiling. n == 0 gives a valid pointer. */
[[nodiscard]] void *arena_alloc(struct arena *a, size_t n);

/* count * size zeroed bytes; NULL also when the product overflows. */
[[nodiscard]] void *arena_zalloc(struct arena *a, size_t count, size_t size);

/* A copy of s, followed by a NUL outside the slice; .p is NULL on failure. */
[[nodiscard]] struct slice arena_copy(struct arena *a, struct slice s);

/* A NUL-terminated copy of s; NULL on failure. A NUL inside s ends the text. */
[[nodiscard]] char *arena_str(struct arena *a, struct slice s);

/* Formatted text; NULL on failure. */
[[nodiscard]] char *arena_printf(struct arena *a, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

#endif
