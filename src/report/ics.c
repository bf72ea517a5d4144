/* SPDX-License-Identifier: Apache-2.0 */
#include "report/ics.h"

#include <errno.h>
#include <openssl/evp.h>

#include "base/text.h"

enum {
	LINE_OCTETS = 75,  /* RFC 5545, 3.1; without the line break */
	UID_BYTES = 16,    /* of SHA-256: as many as a UUID has */
};

/* Writes the composed line, folded: a break, and a space that is not of the text. */
static void put_line(struct ics *t)
{
	struct slice rest = str_slice(&t->line);
	size_t used = 0;

	t->failed |= str_failed(&t->line);
	while (rest.n) {
		size_t n = text_rune(rest, NULL);
		n = n ? n : 1;
		if (used + n > LINE_OCTETS) {
			fputs("\r\n ", t->out);
			used = 1;
		}
		fwrite(rest.p, 1, n, t->out);
		used += n;
		rest = slice_from(rest, n);
	}
	fputs("\r\n", t->out);
	str_clear(&t->line);
}

static void put(struct ics *t, const char *line)
{
	str_puts(&t->line, line);
	put_line(t);
}

/* One character of a TEXT value (3.3.11). Controls have no place in one, and what
 * is not UTF-8 neither. */
static void add_rune(struct str *line, struct slice rune)
{
	const uint8_t c = rune.p[0];

	if (c == '\n')
		str_puts(line, "\\n");
	else if (c == '\\' || c == ';' || c == ',')
		str_printf(line, "\\%c", c);
	else if ((c < 0x20 && c != '\t') || c == 0x7f)
		str_puts(line, "\xef\xbf\xbd");
	else
		str_add(line, rune);
}

static void put_text(struct ics *t, const char *name, const char *value)
{
	struct slice rest = slice_str(value);

	if (!value)
		return;
	str_printf(&t->line, "%s:", name);
	while (rest.n) {
		size_t n = text_rune(rest, NULL);
		if (n)
			add_rune(&t->line, slice_first(rest, n));
		else
			str_puts(&t->line, "\xef\xbf\xbd");
		rest = slice_from(rest, n ? n : 1);
	}
	put_line(t);
}

/* "20261125", with what stands around it. */
static void put_day(struct ics *t, const char *before, day d, const char *after)
{
	int year, month, of_month;

	day_split(d, &year, &month, &of_month);
	str_printf(&t->line, "%s%04d%02d%02d%s", before, year, month, of_month, after);
	put_line(t);
}

static void put_uid(struct ics *t, struct slice key)
{
	uint8_t raw[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(key.p, key.n, raw, NULL, EVP_sha256(), NULL)) {
		t->failed = true;
		return;
	}
	str_puts(&t->line, "UID:");
	for (size_t i = 0; i < UID_BYTES; i++)
		str_printf(&t->line, "%02x", raw[i]);
	str_puts(&t->line, "@debar");
	put_line(t);
}

void ics_begin(struct ics *t, FILE *out, day stamp, const char *name)
{
	*t = (struct ics){.out = out, .stamp = stamp};
	put(t, "BEGIN:VCALENDAR");
	put(t, "VERSION:2.0");
	put(t, "PRODID:-//debar//debar " DEBAR_VERSION "//EN");
	put(t, "CALSCALE:GREGORIAN");
	put(t, "METHOD:PUBLISH");
	put_text(t, "X-WR-CALNAME", name);
}

void ics_event(struct ics *t, const struct ics_event *event)
{
	put(t, "BEGIN:VEVENT");
	put_uid(t, event->key);
	put_day(t, "DTSTAMP:", t->stamp, "T000000Z");
	put_day(t, "DTSTART;VALUE=DATE:", event->on, "");
	put_text(t, "SUMMARY", event->summary);
	put_text(t, "DESCRIPTION", event->description);
	put_text(t, "CATEGORIES", event->category);
	/* It takes nobody's time: a day's entry must not show them as busy. */
	put(t, "TRANSP:TRANSPARENT");
	put(t, "END:VEVENT");
}

int ics_end(struct ics *t)
{
	put(t, "END:VCALENDAR");
	str_finish(&t->line);
	return t->failed ? -ENOMEM : 0;
}
