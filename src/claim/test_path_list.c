/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "claim/path_list.h"

static const struct {
	struct slice list;
	const char *paths[4];
	enum attr attrs[4];
} cases[] = {
	{SLICE("/usr\0a\0b/"), {"/usr/a", "/usr/b"}, {ATTR_PATH, ATTR_DIRECTORY}},
	{SLICE("/\0etc/\0vmlinuz"), {"/etc", "/vmlinuz"},
	 {ATTR_DIRECTORY, ATTR_PATH}},
	{SLICE("/usr"), {NULL}, {0}},
	{SLICE(""), {NULL}, {0}},
	{SLICE("/a\0/"), {"/a/"}, {ATTR_DIRECTORY}},
};

static void each_name_is_a_path(void **state)
{
	struct paths paths;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t n = 0;
		paths_begin(&paths, cases[i].list);
		for (; paths_next(&paths); n++) {
			assert_non_null(cases[i].paths[n]);
			assert_true(slice_eq(paths.path,
			                     slice_str(cases[i].paths[n])));
			assert_int_equal(paths.attr, cases[i].attrs[n]);
		}
		assert_null(cases[i].paths[n]);
	}
}

/* Whatever an inventory holds, nothing is written outside. */
static void a_list_over_the_limits_is_cut(void **state)
{
	static uint8_t list[4 * CLAIM_VALUE_MAX];
	struct paths paths;

	(void)state;
	memset(list, 'x', sizeof(list));
	list[2 * CLAIM_VALUE_MAX] = 0;
	paths_begin(&paths, slice_of(list, sizeof(list)));
	assert_true(paths_next(&paths));
	assert_int_equal(paths.path.n, 2 * CLAIM_VALUE_MAX);
	assert_false(paths_next(&paths));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_a_path),
		cmocka_unit_test(a_list_over_the_limits_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
