/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/zip_util.h"

#include <errno.h>
#define ZLIB_CONST
#include <zlib.h>

enum {
	END_SIZE = 22,         /* end record without its comment */
	END64_SIZE = 56,
	LOCATOR64_SIZE = 20,
	COMMENT_MAX = 65535,
	LOCAL_SIZE = 30,       /* local header without name and extra field */
	EXTRA_ZIP64 = 1,
	FLAG_ENCRYPTED = 1,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	METHOD_AES = 99
};

static const uint32_t SIGN_MEMBER = 0x02014b50, SIGN_END64 = 0x06064b50;
static const uint32_t SIGN_LOCATOR64 = 0x07064b50, SIGN_LOCAL = 0x04034b50;

/* What the end record says, in either of its two forms. */
struct ending {
	uint64_t at;        /* where the record stands in the file */
	uint64_t size, from; /* the directory: bytes, offset in the archive */
};

/* Index of the last end record in the file's tail whose comment ends with the
 * file, or SIZE_MAX. */
static size_t find_end(struct slice tail)
{
	if (tail.n < END_SIZE)
		return SIZE_MAX;
	for (size_t i = tail.n - END_SIZE + 1; i-- > 0;) {
		struct slice s = slice_from(tail, i);
		if (s.p[0] != 'P' || !slice_starts(s, SLICE("PK\5\6")))
			continue;
		struct cursor c = cursor_on(s);
		cursor_skip(&c, END_SIZE - 2);
		if (cursor_u16le(&c) <= s.n - END_SIZE)
			return i;
	}
	return SIZE_MAX;
}

/* Large archives put the true numbers into a record in front of the end. */
static int read_end64(struct zip *z, struct ending *e, struct arena *mem)
{
	struct slice s;

	if (e->at < LOCATOR64_SIZE)
		return -EBADMSG;
	int r = input_get(z->in, e->at - LOCATOR64_SIZE, LOCATOR64_SIZE, mem, &s);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(s);
	if (cursor_u32le(&c) != SIGN_LOCATOR64)
		return -EBADMSG;
	cursor_skip(&c, 4);
	uint64_t at = cursor_u64le(&c);
	r = input_get(z->in, at, END64_SIZE, mem, &s);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	c = cursor_on(s);
	if (cursor_u32le(&c) != SIGN_END64)
		return -EBADMSG;
	cursor_skip(&c, 36);
	e->size = cursor_u64le(&c);
	e->from = cursor_u64le(&c);
	e->at = at;
	return 0;
}

static int read_end(struct zip *z, struct ending *ret, struct arena *mem)
{
	size_t most = END_SIZE + COMMENT_MAX;
	struct slice tail;
	uint64_t from = z->in->size > most ? z->in->size - most : 0;

	int r = input_get_some(z->in, from, most, mem, &tail);
	if (r < 0)
		return r;
	size_t at = find_end(tail);
	if (at == SIZE_MAX)
		return -ENOENT;
	struct cursor c = cursor_on(slice_from(tail, at));
	cursor_skip(&c, 12);
	*ret = (struct ending){.at = from + at};
	ret->size = cursor_u32le(&c);
	ret->from = cursor_u32le(&c);
	if (ret->size == UINT32_MAX || ret->from == UINT32_MAX)
		return read_end64(z, ret, mem);
	return 0;
}

int zip_open(struct zip *z, struct input *in, struct arena *mem)
{
	struct ending end;

	*z = (struct zip){.in = in};
	int r = read_end(z, &end, mem);
	if (r < 0)
		return r;
	if (end.size > ZIP_DIRECTORY_MAX)
		return -EFBIG;
	/* The directory ends where the end record starts; what its offset
	 * lacks to that is what was put in front of the archive. */
	if (end.size > end.at || end.from > end.at - end.size)
		return -EBADMSG;
	uint64_t from = end.at - end.size;
	z->shift = from - end.from;
	r = input_get(in, from, (size_t)end.size, mem, &z->directory);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	zip_rewind(z);
	return 0;
}

void zip_rewind(struct zip *z)
{
	z->at = cursor_on(z->directory);
	z->seen = 0;
}

/* Fields that do not fit 32 bits stand in an extra field, in this order. */
static void read_zip64(struct slice extra, struct zip_member *m)
{
	struct cursor c = cursor_on(extra);

	while (cursor_left(&c) >= 4) {
		uint16_t id = cursor_u16le(&c);
		struct slice body = cursor_take(&c, cursor_u16le(&c));
		if (id != EXTRA_ZIP64)
			continue;
		struct cursor b = cursor_on(body);
		if (m->size == UINT32_MAX)
			m->size = cursor_u64le(&b);
		if (m->packed == UINT32_MAX)
			m->packed = cursor_u64le(&b);
		if (m->header_at == UINT32_MAX)
			m->header_at = cursor_u64le(&b);
	}
}

int zip_next(struct zip *z, struct zip_member *ret)
{
	struct cursor *c = &z->at;

	if (cursor_left(c) == 0)
		return 0;
	if (z->seen == ZIP_MEMBERS_MAX)
		return -E2BIG;
	if (cursor_u32le(c) != SIGN_MEMBER)
		return -EBADMSG;
	cursor_skip(c, 4);
	uint16_t flags = cursor_u16le(c);
	struct zip_member m = {
		.encrypted = flags & FLAG_ENCRYPTED,
		.method = cursor_u16le(c),
	};
	cursor_skip(c, 8);
	m.packed = cursor_u32le(c);
	m.size = cursor_u32le(c);
	uint16_t name = cursor_u16le(c);
	uint16_t extra = cursor_u16le(c);
	uint16_t comment = cursor_u16le(c);
	cursor_skip(c, 8);
	m.header_at = cursor_u32le(c);
	m.name = cursor_take(c, name);
	read_zip64(cursor_take(c, extra), &m);
	cursor_skip(c, comment);
	if (cursor_failed(c))
		return -EBADMSG;
	z->seen++;
	*ret = m;
	return 1;
}

/* Offset of a member's bytes: behind its local header, whose name and extra
 * field need not be as long as the directory's. */
static int data_offset(struct zip *z, const struct zip_member *m,
                       struct arena *mem, uint64_t *ret)
{
	struct slice s;
	uint64_t at;

	if (__builtin_add_overflow(m->header_at, z->shift, &at))
		return -EBADMSG;
	int r = input_get(z->in, at, LOCAL_SIZE, mem, &s);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	struct cursor c = cursor_on(s);
	if (cursor_u32le(&c) != SIGN_LOCAL)
		return -EBADMSG;
	cursor_skip(&c, 22);
	uint64_t name = cursor_u16le(&c);
	*ret = at + LOCAL_SIZE + name + cursor_u16le(&c);
	return 0;
}

static int inflate_all(struct slice packed, size_t size, struct arena *mem,
                       struct slice *ret)
{
	uint8_t *to = arena_alloc(mem, size);
	z_stream s = {
		.next_in = packed.p,
		.avail_in = (uInt)packed.n,
		.next_out = to,
		.avail_out = (uInt)size,
	};

	if (!to)
		return -ENOMEM;
	if (inflateInit2(&s, -MAX_WBITS) != Z_OK)
		return -ENOMEM;
	int r = inflate(&s, Z_FINISH);
	(void)inflateEnd(&s);
	if (r != Z_STREAM_END || s.avail_out != 0)
		return -EBADMSG;
	*ret = slice_of(to, size);
	return 0;
}

int zip_read(struct zip *z, const struct zip_member *m, size_t most,
             struct arena *mem, struct slice *ret)
{
	struct slice packed;
	uint64_t at;

	if (m->encrypted || m->method == METHOD_AES)
		return -EACCES;
	if (m->method != METHOD_STORED && m->method != METHOD_DEFLATED)
		return -ENOTSUP;
	/* Deflate cannot grow what it packs by more than a few bytes. */
	if (m->size > most || m->packed > (uint64_t)most + most / 8 + 64 ||
	    most > UINT32_MAX / 2)
		return -EFBIG;
	int r = data_offset(z, m, mem, &at);
	if (r < 0)
		return r;
	r = input_get(z->in, at, (size_t)m->packed, mem, &packed);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	if (m->method == METHOD_STORED) {
		*ret = packed;
		return 0;
	}
	return inflate_all(packed, (size_t)m->size, mem, ret);
}
