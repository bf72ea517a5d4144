/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writers, on reports that are made by hand: the words and the form, and
 * above all what must not come out when names are hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/report.h"

extern char **environ;

enum { EXIT_NO_VALIDATOR = 77 };

static const char validator[] = TEST_DATA "/../../tools/validate-findings";

static struct entity entities[] = {
	{.id = "kaspersky", .name = "AO Kaspersky Lab"},
	{.id = "huawei", .name = "Huawei Technologies Co., Ltd.", .index = 1},
};
static struct mark vendor = {.id = "kaspersky/package-vendor",
                             .source = "Debian nagios-nrpe, debian/copyright"};
static struct pack pack = {.entities = entities, .n_entities = 2};
static const struct order directive = {
	.id = "us-bod-17-01", .action = "Identify it, plan its removal, remove it."};
static const struct order section = {
	.id = "us-ndaa-1634", .action = "Identify it, plan its removal, remove it."};
static const struct order *orders[] = {&directive, &section};
static struct verdict verdicts[] = {
	{&directive, VERDICT_EXCLUDED, "code embedded in others' products is outside"},
	{&section, VERDICT_COVERED,
	 "software developed by AO Kaspersky Lab, installed"},
};

/* Every way of a name to do harm that we know of. */
static const char *const hostile[] = {
	"/srv/new\nline", "/srv/\033[31mred\033[2J", "/srv/\xff\xfe invalid",
	"-rf", "=cmd()", "+1", "@SUM(A1)", "\t=1", "\r=1", "\xef\xbc\x9d""1",
	"/srv/\xc2\x9b""31m", "/srv/\xe2\x80\xae""gpj.exe",
	"/srv/\"quoted\", with comma",
	"/srv/back\\slash", "/srv/del\x7f", " leading and trailing ", "",
	"/srv/кириллица",
};

enum { N_HOSTILE = COUNT_OF(hostile) };

static struct evidence evidence[N_HOSTILE];
static struct finding findings[N_HOSTILE];
static struct incomplete incomplete[N_HOSTILE];
static struct mention mentions[N_HOSTILE];
static struct change change_list[N_HOSTILE];
static struct changes changes = {.since = "2026-11-21T22:00:00Z",
                                 .list = change_list, .n = N_HOSTILE};
static struct skipped skipped[] = {{.path = {(const uint8_t *)"/proc", 5},
                                    .words = "a pseudo file system"}};
static struct report_source sources[] = {
	{.id = 0, .kind = "root", .path = {(const uint8_t *)"/", 1}, .host = "host1",
	 .started = "2026-11-21T22:00:00Z", .finished = "2026-11-21T22:00:03Z"},
};

static int make_things(void **)
{
	memset(pack.sha256, 'a', 64);
	for (size_t i = 0; i < N_HOSTILE; i++) {
		struct slice s = slice_str(hostile[i]);
		evidence[i] = (struct evidence){
			.attr = ATTR_PACKAGE_VENDOR, .value = s, .path = s,
			.member = s, .offset = 1234, .length = 16, .mark = &vendor,
			.strength = STRENGTH_STRONG, .basis = BASIS_DEVELOPED,
			.state = STATE_INSTALLED,
			.capped = i % 2 ? "a reason" : NULL};
		findings[i] = (struct finding){
			.id = "0123456789abcdef0123456789abcdef",
			.entity = &entities[0], .ecosystem = "deb", .name = s,
			.version = s, .state = STATE_INSTALLED,
			.basis = BASIS_DEVELOPED, .strength = STRENGTH_STRONG,
			.evidence = &evidence[i], .n_evidence = 1, .n_more = i,
			.verdicts = verdicts, .n_verdicts = i % 3};
		incomplete[i] = (struct incomplete){
			.path = s, .member = s, .why = WHY_ENCRYPTED};
		mentions[i] = (struct mention){
			.path = s, .entity = &entities[1], .count = 2};
		change_list[i] = (struct change){
			.word = (enum change_word)(i % 3),
			.kind = (enum change_kind)(i % 4),
			.ecosystem = i % 4 == CHANGE_PACKAGE ? "deb" : "",
			.name = s, .version = s, .path = s, .was = s};
	}
	return 0;
}

/* A report without findings on which everything was examined. */
static struct report clean(void)
{
	return (struct report){
		.version = "0.1.0", .pack = &pack, .orders = orders, .n_orders = 2,
		.sources = sources, .n_sources = 1,
		.coverage = {.complete = true, .items = 71570, .examined = 71570,
		             .bytes = 2512345678, .seconds = 3.25},
	};
}

static struct report full(void)
{
	struct report r = clean();

	r.findings = findings;
	r.n_findings = N_HOSTILE;
	r.mentions = N_HOSTILE;
	r.mention_list = mentions;
	r.n_mention_list = N_HOSTILE;
	r.changes = &changes;
	r.coverage.complete = false;
	r.coverage.incomplete = incomplete;
	r.coverage.n_incomplete = N_HOSTILE;
	r.coverage.by_why[WHY_ENCRYPTED] = 1000;
	r.coverage.by_why[WHY_CRASHED] = 1;
	r.coverage.skipped = skipped;
	r.coverage.n_skipped = 1;
	return r;
}

/* What a form makes of a report; the caller frees it. */
static char *written(const struct report *r, const char *form,
                     const struct report_style *style)
{
	const struct report_form *f = report_form(form);
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
	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("\"%s\" is missing in:\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" must not be in:\n%s", part, text);
}

static const struct report_style plain = {0};

/* ---- all forms ---- */

static void forms_are_found_by_name(void **)
{
	static const char *const names[] = {"text", "json", "jsonl", "csv"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_string_equal(report_form(names[i])->name, names[i]);
	assert_null(report_form("yaml"));
	assert_null(report_form(""));
}

/* A control byte that is not the form's own line end, C1 as UTF-8, or bytes
 * that are not UTF-8. */
static void assert_harmless(const char *text, const char *form)
{
	bool csv = strcmp(form, "csv") == 0;

	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '\n' || (csv && c == '\r' && p[1] == '\n'))
			continue;
		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && ((unsigned char)p[1] & 0xe0) == 0x80))
			fail_msg("%s: control byte %02x: %.80s", form, c, p);
		if (c == 0xff || c == 0xfe)
			fail_msg("%s: raw byte %02x", form, c);
	}
}

static void no_control_byte_leaves_any_form(void **)
{
	static const char *const names[] = {"text", "json", "jsonl", "csv"};
	struct report r = full();

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *text = written(&r, names[i], &plain);
		assert_harmless(text, names[i]);
		free(text);
	}
}

/* ---- JSON ---- */

/* Exit status of the schema checker on this text. */
static int validate(const char *text, bool lines)
{
	char name[] = "/tmp/debar-test-report-XXXXXX";
	char call[sizeof(validator)];
	char option[] = "--jsonl";
	int status = -1;
	pid_t pid;

	memcpy(call, validator, sizeof(validator));
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	char *argv[] = {call, name, lines ? option : NULL, NULL};
	if (posix_spawn(&pid, call, NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	unlink(name);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_schema(const struct report *r, bool lines)
{
	char *text = written(r, lines ? "jsonl" : "json", &plain);
	int status = validate(text, lines);

	free(text);
	if (status == EXIT_NO_VALIDATOR)
		skip();
	assert_int_equal(status, 0);
}

static void json_of_hostile_names_keeps_the_schema(void **)
{
	struct report r = full();
	check_schema(&r, false);
}

static void json_of_nothing_keeps_the_schema(void **)
{
	struct report r = clean();
	sources[0].host = NULL;
	check_schema(&r, false);
	sources[0].host = "host1";
}

static void json_lines_keep_the_schema(void **)
{
	struct report r = full();
	check_schema(&r, true);
}

static void the_schema_refuses_what_it_does_not_know(void **)
{
	struct report r = clean();
	char *text = written(&r, "json", &plain);
	char *at = strstr(text, "\"mentions\"");

	assert_non_null(at);
	memcpy(at, "\"mentionz\"", 10);
	int status = validate(text, false);
	free(text);
	if (status == EXIT_NO_VALIDATOR)
		skip();
	assert_int_equal(status, 1);
}

static void json_reads_as_documented(void **)
{
	struct report r = clean();
	char *text = written(&r, "json", &plain);

	assert_has(text, "{\n  \"schema\": \"debar/findings/1\",\n  \"tool\": {\n"
	                 "    \"name\": \"debar\",\n    \"version\": \"0.1.0\"\n  },\n"
	                 "  \"packs\": {\n");
	assert_has(text, "\"orders\": [\n      \"us-bod-17-01\",\n"
	                 "      \"us-ndaa-1634\"\n    ]");
	assert_has(text, "  \"findings\": [],\n  \"mentions\": 0,\n"
	                 "  \"mentions_not_read\": 0,\n  \"coverage\": {\n"
	                 "    \"complete\": true,\n    \"items\": 71570,\n"
	                 "    \"bytes\": 2512345678,\n    \"examined\": 71570,\n"
	                 "    \"incomplete\": [],\n    \"by_why\": {},\n");
	assert_has(text, "\"seconds\": 3.250");
	assert_has_not(text, "mention_list");
	free(text);
}

static void json_carries_paths_exactly(void **)
{
	struct report r = full();
	char *text = written(&r, "json", &plain);

	assert_has(text, "\"path\": \"/srv/new\\u000aline\"");
	assert_has(text, "\"path\": \"/srv/\\\\xff\\\\xfe invalid\",\n"
	                 "          \"path_base64\": \"L3Nydi//"
	                 "/iBpbnZhbGlk\"");
	assert_has(text, "\"member_base64\": [");
	assert_has(text, "\"path\": \"=cmd()\"");
	assert_has(text, "\"member\": []");
	assert_has(text, "\"evidence_more\": 17");
	free(text);
}

static void json_lines_end_with_coverage(void **)
{
	struct report r = full();
	char *text = written(&r, "jsonl", &plain);
	char *last = strrchr(text, '\n');

	assert_non_null(last);
	assert_string_equal(last, "\n");
	*last = 0;
	last = strrchr(text, '\n');
	assert_non_null(last);
	assert_int_equal(strncmp(last, "\n{\"type\": \"coverage\", \"schema\": ", 31), 0);
	assert_has(last, "\"complete\": false");
	assert_has_not(last, "\"incomplete\": [");
	assert_has(last, "\"changes\": {\"since\": \"2026-11-21T22:00:00Z\", "
	                 "\"appeared\": 6, \"went\": 6, \"changed\": 6, "
	                 "\"files\": 0, \"new_sources\": 0, \"more\": 0}");
	free(text);
}

/* ---- CSV ---- */

static void csv_cells_never_start_a_formula(void **)
{
	struct report r = full();
	char *text = written(&r, "csv", &plain);

	assert_has(text, ",'=cmd(),");
	assert_has(text, ",'-rf,");
	assert_has(text, ",'@SUM(A1),");
	assert_has(text, ",'+1,");
	for (const char *p = text; *p; p++) {
		bool starts = p == text || p[-1] == ',' || p[-1] == '\n' ||
		              (p[-1] == '"' && p[-2] == ',');
		if (starts && strchr("=+-@", *p))
			fail_msg("formula: %.60s", p);
	}
	assert_has(text, "\"/srv/\"\"quoted\"\", with comma\"");
	free(text);
}

static void csv_has_a_row_per_order_and_says_what_was_covered(void **)
{
	struct report r = full();
	char *text;

	r.findings = &findings[5];
	r.n_findings = 1;
	text = written(&r, "csv", &plain);
	assert_int_equal(strncmp(text, "finding,entity,maker,article,version,kind,", 42),
	                 0);
	assert_has(text, ",us-bod-17-01,excluded,code embedded in others' products");
	assert_has(text, ",us-ndaa-1634,covered,\"software developed by");
	assert_has(text, "coverage,,,,,,,,,,,,,items,71570,,,incomplete,");
	assert_has(text, "coverage,,,,,,,,,,,,,encrypted,1000,,,incomplete,"
	                 "it is encrypted or has a password\r\n");
	free(text);
	r = clean();
	text = written(&r, "csv", &plain);
	assert_has(text, "because\r\ncoverage,,,,,,,,,,,,,items,71570,,,complete,");
	free(text);
}

static void csv_rows_have_as_many_cells_as_the_header(void **)
{
	struct report r = full();
	char *text = written(&r, "csv", &plain);
	size_t cells = 1, header_cells = 0;
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ',' && !quoted)
			cells++;
		if (*p != '\n')
			continue;
		assert_false(quoted);
		header_cells = header_cells ? header_cells : cells;
		assert_int_equal(cells, header_cells);
		cells = 1;
	}
	assert_int_equal(header_cells, 19);
	free(text);
}

/* ---- text ---- */

static void the_first_line_is_the_result(void **)
{
	static const struct {
		bool found, complete, interrupted;
		const char *line;
	} cases[] = {
		{false, true, false, "None found\n"},
		{false, false, false,
		 "None found in what was examined; not fully examined\n"},
		{false, true, true,
		 "None found in what was examined; not fully examined\nStopped before"},
		{true, true, false, "Found: 1 article of AO Kaspersky Lab\n"},
		{true, false, false, "Found: 1 article of AO Kaspersky Lab\n"
		 "0 covered by an order, 0 to review, 1 outside the selected orders\n"
		 "Not fully examined"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct report r = clean();
		r.findings = findings;
		r.n_findings = cases[i].found;
		r.coverage.complete = cases[i].complete;
		r.interrupted = cases[i].interrupted;
		char *text = written(&r, "text", &plain);
		if (strncmp(text, cases[i].line, strlen(cases[i].line)) != 0)
			fail_msg("case %zu: %s", i, text);
		free(text);
	}
}

static void weak_findings_are_only_possible(void **)
{
	struct report r = clean();
	struct finding both[] = {findings[0], findings[0]};

	both[1].strength = STRENGTH_WEAK;
	both[1].entity = &entities[1];
	r.findings = both;
	r.n_findings = 2;
	char *text = written(&r, "text", &plain);
	assert_has(text, "Found: 1 article of AO Kaspersky Lab, 1 possible article of"
	                 " Huawei Technologies Co., Ltd.\n");
	assert_has(text, "  maker     perhaps developed by Huawei");
	free(text);
}

static void text_says_where_why_and_what_next(void **)
{
	struct report r = full();
	char *text;

	r.findings = &findings[5];
	r.n_findings = 1;
	text = written(&r, "text", &plain);
	assert_has(text, "\n+1 +1\n  maker     developed by AO Kaspersky Lab\n"
	                 "  state     installed, software (deb)\n");
	assert_has(text, "  where     +1:+1 @1234\n"
	                 "            package.vendor = \"+1\"\n"
	                 "            mark kaspersky/package-vendor, from: Debian");
	assert_has(text, "            and 5 more\n");
	assert_has(text, "  verdict   excluded  us-bod-17-01: code embedded");
	assert_has(text, "            covered   us-ndaa-1634: software developed");
	assert_has(text, "  next      us-ndaa-1634: Identify it, plan its removal");
	assert_has(text, "  1,000 items (encrypted): it is encrypted");
	assert_has(text, "    and 995 more\n");
	assert_has(text, "  a pseudo file system: /proc\n");
	assert_has(text, "71,570 items seen, 71,570 examined, 2.5 GB read in 3.3 s");
	free(text);
}

static void text_has_no_escape_unless_coloured(void **)
{
	struct report_style coloured = {.color = true};
	struct report r = full();
	char *text = written(&r, "text", &plain);

	assert_has_not(text, "\033");
	free(text);
	text = written(&r, "text", &coloured);
	assert_has(text, "\033[1m");
	assert_has_not(text, "\033[2J");
	assert_has_not(text, "\033[31mred");
	free(text);
}

/* Is this one of the lines that are never wrapped: a title, path or example? */
static bool wrapped_line(const char *line)
{
	return strncmp(line, "  verdict", 9) == 0 || strncmp(line, "Coverage", 8) == 0 ||
	       strncmp(line, "             ", 13) == 0;
}

static void text_is_wrapped_at_the_width_of_the_terminal(void **)
{
	struct report_style narrow = {.columns = 50};
	struct report r = full();
	char *line, *rest;

	r.findings = &findings[5];
	r.n_findings = 1;
	char *text = rest = written(&r, "text", &narrow);
	while ((line = strsep(&rest, "\n")))
		if (wrapped_line(line) && strlen(line) > 50)
			fail_msg("%zu columns: %s", strlen(line), line);
	free(text);
}

/* ---- changes ---- */

#define TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

static const struct change few[] = {
	{.word = CHANGE_APPEARED, .kind = CHANGE_PACKAGE, .ecosystem = "deb",
	 .name = TEXT("nginx"), .version = TEXT("1.2")},
	{.word = CHANGE_APPEARED, .kind = CHANGE_FILE, .ecosystem = "",
	 .path = TEXT("/opt/a.exe"), .name = TEXT("a"), .version = TEXT("7")},
	{.word = CHANGE_WENT, .kind = CHANGE_FOLDER, .ecosystem = "",
	 .path = TEXT("/srv/old")},
	{.word = CHANGE_CHANGED, .kind = CHANGE_PACKAGE, .ecosystem = "deb",
	 .name = TEXT("libx"), .version = TEXT("1.2"), .was = TEXT("1.1")},
	{.word = CHANGE_CHANGED, .kind = CHANGE_SETUP, .ecosystem = "",
	 .name = TEXT("bob"), .path = TEXT("/etc/passwd")},
};

static const struct changes few_changes = {
	.since = "2026-11-21T22:00:00Z", .list = few, .n = COUNT_OF(few),
	.more = 1234, .files = 7, .fresh = 2,
};

static const struct changes no_report_before = {0};

static void text_tells_what_came_and_went_before_the_coverage(void **)
{
	struct report r = clean();

	r.changes = &few_changes;
	char *text = written(&r, "text", &plain);
	assert_has(text, "None found\n"
	                 "\n"
	                 "Since 2026-11-21T22:00:00Z: 2 appeared, 1 went, 2 changed,"
	                 " and 1,234 more over the limit\n"
	                 "  + deb nginx 1.2\n"
	                 "  + file /opt/a.exe (a 7)\n"
	                 "  - folder /srv/old\n"
	                 "  ~ deb libx 1.2 (was 1.1)\n"
	                 "  ~ setup bob in /etc/passwd\n"
	                 "  7 files of these packages are not listed\n"
	                 "  2 sources had no earlier report, and are not compared\n"
	                 "\n"
	                 "Coverage: ");
	free(text);
}

static void paths_of_changes_stand_behind_their_source(void **)
{
	struct report r = clean();

	r.changes = &few_changes;
	sources[0].path = slice_str("/mnt/image/");
	char *text = written(&r, "text", &plain);
	sources[0].path = slice_str("/");
	assert_has(text, "  - folder /mnt/image/srv/old\n");
	free(text);
}

static void text_lists_fifty_changes_and_counts_the_rest(void **)
{
	struct change many[53];
	const struct changes c = {.since = "x", .list = many, .n = COUNT_OF(many)};
	struct report r = clean();
	size_t lines = 0;

	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = few[0];
	r.changes = &c;
	char *text = written(&r, "text", &plain);
	for (const char *p = text; (p = strstr(p, "\n  + deb nginx")); p++)
		lines++;
	assert_int_equal(lines, 50);
	assert_has(text, "Since x: 53 appeared, 0 went, 0 changed\n");
	assert_has(text, "\n  and 3 more (--format json lists them)\n");
	assert_has_not(text, "not listed");
	free(text);
	text = written(&r, "json", &plain);
	assert_has_not(text, "\"more\": 3");
	assert_has(text, "\"appeared\": 53,");
	free(text);
}

static void no_form_invents_changes_when_nothing_was_known_before(void **)
{
	struct report r = clean();

	r.changes = &no_report_before;
	char *text = written(&r, "text", &plain);
	assert_has(text, "\nChanges: not known, because there was no earlier report to"
	                 " compare with.\n\nCoverage");
	assert_has_not(text, "appeared");
	free(text);
	text = written(&r, "json", &plain);
	assert_has(text, "\"changes\": {\n    \"since\": null,");
	free(text);
	text = written(&r, "csv", &plain);
	assert_has(text, "changes,,,,,,,,,,,,,since,,,,,there was no earlier report");
	free(text);
	check_schema(&r, false);
}

static void changes_that_nobody_asked_for_are_not_told(void **)
{
	static const char *const names[] = {"text", "json", "jsonl", "csv"};
	struct report r = clean();

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *text = written(&r, names[i], &plain);
		assert_has_not(text, "hange");
		free(text);
	}
}

static void json_tells_each_change(void **)
{
	struct report r = clean();

	r.changes = &few_changes;
	char *text = written(&r, "json", &plain);
	assert_has(text, "    \"appeared\": 2,\n    \"went\": 1,\n"
	                 "    \"changed\": 2,\n    \"files\": 7,\n"
	                 "    \"new_sources\": 2,\n    \"more\": 1234,\n"
	                 "    \"list\": [\n");
	assert_has(text, "\"change\": \"changed\",\n        \"kind\": \"package\",\n"
	                 "        \"ecosystem\": \"deb\",\n"
	                 "        \"name\": \"libx\",\n"
	                 "        \"version\": \"1.2\",\n"
	                 "        \"was\": \"1.1\",\n        \"path\": \"\",\n"
	                 "        \"source\": 0\n");
	free(text);
	text = written(&r, "jsonl", &plain);
	assert_has(text, "\n{\"type\": \"change\", \"change\": \"went\", "
	                 "\"kind\": \"folder\"");
	free(text);
}

static void csv_puts_changes_into_the_columns_that_fit(void **)
{
	struct report r = clean();

	r.changes = &few_changes;
	char *text = written(&r, "csv", &plain);
	assert_has(text, "\nchanges,,,,,,,,,,,,,since,2026-11-21T22:00:00Z,,,,\r\n"
	                 "appeared,,,nginx,1.2,package,deb,,,,/,,,,,,,,\r\n"
	                 "appeared,,,a,7,file,,,,,/,/opt/a.exe,,,,,,,\r\n"
	                 "went,,,,,folder,,,,,/,/srv/old,,,,,,,\r\n"
	                 "changed,,,libx,1.2,package,deb,,,,/,,,,,,,,was 1.1\r\n"
	                 "changed,,,bob,,setup,,,,,/,/etc/passwd,,,,,,,\r\n"
	                 "changes,,,,,,,,,,,,,files,7,,,,files of these packages\r\n"
	                 "changes,,,,,,,,,,,,,new-sources,2,,,,\"sources without an "
	                 "earlier report, not compared\"\r\n"
	                 "changes,,,,,,,,,,,,,more,1234,,,,changes over the limit\r\n"
	                 "coverage,");
	free(text);
}

static void a_long_name_is_shown_whole(void **)
{
	static char name[256];
	struct report_style narrow = {.columns = 40};
	struct report r = full();
	struct finding f = findings[0];
	struct evidence e = evidence[0];

	memset(name, 'x', 255);
	f.evidence = &e;
	e.path = slice_str(name);
	r.findings = &f;
	r.n_findings = 1;
	char *text = written(&r, "text", &narrow);
	assert_has(text, name);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_found_by_name),
		cmocka_unit_test(no_control_byte_leaves_any_form),
		cmocka_unit_test(json_of_hostile_names_keeps_the_schema),
		cmocka_unit_test(json_of_nothing_keeps_the_schema),
		cmocka_unit_test(json_lines_keep_the_schema),
		cmocka_unit_test(the_schema_refuses_what_it_does_not_know),
		cmocka_unit_test(json_reads_as_documented),
		cmocka_unit_test(json_carries_paths_exactly),
		cmocka_unit_test(json_lines_end_with_coverage),
		cmocka_unit_test(csv_cells_never_start_a_formula),
		cmocka_unit_test(csv_has_a_row_per_order_and_says_what_was_covered),
		cmocka_unit_test(csv_rows_have_as_many_cells_as_the_header),
		cmocka_unit_test(the_first_line_is_the_result),
		cmocka_unit_test(weak_findings_are_only_possible),
		cmocka_unit_test(text_says_where_why_and_what_next),
		cmocka_unit_test(text_has_no_escape_unless_coloured),
		cmocka_unit_test(text_is_wrapped_at_the_width_of_the_terminal),
		cmocka_unit_test(text_tells_what_came_and_went_before_the_coverage),
		cmocka_unit_test(paths_of_changes_stand_behind_their_source),
		cmocka_unit_test(text_lists_fifty_changes_and_counts_the_rest),
		cmocka_unit_test(no_form_invents_changes_when_nothing_was_known_before),
		cmocka_unit_test(changes_that_nobody_asked_for_are_not_told),
		cmocka_unit_test(json_tells_each_change),
		cmocka_unit_test(csv_puts_changes_into_the_columns_that_fit),
		cmocka_unit_test(a_long_name_is_shown_whole),
	};

	return cmocka_run_group_tests(tests, make_things, NULL);
}
