/* SPDX-License-Identifier: Apache-2.0 */
#include "law/private.h"

static bool any_glob(const struct slice *globs, size_t n, struct slice text)
{
	for (size_t i = 0; i < n; i++)
		if (pack_name_meets(globs[i], text))
			return true;
	return n == 0;
}

static bool any_id(const char *const *ids, size_t n, struct slice id)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(slice_str(ids[i]), id))
			return true;
	return n == 0;
}

bool place_names(const struct profile_place *p, const struct place_words *w)
{
	return any_glob(p->articles, p->n_articles, w->article) &&
	       any_id(p->entities, p->n_entities, w->entity) &&
	       (any_glob(p->sources, p->n_sources, w->source) ||
	        (w->host.n && any_glob(p->sources, p->n_sources, w->host)));
}

bool place_of_order(const struct profile_place *p, const char *order_id)
{
	return any_id(p->orders, p->n_orders, slice_str(order_id));
}

bool place_fits(const struct profile_place *p, const struct order *o,
                const struct subject *s)
{
	if (!place_of_order(p, o ? o->id : NULL))
		return false;
	if (!s)
		return !p->n_articles && !p->n_sources && !p->n_entities;
	return place_names(p, &(struct place_words){
		.article = s->name, .entity = slice_str(s->entity ? s->entity->id : NULL),
		.source = s->source, .host = s->host});
}

static unsigned narrowness(const struct profile_place *p)
{
	return (p->n_articles != 0) + (p->n_sources != 0) + (p->n_entities != 0) +
	       (p->n_orders != 0);
}

const struct profile_answer *profile_answer(const struct law_context *c,
                                            const struct term *question,
                                            const struct order *o,
                                            const struct subject *s)
{
	const struct profile *p = c->profile;
	const struct profile_answer *best = NULL;

	for (size_t i = 0; p && i < p->n_answers; i++) {
		const struct profile_answer *a = &p->answers[i];
		if (a->question == question && law_within(c->as_of, a->on, NULL) &&
		    place_fits(&a->place, o, s) &&
		    (!best || narrowness(&a->place) >= narrowness(&best->place)))
			best = a;
	}
	return best;
}
