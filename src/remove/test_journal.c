/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal by itself: what was written is read, and nothing else ever is.
 * Each byte is flipped, each length is cut, each call fails, each field of a
 * record is made impossible.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/siphash.h"
#include "remove/journal.h"
#include "remove/test_failing.h"
#include "remove/test_faulty.h"

enum { RECORDS = 12, SPACE = 4096, BYTES = 8192, NONE = -1 };

static char top[64];
static int dir = -1;
static struct faulty table; /* fails at nothing, and does not wait for disks */
static const struct fs *fs;

static void must(int r)
{
	if (r < 0)
		fail_msg("%s", strerror(errno));
}

static int set_up(void **state)
{
	(void)snprintf(top, sizeof(top), "/tmp/debar-journal-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	table = (struct faulty){0};
	fs = faulty_table(&table);
	failing_end();
	return dir < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)unlinkat(dir, "journal", 0);
	close(dir);
	return rmdir(top);
}

/* ---- records -------------------------------------------------------------- */

/* The i-th record of every journal here; texts of several lengths. */
static struct entry record_of(unsigned i)
{
	static const char text[] = "/opt/widget/bin/a name that is fairly long";

	return (struct entry){.type = (enum record_type)(1 + i % (RECORD_TYPE_COUNT - 1)),
	                      .step = i, .object = 7 * i, .a = -(int64_t)i,
	                      .b = (uint64_t)i << 40, .text = slice_of(text, 5 * i % 40)};
}

struct read {
	unsigned n;
	unsigned fail_at; /* the reader's own error at this one */
	bool wrong;
};

static int take_record(void *ctx, const struct entry *record)
{
	struct read *read = ctx;
	struct entry wanted = record_of(read->n);

	if (++read->n == read->fail_at)
		return -EPROTO;
	if (record->type != wanted.type || record->step != wanted.step ||
	    record->object != wanted.object || record->a != wanted.a ||
	    record->b != wanted.b || !slice_eq(record->text, wanted.text))
		read->wrong = true;
	return 0;
}

static int open_with(struct journal *j, struct read *ret, struct journal_end *end)
{
	struct err e = {0};

	*ret = (struct read){.fail_at = ret->fail_at};
	int err = journal_open(j, fs, dir, take_record, ret, &e, end);
	if (err < 0)
		assert_true(e.text[0]);
	return err;
}

/* A journal of RECORDS records, of which the last `loose` share one sync. */
static void write_journal(unsigned loose)
{
	struct journal j;
	struct err e = {0};

	(void)unlinkat(dir, "journal", 0);
	assert_int_equal(journal_create(&j, fs, dir, SPACE, &e), 0);
	for (unsigned i = 0; i < RECORDS; i++) {
		struct entry record = record_of(i);
		journal_add(&j, &record);
		if (i < RECORDS - loose)
			assert_int_equal(journal_sync(&j, &e), 0);
	}
	assert_int_equal(journal_sync(&j, &e), 0);
	journal_close(&j);
}

/* Bytes of the file; how many. */
static size_t get_bytes(uint8_t bytes[BYTES])
{
	int fd = openat(dir, "journal", O_RDONLY | O_CLOEXEC);

	must(fd);
	ssize_t n = read(fd, bytes, BYTES);
	must((int)n);
	close(fd);
	return (size_t)n;
}

static void put_bytes(const uint8_t *bytes, size_t n)
{
	int fd = openat(dir, "journal", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

/* Where the records end. */
static size_t end_of(unsigned records)
{
	size_t at = 0;

	for (unsigned i = 0; i < records; i++)
		at += record_bytes(record_of(i).text.n);
	return at;
}

/* ---- what is written is read ---------------------------------------------- */

static void what_was_written_is_read(void **state)
{
	struct read read = {0};
	struct journal_end end;
	struct journal j;
	struct err e = {0};

	write_journal(3);
	assert_int_equal(open_with(&j, &read, &end), 0);
	assert_int_equal(read.n, RECORDS);
	assert_false(read.wrong);
	assert_false(end.torn);
	assert_int_equal(end.records, RECORDS);
	/* and goes on where it ended, beyond the space that was reserved */
	while (j.at <= SPACE) {
		struct entry record = record_of((unsigned)j.next - 1);
		journal_add(&j, &record);
		assert_int_equal(journal_write(&j, &e), 0);
	}
	uint64_t written = j.next - 1;
	journal_close(&j);
	assert_int_equal(open_with(&j, &read, &end), 0);
	assert_int_equal(read.n, written);
	assert_false(read.wrong);
	journal_close(&j);
	journal_close(&j); /* no harm */
}

static void a_text_that_is_too_long_is_cut(void **state)
{
	static char text[RECORD_TEXT_MAX + 1];
	struct journal j;
	struct err e = {0};
	struct read read = {0};
	struct journal_end end;

	memset(text, 'x', sizeof(text));
	assert_int_equal(journal_create(&j, fs, dir, 3 * SPACE, &e), 0);
	journal_add(&j, &(struct entry){.type = RECORD_LEFT,
	                                .text = slice_of(text, sizeof(text))});
	assert_int_equal(journal_sync(&j, &e), 0);
	assert_int_equal(j.at, record_bytes(RECORD_TEXT_MAX));
	journal_close(&j);
	assert_int_equal(open_with(&j, &read, &end), 0);
	assert_int_equal(read.n, 1);
	journal_close(&j);
}

/* The last record fills the file to its last byte. */
static void a_full_journal_has_no_rest(void **state)
{
	struct read read = {0};
	struct journal_end end;
	uint8_t bytes[BYTES];
	struct journal j;

	write_journal(1);
	(void)get_bytes(bytes);
	put_bytes(bytes, end_of(RECORDS));
	assert_int_equal(open_with(&j, &read, &end), 0);
	assert_int_equal(read.n, RECORDS);
	assert_false(end.torn);
	journal_close(&j);
}

/* ---- damage --------------------------------------------------------------- */

/*
 * A damaged journal: either it says that it is damaged, or what it gives is a
 * beginning of what was written. `synced`: as many must be given at least.
 */
static int read_damaged(unsigned synced, const char *what, size_t at)
{
	struct read read = {0};
	struct journal_end end;
	struct journal j;
	int err = open_with(&j, &read, &end);

	if (read.wrong || read.n > RECORDS)
		fail_msg("%s at %zu: other records than were written", what, at);
	if (err < 0 && err != -EBADMSG)
		fail_msg("%s at %zu: %s", what, at, strerror(-err));
	if (err == 0 && read.n < synced)
		fail_msg("%s at %zu: only %u records, and nobody says so", what, at, read.n);
	if (err == 0)
		journal_close(&j);
	return err;
}

/* All but the last batch are known by a later record to have been on the disk. */
static void each_flipped_byte_is_found(void **state)
{
	enum { LOOSE = 3 };
	static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xff};
	uint8_t bytes[BYTES];
	unsigned damaged = 0, torn = 0;

	write_journal(LOOSE);
	size_t n = get_bytes(bytes), end = end_of(RECORDS);
	for (size_t at = 0; at < end + 64; at++) {
		for (size_t m = 0; m < COUNT_OF(masks); m++) {
			bytes[at] ^= masks[m];
			put_bytes(bytes, n);
			int err = read_damaged(RECORDS - LOOSE, "flipped", at);
			damaged += err < 0;
			torn += err == 0;
			bytes[at] ^= masks[m];
		}
	}
	assert_int_equal(damaged, COUNT_OF(masks) * end_of(RECORDS - LOOSE));
	print_message("%u flips: %u are damage, %u a torn end\n", damaged + torn, damaged,
	              torn);
}

static void each_cut_length_gives_a_beginning(void **state)
{
	uint8_t bytes[BYTES];

	write_journal(3);
	(void)get_bytes(bytes);
	for (size_t n = 0; n <= end_of(RECORDS) + 16; n++) {
		put_bytes(bytes, n);
		assert_int_equal(read_damaged(0, "cut", n), 0);
	}
}

/* The last batch was cut off by a crash: any beginning of it may be there, and
 * zeros behind it. What is appended then is read, and nothing of the old. */
static void what_is_torn_is_wiped(void **state)
{
	uint8_t bytes[BYTES];
	struct journal_end end;
	struct journal j;
	struct err e = {0};

	write_journal(4);
	size_t n = get_bytes(bytes);
	for (size_t at = end_of(RECORDS) - 1; at > end_of(RECORDS - 4); at--) {
		struct read read = {0};
		bytes[at] = 0;
		put_bytes(bytes, n);
		assert_int_equal(open_with(&j, &read, &end), 0);
		unsigned whole = read.n;
		assert_true(whole >= RECORDS - 4 && whole < RECORDS);
		struct entry record = record_of(whole);
		journal_add(&j, &record);
		assert_int_equal(journal_sync(&j, &e), 0);
		journal_close(&j);
		assert_int_equal(open_with(&j, &read, &end), 0);
		assert_int_equal(read.n, whole + 1);
		assert_false(read.wrong || end.torn);
		journal_close(&j);
	}
}

/* ---- records that cannot be ------------------------------------------------ */

static void put_number(uint8_t *at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

/* A record with a right checksum whatever is in it; its length. */
static size_t forge(uint8_t *at, unsigned type, size_t text, uint64_t sequence,
                    uint64_t synced)
{
	size_t n = record_bytes(text) - RECORD_SUM;

	memset(at, 0, n);
	memcpy(at, "dbrj", 4);
	put_number(at + 4, type, 2);
	put_number(at + 6, text, 2);
	put_number(at + 8, sequence, 8);
	put_number(at + 16, synced, 8);
	const struct siphash_key key = {sequence, 0x6a72626400000001};
	put_number(at + n, siphash(&key, slice_of(at, n)), 8);
	return n + RECORD_SUM;
}

static void no_forged_record_is_taken(void **state)
{
	static const struct {
		unsigned type;
		size_t text;
		uint64_t sequence;
		bool taken;
	} forged[] = {
		{RECORD_BEGIN, 0, 1, true},
		{RECORD_DISCARDED, 0, 1, true},
		{RECORD_NONE, 0, 1, false},
		{RECORD_TYPE_COUNT, 0, 1, false},
		{0xffff, 0, 1, false},
		{RECORD_BEGIN, RECORD_TEXT_MAX, 1, true},
		{RECORD_BEGIN, RECORD_TEXT_MAX + 1, 1, false},
		{RECORD_BEGIN, 0xffff, 1, false},
		{RECORD_BEGIN, 0, 0, false},
		{RECORD_BEGIN, 0, 2, false},
		{RECORD_BEGIN, 0, UINT64_MAX, false},
	};
	static uint8_t bytes[80 * 1024];

	for (size_t i = 0; i < COUNT_OF(forged); i++) {
		struct read read = {0};
		struct journal_end end;
		struct journal j;
		memset(bytes, 0, sizeof(bytes));
		(void)forge(bytes, forged[i].type, forged[i].text, forged[i].sequence, 0);
		put_bytes(bytes, sizeof(bytes));
		assert_int_equal(open_with(&j, &read, &end), 0);
		if (read.n != forged[i].taken || end.torn == forged[i].taken)
			fail_msg("forged record %zu", i);
		journal_close(&j);
	}
}

/* Something later in the file says that the missing record had been synced. */
static void a_later_record_tells_of_damage(void **state)
{
	static const struct {
		uint64_t sequence, synced;
		size_t at;
		int err;
	} later[] = {
		{9, 1, 64, -EBADMSG},
		{9, 1, 72, -EBADMSG},
		{9, 0, 64, 0},       /* it does not say so */
		{9, 1, 68, 0},       /* no place for a record */
		{2, UINT64_MAX, 128, -EBADMSG},
	};
	uint8_t bytes[1024];

	for (size_t i = 0; i < COUNT_OF(later); i++) {
		struct read read = {0};
		struct journal_end end;
		struct journal j;
		memset(bytes, 0, sizeof(bytes));
		(void)forge(bytes + later[i].at, RECORD_TAKE, 0, later[i].sequence,
		            later[i].synced);
		put_bytes(bytes, sizeof(bytes));
		int err = open_with(&j, &read, &end);
		if (err != later[i].err)
			fail_msg("later record %zu: %s", i, strerror(-err));
		if (err == 0)
			journal_close(&j);
	}
}

static void what_is_no_journal_is_refused(void **state)
{
	struct read read = {0};
	struct journal_end end;
	struct journal j;

	assert_int_equal(open_with(&j, &read, &end), -ENOENT);
	must(mkfifoat(dir, "journal", 0600));
	assert_int_equal(open_with(&j, &read, &end), -EBADMSG);
	must(unlinkat(dir, "journal", 0));
	put_bytes((const uint8_t *)"", 0);
	assert_int_equal(open_with(&j, &read, &end), 0);
	assert_int_equal(read.n, 0);
	journal_close(&j);
	int fd = openat(dir, "journal", O_WRONLY | O_CLOEXEC);
	must(ftruncate(fd, (off_t)JOURNAL_MAX + 1));
	close(fd);
	assert_int_equal(open_with(&j, &read, &end), -EBADMSG);
}

/* ---- failures -------------------------------------------------------------- */

static void the_readers_error_is_told(void **state)
{
	struct read read = {.fail_at = 5};
	struct journal_end end;
	struct journal j;

	write_journal(1);
	assert_int_equal(open_with(&j, &read, &end), -EPROTO);
	assert_int_equal(read.n, 5);
}

static void too_much_space_is_not_asked_for(void **state)
{
	struct journal j;
	struct err e = {0};

	assert_int_equal(journal_create(&j, fs, dir, (uint64_t)JOURNAL_MAX + 1, &e), -EFBIG);
	assert_int_equal(journal_create(&j, fs, dir, SPACE, &e), 0);
	j.at = JOURNAL_MAX; /* as if so much had been written */
	struct entry record = record_of(1);
	journal_add(&j, &record);
	assert_int_equal(journal_write(&j, &e), -EFBIG);
	assert_int_equal(journal_write(&j, &e), -EFBIG); /* it stays so */
	journal_close(&j);
	assert_int_equal(journal_create(&j, fs, dir, SPACE, &e), -EEXIST);
}

/* One whole life: made, written, grown, closed, read. 0 or the first error. */
static int life(void)
{
	struct journal j;
	struct err e = {0};
	struct read read = {0};
	struct journal_end end;
	uint8_t bytes[BYTES];

	(void)unlinkat(dir, "journal", 0);
	int err = journal_create(&j, fs, dir, 128, &e);
	if (err < 0)
		return err;
	for (unsigned i = 0; i < RECORDS && err == 0; i++) {
		struct entry record = record_of(i);
		journal_add(&j, &record);
		err = i % 2 ? journal_write(&j, &e) : journal_sync(&j, &e);
	}
	if (err < 0) { /* and stays failed */
		journal_add(&j, &(struct entry){.type = RECORD_END});
		assert_int_equal(journal_sync(&j, &e), err);
	}
	journal_close(&j);
	if (err < 0)
		return err;
	int fd = openat(dir, "journal", O_RDWR | O_CLOEXEC);
	must((int)pread(fd, bytes, 8, 0));
	must((int)pwrite(fd, bytes, 8, (off_t)end_of(RECORDS))); /* a torn record */
	close(fd);
	err = open_with(&j, &read, &end);
	assert_false(read.wrong);
	if (err == 0) {
		assert_true(end.torn);
		journal_close(&j);
	}
	return err;
}

static void each_failing_call_is_told(void **state)
{
	assert_int_equal(life(), 0);
	unsigned n = table.calls;
	for (unsigned k = 1; k <= n; k++) {
		table = (struct faulty){.at = k, .error = ENOSPC};
		fs = faulty_table(&table);
		assert_int_equal(life(), -ENOSPC);
	}
	print_message("%u failing calls\n", n);
}

static void memory_that_is_not_to_be_had_is_told(void **state)
{
	failing = (struct failing){.count = true};
	assert_int_equal(life(), 0);
	unsigned n = failing_end();
	for (unsigned k = 1; k <= n; k++) {
		failing = (struct failing){.at = k};
		int err = life();
		failing_end();
		assert_int_equal(err, -ENOMEM);
	}
	print_message("%u failing allocations\n", n);
}

static ssize_t nothing_written(const struct fs *f, int fd, const void *p, size_t n, off_t at)
{
	return 0;
}

static ssize_t nothing_read(const struct fs *f, int fd, void *p, size_t n, off_t at)
{
	return 0;
}

static void short_calls_change_nothing(void **state)
{
	table = (struct faulty){.brief = true};
	fs = faulty_table(&table);
	assert_int_equal(life(), 0);
	table.fs.read = nothing_read;
	assert_int_equal(life(), -EIO);
	fs = faulty_table(&table);
	table.fs.write = nothing_written;
	assert_int_equal(life(), -EIO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(a_text_that_is_too_long_is_cut),
		TEST(a_full_journal_has_no_rest),
		TEST(each_flipped_byte_is_found),
		TEST(each_cut_length_gives_a_beginning),
		TEST(what_is_torn_is_wiped),
		TEST(no_forged_record_is_taken),
		TEST(a_later_record_tells_of_damage),
		TEST(what_is_no_journal_is_refused),
		TEST(the_readers_error_is_told),
		TEST(too_much_space_is_not_asked_for),
		TEST(each_failing_call_is_told),
		TEST(memory_that_is_not_to_be_had_is_told),
		TEST(short_calls_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
