/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from strangers made fit to be shown or written down. Nothing here
 * knows a format of debar's; report/ builds its writers from these.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/str.h"

/* Length in bytes of the valid UTF-8 sequence at the start of s (1 to 4, no
 * surrogates, no overlong forms, at most U+10FFFF); 0 when s is empty or does
 * not start with one. *ret_rune is the code point (may be NULL). */
size_t text_rune(struct slice s, uint32_t *ret_rune);

/* Is all of s valid UTF-8? */
bool text_is_utf8(struct slice s);

/*
 * Appends s for a terminal: printable UTF-8 as it is; control characters
 * (C0, DEL, C1), bidirectional and invisible format characters, line and
 * paragraph separators, backslash and bytes that are not UTF-8 as \n, \t, \\,
 * \xHH or \u{HHHH}. The result never moves a cursor and can be read back.
 */
void text_show(struct str *out, struct slice s);

/* Appends s as a JSON string with its quotation marks (RFC 8259); bytes that
 * are not UTF-8 become U+FFFD, control characters become \u00HH. */
void text_json(struct str *out, struct slice s);

/* Appends the base64 form of s (RFC 4648, padded). */
void text_base64(struct str *out, struct slice s);

/*
 * Appends UTF-16LE text as UTF-8: unpaired surrogates become U+FFFD, a final
 * odd byte is ignored, an embedded NUL ends the text.
 */
void text_from_utf16le(struct str *out, struct slice s);

/*
 * A time (seconds since 1970) in UTC as RFC 3339 has it, "2026-11-21T22:00:00Z".
 * False when the calendar does not reach it; ret is then "".
 */
enum { TEXT_TIME_SIZE = 40 };
bool text_time(int64_t at, char ret[static TEXT_TIME_SIZE]);

#endif
