/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writers of map's answer, on answers that are made by hand: the words and
 * the form, and what must not come out when names are hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/map_report.h"

extern char **environ;

enum { EXIT_NO_VALIDATOR = 77, CSV_COLUMNS = 19 };

static const char validator[] = TEST_DATA "/../../tools/validate-findings";

static struct entity entities[] = {{.id = "examplesoft", .name = "Examplesoft GmbH"}};
static struct mark vendor = {.id = "examplesoft/vendor", .source = "test"};
static const struct map_marker marks[] = {{&vendor, 1200}};
static const struct map_where where[] = {
	{{(const uint8_t *)"unit", 4}, {(const uint8_t *)"a/b", 3}},
	{{(const uint8_t *)"\xff", 1}, {(const uint8_t *)"\x1b[2J", 4}},
};
static struct pack pack = {.entities = entities, .n_entities = 1};
static const struct order order = {.id = "us-bod-17-01", .title = "A directive"};
static const struct order *const orders[] = {&order};
static struct verdict verdicts[] = {{&order, VERDICT_COVERED, "it is named"}};

/* Every way of a name to do harm that we know of. */
static const char *const hostile[] = {
	"new\nline", "\033[31mred\033[2J", "\xff\xfe invalid", "-rf", "=cmd()", "+1",
	"@SUM(A1)", "\t=1", "\r=1", "\xef\xbc\x9d""1", "\xc2\x9b""31m",
	"\xe2\x80\xae""gpj.exe", "\"quoted\", with comma", "back\\slash", "del\x7f",
	" leading and trailing ", "", "кириллица",
};

enum { N = COUNT_OF(hostile) };

static struct evidence evidence[N];
static struct finding findings[N];
static struct map_case cases[N];
static struct map_article articles[N];
static struct map_unit units[N];
static struct map_group groups[N];
static struct map_order by_order[] = {
	{&order, {.hosts = {[MAP_COVERED] = 12, [MAP_REVIEW] = 5}}}};

static int make_things(void **)
{
	memset(pack.sha256, 'a', 64);
	for (size_t i = 0; i < N; i++) {
		struct slice s = slice_str(hostile[i]);
		evidence[i] = (struct evidence){
			.attr = ATTR_PACKAGE_VENDOR, .value = s, .path = s,
			.member = s, .mark = &vendor, .state = STATE_INSTALLED,
			.strength = STRENGTH_STRONG, .basis = BASIS_DEVELOPED};
		findings[i] = (struct finding){
			.id = "0123456789abcdef0123456789abcdef",
			.entity = &entities[0], .ecosystem = "deb", .name = s,
			.version = s, .state = STATE_INSTALLED,
			.basis = BASIS_DEVELOPED, .strength = STRENGTH_STRONG,
			.evidence = &evidence[i], .n_evidence = 1,
			.verdicts = verdicts, .n_verdicts = 1};
		cases[i] = (struct map_case){&findings[i], MAP_COVERED, 12};
		articles[i] = (struct map_article){
			&cases[i], 1, {.hosts = {[MAP_COVERED] = 12}}};
		units[i] = (struct map_unit){
			.path = s, .reported = 100, .never = 2,
			.tally = {.hosts = {[MAP_COVERED] = 3}}};
		groups[i] = (struct map_group){
			.article = &findings[i], .order = &order,
			.state = STATE_INSTALLED, .unit = s,
			.tally = {.hosts = {[MAP_COVERED] = 3}}};
	}
	return 0;
}

/* What sweeps keep, and what an inventory from elsewhere may hold instead. */
static const char *const coverages[] = {
	"",
	"{\"incomplete\": [{\"path\": \"/srv/a.zip\", \"member\": [\"in\\u001bside\"],"
	" \"why\": \"encrypted\"}]}",
	"{\"incomplete\": [{\"path\": 7, \"why\": null}, 5, []]}",
	"[\"incomplete\"]",
	"{\"incomplete\": {}",
};

static int each_host(const struct map_report *r,
                     int (*fn)(void *ctx, const struct map_host *host), void *ctx)
{
	(void)r;
	for (size_t i = 0; i < N; i++) {
		struct slice s = slice_str(hostile[i]);
		const struct map_case *held[] = {&cases[i]};
		const struct map_host host = {
			.name = s, .unit = s, .labels = s,
			.first_seen = i % 2 ? "2026-10-01T00:00:00Z" : NULL,
			.last_seen = i % 2 ? "2026-11-21T22:00:00Z" : NULL,
			.coverage = slice_str(coverages[i % COUNT_OF(coverages)]),
			.programs = i, .search_again = i % 2,
			.word = i % 2 ? MAP_COVERED : MAP_NONE,
			.cases = held, .n_cases = i % 2,
		};
		int rc = fn(ctx, &host);
		if (rc)
			return rc;
	}
	return 0;
}

static int failing_hosts(const struct map_report *,
                         int (*)(void *ctx, const struct map_host *host), void *)
{
	return -EIO;
}

/* None found and everything known. */
static struct map_report clean(void)
{
	return (struct map_report){
		.version = "0.1.0", .store = "/var/lib/debar/inventory.db",
		.pack = &pack, .orders = orders, .n_orders = 1,
		.by_order = by_order,
		.coverage = {.complete = true, .reported = 1204,
		             .oldest = "2026-10-01T00:00:00Z",
		             .newest = "2026-11-21T22:00:00Z"},
		.remainder = {.exact = true},
		.values = 41234, .artefacts = 17, .seconds = 0.25,
	};
}

static struct map_report full(void)
{
	struct map_report r = clean();

	r.where = where;
	r.n_where = COUNT_OF(where);
	r.by = MAP_BY_ARTICLE | MAP_BY_ORDER | MAP_BY_STATE | MAP_BY_UNIT;
	r.total = by_order[0].tally;
	r.total.hosts[MAP_EXCLUDED] = 3;
	r.units = units;
	r.articles = articles;
	r.groups = groups;
	r.n_units = r.n_articles = r.n_groups = N;
	r.coverage.complete = false;
	r.coverage.never = 46;
	r.coverage.incomplete = 3;
	r.coverage.not_examined = 12;
	r.remainder = (struct map_remainder){
		.marks = marks, .n_marks = 1, .programs = 5000, .hosts = 1200};
	return r;
}

static const struct report_style plain = {0};

static char *written(const struct map_report *r, const char *form,
                     const struct report_style *style)
{
	const struct map_form *f = map_form(form);
	char *text = NULL;
	size_t n;

	assert_non_null(f);
	FILE *out = open_memstream(&text, &n);
	assert_non_null(out);
	assert_int_equal(f->write(r, style, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is missing in:\n%s", part, text);
}

static const char *const names[] = {"text", "json", "jsonl", "csv"};

static void forms_are_found_by_name(void **)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_string_equal(map_form(names[i])->name, names[i]);
	assert_null(map_form("sarif"));
}

static void assert_harmless(const char *text, const char *form)
{
	bool csv = strcmp(form, "csv") == 0;

	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '\n' || (csv && c == '\r' && p[1] == '\n'))
			continue;
		if (c < 0x20 || c == 0x7f || c == 0xff || c == 0xfe ||
		    (c == 0xc2 && ((unsigned char)p[1] & 0xe0) == 0x80))
			fail_msg("%s: byte %02x: %.80s", form, c, p);
	}
}

static void no_control_byte_leaves_any_form(void **)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct map_report r = full();
		char *text = written(&r, names[i], &plain);
		assert_harmless(text, names[i]);
		free(text);
		r.each_host = each_host;
		text = written(&r, names[i], &plain);
		assert_harmless(text, names[i]);
		free(text);
	}
}

/* ---- JSON ---- */

/* Exit status of the schema checker on this text. */
static int validate(const char *text, bool lines)
{
	char name[] = "/tmp/debar-test-map-report-XXXXXX";
	char call[sizeof(validator)], map[] = "--map", option[] = "--jsonl";
	int status = -1;
	pid_t pid;

	memcpy(call, validator, sizeof(validator));
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	char *argv[] = {call, map, name, lines ? option : NULL, NULL};
	if (posix_spawn(&pid, call, NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	unlink(name);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_schema(const struct map_report *r)
{
	for (int lines = 0; lines < 2; lines++) {
		char *text = written(r, lines ? "jsonl" : "json", &plain);
		int status = validate(text, lines);
		free(text);
		if (status == EXIT_NO_VALIDATOR)
			skip();
		assert_int_equal(status, 0);
	}
}

static void json_keeps_the_schema(void **)
{
	struct map_report r = clean();

	check_schema(&r);
	r.store = "/srv/\xff.db";
	r.as_of = "2026-11-21T23:59:59Z";
	r.where = where;
	r.n_where = COUNT_OF(where);
	check_schema(&r);
	r = full();
	check_schema(&r);
	r.each_host = each_host;
	check_schema(&r);
	r.limit = 3;
	check_schema(&r);
}

static void the_schema_refuses_what_it_does_not_know(void **)
{
	struct map_report r = full();
	char *text = written(&r, "json", &plain);
	char *at = strstr(text, "\"remainder\"");

	assert_non_null(at);
	memcpy(at, "\"remaindex\"", 11);
	int status = validate(text, false);
	free(text);
	if (status == EXIT_NO_VALIDATOR)
		skip();
	assert_int_equal(status, 1);
}

static void json_lines_end_with_the_answer(void **)
{
	struct map_report r = full();
	char *text = written(&r, "jsonl", &plain);

	text[strlen(text) - 1] = 0;
	char *last = strrchr(text, '\n');
	assert_non_null(last);
	assert_has(last, "{\"type\": \"answer\", \"schema\": \"debar/map/1\"");
	assert_has(last, "\"hosts\": {\"affected\": 17, \"covered\": 12, \"review\": 5,"
	                 " \"excluded\": 3, \"reported\": 1204, "
	                 "\"never_reported\": 46, \"expected\": 1250}");
	free(text);
}

static void hosts_that_cannot_be_read_fail_the_answer(void **)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct map_report r = full();
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);
		assert_non_null(out);
		r.each_host = failing_hosts;
		assert_int_equal(map_form(names[i])->write(&r, &plain, out), -EIO);
		(void)fclose(out);
		free(text);
	}
}

/* ---- CSV ---- */

static void csv_rows_have_as_many_cells_as_the_header(void **)
{
	struct map_report r = full();
	size_t cells = 1;
	bool quoted = false;

	r.each_host = each_host;
	char *text = written(&r, "csv", &plain);
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ',' && !quoted)
			cells++;
		if (*p != '\n')
			continue;
		assert_false(quoted);
		assert_int_equal(cells, CSV_COLUMNS);
		cells = 1;
	}
	assert_has(text, "\r\nanswer,,,,,,,,,,,,,,,1204,12,5,3\r\n");
	assert_has(text, "coverage,,,,,,,,,,,,unknown,\"expected, but never reported\""
	                 ",,46,,,\r\n");
	assert_has(text, "\r\nmarker,,,,,,,,,,,,,examplesoft/vendor,,1200,,,\r\n");
	assert_has(text, "have 5000 programs to be searched for byte markers: debar "
	                 "sweep --only-needed,,1200,,,\r\n");
	assert_has(text, "search it again for byte markers");
	free(text);
}

static void csv_cells_never_start_a_formula(void **)
{
	struct map_report r = full();

	r.each_host = each_host;
	char *text = written(&r, "csv", &plain);
	for (const char *p = text; *p; p++) {
		bool starts = p == text || p[-1] == ',' || p[-1] == '\n' ||
		              (p[-1] == '"' && p[-2] == ',');
		if (starts && strchr("=+-@", *p))
			fail_msg("formula: %.60s", p);
	}
	free(text);
}

/* ---- text ---- */

static void the_first_line_is_the_number_that_matters(void **)
{
	struct map_report r = full();
	char *text = written(&r, "text", &plain);

	assert_has(text, "\nCounted are only hosts with unit=a/b, \\xff=\\x1b[2J\n");
	assert_int_equal(strncmp(text, "17 of 1,204 hosts affected (1,250 expected, "
	                         "46 never reported)\n12 hold what an order covers, "
	                         "5 what a person must review\n3 more hold only", 130),
	                 0);
	free(text);
	r = clean();
	text = written(&r, "text", &plain);
	assert_has(text, "0 of 1,204 hosts affected (1,204 expected, 0 never reported)");
	assert_null(strstr(text, "not known"));
	free(text);
}

static void text_says_what_is_not_known(void **)
{
	struct map_report r = full();
	char *text = written(&r, "text", &plain);

	assert_has(text, "\nWhat is not known\n"
	                 "  46 hosts are expected and never reported\n"
	                 "  3 hosts were not fully examined: 12 items in all "
	                 "(--group-by host --limit 0 names them)\n");
	assert_has(text, "  1,200 hosts have programs that were not searched for bytes "
	                 "that marks look for: about 5,000 programs to be searched. "
	                 "Run \"debar sweep --only-needed\" there (--group-by host "
	                 "--limit 0 names them). The marks: examplesoft/vendor (1,200 hosts)\n");
	free(text);
	r.remainder.exact = true;
	r.each_host = each_host;
	text = written(&r, "text", &plain);
	assert_has(text, "look for: 5,000 programs");
	assert_has(text, "search again: 1 program\n");
	assert_has(text, "not examined: /srv/a.zip:in\\x1bside (encrypted)\n");
	free(text);
	r.coverage.reported = r.coverage.never = 0;
	text = written(&r, "text", &plain);
	assert_has(text, "No host has reported: the inventory is empty.");
	free(text);
}

static void long_lists_are_cut_and_that_is_said(void **)
{
	struct map_report r = full();

	r.limit = 4;
	r.each_host = each_host;
	char *text = written(&r, "text", &plain);
	assert_has(text, "and 14 more articles (--limit 0 lists all)\n");
	assert_has(text, "and 14 more units (--limit 0 lists all)\n");
	assert_has(text, "and 5 more hosts (--limit 0 lists all)\n");
	assert_has(text, "9 hosts hold nothing that is known, but not all of them");
	free(text);
}

static void text_has_columns_on_the_left(void **)
{
	struct map_report r = full();
	char *text = written(&r, "text", &plain);

	assert_has(text, "\nHosts per order\n   covered    review  excluded  order\n"
	                 "        12         5         0  us-bod-17-01: A directive\n");
	assert_has(text, "        12  covered   back\\\\slash back\\\\slash (deb), "
	                 "installed, by Examplesoft GmbH, strong evidence\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_found_by_name),
		cmocka_unit_test(no_control_byte_leaves_any_form),
		cmocka_unit_test(json_keeps_the_schema),
		cmocka_unit_test(the_schema_refuses_what_it_does_not_know),
		cmocka_unit_test(json_lines_end_with_the_answer),
		cmocka_unit_test(hosts_that_cannot_be_read_fail_the_answer),
		cmocka_unit_test(csv_rows_have_as_many_cells_as_the_header),
		cmocka_unit_test(csv_cells_never_start_a_formula),
		cmocka_unit_test(the_first_line_is_the_number_that_matters),
		cmocka_unit_test(text_says_what_is_not_known),
		cmocka_unit_test(long_lists_are_cut_and_that_is_said),
		cmocka_unit_test(text_has_columns_on_the_left),
	};

	return cmocka_run_group_tests(tests, make_things, NULL);
}
