/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that hold many things: blocks of hosts, pages of postings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>

#include "store/host_block.h"
#include "store/members.h"
#include "store/page.h"

static struct db db;

/* ---- blocks of hosts --------------------------------------------------- */

static int read_packed(const struct str *bytes, struct host_block *ret)
{
	const struct db_value row[] = {DB_N(3), DB_B(str_slice(bytes)), DB_N(0)};

	memset(ret, 0, sizeof(*ret));
	return host_block_read(&db, row, ret);
}

static struct host_block *new_block(void)
{
	struct host_block *block = calloc(1, sizeof(*block));

	assert_non_null(block);
	return block;
}

static void a_block_comes_back_as_it_was_packed(void **)
{
	static const uint64_t edges[] = {0, 1, 2, 255, 256, 257, 65535, 65536,
	                                 INT32_MAX, 1767225600};
	struct host_block *block = new_block(), *back = new_block();
	struct str bytes = {0};

	for (uint32_t n = 0; n <= HOST_BLOCK; n += n < 70 ? 1 : 671) {
		memset(block, 0, sizeof(*block));
		block->n = n;
		for (uint32_t i = 0; i < n; i++)
			for (uint32_t c = 0; c < HOST_COLUMNS; c++)
				block->v[c][i] = edges[(i * (c + 1) + n) %
				                       (1 + c * 2 % COUNT_OF(edges))];
		if (n > 0)
			block->v[HOST_LAST_SEEN][n - 1] = INT64_MAX;
		str_clear(&bytes);
		host_block_pack(block, &bytes);
		assert_int_equal(read_packed(&bytes, back), 0);
		assert_int_equal(back->number, 3);
		assert_int_equal(back->n, n);
		assert_memory_equal(back->v, block->v, sizeof(block->v));
	}
	str_finish(&bytes);
	free(block);
	free(back);
}

static void equal_times_take_a_byte_each(void **)
{
	struct host_block *block = new_block();
	struct str bytes = {0};

	block->n = HOST_BLOCK;
	for (uint32_t i = 0; i < HOST_BLOCK; i++)
		block->v[HOST_LAST_SEEN][i] = 1767225600 + i % 255;
	host_block_pack(block, &bytes);
	assert_int_equal(bytes.n, 1 + 2 + HOST_COLUMNS + 8 + HOST_BLOCK);
	str_finish(&bytes);
	free(block);
}

/* No bytes but a whole block are one: every cut, one more, and each header
 * byte changed is refused, or read into something that packs as it reads. */
static void what_is_no_block_is_refused(void **)
{
	struct host_block *block = new_block(), *back = new_block();
	struct str bytes = {0}, again = {0};

	block->n = 5;
	for (uint32_t i = 0; i < 5; i++)
		for (uint32_t c = 0; c < HOST_COLUMNS; c++)
			block->v[c][i] = i * 1000 + c;
	host_block_pack(block, &bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		struct str cut = {.p = bytes.p, .n = n};
		assert_int_equal(read_packed(&cut, back), -EUCLEAN);
	}
	for (size_t at = 0; at < bytes.n; at++) {
		for (int x = 1; x < 256; x += at < 3 ? 1 : 37) {
			bytes.p[at] = (char)(bytes.p[at] ^ x);
			if (read_packed(&bytes, back) == 0) {
				assert_true(back->n == 5);
				str_clear(&again);
				host_block_pack(back, &again);
				assert_int_equal(read_packed(&again, block), 0);
				assert_memory_equal(back->v, block->v, sizeof(back->v));
			}
			bytes.p[at] = (char)(bytes.p[at] ^ x);
		}
	}
	str_putc(&bytes, 0);
	assert_int_equal(read_packed(&bytes, back), -EUCLEAN);
	str_finish(&bytes);
	str_finish(&again);
	free(block);
	free(back);
}

/* ---- pages of postings ------------------------------------------------- */

static void put_member(struct str *page, uint32_t place, uint16_t member)
{
	const uint32_t change = members_change_of(member, true);
	struct str set = {0};

	assert_int_equal(members_change(slice_of(NULL, 0), &change, 1, &set), 0);
	page_put(page, place, str_slice(&set));
	str_finish(&set);
}

static void a_page_gives_each_key_its_members(void **)
{
	struct str page = {0};
	struct slice set;

	page_begin(&page);
	put_member(&page, 0, 7);
	page_put(&page, 3, slice_of(NULL, 0)); /* no members: not kept */
	put_member(&page, 4, 8);
	put_member(&page, PAGE_KEYS - 1, 9);
	for (uint32_t place = 0; place < PAGE_KEYS; place++) {
		const int member = place == 0 ? 7 : place == 4 ? 8
		                   : place == PAGE_KEYS - 1 ? 9 : 0;
		uint64_t words[MEMBERS_WORDS] = {0};
		assert_int_equal(page_find(str_slice(&page), place, &set), 0);
		assert_int_equal(set.n > 0, member > 0);
		assert_int_equal(members_apply(set, false, words), 0);
		assert_int_equal(words[0], member ? UINT64_C(1) << member : 0);
	}
	assert_int_equal(page_find(slice_of(NULL, 0), 1, &set), 0);
	assert_int_equal(set.n, 0);
	assert_int_equal(page_find(page_empty(), 1, &set), 0);
	assert_int_equal(set.n, 0);
	str_finish(&page);
}

static int read_all(struct slice bytes)
{
	struct page page;
	struct page_entry entry;
	int r = page_open(&page, bytes), n = 0;

	while (r >= 0 && (r = page_next(&page, &entry)) > 0)
		n++;
	return r < 0 ? r : n;
}

static void what_is_no_page_is_refused(void **)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{"\x20", 1},                             /* another form */
		{"\x21\x01", 2},                         /* no length */
		{"\x21\x01\x05\x11\x01\x00", 6},         /* ends early */
		{"\x21\x10\x03\x11\x01\x00", 6},         /* no such place */
		{"\x21\x01\x01\x11", 4},                 /* no members */
		{"\x21\x02\x03\x11\x01\x00\x02\x03\x11\x01\x00", 11}, /* twice */
		{"\x21\x02\x03\x11\x01\x00\x01\x03\x11\x01\x00", 11}, /* back */
		{"\x21\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x11", 13},
	};
	struct slice set;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (read_all(slice_of(bad[i].bytes, bad[i].n)) != -EUCLEAN)
			fail_msg("case %zu", i);
		if (page_find(slice_of(bad[i].bytes, bad[i].n), PAGE_KEYS - 1, &set) !=
		    -EUCLEAN)
			fail_msg("case %zu", i);
	}
	assert_int_equal(read_all(slice_of("\x21\x01\x03\x11\x01\x00", 6)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_comes_back_as_it_was_packed),
		cmocka_unit_test(equal_times_take_a_byte_each),
		cmocka_unit_test(what_is_no_block_is_refused),
		cmocka_unit_test(a_page_gives_each_key_its_members),
		cmocka_unit_test(what_is_no_page_is_refused),
	};

	return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
