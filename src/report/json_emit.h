/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON to a stream, piece by piece: indented by two spaces, or compact
 * on one line. Commas and nesting are kept here; text goes through
 * base/text.h, so that no control byte leaves raw. Running out of memory is
 * remembered; errors of writing stay on the stream.
 */
#ifndef REPORT_JSON_EMIT_H
#define REPORT_JSON_EMIT_H

#include <stdio.h>

#include "base/str.h"

/* Our own documents are at most half as deep. */
enum { JSON_DEPTH_MAX = 16 };

struct json {
	FILE *out;
	bool compact;
	bool failed;                     /* out of memory */
	unsigned depth;
	bool has_items[JSON_DEPTH_MAX];  /* of the open object or array */
	struct str text;                 /* scratch */
};

void json_init(struct json *j, FILE *out, bool compact);

/* Ends the document with a newline and frees the scratch memory. Returns 0 or
 * -ENOMEM. */
int json_finish(struct json *j);

/* Ends one line of many (JSON lines); the next value starts a new document. */
void json_line(struct json *j);

/* A line of many: an object whose first member is its "type"; and its end. */
void json_row(struct json *j, const char *type);
void json_row_end(struct json *j);

/* In all calls `key` is the member's name, or NULL inside an array and at the
 * top. Each open has its close. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);

void json_emit_text(struct json *j, const char *key, struct slice value);
/* NULL is written as null. */
void json_cstr(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_signed(struct json *j, const char *key, int64_t value);
void json_seconds(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);

/*
 * Bytes that should be text: as they are when they are UTF-8. Otherwise the
 * escaped form of text_show(), and the exact bytes as base64 in a second
 * member whose name is `key` followed by "_base64".
 */
void json_bytes(struct json *j, const char *key, struct slice value);

/* A path inside an item as an array of its parts ("" gives an empty array),
 * with a second array of base64 when it is not UTF-8. */
void json_member(struct json *j, const char *key, struct slice member);

#endif
