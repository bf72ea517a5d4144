/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <time.h>

size_t text_rune(struct slice s, uint32_t *ret_rune)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t rune;
	size_t n;

	if (s.n == 0)
		return 0;
	uint8_t c = s.p[0];
	if (c < 0x80) {
		n = 1;
		rune = c;
	} else if (c >= 0xc2 && c < 0xe0) {
		n = 2;
		rune = c & 0x1f;
	} else if (c >= 0xe0 && c < 0xf0) {
		n = 3;
		rune = c & 0x0f;
	} else if (c >= 0xf0 && c < 0xf5) {
		n = 4;
		rune = c & 0x07;
	} else {
		return 0;
	}
	if (s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		rune = rune << 6 | (s.p[i] & 0x3f);
	}
	if (rune < least[n] || rune > 0x10ffff ||
	    (rune >= 0xd800 && rune < 0xe000))
		return 0;
	if (ret_rune)
		*ret_rune = rune;
	return n;
}

bool text_is_utf8(struct slice s)
{
	while (s.n > 0) {
		size_t n = text_rune(s, NULL);
		if (n == 0)
			return false;
		s = slice_from(s, n);
	}
	return true;
}

/* Characters that reorder, hide or break a line (Unicode Cf, Zl, Zp, C0/C1). */
static bool unsafe(uint32_t r)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},
		{0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
		{0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
		{0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};

	for (size_t i = 0; i < COUNT_OF(ranges); i++)
		if (r >= ranges[i].from && r <= ranges[i].to)
			return true;
	return false;
}

static void show_unsafe(struct str *out, uint32_t rune)
{
	if (rune == '\n')
		str_puts(out, "\\n");
	else if (rune == '\t')
		str_puts(out, "\\t");
	else if (rune < 0x80)
		str_printf(out, "\\x%02x", rune);
	else
		str_printf(out, "\\u{%x}", rune);
}

void text_show(struct str *out, struct slice s)
{
	while (s.n > 0) {
		uint32_t rune;
		size_t n = text_rune(s, &rune);
		if (n == 0) {
			str_printf(out, "\\x%02x", s.p[0]);
			n = 1;
		} else if (rune == '\\') {
			str_puts(out, "\\\\");
		} else if (unsafe(rune)) {
			show_unsafe(out, rune);
		} else {
			str_add(out, slice_first(s, n));
		}
		s = slice_from(s, n);
	}
}

void text_json(struct str *out, struct slice s)
{
	str_putc(out, '"');
	while (s.n > 0) {
		uint32_t rune;
		size_t n = text_rune(s, &rune);
		if (n == 0) {
			str_puts(out, "\xef\xbf\xbd");
			n = 1;
		} else if (rune == '"' || rune == '\\') {
			str_putc(out, '\\');
			str_putc(out, (char)rune);
		} else if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) {
			str_printf(out, "\\u%04x", rune);
		} else {
			str_add(out, slice_first(s, n));
		}
		s = slice_from(s, n);
	}
	str_putc(out, '"');
}

void text_base64(struct str *out, struct slice s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		uint32_t v = (uint32_t)s.p[i] << 16;
		if (left > 1)
			v |= (uint32_t)s.p[i + 1] << 8;
		if (left > 2)
			v |= s.p[i + 2];
		str_putc(out, digits[v >> 18 & 63]);
		str_putc(out, digits[v >> 12 & 63]);
		str_putc(out, left > 1 ? digits[v >> 6 & 63] : '=');
		str_putc(out, left > 2 ? digits[v & 63] : '=');
	}
}

static void put_rune(struct str *out, uint32_t r)
{
	char b[4];
	size_t n = 0;

	if (r < 0x80) {
		b[n++] = (char)r;
	} else if (r < 0x800) {
		b[n++] = (char)(0xc0 | r >> 6);
		b[n++] = (char)(0x80 | (r & 0x3f));
	} else if (r < 0x10000) {
		b[n++] = (char)(0xe0 | r >> 12);
		b[n++] = (char)(0x80 | (r >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (r & 0x3f));
	} else {
		b[n++] = (char)(0xf0 | r >> 18);
		b[n++] = (char)(0x80 | (r >> 12 & 0x3f));
		b[n++] = (char)(0x80 | (r >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (r & 0x3f));
	}
	str_add(out, slice_of(b, n));
}

void text_from_utf16le(struct str *out, struct slice s)
{
	for (size_t i = 0; i + 1 < s.n; i += 2) {
		uint32_t unit = s.p[i] | (uint32_t)s.p[i + 1] << 8;
		if (unit == 0)
			return;
		if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < s.n) {
			uint32_t low = s.p[i + 2] | (uint32_t)s.p[i + 3] << 8;
			if (low >= 0xdc00 && low < 0xe000) {
				unit = 0x10000 + ((unit - 0xd800) << 10) +
				       (low - 0xdc00);
				i += 2;
			}
		}
		if (unit >= 0xd800 && unit < 0xe000)
			unit = 0xfffd;
		put_rune(out, unit);
	}
}

bool text_time(int64_t at, char ret[static TEXT_TIME_SIZE])
{
	time_t seconds = (time_t)at;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) &&
	    strftime(ret, TEXT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		return true;
	ret[0] = 0;
	return false;
}
