/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the PostgreSQL driver share: pgsql.c connects and holds
 * transactions, pgsql_statement.c runs statements, pgsql_rows.c reads answers,
 * pgsql_put.c loads rows in bulk, pgsql_check.c looks after the
 * cluster. Nothing else includes this.
 */
#ifndef STORE_PGSQL_PRIVATE_H
#define STORE_PGSQL_PRIVATE_H

#include <libpq-fe.h>

#include "store/db.h"

enum {
	PGSQL_ARGS_MAX = 256,      /* placeholders, or columns of a put */
	PGSQL_STATEMENTS_MAX = 64, /* kept prepared; the eldest goes */
};

/* Types of the catalogue (pg_type.dat); they never change. */
enum pgsql_oid {
	PGSQL_BOOL = 16,
	PGSQL_BYTEA = 17,
	PGSQL_CHAR = 18,
	PGSQL_NAME = 19,
	PGSQL_INT8 = 20,
	PGSQL_INT2 = 21,
	PGSQL_INT4 = 23,
	PGSQL_TEXT = 25,
	PGSQL_OID = 26,
	PGSQL_BYTEA_ARRAY = 1001,
	PGSQL_TEXT_ARRAY = 1009,
	PGSQL_INT8_ARRAY = 1016,
	PGSQL_BPCHAR = 1042,
	PGSQL_VARCHAR = 1043,
	PGSQL_NUMERIC = 1700,
};

/* A statement that the server holds under the name debar_<number>. */
struct pgsql_statement {
	uint64_t hash; /* of sql and types */
	char *sql;     /* as the caller wrote it; NULL: free */
	Oid types[PGSQL_ARGS_MAX];
	size_t n;
	unsigned number;
	uint64_t used_at; /* tick */
};

/* What put() found out about columns of a table. */
struct pgsql_columns;

struct pgsql {
	struct db db;
	PGconn *conn;
	char *secret; /* the password, to be kept out of sentences; or NULL */
	bool read_only, in_transaction;
	struct db_rows *streaming; /* has the connection; NULL: idle */
	uint64_t tick;
	unsigned last_number;
	struct pgsql_statement statements[PGSQL_STATEMENTS_MAX];
	struct pgsql_columns *columns; /* a list */
};

/* One message to the server: a statement with its values, all binary. */
struct pgsql_call {
	const char *sql; /* with $1, ... when `ours` is set, else as of db.h */
	bool ours;
	size_t n;
	Oid types[PGSQL_ARGS_MAX];
	const char *values[PGSQL_ARGS_MAX];
	int lengths[PGSQL_ARGS_MAX];
};

static inline struct pgsql *pgsql_of(struct db *db)
{
	return (struct pgsql *)db;
}

/* Keeps a sentence of our own for db_error(); returns code. */
int pgsql_say(struct pgsql *pg, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Keeps the words of the server and returns the errno for them. r may be NULL
 * (the connection's own words are taken) and is cleared. */
int pgsql_fail(struct pgsql *pg, PGresult *r);
/* The connection is gone: says so, with these words; -EIO. */
int pgsql_lost(struct pgsql *pg, const char *words);
/* 0 when r says that all went well, else as pgsql_fail; r is cleared. */
int pgsql_ok(struct pgsql *pg, PGresult *r);
/* Makes the connection free: rows not yet read are put aside. */
int pgsql_idle(struct pgsql *pg);
/* Runs one or more statements without values or rows. */
int pgsql_simple(struct pgsql *pg, const char *sql);
/* As pgsql_simple for one statement whose text rows are wanted. */
int pgsql_ask(struct pgsql *pg, const char *sql, PGresult **ret);
/* Runs a call, prepared before or now. */
int pgsql_call(struct pgsql *pg, const struct pgsql_call *call);

/* Binds values; numbers: memory for whole numbers as they are sent. */
int pgsql_bind(struct pgsql *pg, const struct db_value *args, size_t n,
               uint64_t numbers[PGSQL_ARGS_MAX], struct pgsql_call *call);
/* Sends a call whose rows are to come one by one. */
int pgsql_send(struct pgsql *pg, const struct pgsql_call *call);

int pgsql_exec(struct db *db, const char *sql, const struct db_value *args,
               size_t n);
int pgsql_query(struct db *db, const char *sql, const struct db_value *args,
                size_t n, struct db_rows **ret);
int pgsql_next(struct db_rows *rows, const struct db_value **ret);
void pgsql_done(struct db_rows *rows);

int pgsql_begin(struct db *db, bool write);
int pgsql_commit(struct db *db);
void pgsql_rollback(struct db *db);

int pgsql_put(struct db *db, const struct db_put *how,
              const struct db_value *values, size_t n_rows);
/* Forgets what put() knows of tables: the schema may have changed. */
void pgsql_forget(struct pgsql *pg);

int pgsql_check(struct db *db, struct str *ret_words);
int pgsql_compact(struct db *db);

#endif
