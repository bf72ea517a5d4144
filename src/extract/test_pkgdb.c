/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_util.h"

extern const struct extractor extract_apk_db;
extern const struct extractor extract_alpm;
extern const struct extractor extract_snap;
extern const struct extractor extract_flatpak;

static void apk_packages_and_their_files(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_apk_db, "/lib/apk/db/installed",
		SLICE("C:Q1abc=\nP:musl\nV:1.2.4-r2\nU:https://musl.example/\n"
		      "o:musl-src\nm:A B <a@example.org>\nF:lib\n"
		      "R:libc.musl-x86_64.so.1\na:0:0:777\nF:\nR:top\n\n"
		      "C:Q1def=\nP:empty\nV:1\n\n"
		      "C:Q1ghi=\nV:nameless\n"),
		"package installed apk name=musl version=1.2.4-r2\n"
		"  package.name=musl @11+4\n"
		"  package.url=https://musl.example/ @29+21\n"
		"  package.source=musl-src @53+8\n"
		"  package.maintainer=A B <a@example.org> @64+19\n"
		"  owns /lib/libc.musl-x86_64.so.1\n"
		"  owns /top\n"
		"package installed apk name=empty version=1\n"
		"  package.name=empty @145+5\n");
}

static void pacman_packages_and_their_files(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_alpm, "/var/lib/pacman/local/zlib-1:1.3.1-2/desc",
		SLICE("%NAME%\nzlib\n\n%VERSION%\n1:1.3.1-2\n\n%BASE%\nzlib-src\n\n"
		      "%DESC%\n%NAME%d text\n\n%URL%\nhttps://z.example/\n\n"
		      "%PACKAGER%\nA B <a@example.org>\n\n"),
		"package installed alpm name=zlib version=1:1.3.1-2\n"
		"  package.name=zlib @7+4\n"
		"  package.source=zlib-src @41+8\n"
		"  package.url=https://z.example/ @78+18\n"
		"  package.maintainer=A B <a@example.org> @109+19\n");
	EXPECT_EXTRACT(
		&extract_alpm, "/mnt/var/lib/pacman/local/lib-x-1.3.1-2/files",
		SLICE("%FILES%\nusr/\nusr/lib/\nusr/lib/libz.so\n\n"
		      "%BACKUP%\netc/z.conf\t0123\n"),
		"package installed alpm name=lib-x version=1.3.1-2\n"
		"  owns /mnt/usr/lib/libz.so\n");
	EXPECT_EXTRACT(&extract_alpm, "/var/lib/pacman/local/x-1-1/desc",
	               SLICE("no sections\n"), "error EBADMSG\n");
}

static void a_snap_says_its_name(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_snap, "/snap/agent/42/meta/snap.yaml",
		SLICE("name: agent\nsummary: für alle\nversion: '12.1'\n"
		      "apps:\n  name:\n    name: inner\n    website: x\n"
		      "website: \"https://example.org/\"\n"
		      "links:\n  contact:\n    - mailto:a@example.org\n"
		      "  website: [https://one.example.org, https://b.example]\n"),
		"package installed snap name=agent version=12.1\n"
		"  package.name=agent @6+5\n"
		"  package.url=https://example.org/ @102+20\n"
		"  package.maintainer=mailto:a@example.org @148+20\n"
		"  package.url=https://one.example.org @181+23\n"
		"  package.url=https://b.example @206+17\n");
}

static void a_hostile_snap_is_an_error(void **state)
{
	char deep[400];

	(void)state;
	memset(deep, '[', sizeof(deep));
	EXPECT_EXTRACT(&extract_snap, "/snap/a/1/meta/snap.yaml",
	               slice_of(deep, sizeof(deep)), "error ELOOP\n");
	EXPECT_EXTRACT(&extract_snap, "/snap/a/1/meta/snap.yaml",
	               SLICE("a: [b\n"), "error EBADMSG\n");
	EXPECT_EXTRACT(&extract_snap, "/snap/a/1/meta/snap.yaml",
	               SLICE("version: 1\n"), "error EBADMSG\n");
}

static void a_flatpak_says_its_name_and_developer(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_flatpak,
		"/var/lib/flatpak/app/org.x.App/x86_64/stable/c0ffee/metadata",
		SLICE("[Application]\nname=org.x.App\n"
		      "runtime=org.y.Platform/x86_64/1\n"
		      "[Extension org.x.App.Locale]\nname=no\n"),
		"package installed flatpak name=org.x.App\n"
		"  package.name=org.x.App @19+9\n");
	EXPECT_EXTRACT(
		&extract_flatpak,
		"/var/lib/flatpak/app/org.x.App/x86_64/stable/c0ffee/files/share/"
		"metainfo/org.x.App.metainfo.xml",
		SLICE("<component><name>App</name><developer_name>Example Lab"
		      "</developer_name><developer id=\"x\"><name>New Lab</name>"
		      "</developer><url type=\"homepage\">https://x.example</url>"
		      "</component>"),
		"package installed flatpak name=org.x.App\n"
		"  package.vendor=Example Lab @43+11\n"
		"  package.vendor=New Lab @95+7\n"
		"  package.url=https://x.example @142+17\n");
	EXPECT_EXTRACT(&extract_flatpak,
	               "/var/lib/flatpak/app/a/b/c/d/metadata",
	               SLICE("[Context]\nname=x\n"), "error EBADMSG\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apk_packages_and_their_files),
		cmocka_unit_test(pacman_packages_and_their_files),
		cmocka_unit_test(a_snap_says_its_name),
		cmocka_unit_test(a_hostile_snap_is_an_error),
		cmocka_unit_test(a_flatpak_says_its_name_and_developer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
