/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor reads fixed-width fields from a slice that a stranger wrote. It
 * checks every bound, remembers the first failure and gives zeros and empty
 * slices from then on, so that a parser reads ten fields and asks
 * cursor_failed() once. It never moves past the end and never reads outside.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/slice.h"

struct cursor {
	struct slice all;
	size_t at;   /* next byte to read, <= all.n */
	bool failed; /* sticky: a read or seek left the slice */
};

static inline struct cursor cursor_on(struct slice s)
{
	return (struct cursor){.all = s};
}

static inline bool cursor_failed(const struct cursor *c)
{
	return c->failed;
}

/* Bytes left; 0 after a failure. */
static inline size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : c->all.n - c->at;
}

/* The next n bytes, or an empty slice and failure when fewer are left. */
struct slice cursor_take(struct cursor *c, size_t n);

/* Goes to an absolute offset; past the end is a failure. */
void cursor_seek(struct cursor *c, size_t at);

/* Leaves n bytes out; past the end is a failure. */
void cursor_skip(struct cursor *c, size_t n);

/* Goes forward to the next multiple of `align`, a power of two. */
void cursor_align(struct cursor *c, size_t align);

uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16le(struct cursor *c);
uint32_t cursor_u32le(struct cursor *c);
uint64_t cursor_u64le(struct cursor *c);
uint16_t cursor_u16be(struct cursor *c);
uint32_t cursor_u32be(struct cursor *c);
uint64_t cursor_u64be(struct cursor *c);

/* The bytes up to the next NUL, which is consumed; no NUL is a failure. */
struct slice cursor_cstr(struct cursor *c);

/*
 * An unsigned LEB128 / Go varint of at most ten bytes; longer or overflowing
 * is a failure.
 */
uint64_t cursor_varint(struct cursor *c);

#endif
