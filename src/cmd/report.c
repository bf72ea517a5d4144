/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar report: the papers that orders ask for. A form is a row of the table
 * below. Those in machine-readable standards are made of findings that were
 * written as JSON and are read back by a child without rights; the completion of
 * a removal looks for itself (verify.c).
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/apart.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/exporting.h"
#include "cmd/options.h"

struct options {
	struct words packs, orders;
	bool no_default_packs, quiet;
	const char *form, *output, *profile, *as_of;
};

enum {
	OPT_PACKS = 256,
	OPT_NO_DEFAULT_PACKS,
	OPT_ORDER,
	OPT_FORM,
	OPT_PROFILE,
	OPT_AS_OF,
};

static const struct option long_options[] = {
	{"form", required_argument, NULL, OPT_FORM},
	{"order", required_argument, NULL, OPT_ORDER},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"as-of", required_argument, NULL, OPT_AS_OF},
	{"packs", required_argument, NULL, OPT_PACKS},
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT_PACKS},
	{"output", required_argument, NULL, 'o'},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar report [--form overview] [OPTION...] FINDINGS\n"
	"       debar report --form FORM [--order ID...] [OPTION...] FINDINGS\n"
	"       debar report --form completion [OPTION...] [RUN]\n"
	"\n"
	"Writes what was found in the form that somebody asks for. FINDINGS is a report of\n"
	"\"debar sweep --format json\" (- for standard input); nothing is looked at again.\n"
	"\n"
	"  --form overview       one page of what was searched, found and is due (default)\n"
	"  --form ID             a paper that an order asks for, filled in; --form list names\n"
	"                        them. These have options of their own, as the overview\n"
	"                        has: debar report --form overview --help\n"
	"  --form sarif          SARIF 2.1.0: a rule per order, a result per article\n"
	"  --form cyclonedx      CycloneDX 1.6: components, evidence, declarations\n"
	"  --form oscal          OSCAL 1.2.2: plan of action and milestones\n"
	"  --form csv            a table: a row per article and order\n"
	"  --form completion     the paper that proves a removal; it looks now, and has\n"
	"                        options of its own: debar report --form completion --help\n"
	"\n"
	"  --order ID            what this order says only (may be repeated)\n"
	"  --profile FILE        who you are and what binds you: verdicts are for that\n"
	"  --as-of DATE          judge by the law as it stood on that day (default today)\n"
	"  -o, --output FILE     write it there; what is too large for the readers of SARIF\n"
	"                        goes into FILE-1, FILE-2 and so on\n"
	"  --packs DIR           use the packs in DIR too (may be repeated)\n"
	"  --no-default-packs    use only those\n"
	"  -q, --quiet           no notes\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 the findings hold nothing of it and everything was examined, 1 failed,\n"
	"2 found, 3 nothing, but not everything was examined.\n"
	"\n"
	"Examples:\n"
	"  debar sweep --format json -o found.json /\n"
	"  debar report --form sarif -o found.sarif found.json\n"
	"  debar report --order us-bod-17-01 --form oscal -o poam.json found.json\n"
	"  debar report --form completion --format html -o completion.html\n";

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_PACKS:
		return words_add(&o->packs, word);
	case OPT_ORDER:
		return words_add(&o->orders, word);
	case OPT_NO_DEFAULT_PACKS:
		o->no_default_packs = true;
		return true;
	case OPT_FORM:
		o->form = word;
		return true;
	case OPT_PROFILE:
		o->profile = word;
		return true;
	case OPT_AS_OF:
		o->as_of = word;
		return true;
	case 'o':
		o->output = word;
		return true;
	default: /* -q */
		o->quiet = true;
		return true;
	}
}

/* ---- forms in standards ------------------------------------------------ */

static int export_to(const struct options *o, const struct law_context *law,
                     const char *findings, struct output *out)
{
	struct articles a = {0};
	struct exporting e = {0};
	int status = EXIT_FAILED;

	if (!apart_articles(findings, &a) || !exporting_judge(law, &o->orders, &a) ||
	    !exporting_make(&e, law, &a, &o->orders))
		output_cancel(out);
	else if (exporting_write(&e, export_form(o->form), out, o->quiet))
		status = exporting_status(&e.x);
	exporting_finish(&e);
	articles_finish(&a);
	return status;
}

/* The output is opened first, so that a bad place is known at once. */
static int export_findings(const struct options *o, const char *findings)
{
	struct output out;
	struct err e = {0};
	struct choice c = {.pack = cmd_load_packs(o->packs.list, o->packs.n, o->no_default_packs)};
	int status = EXIT_FAILED;

	if (c.pack && choice_law(&c, o->profile, o->as_of)) {
		if (output_open(&out, o->output, &e) < 0)
			cmd_error("%s", e.text);
		else
			status = export_to(o, &c.law, findings, &out);
	}
	choice_finish(&c);
	return status;
}

static int export_command(int argc, char **argv)
{
	static struct options o; /* large */

	o = (struct options){0};
	const int go_on = options_parse(&(struct options_args){
		.command = "debar report",
		.shorts = "o:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = &o,
	}, argc, argv);
	if (go_on <= 0)
		return options_status(go_on);
	if (argc - optind != 1) {
		cmd_error(argc == optind ? "say which findings: a file of \"debar sweep --format "
		                           "json\", or - for standard input"
		                         : "report takes one file of findings");
		return EXIT_FAILED;
	}
	return export_findings(&o, argv[optind]);
}

/* ---- the table --------------------------------------------------------- */

/* A form takes all of the command's words: its options may be its own. */
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} forms[] = {
	{"sarif", export_command},
	{"cyclonedx", export_command},
	{"oscal", export_command},
	{"csv", export_command},
	{"completion", cmd_report_completion},
};

/* The form must be known before the options are: the last --form counts. */
static const char *form_word(int argc, char **argv)
{
	const char *form = NULL;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--form") == 0 && i + 1 < argc)
			form = argv[++i];
		else if (strncmp(argv[i], "--form=", sizeof("--form=") - 1) == 0)
			form = argv[i] + sizeof("--form=") - 1;
	}
	return form;
}

int cmd_report(int argc, char **argv)
{
	const char *word = form_word(argc, argv);

	for (size_t i = 0; word && i < COUNT_OF(forms); i++)
		if (strcmp(forms[i].name, word) == 0)
			return forms[i].run(argc, argv);
	/* Other forms are data of the packs. --help and --version need no form. */
	for (int i = 1; !word && i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 ||
		    strcmp(argv[i], "--version") == 0)
			return export_command(argc, argv);
	return cmd_report_paper(argc, argv);
}
