/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only shows when every file has been read: ids that stand twice,
 * references to things that are nowhere, families that run in a circle.
 */
#include <stdlib.h>

#include "pack/reader.h"

/* The ids of one kind of thing, sorted, to be searched by halving. */
struct entry {
	const char *id;
	uint32_t index;
	const char *file;
	const struct node *node; /* NULL when the pack was read before */
};

struct ids {
	struct entry *list;
	size_t n;
};

/* Kinds of things that have ids of their own, with the words for problems. A
 * pack keeps each in an array of structs that begin at `list`. */
static const struct thing {
	const char *what;
	size_t list, count, size, id, file, nodes;
} things[REF_KIND_COUNT] = {
#define THING(words, type, member, place) \
	{.what = (words), .list = offsetof(struct pack, member), \
	 .count = offsetof(struct pack, n_##member), .size = sizeof(struct type), \
	 .id = offsetof(struct type, id), .file = offsetof(struct type, file), \
	 .nodes = offsetof(struct reader, place)}
	[REF_ENTITY] = THING("entity", entity, entities, entity_nodes),
	[REF_MARK] = THING("mark", mark, marks, mark_nodes),
	[REF_ORDER] = THING("order", order, orders, order_nodes),
	[REF_REMOVAL] = THING("removal", removal, removals, removal_nodes),
	[REF_TERM] = THING("term", term, terms, term_nodes),
	[REF_CALENDAR] = THING("calendar", calendar, calendars, calendar_nodes),
	[REF_FORM] = THING("form", form, forms, form_nodes),
#undef THING
};

static const void *at(const void *object, size_t offset)
{
	return (const uint8_t *)object + offset;
}

/* ---- ids --------------------------------------------------------------- */

static int by_id(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int order = strcmp(a->id, b->id);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* Things without a good id were complained about already. */
static void ids_fill(struct reader *r, const struct thing *t, struct ids *ids)
{
	const uint8_t *list = *(const uint8_t *const *)at(r->known, t->list);
	const size_t n = *(const size_t *)at(r->known, t->count);
	const struct node **nodes = *(const struct node ***)(uintptr_t)at(r, t->nodes);

	ids->list = arena_zalloc(&r->nodes, n, sizeof(*ids->list));
	if (!ids->list)
		r->nomem = true;
	for (size_t i = 0; ids->list && i < n; i++, list += t->size) {
		const char *id = *(const char *const *)at(list, t->id);
		const struct node *place = nodes ? node_get(nodes[i], "id") : NULL;
		if (id)
			ids->list[ids->n++] = (struct entry){
				.id = id, .index = (uint32_t)i,
				.file = *(const char *const *)at(list, t->file),
				.node = nodes && !place ? nodes[i] : place};
	}
	if (ids->n)
		qsort(ids->list, ids->n, sizeof(*ids->list), by_id);
}

/* Complains of every id that has stood before. */
static void ids_check(struct reader *r, const struct ids *ids, const char *what)
{
	for (size_t i = 1; i < ids->n; i++) {
		const struct entry *a = &ids->list[i - 1], *b = &ids->list[i];
		if (strcmp(a->id, b->id) == 0)
			problems_add(r->problems, b->file, b->node->line,
			             b->node->column, "the %s \"%s\" stands already in "
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

/* ---- references -------------------------------------------------------- */

static const struct clause *clause_of(const struct order *o, struct slice id)
{
	for (size_t i = 0; i < o->n_clauses; i++)
		if (o->clauses[i].id && slice_eq(slice_str(o->clauses[i].id), id))
			return &o->clauses[i];
	return NULL;
}

static void resolve_clause(struct reader *r, const struct ref *ref)
{
	*ref->clause = clause_of(ref->order, ref->id);
	if (!*ref->clause)
		read_problem(r, ref->node, "the order has no clause \"%.*s\"",
		             SLICE_ARG(slice_first(ref->id, ID_MAX)));
}

static void fill_slot(struct reader *r, const struct ref *ref, uint32_t index)
{
	if (ref->slot)
		*ref->slot = index;
	if (ref->entity)
		*ref->entity = &r->known->entities[index];
	if (ref->term)
		*ref->term = &r->known->terms[index];
	if (ref->calendar)
		*ref->calendar = &r->known->calendars[index];
}

static void resolve(struct reader *r, const struct ref *ref, const struct ids *tables)
{
	const struct thing *t = &things[ref->kind];

	r->file = ref->file;
	if (ref->kind == REF_CLAUSE) {
		resolve_clause(r, ref);
		return;
	}
	const struct entry *found = ids_find(&tables[ref->kind], ref->id);
	const bool term = found && ref->kind == REF_TERM;
	if (term && r->known->terms[found->index].kind != ref->term_kind)
		read_problem(r, ref->node, "\"%s\" is not a %s, but a %s", found->id,
		             term_kind_name(ref->term_kind),
		             term_kind_name(r->known->terms[found->index].kind));
	else if (found)
		fill_slot(r, ref, found->index);
	else
		read_problem(r, ref->node, "there is no %s \"%.*s\"",
		             ref->kind == REF_TERM ? term_kind_name(ref->term_kind) : t->what,
		             SLICE_ARG(slice_first(ref->id, ID_MAX)));
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

/* A carve-out can only take out what the order would find. */
static void check_carve_mark(struct reader *r, const struct ref *ref,
                             const struct ids *marks)
{
	const struct entry *found = ids_find(marks, ref->id);
	if (!found || !ref->order)
		return;
	r->file = ref->file;
	uint32_t entity = r->known->marks[found->index].entity;
	if (!order_names(ref->order, entity))
		read_problem(r, ref->node, "the mark \"%s\" is of an entity that this "
		             "order does not name", found->id);
}

static void resolve_all(struct reader *r, const struct ids *tables)
{
	/* an unresolved slot holds a number that no thing has */
	for (const struct ref *ref = r->refs; ref; ref = ref->next)
		if (ref->slot)
			*ref->slot = UINT32_MAX;
	for (const struct ref *ref = r->refs; ref; ref = ref->next)
		resolve(r, ref, tables);
	for (const struct ref *ref = r->refs; ref; ref = ref->next)
		if (ref->kind == REF_MARK)
			check_carve_mark(r, ref, &tables[REF_MARK]);
}

/* ---- what fits together ------------------------------------------------ */

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

/* The company that a mark is of must be one of its entity's family. */
static void check_companies(struct reader *r)
{
	const struct pack *p = r->pack;

	for (size_t i = 0; i < p->n_marks; i++) {
		const struct mark *m = &p->marks[i];
		if (!m->company || m->entity >= p->n_entities)
			continue;
		r->file = m->file;
		if (!entity_relative(&p->entities[m->entity], m->company))
			read_problem(r, node_get(r->mark_nodes[i], "company"), "\"%.60s\" is "
			             "not in the family of \"%s\"", m->company,
			             p->entities[m->entity].id);
	}
}

static void pack_check(struct reader *r, const struct ids *tables)
{
	for (size_t k = 0; k < REF_KIND_COUNT; k++)
		if (things[k].what)
			ids_check(r, &tables[k], things[k].what);
	check_entities(r);
	check_companies(r);
	family_check(r);
}

void links_resolve(struct reader *r)
{
	struct ids tables[REF_KIND_COUNT] = {0};

	for (size_t k = 0; k < REF_KIND_COUNT; k++)
		if (things[k].what)
			ids_fill(r, &things[k], &tables[k]);
	if (r->nomem)
		return;
	resolve_all(r, tables);
	if (r->pack)
		pack_check(r, tables);
}
