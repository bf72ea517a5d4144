/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: what the server says to them, kept prepared, given values. */
#ifdef HAVE_LIBPQ

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/pgsql_private.h"
#include "store/pgsql_util.h"

/* ---- sentences -------------------------------------------------------- */

int pgsql_say(struct pgsql *pg, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(pg->db.error, sizeof(pg->db.error), fmt, args);
	va_end(args);
	return code;
}

int pgsql_lost(struct pgsql *pg, const char *words)
{
	struct str s = {0};

	pgsql_words(&s, words, pg->secret);
	pgsql_say(pg, 0, "the connection to the PostgreSQL server was lost%s%s",
	          s.n ? ": " : "", s.n ? s.p : "");
	str_finish(&s);
	return -EIO;
}

int pgsql_fail(struct pgsql *pg, PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	int code = pgsql_errno(state);

	if (!message)
		message = PQerrorMessage(pg->conn);
	if (PQstatus(pg->conn) != CONNECTION_OK || pgsql_ends(state)) {
		code = pgsql_lost(pg, message);
	} else {
		struct str s = {0};

		pgsql_words(&s, message, pg->secret);
		if (detail) {
			str_puts(&s, " (");
			pgsql_words(&s, detail, pg->secret);
			str_puts(&s, ")");
		}
		pgsql_say(pg, 0, "PostgreSQL: %s", s.n ? s.p : "no words");
		str_finish(&s);
	}
	PQclear(r);
	return code;
}

int pgsql_ok(struct pgsql *pg, PGresult *r)
{
	switch (PQresultStatus(r)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
		PQclear(r);
		return 0;
	default:
		return pgsql_fail(pg, r);
	}
}

/* ---- statements ------------------------------------------------------- */

static uint64_t hash_add(uint64_t h, struct slice s)
{
	/* FNV-1a: our own statements, nobody is out to make them collide. */
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 0x100000001b3;
	return h;
}

static uint64_t call_hash(const struct pgsql_call *call)
{
	uint64_t h = hash_add(0xcbf29ce484222325, slice_str(call->sql));

	return hash_add(h, slice_of(call->types, call->n * sizeof(Oid)));
}

static bool is_for(const struct pgsql_statement *s, uint64_t hash,
                   const struct pgsql_call *call)
{
	return s->sql && s->hash == hash && s->n == call->n &&
	       memcmp(s->types, call->types, s->n * sizeof(Oid)) == 0 &&
	       strcmp(s->sql, call->sql) == 0;
}

static void statement_name(char name[32], const struct pgsql_statement *s)
{
	(void)snprintf(name, 32, "debar_%u", s->number);
}

/* Empties a place; the server forgets the statement too. */
static int statement_drop(struct pgsql *pg, struct pgsql_statement *s)
{
	char name[32], sql[64];

	if (!s->sql)
		return 0;
	free(s->sql);
	s->sql = NULL;
	statement_name(name, s);
	(void)snprintf(sql, sizeof(sql), "DEALLOCATE %s", name);
	return pgsql_ok(pg, PQexec(pg->conn, sql));
}

static int prepare(struct pgsql *pg, const struct pgsql_call *call,
                   struct pgsql_statement *s)
{
	struct str sql = {0};
	char name[32];

	int rc = statement_drop(pg, s);
	if (rc < 0)
		return rc;
	if (call->ours)
		str_puts(&sql, call->sql);
	else
		pgsql_rewrite(call->sql, &sql);
	s->sql = strdup(call->sql);
	if (!s->sql || str_failed(&sql)) {
		rc = pgsql_say(pg, -ENOMEM, "out of memory");
	} else {
		s->number = ++pg->last_number;
		s->n = call->n;
		memcpy(s->types, call->types, call->n * sizeof(Oid));
		statement_name(name, s);
		rc = pgsql_ok(pg, PQprepare(pg->conn, name, sql.p, (int)call->n,
		                            call->types));
	}
	if (rc < 0) {
		free(s->sql);
		s->sql = NULL;
	}
	str_finish(&sql);
	return rc;
}

/* The statement for a call, prepared when it was not yet. */
static int statement_for(struct pgsql *pg, const struct pgsql_call *call,
                         struct pgsql_statement **ret)
{
	struct pgsql_statement *eldest = &pg->statements[0];
	uint64_t hash = call_hash(call);

	for (size_t i = 0; i < COUNT_OF(pg->statements); i++) {
		struct pgsql_statement *s = &pg->statements[i];

		if (is_for(s, hash, call)) {
			s->used_at = ++pg->tick;
			*ret = s;
			return 0;
		}
		if (!s->sql || (eldest->sql && s->used_at < eldest->used_at))
			eldest = s;
	}
	int rc = prepare(pg, call, eldest);
	if (rc < 0)
		return rc;
	eldest->hash = hash;
	eldest->used_at = ++pg->tick;
	*ret = eldest;
	return 0;
}

static const int all_binary[] = {[0 ... PGSQL_ARGS_MAX - 1] = 1};

int pgsql_call(struct pgsql *pg, const struct pgsql_call *call)
{
	struct pgsql_statement *s;
	char name[32];

	int rc = pgsql_idle(pg);
	if (rc == 0)
		rc = statement_for(pg, call, &s);
	if (rc < 0)
		return rc;
	statement_name(name, s);
	return pgsql_ok(pg, PQexecPrepared(pg->conn, name, (int)call->n,
	                                   call->values, call->lengths,
	                                   all_binary, 1));
}

int pgsql_simple(struct pgsql *pg, const char *sql)
{
	int rc = pgsql_idle(pg);

	return rc < 0 ? rc : pgsql_ok(pg, PQexec(pg->conn, sql));
}

int pgsql_ask(struct pgsql *pg, const char *sql, PGresult **ret)
{
	int rc = pgsql_idle(pg);

	if (rc < 0)
		return rc;
	PGresult *r = PQexec(pg->conn, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		return pgsql_fail(pg, r);
	*ret = r;
	return 0;
}

/* ---- values ----------------------------------------------------------- */

int pgsql_bind(struct pgsql *pg, const struct db_value *args, size_t n,
               uint64_t numbers[PGSQL_ARGS_MAX], struct pgsql_call *call)
{
	static const Oid types[] = {
		[DB_INT] = PGSQL_INT8, [DB_TEXT] = PGSQL_TEXT, [DB_BLOB] = PGSQL_BYTEA,
	};

	if (n > PGSQL_ARGS_MAX)
		return pgsql_say(pg, -E2BIG, "too many values for one statement");
	call->n = n;
	for (size_t i = 0; i < n; i++) {
		call->types[i] = types[args[i].type];
		call->values[i] = NULL;
		call->lengths[i] = 0;
		if (args[i].type == DB_NULL)
			continue;
		if (args[i].type == DB_INT) {
			numbers[i] = htobe64((uint64_t)args[i].n);
			call->values[i] = (const char *)&numbers[i];
			call->lengths[i] = sizeof(numbers[i]);
			continue;
		}
		if (args[i].s.n > INT_MAX / 2)
			return pgsql_say(pg, -E2BIG, "a value is too long");
		call->values[i] = args[i].s.n ? (const char *)args[i].s.p : "";
		call->lengths[i] = (int)args[i].s.n;
	}
	return 0;
}

/* What was prepared for tables of another shape is of no use. */
static void forget_shapes(struct pgsql *pg, const char *sql)
{
	static const char *const verbs[] = {"CREATE", "ALTER", "DROP"};
	struct slice s = slice_trim(slice_str(sql));

	for (size_t i = 0; i < COUNT_OF(verbs); i++) {
		struct slice verb = slice_str(verbs[i]);

		if (!slice_eq_nocase(slice_first(s, verb.n), verb))
			continue;
		for (size_t j = 0; j < COUNT_OF(pg->statements); j++)
			(void)statement_drop(pg, &pg->statements[j]);
		pgsql_forget(pg);
	}
}

/* Without values: the schema, perhaps several statements at once. */
static int exec_plain(struct pgsql *pg, const char *sql)
{
	struct str s = {0};
	int rc = -ENOMEM;

	pgsql_rewrite(sql, &s);
	if (!str_failed(&s) && s.p)
		rc = pgsql_simple(pg, s.p);
	str_finish(&s);
	if (rc == 0)
		forget_shapes(pg, sql);
	return rc;
}

int pgsql_exec(struct db *db, const char *sql, const struct db_value *args,
               size_t n)
{
	struct pgsql_call call = {.sql = sql};
	uint64_t numbers[PGSQL_ARGS_MAX];

	if (n == 0)
		return exec_plain(pgsql_of(db), sql);
	int rc = pgsql_bind(pgsql_of(db), args, n, numbers, &call);
	return rc < 0 ? rc : pgsql_call(pgsql_of(db), &call);
}

int pgsql_send(struct pgsql *pg, const struct pgsql_call *call)
{
	struct pgsql_statement *s;
	char name[32];

	int rc = pgsql_idle(pg);
	if (rc == 0)
		rc = statement_for(pg, call, &s);
	if (rc < 0)
		return rc;
	statement_name(name, s);
	if (!PQsendQueryPrepared(pg->conn, name, (int)call->n, call->values,
	                         call->lengths, all_binary, 1) ||
	    !PQsetSingleRowMode(pg->conn))
		return pgsql_fail(pg, NULL);
	return 0;
}

#else

/* A file must hold something. */
extern int pgsql_statement_is_not_built;

#endif
