/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/shape.h"

#include "base/text.h"
#include "plan/plan.h"

static const void *at(const void *from, size_t offset)
{
	return (const uint8_t *)from + offset;
}

#define VALUE(type, from, f) (*(__typeof__(type) const *)at(from, (f)->at))

static void put_const(struct json *j, const struct field *f, const void *)
{
	json_cstr(j, f->key, f->constant);
}

static void put_text(struct json *j, const struct field *f, const void *from)
{
	json_bytes(j, f->key, VALUE(struct slice, from, f));
}

static void put_chars(struct json *j, const struct field *f, const void *from)
{
	json_cstr(j, f->key, at(from, f->at));
}

static void put_word(struct json *j, const struct field *f, const void *from)
{
	json_cstr(j, f->key, f->word(VALUE(unsigned, from, f)));
}

static void put_ecosystem(struct json *j, const struct field *f, const void *from)
{
	json_cstr(j, f->key, VALUE(const char *, from, f));
}

static void put_bool(struct json *j, const struct field *f, const void *from)
{
	json_bool(j, f->key, VALUE(bool, from, f));
}

static void put_u32(struct json *j, const struct field *f, const void *from)
{
	json_number(j, f->key, VALUE(uint32_t, from, f));
}

static void put_u64(struct json *j, const struct field *f, const void *from)
{
	json_number(j, f->key, VALUE(uint64_t, from, f));
}

static void put_i64(struct json *j, const struct field *f, const void *from)
{
	json_signed(j, f->key, VALUE(int64_t, from, f));
}

static void put_digits(struct json *j, const struct field *f, const void *from)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%llu",
	               (unsigned long long)VALUE(uint64_t, from, f));
	json_cstr(j, f->key, digits);
}

static void put_sha256(struct json *j, const struct field *f, const void *from)
{
	const uint8_t *bytes = at(from, f->at);
	char hex[2 * PLAN_SHA256_BYTES + 1];

	for (size_t i = 0; i < PLAN_SHA256_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	json_cstr(j, f->key, hex);
}

static void put_group(struct json *j, const struct field *f, const void *from)
{
	json_open(j, f->key, '{');
	shape_json(j, f->shape, from, NULL);
	json_close(j, '}');
}

static void put_list(struct json *j, const struct field *f, const void *from)
{
	const uint8_t *items = VALUE(const uint8_t *, from, f);
	size_t n = *(const size_t *)at(from, f->count_at);

	json_open(j, f->key, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		shape_json(j, f->shape, items + i * f->shape->size, NULL);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* A text that is not UTF-8 has no key in an array to put its bytes beside, so
 * it stands in an object of its own; the others are plain strings. */
static void put_texts(struct json *j, const struct field *f, const void *from)
{
	const struct slice *texts = VALUE(const struct slice *, from, f);
	size_t n = *(const size_t *)at(from, f->count_at);

	json_open(j, f->key, '[');
	for (size_t i = 0; i < n; i++) {
		if (text_is_utf8(texts[i])) {
			json_emit_text(j, NULL, texts[i]);
			continue;
		}
		json_open(j, NULL, '{');
		json_bytes(j, "text", texts[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void (*const put[FIELD_KIND_COUNT])(struct json *j, const struct field *f,
                                           const void *from) = {
	[FIELD_CONST] = put_const,   [FIELD_TEXT] = put_text,
	[FIELD_CHARS] = put_chars,   [FIELD_WORD] = put_word,
	[FIELD_BOOL] = put_bool,     [FIELD_ECOSYSTEM] = put_ecosystem,
	[FIELD_U32] = put_u32,       [FIELD_U64] = put_u64,
	[FIELD_DIGITS] = put_digits, [FIELD_I64] = put_i64,
	[FIELD_SHA256] = put_sha256, [FIELD_GROUP] = put_group,
	[FIELD_LIST] = put_list,     [FIELD_TEXTS] = put_texts,
};

void shape_json(struct json *j, const struct shape *s, const void *from,
                const char *without)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		if (put[f->kind] && !(without && strcmp(f->key, without) == 0))
			put[f->kind](j, f, from);
	}
}
