/* SPDX-License-Identifier: Apache-2.0 */
#include "store/idmap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

enum { SLOTS_FIRST = 1024, SIZE_FIRST = 512, NUMBER_MAX = 1 << 30 };

void idmap_finish(struct idmap *m)
{
	free(m->digests);
	free(m->slots);
	*m = (struct idmap){0};
}

static uint64_t hash_of(const struct idmap *m, const struct digest *digest)
{
	uint64_t a, b;

	memcpy(&a, digest->bytes, 8);
	memcpy(&b, digest->bytes + 8, 8);
	a = (a ^ m->key[0]) * (m->key[1] | 1);
	return (a ^ a >> 32 ^ b) * 0x9e3779b97f4a7c15;
}

/* The digest's slot, or the empty one where it belongs. */
static struct idmap_slot *find_slot(const struct idmap *m, uint64_t hash,
                                    const struct digest *digest)
{
	uint32_t i = (uint32_t)(hash >> 32);

	for (;; i++) {
		struct idmap_slot *slot = &m->slots[i & (m->n_slots - 1)];
		if (!slot->number ||
		    (slot->tag == (uint32_t)hash &&
		     memcmp(&m->digests[slot->number], digest, sizeof(*digest)) == 0))
			return slot;
	}
}

uint32_t idmap_find(const struct idmap *m, const struct digest *digest)
{
	return m->n_slots ? find_slot(m, hash_of(m, digest), digest)->number : 0;
}

void idmap_fetch(const struct idmap *m, const struct digest *digest)
{
	if (m->n_slots)
		__builtin_prefetch(&m->slots[(uint32_t)(hash_of(m, digest) >> 32) &
		                             (m->n_slots - 1)]);
}

/* Doubles the index when it is more than half full. */
static int grow_slots(struct idmap *m)
{
	struct idmap_slot *old = m->slots;
	uint32_t n_old = m->n_slots;

	if (n_old && m->used < n_old / 2)
		return 0;
	if (!n_old && getrandom(m->key, sizeof(m->key), 0) != sizeof(m->key))
		return -ENOMEM;
	uint32_t n = n_old ? n_old * 2 : SLOTS_FIRST;
	m->slots = calloc(n, sizeof(*m->slots));
	if (!m->slots) {
		m->slots = old;
		return -ENOMEM;
	}
	m->n_slots = n;
	for (uint32_t i = 0; i < n_old; i++) {
		const struct digest *d = &m->digests[old[i].number];
		if (old[i].number)
			*find_slot(m, hash_of(m, d), d) = old[i];
	}
	free(old);
	return 0;
}

static int grow_digests(struct idmap *m, uint32_t number)
{
	uint32_t size = m->size ? m->size : SIZE_FIRST;

	while (size <= number)
		size *= 2;
	if (size == m->size)
		return 0;
	struct digest *d = reallocarray(m->digests, size, sizeof(*d));
	if (!d)
		return -ENOMEM;
	memset(d + m->size, 0, (size - m->size) * sizeof(*d));
	m->digests = d;
	m->size = size;
	return 0;
}

int idmap_set(struct idmap *m, uint32_t number, const struct digest *digest)
{
	if (number > NUMBER_MAX || grow_digests(m, number) < 0 ||
	    grow_slots(m) < 0)
		return -ENOMEM;
	uint64_t hash = hash_of(m, digest);
	struct idmap_slot *slot = find_slot(m, hash, digest);
	if (slot->number)
		return 0;
	m->digests[number] = *digest;
	*slot = (struct idmap_slot){(uint32_t)hash, number};
	m->used++;
	if (number > m->n)
		m->n = number;
	return 0;
}
