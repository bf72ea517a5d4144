/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every driver of store/db.h must hold, as cases that test_db.c runs on
 * SQLite and test_pgsql.c on PostgreSQL. A case gets an empty database, opened
 * to be written, and may open it again at cases_url.
 */
#ifndef STORE_DB_CASES_H
#define STORE_DB_CASES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "store/db.h"

enum { MANY_ROWS = 100000 };

static const char *cases_url;

/* ---- short forms ------------------------------------------------------ */

#define ARGS(...) (const struct db_value[]){__VA_ARGS__}, \
	sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define TEXT(literal) DB_T(SLICE(literal))

static struct db *open_again(unsigned flags)
{
	struct err e = {0};
	struct db *db = NULL;

	if (db_open(cases_url, flags, &e, &db) != 0)
		fail_msg("%s", e.text);
	return db;
}

static void must(struct db *db, int rc)
{
	if (rc != 0)
		fail_msg("%d: %s", rc, db_error(db));
}

static int try(struct db *db, const char *sql)
{
	return db->driver->exec(db, sql, NULL, 0);
}

static void run(struct db *db, const char *sql)
{
	must(db, try(db, sql));
}

static struct db_rows *ask(struct db *db, const char *sql)
{
	struct db_rows *rows = NULL;

	must(db, db->driver->query(db, sql, NULL, 0, &rows));
	return rows;
}

/* The only number of the only row. */
static int64_t number(struct db *db, const char *sql)
{
	struct db_rows *rows = ask(db, sql);
	const struct db_value *v = NULL;

	assert_int_equal(db->driver->next(rows, &v), 1);
	assert_int_equal(v[0].type, DB_INT);
	int64_t n = v[0].n;
	assert_int_equal(db->driver->next(rows, &v), 0);
	db->driver->done(rows);
	return n;
}

static void make_table(struct db *db)
{
	run(db, "CREATE TABLE t (k BIGINT PRIMARY KEY, n BIGINT, s TEXT, b BLOB)");
}

static const char *const t_columns[] = {"k", "n", "s", "b"};

static struct db_put into_t(enum db_conflict conflict)
{
	return (struct db_put){.table = "t", .columns = t_columns, .n_columns = 4,
	                       .n_keys = 1, .conflict = conflict};
}

/* As the store does it: in a transaction, one of its own where none is. */
static int put(struct db *db, enum db_conflict conflict,
               const struct db_value *values, size_t n_rows)
{
	struct db_put how = into_t(conflict);
	int began = db->driver->begin(db, true);

	if (began < 0 && began != -EINVAL)
		return began;
	int rc = db->driver->put(db, &how, values, n_rows);
	if (began < 0)
		return rc;
	if (rc == 0)
		return db->driver->commit(db);
	db->driver->rollback(db);
	return rc;
}

/* n rows with keys from `first` on, whose n is `mark`. */
static struct db_value *some_rows(size_t n, int64_t first, int64_t mark)
{
	struct db_value *values = calloc(n + 1, 4 * sizeof(*values));

	assert_non_null(values);
	for (size_t i = 0; i < n; i++) {
		values[4 * i] = DB_N(first + (int64_t)i);
		values[4 * i + 1] = DB_N(mark);
		values[4 * i + 2] = TEXT("some text");
		values[4 * i + 3] = DB_B(SLICE("\0\1\xff"));
	}
	return values;
}

static int put_some(struct db *db, enum db_conflict conflict, size_t n,
                    int64_t first, int64_t mark)
{
	struct db_value *values = some_rows(n, first, mark);
	int rc = put(db, conflict, values, n);

	free(values);
	return rc;
}

static void same(const struct db_value *got, const struct db_value *want)
{
	assert_int_equal(got->type, want->type);
	if (want->type == DB_INT)
		assert_int_equal(got->n, want->n);
	if (want->type == DB_TEXT || want->type == DB_BLOB)
		assert_true(slice_eq(got->s, want->s));
}

/* The one row of t is this one. */
static void holds_row(struct db *db, const struct db_value want[4])
{
	struct db_rows *rows = ask(db, "SELECT k, n, s, b FROM t");
	const struct db_value *v = NULL;

	assert_int_equal(db->driver->next(rows, &v), 1);
	for (size_t i = 0; i < 4; i++)
		same(&v[i], &want[i]);
	assert_int_equal(db->driver->next(rows, &v), 0);
	db->driver->done(rows);
}

/* ---- values ----------------------------------------------------------- */

/* A row comes back as it went, by exec and by put. */
static void both_ways(struct db *db, const struct db_value row[4])
{
	must(db, db->driver->exec(db, "INSERT INTO t VALUES (?1, ?2, ?3, ?4)", row, 4));
	holds_row(db, row);
	run(db, "DELETE FROM t");
	must(db, put(db, DB_FAIL, row, 1));
	holds_row(db, row);
	run(db, "DELETE FROM t");
}

static void values_come_back_as_they_went(struct db *db)
{
	static const struct db_value null = {.type = DB_NULL};
	uint8_t all[256];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	struct db_value rows[][4] = {
		{DB_N(1), DB_N(-1), TEXT("text"), DB_B(SLICE("blob"))},
		{DB_N(INT64_MIN), DB_N(INT64_MAX), TEXT("\xc3\xa9\xf0\x9f\x92\xa9"),
		 DB_B(slice_of(all, sizeof(all)))},
		{DB_N(0), DB_N(0), TEXT(""), DB_B(SLICE(""))},
		{DB_N(2), null, null, null},
	};

	make_table(db);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		both_ways(db, rows[i]);
}

static void long_values_come_back(struct db *db)
{
	enum { LONG = 1 << 20 };
	char *text = malloc(LONG);
	uint8_t *blob = malloc(LONG);

	assert_non_null(text);
	assert_non_null(blob);
	for (size_t i = 0; i < LONG; i++) {
		text[i] = (char)('a' + i % 26);
		blob[i] = (uint8_t)(i * 2654435761u >> 13);
	}
	make_table(db);
	both_ways(db, (const struct db_value[]){
		DB_N(1), DB_N(2), DB_T(slice_of(text, LONG)),
		DB_B(slice_of(blob, LONG))});
	free(text);
	free(blob);
}

static void hostile_text_is_only_text(struct db *db)
{
	static const char *const texts[] = {
		"'; DROP TABLE t; --", "\"", "\\", "\\'", "''", "$1", "?1", "%s%n",
		"\\x00", "NULL", "{1,2}", "a,b\"\\{}", "\x01\x1b[2J\x7f", "\r\n\t",
	};

	make_table(db);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		both_ways(db, (const struct db_value[]){
			DB_N(1), DB_N(2), DB_T(slice_str(texts[i])),
			DB_B(slice_str(texts[i]))});
}

/* PostgreSQL takes only UTF-8 without NUL for text, SQLite takes anything:
 * both are fine, another text is not. */
static void strange_bytes_in_text_are_kept_or_refused(struct db *db)
{
	static const struct slice texts[] = {
		SLICE("\xff\xfe"), SLICE("a\0b"), SLICE("\xc0\x80"),
		SLICE("\xed\xa0\x80"), SLICE("\xf4\x90\x80\x80"), SLICE("\xc3"),
	};

	make_table(db);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const struct db_value row[] = {DB_N(1), DB_N(2), DB_T(texts[i]),
		                               DB_B(texts[i])};

		for (unsigned by_put = 0; by_put < 2; by_put++) {
			int rc = by_put ? put(db, DB_FAIL, row, 1)
			                : db->driver->exec(db, "INSERT INTO t "
			                  "VALUES (?1, ?2, ?3, ?4)", row, 4);

			if (rc == 0)
				holds_row(db, row);
			else
				assert_true(*db_error(db));
			run(db, "DELETE FROM t");
		}
	}
}

static void values_of_the_wrong_type_are_refused(struct db *db)
{
	const struct db_value row[] = {DB_N(1), TEXT("no number"), TEXT(""),
	                               DB_B(SLICE(""))};

	make_table(db);
	assert_int_equal(put(db, DB_FAIL, row, 1), -EINVAL);
	assert_true(*db_error(db));
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static void sums_are_numbers(struct db *db)
{
	make_table(db);
	must(db, put_some(db, DB_FAIL, 10, 1, 4000000000000000));
	assert_int_equal(number(db, "SELECT sum(n) FROM t"), 40000000000000000);
	assert_int_equal(number(db, "SELECT sum(k) FROM t"), 55);
	assert_int_equal(number(db, "SELECT -sum(k) * 200000 FROM t"), -11000000);
	assert_int_equal(number(db, "SELECT coalesce(sum(k), 0) FROM t WHERE k = 0"),
	                 0);
	assert_int_equal(number(db, "SELECT max(k) FROM t"), 10);
}

/* ---- put -------------------------------------------------------------- */

static const size_t sizes[] = {0, 1, 2, 100, 3000, MANY_ROWS};

static void put_stores_any_number_of_rows(struct db *db)
{
	make_table(db);
	for (size_t i = 0; i < COUNT_OF(sizes); i++)
		for (int c = DB_FAIL; c <= DB_REPLACE; c++) {
			int64_t n = (int64_t)sizes[i];

			must(db, put_some(db, (enum db_conflict)c, sizes[i], 1, 7));
			assert_int_equal(number(db, "SELECT count(*) FROM t"), n);
			assert_int_equal(number(db, "SELECT coalesce(sum(k), 0) FROM t"
			                        " WHERE n = 7 AND s = 'some text'"),
			                 n * (n + 1) / 2);
			run(db, "DELETE FROM t");
		}
}

static void put_fails_as_a_whole(struct db *db)
{
	make_table(db);
	for (size_t i = 1; i < COUNT_OF(sizes); i++) {
		must(db, put_some(db, DB_FAIL, 1, (int64_t)sizes[i], 1));
		assert_int_equal(put_some(db, DB_FAIL, sizes[i], 1, 2), -EINVAL);
		assert_true(*db_error(db));
		assert_int_equal(number(db, "SELECT sum(n) FROM t"), 1);
		run(db, "DELETE FROM t");
	}
}

static void put_keeps_or_replaces(struct db *db)
{
	make_table(db);
	for (size_t i = 1; i < COUNT_OF(sizes); i++) {
		int64_t n = (int64_t)sizes[i];

		/* Every other row is there already. */
		must(db, put_some(db, DB_FAIL, sizes[i], 1, 1));
		run(db, "DELETE FROM t WHERE k % 2 = 0");
		must(db, put_some(db, DB_KEEP, sizes[i], 1, 1000));
		assert_int_equal(number(db, "SELECT count(*) FROM t"), n);
		assert_int_equal(number(db, "SELECT sum(n) FROM t"),
		                 n / 2 * 1000 + (n + 1) / 2);
		must(db, put_some(db, DB_REPLACE, sizes[i], 1, 2));
		assert_int_equal(number(db, "SELECT sum(n) FROM t"), 2 * n);
		run(db, "DELETE FROM t");
	}
}

/* Rows 1, ..., n and these again, with other values. */
static int put_twice(struct db *db, enum db_conflict conflict, size_t n)
{
	struct db_value *values = some_rows(2 * n, 1, 1);

	for (size_t i = n; i < 2 * n; i++) {
		values[4 * i] = DB_N((int64_t)(i - n + 1));
		values[4 * i + 1] = DB_N(2);
	}
	int rc = put(db, conflict, values, 2 * n);
	free(values);
	return rc;
}

static void a_key_twice_in_one_put(struct db *db)
{
	static const size_t counts[] = {1, 50, 5000};

	make_table(db);
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		int64_t n = (int64_t)counts[i];

		assert_int_equal(put_twice(db, DB_FAIL, counts[i]), -EINVAL);
		assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
		must(db, put_twice(db, DB_KEEP, counts[i]));
		assert_int_equal(number(db, "SELECT sum(n) FROM t"), n);
		run(db, "DELETE FROM t");
		must(db, put_twice(db, DB_REPLACE, counts[i]));
		assert_int_equal(number(db, "SELECT sum(n) FROM t"), 2 * n);
		run(db, "DELETE FROM t");
	}
}

static void keys_of_several_columns(struct db *db)
{
	static const char *const columns[] = {"a", "b", "v"};
	struct db_put how = {"pairs", columns, 3, 2, DB_REPLACE};
	const struct db_value rows[] = {
		TEXT("x"), DB_B(SLICE("1")), DB_N(1),
		TEXT("x"), DB_B(SLICE("2")), DB_N(2),
		TEXT("x"), DB_B(SLICE("1")), DB_N(3),
		TEXT(""), DB_B(SLICE("x1")), DB_N(4),
	};

	run(db, "CREATE TABLE pairs (a TEXT NOT NULL, b BLOB NOT NULL,"
	        " v BIGINT NOT NULL, PRIMARY KEY (a, b))");
	must(db, db->driver->put(db, &how, rows, 4));
	assert_int_equal(number(db, "SELECT count(*) FROM pairs"), 3);
	assert_int_equal(number(db, "SELECT sum(v) FROM pairs"), 9);
	/* Nothing but keys: nothing to replace. */
	run(db, "CREATE TABLE keys_only (a TEXT NOT NULL, b BLOB NOT NULL,"
	        " PRIMARY KEY (a, b))");
	how = (struct db_put){"keys_only", columns, 2, 2, DB_REPLACE};
	const struct db_value keys[] = {TEXT("x"), DB_B(SLICE("1")),
	                                TEXT("x"), DB_B(SLICE("1"))};
	must(db, db->driver->put(db, &how, keys, 2));
	must(db, db->driver->put(db, &how, keys, 1));
	assert_int_equal(number(db, "SELECT count(*) FROM keys_only"), 1);
}

static void puts_follow_each_other_in_a_transaction(struct db *db)
{
	make_table(db);
	must(db, db->driver->begin(db, true));
	for (int64_t i = 0; i < 4; i++)
		must(db, put_some(db, DB_KEEP, 3000, 1 + i * 2000, i));
	must(db, put_some(db, DB_REPLACE, 5, 1, 9));
	must(db, db->driver->commit(db));
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 9000);
	assert_int_equal(number(db, "SELECT count(*) FROM t WHERE n = 3"), 2000);
	assert_int_equal(number(db, "SELECT count(*) FROM t WHERE n = 9"), 5);
}

/* ---- transactions ----------------------------------------------------- */

static void a_rollback_leaves_nothing(struct db *db)
{
	make_table(db);
	must(db, put_some(db, DB_FAIL, 10, 1, 1));
	must(db, db->driver->begin(db, true));
	must(db, put_some(db, DB_REPLACE, MANY_ROWS, 5, 2));
	run(db, "CREATE TABLE more (k BIGINT PRIMARY KEY)");
	run(db, "DELETE FROM t WHERE k = 1");
	db->driver->rollback(db);
	assert_int_equal(number(db, "SELECT sum(n) FROM t"), 10);
	assert_true(try(db, "SELECT k FROM more") < 0);
	/* And again, with nothing under way. */
	db->driver->rollback(db);
	must(db, put_some(db, DB_REPLACE, 3000, 5, 2));
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 3004);
}

static void an_error_leaves_the_connection_usable(struct db *db)
{
	struct db_rows *rows = NULL;

	make_table(db);
	assert_true(try(db, "SELEC") < 0);
	assert_true(*db_error(db));
	assert_true(db->driver->query(db, "SELECT x FROM nowhere WHERE y = ?1",
	                              ARGS(DB_N(1)), &rows) < 0);
	assert_null(rows);
	must(db, db->driver->begin(db, true));
	must(db, put_some(db, DB_FAIL, 1, 1, 1));
	assert_int_equal(put_some(db, DB_FAIL, 1, 1, 1), -EINVAL);
	db->driver->rollback(db);
	assert_true(*db_error(db));
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
	must(db, put_some(db, DB_FAIL, 1, 1, 1));
}

static void writers_take_turns(struct db *db)
{
	make_table(db);

	struct db *other = open_again(0);
	must(db, db->driver->begin(db, true));
	must(db, put_some(db, DB_FAIL, 1, 1, 1));
	assert_int_equal(other->driver->begin(other, true), -EBUSY);
	assert_true(*db_error(other));
	assert_int_equal(put_some(other, DB_FAIL, 1, 2, 1), -EBUSY);
	assert_int_equal(number(other, "SELECT count(*) FROM t"), 0);
	must(db, db->driver->commit(db));
	must(other, other->driver->begin(other, true));
	assert_int_equal(number(other, "SELECT count(*) FROM t"), 1);
	must(other, put_some(other, DB_FAIL, 1, 2, 1));
	assert_int_equal(db->driver->begin(db, true), -EBUSY);
	db_close(other);
	/* Whoever goes away without a commit has written nothing. */
	must(db, db->driver->begin(db, true));
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
	db->driver->rollback(db);
}

static void a_reader_sees_one_state(struct db *db)
{
	make_table(db);
	must(db, put_some(db, DB_FAIL, 10, 1, 1));

	struct db *reader = open_again(DB_READ_ONLY);
	must(reader, reader->driver->begin(reader, false));
	assert_int_equal(number(reader, "SELECT sum(n) FROM t"), 10);
	must(db, put_some(db, DB_REPLACE, 20, 1, 2));
	assert_int_equal(number(reader, "SELECT sum(n) FROM t"), 10);
	must(reader, reader->driver->commit(reader));
	assert_int_equal(number(reader, "SELECT sum(n) FROM t"), 40);
	db_close(reader);
}

static void read_only_means_it(struct db *db)
{
	make_table(db);
	must(db, put_some(db, DB_FAIL, 10, 1, 1));
	struct db *reader = open_again(DB_READ_ONLY);
	assert_int_equal(try(reader, "DELETE FROM t"), -EROFS);
	assert_true(*db_error(reader));
	assert_int_equal(put_some(reader, DB_FAIL, 1, 11, 1), -EROFS);
	assert_int_equal(put_some(reader, DB_REPLACE, 3000, 11, 1), -EROFS);
	assert_int_equal(try(reader, "CREATE TABLE u (k BIGINT PRIMARY KEY)"), -EROFS);
	assert_int_equal(number(reader, "SELECT sum(n) FROM t"), 10);
	db_close(reader);
}

/* ---- questions -------------------------------------------------------- */

static void an_answer_may_be_long(struct db *db)
{
	const struct db_value *v = NULL;
	int64_t n = 0;
	int rc;

	make_table(db);
	must(db, put_some(db, DB_FAIL, MANY_ROWS, 1, 1));
	struct db_rows *rows = ask(db, "SELECT k, s, b FROM t ORDER BY k");
	while ((rc = db->driver->next(rows, &v)) > 0) {
		assert_int_equal(v[0].n, ++n);
		assert_true(slice_eq(v[1].s, SLICE("some text")));
		assert_true(slice_eq(v[2].s, SLICE("\0\1\xff")));
	}
	must(db, rc);
	assert_int_equal(n, MANY_ROWS);
	db->driver->done(rows);
}

static void questions_may_be_nested(struct db *db)
{
	const struct db_value *v = NULL, *w = NULL;
	struct db_rows *inner = NULL;
	int64_t n = 0;

	make_table(db);
	must(db, put_some(db, DB_FAIL, 3000, 1, 1));
	must(db, db->driver->begin(db, true));
	struct db_rows *outer = ask(db, "SELECT k, n, s, b FROM t ORDER BY k");
	while (db->driver->next(outer, &v) > 0) {
		assert_int_equal(v[0].n, ++n);
		assert_true(slice_eq(v[2].s, SLICE("some text")));
		assert_true(slice_eq(v[3].s, SLICE("\0\1\xff")));
		if (n % 500)
			continue;
		must(db, db->driver->query(db, "SELECT k FROM t WHERE k >= ?1"
		                           " ORDER BY k", ARGS(DB_N(n)), &inner));
		assert_int_equal(db->driver->next(inner, &w), 1);
		assert_int_equal(w[0].n, n);
		db->driver->done(inner);
		must(db, db->driver->exec(db, "INSERT INTO t VALUES (?1, 5, '', ?2)",
		                          ARGS(DB_N(10000 + n), DB_B(SLICE("b")))));
		/* The outer row is still there. */
		assert_int_equal(v[0].n, n);
		assert_true(slice_eq(v[2].s, SLICE("some text")));
		if (n == 3000)
			break;
	}
	db->driver->done(outer);
	must(db, db->driver->commit(db));
	assert_int_equal(number(db, "SELECT count(*) FROM t WHERE n = 5"), 6);
}

/* Three answers of which each is longer than one would keep in memory. */
static void long_answers_may_be_read_side_by_side(struct db *db)
{
	struct db_rows *rows[3];
	const struct db_value *v = NULL;

	make_table(db);
	must(db, put_some(db, DB_FAIL, MANY_ROWS, 1, 1));
	must(db, db->driver->begin(db, false));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		rows[i] = ask(db, "SELECT k, n, s, b FROM t ORDER BY k");
	for (int64_t n = 1; n <= MANY_ROWS; n++)
		for (size_t i = 0; i < COUNT_OF(rows); i++) {
			assert_int_equal(db->driver->next(rows[i], &v), 1);
			if (v[0].n != n || !slice_eq(v[2].s, SLICE("some text")) ||
			    !slice_eq(v[3].s, SLICE("\0\1\xff")))
				fail_msg("answer %zu, row %lld", i, (long long)n);
		}
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(db->driver->next(rows[i], &v), 0);
		db->driver->done(rows[i]);
	}
	must(db, db->driver->commit(db));
}

static void an_answer_may_be_left(struct db *db)
{
	const struct db_value *v = NULL;

	make_table(db);
	must(db, put_some(db, DB_FAIL, MANY_ROWS, 1, 1));
	for (int i = 0; i < 3; i++) {
		struct db_rows *rows = ask(db, "SELECT k, s, b FROM t");

		for (int j = 0; j < i; j++)
			assert_int_equal(db->driver->next(rows, &v), 1);
		db->driver->done(rows);
	}
	assert_int_equal(number(db, "SELECT count(*) FROM t"), MANY_ROWS);
	struct db_rows *none = ask(db, "SELECT k FROM t WHERE k < 0");
	assert_int_equal(db->driver->next(none, &v), 0);
	assert_int_equal(db->driver->next(none, &v), 0);
	db->driver->done(none);
}

static void more_statements_than_are_kept(struct db *db)
{
	char sql[100];

	make_table(db);
	must(db, put_some(db, DB_FAIL, 10, 1, 1));
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 150; i++) {
			struct db_rows *rows = NULL;
			const struct db_value *v = NULL;

			(void)snprintf(sql, sizeof(sql),
			               "SELECT k + %d FROM t WHERE k = ?1", i);
			must(db, db->driver->query(db, sql, ARGS(DB_N(3)), &rows));
			assert_int_equal(db->driver->next(rows, &v), 1);
			assert_int_equal(v[0].n, 3 + i);
			db->driver->done(rows);
		}
}

static void a_table_may_change_its_shape(struct db *db)
{
	const struct db_value *v = NULL;
	struct db_rows *rows = NULL;

	make_table(db);
	for (int i = 0; i < 2; i++) {
		must(db, put_some(db, DB_REPLACE, 1, 1, 1));
		must(db, db->driver->query(db, "SELECT * FROM t WHERE k = ?1",
		                           ARGS(DB_N(1)), &rows));
		assert_int_equal(db->driver->next(rows, &v), 1);
		assert_int_equal(v[0].n, 1);
		db->driver->done(rows);
		run(db, i == 0 ? "ALTER TABLE t ADD COLUMN more BIGINT"
		               : "DROP TABLE t");
		if (i == 0)
			run(db, "ALTER TABLE t DROP COLUMN more");
	}
}

static void check_and_compact_pass(struct db *db)
{
	struct str words = {0};
	struct slice rest, line;

	make_table(db);
	must(db, put_some(db, DB_FAIL, 3000, 1, 1));
	run(db, "DELETE FROM t WHERE k > 10");
	must(db, db->driver->compact(db));
	must(db, db->driver->check(db, &words));
	rest = str_slice(&words);
	while (slice_line(&rest, &line))
		if (!slice_starts(line, SLICE("note: ")))
			fail_msg("%.*s", SLICE_ARG(line));
	str_finish(&words);
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 10);
}

/* ---- all -------------------------------------------------------------- */

#define CASE(name) {#name, name}
static const struct {
	const char *name;
	void (*run)(struct db *db);
} db_cases[] = {
	CASE(values_come_back_as_they_went),
	CASE(long_values_come_back),
	CASE(hostile_text_is_only_text),
	CASE(strange_bytes_in_text_are_kept_or_refused),
	CASE(values_of_the_wrong_type_are_refused),
	CASE(sums_are_numbers),
	CASE(put_stores_any_number_of_rows),
	CASE(put_fails_as_a_whole),
	CASE(put_keeps_or_replaces),
	CASE(a_key_twice_in_one_put),
	CASE(keys_of_several_columns),
	CASE(puts_follow_each_other_in_a_transaction),
	CASE(a_rollback_leaves_nothing),
	CASE(an_error_leaves_the_connection_usable),
	CASE(writers_take_turns),
	CASE(a_reader_sees_one_state),
	CASE(read_only_means_it),
	CASE(an_answer_may_be_long),
	CASE(questions_may_be_nested),
	CASE(long_answers_may_be_read_side_by_side),
	CASE(an_answer_may_be_left),
	CASE(more_statements_than_are_kept),
	CASE(a_table_may_change_its_shape),
	CASE(check_and_compact_pass),
};

#endif
