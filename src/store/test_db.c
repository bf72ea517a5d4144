/* SPDX-License-Identifier: Apache-2.0 */
/* The driver contract on SQLite, plain and behind the driver that fails. */
#include "store/db_cases.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/debar-test-db-XXXXXX";
static char path[sizeof(folder) + 20];

static void remove_file(void)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char name[sizeof(path) + 10];

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

static void run_case(void **state)
{
	size_t i = (size_t)(uintptr_t)*state;

	remove_file();
	struct db *db = open_again(DB_CREATE);
	db_cases[i].run(db);
	db_close(db);
}

/* A driver that never has its turn to fail is no different from what it wraps. */
static void run_case_wrapped(void **state)
{
	size_t i = (size_t)(uintptr_t)*state;

	remove_file();
	struct db *db = db_faulty(open_again(DB_CREATE), 0, EIO, false);
	assert_non_null(db);
	db_cases[i].run(db);
	db_close(db);
}

/* Writes two rows; stops at the first error and rolls back. */
static int write_two(struct db *db)
{
	const struct db_put how = into_t(DB_FAIL);
	int rc = db->driver->begin(db, true);

	if (rc < 0)
		return rc;
	rc = db->driver->put(db, &how, (const struct db_value[]){
		DB_N(1), DB_N(1), TEXT(""), DB_B(SLICE(""))}, 1);
	if (rc == 0)
		rc = db->driver->exec(db, "INSERT INTO t VALUES (?1, 1, '', ?2)",
		                      ARGS(DB_N(2), DB_B(SLICE(""))));
	if (rc == 0)
		rc = db->driver->commit(db);
	if (rc < 0)
		db->driver->rollback(db);
	return rc;
}

static void any_call_may_fail_and_nothing_is_half_done(void **state)
{
	unsigned at;
	int rc = -EIO;

	(void)state;
	for (at = 1; rc != 0; at++) {
		remove_file();
		struct db *inner = open_again(DB_CREATE);
		make_table(inner);
		struct db *db = db_faulty(inner, at, EIO, false);
		assert_non_null(db);
		rc = write_two(db);
		assert_true(rc == 0 || rc == -EIO);
		assert_int_equal(number(inner, "SELECT count(*) FROM t"),
		                 rc == 0 ? 2 : 0);
		db_close(db);
	}
	assert_int_equal(at, 4 + 2);
}

int main(void)
{
	enum { N = COUNT_OF(db_cases) };
	struct CMUnitTest tests[2 * N + 1] = {0};
	static char names[N][100];

	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/inventory.db", folder);
	cases_url = path;
	for (size_t i = 0; i < N; i++) {
		void *state = (void *)(uintptr_t)i;

		(void)snprintf(names[i], sizeof(names[i]), "%s_wrapped",
		               db_cases[i].name);
		tests[i] = (struct CMUnitTest){db_cases[i].name, run_case, NULL,
		                               NULL, state};
		tests[N + i] = (struct CMUnitTest){names[i], run_case_wrapped, NULL,
		                                   NULL, state};
	}
	tests[2 * N] = (struct CMUnitTest)cmocka_unit_test(
		any_call_may_fail_and_nothing_is_half_done);
	int failed = cmocka_run_group_tests_name("db", tests, NULL, NULL);
	remove_file();
	(void)rmdir(folder);
	return failed;
}
