/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

extern const struct extractor extract_extension;

#define ID "abcdefghijklmnopabcdefghijklmnop"
#define XPI TEST_DATA "/extension/guard@maker.example.xpi"

static const char addons[] =
	"{\"schemaVersion\":35,\"addons\":[{\"id\":\"guard@maker.example\","
	"\"version\":\"1.9\",\"defaultLocale\":{\"name\":\"Guard\","
	"\"creator\":\"Example Maker\",\"developers\":null}},{\"id\":\"x\"}]}";

static const char policy[] =
	"{\"ExtensionInstallForcelist\":[\"" ID ";https://u.example\"],"
	"\"ExtensionInstallBlocklist\":[\"ponmlkjihgfedcbaponmlkjihgfedcba\"],"
	"\"ExtensionSettings\":{\"ponmlkjihgfedcbaponmlkjihgfedcba\":"
	"{\"installation_mode\":\"blocked\"}}}";

static void a_chromium_extension_is_known_by_its_path(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_extension,
	               "/home/u/.config/chromium/Default/Extensions/" ID
	               "/1.9_0/manifest.json",
	               SLICE("{\"name\":\"__MSG_appName__\",\"version\":\"1.9\","
	                     "\"author\":\"Example Maker\"}"),
	               "item installed name=" ID " version=1.9\n"
	               "  extension.id=" ID "\n"
	               "  extension.author=Example Maker @52+13\n");
	EXPECT_EXTRACT(&extract_extension,
	               "/srv/Extensions/no-id/1/manifest.json", SLICE("{}"), "");
}

static void firefox_lists_its_addons(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_extension, "/p/extensions.json",
	               slice_str(addons),
	               "item installed name=Guard version=1.9\n"
	               "  extension.id=guard@maker.example @37+19\n"
	               "  extension.name=Guard @99+5\n"
	               "  extension.author=Example Maker @117+13\n"
	               "item installed name=x\n"
	               "  extension.id=x @159+1\n");
}

static void a_packed_addon_is_named_by_file_and_manifest(void **state)
{
	(void)state;
	struct slice bytes = test_bytes(XPI);
	EXPECT_EXTRACT(&extract_extension,
	               "/p/extensions/guard@maker.example.xpi", bytes,
	               "item installed name=Example Guard version=1.9\n"
	               "  extension.id=guard@maker.example\n"
	               "  extension.id=guard@maker.example @141+19 "
	               "member=manifest.json\n"
	               "  extension.name=Example Guard @33+13 "
	               "member=manifest.json\n"
	               "  extension.author=Example Maker @78+13 "
	               "member=manifest.json\n");
	run_on_every_prefix(&extract_extension, "/p/extensions/a.xpi", bytes);
	free((void *)(uintptr_t)bytes.p);
}

static void a_policy_refers_to_what_it_wants_and_not_to_what_it_bans(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_extension,
	               "/etc/opt/chrome/policies/managed/a.json",
	               slice_str(policy),
	               "item referenced name=" ID "\n"
	               "  extension.id=" ID " @31+32\n");
	EXPECT_EXTRACT(&extract_extension,
	               "/opt/google/chrome/extensions/" ID ".json",
	               SLICE("{\"external_update_url\":\"x\"}"),
	               "item referenced name=" ID "\n  extension.id=" ID "\n");
}

static void a_native_host_names_its_program(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_extension,
	               "/etc/opt/chrome/native-messaging-hosts/com.ex.json",
	               SLICE("{\"name\":\"com.ex\",\"path\":\"/opt/ex/host\"}"),
	               "item installed name=com.ex\n"
	               "  extension.name=com.ex @9+6\n"
	               "  extension.host=/opt/ex/host @25+12\n");
}

static void every_prefix_is_survived(void **state)
{
	(void)state;
	run_on_every_prefix(&extract_extension, "/p/extensions.json",
	                    slice_str(addons));
	run_on_every_prefix(&extract_extension, "/policies/managed/a.json",
	                    slice_str(policy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chromium_extension_is_known_by_its_path),
		cmocka_unit_test(firefox_lists_its_addons),
		cmocka_unit_test(a_packed_addon_is_named_by_file_and_manifest),
		cmocka_unit_test(
			a_policy_refers_to_what_it_wants_and_not_to_what_it_bans),
		cmocka_unit_test(a_native_host_names_its_program),
		cmocka_unit_test(every_prefix_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
