/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/json_util.h"

#include <errno.h>

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blank(struct slice s, size_t *at)
{
	while (*at < s.n && blank(s.p[*at]))
		(*at)++;
}

/* *at stands on the opening quotation mark; moves behind the closing one. */
static int skip_string(struct slice s, size_t *at)
{
	for (size_t i = *at + 1; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '"') {
			*at = i + 1;
			return 0;
		}
	}
	return -EBADMSG;
}

/* *at stands on the opening bracket; moves behind the one that closes it. */
static int skip_container(struct slice s, size_t *at)
{
	unsigned depth = 0;
	size_t i = *at;

	while (i < s.n) {
		uint8_t c = s.p[i];
		if (c == '"') {
			if (skip_string(s, &i) < 0)
				return -EBADMSG;
			continue;
		}
		i++;
		if (c == '{' || c == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return -ELOOP;
		} else if ((c == '}' || c == ']') && --depth == 0) {
			*at = i;
			return 0;
		}
	}
	return -EBADMSG;
}

/* A number or one of the three words. */
static int skip_word(struct slice s, size_t *at)
{
	size_t i = *at;

	while (i < s.n && !blank(s.p[i]) && s.p[i] != ',' && s.p[i] != '}' &&
	       s.p[i] != ']' && s.p[i] != ':')
		i++;
	if (i == *at)
		return -EBADMSG;
	*at = i;
	return 0;
}

static enum json_kind kind_of(uint8_t c)
{
	switch (c) {
	case '"':
		return JSON_STRING;
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	default:
		return JSON_OTHER;
	}
}

/* Takes the value at *at, which lies `base` bytes into the file. */
static int take(struct slice s, size_t *at, uint64_t base, struct json *ret)
{
	int r;

	skip_blank(s, at);
	if (*at >= s.n)
		return -EBADMSG;
	size_t start = *at;
	enum json_kind kind = kind_of(s.p[start]);
	if (kind == JSON_STRING)
		r = skip_string(s, at);
	else if (kind == JSON_OTHER)
		r = skip_word(s, at);
	else
		r = skip_container(s, at);
	if (r < 0)
		return r;
	*ret = (struct json){
		.kind = kind,
		.raw = slice_first(slice_from(s, start), *at - start),
		.offset = base + start,
	};
	return 0;
}

int json_root(struct slice text, struct json *ret)
{
	size_t at = slice_starts(text, SLICE("\xef\xbb\xbf")) ? 3 : 0;

	return take(text, &at, 0, ret);
}

struct json_iter json_members(struct json container)
{
	struct json_iter it = {.in = container, .at = 1};

	/* The bracket at the end is no member's: it stays outside. */
	if (container.kind == JSON_OBJECT || container.kind == JSON_ARRAY)
		it.in.raw.n--;
	else
		it.in.raw.n = 0;
	return it;
}

static void skip_comma(struct json_iter *it)
{
	skip_blank(it->in.raw, &it->at);
	if (it->at < it->in.raw.n && it->in.raw.p[it->at] == ',')
		it->at++;
}

bool json_next(struct json_iter *it, struct json *ret_key, struct json *ret)
{
	struct slice s = it->in.raw;
	struct json key = {0};

	if (it->at >= s.n)
		return false;
	skip_comma(it);
	if (it->in.kind == JSON_OBJECT) {
		if (take(s, &it->at, it->in.offset, &key) < 0 ||
		    key.kind != JSON_STRING)
			return false;
		skip_blank(s, &it->at);
		if (it->at >= s.n || s.p[it->at] != ':')
			return false;
		it->at++;
	}
	if (take(s, &it->at, it->in.offset, ret) < 0)
		return false;
	*ret_key = key;
	return true;
}

static struct slice unquoted(struct json string)
{
	return slice_first(slice_from(string.raw, 1), string.raw.n - 2);
}

bool json_is(struct json string, struct slice text)
{
	return string.kind == JSON_STRING && slice_eq(unquoted(string), text);
}

struct json json_get(struct json object, const char *key)
{
	struct json_iter it = json_members(object);
	struct slice want = slice_str(key);
	struct json name, value;

	while (json_next(&it, &name, &value))
		if (json_is(name, want))
			return value;
	return (struct json){0};
}

static size_t put_rune(uint8_t *to, uint32_t rune)
{
	if (rune < 0x80) {
		to[0] = (uint8_t)rune;
		return 1;
	}
	if (rune < 0x800) {
		to[0] = (uint8_t)(0xc0 | rune >> 6);
		to[1] = (uint8_t)(0x80 | (rune & 0x3f));
		return 2;
	}
	if (rune < 0x10000) {
		to[0] = (uint8_t)(0xe0 | rune >> 12);
		to[1] = (uint8_t)(0x80 | (rune >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (rune & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | rune >> 18);
	to[1] = (uint8_t)(0x80 | (rune >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (rune >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (rune & 0x3f));
	return 4;
}

/* The four hex digits at `at`, or 0xFFFD when they are not there. */
static uint32_t hex4(struct slice s, size_t at)
{
	uint64_t value;
	struct slice digits = slice_first(slice_from(s, at), 4);

	if (digits.n < 4 || slice_number(digits, 16, &value) < 0)
		return 0xfffd;
	return (uint32_t)value;
}

/* The code point of the \u escape whose digits stand at *at: one unit, or two
 * that form a surrogate pair. *at moves behind it. */
static uint32_t unicode_escape(struct slice s, size_t *at)
{
	uint32_t high = hex4(s, *at);

	*at += 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high < 0xdc00 && slice_starts(slice_from(s, *at), SLICE("\\u"))) {
		uint32_t low = hex4(s, *at + 2);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*at += 6;
			return 0x10000 + ((high - 0xd800) << 10) +
			       (low - 0xdc00);
		}
	}
	return 0xfffd;
}

static uint8_t short_escape(uint8_t c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	default:
		return c; /* quotation mark, backslash, slash */
	}
}

/* No escape is shorter than what it stands for, so `to` needs s.n bytes. */
static size_t unescape(struct slice s, uint8_t *to)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n;) {
		uint8_t c = s.p[i++];
		if (c == '\\' && i < s.n) {
			c = s.p[i++];
			if (c == 'u') {
				n += put_rune(to + n, unicode_escape(s, &i));
				continue;
			}
			c = short_escape(c);
		}
		to[n++] = c;
	}
	return n;
}

struct slice json_text(struct json string, struct arena *mem)
{
	if (string.kind != JSON_STRING)
		return (struct slice){0};
	struct slice s = unquoted(string);
	if (slice_find_byte(s, '\\') == s.n)
		return s;
	/* Two spare bytes: a \u cut short still gives a three-byte U+FFFD. */
	uint8_t *to = arena_alloc(mem, s.n + 2);
	if (!to)
		return (struct slice){0};
	return slice_of(to, unescape(s, to));
}
