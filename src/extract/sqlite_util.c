/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/sqlite_util.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>

enum {
	HEAP_MAX = 64 * 1024 * 1024,  /* all of SQLite's memory */
	VALUE_MAX = 24 * 1024 * 1024, /* the longest blob */
	CACHE_KIB = 2048,
	STEPS_PER_TICK = 100000,
	TICKS_MAX = 1000,             /* of one connection */
	SECTOR_BYTES = 4096,
	PATH_BYTES_MAX = 64,
};

/* Bytes 18 and 19 of the header: how it is to be written and read, 2 = WAL.
 * Read as 1 (a journal), the file is a plain database as of its checkpoint. */
enum { VERSIONS_AT = 18, VERSIONS_END = 20, VERSION_PLAIN = 1, VERSION_WAL = 2 };

struct file {
	sqlite3_file base;
	struct input *in;
	unsigned ticks;
};

/*
 * SQLite hands its VFS nothing but a name, and opens the file inside
 * sqlite3_open_v2: the input goes from one to the other through this.
 */
static _Thread_local struct input *being_opened;

static int file_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static void hide_wal(uint8_t *buf, size_t n, uint64_t offset)
{
	for (uint64_t at = VERSIONS_AT; at < VERSIONS_END; at++) {
		if (at >= offset && at - offset < n &&
		    buf[at - offset] == VERSION_WAL)
			buf[at - offset] = VERSION_PLAIN;
	}
}

static int file_read(sqlite3_file *file, void *buf, int n, sqlite3_int64 offset)
{
	struct file *f = (struct file *)file;
	size_t want = (size_t)n;

	if (n < 0 || offset < 0)
		return SQLITE_IOERR_READ;
	ptrdiff_t got = input_read(f->in, (uint64_t)offset, buf, want);
	if (got < 0)
		return SQLITE_IOERR_READ;
	hide_wal(buf, (size_t)got, (uint64_t)offset);
	if ((size_t)got == want)
		return SQLITE_OK;
	memset((uint8_t *)buf + got, 0, want - (size_t)got);
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *buf, int n,
                      sqlite3_int64 offset)
{
	(void)file, (void)buf, (void)n, (void)offset;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	(void)file, (void)size;
	return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *file, int flags)
{
	(void)file, (void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct file *f = (struct file *)file;

	if (f->in->size > INT64_MAX)
		return SQLITE_IOERR_FSTAT;
	*ret = (sqlite3_int64)f->in->size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level)
{
	(void)file, (void)level;
	return SQLITE_OK;
}

static int file_locked(sqlite3_file *file, int *ret)
{
	(void)file;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	(void)file, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
	(void)file;
	return SECTOR_BYTES;
}

static int file_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_locked,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
};

/* Only the database itself; journals and temporary files are refused. */
static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                    int flags, int *ret_flags)
{
	struct file *f = (struct file *)file;

	(void)vfs, (void)name;
	f->base.pMethods = NULL;
	if (!(flags & SQLITE_OPEN_MAIN_DB) || !being_opened)
		return SQLITE_CANTOPEN;
	*f = (struct file){.base.pMethods = &methods, .in = being_opened};
	if (ret_flags)
		*ret_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs, (void)name, (void)sync;
	return SQLITE_READONLY;
}

/* No other file exists: no journal, no -wal. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	(void)vfs, (void)name, (void)flags;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
	(void)vfs;
	sqlite3_snprintf(size, ret, "%s", name);
	return SQLITE_OK;
}

/* Nothing that is read depends on chance or time: constants serve, and keep
 * the library from asking the system. */
static int vfs_random(sqlite3_vfs *vfs, int n, char *ret)
{
	(void)vfs;
	memset(ret, 0, n > 0 ? (size_t)n : 0);
	return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
	(void)vfs;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int n, char *ret)
{
	(void)vfs, (void)n, (void)ret;
	return 0;
}

static sqlite3_vfs input_vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct file),
	.mxPathname = PATH_BYTES_MAX,
	.zName = "input",
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_path,
	.xRandomness = vfs_random,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_time,
	.xGetLastError = vfs_last_error,
};

int sqlite_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_TOOBIG:
		return -EFBIG;
	case SQLITE_INTERRUPT:
		return -E2BIG;
	case SQLITE_IOERR:
		return rc == SQLITE_IOERR_SHORT_READ ? -EBADMSG : -EIO;
	default:
		return -EBADMSG;
	}
}

static int tick(void *ctx)
{
	struct file *f = ctx;

	return f->ticks++ >= TICKS_MAX;
}

/* Everything but reading the columns of tables is refused. */
static int authorize(void *ctx, int action, const char *a, const char *b,
                     const char *database, const char *trigger)
{
	(void)ctx, (void)a, (void)b, (void)database, (void)trigger;
	return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK
	                                                        : SQLITE_DENY;
}

static void set_limits(sqlite3 *db)
{
	static const struct {
		int id, value;
	} limits[] = {
		{SQLITE_LIMIT_LENGTH, VALUE_MAX},
		{SQLITE_LIMIT_SQL_LENGTH, 64 * 1024},
		{SQLITE_LIMIT_COLUMN, 256},
		{SQLITE_LIMIT_EXPR_DEPTH, 32},
		{SQLITE_LIMIT_COMPOUND_SELECT, 2},
		{SQLITE_LIMIT_VDBE_OP, 25000},
		{SQLITE_LIMIT_FUNCTION_ARG, 8},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 16},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < COUNT_OF(limits); i++)
		(void)sqlite3_limit(db, limits[i].id, limits[i].value);
}

static int set_switches(sqlite3 *db)
{
	static const struct {
		int id, value;
	} switches[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
	};

	for (size_t i = 0; i < COUNT_OF(switches); i++) {
		int rc = sqlite3_db_config(db, switches[i].id,
		                           switches[i].value, (int *)NULL);
		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

static int set_pragmas(sqlite3 *db)
{
	char sql[160];

	sqlite3_snprintf(sizeof(sql), sql,
	                 "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY;"
	                 "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON",
	                 CACHE_KIB);
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int harden(sqlite3 *db)
{
	struct file *file = NULL;

	set_limits(db);
	int rc = set_switches(db);
	if (rc == SQLITE_OK)
		rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER,
		                          &file);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_progress_handler(db, STEPS_PER_TICK, tick, file);
	rc = set_pragmas(db);
	if (rc == SQLITE_OK)
		rc = sqlite3_set_authorizer(db, authorize, NULL);
	return rc;
}

static int open_database(struct input *in, sqlite3 **ret)
{
	int rc = sqlite3_initialize();
	if (rc == SQLITE_OK)
		rc = sqlite3_vfs_register(&input_vfs, 0);
	if (rc != SQLITE_OK)
		return rc;
	(void)sqlite3_hard_heap_limit64(HEAP_MAX);
	being_opened = in;
	rc = sqlite3_open_v2("database", ret,
	                     SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
	                     input_vfs.zName);
	being_opened = NULL;
	return rc == SQLITE_OK ? harden(*ret) : rc;
}

int sqlite_open_input(struct input *in, struct sqlite3 **ret)
{
	sqlite3 *db = NULL;

	int rc = open_database(in, &db);
	if (rc != SQLITE_OK) {
		(void)sqlite3_close(db);
		return sqlite_errno(rc);
	}
	*ret = db;
	return 0;
}

int sqlite_has_table(struct sqlite3 *db, const char *name)
{
	sqlite3_stmt *query = NULL;

	/* Views and virtual tables have no root page. */
	int rc = sqlite3_prepare_v2(db,
	                            "SELECT rootpage FROM sqlite_master "
	                            "WHERE type = 'table' AND name = ?1 "
	                            "AND rootpage > 0",
	                            -1, &query, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(query);
	(void)sqlite3_finalize(query);
	return rc == SQLITE_ROW ? 1 : sqlite_errno(rc);
}
