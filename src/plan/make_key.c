/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that a package database holds. rpm keeps each as a package of its own,
 * and takes it out as one. A key stays while something that stays was signed
 * with it, or a repository that stays names it.
 */
#include <errno.h>

#include "plan/make.h"

enum { NAMED = 5 };

/* The first package that is signed with it and stays, or "". */
static struct slice signed_and_stays(struct making *m, const struct fact_key *key)
{
	for (size_t i = 0; i < key->n_packages; i++) {
		const struct item *it = make_item(m, "rpm", key->packages[i]);
		if (!it || it->state != ITEM_GOES)
			return key->packages[i];
	}
	return (struct slice){0};
}

/* Was this file found to hold a key of that user? */
static bool is_key_file(const struct making *m, struct slice path, struct slice user)
{
	for (size_t i = 0; i < m->n_targets; i++) {
		const struct target *t = &m->targets[i];
		if (t->thing == THING_PLACE && t->attr == ATTR_REPO_KEY &&
		    slice_eq(t->text, path) && slice_eq(t->evidence->value, user))
			return true;
	}
	return false;
}

struct slice make_key_needed(const struct making *m, struct slice user, struct slice file)
{
	const struct fact *f = make_fact(m, NEED_KEY, "", 0, user);

	for (size_t i = 0; f && !f->why.n && i < f->keys.n_repositories; i++) {
		const struct fact_repository *r = &f->keys.repositories[i];
		bool meant = file.n ? slice_eq(r->key, file) : is_key_file(m, r->key, user);
		if (meant && !make_takes(m, r->path))
			return r->path;
	}
	return (struct slice){0};
}

static void add_step(struct making *m, const struct target *t, const struct fact_key *key,
                     bool unsure)
{
	struct fact_package *f = arena_zalloc(&m->mem, 1, sizeof(*f));
	struct step *s = step_add(m, t->article, t->evidence, STEP_PACKAGE, STAGE_REPOSITORY);

	if (!f || !s) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	/* a key has no architecture */
	*f = (struct fact_package){.version = key->version, .arch = SLICE(""),
	                           .installed = true};
	const struct item it = {.ecosystem = "rpm", .name = key->name, .fact = f};
	const struct item *const items[] = {&it};
	s->words = step_text(m, "remove the key %.*s from the package database with rpm",
	                     SLICE_ARG(key->name));
	if (unsure)
		step_risk(m, s, RISK_HIGH, "only weak evidence says whose it is");
	else
		step_risk(m, s, RISK_LOW, "nothing that stays is signed with it");
	step_after(m, s, step_text(m, "rpm does not know %.*s", SLICE_ARG(key->name)));
	step_packages(m, s, items, COUNT_OF(items));
}

static void decide(struct making *m, const struct target *t, const struct fact_key *key,
                   bool unsure)
{
	struct slice repository = make_key_needed(m, t->text, (struct slice){0});
	struct slice package = signed_and_stays(m, key);

	if (package.n)
		make_note(m, t->article, make_words(m, "the key %.*s of the package database"
		          " stays, because packages that stay are signed with it: %s",
		          SLICE_ARG(key->name), make_list(m, key->packages, key->n_packages,
		                                          key->n_packages, NAMED)), t->text);
	else if (repository.n)
		make_note(m, t->article, make_words(m, "the key %.*s of the package database"
		          " stays, because a repository that stays names it: %.*s",
		          SLICE_ARG(key->name), SLICE_ARG(repository)), t->text);
	else
		add_step(m, t, key, unsure);
}

static void decide_all(struct making *m, const struct target *t)
{
	const struct fact *f = make_fact(m, NEED_KEY, "", 0, t->text);
	const struct article *by;
	const char *why;
	bool unsure;

	if (!make_trusts(m, t, &by, &unsure, &why))
		make_note(m, t->article, why, t->text);
	else if (!f || f->why.n)
		make_note(m, t->article, make_words(m, "which keys the package database holds"
		          " could not be found out (%.*s)", f ? (int)f->why.n : 0,
		          f ? (const char *)f->why.p : ""), t->text);
	else if (f->keys.n == 0)
		make_left(m, t->article, "the package database does not hold this key (any more)",
		          t->text);
	else
		for (size_t i = 0; m->code == 0 && i < f->keys.n; i++)
			decide(m, t, &f->keys.list[i], unsure);
}

void make_keys(struct making *m)
{
	for (size_t i = 0; m->code == 0 && i < m->n_targets; i++)
		if (m->targets[i].thing == THING_KEY)
			decide_all(m, &m->targets[i]);
}
