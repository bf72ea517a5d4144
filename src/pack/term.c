/* SPDX-License-Identifier: Apache-2.0 */
/* Terms, and what orders and profiles have in common: lists of terms, verbs,
 * countries, yes and no. */
#include "pack/reader.h"

static const struct key term_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, .at = offsetof(struct term, id)},
	{.name = "kind", .flags = KEY_REQUIRED, .read = read_word,
	 .at = offsetof(struct term, kind), .by_name = term_kind_by_name,
	 .words = "party, system, category, question"},
	{.name = "text", .flags = KEY_REQUIRED, .read = read_text,
	 .at = offsetof(struct term, text)},
	{.name = "source", .read = read_text, .at = offsetof(struct term, source)},
};

void term_read(struct reader *r, const struct node *node, struct term *t)
{
	read_map(r, node, "a term", term_keys, COUNT_OF(term_keys), t);
}

/* The id of a term of one kind; it is looked up when all files have been read. */
static void refer(struct reader *r, const struct node *node, int kind,
                  const struct term **slot)
{
	const struct slice id = read_slice(r, node);

	if (id.n)
		reader_ref(r, (struct ref){.kind = REF_TERM, .id = id, .node = node,
		                           .term_kind = (enum term_kind)kind, .term = slot});
}

void read_term(struct reader *r, const struct node *node, void *object,
               const struct key *key)
{
	refer(r, node, key->tag, (const struct term **)((uint8_t *)object + key->at));
}

void read_terms(struct reader *r, const struct node *node, void *object,
                const struct key *key)
{
	struct term_list *list = (void *)((uint8_t *)object + key->at);
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &list->n);

	list->list = reader_alloc(r, list->n, sizeof(*list->list));
	for (size_t i = 0; list->list && c; c = c->next, i++)
		refer(r, c->value, key->tag, &list->list[i]);
}

void read_verbs(struct reader *r, const struct node *node, void *object,
                const struct key *key)
{
	unsigned *set = (void *)((uint8_t *)object + key->at);
	struct cell single;
	size_t n;

	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next) {
		const struct slice s = read_slice(r, c->value);
		const int verb = s.n ? verb_by_name((const char *)s.p) : 0;
		if (verb < 0)
			read_problem(r, c->value, "unknown verb \"%.60s\": one of have, use, "
			             "procure, provide, contract, integrate, transact, "
			             "authorise, fund", (const char *)s.p);
		else if (s.n)
			*set |= 1u << verb;
	}
}

bool read_yes(struct reader *r, const struct node *node, bool *ret)
{
	const struct slice s = read_slice(r, node);
	const bool yes = slice_eq(s, SLICE("yes"));

	if (s.n && !yes && !slice_eq(s, SLICE("no"))) {
		read_problem(r, node, "\"%.40s\" is neither yes nor no", (const char *)s.p);
		return false;
	}
	*ret = yes;
	return s.n > 0;
}

void read_flag(struct reader *r, const struct node *node, void *object,
               const struct key *key)
{
	(void)read_yes(r, node, (bool *)((uint8_t *)object + key->at));
}

static bool country_ok(struct slice s)
{
	return s.n == 2 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[1] >= 'A' && s.p[1] <= 'Z';
}

static const char *country_of(struct reader *r, const struct node *node)
{
	const struct slice s = read_slice(r, node);

	if (country_ok(s))
		return (const char *)s.p;
	if (s.n)
		read_problem(r, node, "\"%.40s\" is not a country: two capital letters "
		             "(ISO 3166)", (const char *)s.p);
	return NULL;
}

void read_country(struct reader *r, const struct node *node, void *object,
                  const struct key *key)
{
	*(const char **)((uint8_t *)object + key->at) = country_of(r, node);
}

void read_countries(struct reader *r, const struct node *node, void *object,
                    const struct key *key)
{
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);
	const char **list = reader_alloc(r, n, sizeof(*list));
	size_t *count = (void *)((uint8_t *)object + key->at_n);

	*(const char ***)((uint8_t *)object + key->at) = list;
	for (*count = 0; list && c; c = c->next)
		if ((list[*count] = country_of(r, c->value)))
			++*count;
}

void read_clause(struct reader *r, const struct node *node, void *object,
                 const struct key *key)
{
	const struct slice id = read_slice(r, node);

	if (id.n && r->order)
		reader_ref(r, (struct ref){
			.kind = REF_CLAUSE, .id = id, .node = node, .order = r->order,
			.clause = (const struct clause **)((uint8_t *)object + key->at)});
}

void read_entity_ref(struct reader *r, const struct node *node, void *object,
                     const struct key *key)
{
	const struct slice id = read_slice(r, node);

	if (id.n)
		reader_ref(r, (struct ref){
			.kind = REF_ENTITY, .id = id, .node = node,
			.entity = (const struct entity **)((uint8_t *)object + key->at)});
}

void read_ids(struct reader *r, const struct node *node, void *object,
              const struct key *key)
{
	struct cell single;
	size_t n;

	read_texts(r, node, object, key);
	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next) {
		const struct slice id = read_slice(r, c->value);
		if (id.n)
			reader_ref(r, (struct ref){.kind = (enum ref_kind)key->tag, .id = id,
			                           .node = c->value});
	}
}
