/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/field_util.h"

/* Longest host name of the DNS; longer ones are no hosts. */
enum { HOST_MAX = 253 };

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool field_word(struct slice *rest, struct slice *ret_word)
{
	size_t from = 0, to;

	while (from < rest->n && is_blank(rest->p[from]))
		from++;
	for (to = from; to < rest->n && !is_blank(rest->p[to]); to++)
		continue;
	if (from == to)
		return false;
	*ret_word = slice_of(rest->p + from, to - from);
	*rest = slice_from(*rest, to);
	return true;
}

bool field_pair(struct slice line, uint8_t sep, struct slice *ret_key,
                struct slice *ret_value)
{
	size_t at = slice_find_byte(line, sep);
	struct slice key = slice_trim(slice_first(line, at));

	if (at == line.n || key.n == 0)
		return false;
	*ret_key = key;
	*ret_value = slice_trim(slice_from(line, at + 1));
	return true;
}

struct slice field_uncomment(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '#' && (i == 0 || is_blank(s.p[i - 1])))
			return slice_first(s, i);
	}
	return s;
}

static bool is_host_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '[' || c == ']' || c == ':' || c >= 0x80;
}

/* Up to the first byte of `ends`, or all of s. */
static struct slice before_any(struct slice s, const char *ends)
{
	for (; *ends; ends++)
		s = slice_first(s, slice_find_byte(s, (uint8_t)*ends));
	return s;
}

static struct slice without_port(struct slice host)
{
	if (!slice_starts(host, SLICE("[")))
		return before_any(host, ":");
	size_t end = slice_find_byte(host, ']');
	return slice_first(host, end < host.n ? end + 1 : 0);
}

struct slice url_host(struct slice url)
{
	const struct slice none = {url.p, 0};
	size_t scheme = slice_find(url, SLICE("://"));

	if (scheme == SIZE_MAX || scheme == 0)
		return none;
	struct slice host = before_any(slice_from(url, scheme + 3), "/?#\\");
	/* The last "@": a password may hold one that is not escaped. */
	for (size_t at; (at = slice_find_byte(host, '@')) < host.n;)
		host = slice_from(host, at + 1);
	host = without_port(host);
	if (host.n > HOST_MAX)
		return none;
	for (size_t i = 0; i < host.n; i++) {
		if (!is_host_byte(host.p[i]))
			return none;
	}
	return host;
}
