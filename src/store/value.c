/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values in blocks of one attribute. Writing keeps a keyed 128-bit hash of
 * every value in memory to find its number; reading keeps some blocks.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/cursor.h"
#include "store/internal.h"

enum {
	BLOCK_VERSION = 1,
	BLOCK_BYTES = 32768, /* a block with more gets no further value */
};

void values_finish(struct values *v)
{
	idmap_finish(&v->map);
	for (size_t i = 0; i < ATTR_COUNT; i++)
		str_finish(&v->open[i].bytes);
	for (size_t i = 0; i < READ_BLOCKS; i++)
		free(v->read[i]);
	*v = (struct values){0};
}

/* ---- attributes -------------------------------------------------------- */

static int load_attribute(void *ctx, const struct db_value *row)
{
	struct store *s = ctx;
	char name[64];

	if (row[0].n < 1 || row[0].n >= ATTRIBUTES_MAX)
		return db_damaged(s->db, "attribute %lld: no such number",
		                  (long long)row[0].n);
	if (row[1].s.n >= sizeof(name))
		return 0;
	memcpy(name, row[1].s.p, row[1].s.n);
	name[row[1].s.n] = 0;
	int attr = attr_by_name(name);
	if (attr < 0)
		return 0;
	s->values.stored[attr] = (uint32_t)row[0].n;
	s->values.attrs[row[0].n] = (uint16_t)attr;
	return 0;
}

int values_load_attributes(struct store *s)
{
	struct values *v = &s->values;

	if (v->attributes_loaded)
		return 0;
	for (size_t i = 0; i < ATTRIBUTES_MAX; i++)
		v->attrs[i] = ATTR_COUNT;
	memset(v->stored, 0, sizeof(v->stored));
	int r = row_each(s->db, TABLE_ATTRIBUTE, tables[TABLE_ATTRIBUTE].all, NULL,
	                 0, load_attribute, s);
	v->attributes_loaded = r == 0;
	return r;
}

/* The stored number of an attribute, a new one at its first value. */
static int attribute_number(struct store_batch *b, enum attr attr, uint32_t *ret)
{
	struct values *v = &b->s->values;
	int64_t *count = &b->s->meta[META_ATTRIBUTES];

	if (!v->stored[attr]) {
		if (*count + 1 >= ATTRIBUTES_MAX)
			return -E2BIG;
		int r = rows_add(&b->attributes, (struct db_value[]){
			DB_N(*count + 1), DB_T(slice_str(attr_name(attr)))});
		if (r < 0)
			return r;
		v->stored[attr] = (uint32_t)++*count;
		v->attrs[*count] = (uint16_t)attr;
	}
	*ret = v->stored[attr];
	return 0;
}

static enum attr attr_of(const struct values *v, int64_t stored)
{
	return stored > 0 && stored < ATTRIBUTES_MAX ? v->attrs[stored]
	                                             : ATTR_COUNT;
}

/* ---- blocks ------------------------------------------------------------ */

/*
 * Calls fn with number and bytes of each value of a block; a result other than
 * 0 ends it and is returned.
 */
static int each_in_block(struct db *db, const struct db_value *row,
                         int (*fn)(void *ctx, uint32_t id, struct slice value),
                         void *ctx)
{
	struct cursor c = cursor_on(row[2].s);
	uint32_t n = 0;

	if (row[0].n < 1 || row[0].n > NUMBER_MAX / VALUES_PER_BLOCK ||
	    cursor_u8(&c) != BLOCK_VERSION)
		return db_damaged(db, "value_block %lld: cannot be read",
		                  (long long)row[0].n);
	while (cursor_left(&c)) {
		struct slice value = cursor_take(&c, cursor_varint(&c));
		if (cursor_failed(&c) || n == VALUES_PER_BLOCK)
			return db_damaged(db, "value_block %lld: cannot be read",
			                  (long long)row[0].n);
		int r = fn(ctx, (uint32_t)row[0].n * VALUES_PER_BLOCK + n++, value);
		if (r)
			return r;
	}
	return 0;
}

static int count_one(void *ctx, uint32_t id, struct slice value)
{
	uint32_t *n = ctx;

	(void)id;
	(void)value;
	++*n;
	return 0;
}

int values_in_block(struct db *db, const struct db_value *row, uint32_t *ret)
{
	return each_in_block(db, row, count_one, ret);
}

static struct digest hash_of(const struct values *v, enum attr attr,
                             struct slice bytes)
{
	struct digest d;

	for (size_t i = 0; i < 2; i++) {
		struct siphash_key key = v->keys[i];
		key.k1 ^= (uint64_t)attr;
		uint64_t h = siphash(&key, bytes);
		memcpy(d.bytes + 8 * i, &h, sizeof(h));
	}
	return d;
}

struct load {
	struct store *s;
	enum attr attr;
	uint32_t n;
};

static int load_value(void *ctx, uint32_t id, struct slice value)
{
	struct load *l = ctx;
	struct digest d = hash_of(&l->s->values, l->attr, value);

	l->n++;
	return idmap_set(&l->s->values.map, id, &d);
}

/* A block's values go into the map; the attribute's last block stays open. */
static int load_block(void *ctx, const struct db_value *row)
{
	struct store *s = ctx;
	struct load l = {s, attr_of(&s->values, row[1].n), 0};

	if (l.attr == ATTR_COUNT)
		return 0;
	int r = each_in_block(s->db, row, load_value, &l);
	if (r < 0)
		return r;
	struct open_block *o = &s->values.open[l.attr];
	o->id = (uint32_t)row[0].n;
	o->n = l.n;
	str_clear(&o->bytes);
	str_add(&o->bytes, row[2].s);
	return str_failed(&o->bytes) ? -ENOMEM : 0;
}

static int load(struct store *s)
{
	struct values *v = &s->values;

	if (v->loaded)
		return 0;
	if (getrandom(v->keys, sizeof(v->keys), 0) != sizeof(v->keys))
		return -EIO;
	int r = values_load_attributes(s);
	if (r == 0)
		r = row_each(s->db, TABLE_VALUE_BLOCK, tables[TABLE_VALUE_BLOCK].all,
		             NULL, 0, load_block, s);
	v->loaded = r == 0;
	return r;
}

/* ---- writing ----------------------------------------------------------- */

static int write_block(struct store_batch *b, enum attr attr)
{
	struct open_block *o = &b->s->values.open[attr];

	if (!o->changed)
		return 0;
	o->changed = false;
	return rows_add(&b->value_blocks, (struct db_value[]){
		DB_N(o->id), DB_N(b->s->values.stored[attr]),
		DB_B(str_slice(&o->bytes))});
}

/* Makes sure that the attribute's open block has a place. */
static int open_block(struct store_batch *b, enum attr attr)
{
	struct open_block *o = &b->s->values.open[attr];
	int64_t *count = &b->s->meta[META_VALUE_BLOCKS];
	uint32_t stored;

	if (o->id && o->n < VALUES_PER_BLOCK && o->bytes.n < BLOCK_BYTES)
		return 0;
	int r = attribute_number(b, attr, &stored);
	if (r == 0)
		r = write_block(b, attr);
	if (r < 0)
		return r;
	if (*count >= NUMBER_MAX / VALUES_PER_BLOCK)
		return -E2BIG;
	o->id = (uint32_t)++*count;
	o->n = 0;
	str_clear(&o->bytes);
	str_putc(&o->bytes, BLOCK_VERSION);
	return 0;
}

int value_number(struct store_batch *b, enum attr attr, struct slice bytes,
                 uint32_t *ret)
{
	struct values *v = &b->s->values;
	int r = load(b->s);

	if (r < 0)
		return r;
	struct digest d = hash_of(v, attr, bytes);
	*ret = idmap_find(&v->map, &d);
	if (*ret)
		return 0;
	r = open_block(b, attr);
	if (r < 0)
		return r;
	struct open_block *o = &v->open[attr];
	*ret = o->id * VALUES_PER_BLOCK + o->n++;
	put_varint(&o->bytes, bytes.n);
	str_add(&o->bytes, bytes);
	o->changed = true;
	b->s->meta[META_VALUES]++;
	return str_failed(&o->bytes) ? -ENOMEM : idmap_set(&v->map, *ret, &d);
}

int values_flush(struct store_batch *b)
{
	struct values *v = &b->s->values;
	int r = rows_flush(&b->attributes);

	for (int attr = 0; attr < ATTR_COUNT && r == 0; attr++)
		r = write_block(b, (enum attr)attr);
	for (size_t i = 0; i < READ_BLOCKS; i++) {
		free(v->read[i]);
		v->read[i] = NULL;
	}
	return r ? r : rows_flush(&b->value_blocks);
}

/* ---- reading ----------------------------------------------------------- */

struct index {
	struct read_block *block;
	const uint8_t *start;
};

static int index_value(void *ctx, uint32_t id, struct slice value)
{
	struct index *x = ctx;
	struct read_block *block = x->block;

	(void)id;
	block->starts[block->n] = (uint32_t)(value.p - x->start);
	block->ends[block->n] = block->starts[block->n] + (uint32_t)value.n;
	block->n++;
	return 0;
}

static int read_block(struct store *s, const struct db_value *row,
                      struct read_block **ret)
{
	struct read_block *block = malloc(sizeof(*block) + row[2].s.n);

	if (!block)
		return -ENOMEM;
	*block = (struct read_block){
		.id = (uint32_t)row[0].n,
		.attr = attr_of(&s->values, row[1].n),
		.bytes = slice_of(block + 1, row[2].s.n),
	};
	memcpy(block + 1, row[2].s.p, row[2].s.n);
	struct index x = {block, row[2].s.p};
	int r = each_in_block(s->db, row, index_value, &x);
	if (r < 0) {
		free(block);
		return r;
	}
	*ret = block;
	return 0;
}

/* The block from memory, or read into it. */
static int get_block(struct store *s, uint32_t id, struct read_block **ret)
{
	struct read_block **place = &s->values.read[id % READ_BLOCKS], *block;
	const struct db_value *row;
	struct db_rows *rows;

	if (*place && (*place)->id == id) {
		*ret = *place;
		return 0;
	}
	int r = row_get(s->db, TABLE_VALUE_BLOCK, id, &rows, &row);
	if (r == 0)
		return db_damaged(s->db, "value_block %u is not there", id);
	if (r < 0)
		return r;
	r = read_block(s, row, &block);
	row_done(s->db, rows);
	if (r < 0)
		return r;
	free(*place);
	*place = *ret = block;
	return 0;
}

int value_get(struct store *s, uint32_t number, enum attr *ret_attr,
              struct slice *ret_bytes)
{
	struct read_block *block = NULL;
	uint32_t i = number % VALUES_PER_BLOCK;
	int r = values_load_attributes(s);

	if (r == 0)
		r = get_block(s, number / VALUES_PER_BLOCK, &block);
	if (r < 0)
		return r;
	if (i >= block->n)
		return db_damaged(s->db, "value %u is not there", number);
	*ret_attr = block->attr;
	*ret_bytes = slice_of(block->bytes.p + block->starts[i],
	                      block->ends[i] - block->starts[i]);
	return 0;
}

struct ask {
	struct store *s;
	const bool *wanted;
	enum attr attr;
	int (*fn)(void *ctx, uint32_t id, enum attr attr, struct slice value);
	void *ctx;
	int stopped; /* fn's result */
};

static int ask_value(void *ctx, uint32_t id, struct slice value)
{
	struct ask *a = ctx;

	a->stopped = a->fn(a->ctx, id, a->attr, value);
	return a->stopped;
}

static int ask_block(void *ctx, const struct db_value *row)
{
	struct ask *a = ctx;

	a->attr = attr_of(&a->s->values, row[1].n);
	if (a->attr == ATTR_COUNT || (a->wanted && !a->wanted[a->attr]))
		return 0;
	return each_in_block(a->s->db, row, ask_value, a);
}

int store_values(struct store *s, const bool wanted[ATTR_COUNT],
                 int (*fn)(void *ctx, uint32_t id, enum attr attr,
                           struct slice value),
                 void *ctx, struct err *e)
{
	struct ask a = {.s = s, .wanted = wanted, .fn = fn, .ctx = ctx};
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = values_load_attributes(s);
	if (r == 0)
		r = row_each(s->db, TABLE_VALUE_BLOCK, tables[TABLE_VALUE_BLOCK].all,
		             NULL, 0, ask_block, &a);
	read_end(s);
	if (a.stopped)
		return a.stopped;
	return r < 0 ? store_error(s, e, r, "reading the values of") : 0;
}
