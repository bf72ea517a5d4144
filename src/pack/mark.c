/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/reader.h"

#include <assert.h>

/* A mark with what must be looked at once all its keys are known. */
struct mark_draft {
	struct test_draft main; /* first: TEST_KEYS fill it */
	struct mark mark;
	const struct node *id, *strength, *parts, *catches, *spares, *company;
};

static_assert(offsetof(struct mark_draft, main) == 0, "TEST_KEYS need it first");

#define MARK(member) .at = offsetof(struct mark_draft, mark.member)
#define MARK_LIST(member) \
	MARK(member), .at_n = offsetof(struct mark_draft, mark.n_##member)
#define LATER(member) .read = read_node, .at = offsetof(struct mark_draft, member)

/* "entity/slug": both parts are ids. */
static void read_mark_id(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct mark_draft *d = object;

	(void)key;
	d->mark.id = read_pair_id(r, node, "a mark");
	d->id = node;
}

static void read_states(struct reader *r, const struct node *node, void *object,
                        const struct key *key)
{
	struct mark *m = &((struct mark_draft *)object)->mark;
	struct cell single;
	size_t n;

	(void)key;
	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next) {
		struct slice s = read_slice(r, c->value);
		int state = s.n ? state_by_name((const char *)s.p) : -1;
		if (state >= 0) {
			if (!m->states)
				m->state_first = (enum state)state;
			m->states |= 1u << state;
		} else if (s.n) {
			read_problem(r, c->value, "unknown state \"%.60s\": one of "
			             "installed, stored, residue, referenced, connected",
			             (const char *)s.p);
		}
	}
}

/* Two uses of `strength`: its word, and its place for the rule on K. */
static void read_strength(struct reader *r, const struct node *node, void *object,
                          const struct key *key)
{
	((struct mark_draft *)object)->strength = node;
	read_word(r, node, object, key);
}

static void read_company(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	((struct mark_draft *)object)->company = node;
	read_text(r, node, object, key);
}

static void read_parts(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	((struct mark_draft *)object)->parts = node;
	read_slices(r, node, object, key);
}

static const struct key mark_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_mark_id},
	TEST_KEYS,
	{.name = "all-of", .read = test_read_list, MARK_LIST(all)},
	{.name = "any-of", .read = test_read_list, MARK_LIST(any)},
	{.name = "unless", .read = test_read_list, MARK_LIST(unless)},
	{.name = "kind", .read = read_word, MARK(kind), .by_name = kind_by_name,
	 .words = "software, hardware, service"},
	{.name = "basis", .flags = KEY_REQUIRED, .read = read_word, MARK(basis),
	 .by_name = basis_by_name,
	 .words = "developed, provided, in-part, family, former"},
	{.name = "strength", .flags = KEY_REQUIRED, .read = read_strength, MARK(strength),
	 .by_name = strength_by_name, .words = "proven, strong, weak"},
	{.name = "states", .flags = KEY_REQUIRED, .read = read_states},
	{.name = "article", .read = read_text, MARK(article)},
	{.name = "company", .read = read_company, MARK(company)},
	{.name = "parts", .read = read_parts, MARK_LIST(parts)},
	{.name = "confidence", .flags = KEY_REQUIRED, .read = read_sureness,
	 MARK(sureness)},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text, MARK(source)},
	{.name = "note", .read = read_text, MARK(note)},
	{.name = "since", .read = read_date, MARK(since)},
	{.name = "until", .read = read_date, MARK(until)},
	{.name = "catches", .flags = KEY_REQUIRED, LATER(catches)},
	{.name = "spares", .flags = KEY_REQUIRED, LATER(spares)},
};

static_assert(COUNT_OF(mark_keys) <= KEYS_MAX, "keys are bits of a set");

/* Rules between keys. */
static void check_mark(struct reader *r, const struct node *node,
                       const struct mark_draft *d)
{
	const struct mark *m = &d->mark;

	test_check(r, node, &d->main);
	read_check_period(r, node, m->since, m->until);
	if (d->strength && m->sureness == SURE_BACKGROUND && m->strength != STRENGTH_WEAK)
		read_problem(r, d->strength, "confidence K (not confirmed) allows only "
		             "strength: weak");
	if (d->company && m->basis != BASIS_FAMILY)
		read_problem(r, d->company, "a company belongs to basis: family");
	if (d->parts && d->main.n_kinds == 1 && d->main.test->kind != TEST_BYTES)
		read_problem(r, d->parts, "parts belong to byte marks only");
}

void mark_read(struct reader *r, const struct node *node, struct mark *m)
{
	struct mark_draft d = {.mark.kind = ARTICLE_SOFTWARE};

	if (!test_new(r, &d.main))
		return;
	if (!read_map(r, node, "a mark", mark_keys, COUNT_OF(mark_keys), &d))
		return;
	check_mark(r, node, &d);
	d.mark.test = d.main.test;
	d.mark.index = m->index;
	d.mark.file = m->file;
	d.mark.line = m->line;
	*m = d.mark;
	if (m->id) /* the part before the slash must be an entity */
		reader_ref_entity(r, m->id, d.id, &m->entity);
	/* an unknown attribute was already told; read the rest all the same */
	if (d.catches)
		examples_read(r, d.catches, d.main.first, &m->catches, &m->n_catches);
	if (d.spares)
		examples_read(r, d.spares, d.main.first, &m->spares, &m->n_spares);
}
