/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_open.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/db.h"

enum {
	APPLICATION_ID = 0x64656272, /* "debr", at byte 68 of the file */
	BUSY_MS = 100,
};

void sqlite_dialect(struct str *out, const char *sql)
{
	struct slice rest = slice_str(sql);
	size_t at;

	while ((at = slice_find(rest, SLICE("BIGINT"))) != SIZE_MAX) {
		str_add(out, slice_first(rest, at));
		str_puts(out, "INTEGER");
		rest = slice_from(rest, at + strlen("BIGINT"));
	}
	str_add(out, rest);
	if (!slice_starts(slice_str(sql), SLICE("CREATE TABLE")))
		return;
	bool composite = slice_find(slice_str(sql), SLICE("PRIMARY KEY (")) != SIZE_MAX;
	str_puts(out, composite ? " STRICT, WITHOUT ROWID" : " STRICT");
}

/* ---- the file ---------------------------------------------------------- */

static int make_parents(const char *path, struct err *e)
{
	char folder[PATH_MAX];

	if (strlen(path) >= sizeof(folder))
		return err_sys(e, -ENAMETOOLONG, "making the folder of %s", path);
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(folder, path, i);
		folder[i] = 0;
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return err_sys(e, -errno, "making the folder %s for the "
			               "inventory", folder);
	}
	return 0;
}

/*
 * Makes an empty file that only its owner may read, unless there is one. An
 * existing file is not opened here: closing it would drop the locks that this
 * process holds on it elsewhere.
 */
static int make_file(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return 0;
	int r = make_parents(path, e);
	if (r < 0)
		return r;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return err_sys(e, -errno, "making the inventory %s", path);
	if (fd >= 0)
		(void)close(fd);
	return 0;
}

/* Is it a file at all? SQLite's own words for this say little. */
static int look_at(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT
		               ? err_set(e, -ENOENT, "there is no inventory at %s",
		                         path)
		               : err_sys(e, -errno, "opening the inventory %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EMEDIUMTYPE, "%s is not an inventory: it is no "
		               "regular file", path);
	return 0;
}

/* The path as a URI, so that no name is taken for one. */
static void write_uri(struct str *out, const char *path, bool immutable)
{
	str_puts(out, path[0] == '/' ? "file://" : "file:");
	for (size_t i = 0; path[i]; i++) {
		if (strchr("%?#", path[i]))
			str_printf(out, "%%%02X", (unsigned char)path[i]);
		else
			str_putc(out, path[i]);
	}
	if (immutable)
		str_puts(out, "?immutable=1");
}

static int open_conn(const char *path, int flags, bool immutable, sqlite3 **ret)
{
	struct str uri = {0};

	write_uri(&uri, path, immutable);
	if (str_failed(&uri)) {
		str_finish(&uri);
		return SQLITE_NOMEM;
	}
	int rc = sqlite3_open_v2(uri.p, ret, flags | SQLITE_OPEN_URI |
	                         SQLITE_OPEN_NOMUTEX, NULL);
	str_finish(&uri);
	if (rc == SQLITE_OK)
		(void)sqlite3_busy_timeout(*ret, BUSY_MS);
	return rc;
}

/* ---- the connection ---------------------------------------------------- */

static int run_all(sqlite3 *conn, const char *const *sql, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int rc = sqlite3_exec(conn, sql[i], NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

static int ask_number(sqlite3 *conn, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(conn, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/*
 * Ours, empty, or somebody else's? *ret_empty: there is no table yet. This is
 * also the first time that the file is really read.
 */
static int identify(sqlite3 *conn, bool *ret_empty, bool *ret_ours)
{
	int64_t tables = 0, id = 0;
	int rc = ask_number(conn, "SELECT count(*) FROM sqlite_master", &tables);

	if (rc == SQLITE_OK)
		rc = ask_number(conn, "PRAGMA application_id", &id);
	if (rc != SQLITE_OK)
		return rc;
	*ret_empty = tables == 0;
	*ret_ours = id == APPLICATION_ID;
	return SQLITE_OK;
}

/* What matters to whoever reads: no trust in the file's own definitions. */
static int set_up_reader(sqlite3 *conn)
{
	static const char *const sql[] = {
		"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
		"PRAGMA cache_size = -16384", "PRAGMA temp_store = MEMORY",
	};

	(void)sqlite3_db_config(conn, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return run_all(conn, sql, COUNT_OF(sql));
}

/*
 * The log is copied into the file when it has 64 MiB: a page that many batches
 * change is then written there once. Freed pages are not wiped: what was in
 * them is no secret beside what is still there.
 */
static int set_up_writer(sqlite3 *conn, bool fresh)
{
	static const char *const first[] = {
		"PRAGMA page_size = 4096", "PRAGMA application_id = 1684365938",
	}, *const always[] = {
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
		"PRAGMA wal_autocheckpoint = 16384",
		"PRAGMA journal_size_limit = 67108864",
		"PRAGMA cache_size = -65536", "PRAGMA secure_delete = OFF",
	};
	static_assert(APPLICATION_ID == 1684365938);
	int rc = fresh ? run_all(conn, first, COUNT_OF(first)) : SQLITE_OK;

	return rc == SQLITE_OK ? run_all(conn, always, COUNT_OF(always)) : rc;
}

/* The sentence for a connection that could not be had. */
static int cannot(const char *path, sqlite3 *conn, int rc, struct err *e)
{
	int r = sqlite_result(conn, rc);

	switch (r) {
	case -EBUSY:
		return err_set(e, r, "another sweep is writing to %s; try again later "
		               "or name another --store", path);
	case -EMEDIUMTYPE:
		return err_set(e, r, "%s is not an inventory", path);
	case -EUCLEAN:
		return err_set(e, r, "the inventory %s is damaged (%s)", path,
		               sqlite3_errmsg(conn));
	default:
		return err_sys(e, r, "opening the inventory %s (%s)", path,
		               sqlite3_errmsg(conn));
	}
}

static int set_up(const char *path, sqlite3 *conn, unsigned flags, struct err *e)
{
	bool empty = false, ours = false;
	int rc = set_up_reader(conn);

	if (rc == SQLITE_OK)
		rc = identify(conn, &empty, &ours);
	if (rc != SQLITE_OK)
		return cannot(path, conn, rc, e);
	if (!ours && !empty)
		return err_set(e, -EMEDIUMTYPE, "%s is a database of another program",
		               path);
	if (empty && !(flags & DB_CREATE))
		return err_set(e, -ENOENT, "there is no inventory in %s yet", path);
	if (flags & DB_READ_ONLY)
		return 0;
	if (sqlite3_db_readonly(conn, "main") == 1)
		return err_set(e, -EACCES, "no permission to write to the inventory "
		               "%s", path);
	rc = set_up_writer(conn, empty && !ours);
	return rc == SQLITE_OK ? 0 : cannot(path, conn, rc, e);
}

/* Is there a log with something in it that the file itself lacks? */
static bool has_log(const char *path)
{
	struct str log = {0};
	struct stat st;

	str_printf(&log, "%s-wal", path);
	bool there = str_failed(&log) ||
	             (stat(log.p, &st) == 0 && st.st_size > 0);
	str_finish(&log);
	return there;
}

/*
 * Reading needs a shared-memory file beside the inventory, which cannot be
 * made on a read-only file system. A file that was closed properly can be read
 * without.
 */
static int connect_immutable(const char *path, struct err *e, sqlite3 **ret)
{
	if (has_log(path))
		return err_set(e, -EROFS, "the inventory %s was not closed properly "
		               "and cannot be put in order where nothing can be "
		               "written; open it once where it can", path);
	int rc = open_conn(path, SQLITE_OPEN_READONLY, true, ret);
	return rc == SQLITE_OK ? 0 : cannot(path, *ret, rc, e);
}

int sqlite_connect(const char *path, unsigned flags, struct err *e,
                   sqlite3 **ret)
{
	bool read_only = flags & DB_READ_ONLY;
	int64_t ignored;
	sqlite3 *conn = NULL;
	int r = flags & DB_CREATE && !read_only ? make_file(path, e) : 0;

	if (r == 0)
		r = look_at(path, e);
	if (r < 0)
		return r;
	int rc = open_conn(path, read_only ? SQLITE_OPEN_READONLY
	                                   : SQLITE_OPEN_READWRITE, false, &conn);
	if (rc == SQLITE_OK && read_only)
		rc = ask_number(conn, "SELECT count(*) FROM sqlite_master", &ignored);
	if (read_only && ((rc & 0xff) == SQLITE_CANTOPEN ||
	                  (rc & 0xff) == SQLITE_READONLY)) {
		(void)sqlite3_close_v2(conn);
		conn = NULL;
		r = connect_immutable(path, e, &conn);
	} else if (rc != SQLITE_OK) {
		r = cannot(path, conn, rc, e);
	}
	if (r == 0)
		r = set_up(path, conn, flags, e);
	if (r < 0) {
		(void)sqlite3_close_v2(conn);
		return r;
	}
	*ret = conn;
	return 0;
}
