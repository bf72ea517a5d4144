/* SPDX-License-Identifier: Apache-2.0 */
#include "map/set.h"

#include <errno.h>
#include <stdlib.h>

int set_grow(struct host_set *set, size_t n_words)
{
	if (n_words <= set->n_words)
		return 0;
	uint64_t *words = reallocarray(set->words, n_words, sizeof(*words));
	if (!words)
		return -ENOMEM;
	memset(words + set->n_words, 0,
	       (n_words - set->n_words) * sizeof(*words));
	set->words = words;
	set->n_words = n_words;
	return 0;
}

void set_finish(struct host_set *set)
{
	free(set->words);
	*set = (struct host_set){0};
}

void set_clear(struct host_set *set)
{
	if (set->n_words)
		memset(set->words, 0, set->n_words * sizeof(*set->words));
}

bool set_has(const struct host_set *set, uint32_t host)
{
	size_t at = host / WORD_BITS;

	return at < set->n_words && set->words[at] >> host % WORD_BITS & 1;
}

int set_put(struct host_set *set, uint32_t host)
{
	size_t at = host / WORD_BITS;

	if (at >= set->n_words && set_grow(set, at + 1 + at / 2) < 0)
		return -ENOMEM;
	set->words[at] |= UINT64_C(1) << host % WORD_BITS;
	return 0;
}

static uint64_t bits_in(uint64_t word)
{
	return (uint64_t)__builtin_popcountll(word);
}

uint64_t set_count(const struct host_set *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n_words; i++)
		n += bits_in(set->words[i]);
	return n;
}

int set_add(struct host_set *to, const struct host_set *from)
{
	if (set_grow(to, from->n_words) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < from->n_words; i++)
		to->words[i] |= from->words[i];
	return 0;
}

void set_remove(struct host_set *to, const struct host_set *from)
{
	for (size_t i = 0; i < to->n_words && i < from->n_words; i++)
		to->words[i] &= ~from->words[i];
}

void set_keep(struct host_set *to, const struct host_set *from)
{
	for (size_t i = 0; i < to->n_words; i++)
		to->words[i] &= i < from->n_words ? from->words[i] : 0;
}

void set_each(const struct host_set *set, void (*fn)(void *ctx, uint32_t host),
              void *ctx)
{
	for (size_t i = 0; i < set->n_words; i++)
		for (uint64_t w = set->words[i]; w; w &= w - 1)
			fn(ctx, (uint32_t)(i * WORD_BITS) +
			        (uint32_t)__builtin_ctzll(w));
}

int sparse_of(struct sparse_set *ret, const struct host_set *set,
              struct arena *mem)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n_words; i++)
		n += set->words[i] != 0;
	struct set_word *words = arena_zalloc(mem, n, sizeof(*words));
	if (!words)
		return -ENOMEM;
	*ret = (struct sparse_set){.words = words, .n = n};
	for (size_t i = 0; i < set->n_words; i++)
		if (set->words[i])
			*words++ = (struct set_word){(uint32_t)i, set->words[i]};
	return 0;
}

bool sparse_has(const struct sparse_set *set, uint32_t host)
{
	const uint32_t at = host / WORD_BITS;
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (set->words[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->n && set->words[low].at == at &&
	       (set->words[low].bits >> host % WORD_BITS & 1);
}

uint64_t sparse_count(const struct sparse_set *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += bits_in(set->words[i].bits);
	return n;
}

int sparse_add_to(struct host_set *to, const struct sparse_set *from)
{
	if (from->n == 0)
		return 0;
	if (set_grow(to, (size_t)from->words[from->n - 1].at + 1) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < from->n; i++)
		to->words[from->words[i].at] |= from->words[i].bits;
	return 0;
}
