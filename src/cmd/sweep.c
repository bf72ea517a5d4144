/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/expect.h"
#include "cmd/exporting.h"
#include "cmd/output.h"
#include "cmd/options.h"
#include "cmd/progress.h"
#include "cmd/stop.h"
#include "jail/jail.h"
#include "sweep/sweep.h"

enum {
	DEADLINE_DEFAULT_S = 20,
	DEADLINE_MAX_S = 24 * 3600,
	WORKER_MEMORY = 128 * 1024 * 1024,
};

struct options {
	struct words packs, orders, entities;
	bool no_default_packs, deep, mentions, quiet;
	bool one_file_system, all_file_systems;
	const struct report_form *form;
	const struct export_form *standard; /* instead of form; NULL: not */
	const char *output, *color;
	unsigned jobs, deadline_s;
	bool no_store, full, only_needed;
	const char *store, *host, *unit, *profile, *as_of;
	struct words labels;
	bool changes;          /* --changed-since */
	int64_t changed_since; /* 0: the last report */
};

enum {
	OPT_PACKS = 256,
	OPT_NO_DEFAULT_PACKS,
	OPT_ORDER,
	OPT_ENTITY,
	OPT_FORMAT,
	OPT_DEEP,
	OPT_MENTIONS,
	OPT_ONE_FS,
	OPT_ALL_FS,
	OPT_DEADLINE,
	OPT_COLOR,
	OPT_STORE,
	OPT_NO_STORE,
	OPT_FULL,
	OPT_ONLY_NEEDED,
	OPT_CHANGED_SINCE,
	OPT_HOST,
	OPT_UNIT,
	OPT_LABEL,
	OPT_PROFILE,
	OPT_AS_OF,
};

static const struct option long_options[] = {
	{"packs", required_argument, NULL, OPT_PACKS},
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT_PACKS},
	{"order", required_argument, NULL, OPT_ORDER},
	{"entity", required_argument, NULL, OPT_ENTITY},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"output", required_argument, NULL, 'o'},
	{"jobs", required_argument, NULL, 'j'},
	{"deep", no_argument, NULL, OPT_DEEP},
	{"mentions", no_argument, NULL, OPT_MENTIONS},
	{"one-file-system", no_argument, NULL, OPT_ONE_FS},
	{"all-file-systems", no_argument, NULL, OPT_ALL_FS},
	{"deadline", required_argument, NULL, OPT_DEADLINE},
	{"color", required_argument, NULL, OPT_COLOR},
	{"store", required_argument, NULL, OPT_STORE},
	{"no-store", no_argument, NULL, OPT_NO_STORE},
	{"full", no_argument, NULL, OPT_FULL},
	{"only-needed", no_argument, NULL, OPT_ONLY_NEEDED},
	{"changed-since", required_argument, NULL, OPT_CHANGED_SINCE},
	{"host", required_argument, NULL, OPT_HOST},
	{"unit", required_argument, NULL, OPT_UNIT},
	{"label", required_argument, NULL, OPT_LABEL},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"as-of", required_argument, NULL, OPT_AS_OF},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar sweep [OPTION...] [SOURCE...]\n"
	"\n"
	"Looks for what the entities named in orders made. A SOURCE is a machine's\n"
	"root (/ by default, a chroot, a mounted image, an unpacked container), any\n"
	"folder, a file, or - for a list of paths on standard input.\n"
	"\n"
	"  --order ID            judge by this order only (may be repeated)\n"
	"  --entity ID           look for this entity only (may be repeated)\n"
	"  --packs DIR           use the packs in DIR too (may be repeated)\n"
	"  --no-default-packs    use only those\n"
	"  --profile FILE        who you are and what binds you: verdicts are for that\n"
	"  --as-of DATE          judge by the law as it stood on that day\n"
	"  --deep                search every byte of programs and libraries\n"
	"  --mentions            read texts whole and list where makers are mentioned\n"
	"  --format FORM         text (default), json, jsonl, csv, sarif or cyclonedx\n"
	"  -o, --output FILE     write the report there\n"
	"  -j, --jobs N          workers (default: one per processor)\n"
	"  --deadline SECONDS    longest time for one item (default 20)\n"
	"  --one-file-system     do not go into other file systems\n"
	"  --all-file-systems    go into network file systems too\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no progress and no notes\n"
	"\n"
	"What is found out is kept in an inventory, which \"debar map\" asks, and what has\n"
	"not changed since the last sweep is not opened again:\n"
	"\n"
	"  --store PATH|URL      this inventory, not the usual one\n"
	"  --no-store            keep nothing but the report\n"
	"  --full                open everything, changed or not\n"
	"  --only-needed         search programs for the byte markers that they were not\n"
	"                        searched for yet; nothing else unchanged is opened\n"
	"  --changed-since WHEN  also say what appeared and what went: \"last\" for since\n"
	"                        the last sweep, 2026-11-21 or 2026-11-21T22:00:00Z\n"
	"  --host NAME           name of the host in the inventory\n"
	"  --unit PATH           where it belongs: department/agency/unit\n"
	"  --label KEY=VALUE     a label of the host (may be repeated)\n"
	"\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 nothing found and fully examined, 1 failed, 2 found,\n"
	"3 nothing found but not fully examined.\n"
	"\n"
	"Examples:\n"
	"  debar sweep                               this machine, as far as you may read\n"
	"  sudo debar sweep --deep /                 every byte of every program\n"
	"  debar sweep --order us-bod-17-01 /mnt/image\n"
	"  debar sweep --format json -o report.json /srv/share\n"
	"  debar sweep --unit treasury/irs --changed-since last\n"
	"  find /home -name '*.exe' | debar sweep -\n";

static bool number(const char *text, unsigned low, unsigned high, unsigned *ret)
{
	uint64_t value;

	if (slice_number(slice_str(text), 10, &value) < 0 || value < low ||
	    value > high)
		return false;
	*ret = (unsigned)value;
	return true;
}

static bool take_format(struct options *o, const char *word)
{
	const struct export_form *standard = export_form(word);

	o->form = report_form(word);
	o->standard = !o->form && standard && standard->of_sweep ? standard : NULL;
	if (!o->form && !o->standard)
		cmd_error("there is no format \"%s\": use text, json, jsonl, csv, sarif or "
		          "cyclonedx", word);
	return o->form || o->standard;
}

/* A time as an argument, or the last report. */
static bool take_since(struct options *o, const char *word)
{
	o->changes = true;
	if (strcmp(word, "last") == 0)
		return true;
	o->changed_since = choice_time(word);
	if (o->changed_since == 0)
		cmd_error("--changed-since takes \"last\", a date such as 2026-11-21 "
		          "or 2026-11-21T22:00:00Z, not \"%s\"", word);
	return o->changed_since != 0;
}

static bool has_label(const struct words *labels, struct slice key)
{
	for (size_t i = 0; i < labels->n; i++) {
		struct slice other = slice_str(labels->list[i]);
		if (slice_eq(slice_first(other, slice_find_byte(other, '=')), key))
			return true;
	}
	return false;
}

static bool take_label(struct options *o, const char *word)
{
	const struct slice all = slice_str(word);
	const struct slice key = slice_first(all, slice_find_byte(all, '='));

	if (key.n == 0 || key.n == all.n || key.n > EXPECT_KEY_MAX ||
	    all.n - key.n - 1 > EXPECT_VALUE_MAX || !text_is_utf8(all))
		cmd_error("--label takes KEY=VALUE, text of at most %d and %d "
		          "bytes, not \"%s\"", EXPECT_KEY_MAX, EXPECT_VALUE_MAX,
		          word);
	else if (has_label(&o->labels, key))
		cmd_error("the label \"%.*s\" was given twice", SLICE_ARG(key));
	else
		return words_add(&o->labels, word);
	return false;
}

/* A name or a unit that the inventory would refuse is refused now. */
static bool take_text(const char *option, const char *word, size_t most,
                      const char **ret)
{
	const struct slice text = slice_str(word);

	*ret = word;
	if (text.n > 0 && text.n <= most && text_is_utf8(text))
		return true;
	cmd_error("%s takes text of 1 to %zu bytes, not \"%s\"", option, most, word);
	return false;
}

static bool take_number(const char *option, const char *word, unsigned high,
                        unsigned *ret)
{
	if (number(word, 1, high, ret))
		return true;
	cmd_error("%s takes a number from 1 to %u, not \"%s\"", option, high, word);
	return false;
}

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_PACKS:
		return words_add(&o->packs, word);
	case OPT_ORDER:
		return words_add(&o->orders, word);
	case OPT_ENTITY:
		return words_add(&o->entities, word);
	case OPT_FORMAT:
		return take_format(o, word);
	case OPT_COLOR:
		o->color = word;
		return choice_color(word);
	case 'j':
		return take_number("--jobs", word, JAIL_WORKERS_MAX, &o->jobs);
	case OPT_DEADLINE:
		return take_number("--deadline", word, DEADLINE_MAX_S,
		                   &o->deadline_s);
	case 'o':
		o->output = word;
		break;
	case OPT_NO_DEFAULT_PACKS:
		o->no_default_packs = true;
		break;
	case OPT_DEEP:
		o->deep = true;
		break;
	case OPT_MENTIONS:
		o->mentions = true;
		break;
	case OPT_ONE_FS:
		o->one_file_system = true;
		break;
	case OPT_ALL_FS:
		o->all_file_systems = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case OPT_STORE:
		o->store = word;
		break;
	case OPT_NO_STORE:
		o->no_store = true;
		break;
	case OPT_FULL:
		o->full = true;
		break;
	case OPT_ONLY_NEEDED:
		o->only_needed = o->deep = true;
		break;
	case OPT_CHANGED_SINCE:
		return take_since(o, word);
	case OPT_HOST:
		return take_text("--host", word, EXPECT_NAME_MAX, &o->host);
	case OPT_UNIT:
		return take_text("--unit", word, EXPECT_UNIT_MAX, &o->unit);
	case OPT_LABEL:
		return take_label(o, word);
	case OPT_PROFILE:
		o->profile = word;
		return true;
	case OPT_AS_OF:
		o->as_of = word;
		return true;
	}
	return true;
}

static unsigned processors(void)
{
	cpu_set_t set;
	unsigned n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = (unsigned)CPU_COUNT(&set);
	return n > JAIL_WORKERS_MAX ? JAIL_WORKERS_MAX : n;
}

/* 1 to go on, 0 when all is said, -1 when the words are wrong. */
static int parse(int argc, char **argv, struct options *o)
{
	*o = (struct options){
		.form = &report_text,
		.color = "auto",
		.jobs = processors(),
		.deadline_s = DEADLINE_DEFAULT_S,
	};
	return options_parse(&(struct options_args){
		.command = "debar sweep",
		.shorts = "o:j:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = o,
	}, argc, argv);
}

/* ---- the run ---------------------------------------------------------- */

static void note_limits(const char *words)
{
	cmd_note("the kernel does not permit the workers: %s. Seccomp is in place, "
	         "so they can still do nothing but read what they are given.",
	         words);
}

static void remark(const char *words)
{
	cmd_note("%s", words);
}

struct run {
	struct options o;
	struct choice choice;
	struct store *store; /* NULL with --no-store */
	struct str labels;   /* as JSON */
};

static void finish(struct run *run)
{
	store_close(run->store);
	choice_finish(&run->choice);
	str_finish(&run->labels);
}

/* KEY=VALUE words as one JSON object, or nothing when there is none. */
static bool make_labels(const struct words *words, struct str *ret)
{
	for (size_t i = 0; i < words->n; i++) {
		struct slice word = slice_str(words->list[i]);
		const size_t n = slice_find_byte(word, '=');
		str_putc(ret, i ? ',' : '{');
		text_json(ret, slice_first(word, n));
		str_putc(ret, ':');
		text_json(ret, slice_from(word, n + 1));
	}
	if (words->n)
		str_putc(ret, '}');
	if (str_failed(ret))
		cmd_error("out of memory");
	return !str_failed(ret);
}

/* Words that contradict each other, or need what another leaves out. */
static bool agree(const struct options *o)
{
	const char *words = NULL;

	if (o->no_store && (o->store || o->host || o->unit || o->labels.n))
		words = "--no-store leaves nothing for --store, --host, --unit or "
		        "--label to say";
	else if (o->no_store && o->changes)
		words = "--changed-since compares with the inventory, which "
		        "--no-store leaves out";
	else if (o->full && o->only_needed)
		words = "--full and --only-needed contradict each other";
	if (words)
		cmd_error("%s", words);
	return !words;
}

/* Now and not when all has been swept: can it be written to? One that was asked
 * for must be; without the usual one, which a user may not even know of, the
 * sweep goes on, and says so. */
static bool open_store(struct run *run)
{
	const struct options *o = &run->o;

	if (o->no_store)
		return true;
	run->store = choice_store(o->store, STORE_CREATE);
	if (run->store)
		return true;
	if (o->store || o->changes || o->host || o->unit || o->labels.n)
		return false;
	if (!o->quiet)
		cmd_note("the sweep goes on without an inventory (--no-store asks "
		         "for that, --store names another)");
	return true;
}

static bool prepare(struct run *run)
{
	const struct options *o = &run->o;

	if (!agree(o) || !make_labels(&o->labels, &run->labels) ||
	    !choice_make(&run->choice, &o->packs, o->no_default_packs, &o->orders,
	                 &o->entities) ||
	    !choice_law(&run->choice, o->profile, o->as_of))
		return false;
	return open_store(run);
}

static int exit_status(const struct report *r)
{
	if (r->n_findings > 0)
		return EXIT_FOUND;
	return r->coverage.complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

static int write_standard(const struct run *run, const struct report *report,
                          struct output *out)
{
	static const struct words all;
	struct articles a = {0};
	struct exporting e = {0};
	const bool gathered = export_gather(report, &a) == 0;
	bool written = false;

	if (!gathered)
		cmd_error("out of memory");
	if (gathered && exporting_make(&e, &run->choice.law, &a, &all))
		written = exporting_write(&e, run->o.standard, out, run->o.quiet);
	else
		output_cancel(out);
	exporting_finish(&e);
	articles_finish(&a);
	return written ? exit_status(report) : EXIT_FAILED;
}

static int write_report(const struct run *run, const struct sweep *sweep,
                        struct output *out)
{
	struct report report = *sweep_report(sweep);
	const struct report_style style = choice_style(run->o.color, run->o.output);
	struct err e = {0};

	report.version = DEBAR_VERSION;
	if (run->o.standard)
		return write_standard(run, &report, out);
	int r = run->o.form->write(&report, &style, out->stream);
	if (r < 0) {
		output_cancel(out);
		cmd_error("writing the report: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (output_close(out, &e) < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	return exit_status(&report);
}

static struct sweep_progress so_far;
static struct progress *line;

static void show_progress(void)
{
	line = progress_start(&so_far);
}

static int sweep(struct run *run, const char *const *sources, size_t n)
{
	const struct options *o = &run->o;
	struct sweep *result = NULL;
	struct output out;
	struct err e = {0};
	struct sweep_args args = {
		.sources = sources,
		.n_sources = n,
		.pack = run->choice.pack,
		.matcher = run->choice.matcher,
		.orders = run->choice.orders,
		.n_orders = run->choice.n_orders,
		.law = &run->choice.law,
		.entities = run->choice.entities,
		.jobs = o->jobs,
		.deadline_ms = o->deadline_s * 1000,
		.memory_bytes = WORKER_MEMORY,
		.deep = o->deep,
		.mentions = o->mentions,
		.one_file_system = o->one_file_system,
		.all_file_systems = o->all_file_systems,
		.memory_dir = cmd_memory_dir(),
		.full = o->full,
		.only_needed = o->only_needed,
		.store = run->store,
		.host = o->host,
		.unit = o->unit ? o->unit : "",
		.labels = run->labels.p ? run->labels.p : "",
		.changes = o->changes,
		.changed_since = o->changed_since,
		.stop = &stop_asked,
		.progress = &so_far,
		.note = o->quiet ? NULL : note_limits,
		.remark = o->quiet ? NULL : remark,
		.started = o->quiet ? NULL : show_progress,
	};

	if (output_open(&out, o->output, &e) < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	int r = sweep_run(&args, &e, &result);
	progress_stop(line);
	if (r < 0) {
		output_cancel(&out);
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	int status = write_report(run, result, &out);
	if (sweep_not_kept(result)) {
		cmd_error("%s", sweep_not_kept(result));
		status = EXIT_FAILED;
	}
	sweep_free(result);
	return status;
}

int cmd_sweep(int argc, char **argv)
{
	static const char *const live_root[] = {"/"};
	struct run run = {0};
	int go_on = parse(argc, argv, &run.o);

	if (go_on <= 0)
		return options_status(go_on);
	const char *const *sources = (const char *const *)argv + optind;
	size_t n = (size_t)(argc - optind);
	if (n == 0) {
		sources = live_root;
		n = 1;
	}
	if (n > SOURCES_MAX) {
		cmd_error("at most %d sources at once", SOURCES_MAX);
		return EXIT_FAILED;
	}
	/* From here on Ctrl-C ends in a report, however little is known. */
	stop_on_signals();
	int status = prepare(&run) ? sweep(&run, sources, n) : EXIT_FAILED;
	finish(&run);
	return status;
}
