/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to plan/: what a struct looks like in writing, as a table. One table
 * per struct serves the JSON form (shape_json.c), its strict reader
 * (shape_read.c) and the flat bytes of a pipe (shape_flat.c), so that none of
 * them can forget a field or check it less than the others.
 */
#ifndef PLAN_SHAPE_H
#define PLAN_SHAPE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "report/json_emit.h"

enum field_kind {
	FIELD_CONST,     /* a word that stands there and nowhere in memory */
	FIELD_TEXT,      /* struct slice: any bytes */
	FIELD_CHARS,     /* char[limit]: UTF-8 without NUL, and a NUL */
	FIELD_WORD,      /* an enum, as one of its words */
	FIELD_ECOSYSTEM, /* const char *, one of claim.h's constants */
	FIELD_BOOL,
	FIELD_U32,
	FIELD_U64,
	FIELD_DIGITS,    /* uint64_t as a text of digits: may be beyond 2^63 */
	FIELD_I64,
	FIELD_SHA256,    /* 32 bytes as 64 hexadecimal digits */
	FIELD_FILLED,    /* bool: is the array that stands there not empty? */
	FIELD_GROUP,     /* an object whose members lie in the same struct */
	FIELD_LIST,      /* pointer and size_t: an array of objects */
	FIELD_TEXTS,     /* struct slice * and size_t: an array of texts */
	FIELD_KIND_COUNT
};

/* The word of a value, or NULL past the last one. */
typedef const char *field_word(unsigned value);

struct field {
	const char *key;
	enum field_kind kind;
	size_t at, count_at;       /* offsets in the struct */
	const char *constant;
	field_word *word;
	const struct shape *shape; /* of a group or of what is in a list */
	uint64_t limit;            /* bytes of a text, size of chars, entries of
	                            * a list, the largest number (0: its type's) */
	bool optional;             /* may be missing or null: zeros */
};

struct shape {
	size_t size;
	const struct field *fields;
	size_t n;
	bool open;                 /* members that the table does not know are
	                            * passed over; otherwise refused */
};

#define SHAPE(name, type, ...) \
	static const struct shape name = { \
		.size = sizeof(type), .fields = name##_fields, \
		.n = COUNT_OF(name##_fields), __VA_ARGS__}
#define SHAPE_TEXT(type, member, name, most) \
	{.key = (name), .kind = FIELD_TEXT, .at = offsetof(type, member), .limit = (most)}
#define SHAPE_WORD(type, member, name, function) \
	{.key = (name), .kind = FIELD_WORD, .at = offsetof(type, member), .word = (function)}
#define SHAPE_OF(kind_, type, member, name) \
	{.key = (name), .kind = (kind_), .at = offsetof(type, member)}
#define SHAPE_GROUP(name, group) {.key = (name), .kind = FIELD_GROUP, .shape = &(group)}
#define SHAPE_LIST(type, member, name, items, most) \
	{.key = (name), .kind = FIELD_LIST, .at = offsetof(type, member), \
	 .count_at = offsetof(type, n_##member), .shape = &(items), .limit = (most)}
#define SHAPE_TEXTS(type, member, name, most) \
	{.key = (name), .kind = FIELD_TEXTS, .at = offsetof(type, member), \
	 .count_at = offsetof(type, n_##member), .limit = (most)}
#define SHAPE_CONST(name, value) \
	{.key = (name), .kind = FIELD_CONST, .constant = (value)}

/* Longest of the texts in a list of texts. */
enum { SHAPE_TEXT_MAX = 8192 };

/* Writes the members of an object that the caller opened; the one called
 * `without` is left out (may be NULL). */
void shape_json(struct json *j, const struct shape *s, const void *from,
                const char *without);

/*
 * Fills a zeroed struct from a JSON object: every member must be there, be of
 * its kind and within its limit. Texts are copied to mem. Returns 0, -EBADMSG
 * with the place in e, or -ENOMEM.
 */
int shape_read(const json_t *object, const struct shape *s, struct arena *mem,
               struct err *e, void *ret);

/* Reads a file of at most `most` bytes as one strict JSON value: no second
 * member of a name. The caller gives it back with json_decref(). Returns 0,
 * -EBADMSG, -EFBIG, -ENOMEM or the errno of reading. */
int shape_load(int fd, uint64_t most, struct err *e, json_t **ret);

/* Appends the struct as flat bytes. */
void shape_pack(struct str *out, const struct shape *s, const void *from);

/* The reverse, with the checks of shape_read(). All bytes must be used. */
int shape_unpack(struct slice bytes, const struct shape *s, struct arena *mem,
                 struct err *e, void *ret);

/* The value of the word, or -1. */
int shape_word(field_word *word, struct slice text);

#endif
