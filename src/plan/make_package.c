/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages. One may go when its manager can take it out here, nothing that
 * stays needs it, and the system does not. A refusal spreads: what a package
 * that stays needs, stays.
 */
#include <errno.h>
#include <stdlib.h>

#include "plan/make.h"

enum { NAMED = 5 };

/* ---- which ones ---- */

static int by_name(const void *x, const void *y)
{
	const struct item *a = x, *b = y;
	int c = strcmp(a->ecosystem, b->ecosystem);
	return c ? c : slice_cmp(a->name, b->name);
}

/* The same package may be named by several articles, and be allowed besides:
 * the first article speaks for it. */
static bool before(const struct item *a, const struct item *b)
{
	if (!a->article || !b->article)
		return a->article != NULL;
	return a->article < b->article;
}

static size_t unique(struct item *items, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(items, n, sizeof(*items), by_name);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || by_name(&items[kept - 1], &items[i]) != 0)
			items[kept++] = items[i];
		else if (before(&items[i], &items[kept - 1]))
			items[kept - 1] = items[i];
	}
	return kept;
}

static struct item *find(struct making *m, const char *ecosystem, struct slice name)
{
	struct item key = {.ecosystem = ecosystem, .name = name};

	return m->n_items ? bsearch(&key, m->items, m->n_items, sizeof(*m->items), by_name)
	                  : NULL;
}

/* Without what follows the last `mark`, if there is one. */
static struct slice without(struct slice name, uint8_t mark)
{
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == mark)
			return slice_first(name, i - 1);
	return (struct slice){0};
}

/* Managers write "name", "name:arch" or "name-version-release.arch". */
struct item *make_item(struct making *m, const char *ecosystem, struct slice name)
{
	struct item *it = find(m, ecosystem, name);
	struct slice less = without(name, ':');

	if (!it && less.n)
		it = find(m, ecosystem, less);
	if (!it && strcmp(ecosystem, "rpm") == 0)
		it = find(m, ecosystem, without(without(name, '-'), '-'));
	return it;
}

struct item *make_owner(struct making *m, struct slice owner)
{
	size_t space = slice_find_byte(owner, ' ');
	const char *ecosystem = ecosystem_by_name(slice_first(owner, space));

	return ecosystem ? make_item(m, ecosystem, slice_from(owner, space + 1)) : NULL;
}

static size_t add_articles(struct making *m, struct item *items)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_targets; i++) {
		const struct target *t = &m->targets[i];
		if (t->thing == THING_PACKAGE)
			items[n++] = (struct item){
				.article = t->article,
				.ecosystem = t->ecosystem,
				.name = t->text,
				.manager = manager_of(t->ecosystem),
				.lore = article_lore(m->options, t->article),
				.state = ITEM_GOES,
			};
	}
	return n;
}

/* What is allowed may be of any ecosystem that an article is of. */
static size_t add_allowed(struct making *m, struct item *items, size_t n)
{
	size_t articles = n;

	for (size_t i = 0; i < articles; i++) {
		bool seen = i && strcmp(items[i].ecosystem, items[i - 1].ecosystem) == 0;
		for (size_t k = 0; !seen && k < m->options->n_allow; k++)
			items[n++] = (struct item){
				.ecosystem = items[i].ecosystem,
				.name = m->options->allow[k],
				.manager = items[i].manager,
				.state = ITEM_DORMANT,
			};
	}
	return n;
}

static void collect(struct making *m)
{
	size_t n = 0, most;

	for (size_t i = 0; i < m->n_targets; i++)
		n += m->targets[i].thing == THING_PACKAGE;
	if (__builtin_mul_overflow(n, 1 + m->options->n_allow, &most)) {
		make_fail(m, -E2BIG, "too many packages are allowed");
		return;
	}
	m->items = arena_zalloc(&m->mem, most, sizeof(*m->items));
	if (!m->items) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	n = unique(m->items, add_articles(m, m->items));
	m->n_items = unique(m->items, add_allowed(m, m->items, n));
}

/* ---- may it go? ---- */

static bool allowed(const struct making *m, const struct item *it)
{
	for (size_t i = 0; i < m->options->n_allow; i++)
		if (slice_eq(m->options->allow[i], it->name))
			return true;
	return false;
}

/* Why a package cannot go whatever else does; NULL when it can. */
static const char *own_refusal(struct making *m, const struct item *it)
{
	const struct fact_package *f = it->fact;
	bool elsewhere = !slice_eq(m->facts->root, SLICE("/"));

	if (!it->manager)
		return "debar knows no manager for it";
	if (!it->manager->tried)
		return "debar leaves this manager to a person";
	if (elsewhere && !it->manager->offline)
		return "its manager cannot work on a root that does not run";
	if (f->held.n)
		return make_words(m, "its manager is told to keep it (%.*s)",
		                  SLICE_ARG(f->held));
	if (allowed(m, it))
		return NULL;
	if (f->essential)
		return "it is essential to the system, and nobody allowed its removal";
	if (f->critical.n)
		return make_words(m, "the system needs it to start (%.*s), and nobody"
		                  " allowed its removal", SLICE_ARG(f->critical));
	return NULL;
}

static void refuse(struct item *it, const char *why)
{
	it->state = ITEM_REFUSED;
	it->why = why;
}

static void look(struct making *m, struct item *it)
{
	const struct fact *f = make_fact(m, NEED_PACKAGE, it->ecosystem, 0, it->name);

	if (!f || f->why.n) {
		refuse(it, f ? make_words(m, "its manager could not be asked (%.*s)",
		                          SLICE_ARG(f->why))
		             : "its manager was not asked");
		if (!it->article)
			it->state = ITEM_ABSENT;
		return;
	}
	it->fact = &f->package;
	if (!f->package.installed && !f->package.residue) {
		it->state = ITEM_ABSENT;
		return;
	}
	const char *why = own_refusal(m, it);
	if (why && it->article)
		refuse(it, why);
	else if (why)
		it->state = ITEM_ABSENT;
}

/* Only what is on good evidence, or what a person wants all the same. */
static void trust(struct making *m)
{
	for (size_t i = 0; i < m->n_targets; i++) {
		const struct target *t = &m->targets[i];
		struct item *it = t->thing == THING_PACKAGE
		                          ? find(m, t->ecosystem, t->text) : NULL;
		if (it && it->article == t->article && it->state == ITEM_GOES &&
		    !t->sure && !m->options->include_weak)
			refuse(it, "only weak evidence says whose it is");
	}
}

/* ---- what needs it ---- */

/* Calls up the packages that need one that goes and are allowed to go with it. */
static bool call_up(struct making *m, const struct item *it)
{
	bool changed = false;

	for (size_t i = 0; i < it->fact->n_needed_by; i++) {
		struct item *d = make_item(m, it->ecosystem, it->fact->needed_by[i]);
		if (!d || d->state != ITEM_DORMANT)
			continue;
		d->state = ITEM_GOES;
		d->for_whom = it;
		changed = true;
	}
	return changed;
}

/* The first package that needs it and stays, or "". */
static struct slice stays(struct making *m, const struct item *it)
{
	for (size_t i = 0; i < it->fact->n_needed_by; i++) {
		const struct item *d = make_item(m, it->ecosystem, it->fact->needed_by[i]);
		if (!d || d->state != ITEM_GOES)
			return it->fact->needed_by[i];
	}
	return (struct slice){0};
}

static bool refuse_needed(struct making *m, struct item *it)
{
	struct slice by = stays(m, it);

	if (!by.n)
		return false;
	if (it->article)
		refuse(it, make_words(m, "packages that stay need it: %s",
		                      make_list(m, it->fact->needed_by,
		                                it->fact->n_needed_by,
		                                it->fact->n_needed_by, NAMED)));
	else
		it->state = ITEM_ABSENT;
	return true;
}

/* A companion goes only while what it needs goes. */
static bool send_home(struct item *it)
{
	if (it->article || !it->for_whom || it->for_whom->state == ITEM_GOES)
		return false;
	it->state = ITEM_ABSENT;
	return true;
}

static void settle(struct making *m)
{
	bool changed = true;

	while (changed && m->code == 0) {
		changed = false;
		for (size_t i = 0; i < m->n_items; i++)
			if (m->items[i].state == ITEM_GOES)
				changed |= call_up(m, &m->items[i]);
	}
	changed = true;
	while (changed && m->code == 0) {
		changed = false;
		for (size_t i = 0; i < m->n_items; i++)
			if (m->items[i].state == ITEM_GOES)
				changed |= send_home(&m->items[i]) ||
				           refuse_needed(m, &m->items[i]);
	}
}

/* ---- said ---- */

/* What a person would type: the manager's words with the package in them. */
static const char *by_hand(struct making *m, const struct item *it)
{
	const char *people = it->manager ? manager_words(it->manager, m->facts->programs) : "";
	const char *at = strstr(people, "@PACKAGES@");

	if (!*people)
		return "";
	if (!at)
		return make_words(m, " (%s)", people);
	return make_words(m, " (%.*s%.*s%s)", (int)(at - people), people,
	                  SLICE_ARG(it->name), at + sizeof("@PACKAGES@") - 1);
}

static void say(struct making *m, const struct item *it)
{
	if (it->state == ITEM_REFUSED)
		make_note(m, it->article,
		          make_words(m, "the package stays, because %s; when that is"
		                     " settled, take it out with its manager%s",
		                     it->why, by_hand(m, it)),
		          it->name);
	else if (it->state == ITEM_ABSENT && it->article)
		make_left(m, it->article, "its manager does not know the package (any more)",
		          it->name);
}

void make_packages(struct making *m)
{
	collect(m);
	for (size_t i = 0; m->code == 0 && i < m->n_items; i++)
		look(m, &m->items[i]);
	if (m->code == 0)
		trust(m);
	settle(m);
	for (size_t i = 0; m->code == 0 && i < m->n_items; i++)
		say(m, &m->items[i]);
}

bool make_package_stays(struct making *m, const struct article *a)
{
	const struct item *it = *a->ecosystem ? find(m, a->ecosystem, a->name) : NULL;

	return it && it->state == ITEM_REFUSED;
}

/* ---- in which order ---- */

static void count_waits(struct making *m)
{
	for (size_t i = 0; i < m->n_items; i++) {
		struct item *it = &m->items[i];
		for (size_t k = 0; it->state == ITEM_GOES && k < it->fact->n_needed_by; k++) {
			const struct item *d = make_item(m, it->ecosystem,
			                                 it->fact->needed_by[k]);
			it->waits += d && d != it;
		}
	}
}

/* How many of the names of what needs it mean this one. */
static size_t names_of(struct making *m, const struct item *d, const struct item *it)
{
	size_t n = 0;

	for (size_t k = 0; k < it->fact->n_needed_by; k++)
		n += make_item(m, it->ecosystem, it->fact->needed_by[k]) == d;
	return n;
}

static void release(struct making *m, const struct item *gone)
{
	for (size_t i = 0; i < m->n_items; i++) {
		struct item *it = &m->items[i];
		if (it->state != ITEM_GOES || it->placed || it->waits == 0 ||
		    strcmp(it->ecosystem, gone->ecosystem) != 0)
			continue;
		it->waits -= names_of(m, gone, it);
	}
}

/* The one whose turn it is: nothing waits for it, and the packs' rank is lowest;
 * the array is in order of name. NULL: they need each other in a circle. */
static struct item *next(struct making *m)
{
	struct item *best = NULL;

	for (size_t i = 0; i < m->n_items; i++) {
		struct item *it = &m->items[i];
		if (it->state != ITEM_GOES || it->placed || it->waits > 0)
			continue;
		if (!best || it->lore.rank < best->lore.rank)
			best = it;
	}
	return best;
}

static size_t left_over(struct making *m, const struct item **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *it = &m->items[i];
		if (it->state != ITEM_GOES || it->placed)
			continue;
		if (n == 0 || strcmp(it->ecosystem, ret[0]->ecosystem) == 0)
			ret[n++] = it;
	}
	return n;
}

/* ---- the steps ---- */

static const struct article *speaks(const struct item *it)
{
	while (!it->article)
		it = it->for_whom;
	return it->article;
}

static void risks(struct making *m, struct step *s, const struct item *it)
{
	if (!it->article)
		step_risk(m, s, RISK_HIGH, make_words(m, "%.*s is no article: it goes only"
		          " because it needs one", SLICE_ARG(it->name)));
	else if (it->fact->essential || it->fact->critical.n)
		step_risk(m, s, RISK_HIGH, "the system calls it essential, or needs it to"
		          " start; its removal was allowed");
	else if (it->fact->runs)
		step_risk(m, s, RISK_MEDIUM, "programs of it are running");
}

static void describe(struct making *m, struct step *s, const struct item *it)
{
	const struct fact_package *f = it->fact;

	risks(m, s, it);
	step_before(m, s, it->lore.advice);
	for (size_t i = 0; i < f->n_units; i++)
		step_before(m, s, step_text(m, "the service %.*s does not run",
		                            SLICE_ARG(slice_basename(f->units[i]))));
	step_after(m, s, step_text(m, "%s does not know %.*s", it->manager->name,
	                           SLICE_ARG(it->name)));
}

static void add_step(struct making *m, const struct item *const *items, size_t n,
                     uint32_t rank)
{
	struct step *s = step_add(m, speaks(items[0]), NULL, STEP_PACKAGE, STAGE_PACKAGE);
	struct slice *names = arena_zalloc(&m->mem, n, sizeof(*names));
	bool installed = false;

	if (!s || !names) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	s->rank = rank;
	for (size_t i = 0; i < n; i++) {
		names[i] = items[i]->name;
		installed |= items[i]->fact->installed;
		describe(m, s, items[i]);
	}
	s->words = step_text(m, "%s %s %s with %s", installed ? "remove" : "purge what is left of",
	                     n == 1 ? "the package" : "the packages, which need each other,",
	                     make_list(m, names, n, n, NAMED), items[0]->manager->name);
	step_before(m, s, SLICE("the manager, asked to try, takes out nothing else"));
	step_after(m, s, SLICE("the manager finds its database sound"));
	if (!s->risk_words.n)
		step_risk(m, s, RISK_LOW, "only its own manager's files change");
	step_packages(m, s, items, n);
}

void make_package_steps(struct making *m)
{
	const struct item **rest = arena_zalloc(&m->mem, m->n_items, sizeof(*rest));
	uint32_t rank = 0;

	if (!rest) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	count_waits(m);
	while (m->code == 0) {
		struct item *it = next(m);
		size_t n = 1;
		if (it)
			rest[0] = it;
		else
			n = left_over(m, rest);
		if (n == 0)
			return;
		add_step(m, rest, n, rank++);
		for (size_t i = 0; i < n; i++)
			((struct item *)(uintptr_t)rest[i])->placed = true;
		for (size_t i = 0; i < n; i++)
			release(m, rest[i]);
	}
}
