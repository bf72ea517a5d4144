/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the above. */
#include <cmocka.h>

#include "base/arena.h"
#include "extract/test_damage.h"

#define FILE_AT(name) TEST_DATA "/elf/" name

extern const struct extractor extract_elf;

static void check(const char *file, const char *path, const char *expected)
{
	struct slice bytes = test_bytes(file);

	assert_true(test_probes(&extract_elf, path, bytes));
	EXPECT_EXTRACT(&extract_elf, path, bytes, expected);
	free((void *)(uintptr_t)bytes.p);
}

static void a_library_says_what_it_is_and_needs(void **state)
{
	(void)state;
	check(FILE_AT("made-64le.so"), "/usr/lib/x.so",
	      "item installed name=librte_net_made version=0.9.1\n"
	      "  elf.comment=GCC: (Made 1) 12.2.0 @1216+20\n"
	      "  elf.comment=made linker 3 @1258+13\n"
	      "  elf.needed=libc.so.6 @321+9\n"
	      "  elf.needed=librte_eal.so.23 @331+16\n"
	      "  elf.soname=librte_net_made.so.23 @348+21\n"
	      "  elf.runpath=/opt/made/lib @370+13\n"
	      "  elf.package=librte-made @583+11\n"
	      "  elf.package=Example Maker @628+13\n"
	      "  elf.package=deb @554+3\n"
	      "  elf.package=made @567+4\n"
	      "  go.module=example.org/tool/cmd/tool @912+25\n"
	      "  go.module=example.org/tool @942+16\n"
	      "  go.module=example.com/yaml @971+16\n"
	      "  go.module=example.com/old @1005+15\n"
	      "  go.module=example.net/fork @1031+16\n"
	      "  rust.crate=adler @1104+109\n"
	      "  rust.crate=made-tool @1104+109\n"
	      "  pci.vendor=19e5 @699+128\n"
	      "  pci.vendor=1234 @699+128\n");
}

/* Cuts evidence off each line: places differ between the kinds of file. */
static char *without_places(char *text)
{
	char *to = text;

	for (char *p = text; *p; p++) {
		if (p[0] == ' ' && p[1] == '@')
			while (p[1] && p[1] != '\n')
				p++;
		else
			*to++ = *p;
	}
	*to = 0;
	return text;
}

static void every_width_and_byte_order_reads_alike(void **state)
{
	static const char *const files[] = {
		FILE_AT("made-64be.so"),
		FILE_AT("made-32le.so"),
		FILE_AT("made-32be.so"),
	};
	struct slice first = test_bytes(FILE_AT("made-64le.so"));

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice bytes = test_bytes(files[i]);
		char *expected = without_places(
			extract_to_text(&extract_elf, "/a", first, true));
		expect_text(without_places(extract_to_text(&extract_elf, "/a",
		                                           bytes, true)),
		            expected);
		free(expected);
		free((void *)(uintptr_t)bytes.p);
	}
	free((void *)(uintptr_t)first.p);
}

static void a_file_without_section_table_is_read_by_its_segments(void **state)
{
	(void)state;
	check(FILE_AT("made-bare.so"), "/opt/tool",
	      "item installed name=librte_net_made version=v1.4.2\n"
	      "  elf.needed=libc.so.6 @321+9\n"
	      "  elf.needed=librte_eal.so.23 @331+16\n"
	      "  elf.soname=librte_net_made.so.23 @348+21\n"
	      "  elf.runpath=/opt/made/lib @370+13\n"
	      "  elf.package=librte-made @583+11\n"
	      "  elf.package=Example Maker @628+13\n"
	      "  elf.package=deb @554+3\n"
	      "  elf.package=made @567+4\n"
	      "  go.module=example.org/tool/cmd/tool @912+25\n"
	      "  go.module=example.org/tool @942+16\n"
	      "  go.module=example.com/yaml @971+16\n"
	      "  go.module=example.com/old @1005+15\n"
	      "  go.module=example.net/fork @1031+16\n");
}

static void modules_of_a_go_program_are_found_without_their_header(void **state)
{
	(void)state;
	check(FILE_AT("made-go-text"), "/opt/tool",
	      "item installed name=tool version=v1.4.2\n"
	      "  go.module=example.org/tool/cmd/tool @125+25\n"
	      "  go.module=example.org/tool @155+16\n"
	      "  go.module=example.com/yaml @184+16\n"
	      "  go.module=example.com/old @218+15\n"
	      "  go.module=example.net/fork @244+16\n");
}

static void symbols_are_claimed_only_when_every_byte_was_asked_for(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("made-64be.so"));

	(void)state;
	char *text = damage_run(&extract_elf, "/a", bytes.p, bytes.n);
	assert_non_null(strstr(text, "  elf.symbol=made_init @384+9\n"));
	assert_non_null(strstr(text, "  elf.symbol=made_probe @394+10\n"));
	free(text);
	text = extract_to_text(&extract_elf, "/a", bytes, true);
	assert_null(strstr(text, "elf.symbol"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void a_broken_section_table_does_not_hide_the_rest(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("made-64le.so"));

	(void)state;
	((uint8_t *)(uintptr_t)bytes.p)[0x2f] = 0x7f; /* its offset */
	char *text = extract_to_text(&extract_elf, "/a", bytes, true);
	assert_non_null(strstr(text, "  elf.soname=librte_net_made.so.23"));
	assert_non_null(strstr(text, "error EBADMSG\n"));
	free(text);
	free((void *)(uintptr_t)bytes.p);
}

static void the_record_is_named_after_the_file_without_soname(void **state)
{
	static const uint8_t head[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1,
	                                 [16] = 2};

	(void)state;
	EXPECT_EXTRACT(&extract_elf, "/usr/bin/tool-1.so.cfg",
	               slice_of(head, sizeof(head)),
	               "item installed name=tool-1.so.cfg\n");
	EXPECT_EXTRACT(&extract_elf, "/usr/bin/x", slice_of(head, 20),
	               "error EBADMSG\n");
}

static void cut_and_changed_files_are_survived(void **state)
{
	static const char *const files[] = {
		FILE_AT("made-64le.so"),
		FILE_AT("made-64be.so"),
		FILE_AT("made-32be.so"),
		FILE_AT("made-bare.so"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice bytes = test_bytes(files[i]);
		damage_prefixes(&extract_elf, "/a", bytes, 1);
		damage_bytes(&extract_elf, "/a", bytes, 0, bytes.n, 1, NULL);
		free((void *)(uintptr_t)bytes.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_says_what_it_is_and_needs),
		cmocka_unit_test(every_width_and_byte_order_reads_alike),
		cmocka_unit_test(
			a_file_without_section_table_is_read_by_its_segments),
		cmocka_unit_test(
			modules_of_a_go_program_are_found_without_their_header),
		cmocka_unit_test(
			symbols_are_claimed_only_when_every_byte_was_asked_for),
		cmocka_unit_test(a_broken_section_table_does_not_hide_the_rest),
		cmocka_unit_test(
			the_record_is_named_after_the_file_without_soname),
		cmocka_unit_test(cut_and_changed_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
