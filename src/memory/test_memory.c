/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "memory/format.h"

enum { ITEMS = 5000, LATE = 1800000000 };

static char dir[] = "/tmp/debar-memory-XXXXXX";
static char file[64];
static struct siphash_key key;
static const struct memory_about about = {.packs = "packs", .markers = "markers"};

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(file, sizeof(file), "%s/memory", dir);
	return memory_dir_key(dir, &key);
}

static int tear_down(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	(void)unlink(path);
	(void)unlink(file);
	return rmdir(dir);
}

static struct stat stat_of(uint64_t inode)
{
	return (struct stat){.st_mode = S_IFREG | 0644, .st_ino = inode,
	                     .st_size = 10, .st_mtim = {100, 5},
	                     .st_ctim = {100, 6}};
}

static uint64_t print_of(unsigned i, char path[32])
{
	const struct stat st = stat_of(i);

	(void)snprintf(path, 32, "/usr/bin/item-%u", i);
	return memory_print(&key, slice_str(path), &st, LATE);
}

/* Of every third item something is known, of every fifth that it is a program. */
static struct memory_item item_of(unsigned i, struct slice path)
{
	struct memory_item item = {.flags = i % 5 ? 0 : MEMORY_PROGRAM};

	if (i % 3 == 0) {
		item.path = path;
		item.messages = path;
		item.extractors = extract_bit(extractors[i % 7]);
	}
	return item;
}

static struct memory *open_it(const struct memory_about *with)
{
	const char *why = NULL;
	struct memory *m = memory_open(file, with, &key, &why);

	if (!m && why)
		print_message("%s\n", why);
	return m;
}

static void write_items(const struct memory *old, unsigned from, unsigned to)
{
	struct memory_writer *w = memory_writer_new(&about, &key, old);
	struct err e = {0};
	char path[32];

	assert_non_null(w);
	for (unsigned i = from; i < to; i++) {
		uint64_t print = print_of(i, path);
		struct memory_item item = item_of(i, slice_str(path));
		assert_int_equal(memory_add(w, print, &item), 0);
	}
	assert_int_equal(memory_write(w, file, &e), 0);
	memory_writer_free(w);
}

static void check_items(const struct memory *m, unsigned from, unsigned to)
{
	struct memory_item got;
	char path[32];

	for (unsigned i = from; i < to; i++) {
		uint64_t print = print_of(i, path);
		const struct memory_item item = item_of(i, slice_str(path));
		assert_true(memory_find(m, print, slice_str(path), &got));
		assert_int_equal(got.flags, item.flags);
		assert_true(slice_eq(got.messages, item.messages));
		assert_true(got.extractors == item.extractors);
	}
}

static void what_was_added_is_found(void **state)
{
	struct memory_item got;
	char path[32];

	(void)state;
	write_items(NULL, 0, ITEMS);
	struct memory *m = open_it(&about);
	assert_non_null(m);
	assert_true(memory_same_packs(m));
	assert_int_equal(memory_items(m), ITEMS);
	check_items(m, 0, ITEMS);
	for (unsigned i = ITEMS; i < 2 * ITEMS; i++)
		assert_false(memory_find(m, print_of(i, path), slice_str(path), &got));
	memory_free(m);
}

static int count_items(void *ctx, const struct memory_item *item)
{
	size_t *n = ctx;

	assert_true(item->messages.n > 0);
	(*n)++;
	return 0;
}

static void what_an_old_memory_holds_goes_into_the_next(void **state)
{
	struct memory_writer *w;
	struct memory_item got;
	struct err e = {0};
	char path[32];

	(void)state;
	write_items(NULL, 0, ITEMS);
	struct memory *old = open_it(&about);
	w = memory_writer_new(&about, &key, old);
	for (unsigned i = 0; i < ITEMS; i += 2) {
		uint64_t print = print_of(i, path);
		assert_true(memory_find(old, print, slice_str(path), &got));
		memory_keep(w, &got);
	}
	/* new ones among them, and one that was kept and is another now */
	for (unsigned i = ITEMS; i < ITEMS + 100; i++) {
		uint64_t print = print_of(i, path);
		struct memory_item item = item_of(i, slice_str(path));
		assert_int_equal(memory_add(w, print, &item), 0);
	}
	const struct memory_item other = {.path = SLICE("/x"),
	                                  .messages = SLICE("other")};
	assert_int_equal(memory_add(w, print_of(4, path), &other), 0);
	size_t n = 0;
	assert_int_equal(memory_each(w, count_items, &n), 0);
	assert_int_equal(memory_write(w, file, &e), 0);
	memory_writer_free(w);
	memory_free(old);
	struct memory *m = open_it(&about);
	assert_int_equal(memory_items(m), ITEMS / 2 + 100);
	for (unsigned i = 0; i < ITEMS; i += 2)
		if (i != 4)
			check_items(m, i, i + 1);
	check_items(m, ITEMS, ITEMS + 100);
	assert_true(memory_find(m, print_of(4, path), slice_str(path), &got));
	assert_true(slice_eq(got.messages, SLICE("other")));
	assert_false(memory_find(m, print_of(3, path), slice_str(path), &got));
	memory_free(m);
}

static void a_memory_that_would_be_the_same_is_left_alone(void **state)
{
	struct stat before, after;
	struct memory_item got;
	struct err e = {0};
	char path[32];

	(void)state;
	write_items(NULL, 0, ITEMS);
	assert_int_equal(stat(file, &before), 0);
	struct memory *old = open_it(&about);
	for (unsigned left = 0; left < 2; left++) {
		struct memory_writer *w = memory_writer_new(&about, &key, old);
		for (unsigned i = left; i < ITEMS; i++) {
			assert_true(memory_find(old, print_of(i, path),
			                        slice_str(path), &got));
			memory_keep(w, &got);
		}
		assert_int_equal(memory_write(w, file, &e), 0);
		memory_writer_free(w);
		assert_int_equal(stat(file, &after), 0);
		assert_int_equal(before.st_ino == after.st_ino, left == 0);
	}
	memory_free(old);
}

/* Each field of an item's identity counts; so does the path. */
static void a_changed_item_has_another_print(void **state)
{
	const struct slice path = SLICE("/usr/bin/a");
	struct stat st[8];
	uint64_t prints[9];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		st[i] = stat_of(7);
	st[1].st_dev = 1;
	st[2].st_ino = 8;
	st[3].st_size = 11;
	st[4].st_mtim.tv_nsec++;
	st[5].st_ctim.tv_nsec++;
	st[6].st_mode |= 0111;
	st[7].st_ctim.tv_sec++;
	for (size_t i = 0; i < 8; i++)
		prints[i] = memory_print(&key, path, &st[i], LATE);
	prints[8] = memory_print(&key, SLICE("/usr/bin/b"), &st[0], LATE);
	for (size_t i = 0; i < 9; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(prints[i] != prints[k]);
	assert_true(memory_print(&key, path, &st[0], LATE) == prints[0]);
}

static void what_changed_lately_has_no_print(void **state)
{
	struct stat st = stat_of(1);
	const int64_t changed = st.st_ctim.tv_sec;

	(void)state;
	assert_true(memory_print(&key, SLICE("/a"), &st, changed) == 0);
	assert_true(memory_print(&key, SLICE("/a"), &st,
	                         changed + MEMORY_SETTLE_S - 1) == 0);
	assert_true(memory_print(&key, SLICE("/a"), &st,
	                         changed + MEMORY_SETTLE_S) != 0);
	/* a clock that was set back: the change lies in the future */
	assert_true(memory_print(&key, SLICE("/a"), &st, changed - 1000) == 0);
}

static void an_item_without_a_print_lives_until_the_end(void **state)
{
	struct memory_writer *w = memory_writer_new(&about, &key, NULL);
	const struct memory_item item = {.path = SLICE("/a"),
	                                 .messages = SLICE("said")};
	struct err e = {0};
	size_t n = 0;

	(void)state;
	assert_int_equal(memory_add(w, 0, &item), 0);
	assert_int_equal(memory_add(w, 0, &item), 0);
	assert_int_equal(memory_each(w, count_items, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(memory_write(w, file, &e), 0);
	memory_writer_free(w);
	struct memory *m = open_it(&about);
	assert_int_equal(memory_items(m), 0);
	memory_free(m);
}

static void of_two_with_one_print_the_later_holds(void **state)
{
	struct memory_writer *w = memory_writer_new(&about, &key, NULL);
	struct memory_item item = {.path = SLICE("/a"), .messages = SLICE("one")};
	struct memory_item got;
	struct err e = {0};
	size_t n = 0;

	(void)state;
	assert_int_equal(memory_add(w, 7, &item), 0);
	item.messages = SLICE("two");
	item.flags = MEMORY_SEARCHED;
	assert_int_equal(memory_add(w, 7, &item), 0);
	assert_int_equal(memory_each(w, count_items, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(memory_write(w, file, &e), 0);
	memory_writer_free(w);
	struct memory *m = open_it(&about);
	assert_true(memory_find(m, 7, SLICE("/a"), &got));
	assert_true(slice_eq(got.messages, SLICE("two")));
	assert_int_equal(got.flags, MEMORY_SEARCHED);
	memory_free(m);
}

static void other_packs_and_other_markers_are_noticed(void **state)
{
	const struct memory_about packs = {.packs = "others", .markers = "markers"};
	const struct memory_about markers = {.packs = "packs", .markers = "others"};
	struct memory_writer *w = memory_writer_new(&about, &key, NULL);
	const struct memory_item item = {.flags = MEMORY_PROGRAM | MEMORY_SEARCHED};
	struct memory_item got;
	struct err e = {0};

	(void)state;
	assert_int_equal(memory_add(w, 9, &item), 0);
	assert_int_equal(memory_write(w, file, &e), 0);
	memory_writer_free(w);
	struct memory *m = open_it(&packs);
	assert_false(memory_same_packs(m));
	assert_true(memory_find(m, 9, SLICE("/a"), &got));
	assert_int_equal(got.flags, MEMORY_PROGRAM | MEMORY_SEARCHED);
	memory_free(m);
	m = open_it(&markers);
	assert_true(memory_find(m, 9, SLICE("/a"), &got));
	assert_int_equal(got.flags, MEMORY_PROGRAM);
	memory_free(m);
}

/* Writes over n bytes of the file at an offset. */
static void patch(long at, const void *bytes, size_t n)
{
	FILE *f = fopen(file, "r+e");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Any byte turned over: the file is no memory, or the item is not known, or it
 * is as it was. */
static void a_damaged_file_never_says_what_was_not_said(void **state)
{
	struct memory_item got;
	char path[32];

	(void)state;
	write_items(NULL, 0, 40);
	FILE *f = fopen(file, "re");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	const long n = ftell(f);
	uint8_t *bytes = malloc((size_t)n);
	rewind(f);
	assert_int_equal(fread(bytes, 1, (size_t)n, f), n);
	(void)fclose(f);
	for (long at = 0; at < n; at++) {
		const uint8_t turned = bytes[at] ^ 0x20;
		const char *why;
		patch(at, &turned, 1);
		struct memory *m = memory_open(file, &about, &key, &why);
		for (unsigned i = 0; m && i < 40; i++) {
			uint64_t print = print_of(i, path);
			const struct memory_item item = item_of(i, slice_str(path));
			if (!memory_find(m, print, slice_str(path), &got))
				continue;
			assert_true(slice_eq(got.messages, item.messages));
			assert_int_equal(got.flags & MEMORY_PROGRAM, item.flags);
		}
		memory_free(m);
		patch(at, &bytes[at], 1);
	}
	for (long cut = 0; cut < n; cut += 7) {
		const char *why;
		assert_int_equal(truncate(file, n - cut - 1), 0);
		assert_null(memory_open(file, &about, &key, &why));
		assert_non_null(why);
	}
	free(bytes);
}

/* The table of extractors stands behind the header: u64 name, u32 version, u64
 * probes. The sum of the file is made good again. */
static void change_extractor(unsigned number, size_t field)
{
	FILE *f = fopen(file, "r+e");
	static uint8_t bytes[1 << 20];
	enum { SAID_AT = 120, SUM_AT = 128 };

	assert_non_null(f);
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	bytes[MEMORY_HEADER + number * MEMORY_EXTRACTOR + field] ^= 1;
	uint64_t said;
	memcpy(&said, bytes + SAID_AT, sizeof(said));
	uint64_t sum = memory_sum(said, slice_of(bytes + MEMORY_HEADER,
	                                         n - said - MEMORY_HEADER));
	memcpy(bytes + SUM_AT, &sum, sizeof(sum));
	rewind(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* How many of the first items are still known. */
static unsigned known_items(unsigned n)
{
	struct memory *m = open_it(&about);
	struct memory_item got;
	unsigned known = 0;
	char path[32];

	assert_non_null(m);
	for (unsigned i = 0; i < n; i++) {
		uint64_t print = print_of(i, path);
		known += memory_find(m, print, slice_str(path), &got);
	}
	memory_free(m);
	return known;
}

static void a_changed_extractor_concerns_what_it_read(void **state)
{
	(void)state;
	write_items(NULL, 0, 210);
	assert_int_equal(known_items(210), 210);
	/* 70 of 210 were read at all, each seventh of them by number 2 */
	change_extractor(2, 8);
	assert_int_equal(known_items(210), 200);
}

/* One whose probes have changed, or that is new, may want what it never saw:
 * all files when it goes by their bytes. */
static void a_new_extractor_concerns_what_it_could_read(void **state)
{
	unsigned by_bytes = 0;

	(void)state;
	while (extractors[by_bytes] && extractors[by_bytes]->probes[0].path)
		by_bytes++;
	assert_non_null(extractors[by_bytes]);
	write_items(NULL, 0, 30);
	change_extractor(by_bytes, 12);
	assert_int_equal(known_items(30), 0);
}

static void a_file_of_somebody_else_is_no_memory(void **state)
{
	const char *why;

	(void)state;
	write_items(NULL, 0, 10);
	assert_int_equal(chmod(file, 0622), 0);
	assert_null(memory_open(file, &about, &key, &why));
	assert_non_null(why);
	assert_int_equal(chmod(file, 0600), 0);
	const struct siphash_key other = {1, 2};
	assert_null(memory_open(file, &about, &other, &why));
	assert_int_equal(unlink(file), 0);
	assert_null(memory_open(file, &about, &key, &why));
	assert_null(why);
}

static void the_key_stays(void **state)
{
	struct siphash_key again;

	(void)state;
	assert_int_equal(memory_dir_key(dir, &again), 0);
	assert_memory_equal(&again, &key, sizeof(key));
	assert_true(memory_dir_key("/nonexistent", &again) < 0);
	/* one that is cut short is made anew, and then stays */
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(truncate(path, 7), 0);
	assert_int_equal(memory_dir_key(dir, &again), 0);
	assert_true(memcmp(&again, &key, sizeof(key)) != 0);
	assert_int_equal(memory_dir_key(dir, &key), 0);
	assert_memory_equal(&again, &key, sizeof(key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(what_an_old_memory_holds_goes_into_the_next),
		cmocka_unit_test(a_memory_that_would_be_the_same_is_left_alone),
		cmocka_unit_test(a_changed_item_has_another_print),
		cmocka_unit_test(what_changed_lately_has_no_print),
		cmocka_unit_test(an_item_without_a_print_lives_until_the_end),
		cmocka_unit_test(of_two_with_one_print_the_later_holds),
		cmocka_unit_test(other_packs_and_other_markers_are_noticed),
		cmocka_unit_test(a_damaged_file_never_says_what_was_not_said),
		cmocka_unit_test(a_changed_extractor_concerns_what_it_read),
		cmocka_unit_test(a_new_extractor_concerns_what_it_could_read),
		cmocka_unit_test(a_file_of_somebody_else_is_no_memory),
		cmocka_unit_test(the_key_stays),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
