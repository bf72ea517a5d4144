/* SPDX-License-Identifier: Apache-2.0 */
#include "store/numbers.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cursor.h"

enum { PACKED_VERSION = 1 };

void numbers_finish(struct numbers *a)
{
	free(a->v);
	*a = (struct numbers){0};
}

void numbers_add(struct numbers *a, uint32_t number)
{
	if (a->n == a->size) {
		size_t size = a->size ? a->size * 2 : 64;
		uint32_t *v = reallocarray(a->v, size, sizeof(*v));
		if (!v) {
			a->failed = true;
			return;
		}
		a->v = v;
		a->size = size;
	}
	a->v[a->n++] = number;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void numbers_sort(struct numbers *a)
{
	size_t n = 0;

	if (a->n == 0)
		return;
	qsort(a->v, a->n, sizeof(*a->v), by_number);
	for (size_t i = 1; i < a->n; i++)
		if (a->v[i] != a->v[n])
			a->v[++n] = a->v[i];
	a->n = n + 1;
}

void numbers_minus(const struct numbers *a, const struct numbers *b,
                   struct numbers *ret)
{
	size_t j = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (j < b->n && b->v[j] < a->v[i])
			j++;
		if (j == b->n || b->v[j] != a->v[i])
			numbers_add(ret, a->v[i]);
	}
}

void numbers_union(const struct numbers *a, const struct numbers *b,
                   struct numbers *ret)
{
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		if (j == b->n || (i < a->n && a->v[i] < b->v[j])) {
			numbers_add(ret, a->v[i++]);
			continue;
		}
		i += i < a->n && a->v[i] == b->v[j];
		numbers_add(ret, b->v[j++]);
	}
}

void put_varint(struct str *out, uint64_t n)
{
	uint8_t bytes[10];
	size_t i = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[i++] = (uint8_t)(n | 0x80);
	bytes[i++] = (uint8_t)n;
	str_add(out, slice_of(bytes, i));
}

void numbers_pack(const struct numbers *a, struct str *out)
{
	uint32_t before = 0;

	str_putc(out, PACKED_VERSION);
	for (size_t i = 0; i < a->n; i++) {
		put_varint(out, a->v[i] - before);
		before = a->v[i];
	}
}

int numbers_unpack(struct slice packed, struct numbers *ret)
{
	struct cursor c = cursor_on(packed);
	uint64_t number = 0;

	if (cursor_u8(&c) != PACKED_VERSION)
		return -EUCLEAN;
	while (cursor_left(&c)) {
		uint64_t more = cursor_varint(&c);
		number += more;
		if (cursor_failed(&c) || more == 0 || more > UINT32_MAX ||
		    number > UINT32_MAX)
			return -EUCLEAN;
		numbers_add(ret, (uint32_t)number);
	}
	return ret->failed ? -ENOMEM : 0;
}
