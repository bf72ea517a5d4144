/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/random.h>

#include "finding/hits.h"

enum { SLOTS_FIRST = 256 };

void intern_init(struct intern *in, struct arena *mem)
{
	*in = (struct intern){.mem = mem};
	/* Without randomness the table still works, only predictably. */
	if (getrandom(&in->key, sizeof(in->key), GRND_NONBLOCK) < 0)
		in->key = (struct siphash_key){0};
}

void intern_finish(struct intern *in)
{
	free(in->slots);
	in->slots = NULL;
	in->n = in->size = 0;
}

/* The slot that holds s, or the empty one where it belongs. */
static struct slice *slot_of(struct slice *slots, size_t size,
                             const struct siphash_key *key, struct slice s)
{
	size_t at = (size_t)siphash(key, s) & (size - 1);

	while (slots[at].p && !slice_eq(slots[at], s))
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static bool grow(struct intern *in)
{
	size_t size = in->size ? in->size * 2 : SLOTS_FIRST;
	struct slice *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < in->size; i++)
		if (in->slots[i].p)
			*slot_of(slots, size, &in->key, in->slots[i]) = in->slots[i];
	free(in->slots);
	in->slots = slots;
	in->size = size;
	return true;
}

struct slice intern(struct intern *in, struct slice s)
{
	if (in->n * 2 >= in->size && !grow(in))
		return (struct slice){0};
	struct slice *slot = slot_of(in->slots, in->size, &in->key, s);
	if (!slot->p) {
		*slot = arena_copy(in->mem, s);
		in->n += slot->p != NULL;
	}
	return *slot;
}
