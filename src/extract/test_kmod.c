/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the above. */
#include <cmocka.h>

#include "extract/test_damage.h"

#define FILE_AT(name) TEST_DATA "/kmod/" name

extern const struct extractor extract_elf, extract_kmod;

static void a_module_says_who_wrote_and_signed_it(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("made-nic.ko"));

	(void)state;
	EXPECT_EXTRACT(&extract_elf, "/lib/modules/6.1/made-nic.ko", bytes,
	               "item installed name=made_nic version=1.2.3\n"
	               "  kmod.author=Example Devices Co., Ltd @113+24\n"
	               "  kmod.author=A. Person <a@example.org> @145+25\n"
	               "  kmod.description=Example NIC driver @183+18\n"
	               "  pci.vendor=19e5 @208+13\n"
	               "  usb.vendor=12d1 @325+9\n"
	               "  kmod.name=made_nic @404+8\n"
	               "  kmod.signer=Example module key @801+18\n"
	               "  kmod.signer=Example Signers @775+15\n");
	free((void *)(uintptr_t)bytes.p);
}

static void an_old_module_is_named_after_its_file(void **state)
{
	struct slice bytes = test_bytes(FILE_AT("made-old.ko"));

	(void)state;
	EXPECT_EXTRACT(&extract_elf, "/lib/modules/3.16/made-old.ko", bytes,
	               "item installed name=made_old version=1.2.3\n"
	               "  kmod.author=Example Devices Co., Ltd @113+24\n"
	               "  kmod.author=A. Person <a@example.org> @145+25\n"
	               "  kmod.description=Example NIC driver @183+18\n"
	               "  pci.vendor=19e5 @208+13\n"
	               "  usb.vendor=12d1 @325+9\n"
	               "  kmod.name=made_old\n"
	               "  kmod.signer=Example old signer @681+18\n");
	free((void *)(uintptr_t)bytes.p);
}

static const char *const packed[] = {
	FILE_AT("made-nic.ko.xz"),
	FILE_AT("made-nic.ko.zst"),
	FILE_AT("made-nic.ko.gz"),
};

static void a_compressed_module_is_a_member_of_its_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packed); i++) {
		struct slice bytes = test_bytes(packed[i]);
		assert_true(test_probes(&extract_kmod, packed[i], bytes));
		char *text = extract_to_text(&extract_kmod, packed[i], bytes,
		                             true);
		assert_non_null(strstr(text, "name=made_nic version=1.2.3\n"));
		assert_non_null(strstr(text, "  pci.vendor=19e5 @208+13 "
		                             "member=made-nic.ko\n"));
		assert_non_null(strstr(text, "  kmod.signer=Example module key "
		                             "@801+18 member=made-nic.ko\n"));
		assert_null(strstr(text, "error"));
		free(text);
		free((void *)(uintptr_t)bytes.p);
	}
}

static void what_is_only_named_like_a_module_says_nothing(void **state)
{
	/* gzip of "hello\n" */
	static const uint8_t hello[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00,
		0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00};

	(void)state;
	EXPECT_EXTRACT(&extract_kmod, "/x.ko.gz",
	               slice_of(hello, sizeof(hello)), "");
	assert_false(test_probes(&extract_kmod, "/x.txt.gz",
	                         slice_of(hello, sizeof(hello))));
}

static void a_compressed_module_that_is_cut_off_is_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packed); i++) {
		struct slice bytes = test_bytes(packed[i]);
		EXPECT_EXTRACT(&extract_kmod, packed[i],
		               slice_first(bytes, bytes.n / 2),
		               "error EBADMSG\n");
		free((void *)(uintptr_t)bytes.p);
	}
}

static void cut_and_changed_files_are_survived(void **state)
{
	static const char *const plain[] = {
		FILE_AT("made-nic.ko"),
		FILE_AT("made-old.ko"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		struct slice bytes = test_bytes(plain[i]);
		damage_prefixes(&extract_elf, "/a.ko", bytes, 1);
		damage_bytes(&extract_elf, "/a.ko", bytes, 0, bytes.n, 1, NULL);
		free((void *)(uintptr_t)bytes.p);
	}
	for (size_t i = 0; i < COUNT_OF(packed); i++) {
		struct slice bytes = test_bytes(packed[i]);
		damage_prefixes(&extract_kmod, packed[i], bytes, 3);
		damage_bytes(&extract_kmod, packed[i], bytes, 0, bytes.n, 3,
		             NULL);
		free((void *)(uintptr_t)bytes.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_says_who_wrote_and_signed_it),
		cmocka_unit_test(an_old_module_is_named_after_its_file),
		cmocka_unit_test(a_compressed_module_is_a_member_of_its_file),
		cmocka_unit_test(what_is_only_named_like_a_module_says_nothing),
		cmocka_unit_test(a_compressed_module_that_is_cut_off_is_damaged),
		cmocka_unit_test(cut_and_changed_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
