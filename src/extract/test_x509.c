/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

#include "base/str.h"

extern const struct extractor extract_x509, extract_jks, extract_pkcs12;
extern const struct extractor extract_nss;

#define DATA TEST_DATA "/x509/"

#define ROOT(state) \
	"setup " state " name=Example Personal Root\n" \
	"  cert.subject-name=Example Personal Root\n" \
	"  cert.subject-organisation=Example Maker JSC\n" \
	"  cert.subject-serial-number=1027739867473\n"

static void expect_file(const struct extractor *x, const char *file,
                        const char *path, const char *expected)
{
	struct slice bytes = test_bytes(file);

	assert_true(test_probes(x, path, bytes));
	EXPECT_EXTRACT(x, path, bytes, expected);
	free((void *)(uintptr_t)bytes.p);
}

static void a_bundle_gives_each_certificate_and_no_key(void **state)
{
	struct slice root = test_bytes(DATA "root.pem");
	struct slice leaf = test_bytes(DATA "leaf.pem");
	struct str all = {0};

	(void)state;
	str_puts(&all, "# Issuer: somebody\n");
	str_add(&all, root);
	str_puts(&all, "-----BEGIN PRIVATE KEY-----\nAAAA\n"
	               "-----END PRIVATE KEY-----\n");
	str_add(&all, leaf);
	EXPECT_EXTRACT(
		&extract_x509, "/etc/ssl/certs/all.crt", str_slice(&all),
		"setup installed name=Example Personal Root\n"
		"  cert.subject-name=Example Personal Root @19+605\n"
		"  cert.subject-organisation=Example Maker JSC @19+605\n"
		"  cert.subject-serial-number=1027739867473 @19+605\n"
		"setup installed name=leaf.example\n"
		"  cert.subject-name=leaf.example @709+548\n"
		"  cert.subject-organisation=Leaf Ltd @709+548\n"
		"  cert.issuer-name=Example Personal Root @709+548\n"
		"  cert.issuer-organisation=Example Maker JSC @709+548\n");
	str_finish(&all);
	free((void *)(uintptr_t)root.p);
	free((void *)(uintptr_t)leaf.p);
}

static void a_der_file_shows_where_the_names_stand(void **state)
{
	(void)state;
	expect_file(&extract_x509, DATA "root.der", "/srv/root.cer",
	            "setup stored name=Example Personal Root\n"
	            "  cert.subject-name=Example Personal Root @55+21\n"
	            "  cert.subject-organisation=Example Maker JSC @87+17\n"
	            "  cert.subject-serial-number=1027739867473 @115+13\n");
}

static void java_stores_open_without_a_secret(void **state)
{
	(void)state;
	expect_file(&extract_jks, DATA "store.jks", "/opt/jre/lib/security/cacerts",
	            "setup installed name=Example Personal Root\n"
	            "  cert.subject-name=Example Personal Root @96+21\n"
	            "  cert.subject-organisation=Example Maker JSC @128+17\n"
	            "  cert.subject-serial-number=1027739867473 @156+13\n");
	expect_file(&extract_pkcs12, DATA "store.p12",
	            "/opt/jre/lib/security/cacerts", ROOT("installed"));
	expect_file(&extract_pkcs12, DATA "plain.p12", "/srv/a.p12",
	            ROOT("stored"));
}

static void stores_that_stay_shut_are_results(void **state)
{
	(void)state;
	expect_file(&extract_pkcs12, DATA "sealed.p12", "/srv/a.p12",
	            "error EACCES\n");
	expect_file(&extract_pkcs12, DATA "legacy.p12", "/srv/a.p12",
	            "error ENOTSUP\n");
}

static void a_browsers_store_gives_its_certificates(void **state)
{
	(void)state;
	expect_file(&extract_nss, DATA "cert9.db",
	            "/home/u/.mozilla/firefox/x.default/cert9.db",
	            ROOT("installed"));
}

static void what_is_no_certificate_says_nothing(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_x509, "/srv/key.pem",
	               SLICE("-----BEGIN PRIVATE KEY-----\nAAAA\n"
	                     "-----END PRIVATE KEY-----\n"),
	               "");
	EXPECT_EXTRACT(&extract_x509, "/srv/key.der", SLICE("\x30\x03\1\1\1"), "");
	EXPECT_EXTRACT(&extract_x509, "/srv/a.crt",
	               SLICE("-----BEGIN CERTIFICATE-----\nAAAA\n"
	                     "-----END CERTIFICATE-----\n"),
	               "error EBADMSG\n");
}

static void every_prefix_is_survived(void **state)
{
	static const struct {
		const struct extractor *x;
		const char *file;
	} files[] = {
		{&extract_x509, DATA "root.pem"},
		{&extract_x509, DATA "root.der"},
		{&extract_jks, DATA "store.jks"},
		{&extract_pkcs12, DATA "plain.p12"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice bytes = test_bytes(files[i].file);
		run_on_every_prefix(files[i].x, "/a", bytes);
		free((void *)(uintptr_t)bytes.p);
	}
}

static void a_placeholder_is_no_damaged_certificate(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_x509, "/usr/share/doc/x/Local_Root_CA.crt",
	               SLICE("-----BEGIN CERTIFICATE-----\n"
	                     "Dummy Root CA file; replace it with yours\n"
	                     "-----END CERTIFICATE-----\n"),
	               "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_placeholder_is_no_damaged_certificate),
		cmocka_unit_test(a_bundle_gives_each_certificate_and_no_key),
		cmocka_unit_test(a_der_file_shows_where_the_names_stand),
		cmocka_unit_test(java_stores_open_without_a_secret),
		cmocka_unit_test(stores_that_stay_shut_are_results),
		cmocka_unit_test(a_browsers_store_gives_its_certificates),
		cmocka_unit_test(what_is_no_certificate_says_nothing),
		cmocka_unit_test(every_prefix_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
