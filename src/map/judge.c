/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each class of hosts is settled as one source of a sweep would be, so that
 * names, states, bases, strengths and verdicts follow the same rules. Equal
 * outcomes are then one case, and the cases of one article stand together.
 */
#include <errno.h>
#include <stdlib.h>

#include "map/state.h"

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

/* ---- what settling may ask --------------------------------------------- */

/* The candidates of a source. */
static const uint32_t *members_of(const struct map *m, const uint32_t *source,
                                  size_t *ret_n)
{
	if (!m->source_is_class) {
		*ret_n = 1;
		return source;
	}
	*ret_n = m->classes[*source].n_members;
	return m->classes[*source].members;
}

static bool owner_of(void *ctx, uint32_t source, struct slice path,
                     struct owner *ret)
{
	const struct map *m = ctx;
	size_t n;
	const uint32_t *members = members_of(m, &source, &n);

	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &m->candidates[members[i]];
		if (c->owner.name.n == 0 || !slice_eq(c->path, path))
			continue;
		*ret = c->owner;
		return true;
	}
	return false;
}

static bool maker_of(void *ctx, uint32_t source, struct slice ecosystem,
                     struct slice package, struct slice *ret)
{
	const struct map *m = ctx;
	size_t n;
	const uint32_t *members = members_of(m, &source, &n);

	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &m->candidates[members[i]];
		if (!slice_eq(c->owner.name, package) ||
		    !slice_eq(c->owner.ecosystem, ecosystem))
			continue;
		*ret = c->maker;
		return true;
	}
	return false;
}

/* The same question as the second look of a sweep answers. Asked of one
 * candidate alone, what others hold is not known. */
static int part_shown(void *ctx, uint32_t source, struct slice package,
                      const struct mark *mark)
{
	const struct map *m = ctx;
	bool known = m->source_is_class;
	size_t n;
	const uint32_t *members = members_of(m, &source, &n);

	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &m->candidates[members[i]];
		for (size_t k = 0; k < c->n_hits; k++) {
			const struct kept_hit *hit = &c->hits[k];
			if (hit->mark->entity != mark->entity)
				continue;
			if (hit->claim.attr == ATTR_FILE_BYTES &&
			    slice_eq(c->owner.name, package))
				return 1;
			if (c->head.scope == SCOPE_PART &&
			    slice_eq(c->head.name, package))
				known = known && hit->part_known;
		}
	}
	return known ? 0 : -1;
}

struct finding_context map_context(struct map *m, bool classes)
{
	m->source_is_class = classes;
	return (struct finding_context){
		.ctx = m,
		.owner_of = owner_of,
		.maker_of = maker_of,
		.part_shown = part_shown,
		.law = m->args.law,
	};
}

int map_add_hits(struct findings *set, uint32_t source,
                 const struct candidate *c, uint32_t entity)
{
	int r = 0;

	for (size_t i = 0; i < c->n_hits && r == 0; i++) {
		const struct finding_input input = {
			.source = source,
			.path = c->path,
			.record = &c->head,
			.claim = &c->hits[i].claim,
			.mark = c->hits[i].mark,
		};
		if (entity == UINT32_MAX || entity == input.mark->entity)
			r = findings_add(set, &input);
	}
	return r;
}

/* ---- settling ---------------------------------------------------------- */

static int add_class(struct map *m, uint32_t number)
{
	const struct host_class *class = &m->classes[number];
	const uint32_t entity = m->groups[class->group].entity;
	int r = 0;

	for (size_t i = 0; i < class->n_members && r == 0; i++)
		r = map_add_hits(m->findings, number,
		                 &m->candidates[class->members[i]], entity);
	return r == -E2BIG ? sparse_add_to(&m->undecided, &class->hosts) : r;
}

static int settle(struct map *m)
{
	struct finding_context ctx = map_context(m, true);
	uint64_t mentions = 0;
	int r = 0;

	m->findings = findings_new(m->args.pack);
	if (!m->findings)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->n_classes && r == 0; i++)
		r = add_class(m, i);
	return r < 0 ? r
	             : findings_settle(m->findings, &ctx, m->args.orders,
	                               m->args.n_orders, &mentions);
}

/* ---- cases ------------------------------------------------------------- */

static enum map_word word_of(const struct finding *f)
{
	static const enum map_word words[] = {
		[VERDICT_COVERED] = MAP_COVERED,
		[VERDICT_EXCLUDED] = MAP_EXCLUDED,
		[VERDICT_REVIEW] = MAP_REVIEW,
	};
	enum map_word most = f->n_verdicts ? MAP_NONE : MAP_REVIEW;

	for (size_t i = 0; i < f->n_verdicts; i++)
		if (words[f->verdicts[i].word] > most)
			most = words[f->verdicts[i].word];
	return most;
}

static int by_verdicts(const struct finding *a, const struct finding *b)
{
	int c = CMP(a->n_verdicts, b->n_verdicts);

	for (size_t i = 0; i < a->n_verdicts && c == 0; i++)
		c = CMP(a->verdicts[i].word, b->verdicts[i].word);
	return c;
}

/* Equal: one case. */
static int by_case(const struct finding *a, const struct finding *b)
{
	int c = strcmp(a->id, b->id);

	c = c ? c : CMP(word_of(b), word_of(a));
	c = c ? c : CMP(b->strength, a->strength);
	c = c ? c : CMP(b->state, a->state);
	c = c ? c : CMP(b->basis, a->basis);
	return c ? c : by_verdicts(a, b);
}

/* Of one case, the finding with the most evidence is shown. */
static int by_place(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x;
	const struct finding *b = *(const struct finding *const *)y;
	int c = by_case(a, b);

	c = c ? c : CMP(b->n_evidence, a->n_evidence);
	return c ? c : CMP(a->source, b->source);
}

static int by_key(const void *x, const void *y)
{
	const struct finding *f = x;
	const struct group *g = y;
	int c = CMP(f->entity->index, g->entity);

	c = c ? c : CMP(f->kind, g->kind);
	return c ? c : slice_cmp(f->name, g->name);
}

/* A candidate with hits of two names stands in two groups; each name is told
 * by its own, where all that speaks of it is together. */
static bool told_elsewhere(const struct map *m, const struct finding *f)
{
	const struct group *g = bsearch(f, m->groups, m->n_groups, sizeof(*g),
	                                by_key);

	return g && (uint32_t)(g - m->groups) != m->classes[f->source].group;
}

static size_t sorted_findings(const struct map *m, const struct finding **out)
{
	size_t n, kept = 0;
	const struct finding *list = findings_list(m->findings, &n);

	for (size_t i = 0; i < n; i++)
		if (!told_elsewhere(m, &list[i]))
			out[kept++] = &list[i];
	qsort(out, kept, sizeof(*out), by_place);
	return kept;
}

static int add_case(struct map *m, const struct finding *const *run, size_t n,
                    struct host_set *scratch)
{
	struct map_case *to = &m->cases[m->n_cases];
	struct sparse_set *hosts = &m->case_hosts[m->n_cases];

	*to = (struct map_case){.finding = run[0], .word = word_of(run[0])};
	if (n == 1) {
		*hosts = m->classes[run[0]->source].hosts;
	} else {
		set_clear(scratch);
		for (size_t i = 0; i < n; i++)
			if (sparse_add_to(scratch,
			                  &m->classes[run[i]->source].hosts) < 0)
				return -ENOMEM;
		if (sparse_of(hosts, scratch, &m->mem) < 0)
			return -ENOMEM;
	}
	to->hosts = sparse_count(hosts);
	m->n_cases++;
	return 0;
}

static int make_cases(struct map *m, const struct finding **sorted, size_t n)
{
	struct host_set scratch = {0};
	int r = 0;

	for (size_t i = 0, end; i < n && r == 0; i = end) {
		for (end = i + 1; end < n && by_case(sorted[i], sorted[end]) == 0;)
			end++;
		r = add_case(m, sorted + i, end - i, &scratch);
	}
	set_finish(&scratch);
	return r;
}

/* ---- articles ---------------------------------------------------------- */

static int tally_article(struct map *m, struct map_article *article)
{
	struct host_set words[MAP_WORD_COUNT] = {0};
	int r = 0;

	if (article->n_cases == 1) {
		article->tally.hosts[article->cases->word] = article->cases->hosts;
		return 0;
	}
	for (size_t i = 0; i < article->n_cases && r == 0; i++) {
		const struct map_case *c = &article->cases[i];
		r = sparse_add_to(&words[c->word], &m->case_hosts[c - m->cases]);
	}
	map_words_apart(words);
	article->tally = map_tally_of(words);
	for (int w = 0; w < MAP_WORD_COUNT; w++)
		set_finish(&words[w]);
	return r;
}

static int by_urgency(const void *x, const void *y)
{
	const struct map_article *a = x, *b = y;
	const struct finding *f = a->cases->finding, *g = b->cases->finding;
	int c = 0;

	for (int w = MAP_WORD_COUNT - 1; w > MAP_NONE && c == 0; w--)
		c = CMP(b->tally.hosts[w], a->tally.hosts[w]);
	c = c ? c : slice_cmp(f->name, g->name);
	c = c ? c : slice_cmp(f->version, g->version);
	return c ? c : strcmp(f->id, g->id);
}

static int make_articles(struct map *m)
{
	m->articles = arena_zalloc(&m->mem, m->n_cases, sizeof(*m->articles));
	if (!m->articles)
		return -ENOMEM;
	for (size_t i = 0, end; i < m->n_cases; i = end) {
		const struct map_case *first = &m->cases[i];
		for (end = i + 1; end < m->n_cases &&
		     strcmp(m->cases[end].finding->id, first->finding->id) == 0;)
			end++;
		struct map_article *article = &m->articles[m->n_articles++];
		article->cases = first;
		article->n_cases = end - i;
		if (tally_article(m, article) < 0)
			return -ENOMEM;
	}
	qsort(m->articles, m->n_articles, sizeof(*m->articles), by_urgency);
	return 0;
}

static int judge(struct map *m)
{
	size_t n;
	int r = settle(m);

	if (r < 0)
		return r;
	(void)findings_list(m->findings, &n);
	const struct finding **sorted = calloc(n + 1, sizeof(*sorted));
	m->cases = arena_zalloc(&m->mem, n, sizeof(*m->cases));
	m->case_hosts = arena_zalloc(&m->mem, n, sizeof(*m->case_hosts));
	r = sorted && m->cases && m->case_hosts ? 0 : -ENOMEM;
	if (r == 0)
		r = make_cases(m, sorted, sorted_findings(m, sorted));
	free(sorted);
	return r < 0 ? r : make_articles(m);
}

int map_judge(struct map *m, struct err *e)
{
	int r = judge(m);
	return r < 0 ? err_sys(e, r, "judging articles") : 0;
}
