/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/known.h"

static bool grow(struct lines *l)
{
	if (l->n < l->room)
		return true;
	const size_t room = l->room ? 2 * l->room : 4;
	struct slice *list = arena_zalloc(l->mem, room, sizeof(*list));
	if (!list) {
		l->failed = true;
		return false;
	}
	if (l->n)
		memcpy(list, l->list, l->n * sizeof(*list));
	l->list = list;
	l->room = room;
	return true;
}

void lines_add(struct lines *l, struct slice text)
{
	if (text.n && grow(l))
		l->list[l->n++] = text;
}

void lines_add_new(struct lines *l, struct slice text)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_eq(l->list[i], text))
			return;
	lines_add(l, text);
}

void lines_printf(struct lines *l, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	const int n = vasprintf(&text, fmt, args);
	va_end(args);
	const struct slice copy = n < 0 ? (struct slice){0}
	                                : arena_copy(l->mem, slice_of(text, (size_t)n));
	if (n >= 0)
		free(text);
	if (copy.p)
		lines_add(l, copy);
	else
		l->failed = true;
}
