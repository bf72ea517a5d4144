/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/removal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/stop.h"

enum { PROGRESS_EVERY = 256 };

/* ---- the document ------------------------------------------------------ */

static enum completion_tone tone_of(enum outcome outcome)
{
	static const enum completion_tone tones[OUTCOME_COUNT] = {
		[OUTCOME_NOT_YET] = COMPLETION_OPEN,
		[OUTCOME_DONE] = COMPLETION_GOOD,
		[OUTCOME_GONE] = COMPLETION_GOOD,
		[OUTCOME_CHANGED] = COMPLETION_OPEN,
		[OUTCOME_IN_USE] = COMPLETION_OPEN,
		[OUTCOME_REFUSED] = COMPLETION_OPEN,
		[OUTCOME_PARTLY] = COMPLETION_OPEN,
		[OUTCOME_FAILED] = COMPLETION_BAD,
		[OUTCOME_UNKNOWN] = COMPLETION_BAD,
		[OUTCOME_REVIEW] = COMPLETION_OPEN,
		[OUTCOME_UNDONE] = COMPLETION_GOOD,
		[OUTCOME_NOT_UNDONE] = COMPLETION_OPEN,
	};
	return tones[outcome];
}

bool removal_document(struct completion *c, const struct plan *plan,
                      const struct step_result *results, struct arena *mem)
{
	struct completion_step *steps = arena_zalloc(mem, plan->n_steps + 1, sizeof(*steps));
	struct completion_left *left = arena_zalloc(mem, plan->n_left + 1, sizeof(*left));

	if (!steps || !left) {
		cmd_error("out of memory");
		return false;
	}
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		steps[i] = (struct completion_step){
			.name = s->name,
			.version = s->version,
			.entity = s->entity,
			.kind = step_kind_name(s->kind),
			.outcome = outcome_name(results[i].outcome),
			.tone = tone_of(results[i].outcome),
			.words = s->words,
			.why = results[i].words,
			.taken = results[i].taken,
			.left = results[i].left,
			.back = results[i].outcome == OUTCOME_UNDONE,
		};
	}
	for (size_t i = 0; i < plan->n_left; i++)
		left[i] = (struct completion_left){plan->left[i].name, plan->left[i].why};
	c->version = DEBAR_VERSION;
	c->host = plan->host;
	c->plan_sha256 = slice_str(plan->sha256);
	c->orders = plan->orders;
	c->n_orders = plan->n_orders;
	c->steps = steps;
	c->n_steps = plan->n_steps;
	c->left = left;
	c->n_left = plan->n_left;
	return true;
}

bool removal_document_of_run(struct completion *c, const struct removal *r,
                             struct arena *mem)
{
	static const char *const states[] = {
		[REMOVAL_BEGUN] = "not at its end; \"debar remove\" with the same plan goes on",
		[REMOVAL_ENDED] = "carried out",
		[REMOVAL_UNDOING] = "being undone; \"debar undo\" goes on",
		[REMOVAL_UNDONE] = "undone",
		[REMOVAL_DISCARDED] = "carried out; what was taken is deleted for good",
	};

	c->run = removal_id(r);
	c->started = removal_started(r);
	c->state = states[removal_state(r)];
	return removal_document(c, removal_plan(r), removal_results(r), mem);
}

bool removal_write(const struct completion *c, const struct completion_form *form,
                   const char *color, const char *output)
{
	const struct report_style style = choice_style(color, output);
	struct output out;
	struct err e = {0};
	int r = output_open(&out, output, &e);

	if (r == 0) {
		r = form->write(c, &style, out.stream);
		if (r < 0)
			output_cancel(&out);
		else
			r = output_close(&out, &e);
	}
	if (r < 0)
		cmd_error("%s", *e.text ? e.text : strerror(-r));
	return r == 0;
}

int removal_status(const struct completion *c)
{
	int status = EXIT_CLEAN;

	for (size_t i = 0; i < c->n_steps; i++) {
		if (c->steps[i].tone == COMPLETION_BAD)
			return EXIT_FAILED;
		if (c->steps[i].tone == COMPLETION_OPEN)
			status = EXIT_INCOMPLETE;
	}
	return status;
}

bool removal_take_format(const char *word, const struct completion_form **ret)
{
	*ret = completion_form(word);
	if (!*ret)
		cmd_error("there is no format \"%s\": use text, markdown, html or json", word);
	return *ret != NULL;
}

/* ---- people ------------------------------------------------------------ */

static bool shown;

static void on_progress(void *ctx, uint64_t objects, uint64_t of)
{
	(void)ctx;
	if (objects % PROGRESS_EVERY != 0 && objects != of)
		return;
	shown = true;
	(void)fprintf(stderr, "\r\033[K%llu of %llu files and folders",
	              (unsigned long long)objects, (unsigned long long)of);
	(void)fflush(stderr);
}

static void on_note(void *ctx, const char *words)
{
	(void)ctx;
	removal_progress_end();
	cmd_note("%s", words);
}

struct removal_events removal_progress(bool quiet)
{
	return (struct removal_events){
		.progress = !quiet && isatty(STDERR_FILENO) ? on_progress : NULL,
		.note = quiet ? NULL : on_note,
	};
}

void removal_progress_end(void)
{
	if (shown)
		(void)fputs("\r\033[K", stderr);
	shown = false;
}

bool removal_ask(const char *question)
{
	char answer[16];

	if (!isatty(STDIN_FILENO)) {
		cmd_error("nobody can be asked here: --yes says that it may be done, "
		          "--dry-run shows what would be");
		return false;
	}
	(void)fprintf(stderr, "%s [y/N] ", question);
	(void)fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) &&
	    (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
		return true;
	cmd_note("nothing was changed");
	return false;
}

bool removal_open_run(struct source_root *root, const char *root_path, const char *id,
                      enum removal_pick pick, const struct removal_events *events,
                      struct removal **ret)
{
	struct err e = {0};
	int r = source_root_open(root, root_path, true, &e);

	if (r == 0)
		r = removal_open(&(struct removal_args){
			.fs = &fs_system,
			.root = root->path,
			.state = root->state,
			.pick = pick,
			.stop = &stop_asked,
			.events = *events,
		}, id, &e, ret);
	if (r == -ENOENT && root->state[0])
		cmd_error("%s has no removal%s%s", root->state_name, id ? " " : "", id ? id : "");
	else if (r < 0)
		cmd_error("%s", *e.text ? e.text : strerror(-r));
	return r == 0;
}
