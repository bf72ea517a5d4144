/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar report --form FORM: a paper that an order asks for, as its form in the packs
 * has it; and --form overview, one page for people.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd/apart.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/paper_known.h"
#include "report/filing.h"
#include "report/overview.h"

enum { PAPER_BYTES_MAX = 1024 * 1024 * 1024 };

struct options {
	struct words packs, orders;
	bool no_default_packs, quiet;
	const char *form, *format, *profile, *as_of, *color, *output;
};

enum {
	OPT_PACKS = 256,
	OPT_NO_DEFAULT_PACKS,
	OPT_ORDER,
	OPT_FORM,
	OPT_FORMAT,
	OPT_PROFILE,
	OPT_AS_OF,
	OPT_COLOR,
};

static const struct option long_options[] = {
	{"form", required_argument, NULL, OPT_FORM},
	{"order", required_argument, NULL, OPT_ORDER},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"as-of", required_argument, NULL, OPT_AS_OF},
	{"packs", required_argument, NULL, OPT_PACKS},
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT_PACKS},
	{"output", required_argument, NULL, 'o'},
	{"color", required_argument, NULL, OPT_COLOR},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar report [--form overview] [OPTION...] FINDINGS\n"
	"       debar report --order ID --form FORM [OPTION...] FINDINGS\n"
	"\n"
	"Writes a paper from findings (a report of \"debar sweep --format json\", or - for\n"
	"standard input) and from what a profile says of you. What is not known is marked\n"
	"\"To be filled in\" and counted; nothing is guessed.\n"
	"\n"
	"  --form overview       one page of what was searched, found and is due (default)\n"
	"  --form FORM           a paper that an order asks for: \"debar report --form list\"\n"
	"                        names them\n"
	"  --order ID            the order; of an overview, may be repeated (default all)\n"
	"  --profile FILE        who you are: see debar-profile(5)\n"
	"  --as-of DATE          the law and the dates of that day (default today)\n"
	"  --format FORMAT       text (default), markdown, html or json\n"
	"  -o, --output FILE     write it there\n"
	"  --packs DIR           use the packs in DIR too (may be repeated)\n"
	"  --no-default-packs    use only those\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no notes\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 the findings hold nothing of it and everything was examined, 1 failed,\n"
	"2 found, 3 nothing, but not everything was examined.\n"
	"\n"
	"Examples:\n"
	"  debar report --format html -o overview.html found.json\n"
	"  debar report --form bod-17-01-plan --profile us.yaml --format html -o plan.html \\\n"
	"      found.json\n";

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;
	const char **text = c == OPT_FORM    ? &o->form
	                  : c == OPT_FORMAT  ? &o->format
	                  : c == OPT_PROFILE ? &o->profile
	                  : c == OPT_AS_OF   ? &o->as_of
	                  : c == OPT_COLOR   ? &o->color
	                  : c == 'o'         ? &o->output
	                                     : NULL;

	if (text) {
		*text = word;
		return c != OPT_COLOR || choice_color(word);
	}
	if (c == OPT_PACKS)
		return words_add(&o->packs, word);
	if (c == OPT_ORDER)
		return words_add(&o->orders, word);
	if (c == OPT_NO_DEFAULT_PACKS)
		o->no_default_packs = true;
	else
		o->quiet = true;
	return true;
}

/* ---- one run ------------------------------------------------------------- */

struct writing {
	const struct options *o;
	struct choice choice;          /* only its pack, profile and law */
	struct articles articles;
	struct arena mem;
	const struct order **orders;
	size_t n_orders;
	struct known known;
	const struct form *form;       /* NULL: the overview */
};

static bool no_memory(void)
{
	cmd_error("out of memory");
	return false;
}

/* A sweep looks for the makers whom its orders name, and for no others: of another
 * order it cannot say that nothing is there. */
static bool add_order(struct writing *w, const char *id)
{
	const struct order *order = pack_order(w->choice.pack, id);

	if (!order) {
		cmd_error("there is no order %s; 'debar orders list' has them all", id);
		return false;
	}
	if (!articles_judged_by(&w->articles, id)) {
		cmd_error("the findings were not judged by the order \"%s\": sweep again with it",
		          id);
		return false;
	}
	w->orders[w->n_orders++] = order;
	return true;
}

/* Orders of the findings that these packs do not have are said. */
static bool add_all_orders(struct writing *w)
{
	for (size_t i = 0; i < w->articles.n_orders; i++) {
		const char *id = arena_str(&w->mem, w->articles.orders[i]);
		if (!id)
			return no_memory();
		const struct order *order = pack_order(w->choice.pack, id);
		if (order)
			w->orders[w->n_orders++] = order;
		else if (!w->o->quiet)
			cmd_note("the packs have no order %s: it is left out", id);
	}
	return true;
}

/* The orders that were named; the form's only one; all. */
static bool choose_orders(struct writing *w)
{
	const struct words *named = &w->o->orders;
	const size_t room = named->n + w->articles.n_orders + 1;

	w->orders = arena_zalloc(&w->mem, room, sizeof(*w->orders));
	if (!w->orders)
		return no_memory();
	for (size_t i = 0; i < named->n; i++)
		if (!add_order(w, named->list[i]))
			return false;
	if (named->n)
		return true;
	if (w->form && w->form->n_orders == 1)
		return add_order(w, w->form->orders[0]);
	return w->form || add_all_orders(w);
}

static bool order_fits(const struct writing *w)
{
	const struct form *form = w->form;

	if (!form)
		return true;
	if (w->n_orders != 1) {
		cmd_error("say for which one order the form %s is: --order ID", form->id);
		return false;
	}
	for (size_t i = 0; i < form->n_orders; i++)
		if (strcmp(form->orders[i], w->orders[0]->id) == 0)
			return true;
	if (form->n_orders)
		cmd_error("the form %s is not one of the order %s", form->id, w->orders[0]->id);
	return form->n_orders == 0;
}

static bool choose_form(struct writing *w)
{
	const char *word = w->o->form;

	if (!word || strcmp(word, "overview") == 0)
		return true;
	w->form = pack_form(w->choice.pack, word);
	if (!w->form)
		cmd_error("there is no form \"%s\": \"debar report --form list\" names them all",
		          word);
	return w->form;
}

static bool known_format(const char *format)
{
	if (filing_form(format))
		return true;
	cmd_error("unknown format %s: use text, markdown, html or json", format);
	return false;
}

static bool gather(struct writing *w, const char *findings)
{
	const struct options *o = w->o;

	w->choice.pack = cmd_load_packs(o->packs.list, o->packs.n, o->no_default_packs);
	if (!w->choice.pack || !choose_form(w) || !choice_law(&w->choice, o->profile, o->as_of) ||
	    !apart_articles(findings, &w->articles) || !choose_orders(w) || !order_fits(w))
		return false;
	if (!o->quiet &&
	    !slice_eq(w->articles.packs_sha256, slice_str(w->choice.pack->sha256)))
		cmd_note("the findings were made with other packs; what the law says of them is "
		         "taken from those that are here now");
	const int rc = paper_known_make(&(struct paper_known_args){
		.articles = &w->articles, .law = &w->choice.law, .orders = w->orders,
		.n_orders = w->n_orders,
	}, &w->mem, &w->known);
	if (rc == -E2BIG)
		cmd_error("there are too many dates: ask for fewer orders");
	else if (rc < 0)
		(void)no_memory();
	return rc == 0;
}

/* ---- writing ------------------------------------------------------------- */

static int write_overview(const struct writing *w, const struct report_style *style,
                          FILE *out)
{
	static const struct {
		const char *name;
		const struct paper_form *form;
	} forms[] = {{"text", &paper_text}, {"markdown", &paper_markdown}, {"html", &paper_html}};

	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i].name, w->o->format) == 0)
			return overview_write(&w->known, forms[i].form, style, out);
	return overview_json(&w->known, out);
}

static int write_form(struct writing *w, const struct report_style *style, FILE *out)
{
	struct filing filing;

	w->known.order = w->orders[0];
	w->known.form = w->form;
	const int rc = filing_make(&w->known, &w->mem, &filing);
	if (rc < 0)
		return rc;
	if (filing.n_gaps && !w->o->quiet)
		cmd_note("%zu of %zu required entries are still to be filled in", filing.n_gaps,
		         filing.n_required);
	return filing_form(w->o->format)->write(&filing, style, out);
}

static bool write_all(struct writing *w)
{
	const struct report_style style = choice_style(w->o->color, w->o->output);
	struct output out;
	struct err e = {0};

	if (output_open(&out, w->o->output, &e) < 0) {
		cmd_error("%s", e.text);
		return false;
	}
	if ((w->form ? write_form(w, &style, out.stream)
	             : write_overview(w, &style, out.stream)) < 0) {
		output_cancel(&out);
		return no_memory();
	}
	if (output_close(&out, &e) == 0)
		return true;
	cmd_error("%s", e.text);
	return false;
}

static bool concerns(const struct known *f, const struct known_article *a)
{
	for (size_t i = 0; i < a->n_verdicts; i++)
		for (size_t k = 0; k < f->n_orders; k++)
			if (a->verdicts[i].word != VERDICT_EXCLUDED &&
			    slice_eq(a->verdicts[i].order, slice_str(f->orders[k]->id)))
				return true;
	return false;
}

static int status_of(const struct known *f)
{
	for (size_t i = 0; i < f->n_articles; i++)
		if (concerns(f, &f->articles[i]))
			return EXIT_FOUND;
	return f->coverage.complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

static int run(const struct options *o, const char *findings)
{
	struct writing w = {.o = o};
	int status = EXIT_FAILED;

	arena_init(&w.mem, PAPER_BYTES_MAX);
	if (gather(&w, findings) && write_all(&w))
		status = status_of(&w.known);
	arena_finish(&w.mem);
	articles_finish(&w.articles);
	choice_finish(&w.choice);
	return status;
}

static int list_forms(const struct options *o)
{
	struct pack *pack = cmd_load_packs(o->packs.list, o->packs.n, o->no_default_packs);

	if (!pack)
		return EXIT_FAILED;
	for (size_t i = 0; i < pack->n_forms; i++)
		(void)printf("%-32s %s\n", pack->forms[i].id, pack->forms[i].title);
	(void)printf("%-32s %s\n", "overview", "What was searched, found and is due");
	pack_free(pack);
	return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
}

int cmd_report_paper(int argc, char **argv)
{
	static struct options o; /* large */

	o = (struct options){.format = "text", .color = "auto"};
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
	if (o.form && strcmp(o.form, "list") == 0)
		return list_forms(&o);
	if (argc - optind != 1) {
		cmd_error(argc == optind ? "say which findings: a file of \"debar sweep --format "
		                           "json\", or - for standard input"
		                         : "report takes one file of findings");
		return EXIT_FAILED;
	}
	return known_format(o.format) ? run(&o, argv[optind]) : EXIT_FAILED;
}
