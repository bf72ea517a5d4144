/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_util.h"

extern const struct extractor extract_rpm;

#define DATA TEST_DATA "/pkgdb/"

/* The databases hold the same two packages. */
enum { PACKAGES = 2, OWNED = 128, DAMAGE_STEP = 61 };

static const struct {
	const char *file, *path, *member;
	bool located; /* offsets count in the file */
} databases[] = {
	{DATA "rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite",
	 " member=Packages/2", false},
	{DATA "Packages.ndb", "/var/lib/rpm/Packages.db", "", true},
	{DATA "Packages.bdb", "/var/lib/rpm/Packages", " member=Packages/2", false},
	{DATA "Packages-big-endian.bdb", "/var/lib/rpm/Packages",
	 " member=Packages/2", false},
};

static struct item item_at(const char *path)
{
	return (struct item){
		.path = slice_str(path),
		.mode = 0100644,
		.in_root = true,
	};
}

static void expect_line(const char *text, const char *line)
{
	assert_non_null(text);
	if (!strstr(text, line))
		fail_msg("no line %s in:\n%s", line, text);
}

static void every_container_gives_the_same_packages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(databases); i++) {
		struct slice bytes = test_bytes(databases[i].file);
		struct item item = item_at(databases[i].path);
		struct collected c = {.quiet = true};

		assert_true(test_probes(&extract_rpm, databases[i].path, bytes));
		assert_int_equal(collect(&extract_rpm, &item, bytes, &c), 0);
		assert_int_equal(c.records, PACKAGES);
		assert_int_equal(c.unread, 0);
		assert_int_equal(c.owned, OWNED);
		str_finish(&c.text);
	}
}

static void a_header_says_who_made_the_package(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(databases); i++) {
		struct slice bytes = test_bytes(databases[i].file);
		char *text = extract_to_text(&extract_rpm, databases[i].path,
		                             bytes, true);
		char line[200];

		expect_line(text, "package installed rpm name=endpoint-agent "
		                  "version=1:12.1.0-1508\n");
		expect_line(text, "package installed rpm name=big-package "
		                  "version=12.1.0-1508\n");
		expect_line(text, "  package.vendor=AO Example Lab @");
		expect_line(text, "  package.maintainer=Example Packager "
		                  "<pack@example.org> @");
		expect_line(text, "  package.url=https://example.org/agent @");
		expect_line(text, "  package.source=big-package @");
		expect_line(text, "  owns /opt/agent/file-number-120\n");
		(void)snprintf(line, sizeof(line), "+14%s\n",
		               databases[i].member);
		expect_line(text, line);
		/* Offsets into the file point at the value. */
		assert_null(strstr(text, "DIFFERS"));
		free(text);
	}
}

static void paths_are_claims_when_asked_for(void **state)
{
	struct slice bytes = test_bytes(DATA "Packages.ndb");
	struct item item = item_at("/srv/image/var/lib/rpm/Packages.db");

	(void)state;
	item.list_owned = true;
	char *text = extract_item_to_text(&extract_rpm, &item, bytes);
	expect_line(text, "  path=/srv/image/opt/agent/bin/agent @");
	expect_line(text, "  owns /srv/image/opt/agent/bin/agent\n");
	free(text);
}

static void a_copy_inside_a_root_only_refers(void **state)
{
	struct slice bytes = test_bytes(DATA "Packages.ndb");
	char *text = extract_to_text(&extract_rpm, "/home/u/Packages.db", bytes,
	                             true);

	(void)state;
	expect_line(text, "package referenced rpm name=endpoint-agent ");
	free(text);
}

/* Takes x out of the way of every byte position in turn: nothing may crash,
 * hang or read outside (the sanitizers watch). */
static void damage_never_leaves_the_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(databases); i++) {
		struct slice whole = test_bytes(databases[i].file);
		struct item item = item_at(databases[i].path);
		uint8_t *copy = malloc(whole.n);

		assert_non_null(copy);
		memcpy(copy, whole.p, whole.n);
		for (size_t at = 0; at < whole.n; at += DAMAGE_STEP) {
			struct collected c = {.quiet = true};
			copy[at] ^= 0xff;
			(void)collect(&extract_rpm, &item,
			              slice_of(copy, whole.n), &c);
			copy[at] ^= 0xff;
			str_finish(&c.text);
		}
		free(copy);
	}
}

static void a_cut_database_is_not_clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(databases); i++) {
		struct slice whole = test_bytes(databases[i].file);
		struct item item = item_at(databases[i].path);

		for (size_t n = 1; n < 8; n++) {
			struct collected c = {.quiet = true};
			size_t cut = whole.n / 8 * n;
			uint8_t *part = malloc(cut);

			assert_non_null(part);
			memcpy(part, whole.p, cut);
			int r = collect(&extract_rpm, &item,
			                slice_of(part, cut), &c);
			if (r == 0 && c.unread == 0)
				fail_msg("%s cut at %zu passes for whole",
				         databases[i].file, cut);
			free(part);
			str_finish(&c.text);
		}
	}
}

static void what_is_no_database_is_damaged_only_at_its_place(void **state)
{
	struct slice text = SLICE("SQLite format 3\0 and no more");

	(void)state;
	EXPECT_EXTRACT(&extract_rpm, "/var/lib/rpm/rpmdb.sqlite", text,
	               "error EBADMSG\n");
	EXPECT_EXTRACT(&extract_rpm, "/home/u/x.db", text, "");
	EXPECT_EXTRACT(&extract_rpm, "/var/lib/rpm/Packages", SLICE("text"),
	               "error EBADMSG\n");
}

static void changes_that_wait_in_the_log_are_said(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_rpm, "/var/lib/rpm/rpmdb.sqlite-wal",
	               SLICE("\x37\x7f\x06\x82"), "error ENOTSUP\n");
	EXPECT_EXTRACT(&extract_rpm, "/var/lib/rpm/rpmdb.sqlite-wal", SLICE(""),
	               "");
}

/* What a stranger may put where the table of packages is expected. */
static void a_hostile_schema_runs_nothing(void **state)
{
	static const struct {
		const char *schema, *expected;
	} cases[] = {
		{"CREATE VIEW Packages AS WITH RECURSIVE r(n) AS (SELECT 1 UNION "
		 "ALL SELECT n FROM r) SELECT n AS hnum, n AS blob FROM r",
		 "error EBADMSG\n"},
		{"CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, x, "
		 "blob AS (zeroblob(900000000))); INSERT INTO Packages VALUES(1,1)",
		 "error EFBIG\n"},
		{"CREATE TABLE Packages(other)", "error EBADMSG\n"},
		{"CREATE TABLE x(hnum, blob)", "error EBADMSG\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		sqlite3_int64 n = 0;
		sqlite3 *db;

		assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, cases[i].schema, NULL, NULL,
		                              NULL),
		                 SQLITE_OK);
		unsigned char *bytes = sqlite3_serialize(db, "main", &n, 0);
		assert_non_null(bytes);
		EXPECT_EXTRACT(&extract_rpm, "/var/lib/rpm/rpmdb.sqlite",
		               slice_of(bytes, (size_t)n), cases[i].expected);
		sqlite3_free(bytes);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
}

static void too_many_broken_headers_break_the_database(void **state)
{
	const char *schema =
		"CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob);"
		"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r "
		"LIMIT 1000) INSERT INTO Packages SELECT n, x'00' FROM r";
	struct item item = item_at("/var/lib/rpm/rpmdb.sqlite");
	struct collected c = {.quiet = true};
	sqlite3_int64 n = 0;
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK);
	unsigned char *bytes = sqlite3_serialize(db, "main", &n, 0);
	assert_non_null(bytes);
	assert_int_equal(collect(&extract_rpm, &item, slice_of(bytes, (size_t)n),
	                         &c), -EBADMSG);
	assert_in_range(c.unread, 1, 100);
	sqlite3_free(bytes);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	str_finish(&c.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_container_gives_the_same_packages),
		cmocka_unit_test(a_header_says_who_made_the_package),
		cmocka_unit_test(paths_are_claims_when_asked_for),
		cmocka_unit_test(a_copy_inside_a_root_only_refers),
		cmocka_unit_test(damage_never_leaves_the_file),
		cmocka_unit_test(a_cut_database_is_not_clean),
		cmocka_unit_test(what_is_no_database_is_damaged_only_at_its_place),
		cmocka_unit_test(a_hostile_schema_runs_nothing),
		cmocka_unit_test(too_many_broken_headers_break_the_database),
		cmocka_unit_test(changes_that_wait_in_the_log_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
