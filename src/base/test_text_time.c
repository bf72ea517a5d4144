/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/text.h"

static const struct {
	int64_t at;
	const char *text;
} cases[] = {
	{0, "1970-01-01T00:00:00Z"},
	{951782400, "2000-02-29T00:00:00Z"},
	{4102444799, "2099-12-31T23:59:59Z"},
};

/* Whatever the zone that the process runs in. */
static void a_time_is_written_in_utc(void **state)
{
	char text[TEXT_TIME_SIZE];

	(void)state;
	assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(text_time(cases[i].at, text));
		assert_string_equal(text, cases[i].text);
	}
}

static void a_time_beyond_the_calendar_is_refused(void **state)
{
	char text[TEXT_TIME_SIZE] = "before";

	(void)state;
	assert_false(text_time(INT64_MAX, text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_in_utc),
		cmocka_unit_test(a_time_beyond_the_calendar_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
