/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/members.h"
#include "store/numbers.h"

static uint64_t seed = 20240917;

static uint32_t draw(uint32_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static bool bit(const uint64_t *words, uint32_t i)
{
	return words[i / 64] >> i % 64 & 1;
}

/* Random changes, ascending, made to `plain` too. */
static size_t draw_changes(uint32_t *changes, uint64_t *plain, size_t n,
                           unsigned density)
{
	size_t n_changes = 0;

	for (uint32_t i = draw(97); i < MEMBERS_BLOCK && n_changes < n;
	     i += 1 + draw(density)) {
		bool comes = draw(3) != 0;
		changes[n_changes++] = members_change_of((uint16_t)i, comes);
		uint64_t mask = (uint64_t)1 << i % 64;
		plain[i / 64] = comes ? plain[i / 64] | mask : plain[i / 64] & ~mask;
	}
	return n_changes;
}

static size_t sizes_of(const uint64_t *plain, size_t *ret_n)
{
	size_t n = 0, runs = 0;

	for (uint32_t i = 0; i < MEMBERS_BLOCK; i++) {
		n += bit(plain, i);
		runs += bit(plain, i) && (i == 0 || !bit(plain, i - 1));
	}
	*ret_n = n;
	size_t smallest = n * 2 < runs * 4 ? n * 2 : runs * 4;
	return 1 + (smallest < 8192 ? smallest : 8192);
}

static void assert_same(struct slice set, const uint64_t *plain)
{
	uint64_t words[MEMBERS_WORDS] = {0};
	size_t n;

	assert_int_equal(set.n, sizes_of(plain, &n));
	assert_int_equal(members_count(set), n);
	assert_int_equal(members_apply(set, false, words), 0);
	assert_memory_equal(words, plain, sizeof(words));
	memset(words, 0xff, sizeof(words));
	assert_int_equal(members_apply(set, true, words), 0);
	for (size_t i = 0; i < MEMBERS_WORDS; i++)
		assert_true(words[i] == ~plain[i]);
}

static void a_set_is_what_a_plain_bitmap_is_and_smallest(void **state)
{
	static const unsigned densities[] = {1, 2, 3, 8, 40, 700, 9000, 40000};
	static uint32_t changes[MEMBERS_BLOCK];

	for (size_t round = 0; round < 60; round++) {
		uint64_t plain[MEMBERS_WORDS] = {0};
		struct str set = {0}, next = {0};
		for (size_t i = 0; i < 12; i++) {
			size_t n = draw_changes(changes, plain, 1 + draw(MEMBERS_BLOCK),
			                        densities[draw(COUNT_OF(densities))]);
			str_clear(&next);
			assert_int_equal(members_change(str_slice(&set), changes, n,
			                                &next), 0);
			assert_same(str_slice(&next), plain);
			struct str swap = set;
			set = next;
			next = swap;
		}
		str_finish(&set);
		str_finish(&next);
	}
}

static void equal_sets_have_equal_bytes(void **state)
{
	uint32_t up[300], even[150], odd[150];
	struct str a = {0}, b = {0}, c = {0};

	for (uint16_t i = 0; i < 300; i++)
		up[i] = members_change_of(i, true);
	for (uint16_t i = 0; i < 150; i++) {
		even[i] = members_change_of(2 * i, true);
		odd[i] = members_change_of(2 * i + 1, true);
	}
	assert_int_equal(members_change(slice_of(NULL, 0), up, 300, &a), 0);
	assert_int_equal(members_change(slice_of(NULL, 0), odd, 150, &b), 0);
	assert_int_equal(members_change(str_slice(&b), even, 150, &c), 0);
	assert_true(slice_eq(str_slice(&a), str_slice(&c)));
	assert_int_equal(a.n, 5); /* one run */
	str_finish(&a);
	str_finish(&b);
	str_finish(&c);
}

static void the_ends_of_a_block_are_kept(void **state)
{
	uint32_t ends[] = {members_change_of(0, true),
	                   members_change_of(65535, true)};
	struct str set = {0}, gone = {0};

	assert_int_equal(members_change(slice_of(NULL, 0), ends, 2, &set), 0);
	assert_int_equal(members_count(str_slice(&set)), 2);
	ends[0] = members_change_of(0, false);
	ends[1] = members_change_of(65535, false);
	assert_int_equal(members_change(str_slice(&set), ends, 2, &gone), 0);
	assert_int_equal(members_count(str_slice(&gone)), 0);
	str_finish(&set);
	str_finish(&gone);
}

static void bytes_that_are_no_set_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{"\x10", 1},                     /* no such form */
		{"\x11\x01", 2},                 /* half a member */
		{"\x11\x02\x00\x01\x00", 5},     /* not ascending */
		{"\x11\x02\x00\x02\x00", 5},     /* twice */
		{"\x12\x01\x00\x05", 4},         /* half a run */
		{"\x12\xff\xff\x01\x00", 5},     /* over the end */
		{"\x12\x00\x00\x05\x00\x03\x00\x01\x00", 9}, /* overlapping */
		{"\x13\x00", 2},                 /* a short bitmap */
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		uint64_t words[MEMBERS_WORDS] = {0};
		struct slice set = slice_of(bad[i].bytes, bad[i].n);
		if (members_apply(set, false, words) == 0)
			fail_msg("set %zu was taken", i);
		assert_true(members_count(set) < 0);
	}
}

static void numbers_are_packed_and_back(void **state)
{
	for (size_t round = 0; round < 200; round++) {
		struct numbers a = {0}, b = {0};
		struct str packed = {0};
		for (uint32_t i = draw(2000); i > 0; i--)
			numbers_add(&a, 1 + draw(round % 2 ? 3000 : UINT32_MAX >> 1));
		numbers_sort(&a);
		numbers_pack(&a, &packed);
		assert_int_equal(numbers_unpack(str_slice(&packed), &b), 0);
		assert_int_equal(a.n, b.n);
		if (a.n)
			assert_memory_equal(a.v, b.v, a.n * sizeof(*a.v));
		numbers_finish(&a);
		numbers_finish(&b);
		str_finish(&packed);
	}
}

static void minus_and_union_are_those_of_sets(void **state)
{
	for (size_t round = 0; round < 100; round++) {
		struct numbers a = {0}, b = {0}, left = {0}, both = {0};
		bool in_a[200] = {0}, in_b[200] = {0};
		for (uint32_t i = 1; i < 200; i++) {
			if ((in_a[i] = draw(2)))
				numbers_add(&a, i);
			if ((in_b[i] = draw(3) == 0))
				numbers_add(&b, i);
		}
		numbers_minus(&a, &b, &left);
		numbers_union(&a, &b, &both);
		size_t n_left = 0, n_both = 0;
		for (uint32_t i = 1; i < 200; i++) {
			if (in_a[i] && !in_b[i])
				assert_int_equal(left.v[n_left++], i);
			if (in_a[i] || in_b[i])
				assert_int_equal(both.v[n_both++], i);
		}
		assert_int_equal(left.n, n_left);
		assert_int_equal(both.n, n_both);
		numbers_finish(&a);
		numbers_finish(&b);
		numbers_finish(&left);
		numbers_finish(&both);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_what_a_plain_bitmap_is_and_smallest),
		cmocka_unit_test(equal_sets_have_equal_bytes),
		cmocka_unit_test(the_ends_of_a_block_are_kept),
		cmocka_unit_test(bytes_that_are_no_set_are_refused),
		cmocka_unit_test(numbers_are_packed_and_back),
		cmocka_unit_test(minus_and_union_are_those_of_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
