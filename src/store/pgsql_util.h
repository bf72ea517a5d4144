/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the PostgreSQL driver needs and what no server is needed for: SQL put
 * into its dialect, its error codes put into ours, words made fit to be shown.
 */
#ifndef STORE_PGSQL_UTIL_H
#define STORE_PGSQL_UTIL_H

#include "base/slice.h"
#include "base/str.h"

/*
 * Appends sql as PostgreSQL wants it: ?1 becomes $1, BLOB BYTEA and INTEGER
 * BIGINT; the table options WITHOUT ROWID and STRICT go. What stands in
 * quotation marks or comments is left alone.
 */
void pgsql_rewrite(const char *sql, struct str *out);

/* The errno that db.h names for an SQLSTATE of five characters (NULL: none);
 * -EINVAL for all it does not name, -EACCES when a right is missing. */
int pgsql_errno(const char *sqlstate);

/* Does this SQLSTATE mean that the server ends the connection? */
bool pgsql_ends(const char *sqlstate);

/*
 * The whole number in a binary numeric, as sum() gives it. -EINVAL when it is
 * not whole or damaged, -ERANGE when it does not fit.
 */
int pgsql_numeric(struct slice s, int64_t *ret);

/*
 * Appends a message of the server or of libpq on one line, fit for a terminal,
 * every occurrence of secret (NULL or "": nothing) replaced by ***.
 */
void pgsql_words(struct str *out, const char *message, const char *secret);

#endif
