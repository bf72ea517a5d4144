/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/values_util.h"

#include <errno.h>

/* Below the limits of one record, with room for the claims made before. */
enum { RUN_CLAIMS_MAX = 2048, RUN_BYTES_MAX = 1024 * 1024 };

struct value_entry {
	enum attr attr;
	uint32_t hash;
	struct slice value;
};

/* FNV-1a. Collisions cost a comparison and no more. */
static uint32_t hash_of(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 16777619u;
	return h;
}

static bool grow(struct value_set *set)
{
	size_t size = set->size ? set->size * 2 : 32;
	struct value_entry *bigger =
		arena_zalloc(set->mem, size, sizeof(*bigger));

	if (!bigger)
		return false;
	if (set->n)
		memcpy(bigger, set->entries, set->n * sizeof(*bigger));
	set->entries = bigger;
	set->size = size;
	return true;
}

int value_set_add(struct value_set *set, enum attr attr, struct slice value)
{
	uint32_t hash = hash_of(value);

	for (size_t i = 0; i < set->n; i++) {
		const struct value_entry *e = &set->entries[i];
		if (e->hash == hash && e->attr == attr &&
		    slice_eq(e->value, value))
			return 0;
	}
	if (set->n == VALUE_SET_MAX)
		return -E2BIG;
	if (set->n == set->size && !grow(set))
		return -ENOMEM;
	set->entries[set->n++] = (struct value_entry){attr, hash, value};
	return 1;
}

void value_run_add(struct value_run *run, const struct claim *claim)
{
	size_t bytes = claim->value.n + claim->member.n;

	if (run->n == RUN_CLAIMS_MAX || bytes > RUN_BYTES_MAX - run->bytes) {
		sink_record(run->x->out, &run->head);
		run->n = run->bytes = 0;
	}
	sink_claim(run->x->out, claim);
	run->n++;
	run->bytes += bytes < RUN_BYTES_MAX - run->bytes
	                      ? bytes
	                      : RUN_BYTES_MAX - run->bytes;
}

struct record value_item_head(const struct item *item)
{
	return (struct record){
		.scope = SCOPE_ITEM,
		.kind = ARTICLE_SOFTWARE,
		.state = extract_file_state(item),
		.name = slice_basename(item->path),
	};
}
