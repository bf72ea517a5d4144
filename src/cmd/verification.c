/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/verification.h"

#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "cmd/stop.h"

enum { DEADLINE_S = 20, WORKER_MEMORY = 128 * 1024 * 1024 };

/* ---- looking ----------------------------------------------------------- */

static struct sweep_progress so_far;
static struct progress *line;

static void show_progress(void)
{
	line = progress_start(&so_far);
}

static void note(const char *words)
{
	cmd_note("%s", words);
}

bool verification_sweep(const struct verification_args *args, struct sweep **ret)
{
	struct err e = {0};
	const struct sweep_args sweep = {
		.sources = &args->root,
		.n_sources = 1,
		.pack = args->choice->pack,
		.matcher = args->choice->matcher,
		.orders = args->choice->orders,
		.n_orders = args->choice->n_orders,
		.law = &args->choice->law,
		.entities = args->choice->entities,
		.jobs = args->jobs,
		.deadline_ms = DEADLINE_S * 1000,
		.memory_bytes = WORKER_MEMORY,
		.full = true,
		.store = args->store,
		.unit = "",
		.labels = "",
		.changes = args->store != NULL,
		.changed_since = args->since,
		.stop = &stop_asked,
		.progress = &so_far,
		.note = args->quiet ? NULL : note,
		.remark = args->quiet ? NULL : note,
		.started = args->quiet ? NULL : show_progress,
	};
	const int r = sweep_run(&sweep, &e, ret);

	progress_stop(line);
	line = NULL;
	if (r < 0)
		cmd_error("%s", e.text);
	return r == 0;
}

/* ---- comparing --------------------------------------------------------- */

/* The same article, whatever its version is now. */
static bool is_same(const struct finding *f, struct slice id, struct slice entity,
                    struct slice name)
{
	return slice_eq(slice_str(f->id), id) ||
	       (slice_eq(slice_str(f->entity->id), entity) && slice_eq(f->name, name));
}

static const struct finding *found_again(const struct report *r, const struct step *s)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (is_same(&r->findings[i], s->article, s->entity, s->name))
			return &r->findings[i];
	return NULL;
}

static bool is_removed(enum outcome outcome)
{
	return outcome == OUTCOME_DONE || outcome == OUTCOME_GONE;
}

/* Were all steps of the article carried out? */
static bool all_removed(const struct plan *plan, const struct step_result *results,
                        struct slice article)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (slice_eq(plan->steps[i].article, article) && !is_removed(results[i].outcome))
			return false;
	return true;
}

static bool is_first_step(const struct plan *plan, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (slice_eq(plan->steps[i].article, plan->steps[at].article))
			return false;
	return true;
}

static bool is_planned(const struct plan *plan, const struct finding *f)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (is_same(f, plan->steps[i].article, plan->steps[i].entity, plan->steps[i].name))
			return true;
	return false;
}

/* What the plan left alone for a stated reason is no surprise. */
static bool is_left(const struct plan *plan, const struct finding *f)
{
	for (size_t i = 0; i < plan->n_left; i++)
		if (slice_eq(slice_str(f->id), plan->left[i].article))
			return true;
	return false;
}

static struct slice where(const struct finding *f)
{
	return f && f->n_evidence ? f->evidence[0].path : (struct slice){0};
}

static void add(struct completion_verification *v, struct completion_article *list,
                const struct completion_article *one)
{
	list[v->n_articles++] = *one;
	v->counts[one->word]++;
}

static void compare_planned(const struct report *found, const struct plan *plan,
                            const struct step_result *results,
                            struct completion_verification *v,
                            struct completion_article *list)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		if (!is_first_step(plan, i))
			continue;
		const struct finding *f = found_again(found, s);
		add(v, list, &(struct completion_article){
			.word = !f ? COMPLETION_GONE
			        : all_removed(plan, results, s->article) ? COMPLETION_CAME_BACK
			                                                 : COMPLETION_STILL_THERE,
			.name = s->name,
			.version = f ? f->version : s->version,
			.entity = s->entity,
			.path = where(f),
		});
	}
}

static void compare_others(const struct report *found, const struct plan *plan,
                           struct completion_verification *v,
                           struct completion_article *list)
{
	for (size_t i = 0; i < found->n_findings; i++) {
		const struct finding *f = &found->findings[i];
		if (is_planned(plan, f) || is_left(plan, f))
			continue;
		add(v, list, &(struct completion_article){
			.word = COMPLETION_ALSO_FOUND,
			.name = f->name,
			.version = f->version,
			.entity = slice_str(f->entity->id),
			.path = where(f),
		});
	}
}

static const char *kind_of(enum change_kind kind)
{
	return kind == CHANGE_PACKAGE ? "package" : kind == CHANGE_FILE ? "file"
	     : kind == CHANGE_FOLDER ? "code folder" : "setting";
}

static int compare_software(const struct report *found, struct arena *mem,
                            struct completion_verification *v)
{
	const struct changes *c = found->changes;

	v->compared = c && c->since && c->fresh == 0;
	if (!v->compared)
		return 0;
	struct completion_new *list = arena_zalloc(mem, c->n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].word == CHANGE_APPEARED)
			list[v->n_fresh++] = (struct completion_new){
				kind_of(c->list[i].kind), c->list[i].name, c->list[i].version,
				c->list[i].path};
	v->fresh = list;
	v->more_fresh = c->more;
	return 0;
}

int verification_compare(const struct report *found, const struct plan *plan,
                         const struct step_result *results, struct arena *mem,
                         struct completion_verification *ret)
{
	struct completion_article *list =
		arena_zalloc(mem, plan->n_steps + found->n_findings + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	*ret = (struct completion_verification){
		.done = true,
		.at = found->n_sources ? found->sources[0].finished : "",
		.articles = list,
		.coverage = &found->coverage,
	};
	compare_planned(found, plan, results, ret, list);
	compare_others(found, plan, ret, list);
	return compare_software(found, mem, ret);
}

int verification_status(const struct completion_verification *v)
{
	if (v->n_articles > v->counts[COMPLETION_GONE])
		return EXIT_FOUND;
	return v->coverage->complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}
