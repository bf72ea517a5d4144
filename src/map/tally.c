/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many hosts stand under each word: in all, per order, and per group of
 * --group-by. Rows that are one per host are not made here; see map.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "map/state.h"

enum { GROUPS_MAX = 1000000 };

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

void map_words_apart(struct host_set words[MAP_WORD_COUNT])
{
	for (int w = MAP_WORD_COUNT - 1; w > MAP_NONE; w--)
		for (int less = w - 1; less > MAP_NONE; less--)
			set_remove(&words[less], &words[w]);
}

struct map_tally map_tally_of(const struct host_set words[MAP_WORD_COUNT])
{
	struct map_tally t = {0};

	for (int w = MAP_NONE + 1; w < MAP_WORD_COUNT; w++)
		t.hosts[w] = set_count(&words[w]);
	return t;
}

static void clear_words(struct host_set words[MAP_WORD_COUNT])
{
	for (int w = 0; w < MAP_WORD_COUNT; w++)
		set_clear(&words[w]);
}

static void finish_words(struct host_set words[MAP_WORD_COUNT])
{
	for (int w = 0; w < MAP_WORD_COUNT; w++)
		set_finish(&words[w]);
}

static enum map_word word_under(const struct finding *f,
                                const struct order *order)
{
	static const enum map_word words[] = {
		[VERDICT_COVERED] = MAP_COVERED,
		[VERDICT_EXCLUDED] = MAP_EXCLUDED,
		[VERDICT_REVIEW] = MAP_REVIEW,
	};

	for (size_t i = 0; i < f->n_verdicts; i++)
		if (f->verdicts[i].order == order)
			return words[f->verdicts[i].word];
	return MAP_NONE;
}

/* ---- in all, and per order --------------------------------------------- */

static int tally_total(struct map *m)
{
	for (size_t i = 0; i < m->n_cases; i++)
		if (sparse_add_to(&m->words[m->cases[i].word],
		                  &m->case_hosts[i]) < 0)
			return -ENOMEM;
	if (set_add(&m->words[MAP_REVIEW], &m->undecided) < 0)
		return -ENOMEM;
	map_words_apart(m->words);
	m->report.total = map_tally_of(m->words);
	m->report.undecided = set_count(&m->undecided);
	return 0;
}

static int tally_order(struct map *m, struct map_order *to,
                       struct host_set words[MAP_WORD_COUNT])
{
	clear_words(words);
	for (size_t i = 0; i < m->n_cases; i++) {
		enum map_word w = word_under(m->cases[i].finding, to->order);
		if (w != MAP_NONE && sparse_add_to(&words[w], &m->case_hosts[i]) < 0)
			return -ENOMEM;
	}
	map_words_apart(words);
	to->tally = map_tally_of(words);
	return 0;
}

static int tally_orders(struct map *m)
{
	struct host_set words[MAP_WORD_COUNT] = {0};
	struct map_order *orders =
		arena_zalloc(&m->mem, m->args.n_orders, sizeof(*orders));
	int r = orders ? 0 : -ENOMEM;

	for (size_t i = 0; i < m->args.n_orders && r == 0; i++) {
		orders[i].order = m->args.orders[i];
		r = tally_order(m, &orders[i], words);
	}
	finish_words(words);
	m->report.by_order = orders;
	return r;
}

/* ---- per group --------------------------------------------------------- */

/* A case under the key of the group that it belongs to. */
struct member {
	struct map_group key;  /* .unit is not set yet */
	enum map_word word;
	size_t at;             /* of the case */
};

static int by_key(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	const struct map_group *k = &a->key, *l = &b->key;
	int c = 0;

	if (k->order && l->order)
		c = CMP(k->order->index, l->order->index);
	c = c ? c : CMP(k->order != NULL, l->order != NULL);
	if (c == 0 && k->article)
		c = strcmp(k->article->id, l->article->id);
	return c ? c : CMP(l->state, k->state);
}

/* With --group-by order a case stands once under each order that names it. */
static size_t add_members(const struct map *m, size_t at, struct member *to)
{
	const struct map_case *c = &m->cases[at];
	struct member one = {
		.key = {
			.article = m->args.by & MAP_BY_ARTICLE ? c->finding : NULL,
			.state = m->args.by & MAP_BY_STATE ? (int)c->finding->state
			                                   : -1,
		},
		.word = c->word,
		.at = at,
	};
	size_t n = 0;

	if (!(m->args.by & MAP_BY_ORDER) || c->finding->n_verdicts == 0) {
		to[0] = one;
		return 1;
	}
	for (; n < c->finding->n_verdicts; n++) {
		one.key.order = c->finding->verdicts[n].order;
		one.word = word_under(c->finding, one.key.order);
		to[n] = one;
	}
	return n;
}

struct grouping {
	struct map *m;
	struct map_group *rows;
	size_t n, size;
	struct host_set words[MAP_WORD_COUNT];
	struct map_tally *tallies; /* with units: one per name */
	enum map_word word;
};

static struct map_group *add_row(struct grouping *g, const struct map_group *key)
{
	if (g->n == GROUPS_MAX)
		return NULL;
	if (g->n == g->size) {
		size_t size = g->size ? g->size * 2 : 64;
		struct map_group *rows = reallocarray(g->rows, size, sizeof(*rows));
		if (!rows)
			return NULL;
		g->rows = rows;
		g->size = size;
	}
	g->rows[g->n] = *key;
	return &g->rows[g->n++];
}

static void count_unit(void *ctx, uint32_t host)
{
	struct grouping *g = ctx;

	if (host < g->m->n_unit_of)
		g->tallies[g->m->unit_of[host]].hosts[g->word]++;
}

/* A row for each unit that has hosts in the sets. */
static int add_unit_rows(struct grouping *g, const struct map_group *key)
{
	const struct map *m = g->m;

	memset(g->tallies, 0, m->n_unit_names * sizeof(*g->tallies));
	for (int w = MAP_NONE + 1; w < MAP_WORD_COUNT; w++) {
		g->word = (enum map_word)w;
		set_each(&g->words[w], count_unit, g);
	}
	for (size_t i = 0; i < m->n_unit_names; i++) {
		const struct map_tally *t = &g->tallies[i];
		if (map_affected(t) + t->hosts[MAP_EXCLUDED] == 0)
			continue;
		struct map_group *row = add_row(g, key);
		if (!row)
			return -ENOMEM;
		row->unit = m->unit_names[i].n ? m->unit_names[i] : SLICE("");
		row->tally = *t;
	}
	return 0;
}

static int add_rows(struct grouping *g, const struct member *run, size_t n)
{
	clear_words(g->words);
	for (size_t i = 0; i < n; i++)
		if (sparse_add_to(&g->words[run[i].word],
		                  &g->m->case_hosts[run[i].at]) < 0)
			return -ENOMEM;
	map_words_apart(g->words);
	if (g->m->args.by & MAP_BY_UNIT)
		return add_unit_rows(g, &run->key);
	struct map_group *row = add_row(g, &run->key);
	if (!row)
		return -ENOMEM;
	row->tally = map_tally_of(g->words);
	return 0;
}

static int tally_groups(struct grouping *g)
{
	struct map *m = g->m;
	size_t n = 0, most = m->n_cases * (m->args.n_orders + 1);
	struct member *members = calloc(most + 1, sizeof(*members));
	int r = members ? 0 : -ENOMEM;

	for (size_t i = 0; i < m->n_cases && r == 0; i++)
		n += add_members(m, i, members + n);
	if (n > 0)
		qsort(members, n, sizeof(*members), by_key);
	for (size_t i = 0, end; i < n && r == 0; i = end) {
		for (end = i + 1; end < n && by_key(&members[i], &members[end]) == 0;)
			end++;
		r = add_rows(g, members + i, end - i);
	}
	free(members);
	return r;
}

/* Per order, the most urgent first. */
static int by_urgency(const void *x, const void *y)
{
	const struct map_group *a = x, *b = y;
	int c = 0;

	if (a->order && b->order)
		c = CMP(a->order->index, b->order->index);
	c = c ? c : CMP(b->order != NULL, a->order != NULL);
	for (int w = MAP_WORD_COUNT - 1; w > MAP_NONE && c == 0; w--)
		c = CMP(b->tally.hosts[w], a->tally.hosts[w]);
	if (c == 0 && a->article)
		c = strcmp(a->article->id, b->article->id);
	c = c ? c : CMP(b->state, a->state);
	size_t n = a->unit.n < b->unit.n ? a->unit.n : b->unit.n;
	c = c || n == 0 ? c : memcmp(a->unit.p, b->unit.p, n);
	return c ? c : CMP(a->unit.n, b->unit.n);
}

int map_groups(struct map *m, struct err *e)
{
	struct grouping g = {.m = m};
	struct map_group *rows = NULL;

	/* With hosts in it, a row is a host's. */
	if (!m->args.by || m->args.by & MAP_BY_HOST)
		return 0;
	g.tallies = arena_zalloc(&m->mem, m->n_unit_names, sizeof(*g.tallies));
	int r = g.tallies ? tally_groups(&g) : -ENOMEM;
	if (r == 0)
		rows = arena_zalloc(&m->mem, g.n, sizeof(*rows));
	if (rows && g.n) {
		memcpy(rows, g.rows, g.n * sizeof(*rows));
		qsort(rows, g.n, sizeof(*rows), by_urgency);
	}
	m->report.groups = rows;
	m->report.n_groups = rows ? g.n : 0;
	free(g.rows);
	finish_words(g.words);
	return rows ? 0 : err_set(e, -ENOMEM, "too many groups: ask for fewer "
	                          "things to group by");
}

int map_tally(struct map *m, struct err *e)
{
	int r = tally_total(m);

	if (r == 0)
		r = tally_orders(m);
	return r < 0 ? err_sys(e, r, "counting hosts") : 0;
}
