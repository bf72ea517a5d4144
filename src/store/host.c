/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts: their names, units and labels, and when each was last seen with what.
 *
 * Hosts come into memory by blocks of HOST_BLOCK: an entry of about 100 bytes
 * each and the block's row of host_block, with three queries. The report of an
 * unchanged host then needs no query, and changes only its block, which is
 * written once, when the batch ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/text.h"
#include "store/internal.h"

enum {
	ENTRIES_MAX = 1 << 20, /* in memory between batches */
	SLOTS_FIRST = 256,
	NAME_BYTES = 255,
	UNIT_BYTES = 1024,
	LABELS_BYTES = 65536,
};

static void forget_blocks(struct hosts *h)
{
	for (size_t i = 0; i < h->n_blocks; i++) {
		free(h->blocks[i]);
		h->blocks[i] = NULL;
	}
}

void hosts_finish(struct hosts *h)
{
	forget_blocks(h);
	free(h->blocks);
	free(h->entries);
	free(h->slots);
	idmap_finish(&h->units);
	*h = (struct hosts){0};
}

void hosts_make_room(struct hosts *h)
{
	if (h->n <= ENTRIES_MAX)
		return;
	h->n = 0;
	memset(h->slots, 0, h->n_slots * sizeof(*h->slots));
	forget_blocks(h);
}

static int make_keys(struct hosts *h)
{
	if (!h->keyed &&
	    getrandom(h->keys, sizeof(h->keys), 0) != sizeof(h->keys))
		return -EIO;
	h->keyed = true;
	return 0;
}

static void hash_twice(const struct hosts *h, struct slice s, uint64_t ret[2])
{
	ret[0] = siphash(&h->keys[0], s);
	ret[1] = siphash(&h->keys[1], s);
}

/* ---- units ------------------------------------------------------------- */

static struct digest unit_digest(const struct hosts *h, struct slice name)
{
	struct digest d;
	uint64_t hash[2];

	hash_twice(h, name, hash);
	memcpy(d.bytes, hash, sizeof(d.bytes));
	return d;
}

static int load_unit(void *ctx, const struct db_value *row)
{
	struct store *s = ctx;
	struct digest d = unit_digest(&s->hosts, row[1].s);

	if (row[0].n < 1 || row[0].n > NUMBER_MAX)
		return db_damaged(s->db, "unit %lld: no such number",
		                  (long long)row[0].n);
	return idmap_set(&s->hosts.units, (uint32_t)row[0].n, &d);
}

/* The unit's number, a new one when it has none; 0 for "". */
static int unit_number(struct store_batch *b, struct slice name, uint32_t *ret)
{
	struct hosts *h = &b->s->hosts;
	int64_t *count = &b->s->meta[META_UNITS];
	int r = 0;

	*ret = 0;
	if (name.n == 0)
		return 0;
	if (!h->units_loaded)
		r = row_each(b->s->db, TABLE_UNIT, tables[TABLE_UNIT].all, NULL, 0,
		             load_unit, b->s);
	if (r < 0)
		return r;
	h->units_loaded = true;
	struct digest d = unit_digest(h, name);
	*ret = idmap_find(&h->units, &d);
	if (*ret)
		return 0;
	r = rows_add(&b->units, (struct db_value[]){DB_N(*count + 1), DB_T(name)});
	if (r == 0)
		r = idmap_set(&h->units, (uint32_t)*count + 1, &d);
	*ret = (uint32_t)++*count;
	return r;
}

/* ---- columns ----------------------------------------------------------- */

uint64_t host_get(const struct hosts *h, uint32_t id, enum host_column column)
{
	return h->blocks[id / HOST_BLOCK]->v[column][id % HOST_BLOCK];
}

void host_set(struct hosts *h, uint32_t id, enum host_column column, uint64_t n)
{
	struct host_block *block = h->blocks[id / HOST_BLOCK];
	uint64_t *at = &block->v[column][id % HOST_BLOCK];

	if (*at == n)
		return;
	*at = n;
	block->changed = true;
}

/* ---- entries ----------------------------------------------------------- */

/* The place + 1 of the entry, or the empty slot where it belongs. */
static uint32_t *find_slot(const struct hosts *h, const uint64_t name[2])
{
	uint32_t i = (uint32_t)name[0] & (h->n_slots - 1);

	while (h->slots[i]) {
		const struct host_entry *x = &h->entries[h->slots[i] - 1];
		if (x->name[0] == name[0] && x->name[1] == name[1])
			break;
		i = (i + 1) & (h->n_slots - 1);
	}
	return &h->slots[i];
}

static int grow_slots(struct hosts *h)
{
	uint32_t n = h->n_slots ? h->n_slots * 2 : SLOTS_FIRST;

	if (h->n < h->n_slots / 2)
		return 0;
	uint32_t *slots = calloc(n, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(h->slots);
	h->slots = slots;
	h->n_slots = n;
	for (uint32_t i = 0; i < h->n; i++)
		*find_slot(h, h->entries[i].name) = i + 1;
	return 0;
}

static int add_entry(struct hosts *h, const struct host_entry *x, uint32_t *ret)
{
	size_t size = h->size;

	if (grow_slots(h) < 0 ||
	    array_grow(&h->entries, h->n, &size, sizeof(*h->entries)) < 0)
		return -ENOMEM;
	h->size = (uint32_t)size;
	h->entries[h->n] = *x;
	*ret = h->n++;
	*find_slot(h, x->name) = *ret + 1;
	return 0;
}

/* ---- a block of them --------------------------------------------------- */

struct load {
	struct store *s;
	struct host_block *block;
	uint32_t next; /* entry whose row of `seen` comes next */
};

static int load_host(void *ctx, const struct db_value *row)
{
	struct load *l = ctx;
	struct hosts *h = &l->s->hosts;
	struct host_entry x = {.id = (uint32_t)row[0].n,
	                       .labels = siphash(&h->keys[0], row[2].s)};
	uint32_t at;

	hash_twice(h, row[1].s, x.name);
	return add_entry(h, &x, &at);
}

/* Rows of `seen` come in the order of the entries; not every host has one. */
static int load_seen(void *ctx, const struct db_value *row)
{
	struct load *l = ctx;
	struct hosts *h = &l->s->hosts;

	while (l->next < h->n && h->entries[l->next].id < row[0].n)
		l->next++;
	if (l->next == h->n || h->entries[l->next].id != row[0].n)
		return db_damaged(l->s->db, "seen %lld: no such host",
		                  (long long)row[0].n);
	struct host_entry *x = &h->entries[l->next];
	x->report = (uint32_t)row[1].n;
	x->manifest = (uint32_t)row[2].n;
	if (row[3].s.n == sizeof(x->digest))
		memcpy(x->digest.bytes, row[3].s.p, sizeof(x->digest));
	x->coverage = row[4].n;
	return 0;
}

static int read_block(struct load *l, uint32_t number)
{
	struct db *db = l->s->db;
	const struct db_value range[] = {
		DB_N((int64_t)number * HOST_BLOCK),
		DB_N((int64_t)(number + 1) * HOST_BLOCK)};
	int r = host_block_get(db, number, l->block);

	if (r == 0)
		r = row_each(db, TABLE_HOST, "SELECT * FROM host WHERE id >= ?1"
		             " AND id < ?2 ORDER BY id", range, COUNT_OF(range),
		             load_host, l);
	if (r == 0)
		r = row_each(db, TABLE_SEEN, "SELECT * FROM seen WHERE host >= ?1"
		             " AND host < ?2 ORDER BY host", range,
		             COUNT_OF(range), load_seen, l);
	return r;
}

static int grow_blocks(struct hosts *h, uint32_t number)
{
	uint32_t n = number + 1 + number / 2;

	if (number < h->n_blocks)
		return 0;
	struct host_block **blocks = reallocarray(h->blocks, n, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	memset(blocks + h->n_blocks, 0, (n - h->n_blocks) * sizeof(*blocks));
	h->blocks = blocks;
	h->n_blocks = n;
	return 0;
}

/* Brings the block and its hosts into memory, unless they are there. A failure
 * leaves entries without a block: the batch must be cancelled. */
static int need_block(struct store *s, uint32_t number)
{
	struct hosts *h = &s->hosts;

	if (number < h->n_blocks && h->blocks[number])
		return 0;
	struct load l = {s, calloc(1, sizeof(*l.block)), h->n};
	int r = l.block ? grow_blocks(h, number) : -ENOMEM;
	if (r == 0)
		r = read_block(&l, number);
	if (r < 0) {
		free(l.block);
		return r;
	}
	h->blocks[number] = l.block;
	return 0;
}

/* 1 when the host is in the table, and then its block in memory; 0 when not.
 * When all hosts are in memory, one that is not there needs no query. */
static int find_stored(struct store *s, struct slice name)
{
	const struct db_value *row;
	struct db_rows *rows;

	if (s->hosts.n >= s->meta[META_HOSTS])
		return 0;
	int r = row_first(s->db, TABLE_HOST, "SELECT * FROM host WHERE name = ?1",
	                  &DB_T(name), 1, &rows, &row);
	if (r <= 0)
		return r;
	int64_t id = row[0].n;
	row_done(s->db, rows);
	if (id < 1 || id > s->meta[META_HOSTS])
		return db_damaged(s->db, "host %lld: no such number", (long long)id);
	r = need_block(s, (uint32_t)id / HOST_BLOCK);
	return r < 0 ? r : 1;
}

/* ---- one host ---------------------------------------------------------- */

static int write_host(struct store_batch *b, const struct host_entry *x,
                      const struct store_host *host)
{
	return rows_add(&b->hosts, (struct db_value[]){
		DB_N(x->id), DB_T(host->name), DB_T(host->labels)});
}

static int make_host(struct store_batch *b, const struct store_host *host,
                     struct host_entry *x)
{
	struct hosts *h = &b->s->hosts;
	int64_t *count = &b->s->meta[META_HOSTS];
	uint32_t unit;

	if (*count >= NUMBER_MAX)
		return -E2BIG;
	x->id = (uint32_t)*count + 1;
	x->labels = siphash(&h->keys[0], host->labels);
	x->fresh = true;
	int r = unit_number(b, host->unit, &unit);
	if (r == 0)
		r = need_block(b->s, x->id / HOST_BLOCK);
	if (r < 0)
		return r;
	++*count;
	h->blocks[x->id / HOST_BLOCK]->n = x->id % HOST_BLOCK + 1;
	h->blocks[x->id / HOST_BLOCK]->changed = true;
	host_set(h, x->id, HOST_UNIT, unit);
	return write_host(b, x, host);
}

/* The host moved, or has other labels. What is not said stays. */
static int update_host(struct store_batch *b, const struct store_host *host,
                       struct host_entry *x)
{
	struct hosts *h = &b->s->hosts;
	uint32_t unit;

	if (host->unit.n) {
		int r = unit_number(b, host->unit, &unit);
		if (r < 0)
			return r;
		host_set(h, x->id, HOST_UNIT, unit);
	}
	uint64_t labels = siphash(&h->keys[0], host->labels);
	if (!host->labels.n || labels == x->labels)
		return 0;
	x->labels = labels;
	return write_host(b, x, host);
}

static bool is_text(struct slice s, size_t max)
{
	return s.n <= max && text_is_utf8(s) && slice_find_byte(s, 0) == s.n;
}

static int check_host(struct store *s, const struct store_host *host)
{
	const char *what = !host->name.n                          ? "name is empty"
	                   : !is_text(host->name, NAME_BYTES)     ? "name"
	                   : !is_text(host->unit, UNIT_BYTES)     ? "unit"
	                   : !is_text(host->labels, LABELS_BYTES) ? "labels"
	                                                          : NULL;
	if (!what)
		return 0;
	(void)snprintf(s->db->error, sizeof(s->db->error), "the host's %s%s", what,
	               host->name.n ? " cannot be kept: too long, or not UTF-8 text"
	                            : "");
	return -EBADMSG;
}

int host_entry(struct store_batch *b, const struct store_host *host,
               uint32_t *ret)
{
	struct hosts *h = &b->s->hosts;
	struct host_entry x = {0};
	int r = check_host(b->s, host);

	if (r == 0)
		r = make_keys(h);
	if (r < 0)
		return r;
	hash_twice(h, host->name, x.name);
	uint32_t at = h->n_slots ? *find_slot(h, x.name) : 0;
	if (!at) {
		r = find_stored(b->s, host->name);
		at = r > 0 && h->n_slots ? *find_slot(h, x.name) : 0;
		if (r > 0 && !at)
			r = db_damaged(b->s->db, "host: found by name, not by number");
	}
	if (r < 0)
		return r;
	if (at) {
		*ret = at - 1;
		return update_host(b, host, &h->entries[*ret]);
	}
	r = make_host(b, host, &x);
	return r ? r : add_entry(h, &x, ret);
}

/* ---- what the batch adds ----------------------------------------------- */

int host_reported(struct store_batch *b, uint32_t entry)
{
	struct host_entry *x = &b->s->hosts.entries[entry];

	if (!x->changed)
		numbers_add(&b->seen, entry);
	x->changed = true;
	return b->seen.failed ? -ENOMEM : 0;
}

uint64_t seen_flags(const struct store_coverage *c)
{
	return (c->complete ? SEEN_COMPLETE : 0) | (c->deep ? SEEN_DEEP : 0);
}

int64_t coverage_hash(const struct store_coverage *c)
{
	/* Any two numbers: it tells an old coverage from a new one. */
	static const struct siphash_key key = {0x636f766572616765, 1};
	uint64_t fields[] = {c->items, c->examined, c->bytes, c->incomplete,
	                     c->programs, seen_flags(c), siphash(&key, c->json)};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		fields[i] = htole64(fields[i]);
	return (int64_t)(siphash(&key, slice_of(fields, sizeof(fields))) | 1);
}

static int keep_coverage(struct store_batch *b, struct host_entry *x,
                         const struct store_coverage *coverage)
{
	if (!x->coverage_at) {
		if (array_grow(&b->coverages, b->n_coverages, &b->size_coverages,
		               sizeof(*b->coverages)) < 0)
			return -ENOMEM;
		x->coverage_at = (uint32_t)++b->n_coverages;
	}
	struct host_coverage *to = &b->coverages[x->coverage_at - 1];
	*to = (struct host_coverage){x->id, *coverage};
	to->c.json = arena_copy(&b->mem, coverage->json);
	return to->c.json.p ? 0 : -ENOMEM;
}

int host_covered(struct store_batch *b, uint32_t entry,
                 const struct store_coverage *coverage)
{
	struct hosts *h = &b->s->hosts;
	struct host_entry *x = &h->entries[entry];

	int64_t hash = coverage_hash(coverage);
	if (x->coverage == hash)
		return 0;
	int r = keep_coverage(b, x, coverage);
	if (r < 0)
		return r;
	x->coverage = hash;
	host_set(h, x->id, HOST_FLAGS, seen_flags(coverage));
	host_set(h, x->id, HOST_INCOMPLETE, coverage->incomplete);
	host_set(h, x->id, HOST_PROGRAMS, coverage->programs);
	return host_reported(b, entry);
}

/* ---- the end of the batch ---------------------------------------------- */

static int by_host(const void *a, const void *b, void *hosts)
{
	const uint32_t *x = a, *y = b;
	const struct hosts *h = hosts;
	uint32_t i = h->entries[*x].id, j = h->entries[*y].id;

	return (i > j) - (i < j);
}

static int flush_seen(struct store_batch *b)
{
	struct hosts *h = &b->s->hosts;
	struct rows rows;
	int r = b->seen.failed ? -ENOMEM : 0;

	rows_init(&rows, b->s->db, TABLE_SEEN);
	if (b->seen.n)
		qsort_r(b->seen.v, b->seen.n, sizeof(*b->seen.v), by_host, h);
	for (size_t i = 0; i < b->seen.n && r == 0; i++) {
		struct host_entry *x = &h->entries[b->seen.v[i]];
		r = rows_add(&rows, (struct db_value[]){
			DB_N(x->id), DB_N(x->report), DB_N(x->manifest),
			DB_B(slice_of(x->digest.bytes, sizeof(x->digest.bytes))),
			DB_N(x->coverage)});
		x->changed = x->fresh = false;
		x->coverage_at = 0;
	}
	if (r == 0)
		r = rows_flush(&rows);
	rows_finish(&rows);
	return r;
}

static int by_covered_host(const void *a, const void *b)
{
	const struct host_coverage *x = a, *y = b;

	return (x->host > y->host) - (x->host < y->host);
}

static int flush_coverages(struct store_batch *b)
{
	struct rows rows;
	int r = 0;

	rows_init(&rows, b->s->db, TABLE_COVERAGE);
	if (b->n_coverages)
		qsort(b->coverages, b->n_coverages, sizeof(*b->coverages),
		      by_covered_host);
	for (size_t i = 0; i < b->n_coverages && r == 0; i++) {
		const struct store_coverage *c = &b->coverages[i].c;
		r = rows_add(&rows, (struct db_value[]){
			DB_N(b->coverages[i].host), DB_N((int64_t)c->items),
			DB_N((int64_t)c->examined), DB_N((int64_t)c->bytes),
			DB_T(c->json)});
	}
	if (r == 0)
		r = rows_flush(&rows);
	rows_finish(&rows);
	return r;
}

static int flush_blocks(struct store_batch *b)
{
	struct hosts *h = &b->s->hosts;
	struct str bytes = {0};
	struct rows rows;
	int r = 0;

	rows_init(&rows, b->s->db, TABLE_HOST_BLOCK);
	for (size_t i = 0; i < h->n_blocks && r == 0; i++) {
		struct host_block *block = h->blocks[i];
		if (!block || !block->changed)
			continue;
		block->changed = false;
		str_clear(&bytes);
		host_block_pack(block, &bytes);
		r = str_failed(&bytes) ? -ENOMEM
		                       : rows_add(&rows, (struct db_value[]){
			DB_N(block->number), DB_B(str_slice(&bytes))});
	}
	if (r == 0)
		r = rows_flush(&rows);
	rows_finish(&rows);
	str_finish(&bytes);
	return r;
}

int hosts_flush(struct store_batch *b)
{
	int r = rows_flush(&b->units);

	if (r == 0)
		r = rows_flush(&b->hosts);
	if (r == 0)
		r = flush_blocks(b);
	if (r == 0)
		r = flush_seen(b);
	return r ? r : flush_coverages(b);
}
