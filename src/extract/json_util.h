/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads JSON (RFC 8259) in place: a value is the run of text it stands in, so
 * that every string comes with its offset, nothing is built in memory and a
 * large file costs no more than its bytes. It is lenient about what stands
 * between values and strict about what it gives out: a text that ends inside a
 * value is damaged, and nesting has a limit.
 */
#ifndef EXTRACT_JSON_UTIL_H
#define EXTRACT_JSON_UTIL_H

#include "base/arena.h"

enum { JSON_DEPTH_MAX = 256 };

enum json_kind { JSON_NONE, JSON_STRING, JSON_OBJECT, JSON_ARRAY, JSON_OTHER };

struct json {
	enum json_kind kind;
	struct slice raw; /* with its quotation marks or brackets */
	uint64_t offset;  /* of raw in the file */
};

struct json_iter {
	struct json in;
	size_t at;
};

/* The value that the text holds. Returns 0, -EBADMSG or -ELOOP. */
int json_root(struct slice text, struct json *ret);

/* Starts going through an object or array; other kinds have no members. */
struct json_iter json_members(struct json container);

/* The next member; *ret_key is JSON_NONE inside an array. False at the end or
 * where the text is broken. */
bool json_next(struct json_iter *it, struct json *ret_key, struct json *ret);

/* The first member of that name, or JSON_NONE. Keys with escapes are not
 * found. */
struct json json_get(struct json object, const char *key);

/* The text of a string with its escapes resolved; borrowed when it has none.
 * Empty for other kinds and when memory is out. */
struct slice json_text(struct json string, struct arena *mem);

/* Is it a string of exactly these bytes? (Strings with escapes are not.) */
bool json_is(struct json string, struct slice text);

#endif
