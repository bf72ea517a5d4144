/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pgsql.h"

#include <errno.h>

#ifndef HAVE_LIBPQ

int pgsql_open(const char *url, unsigned flags, struct err *e, struct db **ret)
{
	(void)url;
	(void)flags;
	(void)ret;
	return err_set(e, -ENOTSUP,
	               "this debar was built without PostgreSQL (libpq); "
	               "give --store the path of a file");
}

#else

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/pgsql_private.h"
#include "store/pgsql_util.h"

enum {
	SERVER_LEAST = 130000, /* PostgreSQL 13 */
	WRITER_WAIT_MS = 500,  /* in begin(), for another writer */
};

/* "debar" in ASCII: the advisory lock of whoever writes. */
#define WRITER_LOCK "431197675890"
#define WRITER_LOCK_HIGH "100"
#define WRITER_LOCK_LOW "1700946290"

/* ---- transactions ----------------------------------------------------- */

/* Who holds the writer's lock? Makes the sentence; always -EBUSY. */
static int name_writer(struct pgsql *pg)
{
	PGresult *r = PQexec(pg->conn,
		"SELECT coalesce(nullif(application_name, ''), 'without a name'), pid,"
		" coalesce(host(client_addr), 'the machine of the server'),"
		" coalesce(extract(epoch FROM now() - xact_start)::bigint, 0)"
		" FROM pg_locks JOIN pg_stat_activity USING (pid)"
		" WHERE locktype = 'advisory' AND granted AND objsubid = 1"
		" AND classid = " WRITER_LOCK_HIGH " AND objid = " WRITER_LOCK_LOW
		" AND database = (SELECT oid FROM pg_database"
		" WHERE datname = current_database())");

	if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) > 0) {
		struct str name = {0}, from = {0};

		pgsql_words(&name, PQgetvalue(r, 0, 0), pg->secret);
		pgsql_words(&from, PQgetvalue(r, 0, 2), pg->secret);
		pgsql_say(pg, 0, "another application is writing to the inventory: "
		          "%s, from %s (process %s of the server), for %s seconds",
		          name.p, from.p, PQgetvalue(r, 0, 1), PQgetvalue(r, 0, 3));
		str_finish(&name);
		str_finish(&from);
	} else {
		pgsql_say(pg, 0, "another application is writing to the inventory");
	}
	PQclear(r);
	return -EBUSY;
}

static int begin_write(struct pgsql *pg)
{
	char sql[200];

	if (pg->read_only)
		return pgsql_say(pg, -EROFS, "the inventory was opened for reading");
	(void)snprintf(sql, sizeof(sql),
	               "BEGIN; SET LOCAL lock_timeout = %d; "
	               "SELECT pg_advisory_xact_lock(" WRITER_LOCK "); "
	               "SET LOCAL lock_timeout TO DEFAULT", WRITER_WAIT_MS);
	int rc = pgsql_simple(pg, sql);
	if (rc == 0 || PQstatus(pg->conn) != CONNECTION_OK)
		return rc;
	PQclear(PQexec(pg->conn, "ROLLBACK"));
	return rc == -EBUSY ? name_writer(pg) : rc;
}

int pgsql_begin(struct db *db, bool write)
{
	struct pgsql *pg = pgsql_of(db);

	if (pg->in_transaction)
		return pgsql_say(pg, -EINVAL, "a transaction is under way already");
	int rc = write ? begin_write(pg)
	               : pgsql_simple(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ "
	                                  "READ ONLY");
	pg->in_transaction = rc == 0;
	return rc;
}

int pgsql_commit(struct db *db)
{
	struct pgsql *pg = pgsql_of(db);

	if (!pg->in_transaction)
		return pgsql_say(pg, -EINVAL, "no transaction is under way");
	int rc = pgsql_idle(pg);
	pg->in_transaction = false;
	if (rc < 0) {
		PQclear(PQexec(pg->conn, "ROLLBACK"));
		return rc;
	}
	PGresult *r = PQexec(pg->conn, "COMMIT");
	/* COMMIT of a transaction that failed "succeeds", as a ROLLBACK. */
	if (PQresultStatus(r) == PGRES_COMMAND_OK &&
	    strcmp(PQcmdStatus(r), "COMMIT") != 0) {
		PQclear(r);
		return pgsql_say(pg, -EINVAL, "nothing was stored: an earlier "
		                 "statement of the transaction failed");
	}
	return pgsql_ok(pg, r);
}

void pgsql_rollback(struct db *db)
{
	struct pgsql *pg = pgsql_of(db);
	char kept[sizeof(db->error)];

	if (!pg->in_transaction)
		return;
	/* The caller shall still see why it rolls back. */
	memcpy(kept, db->error, sizeof(kept));
	pg->in_transaction = false;
	if (pgsql_idle(pg) == 0 || PQstatus(pg->conn) == CONNECTION_OK)
		PQclear(PQexec(pg->conn, "ROLLBACK"));
	memcpy(db->error, kept, sizeof(kept));
	/* Tables may have been made in it. */
	pgsql_forget(pg);
}

/* ---- opening ---------------------------------------------------------- */

static void pgsql_close(struct db *db)
{
	struct pgsql *pg = pgsql_of(db);

	PQfinish(pg->conn);
	pgsql_forget(pg);
	for (size_t i = 0; i < COUNT_OF(pg->statements); i++)
		free(pg->statements[i].sql);
	if (pg->secret)
		explicit_bzero(pg->secret, strlen(pg->secret));
	free(pg->secret);
	free(pg);
}

static const struct db_driver driver = {
	.name = "PostgreSQL",
	.close = pgsql_close,
	.begin = pgsql_begin,
	.commit = pgsql_commit,
	.rollback = pgsql_rollback,
	.exec = pgsql_exec,
	.query = pgsql_query,
	.next = pgsql_next,
	.done = pgsql_done,
	.put = pgsql_put,
	.check = pgsql_check,
	.compact = pgsql_compact,
};

/*
 * A password with an unescaped '@', '/' or '?' makes libpq take a part of it
 * for a host, a port or a database, and say so in its messages.
 */
static bool is_torn(const PQconninfoOption *o)
{
	static const char *const never[] = {"host", "hostaddr", "port", "dbname"};
	uint64_t n;

	for (; o->keyword; o++) {
		if (!o->val)
			continue;
		for (size_t i = 0; i < COUNT_OF(never); i++)
			if (strcmp(o->keyword, never[i]) == 0 && strchr(o->val, '@'))
				return true;
		if (strcmp(o->keyword, "port") == 0 && !strchr(o->val, ',') &&
		    slice_number(slice_str(o->val), 10, &n) < 0)
			return true;
	}
	return false;
}

/* Finds the password in the URL, and that libpq read the URL as it is meant. */
static int read_url(struct pgsql *pg, const char *url, struct err *e)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	bool torn = !options || is_torn(options);

	for (PQconninfoOption *o = options; o && o->keyword; o++)
		if (o->val && strcmp(o->keyword, "password") == 0)
			pg->secret = strdup(o->val);
	PQconninfoFree(options);
	if (torn)
		return err_set(e, -EINVAL, "the URL of the inventory is not of the "
		               "form postgresql://user:password@host:port/database; "
		               "special characters of user and password are "
		               "written as %%40 (@), %%2F (/), %%3A (:), ...");
	return 0;
}

static void quiet(void *ctx, const PGresult *notice)
{
	(void)ctx;
	(void)notice;
}

static int connect_failed(struct pgsql *pg, struct err *e)
{
	struct str s = {0};
	int code = PQconnectionNeedsPassword(pg->conn) ||
	           PQconnectionUsedPassword(pg->conn) ? -EACCES : -EIO;

	pgsql_words(&s, PQerrorMessage(pg->conn), pg->secret);
	err_set(e, code, "PostgreSQL: %s", s.n ? s.p : "no connection");
	str_finish(&s);
	return code;
}

static int connect_to(struct pgsql *pg, const char *url, struct err *e)
{
	char name[64], host[32] = "";

	/* Other writers read this when they have to wait. */
	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(name, sizeof(name), "debar %ld on %s", (long)getpid(), host);
	/* What stands before dbname the URL may override, not what follows. */
	const char *const keys[] = {
		"fallback_application_name", "connect_timeout", "keepalives_idle",
		"dbname", "client_encoding", NULL,
	};
	const char *const values[] = {name, "10", "60", url, "UTF8", NULL};

	pg->conn = PQconnectdbParams(keys, values, 1);
	if (!pg->conn)
		return err_set(e, -ENOMEM, "out of memory");
	if (PQstatus(pg->conn) != CONNECTION_OK)
		return connect_failed(pg, e);
	(void)PQsetNoticeReceiver(pg->conn, quiet, NULL);
	if (PQserverVersion(pg->conn) < SERVER_LEAST)
		return err_set(e, -EINVAL, "the server runs PostgreSQL %d; "
		               "13 or newer is needed",
		               PQserverVersion(pg->conn) / 10000);
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
	if (!encoding || strcmp(encoding, "UTF8") != 0)
		return err_set(e, -EINVAL, "the database is encoded in %s; make "
		               "one with ENCODING 'UTF8'",
		               encoding ? encoding : "nothing known");
	return 0;
}

static int set_up(struct pgsql *pg)
{
	int rc = pgsql_simple(pg,
		"SET client_min_messages = warning;"
		"SET search_path = debar, pg_temp;"
		"SET standard_conforming_strings = on;"
		"SET timezone = 'UTC';"
		/* Compiling takes longer than our statements do. */
		"SET jit = off");

	/* Fast for long values; a server may have been built without it. */
	if (rc == 0 && PQserverVersion(pg->conn) >= 140000)
		(void)pgsql_simple(pg, "SET default_toast_compression = lz4");
	if (rc == 0 && pg->read_only)
		rc = pgsql_simple(pg, "SET default_transaction_read_only = on");
	return rc;
}

/* 1 when the schema is there, 0 when not, -errno. */
static int has_schema(struct pgsql *pg)
{
	PGresult *r = NULL;

	int rc = pgsql_ask(pg, "SELECT has_schema_privilege(oid, 'USAGE')"
	                   " FROM pg_namespace WHERE nspname = 'debar'", &r);
	if (rc < 0)
		return rc;
	rc = PQntuples(r) > 0;
	if (rc && strcmp(PQgetvalue(r, 0, 0), "t") != 0)
		rc = pgsql_say(pg, -EACCES, "permission denied: this user may not "
		               "use the schema \"debar\"");
	PQclear(r);
	return rc;
}

static int need_schema(struct pgsql *pg, bool create)
{
	int rc = has_schema(pg);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (!create || pg->read_only)
		return pgsql_say(pg, -ENOENT, "the database holds no inventory "
		                 "(it has no schema \"debar\")");
	rc = pgsql_simple(pg, "CREATE SCHEMA debar");
	/* Someone else may have made it in this moment. */
	if (rc == -EINVAL && has_schema(pg) > 0)
		return 0;
	return rc;
}

int pgsql_open(const char *url, unsigned flags, struct err *e, struct db **ret)
{
	struct pgsql *pg = calloc(1, sizeof(*pg));

	if (!pg)
		return err_set(e, -ENOMEM, "out of memory");
	pg->db.driver = &driver;
	pg->read_only = flags & DB_READ_ONLY;
	int rc = read_url(pg, url, e);
	if (rc == 0)
		rc = connect_to(pg, url, e);
	if (rc == 0) {
		rc = set_up(pg);
		if (rc == 0)
			rc = need_schema(pg, flags & DB_CREATE);
		if (rc < 0)
			err_set(e, rc, "%s", pg->db.error);
	}
	if (rc < 0) {
		pgsql_close(&pg->db);
		return rc;
	}
	*ret = &pg->db;
	return 0;
}

#endif
