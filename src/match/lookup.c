/* SPDX-License-Identifier: Apache-2.0 */
#include "match/lookup.h"

#include <errno.h>

#include "base/siphash.h"

int lookup_init(struct lookup *l, struct arena *mem, size_t n)
{
	size_t size = 8;

	while (size / 2 < n)
		size *= 2;
	l->slots = arena_zalloc(mem, size, sizeof(*l->slots));
	l->mask = size - 1;
	return l->slots ? 0 : -ENOMEM;
}

/* The keys are a pack's, not a stranger's: a fixed hash key does. */
struct lookup_walk lookup_find(const struct lookup *l, uint32_t kind,
                               struct slice key)
{
	const struct siphash_key hash_key = {.k0 = kind, .k1 = 1};

	return (struct lookup_walk){
		.key = key,
		.at = (size_t)siphash(&hash_key, key) & l->mask,
		.kind = kind,
	};
}

bool lookup_next(const struct lookup *l, struct lookup_walk *w,
                 uint32_t *ret_test)
{
	for (;;) {
		const struct lookup_slot *slot = &l->slots[w->at];
		if (!slot->key.p)
			return false;
		w->at = (w->at + 1) & l->mask;
		if (slot->kind == w->kind && slice_eq(slot->key, w->key)) {
			*ret_test = slot->test;
			return true;
		}
	}
}

void lookup_add(struct lookup *l, uint32_t kind, struct slice key, uint32_t test)
{
	struct lookup_walk w = lookup_find(l, kind, key);

	while (l->slots[w.at].key.p)
		w.at = (w.at + 1) & l->mask;
	l->slots[w.at] = (struct lookup_slot){key, kind, test};
}
