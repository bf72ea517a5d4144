/* SPDX-License-Identifier: Apache-2.0 */
/* The table of managers and how its arguments are filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/str.h"
#include "plan/manager.h"

static struct arena mem;

static int begin(void **state)
{
	(void)state;
	arena_init(&mem, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

/* The words with a blank after each, in mem. */
static const char *joined(char **argv)
{
	const char *text = "";

	for (size_t i = 0; argv && argv[i]; i++)
		text = arena_printf(&mem, "%s%s ", text, argv[i]);
	assert_non_null(argv);
	assert_non_null(text);
	return text;
}

static const struct plan_package *package(const char *name, const char *version,
                                          const char *arch)
{
	static struct plan_package p;

	p = (struct plan_package){.name = slice_str(name), .version = slice_str(version),
	                          .arch = slice_str(arch)};
	return &p;
}

static const char *removal(const char *ecosystem, const struct plan_package *p, size_t n)
{
	const struct manager *m = manager_of(ecosystem);

	assert_non_null(m);
	return joined(manager_argv(m->remove, m, "/r", p, n, NULL, &mem));
}

static void packages_are_spelled_as_managers_do(void **)
{
	static const struct {
		const char *ecosystem, *arch, *expect;
	} cases[] = {
		{"deb", "amd64", "dpkg --root=/r --purge one:amd64 "},
		{"deb", "all", "dpkg --root=/r --purge one "},
		{"deb", "", "dpkg --root=/r --purge one "},
		{"rpm", "x86_64", "rpm --root /r -e one.x86_64 "},
		{"rpm", "(none)", "rpm --root /r -e one "},
		{"rpm", "noarch", "rpm --root /r -e one.noarch "},
		{"alpm", "any", "pacman --config /dev/null --root /r --dbpath /r/var/lib/pacman"
		 " -Rn --noconfirm -- one "},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(removal(cases[i].ecosystem,
		                            package("one", "1.0", cases[i].arch), 1),
		                    cases[i].expect);
}

/* A name is data: what looks like a place-holder, an option or a blank in it
 * makes no other word. */
static void names_are_not_read(void **)
{
	static const struct plan_package several[] = {
		{.name = {(const uint8_t *)"a b", 3}},
		{.name = {(const uint8_t *)"@ROOT@", 6}},
		{.name = {(const uint8_t *)"@ARCH@@NAME@", 12}},
		{.name = {(const uint8_t *)"--all", 5}},
	};
	const struct manager *m = manager_of("alpm");
	char **argv = manager_argv(m->remove, m, "/r", several, COUNT_OF(several), NULL, &mem);
	size_t n = 0;

	assert_non_null(argv);
	while (argv[n])
		n++;
	assert_true(n > COUNT_OF(several));
	assert_string_equal(argv[n - 4], "a b");
	assert_string_equal(argv[n - 3], "@ROOT@");
	assert_string_equal(argv[n - 2], "@ARCH@@NAME@");
	assert_string_equal(argv[n - 1], "--all");
	assert_string_equal(argv[n - 5], "--");
}

static void files_and_roots_are_filled_in(void **)
{
	const struct manager *m = manager_of("deb");

	assert_string_equal(joined(manager_argv(m->install_file, m, "/a b", NULL, 0, "/x.deb",
	                                        &mem)),
	                    "dpkg --root=/a b --force-confold --install /x.deb ");
	assert_string_equal(joined(manager_argv(m->check, m, "/", NULL, 0, NULL, &mem)),
	                    "dpkg --root=/ --audit ");
	assert_string_equal(removal("deb", NULL, 0), "dpkg --root=/r --purge ");
}

/* As many words as a template may have, without a NULL behind them. */
static void a_full_template_ends(void **)
{
	static const char *const full[MANAGER_ARGV_MAX] = {
		"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "@PACKAGES@"};
	static const struct plan_package several[] = {
		{.name = {(const uint8_t *)"x", 1}}, {.name = {(const uint8_t *)"y", 1}}};

	assert_string_equal(joined(manager_argv(full, manager_of("alpm"), "/", several, 2, NULL,
	                                        &mem)),
	                    "0 1 2 3 4 5 6 7 8 9 10 x y ");
}

static void nobody_knows_it(void **)
{
	assert_null(manager_of("none"));
	assert_null(manager_of(""));
}

/* What debar carries out needs everything; what it leaves to a person needs the
 * words for one, and has no arguments that nobody ever ran. */
static void the_table_is_whole(void **)
{
	for (size_t i = 0; i < n_managers; i++) {
		const struct manager *m = &managers[i];
		assert_ptr_equal(manager_of(m->ecosystem), m);
		assert_non_null(m->people[0]);
		for (size_t k = 0; k < MANAGER_PEOPLE_MAX && m->people[k]; k++)
			assert_non_null(strstr(m->people[k], "@PACKAGES@"));
		assert_non_null(strstr(m->spelling, "@NAME@"));
		assert_int_equal(m->tried, m->simulate[0] != NULL);
		assert_int_equal(m->tried, m->remove[0] != NULL);
		assert_int_equal(m->tried, m->install_file[0] != NULL);
		assert_int_equal(m->tried, m->check[0] != NULL);
		assert_int_equal(m->tried, m->databases[0] != NULL);
		for (size_t k = 0; k < MANAGER_PATHS_MAX && m->databases[k]; k++) {
			assert_true(plan_path_ok(slice_str(m->databases[k])));
			assert_true(k + 1 < MANAGER_PATHS_MAX);
		}
	}
}

/* A person is told what that root has. */
static void words_fit_the_root(void **)
{
	const struct manager *rpm = manager_of("rpm");
	size_t n = 0;

	for (; manager_programs[n]; n++) {
		const char *words = manager_words(rpm, 1u << n);
		const size_t length = strlen(manager_programs[n]);
		assert_int_equal(strncmp(words, manager_programs[n], length), 0);
		assert_int_equal(words[length], ' ');
	}
	assert_int_equal(n, 4);
	assert_string_equal(manager_words(rpm, 0), "dnf remove @PACKAGES@");
	assert_string_equal(manager_words(rpm, 3), "dnf remove @PACKAGES@");
	assert_string_equal(manager_words(manager_of("deb"), 15), "apt-get purge @PACKAGES@");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_are_spelled_as_managers_do),
		cmocka_unit_test(names_are_not_read),
		cmocka_unit_test(files_and_roots_are_filled_in),
		cmocka_unit_test(a_full_template_ends),
		cmocka_unit_test(nobody_knows_it),
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(words_fit_the_root),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
