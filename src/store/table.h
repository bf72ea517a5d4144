/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of schema.h as data, the seal that ends each row, and rows on
 * their way into one. Reading a row checks the types of its columns and its
 * seal; -EUCLEAN then names table and key in db_error().
 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/arena.h"
#include "store/db.h"

enum table_id {
	TABLE_META,
	TABLE_ATTRIBUTE,
	TABLE_VALUE_BLOCK,
	TABLE_ARTEFACT,
	TABLE_UNIT,
	TABLE_HOST,
	TABLE_HOST_BLOCK,
	TABLE_SEEN,
	TABLE_COVERAGE,
	TABLE_MANIFEST,
	TABLE_REPORT,
	TABLE_POSTING,
	TABLE_COUNT
};

enum { TABLE_COLUMNS_MAX = 12 };

struct table {
	const char *name;
	const char *columns[TABLE_COLUMNS_MAX]; /* the last is the seal */
	const char *types;                      /* n, t or b for each */
	size_t n_columns, n_keys;
	enum db_conflict conflict; /* what putting a row that is there means */
	const char *get;           /* one row by its key */
	const char *all;           /* all rows by key */
};

extern const struct table tables[TABLE_COUNT];

/* Rows to be put into one table, gathered so that they go there at once. */
struct rows {
	struct db *db;
	enum table_id table;
	struct db_value *values;
	size_t n;
	size_t reserved; /* so many more without a flush */
	struct arena mem;
};

void rows_init(struct rows *rows, struct db *db, enum table_id table);
void rows_finish(struct rows *rows);
/* values: the columns but the seal; they are copied. */
int rows_add(struct rows *rows, const struct db_value *values);
int rows_flush(struct rows *rows);
/* Makes sure that the next n rows, at most ROWS_RESERVED_MAX, are added without
 * a flush, which may not be while a query reads the table. */
enum { ROWS_RESERVED_MAX = 256 };
int rows_reserve(struct rows *rows, size_t n);

/* A row at once, without gathering. */
int row_put(struct db *db, enum table_id table, const struct db_value *values);

/* As the driver's next, for a query that selects whole rows of the table. */
int row_next(struct db *db, struct db_rows *rows, enum table_id table,
             const struct db_value **ret);
/* Is the row as it was written? 0 or -EUCLEAN. */
int row_verify(struct db *db, enum table_id table,
               const struct db_value *values);

/*
 * Starts a query and reads its first row: 1, or 0 when there is none, or
 * -errno. After 1, *ret_rows is to be given to row_done; other rows that the
 * query has are never read.
 */
int row_first(struct db *db, enum table_id table, const char *sql,
              const struct db_value *args, size_t n, struct db_rows **ret_rows,
              const struct db_value **ret);
/* As row_first, for the row with a number as its key. */
int row_get(struct db *db, enum table_id table, int64_t key,
            struct db_rows **ret_rows, const struct db_value **ret);
void row_done(struct db *db, struct db_rows *rows);

/* Calls fn for each row of a query; a result other than 0 of fn ends it. */
int row_each(struct db *db, enum table_id table, const char *sql,
             const struct db_value *args, size_t n,
             int (*fn)(void *ctx, const struct db_value *row), void *ctx);

/* Writes words for a fault of the inventory's contents; returns -EUCLEAN. */
int db_damaged(struct db *db, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
