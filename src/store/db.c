/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include "store/pgsql.h"
#include "store/sqlite.h"

int db_open(const char *url, unsigned flags, struct err *e, struct db **ret)
{
	struct slice s = slice_str(url);

	if (slice_starts(s, SLICE("postgresql://")) ||
	    slice_starts(s, SLICE("postgres://")))
		return pgsql_open(url, flags, e, ret);
	return sqlite_open(url, flags, e, ret);
}

void db_close(struct db *db)
{
	if (db)
		db->driver->close(db);
}
