/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of lists of hosts, as people and spreadsheets write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/expect.h"

static void lines_are_read_or_refused(void **)
{
	static const struct {
		const char *line, *name, *unit; /* name NULL: refused */
		bool first;
	} cases[] = {
		{"web1", "web1", "", false},
		{"web1,treasury/irs\r\n", "web1", "treasury/irs", false},
		{"  web1 , treasury ", "web1", "treasury", false},
		{"\"a,b\",\"say \"\"x\"\"\"", "a,b", "say \"x\"", false},
		{"web1,", "web1", "", false},
		{"", "", "", false},
		{"# a comment, with a comma", "", "", false},
		{"host,unit", "", "", true},
		{"Name,Unit", "", "", true},
		{"host,unit", "host", "unit", false},
		{",treasury", NULL, NULL, false},
		{"a,b,c", NULL, NULL, false},
		{"a,b,c", NULL, NULL, true},
		{"name", "name", "", true},
		{"a,\xff", NULL, NULL, false},
		{"\"a", NULL, NULL, false},
		{"\"a\"b", NULL, NULL, false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct store_host host;
		struct expect x;
		expect_init(&x);
		bool good = expect_line(&x, slice_str(cases[i].line), cases[i].first,
		                        &host);
		if (good != (cases[i].name != NULL) ||
		    (good && (!slice_eq(host.name, slice_str(cases[i].name)) ||
		              !slice_eq(host.unit, slice_str(cases[i].unit)))))
			fail_msg("case %zu: %s", i, cases[i].line);
		if (!good)
			assert_non_null(x.why);
		expect_finish(&x);
	}
}

/* A header, a line after it, and the host that it says; name NULL: refused. */
static void other_columns_are_labels(void **)
{
	static const struct {
		const char *header, *line, *name, *unit, *labels;
	} cases[] = {
		{"host,unit,site", "w,a/b,Bonn", "w", "a/b", "{\"site\": \"Bonn\"}"},
		{"owner,NAME,tier", "\"x, \"\"y\"\"\",w,1", "w", "",
		 "{\"owner\": \"x, \\\"y\\\"\", \"tier\": \"1\"}"},
		{"host,site,owner", "w,,", "w", "", ""},
		{"host,site,owner", "w", "w", "", ""},
		{"host,site", "w,Bonn,more", NULL, NULL, NULL},
		{"site,host", "Bonn", NULL, NULL, NULL},
		{"site,host", "# Bonn", "", "", ""},
	};
	static const char *const bad_headers[] = {
		"host,name", "host,unit,Unit", "host,a,a", "host,", "host,a=b",
		"host,\"a\tb\"",
		"host,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};
	struct store_host host;
	struct expect x;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		expect_init(&x);
		assert_true(expect_line(&x, slice_str(cases[i].header), true, &host));
		assert_int_equal(host.name.n, 0);
		bool good = expect_line(&x, slice_str(cases[i].line), false, &host);
		if (good != (cases[i].name != NULL) ||
		    (good && (!slice_eq(host.name, slice_str(cases[i].name)) ||
		              !slice_eq(host.unit, slice_str(cases[i].unit)) ||
		              !slice_eq(host.labels, slice_str(cases[i].labels)))))
			fail_msg("case %zu: %s: %.*s", i, cases[i].line,
			         SLICE_ARG(host.labels));
		expect_finish(&x);
	}
	for (size_t i = 0; i < COUNT_OF(bad_headers); i++) {
		expect_init(&x);
		if (expect_line(&x, slice_str(bad_headers[i]), true, &host))
			fail_msg("%s", bad_headers[i]);
		expect_finish(&x);
	}
}

static void as_many_columns_as_there_may_be(void **)
{
	struct str line = {0};
	struct store_host host;
	struct expect x;

	expect_init(&x);
	str_puts(&line, "host");
	for (int i = 1; i < EXPECT_COLUMNS_MAX; i++)
		str_printf(&line, ",c%d", i);
	assert_true(expect_line(&x, str_slice(&line), true, &host));
	str_puts(&line, ",more");
	assert_false(expect_line(&x, str_slice(&line), false, &host));
	str_finish(&line);
	expect_finish(&x);
}

static void a_name_over_the_limit_is_refused(void **)
{
	char name[EXPECT_NAME_MAX + 2];
	struct store_host host;
	struct expect x;

	expect_init(&x);
	memset(name, 'x', sizeof(name));
	assert_true(expect_line(&x, slice_of(name, EXPECT_NAME_MAX), false, &host));
	assert_false(expect_line(&x, slice_of(name, EXPECT_NAME_MAX + 1), false,
	                         &host));
	expect_finish(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_or_refused),
		cmocka_unit_test(other_columns_are_labels),
		cmocka_unit_test(as_many_columns_as_there_may_be),
		cmocka_unit_test(a_name_over_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
