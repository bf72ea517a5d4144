/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the above. */
#include <cmocka.h>

#include "extract/test_damage.h"

#define FILE_AT(name) TEST_DATA "/pe/" name

/* Where the certificate table of signed.dll starts. */
enum { SIGNED_TABLE = 3584, CHECKSUM_AT = 0xd8, TABLE_ENTRY_AT = 0x128 };

extern const struct extractor extract_pe;

static void check(const char *file, const char *path, const char *expected)
{
	struct slice bytes = test_bytes(file);

	assert_true(test_probes(&extract_pe, path, bytes));
	EXPECT_EXTRACT(&extract_pe, path, bytes, expected);
	free((void *)(uintptr_t)bytes.p);
}

static bool says(const char *text, const char *line)
{
	return strstr(text, line);
}

static void the_version_resource_is_read_in_all_its_languages(void **state)
{
	(void)state;
	check(FILE_AT("made64.dll"), "/srv/made.dll",
	      "item stored name=Made Suite version=3.1.4.1\n"
	      "  pe.company=Example Maker Ltd @1840+34\n"
	      "  pe.description=Made scanner @1916+24\n"
	      "  pe.internal-name=made @2024+8\n"
	      "  pe.copyright=\u00a9 2020 Example Maker Ltd @2072+48\n"
	      "  pe.trademarks=Made is a trademark @2164+38\n"
	      "  pe.original-name=made.dll @2244+16\n"
	      "  pe.product=Made Suite @2296+20\n"
	      "  pe.company=\u041e\u041e\u041e \u041f\u0440\u0438\u043c\u0435"
	      "\u0440 @2616+20\n"
	      "  pe.import=KERNEL32.dll @560+12\n"
	      "  pe.import=madebase.dll @576+12\n"
	      "  pe.import=delayed.dll @592+11\n"
	      "  pe.export=made.dll @512+8\n");
}

static void an_imitation_is_not_taken_for_what_it_imitates(void **state)
{
	(void)state;
	check(FILE_AT("imitation.dll"), "/usr/lib/wine/imitation.dll",
	      "item installed name=imitation.dll version=3.1.4.1\n"
	      "  pe.compatible=Example Maker Ltd @1816+34\n"
	      "  pe.internal-name=made @2000+8\n"
	      "  pe.original-name=made.dll @2220+16\n"
	      "  pe.import=KERNEL32.dll @560+12\n"
	      "  pe.import=madebase.dll @576+12\n"
	      "  pe.import=delayed.dll @592+11\n"
	      "  pe.export=made.dll @512+8\n");
}

static void the_fixed_version_serves_where_no_string_says_it(void **state)
{
	(void)state;
	check(FILE_AT("no-strings.dll"), "/usr/lib/a.dll",
	      "item installed name=a.dll version=3.1.4.1\n"
	      "  pe.import=KERNEL32.dll @560+12\n"
	      "  pe.import=madebase.dll @576+12\n"
	      "  pe.import=delayed.dll @592+11\n"
	      "  pe.export=made.dll @512+8\n");
}

static void an_assembly_says_its_company_and_product(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("made32.dll"));

	(void)state;
	char *text = extract_to_text(&extract_pe, "/a.dll", bytes, true);
	assert_true(says(text, "  dotnet.company=Example .NET Maker @1109+18\n"));
	assert_true(says(text, "  dotnet.product=Made Assembly @1133+13\n"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void a_go_program_says_what_it_is_made_of(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("go.exe"));

	(void)state;
	char *text = extract_to_text(&extract_pe, "/srv/go.exe", bytes, true);
	assert_true(says(text, "item stored name=go.exe version=v1.4.2\n"));
	assert_true(says(text, "  go.module=example.net/fork @2295+16\n"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void exported_names_are_claimed_only_when_deep(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("made64.dll"));

	(void)state;
	char *text = damage_run(&extract_pe, "/a.dll", bytes.p, bytes.n);
	assert_true(says(text, "  pe.export=MadeInitialize @528+14\n"));
	assert_true(says(text, "  pe.export=MadeScan @544+8\n"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void the_signer_is_told_from_chain_and_time_stamper(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("signed.dll"));

	(void)state;
	char *text = extract_to_text(&extract_pe, "/a.dll", bytes, true);
	assert_true(says(text, "  signer.name=Example Maker Signing @4790+21 "
	                       "verified\n"
	                       "  signer.organisation=Example Maker Ltd "
	                       "@4762+17 verified\n"
	                       "  signer.serial-number=1234567890 @4741+10 "
	                       "verified\n"));
	assert_false(says(text, "Root"));
	assert_false(says(text, "Stamp"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void nested_signatures_are_read_too(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("nested.dll"));

	(void)state;
	char *text = extract_to_text(&extract_pe, "/a.dll", bytes, true);
	assert_true(says(text, "  signer.name=Example Maker Signing @3923+21 "
	                       "verified\n"));
	assert_true(says(text, "  signer.organisation=\u041f\u0440\u0438\u043c"
	                       "\u0435\u0440 @5413+12 verified\n"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

/* Every byte that the digest covers; every 7th, for the time it takes. */
static void a_changed_image_is_not_verified(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("signed.dll"));

	(void)state;
	damage_bytes(&extract_pe, "/a.dll", bytes, 0, CHECKSUM_AT, 7,
	             "verified");
	damage_bytes(&extract_pe, "/a.dll", bytes, CHECKSUM_AT + 4,
	             TABLE_ENTRY_AT, 7, "verified");
	damage_bytes(&extract_pe, "/a.dll", bytes, TABLE_ENTRY_AT + 8,
	             SIGNED_TABLE, 7, "verified");
	uint8_t *copy = malloc(bytes.n + 1);
	assert_non_null(copy);
	memcpy(copy, bytes.p, bytes.n);
	copy[CHECKSUM_AT] ^= 1; /* not covered: a linker fills it in last */
	char *text = damage_run(&extract_pe, "/a.dll", copy, bytes.n);
	assert_true(says(text, "verified"));
	free(text);
	copy[bytes.n] = 0; /* what stands behind the table is in no digest */
	text = damage_run(&extract_pe, "/a.dll", copy, bytes.n + 1);
	assert_true(says(text, "signer.name=Example Maker Signing"));
	assert_false(says(text, "verified"));
	free(text);
	free(copy);
	free((void *)(uintptr_t)bytes.p);
}

static void another_key_than_the_signers_does_not_verify(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("signed.dll"));
	uint8_t *p = (uint8_t *)(uintptr_t)bytes.p;

	(void)state;
	p[4790 + 300] ^= 1; /* the signer's public key */
	char *text = extract_to_text(&extract_pe, "/a.dll", bytes, true);
	assert_false(says(text, "verified"));
	free(text);
	free(p);
}

static void what_is_no_pe_file_says_nothing(void **state)
{
	static const char text[] =
		"MZ is how this text starts, and it is long enough to have a "
		"second header, were it a program: but it is none at all.";

	(void)state;
	EXPECT_EXTRACT(&extract_pe, "/a.txt", slice_str(text), "");
	EXPECT_EXTRACT(&extract_pe, "/a.txt", SLICE("MZ"), "");
}

static void a_cut_off_certificate_table_is_damaged(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("signed.dll"));

	(void)state;
	char *text = extract_to_text(&extract_pe, "/a.dll",
	                             slice_first(bytes, bytes.n - 100), true);
	assert_true(says(text, "error EBADMSG\n"));
	assert_true(says(text, "pe.company=Example Maker Ltd"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void cut_and_changed_files_are_survived(void **state)
{
	static const char *const files[] = {
		FILE_AT("made32.dll"),
		FILE_AT("made64.dll"),
		FILE_AT("nested.dll"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice bytes = test_bytes(files[i]);
		damage_prefixes(&extract_pe, "/a.dll", bytes, 1);
		damage_bytes(&extract_pe, "/a.dll", bytes, 0, bytes.n,
		             i == 2 ? 5 : 1, NULL);
		free((void *)(uintptr_t)bytes.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_resource_is_read_in_all_its_languages),
		cmocka_unit_test(an_imitation_is_not_taken_for_what_it_imitates),
		cmocka_unit_test(the_fixed_version_serves_where_no_string_says_it),
		cmocka_unit_test(an_assembly_says_its_company_and_product),
		cmocka_unit_test(a_go_program_says_what_it_is_made_of),
		cmocka_unit_test(exported_names_are_claimed_only_when_deep),
		cmocka_unit_test(the_signer_is_told_from_chain_and_time_stamper),
		cmocka_unit_test(nested_signatures_are_read_too),
		cmocka_unit_test(a_changed_image_is_not_verified),
		cmocka_unit_test(another_key_than_the_signers_does_not_verify),
		cmocka_unit_test(what_is_no_pe_file_says_nothing),
		cmocka_unit_test(a_cut_off_certificate_table_is_damaged),
		cmocka_unit_test(cut_and_changed_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
