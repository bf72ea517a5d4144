/* SPDX-License-Identifier: Apache-2.0 */
#include "store/host_block.h"

#include <errno.h>

#include "base/cursor.h"
#include "store/internal.h"

enum { BLOCK_VERSION = 1, WIDTH_MAX = 8 };

/* ---- reading ----------------------------------------------------------- */

static uint64_t number_at(const uint8_t *p, unsigned width)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < width; i++)
		n |= (uint64_t)p[i] << 8 * i;
	return n;
}

/* False when it is no column. Nothing in a store is above INT64_MAX. */
static bool read_column(struct cursor *c, uint32_t n, uint64_t *ret)
{
	unsigned width = cursor_u8(c);

	if (width == 0)
		return !cursor_failed(c);
	uint64_t least = cursor_u64le(c);
	struct slice bytes = cursor_take(c, (size_t)n * width);
	if (width > WIDTH_MAX || cursor_failed(c) || least > INT64_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t v = number_at(bytes.p + (size_t)i * width, width);
		if (v > 0 && v - 1 > INT64_MAX - least)
			return false;
		ret[i] = v ? v - 1 + least : 0;
	}
	return true;
}

static bool read_block(struct slice bytes, struct host_block *ret)
{
	struct cursor c = cursor_on(bytes);

	if (cursor_u8(&c) != BLOCK_VERSION)
		return false;
	ret->n = cursor_u16le(&c);
	if (cursor_failed(&c) || ret->n > HOST_BLOCK)
		return false;
	for (size_t i = 0; i < HOST_COLUMNS; i++)
		if (!read_column(&c, ret->n, ret->v[i]))
			return false;
	for (uint32_t i = 0; i < ret->n; i++)
		if (ret->v[HOST_UNIT][i] > NUMBER_MAX)
			return false;
	return cursor_left(&c) == 0;
}

int host_block_read(struct db *db, const struct db_value *row,
                    struct host_block *ret)
{
	if (row[0].n < 0 || row[0].n > NUMBER_MAX / HOST_BLOCK ||
	    !read_block(row[1].s, ret))
		return db_damaged(db, "host_block %lld: cannot be read",
		                  (long long)row[0].n);
	ret->number = (uint32_t)row[0].n;
	return 0;
}

struct get {
	struct db *db;
	struct host_block *ret;
};

static int take_row(void *ctx, const struct db_value *row)
{
	struct get *g = ctx;

	return host_block_read(g->db, row, g->ret);
}

int host_block_get(struct db *db, uint32_t number, struct host_block *ret)
{
	struct get g = {db, ret};

	memset(ret, 0, sizeof(*ret));
	ret->number = number;
	return row_each(db, TABLE_HOST_BLOCK, tables[TABLE_HOST_BLOCK].get,
	                &DB_N(number), 1, take_row, &g);
}

int host_block_need(struct db *db, struct host_block_cache *cache,
                    uint32_t number)
{
	if (cache->there && cache->block.number == number)
		return 0;
	int r = host_block_get(db, number, &cache->block);
	cache->there = r == 0;
	return r;
}

/* ---- writing ----------------------------------------------------------- */

static void put_number(struct str *out, uint64_t n, unsigned width)
{
	uint8_t bytes[WIDTH_MAX];

	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(n >> 8 * i);
	str_add(out, slice_of(bytes, width));
}

static unsigned width_of(uint64_t n)
{
	unsigned width = 0;

	for (; n; n >>= 8)
		width++;
	return width;
}

static void pack_column(const uint64_t *v, uint32_t n, struct str *out)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (v[i] && v[i] < least)
			least = v[i];
		if (v[i] > most)
			most = v[i];
	}
	unsigned width = most ? width_of(most - least + 1) : 0;
	put_number(out, width, 1);
	if (width == 0)
		return;
	put_number(out, least, WIDTH_MAX);
	for (uint32_t i = 0; i < n; i++)
		put_number(out, v[i] ? v[i] - least + 1 : 0, width);
}

void host_block_pack(const struct host_block *block, struct str *out)
{
	put_number(out, BLOCK_VERSION, 1);
	put_number(out, block->n, 2);
	for (size_t i = 0; i < HOST_COLUMNS; i++)
		pack_column(block->v[i], block->n, out);
}
