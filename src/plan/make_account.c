/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups. One goes only when, after all other steps, nothing in the
 * source is its own and nobody uses it: a number that is given to somebody else
 * later would hand over whatever was forgotten.
 */
#include <errno.h>
#include <stdlib.h>

#include "plan/make.h"

enum { NAMED = 10 };

static const struct account {
	enum thing thing;
	enum need_kind need;
	enum step_kind step;
	uint32_t rank;
	const char *word;
} accounts[] = {
	{THING_USER, NEED_USER, STEP_USER, 0, "user"},
	{THING_GROUP, NEED_GROUP, STEP_GROUP, 1, "group"},
};

/* Paths that are still there, and still its own, in the end. *ret lies in
 * scratch. */
static uint64_t remaining(struct making *m, const struct fact_account *f,
                          struct slice **ret, size_t *ret_n)
{
	size_t n = 0;

	*ret = arena_zalloc(&m->mem, f->n_paths, sizeof(**ret));
	if (!*ret) {
		make_fail(m, -ENOMEM, NULL);
		return UINT64_MAX;
	}
	for (size_t i = 0; i < f->n_paths; i++)
		if (!make_takes(m, f->paths[i]))
			(*ret)[n++] = f->paths[i];
	*ret_n = n;
	return f->remaining > f->n_paths ? f->remaining - (f->n_paths - n) : n;
}

/* Why it must stay, or NULL. */
static const char *refusal(struct making *m, const struct account *a,
                           const struct fact_account *f)
{
	struct slice *paths;
	size_t n = 0;

	if (f->used.n)
		return make_words(m, "the %s is in use: %.*s", a->word, SLICE_ARG(f->used));
	if (f->id == 0)
		return make_words(m, "the %s has the number 0, which is the system's own",
		                  a->word);
	uint64_t all = remaining(m, f, &paths, &n);
	if (m->code < 0 || all == 0)
		return NULL;
	return make_words(m, "files that stay belong to the %s: %s; settle whose they are,"
	                  " then plan again", a->word, make_list(m, paths, n, all, NAMED));
}

static bool done(const struct making *m, enum step_kind kind, struct slice name)
{
	for (size_t i = 0; i < m->n_steps; i++)
		if (m->steps[i].kind == kind && slice_eq(m->steps[i].subject, name))
			return true;
	return false;
}

static void add_step(struct making *m, const struct account *a, const struct target *t,
                     const struct fact_account *f, const struct article *by, bool unsure)
{
	struct step *s = step_add(m, t->article, t->evidence, a->step, STAGE_ACCOUNT);

	if (!s)
		return;
	s->rank = a->rank;
	s->subject = step_copy(m, f->name);
	s->id = f->id;
	s->words = step_text(m, "delete the %s %.*s (%u)", a->word, SLICE_ARG(f->name), f->id);
	if (unsure)
		step_risk(m, s, RISK_HIGH, "only weak evidence says whose it is");
	else if (by)
		step_risk(m, s, RISK_MEDIUM, make_words(m, "its name says whose it is, and"
		          " %.*s of the same maker was found beside it", SLICE_ARG(by->name)));
	else
		step_risk(m, s, RISK_LOW, "nothing is its own");
	step_before(m, s, step_text(m, "no file and no process belongs to the %s", a->word));
	step_after(m, s, step_text(m, "the system knows no %s %.*s", a->word,
	                           SLICE_ARG(f->name)));
}

static void decide(struct making *m, const struct account *a, const struct target *t)
{
	const struct fact *f = make_fact(m, a->need, "", t->attr, t->text);
	const struct article *by;
	const char *why = NULL;
	bool unsure;

	if (!make_trusts(m, t, &by, &unsure, &why)) {
		make_note(m, t->article, why, t->text);
		return;
	}
	if (!f || f->why.n) {
		make_note(m, t->article, make_words(m, "what belongs to the %s could not be found"
		          " out (%.*s)", a->word, f ? (int)f->why.n : 0,
		          f ? (const char *)f->why.p : ""), t->text);
		return;
	}
	if (!f->account.exists) {
		make_left(m, t->article, make_words(m, "there is no such %s (any more)", a->word),
		          t->text);
		return;
	}
	if (done(m, a->step, f->account.name))
		return;
	why = make_package_stays(m, t->article) ? "the package that it belongs with stays"
	                                        : refusal(m, a, &f->account);
	if (why)
		make_note(m, t->article, why, f->account.name);
	else if (m->code == 0)
		add_step(m, a, t, &f->account, by, unsure);
}

void make_accounts(struct making *m)
{
	for (size_t k = 0; k < COUNT_OF(accounts); k++)
		for (size_t i = 0; m->code == 0 && i < m->n_targets; i++)
			if (m->targets[i].thing == accounts[k].thing)
				decide(m, &accounts[k], &m->targets[i]);
}
