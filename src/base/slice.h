/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slice is a borrowed run of bytes: a pointer and a length, passed by value,
 * never freed by its holder and never NUL-terminated by promise. Everything
 * that comes out of a file is a slice until a person reads it.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *p;
	size_t n;
};

/* A slice of a string literal, without its NUL: SLICE("abc").n == 3. */
#define SLICE(literal) \
	((struct slice){(const uint8_t *)("" literal), sizeof(literal) - 1})

/* printf's "%.*s" arguments. Only for trusted text: bytes are not escaped. */
#define SLICE_ARG(s) (int)(s).n, (const char *)(s).p

/* The bytes [p, p + n). */
static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){p, n};
}

/* The bytes of a NUL-terminated string; NULL gives an empty slice. */
static inline struct slice slice_str(const char *s)
{
	return (struct slice){(const uint8_t *)s, s ? strlen(s) : 0};
}

/* Do both hold the same bytes? */
static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The order of their bytes, a beginning before what goes on: below, at or above
 * 0. */
static inline int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool slice_ends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 ||
	        memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* The part of s that starts at byte `from`; empty when s is shorter. */
static inline struct slice slice_from(struct slice s, size_t from)
{
	if (from < s.n)
		return (struct slice){s.p + from, s.n - from};
	return (struct slice){s.n ? s.p + s.n : s.p, 0};
}

/* The first n bytes of s, or all of s when it is shorter. */
static inline struct slice slice_first(struct slice s, size_t n)
{
	return (struct slice){s.p, n < s.n ? n : s.n};
}

/* ASCII case-insensitive equality. */
bool slice_eq_nocase(struct slice a, struct slice b);

/* s without ASCII white space (space, tab, CR, LF, FF, VT) at both ends. */
struct slice slice_trim(struct slice s);

/* Index of the first byte c in s, or s.n when there is none. */
size_t slice_find_byte(struct slice s, uint8_t c);

/* Index of the first occurrence of needle in s, or SIZE_MAX. */
size_t slice_find(struct slice s, struct slice needle);

/*
 * Takes the next piece up to `sep` (or the end) off the front of *rest and
 * stores it in *ret_piece. Returns false, touching nothing, when *rest is
 * exhausted: a trailing separator gives no empty last piece.
 */
bool slice_split(struct slice *rest, uint8_t sep, struct slice *ret_piece);

/* Takes the next line without its LF or CRLF. As slice_split otherwise. */
bool slice_line(struct slice *rest, struct slice *ret_line);

/* The last path component ("a/b/c" gives "c"; a trailing slash is ignored). */
struct slice slice_basename(struct slice path);

/* Everything before the last path component, without the slash; may be "". */
struct slice slice_dirname(struct slice path);

/*
 * Parses the whole of s as an unsigned number in base 10 or 16 (no sign, no
 * prefix, no space). Returns 0, or -EINVAL on an empty or foreign text and
 * -ERANGE when it does not fit; *ret is touched only on success.
 */
int slice_number(struct slice s, int base, uint64_t *ret);

#endif
