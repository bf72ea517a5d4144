/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions put to small inventories that are filled through the store, with
 * an invented maker (tests/data/map/pack.yaml).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "map/map.h"

enum { HOLDS_MAX = 16, DAY = 86400, FIRST_DAY = 20000 * DAY };

static struct pack *pack;
static struct matcher *matcher;
static const struct order *orders[8];

/* ---- an inventory ------------------------------------------------------ */

struct inventory {
	char folder[32], path[64];
	struct store *store;
	struct store_batch *batch;
};

static int read_pack(void **)
{
	static const char *const places[] = {TEST_DATA "/map"};
	struct pack_problems problems = {0};
	struct err e = {0};

	if (pack_load(places, 1, &e, &problems, &pack) < 0)
		fail_msg("%s %s", e.text, problems.n ? problems.list[0].words : "");
	pack_problems_finish(&problems);
	assert_int_equal(matcher_new(pack, NULL, &e, &matcher), 0);
	for (size_t i = 0; i < pack->n_orders; i++)
		orders[i] = &pack->orders[i];
	return 0;
}

static int drop_pack(void **)
{
	matcher_free(matcher);
	pack_free(pack);
	return 0;
}

static int make_inventory(void **state)
{
	struct inventory *v = calloc(1, sizeof(*v));
	struct err e = {0};

	memcpy(v->folder, "/tmp/debar-test-map-XXXXXX", 27);
	assert_non_null(mkdtemp(v->folder));
	(void)snprintf(v->path, sizeof(v->path), "%s/i.db", v->folder);
	if (store_open(v->path, STORE_CREATE, &e, &v->store) < 0)
		fail_msg("%s", e.text);
	if (store_begin(v->store, 0, &e, &v->batch) < 0)
		fail_msg("%s", e.text);
	*state = v;
	return 0;
}

static int drop_inventory(void **state)
{
	struct inventory *v = *state;
	char path[400];
	struct dirent *entry;

	if (v->batch)
		store_cancel(v->batch);
	store_close(v->store);
	DIR *dir = opendir(v->folder);
	while (dir && (entry = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "%s/%s", v->folder, entry->d_name);
		(void)unlink(path);
	}
	if (dir)
		(void)closedir(dir);
	(void)rmdir(v->folder);
	free(v);
	return 0;
}

/* What a host may hold: a record of one or two claims, and where it lies. */
struct thing {
	enum scope scope;
	enum state state;
	const char *ecosystem, *name, *version;
	enum attr attr;
	const char *value;
	const char *owner; /* of the item, or NULL */
	const char *path;
};

#define PACKAGE(n, v, vendor) \
	{SCOPE_PACKAGE, STATE_INSTALLED, "deb", n, v, ATTR_PACKAGE_VENDOR, vendor, \
	 NULL, "/var/lib/dpkg/status"}

static const struct thing
	exs1 = PACKAGE("exs", "1.0", "Examplesoft GmbH"),
	exs2 = PACKAGE("exs", "2.0", "Examplesoft GmbH"),
	lookalike = PACKAGE("exs-lookalike", "1.0", "Examplesoft GmbH"),
	other = PACKAGE("ow", "7", "Otherware Ltd"),
	innocent = PACKAGE("bash", "5.2", "Debian"),
	user = {SCOPE_SETUP, STATE_INSTALLED, "", "", "", ATTR_USER_NAME, "exs", NULL,
	        "/etc/passwd"},
	library = {SCOPE_ITEM, STATE_INSTALLED, "", "", "", ATTR_ELF_SONAME,
	           "libexamplesoft.so.1", NULL, "/usr/lib/libexamplesoft.so.1"},
	embedded = {SCOPE_ITEM, STATE_INSTALLED, "", "", "", ATTR_ELF_SONAME,
	            "libexamplesoft.so.1", "deb\tbigtool\t3\tBigtool Inc",
	            "/opt/bigtool/libexamplesoft.so.1"};

static struct digest put_thing(struct inventory *v, const struct thing *t)
{
	struct claim claims[3] = {{.attr = t->attr, .value = slice_str(t->value)}};
	struct record record = {
		.scope = t->scope, .state = t->state, .ecosystem = t->ecosystem,
		.name = slice_str(t->name), .version = slice_str(t->version),
		.claims = claims, .n_claims = 1,
	};
	struct err e = {0};

	if (t->scope == SCOPE_PACKAGE)
		claims[record.n_claims++] = (struct claim){
			.attr = ATTR_PACKAGE_NAME, .value = record.name};
	else if (t->owner)
		claims[record.n_claims++] = (struct claim){
			.attr = ATTR_PACKAGE_OWNER, .value = slice_str(t->owner)};
	claims[record.n_claims++] =
		(struct claim){.attr = ATTR_PATH, .value = slice_str(t->path)};
	struct digest digest = store_digest(&record);
	if (!store_has(v->batch, &digest) &&
	    store_artefact(v->batch, &digest, &record, &e) < 0)
		fail_msg("%s", e.text);
	return digest;
}

static void report_with(struct inventory *v, const char *name, const char *unit,
                        int64_t time, const struct store_coverage *coverage,
                        const struct thing *const *things)
{
	struct store_host host = {.name = slice_str(name), .unit = slice_str(unit)};
	struct digest digests[HOLDS_MAX];
	size_t n = 0;
	struct err e = {0};

	for (; things[n]; n++)
		digests[n] = put_thing(v, things[n]);
	if (store_report(v->batch, &host, time, coverage, digests, n, &e) < 0)
		fail_msg("%s", e.text);
}

#define HOLDS(...) ((const struct thing *const[]){__VA_ARGS__ __VA_OPT__(,) NULL})

/* A host that was fully examined on the first day. */
static void report_of(struct inventory *v, const char *name, const char *unit,
                      const struct thing *const *things)
{
	const struct store_coverage coverage = {
		.items = 100, .examined = 100, .complete = true};

	report_with(v, name, unit, FIRST_DAY, &coverage, things);
}

static void expect_host(struct inventory *v, const char *name, const char *unit)
{
	struct store_host host = {.name = slice_str(name), .unit = slice_str(unit)};
	struct err e = {0};

	assert_int_equal(store_expect(v->batch, &host, &e), 0);
}

/* ---- a question -------------------------------------------------------- */

static struct map *ask_with(struct inventory *v, struct map_args args)
{
	static struct law_context law;

	law = (struct law_context){.pack = pack, .as_of = day_of(2026, 11, 21)};
	args.law = &law;
	struct map *map = NULL;
	struct err e = {0};

	if (v->batch && store_commit(v->batch, &e) < 0)
		fail_msg("%s", e.text);
	v->batch = NULL;
	args.store = v->store;
	args.pack = pack;
	args.matcher = matcher;
	if (!args.orders) {
		args.orders = orders;
		args.n_orders = pack->n_orders;
	}
	if (map_run(&args, &e, &map) < 0)
		fail_msg("%s", e.text);
	return map;
}

static struct map *ask(struct inventory *v)
{
	return ask_with(v, (struct map_args){0});
}

static const struct map_article *article(const struct map *map, const char *name,
                                         const char *version)
{
	const struct map_report *r = map_report(map);

	for (size_t i = 0; i < r->n_articles; i++) {
		const struct finding *f = r->articles[i].cases->finding;
		if (slice_eq(f->name, slice_str(name)) &&
		    slice_eq(f->version, slice_str(version)))
			return &r->articles[i];
	}
	return NULL;
}

static void assert_tally(struct map_tally t, uint64_t covered, uint64_t review,
                         uint64_t excluded)
{
	assert_int_equal(t.hosts[MAP_COVERED], covered);
	assert_int_equal(t.hosts[MAP_REVIEW], review);
	assert_int_equal(t.hosts[MAP_EXCLUDED], excluded);
}

static const struct map_unit *unit_of(const struct map *map, const char *path)
{
	const struct map_report *r = map_report(map);

	for (size_t i = 0; i < r->n_units; i++)
		if (slice_eq(r->units[i].path, slice_str(path)))
			return &r->units[i];
	fail_msg("no unit %s", path);
	return NULL;
}

/* ---- tests ------------------------------------------------------------- */

static void an_empty_inventory_knows_nothing_and_says_so(void **state)
{
	struct map *map = ask(*state);
	const struct map_report *r = map_report(map);

	assert_int_equal(r->n_articles, 0);
	assert_int_equal(r->coverage.reported, 0);
	assert_false(r->coverage.complete);
	map_free(map);
}

static void hosts_are_counted_once_however_much_they_hold(void **state)
{
	struct inventory *v = *state;

	report_of(v, "a", "", HOLDS(&exs1, &exs2, &other, &innocent));
	report_of(v, "b", "", HOLDS(&exs1, &innocent));
	report_of(v, "c", "", HOLDS(&innocent));
	struct map *map = ask(v);
	const struct map_report *r = map_report(map);

	assert_tally(r->total, 2, 0, 0);
	assert_int_equal(r->coverage.reported, 3);
	assert_int_equal(r->n_articles, 3);
	assert_tally(article(map, "exs", "1.0")->tally, 2, 0, 0);
	assert_tally(article(map, "exs", "2.0")->tally, 1, 0, 0);
	assert_tally(r->by_order[0].tally, 2, 0, 0);
	assert_tally(r->by_order[1].tally, 2, 0, 0);
	assert_true(r->coverage.complete);
	map_free(map);
}

static void no_host_is_judged_by_what_another_one_holds(void **state)
{
	struct inventory *v = *state;

	report_of(v, "both", "", HOLDS(&exs1, &user));
	report_of(v, "left-over", "", HOLDS(&user));
	report_of(v, "package", "", HOLDS(&exs1));
	struct map *map = ask(v);
	const struct map_report *r = map_report(map);

	assert_tally(r->total, 2, 1, 0);
	assert_int_equal(r->n_articles, 2);
	const struct map_article *installed = article(map, "exs", "1.0");
	const struct map_article *residue = article(map, "exs", "");
	assert_non_null(installed);
	assert_non_null(residue);
	assert_int_equal(installed->n_cases, 1);
	assert_int_equal(installed->cases->finding->state, STATE_INSTALLED);
	assert_int_equal(installed->cases->hosts, 2);
	assert_int_equal(residue->cases->finding->state, STATE_RESIDUE);
	assert_int_equal(residue->cases->finding->strength, STRENGTH_WEAK);
	assert_int_equal(residue->cases->hosts, 1);
	map_free(map);
}

static void a_mark_is_tested_with_its_conditions(void **state)
{
	struct inventory *v = *state;

	report_of(v, "a", "", HOLDS(&lookalike));
	struct map *map = ask(v);

	assert_int_equal(map_report(map)->n_articles, 0);
	map_free(map);
}

static void code_in_anothers_product_is_in_part_there_only(void **state)
{
	struct inventory *v = *state;

	report_of(v, "a", "", HOLDS(&embedded));
	report_of(v, "b", "", HOLDS(&library));
	struct map *map = ask_with(v, (struct map_args){.orders = orders,
	                                                .n_orders = 1});
	const struct map_report *r = map_report(map);

	assert_tally(r->total, 1, 0, 1);
	const struct map_article *bigtool = article(map, "bigtool", "3");
	assert_non_null(bigtool);
	assert_int_equal(bigtool->cases->finding->basis, BASIS_IN_PART);
	assert_int_equal(bigtool->cases->word, MAP_EXCLUDED);
	map_free(map);
}

static void what_is_not_known_is_said(void **state)
{
	struct inventory *v = *state;
	const struct store_coverage half = {
		.items = 100, .examined = 93, .incomplete = 7, .deep = true};

	report_of(v, "a", "", HOLDS(&innocent));
	report_with(v, "b", "", FIRST_DAY + DAY, &half, HOLDS(&innocent));
	expect_host(v, "c", "");
	struct map *map = ask(v);
	const struct map_coverage *c = &map_report(map)->coverage;

	assert_false(c->complete);
	assert_int_equal(c->reported, 2);
	assert_int_equal(c->never, 1);
	assert_int_equal(c->incomplete, 1);
	assert_int_equal(c->not_examined, 7);
	assert_int_equal(c->deep, 1);
	assert_string_equal(c->oldest, "2024-10-04T00:00:00Z");
	assert_string_equal(c->newest, "2024-10-05T00:00:00Z");
	map_free(map);
}

/* Writes down the hosts it is given: name, word, number of articles. */
static int note_host(void *ctx, const struct map_host *h)
{
	struct str *out = ctx;

	str_printf(out, "%.*s %s %zu%s", SLICE_ARG(h->name),
	           map_word_name(h->word), h->n_cases,
	           h->last_seen ? h->complete ? "" : " half" : " never");
	if (h->search_again)
		str_printf(out, " again %lu", h->programs);
	str_putc(out, '\n');
	return 0;
}

/* A host with so many programs, all searched for a marker unless it is NULL. */
static void report_searched(struct inventory *v, const char *name, int64_t time,
                            uint64_t programs, const char *marker)
{
	const struct store_coverage coverage = {
		.items = 100, .examined = 100, .complete = true,
		.programs = programs, .deep = marker != NULL};
	const struct thing search = {SCOPE_SETUP, STATE_INSTALLED, "", "searched", "",
	                             ATTR_SEARCH_MARKER, marker, NULL, "/"};

	report_with(v, name, "", time, &coverage,
	            marker ? HOLDS(&innocent, &search) : HOLDS(&innocent));
}

static const char *marker_of(const char *id)
{
	static char digest[33];

	assert_int_equal(pack_marker_digest(pack_mark(pack, id), digest), 1);
	return digest;
}

static void hosts_not_searched_for_a_byte_mark_remain(void **state)
{
	static const char other_marker[] = "00000000000000000000000000000000";
	struct inventory *v = *state;
	struct str out = {0};

	report_searched(v, "never searched", FIRST_DAY, 30, NULL);
	report_searched(v, "for another", FIRST_DAY, 500, other_marker);
	report_searched(v, "for this", FIRST_DAY, 7000,
	                marker_of("examplesoft/bytes"));
	report_searched(v, "no programs", FIRST_DAY, 0, NULL);
	expect_host(v, "silent", "");
	struct map *map = ask_with(v, (struct map_args){.by = MAP_BY_HOST});
	const struct map_report *r = map_report(map);
	const struct map_remainder *rest = &r->remainder;

	assert_int_equal(rest->n_marks, 1);
	assert_string_equal(rest->marks[0].mark->id, "examplesoft/bytes");
	assert_int_equal(rest->marks[0].hosts, 2);
	assert_int_equal(rest->hosts, 2);
	assert_int_equal(rest->programs, 530);
	assert_true(rest->exact);
	assert_false(r->coverage.complete);
	assert_int_equal(r->each_host(r, note_host, &out), 0);
	assert_string_equal(out.p, "never searched none 0 again 30\n"
	                           "for another none 0 again 500\n"
	                           "silent none 0 never\n");
	str_finish(&out);
	map_free(map);
}

static void what_remained_on_a_day_is_known(void **state)
{
	struct inventory *v = *state;

	report_searched(v, "a", FIRST_DAY, 30, NULL);
	report_searched(v, "a", FIRST_DAY + 9 * DAY, 40,
	                marker_of("examplesoft/bytes"));
	struct map *map = ask(v);
	assert_int_equal(map_report(map)->remainder.hosts, 0);
	assert_true(map_report(map)->remainder.exact);
	assert_true(map_report(map)->coverage.complete);
	map_free(map);
	map = ask_with(v, (struct map_args){.as_of = FIRST_DAY + DAY});
	assert_int_equal(map_report(map)->remainder.hosts, 1);
	assert_int_equal(map_report(map)->remainder.programs, 40);
	assert_false(map_report(map)->remainder.exact);
	map_free(map);
}

static void only_the_entities_asked_for_count(void **state)
{
	struct inventory *v = *state;
	bool wanted[2] = {false, true};

	report_of(v, "a", "", HOLDS(&exs1, &other));
	report_of(v, "b", "", HOLDS(&exs1));
	report_searched(v, "c", FIRST_DAY, 9, NULL);
	struct map *map = ask_with(v, (struct map_args){.entities = wanted});
	const struct map_report *r = map_report(map);

	assert_int_equal(r->n_articles, 1);
	assert_tally(r->total, 1, 0, 0);
	assert_int_equal(r->remainder.n_marks, 0);
	assert_true(r->coverage.complete);
	map_free(map);
}

static void units_roll_up(void **state)
{
	struct inventory *v = *state;

	report_of(v, "a", "treasury/irs/it", HOLDS(&exs1));
	report_of(v, "b", "treasury/irs", HOLDS(&exs1));
	report_of(v, "c", "treasury-office", HOLDS(&user));
	report_of(v, "d", "treasury/mint", HOLDS(&innocent));
	report_of(v, "e", "", HOLDS(&exs1));
	expect_host(v, "f", "treasury/irs/it");
	struct map *map = ask(v);
	const struct map_unit *treasury = unit_of(map, "treasury");

	assert_tally(treasury->tally, 2, 0, 0);
	assert_int_equal(treasury->reported, 3);
	assert_int_equal(treasury->never, 1);
	assert_tally(unit_of(map, "treasury/irs")->tally, 2, 0, 0);
	assert_tally(unit_of(map, "treasury/irs/it")->tally, 1, 0, 0);
	assert_tally(unit_of(map, "treasury/mint")->tally, 0, 0, 0);
	assert_tally(unit_of(map, "treasury-office")->tally, 0, 1, 0);
	assert_tally(unit_of(map, "")->tally, 1, 0, 0);
	assert_true(treasury < unit_of(map, "treasury/irs"));
	map_free(map);
}

static void label_host(struct inventory *v, const char *name, const char *labels)
{
	struct store_host host = {.name = slice_str(name),
	                          .labels = slice_str(labels)};
	struct err e = {0};

	assert_int_equal(store_expect(v->batch, &host, &e), 0);
}

static void an_answer_may_be_about_some_hosts_only(void **state)
{
	static const struct {
		struct map_where where[3];
		size_t n;
		uint64_t reported, never, covered, again;
	} cases[] = {
		{{{SLICE("unit"), SLICE("treasury")}}, 1, 2, 1, 1, 1},
		{{{SLICE("unit"), SLICE("/treasury/irs/")}}, 1, 2, 0, 1, 1},
		{{{SLICE("unit"), SLICE("treas")}}, 1, 0, 0, 0, 0},
		{{{SLICE("unit"), SLICE("")}}, 1, 1, 0, 1, 0},
		{{{SLICE("site"), SLICE("Bonn")}}, 1, 2, 0, 2, 0},
		{{{SLICE("site"), SLICE("bonn")}}, 1, 0, 0, 0, 0},
		{{{SLICE("site"), SLICE("Bonn")}, {SLICE("site"), SLICE("Ulm")}}, 2,
		 2, 1, 2, 0},
		{{{SLICE("site"), SLICE("Bonn")}, {SLICE("unit"), SLICE("treasury")}}, 2,
		 1, 0, 1, 0},
		{{{SLICE("site"), SLICE("Bonn")}, {SLICE("tier"), SLICE("1")}}, 2,
		 1, 0, 1, 0},
		{{{SLICE("no"), SLICE("such")}}, 1, 0, 0, 0, 0},
		{{{SLICE("host"), SLICE("a")}}, 1, 1, 0, 1, 0},
		{{{SLICE("host"), SLICE("a")}, {SLICE("host"), SLICE("b")}}, 2,
		 2, 0, 1, 1},
		{{{SLICE("host"), SLICE("a")}, {SLICE("unit"), SLICE("")}}, 2, 0, 0, 0, 0},
		{{{SLICE("host"), SLICE("nobody")}}, 1, 0, 0, 0, 0},
	};
	const struct store_coverage whole = {
		.items = 1, .examined = 1, .complete = true, .programs = 5};
	struct inventory *v = *state;

	report_of(v, "a", "treasury/irs", HOLDS(&exs1));
	report_with(v, "b", "treasury/irs", FIRST_DAY, &whole, HOLDS(&innocent));
	report_of(v, "c", "treasury-office", HOLDS(&exs1));
	report_of(v, "d", "", HOLDS(&exs1));
	expect_host(v, "e", "treasury");
	label_host(v, "a", "{\"site\": \"Bonn\", \"tier\": \"1\"}");
	label_host(v, "d", "{\"site\": \"Bonn\"}");
	label_host(v, "e", "{\"site\": \"Ulm\", \"floor\": 3}");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct map *map = ask_with(v, (struct map_args){
			.where = cases[i].where, .n_where = cases[i].n});
		const struct map_report *r = map_report(map);
		if (r->coverage.reported != cases[i].reported ||
		    r->coverage.never != cases[i].never ||
		    r->total.hosts[MAP_COVERED] != cases[i].covered ||
		    r->remainder.hosts != cases[i].again ||
		    r->n_articles != (cases[i].covered > 0))
			fail_msg("case %zu: %lu reported, %lu never, %lu covered, %lu "
			         "again, %zu articles", i, r->coverage.reported,
			         r->coverage.never, r->total.hosts[MAP_COVERED],
			         r->remainder.hosts, r->n_articles);
		assert_true(cases[i].reported + cases[i].never > 0 ||
		            r->n_units == 0);
		map_free(map);
	}
}

static void groups_count_what_was_asked(void **state)
{
	struct inventory *v = *state;

	report_of(v, "a", "north", HOLDS(&exs1, &exs2));
	report_of(v, "b", "south", HOLDS(&exs1, &other));
	report_of(v, "c", "south", HOLDS(&user));
	struct map *map = ask_with(v, (struct map_args){
		.by = MAP_BY_UNIT | MAP_BY_STATE});
	const struct map_report *r = map_report(map);

	assert_int_equal(r->n_groups, 3);
	assert_int_equal(r->groups[0].state, STATE_INSTALLED);
	assert_tally(r->groups[0].tally, 1, 0, 0);
	assert_int_equal(r->groups[2].state, STATE_RESIDUE);
	assert_true(slice_eq(r->groups[2].unit, SLICE("south")));
	assert_tally(r->groups[2].tally, 0, 1, 0);
	assert_null(r->each_host);
	map_free(map);
	map = ask_with(v, (struct map_args){.by = MAP_BY_ORDER});
	r = map_report(map);
	assert_int_equal(r->n_groups, 2);
	assert_ptr_equal(r->groups[1].order, orders[1]);
	assert_tally(r->groups[1].tally, 2, 1, 0);
	map_free(map);
}

static void hosts_are_listed_when_something_is_to_be_said(void **state)
{
	struct inventory *v = *state;
	const struct store_coverage half = {.items = 2, .examined = 1,
	                                    .incomplete = 1};
	struct str out = {0};

	report_of(v, "a", "", HOLDS(&exs1, &other));
	report_of(v, "b", "", HOLDS(&innocent));
	expect_host(v, "c", "");
	report_with(v, "d", "", FIRST_DAY, &half, HOLDS(&user));
	report_with(v, "e", "", FIRST_DAY, &half, HOLDS(&innocent));
	struct map *map = ask_with(v, (struct map_args){.by = MAP_BY_HOST});
	const struct map_report *r = map_report(map);

	assert_int_equal(r->each_host(r, note_host, &out), 0);
	assert_string_equal(out.p, "a covered 2\nc none 0 never\nd review 1 half\n"
	                           "e none 0 half\n");
	str_finish(&out);
	map_free(map);
}

static void an_answer_can_be_given_as_of_a_day(void **state)
{
	struct inventory *v = *state;
	const struct store_coverage coverage = {
		.items = 1, .examined = 1, .complete = true};

	report_of(v, "a", "", HOLDS(&exs1));
	report_with(v, "b", "", FIRST_DAY + 5 * DAY, &coverage, HOLDS(&exs1));
	struct map *map = ask_with(v, (struct map_args){.as_of = FIRST_DAY + DAY});
	const struct map_report *r = map_report(map);

	assert_tally(r->total, 1, 0, 0);
	assert_int_equal(r->coverage.reported, 1);
	assert_int_equal(r->coverage.never, 1);
	assert_string_equal(r->as_of, "2024-10-05T00:00:00Z");
	map_free(map);
}

/* Ten versions of a package, and a host for each choice of them. */
static void hosts_that_all_differ_are_still_judged_one_by_one(void **state)
{
	enum { VERSIONS = 10, HOSTS = 1 << VERSIONS };
	struct inventory *v = *state;
	static char versions[VERSIONS][12];
	static struct thing things[VERSIONS];
	char name[16];

	for (int i = 0; i < VERSIONS; i++) {
		(void)snprintf(versions[i], sizeof(versions[i]), "%d", i);
		things[i] = exs1;
		things[i].version = versions[i];
	}
	for (int host = 0; host < HOSTS; host++) {
		const struct thing *holds[HOLDS_MAX] = {0};
		size_t n = 0;
		for (int i = 0; i < VERSIONS; i++)
			if (host >> i & 1)
				holds[n++] = &things[i];
		(void)snprintf(name, sizeof(name), "host%d", host);
		report_of(v, name, "", holds);
	}
	struct map *map = ask(v);

	assert_tally(map_report(map)->total, HOSTS - 1, 0, 0);
	assert_int_equal(map_report(map)->n_articles, VERSIONS);
	for (int i = 0; i < VERSIONS; i++)
		assert_tally(article(map, "exs", versions[i])->tally, HOSTS / 2, 0, 0);
	map_free(map);
}

static void a_value_gives_the_marks_that_it_may_fire(void **)
{
	struct arena mem;
	uint32_t *marks;
	size_t n;

	arena_init(&mem, 0);
	assert_int_equal(match_value(matcher, ATTR_PACKAGE_VENDOR,
	                             SLICE("EXAMPLESOFT GMBH"), &mem, &marks, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(pack->marks[marks[0]].id, "examplesoft/vendor");
	arena_reset(&mem);
	assert_int_equal(match_value(matcher, ATTR_PACKAGE_NAME,
	                             SLICE("exs-lookalike"), &mem, &marks, &n), 0);
	assert_int_equal(n, 0);
	assert_null(marks);
	assert_int_equal(mem.used_bytes, 0);
	arena_finish(&mem);
}

int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, make_inventory, drop_inventory)
	const struct CMUnitTest tests[] = {
		WITH(an_empty_inventory_knows_nothing_and_says_so),
		WITH(hosts_are_counted_once_however_much_they_hold),
		WITH(no_host_is_judged_by_what_another_one_holds),
		WITH(a_mark_is_tested_with_its_conditions),
		WITH(code_in_anothers_product_is_in_part_there_only),
		WITH(what_is_not_known_is_said),
		WITH(hosts_not_searched_for_a_byte_mark_remain),
		WITH(what_remained_on_a_day_is_known),
		WITH(only_the_entities_asked_for_count),
		WITH(units_roll_up),
		WITH(an_answer_may_be_about_some_hosts_only),
		WITH(groups_count_what_was_asked),
		WITH(hosts_are_listed_when_something_is_to_be_said),
		WITH(an_answer_can_be_given_as_of_a_day),
		WITH(hosts_that_all_differ_are_still_judged_one_by_one),
		cmocka_unit_test(a_value_gives_the_marks_that_it_may_fire),
	};

	return cmocka_run_group_tests(tests, read_pack, drop_pack);
}
