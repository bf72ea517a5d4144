/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/reader.h"

static const struct key name_keys[] = {
	{.name = "name", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct entity_name, name)},
	{.name = "since", .read = read_date, .at = offsetof(struct entity_name, since)},
	{.name = "until", .read = read_date, .at = offsetof(struct entity_name, until)},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct entity_name, source)},
};

static void read_percent(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct family_edge *edge = object;
	struct slice s = read_slice(r, node);
	uint64_t v;

	(void)key;
	if (s.n == 0)
		return;
	if (slice_number(s, 10, &v) < 0 || v > 100)
		read_problem(r, node, "percent must be a number from 0 to 100");
	else
		edge->percent = (int)v;
}

static const struct key family_keys[] = {
	{.name = "relation", .flags = KEY_REQUIRED, .read = read_word,
	 .at = offsetof(struct family_edge, relation), .by_name = relation_by_name,
	 .words = "parent, subsidiary, affiliate, predecessor, successor, owned"},
	{.name = "name", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct family_edge, name)},
	{.name = "entity", .read = read_entity_ref,
	 .at = offsetof(struct family_edge, entity)},
	{.name = "percent", .read = read_percent},
	{.name = "since", .read = read_date, .at = offsetof(struct family_edge, since)},
	{.name = "until", .read = read_date, .at = offsetof(struct family_edge, until)},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct family_edge, source)},
};

static void read_names(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	struct entity *e = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &e->n_names);

	(void)key;
	e->names = reader_alloc(r, e->n_names, sizeof(*e->names));
	for (size_t i = 0; e->names && c; c = c->next, i++) {
		struct entity_name *name = &e->names[i];
		read_map(r, c->value, "a name", name_keys, COUNT_OF(name_keys), name);
		read_check_period(r, c->value, name->since, name->until);
	}
}

static void read_family(struct reader *r, const struct node *node, void *object,
                        const struct key *key)
{
	struct entity *e = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &e->n_family);

	(void)key;
	e->family = reader_alloc(r, e->n_family, sizeof(*e->family));
	for (size_t i = 0; e->family && c; c = c->next, i++) {
		struct family_edge *edge = &e->family[i];
		edge->percent = -1;
		read_map(r, c->value, "a family member", family_keys,
		         COUNT_OF(family_keys), edge);
		read_check_period(r, c->value, edge->since, edge->until);
		if (edge->relation == REL_OWNED && edge->percent < 0)
			read_problem(r, c->value, "what is owned needs a percent");
	}
}

static const struct key entity_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id,
	 .at = offsetof(struct entity, id)},
	{.name = "name", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct entity, name)},
	{.name = "country", .read = read_country, .at = offsetof(struct entity, country)},
	{.name = "note", .read = read_text, .at = offsetof(struct entity, note)},
	{.name = "names", .read = read_names},
	{.name = "family", .read = read_family},
	{.name = "mentions", .read = read_slices, .at = offsetof(struct entity, mentions),
	 .at_n = offsetof(struct entity, n_mentions)},
};

void entity_read(struct reader *r, const struct node *node, struct entity *e)
{
	read_map(r, node, "an entity", entity_keys, COUNT_OF(entity_keys), e);
}
