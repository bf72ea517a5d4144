/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the cluster sound? Pages are read, so that the server compares their
 * checksums; amcheck, where the database has it, looks at the structure of
 * indexes and tables. What is no fault but must be known starts with "note: ".
 */
#ifdef HAVE_LIBPQ

#include <errno.h>
#include <stdlib.h>

#include "store/pgsql_private.h"

/* Relations of the schema, of a kind: 'r' tables, 'i' indexes. */
#define RELATIONS(kind) \
	"SELECT c.oid, quote_ident(c.relname) FROM pg_class c" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE n.nspname = 'debar' AND c.relkind = '" kind "' ORDER BY c.relname"

/*
 * Runs sql for every relation; %s in it stands for what names the relation
 * (column `by`: 0 its number, 1 its name). A failure is a line of words, and
 * the next relation's turn; only a lost connection ends it.
 */
struct sweep {
	const char *relations, *before, *after, *words;
	int by;
};

static int say_fault(struct pgsql *pg, const char *words, const char *name,
                     int code, struct str *ret_words)
{
	if (PQstatus(pg->conn) != CONNECTION_OK)
		return code;
	if (code == -EACCES)
		str_printf(ret_words, "note: %s %s could not be checked: %s\n", words,
		           name, pg->db.error);
	else
		str_printf(ret_words, "%s %s: %s\n", words, name, pg->db.error);
	return 0;
}

/* One statement; its failure must not spoil a transaction that is under way. */
static int ask_safely(struct pgsql *pg, const char *sql, PGresult **ret)
{
	char kept[sizeof(pg->db.error)];
	int rc = 0;

	if (!pg->in_transaction)
		return pgsql_ask(pg, sql, ret);
	rc = pgsql_simple(pg, "SAVEPOINT debar_check");
	if (rc < 0)
		return rc;
	rc = pgsql_ask(pg, sql, ret);
	memcpy(kept, pg->db.error, sizeof(kept));
	int after = pgsql_simple(pg, rc < 0 ? "ROLLBACK TO SAVEPOINT debar_check"
	                                    : "RELEASE SAVEPOINT debar_check");
	if (rc < 0)
		memcpy(pg->db.error, kept, sizeof(kept));
	return rc < 0 ? rc : after;
}

static int sweep(struct pgsql *pg, const struct sweep *what, struct str *ret_words)
{
	PGresult *relations;

	int rc = pgsql_ask(pg, what->relations, &relations);
	if (rc < 0)
		return rc;
	for (int i = 0; i < PQntuples(relations) && rc == 0; i++) {
		struct str sql = {0};
		PGresult *r = NULL;

		str_printf(&sql, "%s%s%s", what->before,
		           PQgetvalue(relations, i, what->by), what->after);
		rc = str_failed(&sql) ? -ENOMEM : ask_safely(pg, sql.p, &r);
		str_finish(&sql);
		const char *name = PQgetvalue(relations, i, 1);
		if (rc < 0)
			rc = say_fault(pg, what->words, name, rc, ret_words);
		/* verify_heapam() tells its faults as rows. */
		for (int j = 0; j < PQntuples(r) && PQnfields(r) == 2; j++)
			str_printf(ret_words, "table %s: block %s: %s\n", name,
			           PQgetvalue(r, j, 0), PQgetvalue(r, j, 1));
		PQclear(r);
	}
	PQclear(relations);
	return rc;
}

static int check_checksums(struct pgsql *pg, struct str *ret_words)
{
	PGresult *r;

	int rc = pgsql_ask(pg, "SELECT current_setting('data_checksums'),"
	                   " coalesce(checksum_failures, 0),"
	                   " coalesce(checksum_last_failure::text, '')"
	                   " FROM pg_stat_database"
	                   " WHERE datname = current_database()", &r);
	if (rc < 0)
		return rc;
	if (PQntuples(r) != 1 || strcmp(PQgetvalue(r, 0, 0), "on") != 0)
		str_puts(ret_words, "note: data checksums are off in this cluster: "
		         "PostgreSQL does not notice a page that the disk changed "
		         "(pg_checksums --enable turns them on)\n");
	else if (strcmp(PQgetvalue(r, 0, 1), "0") != 0)
		str_printf(ret_words, "%s pages of this database had a wrong "
		           "checksum, the last at %s\n", PQgetvalue(r, 0, 1),
		           PQgetvalue(r, 0, 2));
	PQclear(r);
	return 0;
}

/* The schema that amcheck is in, quoted; "" when the database has it not. */
static int find_amcheck(struct pgsql *pg, struct str *ret)
{
	PGresult *r;

	int rc = pgsql_ask(pg, "SELECT quote_ident(n.nspname) FROM pg_extension e"
	                   " JOIN pg_namespace n ON n.oid = e.extnamespace"
	                   " WHERE e.extname = 'amcheck'", &r);
	if (rc < 0)
		return rc;
	str_puts(ret, PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return str_failed(ret) ? -ENOMEM : 0;
}

static int amcheck_indexes(struct pgsql *pg, const char *schema, struct str *words)
{
	struct str before = {0};
	int rc = -ENOMEM;

	str_printf(&before, "SELECT %s.bt_index_check(", schema);
	if (!str_failed(&before))
		rc = sweep(pg, &(struct sweep){RELATIONS("i"), before.p,
		                               "::oid::regclass, true)", "index", 0},
		           words);
	str_finish(&before);
	return rc;
}

static int amcheck_tables(struct pgsql *pg, const char *schema, struct str *words)
{
	struct str before = {0};
	int rc = -ENOMEM;

	str_printf(&before, "SELECT blkno, msg FROM %s.verify_heapam(", schema);
	if (!str_failed(&before))
		rc = sweep(pg, &(struct sweep){RELATIONS("r"), before.p,
		                               "::oid::regclass) LIMIT 20", "table", 0},
		           words);
	str_finish(&before);
	return rc;
}

static int check_structure(struct pgsql *pg, struct str *ret_words)
{
	struct str schema = {0};

	int rc = find_amcheck(pg, &schema);
	if (rc == 0 && schema.n == 0)
		str_puts(ret_words, "note: the structure of indexes was not checked: "
		         "the database does not have the extension amcheck "
		         "(CREATE EXTENSION amcheck)\n");
	else if (rc == 0)
		rc = amcheck_indexes(pg, schema.p, ret_words);
	/* PostgreSQL 13 cannot look at tables yet. */
	if (rc == 0 && schema.n && PQserverVersion(pg->conn) >= 140000)
		rc = amcheck_tables(pg, schema.p, ret_words);
	str_finish(&schema);
	return rc;
}

int pgsql_check(struct db *db, struct str *ret_words)
{
	static const struct sweep pages = {
		/* The table's own pages, and the long values beside them. */
		RELATIONS("r"), "SELECT sum(hashtext(t::text)) FROM ", " AS t",
		"table", 1,
	};
	struct pgsql *pg = pgsql_of(db);

	int rc = sweep(pg, &pages, ret_words);
	if (rc == 0)
		rc = check_structure(pg, ret_words);
	/* Last: the reading above may have found wrong checksums. */
	if (rc == 0)
		rc = check_checksums(pg, ret_words);
	return rc == 0 && str_failed(ret_words) ? -ENOMEM : rc;
}

int pgsql_compact(struct db *db)
{
	struct pgsql *pg = pgsql_of(db);
	PGresult *r;

	int rc = pgsql_ask(pg, RELATIONS("r"), &r);
	if (rc < 0)
		return rc;
	for (int i = 0; i < PQntuples(r) && rc == 0; i++) {
		struct str sql = {0};

		str_printf(&sql, "VACUUM (ANALYZE) debar.%s", PQgetvalue(r, i, 1));
		rc = str_failed(&sql) ? pgsql_say(pg, -ENOMEM, "out of memory")
		                      : pgsql_simple(pg, sql.p);
		str_finish(&sql);
	}
	PQclear(r);
	return rc;
}

#else

/* A file must hold something. */
extern int pgsql_check_is_not_built;

#endif
