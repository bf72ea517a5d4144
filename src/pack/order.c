/* SPDX-License-Identifier: Apache-2.0 */
/* Orders; what they reach is in scope.c, their cases in order_example.c. */
#include <assert.h>

#include "pack/reader.h"

#define MEMBER(type, member) .at = offsetof(struct type, member)
#define MEMBERS(type, member) MEMBER(type, member), .at_n = offsetof(struct type, n_##member)

/* ---- entities ---------------------------------------------------------- */

static void read_entity_id(struct reader *r, const struct node *node, void *object,
                           const struct key *key)
{
	struct order_entity *e = object;
	const char *id = NULL;

	(void)key;
	read_id(r, node, &id, &(struct key){0});
	if (id)
		reader_ref(r, (struct ref){.kind = REF_ENTITY, .id = slice_str(id),
		                           .node = node, .slot = &e->entity});
}

static const struct key entity_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_entity_id},
	{.name = "purpose", .read = read_text, MEMBER(order_entity, purpose)},
	{.name = "question", .read = read_term, MEMBER(order_entity, question),
	 .tag = TERM_QUESTION},
};

static void read_entities(struct reader *r, const struct node *node, void *object,
                          const struct key *key)
{
	struct order *o = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &o->n_entities);

	(void)key;
	o->entities = reader_alloc(r, o->n_entities, sizeof(*o->entities));
	for (size_t i = 0; o->entities && c; c = c->next, i++)
		if (c->value->kind == NODE_MAP)
			read_map(r, c->value, "an entity of an order", entity_keys,
			         COUNT_OF(entity_keys), &o->entities[i]);
		else
			read_entity_id(r, c->value, &o->entities[i], NULL);
}

/* ---- who is bound ------------------------------------------------------ */

static const struct key binding_keys[] = {
	{.name = "who", .flags = KEY_REQUIRED, .read = read_terms, MEMBER(binding, who),
	 .tag = TERM_PARTY},
	{.name = "holding", .read = read_texts, MEMBERS(binding, holding)},
	{.name = "systems", .read = read_terms, MEMBER(binding, systems), .tag = TERM_SYSTEM},
	{.name = "not-systems", .read = read_terms, MEMBER(binding, not_systems),
	 .tag = TERM_SYSTEM},
	{.name = "bans", .read = read_verbs, MEMBER(binding, bans)},
	{.name = "since", .read = read_date, MEMBER(binding, since)},
	{.name = "clause", .read = read_clause, MEMBER(binding, clause)},
};

static const struct key period_keys[] = {
	{.name = "is", .flags = KEY_REQUIRED, .read = read_word, MEMBER(order_period, state),
	 .by_name = order_state_by_name,
	 .words = "draft, in-force, under-review, suspended, superseded, revoked"},
	{.name = "since", .flags = KEY_REQUIRED, .read = read_date,
	 MEMBER(order_period, since)},
	{.name = "until", .read = read_date, MEMBER(order_period, until)},
	{.name = "by", .read = read_id, MEMBER(order_period, by)},
	{.name = "because", .read = read_text, MEMBER(order_period, because)},
	{.name = "source", .read = read_text, MEMBER(order_period, source)},
};

static const struct key clause_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_text, MEMBER(clause, id)},
	{.name = "cite", .read = read_text, MEMBER(clause, cite)},
	{.name = "text", .flags = KEY_REQUIRED, .read = read_text, MEMBER(clause, text)},
};

static void check_stretch(struct reader *r, const struct node *node, const void *item)
{
	const struct order_period *p = item;

	read_check_period(r, node, p->since, p->until);
	if (p->by)
		reader_ref(r, (struct ref){.kind = REF_ORDER, .id = slice_str(p->by),
		                           .node = node_get(node, "by")});
}

enum { BINDINGS, PERIODS, CLAUSES };

#define PART(words, keys_of, type, max, checker) \
	{.what = (words), .keys = keys_of, .n_keys = COUNT_OF(keys_of), \
	 .size = sizeof(struct type), .limit = (max), .check = (checker)}

static const struct list_form parts[] = {
	[BINDINGS] = PART("whom it binds", binding_keys, binding, 64, NULL),
	[PERIODS] = PART("a stretch of its history", period_keys, order_period, 256,
	                 check_stretch),
	[CLAUSES] = PART("a clause", clause_keys, clause, 256, NULL),
};

static void read_part(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	read_list_of(r, node, object, key, &parts[key->tag]);
}

/* ---- clocks ------------------------------------------------------------ */

/* Duties in one order; ids are compared pair by pair. */
enum { CLOCKS_MAX = 100 };

static void read_clocks(struct reader *r, const struct node *node, void *object,
                        const struct key *key)
{
	struct order *o = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > CLOCKS_MAX) {
		read_problem(r, node, "more than 100 clocks in one order");
		return;
	}
	o->clocks = reader_alloc(r, n, sizeof(*o->clocks));
	for (; o->clocks && c; c = c->next)
		clock_read(r, c->value, &o->clocks[o->n_clocks++]);
}

/* ---- an order ---------------------------------------------------------- */

#define ORDER(member) MEMBER(order, member)
#define ORDER_LIST(member) MEMBERS(order, member)

static const struct key order_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, ORDER(id)},
	{.name = "title", .flags = KEY_REQUIRED, .read = read_text, ORDER(title)},
	{.name = "issuer", .flags = KEY_REQUIRED, .read = read_text, ORDER(issuer)},
	{.name = "authority", .read = read_text, ORDER(authority)},
	{.name = "country", .read = read_country, ORDER(country)},
	{.name = "cites", .read = read_texts, ORDER_LIST(cites)},
	{.name = "issued", .flags = KEY_REQUIRED, .read = read_date, ORDER(issued)},
	{.name = "effective", .flags = KEY_REQUIRED, .read = read_date, ORDER(effective)},
	{.name = "until", .read = read_date, ORDER(until)},
	{.name = "history", .read = read_part, ORDER_LIST(history), .tag = PERIODS},
	{.name = "bans", .flags = KEY_REQUIRED, .read = read_verbs, ORDER(bans)},
	{.name = "applies-to", .flags = KEY_REQUIRED, .read = read_text,
	 ORDER(applies_to)},
	{.name = "binds", .read = read_part, ORDER_LIST(bindings), .tag = BINDINGS},
	{.name = "clauses", .read = read_part, ORDER_LIST(clauses), .tag = CLAUSES},
	{.name = "entities", .read = read_entities},
	{.name = "categories", .read = categories_read},
	{.name = "scope", .read = scope_read},
	{.name = "carve-outs", .read = carve_outs_read},
	{.name = "clocks", .read = read_clocks},
	{.name = "forms", .read = read_ids, ORDER_LIST(forms), .tag = REF_FORM},
	{.name = "examples", .read = order_examples_read},
	{.name = "action", .read = read_text, ORDER(action)},
	{.name = "note", .read = read_text, ORDER(note)},
	{.name = "confidence", .flags = KEY_REQUIRED, .read = read_sureness,
	 ORDER(sureness)},
	{.name = "sources", .flags = KEY_REQUIRED, .read = read_texts,
	 ORDER_LIST(sources)},
};

static_assert(COUNT_OF(order_keys) <= KEYS_MAX, "keys are bits of a set");

void order_read(struct reader *r, const struct node *node, struct order *o)
{
	o->family.percent = -1;
	r->order = o;
	const bool map = read_map(r, node, "an order", order_keys, COUNT_OF(order_keys), o);
	r->order = NULL;
	read_check_period(r, node, o->effective, o->until);
	if (map && !o->n_entities && !o->n_categories)
		read_problem(r, node, "an order needs entities or categories");
}
