/* SPDX-License-Identifier: Apache-2.0 */
#include "match/pattern.h"

#include <errno.h>
#include <hs.h>

#include "base/text.h"

enum {
	REGEX_BYTES_MAX = 1000,
	REGEX_SIZE_MAX = 2000, /* atoms, with repeats written out */
	REGEX_DEPTH_MAX = 32,  /* groups in groups */
};

void pattern_literal(struct str *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		str_printf(out, "\\x%02x", s.p[i]);
}

/* One component of a glob: "*" is any run in it, "?" is one character. */
static void put_component(struct str *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '*')
			str_puts(out, "[^/]*");
		else if (s.p[i] == '?')
			str_puts(out, "(?:[^/\\x80-\\xff]|"
			              "[\\xc0-\\xff][\\x80-\\xbf]*|[\\x80-\\xbf])");
		else
			pattern_literal(out, slice_of(s.p + i, 1));
	}
}

static bool is_any_depth(struct slice component)
{
	return slice_eq(component, SLICE("**"));
}

/*
 * "**" at the start asks only for the start of a component after it, at the
 * end only for the end of one before it: cheaper to find than any number of
 * components, and the same.
 */
void pattern_glob(struct str *out, struct slice glob)
{
	enum { START, AFTER_COMPONENT, AFTER_DEPTH } state = START;

	for (bool more = true; more;) {
		struct slice component = slice_first(glob, slice_find_byte(glob, '/'));
		more = component.n < glob.n;
		glob = slice_from(glob, component.n + 1);
		if (!is_any_depth(component)) {
			str_puts(out, state == START             ? "^"
			              : state == AFTER_COMPONENT ? "/"
			                                         : "");
			put_component(out, component);
			state = AFTER_COMPONENT;
		} else if (!more) {
			str_puts(out, "(?:/|\\z)");
			return;
		} else if (!is_any_depth(glob) && !slice_starts(glob, SLICE("**/"))) {
			str_puts(out, state == START ? "(?:^|/)" : "/(?:.*/)?");
			state = AFTER_DEPTH;
		}
	}
	str_puts(out, "\\z");
}

/* How large a regular expression is when its repeats are written out. */
struct regex_size {
	uint64_t total[REGEX_DEPTH_MAX]; /* of each group that is open */
	uint64_t last;                   /* of the last atom or group */
	size_t depth;
};

/* The length of "{2,5}" at the front of s; 0 when the brace is a character. */
static size_t repeat_length(struct slice s)
{
	size_t n = slice_find_byte(s, '}');

	if (n <= 1 || n == s.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (s.p[i] != ',' && (s.p[i] < '0' || s.p[i] > '9'))
			return 0;
	return n + 1;
}

/* Multiplies the last atom by the larger bound of "{2,5}". */
static void size_repeat(struct regex_size *size, struct slice repeat)
{
	struct slice rest = slice_from(repeat, 1), bound;
	uint64_t most = 1, number;

	rest.n--;
	while (slice_split(&rest, ',', &bound))
		if (bound.n > 0 && (slice_number(bound, 10, &number) < 0 ||
		                    number > REGEX_SIZE_MAX))
			most = REGEX_SIZE_MAX + 1;
		else if (bound.n > 0 && number > most)
			most = number;
	uint64_t more = size->last * (most - 1);
	size->total[size->depth] += more;
	size->last += more;
}

/* Takes an escape such as \d, \x{41} or \p{Lu} off the front of *s. */
static void skip_escape(struct slice *s)
{
	bool braced = s->n > 2 && s->p[2] == '{' && memchr("xpP", s->p[1], 3);

	*s = slice_from(*s, braced ? slice_find_byte(*s, '}') + 1 : 2);
}

/* Takes "[...]" off the front of *s. */
static void skip_class(struct slice *s)
{
	*s = slice_from(*s, s->n > 1 && s->p[1] == '^' ? 2 : 1);
	do {
		if (s->n > 0 && s->p[0] == '\\')
			skip_escape(s);
		else
			*s = slice_from(*s, 1);
	} while (s->n > 0 && s->p[0] != ']');
	*s = slice_from(*s, 1);
}

static void size_atom(struct regex_size *size, struct slice *s)
{
	if (s->p[0] == '\\')
		skip_escape(s);
	else if (s->p[0] == '[')
		skip_class(s);
	else
		*s = slice_from(*s, 1);
	size->last = 1;
	size->total[size->depth]++;
}

static void size_close(struct regex_size *size, struct slice *s)
{
	if (size->depth > 0) {
		size->last = size->total[size->depth--];
		size->total[size->depth] += size->last;
	}
	*s = slice_from(*s, 1);
}

/*
 * The size of a regular expression, or more than REGEX_SIZE_MAX when it is
 * nested too deeply or too large. Syntax is left to the compiler, this guards
 * it: repeats of repeats would keep it busy without end.
 */
static uint64_t regex_size(struct slice s)
{
	struct regex_size size = {0};
	size_t n;

	while (s.n > 0 && size.total[size.depth] <= REGEX_SIZE_MAX) {
		if (s.p[0] == '(') {
			if (size.depth + 1 == REGEX_DEPTH_MAX)
				return REGEX_SIZE_MAX + 1;
			size.total[++size.depth] = 0;
			s = slice_from(s, 1);
		} else if (s.p[0] == ')') {
			size_close(&size, &s);
		} else if (s.p[0] == '{' && (n = repeat_length(s)) > 0) {
			size_repeat(&size, slice_first(s, n));
			s = slice_from(s, n);
		} else {
			size_atom(&size, &s);
		}
	}
	return size.total[size.depth];
}

int pattern_check_regex(struct slice s, struct err *e)
{
	if (s.n > REGEX_BYTES_MAX)
		return err_set(e, -EINVAL, "it has more than %d bytes",
		               REGEX_BYTES_MAX);
	if (slice_find_byte(s, 0) < s.n || !text_is_utf8(s))
		return err_set(e, -EINVAL, "it is not UTF-8, or holds a NUL");
	if (regex_size(s) > REGEX_SIZE_MAX)
		return err_set(e, -EINVAL, "it is too large when its repeats are "
		               "written out, or too deep");
	return 0;
}

unsigned pattern_regex_flags(struct slice s)
{
	bool bounds = slice_find(s, SLICE("\\b")) != SIZE_MAX ||
	              slice_find(s, SLICE("\\B")) != SIZE_MAX;

	return HS_FLAG_UTF8 | (bounds ? 0 : HS_FLAG_UCP);
}
