/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inverses. Changes gather in memory as single numbers, so that sorting
 * them brings all of a row together, and are merged into the table when the
 * batch ends: each row (a page of keys) is then read and written once, in the
 * table's order.
 *
 *     63      49 48                            17 16                 1   0
 *   +-----------+--------------------------------+--------------------+---+
 *   |   block   |              key               |  member of block   | + |
 *   +-----------+--------------------------------+--------------------+---+
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/members.h"
#include "store/page.h"

enum {
	PENDING_MAX = 8 << 20,   /* changes of a kind in memory: 64 MiB */
	PAGES_AT_ONCE = 128,     /* rows read by one query */
	DENSE = 6,               /* numbers per page that are cheaper to read over */
	CHANGES_MAX = MEMBERS_BLOCK,
};

static uint32_t block_of(uint64_t v)
{
	return (uint32_t)(v >> 49);
}

static uint32_t key_of(uint64_t v)
{
	return (uint32_t)(v >> 17);
}

static uint32_t page_of(uint64_t v)
{
	return key_of(v) / PAGE_KEYS;
}

static uint32_t change_of(uint64_t v)
{
	return (uint32_t)v & 0x1ffff;
}

/* ---- sorting ----------------------------------------------------------- */

/* One pass of a radix sort; false when all have the same byte there. */
static bool sort_by_byte(const uint64_t *from, uint64_t *to, size_t n,
                         unsigned shift)
{
	size_t at[256] = {0}, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & 0xff]++;
	if (at[from[0] >> shift & 0xff] == n)
		return false;
	for (size_t i = 0; i < 256; i++) {
		size_t here = at[i];
		at[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & 0xff]++] = from[i];
	return true;
}

static int sort(struct pending *p)
{
	uint64_t *other = malloc(p->n * sizeof(*other));

	if (!other)
		return -ENOMEM;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (!sort_by_byte(p->v, other, p->n, shift))
			continue;
		uint64_t *swap = p->v;
		p->v = other;
		other = swap;
		p->size = p->n;
	}
	free(other);
	return 0;
}

/* ---- writing ----------------------------------------------------------- */

struct flush {
	struct store_batch *b;
	enum posting_kind kind;
	struct rows rows;
	struct str set, page; /* the new forms of one */
	uint32_t changes[CHANGES_MAX];
	/* what one query reads: the pages, and where the changes of each end */
	struct db_value args[2 + PAGES_AT_ONCE];
	size_t ends[PAGES_AT_ONCE];
	char sql[2048];
};

/*
 * The changes of one key out of those in v. A host that reported twice in the
 * batch may have come and gone: what comes as often as it goes is no change.
 */
static size_t settle(const uint64_t *v, size_t n, uint32_t *ret)
{
	size_t n_ret = 0;

	for (size_t i = 0; i < n;) {
		uint32_t member = change_of(v[i]) >> 1;
		int sum = 0;
		for (; i < n && change_of(v[i]) >> 1 == member; i++)
			sum += change_of(v[i]) & 1 ? 1 : -1;
		if (sum)
			ret[n_ret++] = members_change_of((uint16_t)member, sum > 0);
	}
	return n_ret;
}

/* A key of the page, whose members were `old`, with its changes. */
static int put_key(struct flush *f, uint32_t place, struct slice old,
                   const uint64_t *v, size_t n)
{
	size_t n_changes = settle(v, n, f->changes);

	if (n_changes == 0) {
		page_put(&f->page, place, old);
		return 0;
	}
	str_clear(&f->set);
	int r = members_change(old, f->changes, n_changes, &f->set);
	if (r < 0)
		return r;
	page_put(&f->page, place, str_slice(&f->set));
	return str_failed(&f->set) ? -ENOMEM : 0;
}

/* Goes through the keys of the old page and those of the changes, ascending. */
static int merge_page(struct flush *f, const uint64_t *v, size_t n,
                      struct slice old)
{
	struct page page;
	struct page_entry entry = {0};
	int r = page_open(&page, old), more = r;

	if (r == 0)
		more = page_next(&page, &entry);
	for (size_t i = 0, end; (i < n || more > 0) && more >= 0 && r == 0; i = end) {
		uint32_t place = i < n ? key_of(v[i]) % PAGE_KEYS : PAGE_KEYS;
		const bool old_first = more > 0 && entry.place <= place;
		const struct slice set = old_first ? entry.set : slice_of(NULL, 0);
		place = old_first ? entry.place : place;
		for (end = i; end < n && key_of(v[end]) % PAGE_KEYS == place;)
			end++;
		r = put_key(f, place, set, v + i, end - i);
		if (old_first)
			more = page_next(&page, &entry);
	}
	return more < 0 ? more : r;
}

static int write_one(struct flush *f, const uint64_t *v, size_t n,
                     struct slice old)
{
	page_begin(&f->page);
	int r = merge_page(f, v, n, old);

	if (r == -EUCLEAN)
		return db_damaged(f->b->s->db, "posting %d %u %u: cannot be read",
		                  f->kind, block_of(v[0]), page_of(v[0]));
	if (r < 0 || str_failed(&f->page))
		return -ENOMEM;
	return rows_add(&f->rows, (struct db_value[]){
		DB_N(f->kind), DB_N(block_of(v[0])), DB_N(page_of(v[0])),
		DB_B(str_slice(&f->page))});
}

/*
 * What is there of the pages of one query. Pages that lie close together are read
 * as a range, others each by itself: by subqueries, since these use the key of
 * the table whatever a database knows of its contents, which a list of keys
 * (IN) does not in a table that has just been filled.
 */
struct present {
	struct flush *f;
	bool dense;
	struct db_rows *rows;
	const struct db_value *row; /* of a range: the next one, or NULL */
};

static int present_step(struct present *p)
{
	int r = row_next(p->f->b->s->db, p->rows, TABLE_POSTING, &p->row);

	if (r == 0)
		p->row = NULL;
	return r < 0 ? r : 0;
}

static int present_open(struct present *p, struct flush *f, size_t n_pages)
{
	static const char range[] =
		"SELECT * FROM posting WHERE kind = ?1 AND block = ?2"
		" AND page >= ?3 AND page <= ?4 ORDER BY page";
	const struct db_driver *driver = f->b->s->db->driver;
	int64_t first = f->args[2].n, last = f->args[1 + n_pages].n;
	struct db_value args[] = {f->args[0], f->args[1], DB_N(first), DB_N(last)};

	*p = (struct present){.f = f, .dense = (uint64_t)(last - first) <
	                                               n_pages * DENSE};
	if (p->dense) {
		int r = driver->query(f->b->s->db, range, args, COUNT_OF(args),
		                      &p->rows);
		return r ? r : present_step(p);
	}
	for (size_t i = n_pages; i < PAGES_AT_ONCE; i++)
		f->args[2 + i] = f->args[1 + n_pages];
	return driver->query(f->b->s->db, f->sql, f->args, COUNT_OF(f->args),
	                     &p->rows);
}

static void present_close(struct present *p)
{
	if (p->rows)
		row_done(p->f->b->s->db, p->rows);
}

/* The keys of a page of the range: nothing when it has no row. */
static int present_dense(struct present *p, int64_t page, struct slice *ret)
{
	int r = 0;

	while (p->row && p->row[2].n < page && r == 0)
		r = present_step(p);
	*ret = p->row && p->row[2].n == page ? p->row[3].s : slice_of(NULL, 0);
	return r;
}

/* A row of the subqueries is page, keys and seal. */
static int present_sparse(struct present *p, int64_t page, struct slice *ret)
{
	struct db *db = p->f->b->s->db;
	const struct db_value *row;
	int r = db->driver->next(p->rows, &row);

	if (r < 0)
		return r;
	if (r == 0 || row[0].n != page)
		return db_damaged(db, "posting %lld was asked for, another came",
		                  (long long)page);
	*ret = row[1].s;
	if (row[1].type == DB_NULL) {
		*ret = slice_of(NULL, 0);
		return 0;
	}
	struct db_value whole[] = {p->f->args[0], p->f->args[1], row[0], row[1],
	                           row[2]};
	return row_verify(db, TABLE_POSTING, whole);
}

/* Writes the first n_pages rows that f->args names, with what is there. */
static int write_some(struct flush *f, const uint64_t *v, size_t n_pages)
{
	struct present p = {0};
	struct slice old = {0};
	size_t from = 0;
	/* Not while the query reads the same table. */
	int r = rows_reserve(&f->rows, n_pages);

	if (r == 0)
		r = present_open(&p, f, n_pages);
	for (size_t i = 0; i < n_pages && r == 0; i++) {
		int64_t page = f->args[2 + i].n;
		r = p.dense ? present_dense(&p, page, &old)
		            : present_sparse(&p, page, &old);
		if (r == 0)
			r = write_one(f, v + from, f->ends[i] - from, old);
		from = f->ends[i];
	}
	present_close(&p);
	return r;
}

/* Cuts the sorted changes into rows, and the rows into queries. */
static int write_all(struct flush *f, const uint64_t *v, size_t n)
{
	size_t n_pages = 0, start = 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0;) {
		uint32_t block = block_of(v[i]), page = page_of(v[i]);
		if (n_pages == 0)
			f->args[1] = DB_N(block);
		f->args[2 + n_pages] = DB_N(page);
		while (i < n && block_of(v[i]) == block && page_of(v[i]) == page)
			i++;
		f->ends[n_pages++] = i - start;
		bool last = i == n || block_of(v[i]) != f->args[1].n;
		if (!last && n_pages < PAGES_AT_ONCE)
			continue;
		r = write_some(f, v + start, n_pages);
		start = i;
		n_pages = 0;
	}
	return r;
}

static void write_sql(char *sql, size_t size)
{
#define ONE(column) \
	"(SELECT " column " FROM posting WHERE kind = ?1 AND block = ?2" \
	" AND page = k.column1)"
	int n = snprintf(sql, size, "SELECT k.column1, " ONE("keys") ", "
	                 ONE("seal") " FROM (VALUES (CAST(?3 AS BIGINT))");

	for (int i = 1; i < PAGES_AT_ONCE; i++)
		n += snprintf(sql + n, size - (size_t)n, ",(?%d)", i + 3);
	(void)snprintf(sql + n, size - (size_t)n, ") AS k");
#undef ONE
}

static int flush_kind(struct store_batch *b, enum posting_kind kind)
{
	struct pending *p = &b->pending[kind];
	struct flush *f;

	if (p->n == 0)
		return 0;
	f = malloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->b = b;
	f->kind = kind;
	f->set = f->page = (struct str){0};
	f->args[0] = DB_N(kind);
	write_sql(f->sql, sizeof(f->sql));
	rows_init(&f->rows, b->s->db, TABLE_POSTING);
	int r = sort(p);
	if (r == 0)
		r = write_all(f, p->v, p->n);
	if (r == 0)
		r = rows_flush(&f->rows);
	rows_finish(&f->rows);
	str_finish(&f->set);
	str_finish(&f->page);
	free(f);
	p->n = 0;
	return r;
}

int postings_flush(struct store_batch *b)
{
	int r = 0;

	for (int kind = 1; kind < POSTING_KINDS && r == 0; kind++)
		r = flush_kind(b, (enum posting_kind)kind);
	return r;
}

int posting_change(struct store_batch *b, enum posting_kind kind, uint32_t key,
                   uint32_t member, bool comes)
{
	struct pending *p = &b->pending[kind];

	if (p->n == PENDING_MAX) {
		int r = flush_kind(b, kind);
		if (r < 0)
			return r;
	}
	if (array_grow(&p->v, p->n, &p->size, sizeof(*p->v)) < 0)
		return -ENOMEM;
	p->v[p->n++] = (uint64_t)(member / MEMBERS_BLOCK) << 49 |
	               (uint64_t)key << 17 |
	               members_change_of((uint16_t)member, comes);
	return 0;
}

/* ---- reading ----------------------------------------------------------- */

int set_reserve(struct host_set *set, uint32_t last)
{
	size_t n = ((size_t)last / MEMBERS_BLOCK + 1) * MEMBERS_WORDS;

	if (n <= set->n_words)
		return 0;
	uint64_t *words = reallocarray(set->words, n, sizeof(*words));
	if (!words)
		return -ENOMEM;
	memset(words + set->n_words, 0, (n - set->n_words) * sizeof(*words));
	set->words = words;
	set->n_words = n;
	return 0;
}

void set_numbers(const struct host_set *set, struct numbers *ret)
{
	for (size_t i = 0; i < set->n_words; i++)
		for (uint64_t w = set->words[i]; w; w &= w - 1)
			numbers_add(ret, (uint32_t)(i * 64) +
			            (uint32_t)__builtin_ctzll(w));
}

int posting_read(struct store *s, enum posting_kind kind, uint32_t key,
                 uint32_t last, bool clear, struct host_set *set)
{
	int r = set_reserve(set, last);

	for (uint32_t block = 0; block <= last / MEMBERS_BLOCK && r >= 0; block++) {
		struct db_value args[] = {DB_N(kind), DB_N(block),
		                          DB_N(key / PAGE_KEYS)};
		const struct db_value *row;
		struct db_rows *rows;
		struct slice members;
		r = row_first(s->db, TABLE_POSTING, tables[TABLE_POSTING].get, args,
		              COUNT_OF(args), &rows, &row);
		if (r <= 0)
			continue;
		r = page_find(row[3].s, key % PAGE_KEYS, &members);
		if (r == 0)
			r = members_apply(members, clear, set->words +
			                  (size_t)block * MEMBERS_WORDS);
		row_done(s->db, rows);
		if (r < 0)
			r = db_damaged(s->db, "posting %d %u %u: cannot be read",
			               kind, block, key / PAGE_KEYS);
	}
	return r < 0 ? r : 0;
}

int posting_numbers(struct store *s, enum posting_kind kind, uint32_t key,
                    uint32_t last, struct numbers *ret)
{
	struct host_set set = {0};
	int r = posting_read(s, kind, key, last, false, &set);

	if (r == 0)
		set_numbers(&set, ret);
	free(set.words);
	return r == 0 && ret->failed ? -ENOMEM : r;
}
