/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one order says of one article. The law is in the packs; here is only how
 * its words are combined, in tables, the most decisive first:
 *
 *   excluded   the order ended, is suspended, superseded, or not in force yet
 *   excluded   it does not bind this user, these systems, what is done there
 *   excluded   a waiver holds
 *   excluded   a carve-out names the article, or all evidence is by its marks
 *   excluded   the article's kind, then its basis, is out of scope
 *   excluded   the maker is no such relative as the order reaches
 *   excluded   the maker is banned for one purpose only, which this is not
 *   review     everything that a person must settle first; all of it is said
 *   covered    none of these
 *
 * What is banned by category and country has rows of its own in place of those
 * about the maker. Weak evidence of something excluded is still excluded.
 * Without a profile it is taken that the order binds whoever asks.
 */
#include "law/judge.h"

#include <stdarg.h>
#include <stdio.h>

enum { WORDS_MAX = 4096 };

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

/* "a parent of" and so on: the maker to the one that the order names. */
static const char *const relations[REL_COUNT] = {
	[REL_PARENT] = "a parent of",         [REL_SUBSIDIARY] = "a subsidiary of",
	[REL_AFFILIATE] = "an affiliate of",  [REL_PREDECESSOR] = "a predecessor of",
	[REL_SUCCESSOR] = "a successor of",   [REL_OWNED] = "owned in part by",
};

/* ---- saying ------------------------------------------------------------ */

void judge_also(struct judging *j)
{
	if (j->words.n)
		str_puts(&j->words, BECAUSE_AND);
}

void judge_say(struct judging *j, const char *fmt, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	str_puts(&j->words, words);
}

void judge_fact(struct judging *j, const char *fmt, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	for (size_t i = 0; i < j->n_facts; i++)
		if (strcmp(j->facts[i], words) == 0)
			return;
	if (j->n_facts == LAW_FACTS_MAX)
		return;
	if (!j->facts)
		j->facts = arena_zalloc(j->mem, LAW_FACTS_MAX, sizeof(*j->facts));
	const char *copy = j->facts ? arena_str(j->mem, slice_str(words)) : NULL;
	if (copy)
		j->facts[j->n_facts++] = copy;
	else
		j->nomem = true;
}

void judge_clause(struct judging *j, const struct clause *clause)
{
	if (!j->clause)
		j->clause = clause;
}

const struct profile_answer *judge_answer(struct judging *j, const struct term *question)
{
	const struct profile_answer *a = question ? profile_answer(j->c, question, j->o, j->s)
	                                          : NULL;

	if (a)
		judge_fact(j, "%s: %s, says %s%s%s", question->id,
		           a->is == ANSWER_YES ? "yes" : "no", a->by, a->because ? ": " : "",
		           a->because ? a->because : "");
	return a;
}

/* The rule's own words, or ours when it has none. */
static void say_rule(struct judging *j, const struct scope_rule *rule,
                     const char *subject, const char *words)
{
	if (rule->because)
		judge_say(j, "%s", rule->because);
	else
		judge_say(j, "%s %s", subject, words);
	judge_clause(j, rule->clause);
}

/* ---- the order and its time -------------------------------------------- */

static bool not_in_force(struct judging *j)
{
	const struct order *o = j->o;
	const struct order_period *p;
	const enum order_state state = law_state(o, j->c->as_of, &p);

	if (o->until && !law_within(j->c->as_of, NULL, o->until))
		judge_say(j, "the order ended on %s", o->until);
	else if (o->effective && !law_within(j->c->as_of, o->effective, NULL))
		judge_say(j, "the order is not in force before %s", o->effective);
	else if (state == ORDER_IN_FORCE || state == ORDER_UNDER_REVIEW)
		return false;
	else
		judge_say(j, "the order is %s since %s%s%s%s%s%s%s", order_state_name(state),
		          p->since, p->until ? " until " : "", p->until ? p->until : "",
		          p->by ? " by " : "", p->by ? p->by : "",
		          p->because ? ": " : "", p->because ? p->because : "");
	char date[DATE_BYTES];
	day_format(j->c->as_of, date);
	judge_fact(j, "as of %s", date);
	return true;
}

static bool not_bound(struct judging *j)
{
	return judge_bound(j, false) == VERDICT_EXCLUDED;
}

static bool waived(struct judging *j)
{
	const struct profile *p = j->c->profile;

	for (size_t i = 0; p && i < p->n_waivers; i++) {
		const struct profile_waiver *w = &p->waivers[i];
		if (w->clock || !law_within(j->c->as_of, w->since, w->until) ||
		    !place_fits(&w->place, j->o, j->s))
			continue;
		judge_say(j, "waived until %s by %s%s%s", w->until, w->by,
		          w->cite ? ", " : "", w->cite ? w->cite : "");
		judge_fact(j, "waiver of %s until %s", w->by, w->until);
		return true;
	}
	return false;
}

/* ---- carve-outs -------------------------------------------------------- */

static bool has_mark(const struct carve_out *c, uint32_t mark)
{
	for (size_t i = 0; i < c->n_marks; i++)
		if (c->marks[i] == mark)
			return true;
	return false;
}

static bool all_by_marks(const struct carve_out *c, const struct subject *s)
{
	if (c->n_marks == 0 || s->n_marks == 0 || !s->marks_whole)
		return false;
	for (size_t i = 0; i < s->n_marks; i++)
		if (!has_mark(c, s->marks[i]))
			return false;
	return true;
}

/* By name or marks; one that has neither is told by its question alone. */
static bool carve_out_names(const struct carve_out *c, const struct subject *s)
{
	for (size_t i = 0; i < c->n_articles; i++)
		if (pack_name_meets(c->articles[i], s->name))
			return true;
	return all_by_marks(c, s) || (c->n_articles == 0 && c->n_marks == 0);
}

static bool carved_out(struct judging *j)
{
	for (size_t i = 0; i < j->o->n_carve_outs; i++) {
		const struct carve_out *c = &j->o->carve_outs[i];
		if (!carve_out_names(c, j->s))
			continue;
		if (c->question) {
			const struct profile_answer *a = judge_answer(j, c->question);
			if (!a || a->is == ANSWER_NO)
				continue;
		}
		judge_say(j, "carved out of the order: %s", c->text ? c->text : c->id);
		judge_clause(j, c->clause);
		j->carve_out = c;
		return true;
	}
	return false;
}

/* It names the article, but only a person can say whether it holds. */
static void review_carve_out(struct judging *j)
{
	for (size_t i = 0; i < j->o->n_carve_outs; i++) {
		const struct carve_out *c = &j->o->carve_outs[i];
		const bool named = c->n_articles || c->n_marks;
		if (!c->question || !named || !carve_out_names(c, j->s) ||
		    profile_answer(j->c, c->question, j->o, j->s))
			continue;
		judge_also(j);
		judge_say(j, "it may be carved out (%s): %s", c->text, c->question->text);
		judge_clause(j, c->clause);
	}
}

/* ---- kind and basis ---------------------------------------------------- */

/* What a rule comes to once its question is answered: included, excluded, or not
 * stated for what is left open. */
static enum scope_word rule_word(struct judging *j, const struct scope_rule *rule)
{
	if (rule->word != SCOPE_INCLUDED || !rule->question)
		return rule->word;
	const struct profile_answer *a = judge_answer(j, rule->question);
	return !a ? SCOPE_NOT_STATED : a->is == ANSWER_YES ? SCOPE_INCLUDED : SCOPE_EXCLUDED;
}

static bool rule_excludes(struct judging *j, const struct scope_rule *rule, const char *what)
{
	if (rule_word(j, rule) != SCOPE_EXCLUDED)
		return false;
	if (rule->question)
		judge_say(j, "%s only where it is so: %s No", what, rule->question->text);
	else
		say_rule(j, rule, what, "is outside the order");
	judge_clause(j, rule->clause);
	return true;
}

static void rule_reviews(struct judging *j, const struct scope_rule *rule, const char *what)
{
	if (rule_word(j, rule) != SCOPE_NOT_STATED)
		return;
	judge_also(j);
	if (rule->question)
		judge_say(j, "%s", rule->question->text);
	else
		say_rule(j, rule, "the order does not say whether it reaches", what);
	judge_clause(j, rule->clause);
}

static bool kind_excluded(struct judging *j)
{
	return rule_excludes(j, &j->o->kind[j->s->kind], kinds_all[j->s->kind]);
}

static bool basis_excluded(struct judging *j)
{
	return rule_excludes(j, &j->o->basis[j->s->basis], bases[j->s->basis].all);
}

static void review_kind(struct judging *j)
{
	rule_reviews(j, &j->o->kind[j->s->kind], kinds_all[j->s->kind]);
}

static void review_basis(struct judging *j)
{
	rule_reviews(j, &j->o->basis[j->s->basis], bases[j->s->basis].all);
}

/* ---- the family -------------------------------------------------------- */

/* A relative's own work: what the order says of the family is asked too. */
static bool family_is_asked(const struct judging *j)
{
	return j->kin.related && j->s->basis != BASIS_FAMILY;
}

static const char *named_maker(const struct judging *j)
{
	return j->c->pack->entities[j->kin.named->entity].name;
}

static const char *relative(const struct judging *j)
{
	return j->s->company ? j->s->company : j->s->entity->name;
}

/* "B is a subsidiary of A (49 % owned)". */
static void say_kinship(struct judging *j)
{
	judge_say(j, "%s is %s %s", relative(j), relations[j->kin.relation], named_maker(j));
	if (j->kin.edge->percent >= 0)
		judge_say(j, " (%d %% owned)", j->kin.edge->percent);
	judge_fact(j, "family: %s, by %s", relation_name(j->kin.relation),
	           j->kin.edge->source);
}

static void say_reach(struct judging *j)
{
	const struct family_rule *f = &j->o->family;

	if (f->percent >= 0)
		judge_say(j, "; the order reaches %s %d %%", f->more ? "more than" : "from",
		          f->percent);
	judge_clause(j, j->o->basis[BASIS_FAMILY].clause);
}

static bool family_excluded(struct judging *j)
{
	if (family_is_asked(j) &&
	    rule_excludes(j, &j->o->basis[BASIS_FAMILY], bases[BASIS_FAMILY].all))
		return true;
	if (!j->kin.related || j->kin.word != VERDICT_EXCLUDED)
		return false;
	say_kinship(j);
	if (j->kin.over)
		judge_say(j, ", but not on that day (%s to %s)",
		          j->kin.edge->since ? j->kin.edge->since : "always",
		          j->kin.edge->until ? j->kin.edge->until : "now");
	else if (j->kin.edge->percent >= 0)
		say_reach(j);
	else
		judge_say(j, ", which the order does not reach");
	judge_clause(j, j->o->basis[BASIS_FAMILY].clause);
	return true;
}

static void review_family(struct judging *j)
{
	if (family_is_asked(j))
		rule_reviews(j, &j->o->basis[BASIS_FAMILY], bases[BASIS_FAMILY].all);
	if (!j->kin.related || j->kin.word != VERDICT_REVIEW)
		return;
	judge_also(j);
	say_kinship(j);
	say_reach(j);
	judge_say(j, j->kin.edge->percent < 0 && j->o->family.percent >= 0
	                     ? ", and the share is not known"
	                     : ", and whether it is controlled is for a person to settle");
}

/* ---- the purpose ------------------------------------------------------- */

static const char *purpose_words(const struct order_entity *e)
{
	return e->purpose ? e->purpose : e->question->text;
}

static bool purpose_excluded(struct judging *j)
{
	const struct order_entity *e = j->kin.named;
	const struct profile_answer *a = judge_answer(j, e->question);

	if (!a || a->is == ANSWER_YES)
		return false;
	judge_say(j, "the vendor is banned for one purpose only (%s), which this is not: "
	          "so says %s", purpose_words(e), a->by);
	return true;
}

static void review_purpose(struct judging *j)
{
	const struct order_entity *e = j->kin.named;

	if ((!e->purpose && !e->question) ||
	    (e->question && profile_answer(j->c, e->question, j->o, j->s)))
		return;
	judge_also(j);
	judge_say(j, "the vendor is banned for one purpose only: %s", purpose_words(e));
}

/* ---- categories -------------------------------------------------------- */

static bool among(const char *const *list, size_t n, const char *country)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], country) == 0)
			return true;
	return false;
}

static bool asks_country(const struct category_rule *rule)
{
	return rule->n_produced_in || rule->n_not_produced_in;
}

static bool country_excluded(struct judging *j)
{
	const struct category_rule *rule = j->rule;
	const char *country = j->s->country;

	if (!country || !asks_country(rule))
		return false;
	if ((!rule->n_produced_in || among(rule->produced_in, rule->n_produced_in, country)) &&
	    !among(rule->not_produced_in, rule->n_not_produced_in, country))
		return false;
	judge_say(j, "made in %s, which the order does not speak of", country);
	judge_fact(j, "country of production: %s", country);
	judge_clause(j, rule->clause);
	return true;
}

static bool model_excluded(struct judging *j)
{
	const struct category_rule *rule = j->rule;

	for (size_t i = 0; j->s->model.n && i < rule->n_allowed; i++) {
		const struct allowed_model *m = &rule->allowed[i];
		if (!pack_name_meets(m->model, j->s->model) ||
		    !law_within(j->c->as_of, m->since, m->until))
			continue;
		judge_say(j, "the model %.*s is allowed%s%s (%s)", SLICE_ARG(j->s->model),
		          m->until ? " until " : "", m->until ? m->until : "", m->source);
		judge_fact(j, "allowed: %.*s", SLICE_ARG(m->model));
		judge_clause(j, rule->clause);
		return true;
	}
	return false;
}

static void review_country(struct judging *j)
{
	if (j->s->country || !asks_country(j->rule))
		return;
	judge_also(j);
	judge_say(j, "where it was made is not known");
	judge_clause(j, j->rule->clause);
}

static void review_model(struct judging *j)
{
	if (j->s->model.n || !j->rule->n_allowed)
		return;
	judge_also(j);
	judge_say(j, "some models are allowed, and which one this is is not known");
	judge_clause(j, j->rule->clause);
}

/* ---- evidence ---------------------------------------------------------- */

static void review_weak(struct judging *j)
{
	if (j->s->strength != STRENGTH_WEAK)
		return;
	judge_also(j);
	judge_say(j, "%s", BECAUSE_WEAK);
}

static void review_state(struct judging *j)
{
	if (!state_reviews[j->s->state])
		return;
	judge_also(j);
	judge_say(j, "%s", state_reviews[j->s->state]);
}

static void review_bound(struct judging *j)
{
	(void)judge_bound(j, true);
}

/* ---- the whole --------------------------------------------------------- */

/* NULL ends a table. Any of the first kind excludes; each of the second may ask
 * for a person. */
typedef bool exclusion(struct judging *);
typedef void review(struct judging *);

static exclusion *const common_exclusions[] = {not_in_force, not_bound, waived, carved_out,
                                               NULL};
static exclusion *const maker_exclusions[] = {kind_excluded, basis_excluded, family_excluded,
                                              purpose_excluded, NULL};
static exclusion *const category_exclusions[] = {country_excluded, model_excluded, NULL};

static review *const common_reviews[] = {review_weak, review_state, NULL};
static review *const maker_reviews[] = {review_kind, review_basis, review_family,
                                        review_purpose, NULL};
static review *const category_reviews[] = {review_country, review_model, NULL};
static review *const last_reviews[] = {review_carve_out, review_bound, NULL};

static bool any(struct judging *j, exclusion *const *list)
{
	for (; *list; list++)
		if ((*list)(j))
			return true;
	return false;
}

static void all(struct judging *j, review *const *list)
{
	for (; *list; list++)
		(*list)(j);
}

static void covered_by_maker(struct judging *j)
{
	const struct subject *s = j->s;
	const struct scope_rule *rule = &j->o->basis[s->basis];

	judge_say(j, "%s %s %s, %s", kinds[s->kind], bases[s->basis].towards,
	          j->s->entity->name, states[s->state]);
	if (rule->because)
		judge_say(j, " (%s)", rule->because);
	judge_clause(j, rule->clause);
	judge_clause(j, j->o->kind[s->kind].clause);
	if (!j->kin.related)
		return;
	judge_say(j, "; ");
	say_kinship(j);
	judge_clause(j, j->o->basis[BASIS_FAMILY].clause);
}

static void covered_by_category(struct judging *j)
{
	judge_say(j, "%s", j->rule->category->text);
	if (j->s->country)
		judge_say(j, ", made in %s", j->s->country);
	if (j->rule->because)
		judge_say(j, " (%s)", j->rule->because);
	judge_clause(j, j->rule->clause);
}

static enum verdict_word decide(struct judging *j)
{
	if (any(j, common_exclusions) ||
	    any(j, j->by_maker ? maker_exclusions : category_exclusions))
		return VERDICT_EXCLUDED;
	all(j, common_reviews);
	all(j, j->by_maker ? maker_reviews : category_reviews);
	all(j, last_reviews);
	if (j->words.n > 0)
		return VERDICT_REVIEW;
	(j->by_maker ? covered_by_maker : covered_by_category)(j);
	return VERDICT_COVERED;
}

static const struct category_rule *category_of(const struct order *o, const struct subject *s)
{
	for (size_t i = 0; s->category && i < o->n_categories; i++)
		if (o->categories[i].category == s->category)
			return &o->categories[i];
	return NULL;
}

static struct verdict judge_way(struct judging *j, bool by_maker)
{
	struct verdict v = {.order = j->o};

	*j = (struct judging){.c = j->c, .o = j->o, .s = j->s, .mem = j->mem, .kin = j->kin,
	                      .rule = j->rule, .by_maker = by_maker};
	v.word = decide(j);
	if (!str_failed(&j->words) && !j->nomem)
		v.because = arena_str(j->mem, str_slice(&j->words));
	v.clause = j->clause;
	v.carve_out = j->carve_out;
	v.facts = j->facts;
	v.n_facts = j->n_facts;
	str_finish(&j->words);
	return v;
}

bool law_judge(const struct law_context *c, const struct order *o, const struct subject *s,
               struct arena *mem, struct verdict *ret)
{
	struct judging j = {.c = c, .o = o, .s = s, .mem = mem, .rule = category_of(o, s)};
	const int kin = kin_of(c, o, s, mem, &j.kin);

	if (kin < 0) {
		*ret = (struct verdict){.order = o};
		return true;
	}
	if (kin == 0 && !j.rule)
		return false;
	*ret = judge_way(&j, kin == 1);
	/* what its maker does not make banned, its category may */
	if (kin == 1 && j.rule && ret->word == VERDICT_EXCLUDED && ret->because)
		*ret = judge_way(&j, false);
	return true;
}
