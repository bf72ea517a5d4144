/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_util.h"

extern const struct extractor extract_dpkg;
extern const struct extractor extract_dpkg_list;
extern const struct extractor extract_copyright;

#define STATUS "/var/lib/dpkg/status"

static void a_stanza_is_a_package(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_dpkg, STATUS,
		SLICE("Package: agent\n"
		      "Status: install ok installed\n"
		      "Maintainer: A B <a@example.org>\n"
		      "Original-Maintainer: C <c@example.org>\n"
		      "Source: agent-src (1.2)\n"
		      "Version: 12.1\n"
		      "Vendor: AO Example Lab\n"
		      "Origin:  Example \n"
		      "Homepage: https://example.org/\n"
		      "Description: short\n"
		      " Package: not one\n"
		      "Built-Using: gcc-12 (= 12.2),\n"
		      " zlib (= 1)\n"
		      "Static-Built-Using: rust-nix (= 0.26)\n"
		      "X-Cargo-Built-Using: rust-atty (= 0.2.14-2)\n"),
		"package installed deb name=agent version=12.1\n"
		"  package.name=agent @9+5\n"
		"  package.maintainer=A B <a@example.org> @56+19\n"
		"  package.maintainer=C <c@example.org> @97+17\n"
		"  package.source=agent-src @123+9\n"
		"  package.vendor=AO Example Lab @161+14\n"
		"  package.vendor=Example @185+7\n"
		"  package.url=https://example.org/ @204+20\n"
		"  package.built-using=gcc-12 @275+6\n"
		"  package.built-using=zlib @293+4\n"
		"  package.built-using=rust-nix @324+8\n"
		"  package.built-using=rust-atty @363+9\n");
}

static void the_last_word_of_status_decides(void **state)
{
	static const struct {
		const char *status, *state;
	} cases[] = {
		{"install ok installed", "installed"},
		{"hold ok installed", "installed"},
		{"deinstall ok config-files", "residue"},
		{"install reinstreq half-installed", "installed"},
		{"install ok unpacked", "installed"},
		{"install ok half-configured", "installed"},
		{"install ok triggers-awaited", "installed"},
		{"install ok triggers-pending", "installed"},
		{"unknown ok not-installed", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[200], expected[200] = "";
		(void)snprintf(text, sizeof(text), "Package: a\nStatus: %s\n",
		               cases[i].status);
		if (cases[i].state)
			(void)snprintf(expected, sizeof(expected),
			               "package %s deb name=a\n"
			               "  package.name=a @9+1\n"
			               "  package.source=a @9+1\n",
			               cases[i].state);
		EXPECT_EXTRACT(&extract_dpkg, STATUS, slice_str(text), expected);
	}
}

static void stanzas_of_status_d_are_installed(void **state)
{
	struct slice text = SLICE("Package: tzdata\nVersion: 2024a\n");

	(void)state;
	EXPECT_EXTRACT(&extract_dpkg, "/var/lib/dpkg/status.d/tzdata", text,
	               "package installed deb name=tzdata version=2024a\n"
	               "  package.name=tzdata @9+6\n"
	               "  package.source=tzdata @9+6\n");
	EXPECT_EXTRACT(&extract_dpkg, "/var/lib/dpkg/status.d/tzdata.md5sums",
	               SLICE("0123  usr/share/zoneinfo/UTC\n"), "");
}

static void a_list_of_what_could_be_had_says_nothing(void **state)
{
	struct slice text = SLICE("Package: agent\nVersion: 1\n\n"
	                          "Package: b\nVersion: 1\n");

	(void)state;
	assert_true(test_probes(&extract_dpkg, "/x", text));
	EXPECT_EXTRACT(&extract_dpkg, "/var/lib/apt/lists/x_Packages", text, "");
	EXPECT_EXTRACT(&extract_dpkg, "/var/lib/dpkg/available", text, "");
}

static void copies_and_backups_are_not_installed(void **state)
{
	struct slice text = SLICE("Package: a\nStatus: install ok installed\n");
	const char *claims = "  package.name=a @9+1\n  package.source=a @9+1\n";
	char expected[200];

	(void)state;
	EXPECT_EXTRACT(&extract_dpkg, "/var/lib/dpkg/status-old", text, "");
	EXPECT_EXTRACT(&extract_dpkg, "/var/backups/dpkg.status.0", text, "");
	(void)snprintf(expected, sizeof(expected),
	               "package referenced deb name=a\n%s", claims);
	EXPECT_EXTRACT(&extract_dpkg, "/home/u/status.txt", text, expected);
	(void)snprintf(expected, sizeof(expected),
	               "package installed deb name=a\n%s", claims);
	expect_text(extract_to_text(&extract_dpkg, "/x/status.txt", text, false),
	            expected);
}

static void a_broken_database_is_said(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_dpkg, STATUS,
	               SLICE("Package: a\nrubbish\n"
	                     "Status: install ok installed\n"),
	               "package installed deb name=a\n"
	               "  package.name=a @9+1\n"
	               "  package.source=a @9+1\n"
	               "error EBADMSG\n");
}

static void this_machine_reads_whole(void **state)
{
	struct slice bytes;
	struct collected c = {.quiet = true};
	struct item item = {.path = SLICE(STATUS), .in_root = true};

	(void)state;
	if (access(STATUS, R_OK) != 0)
		skip();
	bytes = test_bytes(STATUS);
	assert_int_equal(collect(&extract_dpkg, &item, bytes, &c), 0);
	assert_true(c.records > 0);
	assert_true(c.claims > c.records);
	assert_int_equal(c.unread, 0);
	str_finish(&c.text);
}

static void a_list_says_what_its_package_owns(void **state)
{
	struct slice list = SLICE("/.\n/usr\n/usr/bin\n/usr/bin/nrpe\n"
	                          "/usr/bin/nrpe-x\n/usr/share\n/usr/share/a b\n");

	(void)state;
	EXPECT_EXTRACT(&extract_dpkg_list, "/var/lib/dpkg/info/nrpe:amd64.list",
	               list,
	               "package installed deb name=nrpe\n"
	               "  owns /usr/bin/nrpe\n"
	               "  owns /usr/bin/nrpe-x\n"
	               "  owns /usr/share/a b\n");
	EXPECT_EXTRACT(&extract_dpkg_list, "/srv/c/var/lib/dpkg/info/nrpe.list",
	               SLICE("/usr/bin/nrpe\n"),
	               "package installed deb name=nrpe\n"
	               "  owns /srv/c/usr/bin/nrpe\n");
	EXPECT_EXTRACT(&extract_dpkg_list,
	               "/var/lib/dpkg/status.d/tzdata.md5sums",
	               SLICE("00ff  usr/share/zoneinfo/Etc/UTC\n"),
	               "package installed deb name=tzdata\n"
	               "  owns /usr/share/zoneinfo/Etc/UTC\n");
}

static void configuration_alone_is_residue(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_dpkg_list, "/var/lib/dpkg/info/nrpe.list",
	               SLICE("/.\n/etc\n/etc/nrpe.cfg\n"),
	               "package residue deb name=nrpe\n  owns /etc/nrpe.cfg\n");
}

static void owned_paths_are_claims_when_asked_for(void **state)
{
	struct item item = {
		.path = SLICE("/var/lib/dpkg/info/a.list"),
		.in_root = true,
		.list_owned = true,
	};

	(void)state;
	expect_text(extract_item_to_text(&extract_dpkg_list, &item,
	                                 SLICE("/usr\n/usr/x\n")),
	            "package installed deb name=a\n"
	            "  path=/usr/x @5+6\n"
	            "  owns /usr/x\n");
}

static void a_large_package_loses_no_path(void **state)
{
	enum { PATHS = 9000 };
	struct collected c = {.quiet = true};
	struct str list = {0};
	struct item item = {
		.path = SLICE("/var/lib/dpkg/info/a.list"),
		.in_root = true,
		.list_owned = true,
	};

	(void)state;
	for (int i = 0; i < PATHS; i++)
		str_printf(&list, "/usr/share/%d\n", i);
	assert_int_equal(collect(&extract_dpkg_list, &item, str_slice(&list), &c),
	                 0);
	assert_int_equal(c.owned, PATHS);
	assert_int_equal(c.claims, PATHS);
	assert_int_equal(c.unread, 0);
	str_finish(&list);
	str_finish(&c.text);
}

static void paragraphs_say_who_wrote_which_part(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_copyright, "/usr/share/doc/nrpe/copyright",
		SLICE("Format: https://www.debian.org/doc/packaging-manuals/"
		      "copyright-format/1.0/\n"
		      "Copyright: 1999 Header Holder\n"
		      "\n"
		      "Files: *\n"
		      "Copyright: 1999-2008 Main Author\n"
		      "License: GPL-2+\n"
		      "\n"
		      "Files: src/acl.c\n"
		      "       include/acl.h\n"
		      "Copyright: 2011 Part Author\n"
		      "           2012 Other\n"
		      "License: GPL-2+\n"
		      " Copyright: in a licence text\n"
		      "\n"
		      "License: GPL-2+\n"
		      " text\n"),
		"part installed deb name=nrpe\n"
		"  copyright.main=1999 Header Holder @86+18\n"
		"part installed deb name=nrpe\n"
		"  copyright.main=1999-2008 Main Author @126+21\n"
		"part installed deb name=nrpe\n"
		"  copyright.holder=2011 Part Author @214+16\n"
		"  copyright.holder=2012 Other @242+10\n"
		"  copyright.files=src/acl.c @172+9\n"
		"  copyright.files=include/acl.h @189+13\n");
}

/* From Debian's ca-certificates-java, shortened: a third of all copyright files
 * is like this. */
static void copyright_lines_in_free_form_name_holders_of_parts(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_copyright, "/usr/share/doc/ca/copyright",
		SLICE("This package was debianized by Ann.\n"
	              "\n"
	              "Upstream authors talk about Acme Corp.\n"
	              "\n"
	              "    Copyright (C) 2008 Canonical Ltd\n"
	              "    Copyright (C) 2008 Canonical Ltd\n"
	              "\n"
	              " Copyright (C) 1989, 1991 Free Software Foundation, Inc.\n"
	              " Everyone is permitted to copy and distribute verbatim "
	              "copies\n"),
		"part installed deb name=ca\n"
		"  copyright.holder=Canonical Ltd @100+13\n");
	EXPECT_EXTRACT(&extract_copyright, "/usr/share/doc/nrpe/copyright",
	               SLICE("This package was debianized by X.\n"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stanza_is_a_package),
		cmocka_unit_test(the_last_word_of_status_decides),
		cmocka_unit_test(stanzas_of_status_d_are_installed),
		cmocka_unit_test(a_list_of_what_could_be_had_says_nothing),
		cmocka_unit_test(copies_and_backups_are_not_installed),
		cmocka_unit_test(a_broken_database_is_said),
		cmocka_unit_test(this_machine_reads_whole),
		cmocka_unit_test(a_list_says_what_its_package_owns),
		cmocka_unit_test(configuration_alone_is_residue),
		cmocka_unit_test(owned_paths_are_claims_when_asked_for),
		cmocka_unit_test(a_large_package_loses_no_path),
		cmocka_unit_test(paragraphs_say_who_wrote_which_part),
		cmocka_unit_test(copyright_lines_in_free_form_name_holders_of_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
