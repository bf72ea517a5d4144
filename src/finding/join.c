/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From hits to findings. The rules:
 *
 * 1. Article. Hits join when source, entity, kind, ecosystem, name and version
 *    are the same. Where the name comes from:
 *      package, part   the record's name
 *      item, folder,   the package that owns the path, if one does; else
 *      setup             folder: what folder_of says of the root, the record's
 *                                name, the root's last component;
 *                        others: the mark's article, the record's name, the
 *                                path's last component.
 *    A setup file may hold many makers' lines (a table of users), so there the
 *    mark's article goes first unless the entity made the owning package.
 *    Hits without a version join the only versioned article of that name, of
 *    the same ecosystem or, when they have none, of any. Hits named by their
 *    mark join the only article of that name which has an ecosystem.
 * 2. State. The record's, when the mark lists it, else the mark's first. A
 *    finding has the highest of its evidence, so that left-over settings do
 *    not lower an installed package.
 * 3. Basis. The mark's; but what an item or folder says of its maker is
 *    in-part when it lies in a package whose own record does not name the
 *    entity as its maker (its code, another's product). A finding has that of
 *    its strongest evidence; among equals, the nearest to the maker. Who
 *    signed a file that names another maker provided it and no more.
 * 4. Strength. The mark's; `proven` needs a verified claim or a registered id;
 *    a fact that was not looked up is weak; a maker that a file names itself
 *    is weak when the package that owns it names another and the file has no
 *    verified signer of the entity. Weak evidence never adds up to strong.
 * 5. Parts (copyright paragraphs). Code that was looked for in the package's
 *    programs and is not there makes the hit a mention; code that was not
 *    looked for leaves it weak; code that is there stands beside the evidence
 *    of its bytes. In-part in any case.
 *
 * Rules 2 to 5 for a single hit are in grade.c, verdicts in verdict.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "finding/join.h"

/* ---- rule 1: which article a hit speaks of ---- */

static bool set_article(struct findings *f, struct kept *k,
                        const struct owner *o)
{
	struct slice ecosystem = intern(&f->strings, o->ecosystem);

	k->a_name = intern(&f->strings, o->name);
	k->a_version = intern(&f->strings, o->version);
	k->a_ecosystem = (const char *)ecosystem.p;
	return k->a_name.p && k->a_version.p && ecosystem.p;
}

static struct owner own_words(const struct kept *k, struct slice name)
{
	return (struct owner){slice_str(k->ecosystem), name, k->version};
}

static struct slice last_component(struct slice path)
{
	struct slice base = slice_basename(path);
	return base.n ? base : path;
}

/* The article of a hit that no package owns. */
static struct owner unowned(const struct grading *g, struct kept *k)
{
	const struct finding_context *ctx = g->ctx;
	struct owner o;

	if (k->scope == SCOPE_FOLDER) {
		if (ctx && ctx->folder_of &&
		    ctx->folder_of(ctx->ctx, k->source, k->root, &o) && o.name.n)
			return o;
		if (k->name.n)
			return own_words(k, k->name);
		if (k->root.n)
			return own_words(k, last_component(k->root));
	}
	if (k->ev.mark->article) {
		k->named_by_mark = true;
		o = own_words(k, slice_str(k->ev.mark->article));
		o.ecosystem = (struct slice){0};
		return o;
	}
	return own_words(k, k->name.n ? k->name : last_component(k->ev.path));
}

/* May the package that owns the path stand for this hit? Sets a_name and
 * a_ecosystem for the look into the packages' hits. */
static bool speaks_for(struct findings *f, const struct grading *g,
                       struct kept *k, const struct owner *o, bool *ret_failed)
{
	if (!set_article(f, k, o)) {
		*ret_failed = true;
		return false;
	}
	return k->scope != SCOPE_SETUP || !k->ev.mark->article ||
	       grading_package(g, k, false);
}

static int resolve(struct findings *f, const struct grading *g, struct kept *k)
{
	const struct finding_context *ctx = g->ctx;
	struct owner o;
	bool failed = false;

	if (k->scope == SCOPE_PACKAGE || k->scope == SCOPE_PART) {
		o = k->name.n ? own_words(k, k->name) : unowned(g, k);
		return set_article(f, k, &o) ? 0 : -ENOMEM;
	}
	if (ctx && ctx->owner_of &&
	    ctx->owner_of(ctx->ctx, k->source, k->ev.path, &o) && o.name.n) {
		k->owned = speaks_for(f, g, k, &o, &failed);
		if (k->owned || failed)
			return failed ? -ENOMEM : 0;
	}
	o = unowned(g, k);
	return set_article(f, k, &o) ? 0 : -ENOMEM;
}

/* ---- joining ---- */

static int by_name(const struct kept *a, const struct kept *b)
{
	int c = CMP(a->dropped, b->dropped);

	c = c ? c : CMP(a->source, b->source);
	c = c ? c : CMP(a->ev.mark->entity, b->ev.mark->entity);
	c = c ? c : CMP(a->kind, b->kind);
	return c ? c : slice_cmp(a->a_name, b->a_name);
}

static int by_article(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;
	int c = by_name(a, b);

	c = c ? c : strcmp(a->a_ecosystem, b->a_ecosystem);
	return c ? c : slice_cmp(a->a_version, b->a_version);
}

/* End of the run of hits from `i` that are the same under `same`. */
static size_t run_end(const struct kept *hits, size_t n, size_t i,
                      bool (*same)(const struct kept *, const struct kept *))
{
	size_t end = i + 1;

	while (end < n && same(&hits[i], &hits[end]))
		end++;
	return end;
}

static bool same_name(const struct kept *a, const struct kept *b)
{
	return by_name(a, b) == 0;
}

static bool same_article(const struct kept *a, const struct kept *b)
{
	return by_article(a, b) == 0;
}

/*
 * A rule by which hits of one article join another of the same name: which
 * hits ask, and which articles they may join. The answer to the second may
 * depend on nothing of the asking hit but its ecosystem.
 */
struct join_rule {
	bool (*asks)(const struct kept *from);
	bool (*takes)(const struct kept *from, const struct kept *to);
};

static bool no_version(const struct kept *from)
{
	return from->a_version.n == 0;
}

static bool versioned(const struct kept *from, const struct kept *to)
{
	return to->a_version.n > 0 &&
	       (!*from->a_ecosystem ||
	        strcmp(from->a_ecosystem, to->a_ecosystem) == 0);
}

static bool no_ecosystem(const struct kept *from)
{
	return !*from->a_ecosystem &&
	       (from->named_by_mark || from->a_version.n == 0);
}

static bool in_ecosystem(const struct kept *, const struct kept *to)
{
	return *to->a_ecosystem;
}

static const struct join_rule join_rules[] = {
	{no_version, versioned},
	{no_ecosystem, in_ecosystem},
};

/* The only article in hits[at, end) that `from` may join, or NULL. */
static const struct kept *only_target(const struct kept *hits, size_t at,
                                      size_t end, const struct kept *from,
                                      const struct join_rule *rule)
{
	const struct kept *target = NULL;

	while (at < end) {
		if (rule->takes(from, &hits[at])) {
			if (target)
				return NULL;
			target = &hits[at];
		}
		at = run_end(hits, end, at, same_article);
	}
	return target;
}

/* Applies one rule to all hits of one name. They are sorted by ecosystem, so
 * that a target is looked for once per ecosystem and not once per hit. */
static void join_run(struct kept *hits, size_t at, size_t end,
                     const struct join_rule *rule)
{
	const struct kept *target = NULL, *asked = NULL;

	for (size_t i = at; i < end; i++) {
		struct kept *k = &hits[i];
		if (!rule->asks(k))
			continue;
		if (!asked || strcmp(asked->a_ecosystem, k->a_ecosystem) != 0)
			target = only_target(hits, at, end, k, rule);
		asked = k;
		if (!target)
			continue;
		k->ecosystem = target->a_ecosystem;
		k->version = target->a_version;
	}
}

/* Applies one rule to all hits. What is decided is written down afterwards,
 * so that one decision does not change the next. */
static void join_all(struct kept *hits, size_t n, const struct join_rule *rule)
{
	qsort(hits, n, sizeof(*hits), by_article);
	for (size_t i = 0; i < n; i++) {
		hits[i].ecosystem = hits[i].a_ecosystem;
		hits[i].version = hits[i].a_version;
	}
	for (size_t i = 0, end; i < n; i = end) {
		end = run_end(hits, n, i, same_name);
		join_run(hits, i, end, rule);
	}
	for (size_t i = 0; i < n; i++) {
		hits[i].a_ecosystem = hits[i].ecosystem;
		hits[i].a_version = hits[i].version;
	}
}

/* ---- one finding from its hits ---- */

static int by_weight(const void *x, const void *y)
{
	const struct evidence *a = x, *b = y;
	int c = CMP(b->strength, a->strength);

	c = c ? c : slice_cmp(a->path, b->path);
	c = c ? c : slice_cmp(a->member, b->member);
	c = c ? c : CMP(a->offset, b->offset);
	c = c ? c : CMP(a->attr, b->attr);
	c = c ? c : slice_cmp(a->value, b->value);
	return c ? c : CMP(a->mark->index, b->mark->index);
}

/* The same claim may be handed in twice, by a second look at a file. */
static size_t without_twins(struct evidence *list, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (kept == 0 || by_weight(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	return kept;
}

static void summarise(struct finding *f)
{
	f->strength = f->evidence[0].strength;
	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];
		if (e->state > f->state)
			f->state = e->state;
		if (e->strength == f->strength && e->basis > f->basis)
			f->basis = e->basis;
	}
}

static int make_finding(struct findings *set, const struct kept *hits, size_t n,
                        struct finding *ret)
{
	struct evidence *list =
		arena_zalloc(&set->mem, n, sizeof(struct evidence));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = hits[i].ev;
	qsort(list, n, sizeof(*list), by_weight);
	*ret = (struct finding){
		.entity = &set->pack->entities[hits->ev.mark->entity],
		.source = hits->source,
		.kind = hits->kind,
		.ecosystem = hits->a_ecosystem,
		.name = hits->a_name,
		.version = hits->a_version,
		.evidence = list,
		.n_evidence = without_twins(list, n),
	};
	summarise(ret);
	return finding_set_id(ret);
}

/* ---- verdicts ---- */

/* Sentences are kept once each: thousands of findings share a few. */
static const char *keep_words(struct findings *set, const char *words)
{
	return words ? (const char *)intern(&set->strings, slice_str(words)).p : NULL;
}

static int keep_verdict(struct findings *set, struct verdict *v)
{
	const char **facts = v->n_facts ? arena_zalloc(&set->mem, v->n_facts, sizeof(*facts))
	                                : NULL;

	if (!(v->because = keep_words(set, v->because)) || (v->n_facts && !facts))
		return -ENOMEM;
	for (size_t i = 0; i < v->n_facts; i++)
		if (!(facts[i] = keep_words(set, v->facts[i])))
			return -ENOMEM;
	v->facts = facts;
	return 0;
}

static int judge(struct findings *set, struct finding *f,
                 const struct finding_context *ctx, const struct order *const *orders,
                 size_t n_orders, struct arena *scratch)
{
	struct subject subject;
	struct verdict v;

	f->verdicts = arena_zalloc(&set->mem, n_orders, sizeof(*f->verdicts));
	if (!f->verdicts || finding_subject(f, scratch, &subject) < 0)
		return -ENOMEM;
	if (ctx && ctx->place_of)
		ctx->place_of(ctx->ctx, f->source, &subject.source, &subject.host);
	for (size_t i = 0; i < n_orders; i++) {
		if (!law_judge(ctx->law, orders[i], &subject, scratch, &v))
			continue;
		if (keep_verdict(set, &v) < 0)
			return -ENOMEM;
		f->verdicts[f->n_verdicts++] = v;
	}
	arena_reset(scratch);
	return 0;
}

/* Verdicts look at all evidence; only then is what is over the limit let go. */
static void limit_evidence(struct finding *f)
{
	if (f->n_evidence <= EVIDENCE_MAX)
		return;
	f->n_more = f->n_evidence - EVIDENCE_MAX;
	f->n_evidence = EVIDENCE_MAX;
}

static int by_rank(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;
	int c = CMP(b->strength, a->strength);

	c = c ? c : strcmp(a->entity->id, b->entity->id);
	c = c ? c : slice_cmp(a->name, b->name);
	c = c ? c : slice_cmp(a->version, b->version);
	c = c ? c : strcmp(a->ecosystem, b->ecosystem);
	c = c ? c : CMP(a->kind, b->kind);
	return c ? c : CMP(a->source, b->source);
}

static int build(struct findings *set, const struct finding_context *ctx,
                 const struct order *const *orders, size_t n_orders,
                 struct arena *scratch)
{
	const struct kept *hits = set->hits;
	size_t n = set->n_hits, count = 0;

	for (size_t i = 0; i < n; i = run_end(hits, n, i, same_article))
		count += !hits[i].dropped;
	set->list = arena_zalloc(&set->mem, count, sizeof(*set->list));
	if (!set->list)
		return -ENOMEM;
	for (size_t i = 0, end; i < n && !hits[i].dropped; i = end) {
		end = run_end(hits, n, i, same_article);
		struct finding *f = &set->list[set->n_list];
		if (make_finding(set, &hits[i], end - i, f) < 0 ||
		    judge(set, f, ctx, orders, n_orders, scratch) < 0)
			return -ENOMEM;
		limit_evidence(f);
		set->n_list++;
	}
	if (set->n_list)
		qsort(set->list, set->n_list, sizeof(*set->list), by_rank);
	return 0;
}

/* ---- all of it ---- */

static int by_mention(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;
	int c = CMP(b->dropped, a->dropped);

	c = c ? c : CMP(a->source, b->source);
	c = c ? c : slice_cmp(a->ev.path, b->ev.path);
	return c ? c : CMP(a->ev.mark->entity, b->ev.mark->entity);
}

/* Dropped hits as mentions: one for each file and entity. */
static uint64_t mentions(struct kept *hits, size_t n)
{
	uint64_t count = 0;

	qsort(hits, n, sizeof(*hits), by_mention);
	for (size_t i = 0; i < n && hits[i].dropped; i++)
		count += i == 0 || by_mention(&hits[i - 1], &hits[i]) != 0;
	return count;
}

static int grade_all(struct findings *f, struct grading *g)
{
	int r = grading_init(g, f->hits, f->n_hits);

	for (size_t i = 0; i < f->n_hits && r == 0; i++)
		r = resolve(f, g, &f->hits[i]);
	for (size_t i = 0; i < f->n_hits && r == 0; i++)
		grade(g, &f->hits[i]);
	grading_finish(g);
	return r;
}

static int settle(struct findings *f, const struct finding_context *ctx,
                  const struct order *const *orders, size_t n_orders,
                  uint64_t *ret_mentions)
{
	struct grading g = {.pack = f->pack, .ctx = ctx};
	struct arena scratch;

	int r = grade_all(f, &g);
	if (r < 0)
		return r;
	*ret_mentions += mentions(f->hits, f->n_hits);
	for (size_t i = 0; i < COUNT_OF(join_rules); i++)
		join_all(f->hits, f->n_hits, &join_rules[i]);
	qsort(f->hits, f->n_hits, sizeof(*f->hits), by_article);
	arena_init(&scratch, 0);
	r = build(f, ctx, orders, n_orders, &scratch);
	arena_finish(&scratch);
	return r;
}

int findings_settle(struct findings *f, const struct finding_context *ctx,
                    const struct order *const *orders, size_t n_orders,
                    uint64_t *ret_mentions)
{
	const struct order **all = NULL;

	if (f->n_hits == 0)
		return 0;
	if (!orders) {
		n_orders = f->pack->n_orders;
		all = calloc(n_orders + 1, sizeof(*all));
		if (!all)
			return -ENOMEM;
		for (size_t i = 0; i < n_orders; i++)
			all[i] = &f->pack->orders[i];
		orders = all;
	}
	int r = settle(f, ctx, orders, n_orders, ret_mentions);
	free(all);
	return r;
}
