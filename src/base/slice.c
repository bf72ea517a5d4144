/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include <errno.h>

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

struct slice slice_trim(struct slice s)
{
	while (s.n > 0 && space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && space(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t slice_find_byte(struct slice s, uint8_t c)
{
	const uint8_t *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : s.n;
}

size_t slice_find(struct slice s, struct slice needle)
{
	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return SIZE_MAX;
	const uint8_t *at = memmem(s.p, s.n, needle.p, needle.n);
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool slice_split(struct slice *rest, uint8_t sep, struct slice *ret_piece)
{
	if (rest->n == 0)
		return false;
	size_t at = slice_find_byte(*rest, sep);
	*ret_piece = slice_first(*rest, at);
	*rest = slice_from(*rest, at + 1);
	return true;
}

bool slice_line(struct slice *rest, struct slice *ret_line)
{
	if (!slice_split(rest, '\n', ret_line))
		return false;
	if (ret_line->n > 0 && ret_line->p[ret_line->n - 1] == '\r')
		ret_line->n--;
	return true;
}

static struct slice without_end_slashes(struct slice path)
{
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

struct slice slice_basename(struct slice path)
{
	path = without_end_slashes(path);
	const uint8_t *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	return slash ? slice_from(path, (size_t)(slash - path.p) + 1) : path;
}

struct slice slice_dirname(struct slice path)
{
	path = without_end_slashes(path);
	const uint8_t *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	return slice_first(path, slash ? (size_t)(slash - path.p) : 0);
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

int slice_number(struct slice s, int base, uint64_t *ret)
{
	uint64_t value = 0;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit(s.p[i]);
		if (d >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)d, &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}
