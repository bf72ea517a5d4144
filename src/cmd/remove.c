/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar remove: carries out a plan, after it was shown, approved and agreed to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/apart.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/removal.h"
#include "cmd/stop.h"
#include "cmd/verification.h"
#include "plan/facts.h"
#include "remove/rehearse.h"
#include "survey/survey.h"

struct options {
	struct words approvals;
	bool dry_run, yes, quiet, discard;
	const struct completion_form *form;
	const char *root, *output, *color;
};

enum { OPT_DRY_RUN = 256, OPT_YES, OPT_ROOT, OPT_APPROVAL, OPT_FORMAT, OPT_COLOR, OPT_DISCARD };

static const struct option long_options[] = {
	{"dry-run", no_argument, NULL, OPT_DRY_RUN},
	{"yes", no_argument, NULL, OPT_YES},
	{"root", required_argument, NULL, OPT_ROOT},
	{"approval", required_argument, NULL, OPT_APPROVAL},
	{"discard", no_argument, NULL, OPT_DISCARD},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"output", required_argument, NULL, 'o'},
	{"color", required_argument, NULL, OPT_COLOR},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar remove [OPTION...] PLAN\n"
	"       debar remove --discard [--yes] [--root DIR] [RUN]\n"
	"\n"
	"Carries out a plan of \"debar plan --format json\". Files go into quarantine, so\n"
	"that \"debar undo\" can put everything back; what is no longer what the plan saw\n"
	"is left alone and said. After a crash the same command goes on where it was; and\n"
	"it tries again, in the same run, what was left alone or failed.\n"
	"\n"
	"  --dry-run             show what would happen, change nothing\n"
	"  --yes                 do not ask\n"
	"  --approval FILE       an approval of this plan (may be repeated)\n"
	"  --root DIR            the place is now at DIR\n"
	"  --discard             delete for good what a run took; it cannot be undone then\n"
	"  --format FORM         text (default), markdown, html or json\n"
	"  -o, --output FILE     write what was done there\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no progress and no notes\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 all of the plan is done, 1 failed, 3 something was left alone or\n"
	"is for a person (the output says what).\n"
	"\n"
	"Examples:\n"
	"  debar remove --dry-run plan.json\n"
	"  debar remove --approval jo.json --approval sam.json plan.json\n"
	"  debar remove --yes --root /mnt/image plan.json\n"
	"  debar verify && debar remove --discard\n";

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_APPROVAL:
		return words_add(&o->approvals, word);
	case OPT_FORMAT:
		return removal_take_format(word, &o->form);
	case OPT_COLOR:
		o->color = word;
		return choice_color(word);
	case OPT_DRY_RUN:
		o->dry_run = true;
		return true;
	case OPT_YES:
		o->yes = true;
		return true;
	case OPT_DISCARD:
		o->discard = true;
		return true;
	case OPT_ROOT:
		o->root = word;
		return true;
	case 'o':
		o->output = word;
		return true;
	default: /* -q */
		o->quiet = true;
		return true;
	}
}

/* What removing holds until it ends. */
struct removing {
	const struct options *o;
	struct plan *plan;
	struct str plan_json;
	struct source_root root;
	struct arena mem;
	struct slice approvals[WORDS_MAX];
	size_t n_approvals;
	struct slice notes[2];
	size_t n_notes;
};

/* ---- may it be done? --------------------------------------------------- */

static bool approved_before(const struct approval *list, size_t n, const char *by)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_nocase(slice_trim(slice_str(list[i].by)), slice_trim(slice_str(by))))
			return true;
	return false;
}

static bool take_approval(struct removing *r, struct approval *list, const char *path)
{
	struct approval *a = &list[r->n_approvals];

	if (!apart_approval(path, a))
		return false;
	if (strcmp(a->sha256, r->plan->sha256) != 0) {
		cmd_error("%s approves another plan (%.12s..., this one is %.12s...)", path,
		          a->sha256, r->plan->sha256);
		return false;
	}
	if (approved_before(list, r->n_approvals, a->by)) {
		cmd_error("%s: %s has approved this plan already; another person must", path,
		          a->by);
		return false;
	}
	const char *words = arena_printf(&r->mem, "%s, %s", a->by, a->at);
	r->approvals[r->n_approvals++] = slice_str(words);
	return words != NULL;
}

static bool approved(struct removing *r)
{
	const struct words *files = &r->o->approvals;
	struct approval *list = calloc(files->n + 1, sizeof(*list));
	bool good = list != NULL;

	for (size_t i = 0; good && i < files->n; i++)
		good = take_approval(r, list, files->list[i]);
	free(list);
	if (good && r->n_approvals < r->plan->approvals) {
		cmd_error("the plan asks for %u approval%s and has %zu: \"debar plan approve\" "
		          "writes one, --approval names it", r->plan->approvals,
		          r->plan->approvals == 1 ? "" : "s", r->n_approvals);
		good = false;
	}
	return good;
}

/* The names that the plan itself gives: no packs are needed to remove. */
static const char *const *named_in_plan(const void *ctx, struct slice role)
{
	(void)role;
	return ctx;
}

/* Is one of the processes that can take over running now? */
static bool is_running(struct removing *r, const struct plan_gate *gate)
{
	const struct need need = {.kind = NEED_ROLE, .text = gate->role};
	const char **names = arena_zalloc(&r->mem, gate->n_processes + 1, sizeof(*names));
	const struct plan_lore lore = {.ctx = names, .protections = named_in_plan};
	struct facts facts = {0};
	struct err e = {0};

	for (size_t i = 0; names && i < gate->n_processes; i++)
		names[i] = arena_str(&r->mem, gate->processes[i]);
	const bool running = names && survey(&(struct survey_args){
		.root = r->root.path,
		.live = r->root.live,
		.needs = &need,
		.n = 1,
		.lore = &lore,
	}, &e, &facts) == 0 && facts.list[0].role.running.n > 0;
	facts_finish(&facts);
	return running;
}

static bool gate_open(struct removing *r, const struct plan_gate *gate)
{
	if (gate->state == GATE_MISSING) {
		cmd_error("the %.*s would leave and nothing takes its place: start a replacement "
		          "and plan again, or plan with --waive-replacement",
		          SLICE_ARG(gate->role));
		return false;
	}
	if (gate->state == GATE_RUNNING && r->root.live && !is_running(r, gate)) {
		cmd_error("the replacement for the %.*s (%.*s) is no longer running: nothing was "
		          "removed", SLICE_ARG(gate->role), SLICE_ARG(gate->by));
		return false;
	}
	return true;
}

static bool gates_open(struct removing *r)
{
	for (size_t i = 0; i < r->plan->n_gates; i++)
		if (!gate_open(r, &r->plan->gates[i]))
			return false;
	return true;
}

/* A replacement that the removal took along, or that died meanwhile. */
static void check_gates_again(struct removing *r)
{
	for (size_t i = 0; i < r->plan->n_gates && r->root.live; i++) {
		const struct plan_gate *gate = &r->plan->gates[i];
		if (gate->state != GATE_RUNNING || is_running(r, gate))
			continue;
		r->notes[0] = slice_str("The replacement that was running before is not running "
		                        "now: the machine is without protection.");
		r->n_notes = 1;
	}
}

/* ---- the run ----------------------------------------------------------- */

static int write_document(struct removing *r, struct completion *c)
{
	c->place = slice_str(r->root.path);
	c->approvals = r->approvals;
	c->n_approvals = r->n_approvals;
	c->notes = r->notes;
	c->n_notes = r->n_notes;
	return removal_write(c, r->o->form, r->o->color, r->o->output) ? removal_status(c)
	                                                               : EXIT_FAILED;
}

static int dry_run(struct removing *r)
{
	struct completion c = {
		.title = "What would be done (nothing was changed)", .run = "", .started = "",
		.state = ""};
	struct step_result *results = arena_zalloc(&r->mem, r->plan->n_steps + 1,
	                                           sizeof(*results));
	struct err e = {0};
	int rc = results ? rehearse(&(struct removal_args){
		.root = r->root.path,
		.plan = r->plan,
		.stop = &stop_asked,
	}, results, &e) : err_set(&e, -ENOMEM, "out of memory");

	if (rc < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	return removal_document(&c, r->plan, results, &r->mem) ? write_document(r, &c)
	                                                       : EXIT_FAILED;
}

static bool agreed(const struct removing *r)
{
	static const struct plan_style style = {.columns = 78};
	const struct plan_form_input in = {.plan = r->plan, .style = &style};

	if (r->o->yes || !plan_acts(r->plan))
		return true;
	if (isatty(STDIN_FILENO) && plan_form_text.write(&in, stderr) < 0) {
		cmd_error("out of memory");
		return false;
	}
	return removal_ask("Carry out this plan?");
}

/* For verify: what was installed before. A run that is gone on with has the list
 * from its beginning, or none. */
static void keep_software(const struct removing *r, const struct removal *run,
                          const char *started)
{
	struct err e = {0};

	if (strcmp(removal_started(run), started) != 0)
		return;
	if (verification_keep_software(removal_folder(run), r->root.path, &e) < 0)
		cmd_note("%s: verify will not know what was installed before", e.text);
}

static int carry_out(struct removing *r)
{
	struct completion c = {.title = "Removal"};
	struct removal *run = NULL;
	struct err e = {0};
	char started[TEXT_TIME_SIZE];

	(void)text_time((int64_t)time(NULL), started);
	const struct removal_args args = {
		.fs = &fs_system,
		.root = r->root.path,
		.state = r->root.state,
		.plan = r->plan,
		.plan_json = str_slice(&r->plan_json),
		.started = started,
		.stop = &stop_asked,
		.events = removal_progress(r->o->quiet),
	};
	int rc = removal_begin(&args, &e, &run);
	if (rc == 0)
		keep_software(r, run, started);
	if (rc == 0)
		rc = removal_carry_out(run, &e);
	removal_progress_end();
	int status = EXIT_FAILED;
	if (run) {
		check_gates_again(r);
		status = removal_document_of_run(&c, run, &r->mem) ? write_document(r, &c)
		                                                   : EXIT_FAILED;
	}
	if (rc < 0) {
		cmd_error("%s%s", *e.text ? e.text : strerror(-rc),
		          run ? "; the same command goes on" : "");
		status = EXIT_FAILED;
	}
	removal_free(run);
	return status;
}

static int remove_plan(struct removing *r, const char *path)
{
	const struct options *o = r->o;
	struct err e = {0};

	if (!apart_plan(path, &r->plan, &r->plan_json))
		return EXIT_FAILED;
	const char *place = o->root ? o->root : arena_str(&r->mem, r->plan->source_path);
	if (!place || source_root_open(&r->root, place, !o->dry_run, &e) < 0) {
		cmd_error("%s", *e.text ? e.text : "out of memory");
		return EXIT_FAILED;
	}
	if (r->plan->live && !r->root.live) {
		cmd_error("the plan is for a running system, and %s is not the root of this one",
		          place);
		return EXIT_FAILED;
	}
	if (o->dry_run)
		return dry_run(r);
	if (!approved(r) || !gates_open(r) || !agreed(r))
		return EXIT_FAILED;
	return carry_out(r);
}

static int discard(const struct options *o, const char *id)
{
	const struct removal_events events = removal_progress(o->quiet);
	struct source_root root = {.fd = -1, .state_fd = -1};
	struct removal *run = NULL;
	struct err e = {0};
	int status = EXIT_FAILED;

	if (removal_open_run(&root, o->root ? o->root : "/", id, PICK_NEWEST, &events,
	                     &run) && (o->yes || removal_ask("Delete for good what was taken?"))) {
		if (removal_discard(run, &e) == 0)
			status = EXIT_CLEAN;
		else
			cmd_error("%s", e.text);
	}
	removal_progress_end();
	removal_free(run);
	source_root_close(&root);
	return status;
}

int cmd_remove(int argc, char **argv)
{
	static struct options o; /* large */
	static struct removing r;
	int status;

	o = (struct options){.form = &completion_text, .color = "auto"};
	r = (struct removing){.o = &o, .root = {.fd = -1, .state_fd = -1}};
	const int go_on = options_parse(&(struct options_args){
		.command = "debar remove",
		.shorts = "o:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = &o,
	}, argc, argv);
	if (go_on <= 0)
		return options_status(go_on);
	if (argc - optind > 1 || (!o.discard && argc - optind != 1)) {
		cmd_error("remove takes one plan, as \"debar plan --format json\" wrote it");
		return EXIT_FAILED;
	}
	stop_on_signals();
	if (o.discard)
		return discard(&o, argv[optind]);
	arena_init(&r.mem, 0);
	status = remove_plan(&r, argv[optind]);
	plan_free(r.plan);
	str_finish(&r.plan_json);
	source_root_close(&r.root);
	arena_finish(&r.mem);
	return status;
}
