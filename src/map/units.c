/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts per unit. A unit is a path (department/agency/unit), and each of its
 * parts counts all hosts below it. No row is read per host: map_seen() has every
 * host's unit in one array.
 */
#include <errno.h>
#include <stdlib.h>

#include "map/state.h"

/* Deeper paths count under their first so many parts. */
enum { UNIT_DEPTH_MAX = 16 };

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

struct node {
	struct map_unit unit;
	size_t parent;      /* index, or SIZE_MAX */
};

struct tree {
	struct node *nodes; /* each behind its parent, sorted by path */
	size_t n;
	size_t *leaf_of;    /* by index of the store's names */
};

/* One of the store's names, without slashes at its ends. */
struct name {
	struct slice path;
	unsigned depth;     /* slashes in it */
	size_t index;
};

/* ---- paths ------------------------------------------------------------- */

/* Parts before their continuation: "a/b" before "a-b". */
static int by_path(struct slice a, struct slice b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		if (a.p[i] == b.p[i])
			continue;
		if (a.p[i] == '/' || b.p[i] == '/')
			return a.p[i] == '/' ? -1 : 1;
		return CMP(a.p[i], b.p[i]);
	}
	return CMP(a.n, b.n);
}

static int names_by_path(const void *x, const void *y)
{
	const struct name *a = x, *b = y;
	return by_path(a->path, b->path);
}

/* At most UNIT_DEPTH_MAX parts of a path. */
static struct name name_of(struct slice path, size_t index)
{
	struct name name = {.index = index};

	while (path.n > 0 && path.p[0] == '/')
		path = slice_from(path, 1);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	name.path = path;
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] != '/')
			continue;
		if (name.depth + 1 == UNIT_DEPTH_MAX) {
			name.path = slice_first(path, i);
			break;
		}
		name.depth++;
	}
	return name;
}

/* The first depth + 1 parts. */
static struct slice parts(struct slice path, unsigned depth)
{
	size_t n = 0;

	for (; n < path.n; n++)
		if (path.p[n] == '/' && depth-- == 0)
			break;
	return slice_first(path, n);
}

/* ---- the tree ---------------------------------------------------------- */

/* Adds what is not there yet of a name and the units above it. `at` holds the
 * nodes that lead to the name before, n of them. */
static size_t add_name(struct tree *t, const struct name *name,
                       size_t at[UNIT_DEPTH_MAX], size_t n)
{
	for (unsigned depth = 0; depth <= name->depth; depth++) {
		struct slice path = parts(name->path, depth);
		if (depth < n && slice_eq(t->nodes[at[depth]].unit.path, path))
			continue;
		t->nodes[t->n] = (struct node){
			.unit = {.path = path, .depth = depth},
			.parent = depth ? at[depth - 1] : SIZE_MAX,
		};
		at[depth] = t->n++;
		n = depth + 1;
	}
	t->leaf_of[name->index] = at[name->depth];
	return n;
}

static int build(struct tree *t, const struct slice *names, size_t n)
{
	struct name *sorted = calloc(n + 1, sizeof(*sorted));
	size_t at[UNIT_DEPTH_MAX], n_at = 0, most = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		sorted[i] = name_of(names[i], i);
		most += sorted[i].depth + 1;
	}
	if (n > 0)
		qsort(sorted, n, sizeof(*sorted), names_by_path);
	t->nodes = calloc(most + 1, sizeof(*t->nodes));
	t->leaf_of = calloc(n + 1, sizeof(*t->leaf_of));
	for (size_t i = 0; t->nodes && t->leaf_of && i < n; i++)
		n_at = add_name(t, &sorted[i], at, n_at);
	free(sorted);
	return t->nodes && t->leaf_of ? 0 : -ENOMEM;
}

/* ---- counting ---------------------------------------------------------- */

struct counting {
	const struct map *m;
	uint64_t *counts;  /* per name */
};

static void count_host(void *ctx, uint32_t host)
{
	struct counting *c = ctx;

	if (host < c->m->n_unit_of)
		c->counts[c->m->unit_of[host]]++;
}

/* The counter of a unit for what is being counted: a word, or one of these. */
enum { REPORTED = MAP_WORD_COUNT, NEVER };

static uint64_t *counter(struct map_unit *unit, int what)
{
	switch (what) {
	case REPORTED:
		return &unit->reported;
	case NEVER:
		return &unit->never;
	default:
		return &unit->tally.hosts[what];
	}
}

/* Counts a set per name, and adds that to the node of each name. */
static void count_set(struct tree *t, struct counting *c,
                      const struct host_set *set, int what)
{
	const size_t n = c->m->n_unit_names;

	memset(c->counts, 0, n * sizeof(*c->counts));
	set_each(set, count_host, c);
	for (size_t i = 0; i < n; i++)
		*counter(&t->nodes[t->leaf_of[i]].unit, what) += c->counts[i];
}

/* From the leaves up: a node stands behind its parent. */
static void roll_up(struct tree *t)
{
	for (size_t i = t->n; i-- > 0;) {
		const struct map_unit *from = &t->nodes[i].unit;
		if (t->nodes[i].parent == SIZE_MAX)
			continue;
		struct map_unit *to = &t->nodes[t->nodes[i].parent].unit;
		to->reported += from->reported;
		to->never += from->never;
		for (int w = 0; w < MAP_WORD_COUNT; w++)
			to->tally.hosts[w] += from->tally.hosts[w];
	}
}

static int count(struct tree *t, const struct map *m)
{
	struct counting c = {.m = m};

	c.counts = calloc(m->n_unit_names + 1, sizeof(*c.counts));
	if (!c.counts)
		return -ENOMEM;
	count_set(t, &c, &m->reported, REPORTED);
	count_set(t, &c, &m->never, NEVER);
	for (int w = MAP_NONE + 1; w < MAP_WORD_COUNT; w++)
		count_set(t, &c, &m->words[w], w);
	free(c.counts);
	roll_up(t);
	return 0;
}

/* A unit without a host is told, unless only some hosts were asked for. */
static bool is_asked(const struct map *m, const struct map_unit *unit)
{
	return m->args.n_where == 0 || unit->reported + unit->never > 0;
}

int map_units(struct map *m, struct err *e)
{
	struct tree t = {0};
	struct map_unit *units = NULL;
	int r = build(&t, m->unit_names, m->n_unit_names);

	if (r == 0)
		r = count(&t, m);
	if (r == 0)
		units = arena_zalloc(&m->mem, t.n, sizeof(*units));
	for (size_t i = 0; units && i < t.n; i++)
		if (is_asked(m, &t.nodes[i].unit))
			units[m->report.n_units++] = t.nodes[i].unit;
	m->report.units = units;
	free(t.nodes);
	free(t.leaf_of);
	return units ? 0 : err_sys(e, -ENOMEM, "counting per unit");
}
