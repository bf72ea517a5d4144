/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of packages of rpm-based systems, in any of the containers that rpm
 * has used: SQLite (rpmdb.sqlite), its own (Packages.db), and a Berkeley DB
 * hash (Packages). The header of each package is the same in all of them.
 */
#include <errno.h>
#include <sqlite3.h>

#include "extract/pkgdb_util.h"
#include "extract/rpm_util.h"
#include "extract/sqlite_util.h"

/* One header, its folder names and some small text. */
enum { HEADER_BYTES_MAX = RPM_BLOB_MAX + 8 * 1024 * 1024 };

static int take_row(struct rpm_db *db, sqlite3_stmt *query)
{
	struct rpm_blob blob = {0};

	arena_reset(&db->mem);
	blob.member = rpm_member(
		db, (uint64_t)sqlite3_column_int64(query, 0));
	const void *p = sqlite3_column_blob(query, 1);
	int n = sqlite3_column_bytes(query, 1);
	blob.bytes = slice_of(p, p && n > 0 ? (size_t)n : 0);
	return rpm_take_header(db, &blob);
}

static int take_rows(struct rpm_db *db, sqlite3 *sql)
{
	sqlite3_stmt *query = NULL;
	int r = 0;

	int rc = sqlite3_prepare_v2(sql, "SELECT hnum, blob FROM Packages", -1,
	                            &query, NULL);
	while (rc == SQLITE_OK || (rc == SQLITE_ROW && r == 0)) {
		rc = sqlite3_step(query);
		if (rc == SQLITE_ROW)
			r = take_row(db, query);
		else if (rc == SQLITE_OK)
			rc = SQLITE_ERROR;
	}
	(void)sqlite3_finalize(query);
	return r < 0 ? r : sqlite_errno(rc);
}

static int read_sqlite(struct rpm_db *db)
{
	struct sqlite3 *sql;

	/* The table's name stands in the first page of rpm's: that spares
	 * opening everyone else's databases. */
	if (!db->home &&
	    slice_find(db->x->in->head, SLICE("Packages")) == SIZE_MAX)
		return 0;
	int r = sqlite_open_input(db->x->in, &sql);
	if (r < 0)
		return r;
	r = sqlite_has_table(sql, "Packages");
	if (r > 0)
		r = take_rows(db, sql);
	else if (r == 0 && db->home)
		r = -EBADMSG;
	(void)sqlite3_close(sql);
	return r;
}

/* Changes that rpm has not yet moved to the database. It does so at the end
 * of each run, so the file is empty on a machine at rest. */
static int read_wal(struct rpm_db *db)
{
	return db->x->in->size > 0 ? -ENOTSUP : 0;
}

static bool is_berkeley(struct slice head)
{
	struct slice magic = slice_first(slice_from(head, 12), 4);

	return slice_eq(magic, SLICE("\x61\x15\x06\x00")) ||
	       slice_eq(magic, SLICE("\x00\x06\x15\x61"));
}

/* The reader for what the file is, or NULL. */
static int (*reader_of(const struct extraction *x))(struct rpm_db *)
{
	struct slice head = x->in->head;

	if (slice_ends(x->item->path, SLICE("-wal")))
		return read_wal;
	if (slice_starts(head, SLICE("SQLite format 3\0")))
		return read_sqlite;
	if (slice_starts(head, SLICE("RpmP")))
		return rpm_read_ndb;
	return is_berkeley(head) ? rpm_read_bdb : NULL;
}

/* Is the file in one of the two folders where rpm has its database? */
static bool at_home(struct slice path, struct slice *ret_root)
{
	return pkgdb_root(path, "usr/lib/sysimage/rpm/*", ret_root) ||
	       pkgdb_root(path, "var/lib/rpm/*", ret_root);
}

static int run(struct extraction *x)
{
	int (*read)(struct rpm_db *) = reader_of(x);
	struct rpm_db db = {.x = x};

	db.home = at_home(x->item->path, &db.root);
	if (!read) {
		/* Other Berkeley hashes are not ours; an rpm database is. */
		return db.home && x->in->size > 0 ? -EBADMSG : 0;
	}
	db.state = pkgdb_state(x->item, db.home);
	arena_init(&db.mem, HEADER_BYTES_MAX);
	int r = read(&db);
	arena_finish(&db.mem);
	return r;
}

const struct extractor extract_rpm = {
	.name = "rpm",
	.version = 1,
	.probes = {
		{.path = "rpm/rpmdb.sqlite"},
		{.path = "rpm/rpmdb.sqlite-wal"},
		{.path = "rpm/Packages"},
		{.path = "rpm/Packages.db"},
		{MAGIC("SQLite format 3\0")},
		{MAGIC("RpmP")},
		{MAGIC("\x61\x15\x06\x00"), .at = 12, .path = "Packages"},
		{MAGIC("\x00\x06\x15\x61"), .at = 12, .path = "Packages"},
	},
	.run = run,
};
