/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one order says of one finding. Pure but for the day, which is read once
 * from the clock. The law is in the packs; here is only how their scope words
 * are read, in tables, the most decisive first:
 *
 *   excluded   the order ended, or is not in force yet
 *   excluded   a carve-out names the article, or all evidence is by its marks
 *   excluded   the article's kind, then its basis, is out of scope
 *   review     everything that a person must settle first; all of it is said
 *   covered    none of these
 *
 * Weak evidence of something excluded is still excluded.
 */
#include <time.h>

#include "base/str.h"
#include "finding/hits.h"

static const char *const kinds[ARTICLE_KIND_COUNT] = {
	[ARTICLE_SOFTWARE] = "software",
	[ARTICLE_HARDWARE] = "hardware",
	[ARTICLE_SERVICE] = "a service",
};

static const char *const kinds_all[ARTICLE_KIND_COUNT] = {
	[ARTICLE_SOFTWARE] = "software",
	[ARTICLE_HARDWARE] = "hardware",
	[ARTICLE_SERVICE] = "services",
};

/* "software" <towards> "a maker"; and all articles of that basis at once. */
static const struct {
	const char *towards, *all;
} bases[BASIS_COUNT] = {
	[BASIS_DEVELOPED] = {"developed by", "what the vendor developed itself"},
	[BASIS_PROVIDED] = {"provided by", "what the vendor provides"},
	[BASIS_IN_PART] = {"that has code in it from",
	                   "the vendor's code inside other makers' products"},
	[BASIS_FAMILY] = {"of a company in the family of",
	                  "what companies of the vendor's family make"},
	[BASIS_FORMER] = {"formerly of", "what once was the vendor's"},
};

static const char *const states[STATE_COUNT] = {
	[STATE_INSTALLED] = "installed",
	[STATE_STORED] = "stored, not in place to run",
	[STATE_RESIDUE] = "left behind by a removal",
	[STATE_REFERENCED] = "asked for by a manifest",
	[STATE_CONNECTED] = "known by its connections",
};

/* Why a state needs a person; NULL where it does not. */
static const char *const state_reviews[STATE_COUNT] = {
	[STATE_RESIDUE] = BECAUSE_LEFTOVERS,
	[STATE_REFERENCED] = BECAUSE_REFERENCED,
	[STATE_CONNECTED] = BECAUSE_CONNECTED,
};

/* ---- the day ---- */

enum { DATE_SIZE = sizeof("YYYY-MM-DD") };
static char today[DATE_SIZE];

void verdict_set_today(const char *date)
{
	size_t n = date ? strnlen(date, DATE_SIZE - 1) : 0;

	memset(today, 0, sizeof(today));
	if (n)
		memcpy(today, date, n);
}

static const char *the_day(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!today[0] && gmtime_r(&now, &tm))
		(void)strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	return today;
}

/* ---- one case ---- */

struct judging {
	const struct order *order;
	const struct finding *finding;
	struct str words;       /* the sentence that is being written */
};

/* The rule's own words, or ours when it has none. */
static void say_rule(struct str *out, const struct scope_rule *rule,
                     const char *subject, const char *words)
{
	if (rule->because)
		str_puts(out, rule->because);
	else
		str_printf(out, "%s %s", subject, words);
}

static bool not_in_force(struct judging *j)
{
	const struct order *o = j->order;

	if (o->until && strcmp(o->until, the_day()) < 0)
		str_printf(&j->words, "the order ended on %s", o->until);
	else if (o->effective && strcmp(o->effective, the_day()) > 0)
		str_printf(&j->words, "the order is not in force before %s",
		           o->effective);
	return j->words.n > 0;
}

static bool has_mark(const struct carve_out *c, uint32_t mark)
{
	for (size_t i = 0; i < c->n_marks; i++)
		if (c->marks[i] == mark)
			return true;
	return false;
}

static bool all_by_marks(const struct carve_out *c, const struct finding *f)
{
	if (c->n_marks == 0 || f->n_evidence == 0 || f->n_more > 0)
		return false;
	for (size_t i = 0; i < f->n_evidence; i++)
		if (!has_mark(c, f->evidence[i].mark->index))
			return false;
	return true;
}

static bool carve_out_fits(const struct carve_out *c, const struct finding *f)
{
	for (size_t i = 0; i < c->n_articles; i++)
		if (pack_name_meets(c->articles[i], f->name))
			return true;
	return all_by_marks(c, f);
}

static bool carved_out(struct judging *j)
{
	for (size_t i = 0; i < j->order->n_carve_outs; i++) {
		const struct carve_out *c = &j->order->carve_outs[i];
		if (!carve_out_fits(c, j->finding))
			continue;
		str_printf(&j->words, "carved out of the order: %s",
		           c->text ? c->text : c->id);
		return true;
	}
	return false;
}

static bool kind_excluded(struct judging *j)
{
	enum article_kind kind = j->finding->kind;
	const struct scope_rule *rule = &j->order->kind[kind];

	if (rule->word != SCOPE_EXCLUDED)
		return false;
	say_rule(&j->words, rule, kinds_all[kind], "is outside the order");
	return true;
}

static bool basis_excluded(struct judging *j)
{
	enum basis basis = j->finding->basis;
	const struct scope_rule *rule = &j->order->basis[basis];

	if (rule->word != SCOPE_EXCLUDED)
		return false;
	say_rule(&j->words, rule, bases[basis].all, "is outside the order");
	return true;
}

/* Any of these excludes. */
static bool (*const exclusions[])(struct judging *) = {
	not_in_force, carved_out, kind_excluded, basis_excluded,
};

static void and_also(struct judging *j)
{
	if (j->words.n)
		str_puts(&j->words, BECAUSE_AND);
}

static void review_weak(struct judging *j)
{
	if (j->finding->strength != STRENGTH_WEAK)
		return;
	and_also(j);
	str_puts(&j->words, BECAUSE_WEAK);
}

static void review_state(struct judging *j)
{
	const char *words = state_reviews[j->finding->state];

	if (!words)
		return;
	and_also(j);
	str_puts(&j->words, words);
}

static void review_kind(struct judging *j)
{
	enum article_kind kind = j->finding->kind;
	const struct scope_rule *rule = &j->order->kind[kind];

	if (rule->word != SCOPE_NOT_STATED)
		return;
	and_also(j);
	say_rule(&j->words, rule, "the order does not say whether it reaches",
	         kinds_all[kind]);
}

static void review_basis(struct judging *j)
{
	enum basis basis = j->finding->basis;
	const struct scope_rule *rule = &j->order->basis[basis];

	if (rule->word != SCOPE_NOT_STATED)
		return;
	and_also(j);
	say_rule(&j->words, rule, "the order does not say whether it reaches",
	         bases[basis].all);
}

static void review_purpose(struct judging *j)
{
	for (size_t i = 0; i < j->order->n_entities; i++) {
		const struct order_entity *e = &j->order->entities[i];
		if (e->entity != j->finding->entity->index || !e->purpose)
			continue;
		and_also(j);
		str_printf(&j->words, "the vendor is banned for one purpose only: %s",
		           e->purpose);
		return;
	}
}

/* Each of these may ask for a person. */
static void (*const reviews[])(struct judging *) = {
	review_weak, review_state, review_kind, review_basis, review_purpose,
};

static void covered(struct judging *j)
{
	const struct finding *f = j->finding;
	const char *because = j->order->basis[f->basis].because;

	str_printf(&j->words, "%s %s %s, %s", kinds[f->kind],
	           bases[f->basis].towards, f->entity->name, states[f->state]);
	if (because)
		str_printf(&j->words, " (%s)", because);
}

static enum verdict_word decide(struct judging *j)
{
	for (size_t i = 0; i < COUNT_OF(exclusions); i++)
		if (exclusions[i](j))
			return VERDICT_EXCLUDED;
	for (size_t i = 0; i < COUNT_OF(reviews); i++)
		reviews[i](j);
	if (j->words.n > 0)
		return VERDICT_REVIEW;
	covered(j);
	return VERDICT_COVERED;
}

struct verdict verdict_of(const struct order *order, const struct finding *f,
                          struct arena *mem)
{
	struct judging j = {.order = order, .finding = f};
	struct verdict v = {.order = order};

	v.word = decide(&j);
	if (!str_failed(&j.words))
		v.because = arena_str(mem, str_slice(&j.words));
	str_finish(&j.words);
	return v;
}
