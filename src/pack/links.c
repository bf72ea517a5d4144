/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only shows when every file has been read: ids that stand twice and
 * references to things that are nowhere.
 */
#include <stdlib.h>

#include "pack/reader.h"

/* The ids of one kind of thing, sorted, to be searched by halving. */
struct entry {
	const char *id;
	uint32_t index;
	const char *file;
	const struct node *node;
};

struct ids {
	struct entry *list;
	size_t n;
};

static int by_id(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int order = strcmp(a->id, b->id);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static bool ids_init(struct reader *r, struct ids *ids, size_t room)
{
	ids->list = arena_zalloc(&r->nodes, room, sizeof(*ids->list));
	if (!ids->list)
		r->nomem = true;
	return ids->list != NULL;
}

/* Things without a good id were complained about already. */
static void ids_add(struct ids *ids, const char *id, uint32_t index,
                    const char *file, const struct node *node)
{
	const struct node *place = node_get(node, "id");

	if (id)
		ids->list[ids->n++] =
			(struct entry){id, index, file, place ? place : node};
}

/* Sorts, and complains of every id that has stood before. */
static void ids_settle(struct reader *r, struct ids *ids, const char *what)
{
	if (ids->n)
		qsort(ids->list, ids->n, sizeof(*ids->list), by_id);
	for (size_t i = 1; i < ids->n; i++) {
		const struct entry *a = &ids->list[i - 1], *b = &ids->list[i];
		if (strcmp(a->id, b->id) == 0)
			problems_add(r->problems, b->file, b->node->line,
			             b->node->column, "%s \"%s\" stands already in "
			             "%s:%d", what, b->id, a->file, a->node->line);
	}
}

static int compare_slice(struct slice a, const char *id)
{
	struct slice b = slice_str(id);
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static const struct entry *ids_find(const struct ids *ids, struct slice id)
{
	size_t low = 0, high = ids->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = compare_slice(id, ids->list[mid].id);
		if (order == 0)
			return &ids->list[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* An unresolved entity of the order may be any: that one was told already. */
static bool order_names(const struct order *o, uint32_t entity)
{
	for (size_t i = 0; i < o->n_entities; i++)
		if (o->entities[i].entity == entity ||
		    o->entities[i].entity == UINT32_MAX)
			return true;
	return false;
}

static void resolve(struct reader *r, const struct ref *ref, const struct ids *ids)
{
	const struct entry *found = ids_find(ids, ref->id);

	r->file = ref->file;
	if (!found)
		read_problem(r, ref->node, "there is no %s \"%.*s\"",
		             ref->kind == REF_MARK ? "mark" : "entity",
		             SLICE_ARG(slice_first(ref->id, ID_MAX)));
	else if (ref->slot)
		*ref->slot = found->index;
}

/* A carve-out can only take out what the order would find. */
static void check_carve_mark(struct reader *r, const struct ref *ref,
                             const struct ids *marks)
{
	const struct entry *found = ids_find(marks, ref->id);
	if (!found || !ref->order)
		return;
	r->file = ref->file;
	uint32_t entity = r->pack->marks[found->index].entity;
	if (!order_names(ref->order, entity))
		read_problem(r, ref->node, "the mark \"%s\" is of an entity that this "
		             "order does not name", found->id);
}

static void resolve_all(struct reader *r, const struct ids *entities,
                        const struct ids *marks)
{
	/* an unresolved slot holds a number that no thing has */
	for (const struct ref *ref = r->refs; ref; ref = ref->next)
		if (ref->slot)
			*ref->slot = UINT32_MAX;
	for (const struct ref *ref = r->refs; ref; ref = ref->next)
		resolve(r, ref, ref->kind == REF_MARK ? marks : entities);
	for (const struct ref *ref = r->refs; ref; ref = ref->next)
		if (ref->kind == REF_MARK)
			check_carve_mark(r, ref, marks);
}

/* Does an order name an entity twice? */
static void check_entities(struct reader *r)
{
	const struct pack *p = r->pack;
	uint32_t *last = arena_zalloc(&r->nodes, p->n_entities, sizeof(*last));

	if (!last)
		r->nomem = true;
	for (size_t i = 0; last && i < p->n_orders; i++)
		for (size_t j = 0; j < p->orders[i].n_entities; j++) {
			uint32_t entity = p->orders[i].entities[j].entity;
			if (entity >= p->n_entities)
				continue;
			r->file = p->orders[i].file;
			if (last[entity] == i + 1)
				read_problem(r, r->order_nodes[i], "the order names the "
				             "entity \"%s\" twice",
				             p->entities[entity].id);
			last[entity] = (uint32_t)i + 1;
		}
}

void links_check(struct reader *r)
{
	struct ids entities = {0}, marks = {0}, orders = {0}, removals = {0};
	const struct pack *p = r->pack;

	if (!ids_init(r, &entities, p->n_entities) || !ids_init(r, &marks, p->n_marks) ||
	    !ids_init(r, &orders, p->n_orders) ||
	    !ids_init(r, &removals, p->n_removals))
		return;
	for (size_t i = 0; i < p->n_entities; i++)
		ids_add(&entities, p->entities[i].id, (uint32_t)i, p->entities[i].file,
		        r->entity_nodes[i]);
	for (size_t i = 0; i < p->n_marks; i++)
		ids_add(&marks, p->marks[i].id, (uint32_t)i, p->marks[i].file,
		        r->mark_nodes[i]);
	for (size_t i = 0; i < p->n_orders; i++)
		ids_add(&orders, p->orders[i].id, (uint32_t)i, p->orders[i].file,
		        r->order_nodes[i]);
	for (size_t i = 0; i < p->n_removals; i++)
		ids_add(&removals, p->removals[i].id, (uint32_t)i, p->removals[i].file,
		        r->removal_nodes[i]);
	ids_settle(r, &entities, "the entity");
	ids_settle(r, &marks, "the mark");
	ids_settle(r, &orders, "the order");
	ids_settle(r, &removals, "the removal");
	resolve_all(r, &entities, &marks);
	check_entities(r);
}
