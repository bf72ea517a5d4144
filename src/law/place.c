/* SPDX-License-Identifier: Apache-2.0 */
#include "law/private.h"

static bool any_glob(const struct slice *globs, size_t n, struct slice text)
{
	for (size_t i = 0; i < n; i++)
		if (pack_name_meets(globs[i], text))
			return true;
	return false;
}

static bool any_id(const char *const *ids, size_t n, const char *id)
{
	for (size_t i = 0; id && i < n; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

static bool source_fits(const struct profile_place *p, const struct subject *s)
{
	return s && (any_glob(p->sources, p->n_sources, s->source) ||
	             (s->host.n && any_glob(p->sources, p->n_sources, s->host)));
}

bool place_fits(const struct profile_place *p, const struct order *o,
                const struct subject *s)
{
	if (p->n_orders && !any_id(p->orders, p->n_orders, o ? o->id : NULL))
		return false;
	if (p->n_entities &&
	    !any_id(p->entities, p->n_entities, s && s->entity ? s->entity->id : NULL))
		return false;
	if (p->n_articles && !(s && any_glob(p->articles, p->n_articles, s->name)))
		return false;
	return p->n_sources == 0 || source_fits(p, s);
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
