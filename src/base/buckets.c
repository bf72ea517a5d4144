/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buckets.h"

static uint64_t at(const struct buckets *b, size_t i)
{
	uint64_t number;

	memcpy(&number, b->first + i * b->stride, sizeof(number));
	return number;
}

void buckets_init(struct buckets *b, const uint64_t *first, size_t stride,
                  size_t n)
{
	size_t bucket = 0;

	b->first = (const uint8_t *)first;
	b->stride = stride;
	for (size_t i = 0; i < n; i++)
		while (bucket <= at(b, i) >> BUCKET_SHIFT)
			b->starts[bucket++] = (uint32_t)i;
	while (bucket <= BUCKETS)
		b->starts[bucket++] = (uint32_t)n;
}

size_t buckets_find(const struct buckets *b, uint64_t number)
{
	size_t i = b->starts[number >> BUCKET_SHIFT];
	const size_t end = b->starts[(number >> BUCKET_SHIFT) + 1];

	while (i < end && at(b, i) < number)
		i++;
	return i;
}
