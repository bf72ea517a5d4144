/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* One page-sized chunk serves most items; larger requests get their own. */
enum { CHUNK_BYTES = 64 * 1024 };

struct arena_chunk {
	struct arena_chunk *older;
	size_t size, used;
	_Alignas(max_align_t) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t limit_bytes)
{
	*a = (struct arena){.limit_bytes = limit_bytes};
}

static void free_from(struct arena_chunk *c)
{
	while (c) {
		struct arena_chunk *older = c->older;
		UNPOISON(c->bytes, c->size);
		free(c);
		c = older;
	}
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *keep = NULL;

	while (a->chunks) {
		struct arena_chunk *c = a->chunks;
		a->chunks = c->older;
		c->older = NULL;
		if (!keep && c->size == CHUNK_BYTES)
			keep = c;
		else
			free_from(c);
	}
	if (keep) {
		keep->used = 0;
		POISON(keep->bytes, keep->size);
	}
	a->chunks = keep;
	a->used_bytes = 0;
}

void arena_finish(struct arena *a)
{
	free_from(a->chunks);
	a->chunks = NULL;
	a->used_bytes = 0;
}

static struct arena_chunk *chunk_with(struct arena *a, size_t n)
{
	if (a->chunks && a->chunks->size - a->chunks->used >= n)
		return a->chunks;
	size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
	if (size > SIZE_MAX - sizeof(struct arena_chunk))
		return NULL;
	struct arena_chunk *c = malloc(sizeof(*c) + size);
	if (!c)
		return NULL;
	*c = (struct arena_chunk){.older = a->chunks, .size = size};
	POISON(c->bytes, c->size);
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = _Alignof(max_align_t);

	if (n > SIZE_MAX - align)
		return NULL;
	size_t rounded = n ? (n + align - 1) & ~(align - 1) : align;
	if (a->limit_bytes && (rounded > a->limit_bytes ||
	                       a->used_bytes > a->limit_bytes - rounded))
		return NULL;
	struct arena_chunk *c = chunk_with(a, rounded);
	if (!c)
		return NULL;
	void *p = c->bytes + c->used;
	c->used += rounded;
	a->used_bytes += rounded;
	UNPOISON(p, n ? n : 1);
	return p;
}

void *arena_zalloc(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	void *p = arena_alloc(a, n);
	return p ? memset(p, 0, n) : NULL;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
	uint8_t *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
	if (!p)
		return (struct slice){0};
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = 0;
	return (struct slice){p, s.n};
}

char *arena_str(struct arena *a, struct slice s)
{
	return (char *)(uintptr_t)arena_copy(a, s).p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (text)
		(void)vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}
