/* SPDX-License-Identifier: Apache-2.0 */
#include "export/export.h"

#include <stdlib.h>

static const struct export_form *const forms[] = {
	&export_sarif, &export_cyclonedx, &export_oscal, &export_csv,
};

const struct export_form *export_form(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	return NULL;
}

/* Both kinds of rows begin with their id. */
_Static_assert(offsetof(struct export_order, id) == 0, "the id is the key");
_Static_assert(offsetof(struct export_maker, id) == 0, "the id is the key");

static int compare_id(const void *key, const void *row)
{
	return slice_cmp(*(const struct slice *)key, *(const struct slice *)row);
}

const struct export_order *export_order(const struct export *x, const struct article_word *w)
{
	return bsearch(&w->order, x->orders, x->n_orders, sizeof(*x->orders), compare_id);
}

const struct export_maker *export_maker(const struct export *x, struct slice id)
{
	return bsearch(&id, x->makers, x->n_makers, sizeof(*x->makers), compare_id);
}

bool export_wants(const struct export *x, const struct article *a)
{
	for (size_t i = 0; i < a->n_words; i++)
		if (export_order(x, &a->words[i]))
			return true;
	return !x->chosen;
}
