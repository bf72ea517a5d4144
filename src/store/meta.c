/* SPDX-License-Identifier: Apache-2.0 */
#include "store/meta.h"

#include <errno.h>

#include "store/schema.h"

static const char *const names[META_COUNT] = {
	[META_SCHEMA] = "schema",
	[META_GENERATION] = "generation",
	[META_ATTRIBUTES] = "attributes",
	[META_VALUE_BLOCKS] = "value_blocks",
	[META_VALUES] = "values",
	[META_ARTEFACTS] = "artefacts",
	[META_UNITS] = "units",
	[META_HOSTS] = "hosts",
	[META_REPORTED] = "reported",
	[META_REPORTS] = "reports",
	[META_MANIFESTS] = "manifests",
};

struct read {
	struct db *db;
	int64_t *meta;
};

static int read_one(void *ctx, const struct db_value *row)
{
	struct read *x = ctx;

	for (size_t i = 0; i < META_COUNT; i++)
		if (slice_eq(row[0].s, slice_str(names[i])))
			x->meta[i] = row[1].n;
	return 0;
}

int meta_read(struct db *db, int64_t ret[META_COUNT])
{
	int64_t meta[META_COUNT] = {0};
	struct read x = {db, meta};
	int r = row_each(db, TABLE_META, tables[TABLE_META].all, NULL, 0, read_one,
	                 &x);

	if (r < 0)
		return r;
	for (size_t i = 0; i < META_COUNT; i++)
		if (meta[i] < 0 || (meta[i] > NUMBER_MAX && i != META_GENERATION &&
		                    i != META_REPORTS && i != META_VALUES))
			return db_damaged(db, "meta %s: no such number", names[i]);
	memcpy(ret, meta, sizeof(meta));
	return 0;
}

int meta_write(struct db *db, const int64_t meta[META_COUNT],
               const int64_t before[META_COUNT])
{
	struct rows rows;
	int r = 0;

	rows_init(&rows, db, TABLE_META);
	for (size_t i = 0; i < META_COUNT && r == 0; i++)
		if (meta[i] != before[i])
			r = rows_add(&rows, (struct db_value[]){
				DB_T(slice_str(names[i])), DB_N(meta[i])});
	if (r == 0)
		r = rows_flush(&rows);
	rows_finish(&rows);
	return r;
}

/* ---- migration --------------------------------------------------------- */

/* The step that the tables are at; -EINVAL when there are none. */
static int step_of(struct db *db)
{
	int64_t meta[META_COUNT];
	int r = meta_read(db, meta);

	return r < 0 ? r : (int)meta[META_SCHEMA];
}

static int judge(int step)
{
	if (step > (int)COUNT_OF(schema_steps))
		return -EPROTO;
	return step == (int)COUNT_OF(schema_steps) ? 0 : -ENOTSUP;
}

static int carry_out(struct db *db, int step)
{
	int64_t meta[META_COUNT] = {[META_SCHEMA] = COUNT_OF(schema_steps)};
	static const int64_t before[META_COUNT];
	int r = 0;

	for (size_t i = (size_t)step; i < COUNT_OF(schema_steps) && r == 0; i++)
		r = db->driver->exec(db, schema_steps[i], NULL, 0);
	return r ? r : meta_write(db, meta, before);
}

/* Another process may have been faster, so look again inside. */
static int migrate(struct db *db, bool fresh)
{
	int r = db->driver->begin(db, true);

	if (r < 0)
		return r;
	int step = fresh ? 0 : step_of(db);
	r = step < 0 ? step : carry_out(db, step);
	if (r == 0)
		r = db->driver->commit(db);
	if (r < 0)
		db->driver->rollback(db);
	return r;
}

int meta_migrate(struct db *db, bool may)
{
	int step = step_of(db);

	if (step == -EINVAL && !may)
		return -ENOENT;
	if (step < 0 && step != -EINVAL)
		return step;
	int r = step < 0 ? -ENOTSUP : judge(step);
	if (r != -ENOTSUP || !may)
		return r;
	r = migrate(db, step < 0);
	if (r == 0)
		return 0;
	/* Two that make the same tables: the slower one finds them there. */
	step = step_of(db);
	return step >= 0 && judge(step) == 0 ? 0 : r;
}
