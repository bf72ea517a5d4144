/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite driver of store/db.h: one file, in write-ahead mode.
 *
 * Durability: the log is synced once, at commit (synchronous=FULL); within a
 * transaction nothing is synced, and the file itself only when the log is
 * copied into it. Readers see the state of their transaction's start and never
 * wait for the writer. A writer waits a moment for another one; how long to
 * try is the caller's decision.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "store/db.h"

/*
 * DB_CREATE makes the file (0600) and its folders (0700). Where nothing can be
 * written (read-only file system, somebody else's folder) DB_READ_ONLY opens a
 * file that was closed properly, and trusts that nobody writes to it meanwhile.
 * -ENOENT, -EACCES, -EMEDIUMTYPE (not an inventory), or as db.h says.
 */
int sqlite_open(const char *path, unsigned flags, struct err *e,
                struct db **ret);

#endif
