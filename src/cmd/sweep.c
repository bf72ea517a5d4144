/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "jail/jail.h"
#include "sweep/sweep.h"

enum {
	DEADLINE_DEFAULT_S = 20,
	DEADLINE_MAX_S = 24 * 3600,
	WORKER_MEMORY = 128 * 1024 * 1024,
	SAME_SIGNAL_MS = 500,
	LIST_MAX = 1000, /* --packs, --order, --entity given so often */
};

struct words {
	const char *list[LIST_MAX];
	size_t n;
};

struct options {
	struct words packs, orders, entities;
	bool no_default_packs, deep, mentions, quiet;
	bool one_file_system, all_file_systems;
	const struct report_form *form;
	const char *output, *color;
	unsigned jobs, deadline_s;
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
	OPT_VERSION,
	OPT_NO_STORE,
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
	{"no-store", no_argument, NULL, OPT_NO_STORE},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
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
	"  --deep                search every byte of programs and libraries\n"
	"  --mentions            read texts whole and list where makers are mentioned\n"
	"  --format FORM         text (default), json, jsonl or csv\n"
	"  -o, --output FILE     write the report there\n"
	"  -j, --jobs N          workers (default: one per processor)\n"
	"  --deadline SECONDS    longest time for one item (default 20)\n"
	"  --one-file-system     do not go into other file systems\n"
	"  --all-file-systems    go into network file systems too\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no progress and no notes\n"
	"  --no-store            keep nothing but the report (the only way so far)\n"
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
	"  find /home -name '*.exe' | debar sweep -\n";

static bool add_word(struct words *w, const char *word)
{
	if (w->n == LIST_MAX)
		return false;
	w->list[w->n++] = word;
	return true;
}

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
	o->form = report_form(word);
	if (!o->form)
		cmd_error("there is no format \"%s\": use text, json, jsonl or csv",
		          word);
	return o->form != NULL;
}

static bool take_color(struct options *o, const char *word)
{
	o->color = word;
	if (strcmp(word, "auto") == 0 || strcmp(word, "always") == 0 ||
	    strcmp(word, "never") == 0)
		return true;
	cmd_error("--color takes auto, always or never, not \"%s\"", word);
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

static bool take_option(struct options *o, int c)
{
	switch (c) {
	case OPT_PACKS:
		return add_word(&o->packs, optarg);
	case OPT_ORDER:
		return add_word(&o->orders, optarg);
	case OPT_ENTITY:
		return add_word(&o->entities, optarg);
	case OPT_FORMAT:
		return take_format(o, optarg);
	case OPT_COLOR:
		return take_color(o, optarg);
	case 'j':
		return take_number("--jobs", optarg, JAIL_WORKERS_MAX, &o->jobs);
	case OPT_DEADLINE:
		return take_number("--deadline", optarg, DEADLINE_MAX_S,
		                   &o->deadline_s);
	case 'o':
		o->output = optarg;
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
	case OPT_NO_STORE:
		break;
	default:
		(void)fputs("\"debar sweep --help\" lists the options.\n", stderr);
		return false;
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
	int c;

	*o = (struct options){
		.form = &report_text,
		.color = "auto",
		.jobs = processors(),
		.deadline_s = DEADLINE_DEFAULT_S,
	};
	while ((c = getopt_long(argc, argv, "o:j:qh", long_options, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(help, stdout);
			return 0;
		}
		if (c == OPT_VERSION) {
			(void)puts("debar " DEBAR_VERSION);
			return 0;
		}
		if (!take_option(o, c))
			return -1;
	}
	return 1;
}

/* ---- the run ---------------------------------------------------------- */

static atomic_bool stop;

static atomic_llong stopped_ms; /* when the first signal came */

static long long clock_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Once: end in order. Again, after a moment: the system's way. What comes
 * within that moment is the same wish told twice, as by timeout(1), which
 * signals its child and then the child's whole group.
 */
static void on_signal(int number)
{
	if (!atomic_exchange(&stop, true)) {
		atomic_store(&stopped_ms, clock_ms());
		return;
	}
	if (clock_ms() - atomic_load(&stopped_ms) < SAME_SIGNAL_MS)
		return;
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal};

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

static void note_limits(const char *words)
{
	cmd_note("the kernel does not permit the workers: %s. Seccomp is in place, "
	         "so they can still do nothing but read what they are given.",
	         words);
}

struct run {
	struct options o;
	struct pack *pack;
	struct matcher *matcher;
	const struct order **orders;
	size_t n_orders;
	bool *entities;      /* NULL: all */
};

static void finish(struct run *run)
{
	matcher_free(run->matcher);
	pack_free(run->pack);
	free(run->orders);
	free(run->entities);
}

static bool out_of_memory(void)
{
	cmd_error("out of memory");
	return false;
}

static bool all_orders(struct run *run)
{
	run->orders = calloc(run->pack->n_orders + 1, sizeof(struct order *));
	if (!run->orders)
		return out_of_memory();
	for (; run->n_orders < run->pack->n_orders; run->n_orders++)
		run->orders[run->n_orders] = &run->pack->orders[run->n_orders];
	return true;
}

static bool choose_orders(struct run *run)
{
	const struct words *words = &run->o.orders;

	if (words->n == 0)
		return all_orders(run);
	run->orders = calloc(words->n, sizeof(struct order *));
	run->entities = calloc(run->pack->n_entities + 1, sizeof(bool));
	if (!run->orders || !run->entities)
		return out_of_memory();
	for (size_t i = 0; i < words->n; i++) {
		const struct order *order = pack_order(run->pack, words->list[i]);
		if (!order) {
			cmd_error("there is no order \"%s\"; \"debar orders list\" "
			          "shows those that are known", words->list[i]);
			return false;
		}
		run->orders[run->n_orders++] = order;
		for (size_t k = 0; k < order->n_entities; k++)
			run->entities[order->entities[k].entity] = true;
	}
	return true;
}

static bool choose_entities(struct run *run)
{
	const struct words *words = &run->o.entities;
	bool *wanted;

	if (words->n == 0)
		return true;
	wanted = calloc(run->pack->n_entities + 1, sizeof(bool));
	if (!wanted)
		return out_of_memory();
	for (size_t i = 0; i < words->n; i++) {
		const struct entity *entity =
			pack_entity(run->pack, words->list[i]);
		if (!entity) {
			cmd_error("there is no entity \"%s\" in the packs",
			          words->list[i]);
			free(wanted);
			return false;
		}
		wanted[entity->index] =
			!run->entities || run->entities[entity->index];
	}
	free(run->entities);
	run->entities = wanted;
	return true;
}

static bool prepare(struct run *run)
{
	struct err e = {0};

	run->pack = cmd_load_packs(run->o.packs.list, run->o.packs.n,
	                           run->o.no_default_packs);
	if (!run->pack)
		return false;
	if (!choose_orders(run) || !choose_entities(run))
		return false;
	if (matcher_new(run->pack, cmd_cache_dir(), &e, &run->matcher) < 0) {
		cmd_error("packs: %s", e.text);
		return false;
	}
	return true;
}

static int terminal_columns(void)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

static struct report_style style_of(const struct options *o)
{
	const bool terminal = !o->output && isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR");
	struct report_style style = {.columns = terminal ? terminal_columns() : 0};

	if (strcmp(o->color, "always") == 0)
		style.color = true;
	else if (strcmp(o->color, "auto") == 0)
		style.color = terminal && !(no_color && no_color[0]);
	return style;
}

static int exit_status(const struct report *r)
{
	if (r->n_findings > 0)
		return EXIT_FOUND;
	return r->coverage.complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

static int write_report(const struct run *run, const struct sweep *sweep,
                        struct output *out)
{
	struct report report = *sweep_report(sweep);
	const struct report_style style = style_of(&run->o);
	struct err e = {0};

	report.version = DEBAR_VERSION;
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
		.pack = run->pack,
		.matcher = run->matcher,
		.orders = run->orders,
		.n_orders = run->n_orders,
		.entities = run->entities,
		.jobs = o->jobs,
		.deadline_ms = o->deadline_s * 1000,
		.memory_bytes = WORKER_MEMORY,
		.deep = o->deep,
		.mentions = o->mentions,
		.one_file_system = o->one_file_system,
		.all_file_systems = o->all_file_systems,
		.stop = &stop,
		.progress = &so_far,
		.note = o->quiet ? NULL : note_limits,
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
	sweep_free(result);
	return status;
}

int cmd_sweep(int argc, char **argv)
{
	static const char *const live_root[] = {"/"};
	struct run run = {0};
	int go_on = parse(argc, argv, &run.o);

	if (go_on <= 0)
		return go_on < 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_CLEAN;
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
	catch_signals();
	int status = prepare(&run) ? sweep(&run, sources, n) : EXIT_FAILED;
	finish(&run);
	return status;
}
