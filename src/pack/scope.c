/* SPDX-License-Identifier: Apache-2.0 */
/* What an order reaches: kinds, bases, relatives, categories, exceptions. */
#include <assert.h>

#include "pack/reader.h"

/* ---- rules ------------------------------------------------------------- */

/* The keys of a rule inside an object of some type. */
#define RULE_KEYS(type, member) \
	{.name = "is", .flags = KEY_REQUIRED, .read = read_word, \
	 .at = offsetof(type, member.word), .by_name = scope_word_by_name, \
	 .words = "included, excluded, not-stated"}, \
	{.name = "because", .read = read_text, .at = offsetof(type, member.because)}, \
	{.name = "clause", .read = read_clause, .at = offsetof(type, member.clause)}, \
	{.name = "question", .read = read_term, .at = offsetof(type, member.question), \
	 .tag = TERM_QUESTION}

struct lone_rule {
	struct scope_rule rule;
};

static const struct key rule_keys[] = {RULE_KEYS(struct lone_rule, rule)};

/* "included", or {is: excluded, because: "..."}. */
static void read_rule(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	void *rule = (uint8_t *)object + key->at;

	if (node->kind == NODE_MAP)
		read_map(r, node, "a scope word", rule_keys, COUNT_OF(rule_keys), rule);
	else
		read_word(r, node, rule, &rule_keys[0]);
}

/* ---- the family -------------------------------------------------------- */

static void read_relations(struct reader *r, const struct node *node, void *object,
                           const struct key *key)
{
	struct order *o = object;
	struct cell single;
	size_t n;

	(void)key;
	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next) {
		const struct slice s = read_slice(r, c->value);
		const int rel = s.n ? relation_by_name((const char *)s.p) : 0;
		if (rel < 0 || rel == REL_OWNED)
			read_problem(r, c->value, "unknown relation \"%.60s\": one of parent, "
			             "subsidiary, affiliate, predecessor, successor",
			             (const char *)s.p);
		else if (s.n)
			o->family.relations |= 1u << rel;
	}
}

/* "more than 50" or "at least 50": percent of it that is owned. */
static void read_share(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	const struct slice more = SLICE("more than "), least = SLICE("at least ");
	struct order *o = object;
	const struct slice s = read_slice(r, node);
	const struct slice by = slice_starts(s, more) ? more : least;
	uint64_t v;

	(void)key;
	if (s.n == 0)
		return;
	if (!slice_starts(s, by) || slice_number(slice_from(s, by.n), 10, &v) < 0 || v > 100) {
		read_problem(r, node, "\"%.40s\" is no share: say \"more than 50\" or "
		             "\"at least 50\" (percent)", (const char *)s.p);
		return;
	}
	o->family.percent = (int)v;
	o->family.more = by.n == more.n;
}

static const struct key family_keys[] = {
	RULE_KEYS(struct order, basis[BASIS_FAMILY]),
	{.name = "relations", .read = read_relations},
	{.name = "share", .read = read_share},
	{.name = "control", .read = read_flag, .at = offsetof(struct order, family.control)},
};

static_assert(COUNT_OF(family_keys) <= KEYS_MAX, "keys are bits of a set");

static void read_family(struct reader *r, const struct node *node, void *object,
                        const struct key *key)
{
	struct order *o = object;

	if (node->kind == NODE_MAP)
		read_map(r, node, "the family", family_keys, COUNT_OF(family_keys), o);
	else
		read_rule(r, node, o, key);
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
	{.name = "family", .read = read_family,
	 .at = offsetof(struct order, basis[BASIS_FAMILY])},
	RULE("former", basis[BASIS_FORMER]),
};

void scope_read(struct reader *r, const struct node *node, void *object,
                const struct key *key)
{
	(void)key;
	read_map(r, node, "a scope", scope_keys, COUNT_OF(scope_keys), object);
}

/* ---- categories -------------------------------------------------------- */

#define ALLOWED(member) .at = offsetof(struct allowed_model, member)

static void read_model(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	*(struct slice *)((uint8_t *)object + key->at) = slice_trim(read_slice(r, node));
}

static const struct key allowed_keys[] = {
	{.name = "model", .flags = KEY_REQUIRED, .read = read_model, ALLOWED(model)},
	{.name = "since", .read = read_date, ALLOWED(since)},
	{.name = "until", .read = read_date, ALLOWED(until)},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text, ALLOWED(source)},
};

static void read_allowed(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct category_rule *rule = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	rule->allowed = reader_alloc(r, n, sizeof(*rule->allowed));
	for (; rule->allowed && c; c = c->next) {
		struct allowed_model *m = &rule->allowed[rule->n_allowed++];
		read_map(r, c->value, "an allowed model", allowed_keys, COUNT_OF(allowed_keys),
		         m);
		read_check_period(r, c->value, m->since, m->until);
	}
}

#define CATEGORY(member) .at = offsetof(struct category_rule, member)

static const struct key category_keys[] = {
	{.name = "category", .flags = KEY_REQUIRED, .read = read_term, CATEGORY(category),
	 .tag = TERM_CATEGORY},
	{.name = "produced-in", .read = read_countries, CATEGORY(produced_in),
	 .at_n = offsetof(struct category_rule, n_produced_in)},
	{.name = "not-produced-in", .read = read_countries, CATEGORY(not_produced_in),
	 .at_n = offsetof(struct category_rule, n_not_produced_in)},
	{.name = "allowed", .read = read_allowed},
	{.name = "because", .read = read_text, CATEGORY(because)},
	{.name = "clause", .read = read_clause, CATEGORY(clause)},
};

void categories_read(struct reader *r, const struct node *node, void *object,
                     const struct key *key)
{
	struct order *o = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	o->categories = reader_alloc(r, n, sizeof(*o->categories));
	for (; o->categories && c; c = c->next)
		read_map(r, c->value, "a category", category_keys, COUNT_OF(category_keys),
		         &o->categories[o->n_categories++]);
}

/* ---- carve-outs -------------------------------------------------------- */

static void read_carve_marks(struct reader *r, const struct node *node, void *object,
                             const struct key *key)
{
	struct carve_out *carve = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &carve->n_marks);

	(void)key;
	carve->marks = reader_alloc(r, carve->n_marks, sizeof(uint32_t));
	for (size_t i = 0; carve->marks && c; c = c->next, i++) {
		const struct slice id = read_slice(r, c->value);
		if (id.n)
			reader_ref(r, (struct ref){
				.kind = REF_MARK, .id = id, .node = c->value,
				.slot = &carve->marks[i], .order = r->order});
	}
}

#define CARVE(member) .at = offsetof(struct carve_out, member)

static const struct key carve_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, CARVE(id)},
	{.name = "text", .flags = KEY_REQUIRED, .read = read_text, CARVE(text)},
	{.name = "articles", .read = read_slices, CARVE(articles),
	 .at_n = offsetof(struct carve_out, n_articles)},
	{.name = "marks", .read = read_carve_marks},
	{.name = "question", .read = read_term, CARVE(question), .tag = TERM_QUESTION},
	{.name = "clause", .read = read_clause, CARVE(clause)},
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

void carve_outs_read(struct reader *r, const struct node *node, void *object,
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
		read_map(r, c->value, "a carve-out", carve_keys, COUNT_OF(carve_keys),
		         &o->carve_outs[i]);
		o->n_carve_outs = i + 1;
		check_carve_id(r, c->value, o, i);
	}
}
