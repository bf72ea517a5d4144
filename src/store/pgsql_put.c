/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many rows at once. They go as one array per column (unnest): one message for
 * thousands, and a statement that stays prepared. Many rows of which none may
 * be there already go by binary COPY, which takes half the time. (COPY into a
 * temporary table and INSERT from there was measured: never faster than arrays,
 * and for few rows half as fast.)
 */
#ifdef HAVE_LIBPQ

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/siphash.h"
#include "store/pgsql_private.h"

enum {
	COPY_ROWS = 1000,        /* from so many on, COPY is faster */
	ARRAY_ROWS_MAX = 4000,   /* in one message */
	PIECE_BYTES = 1 << 20,   /* sent at once */
	VALUE_MAX = 1 << 30,     /* PostgreSQL's own limit */
	SAME_ROW_MAX = INT_MAX,  /* rows in one put */
	COUNTED_ROWS = 500,      /* from so many on, the planner is told */
};

struct pgsql_columns {
	struct pgsql_columns *next;
	char *key; /* table and columns */
	enum db_type types[PGSQL_ARGS_MAX];
	bool copies; /* every column's type is exactly one of ours */
	/* Rows that the planner knows of, and rows put since. */
	double counted, put;
};

/* What is under way. */
struct load {
	struct pgsql *pg;
	const struct db_put *how;
	struct pgsql_columns *columns;
	const struct db_value *values;
	size_t n_rows;
	bool *skip; /* rows that a later one replaces; NULL: none */
};

static const struct {
	const char *array;
	Oid type, array_type;
} sent_as[] = {
	[DB_INT] = {"bigint[]", PGSQL_INT8, PGSQL_INT8_ARRAY},
	[DB_TEXT] = {"text[]", PGSQL_TEXT, PGSQL_TEXT_ARRAY},
	[DB_BLOB] = {"bytea[]", PGSQL_BYTEA, PGSQL_BYTEA_ARRAY},
};

static const char *const type_names[] = {"NULL", "BIGINT", "TEXT", "BLOB"};

static int no_memory(struct pgsql *pg)
{
	return pgsql_say(pg, -ENOMEM, "out of memory");
}

/* ---- SQL -------------------------------------------------------------- */

/* Appends columns [from, to), each as before "name" after, with commas. */
static void add_columns(struct str *s, const struct db_put *how, size_t from,
                        size_t to, const char *before, const char *after)
{
	for (size_t i = from; i < to; i++)
		str_printf(s, "%s%s\"%s\"%s", i > from ? ", " : "", before,
		           how->columns[i], after);
}

static void add_conflict(struct str *s, const struct db_put *how)
{
	if (how->conflict == DB_FAIL || how->n_keys == 0)
		return;
	str_puts(s, " ON CONFLICT (");
	add_columns(s, how, 0, how->n_keys, "", "");
	str_puts(s, ") DO ");
	if (how->conflict == DB_KEEP || how->n_keys == how->n_columns) {
		str_puts(s, "NOTHING");
		return;
	}
	str_puts(s, "UPDATE SET ");
	for (size_t i = how->n_keys; i < how->n_columns; i++)
		str_printf(s, "%s\"%s\" = excluded.\"%s\"",
		           i > how->n_keys ? ", " : "", how->columns[i],
		           how->columns[i]);
}

static void add_insert(struct str *s, const struct db_put *how)
{
	str_printf(s, "INSERT INTO \"%s\" (", how->table);
	add_columns(s, how, 0, how->n_columns, "", "");
	str_puts(s, ") ");
}

/* ---- columns ---------------------------------------------------------- */

void pgsql_forget(struct pgsql *pg)
{
	while (pg->columns) {
		struct pgsql_columns *c = pg->columns;

		pg->columns = c->next;
		free(c->key);
		free(c);
	}
}

static enum db_type type_of(Oid type, bool *ret_exact)
{
	switch (type) {
	case PGSQL_INT8:
		return DB_INT;
	case PGSQL_TEXT:
		return DB_TEXT;
	case PGSQL_BYTEA:
		return DB_BLOB;
	default:
		*ret_exact = false;
	}
	switch (type) {
	case PGSQL_INT2:
	case PGSQL_INT4:
		return DB_INT;
	case PGSQL_VARCHAR:
	case PGSQL_BPCHAR:
		return DB_TEXT;
	default:
		return DB_NULL;
	}
}

/* Asks the server for the types of the columns. */
static int describe(struct pgsql *pg, const struct db_put *how,
                    struct pgsql_columns *c)
{
	struct str sql = {0};
	int rc;

	str_puts(&sql, "SELECT ");
	add_columns(&sql, how, 0, how->n_columns, "", "");
	str_printf(&sql, " FROM \"%s\"", how->table);
	rc = str_failed(&sql) ? no_memory(pg)
	                      : pgsql_ok(pg, PQprepare(pg->conn, "", sql.p, 0, NULL));
	str_finish(&sql);
	if (rc < 0)
		return rc;
	PGresult *r = PQdescribePrepared(pg->conn, "");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		return pgsql_fail(pg, r);
	c->copies = true;
	for (size_t i = 0; i < how->n_columns && rc == 0; i++) {
		c->types[i] = type_of(PQftype(r, (int)i), &c->copies);
		if (c->types[i] == DB_NULL)
			rc = pgsql_say(pg, -EINVAL, "column %s of table %s is of a "
			               "type that has no place here",
			               how->columns[i], how->table);
	}
	PQclear(r);
	return rc;
}

/* How many rows does the planner believe the table to have? */
static int count(struct pgsql *pg, const struct db_put *how, double *ret)
{
	struct str sql = {0};
	PGresult *r = NULL;
	int rc;

	str_printf(&sql, "SELECT reltuples FROM pg_class WHERE oid ="
	           " '\"%s\"'::regclass", how->table);
	rc = str_failed(&sql) ? no_memory(pg) : pgsql_ask(pg, sql.p, &r);
	str_finish(&sql);
	if (rc == 0 && PQntuples(r) == 1)
		*ret = strtod(PQgetvalue(r, 0, 0), NULL);
	PQclear(r);
	return rc;
}

static int columns_new(struct pgsql *pg, const struct db_put *how, const char *key,
                       struct pgsql_columns **ret)
{
	struct pgsql_columns *c = calloc(1, sizeof(*c));

	if (c)
		c->key = strdup(key);
	int rc = c && c->key ? describe(pg, how, c) : no_memory(pg);
	if (rc == 0)
		rc = count(pg, how, &c->counted);
	if (rc < 0) {
		if (c)
			free(c->key);
		free(c);
		return rc;
	}
	c->next = pg->columns;
	pg->columns = c;
	*ret = c;
	return 0;
}

static int columns_of(struct pgsql *pg, const struct db_put *how,
                      struct pgsql_columns **ret)
{
	struct pgsql_columns *c;
	struct str key = {0};
	int rc = 0;

	add_insert(&key, how);
	if (str_failed(&key))
		return no_memory(pg);
	for (c = pg->columns; c && strcmp(c->key, key.p) != 0; c = c->next)
		;
	if (c)
		*ret = c;
	else
		rc = columns_new(pg, how, key.p, ret);
	str_finish(&key);
	return rc;
}

/* ---- rows that count -------------------------------------------------- */

static const struct db_value *row_at(const struct load *l, size_t row)
{
	return &l->values[row * l->how->n_columns];
}

static bool value_eq(const struct db_value *a, const struct db_value *b)
{
	if (a->type != b->type)
		return false;
	return a->type == DB_INT ? a->n == b->n : slice_eq(a->s, b->s);
}

static bool key_eq(const struct load *l, size_t a, size_t b)
{
	for (size_t i = 0; i < l->how->n_keys; i++)
		if (!value_eq(&row_at(l, a)[i], &row_at(l, b)[i]))
			return false;
	return true;
}

static uint64_t key_hash(const struct siphash_key *key, const struct load *l,
                         size_t row)
{
	uint64_t h = 0;

	for (size_t i = 0; i < l->how->n_keys; i++) {
		const struct db_value *v = &row_at(l, row)[i];
		struct slice s = v->type == DB_INT ? slice_of(&v->n, sizeof(v->n))
		                                   : v->s;

		h = h * 31 + siphash(key, s);
	}
	return h;
}

/*
 * ON CONFLICT DO UPDATE must not meet a row twice: of rows with the same key
 * only the last is sent. Goes from the last to the first, with a hash table of
 * the keys seen.
 */
static int skip_replaced(struct load *l)
{
	struct siphash_key key;
	size_t size = 16;

	while (size < l->n_rows * 2)
		size *= 2;
	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		return pgsql_say(l->pg, -EIO, "no random numbers");
	uint32_t *seen = calloc(size, sizeof(*seen)); /* row + 1 */
	l->skip = calloc(l->n_rows, sizeof(*l->skip));
	if (!seen || !l->skip) {
		free(seen);
		return no_memory(l->pg);
	}
	for (size_t row = l->n_rows; row-- > 0;) {
		size_t at = key_hash(&key, l, row) & (size - 1);

		while (seen[at] && !key_eq(l, row, seen[at] - 1))
			at = (at + 1) & (size - 1);
		l->skip[row] = seen[at] != 0;
		if (!seen[at])
			seen[at] = (uint32_t)(row + 1);
	}
	free(seen);
	return 0;
}

static int check_value(struct load *l, const struct db_value *v, size_t column)
{
	enum db_type want = l->columns->types[column];

	if (v->type != DB_NULL && v->type != want)
		return pgsql_say(l->pg, -EINVAL, "column %s of table %s takes %s, "
		                 "not %s", l->how->columns[column], l->how->table,
		                 type_names[want], type_names[v->type]);
	if (v->type != DB_NULL && v->type != DB_INT && v->s.n >= VALUE_MAX)
		return pgsql_say(l->pg, -E2BIG, "a value is too long");
	return 0;
}

static int check_values(struct load *l)
{
	int rc = 0;

	for (size_t row = 0; row < l->n_rows; row++)
		for (size_t i = 0; i < l->how->n_columns && rc == 0; i++)
			rc = check_value(l, &row_at(l, row)[i], i);
	return rc;
}

/* ---- wire ------------------------------------------------------------- */

static void add_u16(struct str *s, unsigned n)
{
	uint16_t b = htobe16((uint16_t)n);

	str_add(s, slice_of(&b, sizeof(b)));
}

static void add_u32(struct str *s, size_t n)
{
	uint32_t b = htobe32((uint32_t)n);

	str_add(s, slice_of(&b, sizeof(b)));
}

/* Arrays and COPY have the same form for a value: its length and bytes. */
static void add_value(struct str *s, const struct db_value *v)
{
	struct {
		uint32_t length;
		uint64_t n;
	} __attribute__((packed)) number;

	switch (v->type) {
	case DB_NULL:
		add_u32(s, UINT32_MAX);
		return;
	case DB_INT:
		number.length = htobe32(sizeof(number.n));
		number.n = htobe64((uint64_t)v->n);
		str_add(s, slice_of(&number, sizeof(number)));
		return;
	case DB_TEXT:
	case DB_BLOB:
		add_u32(s, v->s.n);
		str_add(s, v->s);
	}
}

/* ---- arrays ----------------------------------------------------------- */

/* The head of an array of one dimension; its size is filled in later. */
enum { ARRAY_HEAD = 20, ARRAY_SIZE_AT = 12 };

static void array_start(struct str *s, Oid type)
{
	str_clear(s);
	add_u32(s, 1); /* dimensions */
	add_u32(s, 1); /* may hold NULL */
	add_u32(s, type);
	add_u32(s, 0);
	add_u32(s, 1); /* the first index */
}

static void array_end(struct str *s, size_t n)
{
	uint32_t size = htobe32((uint32_t)n);

	if (s->n >= ARRAY_HEAD)
		memcpy(s->p + ARRAY_SIZE_AT, &size, sizeof(size));
}

/* Fills the arrays with rows from *row on, until they are large enough. */
static size_t arrays_fill(const struct load *l, struct str *arrays, size_t *row)
{
	size_t n = 0, bytes = 0;

	for (size_t i = 0; i < l->how->n_columns; i++)
		array_start(&arrays[i], sent_as[l->columns->types[i]].type);
	for (; *row < l->n_rows && n < ARRAY_ROWS_MAX && bytes < PIECE_BYTES; ++*row) {
		if (l->skip && l->skip[*row])
			continue;
		for (size_t i = 0; i < l->how->n_columns; i++) {
			const struct db_value *v = &row_at(l, *row)[i];

			add_value(&arrays[i], v);
			bytes += v->type == DB_INT ? sizeof(v->n) : v->s.n;
		}
		n++;
	}
	for (size_t i = 0; i < l->how->n_columns; i++)
		array_end(&arrays[i], n);
	return n;
}

static int arrays_send(const struct load *l, const struct str *arrays,
                       const char *sql)
{
	struct pgsql_call call = {.sql = sql, .ours = true, .n = l->how->n_columns};

	for (size_t i = 0; i < call.n; i++) {
		if (str_failed(&arrays[i]))
			return no_memory(l->pg);
		if (arrays[i].n > INT_MAX)
			return pgsql_say(l->pg, -E2BIG, "a row is too long");
		call.types[i] = sent_as[l->columns->types[i]].array_type;
		call.values[i] = arrays[i].p;
		call.lengths[i] = (int)arrays[i].n;
	}
	return pgsql_call(l->pg, &call);
}

static int load_arrays(const struct load *l)
{
	struct str arrays[PGSQL_ARGS_MAX] = {0}, sql = {0};
	size_t row = 0;
	int rc = 0;

	add_insert(&sql, l->how);
	str_puts(&sql, "SELECT * FROM unnest(");
	for (size_t i = 0; i < l->how->n_columns; i++)
		str_printf(&sql, "%s$%zu::%s", i ? ", " : "", i + 1,
		           sent_as[l->columns->types[i]].array);
	str_puts(&sql, ")");
	add_conflict(&sql, l->how);
	if (str_failed(&sql))
		rc = no_memory(l->pg);
	while (rc == 0 && row < l->n_rows)
		if (arrays_fill(l, arrays, &row))
			rc = arrays_send(l, arrays, sql.p);
	for (size_t i = 0; i < l->how->n_columns; i++)
		str_finish(&arrays[i]);
	str_finish(&sql);
	return rc;
}

/* ---- COPY ------------------------------------------------------------- */

static int copy_flush(struct pgsql *pg, struct str *s)
{
	if (str_failed(s))
		return no_memory(pg);
	if (s->n > INT_MAX)
		return pgsql_say(pg, -E2BIG, "a row is too long");
	if (PQputCopyData(pg->conn, s->p, (int)s->n) != 1)
		return pgsql_fail(pg, NULL);
	str_clear(s);
	return 0;
}

static int copy_rows(const struct load *l)
{
	static const char head[] = "PGCOPY\n\377\r\n\0" "\0\0\0\0" "\0\0\0\0";
	struct str s = {0};
	int rc = 0;

	str_add(&s, slice_of(head, sizeof(head) - 1));
	for (size_t row = 0; row < l->n_rows && rc == 0; row++) {
		if (l->skip && l->skip[row])
			continue;
		add_u16(&s, (unsigned)l->how->n_columns);
		for (size_t i = 0; i < l->how->n_columns; i++)
			add_value(&s, &row_at(l, row)[i]);
		if (s.n >= PIECE_BYTES || str_failed(&s))
			rc = copy_flush(l->pg, &s);
	}
	add_u16(&s, UINT16_MAX);
	if (rc == 0)
		rc = copy_flush(l->pg, &s);
	str_finish(&s);
	return rc;
}

/* Reads the server's last words on a COPY. */
static int copy_finish(struct pgsql *pg)
{
	PGresult *r = PQgetResult(pg->conn), *more;
	int rc = pgsql_ok(pg, r);

	while ((more = PQgetResult(pg->conn)) != NULL)
		PQclear(more);
	return rc;
}

static int copy_into(const struct load *l, const char *sql)
{
	struct pgsql *pg = l->pg;

	PGresult *r = PQexec(pg->conn, sql);
	if (PQresultStatus(r) != PGRES_COPY_IN)
		return pgsql_fail(pg, r);
	PQclear(r);
	int rc = copy_rows(l);
	if (PQputCopyEnd(pg->conn, rc < 0 ? "given up" : NULL) != 1 && rc == 0)
		rc = pgsql_fail(pg, NULL);
	if (rc == 0)
		return copy_finish(pg);
	/* What we said before counts, not that we gave up. */
	char kept[sizeof(pg->db.error)];
	memcpy(kept, pg->db.error, sizeof(kept));
	(void)copy_finish(pg);
	memcpy(pg->db.error, kept, sizeof(kept));
	return rc;
}

static int copy_straight(const struct load *l)
{
	struct str sql = {0};

	str_printf(&sql, "COPY \"%s\" (", l->how->table);
	add_columns(&sql, l->how, 0, l->how->n_columns, "", "");
	str_puts(&sql, ") FROM STDIN (FORMAT binary)");
	int rc = str_failed(&sql) ? no_memory(l->pg) : copy_into(l, sql.p);
	str_finish(&sql);
	return rc;
}

/* ---- put -------------------------------------------------------------- */

/*
 * Plans are made for tables as they were when last counted, and kept: a plan
 * for an empty table is a bad one for the thousands of rows that a first load
 * has put there before it commits, and the server counts only afterwards. So
 * the keys are counted here whenever the rows have doubled.
 */
static int recount(const struct load *l)
{
	struct pgsql_columns *c = l->columns;
	struct str sql = {0};

	c->put += (double)l->n_rows;
	if (c->put < COUNTED_ROWS || c->put < c->counted)
		return 0;
	c->counted = (c->counted > 0 ? c->counted : 0) + c->put;
	c->put = 0;
	str_printf(&sql, "ANALYZE \"%s\"", l->how->table);
	if (l->how->n_keys) {
		str_puts(&sql, " (");
		add_columns(&sql, l->how, 0, l->how->n_keys, "", "");
		str_puts(&sql, ")");
	}
	int rc = str_failed(&sql) ? no_memory(l->pg) : pgsql_simple(l->pg, sql.p);
	str_finish(&sql);
	return rc;
}

static int load(struct load *l)
{
	bool plain = l->how->conflict == DB_FAIL || l->how->n_keys == 0;

	int rc = columns_of(l->pg, l->how, &l->columns);
	if (rc == 0)
		rc = check_values(l);
	if (rc == 0 && l->how->conflict == DB_REPLACE && l->how->n_keys &&
	    l->n_rows > 1)
		rc = skip_replaced(l);
	if (rc < 0)
		return rc;
	if (plain && l->n_rows >= COPY_ROWS && l->columns->copies)
		rc = copy_straight(l);
	else
		rc = load_arrays(l);
	return rc < 0 ? rc : recount(l);
}

int pgsql_put(struct db *db, const struct db_put *how,
              const struct db_value *values, size_t n_rows)
{
	struct pgsql *pg = pgsql_of(db);
	struct load l = {pg, how, .values = values, .n_rows = n_rows};
	bool alone = !pg->in_transaction;

	if (how->n_columns == 0 || how->n_columns > PGSQL_ARGS_MAX ||
	    how->n_keys > how->n_columns || n_rows > SAME_ROW_MAX)
		return pgsql_say(pg, -E2BIG, "too many columns or rows to be put");
	if (n_rows == 0)
		return 0;
	int rc = pgsql_idle(pg);
	if (rc == 0 && alone)
		rc = pgsql_begin(db, true);
	if (rc < 0)
		return rc;
	rc = load(&l);
	free(l.skip);
	if (alone && rc == 0)
		rc = pgsql_commit(db);
	else if (alone)
		pgsql_rollback(db);
	return rc;
}

#else

/* A file must hold something. */
extern int pgsql_put_is_not_built;

#endif
