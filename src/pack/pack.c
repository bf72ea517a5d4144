/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack.h"

#include <stdlib.h>

void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	arena_finish(&pack->mem);
	free(pack);
}

const struct order *pack_order(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_orders; i++)
		if (strcmp(pack->orders[i].id, id) == 0)
			return &pack->orders[i];
	return NULL;
}

const struct entity *pack_entity(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_entities; i++)
		if (strcmp(pack->entities[i].id, id) == 0)
			return &pack->entities[i];
	return NULL;
}

const struct mark *pack_mark(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_marks; i++)
		if (strcmp(pack->marks[i].id, id) == 0)
			return &pack->marks[i];
	return NULL;
}

const struct calendar *pack_calendar(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_calendars; i++)
		if (strcmp(pack->calendars[i].id, id) == 0)
			return &pack->calendars[i];
	return NULL;
}

const struct family_edge *entity_relative(const struct entity *e, const char *name)
{
	for (size_t i = 0; i < e->n_family; i++)
		if (e->family[i].name && strcmp(e->family[i].name, name) == 0)
			return &e->family[i];
	return NULL;
}

const char *const *pack_protections(const struct pack *pack, struct slice role)
{
	static const char *const none[] = {NULL};

	for (size_t i = 0; i < pack->n_roles; i++)
		if (slice_eq(slice_str(pack->roles[i].role), role))
			return pack->roles[i].processes;
	return none;
}

static bool removal_names(const struct removal *m, struct slice article)
{
	for (size_t i = 0; i < m->n_articles; i++)
		if (pack_name_meets(m->articles[i], article))
			return true;
	return false;
}

const struct removal *pack_removal(const struct pack *pack, const char *entity,
                                   struct slice article, size_t *at)
{
	for (; *at < pack->n_removals; ++*at) {
		const struct removal *m = &pack->removals[*at];
		if (strcmp(pack->entities[m->entity].id, entity) == 0 &&
		    removal_names(m, article)) {
			++*at;
			return m;
		}
	}
	return NULL;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Looks back at the last star only, so its time is bounded by the product of
 * the lengths. */
bool pack_name_meets(struct slice pattern, struct slice name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, resume = 0;

	while (n < name.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			resume = n;
		} else if (p < pattern.n && (pattern.p[p] == '?' ||
		           lower(pattern.p[p]) == lower(name.p[n]))) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}
