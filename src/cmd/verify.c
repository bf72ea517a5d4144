/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar verify, and debar report --form completion: both look again and say
 * what a removal has come to; the one for a person at a terminal, the other as
 * a paper.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/removal.h"
#include "cmd/stop.h"
#include "cmd/verification.h"

enum { JOBS_MAX_DEFAULT = 16 };

struct options {
	struct words packs;
	bool no_default_packs, no_store, quiet;
	const struct completion_form *form;
	bool paper;
	const char *root, *output, *color, *store;
};

enum {
	OPT_PACKS = 256,
	OPT_NO_DEFAULT_PACKS,
	OPT_ROOT,
	OPT_STORE,
	OPT_NO_STORE,
	OPT_FORMAT,
	OPT_FORM,
	OPT_COLOR,
};

#define VERIFY_OPTIONS \
	{"packs", required_argument, NULL, OPT_PACKS}, \
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT_PACKS}, \
	{"root", required_argument, NULL, OPT_ROOT}, \
	{"store", required_argument, NULL, OPT_STORE}, \
	{"no-store", no_argument, NULL, OPT_NO_STORE}, \
	{"format", required_argument, NULL, OPT_FORMAT}, \
	{"output", required_argument, NULL, 'o'}, \
	{"color", required_argument, NULL, OPT_COLOR}, \
	{"quiet", no_argument, NULL, 'q'}, \
	OPTIONS_COMMON

static const struct option verify_options[] = {VERIFY_OPTIONS};

static const struct option report_options[] = {
	{"form", required_argument, NULL, OPT_FORM},
	VERIFY_OPTIONS,
};

#define HELP_OPTIONS \
	"  --root DIR            the place is now at DIR (default /)\n" \
	"  --packs DIR           use the packs in DIR too (may be repeated)\n" \
	"  --no-default-packs    use only those\n" \
	"  --store PATH|URL      this inventory, not the usual one: it knows which software\n" \
	"                        is new since the removal began\n" \
	"  --no-store            do not compare\n" \
	"  --format FORM         text (default), markdown, html or json\n" \
	"  -o, --output FILE     write it there\n" \
	"  --color WHEN          auto, always or never\n" \
	"  -q, --quiet           no progress and no notes\n" \
	"  -h, --help            this text\n" \
	"\n" \
	"Exit status: 0 all is gone and everything was examined, 1 failed, 2 something is\n" \
	"there, or a package or service is new since the removal began, 3 nothing is there,\n" \
	"but not everything was examined, or what was installed before is not known.\n"

static const char verify_help[] =
	"Usage: debar verify [OPTION...] [RUN]\n"
	"\n"
	"Looks again at all of the place that a removal was for, as if nothing were known,\n"
	"and says of each planned article: gone, still there, or came back; what else was\n"
	"found; and which software appeared since. RUN is the name that \"debar remove\"\n"
	"gave; without one, the newest.\n"
	"\n" HELP_OPTIONS
	"\n"
	"Examples:\n"
	"  debar verify\n"
	"  debar verify --root /mnt/image --format json -o verified.json\n";

static const char report_help[] =
	"Usage: debar report --form completion [OPTION...] [RUN]\n"
	"\n"
	"Writes the paper that proves a removal: what was planned, approved and done, what\n"
	"was left and why, and what a sweep that is made now says of it.\n"
	"\n"
	"  --form FORM           completion\n" HELP_OPTIONS
	"\n"
	"Examples:\n"
	"  debar report --form completion --format html -o completion.html\n"
	"  debar report --form completion --format markdown\n";

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_PACKS:
		return words_add(&o->packs, word);
	case OPT_FORMAT:
		return removal_take_format(word, &o->form);
	case OPT_FORM: /* report.c chose by it */
		return true;
	case OPT_COLOR:
		o->color = word;
		return choice_color(word);
	case OPT_NO_DEFAULT_PACKS:
		o->no_default_packs = true;
		return true;
	case OPT_NO_STORE:
		o->no_store = true;
		return true;
	case OPT_STORE:
		o->store = word;
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

/* ---- the look ---------------------------------------------------------- */

struct verifying {
	const struct options *o;
	struct source_root root;
	struct removal *run;
	struct choice choice;
	struct store *store;
	struct sweep *sweep;
	struct arena mem;
	struct completion document;
};

/* The orders of the plan: the same question as then. */
static bool choose(struct verifying *v)
{
	static struct words orders, none;
	const struct plan *plan = removal_plan(v->run);

	orders.n = 0;
	for (size_t i = 0; i < plan->n_orders; i++) {
		const char *id = arena_str(&v->mem, plan->orders[i]);
		if (!id || !words_add(&orders, id))
			return false;
	}
	return choice_make(&v->choice, &v->o->packs, v->o->no_default_packs, &orders, &none);
}

static unsigned jobs(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > JOBS_MAX_DEFAULT ? JOBS_MAX_DEFAULT : (unsigned)n;
}

static bool look(struct verifying *v)
{
	const struct options *o = v->o;

	if (!o->no_store) {
		v->store = choice_store(o->store, STORE_CREATE);
		if (!v->store && o->store)
			return false;
	}
	return verification_sweep(&(struct verification_args){
		.choice = &v->choice,
		.store = v->store,
		.root = v->root.path,
		.jobs = jobs(),
		.quiet = o->quiet,
		/* A report of that very second may be from after it. */
		.since = choice_time(removal_started(v->run)) - 1,
	}, &v->sweep);
}

/* What is installed now, held against what was when the removal began. */
static bool compare_software(struct verifying *v)
{
	struct software_list before, now;
	struct err e = {0};

	if (!verification_kept_software(removal_folder(v->run), &v->mem, &before))
		return true;
	if (software_look(v->root.path, &stop_asked, &v->mem, &e, &now) < 0) {
		cmd_note("%s: what is new cannot be told from it", e.text);
		return true;
	}
	return verification_software(&before, &now, &v->mem, &v->document.verification) == 0;
}

static int verify(struct verifying *v, const char *id)
{
	const struct options *o = v->o;
	const struct removal_events events = removal_progress(o->quiet);
	struct completion *c = &v->document;

	*c = (struct completion){.title = o->paper ? "Completion of a removal" : "Verification"};
	if (!removal_open_run(&v->root, o->root ? o->root : "/", id, PICK_READABLE, &events,
	                      &v->run) ||
	    !choose(v) || !look(v) || !removal_document_of_run(c, v->run, &v->mem))
		return EXIT_FAILED;
	c->place = slice_str(v->root.path);
	if (verification_compare(sweep_report(v->sweep), removal_plan(v->run),
	                         removal_results(v->run), &v->mem, &c->verification) < 0 ||
	    !compare_software(v)) {
		cmd_error("out of memory");
		return EXIT_FAILED;
	}
	if (!removal_write(c, o->form, o->color, o->output))
		return EXIT_FAILED;
	return verification_status(&c->verification);
}

static int run(const struct options *o, const char *id)
{
	struct verifying v = {.o = o, .root = {.fd = -1, .state_fd = -1}};

	arena_init(&v.mem, 0);
	stop_on_signals();
	const int status = verify(&v, id);
	sweep_free(v.sweep);
	store_close(v.store);
	choice_finish(&v.choice);
	removal_free(v.run);
	source_root_close(&v.root);
	arena_finish(&v.mem);
	return status;
}

static int command(const char *name, const struct option *longs, const char *help, int argc,
                   char **argv, bool paper)
{
	static struct options o; /* large */

	o = (struct options){.form = &completion_text, .color = "auto", .paper = paper};
	const int go_on = options_parse(&(struct options_args){
		.command = name,
		.shorts = "o:qh",
		.longs = longs,
		.help = help,
		.take = take_option,
		.ctx = &o,
	}, argc, argv);
	if (go_on <= 0)
		return options_status(go_on);
	if (argc - optind > 1) {
		cmd_error("%s takes one run; \"%s\" is one too many", name + sizeof("debar"),
		          argv[optind + 1]);
		return EXIT_FAILED;
	}
	return run(&o, argv[optind]);
}

int cmd_verify(int argc, char **argv)
{
	return command("debar verify", verify_options, verify_help, argc, argv, false);
}

int cmd_report_completion(int argc, char **argv)
{
	return command("debar report", report_options, report_help, argc, argv, true);
}
