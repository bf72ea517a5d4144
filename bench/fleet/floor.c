/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that loading a store is measured against: SQLite, one transaction,
 * one prepared statement, as many rows of as many bytes, and nothing else.
 *
 *     floor FILE ROWS BYTES
 *
 * Prints the seconds from opening the file to having it closed.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BYTES_MAX = 4096 };

static sqlite3 *db;

static void must(int result)
{
	if (result == SQLITE_OK || result == SQLITE_DONE)
		return;
	(void)fprintf(stderr, "floor: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static void run(const char *sql)
{
	must(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bytes that do not repeat, as digests and bitmaps do not. */
static void fill(uint8_t *bytes, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(seed >> 56);
	}
}

static void insert(sqlite3_int64 rows, size_t n)
{
	sqlite3_stmt *st;
	uint8_t bytes[BYTES_MAX];

	must(sqlite3_prepare_v2(db, "INSERT INTO t VALUES(?1, ?2)", -1, &st, NULL));
	fill(bytes, n, 1);
	for (sqlite3_int64 i = 1; i <= rows; i++) {
		fill(bytes, n < 16 ? n : 16, (uint64_t)i);
		must(sqlite3_bind_int64(st, 1, i));
		must(sqlite3_bind_blob(st, 2, bytes, (int)n, SQLITE_STATIC));
		must(sqlite3_step(st));
		must(sqlite3_reset(st));
	}
	must(sqlite3_finalize(st));
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 1;
	const double start = now();
	const sqlite3_int64 rows = strtoll(argv[2], NULL, 10);
	const size_t n = strtoul(argv[3], NULL, 10);

	must(sqlite3_open(argv[1], &db));
	run("PRAGMA journal_mode=WAL");
	run("CREATE TABLE t(id INTEGER PRIMARY KEY, bytes BLOB)");
	run("BEGIN");
	insert(rows, n < BYTES_MAX ? n : BYTES_MAX);
	run("COMMIT");
	must(sqlite3_close(db));
	printf("floor: rows %lld seconds %.3f\n", (long long)rows, now() - start);
	return 0;
}
