/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/reader.h"

/* Claims in one example; a record worth showing has a handful. */
enum { EXAMPLE_CLAIMS_MAX = 64 };

/* The value of an example: anything an extractor may claim, control characters
 * as well, but not nothing. */
static struct slice example_value(struct reader *r, const struct node *node,
                                  enum attr attr)
{
	if (attr == ATTR_FILE_BYTES && node->kind == NODE_MAP)
		return test_bytes(r, node);
	if (node->kind != NODE_TEXT)
		read_problem(r, node, "expected text, found %s", node_words(node));
	else if (node->text.n == 0)
		read_problem(r, node, "the value is empty");
	else if (node->text.n > CLAIM_VALUE_MAX)
		read_problem(r, node, "the text is longer than 4096 bytes");
	else
		return node->text;
	return (struct slice){0};
}

static void add_claim(struct reader *r, const struct node *node, enum attr attr,
                      struct example *e)
{
	struct slice value = example_value(r, node, attr);

	if (value.n == 0)
		return;
	if (e->n_claims == EXAMPLE_CLAIMS_MAX)
		read_problem(r, node, "more than 64 claims in one example");
	else
		e->claims[e->n_claims++] = (struct example_claim){attr, value};
}

/* One "attribute: value" or "attribute: [values]" of an example. */
static void read_pair(struct reader *r, const struct cell *c, struct example *e,
                      struct attrs *seen)
{
	struct cell single;
	size_t n;
	struct slice name = read_slice(r, c->key);
	int attr = name.n ? attr_by_name((const char *)name.p) : -1;

	if (attr < 0) {
		if (name.n)
			read_problem(r, c->key, "unknown attribute \"%.60s\"",
			             (const char *)name.p);
		return;
	}
	if (attrs_has(*seen, (enum attr)attr))
		read_problem(r, c->key, "attribute \"%s\" stands twice; give it a list",
		             attr_name((enum attr)attr));
	seen->bits[attr / 64] |= (uint64_t)1 << (attr % 64);
	for (const struct cell *v = read_items(r, c->value, &single, &n); v; v = v->next)
		add_claim(r, v->value, (enum attr)attr, e);
}

static void read_example(struct reader *r, const struct node *node, enum attr first,
                         struct example *e)
{
	struct attrs seen = {0};

	e->line = node->line;
	size_t room = node->weight < EXAMPLE_CLAIMS_MAX ? node->weight
	                                                : EXAMPLE_CLAIMS_MAX;
	e->claims = reader_alloc(r, room, sizeof(*e->claims));
	if (!e->claims)
		return;
	bool plain = node->kind == NODE_TEXT ||
	             (first == ATTR_FILE_BYTES && test_is_bytes(node));
	if (plain)
		add_claim(r, node, first, e);
	else if (node->kind == NODE_MAP && node->n)
		for (const struct cell *c = node->first; c; c = c->next)
			read_pair(r, c, e, &seen);
	else
		read_problem(r, node, "an example is text or a mapping of claims");
}

void examples_read(struct reader *r, const struct node *node, enum attr first,
                   struct example **ret, size_t *ret_n)
{
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);
	struct example *list = reader_alloc(r, n, sizeof(*list));

	if (!list)
		return;
	*ret = list;
	*ret_n = n;
	for (size_t i = 0; c; c = c->next, i++)
		read_example(r, c->value, first, &list[i]);
}
