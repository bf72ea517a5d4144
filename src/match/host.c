/* SPDX-License-Identifier: Apache-2.0 */
#include "match/host.h"

#include "base/prelude.h"

/* Bytes that end an address in running text. */
static bool ends_address(uint8_t c)
{
	return c <= ' ' || c == 0x7f || memchr("<>()[]{}\"'`|,;=", c, 15);
}

/* In a path or query most of these may stand: only a URL's delimiters end it. */
static bool ends_path(uint8_t c)
{
	return c <= ' ' || c == 0x7f || memchr("<>\"`", c, 4);
}

/* As in a browser, a backslash is a slash. */
static bool ends_authority(uint8_t c)
{
	return c == '/' || c == '\\' || c == '?' || c == '#';
}

static bool is_label(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '*';
}

/* The first bytes of s up to one that `ends` it. */
static struct slice upto(struct slice s, bool (*ends)(uint8_t))
{
	size_t n = 0;

	while (n < s.n && !ends(s.p[n]))
		n++;
	return slice_first(s, n);
}

/* Takes "https://user@host:1/x" off the front and gives "user@host:1". */
static struct slice take_authority(struct slice *rest)
{
	struct slice address = upto(*rest, ends_address), authority;
	size_t scheme = slice_find(address, SLICE("://"));

	if (scheme != SIZE_MAX)
		authority = slice_from(address, scheme + 3);
	else if (slice_starts(address, SLICE("//")))
		authority = slice_from(address, 2);
	else
		authority = address;
	authority = upto(authority, ends_authority);
	size_t end = (size_t)(authority.p - address.p) + authority.n;
	if (end < address.n)
		end = upto(*rest, ends_path).n;
	*rest = slice_from(*rest, end + 1);
	return authority;
}

/* The host is after the last "@" and before a port; its labels must be ones. */
static struct slice host_of(struct slice authority)
{
	const uint8_t *at = authority.n
	                            ? memrchr(authority.p, '@', authority.n)
	                            : NULL;
	struct slice host = authority;

	if (at)
		host = slice_from(host, (size_t)(at - host.p) + 1);
	host = slice_first(host, slice_find_byte(host, ':'));
	while (host.n > 0 && host.p[0] == '.')
		host = slice_from(host, 1);
	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < host.n; i++)
		if (!is_label(host.p[i]) && host.p[i] != '.')
			return slice_first(host, 0);
	return host.n <= HOST_BYTES_MAX ? host : slice_first(host, 0);
}

bool host_next(struct slice *rest, struct slice *ret_host)
{
	while (rest->n > 0) {
		struct slice host = host_of(take_authority(rest));
		if (host.n == 0)
			continue;
		*ret_host = host;
		return true;
	}
	return false;
}

bool host_parent(struct slice *host)
{
	size_t dot = slice_find_byte(*host, '.');

	if (dot >= host->n)
		return false;
	*host = slice_from(*host, dot + 1);
	return true;
}
