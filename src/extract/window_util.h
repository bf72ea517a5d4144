/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small reads at scattered places of one input, as executable formats ask for
 * them: each miss reads a little more than was asked, so that neighbours come
 * out of the same read. What was handed out lives as long as the arena.
 */
#ifndef EXTRACT_WINDOW_UTIL_H
#define EXTRACT_WINDOW_UTIL_H

#include "extract/extract.h"

struct window {
	struct input *in;
	struct arena *mem;
	size_t ahead;      /* bytes that a miss reads at least, if there are any */
	uint64_t at;       /* file offset of `have` */
	struct slice have; /* the last read */
};

static inline struct window window_on(struct extraction *x, size_t ahead)
{
	return (struct window){.in = x->in, .mem = x->mem, .ahead = ahead};
}

/* Exactly n bytes at `offset`. Returns 0; -EBADMSG when they lie outside the
 * file (its own tables pointed there); -ENOMEM; or the error of reading. */
int window_get(struct window *w, uint64_t offset, size_t n, struct slice *ret);

/* The bytes up to a NUL at `offset`. Returns 0; -EBADMSG when the file or
 * `most` bytes end before the NUL; or as window_get. */
int window_cstr(struct window *w, uint64_t offset, size_t most,
                struct slice *ret);

#endif
