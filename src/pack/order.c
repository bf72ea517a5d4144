/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/reader.h"

/* "included", or {is: excluded, because: "..."}. */
static int scope_by_name(const char *name)
{
	static const char *const words[] = {
		[SCOPE_NOT_STATED] = "not-stated",
		[SCOPE_INCLUDED] = "included",
		[SCOPE_EXCLUDED] = "excluded",
	};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i], name) == 0)
			return (int)i;
	return -1;
}

static const struct key rule_keys[] = {
	{.name = "is", .flags = KEY_REQUIRED, .read = read_word,
	 .at = offsetof(struct scope_rule, word), .by_name = scope_by_name,
	 .words = "included, excluded, not-stated"},
	{.name = "because", .read = read_text, .at = offsetof(struct scope_rule, because)},
};

static void read_rule(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	struct scope_rule *rule = (void *)((uint8_t *)object + key->at);

	if (node->kind == NODE_MAP)
		read_map(r, node, "a scope word", rule_keys, COUNT_OF(rule_keys), rule);
	else
		read_word(r, node, rule, &rule_keys[0]);
}

#define RULE(word, member) \
	{.name = (word), .read = read_rule, .at = offsetof(struct order, member)}

static const struct key scope_keys[] = {
	RULE("hardware", kind[ARTICLE_HARDWARE]),
	RULE("software", kind[ARTICLE_SOFTWARE]),
	RULE("services", kind[ARTICLE_SERVICE]),
	RULE("developed", basis[BASIS_DEVELOPED]),
	RULE("provided", basis[BASIS_PROVIDED]),
	RULE("in-part", basis[BASIS_IN_PART]),
	RULE("family", basis[BASIS_FAMILY]),
	RULE("former", basis[BASIS_FORMER]),
};

static void read_scope(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	(void)key;
	read_map(r, node, "a scope", scope_keys, COUNT_OF(scope_keys), object);
}

static const char *const verbs[] = {
	"have", "use", "procure", "provide", "contract", "integrate", "transact",
	"authorise", "fund",
};

static bool is_verb(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (strcmp(verbs[i], word) == 0)
			return true;
	return false;
}

static void read_bans(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	struct cell single;
	size_t n;

	read_texts(r, node, object, key);
	const struct cell *c = node->kind == NODE_LIST ? node->first
	                                               : read_items(r, node, &single, &n);
	for (; c; c = c->next)
		if (c->value->kind == NODE_TEXT && c->value->text.n &&
		    !is_verb((const char *)c->value->text.p))
			read_problem(r, c->value, "unknown ban \"%.60s\": one of have, use, "
			             "procure, provide, contract, integrate, transact, "
			             "authorise, fund", (const char *)c->value->text.p);
}

struct entity_draft {
	const char *id, *purpose;
};

static const struct key entity_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id,
	 .at = offsetof(struct entity_draft, id)},
	{.name = "purpose", .read = read_text,
	 .at = offsetof(struct entity_draft, purpose)},
};

static void read_entity(struct reader *r, const struct node *node,
                        struct order_entity *ret)
{
	struct entity_draft d = {0};

	if (node->kind == NODE_MAP)
		read_map(r, node, "an entity of an order", entity_keys,
		         COUNT_OF(entity_keys), &d);
	else
		read_id(r, node, &d, &entity_keys[0]);
	ret->purpose = d.purpose;
	if (d.id)
		reader_ref(r, (struct ref){
			.kind = REF_ENTITY,
			.id = slice_str(d.id),
			.node = node,
			.slot = &ret->entity,
		});
}

static void read_entities(struct reader *r, const struct node *node, void *object,
                          const struct key *key)
{
	struct order *o = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &o->n_entities);

	(void)key;
	o->entities = reader_alloc(r, o->n_entities, sizeof(*o->entities));
	for (size_t i = 0; o->entities && c; c = c->next, i++)
		read_entity(r, c->value, &o->entities[i]);
}

/* A carve-out with the order it stands in, for the check of its marks. */
struct carve_draft {
	struct carve_out carve;
	const struct order *order;
};

static void read_carve_marks(struct reader *r, const struct node *node, void *object,
                             const struct key *key)
{
	struct carve_draft *d = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &d->carve.n_marks);

	(void)key;
	d->carve.marks = reader_alloc(r, d->carve.n_marks, sizeof(uint32_t));
	for (size_t i = 0; d->carve.marks && c; c = c->next, i++) {
		struct slice id = read_slice(r, c->value);
		if (id.n)
			reader_ref(r, (struct ref){
				.kind = REF_MARK,
				.id = id,
				.node = c->value,
				.slot = &d->carve.marks[i],
				.order = d->order,
			});
	}
}

static const struct key carve_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id,
	 .at = offsetof(struct carve_draft, carve.id)},
	{.name = "text", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct carve_draft, carve.text)},
	{.name = "articles", .read = read_slices,
	 .at = offsetof(struct carve_draft, carve.articles),
	 .at_n = offsetof(struct carve_draft, carve.n_articles)},
	{.name = "marks", .read = read_carve_marks},
};

static void check_carve_id(struct reader *r, const struct node *node,
                           const struct order *o, size_t i)
{
	for (size_t j = 0; o->carve_outs[i].id && j < i; j++)
		if (o->carve_outs[j].id &&
		    strcmp(o->carve_outs[i].id, o->carve_outs[j].id) == 0) {
			read_problem(r, node, "two carve-outs have the id \"%s\"",
			             o->carve_outs[i].id);
			return;
		}
}

/* Carve-outs in one order; ids are compared pair by pair. */
enum { CARVE_OUTS_MAX = 256 };

static void read_carve_outs(struct reader *r, const struct node *node, void *object,
                            const struct key *key)
{
	struct order *o = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > CARVE_OUTS_MAX) {
		read_problem(r, node, "more than 256 carve-outs in one order");
		return;
	}
	o->carve_outs = reader_alloc(r, n, sizeof(*o->carve_outs));
	for (size_t i = 0; o->carve_outs && c; c = c->next, i++) {
		struct carve_draft d = {.order = o};
		read_map(r, c->value, "a carve-out", carve_keys, COUNT_OF(carve_keys), &d);
		o->carve_outs[i] = d.carve;
		o->n_carve_outs = i + 1;
		check_carve_id(r, c->value, o, i);
	}
}

#define ORDER(member) .at = offsetof(struct order, member)
#define ORDER_LIST(member) ORDER(member), .at_n = offsetof(struct order, n_##member)

static const struct key order_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, ORDER(id)},
	{.name = "title", .flags = KEY_REQUIRED, .read = read_text, ORDER(title)},
	{.name = "issuer", .flags = KEY_REQUIRED, .read = read_text, ORDER(issuer)},
	{.name = "authority", .read = read_text, ORDER(authority)},
	{.name = "cites", .read = read_texts, ORDER_LIST(cites)},
	{.name = "issued", .flags = KEY_REQUIRED, .read = read_date, ORDER(issued)},
	{.name = "effective", .flags = KEY_REQUIRED, .read = read_date, ORDER(effective)},
	{.name = "until", .read = read_date, ORDER(until)},
	{.name = "bans", .flags = KEY_REQUIRED, .read = read_bans, ORDER_LIST(bans)},
	{.name = "applies-to", .flags = KEY_REQUIRED, .read = read_text,
	 ORDER(applies_to)},
	{.name = "entities", .flags = KEY_REQUIRED, .read = read_entities},
	{.name = "scope", .read = read_scope},
	{.name = "carve-outs", .read = read_carve_outs},
	{.name = "action", .read = read_text, ORDER(action)},
	{.name = "confidence", .flags = KEY_REQUIRED, .read = read_sureness,
	 ORDER(sureness)},
	{.name = "sources", .flags = KEY_REQUIRED, .read = read_texts,
	 ORDER_LIST(sources)},
};

void order_read(struct reader *r, const struct node *node, struct order *o)
{
	read_map(r, node, "an order", order_keys, COUNT_OF(order_keys), o);
	read_check_period(r, node, o->effective, o->until);
}
