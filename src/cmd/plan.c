/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar plan: what is to become of the articles that a sweep found; and the
 * approval of a plan. Nothing is changed here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/apart.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/inventory.h"
#include "cmd/lore.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/source_root.h"
#include "cmd/stop.h"
#include "plan/facts.h"
#include "plan/form.h"
#include "survey/survey.h"

enum { APPROVALS_MAX = 2 };

struct options {
	struct words packs, orders, allow;
	bool no_default_packs, include_weak, quiet, objects;
	const struct plan_form *form;
	const char *root, *output, *color, *waiver, *store, *host;
	unsigned approvals;
	int64_t source; /* -1: the only one */
};

enum {
	OPT_PACKS = 256,
	OPT_NO_DEFAULT_PACKS,
	OPT_ORDER,
	OPT_ROOT,
	OPT_SOURCE,
	OPT_STORE,
	OPT_HOST,
	OPT_ALLOW,
	OPT_INCLUDE_WEAK,
	OPT_WAIVE,
	OPT_APPROVALS,
	OPT_OBJECTS,
	OPT_FORMAT,
	OPT_COLOR,
};

static const struct option long_options[] = {
	{"packs", required_argument, NULL, OPT_PACKS},
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT_PACKS},
	{"order", required_argument, NULL, OPT_ORDER},
	{"root", required_argument, NULL, OPT_ROOT},
	{"source", required_argument, NULL, OPT_SOURCE},
	{"store", required_argument, NULL, OPT_STORE},
	{"host", required_argument, NULL, OPT_HOST},
	{"allow", required_argument, NULL, OPT_ALLOW},
	{"include-weak", no_argument, NULL, OPT_INCLUDE_WEAK},
	{"waive-replacement", required_argument, NULL, OPT_WAIVE},
	{"approvals", required_argument, NULL, OPT_APPROVALS},
	{"files", no_argument, NULL, OPT_OBJECTS},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"output", required_argument, NULL, 'o'},
	{"color", required_argument, NULL, OPT_COLOR},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar plan [OPTION...] [FINDINGS]\n"
	"       debar plan approve --by NAME [OPTION...] PLAN\n"
	"\n"
	"Says how what was found would be removed: which steps in which order, why, at\n"
	"what risk, and what is left to people. FINDINGS is a report of \"debar sweep\n"
	"--format json\" (- for standard input); without one, the inventory is asked what\n"
	"this machine holds. The place is looked at, nothing is changed.\n"
	"\n"
	"  --order ID            remove for this order only (may be repeated)\n"
	"  --root DIR            the place is now at DIR (a mounted image, a chroot)\n"
	"  --source N            the source of the report to plan for, when it has several\n"
	"  --store PATH|URL      without FINDINGS: this inventory\n"
	"  --host NAME           without FINDINGS: this host of the inventory\n"
	"  --allow PACKAGE       let this package go too, although it is essential or other\n"
	"                        packages need it (may be repeated)\n"
	"  --include-weak        act on weak evidence too\n"
	"  --waive-replacement WORDS  remove a protection although nothing takes its place:\n"
	"                        who answers for it, and why\n"
	"  --approvals N         ask for 0, 1 or 2 approvals before removal (default 0)\n"
	"  --files               text: list every file\n"
	"  --format FORM         text (default), json, ansible, shell, powershell, dockerfile\n"
	"  -o, --output FILE     write it there\n"
	"  --packs DIR           use the packs in DIR too (may be repeated)\n"
	"  --no-default-packs    use only those\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no notes\n"
	"  -h, --help            this text\n"
	"\n"
	"approve writes an approval, a file that names the hash of a plan:\n"
	"\n"
	"  --by NAME             who approves\n"
	"  --note WORDS          what is to be remembered\n"
	"  -o, --output FILE     write it there\n"
	"\n"
	"Exit status: 0 there is nothing to remove, 1 failed, 2 the plan has steps,\n"
	"3 nothing to remove, but the sweep had not examined everything.\n"
	"\n"
	"Examples:\n"
	"  debar sweep --format json -o found.json /\n"
	"  debar plan --order us-bod-17-01 found.json             to be read\n"
	"  debar plan --order us-bod-17-01 --format json -o plan.json found.json\n"
	"  debar plan approve --by \"Jo Roe, CISO\" -o jo.json plan.json\n"
	"  debar remove --approval jo.json plan.json\n"
	"  debar plan --root /mnt/image --format ansible found.json\n";

/* ---- options ----------------------------------------------------------- */

static bool take_format(struct options *o, const char *word)
{
	o->form = plan_form(word);
	if (!o->form)
		cmd_error("there is no format \"%s\": use text, json, ansible, shell, "
		          "powershell or dockerfile", word);
	return o->form != NULL;
}

static bool take_number(const char *option, const char *word, uint64_t most,
                        uint64_t *ret)
{
	if (slice_number(slice_str(word), 10, ret) == 0 && *ret <= most)
		return true;
	cmd_error("%s takes a number from 0 to %llu, not \"%s\"", option,
	          (unsigned long long)most, word);
	return false;
}

/* Words that will stand in a document. */
static bool take_words(const char *option, const char *word, size_t most,
                       const char **ret)
{
	const struct slice s = slice_trim(slice_str(word));

	*ret = word;
	if (s.n > 0 && s.n <= most && text_is_utf8(s))
		return true;
	cmd_error("%s takes text of 1 to %zu bytes", option, most);
	return false;
}

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;
	uint64_t n;

	switch (c) {
	case OPT_PACKS:
		return words_add(&o->packs, word);
	case OPT_ORDER:
		return words_add(&o->orders, word);
	case OPT_ALLOW:
		return words_add(&o->allow, word);
	case OPT_FORMAT:
		return take_format(o, word);
	case OPT_COLOR:
		o->color = word;
		return choice_color(word);
	case OPT_WAIVE:
		return take_words("--waive-replacement", word, 1000, &o->waiver);
	case OPT_SOURCE:
		if (!take_number("--source", word, UINT32_MAX, &n))
			return false;
		o->source = (int64_t)n;
		return true;
	case OPT_APPROVALS:
		if (!take_number("--approvals", word, APPROVALS_MAX, &n))
			return false;
		o->approvals = (unsigned)n;
		return true;
	case OPT_ROOT:
		o->root = word;
		return true;
	case OPT_STORE:
		o->store = word;
		return true;
	case OPT_HOST:
		o->host = word;
		return true;
	case 'o':
		o->output = word;
		return true;
	case OPT_NO_DEFAULT_PACKS:
		o->no_default_packs = true;
		return true;
	case OPT_INCLUDE_WEAK:
		o->include_weak = true;
		return true;
	case OPT_OBJECTS:
		o->objects = true;
		return true;
	default: /* -q */
		o->quiet = true;
		return true;
	}
}

/* ---- the plan ---------------------------------------------------------- */

struct planning {
	const struct options *o;
	struct pack *pack;
	struct articles articles;
	struct arena mem;
	struct source_root root;
	struct need *needs;
	size_t n_needs;
	struct facts facts;
	struct plan *plan;
};

static bool orders_known(const struct planning *p)
{
	for (size_t i = 0; i < p->o->orders.n; i++)
		if (!pack_order(p->pack, p->o->orders.list[i])) {
			cmd_error("there is no order \"%s\"; \"debar orders list\" shows "
			          "those that are known", p->o->orders.list[i]);
			return false;
		}
	return true;
}

static const struct article_source *source_of(const struct planning *p)
{
	const struct articles *a = &p->articles;

	if (p->o->source < 0 && a->n_sources == 1)
		return &a->sources[0];
	for (size_t i = 0; i < a->n_sources; i++)
		if (p->o->source == (int64_t)a->sources[i].id)
			return &a->sources[i];
	if (p->o->source >= 0)
		cmd_error("the report has no source %lld", (long long)p->o->source);
	else if (a->n_sources == 0)
		cmd_error("the report names no source");
	else
		cmd_error("the report has %zu sources: say with --source which one to "
		          "plan for (a plan is for one)", a->n_sources);
	return NULL;
}

static struct slice *slices(struct arena *mem, const struct words *words)
{
	struct slice *list = arena_zalloc(mem, words->n + 1, sizeof(*list));

	for (size_t i = 0; list && i < words->n; i++)
		list[i] = slice_str(words->list[i]);
	return list;
}

static int survey_and_make(struct planning *p, const struct plan_options *po,
                           struct err *e)
{
	int r = plan_needs(&p->articles, po, &p->mem, &p->needs, &p->n_needs);

	if (r < 0)
		return err_sys(e, r, "planning");
	r = survey(&(struct survey_args){
		.root = p->root.path,
		.live = p->root.live,
		.needs = p->needs,
		.n = p->n_needs,
		.lore = po->lore,
		.stop = &stop_asked,
	}, e, &p->facts);
	if (r < 0)
		return r;
	return plan_make(&p->articles, p->needs, p->n_needs, &p->facts, po, e, &p->plan);
}

static bool make(struct planning *p, const struct article_source *source)
{
	const struct options *o = p->o;
	const struct plan_lore lore = lore_of(p->pack);
	struct err e = {0};
	const struct plan_options po = {
		.lore = &lore,
		.orders = slices(&p->mem, &o->orders),
		.n_orders = o->orders.n,
		.source = source->id,
		.allow = slices(&p->mem, &o->allow),
		.n_allow = o->allow.n,
		.include_weak = o->include_weak,
		.waiver = slice_str(o->waiver),
		.approvals = o->approvals,
		.version = DEBAR_VERSION,
	};
	const char *path = o->root ? o->root : arena_str(&p->mem, source->path);

	if (!path || !po.orders || !po.allow) {
		cmd_error("out of memory");
		return false;
	}
	if (source_root_open(&p->root, path, false, &e) < 0 ||
	    survey_and_make(p, &po, &e) < 0) {
		cmd_error("%s", *e.text ? e.text : "out of memory");
		return false;
	}
	return true;
}

static int write_plan(struct planning *p)
{
	const struct options *o = p->o;
	const struct report_style style = choice_style(o->color, o->output);
	const struct plan_style plan_style = {
		.color = style.color, .columns = style.columns, .objects = o->objects};
	struct plan_form_input in = {.plan = p->plan, .style = &plan_style};
	struct plan_recipe *recipes = NULL;
	struct output out;
	struct err e = {0};
	int r = lore_recipes(p->pack, p->plan, &p->mem, &recipes, &in.n_recipes);

	in.recipes = recipes;
	if (r == 0)
		r = output_open(&out, o->output, &e);
	if (r == 0) {
		r = o->form->write(&in, out.stream);
		if (r < 0)
			output_cancel(&out);
		else
			r = output_close(&out, &e);
	}
	if (r < 0) {
		cmd_error("%s", *e.text ? e.text : strerror(-r));
		return EXIT_FAILED;
	}
	if (p->plan->n_steps > 0)
		return EXIT_FOUND;
	return p->plan->complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

static int plan(struct planning *p, const char *findings)
{
	const struct options *o = p->o;

	p->pack = cmd_load_packs(o->packs.list, o->packs.n, o->no_default_packs);
	if (!p->pack || !orders_known(p))
		return EXIT_FAILED;
	const struct inventory_question question = {
		.store = o->store,
		.host = o->host,
		.packs = &o->packs,
		.no_default_packs = o->no_default_packs,
		.orders = &o->orders,
	};
	if (!(findings ? apart_articles(findings, &p->articles)
	               : inventory_articles(&question, &p->articles)))
		return EXIT_FAILED;
	const struct article_source *source = source_of(p);
	if (!source || !make(p, source))
		return EXIT_FAILED;
	if (!o->quiet && geteuid() != 0 && p->root.live)
		cmd_note("an ordinary user sees less than root: what could not be looked at "
		         "is left to a review");
	return write_plan(p);
}

static int run_plan(int argc, char **argv)
{
	static struct options o; /* large */
	struct planning p = {.o = &o, .root = {.fd = -1, .state_fd = -1}};

	o = (struct options){.form = &plan_form_text, .color = "auto", .source = -1};
	const int go_on = options_parse(&(struct options_args){
		.command = "debar plan",
		.shorts = "o:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = &o,
	}, argc, argv);
	if (go_on <= 0)
		return options_status(go_on);
	if (argc - optind > 1) {
		cmd_error("plan takes one report; \"%s\" is one too many", argv[optind + 1]);
		return EXIT_FAILED;
	}
	if (optind < argc && (o.store || o.host)) {
		cmd_error("--store and --host are for a plan without a report");
		return EXIT_FAILED;
	}
	stop_on_signals();
	arena_init(&p.mem, 0);
	int status = plan(&p, optind < argc ? argv[optind] : NULL);
	plan_free(p.plan);
	facts_finish(&p.facts);
	articles_finish(&p.articles);
	source_root_close(&p.root);
	pack_free(p.pack);
	arena_finish(&p.mem);
	return status;
}

/* ---- approvals --------------------------------------------------------- */

struct approve_options {
	const char *by, *note, *output;
};

enum { OPT_BY = 256, OPT_NOTE };

static const struct option approve_options[] = {
	{"by", required_argument, NULL, OPT_BY},
	{"note", required_argument, NULL, OPT_NOTE},
	{"output", required_argument, NULL, 'o'},
	OPTIONS_COMMON,
};

static bool take_approve_option(void *ctx, int c, const char *word)
{
	struct approve_options *o = ctx;

	switch (c) {
	case OPT_BY:
		return take_words("--by", word, sizeof(((struct approval *)0)->by) - 1,
		                  &o->by);
	case OPT_NOTE:
		return take_words("--note", word, sizeof(((struct approval *)0)->note) - 1,
		                  &o->note);
	default:
		o->output = word;
		return true;
	}
}

static int write_approval(const struct approval *a, const char *path)
{
	struct output out;
	struct err e = {0};
	int r = output_open(&out, path, &e);

	if (r == 0) {
		r = approval_write(a, out.stream);
		if (r < 0)
			output_cancel(&out);
		else
			r = output_close(&out, &e);
	}
	if (r < 0)
		cmd_error("%s", *e.text ? e.text : strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_CLEAN;
}

static int run_approve(int argc, char **argv)
{
	struct approve_options o = {0};
	struct approval a = {0};
	struct plan *p = NULL;
	char at[TEXT_TIME_SIZE];
	const int go_on = options_parse(&(struct options_args){
		.command = "debar plan",
		.shorts = "o:h",
		.longs = approve_options,
		.help = help,
		.take = take_approve_option,
		.ctx = &o,
	}, argc, argv);

	if (go_on <= 0)
		return options_status(go_on);
	if (!o.by || argc - optind != 1) {
		cmd_error("%s", o.by ? "approve takes one plan, as \"debar plan --format "
		                       "json\" wrote it"
		                     : "say who approves: --by NAME");
		return EXIT_FAILED;
	}
	if (!apart_plan(argv[optind], &p, NULL))
		return EXIT_FAILED;
	(void)text_time((int64_t)time(NULL), at);
	(void)snprintf(a.sha256, sizeof(a.sha256), "%s", p->sha256);
	(void)snprintf(a.by, sizeof(a.by), "%s", o.by);
	(void)snprintf(a.at, sizeof(a.at), "%.31s", at);
	(void)snprintf(a.note, sizeof(a.note), "%s", o.note ? o.note : "");
	plan_free(p);
	return write_approval(&a, o.output);
}

int cmd_plan(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "approve") == 0)
		return run_approve(argc - 1, argv + 1);
	return run_plan(argc, argv);
}
