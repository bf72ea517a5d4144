/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar orders: what the packs say, and whether they are sound.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/due.h"
#include "cmd/examples.h"
#include "cmd/options.h"
#include "cmd/orders_print.h"
#include "cmd/output.h"

enum { PLACES_MAX = 256, COLUMNS_DEFAULT = 80, COLUMNS_MAX = 100 };

static const char usage[] =
	"Usage: debar orders check [OPTION...] [DIR...]\n"
	"       debar orders diff [OPTION...] OLD NEW\n"
	"       debar orders due [OPTION...]\n"
	"       debar orders list [OPTION...]\n"
	"       debar orders show [OPTION...] ID\n"
	"\n"
	"check   reads packs, prints each problem as file:line:column: words, and runs\n"
	"        every mark's examples; status 0 when all is well, 1 when it is not\n"
	"diff    what NEW says that OLD does not: a line for each thing that came, went or\n"
	"        changed; status 2 when there is any\n"
	"due     what is due, for whom, why, and how that was computed; status 2 when a\n"
	"        date is overdue\n"
	"list    a table of the orders\n"
	"show    one order: its scope, carve-outs, entities, dates and sources\n"
	"\n"
	"Options:\n"
	"  --packs DIR          add the packs in DIR (a folder or a file); repeatable\n"
	"  --no-default-packs   leave out the packs that come with debar\n"
	"  --format FORM        list: text (a table, default), json or markdown; due: text,\n"
	"                       json, csv or ics (iCalendar)\n"
	"  --as-of DATE         list, due: as it stood that day (default: today, in UTC)\n"
	"  --until DATE         due: repetitions up to this day (default: a year later)\n"
	"  --profile FILE       due: who you are, what you hold, what happened when\n"
	"  --order ID           due: only this order; repeatable\n"
	"  -o, --output FILE    write to FILE\n"
	"  -h, --help           show this help\n"
	"\n"
	"Examples:\n"
	"  debar orders check                  check the packs that come with debar\n"
	"  debar orders check my-packs         check yours; they may refer to ours\n"
	"  debar orders check --no-default-packs my-packs\n"
	"  debar orders list --format json | jq -r '.orders[].id'\n"
	"  debar orders list --as-of 2025-12-01   which were in force then\n"
	"  debar orders show us-bod-17-01\n"
	"  debar orders diff packs-2025 packs-2026\n"
	"  debar orders due --profile we.yaml --format ics -o due.ics\n"
	"\n"
	"The form of packs is described in debar-packs(5).\n";

/* What the command line says; what is not said is NULL. */
struct options {
	const char *places[PLACES_MAX]; /* folders and files of packs */
	size_t n_places;
	bool no_default, json;
	const char *output, *format, *as_of, *until, *profile, *color;
	struct words orders;
};

/* -- options ----------------------------------------------------------- */

static bool add_place(struct options *o, const char *place)
{
	if (o->n_places == PLACES_MAX) {
		cmd_error("more than %d folders of packs", PLACES_MAX);
		return false;
	}
	o->places[o->n_places++] = place;
	return true;
}

static bool take_format(struct options *o, const char *name)
{
	o->format = name;
	o->json = strcmp(name, "json") == 0;
	return true;
}

enum { OPT_PACKS = 256, OPT_NO_DEFAULT, OPT_FORMAT, OPT_AS_OF, OPT_UNTIL, OPT_PROFILE,
       OPT_ORDER };

static const struct option long_options[] = {
	{"packs", required_argument, NULL, OPT_PACKS},
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"as-of", required_argument, NULL, OPT_AS_OF},
	{"until", required_argument, NULL, OPT_UNTIL},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"order", required_argument, NULL, OPT_ORDER},
	{"output", required_argument, NULL, 'o'},
	OPTIONS_COMMON,
};

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_PACKS:
		return add_place(o, word);
	case OPT_FORMAT:
		return take_format(o, word);
	case OPT_AS_OF:
		o->as_of = word;
		return true;
	case OPT_UNTIL:
		o->until = word;
		return true;
	case OPT_PROFILE:
		o->profile = word;
		return true;
	case OPT_ORDER:
		return words_add(&o->orders, word);
	case 'o':
		o->output = word;
		return true;
	default: /* OPT_NO_DEFAULT */
		o->no_default = true;
		return true;
	}
}

/* -- output ------------------------------------------------------------ */

static int fail(const struct err *e)
{
	cmd_error("%s", e->text);
	return EXIT_FAILED;
}

/* Prints the text and frees it. */
static int print(const struct options *o, struct str *text)
{
	struct output out;
	struct err e = {0};
	int rc = str_failed(text) ? err_set(&e, -ENOMEM, "out of memory")
	                          : output_open(&out, o->output, &e);

	if (rc == 0) {
		if (text->n)
			(void)fwrite(text->p, 1, text->n, out.stream);
		rc = output_close(&out, &e);
	}
	str_finish(text);
	return rc < 0 ? fail(&e) : EXIT_CLEAN;
}

static int columns(const struct options *o)
{
	struct winsize size;

	if (o->output || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return COLUMNS_DEFAULT;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

/* -- check ------------------------------------------------------------- */

/* Where the lines of one check go, and how many there were. */
struct check {
	FILE *out;
	size_t n;
};

/* file:line:column: words, on one line whatever the file's name is. */
static void print_problem(struct check *check, const char *file, int line, int column,
                          const char *words)
{
	struct str s = {0};

	text_show(&s, slice_str(file));
	str_printf(&s, ":%d:%d: %s", line, column, words);
	fprintf(check->out, "%s\n", s.p ? s.p : words);
	str_finish(&s);
	check->n++;
}

/* As print_problem, for words that quote a file as it is. */
static void print_words(struct check *check, const char *file, int line, int column,
                        const char *words)
{
	struct str s = {0};

	text_show(&s, slice_str(words));
	print_problem(check, file, line, column, s.p ? s.p : "");
	str_finish(&s);
}

static void print_problems(struct check *check, const struct pack_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		const struct pack_problem *p = &problems->list[i];
		print_words(check, p->file, p->line, p->column, p->words);
	}
	if (problems->over) {
		fprintf(check->out, "and more: only the first %zu are shown\n",
		        problems->n);
		check->n++;
	}
}

static void on_failed(void *ctx, const struct mark *mark, int line, const char *words)
{
	print_problem(ctx, mark->file, line, 1, words);
}

static void on_case(void *ctx, const struct order *order, int line, const char *words)
{
	print_words(ctx, order->file, line, 1, words);
}

/* The mark that the sentence of a failed matcher_new() names, or NULL. */
static const struct mark *named_mark(const struct pack *pack, const char *words)
{
	const struct mark *found = NULL;

	for (size_t i = 0; i < pack->n_marks; i++) {
		const struct mark *m = &pack->marks[i];
		if (strstr(words, m->id) && (!found || strlen(m->id) > strlen(found->id)))
			found = m;
	}
	return found;
}

/* A test that does not compile is a problem of the pack like any other. */
static int check_examples(struct check *check, const struct pack *pack,
                          struct err *e)
{
	struct matcher *m = NULL;
	const struct mark *mark = NULL;

	int rc = matcher_new(pack, NULL, e, &m);
	if (rc == -EINVAL)
		mark = named_mark(pack, e->text);
	if (rc == 0)
		rc = examples_run(pack, m, on_failed, check, e);
	if (rc >= 0 && order_cases_run(pack, on_case, check) < 0)
		rc = err_sys(e, -ENOMEM, "judging the cases of orders");
	matcher_free(m);
	if (mark)
		print_words(check, mark->file, mark->line, 1, e->text);
	return mark || rc > 0 ? 0 : rc;
}

/* Reads the packs and prints all that is wrong. 0, or what kept it from that. */
static int check_packs(const struct options *o, struct check *check, struct err *e,
                       struct pack **ret)
{
	struct pack_problems problems = {0};

	int rc = pack_load(o->places, o->n_places, e, &problems, ret);
	print_problems(check, &problems);
	pack_problems_finish(&problems);
	if (rc == -EBADMSG)
		return 0;
	return rc < 0 ? rc : check_examples(check, *ret, e);
}

static int check_end(const struct check *check, const struct pack *pack)
{
	if (check->n) {
		fprintf(stderr, "%zu problem%s\n", check->n, check->n == 1 ? "" : "s");
		return EXIT_FAILED;
	}
	fprintf(stderr, "%zu entities, %zu marks, %zu orders, %zu removals, "
	        "%zu protections: no problems\n",
	        pack->n_entities, pack->n_marks, pack->n_orders, pack->n_removals,
	        pack->n_protections);
	return EXIT_CLEAN;
}

/* All places of one check: the default packs first, unless they are unwanted. */
static bool check_places(struct options *o, char **args, int n_args)
{
	struct options given = *o;

	o->n_places = 0;
	if (!o->no_default && !add_place(o, cmd_packs_dir()))
		return false;
	for (size_t i = 0; i < given.n_places; i++)
		if (!add_place(o, given.places[i]))
			return false;
	for (int i = 0; i < n_args; i++)
		if (!add_place(o, args[i]))
			return false;
	if (o->n_places == 0)
		cmd_error("there are no packs to check: name a folder");
	return o->n_places > 0;
}

static int run_check(struct options *o, char **args, int n_args)
{
	struct pack *pack = NULL;
	struct output out;
	struct err e = {0};

	if (!check_places(o, args, n_args))
		return EXIT_FAILED;
	if (output_open(&out, o->output, &e) < 0)
		return fail(&e);
	struct check check = {.out = out.stream};
	int rc = check_packs(o, &check, &e, &pack);
	if (rc < 0)
		output_cancel(&out);
	else
		rc = output_close(&out, &e);
	int status = rc < 0 ? fail(&e) : check_end(&check, pack);
	pack_free(pack);
	return status;
}

static int misused(const char *words)
{
	cmd_error("%s", words);
	return EXIT_FAILED;
}

/* -- list and show ----------------------------------------------------- */

static struct pack *load(const struct options *o)
{
	return cmd_load_packs(o->places, o->n_places, o->no_default);
}

static int run_list(struct options *o, char **args, int n_args)
{
	const bool page = o->format && strcmp(o->format, "markdown") == 0;
	const day as_of = choice_day("--as-of", o->as_of, choice_today());
	struct str out = {0};

	(void)args;
	if (n_args > 0)
		return misused("list takes no argument; name packs with --packs DIR");
	if (o->format && !o->json && !page && strcmp(o->format, "text") != 0) {
		cmd_error("unknown format %s: use text, json or markdown", o->format);
		return EXIT_FAILED;
	}
	struct pack *pack = as_of == DAY_NONE ? NULL : load(o);
	if (!pack)
		return EXIT_FAILED;
	if (page)
		orders_print_matrix(&out, pack);
	else if (o->json)
		orders_print_json(&out, pack);
	else
		orders_print_table(&out, pack, as_of);
	pack_free(pack);
	return print(o, &out);
}

/* Two editions of packs, each a folder or a file that stands by itself, or with
 * --packs for what both refer to. */
static struct pack *edition(const struct options *o, const char *place)
{
	const char *places[PLACES_MAX + 1];

	memcpy(places, o->places, o->n_places * sizeof(*places));
	places[o->n_places] = place;
	return cmd_load_packs(places, o->n_places + 1, true);
}

static int run_diff(struct options *o, char **args, int n_args)
{
	struct str out = {0};
	size_t lines = 0;
	int status = EXIT_FAILED;

	if (n_args != 2)
		return misused("diff needs two folders or files of packs: an old edition and a "
		               "new one");
	struct pack *old = edition(o, args[0]);
	struct pack *new = old ? edition(o, args[1]) : NULL;
	if (new && orders_diff(&out, old, new, &lines) < 0)
		cmd_error("out of memory");
	else if (new)
		status = print(o, &out);
	if (status == EXIT_CLEAN && lines)
		status = EXIT_FOUND;
	if (status != EXIT_CLEAN && status != EXIT_FOUND)
		str_finish(&out);
	pack_free(old);
	pack_free(new);
	return status;
}

static int run_show(struct options *o, char **args, int n_args)
{
	struct str out = {0};
	int status = EXIT_FAILED;

	if (n_args != 1)
		return misused("show needs the id of one order; 'debar orders list' has "
		               "them");
	struct pack *pack = load(o);
	if (!pack)
		return EXIT_FAILED;
	const struct order *order = pack_order(pack, args[0]);
	if (order) {
		orders_print_one(&out, pack, order, columns(o));
		status = print(o, &out);
	} else {
		cmd_error("there is no order %s; 'debar orders list' has them all",
		          args[0]);
	}
	pack_free(pack);
	return status;
}

static int run_due(struct options *o, char **args, int n_args)
{
	(void)args;
	if (n_args > 0)
		return misused("due takes no argument; name orders with --order ID");
	return due_run(&(struct due_options){
		.packs = o->places, .n_packs = o->n_places, .no_default = o->no_default,
		.orders = &o->orders, .profile = o->profile, .as_of = o->as_of,
		.until = o->until, .format = o->format, .output = o->output});
}

/* -- the command ------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct options *o, char **args, int n_args);
} verbs[] = {
	{"check", run_check},
	{"diff", run_diff},
	{"due", run_due},
	{"list", run_list},
	{"show", run_show},
};

int cmd_orders(int argc, char **argv)
{
	struct options o = {0};

	const int go_on = options_parse(&(struct options_args){
		.command = "debar orders",
		.shorts = "o:h",
		.longs = long_options,
		.help = usage,
		.take = take_option,
		.ctx = &o,
	}, argc, argv);
	if (go_on <= 0)
		return options_status(go_on);
	if (optind == argc)
		return misused("say check, due, list or show; 'debar orders --help' has more");
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (strcmp(verbs[i].name, argv[optind]) == 0)
			return verbs[i].run(&o, argv + optind + 1, argc - optind - 1);
	cmd_error("unknown word %s: say check, due, list or show", argv[optind]);
	return EXIT_FAILED;
}
