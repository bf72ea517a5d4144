/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One buffer that slides over an input of any size: for databases that are
 * read from front to back, or page by page, in memory that does not grow.
 */
#ifndef EXTRACT_SLIDE_UTIL_H
#define EXTRACT_SLIDE_UTIL_H

#include "extract/input.h"

struct slide {
	struct input *in;
	uint8_t *buf;
	size_t size;   /* of buf; the most that can be asked for at once */
	uint64_t at;   /* offset in the input of buf[0] */
	size_t have;
};

/* The buffer comes from mem. Returns 0 or -ENOMEM. */
int slide_init(struct slide *s, struct input *in, struct arena *mem,
               size_t size);

/*
 * Exactly n bytes at `offset`, valid until the next call. Returns 0; -ERANGE
 * when the input ends before; -EFBIG when n is larger than the buffer; or the
 * error of reading.
 */
int slide_get(struct slide *s, uint64_t offset, size_t n, struct slice *ret);

#endif
