/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/field_util.h"
#include "extract/test_util.h"

extern const struct extractor extract_apt_repo;
extern const struct extractor extract_rpm_repo;
extern const struct extractor extract_apk_repo;
extern const struct extractor extract_pacman_repo;
extern const struct extractor extract_openpgp;

#define DATA TEST_DATA "/pkgdb/"

static void a_url_gives_its_host_and_no_secret(void **state)
{
	static const struct {
		const char *url, *host;
	} cases[] = {
		{"https://deb.example.org/debian", "deb.example.org"},
		{"http://user:pa@ss@deb.example.org:8080/x", "deb.example.org"},
		{"https://token@deb.example.org", "deb.example.org"},
		{"mirror+https://m.example.org/list?a@b", "m.example.org"},
		{"tor+http://abc.onion", "abc.onion"},
		{"http://[2001:db8::1]:80/x", "[2001:db8::1]"},
		{"https://host\\@evil/", "host"},
		{"file:///srv/repo", ""},
		{"cdrom:[Debian 12]/", ""},
		{"/srv/repo", ""},
		{"https://$mirror/x", ""},
		{"://x", ""},
		{"http://[::1/x", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice host = url_host(slice_str(cases[i].url));
		if (!slice_eq(host, slice_str(cases[i].host)))
			fail_msg("%zu: %s gives %.*s", i, cases[i].url,
			         SLICE_ARG(host));
	}
}

static void apt_lines_name_hosts(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_apt_repo, "/etc/apt/sources.list",
		SLICE("# deb http://off.example.org/ x main\n"
		      "deb http://deb.example.org/debian bookworm main # c\n"
		      "deb-src [arch=amd64 signed-by=/a.gpg] "
		      "https://u:p@src.example.org:443/d x main\n"
		      "deb cdrom:[Disc 1]/ bookworm main\n"
		      "rpm http://not.example.org/ x\n"),
		"setup referenced name=deb.example.org\n"
		"  repo.host=deb.example.org @48+15\n"
		"setup referenced name=src.example.org\n"
		"  repo.host=src.example.org @139+15\n");
}

static void apt_stanzas_name_hosts(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_apt_repo, "/etc/apt/sources.list.d/x.sources",
		SLICE("Types: deb\n"
		      "URIs: https://one.example.org/d http://two.example.org\n"
		      "  file:/srv\n"
		      "  https://three.example.org\n"
		      "Suites: https://no.example.org\n"),
		"setup referenced name=one.example.org\n"
		"  repo.host=one.example.org @25+15\n"
		"setup referenced name=two.example.org\n"
		"  repo.host=two.example.org @50+15\n"
		"setup referenced name=three.example.org\n"
		"  repo.host=three.example.org @88+17\n");
}

static void rpm_sections_name_hosts(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_rpm_repo, "/etc/yum.repos.d/x.repo",
		SLICE("[x]\nname=See https://no.example.org\nenabled=0\n"
		      "baseurl=https://u:p@a.example.org/$releasever/\n"
		      "        https://b.example.org/\n"
		      "metalink = https://c.example.org/m?repo=x&arch=$basearch\n"
		      "gpgkey=file:///etc/pki/k,https://d.example.org/k\n"),
		"setup referenced name=a.example.org\n"
		"  repo.host=a.example.org @66+13\n"
		"setup referenced name=b.example.org\n"
		"  repo.host=b.example.org @109+13\n"
		"setup referenced name=c.example.org\n"
		"  repo.host=c.example.org @143+13\n"
		"setup referenced name=d.example.org\n"
		"  repo.host=d.example.org @214+13\n");
}

static void apk_and_pacman_name_hosts(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_apk_repo, "/etc/apk/repositories",
	               SLICE("https://dl.example.org/v3/main\n"
	                     "#https://off.example.org\n/media/cdrom/apks\n"
	                     "@edge http://edge.example.org/main\n"),
	               "setup referenced name=dl.example.org\n"
	               "  repo.host=dl.example.org @8+14\n"
	               "setup referenced name=edge.example.org\n"
	               "  repo.host=edge.example.org @87+16\n");
	EXPECT_EXTRACT(&extract_pacman_repo, "/etc/pacman.d/mirrorlist",
	               SLICE("## x\n#Server = https://off.example.org/\n"
	                     "Server = https://m.example.org/$repo/os/$arch\n"),
	               "setup referenced name=m.example.org\n"
	               "  repo.host=m.example.org @57+13\n");
}

static void keys_say_whose_they_are(void **state)
{
	static const char *const users[] = {
		"repo.key=Example Archive Key <archive@example.org> @",
		"repo.key=Beispiel-Schlüssel <schluessel@example.org> @",
	};
	static const struct {
		const char *file, *path;
	} keys[] = {
		{DATA "archive-key.gpg", "/usr/share/keyrings/x.gpg"},
		{DATA "archive-key.asc", "/etc/apt/trusted.gpg.d/x.asc"},
		{DATA "pubring.kbx", "/etc/apt/trusted.gpg"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		char *text = extract_to_text(&extract_openpgp, keys[i].path,
		                             test_bytes(keys[i].file), true);
		for (size_t j = 0; j < COUNT_OF(users); j++) {
			if (!strstr(text, users[j]))
				fail_msg("%s: %s", keys[i].file, text);
		}
		assert_null(strstr(text, "DIFFERS"));
		assert_null(strstr(text, "error"));
		/* One key, one record. */
		assert_null(strstr(text + 1, "setup"));
		free(text);
	}
}

static void a_key_inside_a_sources_file_is_seen(void **state)
{
	struct slice armor = test_bytes(DATA "archive-key.asc"), line;
	struct str text = {0};

	(void)state;
	str_puts(&text, "Types: deb\nSigned-By:\n");
	while (slice_line(&armor, &line)) {
		str_putc(&text, ' ');
		str_add(&text, line.n ? line : SLICE("."));
		str_putc(&text, '\n');
	}
	char *out = extract_to_text(&extract_openpgp,
	                            "/etc/apt/sources.list.d/x.sources",
	                            str_slice(&text), true);
	assert_non_null(strstr(out, "Example Archive Key"));
	free(out);
	str_finish(&text);
}

static void a_cut_key_is_damaged_and_a_readme_is_none(void **state)
{
	struct slice key = test_bytes(DATA "archive-key.gpg");

	(void)state;
	EXPECT_EXTRACT(&extract_openpgp, "/usr/share/keyrings/x.gpg",
	               slice_first(key, 20), "error EBADMSG\n");
	EXPECT_EXTRACT(&extract_openpgp, "/usr/share/keyrings/README",
	               SLICE("Keys of this machine.\n"), "");
	EXPECT_EXTRACT(&extract_openpgp, "/usr/share/keyrings/x", SLICE(""), "");
}

static void damaged_keys_never_leave_the_file(void **state)
{
	static const char *const files[] = {
		DATA "archive-key.gpg",
		DATA "archive-key.asc",
		DATA "pubring.kbx",
	};
	struct item item = {.path = SLICE("/etc/apt/trusted.gpg")};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice whole = test_bytes(files[i]);
		uint8_t *copy = malloc(whole.n);

		assert_non_null(copy);
		memcpy(copy, whole.p, whole.n);
		for (size_t at = 0; at < whole.n * 8; at++) {
			struct collected c = {.quiet = true};
			copy[at / 8] ^= (uint8_t)(1u << at % 8);
			(void)collect(&extract_openpgp, &item,
			              slice_of(copy, whole.n), &c);
			copy[at / 8] ^= (uint8_t)(1u << at % 8);
			str_finish(&c.text);
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_gives_its_host_and_no_secret),
		cmocka_unit_test(apt_lines_name_hosts),
		cmocka_unit_test(apt_stanzas_name_hosts),
		cmocka_unit_test(rpm_sections_name_hosts),
		cmocka_unit_test(apk_and_pacman_name_hosts),
		cmocka_unit_test(keys_say_whose_they_are),
		cmocka_unit_test(a_key_inside_a_sources_file_is_seen),
		cmocka_unit_test(a_cut_key_is_damaged_and_a_readme_is_none),
		cmocka_unit_test(damaged_keys_never_leave_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
