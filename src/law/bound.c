/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom an order binds. A binding fits, does not, or is left open by what the
 * profile does not say; the best of an order's bindings counts.
 */
#include "law/judge.h"

enum fit { FIT_NO, FIT_OPEN, FIT_YES };

/* Why a binding does not fit; in order of how near it came. */
enum reason { NOT_YOU, NOT_YET, NO_CLAUSE, WRONG_SYSTEM, WRONG_ACT, CLAUSE_NOT_SAID,
	SYSTEM_NOT_SAID, REASON_NONE };

struct bound {
	const struct binding *binding;
	enum fit fit;
	enum reason reason;
};

static bool has(const struct term_list *list, const struct term *term)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i] == term)
			return true;
	return false;
}

static bool meet(const struct term_list *a, const struct term_list *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (has(b, a->list[i]))
			return true;
	return false;
}

/* ---- what the profile says --------------------------------------------- */

static bool holds(const struct law_context *c, const struct binding *b)
{
	const struct profile *p = c->profile;

	for (size_t i = 0; i < p->n_clauses; i++) {
		const struct profile_clause *held = &p->clauses[i];
		if (!law_within(c->as_of, held->since, held->until))
			continue;
		for (size_t k = 0; k < b->n_holding; k++)
			if (strcmp(held->clause, b->holding[k]) == 0)
				return true;
	}
	return false;
}

/* The systems that a place is, as far as the profile says: 1 one of them, 0 none,
 * -1 the profile does not speak of the place. */
static int on_system(const struct judging *j, const struct term_list *systems)
{
	const struct profile *p = j->c->profile;
	int said = -1;

	for (size_t i = 0; i < p->n_systems; i++) {
		if (!place_fits(&p->systems[i].place, j->o, j->s))
			continue;
		if (meet(&p->systems[i].is, systems))
			return 1;
		said = 0;
	}
	return said;
}

/* Verbs that are said of the place, or of the user; 0: none are. */
static unsigned activities(const struct judging *j)
{
	const struct profile *p = j->c->profile;
	unsigned verbs = 0;

	for (size_t i = 0; i < p->n_systems; i++)
		if (place_fits(&p->systems[i].place, j->o, j->s))
			verbs |= p->systems[i].activities;
	return verbs ? verbs : p->activities;
}

static unsigned banned(const struct judging *j, const struct binding *b)
{
	return b && b->bans ? b->bans : j->o->bans;
}

/* ---- one binding ------------------------------------------------------- */

static enum reason why_not(const struct judging *j, const struct binding *b)
{
	const struct profile *p = j->c->profile;
	const unsigned done = activities(j);

	if (!meet(&b->who, &p->is))
		return NOT_YOU;
	if (b->since && !law_within(j->c->as_of, b->since, NULL))
		return NOT_YET;
	if (b->n_holding && p->clauses_said && !holds(j->c, b))
		return NO_CLAUSE;
	if ((b->systems.n && on_system(j, &b->systems) == 0) ||
	    (b->not_systems.n && on_system(j, &b->not_systems) == 1))
		return WRONG_SYSTEM;
	if (done && !(done & banned(j, b)))
		return WRONG_ACT;
	if (b->n_holding && !p->clauses_said)
		return CLAUSE_NOT_SAID;
	if ((b->systems.n && on_system(j, &b->systems) < 0) ||
	    (b->not_systems.n && on_system(j, &b->not_systems) < 0))
		return SYSTEM_NOT_SAID;
	return REASON_NONE;
}

static enum fit fit_of(enum reason reason)
{
	return reason == REASON_NONE ? FIT_YES : reason >= CLAUSE_NOT_SAID ? FIT_OPEN : FIT_NO;
}

static struct bound best_binding(const struct judging *j)
{
	struct bound best = {0};

	for (size_t i = 0; i < j->o->n_bindings; i++) {
		const enum reason reason = why_not(j, &j->o->bindings[i]);
		if (!best.binding || reason > best.reason)
			best = (struct bound){&j->o->bindings[i], fit_of(reason), reason};
	}
	return best;
}

/* ---- words ------------------------------------------------------------- */

void judge_terms(struct judging *j, const struct term_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		judge_say(j, "%s%s", i == 0 ? "" : i + 1 == list->n ? " or " : ", ",
		          list->list[i]->id);
}

void judge_verbs(struct judging *j, unsigned verbs)
{
	bool first = true;

	for (int v = 0; v < VERB_COUNT; v++)
		if (verbs >> v & 1) {
			judge_say(j, "%s%s", first ? "" : ", ", verb_name((enum verb)v));
			first = false;
		}
}

static void say_holding(struct judging *j, const struct binding *b)
{
	for (size_t i = 0; i < b->n_holding; i++)
		judge_say(j, "%s%s", i == 0 ? "" : i + 1 == b->n_holding ? " or " : ", ",
		          b->holding[i]);
}

static void say_not_you(struct judging *j, const struct binding *b)
{
	(void)b;
	judge_say(j, "the order does not bind %s", j->c->profile->is.n > 1 ? "any of " : "");
	judge_terms(j, &j->c->profile->is);
}

static void say_not_yet(struct judging *j, const struct binding *b)
{
	judge_say(j, "the order does not bind you before %s", b->since);
}

static void say_no_clause(struct judging *j, const struct binding *b)
{
	judge_say(j, "the order binds you by ");
	say_holding(j, b);
	judge_say(j, ", and the profile names no contract with it");
}

static void say_wrong_system(struct judging *j, const struct binding *b)
{
	if (b->not_systems.n && on_system(j, &b->not_systems) == 1) {
		judge_say(j, "the place is one that the order leaves out: ");
		judge_terms(j, &b->not_systems);
	} else {
		judge_say(j, "the order is for ");
		judge_terms(j, &b->systems);
		judge_say(j, ", and the profile says that the place is none");
	}
}

static void say_wrong_act(struct judging *j, const struct binding *b)
{
	judge_say(j, "the order bans to ");
	judge_verbs(j, banned(j, b));
	judge_say(j, "; the profile says that you only ");
	judge_verbs(j, activities(j));
}

static void say_clause_open(struct judging *j, const struct binding *b)
{
	judge_say(j, "it binds you only by ");
	say_holding(j, b);
	judge_say(j, ", and the profile does not say which clauses your contracts hold");
}

static void say_system_open(struct judging *j, const struct binding *b)
{
	judge_say(j, "the order turns on what system this is (");
	judge_terms(j, b->systems.n ? &b->systems : &b->not_systems);
	judge_say(j, "), and the profile does not say");
}

static void (*const sayings[])(struct judging *, const struct binding *) = {
	[NOT_YOU] = say_not_you,       [NOT_YET] = say_not_yet,
	[NO_CLAUSE] = say_no_clause,   [WRONG_SYSTEM] = say_wrong_system,
	[WRONG_ACT] = say_wrong_act,   [CLAUSE_NOT_SAID] = say_clause_open,
	[SYSTEM_NOT_SAID] = say_system_open,
};

static void say_bound(struct judging *j, const struct binding *b)
{
	judge_fact(j, "binds %s%s%s", b->who.list[0]->id, b->clause ? ": " : "",
	           b->clause ? b->clause->text : "");
}

/* An order that says nobody in particular may still ban what is not done. */
static enum verdict_word by_acts(struct judging *j, bool reviews)
{
	const unsigned done = activities(j);

	if (reviews || !done || done & j->o->bans)
		return VERDICT_COVERED;
	say_wrong_act(j, NULL);
	return VERDICT_EXCLUDED;
}

enum verdict_word judge_bound(struct judging *j, bool reviews)
{
	const struct profile *p = j->c->profile;
	const enum fit wanted = reviews ? FIT_OPEN : FIT_NO;

	if (!p)
		return VERDICT_COVERED;
	if (p->is.n == 0 || j->o->n_bindings == 0)
		return by_acts(j, reviews);
	const struct bound b = best_binding(j);
	if (b.fit == FIT_YES)
		say_bound(j, b.binding);
	if (b.fit != wanted)
		return VERDICT_COVERED;
	judge_also(j);
	sayings[b.reason](j, b.binding);
	judge_clause(j, b.binding->clause);
	judge_fact(j, "profile: %s", p->file ? p->file : "given");
	return reviews ? VERDICT_REVIEW : VERDICT_EXCLUDED;
}
