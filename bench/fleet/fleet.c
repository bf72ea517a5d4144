/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a made-up fleet (world.h) into a store, the way that real sweeps'
 * results come in, and says how fast that went.
 *
 *     fleet load     --store URL --hosts N [--from A --to B] [--day D]
 *     fleet drift    --store URL --hosts N --day D --days K [--seconds S]
 *     fleet rereport --store URL --hosts N --day D [--seconds S]
 *                    each with --shipped DIR when it is to be asked
 *     fleet ask      --store URL --hosts N --day D --debar FILE --packs DIR
 *                    --shipped DIR
 *     fleet check    --store URL
 *
 * load: the first reports. drift: every host reports on each day after D.
 * rereport: every host reports what it reported on day D. ask: orders with a
 * known answer. check: store_check, and the digest of what the store exports.
 *
 * Results are lines of "word: key value key value ...". Rates are over the
 * whole wall time (per-second) and over the time inside the store alone
 * (store-per-second): making the fleet up costs time of its own.
 */
#include "fleet.h"

#include <errno.h>
#include <getopt.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "store/store.h"

enum {
	BATCH = 4096,
	WAIT_MS = 60000,
	HOSTS_MAX = 10000000,
	DAY_AFTER = 60, /* an unchanged host reports a minute later */
};

double fleet_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void fleet_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fputs("fleet: ", stderr);
	(void)vfprintf(stderr, fmt, args);
	(void)fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		fleet_die("out of memory");
	return p;
}

/* ---- what an agent remembers ---- */

/* The articles of one image at one level, and their digests. */
struct image {
	uint32_t level;
	size_t n; /* 0: not made yet */
	uint32_t *articles;
	struct digest *digests;
};

struct agent {
	const struct world *world;
	const struct fleet_options *options;
	struct store *store;
	struct store_batch *batch;
	uint32_t in_batch;
	struct digest *digests; /* by article */
	uint8_t *known;         /* 1: digest made, 2: the store has it as well */
	struct image *images;
	struct markers markers;
	struct digest searches[MARKERS_MAX + 1]; /* by how many of the markers */
	bool searches_known[MARKERS_MAX + 1];
	double in_store;        /* seconds */
	uint64_t reports, changed, articles, given;
};

static void agent_init(struct agent *a, const struct world *w,
                       const struct fleet_options *o)
{
	struct err e;

	*a = (struct agent){.world = w, .options = o};
	a->digests = must(calloc(w->articles, sizeof(*a->digests)));
	a->known = must(calloc(w->articles, 1));
	a->images = must(calloc(w->images, sizeof(*a->images)));
	markers_read(o->shipped, &a->markers);
	if (store_open(o->store, STORE_CREATE, &e, &a->store) < 0)
		fleet_die("%s", e.text);
}

static void agent_finish(struct agent *a)
{
	for (uint32_t i = 0; i < a->world->images; i++) {
		free(a->images[i].articles);
		free(a->images[i].digests);
	}
	free(a->images);
	free(a->known);
	free(a->digests);
	store_close(a->store);
}

/* Makes a record's digest, and gives it to the store unless it has it. */
static struct digest give(struct agent *a, const struct record *record)
{
	const struct digest digest = store_digest(record);
	struct err e;
	double t = fleet_now();

	if (!store_has(a->batch, &digest)) {
		if (store_artefact(a->batch, &digest, record, &e) < 0)
			fleet_die("%s", e.text);
		a->given++;
	}
	a->in_store += fleet_now() - t;
	return digest;
}

/* Makes an article known, once. */
static void learn(struct agent *a, uint32_t article)
{
	struct world_record r;

	if (a->known[article] == 2)
		return;
	world_article(a->world, article, &r);
	a->digests[article] = give(a, &r.record);
	a->known[article] = 2;
}

/* What tells that a host was searched for the first n markers. */
static struct digest search_of(struct agent *a, uint32_t n)
{
	struct claim claims[MARKERS_MAX + 1];
	struct record record;

	if (!a->searches_known[n]) {
		markers_record(&a->markers, n, claims, &record);
		a->searches[n] = give(a, &record);
		a->searches_known[n] = true;
	}
	return a->searches[n];
}

static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

static const struct image *image_of(struct agent *a, uint32_t host, uint32_t day)
{
	const uint32_t number = world_host_image(a->world, host);
	const uint32_t level = world_image_level(a->world, number, day);
	struct image *m = &a->images[number];

	if (m->n > 0 && m->level == level)
		return m;
	if (!m->articles) {
		m->articles = must(calloc(WORLD_ARTICLES_MAX, sizeof(*m->articles)));
		m->digests = must(calloc(WORLD_ARTICLES_MAX, sizeof(*m->digests)));
	}
	m->level = level;
	m->n = world_image_articles(a->world, number, level, m->articles);
	for (size_t i = 0; i < m->n; i++) {
		learn(a, m->articles[i]);
		m->digests[i] = a->digests[m->articles[i]];
	}
	qsort(m->digests, m->n, sizeof(*m->digests), compare_digests);
	return m;
}

/* ---- reports ---- */

static void begin(struct agent *a)
{
	struct err e;
	double t = fleet_now();

	if (store_begin(a->store, WAIT_MS, &e, &a->batch) < 0)
		fleet_die("%s", e.text);
	a->in_store += fleet_now() - t;
	a->in_batch = 0;
}

static void commit(struct agent *a)
{
	struct err e;
	double t = fleet_now();

	if (store_commit(a->batch, &e) < 0)
		fleet_die("%s", e.text);
	a->in_store += fleet_now() - t;
	a->batch = NULL;
}

struct who {
	uint32_t host, programs;
	uint32_t searched; /* markers */
};

/* As a sweep of such a host says it: one in twenty could not read something. */
static struct store_coverage coverage_of(const struct who *who, size_t articles,
                                         char *json, size_t size)
{
	const uint32_t host = who->host;
	const unsigned unread = host % 20 == 7 ? 1 + host % 3 : 0;
	const uint64_t items = 90000 + articles * 37;
	int n = snprintf(json, size,
	                 "{\"complete\":%s,\"items\":%lu,\"bytes\":%lu,"
	                 "\"examined\":%lu,\"incomplete\":[%s]}",
	                 unread ? "false" : "true", items, items * 9000,
	                 items - unread,
	                 unread ? "{\"path\":\"/srv/a.zip\",\"why\":\"encrypted\"}" : "");

	return (struct store_coverage){
		.items = items, .examined = items - unread, .bytes = items * 9000,
		.incomplete = unread, .complete = unread == 0,
		.programs = who->programs, .deep = who->searched > 0,
		.json = slice_of(json, (size_t)n),
	};
}

/* The digests of all that a host has, in order, as an agent keeps them. */
static size_t digests_of(struct agent *a, const struct who *who,
                         const struct image *m, uint32_t day, struct digest *ret)
{
	static uint32_t tail[WORLD_ARTICLES_MAX];
	static struct digest own[WORLD_ARTICLES_MAX + 1];
	size_t n_tail = world_host_tail(a->world, who->host, day, tail);
	size_t n = 0, at = 0;

	for (size_t i = 0; i < n_tail; i++) {
		learn(a, tail[i]);
		own[i] = a->digests[tail[i]];
	}
	if (who->searched)
		own[n_tail++] = search_of(a, who->searched);
	qsort(own, n_tail, sizeof(*own), compare_digests);
	for (size_t i = 0; i < n_tail; i++) {
		while (at < m->n && compare_digests(&m->digests[at], &own[i]) < 0)
			ret[n++] = m->digests[at++];
		ret[n++] = own[i];
	}
	memcpy(ret + n, m->digests + at, (m->n - at) * sizeof(*ret));
	return n + m->n - at;
}

static void report(struct agent *a, uint32_t host, uint32_t day, uint32_t later)
{
	static struct digest digests[2 * WORLD_ARTICLES_MAX];
	char name[WORLD_NAME_SIZE], unit[WORLD_NAME_SIZE], json[256];
	const struct image *m = image_of(a, host, day);
	const struct who who = {
		.host = host, .programs = world_host_programs(a->world, host),
		.searched = world_host_searched(a->world, host, day, a->markers.n)};
	const size_t n = digests_of(a, &who, m, day, digests);
	const struct store_coverage coverage =
		coverage_of(&who, m->n, json, sizeof(json));
	const int64_t when = (int64_t)day * WORLD_DAY_SECONDS + later +
	                     FLEET_FIRST_DAY;
	struct err e;

	world_host_name(a->world, host, name, unit);
	const struct store_host known_as = {.name = slice_str(name),
	                                    .unit = slice_str(unit)};
	double t = fleet_now();
	int r = store_report(a->batch, &known_as, when, &coverage, digests, n, &e);
	a->in_store += fleet_now() - t;
	if (r < 0)
		fleet_die("%s: %s", name, e.text);
	a->reports++;
	a->changed += (uint64_t)r;
	a->articles += n;
}

static void expect(struct agent *a, uint32_t host)
{
	char name[WORLD_NAME_SIZE], unit[WORLD_NAME_SIZE];
	struct err e;

	world_host_name(a->world, host, name, unit);
	const struct store_host who = {.name = slice_str(name),
	                               .unit = slice_str(unit)};
	if (store_expect(a->batch, &who, &e) < 0)
		fleet_die("%s: %s", name, e.text);
}

/* Reports of [from, to) on a day; false when the time was up before the end. */
static bool report_all(struct agent *a, uint32_t day, uint32_t later, bool silent,
                       double end)
{
	const struct fleet_options *o = a->options;

	begin(a);
	for (uint32_t host = o->from; host < o->to; host++) {
		if (world_host_reports(a->world, host))
			report(a, host, day, later);
		else if (silent)
			expect(a, host);
		if (++a->in_batch < o->batch)
			continue;
		commit(a);
		if (end > 0 && fleet_now() > end && host + 1 < o->to)
			return false;
		begin(a);
	}
	commit(a);
	return true;
}

static void say(const struct agent *a, const char *what, uint32_t days,
                double seconds)
{
	const double n = (double)a->reports;
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	printf("%s: days %u reports %lu changed %lu articles %lu artefacts-given %lu "
	       "seconds %.2f per-second %.0f store-seconds %.2f store-per-second "
	       "%.0f cpu-seconds %.2f\n", what, days, a->reports, a->changed, a->articles, a->given,
	       seconds, n / seconds, a->in_store, n / a->in_store,
	       (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9);
}

/* ---- subcommands ---- */

static void fleet_load(const struct world *w, const struct fleet_options *o)
{
	struct agent a;
	double start = fleet_now();

	agent_init(&a, w, o);
	(void)report_all(&a, o->day, 0, true, 0);
	say(&a, "load", 1, fleet_now() - start);
	agent_finish(&a);
}

/* A day is done whole, so that the truth of that day holds. */
static void fleet_drift(const struct world *w, const struct fleet_options *o)
{
	struct agent a;
	double start = fleet_now();
	uint32_t done = 0;

	agent_init(&a, w, o);
	while (done < o->days) {
		done++;
		(void)report_all(&a, o->day + done, 0, false, 0);
		if (o->seconds && fleet_now() - start > o->seconds)
			break;
	}
	say(&a, "drift", done, fleet_now() - start);
	agent_finish(&a);
}

static void fleet_rereport(const struct world *w, const struct fleet_options *o)
{
	struct agent a;
	double start = fleet_now();

	agent_init(&a, w, o);
	(void)report_all(&a, o->day, DAY_AFTER, false,
	                 o->seconds ? start + o->seconds : 0);
	say(&a, "rereport", 1, fleet_now() - start);
	agent_finish(&a);
}

/* SHA-256 of the rest of a stream, in hex. */
static void digest_stream(FILE *f, char hex[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t block[65536], hash[32];
	EVP_MD_CTX *ctx = must(EVP_MD_CTX_new());
	size_t n;

	if (EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		fleet_die("no SHA-256");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		if (EVP_DigestUpdate(ctx, block, n) != 1)
			fleet_die("no SHA-256");
	if (ferror(f) || EVP_DigestFinal_ex(ctx, hash, NULL) != 1)
		fleet_die("reading an export: %s", strerror(errno));
	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; i < sizeof(hash); i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	hex[64] = 0;
}

static void say_counts(struct store *s)
{
	struct store_counts c;
	struct err e;

	if (store_counts(s, &c, &e) < 0)
		fleet_die("%s", e.text);
	printf("counts: hosts %lu expected %lu reports %lu artefacts %lu values %lu "
	       "manifests %lu\n", c.hosts, c.expected, c.reports, c.artefacts,
	       c.values, c.manifests);
}

/* Opened for writing, so that what a killed writer left is settled first. */
static void fleet_check(const struct fleet_options *o)
{
	struct store *s;
	struct str words = {0}, shown = {0};
	struct err e;
	char hex[65];
	FILE *f = must(tmpfile());

	if (store_open(o->store, 0, &e, &s) < 0)
		fleet_die("%s", e.text);
	int faults = store_check(s, &words, &e);
	if (faults < 0)
		fleet_die("checking: %s", e.text);
	if (faults > 0) {
		text_show(&shown, str_slice(&words));
		fleet_die("%d faults: %s", faults, shown.p ? shown.p : "");
	}
	say_counts(s);
	if (store_export(s, f, &e) < 0)
		fleet_die("exporting: %s", e.text);
	rewind(f);
	digest_stream(f, hex);
	printf("check: faults 0 export %s\n", hex);
	(void)fclose(f);
	str_finish(&words);
	store_close(s);
}

/* ---- command line ---- */

static uint32_t number(const char *word, const char *value, uint32_t most)
{
	uint64_t n;

	if (slice_number(slice_str(value), 10, &n) < 0 || n > most)
		fleet_die("--%s wants a number up to %u, not %s", word, most, value);
	return (uint32_t)n;
}

static void read_number(struct fleet_options *o, const char *name,
                        const char *value)
{
	const struct {
		const char *name;
		uint32_t *to, most;
	} all[] = {
		{"hosts", &o->hosts, HOSTS_MAX},    {"from", &o->from, HOSTS_MAX},
		{"to", &o->to, HOSTS_MAX},          {"day", &o->day, WORLD_DAYS_MAX - 1},
		{"days", &o->days, WORLD_DAYS_MAX}, {"batch", &o->batch, 1 << 20},
		{"seconds", &o->seconds, 86400},    {"rounds", &o->rounds, 1000},
		{"slim", &o->slim, WORLD_SLIM_MAX},
	};

	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (strcmp(all[i].name, name) == 0)
			*all[i].to = number(name, value, all[i].most);
}

static const struct option long_options[] = {
	{"store", required_argument, NULL, 's'}, {"seed", required_argument, NULL, 'S'},
	{"debar", required_argument, NULL, 'd'}, {"packs", required_argument, NULL, 'p'},
	{"shipped", required_argument, NULL, 'h'},
	{"hosts", required_argument, NULL, 0},   {"from", required_argument, NULL, 0},
	{"to", required_argument, NULL, 0},      {"day", required_argument, NULL, 0},
	{"days", required_argument, NULL, 0},    {"batch", required_argument, NULL, 0},
	{"seconds", required_argument, NULL, 0}, {"rounds", required_argument, NULL, 0},
	{"slim", required_argument, NULL, 0},
	{0},
};

static void read_options(int argc, char **argv, struct fleet_options *o)
{
	int c, which;

	while ((c = getopt_long(argc, argv, "", long_options, &which)) != -1) {
		if (c == '?')
			exit(1);
		if (c == 's')
			o->store = optarg;
		else if (c == 'd')
			o->debar = optarg;
		else if (c == 'p')
			o->packs = optarg;
		else if (c == 'h')
			o->shipped = optarg;
		else if (c == 'S')
			o->seed = number("seed", optarg, UINT32_MAX);
		else
			read_number(o, long_options[which].name, optarg);
	}
	if (optind != argc || !o->store)
		fleet_die("--store is wanted, and nothing but options");
	if (o->hosts == 0 || o->batch == 0 || o->slim == 0 ||
	    o->day + o->days >= WORLD_DAYS_MAX)
		fleet_die("hosts, batch and slim start at 1, the last day is %d",
		          WORLD_DAYS_MAX - 1);
	if (o->to == 0 || o->to > o->hosts)
		o->to = o->hosts;
}

int main(int argc, char **argv)
{
	struct fleet_options o = {.seed = 1, .hosts = 1000, .slim = 1, .batch = BATCH,
	                          .rounds = 5};
	struct world w;

	if (argc < 2)
		fleet_die("a subcommand is wanted: load, drift, rereport, ask, check");
	read_options(argc - 1, argv + 1, &o);
	world_init(&w, o.seed, o.hosts, o.slim);
	if (strcmp(argv[1], "load") == 0)
		fleet_load(&w, &o);
	else if (strcmp(argv[1], "drift") == 0)
		fleet_drift(&w, &o);
	else if (strcmp(argv[1], "rereport") == 0)
		fleet_rereport(&w, &o);
	else if (strcmp(argv[1], "ask") == 0)
		fleet_ask(&w, &o);
	else if (strcmp(argv[1], "check") == 0)
		fleet_check(&o);
	else
		fleet_die("no subcommand %s", argv[1]);
	return fflush(stdout) == 0 ? 0 : 1;
}
