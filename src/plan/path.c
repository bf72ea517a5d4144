/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/path.h"

static int weight(uint8_t c)
{
	return c == '/' ? 0 : c + 1;
}

int path_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++)
		if (a.p[i] != b.p[i])
			return weight(a.p[i]) - weight(b.p[i]);
	return (a.n > b.n) - (a.n < b.n);
}

bool path_inside(struct slice inner, struct slice outer)
{
	if (slice_eq(outer, SLICE("/")))
		return inner.n > 1;
	return inner.n > outer.n && inner.p[outer.n] == '/' && slice_starts(inner, outer);
}

bool path_within(struct slice inner, struct slice outer)
{
	return slice_eq(inner, outer) || path_inside(inner, outer);
}

bool path_in_table(struct slice path, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (path_within(path, slice_str(table[i])))
			return true;
	return false;
}
