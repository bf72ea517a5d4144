/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

extern const struct extractor extract_pypi;

static const char metadata[] =
	"Metadata-Version: 2.1\nName: Example-Tool\nVersion: 1.4\n"
	"Home-page: https://maker.example/tool\nAuthor: Example Maker\n"
	"Author-email: \"Ann, A.\" <ann@maker.example>\nMaintainer: UNKNOWN\n"
	"Project-URL: Source, https://code.example/tool\n"
	"License: text\n Author: not a field\n\nAuthor: in the description\n";

static void an_installed_distribution_names_its_authors(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_pypi,
		"/usr/lib/python3/dist-packages/t-1.4.dist-info/METADATA",
		slice_str(metadata),
		"folder installed pypi name=Example-Tool version=1.4 "
		"root=/usr/lib/python3/dist-packages/t-1.4.dist-info\n"
		"  pypi.name=Example-Tool @28+12\n"
		"  pypi.url=https://maker.example/tool @65+26\n"
		"  pypi.author=Example Maker @100+13\n"
		"  pypi.author=Ann, A. @129+7\n"
		"  pypi.author=ann@maker.example @139+17\n"
		"  pypi.url=https://code.example/tool @199+25\n");
}

static void an_egg_info_may_be_a_file_or_a_folder(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_pypi, "/x/site-packages/crcmod-1.7.egg-info",
	               SLICE("Name: crcmod\r\nVersion: 1.7\r\n"),
	               "folder installed pypi name=crcmod version=1.7 "
	               "root=/x/site-packages/crcmod-1.7.egg-info\n"
	               "  pypi.name=crcmod @6+6\n");
	EXPECT_EXTRACT(&extract_pypi, "/src/crcmod.egg-info/PKG-INFO",
	               SLICE("Name: crcmod\n"),
	               "folder stored pypi name=crcmod "
	               "root=/src/crcmod.egg-info\n  pypi.name=crcmod @6+6\n");
}

static void metadata_without_a_name_says_nothing(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_pypi, "/x/a.dist-info/METADATA",
	               SLICE("Author: Example Maker\n"), "");
}

static void every_prefix_is_survived(void **state)
{
	(void)state;
	run_on_every_prefix(&extract_pypi, "/x/a.dist-info/METADATA",
	                    slice_str(metadata));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_installed_distribution_names_its_authors),
		cmocka_unit_test(an_egg_info_may_be_a_file_or_a_folder),
		cmocka_unit_test(metadata_without_a_name_says_nothing),
		cmocka_unit_test(every_prefix_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
