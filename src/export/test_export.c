/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "export/put.h"

static void holds(struct str *text, const char *expected)
{
	assert_false(str_failed(text));
	assert_string_equal(text->p ? text->p : "", expected);
	str_finish(text);
}

static void test_purl(void **state)
{
	static const struct {
		const char *ecosystem, *name, *version, *purl;
	} cases[] = {
		{"npm", "foobar", "12.3.1", "pkg:npm/foobar@12.3.1"},
		{"npm", "@Angular/animation", "12.3.1", "pkg:npm/%40angular/animation@12.3.1"},
		{"pypi", "Foo__Bar.-baz", "1.0+local", "pkg:pypi/foo-bar-baz@1.0%2Blocal"},
		{"rpm", "Lib_X++", "1:2.0-3", "pkg:rpm/Lib_X%2B%2B@1:2.0-3"},
		{"npm", "a/b", "", "pkg:npm/a%2Fb"},
		{"npm", "", "1", ""},
		{"deb", "curl", "7.50", ""}, /* of which distribution is not known */
		{"", "curl", "7.50", ""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct article a = {
			.ecosystem = cases[i].ecosystem,
			.name = slice_str(cases[i].name),
			.version = slice_str(cases[i].version),
		};
		struct str out = {0};
		put_purl(&out, &a);
		holds(&out, cases[i].purl);
	}
}

static void test_uri(void **state)
{
	struct str out = {0};

	put_uri_path(&out, SLICE("usr/a b/\xff%#?:\n~.so"));
	holds(&out, "usr/a%20b/%FF%25%23%3F%3A%0A~.so");
}

static void test_cut(void **state)
{
	struct str out = {0};

	put_shown(&out, SLICE("abcdef"), 6);
	holds(&out, "abcdef");
	put_shown(&out, SLICE("abcdef"), 3);
	holds(&out, "abc... (6 bytes)");
	/* Not within a character. */
	put_shown(&out, SLICE("ab\xc3\xa9"), 3);
	holds(&out, "ab... (4 bytes)");
	put_shown(&out, SLICE("\x1b[31m"), 100);
	holds(&out, "\\x1b[31m");
}

/* The same parts give the same, other borders of parts another. */
static void test_uuid(void **state)
{
	const struct slice one[] = {SLICE("ab"), SLICE("c")}, other[] = {SLICE("a"), SLICE("bc")};
	char a[UUID_SIZE], b[UUID_SIZE], c[UUID_SIZE], d[UUID_SIZE];

	assert_true(put_uuid(a, "x", one, 2));
	assert_true(put_uuid(b, "x", one, 2));
	assert_true(put_uuid(c, "x", other, 2));
	assert_true(put_uuid(d, "y", one, 2));
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_not_equal(a, d);
	assert_int_equal(a[14], '5');
	assert_non_null(strchr("89ab", a[19]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_purl),
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
