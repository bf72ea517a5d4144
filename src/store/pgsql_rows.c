/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers, row by row. A question asked meanwhile needs the connection: then
 * the rows not yet read are put aside, in memory or, when they are many, in a
 * file without a name.
 */
#ifdef HAVE_LIBPQ

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "store/pgsql_private.h"
#include "store/pgsql_util.h"

enum {
	COLUMNS_MAX = 64,        /* of a result */
	DRAIN_MAX = 1000,        /* rows read in vain before cancelling */
	PARKED_MEMORY = 4 << 20, /* bytes of rows put aside, before a file */
};

struct db_rows {
	struct pgsql *pg;
	PGresult *row;    /* a result of one row, or NULL */
	PGresult *given;  /* the row that the caller still looks at, when others
	                   * were put aside meanwhile */
	bool waiting;     /* it was not given to the caller yet */
	int error;        /* sticky; it may have come while rows were put aside */
	bool is_parked;
	struct str parked; /* rows put aside, as park_row() writes them */
	size_t parked_at;
	FILE *file;        /* what did not fit, before `parked` was emptied */
	size_t n_columns;
	Oid types[COLUMNS_MAX];
	struct db_value values[COLUMNS_MAX];
};

/* ---- rows put aside --------------------------------------------------- */

static void park_value(struct str *out, const struct db_value *v)
{
	uint64_t n = htole64(v->type == DB_INT ? (uint64_t)v->n : v->s.n);

	str_putc(out, (char)v->type);
	str_add(out, slice_of(&n, sizeof(n)));
	if (v->type == DB_TEXT || v->type == DB_BLOB)
		str_add(out, v->s);
}

static int decode_row(struct db_rows *rows, struct db_value *values);

static int park_failed(struct db_rows *rows, int code)
{
	return pgsql_say(rows->pg, code, "an answer was to be put aside: %s",
	                 strerror(-code));
}

/* Moves what is put aside in memory to the file. */
static int spill(struct db_rows *rows)
{
	if (!rows->file)
		rows->file = tmpfile();
	if (!rows->file ||
	    fwrite(rows->parked.p, 1, rows->parked.n, rows->file) != rows->parked.n)
		return park_failed(rows, errno ? -errno : -EIO);
	str_clear(&rows->parked);
	return 0;
}

/* A row is its length in bytes and its values. */
static int park_row(struct db_rows *rows)
{
	struct db_value values[COLUMNS_MAX];
	size_t start = rows->parked.n;
	uint64_t length = 0;
	int rc = decode_row(rows, values);

	if (rc < 0)
		return rc;
	str_add(&rows->parked, slice_of(&length, sizeof(length)));
	for (size_t i = 0; i < rows->n_columns; i++)
		park_value(&rows->parked, &values[i]);
	if (str_failed(&rows->parked))
		return park_failed(rows, -ENOMEM);
	length = rows->parked.n - start - sizeof(length);
	memcpy(rows->parked.p + start, &length, sizeof(length));
	return rows->parked.n < PARKED_MEMORY ? 0 : spill(rows);
}

/* Makes the rows put aside ready to be read. */
static int park_end(struct db_rows *rows)
{
	if (!rows->file)
		return 0;
	int rc = spill(rows);
	if (rc == 0 && (fflush(rows->file) != 0 || fseek(rows->file, 0, SEEK_SET) != 0))
		rc = park_failed(rows, -errno);
	return rc;
}

/* Reads the next row of the file to where memory's are. */
static int unpark_from_file(struct db_rows *rows)
{
	uint64_t left;
	char piece[4096];

	if (fread(&left, 1, sizeof(left), rows->file) != sizeof(left))
		return ferror(rows->file) ? park_failed(rows, -EIO) : 0;
	str_clear(&rows->parked);
	rows->parked_at = 0;
	str_add(&rows->parked, slice_of(&left, sizeof(left)));
	while (left) {
		size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (fread(piece, 1, n, rows->file) != n)
			return park_failed(rows, -EIO);
		str_add(&rows->parked, slice_of(piece, n));
		left -= n;
	}
	return str_failed(&rows->parked) ? park_failed(rows, -ENOMEM) : 0;
}

static int unpark_row(struct db_rows *rows)
{
	if (rows->file && rows->parked_at == rows->parked.n) {
		int rc = unpark_from_file(rows);

		if (rc < 0)
			return rc;
	}
	if (rows->parked_at == rows->parked.n)
		return 0;

	struct cursor c = cursor_on(str_slice(&rows->parked));
	cursor_seek(&c, rows->parked_at + sizeof(uint64_t));
	for (size_t i = 0; i < rows->n_columns; i++) {
		struct db_value *v = &rows->values[i];

		*v = (struct db_value){.type = cursor_u8(&c)};
		v->n = (int64_t)cursor_u64le(&c);
		if (v->type == DB_TEXT || v->type == DB_BLOB)
			v->s = cursor_take(&c, (size_t)v->n);
	}
	rows->parked_at = c.at;
	return cursor_failed(&c) ? park_failed(rows, -EIO) : 1;
}

/* ---- rows ------------------------------------------------------------- */

static int whole_number(struct pgsql *pg, Oid type, struct slice s, int64_t *ret)
{
	struct cursor c = cursor_on(s);

	switch (type) {
	case PGSQL_INT8:
		*ret = (int64_t)cursor_u64be(&c);
		break;
	case PGSQL_INT4:
		*ret = (int32_t)cursor_u32be(&c);
		break;
	case PGSQL_INT2:
		*ret = (int16_t)cursor_u16be(&c);
		break;
	case PGSQL_OID:
		*ret = cursor_u32be(&c);
		break;
	case PGSQL_BOOL:
		*ret = cursor_u8(&c);
		break;
	default:
		if (pgsql_numeric(s, ret) < 0)
			return pgsql_say(pg, -EINVAL, "a number of the answer "
			                 "is not a whole one of 64 bits");
		return 0;
	}
	if (cursor_failed(&c) || cursor_left(&c))
		return pgsql_say(pg, -EIO, "the server sent a damaged number");
	return 0;
}

static int decode_value(struct db_rows *rows, int i, struct db_value *v)
{
	struct slice s = slice_of(PQgetvalue(rows->row, 0, i),
	                          (size_t)PQgetlength(rows->row, 0, i));

	*v = (struct db_value){.type = DB_NULL};
	if (PQgetisnull(rows->row, 0, i))
		return 0;
	switch (rows->types[i]) {
	case PGSQL_INT8:
	case PGSQL_INT4:
	case PGSQL_INT2:
	case PGSQL_OID:
	case PGSQL_BOOL:
	case PGSQL_NUMERIC:
		v->type = DB_INT;
		return whole_number(rows->pg, rows->types[i], s, &v->n);
	case PGSQL_TEXT:
	case PGSQL_VARCHAR:
	case PGSQL_BPCHAR:
	case PGSQL_NAME:
	case PGSQL_CHAR:
		*v = DB_T(s);
		return 0;
	case PGSQL_BYTEA:
		*v = DB_B(s);
		return 0;
	default:
		return pgsql_say(rows->pg, -EINVAL, "column %d of the answer is of "
		                 "a type that has no place here (%u)", i + 1,
		                 rows->types[i]);
	}
}

static int decode_row(struct db_rows *rows, struct db_value *values)
{
	int rc = 0;

	for (size_t i = 0; i < rows->n_columns && rc == 0; i++)
		rc = decode_value(rows, (int)i, &values[i]);
	return rc;
}

/* Reads what is left of an answer, so that the connection is idle. */
static void drain(struct pgsql *pg, bool may_cancel)
{
	PGresult *r;
	unsigned n = 0;

	while ((r = PQgetResult(pg->conn)) != NULL) {
		ExecStatusType status = PQresultStatus(r);

		PQclear(r);
		/* Outside COPY, PQgetResult() of a broken connection ends. */
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
			break;
		if (may_cancel && ++n == DRAIN_MAX) {
			PGcancel *cancel = PQgetCancel(pg->conn);
			char why[256];

			if (cancel)
				(void)PQcancel(cancel, why, sizeof(why));
			PQfreeCancel(cancel);
		}
	}
	pg->streaming = NULL;
}

/* Waits for the next row: 1, 0 at the end, -errno. */
static int fetch(struct db_rows *rows)
{
	struct pgsql *pg = rows->pg;

	PQclear(rows->row);
	rows->row = PQgetResult(pg->conn);
	switch (PQresultStatus(rows->row)) {
	case PGRES_SINGLE_TUPLE:
		return 1;
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		drain(pg, false);
		return 0;
	default:
		rows->error = pgsql_fail(pg, rows->row);
		rows->row = NULL;
		drain(pg, false);
		return rows->error;
	}
}

/* Keeps the rest of the rows that hold the connection. */
static int park(struct db_rows *rows)
{
	int rc = 1;

	rows->is_parked = true;
	if (rows->waiting) {
		rc = park_row(rows);
	} else {
		rows->given = rows->row;
		rows->row = NULL;
	}
	rows->waiting = false;
	while (rc >= 0 && (rc = fetch(rows)) > 0)
		rc = park_row(rows);
	if (rc == 0)
		rc = park_end(rows);
	if (rc < 0) {
		rows->error = rc;
		drain(rows->pg, !rows->pg->in_transaction);
	}
	PQclear(rows->row);
	rows->row = NULL;
	return rc;
}

int pgsql_idle(struct pgsql *pg)
{
	if (PQstatus(pg->conn) != CONNECTION_OK)
		return pgsql_lost(pg, "");
	return pg->streaming ? park(pg->streaming) : 0;
}

int pgsql_next(struct db_rows *rows, const struct db_value **ret)
{
	int rc = 1;

	PQclear(rows->given);
	rows->given = NULL;
	if (rows->error) {
		rc = rows->error;
	} else if (rows->is_parked) {
		rc = unpark_row(rows);
	} else if (!rows->waiting) {
		rc = rows->pg->streaming == rows ? fetch(rows) : 0;
	}
	rows->waiting = false;
	if (rc > 0 && !rows->is_parked) {
		int bad = decode_row(rows, rows->values);

		if (bad)
			return rows->error = bad;
	}
	if (rc > 0)
		*ret = rows->values;
	return rc;
}

void pgsql_done(struct db_rows *rows)
{
	if (!rows)
		return;
	/* Cancelling would spoil the transaction: there we read to the end. */
	if (rows->pg->streaming == rows)
		drain(rows->pg, !rows->pg->in_transaction);
	PQclear(rows->row);
	PQclear(rows->given);
	str_finish(&rows->parked);
	if (rows->file)
		(void)fclose(rows->file);
	free(rows);
}

/* The first answer tells the columns, or that the question was wrong. */
static int rows_start(struct db_rows *rows)
{
	int rc = fetch(rows);

	if (rc <= 0)
		return rc;
	rows->waiting = true;
	rows->n_columns = (size_t)PQnfields(rows->row);
	if (rows->n_columns > COLUMNS_MAX)
		return pgsql_say(rows->pg, -E2BIG, "an answer has too many columns");
	for (size_t i = 0; i < rows->n_columns; i++)
		rows->types[i] = PQftype(rows->row, (int)i);
	return 0;
}

int pgsql_query(struct db *db, const char *sql, const struct db_value *args,
                size_t n, struct db_rows **ret)
{
	struct pgsql *pg = pgsql_of(db);
	struct pgsql_call call = {.sql = sql};
	uint64_t numbers[PGSQL_ARGS_MAX];
	struct db_rows *rows;

	int rc = pgsql_bind(pg, args, n, numbers, &call);
	if (rc == 0)
		rc = pgsql_send(pg, &call);
	if (rc < 0)
		return rc;
	rows = calloc(1, sizeof(*rows));
	if (!rows) {
		drain(pg, !pg->in_transaction);
		return pgsql_say(pg, -ENOMEM, "out of memory");
	}
	rows->pg = pg;
	pg->streaming = rows;
	rc = rows_start(rows);
	if (rc < 0) {
		pgsql_done(rows);
		return rc;
	}
	*ret = rows;
	return 0;
}

#else

/* A file must hold something. */
extern int pgsql_rows_is_not_built;

#endif
