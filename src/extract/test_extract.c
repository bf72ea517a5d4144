/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "extract/extract.h"

static bool picks(const char *path, struct slice head, const char *name)
{
	const struct item item = {.path = slice_str(path), .in_root = true};
	const struct extractor *got[EXTRACT_PICK_MAX];
	size_t n = extract_pick(&item, head, got);

	for (size_t i = 0; i < n; i++)
		if (strcmp(got[i]->name, name) == 0)
			return true;
	return false;
}

static void probes_lead_to_their_extractor(void **state)
{
	static const struct {
		const char *path;
		struct slice head;
		const char *name;
		bool want;
	} cases[] = {
		{"/usr/bin/x", SLICE("\x7f" "ELF"), "elf", true},
		{"/usr/bin/x", SLICE("#!/bin/sh"), "elf", false},
		{"/a/b/package.json", SLICE("{}"), "npm", true},
		{"/a/b/package.jsonx", SLICE("{}"), "npm", false},
		{"/package.json", SLICE("{}"), "npm", true},
		{"/var/lib/dpkg/status", SLICE("Package: x"), "dpkg", true},
		{"/srv/root/var/lib/dpkg/status", SLICE("Package: x"), "dpkg", true},
		{"/etc/cron.d/job", SLICE("* * * * * root x"), "cron", true},
		{"/etc/cron.dx/job", SLICE("* * * * * root x"), "cron", false},
		{"/x/systemd/system/a.service", SLICE("[Unit]"), "systemd", true},
		{"/x/systemd/system/a.serviced", SLICE("[Unit]"), "systemd", false},
		{"/n/node_modules/a/LICENSE.md", SLICE("MIT"), "licence", true},
		{"/x.bin", SLICE("MZ"), "pe", true},
		{"/", SLICE(""), "pe", false},
		{"", SLICE(""), "npm", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (picks(cases[i].path, cases[i].head, cases[i].name) !=
		    cases[i].want)
			fail_msg("case %zu: %s", i, cases[i].path);
}

/* The table of extract.c would drop what is over its size. */
static void all_probes_fit_the_table(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; extractors[i]; i++) {
		size_t k = 0;
		while (k < EXTRACTOR_PROBES_MAX && (extractors[i]->probes[k].path ||
		                                    extractors[i]->probes[k].magic))
			k++;
		assert_true(k > 0);
		assert_true(extractors[i]->version > 0);
		n += k;
	}
	assert_true(n < 512);
}

static void errors_have_reasons(void **state)
{
	(void)state;
	assert_int_equal(extract_why(-EBADMSG), WHY_DAMAGED);
	assert_int_equal(extract_why(-EFBIG), WHY_TOO_LARGE);
	assert_int_equal(extract_why(-EACCES), WHY_ENCRYPTED);
	assert_int_equal(extract_why(-EIO), WHY_IO_ERROR);
}

static void a_program_is_installed_only_in_its_place(void **state)
{
	struct item item = {.path = SLICE("/opt/x/bin/y"), .in_root = true};

	(void)state;
	assert_int_equal(extract_file_state(&item), STATE_INSTALLED);
	item.in_root = false;
	assert_int_equal(extract_file_state(&item), STATE_STORED);
	item = (struct item){.path = SLICE("/home/u/y"), .in_root = true};
	assert_int_equal(extract_file_state(&item), STATE_STORED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_lead_to_their_extractor),
		cmocka_unit_test(all_probes_fit_the_table),
		cmocka_unit_test(errors_have_reasons),
		cmocka_unit_test(a_program_is_installed_only_in_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
