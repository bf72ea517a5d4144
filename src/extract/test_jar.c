/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

extern const struct extractor extract_jar, extract_archive, extract_image;

#define DATA TEST_DATA "/jar/"

static const char agent[] =
	"item stored maven name=com.example:agent version=2.5.1\n"
	"  maven.group=com.example @42+11 "
	"member=META-INF/maven/com.example/agent/pom.properties\n"
	"  maven.artifact=agent @65+5 "
	"member=META-INF/maven/com.example/agent/pom.properties\n"
	"  jar.title=Example Agent @23+35 member=META-INF/MANIFEST.MF\n"
	"  jar.vendor=Example Maker Joint Stock Company with a name that needs "
	"a second line @91+93 member=META-INF/MANIFEST.MF\n"
	"  jar.title=com.example.agent @189+54 member=META-INF/MANIFEST.MF\n"
	"  jar.class=com/example member=com/example/A.class\n"
	"  jar.class=com/example/net member=com/example/net/C.class\n";

static void expect_file(const char *name, const char *path, const char *expected)
{
	char file[256];

	(void)snprintf(file, sizeof(file), DATA "%s", name);
	struct slice bytes = test_bytes(file);
	assert_true(test_probes(&extract_jar, path, bytes));
	EXPECT_EXTRACT(&extract_jar, path, bytes, expected);
	free((void *)(uintptr_t)bytes.p);
}

static void a_jar_says_its_maker_and_coordinates(void **state)
{
	(void)state;
	expect_file("agent.jar", "/srv/agent.jar", agent);
	expect_file("launcher.jar", "/srv/launcher.jar", agent);
}

static void parts_of_a_fat_jar_have_records_of_their_own(void **state)
{
	(void)state;
	expect_file(
		"fat.jar", "/srv/fat.jar",
		"item stored name=fat.jar\n"
		"  jar.vendor=Example Maker @22+36 member=META-INF/MANIFEST.MF\n"
		"item stored maven name=com.example:agent version=2.5.1\n"
		"  maven.group=com.example @42+11 "
		"member=META-INF/maven/com.example/agent/pom.properties\n"
		"  maven.artifact=agent @65+5 "
		"member=META-INF/maven/com.example/agent/pom.properties\n"
		"unread archive-not-opened member=BOOT-INF/lib/inner.jar\n"
		"unread archive-not-opened member=native/libx.so\n"
		"item stored maven name=org.other:lib version=1.0\n"
		"  maven.group=org.other @20+9 "
		"member=META-INF/maven/org.other/lib/pom.properties\n"
		"  maven.artifact=lib @41+3 "
		"member=META-INF/maven/org.other/lib/pom.properties\n");
}

static void a_wheel_names_its_author(void **state)
{
	(void)state;
	expect_file(
		"example_wheel-0.3-py3-none-any.whl", "/srv/w.whl",
		"item stored pypi name=example-wheel version=0.3\n"
		"  pypi.name=example-wheel @28+13 "
		"member=example_wheel-0.3.dist-info/METADATA\n"
		"  pypi.author=Ex Ample @69+8 "
		"member=example_wheel-0.3.dist-info/METADATA\n"
		"  pypi.author=ex@maker.example @79+16 "
		"member=example_wheel-0.3.dist-info/METADATA\n"
		"  pypi.url=https://maker.example/wheel @108+27 "
		"member=example_wheel-0.3.dist-info/METADATA\n");
}

static void what_is_not_opened_is_said(void **state)
{
	(void)state;
	expect_file("plain.zip", "/srv/a.zip", "unread archive-not-opened\n");
	expect_file("phone.apk", "/srv/a.apk", "unread archive-not-opened\n");
	expect_file("locked.zip", "/srv/a.zip",
	            "unread encrypted member=a.txt\n"
	            "unread archive-not-opened\n");
}

static void lies_about_sizes_are_damage(void **state)
{
	(void)state;
	struct slice bytes = test_bytes(DATA "agent.jar");
	uint8_t *copy = malloc(bytes.n);
	assert_non_null(copy);
	for (size_t i = 0; i < bytes.n; i++) {
		struct collected c = {.quiet = true};
		struct item item = {.path = SLICE("/a.jar"), .mode = 0100644};
		memcpy(copy, bytes.p, bytes.n);
		copy[i] = 0xff;
		(void)collect(&extract_jar, &item, slice_of(copy, bytes.n), &c);
		str_finish(&c.text);
	}
	free(copy);
	free((void *)(uintptr_t)bytes.p);
}

static void every_prefix_is_survived(void **state)
{
	(void)state;
	struct slice bytes = test_bytes(DATA "agent.jar");
	run_on_every_prefix(&extract_jar, "/srv/agent.jar", bytes);
	free((void *)(uintptr_t)bytes.p);
}

static void archives_are_told_from_documentation(void **state)
{
	static const struct {
		const char *path;
		bool unread;
	} cases[] = {
		{"/usr/share/doc/x/changelog.gz", false},
		{"/usr/share/man/man8/x.8.gz", false},
		{"/opt/x/man/man1/x.1.gz", false},
		{"/usr/share/doc/x/source.tar.gz", true},
		{"/srv/source.tgz", true},
		{"/srv/tool.gz", true},
		{"/srv/data.json.gz", false},
		{"/lib/modules/6.1/x.ko.gz", false},
		{"/lib/apk/db/scripts.tar.gz", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		EXPECT_EXTRACT(&extract_archive, cases[i].path,
		               SLICE("\x1f\x8b\x08"),
		               cases[i].unread ? "unread archive-not-opened\n"
		                               : "");
	assert_true(test_probes(&extract_archive, "/a",
	                        SLICE("!<arch>\ndebian-binary   ")));
	assert_false(test_probes(&extract_archive, "/a.a",
	                         SLICE("!<arch>\nx.o/            ")));
}

static void installers_are_told_from_documents(void **state)
{
	enum { SECTOR = 512, CLASS_AT = 2 * SECTOR + 80 };
	uint8_t ole[3 * SECTOR] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

	(void)state;
	ole[30] = 9; /* sectors of 512 bytes */
	ole[48] = 1; /* the directory is the second one */
	EXPECT_EXTRACT(&extract_image, "/a.doc", slice_of(ole, sizeof(ole)), "");
	memcpy(ole + CLASS_AT, "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16);
	EXPECT_EXTRACT(&extract_image, "/a.msi", slice_of(ole, sizeof(ole)),
	               "unread archive-not-opened\n");
	EXPECT_EXTRACT(&extract_image, "/a.iso", SLICE("no image"), "");
	EXPECT_EXTRACT(&extract_image, "/a", SLICE("hsqs"),
	               "unread archive-not-opened\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jar_says_its_maker_and_coordinates),
		cmocka_unit_test(parts_of_a_fat_jar_have_records_of_their_own),
		cmocka_unit_test(a_wheel_names_its_author),
		cmocka_unit_test(what_is_not_opened_is_said),
		cmocka_unit_test(lies_about_sizes_are_damage),
		cmocka_unit_test(every_prefix_is_survived),
		cmocka_unit_test(archives_are_told_from_documentation),
		cmocka_unit_test(installers_are_told_from_documents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
