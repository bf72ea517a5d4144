/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks "debar map" orders whose answers are known: each time a cold process on
 * warm files. Counts hosts by the word of their most urgent article, as the
 * program does, and compares exactly. Then once more as of an earlier day.
 */
#include "fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { ROUNDS_MAX = 1000, LABELS_MAX = 4, ARGS_MAX = 20 };
enum word { NONE, EXCLUDED, REVIEW, COVERED, WORDS };

static const char *const word_names[WORDS] = {"none", "excluded", "review",
                                              "covered"};

/* An order, and what it says of the hosts that hold a planted article. */
struct question {
	const char *order;
	struct {
		const char *label;
		enum word word;
	} truth[LABELS_MAX];
};

static const struct question questions[] = {
	{"fleet-examplesoft", /* brand-new, with an entity that nobody knew */
	 {{"new", COVERED}, {"new-residue", REVIEW}, {"new-part", EXCLUDED}}},
	{"fleet-gildedware", /* brand-new; inside gold images */
	 {{"embedded", COVERED}}},
	{"us-bod-17-01", /* a real one */
	 {{"real", COVERED}}},
};

struct answer {
	uint64_t hosts[WORDS]; /* [NONE] is not used */
	uint64_t reported, expected;
	/* to be searched again for byte markers */
	uint64_t again, programs;
	uint32_t n_marks;
	uint32_t marks[MARKERS_MAX];       /* places among the shipped ones */
	uint64_t mark_hosts[MARKERS_MAX];
};

static struct markers shipped;

static enum word word_of(const struct question *q, uint32_t plants)
{
	enum word word = NONE;

	for (size_t i = 0; i < LABELS_MAX && q->truth[i].label; i++)
		if (plants & world_plants_of(q->truth[i].label) &&
		    q->truth[i].word > word)
			word = q->truth[i].word;
	return word;
}

/* The host is to be searched again for those of the answer's marks that were
 * not among the first ones that it was searched for. */
static void add_search(struct answer *a, uint32_t programs, uint32_t searched)
{
	bool again = false;

	for (uint32_t i = 0; i < a->n_marks && programs; i++) {
		a->mark_hosts[i] += a->marks[i] >= searched;
		again |= a->marks[i] >= searched;
	}
	a->again += again;
	a->programs += again ? programs : 0;
}

/* asked: which marks the answer has. */
static struct answer truth_of(const struct world *w,
                              const struct fleet_options *o,
                              const struct question *q, uint32_t day,
                              const struct answer *asked)
{
	struct answer a = {.expected = o->to - o->from, .n_marks = asked->n_marks};

	memcpy(a.marks, asked->marks, sizeof(a.marks));
	for (uint32_t host = o->from; host < o->to; host++) {
		if (!world_host_reports(w, host))
			continue;
		a.reported++;
		a.hosts[word_of(q, world_host_plants(w, host, day))]++;
		add_search(&a, world_host_programs(w, host),
		           world_host_searched(w, host, day, shipped.n));
	}
	a.hosts[NONE] = 0;
	return a;
}

/* ---- the program's answer ---- */

static uint64_t number_at(json_t *object, const char *key)
{
	json_t *n = json_object_get(object, key);

	if (!json_is_integer(n))
		fleet_die("the answer has no number \"%s\"", key);
	return (uint64_t)json_integer_value(n);
}

static void read_remainder(json_t *rest, struct answer *a)
{
	json_t *marks = json_object_get(rest, "marks");

	a->again = number_at(rest, "hosts");
	a->programs = number_at(rest, "artefacts");
	if (json_array_size(marks) > MARKERS_MAX)
		fleet_die("the answer has more byte marks than there are");
	for (; a->n_marks < json_array_size(marks); a->n_marks++) {
		json_t *mark = json_array_get(marks, a->n_marks);
		const char *id = json_string_value(json_object_get(mark, "mark"));
		a->marks[a->n_marks] = markers_find(&shipped, id ? id : "");
		a->mark_hosts[a->n_marks] = number_at(mark, "hosts");
	}
}

static struct answer read_answer(FILE *f)
{
	json_error_t error;
	json_t *all = json_loadf(f, 0, &error);
	struct answer a = {0};

	if (!all)
		fleet_die("the answer is no JSON: %s", error.text);
	json_t *hosts = json_object_get(all, "hosts");
	for (enum word i = EXCLUDED; i < WORDS; i++)
		a.hosts[i] = number_at(hosts, word_names[i]);
	a.reported = number_at(hosts, "reported");
	a.expected = number_at(hosts, "expected");
	read_remainder(json_object_get(all, "remainder"), &a);
	json_decref(all);
	return a;
}

/* What a process took: by the clock, and of a processor. */
struct cost {
	double wall, cpu;
};

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Runs the program with its output in f. */
static struct cost run(char *const *args, FILE *f)
{
	struct rusage used;
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, fileno(f), STDOUT_FILENO) != 0)
		fleet_die("out of memory");
	double start = fleet_now();
	int r = posix_spawn(&pid, args[0], &actions, NULL, args, environ);
	if (r != 0)
		fleet_die("starting %s: %s", args[0], strerror(r));
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			fleet_die("waiting: %s", strerror(errno));
	const struct cost cost = {
		.wall = fleet_now() - start,
		.cpu = seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
	};
	(void)posix_spawn_file_actions_destroy(&actions);
	/* 2: found; 3: nothing found, not all examined; 0: nothing found */
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 1)
		fleet_die("%s failed (status %d)", args[0], status);
	return cost;
}

/* as_of: a date, or NULL for now. */
static struct answer ask(const struct fleet_options *o, const char *order,
                         const char *as_of, struct cost *ret_cost)
{
	char *args[ARGS_MAX];
	size_t n = 0;
	const char *const words[] = {o->debar, "map", "--store", o->store,
	                             "--no-default-packs", "--packs", o->shipped,
	                             "--packs", o->packs, "--order", order,
	                             "--group-by", "unit,article",
	                             "--format", "json",
	                             as_of ? "--as-of" : NULL, as_of};
	FILE *f = tmpfile();

	if (!f)
		fleet_die("making a temporary file: %s", strerror(errno));
	for (size_t i = 0; i < COUNT_OF(words) && words[i]; i++)
		if (!(args[n++] = strdup(words[i])))
			fleet_die("out of memory");
	args[n] = NULL;
	*ret_cost = run(args, f);
	rewind(f);
	struct answer a = read_answer(f);
	(void)fclose(f);
	for (size_t i = 0; i < n; i++)
		free(args[i]);
	return a;
}

static void must_be(const char *order, const char *what, uint64_t want,
                    uint64_t have)
{
	if (want != have)
		fleet_die("%s: %lu hosts %s, and the truth is %lu", order, have, what,
		          want);
}

static void compare(const char *order, const struct answer *truth,
                    const struct answer *a)
{
	for (enum word i = EXCLUDED; i < WORDS; i++)
		must_be(order, word_names[i], truth->hosts[i], a->hosts[i]);
	must_be(order, "reported", truth->reported, a->reported);
	must_be(order, "expected", truth->expected, a->expected);
	must_be(order, "to be searched again", truth->again, a->again);
	must_be(order, "programs on them", truth->programs, a->programs);
	for (uint32_t i = 0; i < a->n_marks; i++)
		must_be(order, "not searched for a mark", truth->mark_hosts[i],
		        a->mark_hosts[i]);
}

static int compare_seconds(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void say(const char *word, const struct question *q,
                const struct answer *a)
{
	printf("%s: order %s covered %lu review %lu excluded %lu again %lu programs "
	       "%lu", word, q->order, a->hosts[COVERED], a->hosts[REVIEW],
	       a->hosts[EXCLUDED], a->again, a->programs);
}

static void ask_now(const struct world *w, const struct fleet_options *o,
                    const struct question *q)
{
	static double seconds[ROUNDS_MAX], cpu[ROUNDS_MAX];
	struct answer truth;
	struct cost cost;

	for (uint32_t i = 0; i < o->rounds; i++) {
		struct answer a = ask(o, q->order, NULL, &cost);
		if (i == 0)
			truth = truth_of(w, o, q, o->day, &a);
		compare(q->order, &truth, &a);
		seconds[i] = cost.wall;
		cpu[i] = cost.cpu;
	}
	qsort(seconds, o->rounds, sizeof(*seconds), compare_seconds);
	qsort(cpu, o->rounds, sizeof(*cpu), compare_seconds);
	say("ask", q, &truth);
	printf(" rounds %u median %.3f min %.3f max %.3f cpu %.3f\n", o->rounds,
	       seconds[o->rounds / 2], seconds[0], seconds[o->rounds - 1],
	       cpu[o->rounds / 2]);
}

/* What was known in the middle of the drift. */
static void ask_then(const struct world *w, const struct fleet_options *o,
                     const struct question *q)
{
	const uint32_t day = o->day / 2;
	const time_t t = (time_t)FLEET_FIRST_DAY + day * WORLD_DAY_SECONDS;
	struct tm tm;
	char date[16];
	struct cost cost;

	(void)strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&t, &tm));
	struct answer a = ask(o, q->order, date, &cost);
	const struct answer truth = truth_of(w, o, q, day, &a);
	compare(q->order, &truth, &a);
	say("ask-then", q, &truth);
	printf(" as-of %s seconds %.3f cpu %.3f\n", date, cost.wall, cost.cpu);
}

void fleet_ask(const struct world *w, const struct fleet_options *o)
{
	struct cost cost;

	if (!o->debar || !o->packs || !o->shipped || o->rounds == 0 ||
	    o->rounds > ROUNDS_MAX)
		fleet_die("ask wants --debar, --packs, --shipped and 1 to %d rounds",
		          ROUNDS_MAX);
	markers_read(o->shipped, &shipped);
	/* once for the caches: of files, and of compiled packs */
	(void)ask(o, questions[0].order, NULL, &cost);
	printf("ask: first %.3f\n", cost.wall);
	for (size_t i = 0; i < COUNT_OF(questions); i++)
		ask_now(w, o, &questions[i]);
	for (size_t i = 0; o->day > 0 && i < COUNT_OF(questions); i++)
		ask_then(w, o, &questions[i]);
}
