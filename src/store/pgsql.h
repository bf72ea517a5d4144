/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PostgreSQL driver of store/db.h, over libpq.
 *
 * Everything lives in the schema "debar" of the database that the URL names;
 * DB_CREATE makes the schema. One writer at a time: a transaction that writes
 * holds an advisory lock of the database, and begin() waits for it only a
 * moment, so that the caller decides how long to try.
 *
 * After an error inside a transaction only rollback() is possible. Rows of a
 * query come one by one; when another statement is run before the last one was
 * read, the rest is kept in memory, up to a limit.
 */
#ifndef STORE_PGSQL_H
#define STORE_PGSQL_H

#include "store/db.h"

/*
 * url: postgresql://[user[:password]@][host][:port][/database][?options]; what
 * it leaves open comes from the environment and files that libpq reads.
 * -ENOTSUP when debar was built without libpq, -ENOENT when there is no schema
 * and DB_CREATE was not given, -EACCES, -EIO when the server cannot be
 * reached. No sentence ever holds the password.
 */
int pgsql_open(const char *url, unsigned flags, struct err *e, struct db **ret);

#endif
