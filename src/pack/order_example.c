/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of an order: an article, perhaps a profile and a day, and the word that
 * must come out. `debar orders check` judges them all. */
#include "pack/reader.h"

enum { EXAMPLES_MAX = 1000 };

#define SUBJECT(member) .at = offsetof(struct subject, member)

static void read_name(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	*(struct slice *)((uint8_t *)object + key->at) = slice_trim(read_slice(r, node));
}

static void read_marks(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	struct subject *s = object;
	struct cell single;
	const struct cell *c = read_items(r, node, &single, &s->n_marks);
	uint32_t *marks = reader_alloc(r, s->n_marks, sizeof(*marks));

	(void)key;
	s->marks = marks;
	s->marks_whole = true;
	for (size_t i = 0; marks && c; c = c->next, i++) {
		const struct slice id = read_slice(r, c->value);
		if (id.n)
			reader_ref(r, (struct ref){.kind = REF_MARK, .id = id,
			                           .node = c->value, .slot = &marks[i]});
	}
}

static const struct key subject_keys[] = {
	{.name = "entity", .read = read_entity_ref, SUBJECT(entity)},
	{.name = "company", .read = read_text, SUBJECT(company)},
	{.name = "kind", .read = read_word, SUBJECT(kind), .by_name = kind_by_name,
	 .words = "software, hardware, service"},
	{.name = "basis", .read = read_word, SUBJECT(basis), .by_name = basis_by_name,
	 .words = "developed, provided, in-part, family, former"},
	{.name = "state", .read = read_word, SUBJECT(state), .by_name = state_by_name,
	 .words = "installed, stored, residue, referenced, connected"},
	{.name = "strength", .read = read_word, SUBJECT(strength),
	 .by_name = strength_by_name, .words = "proven, strong, weak"},
	{.name = "name", .flags = KEY_REQUIRED, .read = read_name, SUBJECT(name)},
	{.name = "source", .read = read_name, SUBJECT(source)},
	{.name = "host", .read = read_name, SUBJECT(host)},
	{.name = "marks", .read = read_marks},
	{.name = "category", .read = read_term, SUBJECT(category), .tag = TERM_CATEGORY},
	{.name = "country", .read = read_country, SUBJECT(country)},
	{.name = "model", .read = read_name, SUBJECT(model)},
};

static void read_subject(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct subject *s = (void *)((uint8_t *)object + key->at);

	s->kind = ARTICLE_SOFTWARE;
	s->basis = BASIS_DEVELOPED;
	s->state = STATE_INSTALLED;
	s->strength = STRENGTH_STRONG;
	if (read_map(r, node, "an article", subject_keys, COUNT_OF(subject_keys), s) &&
	    !node_get(node, "entity") && !node_get(node, "category"))
		read_problem(r, node, "an article needs an entity or a category");
}

static void read_profile(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct profile *p = reader_alloc(r, 1, sizeof(*p));

	if (!p)
		return;
	profile_read(r, node, p);
	*(const struct profile **)((uint8_t *)object + key->at) = p;
}

#define EXAMPLE(member) .at = offsetof(struct order_example, member)

static const struct key example_keys[] = {
	{.name = "name", .flags = KEY_REQUIRED, .read = read_text, EXAMPLE(name)},
	{.name = "is", .flags = KEY_REQUIRED, .read = read_word, EXAMPLE(word),
	 .by_name = verdict_by_name, .words = "covered, excluded, review"},
	{.name = "article", .flags = KEY_REQUIRED, .read = read_subject, EXAMPLE(subject)},
	{.name = "profile", .read = read_profile, EXAMPLE(profile)},
	{.name = "as-of", .read = read_date, EXAMPLE(as_of)},
	{.name = "clause", .read = read_clause, EXAMPLE(clause)},
};

void order_examples_read(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct order *o = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > EXAMPLES_MAX) {
		read_problem(r, node, "more than 1000 examples in one order");
		return;
	}
	o->examples = reader_alloc(r, n, sizeof(*o->examples));
	for (; o->examples && c; c = c->next) {
		struct order_example *x = &o->examples[o->n_examples++];
		x->line = c->value->line;
		read_map(r, c->value, "an example", example_keys, COUNT_OF(example_keys), x);
	}
}
