/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite over an input: for readers of databases that a stranger made (rpm's
 * packages, NSS certificates). The library gets no file system, only the
 * input's bytes; what a schema may do is cut down to plain tables.
 */
#ifndef EXTRACT_SQLITE_UTIL_H
#define EXTRACT_SQLITE_UTIL_H

#include "extract/input.h"

struct sqlite3;

/*
 * Opens the database read-only. The input must outlive it; close it with
 * sqlite3_close(). Only tables can be read (no views, triggers, attached files
 * or calls of functions in queries; virtual tables: see sqlite_has_table), no
 * value may be longer than 24 MiB, and a connection that takes too many steps
 * is interrupted. A database in WAL mode is read without its -wal file, which is
 * an item of its own: what stands only there is not seen.
 * Returns 0 or a negative errno value as struct extractor's run() does.
 */
int sqlite_open_input(struct input *in, struct sqlite3 **ret);

/* Is there a table of that name, with its rows in the file: no view, no virtual
 * table? Ask before reading it. 1, 0, or a negative errno value. */
int sqlite_has_table(struct sqlite3 *db, const char *name);

/* The errno value (negative) for a result code of SQLite's; 0 for success. */
int sqlite_errno(int rc);

#endif
