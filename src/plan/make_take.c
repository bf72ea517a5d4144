/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that take places: one for what goes of an article at a stage. */
#include <errno.h>
#include <stdlib.h>

#include "plan/make.h"
#include "plan/path.h"

enum { NAMED = 3 };

/* ---- what is to be said of each place ---- */

static const char *running_words(struct making *m, const struct place *p)
{
	return make_words(m, "a program of it is running: %s; it is refused while that runs",
	                  make_list(m, p->fact->running, p->fact->n_running,
	                            p->fact->n_running, NAMED));
}

static void risks(struct making *m, struct step *s, const struct place *p)
{
	if (p->fact->n_running)
		step_risk(m, s, RISK_HIGH, running_words(m, p));
	if (p->unsure)
		step_risk(m, s, RISK_HIGH, "only weak evidence says whose it is");
	if (p->target->thing == THING_MODULE)
		step_risk(m, s, RISK_HIGH, "a kernel module: hardware may need it at the"
		          " next start");
	if (p->by && (!s->risk_words.n || p->by != p->target->article))
		step_risk(m, s, RISK_MEDIUM, make_words(m, "where it lies says whose it is,"
		          " and %.*s of the same maker was found beside it",
		          SLICE_ARG(p->by->name)));
	if (p->fact->more_links)
		step_risk(m, s, RISK_MEDIUM, make_words(m, "its files have %llu more names"
		          " elsewhere, which stay",
		          (unsigned long long)p->fact->more_links));
	if (p->n_waits)
		step_risk(m, s, RISK_MEDIUM, "its packages must have gone before: what they"
		          " leave behind is taken");
}

static const struct {
	enum stage stage;
	const char *words, *after;
} stages[] = {
	{STAGE_LAUNCHER, "take what starts it into quarantine",
	 "the system's service manager has read its units anew"},
	{STAGE_LEFTOVER, "take its files into quarantine", NULL},
	{STAGE_TRUST, "take the trust anchor into quarantine, and rebuild the trust store",
	 "the rebuilt trust store does not hold it"},
	{STAGE_REPOSITORY, "take the package source or its key into quarantine",
	 "the package manager's list of sources can be read"},
};

static void describe(struct making *m, struct step *s)
{
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		if (stages[i].stage != s->stage)
			continue;
		s->words = step_text(m, "%s", stages[i].words);
		if (stages[i].after)
			step_after(m, s, slice_str(stages[i].after));
	}
	step_before(m, s, SLICE("every file is still what it was: device, inode, size,"
	                        " SHA-256, owner and mode"));
}

/* ---- putting steps together ---- */

static int by_step(const void *x, const void *y)
{
	const struct place *a = *(const struct place *const *)x;
	const struct place *b = *(const struct place *const *)y;

	if (a->target->article != b->target->article)
		return a->target->article < b->target->article ? -1 : 1;
	if (a->stage != b->stage)
		return a->stage < b->stage ? -1 : 1;
	return path_cmp(a->path, b->path);
}

static void add_object(struct making *m, struct step *s, const struct object *from)
{
	struct object *o = &s->objects[s->n_objects++];

	*o = *from;
	o->path = step_copy(m, from->path);
}

static void add_objects(struct making *m, struct step *s, const struct place *const *places,
                        size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += places[i]->fact->n_objects;
	m->n_objects += all;
	if (m->n_objects > PLAN_OBJECTS_MAX) {
		make_fail(m, -E2BIG, "the plan would take more files than a plan may take");
		return;
	}
	s->objects = arena_zalloc(&m->plan->mem, all, sizeof(*s->objects));
	if (!s->objects) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < places[i]->fact->n_objects; k++)
			add_object(m, s, &places[i]->fact->objects[k]);
}

static bool among(const struct item *const *items, size_t n, const struct item *it)
{
	for (size_t i = 0; i < n; i++)
		if (items[i] == it)
			return true;
	return false;
}

/* The packages that must have gone, each once. */
static void add_waits(struct making *m, struct step *s, const struct place *const *places,
                      size_t n)
{
	const struct item **all;
	size_t most = 0, count = 0;

	for (size_t i = 0; i < n; i++)
		most += places[i]->n_waits;
	all = arena_zalloc(&m->mem, most, sizeof(*all));
	if (!all) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < places[i]->n_waits; k++)
			if (!among(all, count, places[i]->waits[k]))
				all[count++] = places[i]->waits[k];
	for (size_t i = 0; i < count; i++)
		step_before(m, s, step_text(m, "the package %.*s is gone",
		                            SLICE_ARG(all[i]->name)));
	step_packages(m, s, all, count);
}

static void add_step(struct making *m, const struct place *const *places, size_t n)
{
	const struct target *t = places[0]->target;
	enum stage stage = places[0]->stage;
	struct step *s = step_add(m, t->article, t->evidence,
	                          stage == STAGE_TRUST ? STEP_TRUST : STEP_TAKE, stage);

	if (!s)
		return;
	describe(m, s);
	for (size_t i = 0; m->code == 0 && i < n; i++) {
		risks(m, s, places[i]);
		step_after(m, s, step_text(m, "%.*s is gone", SLICE_ARG(places[i]->path)));
	}
	if (!s->risk_words.n)
		step_risk(m, s, RISK_LOW, "files that say themselves whose they are");
	add_waits(m, s, places, n);
	add_objects(m, s, places, n);
}

void make_place_steps(struct making *m)
{
	const struct place **going = arena_zalloc(&m->mem, m->n_places, sizeof(*going));
	size_t n = 0;

	if (!going) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < m->n_places; i++)
		if (m->places[i].state == PLACE_GOES)
			going[n++] = &m->places[i];
	if (n)
		qsort(going, n, sizeof(*going), by_step);
	for (size_t i = 0, end; m->code == 0 && i < n; i = end) {
		for (end = i + 1; end < n && going[end]->stage == going[i]->stage &&
		     going[end]->target->article == going[i]->target->article;)
			end++;
		add_step(m, &going[i], end - i);
	}
}
