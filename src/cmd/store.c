/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar store: keeping the inventory itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/expect.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "report/csv_emit.h"
#include "report/json_emit.h"

struct options {
	const char *store, *output, *format;
	bool quiet;
};

enum { OPT_STORE = 256, OPT_FORMAT };

static const struct option long_options[] = {
	{"store", required_argument, NULL, OPT_STORE},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"output", required_argument, NULL, 'o'},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar store VERB [OPTION...] [ARG...]\n"
	"\n"
	"Looks after the inventory that sweeps fill and map asks.\n"
	"\n"
	"  check            is everything there that is referred to, and unchanged?\n"
	"                   prints each fault; status 0 when there is none, else 1\n"
	"  compact          gives back the space of what is no longer needed\n"
	"  merge OTHER...   adds all that other inventories know; newer reports win\n"
	"  export           writes everything as JSON Lines\n"
	"  import [FILE]    adds what export wrote (- or nothing: standard input)\n"
	"  hosts            a table: name, unit, last report, examined in full or not\n"
	"  expect [FILE]    hosts that should report: a line each, NAME or NAME,UNIT;\n"
	"                   more columns of a CSV file with a header are labels\n"
	"\n"
	"Options:\n"
	"  --store PATH|URL          this inventory, not the usual one\n"
	"  --format text|csv|jsonl   hosts: how to write the table\n"
	"  -o, --output FILE         export, hosts: write to FILE\n"
	"  -q, --quiet               say nothing when all is well\n"
	"  -h, --help                this text\n"
	"\n"
	"Examples:\n"
	"  debar store check\n"
	"  debar store merge --store fleet.db site-a.db site-b.db\n"
	"  debar store export -o inventory.jsonl\n"
	"  debar store import --store postgresql://db/debar inventory.jsonl\n"
	"  debar store hosts --format csv -o hosts.csv\n"
	"  printf 'web1,treasury/irs\\nweb2,treasury/irs\\n' | debar store expect -\n";

/* ---- small things ------------------------------------------------------ */

static int fail(const struct err *e)
{
	cmd_error("%s", e->text);
	return EXIT_FAILED;
}

static int misused(const char *words)
{
	cmd_error("%s", words);
	return EXIT_FAILED;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void say_counts(struct store *store, const char *words)
{
	struct store_counts n;
	struct err e;

	if (store_counts(store, &n, &e) < 0)
		return;
	(void)fprintf(stderr, "%llu host%s, %llu report%s, %llu artefact%s, %llu "
	              "distinct value%s%s\n",
	              (unsigned long long)n.hosts, plural(n.hosts),
	              (unsigned long long)n.reports, plural(n.reports),
	              (unsigned long long)n.artefacts, plural(n.artefacts),
	              (unsigned long long)n.values, plural(n.values), words);
}

/* ---- check and compact ------------------------------------------------- */

/* The faults quote what is stored: shown safely, a line each. */
static void print_faults(struct slice words)
{
	struct str shown = {0};
	struct slice line;

	while (slice_line(&words, &line)) {
		str_clear(&shown);
		text_show(&shown, line);
		(void)puts(shown.p ? shown.p : "");
	}
	str_finish(&shown);
}

static int run_check(struct store *store, const struct options *o, char **args)
{
	struct str words = {0};
	struct err e = {0};
	int r = store_check(store, &words, &e);

	(void)args;
	print_faults(str_slice(&words));
	str_finish(&words);
	if (r < 0)
		return fail(&e);
	if (r > 0)
		(void)fprintf(stderr, "%d fault%s\n", r, plural((uint64_t)r));
	else if (!o->quiet)
		say_counts(store, ": no faults");
	return r > 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_CLEAN;
}

static int run_compact(struct store *store, const struct options *o, char **args)
{
	struct err e = {0};

	(void)args;
	if (store_compact(store, &e) < 0)
		return fail(&e);
	if (!o->quiet)
		say_counts(store, "");
	return EXIT_CLEAN;
}

/* ---- merge, export, import --------------------------------------------- */

static int run_merge(struct store *store, const struct options *o, char **args)
{
	for (; *args; args++) {
		struct err e = {0};
		struct store *from = choice_store(*args, STORE_READ_ONLY);
		if (!from)
			return EXIT_FAILED;
		int r = store_merge(store, from, &e);
		store_close(from);
		if (r < 0) {
			err_prefix(&e, "merging %s", choice_store_name(*args));
			return fail(&e);
		}
	}
	if (!o->quiet)
		say_counts(store, "");
	return EXIT_CLEAN;
}

static int run_export(struct store *store, const struct options *o, char **args)
{
	struct output out;
	struct err e = {0};

	(void)args;
	if (output_open(&out, o->output, &e) < 0)
		return fail(&e);
	if (store_export(store, out.stream, &e) < 0) {
		output_cancel(&out);
		return fail(&e);
	}
	return output_close(&out, &e) < 0 ? fail(&e) : EXIT_CLEAN;
}

/* NULL: told why not. Standard input for "-" and for nothing. */
static FILE *open_input(const char *path)
{
	if (!path || strcmp(path, "-") == 0)
		return stdin;
	FILE *in = fopen(path, "re");
	if (!in)
		cmd_error("cannot read %s: %s", path, strerror(errno));
	return in;
}

static int run_import(struct store *store, const struct options *o, char **args)
{
	struct err e = {0};
	FILE *in = open_input(args[0]);

	if (!in)
		return EXIT_FAILED;
	int r = store_import(store, in, &e);
	if (in != stdin)
		(void)fclose(in);
	if (r < 0)
		return fail(&e);
	if (!o->quiet)
		say_counts(store, "");
	return EXIT_CLEAN;
}

/* ---- hosts ------------------------------------------------------------- */

/* A table of hosts in some form; one of the emitters is used. */
struct table {
	FILE *out;
	struct csv csv;
	struct json json;
	struct str line;
};

static const char *time_text(int64_t at, char text[static TEXT_TIME_SIZE])
{
	return at != 0 && text_time(at, text) ? text : NULL;
}

static const char *how_complete(const struct store_host_info *h)
{
	return h->last_seen == 0       ? "never"
	       : h->coverage.complete ? "complete" : "incomplete";
}

/* Shows bytes and pads them, counted in code points, to a column that ends with
 * a space; width 0: no column. */
static void pad_cell(struct str *line, struct slice value, size_t width)
{
	size_t start = line->n, used = 0;

	text_show(line, value);
	for (size_t i = start; i < line->n; i++)
		used += ((uint8_t)line->p[i] & 0xc0) != 0x80;
	for (bool first = true; width && (first || used < width); used++) {
		str_putc(line, ' ');
		first = false;
	}
}

static int text_host(void *ctx, const struct store_host_info *h)
{
	enum { SEEN_WIDTH = 22, COMPLETE_WIDTH = 12, NAME_WIDTH = 32 };
	struct table *t = ctx;
	char at[TEXT_TIME_SIZE];
	const char *seen = time_text(h->last_seen, at);

	str_clear(&t->line);
	pad_cell(&t->line, slice_str(seen ? seen : "-"), SEEN_WIDTH);
	pad_cell(&t->line, slice_str(how_complete(h)), COMPLETE_WIDTH);
	pad_cell(&t->line, h->name, h->unit.n ? NAME_WIDTH : 0);
	text_show(&t->line, h->unit);
	if (str_failed(&t->line))
		return -ENOMEM;
	(void)fprintf(t->out, "%s\n", t->line.p);
	return 0;
}

static int csv_host(void *ctx, const struct store_host_info *h)
{
	struct table *t = ctx;
	char at[TEXT_TIME_SIZE];

	csv_cell(&t->csv, h->name);
	csv_cell(&t->csv, h->unit);
	csv_cell(&t->csv, h->labels);
	csv_cstr(&t->csv, time_text(h->first_seen, at));
	csv_cstr(&t->csv, time_text(h->last_seen, at));
	csv_cstr(&t->csv, how_complete(h));
	csv_cstr(&t->csv, h->coverage.deep ? "deep" : "");
	csv_number(&t->csv, h->coverage.items);
	csv_number(&t->csv, h->coverage.incomplete);
	csv_end_row(&t->csv);
	return t->csv.failed ? -ENOMEM : 0;
}

static int json_host(void *ctx, const struct store_host_info *h)
{
	struct table *t = ctx;
	struct json *j = &t->json;
	char at[TEXT_TIME_SIZE];

	json_open(j, NULL, '{');
	json_bytes(j, "host", h->name);
	json_bytes(j, "unit", h->unit);
	json_bytes(j, "labels", h->labels);
	json_cstr(j, "first_seen", time_text(h->first_seen, at));
	json_cstr(j, "last_seen", time_text(h->last_seen, at));
	json_bool(j, "complete", h->coverage.complete);
	json_bool(j, "deep", h->coverage.deep);
	json_number(j, "items", h->coverage.items);
	json_number(j, "not_examined", h->coverage.incomplete);
	json_close(j, '}');
	json_line(j);
	return j->failed ? -ENOMEM : 0;
}

static const struct {
	const char *name, *header;
	int (*host)(void *ctx, const struct store_host_info *h);
} host_forms[] = {
	{"text", "LAST REPORT           EXAMINED    HOST                            "
	         "UNIT\n", text_host},
	{"csv", "host,unit,labels,first_seen,last_seen,examined,deep,items,"
	        "not_examined\r\n", csv_host},
	{"jsonl", "", json_host},
};

static int list_hosts(struct store *store, size_t form, const char *output)
{
	struct output out;
	struct err e = {0};

	if (output_open(&out, output, &e) < 0)
		return fail(&e);
	struct table t = {.out = out.stream};
	csv_init(&t.csv, out.stream);
	json_init(&t.json, out.stream, true);
	(void)fputs(host_forms[form].header, out.stream);
	int r = store_hosts(store, NULL, host_forms[form].host, &t, &e);
	if (r == -ENOMEM)
		(void)err_sys(&e, r, "listing hosts");
	(void)csv_finish(&t.csv);
	(void)json_finish(&t.json);
	str_finish(&t.line);
	if (r < 0) {
		output_cancel(&out);
		return fail(&e);
	}
	return output_close(&out, &e) < 0 ? fail(&e) : EXIT_CLEAN;
}

static int run_hosts(struct store *store, const struct options *o, char **args)
{
	(void)args;
	for (size_t i = 0; i < COUNT_OF(host_forms); i++)
		if (strcmp(host_forms[i].name, o->format) == 0)
			return list_hosts(store, i, o->output);
	cmd_error("there is no format \"%s\": use text, csv or jsonl", o->format);
	return EXIT_FAILED;
}

/* ---- expect ------------------------------------------------------------ */

static int run_expect(struct store *store, const struct options *o, char **args)
{
	struct err e = {0};
	FILE *in = open_input(args[0]);

	if (!in)
		return EXIT_FAILED;
	int64_t n = expect_read(store, in, &e);
	if (in != stdin)
		(void)fclose(in);
	if (n < 0)
		return fail(&e);
	if (!o->quiet)
		(void)fprintf(stderr, "%lld host%s expected\n", (long long)n,
		              plural((uint64_t)n));
	return EXIT_CLEAN;
}

/* ---- the command ------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct store *store, const struct options *o, char **args);
	unsigned flags;
	int least, most; /* arguments */
	const char *misuse;
} verbs[] = {
	{"check", run_check, STORE_READ_ONLY, 0, 0, "check takes no argument; name an "
	 "inventory with --store"},
	{"compact", run_compact, 0, 0, 0, "compact takes no argument; name an "
	 "inventory with --store"},
	{"merge", run_merge, STORE_CREATE, 1, 1000, "merge needs the inventories to "
	 "add; --store names the one they are added to"},
	{"export", run_export, STORE_READ_ONLY, 0, 0, "export takes no argument; "
	 "-o names the file to write"},
	{"import", run_import, STORE_CREATE, 0, 1, "import takes one file"},
	{"hosts", run_hosts, STORE_READ_ONLY, 0, 0, "hosts takes no argument; name an "
	 "inventory with --store"},
	{"expect", run_expect, STORE_CREATE, 0, 1, "expect takes one file"},
};

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_STORE:
		o->store = word;
		break;
	case OPT_FORMAT:
		o->format = word;
		break;
	case 'o':
		o->output = word;
		break;
	default: /* -q */
		o->quiet = true;
		break;
	}
	return true;
}

/* 1 to go on, 0 when all is said, -1 when the words are wrong. */
static int parse(int argc, char **argv, struct options *o)
{
	return options_parse(&(struct options_args){
		.command = "debar store",
		.shorts = "o:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = o,
	}, argc, argv);
}

static int run_verb(size_t i, const struct options *o, char **args, int n_args)
{
	if (n_args < verbs[i].least || n_args > verbs[i].most)
		return misused(verbs[i].misuse);
	struct store *store = choice_store(o->store, verbs[i].flags);
	if (!store)
		return EXIT_FAILED;
	int status = verbs[i].run(store, o, args);
	store_close(store);
	return status;
}

int cmd_store(int argc, char **argv)
{
	struct options o = {.format = "text"};
	int go_on = parse(argc, argv, &o);

	if (go_on <= 0)
		return options_status(go_on);
	if (optind == argc)
		return misused("say check, compact, merge, export, import, hosts or "
		               "expect; \"debar store --help\" says more");
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (strcmp(verbs[i].name, argv[optind]) == 0)
			return run_verb(i, &o, argv + optind + 1, argc - optind - 1);
	cmd_error("unknown word %s: say check, compact, merge, export, import, hosts "
	          "or expect", argv[optind]);
	return EXIT_FAILED;
}
