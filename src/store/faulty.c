/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database that fails on purpose, for tests: everything above must survive
 * the failure of any call. rollback and close are never refused, as they
 * cannot say so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/db.h"

struct faulty {
	struct db db;
	struct db *inner;
	unsigned calls, at;
	int error;
	bool for_ever;
};

struct db_rows {
	struct faulty *f;
	struct db_rows *inner;
};

static struct faulty *faulty_of(struct db *db)
{
	return (struct faulty *)(void *)db;
}

/* Is it this call's turn to fail? */
static int turn(struct faulty *f)
{
	f->calls++;
	if (f->calls != f->at && !(f->for_ever && f->calls > f->at))
		return 0;
	(void)snprintf(f->db.error, sizeof(f->db.error), "made to fail at call %u",
	               f->calls);
	return -f->error;
}

/* Takes over the inner database's words. */
static int passed(struct faulty *f, int r)
{
	if (r < 0)
		memcpy(f->db.error, f->inner->error, sizeof(f->db.error));
	return r;
}

static void faulty_close(struct db *db)
{
	struct faulty *f = faulty_of(db);

	db_close(f->inner);
	free(f);
}

static int faulty_begin(struct db *db, bool write)
{
	struct faulty *f = faulty_of(db);
	int r = turn(f);

	return r ? r : passed(f, f->inner->driver->begin(f->inner, write));
}

static int faulty_commit(struct db *db)
{
	struct faulty *f = faulty_of(db);
	int r = turn(f);

	return r ? r : passed(f, f->inner->driver->commit(f->inner));
}

static void faulty_rollback(struct db *db)
{
	struct faulty *f = faulty_of(db);

	f->inner->driver->rollback(f->inner);
}

static int faulty_exec(struct db *db, const char *sql,
                       const struct db_value *args, size_t n)
{
	struct faulty *f = faulty_of(db);
	int r = turn(f);

	return r ? r : passed(f, f->inner->driver->exec(f->inner, sql, args, n));
}

static int faulty_query(struct db *db, const char *sql,
                        const struct db_value *args, size_t n,
                        struct db_rows **ret)
{
	struct faulty *f = faulty_of(db);
	struct db_rows *rows;
	int r = turn(f);

	if (r)
		return r;
	rows = calloc(1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	rows->f = f;
	r = passed(f, f->inner->driver->query(f->inner, sql, args, n,
	                                      &rows->inner));
	if (r < 0) {
		free(rows);
		return r;
	}
	*ret = rows;
	return 0;
}

static int faulty_next(struct db_rows *rows, const struct db_value **ret)
{
	int r = turn(rows->f);

	return r ? r
	         : passed(rows->f,
	                  rows->f->inner->driver->next(rows->inner, ret));
}

static void faulty_done(struct db_rows *rows)
{
	rows->f->inner->driver->done(rows->inner);
	free(rows);
}

static int faulty_put(struct db *db, const struct db_put *how,
                      const struct db_value *values, size_t n_rows)
{
	struct faulty *f = faulty_of(db);
	int r = turn(f);

	return r ? r
	         : passed(f, f->inner->driver->put(f->inner, how, values, n_rows));
}

static int faulty_check(struct db *db, struct str *ret_words)
{
	struct faulty *f = faulty_of(db);
	int r = turn(f);

	return r ? r : passed(f, f->inner->driver->check(f->inner, ret_words));
}

static int faulty_compact(struct db *db)
{
	struct faulty *f = faulty_of(db);
	int r = turn(f);

	return r ? r : passed(f, f->inner->driver->compact(f->inner));
}

static const struct db_driver driver = {
	.name = "faulty",
	.close = faulty_close,
	.begin = faulty_begin,
	.commit = faulty_commit,
	.rollback = faulty_rollback,
	.exec = faulty_exec,
	.query = faulty_query,
	.next = faulty_next,
	.done = faulty_done,
	.put = faulty_put,
	.check = faulty_check,
	.compact = faulty_compact,
};

struct db *db_faulty(struct db *inner, unsigned at, int error, bool for_ever)
{
	struct faulty *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	*f = (struct faulty){.db.driver = &driver, .inner = inner, .at = at,
	                     .error = error, .for_ever = for_ever};
	return &f->db;
}
