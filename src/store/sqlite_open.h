/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite driver's other half: finding, making and setting up the file. */
#ifndef STORE_SQLITE_OPEN_H
#define STORE_SQLITE_OPEN_H

#include <sqlite3.h>

#include "base/err.h"
#include "base/str.h"

/* As sqlite_open of sqlite.h, down to the library's connection. */
int sqlite_connect(const char *path, unsigned flags, struct err *e,
                   sqlite3 **ret);

/* The negative errno for a result code of the library. */
int sqlite_result(sqlite3 *conn, int rc);

/* Appends `sql` as SQLite wants it: INTEGER for BIGINT, strict tables, and no
 * row number of their own for those with a composite key. */
void sqlite_dialect(struct str *out, const char *sql);

#endif
