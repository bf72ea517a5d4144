/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/lore.h"

#include <errno.h>
#include <stdlib.h>

static const char *entity_id(const struct pack *pack, struct slice entity)
{
	for (size_t i = 0; i < pack->n_entities; i++)
		if (slice_eq(slice_str(pack->entities[i].id), entity))
			return pack->entities[i].id;
	return NULL;
}

static const struct removal *next(const struct pack *pack, struct slice entity,
                                  struct slice name, size_t *at)
{
	const char *id = entity_id(pack, entity);

	return id ? pack_removal(pack, id, name, at) : NULL;
}

/* Only for what protects must something stand ready before it goes; other roles
 * are words for people. */
static bool is_protecting(const char *role)
{
	return strcmp(role, "anti-virus") == 0 || strcmp(role, "firewall") == 0;
}

static void article(const void *ctx, struct slice entity, struct slice name,
                    uint32_t *ret_rank, struct slice *ret_role,
                    struct slice *ret_advice)
{
	size_t at = 0;
	const struct removal *m = next(ctx, entity, name, &at);

	*ret_rank = m ? m->rank : LORE_RANK_UNKNOWN;
	*ret_role = slice_str(m && is_protecting(m->role) ? m->role : "");
	*ret_advice = slice_str(m && m->advice ? m->advice : "");
}

static const char *const *protections(const void *ctx, struct slice role)
{
	return pack_protections(ctx, role);
}

struct plan_lore lore_of(const struct pack *pack)
{
	return (struct plan_lore){pack, article, protections};
}

/* Recipes of all articles while they are gathered: counted first, then stored. */
struct gathering {
	const struct pack *pack;
	struct plan_recipe *list; /* NULL: only counted */
	size_t n;
};

static void gather(struct gathering *g, const struct step *step)
{
	const struct removal *m;
	size_t at = 0;

	while ((m = next(g->pack, step->entity, step->name, &at)))
		for (size_t i = 0; i < m->n_recipes; i++) {
			const struct recipe *r = &m->recipes[i];
			if (r->platform != PLATFORM_WINDOWS)
				continue;
			if (g->list)
				g->list[g->n] = (struct plan_recipe){
					.article = step->article,
					.what = slice_str(r->what),
					.command = slice_str(r->command),
					.after = slice_str(r->after),
					.source = slice_str(r->source),
				};
			g->n++;
		}
}

static int by_article(const void *va, const void *vb)
{
	const struct step *const *a = va, *const *b = vb;
	int order = slice_cmp((*a)->article, (*b)->article);

	return order ? order : (*a > *b) - (*a < *b);
}

/* One step of each article, in order of the articles' ids. */
static const struct step **articles_of(const struct plan *plan, struct arena *mem,
                                       size_t *ret_n)
{
	const struct step **list = arena_zalloc(mem, plan->n_steps, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; list && i < plan->n_steps; i++)
		list[i] = &plan->steps[i];
	if (!list)
		return NULL;
	if (plan->n_steps)
		qsort(list, plan->n_steps, sizeof(*list), by_article);
	for (size_t i = 0; i < plan->n_steps; i++)
		if (n == 0 || !slice_eq(list[n - 1]->article, list[i]->article))
			list[n++] = list[i];
	*ret_n = n;
	return list;
}

int lore_recipes(const struct pack *pack, const struct plan *plan, struct arena *mem,
                 struct plan_recipe **ret, size_t *ret_n)
{
	struct gathering g = {.pack = pack};
	size_t n_articles = 0;
	const struct step **articles = articles_of(plan, mem, &n_articles);

	if (!articles)
		return -ENOMEM;
	for (size_t i = 0; i < n_articles; i++)
		gather(&g, articles[i]);
	if (g.n > LORE_RECIPES_MAX)
		return -E2BIG;
	g.list = arena_zalloc(mem, g.n, sizeof(*g.list));
	if (!g.list)
		return -ENOMEM;
	g.n = 0;
	for (size_t i = 0; i < n_articles; i++)
		gather(&g, articles[i]);
	*ret = g.list;
	*ret_n = g.n;
	return 0;
}
