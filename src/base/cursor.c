/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

#include <endian.h>

static struct slice fail(struct cursor *c)
{
	c->failed = true;
	return (struct slice){c->all.p, 0};
}

struct slice cursor_take(struct cursor *c, size_t n)
{
	if (c->failed || n > c->all.n - c->at)
		return fail(c);
	struct slice s = {c->all.p + c->at, n};
	c->at += n;
	return s;
}

void cursor_seek(struct cursor *c, size_t at)
{
	if (c->failed || at > c->all.n)
		(void)fail(c);
	else
		c->at = at;
}

void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

void cursor_align(struct cursor *c, size_t align)
{
	size_t over = c->at & (align - 1);
	if (over)
		cursor_skip(c, align - over);
}

/* The next n bytes in buf, as they stand; zeros after a failure. */
static void copy(struct cursor *c, void *buf, size_t n)
{
	struct slice s = cursor_take(c, n);

	memset(buf, 0, n);
	if (s.n)
		memcpy(buf, s.p, s.n);
}

uint8_t cursor_u8(struct cursor *c)
{
	uint8_t v;
	copy(c, &v, sizeof(v));
	return v;
}

uint16_t cursor_u16le(struct cursor *c)
{
	uint16_t v;
	copy(c, &v, sizeof(v));
	return le16toh(v);
}

uint32_t cursor_u32le(struct cursor *c)
{
	uint32_t v;
	copy(c, &v, sizeof(v));
	return le32toh(v);
}

uint64_t cursor_u64le(struct cursor *c)
{
	uint64_t v;
	copy(c, &v, sizeof(v));
	return le64toh(v);
}

uint16_t cursor_u16be(struct cursor *c)
{
	uint16_t v;
	copy(c, &v, sizeof(v));
	return be16toh(v);
}

uint32_t cursor_u32be(struct cursor *c)
{
	uint32_t v;
	copy(c, &v, sizeof(v));
	return be32toh(v);
}

uint64_t cursor_u64be(struct cursor *c)
{
	uint64_t v;
	copy(c, &v, sizeof(v));
	return be64toh(v);
}

struct slice cursor_cstr(struct cursor *c)
{
	if (c->failed)
		return fail(c);
	struct slice rest = slice_from(c->all, c->at);
	size_t n = slice_find_byte(rest, 0);
	if (n == rest.n)
		return fail(c);
	c->at += n + 1;
	return slice_first(rest, n);
}

uint64_t cursor_varint(struct cursor *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = cursor_u8(c);
		if (c->failed || (shift == 63 && byte > 1))
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	(void)fail(c);
	return 0;
}
