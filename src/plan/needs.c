/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "plan/make.h"
#include "plan/target.h"

enum { NEEDS_MAX = 1000000 };

/* What must be asked to decide of each thing: up to two questions. */
static const struct {
	bool asks;
	enum need_kind first;
	bool place;
} questions[] = {
	[THING_PACKAGE] = {true, NEED_PACKAGE, false},
	[THING_PLACE] = {.place = true},
	[THING_UNIT] = {true, NEED_UNIT, true},
	[THING_MODULE] = {true, NEED_MODULE, true},
	[THING_CERT] = {.place = true},
	[THING_CODE] = {.place = true},
	[THING_JAR] = {.place = true},
	[THING_USER] = {true, NEED_USER, false},
	[THING_GROUP] = {true, NEED_GROUP, false},
	[THING_KEY] = {true, NEED_KEY, false},
	[THING_INSIDE] = {0},
};

struct asking {
	struct need *list;
	size_t n;
};

static void ask(struct asking *a, const struct need *need)
{
	a->list[a->n++] = *need;
}

int need_cmp(const struct need *a, const struct need *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == NEED_PACKAGE) {
		int c = strcmp(a->ecosystem, b->ecosystem);
		if (c)
			return c;
	}
	if (a->kind == NEED_USER && a->attr != b->attr)
		return a->attr < b->attr ? -1 : 1;
	return slice_cmp(a->text, b->text);
}

static int by_need(const void *x, const void *y)
{
	return need_cmp(x, y);
}

static void ask_target(struct asking *a, const struct target *t)
{
	bool known = t->thing < COUNT_OF(questions);

	if (known && questions[t->thing].asks)
		ask(a, &(struct need){
			.kind = questions[t->thing].first,
			.ecosystem = t->thing == THING_PACKAGE ? t->ecosystem : "",
			.attr = t->thing == THING_USER ? t->attr : 0,
			.text = t->text,
		});
	/* Whether a repository that stays names a key file is asked with its key. */
	if (t->thing == THING_PLACE && t->attr == ATTR_REPO_KEY)
		ask(a, &(struct need){.kind = NEED_KEY, .ecosystem = "",
		                      .text = t->evidence->value});
	if (!known || !questions[t->thing].place)
		return;
	struct slice place = target_place(t);
	if (target_is_listed(t)) {
		ask(a, &(struct need){
			.kind = NEED_CODE,
			.ecosystem = t->article->ecosystem,
			.text = place,
		});
		return;
	}
	if (!place_is_database(place) && !place_is_system(place))
		ask(a, &(struct need){.kind = NEED_PLACE, .ecosystem = "", .text = place});
}

/* A package that a person allowed to go along. */
static void ask_allowed(struct asking *a, const struct plan_options *o,
                        const char *ecosystem)
{
	for (size_t i = 0; i < o->n_allow; i++)
		ask(a, &(struct need){
			.kind = NEED_PACKAGE,
			.ecosystem = ecosystem,
			.text = o->allow[i],
		});
}

static void ask_role(struct asking *a, const struct plan_options *o,
                     const struct article *article)
{
	struct lore_words words = article_lore(o, article);

	if (words.role.n && article->state == STATE_INSTALLED)
		ask(a, &(struct need){.kind = NEED_ROLE, .ecosystem = "", .text = words.role});
}

/* Once per article, and once per ecosystem whose packages may go. */
static void ask_beside(struct asking *a, const struct plan_options *o,
                       const struct target *targets, size_t n)
{
	const char *asked = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct target *t = &targets[i];
		if (i == 0 || t->article != t[-1].article)
			ask_role(a, o, t->article);
		if (t->thing != THING_PACKAGE || t->ecosystem == asked)
			continue;
		ask_allowed(a, o, t->ecosystem);
		asked = t->ecosystem;
	}
}

static size_t unique(struct need *list, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(list, n, sizeof(*list), by_need);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || need_cmp(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	return kept;
}

int plan_needs(const struct articles *a, const struct plan_options *o,
               struct arena *mem, struct need **ret, size_t *ret_n)
{
	struct target *targets;
	size_t n, most;
	int code = targets_of(a, o, mem, &targets, &n);

	if (code < 0)
		return code;
	/* Two for a target, a role, and what is allowed, at every change. */
	if (__builtin_mul_overflow(n, 3 + o->n_allow, &most))
		return -E2BIG;
	struct asking asking = {.list = arena_zalloc(mem, most, sizeof(struct need))};
	if (!asking.list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ask_target(&asking, &targets[i]);
	ask_beside(&asking, o, targets, n);
	size_t kept = unique(asking.list, asking.n);
	if (kept > NEEDS_MAX)
		return -E2BIG;
	*ret = asking.list;
	*ret_n = kept;
	return 0;
}
