/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which candidates speak of the same article, and which hosts hold the same
 * of them. Each candidate is settled by itself first: that names its article
 * by the rules of finding/. Then, for each group of candidates of one name,
 * the hosts are split, 64 at a time, by which of the candidates they hold.
 *
 * When hosts differ too much (more than CLASSES_MAX classes), each candidate
 * of the group is judged by itself: a host then shows several cases of the
 * article, each on its own evidence, which accuses no one of more.
 */
#include <errno.h>
#include <stdlib.h>

#include "map/state.h"

enum {
	CLASSES_MAX = 512,
	TABLE_SIZE = 2048,           /* power of two, over twice CLASSES_MAX */
	STEPS_MAX = 400 * 1000 * 1000, /* words times candidates of a group */
	HITS_BUDGET = FINDINGS_MAX / 2,
};

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

/* ---- groups ------------------------------------------------------------ */

static int by_name(const struct finding *a, const struct finding *b)
{
	int c = CMP(a->entity->index, b->entity->index);

	c = c ? c : CMP(a->kind, b->kind);
	return c ? c : slice_cmp(a->name, b->name);
}

static int by_group(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x;
	const struct finding *b = *(const struct finding *const *)y;
	int c = by_name(a, b);

	return c ? c : CMP(a->source, b->source);
}

/* Settles candidates one by one, to learn the names of their articles. */
static int name_articles(struct map *m)
{
	static const struct order *const none[1];
	struct finding_context ctx = map_context(m, false);
	uint64_t mentions = 0;

	m->names = findings_new(m->args.pack);
	if (!m->names)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->n_candidates; i++) {
		struct candidate *c = &m->candidates[i];
		int r = map_add_hits(m->names, i, c, UINT32_MAX);
		if (r == -E2BIG)
			r = sparse_add_to(&m->undecided, &c->hosts);
		if (r < 0)
			return r;
	}
	return findings_settle(m->names, &ctx, none, 0, &mentions);
}

static int add_group(struct map *m, const struct finding *const *run, size_t n)
{
	struct group *g = &m->groups[m->n_groups];

	*g = (struct group){
		.entity = run[0]->entity->index,
		.kind = run[0]->kind,
		.name = run[0]->name,
		.members = arena_zalloc(&m->mem, n, sizeof(uint32_t)),
	};
	if (!g->members)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || run[i]->source != run[i - 1]->source)
			g->members[g->n_members++] = run[i]->source;
	m->n_groups++;
	return 0;
}

static int make_groups(struct map *m)
{
	size_t n, end;
	const struct finding *list = findings_list(m->names, &n);
	const struct finding **sorted = calloc(n + 1, sizeof(*sorted));
	int r = 0;

	m->groups = arena_zalloc(&m->mem, n, sizeof(*m->groups));
	if (!sorted || !m->groups) {
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = &list[i];
	qsort(sorted, n, sizeof(*sorted), by_group);
	for (size_t i = 0; i < n && r == 0; i = end) {
		for (end = i + 1; end < n && by_name(sorted[i], sorted[end]) == 0;)
			end++;
		r = add_group(m, sorted + i, end - i);
	}
	free(sorted);
	return r;
}

/* ---- classes ----------------------------------------------------------- */

/* Which candidates: the sum (xor) of a random-looking number for each. */
struct signature {
	uint64_t a, b;
};

struct part {
	struct signature sig;
	uint64_t bits;
};

struct growing {
	struct signature sig;
	struct set_word *words;
	size_t n, size;
};

struct split {
	struct map *m;
	const struct group *group;
	size_t *next;              /* per member: its word that comes next */
	struct growing classes[CLASSES_MAX];
	size_t n_classes;
	uint16_t table[TABLE_SIZE]; /* index in classes, from 1 */
};

/* Finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mixed(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static const struct sparse_set *hosts_of(const struct split *s, size_t member)
{
	return &s->m->candidates[s->group->members[member]].hosts;
}

static struct growing *class_of(struct split *s, struct signature sig)
{
	size_t at = sig.a % TABLE_SIZE;

	for (; s->table[at]; at = (at + 1) % TABLE_SIZE) {
		struct growing *c = &s->classes[s->table[at] - 1];
		if (c->sig.a == sig.a && c->sig.b == sig.b)
			return c;
	}
	if (s->n_classes == CLASSES_MAX)
		return NULL;
	struct growing *c = &s->classes[s->n_classes++];
	c->sig = sig;
	s->table[at] = (uint16_t)s->n_classes;
	return c;
}

static int put_word(struct growing *c, uint32_t at, uint64_t bits)
{
	if (c->n == c->size) {
		size_t size = c->size ? c->size * 2 : 4;
		struct set_word *words = reallocarray(c->words, size, sizeof(*words));
		if (!words)
			return -ENOMEM;
		c->words = words;
		c->size = size;
	}
	c->words[c->n++] = (struct set_word){at, bits};
	return 0;
}

/* Splits the parts of a word by whether they hold one more candidate. */
static size_t refine(struct part *parts, size_t n, uint64_t bits, size_t member)
{
	const uint64_t a = mixed(2 * member + 1), b = mixed(2 * member + 2);
	size_t was = n;

	for (size_t i = 0; i < was; i++) {
		const struct part p = parts[i];
		const uint64_t in = p.bits & bits;
		if (!in)
			continue;
		if (in != p.bits)
			parts[n++] = (struct part){p.sig, p.bits & ~bits};
		parts[i] = (struct part){{p.sig.a ^ a, p.sig.b ^ b}, in};
	}
	return n;
}

/* The word that comes next in any member, or UINT32_MAX. */
static uint32_t next_word(const struct split *s, uint64_t *ret_any)
{
	uint32_t at = UINT32_MAX;

	*ret_any = 0;
	for (size_t i = 0; i < s->group->n_members; i++) {
		const struct sparse_set *set = hosts_of(s, i);
		if (s->next[i] == set->n || set->words[s->next[i]].at > at)
			continue;
		if (set->words[s->next[i]].at < at)
			*ret_any = 0;
		at = set->words[s->next[i]].at;
		*ret_any |= set->words[s->next[i]].bits;
	}
	return at;
}

/* 1: too many classes. */
static int split_word(struct split *s, uint32_t at, uint64_t any)
{
	/* A part holds at least one of 64 hosts. */
	struct part parts[WORD_BITS] = {{.bits = any}};
	size_t n = 1;

	for (size_t i = 0; i < s->group->n_members; i++) {
		const struct sparse_set *set = hosts_of(s, i);
		if (s->next[i] < set->n && set->words[s->next[i]].at == at)
			n = refine(parts, n, set->words[s->next[i]++].bits, i);
	}
	for (size_t i = 0; i < n; i++) {
		struct growing *c = class_of(s, parts[i].sig);
		if (!c)
			return 1;
		if (put_word(c, at, parts[i].bits) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int split_hosts(struct split *s)
{
	uint64_t any;
	int r = 0;

	s->next = calloc(s->group->n_members + 1, sizeof(*s->next));
	if (!s->next)
		return -ENOMEM;
	for (uint32_t at; r == 0 && (at = next_word(s, &any)) != UINT32_MAX;)
		r = split_word(s, at, any);
	free(s->next);
	return r;
}

static struct host_class *new_class(struct map *m)
{
	if (m->n_classes == m->classes_size) {
		size_t size = m->classes_size ? m->classes_size * 2 : 64;
		struct host_class *list =
			reallocarray(m->classes, size, sizeof(*list));
		if (!list)
			return NULL;
		m->classes = list;
		m->classes_size = size;
	}
	m->classes[m->n_classes] = (struct host_class){0};
	return &m->classes[m->n_classes++];
}

/* Any host of a class tells which candidates all of them hold. */
static int keep_class(struct split *s, const struct growing *from)
{
	struct map *m = s->m;
	const struct group *g = s->group;
	const uint32_t host = from->words[0].at * WORD_BITS +
	                      (uint32_t)__builtin_ctzll(from->words[0].bits);
	struct host_class *class = new_class(m);
	uint32_t *members = arena_zalloc(&m->mem, g->n_members, sizeof(*members));
	struct set_word *words = arena_alloc(&m->mem, from->n * sizeof(*words));

	if (!class || !members || !words)
		return -ENOMEM;
	memcpy(words, from->words, from->n * sizeof(*words));
	*class = (struct host_class){
		.group = (uint32_t)(g - m->groups),
		.members = members,
		.hosts = {.words = words, .n = from->n},
	};
	for (size_t i = 0; i < g->n_members; i++)
		if (sparse_has(hosts_of(s, i), host))
			members[class->n_members++] = g->members[i];
	return 0;
}

static int each_by_itself(struct map *m, const struct group *g)
{
	for (size_t i = 0; i < g->n_members; i++) {
		struct host_class *class = new_class(m);
		if (!class)
			return -ENOMEM;
		*class = (struct host_class){
			.group = (uint32_t)(g - m->groups),
			.members = &g->members[i],
			.n_members = 1,
			.hosts = m->candidates[g->members[i]].hosts,
		};
	}
	return 0;
}

static bool too_long(const struct split *s)
{
	size_t longest = 0;

	for (size_t i = 0; i < s->group->n_members; i++)
		if (hosts_of(s, i)->n > longest)
			longest = hosts_of(s, i)->n;
	return longest * s->group->n_members > STEPS_MAX;
}

/* How many hits judging the classes of a group would take. */
static size_t hits_of(const struct map *m, size_t first_class)
{
	size_t n = 0;

	for (size_t i = first_class; i < m->n_classes; i++)
		for (size_t k = 0; k < m->classes[i].n_members; k++)
			n += m->candidates[m->classes[i].members[k]].n_hits;
	return n;
}

static int make_classes(struct split *s, size_t *hits)
{
	struct map *m = s->m;
	const size_t first = m->n_classes;
	int r = s->group->n_members == 1 || too_long(s) ? 1 : split_hosts(s);

	for (size_t i = 0; i < s->n_classes && r == 0; i++)
		r = keep_class(s, &s->classes[i]);
	if (r == 0 && *hits + hits_of(m, first) > HITS_BUDGET)
		r = 1;
	if (r == 1) {
		m->n_classes = first;
		r = each_by_itself(m, s->group);
	}
	*hits += hits_of(m, first);
	return r;
}

int map_classes(struct map *m, struct err *e)
{
	struct split *s = calloc(1, sizeof(*s));
	size_t hits = 0;
	int r = s ? name_articles(m) : -ENOMEM;

	if (r == 0)
		r = make_groups(m);
	for (size_t i = 0; i < m->n_groups && r == 0; i++) {
		memset(s, 0, sizeof(*s));
		s->m = m;
		s->group = &m->groups[i];
		r = make_classes(s, &hits);
		for (size_t k = 0; k < s->n_classes; k++)
			free(s->classes[k].words);
	}
	free(s);
	return r < 0 ? err_sys(e, r, "sorting hosts by what they hold") : 0;
}
