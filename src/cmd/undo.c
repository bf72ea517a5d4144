/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar undo: puts back what a removal took.
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

struct options {
	bool yes, quiet;
	const struct completion_form *form;
	const char *root, *output, *color;
};

enum { OPT_YES = 256, OPT_ROOT, OPT_FORMAT, OPT_COLOR };

static const struct option long_options[] = {
	{"yes", no_argument, NULL, OPT_YES},
	{"root", required_argument, NULL, OPT_ROOT},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"output", required_argument, NULL, 'o'},
	{"color", required_argument, NULL, OPT_COLOR},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar undo [OPTION...] [RUN]\n"
	"\n"
	"Puts back what a removal took: files with everything that belongs to them,\n"
	"packages, accounts, services. RUN is the name that \"debar remove\" gave; without\n"
	"one, the newest that can still be undone. What cannot be put back is said before\n"
	"anything is done.\n"
	"\n"
	"  --yes                 do not ask\n"
	"  --root DIR            the place is now at DIR (default /)\n"
	"  --format FORM         text (default), markdown, html or json\n"
	"  -o, --output FILE     write what was done there\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no progress and no notes\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 everything is back, 1 failed, 3 something could not be put back\n"
	"(the output says what, and what a person can do).\n"
	"\n"
	"Examples:\n"
	"  debar undo\n"
	"  debar undo --yes --root /mnt/image 20261125T101530-1a2b3c\n";

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_FORMAT:
		return removal_take_format(word, &o->form);
	case OPT_COLOR:
		o->color = word;
		return choice_color(word);
	case OPT_YES:
		o->yes = true;
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

/* Which run was chosen, when nobody named one. */
static void say_run(const struct removal *run, const struct options *o)
{
	const size_t older = removal_older(run);

	if (o->quiet)
		return;
	if (older > 0)
		cmd_note("run %s, begun %s; %zu older run%s can be undone too", removal_id(run),
		         removal_started(run), older, older == 1 ? "" : "s");
	else
		cmd_note("run %s, begun %s", removal_id(run), removal_started(run));
}

/* Says of each step that something stands in its way, before anything is done. */
static void warn(struct removal *run, const struct options *o)
{
	const struct plan *plan = removal_plan(run);
	char words[600];

	for (size_t i = 0; i < plan->n_steps && !o->quiet; i++)
		if (removal_can_undo(run, i, words, sizeof(words)) == 0)
			cmd_note("%.*s: %s", SLICE_ARG(plan->steps[i].name), words);
}

static int put_back(struct removal *run, const struct source_root *root,
                    const struct options *o, struct arena *mem)
{
	struct completion c = {.title = "Undoing of a removal",
	                       .place = slice_str(root->path)};
	struct err e = {0};
	int r = removal_undo(run, &e);

	removal_progress_end();
	int status = removal_document_of_run(&c, run, mem) &&
	                             removal_write(&c, o->form, o->color, o->output)
	                     ? removal_status(&c)
	                     : EXIT_FAILED;
	if (r < 0) {
		cmd_error("%s; the same command goes on", *e.text ? e.text : strerror(-r));
		status = EXIT_FAILED;
	}
	return status;
}

int cmd_undo(int argc, char **argv)
{
	struct options o = {.form = &completion_text, .color = "auto"};
	struct source_root root = {.fd = -1, .state_fd = -1};
	struct removal *run = NULL;
	struct arena mem;
	int status = EXIT_FAILED;
	const int go_on = options_parse(&(struct options_args){
		.command = "debar undo",
		.shorts = "o:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = &o,
	}, argc, argv);

	if (go_on <= 0)
		return options_status(go_on);
	if (argc - optind > 1) {
		cmd_error("undo takes one run; \"%s\" is one too many", argv[optind + 1]);
		return EXIT_FAILED;
	}
	stop_on_signals();
	arena_init(&mem, 0);
	const struct removal_events events = removal_progress(o.quiet);
	const char *id = argv[optind];
	if (removal_open_run(&root, o.root ? o.root : "/", id, PICK_UNDOABLE, &events,
	                     &run)) {
		if (!id)
			say_run(run, &o);
		warn(run, &o);
		if (o.yes || removal_ask("Put everything back?"))
			status = put_back(run, &root, &o, &mem);
	}
	removal_free(run);
	source_root_close(&root);
	arena_finish(&mem);
	return status;
}
