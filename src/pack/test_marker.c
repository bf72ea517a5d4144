/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pack/pack.h"

#define B(text) {(const uint8_t *)(text), sizeof(text) - 1}

static struct slice values_ab[] = {B("a"), B("b")},
	values_ba[] = {B("b"), B("a"), B("b")}, value_joined[] = {B("ab")};

static struct test ab = {.kind = TEST_BYTES, .values = values_ab, .n_values = 2},
	ba = {.kind = TEST_BYTES, .values = values_ba, .n_values = 3},
	a = {.kind = TEST_BYTES, .values = values_ab, .n_values = 1},
	b = {.kind = TEST_BYTES, .values = values_ba, .n_values = 1},
	joined = {.kind = TEST_BYTES, .values = value_joined, .n_values = 1},
	name = {.kind = TEST_NAME, .values = values_ab, .n_values = 2};

static void digest(const struct mark *mark, char ret[33])
{
	assert_int_equal(pack_marker_digest(mark, ret), 1);
	assert_int_equal(strlen(ret), 32);
}

static void assert_same(const struct mark *x, const struct mark *y, bool same)
{
	char one[33], other[33];

	digest(x, one);
	digest(y, other);
	assert_int_equal(strcmp(one, other) == 0, same);
}

static void it_tells_the_bytes_and_nothing_else(void **)
{
	const struct mark plain = {.id = "x/1", .test = &ab},
		other_order = {.id = "x/2", .test = &ba, .strength = STRENGTH_WEAK},
		split_all = {.test = &a, .all = (struct test *[]){&b}, .n_all = 1},
		split_any = {.test = &b, .any = (struct test *[]){&a}, .n_any = 1},
		split_not = {.test = &name, .unless = (struct test *[]){&ab, &name},
		             .n_unless = 2},
		less = {.test = &a}, as_one = {.test = &joined};

	assert_same(&plain, &other_order, true);
	assert_same(&plain, &split_all, true);
	assert_same(&plain, &split_any, true);
	assert_same(&plain, &split_not, true);
	assert_same(&plain, &less, false);
	assert_same(&plain, &as_one, false);
}

/* Hosts keep digests: a new version of the program must give the old ones. */
static void it_stays_what_it_was(void **)
{
	const struct mark plain = {.test = &ab};
	char hex[33];

	digest(&plain, hex);
	assert_string_equal(hex, "cf6ab613e3942391f88ed698557e1680");
}

static void a_mark_without_bytes_has_none(void **)
{
	const struct mark plain = {.test = &name};
	char hex[33] = "x";

	assert_int_equal(pack_marker_digest(&plain, hex), 0);
	assert_string_equal(hex, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_the_bytes_and_nothing_else),
		cmocka_unit_test(it_stays_what_it_was),
		cmocka_unit_test(a_mark_without_bytes_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
