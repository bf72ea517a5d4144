/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Articles that were read back, put before the law again: for a profile and for a
 * day, which may be others than those of the sweep. What packs do not know of an
 * article is no reason to leave it out: then there is an error, and no paper that
 * would read like "none found".
 */
#include <errno.h>

#include "export/export.h"

bool export_word(const struct verdict *v, struct arena *mem, struct article_word *ret)
{
	static const enum article_verdict words[] = {
		[VERDICT_COVERED] = ARTICLE_COVERED,
		[VERDICT_EXCLUDED] = ARTICLE_EXCLUDED,
		[VERDICT_REVIEW] = ARTICLE_REVIEW,
	};
	struct slice *facts = arena_zalloc(mem, v->n_facts, sizeof(*facts));

	if (!v->because || !facts)
		return false;
	for (size_t i = 0; i < v->n_facts; i++)
		facts[i] = slice_str(v->facts[i]);
	*ret = (struct article_word){
		.order = slice_str(v->order->id),
		.because = slice_str(v->because),
		.clause = slice_str(v->clause ? v->clause->id : NULL),
		.carve_out = slice_str(v->carve_out ? v->carve_out->id : NULL),
		.facts = facts,
		.n_facts = v->n_facts,
		.verdict = words[v->word],
	};
	return true;
}

/* The marks of the evidence, and the relative whose sign one of them is. */
static int take_marks(const struct pack *pack, const struct article *a, struct arena *mem,
                      struct subject *s, struct slice *ret_unknown)
{
	uint32_t *marks = arena_zalloc(mem, a->n_evidence, sizeof(*marks));

	s->marks = marks;
	s->marks_whole = a->n_more == 0;
	for (size_t i = 0; marks && i < a->n_evidence; i++) {
		const char *id = arena_str(mem, a->evidence[i].mark);
		const struct mark *mark = id ? pack_mark(pack, id) : NULL;
		if (!id)
			return -ENOMEM;
		if (mark)
			marks[s->n_marks++] = mark->index;
		else
			s->marks_whole = false;
		if (!mark && ret_unknown && ret_unknown->n == 0)
			*ret_unknown = a->evidence[i].mark;
		if (mark && !s->company && a->basis == BASIS_FAMILY)
			s->company = mark->company;
	}
	return marks ? 0 : -ENOMEM;
}

int export_subject(const struct articles *all, const struct article *a,
                   const struct entity *maker, const struct pack *pack, struct arena *mem,
                   struct subject *ret, struct slice *ret_unknown)
{
	const struct article_source *source = articles_source(all, a->source);

	if (ret_unknown)
		*ret_unknown = (struct slice){0};
	*ret = (struct subject){
		.entity = maker,
		.kind = a->kind,
		.basis = a->basis,
		.state = a->state,
		.strength = a->strength,
		.name = a->name,
		.source = source ? source->path : (struct slice){0},
		.host = source ? source->host : (struct slice){0},
	};
	return take_marks(pack, a, mem, ret, ret_unknown);
}

static int subject_of(const struct articles *all, const struct article *a,
                      const struct pack *pack, struct arena *mem, struct err *e,
                      struct subject *ret)
{
	const char *id = arena_str(mem, a->entity);
	const struct entity *entity = id ? pack_entity(pack, id) : NULL;
	struct slice unknown;

	if (!id)
		return -ENOMEM;
	if (!entity)
		return err_set(e, -ENOENT, "the packs have no entity \"%s\", of which an "
		               "article was found: use those of the sweep", id);
	const int r = export_subject(all, a, entity, pack, mem, ret, &unknown);
	if (r == 0 && unknown.n)
		return err_set(e, -ENOENT, "the packs have no mark \"%.*s\", which an "
		               "article was found by: use those of the sweep",
		               SLICE_ARG(unknown));
	return r;
}

static int judge(struct articles *all, struct article *a, const struct export_judging *j,
                 struct err *e)
{
	struct subject s;
	int r = subject_of(all, a, j->law->pack, &all->mem, e, &s);

	if (r < 0)
		return r;
	a->n_words = 0;
	a->words = arena_zalloc(&all->mem, j->n_orders, sizeof(*a->words));
	for (size_t i = 0; a->words && i < j->n_orders; i++) {
		struct verdict v;
		if (!law_judge(j->law, j->orders[i], &s, &all->mem, &v))
			continue;
		if (!export_word(&v, &all->mem, &a->words[a->n_words++]))
			return -ENOMEM;
	}
	return a->words ? 0 : -ENOMEM;
}

int export_judge(struct articles *all, const struct export_judging *j, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->n; i++)
		r = judge(all, &all->list[i], j, e);
	return r == -ENOMEM ? err_set(e, r, "out of memory") : r;
}
