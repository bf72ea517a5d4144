/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/format.h"

const uint8_t memory_magic[MEMORY_MAGIC] = {'d', 'e', 'b', 'a', 'r', 'm', 'e', 'm'};

uint64_t memory_sum(uint64_t start, struct slice bytes)
{
	const struct siphash_key key = {start, bytes.n};
	return siphash(&key, bytes);
}

static uint64_t add_word(uint64_t sum, const char *word)
{
	return memory_sum(sum, slice_str(word));
}

uint64_t memory_vocabulary(void)
{
	uint64_t sum = MEMORY_FORMAT;

	for (int i = 0; i < ATTR_COUNT; i++)
		sum = add_word(sum, attr_name((enum attr)i));
	for (int i = WHY_NONE + 1; i < WHY_COUNT; i++)
		sum = add_word(sum, why_name((enum why)i));
	for (int i = 0; i < ARTICLE_KIND_COUNT; i++)
		sum = add_word(sum, kind_name((enum article_kind)i));
	for (int i = 0; i < STATE_COUNT; i++)
		sum = add_word(sum, state_name((enum state)i));
	return sum + SCOPE_COUNT;
}

uint64_t memory_name_hash(const struct extractor *x)
{
	return add_word(0, x->name);
}

uint64_t memory_probes_hash(const struct extractor *x)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < EXTRACTOR_PROBES_MAX; i++) {
		const struct probe *p = &x->probes[i];
		if (!p->path && !p->magic)
			break;
		sum = memory_sum(sum + p->at, slice_of(p->magic, p->magic_n));
		sum = add_word(sum + 1, p->path ? p->path : "");
	}
	return sum;
}
