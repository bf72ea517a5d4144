/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader. What is written and what is read back are the same bytes:
 * a text that is not UTF-8 must come with exactly the escaped form that debar
 * writes beside it, so that nobody is shown one path and means another.
 */
#include "plan/shape.h"

#include <errno.h>
#include <unistd.h>

#include "base/text.h"
#include "claim/claim.h"
#include "plan/plan.h"

/* A json_t and struct json of report/ never meet: this file only reads. */
struct spot { /* where we are, for the sentence */
	const struct spot *up;
	const char *key; /* NULL: the entry `index` of a list */
	size_t index;
};

struct reading {
	struct arena *mem;
	struct err *e;
};

static void say_spot(struct str *out, const struct spot *at)
{
	if (!at)
		return;
	say_spot(out, at->up);
	if (at->key)
		str_printf(out, "%s%s", out->n ? "." : "", at->key);
	else
		str_printf(out, "[%zu]", at->index);
}

static int bad(const struct reading *r, const struct spot *at, const char *words)
{
	struct str where = {0};

	say_spot(&where, at);
	(void)err_set(r->e, -EBADMSG, "%s %s", where.p && where.n ? where.p : "it",
	              words);
	str_finish(&where);
	return -EBADMSG;
}

static void *slot(void *to, size_t offset)
{
	return (uint8_t *)to + offset;
}

/* ---- texts ---- */

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_digit(uint8_t c)
{
	const char *p = c ? strchr(base64_digits, c) : NULL;
	return p ? (int)(p - base64_digits) : -1;
}

/* Returns the bytes, or .p NULL when it is no base64 or memory is out. */
static struct slice decode(struct slice text, struct arena *mem)
{
	size_t n = text.n, bits = 0, length = 0;
	uint32_t held = 0;

	while (n && text.n - n < 2 && text.p[n - 1] == '=')
		n--;
	uint8_t *bytes = arena_alloc(mem, n * 3 / 4 + 1);
	for (size_t i = 0; bytes && i < n; i++) {
		int digit = base64_digit(text.p[i]);
		if (digit < 0)
			return (struct slice){0};
		held = held << 6 | (uint32_t)digit;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		bytes[length++] = (uint8_t)(held >> bits);
	}
	return slice_of(bytes, length);
}

static bool writes_as(void (*write)(struct str *, struct slice), struct slice bytes,
                      struct slice text)
{
	struct str again = {0};

	write(&again, bytes);
	bool same = !str_failed(&again) && slice_eq(str_slice(&again), text);
	str_finish(&again);
	return same;
}

static struct slice text_of(const json_t *string)
{
	return slice_of(json_string_value(string), json_string_length(string));
}

/* The exact bytes, of which `shown` is the readable form. */
static int read_base64(const struct reading *r, const struct spot *at,
                       struct slice shown, const json_t *value, struct slice *ret)
{
	if (!json_is_string(value))
		return bad(r, at, "has bytes that are no text");
	struct slice bytes = decode(text_of(value), r->mem);
	if (!bytes.p || !writes_as(text_base64, bytes, text_of(value)))
		return bad(r, at, "has bytes that are no base64");
	if (text_is_utf8(bytes) || !writes_as(text_show, bytes, shown))
		return bad(r, at, "does not show the bytes that stand beside it");
	*ret = bytes;
	return 0;
}

static int read_text(const struct reading *r, const struct spot *at,
                     const json_t *value, const json_t *base64, uint64_t limit,
                     struct slice *ret)
{
	if (!json_is_string(value))
		return bad(r, at, "is no text");
	struct slice text = text_of(value);
	if (base64) {
		int code = read_base64(r, at, text, base64, &text);
		if (code < 0)
			return code;
	}
	if (text.n > limit)
		return bad(r, at, "is longer than a text may be here");
	*ret = arena_copy(r->mem, text);
	return ret->p ? 0 : -ENOMEM;
}

/* ---- one member ---- */

struct member {
	const struct field *field;
	const json_t *value, *base64;
	void *to;
};

typedef int get_fn(const struct reading *r, const struct spot *at,
                   const struct member *m);

static get_fn get_group, get_list;

static int get_const(const struct reading *r, const struct spot *at,
                     const struct member *m)
{
	if (json_is_string(m->value) &&
	    slice_eq(text_of(m->value), slice_str(m->field->constant)))
		return 0;
	return bad(r, at, "is not the expected one");
}

static int get_text(const struct reading *r, const struct spot *at,
                    const struct member *m)
{
	return read_text(r, at, m->value, m->base64, m->field->limit,
	                 slot(m->to, m->field->at));
}

static int get_chars(const struct reading *r, const struct spot *at,
                     const struct member *m)
{
	if (!json_is_string(m->value))
		return bad(r, at, "is no text");
	struct slice text = text_of(m->value);
	if (text.n >= m->field->limit)
		return bad(r, at, "is longer than a text may be here");
	if (text.n && memchr(text.p, 0, text.n))
		return bad(r, at, "holds a zero byte");
	memcpy(slot(m->to, m->field->at), text.p, text.n);
	return 0;
}

int shape_word(field_word *word, struct slice text)
{
	for (unsigned i = 0; word(i); i++)
		if (slice_eq(text, slice_str(word(i))))
			return (int)i;
	return -1;
}

static int get_word(const struct reading *r, const struct spot *at,
                    const struct member *m)
{
	int value = json_is_string(m->value)
	                    ? shape_word(m->field->word, text_of(m->value)) : -1;

	if (value < 0)
		return bad(r, at, "is none of the words that may stand here");
	*(unsigned *)slot(m->to, m->field->at) = (unsigned)value;
	return 0;
}

static int get_ecosystem(const struct reading *r, const struct spot *at,
                         const struct member *m)
{
	const char *name = json_is_string(m->value)
	                           ? ecosystem_by_name(text_of(m->value)) : NULL;

	if (!name)
		return bad(r, at, "is no ecosystem that is known");
	*(const char **)slot(m->to, m->field->at) = name;
	return 0;
}

static int get_bool(const struct reading *r, const struct spot *at,
                    const struct member *m)
{
	if (!json_is_boolean(m->value))
		return bad(r, at, "is neither true nor false");
	*(bool *)slot(m->to, m->field->at) = json_is_true(m->value);
	return 0;
}

static int whole(const struct reading *r, const struct spot *at,
                 const struct member *m, uint64_t most, uint64_t *ret)
{
	if (m->field->limit)
		most = m->field->limit;
	if (!json_is_integer(m->value) || json_integer_value(m->value) < 0 ||
	    (uint64_t)json_integer_value(m->value) > most)
		return bad(r, at, "is no number that may stand here");
	*ret = (uint64_t)json_integer_value(m->value);
	return 0;
}

static int get_u32(const struct reading *r, const struct spot *at,
                   const struct member *m)
{
	uint64_t n;
	int code = whole(r, at, m, UINT32_MAX, &n);

	if (code == 0)
		*(uint32_t *)slot(m->to, m->field->at) = (uint32_t)n;
	return code;
}

static int get_u64(const struct reading *r, const struct spot *at,
                   const struct member *m)
{
	return whole(r, at, m, INT64_MAX, slot(m->to, m->field->at));
}

static int get_i64(const struct reading *r, const struct spot *at,
                   const struct member *m)
{
	if (!json_is_integer(m->value))
		return bad(r, at, "is no number");
	*(int64_t *)slot(m->to, m->field->at) = json_integer_value(m->value);
	return 0;
}

static int get_digits(const struct reading *r, const struct spot *at,
                      const struct member *m)
{
	struct slice text = json_is_string(m->value) ? text_of(m->value)
	                                             : (struct slice){0};

	if ((text.n > 1 && text.p[0] == '0') ||
	    slice_number(text, 10, slot(m->to, m->field->at)) < 0)
		return bad(r, at, "is no number in digits");
	return 0;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int get_sha256(const struct reading *r, const struct spot *at,
                      const struct member *m)
{
	struct slice text = json_is_string(m->value) ? text_of(m->value)
	                                             : (struct slice){0};
	uint8_t *bytes = slot(m->to, m->field->at);

	if (text.n != 2 * PLAN_SHA256_BYTES)
		return bad(r, at, "is no SHA-256");
	for (size_t i = 0; i < PLAN_SHA256_BYTES; i++) {
		int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return bad(r, at, "is no SHA-256");
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int get_filled(const struct reading *r, const struct spot *at,
                      const struct member *m)
{
	if (!json_is_array(m->value))
		return bad(r, at, "is no list");
	*(bool *)slot(m->to, m->field->at) = json_array_size(m->value) > 0;
	return 0;
}

/* One entry: a string, or {"text", "text_base64"}. */
static int read_entry(const struct reading *r, const struct spot *at,
                      const json_t *value, struct slice *ret)
{
	const json_t *base64 = NULL;

	if (json_is_object(value)) {
		base64 = json_object_get(value, "text_base64");
		if (json_object_size(value) != 2 || !base64)
			return bad(r, at, "has other members than text and bytes");
		value = json_object_get(value, "text");
	}
	return read_text(r, at, value, base64, SHAPE_TEXT_MAX, ret);
}

static int get_texts(const struct reading *r, const struct spot *at,
                     const struct member *m)
{
	size_t n = json_array_size(m->value);

	if (!json_is_array(m->value) || n > m->field->limit)
		return bad(r, at, "is no list, or too long a one");
	struct slice *texts = arena_zalloc(r->mem, n, sizeof(*texts));
	for (size_t i = 0; texts && i < n; i++) {
		struct spot here = {.up = at, .index = i};
		int code = read_entry(r, &here, json_array_get(m->value, i), &texts[i]);
		if (code < 0)
			return code;
	}
	*(struct slice **)slot(m->to, m->field->at) = texts;
	*(size_t *)slot(m->to, m->field->count_at) = n;
	return texts ? 0 : -ENOMEM;
}

static get_fn *const get[FIELD_KIND_COUNT] = {
	[FIELD_CONST] = get_const,   [FIELD_TEXT] = get_text,
	[FIELD_CHARS] = get_chars,   [FIELD_WORD] = get_word,
	[FIELD_BOOL] = get_bool,     [FIELD_ECOSYSTEM] = get_ecosystem,
	[FIELD_U32] = get_u32,       [FIELD_U64] = get_u64,
	[FIELD_DIGITS] = get_digits, [FIELD_I64] = get_i64,
	[FIELD_SHA256] = get_sha256, [FIELD_FILLED] = get_filled,
	[FIELD_GROUP] = get_group,   [FIELD_LIST] = get_list,
	[FIELD_TEXTS] = get_texts,
};

/* ---- objects ---- */

static const json_t *base64_of(const json_t *object, const char *key)
{
	char second[64];

	(void)snprintf(second, sizeof(second), "%s_base64", key);
	return json_object_get(object, second);
}

/* Does the table know this key, itself or as the bytes beside a text? */
static bool knows(const struct shape *s, const char *key)
{
	size_t n = strlen(key), tail = sizeof("_base64") - 1;

	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		size_t own = strlen(f->key);
		if (strcmp(key, f->key) == 0)
			return true;
		if (f->kind == FIELD_TEXT && n == own + tail &&
		    strncmp(key, f->key, own) == 0 &&
		    strcmp(key + own, "_base64") == 0)
			return true;
	}
	return false;
}

static int refuse_strangers(const struct reading *r, const struct spot *at,
                            const json_t *object, const struct shape *s)
{
	/* Iterating needs a pointer that is not const, and changes nothing. */
	json_t *all = (json_t *)(uintptr_t)object;

	for (void *it = json_object_iter(all); it; it = json_object_iter_next(all, it))
		if (!knows(s, json_object_iter_key(it)))
			return bad(r, at, "has a member that does not belong there");
	return 0;
}

static int read_object(const struct reading *r, const struct spot *at,
                       const json_t *object, const struct shape *s, void *to)
{
	if (!json_is_object(object))
		return bad(r, at, "is no object");
	int code = s->open ? 0 : refuse_strangers(r, at, object, s);
	for (size_t i = 0; code == 0 && i < s->n; i++) {
		const struct field *f = &s->fields[i];
		struct spot here = {.up = at, .key = f->key};
		struct member m = {.field = f, .to = to};
		m.value = json_object_get(object, f->key);
		if (f->optional && (!m.value || json_is_null(m.value)))
			continue;
		if (!m.value)
			return bad(r, &here, "is missing");
		if (f->kind == FIELD_TEXT)
			m.base64 = base64_of(object, f->key);
		code = get[f->kind](r, &here, &m);
	}
	return code;
}

static int get_group(const struct reading *r, const struct spot *at,
                     const struct member *m)
{
	return read_object(r, at, m->value, m->field->shape, m->to);
}

static int get_list(const struct reading *r, const struct spot *at,
                    const struct member *m)
{
	const struct shape *s = m->field->shape;
	size_t n = json_array_size(m->value);

	if (!json_is_array(m->value) || n > m->field->limit)
		return bad(r, at, "is no list, or too long a one");
	uint8_t *items = arena_zalloc(r->mem, n, s->size);
	for (size_t i = 0; items && i < n; i++) {
		struct spot here = {.up = at, .index = i};
		int code = read_object(r, &here, json_array_get(m->value, i), s,
		                       items + i * s->size);
		if (code < 0)
			return code;
	}
	*(void **)slot(m->to, m->field->at) = items;
	*(size_t *)slot(m->to, m->field->count_at) = n;
	return items ? 0 : -ENOMEM;
}

int shape_read(const json_t *object, const struct shape *s, struct arena *mem,
               struct err *e, void *ret)
{
	struct reading r = {mem, e};
	return read_object(&r, NULL, object, s, ret);
}

/* ---- the file ---- */

static int slurp(int fd, uint64_t most, struct str *out)
{
	char buffer[64 * 1024];

	for (;;) {
		ssize_t n = read(fd, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		if (out->n + (size_t)n > most)
			return -EFBIG;
		str_add(out, slice_of(buffer, (size_t)n));
		if (str_failed(out))
			return -ENOMEM;
	}
}

/* In words of ours: those of the library quote the file. */
static int parse_error(const json_error_t *error, struct err *e)
{
	switch (json_error_code(error)) {
	case json_error_out_of_memory:
		return -ENOMEM;
	case json_error_duplicate_key:
		return err_set(e, -EBADMSG, "line %d names a member twice", error->line);
	case json_error_stack_overflow:
		return err_set(e, -EBADMSG, "line %d is nested too deep", error->line);
	default:
		return err_set(e, -EBADMSG, "line %d is no JSON", error->line);
	}
}

int shape_load(int fd, uint64_t most, struct err *e, json_t **ret)
{
	struct str text = {0};
	json_error_t error;
	int code = slurp(fd, most, &text);

	if (code < 0) {
		str_finish(&text);
		return err_sys(e, code, "reading it");
	}
	*ret = json_loadb(text.p ? text.p : "", text.n,
	                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	str_finish(&text);
	if (*ret)
		return 0;
	return parse_error(&error, e);
}
