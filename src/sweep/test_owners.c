/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "sweep/owners.h"

static const struct siphash_key key = {1, 2};

static void own(struct owners *o, uint32_t source, const char *package,
                const char *path)
{
	const struct jail_package p = {.ecosystem = "deb",
	                               .name = slice_str(package)};
	uint64_t hash = siphash(&key, slice_str(path));
	assert_int_equal(owners_paths(o, source, &p, &hash, 1), 0);
}

static void a_path_has_the_owner_of_its_source(void **state)
{
	struct owners *o = owners_new(&key);
	struct owner got;

	(void)state;
	own(o, 0, "one", "usr/bin/x");
	own(o, 1, "two", "usr/bin/x");
	owners_settle(o);
	assert_true(owners_of(o, 0, SLICE("/usr/bin/x"), &got));
	assert_true(slice_eq(got.name, SLICE("one")));
	assert_true(owners_of(o, 1, SLICE("/usr/bin/x"), &got));
	assert_true(slice_eq(got.name, SLICE("two")));
	assert_false(owners_of(o, 2, SLICE("/usr/bin/x"), &got));
	assert_false(owners_of(o, 0, SLICE("/usr/bin/y"), &got));
	owners_free(o);
}

static void a_merged_usr_is_seen_through(void **state)
{
	struct owners *o = owners_new(&key);
	struct owner got;

	(void)state;
	own(o, 0, "libc6", "lib/x86_64-linux-gnu/libc.so.6");
	owners_settle(o);
	assert_true(owners_of(o, 0, SLICE("/usr/lib/x86_64-linux-gnu/libc.so.6"),
	                      &got));
	assert_true(slice_eq(got.name, SLICE("libc6")));
	owners_free(o);
}

static void what_is_stated_later_completes_a_package(void **state)
{
	struct owners *o = owners_new(&key);
	struct owner got;
	struct slice maker;
	const struct jail_package full = {.ecosystem = "deb",
	                                  .name = SLICE("kesl"),
	                                  .version = SLICE("12.1"),
	                                  .maker = SLICE("Examplesoft")};

	(void)state;
	own(o, 0, "kesl", "opt/x");
	assert_int_equal(owners_package(o, 0, &full), 0);
	owners_settle(o);
	assert_true(owners_of(o, 0, SLICE("/opt/x"), &got));
	assert_true(slice_eq(got.version, SLICE("12.1")));
	assert_true(owners_maker(o, 0, SLICE("deb"), SLICE("kesl"), &maker));
	assert_true(slice_eq(maker, SLICE("Examplesoft")));
	assert_false(owners_maker(o, 0, SLICE("rpm"), SLICE("kesl"), &maker));
	owners_free(o);
}

static void a_hundred_thousand_paths_are_all_found(void **state)
{
	struct owners *o = owners_new(&key);
	struct owner got;
	char path[32], package[32];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(path, sizeof(path), "usr/share/%d", i);
		(void)snprintf(package, sizeof(package), "p%d", i % 3000);
		own(o, 0, package, path);
	}
	owners_settle(o);
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(path, sizeof(path), "/usr/share/%d", i);
		(void)snprintf(package, sizeof(package), "p%d", i % 3000);
		assert_true(owners_of(o, 0, slice_str(path), &got));
		assert_true(slice_eq(got.name, slice_str(package)));
	}
	owners_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_has_the_owner_of_its_source),
		cmocka_unit_test(a_merged_usr_is_seen_through),
		cmocka_unit_test(what_is_stated_later_completes_a_package),
		cmocka_unit_test(a_hundred_thousand_paths_are_all_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
