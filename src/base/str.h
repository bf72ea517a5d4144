/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer. Failure to grow is remembered (like a cursor's), so
 * that a writer appends freely and asks str_failed() once; the contents stay
 * valid and NUL-terminated at all times.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/prelude.h"
#include "base/slice.h"

struct str {
	char *p; /* NUL-terminated when not NULL */
	size_t n, size;
	bool failed;
};

/* Frees the memory; the buffer is empty and usable again. */
void str_finish(struct str *s);

/* Forgets the contents, keeps the memory. */
void str_clear(struct str *s);

static inline bool str_failed(const struct str *s)
{
	return s->failed;
}

static inline struct slice str_slice(const struct str *s)
{
	return slice_of(s->p, s->n);
}

void str_add(struct str *s, struct slice bytes);
void str_puts(struct str *s, const char *text);
void str_putc(struct str *s, char c);
void str_printf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
