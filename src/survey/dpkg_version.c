/* SPDX-License-Identifier: Apache-2.0 */
/* Versions as deb-version(7) orders them: [epoch:]upstream[-revision]. */
#include "survey/packages.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* "~" before the end, the end before letters, letters before all else. */
static int weight(struct slice s, size_t at)
{
	if (at >= s.n || is_digit(s.p[at]))
		return 0;
	uint8_t c = s.p[at];
	if (c == '~')
		return -1;
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return letter ? c : c + 256;
}

static bool in_text(struct slice s, size_t at)
{
	return at < s.n && !is_digit(s.p[at]);
}

/* A run of digits of any length, from *at on, zeros in front left out. */
static struct slice digits(struct slice s, size_t *at)
{
	while (*at < s.n && s.p[*at] == '0')
		++*at;
	size_t start = *at;
	while (*at < s.n && is_digit(s.p[*at]))
		++*at;
	return slice_first(slice_from(s, start), *at - start);
}

/* Text and numbers in turn. */
static int compare(struct slice a, struct slice b)
{
	size_t i = 0, j = 0;

	while (i < a.n || j < b.n) {
		while (in_text(a, i) || in_text(b, j)) {
			int order = weight(a, i) - weight(b, j);
			if (order)
				return order;
			i++;
			j++;
		}
		struct slice x = digits(a, &i), y = digits(b, &j);
		if (x.n != y.n)
			return x.n < y.n ? -1 : 1;
		int order = slice_cmp(x, y);
		if (order)
			return order;
	}
	return 0;
}

struct parts {
	struct slice epoch, upstream, revision;
};

static struct parts split(struct slice v)
{
	struct parts p = {0};
	size_t colon = slice_find_byte(v, ':'), dash;

	if (colon < v.n) {
		p.epoch = slice_first(v, colon);
		v = slice_from(v, colon + 1);
	}
	for (dash = v.n; dash > 0 && v.p[dash - 1] != '-';)
		dash--;
	p.upstream = dash ? slice_first(v, dash - 1) : v;
	p.revision = dash ? slice_from(v, dash) : SLICE("");
	return p;
}

int dpkg_version_cmp(struct slice a, struct slice b)
{
	struct parts x = split(a), y = split(b);
	int order = compare(x.epoch, y.epoch);

	if (!order)
		order = compare(x.upstream, y.upstream);
	return order ? order : compare(x.revision, y.revision);
}

bool dpkg_version_holds(struct slice have, struct slice relation, struct slice want)
{
	if (relation.n == 0)
		return true;
	int order = dpkg_version_cmp(have, want);
	if (slice_eq(relation, SLICE("<<")))
		return order < 0;
	if (slice_eq(relation, SLICE("<=")) || slice_eq(relation, SLICE("<")))
		return order <= 0;
	if (slice_eq(relation, SLICE("=")))
		return order == 0;
	if (slice_eq(relation, SLICE(">=")) || slice_eq(relation, SLICE(">")))
		return order >= 0;
	return slice_eq(relation, SLICE(">>")) && order > 0;
}
