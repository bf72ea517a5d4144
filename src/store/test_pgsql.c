/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PostgreSQL driver: the contract of all drivers, and what only a server
 * can do to us. Starts a server of its own (tools/with-postgres); where none is
 * installed, all that needs one is skipped.
 */
#include "store/db_cases.h"

#include "store/pgsql.h"

#ifdef HAVE_LIBPQ

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/pgsql_util.h"

/* ---- a server --------------------------------------------------------- */

static struct {
	pid_t pid;
	int in;
	char url[300]; /* "": there is none */
} server;

static void run_server(int in, int out)
{
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(1);
	/* Nobody needs this cluster after a power cut. */
	(void)setenv("DEBAR_TEST_PGCONF", "-c fsync=off", 0);
	(void)execl(DEBAR_SOURCE "/tools/with-postgres", "with-postgres", "sh", "-c",
	            "echo \"$DEBAR_TEST_PGURL\"; read -r end", (char *)NULL);
	_exit(77);
}

/* The script tells the URL when the server is up, and ends with our pipe. */
static int start_server(void **state)
{
	int in[2], out[2];
	size_t n = 0;

	(void)state;
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -1;
	server.pid = fork();
	if (server.pid < 0)
		return -1;
	if (server.pid == 0)
		run_server(in[0], out[1]);
	(void)close(in[0]);
	(void)close(out[1]);
	server.in = in[1];
	while (n < sizeof(server.url) - 1 &&
	       read(out[0], server.url + n, 1) == 1 && server.url[n] != '\n')
		n++;
	server.url[n] = 0;
	(void)close(out[0]);
	cases_url = server.url;
	return 0;
}

static int stop_server(void **state)
{
	int status;

	(void)state;
	(void)close(server.in);
	(void)waitpid(server.pid, &status, 0);
	if (!WIFEXITED(status))
		return -1;
	/* 77: nothing is installed; 1: our pipe ended the script's "read". */
	return WEXITSTATUS(status) == (server.url[0] ? 1 : 77) ? 0 : -1;
}

static void need_server(void)
{
	if (!server.url[0])
		skip();
}

/* A connection past the driver, for what it has no verb for. */
static PGconn *behind(const char *url)
{
	PGconn *conn = PQconnectdb(url);

	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(conn));
	return conn;
}

/* Runs sql; the first cell of the answer, in memory that the next call takes. */
static const char *behind_run(PGconn *conn, const char *sql)
{
	static char cell[200];

	PGresult *r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK &&
	    PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(conn));
	(void)snprintf(cell, sizeof(cell), "%s",
	               PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return cell;
}

static void behind_once(const char *sql)
{
	PGconn *conn = behind(server.url);

	(void)behind_run(conn, "SET client_min_messages = warning");
	(void)behind_run(conn, sql);
	PQfinish(conn);
}

static struct db *fresh(void)
{
	need_server();
	behind_once("DROP SCHEMA IF EXISTS debar CASCADE");
	return open_again(DB_CREATE);
}

/* The server's URL with another database and more options. */
static const char *other_url(const char *user, const char *database,
                             const char *more)
{
	static char url[600];
	const char *host = strchr(server.url, '?');

	assert_non_null(host);
	(void)snprintf(url, sizeof(url), "postgresql://%s@/%s%s%s", user, database,
	               host, more);
	return url;
}

static void refuses(const char *url, unsigned flags, int code, const char *words)
{
	struct err e = {0};
	struct db *db = NULL;

	assert_int_equal(pgsql_open(url, flags, &e, &db), code);
	assert_null(db);
	if (!strstr(e.text, words))
		fail_msg("%s", e.text);
}

static void run_case(void **state)
{
	struct db *db = fresh();

	db_cases[(size_t)(uintptr_t)*state].run(db);
	db_close(db);
}

/* ---- without a server ------------------------------------------------- */

static void sql_is_put_into_the_dialect(void **state)
{
	static const char *const sql[][2] = {
		{"SELECT ?1, ?12", "SELECT $1, $12"},
		{"SELECT '?1 BLOB', \"BLOB ?1\", 'it''s ?1'",
		 "SELECT '?1 BLOB', \"BLOB ?1\", 'it''s ?1'"},
		{"CREATE TABLE a (b BLOB, i integer, blobs TEXT) STRICT, WITHOUT ROWID",
		 "CREATE TABLE a (b BYTEA, i BIGINT, blobs TEXT) "},
		{"CREATE TABLE a (b BLOB) without\n rowid, strict; SELECT ?1",
		 "CREATE TABLE a (b BYTEA) ; SELECT $1"},
		{"CREATE TABLE a (strict BIGINT)", "CREATE TABLE a (strict BIGINT)"},
		{"SELECT 1 -- BLOB ?1\n, ?1 /* ?1 */", "SELECT 1 -- BLOB ?1\n, $1 /* ?1 */"},
		{"SELECT 'open ?1", "SELECT 'open ?1"},
		{"SELECT /* ?1", "SELECT /* ?1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sql); i++) {
		struct str s = {0};

		pgsql_rewrite(sql[i][0], &s);
		assert_string_equal(s.p, sql[i][1]);
		str_finish(&s);
	}
}

static void error_codes_become_ours(void **state)
{
	static const struct {
		const char *state;
		int code;
	} codes[] = {
		{"53100", -ENOSPC}, {"58030", -EIO}, {"57P01", -EIO}, {"08006", -EIO},
		{"25006", -EROFS}, {"55P03", -EBUSY}, {"40P01", -EBUSY},
		{"XX001", -EUCLEAN}, {"XX002", -EUCLEAN}, {"23505", -EINVAL},
		{"42601", -EINVAL}, {"42501", -EACCES}, {"XX000", -EINVAL},
		{NULL, -EINVAL}, {"", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		assert_int_equal(pgsql_errno(codes[i].state), codes[i].code);
	assert_true(pgsql_ends("57P01"));
	assert_false(pgsql_ends("23505"));
	assert_false(pgsql_ends(NULL));
}

static void damaged_numbers_are_refused(void **state)
{
	int64_t n = 5;

	(void)state;
	assert_int_equal(pgsql_numeric(SLICE("\0\2\0\1\0\0\0\0\0\1\0\2"), &n), 0);
	assert_int_equal(n, 10002);
	assert_int_equal(pgsql_numeric(SLICE("\0\1\0\1\x40\0\0\0\0\1"), &n), 0);
	assert_int_equal(n, -10000);
	assert_int_equal(pgsql_numeric(SLICE("\0\0\0\0\0\0\0\0"), &n), 0);
	assert_int_equal(n, 0);
	/* A fraction, not a number, cut off, no digit, too large. */
	assert_int_equal(pgsql_numeric(SLICE("\0\1\xff\xff\0\0\0\1\0\1"), &n), -EINVAL);
	assert_int_equal(pgsql_numeric(SLICE("\0\0\0\0\xc0\0\0\0"), &n), -EINVAL);
	assert_int_equal(pgsql_numeric(SLICE("\0\2\0\1\0\0\0\0\0\1"), &n), -EINVAL);
	assert_int_equal(pgsql_numeric(SLICE("\0\1\0\0\0\0\0\0\x27\x10"), &n), -EINVAL);
	assert_int_equal(pgsql_numeric(SLICE("\0\1\0\5\0\0\0\0\0\1"), &n), -ERANGE);
	assert_int_equal(pgsql_numeric(SLICE("\0\1\x7f\xff\0\0\0\0\0\1"), &n), -ERANGE);
	assert_int_equal(n, 0);
}

static void words_are_one_line_and_keep_the_secret(void **state)
{
	struct str s = {0};

	(void)state;
	pgsql_words(&s, "ERROR:  a\x1b[2J hunter2\n\tis it hunter2?\n", "hunter2");
	assert_string_equal(s.p, "ERROR:  a\\x1b[2J *** is it ***?");
	str_finish(&s);
	pgsql_words(&s, "as it is", "");
	pgsql_words(&s, " too", NULL);
	assert_string_equal(s.p, "as it istoo");
	str_finish(&s);
}

static void a_torn_url_does_not_tell_the_password(void **state)
{
	static const char *const urls[] = {
		"postgresql://u:hun@ter2@h/db",  "postgresql://u:hun/ter2@h/db",
		"postgresql://u:hun?ter2@h/db",  "postgresql://u:hunter2",
		"postgresql://u:hunter2@[h/db",  "postgresql://u:hun%zzter2@h/db",
		"postgresql://u:hun#ter2@h:x/db", "postgresql://h/db?pass=hunter2",
		"postgresql://u:hunter2@h:99999999/db",
	};
	struct err e = {0};
	struct db *db = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		assert_true(pgsql_open(urls[i], 0, &e, &db) < 0);
		assert_true(*e.text);
		assert_null(strstr(e.text, "hun"));
		assert_null(strstr(e.text, "ter2"));
	}
}

static void a_server_that_is_not_there_is_named(void **state)
{
	(void)state;
	refuses("postgresql://u:hunter2@/db?host=/nowhere", 0, -EIO, "/nowhere");
	refuses("postgresql://u:hunter2@127.0.0.1:1/db", 0, -EIO, "127.0.0.1");
}

/* ---- with a server ---------------------------------------------------- */

static void without_create_there_must_be_an_inventory(void **state)
{
	struct db *db = fresh();

	(void)state;
	db_close(db);
	db = open_again(0);
	db_close(db);
	behind_once("DROP SCHEMA debar CASCADE");
	refuses(server.url, 0, -ENOENT, "no inventory");
	refuses(server.url, DB_CREATE | DB_READ_ONLY, -ENOENT, "no inventory");
	refuses(other_url("debar", "nowhere", ""), 0, -EIO, "nowhere");
	refuses(other_url("nobody_here", "postgres", ""), 0, -EIO, "nobody_here");
}

static void other_encodings_are_refused(void **state)
{
	(void)state;
	need_server();
	behind_once("DROP DATABASE IF EXISTS latin");
	behind_once("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
	refuses(other_url("debar", "latin", ""), DB_CREATE, -EINVAL, "LATIN1");
	behind_once("DROP DATABASE latin");
}

static void rights_that_are_missing_are_named(void **state)
{
	struct err e = {0};
	struct db *db = fresh(), *weak = NULL;

	(void)state;
	make_table(db);
	behind_once("DROP ROLE IF EXISTS weak");
	behind_once("CREATE ROLE weak LOGIN");
	refuses(other_url("weak", "postgres", ""), 0, -EACCES, "permission denied");
	behind_once("GRANT USAGE ON SCHEMA debar TO weak");
	assert_int_equal(pgsql_open(other_url("weak", "postgres", ""), 0, &e, &weak), 0);
	assert_int_equal(try(weak, "DELETE FROM t"), -EACCES);
	assert_non_null(strstr(db_error(weak), "permission denied"));
	assert_int_equal(put_some(weak, DB_FAIL, 1, 1, 1), -EACCES);
	db_close(weak);
	behind_once("DROP SCHEMA debar CASCADE");
	refuses(other_url("weak", "postgres", ""), DB_CREATE, -EACCES,
	        "permission denied");
	behind_once("DROP ROLE weak");
	db_close(db);
}

static void the_other_writer_is_named(void **state)
{
	char url[600];
	struct err e = {0};
	struct db *db = fresh(), *other = NULL;

	(void)state;
	(void)snprintf(url, sizeof(url), "%s&application_name=nightly%%20sweep",
	               server.url);
	assert_int_equal(pgsql_open(url, 0, &e, &other), 0);
	must(other, other->driver->begin(other, true));
	assert_int_equal(db->driver->begin(db, true), -EBUSY);
	assert_non_null(strstr(db_error(db), "nightly sweep"));
	assert_non_null(strstr(db_error(db), "writing to the inventory"));
	db_close(other);
	/* Without a name in the URL: which process, on which machine. */
	other = open_again(0);
	must(other, other->driver->begin(other, true));
	assert_int_equal(db->driver->begin(db, true), -EBUSY);
	(void)snprintf(url, sizeof(url), "debar %ld on ", (long)getpid());
	assert_non_null(strstr(db_error(db), url));
	db_close(other);
	db_close(db);
}

/* What the driver does when its backend is ended at this moment. */
static void cut(struct db *db)
{
	char sql[100];

	(void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, 5000)",
	               (long long)number(db, "SELECT pg_backend_pid()"));
	behind_once(sql);
}

static int lose_put(struct db *db)
{
	return put_some(db, DB_REPLACE, 5, 1, 2);
}

static int lose_big_put(struct db *db)
{
	return put_some(db, DB_KEEP, MANY_ROWS, 1, 2);
}

static int lose_exec(struct db *db)
{
	return db->driver->exec(db, "UPDATE t SET n = ?1", ARGS(DB_N(2)));
}

static int lose_commit(struct db *db)
{
	return db->driver->commit(db);
}

static int lose_query(struct db *db)
{
	struct db_rows *rows = NULL;

	return db->driver->query(db, "SELECT k FROM t WHERE n = ?1", ARGS(DB_N(1)),
	                         &rows);
}

static void a_lost_server_leaves_nothing_half_done(void **state)
{
	static int (*const verbs[])(struct db *db) = {
		lose_put, lose_big_put, lose_exec, lose_commit, lose_query,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(verbs); i++) {
		struct db *db = fresh();

		make_table(db);
		must(db, put_some(db, DB_FAIL, 10, 1, 1));
		must(db, db->driver->begin(db, true));
		must(db, put_some(db, DB_REPLACE, 3000, 5, 2));
		cut(db);
		assert_int_equal(verbs[i](db), -EIO);
		if (!strstr(db_error(db), "was lost"))
			fail_msg("%s", db_error(db));
		db->driver->rollback(db);
		/* From now on every verb says so. */
		assert_int_equal(db->driver->begin(db, true), -EIO);
		assert_non_null(strstr(db_error(db), "was lost"));
		assert_int_equal(verbs[i](db), i == 3 ? -EINVAL : -EIO);
		db_close(db);
		db = open_again(0);
		assert_int_equal(number(db, "SELECT sum(n) FROM t"), 10);
		must(db, db->driver->begin(db, true));
		db->driver->rollback(db);
		db_close(db);
	}
}

static void a_server_lost_while_reading_is_an_error(void **state)
{
	struct db *db = fresh();
	const struct db_value *v = NULL;
	int rc;

	(void)state;
	make_table(db);
	must(db, put_some(db, DB_FAIL, MANY_ROWS, 1, 1));
	char sql[100];
	(void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, 5000)",
	               (long long)number(db, "SELECT pg_backend_pid()"));
	struct db_rows *rows = ask(db, "SELECT k, s, b, repeat(s, 100) FROM t");
	assert_int_equal(db->driver->next(rows, &v), 1);
	behind_once(sql);
	while ((rc = db->driver->next(rows, &v)) > 0)
		;
	assert_int_equal(rc, -EIO);
	assert_non_null(strstr(db_error(db), "was lost"));
	assert_int_equal(db->driver->next(rows, &v), -EIO);
	db->driver->done(rows);
	db_close(db);
}

static void a_put_alone_is_a_transaction(void **state)
{
	struct db *db = fresh(), *other = open_again(0);
	struct db_put how = into_t(DB_FAIL);

	(void)state;
	make_table(db);
	/* Two pieces of arrays, of which the second has the doubled key. */
	struct db_value *values = some_rows(6000, 1, 1);
	values[4 * 5999] = DB_N(1);
	how.n_keys = 0;
	for (size_t n = 900; n <= 6000; n += 5100) {
		values[4 * (n - 1)] = DB_N(1);
		assert_int_equal(db->driver->put(db, &how, values, n), -EINVAL);
		assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
		values[4 * (n - 1)] = DB_N((int64_t)n);
	}
	must(db, db->driver->put(db, &how, values, 6000));
	assert_int_equal(number(other, "SELECT count(*) FROM t"), 6000);
	must(other, other->driver->begin(other, true));
	assert_int_equal(db->driver->put(db, &how, values, 1), -EBUSY);
	free(values);
	db_close(other);
	db_close(db);
}

static void a_commit_after_an_error_is_none(void **state)
{
	struct db *db = fresh();

	(void)state;
	make_table(db);
	must(db, db->driver->begin(db, true));
	must(db, put_some(db, DB_FAIL, 1, 1, 1));
	assert_true(try(db, "SELECT 1 / 0") < 0);
	assert_int_equal(db->driver->commit(db), -EINVAL);
	assert_non_null(strstr(db_error(db), "nothing was stored"));
	assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
	db_close(db);
}

/* Flips a bit in the first page of a file of the cluster. */
static void flip(const char *path)
{
	unsigned char c;

	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, 8000), 1);
	c ^= 4;
	assert_int_equal(pwrite(fd, &c, 1, 8000), 1);
	assert_int_equal(close(fd), 0);
}

/* CREATE DATABASE copies files past the server's memory, so that what is
 * changed on the disk is seen. */
static void a_flipped_bit_is_named(void **state)
{
	struct str words = {0};
	struct err e = {0};
	struct db *db = fresh();
	char path[500];

	(void)state;
	make_table(db);
	must(db, put_some(db, DB_FAIL, 3000, 1, 1));
	db_close(db);
	behind_once("DROP DATABASE IF EXISTS damaged");
	PGconn *conn = behind(other_url("debar", "template1", ""));
	bool copies = PQserverVersion(conn) >= 150000;
	(void)behind_run(conn, copies ? "CREATE DATABASE damaged TEMPLATE postgres"
	                                " STRATEGY file_copy"
	                              : "CREATE DATABASE damaged TEMPLATE postgres");
	(void)snprintf(path, sizeof(path), "%s",
	               behind_run(conn, "SHOW data_directory"));
	PQfinish(conn);
	conn = behind(other_url("debar", "damaged", ""));
	(void)strncat(path, "/", sizeof(path) - strlen(path) - 1);
	(void)strncat(path, behind_run(conn, "SELECT pg_relation_filepath('debar.t')"),
	              sizeof(path) - strlen(path) - 1);
	PQfinish(conn);
	flip(path);
	assert_int_equal(pgsql_open(other_url("debar", "damaged", ""), 0, &e, &db), 0);
	struct db_rows *rows = NULL;
	assert_int_equal(db->driver->query(db, "SELECT sum(length(s)) FROM t", NULL, 0,
	                                   &rows), -EUCLEAN);
	for (int i = 0; i < 2; i++) {
		must(db, db->driver->check(db, &words));
		assert_non_null(strstr(words.p, "table t: "));
		assert_non_null(strstr(words.p, "invalid page in block 0"));
		str_finish(&words);
		/* And again in a transaction, which must stay sound. */
		if (i == 0)
			must(db, db->driver->begin(db, false));
	}
	must(db, db->driver->commit(db));
	db_close(db);
	behind_once("DROP DATABASE damaged");
}

/* A key that the index does not know: amcheck tells. */
static void a_damaged_index_is_named(void **state)
{
	struct str words = {0};
	struct db *db = fresh();

	(void)state;
	make_table(db);
	must(db, put_some(db, DB_FAIL, 3000, 1, 1));
	must(db, db->driver->check(db, &words));
	assert_non_null(strstr(words.p, "note: the structure of indexes"));
	str_clear(&words);
	PGconn *conn = behind(server.url);
	PGresult *r = PQexec(conn, "CREATE EXTENSION amcheck");
	bool has = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	if (has) {
		must(db, db->driver->check(db, &words));
		assert_int_equal(words.n, 0);
		(void)behind_run(conn, "UPDATE pg_index SET indisready = false"
		                 " WHERE indrelid = 'debar.t'::regclass");
		must(db, put_some(db, DB_FAIL, 1, 5000, 1));
		(void)behind_run(conn, "UPDATE pg_index SET indisready = true"
		                 " WHERE indrelid = 'debar.t'::regclass");
		must(db, db->driver->check(db, &words));
		assert_non_null(words.p);
		assert_non_null(strstr(words.p, "index t_pkey: "));
		(void)behind_run(conn, "DROP EXTENSION amcheck");
	}
	PQfinish(conn);
	str_finish(&words);
	db_close(db);
}

/* ---- all -------------------------------------------------------------- */

static const struct CMUnitTest own[] = {
	cmocka_unit_test(sql_is_put_into_the_dialect),
	cmocka_unit_test(error_codes_become_ours),
	cmocka_unit_test(damaged_numbers_are_refused),
	cmocka_unit_test(words_are_one_line_and_keep_the_secret),
	cmocka_unit_test(a_torn_url_does_not_tell_the_password),
	cmocka_unit_test(a_server_that_is_not_there_is_named),
	cmocka_unit_test(without_create_there_must_be_an_inventory),
	cmocka_unit_test(other_encodings_are_refused),
	cmocka_unit_test(rights_that_are_missing_are_named),
	cmocka_unit_test(the_other_writer_is_named),
	cmocka_unit_test(a_lost_server_leaves_nothing_half_done),
	cmocka_unit_test(a_server_lost_while_reading_is_an_error),
	cmocka_unit_test(a_put_alone_is_a_transaction),
	cmocka_unit_test(a_commit_after_an_error_is_none),
	cmocka_unit_test(a_flipped_bit_is_named),
	cmocka_unit_test(a_damaged_index_is_named),
};

int main(void)
{
	enum { N = COUNT_OF(db_cases) };
	struct CMUnitTest tests[N + COUNT_OF(own)] = {0};

	for (size_t i = 0; i < N; i++)
		tests[i] = (struct CMUnitTest){db_cases[i].name, run_case, NULL, NULL,
		                               (void *)(uintptr_t)i};
	memcpy(tests + N, own, sizeof(own));
	return cmocka_run_group_tests_name("pgsql", tests, start_server, stop_server);
}

#else

static void without_libpq_it_says_so(void **state)
{
	struct err e = {0};
	struct db *db = NULL;

	(void)state;
	(void)db_cases;
	assert_int_equal(pgsql_open("postgresql://h/db", 0, &e, &db), -ENOTSUP);
	assert_non_null(strstr(e.text, "without PostgreSQL"));
	assert_null(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_libpq_it_says_so),
	};

	return cmocka_run_group_tests_name("pgsql", tests, NULL, NULL);
}

#endif
