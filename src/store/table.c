/* SPDX-License-Identifier: Apache-2.0 */
#include "store/table.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/siphash.h"

enum { ROWS_AT_ONCE = 1024, BYTES_AT_ONCE = 4 << 20 };

#define BY_ID(table) \
	.get = "SELECT * FROM " table " WHERE id = ?1", \
	.all = "SELECT * FROM " table " ORDER BY id"
#define BY_HOST(table) \
	.get = "SELECT * FROM " table " WHERE host = ?1", \
	.all = "SELECT * FROM " table " ORDER BY host"

const struct table tables[TABLE_COUNT] = {
	[TABLE_META] = {
		"meta", {"name", "number", "seal"}, "tnn", 3, 1, DB_REPLACE,
		.get = "SELECT * FROM meta WHERE name = ?1",
		.all = "SELECT * FROM meta ORDER BY name",
	},
	[TABLE_ATTRIBUTE] = {
		"attribute", {"id", "name", "seal"}, "ntn", 3, 1, DB_FAIL,
		BY_ID("attribute"),
	},
	[TABLE_VALUE_BLOCK] = {
		"value_block", {"id", "attribute", "bytes", "seal"}, "nnbn", 4, 1,
		DB_REPLACE, BY_ID("value_block"),
	},
	[TABLE_ARTEFACT] = {
		"artefact",
		{"id", "digest", "scope", "kind", "state", "ecosystem", "name",
		 "version", "root", "claims", "seal"},
		"nbttttbbbbn", 11, 1, DB_FAIL, BY_ID("artefact"),
	},
	[TABLE_UNIT] = {
		"unit", {"id", "name", "seal"}, "ntn", 3, 1, DB_FAIL,
		BY_ID("unit"),
	},
	[TABLE_HOST] = {
		"host", {"id", "name", "labels", "seal"}, "nttn", 4, 1,
		DB_REPLACE, BY_ID("host"),
	},
	[TABLE_HOST_BLOCK] = {
		"host_block", {"block", "hosts", "seal"}, "nbn", 3, 1, DB_REPLACE,
		.get = "SELECT * FROM host_block WHERE block = ?1",
		.all = "SELECT * FROM host_block ORDER BY block",
	},
	[TABLE_SEEN] = {
		"seen",
		{"host", "report", "manifest", "digest", "coverage", "seal"},
		"nnnbnn", 6, 1, DB_REPLACE, BY_HOST("seen"),
	},
	[TABLE_COVERAGE] = {
		"coverage",
		{"host", "items", "examined", "bytes", "json", "seal"},
		"nnnntn", 6, 1, DB_REPLACE, BY_HOST("coverage"),
	},
	[TABLE_MANIFEST] = {
		"manifest", {"id", "digest", "artefacts", "seal"}, "nbbn", 4, 1,
		DB_FAIL, BY_ID("manifest"),
	},
	[TABLE_REPORT] = {
		"report",
		{"id", "since", "manifest", "added", "removed", "digest", "seal"},
		"nnnbbbn", 7, 1, DB_REPLACE, BY_ID("report"),
	},
	[TABLE_POSTING] = {
		"posting", {"kind", "block", "page", "keys", "seal"}, "nnnbn", 5,
		3, DB_REPLACE,
		.get = "SELECT * FROM posting WHERE kind = ?1 AND block = ?2"
		       " AND page = ?3",
		.all = "SELECT * FROM posting ORDER BY kind, block, page",
	},
};

/* ---- the seal ---------------------------------------------------------- */

/* Signed, as databases then need four bytes for it. */
static int64_t seal_of(const struct table *t, const struct db_value *values)
{
	/* Any two numbers: the seal is against accidents, not against people. */
	struct siphash_key key = {0x6465626172207365, 0x616c206f6e20726f};
	uint64_t h = siphash(&key, slice_str(t->name));

	for (size_t i = 0; i + 1 < t->n_columns; i++) {
		uint64_t n = htole64((uint64_t)values[i].n);
		struct slice s = values[i].type == DB_INT ? slice_of(&n, sizeof(n))
		                                          : values[i].s;
		key.k1 = h;
		h = siphash(&key, s);
	}
	return (int32_t)(h >> 32);
}

static enum db_type type_of(char letter)
{
	return letter == 'n' ? DB_INT : letter == 't' ? DB_TEXT : DB_BLOB;
}

int db_damaged(struct db *db, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(db->error, sizeof(db->error), fmt, args);
	va_end(args);
	return -EUCLEAN;
}

static void write_key(struct str *out, const struct db_value *v)
{
	if (v->type == DB_INT)
		str_printf(out, " %lld", (long long)v->n);
	else
		str_printf(out, " %.*s", v->s.n < 40 ? (int)v->s.n : 40,
		           v->s.p ? (const char *)v->s.p : "");
}

int row_verify(struct db *db, enum table_id table,
               const struct db_value *values)
{
	const struct table *t = &tables[table];
	bool good = true;

	for (size_t i = 0; i < t->n_columns; i++)
		good &= values[i].type == type_of(t->types[i]);
	if (good && values[t->n_columns - 1].n == seal_of(t, values))
		return 0;
	struct str key = {0};
	for (size_t i = 0; i < t->n_keys; i++)
		write_key(&key, &values[i]);
	(void)db_damaged(db, "%s%s: the row is damaged", t->name,
	                 key.p ? key.p : "");
	str_finish(&key);
	return -EUCLEAN;
}

/* ---- putting ----------------------------------------------------------- */

void rows_init(struct rows *rows, struct db *db, enum table_id table)
{
	*rows = (struct rows){.db = db, .table = table};
	arena_init(&rows->mem, 0);
}

void rows_finish(struct rows *rows)
{
	free(rows->values);
	arena_finish(&rows->mem);
	rows->values = NULL;
	rows->n = 0;
}

static int put(struct db *db, enum table_id table, const struct db_value *values,
               size_t n_rows)
{
	const struct table *t = &tables[table];

	return db->driver->put(db, &(struct db_put){
		.table = t->name,
		.columns = t->columns,
		.n_columns = t->n_columns,
		.n_keys = t->n_keys,
		.conflict = t->conflict,
	}, values, n_rows);
}

int rows_flush(struct rows *rows)
{
	int r = rows->n ? put(rows->db, rows->table, rows->values, rows->n) : 0;

	rows->n = 0;
	arena_reset(&rows->mem);
	return r;
}

static bool full(const struct rows *rows)
{
	return rows->n >= ROWS_AT_ONCE || rows->mem.used_bytes > BYTES_AT_ONCE;
}

int rows_reserve(struct rows *rows, size_t n)
{
	int r = 0;

	assert(n <= ROWS_RESERVED_MAX);
	if (rows->n + n > ROWS_AT_ONCE || full(rows))
		r = rows_flush(rows);
	rows->reserved = n;
	return r;
}

int rows_add(struct rows *rows, const struct db_value *values)
{
	const struct table *t = &tables[rows->table];

	if (!rows->values) {
		rows->values = calloc(ROWS_AT_ONCE * t->n_columns,
		                      sizeof(*rows->values));
		if (!rows->values)
			return -ENOMEM;
	}
	if (rows->reserved)
		rows->reserved--;
	else if (full(rows)) {
		int r = rows_flush(rows);
		if (r < 0)
			return r;
	}
	struct db_value *to = rows->values + rows->n * t->n_columns;
	for (size_t i = 0; i + 1 < t->n_columns; i++) {
		to[i] = values[i];
		if (values[i].type == DB_INT)
			continue;
		to[i].s = arena_copy(&rows->mem, values[i].s);
		if (!to[i].s.p)
			return -ENOMEM;
	}
	to[t->n_columns - 1] = DB_N(seal_of(t, to));
	rows->n++;
	return 0;
}

int row_put(struct db *db, enum table_id table, const struct db_value *values)
{
	const struct table *t = &tables[table];
	struct db_value row[TABLE_COLUMNS_MAX];

	memcpy(row, values, (t->n_columns - 1) * sizeof(*row));
	row[t->n_columns - 1] = DB_N(seal_of(t, values));
	return put(db, table, row, 1);
}

/* ---- reading ----------------------------------------------------------- */

int row_next(struct db *db, struct db_rows *rows, enum table_id table,
             const struct db_value **ret)
{
	const struct db_value *row;
	int r = db->driver->next(rows, &row);

	if (r <= 0)
		return r;
	r = row_verify(db, table, row);
	if (r < 0)
		return r;
	*ret = row;
	return 1;
}

void row_done(struct db *db, struct db_rows *rows)
{
	db->driver->done(rows);
}

int row_first(struct db *db, enum table_id table, const char *sql,
              const struct db_value *args, size_t n, struct db_rows **ret_rows,
              const struct db_value **ret)
{
	struct db_rows *rows;
	int r = db->driver->query(db, sql, args, n, &rows);

	if (r < 0)
		return r;
	r = row_next(db, rows, table, ret);
	if (r <= 0) {
		row_done(db, rows);
		return r;
	}
	*ret_rows = rows;
	return 1;
}

int row_get(struct db *db, enum table_id table, int64_t key,
            struct db_rows **ret_rows, const struct db_value **ret)
{
	return row_first(db, table, tables[table].get, &DB_N(key), 1, ret_rows,
	                 ret);
}

int row_each(struct db *db, enum table_id table, const char *sql,
             const struct db_value *args, size_t n,
             int (*fn)(void *ctx, const struct db_value *row), void *ctx)
{
	const struct db_value *row;
	struct db_rows *rows;
	int r = db->driver->query(db, sql, args, n, &rows);

	if (r < 0)
		return r;
	while ((r = row_next(db, rows, table, &row)) > 0) {
		r = fn(ctx, row);
		if (r)
			break;
	}
	row_done(db, rows);
	return r;
}
