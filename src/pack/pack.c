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
