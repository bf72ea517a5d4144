/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small helpers of the text formats: fields picked from lines, with their
 * offsets kept, and the hosts of URLs.
 */
#ifndef EXTRACT_FIELD_UTIL_H
#define EXTRACT_FIELD_UTIL_H

#include "base/slice.h"

/* How far behind the start of `outer` its part `inner` starts. */
static inline size_t field_at(struct slice outer, struct slice inner)
{
	return inner.p ? (size_t)(inner.p - outer.p) : 0;
}

/* Takes the next run of bytes other than space and tab off the front of
 * *rest. False, touching nothing, when there is none. */
bool field_word(struct slice *rest, struct slice *ret_word);

/* Takes "key = value" apart at the first `sep`; both come trimmed. False when
 * there is no `sep` or the key is empty. */
bool field_pair(struct slice line, uint8_t sep, struct slice *ret_key,
                struct slice *ret_value);

/*
 * The host in "scheme://user:password@host:port/path": the part of `url` that
 * is the host alone, so that credentials never go further. Empty when the URL
 * has no host (file:, cdrom:, a plain path) or it is not a literal one
 * ("$mirror"). An IPv6 address comes with its brackets.
 */
struct slice url_host(struct slice url);

/* s without a "#" that starts a comment (at the front or behind a space). */
struct slice field_uncomment(struct slice s);

#endif
