/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void str_finish(struct str *s)
{
	free(s->p);
	*s = (struct str){0};
}

void str_clear(struct str *s)
{
	s->n = 0;
	s->failed = false;
	if (s->p)
		s->p[0] = 0;
}

static bool reserve(struct str *s, size_t more)
{
	size_t need;

	if (s->failed || __builtin_add_overflow(s->n, more, &need) ||
	    need >= SIZE_MAX / 2) {
		s->failed = true;
		return false;
	}
	if (need + 1 <= s->size)
		return true;
	size_t size = s->size ? s->size : 64;
	while (size < need + 1)
		size *= 2;
	char *p = realloc(s->p, size);
	if (!p) {
		s->failed = true;
		return false;
	}
	s->p = p;
	s->size = size;
	return true;
}

void str_add(struct str *s, struct slice bytes)
{
	if (!reserve(s, bytes.n))
		return;
	if (bytes.n)
		memcpy(s->p + s->n, bytes.p, bytes.n);
	s->n += bytes.n;
	s->p[s->n] = 0;
}

void str_puts(struct str *s, const char *text)
{
	str_add(s, slice_str(text));
}

void str_putc(struct str *s, char c)
{
	str_add(s, slice_of(&c, 1));
}

void str_printf(struct str *s, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n >= 0 && reserve(s, (size_t)n)) {
		(void)vsnprintf(s->p + s->n, (size_t)n + 1, fmt, again);
		s->n += (size_t)n;
	} else {
		s->failed = true;
	}
	va_end(again);
}
