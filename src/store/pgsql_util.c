/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pgsql_util.h"

#include <errno.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/text.h"

/* ---- dialect ---------------------------------------------------------- */

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t word_length(struct slice s)
{
	size_t n = 0;

	while (n < s.n && is_word(s.p[n]))
		n++;
	return n;
}

/* The length of what starts at s and ends with `end`, or all of s. */
static size_t until(struct slice s, size_t from, struct slice end)
{
	size_t at = slice_find(slice_from(s, from), end);

	return at == SIZE_MAX ? s.n : from + at + end.n;
}

/* The length of the literal, quoted name or comment at s; 0: none is here. */
static size_t quoted_length(struct slice s)
{
	/* A doubled quotation mark ends one literal and starts the next. */
	if (slice_starts(s, SLICE("'")))
		return until(s, 1, SLICE("'"));
	if (slice_starts(s, SLICE("\"")))
		return until(s, 1, SLICE("\""));
	if (slice_starts(s, SLICE("--")))
		return until(s, 2, SLICE("\n"));
	if (slice_starts(s, SLICE("/*")))
		return until(s, 2, SLICE("*/"));
	return 0;
}

/* The length of a table option that PostgreSQL does not have; 0: none here. */
static size_t option_length(struct slice s)
{
	size_t n = word_length(s);

	if (slice_eq_nocase(slice_first(s, n), SLICE("strict")))
		return n;
	if (!slice_eq_nocase(slice_first(s, n), SLICE("without")))
		return 0;
	while (n < s.n && is_space(s.p[n]))
		n++;
	size_t m = word_length(slice_from(s, n));
	if (!slice_eq_nocase(slice_first(slice_from(s, n), m), SLICE("rowid")))
		return 0;
	return n + m;
}

/* Takes the blanks and a comma off the end, which led to a table option. */
static void drop_comma(struct str *out)
{
	struct slice s = slice_trim(str_slice(out));

	if (!slice_ends(s, SLICE(",")))
		return;
	out->n = (size_t)(s.p - (const uint8_t *)out->p) + s.n - 1;
	out->p[out->n] = 0;
}

static size_t rewrite_word(struct slice s, int depth, struct str *out)
{
	struct slice word = slice_first(s, word_length(s));
	size_t option = depth == 0 ? option_length(s) : 0;

	if (option) {
		drop_comma(out);
		return option;
	}
	if (slice_eq_nocase(word, SLICE("blob")))
		str_puts(out, "BYTEA");
	else if (slice_eq_nocase(word, SLICE("integer")))
		str_puts(out, "BIGINT");
	else
		str_add(out, word);
	return word.n;
}

void pgsql_rewrite(const char *sql, struct str *out)
{
	struct slice s = slice_str(sql);
	int depth = 0;
	size_t n;

	while (s.n) {
		uint8_t c = s.p[0];

		n = quoted_length(s);
		if (n) {
			str_add(out, slice_first(s, n));
		} else if (is_word(c)) {
			n = rewrite_word(s, depth, out);
		} else {
			n = 1;
			depth += (c == '(') - (c == ')');
			str_putc(out, c == '?' ? '$' : (char)c);
		}
		s = slice_from(s, n);
	}
}

/* ---- errors ----------------------------------------------------------- */

/* The longest prefix of an SQLSTATE that is here decides. */
static const struct {
	const char *state;
	int code;
	bool ends;
} states[] = {
	{"08", -EIO, true},      /* connection exception */
	{"25006", -EROFS, false},/* read-only transaction */
	{"28", -EACCES, false},  /* invalid authorization */
	{"40001", -EBUSY, false},/* serialization failure */
	{"40P01", -EBUSY, false},/* deadlock */
	{"42501", -EACCES, false},
	{"53100", -ENOSPC, false},
	{"53200", -ENOMEM, false},
	{"53300", -EBUSY, false},/* too many connections */
	{"53400", -ENOSPC, false},/* a configured limit, as of temporary files */
	{"55P03", -EBUSY, false},/* lock not available */
	{"55006", -EBUSY, false},/* object in use */
	{"57014", -EIO, false},  /* cancelled, by timeout or by hand */
	{"57P", -EIO, true},     /* the server shuts down or crashed */
	{"25P03", -EIO, true},   /* idle in transaction for too long */
	{"58", -EIO, false},     /* system error outside PostgreSQL */
	{"XX001", -EUCLEAN, false},
	{"XX002", -EUCLEAN, false},
};

static size_t state_of(const char *sqlstate)
{
	size_t i;

	for (i = 0; sqlstate && i < COUNT_OF(states); i++)
		if (strncmp(sqlstate, states[i].state, strlen(states[i].state)) == 0)
			return i;
	return COUNT_OF(states);
}

int pgsql_errno(const char *sqlstate)
{
	size_t i = state_of(sqlstate);

	return i < COUNT_OF(states) ? states[i].code : -EINVAL;
}

bool pgsql_ends(const char *sqlstate)
{
	size_t i = state_of(sqlstate);

	return i < COUNT_OF(states) && states[i].ends;
}

static void hide(struct str *out, struct slice s, struct slice secret)
{
	size_t at;

	while (secret.n && (at = slice_find(s, secret)) != SIZE_MAX) {
		text_show(out, slice_first(s, at));
		str_puts(out, "***");
		s = slice_from(s, at + secret.n);
	}
	text_show(out, s);
}

void pgsql_words(struct str *out, const char *message, const char *secret)
{
	struct slice rest = slice_str(message), line;
	const char *gap = "";

	while (slice_line(&rest, &line)) {
		line = slice_trim(line);
		if (line.n == 0)
			continue;
		str_puts(out, gap);
		hide(out, line, slice_str(secret));
		gap = " ";
	}
}

/* ---- numeric ---------------------------------------------------------- */

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_BASE = 10000 };

int pgsql_numeric(struct slice s, int64_t *ret)
{
	struct cursor c = cursor_on(s);
	unsigned n = cursor_u16be(&c);
	int weight = (int16_t)cursor_u16be(&c);
	unsigned sign = cursor_u16be(&c);
	int64_t value = 0;

	(void)cursor_u16be(&c); /* digits to show behind the point */
	if (cursor_failed(&c) || (sign && sign != NUMERIC_NEGATIVE))
		return -EINVAL;
	if (n > 0 && (weight < 0 || n > (unsigned)weight + 1))
		return -EINVAL;
	/* Digits of base 10000; the zeros at the end are left out. */
	for (int i = 0; n > 0 && i <= weight; i++) {
		int digit = (unsigned)i < n ? cursor_u16be(&c) : 0;

		if (cursor_failed(&c) || digit >= NUMERIC_BASE)
			return -EINVAL;
		if (sign)
			digit = -digit;
		if (__builtin_mul_overflow(value, NUMERIC_BASE, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}
