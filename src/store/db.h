/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database, seen through a few verbs, so that everything above is written
 * once: sqlite.c and pgsql.c implement it, faulty.c wraps another one and
 * fails on purpose.
 *
 * SQL is the small common part of both, with placeholders ?1, ?2, ... and the
 * types BIGINT, TEXT and BLOB (a driver rewrites what its database calls
 * otherwise). Values are bound, never pasted. Functions return 0 or a negative
 * errno and keep the database's own words for db_error(): -EBUSY another
 * process has it, -ENOSPC, -EIO, -EROFS, -EUCLEAN damaged, -EINVAL otherwise.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/err.h"
#include "base/slice.h"
#include "base/str.h"

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };

struct db_value {
	enum db_type type;
	int64_t n;
	struct slice s; /* of a result: valid until the next row */
};

#define DB_N(number) ((struct db_value){.type = DB_INT, .n = (number)})
#define DB_T(slice) ((struct db_value){.type = DB_TEXT, .s = (slice)})
#define DB_B(slice) ((struct db_value){.type = DB_BLOB, .s = (slice)})

enum db_conflict {
	DB_FAIL,    /* a row with the same key is an error */
	DB_KEEP,    /* the row that is there stays */
	DB_REPLACE, /* its other columns get the new values */
};

/* Rows for one table, to be put there at once. */
struct db_put {
	const char *table;
	const char *const *columns; /* key columns first */
	size_t n_columns, n_keys;
	enum db_conflict conflict;
};

struct db;
struct db_rows;

struct db_driver {
	const char *name;
	void (*close)(struct db *db);
	int (*begin)(struct db *db, bool write);
	int (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	int (*exec)(struct db *db, const char *sql, const struct db_value *args,
	            size_t n);
	int (*query)(struct db *db, const char *sql, const struct db_value *args,
	             size_t n, struct db_rows **ret);
	/* 1 and the columns of the next row, 0 at the end, -errno. */
	int (*next)(struct db_rows *rows, const struct db_value **ret);
	void (*done)(struct db_rows *rows);
	int (*put)(struct db *db, const struct db_put *how,
	           const struct db_value *values, size_t n_rows);
	/* Is the file or cluster sound? Appends what is wrong to *ret_words. */
	int (*check)(struct db *db, struct str *ret_words);
	int (*compact)(struct db *db);
};

/* What drivers embed first. */
struct db {
	const struct db_driver *driver;
	char error[400];
};

enum db_flag { DB_READ_ONLY = 1, DB_CREATE = 2 };

/* url: a path (SQLite) or postgresql://... . */
int db_open(const char *url, unsigned flags, struct err *e, struct db **ret);
/* A driver that forwards to `inner` and fails the call number `at` (counted
 * over all verbs, from 1) and, when `for_ever`, all after it, with -error. */
struct db *db_faulty(struct db *inner, unsigned at, int error, bool for_ever);
void db_close(struct db *db);

static inline const char *db_error(const struct db *db)
{
	return db->error;
}

#endif
