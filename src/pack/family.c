/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Families must not run in a circle: a company that owns its owner, or follows
 * itself, is a mistake in the pack. What is left after taking away, again and
 * again, whoever has nobody above or nobody below is in a circle or between two.
 */
#include "pack/reader.h"

struct link {
	uint32_t above, below;
};

struct graph {
	struct link *links;
	size_t n_links;
	uint32_t *up, *down; /* links to somebody who is left, by entity */
	bool *gone;
};

/* Who stands above the other, by what `e` says of `edge`: -1 the other, 1 e, 0
 * nobody. */
static int owner_side(enum relation r)
{
	return r == REL_PARENT ? -1 : r == REL_SUBSIDIARY || r == REL_OWNED ? 1 : 0;
}

static int older_side(enum relation r)
{
	return r == REL_PREDECESSOR ? -1 : r == REL_SUCCESSOR ? 1 : 0;
}

static size_t count_edges(const struct pack *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_entities; i++)
		n += p->entities[i].n_family;
	return n;
}

static void fill(const struct pack *p, struct graph *g, int (*side)(enum relation))
{
	for (uint32_t i = 0; i < p->n_entities; i++)
		for (size_t k = 0; k < p->entities[i].n_family; k++) {
			const struct family_edge *edge = &p->entities[i].family[k];
			const int s = edge->entity ? side(edge->relation) : 0;
			const uint32_t other = edge->entity ? edge->entity->index : 0;
			if (s == 0)
				continue;
			const struct link link = {.above = s > 0 ? i : other,
			                          .below = s > 0 ? other : i};
			g->links[g->n_links++] = link;
			g->down[link.above]++;
			g->up[link.below]++;
		}
}

/* Takes an entity away; true when it was still there. */
static bool take_away(struct graph *g, uint32_t entity)
{
	if (g->gone[entity])
		return false;
	g->gone[entity] = true;
	for (size_t i = 0; i < g->n_links; i++) {
		if (g->links[i].above == entity)
			g->up[g->links[i].below]--;
		if (g->links[i].below == entity)
			g->down[g->links[i].above]--;
	}
	return true;
}

static void trim(struct graph *g, size_t n)
{
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < n; i++)
			if (!g->gone[i] && (g->up[i] == 0 || g->down[i] == 0))
				more |= take_away(g, i);
	}
}

static bool graph_room(struct reader *r, struct graph *g)
{
	const size_t n = r->pack->n_entities;

	*g = (struct graph){
		.links = arena_zalloc(&r->nodes, count_edges(r->pack) + 1, sizeof(*g->links)),
		.up = arena_zalloc(&r->nodes, n + 1, sizeof(*g->up)),
		.down = arena_zalloc(&r->nodes, n + 1, sizeof(*g->down)),
		.gone = arena_zalloc(&r->nodes, n + 1, sizeof(*g->gone)),
	};
	if (!g->links || !g->up || !g->down || !g->gone)
		r->nomem = true;
	return !r->nomem;
}

static void check(struct reader *r, int (*side)(enum relation), const char *words)
{
	const struct pack *p = r->pack;
	struct graph g;

	if (!graph_room(r, &g))
		return;
	fill(p, &g, side);
	/* whoever has no links at all is no work for trim() */
	for (uint32_t i = 0; i < p->n_entities; i++)
		g.gone[i] = g.up[i] == 0 && g.down[i] == 0;
	if (g.n_links)
		trim(&g, p->n_entities);
	for (uint32_t i = 0; i < p->n_entities; i++)
		if (!g.gone[i]) {
			r->file = p->entities[i].file;
			read_problem(r, r->entity_nodes[i], "the family of \"%s\" runs in a "
			             "circle: it would %s itself", p->entities[i].id, words);
			return;
		}
}

static void mark_kin(struct pack *p)
{
	for (size_t i = 0; i < p->n_entities; i++)
		for (size_t k = 0; k < p->entities[i].n_family; k++) {
			const struct entity *other = p->entities[i].family[k].entity;
			if (other)
				p->entities[i].kin = p->entities[other->index].kin = true;
		}
}

void family_check(struct reader *r)
{
	mark_kin(r->pack);
	check(r, owner_side, "own");
	check(r, older_side, "succeed");
}
