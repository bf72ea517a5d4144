/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the companies that an order names, along the edges of their families, to
 * the maker of an article: each step is reached, not reached, or for a person to
 * settle, and a way is as good as its worst step. Of several ways the best
 * counts.
 */
#include <errno.h>

#include "law/private.h"

/* Steps of a way: a holding of a holding of ... */
enum { STEPS_MAX = 8 };

/* The same step seen from the other end. REL_COUNT: it says nothing there (who
 * owns a share of somebody is not owned by them). */
static enum relation turned(enum relation r)
{
	static const enum relation other[REL_COUNT] = {
		[REL_PARENT] = REL_SUBSIDIARY,     [REL_SUBSIDIARY] = REL_PARENT,
		[REL_AFFILIATE] = REL_AFFILIATE,   [REL_PREDECESSOR] = REL_SUCCESSOR,
		[REL_SUCCESSOR] = REL_PREDECESSOR, [REL_OWNED] = REL_COUNT,
	};

	return other[r];
}

/* Relations that say who holds whom, so that a share may settle them. */
static bool has_share(const struct family_edge *edge, enum relation r)
{
	return edge->percent >= 0 && (r == REL_OWNED || r == REL_SUBSIDIARY);
}

static bool enough(const struct family_rule *rule, int percent)
{
	return rule->more ? percent > rule->percent : percent >= rule->percent;
}

/* Control is what a parent has and a subsidiary is under. */
static bool by_control(const struct family_rule *rule, enum relation r)
{
	return rule->control && (r == REL_PARENT || r == REL_SUBSIDIARY);
}

static bool listed(const struct family_rule *rule, enum relation r)
{
	if (r == REL_OWNED)
		return false;
	return rule->relations == 0 ? rule->percent < 0 && !rule->control
	                            : rule->relations >> r & 1;
}

/* One step, seen from the one that the order reaches. */
static enum verdict_word step(const struct order *o, const struct family_edge *edge,
                              enum relation r)
{
	const struct family_rule *rule = &o->family;

	if (listed(rule, r))
		return VERDICT_COVERED;
	if (rule->percent >= 0 && has_share(edge, r)) {
		if (enough(rule, edge->percent))
			return VERDICT_COVERED;
		/* a small share may still be control */
		return rule->control ? VERDICT_REVIEW : VERDICT_EXCLUDED;
	}
	if (by_control(rule, r))
		return VERDICT_COVERED;
	if (r == REL_SUBSIDIARY && rule->percent >= 0)
		return VERDICT_REVIEW; /* its share is not known */
	/* affiliates are often under common control */
	return rule->control && r == REL_AFFILIATE ? VERDICT_REVIEW : VERDICT_EXCLUDED;
}

/* COVERED is better than REVIEW, and that than EXCLUDED. */
static int rank(enum verdict_word w)
{
	return w == VERDICT_COVERED ? 2 : w == VERDICT_REVIEW ? 1 : 0;
}

static bool better(const struct kinship *a, const struct kinship *b)
{
	return rank(a->word) > rank(b->word);
}

/* The kinship after one more step. What was worse before stays the reason. */
static struct kinship onward(const struct law_context *c, const struct order *o,
                             const struct kinship *before, const struct family_edge *edge,
                             enum relation r)
{
	struct kinship k = {.named = before->named, .edge = edge, .relation = r,
	                    .related = true};

	k.over = !law_within(c->as_of, edge->since, edge->until);
	k.word = k.over ? VERDICT_EXCLUDED : step(o, edge, r);
	if (before->related && rank(before->word) < rank(k.word))
		return *before;
	return k;
}

/* What is known of each entity so far, by index. */
struct search {
	const struct law_context *c;
	const struct order *o;
	struct reached {
		struct kinship kin;
		bool found;
	} *reached;
};

/* Keeps a way to `to` when it is better than what is known. */
static bool keep(struct search *q, const struct entity *to, const struct kinship *k)
{
	struct reached *r = &q->reached[to->index];

	if (r->found && !better(k, &r->kin))
		return false;
	*r = (struct reached){.kin = *k, .found = true};
	return true;
}

/* Beyond what is not reached, nothing is. */
static bool goes_on(const struct reached *r)
{
	return r->found && rank(r->kin.word) > 0;
}

static bool along(struct search *q, const struct entity *e, const struct family_edge *edge)
{
	const struct reached here = q->reached[e->index], there = q->reached[edge->entity->index];
	const enum relation back = turned(edge->relation);
	bool more = false;

	if (goes_on(&here)) {
		const struct kinship k = onward(q->c, q->o, &here.kin, edge, edge->relation);
		more = keep(q, edge->entity, &k);
	}
	if (goes_on(&there) && back != REL_COUNT) {
		const struct kinship k = onward(q->c, q->o, &there.kin, edge, back);
		more |= keep(q, e, &k);
	}
	return more;
}

static bool round_of(struct search *q)
{
	const struct pack *p = q->c->pack;
	bool more = false;

	for (size_t i = 0; i < p->n_entities; i++)
		for (size_t k = 0; p->entities[i].kin && k < p->entities[i].n_family; k++)
			if (p->entities[i].family[k].entity)
				more |= along(q, &p->entities[i], &p->entities[i].family[k]);
	return more;
}

static const struct order_entity *named(const struct order *o, const struct entity *e)
{
	for (size_t i = 0; i < o->n_entities; i++)
		if (o->entities[i].entity == e->index)
			return &o->entities[i];
	return NULL;
}

/* 1 found, 0 not, -ENOMEM. */
static int search(const struct law_context *c, const struct order *o,
                  const struct entity *goal, struct arena *mem, struct kinship *ret)
{
	struct search q = {.c = c, .o = o};

	q.reached = arena_zalloc(mem, c->pack->n_entities, sizeof(*q.reached));
	if (!q.reached)
		return -ENOMEM;
	for (size_t i = 0; i < o->n_entities; i++) {
		const struct kinship self = {.word = VERDICT_COVERED, .named = &o->entities[i]};
		(void)keep(&q, &c->pack->entities[o->entities[i].entity], &self);
	}
	for (unsigned n = 0; n < STEPS_MAX && round_of(&q); n++)
		;
	*ret = q.reached[goal->index].kin;
	return q.reached[goal->index].found;
}

/* On to the relative that the subject names. */
static void company_step(const struct law_context *c, const struct order *o,
                         const struct subject *s, struct kinship *k)
{
	const struct family_edge *edge = s->company ? entity_relative(s->entity, s->company)
	                                            : NULL;

	if (edge)
		*k = onward(c, o, k, edge, edge->relation);
}

int kin_of(const struct law_context *c, const struct order *o, const struct subject *s,
           struct arena *mem, struct kinship *ret)
{
	int found = 0;

	if (s->entity && (ret->named = named(o, s->entity))) {
		*ret = (struct kinship){.word = VERDICT_COVERED, .named = ret->named};
		found = 1;
	} else if (s->entity && s->entity->kin) {
		found = search(c, o, s->entity, mem, ret);
	}
	if (found == 1)
		company_step(c, o, s, ret);
	return found;
}

static bool spread(const struct pack *pack, bool *in)
{
	bool more = false;

	for (size_t i = 0; i < pack->n_entities; i++)
		for (size_t k = 0; pack->entities[i].kin && k < pack->entities[i].n_family; k++) {
			const struct entity *other = pack->entities[i].family[k].entity;
			if (!other || in[i] == in[other->index])
				continue;
			in[i] = in[other->index] = true;
			more = true;
		}
	return more;
}

void law_entities(const struct pack *pack, const struct order *o, bool *ret)
{
	for (size_t i = 0; i < o->n_entities; i++)
		ret[o->entities[i].entity] = true;
	for (unsigned n = 0; n < STEPS_MAX && spread(pack, ret); n++)
		;
}
