/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Berkeley DB hash, as rpm kept its packages in before 2020. The file is
 * pages; hash pages hold pairs of items, key and header. Headers are too large
 * for a page: the item names the first of a chain of overflow pages. Numbers
 * are in the byte order of the machine that made the file. All hash pages are
 * read one after the other: no hash is needed to see everything.
 */
#include <errno.h>

#include "base/cursor.h"
#include "extract/rpm_util.h"
#include "extract/slide_util.h"

enum {
	MAGIC_AT = 12,
	HASH_MAGIC = 0x00061561,
	ENCRYPTION_AT = 24,
	PAGE_BYTES_MIN = 512,
	PAGE_BYTES_MAX = 65536,
	PAGE_HEAD_BYTES = 26,
	KEY_BYTES = 4,
};

enum page_type { PAGE_HASH_OLD = 2, PAGE_OVERFLOW = 7, PAGE_HASH = 13 };
enum item_type { ITEM_KEY_DATA = 1, ITEM_OFF_PAGE = 3 };

struct bdb {
	struct rpm_db *db;
	bool big_endian;
	uint32_t page_bytes, last_page;
	struct slide pages, chain;
};

struct page {
	struct slice bytes;
	uint32_t next;
	unsigned entries, end; /* end: of an overflow page, its bytes */
	uint8_t type;
};

static uint32_t get_u32(const struct bdb *b, struct cursor *c)
{
	return b->big_endian ? cursor_u32be(c) : cursor_u32le(c);
}

static uint16_t get_u16(const struct bdb *b, struct cursor *c)
{
	return b->big_endian ? cursor_u16be(c) : cursor_u16le(c);
}

static int page_get(struct bdb *b, struct slide *s, uint32_t number,
                    struct page *ret)
{
	int r = slide_get(s, (uint64_t)number * b->page_bytes, b->page_bytes,
	                  &ret->bytes);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	struct cursor c = cursor_on(ret->bytes);
	cursor_skip(&c, 16);
	ret->next = get_u32(b, &c);
	ret->entries = get_u16(b, &c);
	ret->end = get_u16(b, &c);
	cursor_skip(&c, 1);
	ret->type = cursor_u8(&c);
	return 0;
}

/* The bytes from item `i`'s start to the next one's; items are laid down from
 * the end of the page to its front. Empty when it points outside. */
static struct slice item_of(const struct bdb *b, const struct page *page,
                            unsigned i)
{
	struct cursor c = cursor_on(page->bytes);
	size_t end = page->bytes.n;

	cursor_seek(&c, PAGE_HEAD_BYTES + (size_t)(i ? i - 1 : 0) * 2);
	if (i > 0)
		end = get_u16(b, &c);
	size_t start = get_u16(b, &c);
	if (cursor_failed(&c) || end > page->bytes.n || start >= end)
		return (struct slice){0};
	return slice_first(slice_from(page->bytes, start), end - start);
}

/* Copies a chain of overflow pages together. */
static int chain_get(struct bdb *b, uint32_t number, uint32_t n,
                     struct slice *ret)
{
	uint8_t *buf = arena_alloc(&b->db->mem, n);
	uint32_t have = 0;
	struct page page;

	if (!buf)
		return -ENOMEM;
	while (have < n) {
		int r = number ? page_get(b, &b->chain, number, &page) : -EBADMSG;
		if (r < 0)
			return r;
		struct slice part = slice_first(
			slice_from(page.bytes, PAGE_HEAD_BYTES), page.end);
		/* An empty part would let a chain go round for ever. */
		if (page.type != PAGE_OVERFLOW || part.n == 0 || part.n > n - have)
			return -EBADMSG;
		memcpy(buf + have, part.p, part.n);
		have += (uint32_t)part.n;
		number = page.next;
	}
	*ret = slice_of(buf, n);
	return 0;
}

/* The header of an item: on its page, or in the chain that it names. */
static int blob_get(struct bdb *b, struct slice item, struct slice *ret)
{
	struct cursor c = cursor_on(item);
	uint8_t type = cursor_u8(&c);

	if (type == ITEM_KEY_DATA) {
		*ret = slice_from(item, 1);
		return 0;
	}
	cursor_skip(&c, 3);
	uint32_t number = get_u32(b, &c), n = get_u32(b, &c);
	if (cursor_failed(&c) || type != ITEM_OFF_PAGE)
		return -EBADMSG;
	return n > RPM_BLOB_MAX ? -EFBIG : chain_get(b, number, n, ret);
}

/* Package numbers are 4 bytes in the machine's order; false for other keys. */
static bool package_number(const struct bdb *b, struct slice key, uint32_t *ret)
{
	struct cursor c = cursor_on(key);

	uint8_t type = cursor_u8(&c);
	*ret = get_u32(b, &c);
	return type == ITEM_KEY_DATA && key.n == 1 + KEY_BYTES;
}

static int take_pair(struct bdb *b, struct slice key, struct slice item)
{
	struct rpm_blob blob = {0};
	uint32_t number;

	/* Number 0 is no package: it counts them. */
	if (!package_number(b, key, &number) || number == 0)
		return 0;
	arena_reset(&b->db->mem);
	blob.member = rpm_member(b->db, number);
	int r = blob_get(b, item, &blob.bytes);
	if (r == -EBADMSG || r == -EFBIG)
		return rpm_unread(b->db,
		                  r == -EFBIG ? WHY_TOO_LARGE : WHY_DAMAGED,
		                  blob.member);
	return r < 0 ? r : rpm_take_header(b->db, &blob);
}

static int take_page(struct bdb *b, uint32_t number)
{
	struct page page;

	int r = page_get(b, &b->pages, number, &page);
	if (r < 0)
		return r;
	if (page.type != PAGE_HASH && page.type != PAGE_HASH_OLD)
		return 0;
	for (unsigned i = 0; i + 1 < page.entries; i += 2) {
		struct slice key = item_of(b, &page, i);
		struct slice item = item_of(b, &page, i + 1);
		if (key.n == 0 || item.n == 0)
			return -EBADMSG;
		r = take_pair(b, key, item);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_meta(struct bdb *b)
{
	struct cursor c = cursor_on(b->db->x->in->head);

	cursor_seek(&c, MAGIC_AT);
	b->big_endian = cursor_u32be(&c) == HASH_MAGIC;
	cursor_skip(&c, 4);
	b->page_bytes = get_u32(b, &c);
	uint8_t encryption = cursor_u8(&c);
	cursor_skip(&c, 7);
	b->last_page = get_u32(b, &c);
	if (cursor_failed(&c) || b->page_bytes < PAGE_BYTES_MIN ||
	    b->page_bytes > PAGE_BYTES_MAX ||
	    (b->page_bytes & (b->page_bytes - 1)) != 0)
		return -EBADMSG;
	return encryption ? -EACCES : 0;
}

int rpm_read_bdb(struct rpm_db *db)
{
	struct bdb b = {.db = db};

	int r = read_meta(&b);
	if (r < 0)
		return r;
	r = slide_init(&b.pages, db->x->in, db->x->mem, b.page_bytes);
	if (r == 0)
		r = slide_init(&b.chain, db->x->in, db->x->mem, b.page_bytes);
	if (r < 0)
		return r;
	/* A page that the file does not have ends the loop with an error. */
	for (uint64_t i = 1; i <= b.last_page && r == 0; i++)
		r = take_page(&b, (uint32_t)i);
	return r;
}
