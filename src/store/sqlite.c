/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/sqlite_open.h"

enum {
	STATEMENTS_KEPT = 48,
	COLUMNS_MAX = 64,
	COMPLAINTS_MAX = 100, /* lines of the integrity check */
};

/* A prepared statement, kept for the next time its text comes. */
struct statement {
	char *sql;
	sqlite3_stmt *stmt;
	bool busy;
	uint64_t used; /* when last, by the driver's clock */
};

struct sqlite {
	struct db db;
	sqlite3 *conn;
	struct statement kept[STATEMENTS_KEPT];
	uint64_t clock;
};

struct db_rows {
	struct sqlite *q;
	sqlite3_stmt *stmt;
	struct statement *kept; /* NULL: finalised when done */
	struct db_value columns[COLUMNS_MAX];
};

static struct sqlite *sqlite_of(struct db *db)
{
	return (struct sqlite *)(void *)db;
}

int sqlite_result(sqlite3 *conn, int rc)
{
	int system = sqlite3_system_errno(conn);

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_IOERR:
		return system == ENOSPC || system == EDQUOT ? -ENOSPC : -EIO;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CORRUPT:
		return -EUCLEAN;
	case SQLITE_NOTADB:
		return -EMEDIUMTYPE;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CANTOPEN:
		return system ? -system : -EACCES;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	default:
		return -EINVAL;
	}
}

/* Keeps the library's words at once: the next call changes them. */
static int failed(struct sqlite *q, int rc)
{
	(void)snprintf(q->db.error, sizeof(q->db.error), "%s",
	               sqlite3_errmsg(q->conn));
	return sqlite_result(q->conn, rc);
}

/* ---- statements -------------------------------------------------------- */

static struct statement *kept_find(struct sqlite *q, const char *sql)
{
	for (size_t i = 0; i < STATEMENTS_KEPT; i++)
		if (q->kept[i].sql && strcmp(q->kept[i].sql, sql) == 0)
			return &q->kept[i];
	return NULL;
}

static void kept_drop(struct statement *k)
{
	(void)sqlite3_finalize(k->stmt);
	free(k->sql);
	*k = (struct statement){0};
}

/* A place for one more: an empty one, or the one used longest ago. */
static struct statement *kept_place(struct sqlite *q)
{
	struct statement *oldest = NULL;

	for (size_t i = 0; i < STATEMENTS_KEPT; i++) {
		struct statement *k = &q->kept[i];
		if (!k->sql)
			return k;
		if (!k->busy && (!oldest || k->used < oldest->used))
			oldest = k;
	}
	if (oldest)
		kept_drop(oldest);
	return oldest;
}

/* *ret_kept is NULL when the statement must be finalised by the caller. */
static int prepare(struct sqlite *q, const char *sql, sqlite3_stmt **ret,
                   struct statement **ret_kept)
{
	struct statement *k = kept_find(q, sql);
	sqlite3_stmt *stmt;
	bool known = k != NULL;

	if (k && !k->busy) {
		k->busy = true;
		k->used = ++q->clock;
		*ret = k->stmt;
		*ret_kept = k;
		return 0;
	}
	int rc = sqlite3_prepare_v3(q->conn, sql, -1, SQLITE_PREPARE_PERSISTENT,
	                            &stmt, NULL);
	if (rc != SQLITE_OK)
		return failed(q, rc);
	k = known ? NULL : kept_place(q);
	if (k && (k->sql = strdup(sql))) {
		k->stmt = stmt;
		k->busy = true;
		k->used = ++q->clock;
	} else {
		k = NULL;
	}
	*ret = stmt;
	*ret_kept = k;
	return 0;
}

static void release(sqlite3_stmt *stmt, struct statement *kept)
{
	if (!kept) {
		(void)sqlite3_finalize(stmt);
		return;
	}
	(void)sqlite3_reset(stmt);
	kept->busy = false;
}

static int bind_one(sqlite3_stmt *stmt, int i, const struct db_value *v)
{
	/* A NULL pointer would bind NULL, not an empty value. */
	const void *p = v->s.p ? (const void *)v->s.p : "";

	switch (v->type) {
	case DB_INT:
		return sqlite3_bind_int64(stmt, i, v->n);
	case DB_TEXT:
		return sqlite3_bind_text64(stmt, i, p, v->s.n, SQLITE_STATIC,
		                           SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(stmt, i, p, v->s.n, SQLITE_STATIC);
	case DB_NULL:
	default:
		return sqlite3_bind_null(stmt, i);
	}
}

static int bind(struct sqlite *q, sqlite3_stmt *stmt,
                const struct db_value *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int rc = bind_one(stmt, (int)i + 1, &args[i]);
		if (rc != SQLITE_OK)
			return failed(q, rc);
	}
	return 0;
}

static int run(struct sqlite *q, sqlite3_stmt *stmt)
{
	int rc;

	do
		rc = sqlite3_step(stmt);
	while (rc == SQLITE_ROW);
	return rc == SQLITE_DONE ? 0 : failed(q, rc);
}

/* ---- verbs ------------------------------------------------------------- */

static int sqlite_exec(struct db *db, const char *sql,
                       const struct db_value *args, size_t n)
{
	struct sqlite *q = sqlite_of(db);
	struct statement *kept;
	sqlite3_stmt *stmt;
	struct str own = {0};

	sqlite_dialect(&own, sql);
	if (str_failed(&own)) {
		str_finish(&own);
		return -ENOMEM;
	}
	int r = prepare(q, own.p, &stmt, &kept);
	str_finish(&own);
	if (r < 0)
		return r;
	r = bind(q, stmt, args, n);
	if (r == 0)
		r = run(q, stmt);
	release(stmt, kept);
	return r;
}

static int sqlite_begin(struct db *db, bool write)
{
	return sqlite_exec(db, write ? "BEGIN IMMEDIATE" : "BEGIN", NULL, 0);
}

static int sqlite_commit(struct db *db)
{
	return sqlite_exec(db, "COMMIT", NULL, 0);
}

/* A full disk has the library roll back by itself; then there is nothing. */
static void sqlite_rollback(struct db *db)
{
	char words[sizeof(db->error)];

	if (sqlite3_get_autocommit(sqlite_of(db)->conn))
		return;
	memcpy(words, db->error, sizeof(words));
	(void)sqlite_exec(db, "ROLLBACK", NULL, 0);
	memcpy(db->error, words, sizeof(words));
}

static int sqlite_query(struct db *db, const char *sql,
                        const struct db_value *args, size_t n,
                        struct db_rows **ret)
{
	struct sqlite *q = sqlite_of(db);
	struct db_rows *rows = malloc(sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	rows->q = q;
	int r = prepare(q, sql, &rows->stmt, &rows->kept);
	if (r < 0) {
		free(rows);
		return r;
	}
	r = bind(q, rows->stmt, args, n);
	if (r == 0 && sqlite3_column_count(rows->stmt) > COLUMNS_MAX)
		r = -EINVAL;
	if (r < 0) {
		release(rows->stmt, rows->kept);
		free(rows);
		return r;
	}
	*ret = rows;
	return 0;
}

static struct db_value column(sqlite3_stmt *stmt, int i)
{
	struct db_value v = {0};

	switch (sqlite3_column_type(stmt, i)) {
	case SQLITE_INTEGER:
		v.type = DB_INT;
		v.n = sqlite3_column_int64(stmt, i);
		break;
	case SQLITE_TEXT:
		v.type = DB_TEXT;
		v.s.p = sqlite3_column_text(stmt, i);
		v.s.n = (size_t)sqlite3_column_bytes(stmt, i);
		break;
	case SQLITE_BLOB:
		v.type = DB_BLOB;
		v.s.p = sqlite3_column_blob(stmt, i);
		v.s.n = (size_t)sqlite3_column_bytes(stmt, i);
		break;
	default:
		break;
	}
	return v;
}

static int sqlite_next(struct db_rows *rows, const struct db_value **ret)
{
	int rc = sqlite3_step(rows->stmt);

	if (rc == SQLITE_DONE)
		return 0;
	if (rc != SQLITE_ROW)
		return failed(rows->q, rc);
	int n = sqlite3_column_count(rows->stmt);
	for (int i = 0; i < n; i++)
		rows->columns[i] = column(rows->stmt, i);
	*ret = rows->columns;
	return 1;
}

static void sqlite_done(struct db_rows *rows)
{
	release(rows->stmt, rows->kept);
	free(rows);
}

static void put_sql(struct str *sql, const struct db_put *how)
{
	str_printf(sql, "INSERT INTO %s VALUES (?1", how->table);
	for (size_t i = 1; i < how->n_columns; i++)
		str_printf(sql, ", ?%zu", i + 1);
	str_putc(sql, ')');
	if (how->conflict == DB_FAIL)
		return;
	str_puts(sql, " ON CONFLICT (");
	for (size_t i = 0; i < how->n_keys; i++)
		str_printf(sql, "%s%s", i ? ", " : "", how->columns[i]);
	if (how->conflict == DB_KEEP || how->n_keys == how->n_columns) {
		str_puts(sql, ") DO NOTHING");
		return;
	}
	str_puts(sql, ") DO UPDATE SET ");
	for (size_t i = how->n_keys; i < how->n_columns; i++)
		str_printf(sql, "%s%s = excluded.%s", i > how->n_keys ? ", " : "",
		           how->columns[i], how->columns[i]);
}

static int sqlite_put(struct db *db, const struct db_put *how,
                      const struct db_value *values, size_t n_rows)
{
	struct sqlite *q = sqlite_of(db);
	struct statement *kept;
	sqlite3_stmt *stmt;
	struct str sql = {0};

	put_sql(&sql, how);
	if (str_failed(&sql)) {
		str_finish(&sql);
		return -ENOMEM;
	}
	int r = prepare(q, sql.p, &stmt, &kept);
	str_finish(&sql);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n_rows && r == 0; i++) {
		r = bind(q, stmt, values + i * how->n_columns, how->n_columns);
		if (r == 0)
			r = run(q, stmt);
		(void)sqlite3_reset(stmt);
	}
	release(stmt, kept);
	return r;
}

static int sqlite_check(struct db *db, struct str *ret_words)
{
	struct db_rows *rows;
	const struct db_value *row;
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA integrity_check(%d)",
	               COMPLAINTS_MAX);
	int r = sqlite_query(db, sql, NULL, 0, &rows);
	if (r < 0)
		return r;
	while ((r = sqlite_next(rows, &row)) > 0) {
		if (slice_eq(row[0].s, SLICE("ok")))
			continue;
		str_add(ret_words, row[0].s);
		str_putc(ret_words, '\n');
	}
	sqlite_done(rows);
	return r;
}

static int sqlite_compact(struct db *db)
{
	int r = sqlite_exec(db, "VACUUM", NULL, 0);

	return r ? r : sqlite_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, 0);
}

static void sqlite_close(struct db *db)
{
	struct sqlite *q = sqlite_of(db);

	for (size_t i = 0; i < STATEMENTS_KEPT; i++)
		if (q->kept[i].sql)
			kept_drop(&q->kept[i]);
	(void)sqlite3_close_v2(q->conn);
	free(q);
}

static const struct db_driver driver = {
	.name = "sqlite",
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.exec = sqlite_exec,
	.query = sqlite_query,
	.next = sqlite_next,
	.done = sqlite_done,
	.put = sqlite_put,
	.check = sqlite_check,
	.compact = sqlite_compact,
};

int sqlite_open(const char *path, unsigned flags, struct err *e,
                struct db **ret)
{
	struct sqlite *q = calloc(1, sizeof(*q));

	if (!q)
		return err_sys(e, -ENOMEM, "opening the inventory %s", path);
	q->db.driver = &driver;
	int r = sqlite_connect(path, flags, e, &q->conn);
	if (r < 0) {
		free(q);
		return r;
	}
	*ret = &q->db;
	return 0;
}
