/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structs as flat bytes: numbers little-endian, a text as its length and its
 * bytes, a list as its length and its entries. Whoever reads them trusts
 * nothing of it: every length, word and number is checked as in the JSON form.
 */
#include <errno.h>

#include "base/cursor.h"
#include "base/text.h"
#include "claim/claim.h"
#include "plan/plan.h"
#include "plan/shape.h"

static const void *at(const void *from, size_t offset)
{
	return (const uint8_t *)from + offset;
}

#define VALUE(type, from, f) (*(__typeof__(type) const *)at(from, (f)->at))

static void put_number(struct str *out, uint64_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(n >> (8 * i));
	str_add(out, slice_of(bytes, sizeof(bytes)));
}

static void put_bytes(struct str *out, struct slice bytes)
{
	put_number(out, bytes.n);
	str_add(out, bytes);
}

static void put_list(struct str *out, const struct field *f, const void *from)
{
	const uint8_t *items = VALUE(const uint8_t *, from, f);
	size_t n = *(const size_t *)at(from, f->count_at);

	put_number(out, n);
	for (size_t i = 0; i < n; i++) {
		if (f->kind == FIELD_TEXTS)
			put_bytes(out, ((const struct slice *)(const void *)items)[i]);
		else
			shape_pack(out, f->shape, items + i * f->shape->size);
	}
}

static void put_field(struct str *out, const struct field *f, const void *from)
{
	switch (f->kind) {
	case FIELD_TEXT:
		put_bytes(out, VALUE(struct slice, from, f));
		break;
	case FIELD_CHARS:
		put_bytes(out, slice_str(at(from, f->at)));
		break;
	case FIELD_ECOSYSTEM:
		put_bytes(out, slice_str(VALUE(const char *, from, f)));
		break;
	case FIELD_SHA256:
		str_add(out, slice_of(at(from, f->at), PLAN_SHA256_BYTES));
		break;
	case FIELD_WORD:
		put_number(out, VALUE(unsigned, from, f));
		break;
	case FIELD_BOOL:
	case FIELD_FILLED:
		put_number(out, VALUE(bool, from, f));
		break;
	case FIELD_U32:
		put_number(out, VALUE(uint32_t, from, f));
		break;
	case FIELD_U64:
	case FIELD_DIGITS:
	case FIELD_I64:
		put_number(out, VALUE(uint64_t, from, f));
		break;
	case FIELD_GROUP:
		shape_pack(out, f->shape, from);
		break;
	case FIELD_LIST:
	case FIELD_TEXTS:
		put_list(out, f, from);
		break;
	default:
		break;
	}
}

void shape_pack(struct str *out, const struct shape *s, const void *from)
{
	for (size_t i = 0; i < s->n; i++)
		put_field(out, &s->fields[i], from);
}

/* ---- and back ---- */

struct unpacking {
	struct cursor c;
	struct arena *mem;
};

static int take_struct(struct unpacking *u, const struct shape *s, void *to);

static void *slot(void *to, size_t offset)
{
	return (uint8_t *)to + offset;
}

static int take_number(struct unpacking *u, uint64_t most, uint64_t *ret)
{
	*ret = cursor_u64le(&u->c);
	return cursor_failed(&u->c) || *ret > most ? -EBADMSG : 0;
}

/* Borrowed from the input. */
static int borrow(struct unpacking *u, uint64_t most, struct slice *ret)
{
	uint64_t n;

	if (take_number(u, most, &n) < 0 || n > cursor_left(&u->c))
		return -EBADMSG;
	*ret = cursor_take(&u->c, n);
	return 0;
}

static int take_text(struct unpacking *u, uint64_t most, struct slice *ret)
{
	struct slice text;

	if (borrow(u, most, &text) < 0)
		return -EBADMSG;
	*ret = arena_copy(u->mem, text);
	return ret->p ? 0 : -ENOMEM;
}

static int take_chars(struct unpacking *u, const struct field *f, void *to)
{
	struct slice text;

	if (borrow(u, f->limit - 1, &text) < 0 || !text_is_utf8(text) ||
	    (text.n && memchr(text.p, 0, text.n)))
		return -EBADMSG;
	if (text.n)
		memcpy(slot(to, f->at), text.p, text.n);
	return 0;
}

static int take_ecosystem(struct unpacking *u, const struct field *f, void *to)
{
	struct slice text;

	if (borrow(u, SHAPE_TEXT_MAX, &text) < 0)
		return -EBADMSG;
	const char *name = ecosystem_by_name(text);
	*(const char **)slot(to, f->at) = name;
	return name ? 0 : -EBADMSG;
}

static int take_word(struct unpacking *u, const struct field *f, void *to)
{
	uint64_t n;

	if (take_number(u, UINT8_MAX, &n) < 0)
		return -EBADMSG;
	for (unsigned i = 0; i <= n; i++)
		if (!f->word(i))
			return -EBADMSG;
	*(unsigned *)slot(to, f->at) = (unsigned)n;
	return 0;
}

static int take_bool(struct unpacking *u, const struct field *f, void *to)
{
	uint64_t n;
	int code = take_number(u, 1, &n);

	if (code == 0)
		*(bool *)slot(to, f->at) = n == 1;
	return code;
}

static int take_u32(struct unpacking *u, const struct field *f, void *to)
{
	uint64_t n;
	int code = take_number(u, f->limit ? f->limit : UINT32_MAX, &n);

	if (code == 0)
		*(uint32_t *)slot(to, f->at) = (uint32_t)n;
	return code;
}

static int take_sha256(struct unpacking *u, const struct field *f, void *to)
{
	struct slice bytes = cursor_take(&u->c, PLAN_SHA256_BYTES);

	if (bytes.n != PLAN_SHA256_BYTES)
		return -EBADMSG;
	memcpy(slot(to, f->at), bytes.p, bytes.n);
	return 0;
}

/* An entry takes at least a byte, so a length cannot ask for more memory than
 * some multiple of what was sent. */
static int take_list(struct unpacking *u, const struct field *f, void *to)
{
	size_t size = f->kind == FIELD_TEXTS ? sizeof(struct slice) : f->shape->size;
	uint64_t n;

	if (take_number(u, f->limit, &n) < 0 || n > cursor_left(&u->c))
		return -EBADMSG;
	uint8_t *items = arena_zalloc(u->mem, n, size);
	for (uint64_t i = 0; items && i < n; i++) {
		int code = f->kind == FIELD_TEXTS
		                   ? take_text(u, SHAPE_TEXT_MAX,
		                               (struct slice *)(void *)(items + i * size))
		                   : take_struct(u, f->shape, items + i * size);
		if (code < 0)
			return code;
	}
	*(void **)slot(to, f->at) = items;
	*(size_t *)slot(to, f->count_at) = n;
	return items ? 0 : -ENOMEM;
}

static int take_field(struct unpacking *u, const struct field *f, void *to)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return take_text(u, f->limit, slot(to, f->at));
	case FIELD_CHARS:
		return take_chars(u, f, to);
	case FIELD_ECOSYSTEM:
		return take_ecosystem(u, f, to);
	case FIELD_WORD:
		return take_word(u, f, to);
	case FIELD_BOOL:
	case FIELD_FILLED:
		return take_bool(u, f, to);
	case FIELD_U32:
		return take_u32(u, f, to);
	case FIELD_U64:
		return take_number(u, f->limit ? f->limit : INT64_MAX, slot(to, f->at));
	case FIELD_DIGITS:
	case FIELD_I64:
		return take_number(u, UINT64_MAX, slot(to, f->at));
	case FIELD_SHA256:
		return take_sha256(u, f, to);
	case FIELD_GROUP:
		return take_struct(u, f->shape, to);
	case FIELD_LIST:
	case FIELD_TEXTS:
		return take_list(u, f, to);
	default:
		return 0;
	}
}

static int take_struct(struct unpacking *u, const struct shape *s, void *to)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < s->n; i++)
		code = take_field(u, &s->fields[i], to);
	return code;
}

int shape_unpack(struct slice bytes, const struct shape *s, struct arena *mem,
                 struct err *e, void *ret)
{
	struct unpacking u = {cursor_on(bytes), mem};
	int code = take_struct(&u, s, ret);

	if (code == 0 && cursor_left(&u.c) > 0)
		code = -EBADMSG;
	if (code == -EBADMSG)
		return err_set(e, code, "the bytes at %zu are not what was agreed", u.c.at);
	return code;
}
