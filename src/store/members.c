/* SPDX-License-Identifier: Apache-2.0 */
#include "store/members.h"

#include <errno.h>

#include "base/cursor.h"

enum form { FORM_ARRAY = 0x11, FORM_RUNS = 0x12, FORM_BITMAP = 0x13 };

enum {
	BITMAP_BYTES = MEMBERS_BLOCK / 8,
	ARRAY_MAX = BITMAP_BYTES / 2, /* more are smaller as a bitmap */
};

/* ---- bits -------------------------------------------------------------- */

static void set_bit(uint64_t *words, uint32_t i)
{
	words[i / 64] |= (uint64_t)1 << i % 64;
}

static void clear_bit(uint64_t *words, uint32_t i)
{
	words[i / 64] &= ~((uint64_t)1 << i % 64);
}

/* Sets bits first..last, both included. */
static void set_range(uint64_t *words, uint32_t first, uint32_t last)
{
	uint64_t head = UINT64_MAX << first % 64;
	uint64_t tail = UINT64_MAX >> (63 - last % 64);

	if (first / 64 == last / 64) {
		words[first / 64] |= head & tail;
		return;
	}
	words[first / 64] |= head;
	for (uint32_t w = first / 64 + 1; w < last / 64; w++)
		words[w] = UINT64_MAX;
	words[last / 64] |= tail;
}

/* ---- reading ----------------------------------------------------------- */

static int read_array(struct cursor *c, uint64_t *words)
{
	int64_t before = -1;

	if (cursor_left(c) % 2 || cursor_left(c) / 2 > ARRAY_MAX)
		return -EUCLEAN;
	while (cursor_left(c)) {
		uint16_t member = cursor_u16le(c);
		if (member <= before)
			return -EUCLEAN;
		before = member;
		set_bit(words, member);
	}
	return 0;
}

static int read_runs(struct cursor *c, uint64_t *words)
{
	int64_t before = -2; /* the last member; runs do not touch */

	if (cursor_left(c) % 4 || cursor_left(c) > BITMAP_BYTES)
		return -EUCLEAN;
	while (cursor_left(c)) {
		uint32_t first = cursor_u16le(c);
		uint32_t last = first + cursor_u16le(c);
		if (first <= before + 1 || last >= MEMBERS_BLOCK)
			return -EUCLEAN;
		before = last;
		set_range(words, first, last);
	}
	return 0;
}

static int read_bitmap(struct cursor *c, uint64_t *words)
{
	if (cursor_left(c) != BITMAP_BYTES)
		return -EUCLEAN;
	for (size_t i = 0; i < MEMBERS_WORDS; i++)
		words[i] = cursor_u64le(c);
	return 0;
}

/* The members as bits; `words` is all zero before. */
static int read_set(struct slice set, uint64_t *words)
{
	struct cursor c = cursor_on(set);

	if (set.n == 0)
		return 0;
	switch (cursor_u8(&c)) {
	case FORM_ARRAY:
		return read_array(&c, words);
	case FORM_RUNS:
		return read_runs(&c, words);
	case FORM_BITMAP:
		return read_bitmap(&c, words);
	default:
		return -EUCLEAN;
	}
}

int members_apply(struct slice set, bool clear, uint64_t *words)
{
	uint64_t own[MEMBERS_WORDS] = {0};
	int r = read_set(set, own);

	if (r < 0)
		return r;
	for (size_t i = 0; i < MEMBERS_WORDS; i++)
		words[i] = clear ? words[i] & ~own[i] : words[i] | own[i];
	return 0;
}

static size_t count_bits(const uint64_t *words)
{
	size_t n = 0;

	for (size_t i = 0; i < MEMBERS_WORDS; i++)
		n += (size_t)__builtin_popcountll(words[i]);
	return n;
}

int members_count(struct slice set)
{
	uint64_t words[MEMBERS_WORDS] = {0};
	int r = read_set(set, words);

	return r < 0 ? r : (int)count_bits(words);
}

/* ---- writing ----------------------------------------------------------- */

static enum form smallest(size_t n_members, size_t n_runs)
{
	if (n_members <= 2 * n_runs)
		return n_members <= ARRAY_MAX ? FORM_ARRAY : FORM_BITMAP;
	return n_runs <= BITMAP_BYTES / 4 ? FORM_RUNS : FORM_BITMAP;
}

static void put_u16(struct str *out, uint32_t n)
{
	uint8_t b[2] = {(uint8_t)n, (uint8_t)(n >> 8)};

	str_add(out, slice_of(b, sizeof(b)));
}

static void put_form(struct str *out, enum form form)
{
	str_putc(out, (char)form);
}

static void write_array(const uint16_t *members, size_t n, struct str *out)
{
	uint8_t bytes[2 * ARRAY_MAX];

	for (size_t i = 0; i < n; i++) {
		bytes[2 * i] = (uint8_t)members[i];
		bytes[2 * i + 1] = (uint8_t)(members[i] >> 8);
	}
	put_form(out, FORM_ARRAY);
	str_add(out, slice_of(bytes, 2 * n));
}

static void write_runs(const uint16_t *members, size_t n, struct str *out)
{
	put_form(out, FORM_RUNS);
	for (size_t i = 0; i < n;) {
		size_t first = i++;
		while (i < n && members[i] == members[i - 1] + 1)
			i++;
		put_u16(out, members[first]);
		put_u16(out, (uint32_t)(i - first - 1));
	}
}

/* The next set bit at or after i, or MEMBERS_BLOCK. */
static uint32_t next_bit(const uint64_t *words, uint32_t i, uint64_t flip)
{
	while (i < MEMBERS_BLOCK) {
		uint64_t left = (words[i / 64] ^ flip) >> i % 64;
		if (left)
			return i + (uint32_t)__builtin_ctzll(left);
		i = (i / 64 + 1) * 64;
	}
	return MEMBERS_BLOCK;
}

static void write_bits_as_runs(const uint64_t *words, struct str *out)
{
	uint32_t first, end = 0;

	put_form(out, FORM_RUNS);
	while ((first = next_bit(words, end, 0)) < MEMBERS_BLOCK) {
		end = next_bit(words, first, UINT64_MAX);
		put_u16(out, first);
		put_u16(out, end - first - 1);
	}
}

static void write_bits_as_array(const uint64_t *words, struct str *out)
{
	put_form(out, FORM_ARRAY);
	for (uint32_t i = 0; (i = next_bit(words, i, 0)) < MEMBERS_BLOCK; i++)
		put_u16(out, i);
}

static void write_bitmap(const uint64_t *words, struct str *out)
{
	uint8_t bytes[BITMAP_BYTES];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(words[i / 8] >> i % 8 * 8);
	put_form(out, FORM_BITMAP);
	str_add(out, slice_of(bytes, sizeof(bytes)));
}

static void write_bits(const uint64_t *words, struct str *out)
{
	size_t n_runs = 0;
	uint64_t carry = 0; /* the bit before the word's first */

	for (size_t i = 0; i < MEMBERS_WORDS; i++) {
		uint64_t starts = words[i] & ~(words[i] << 1 | carry);
		n_runs += (size_t)__builtin_popcountll(starts);
		carry = words[i] >> 63;
	}
	switch (smallest(count_bits(words), n_runs)) {
	case FORM_ARRAY:
		write_bits_as_array(words, out);
		break;
	case FORM_RUNS:
		write_bits_as_runs(words, out);
		break;
	case FORM_BITMAP:
		write_bitmap(words, out);
		break;
	}
}

/* ---- changing ---------------------------------------------------------- */

/* Merges an array and changes, both ascending; as most postings are short,
 * this is the way that must be fast. Returns the number of members. */
static int merge(struct cursor *old, const uint32_t *changes, size_t n,
                 uint16_t *ret)
{
	int64_t before = -1;
	size_t i = 0, n_ret = 0;

	while (cursor_left(old)) {
		uint16_t member = cursor_u16le(old);
		if (member <= before)
			return -EUCLEAN;
		before = member;
		for (; i < n && changes[i] >> 1 < member; i++)
			if (changes[i] & 1)
				ret[n_ret++] = (uint16_t)(changes[i] >> 1);
		bool changed = i < n && changes[i] >> 1 == member;
		if (!changed || changes[i] & 1)
			ret[n_ret++] = member;
		i += changed;
	}
	for (; i < n; i++)
		if (changes[i] & 1)
			ret[n_ret++] = (uint16_t)(changes[i] >> 1);
	return (int)n_ret;
}

static int change_array(struct slice old, const uint32_t *changes, size_t n,
                        struct str *out)
{
	uint16_t members[ARRAY_MAX];
	struct cursor c = cursor_on(slice_from(old, 1));
	size_t n_runs = 0;

	if (cursor_left(&c) % 2)
		return -EUCLEAN;
	int n_members = merge(&c, changes, n, members);
	if (n_members < 0)
		return n_members;
	for (int i = 0; i < n_members; i++)
		n_runs += i == 0 || members[i] != members[i - 1] + 1;
	if (smallest((size_t)n_members, n_runs) == FORM_RUNS)
		write_runs(members, (size_t)n_members, out);
	else
		write_array(members, (size_t)n_members, out);
	return 0;
}

static int change_bits(struct slice old, const uint32_t *changes, size_t n,
                       struct str *out)
{
	uint64_t words[MEMBERS_WORDS] = {0};
	int r = read_set(old, words);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (changes[i] & 1)
			set_bit(words, changes[i] >> 1);
		else
			clear_bit(words, changes[i] >> 1);
	}
	write_bits(words, out);
	return 0;
}

int members_change(struct slice old, const uint32_t *changes, size_t n,
                   struct str *out)
{
	bool array = old.n == 0 || old.p[0] == FORM_ARRAY;

	return array && old.n / 2 + n <= ARRAY_MAX
	               ? change_array(old, changes, n, out)
	               : change_bits(old, changes, n, out);
}
