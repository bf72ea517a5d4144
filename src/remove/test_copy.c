/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object copied with everything that belongs to it, where a file system
 * knows less than ours, where somebody writes meanwhile, where a call fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/fs.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"
#include "remove/copy.h"
#include "remove/keep.h"
#include "remove/test_failing.h"
#include "remove/test_faulty.h"

static char top[64];
static int dir = -1;
static struct faulty table; /* fails at nothing, and does not wait for disks */
static const struct fs *fs;
static struct arena mem;
static int answer; /* of a replaced call */

static void must(int r)
{
	if (r < 0)
		fail_msg("%s", strerror(errno));
}

static void anew(void)
{
	table = (struct faulty){0};
	fs = faulty_table(&table);
}

static int set_up(void **state)
{
	(void)snprintf(top, sizeof(top), "/tmp/debar-copy-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	arena_init(&mem, 0);
	failing_end();
	anew();
	return dir < 0 ? -1 : 0;
}

static int delete_all(void)
{
	char command[96];

	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static int tear_down(void **state)
{
	arena_finish(&mem);
	close(dir);
	return delete_all();
}

/* ---- objects ---------------------------------------------------------------- */

static void put_file(const char *name, const char *text, off_t at, off_t size)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	must(fd);
	must((int)pwrite(fd, text, strlen(text), at));
	must(ftruncate(fd, size));
	close(fd);
}

static void put_xattr(const char *name, const char *key, const char *value)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	must(lsetxattr(path, key, value, strlen(value), 0));
}

/* One of each kind; of the file also attributes, a hole, and data behind it. */
static const char *const kinds[] = {"file", "folder", "link", "fifo", "char", "block"};

static void put_all(void)
{
	put_file("file", "text", 0, 100000);
	int fd = openat(dir, "file", O_WRONLY | O_CLOEXEC);
	must((int)pwrite(fd, "more", 4, 70001));
	close(fd);
	put_xattr("file", "trusted.a", "1");
	put_xattr("file", "trusted.b", "2");
	must(mkdirat(dir, "folder", 0750));
	must(symlinkat("some/target", dir, "link"));
	must(mkfifoat(dir, "fifo", 0604));
	must(mknodat(dir, "char", S_IFCHR | 0600, 0x103));
	must(mknodat(dir, "block", S_IFBLK | 0600, 0x701));
}

static int look(const char *name, struct copy_meta *ret)
{
	return copy_look(fs, dir, name, COPY_NO_FILE, &mem, ret);
}

static int copy(const char *name, const char *twin)
{
	struct err e = {0};

	return copy_object(fs, dir, name, dir, "new", twin, &e);
}

static int delete(const char *name)
{
	return unlinkat(dir, name, 0) < 0 ? unlinkat(dir, name, AT_REMOVEDIR) : 0;
}

static void each_kind_is_copied(void **state)
{
	struct copy_meta a, b;

	put_all();
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		assert_int_equal(copy(kinds[i], NULL), 0);
		assert_int_equal(look(kinds[i], &a), 0);
		assert_int_equal(look("new", &b), 0);
		assert_true(copy_same(&a, &b));
		assert_true(copy_same_time(a.mtime, b.mtime));
		must(delete("new"));
	}
	/* and one name more */
	assert_int_equal(copy("file", "file"), 0);
	assert_int_equal(look("file", &a), 0);
	assert_int_equal(look("new", &b), 0);
	assert_int_equal(a.inode, b.inode);
	assert_int_equal(a.links, 2);
}

static void a_replaced_file_and_a_replaced_folder(void **state)
{
	put_all();
	put_file("new", "old", 0, 3);
	assert_int_equal(copy("file", NULL), 0);
	assert_int_equal(copy("link", NULL), 0);
	must(delete("new"));
	must(mkdirat(dir, "new", 0700));
	assert_int_equal(copy("folder", NULL), 0);
	assert_int_equal(copy("file", NULL), -EISDIR);
}

/* Whatever call fails, it is told, or the copy is right all the same. */
static void fail_each(const char *name, const char *twin, unsigned *ret_points)
{
	struct copy_meta a, b;
	unsigned told = 0;

	anew();
	assert_int_equal(copy(name, twin), 0);
	unsigned n = table.calls;
	must(delete("new"));
	for (unsigned at = 1; at <= n; at++, ++*ret_points) {
		table = (struct faulty){.at = at, .error = EIO};
		fs = faulty_table(&table);
		int err = copy(name, twin);
		anew();
		told += err < 0;
		if (err == 0) {
			assert_int_equal(look(name, &a), 0);
			assert_int_equal(look("new", &b), 0);
			assert_true(copy_same(&a, &b));
		}
		(void)delete("new");
		assert_int_equal(copy_clean(fs, dir, "new"), 0);
	}
	assert_true(told > 0);
}

static void fail_each_library_call(const char *name, unsigned *ret_points)
{
	failing = (struct failing){.count = true};
	assert_int_equal(copy(name, NULL), 0);
	unsigned n = failing_end();
	must(delete("new"));
	for (unsigned at = 1; at <= n; at++, ++*ret_points) {
		failing = (struct failing){.at = at};
		int err = copy(name, NULL);
		failing_end();
		if (err == 0)
			fail_msg("%s: library call %u of %u", name, at, n);
		assert_int_equal(faccessat(dir, "new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	}
}

static void each_failing_call_is_told(void **state)
{
	unsigned points = 0;

	put_all();
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		fail_each(kinds[i], NULL, &points);
		fail_each_library_call(kinds[i], &points);
	}
	fail_each("file", "file", &points);
	/* data of more than one chunk, and the failure is in the first */
	int fd = openat(dir, "file", O_WRONLY | O_TRUNC | O_CLOEXEC);
	for (int i = 0; i < 300000; i += 100)
		must((int)pwrite(fd, "x", 1, i));
	close(fd);
	fail_each("file", NULL, &points);
	fail_each_library_call("file", &points);
	print_message("%u failing calls\n", points);
}

/* ---- bytes ------------------------------------------------------------------- */

static int copy_file_bytes(uint64_t size, uint8_t hash[COPY_HASH_BYTES])
{
	int in = openat(dir, "file", O_RDONLY | O_CLOEXEC);
	int out = openat(dir, "out", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	must(in);
	must(out);
	int err = copy_bytes(fs, in, out, size, hash);
	close(in);
	close(out);
	return err;
}

static off_t seek_says(const struct fs *f, int fd, off_t at, int whence)
{
	return answer;
}

static bool data_only;

/* The end of the data cannot be told. */
static off_t seek_hole_says(const struct fs *f, int fd, off_t at, int whence)
{
	return whence == SEEK_HOLE ? answer : data_only ? 4096 : at;
}

/* Holes or zeros, and a file system that knows no holes: all the same hash. */
static void a_hole_is_as_written_zeros(void **state)
{
	static const int unknown[] = {-EINVAL, -EOPNOTSUPP};
	static char zeros[40960];
	uint8_t with[COPY_HASH_BYTES], without[COPY_HASH_BYTES];
	uint64_t bytes = 0;

	put_file("file", "data", 30000, 50001);
	assert_int_equal(copy_file_bytes(50001, with), 0);
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		table.fs.seek = seek_says;
		answer = unknown[i];
		assert_int_equal(copy_file_bytes(50001, without), 0);
		assert_memory_equal(with, without, sizeof(with));
		anew();
	}
	int fd = openat(dir, "file", O_RDWR | O_CLOEXEC);
	assert_int_equal(copy_data_size(fs, fd, 50001, &bytes), 0);
	assert_true(bytes > 0 && bytes < 50001);
	must((int)pwrite(fd, zeros, 4096 * 7, 0)); /* written zeros */
	assert_int_equal(copy_data_size(fs, fd, 50001, &bytes), 0);
	assert_true(bytes >= 4096 * 7);
	close(fd);
	assert_int_equal(copy_file_bytes(50001, without), 0);
	assert_memory_equal(with, without, sizeof(with));
	/* the first byte of a unit, and one behind it, are not zeros */
	put_file("file", "x", 0, 4096);
	assert_int_equal(copy_file_bytes(4096, with), 0);
	put_file("file", "x", 1, 4096);
	assert_int_equal(copy_file_bytes(4096, without), 0);
	assert_memory_not_equal(with, without, sizeof(with));
}

static void a_file_that_shrinks_is_told(void **state)
{
	static const struct {
		int hole, err;
	} cases[] = {{-ENXIO, -EAGAIN}, {-EIO, -EIO}};
	uint8_t hash[COPY_HASH_BYTES];
	uint64_t bytes;

	put_file("file", "data", 4900, 5000);
	assert_int_equal(copy_file_bytes(20000, hash), -EAGAIN);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		table.fs.seek = seek_hole_says;
		answer = cases[i].hole;
		assert_int_equal(copy_file_bytes(5000, hash), cases[i].err);
		assert_int_equal(copy_data_size(fs, dir, 5000, &bytes), cases[i].err);
		anew();
	}
	/* data that begins behind the size that was seen: nothing more */
	table.fs.seek = seek_hole_says;
	answer = 8192;
	data_only = true;
	assert_int_equal(copy_file_bytes(4096, hash), 0);
	data_only = false;
}

static ssize_t nothing_written(const struct fs *f, int fd, const void *p, size_t n, off_t at)
{
	return 0;
}

static void short_calls_change_nothing(void **state)
{
	struct copy_meta a, b;
	uint8_t hash[COPY_HASH_BYTES];

	put_all();
	table.brief = true;
	assert_int_equal(copy("file", NULL), 0);
	assert_int_equal(look("file", &a), 0);
	assert_int_equal(look("new", &b), 0);
	assert_true(copy_same(&a, &b));
	table.fs.write = nothing_written;
	assert_int_equal(copy_file_bytes(5000, hash), -EIO);
}

/* ---- looking ------------------------------------------------------------------ */

static unsigned n_stats;
static unsigned change_at; /* the stat from which on the field is another */
static size_t field;

static int stat_changes(const struct fs *f, int at, const char *name, struct stat *ret)
{
	int err = fs_system.stat(f, at, name, ret);

	if (++n_stats < change_at)
		return err;
	switch (field) {
	case 0: ret->st_dev++; break;
	case 1: ret->st_ino++; break;
	case 2: ret->st_mode ^= 1; break;
	case 3: ret->st_size++; break;
	case 4: ret->st_mtim.tv_sec++; break;
	case 5: ret->st_mtim.tv_nsec ^= 1; break;
	case 6: ret->st_ctim.tv_sec++; break;
	default: ret->st_ctim.tv_nsec ^= 1; break;
	}
	change_at = n_stats + 2; /* every second one */
	return err;
}

static void what_changes_while_it_is_read_is_told(void **state)
{
	struct copy_meta m;

	put_file("file", "text", 0, 4);
	for (field = 0; field < 8; field++) {
		for (unsigned at = 2; at <= 3; at++) {
			table.fs.stat = stat_changes;
			n_stats = 0;
			change_at = at;
			int err = look("file", &m);
			assert_true(err == 0 || err == -EAGAIN);
			assert_true(n_stats > at);
		}
	}
	anew();
	assert_int_equal(look("file", &m), 0);
}

static ssize_t xattr_says(const struct fs *f, int at, const char *name, char *buffer,
                          size_t n)
{
	return answer;
}

static ssize_t many_xattrs(const struct fs *f, int at, const char *name, char *buffer,
                           size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		memcpy(buffer + i, "k", 2);
	return (ssize_t)answer;
}

static ssize_t value_says(const struct fs *f, int at, const char *name, const char *key,
                          void *buffer, size_t n)
{
	memset(buffer, 'v', n);
	return answer > 0 && answer < (int)n ? answer : answer < 0 ? answer : (ssize_t)n;
}

static ssize_t eight_hundred_xattrs(const struct fs *f, int at, const char *name,
                                    char *buffer, size_t n)
{
	return many_xattrs(f, at, name, buffer, n) * 0 + 800;
}

static void attributes_have_limits(void **state)
{
	struct copy_meta m;

	put_file("file", "text", 0, 4);
	table.fs.list_xattr = xattr_says;
	answer = -EOPNOTSUPP; /* a file system without any */
	assert_int_equal(look("file", &m), 0);
	assert_int_equal(m.xattrs.n, 0);
	answer = -EIO;
	assert_int_equal(look("file", &m), -EIO);
	table.fs.list_xattr = many_xattrs;
	answer = 40000; /* 20,000 of them */
	assert_int_equal(look("file", &m), -E2BIG);
	table.fs.list_xattr = eight_hundred_xattrs;
	table.fs.get_xattr = value_says;
	answer = COPY_XATTR_VALUE_MAX; /* too much together */
	assert_int_equal(look("file", &m), -E2BIG);
	answer = -ENODATA; /* it went meanwhile */
	assert_int_equal(look("file", &m), -EAGAIN);
	answer = 1;
	assert_int_equal(look("file", &m), 0);
}

static ssize_t link_says(const struct fs *f, int at, const char *name, char *buffer,
                         size_t n)
{
	memset(buffer, 'x', n);
	return (ssize_t)n;
}

static unsigned n_opens;

/* O_NOATIME is for the owner and for root. */
static int open_refuses_once(const struct fs *f, int at, const char *name, int flags,
                             mode_t mode)
{
	n_opens++;
	return flags & O_NOATIME ? -EPERM : fs_system.open(f, at, name, flags, mode);
}

static void looks_that_are_unlike_others(void **state)
{
	struct copy_meta m;

	put_all();
	table.fs.readlink = link_says;
	assert_int_equal(look("link", &m), -ENAMETOOLONG);
	table.fs.open = open_refuses_once;
	assert_int_equal(look("file", &m), 0);
	assert_int_equal(n_opens, 2);
	anew();
	assert_int_equal(look("", &m), 0); /* the folder itself */
	assert_true(S_ISDIR(m.mode));
	assert_int_equal(look("nothing", &m), -ENOENT);
	failing = (struct failing){.at = 1, .only = "malloc"};
	assert_int_equal(look("link", &m), -ENOMEM);
	failing_end();
	/* the copy of attributes has no room */
	struct arena small;
	arena_init(&small, 1);
	assert_int_equal(copy_look(fs, dir, "file", COPY_NO_FILE, &small, &m), -ENOMEM);
	assert_int_equal(copy_look(fs, dir, "link", COPY_NO_FILE, &small, &m), -ENOMEM);
	arena_finish(&small);
}

static void any_difference_is_seen(void **state)
{
	struct copy_meta a, b;

	put_all();
	assert_int_equal(look("file", &a), 0);
	for (int i = 0; i < 12; i++) {
		b = a;
		switch (i) {
		case 0: b.mode ^= 1; break;
		case 1: b.uid++; break;
		case 2: b.gid++; break;
		case 3: b.device_number++; break;
		case 4: b.size++; break;
		case 5: b.flags++; break;
		case 6: b.hash[0]++; break;
		case 7: b.hash[31]++; break;
		case 8: b.target = SLICE("x"); break;
		case 9: b.xattrs = SLICE(""); break;
		case 10: b.mtime.tv_sec++; break;
		default: b.mtime.tv_nsec++; break;
		}
		assert_false(copy_same(&a, &b));
	}
	assert_true(copy_same(&a, &a));
	assert_int_equal(look("folder", &a), 0);
	b = a;
	b.mtime.tv_sec++;
	assert_true(copy_same(&a, &b)); /* but for a folder's time */
}

/* ---- giving ------------------------------------------------------------------- */

static int fake_flags, set_error;

static int get_flags_says(const struct fs *f, int fd, int *ret)
{
	*ret = fake_flags;
	return answer;
}

static int set_flags_says(const struct fs *f, int fd, int flags)
{
	if (set_error == 0)
		fake_flags = flags;
	return set_error;
}

static int give_file(const struct copy_meta *m)
{
	int fd = openat(dir, "file", O_RDWR | O_CLOEXEC);

	must(fd);
	int err = copy_give(fs, dir, "file", fd, m);
	if (err == 0)
		err = copy_hold(fs, fd, m);
	close(fd);
	return err;
}

static void flags(int get, int set, int present)
{
	anew();
	table.fs.get_flags = get_flags_says;
	table.fs.set_flags = set_flags_says;
	answer = get;
	set_error = set;
	fake_flags = present;
}

static void flags_are_given_where_there_are_any(void **state)
{
	static const int unknown[] = {-ENOTTY, -EOPNOTSUPP, -EINVAL, -ENOSYS};
	struct copy_meta m;

	put_file("file", "text", 0, 4);
	assert_int_equal(look("file", &m), 0);
	m.flags = 0;
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		struct copy_meta seen;
		flags(unknown[i], 0, 0);
		assert_int_equal(give_file(&m), 0);
		assert_int_equal(look("file", &seen), 0);
		m.flags = FS_NODUMP_FL; /* wanted, and not to be had */
		assert_int_equal(give_file(&m), unknown[i]);
		m.flags = FS_NOCOW_FL; /* only advice */
		assert_int_equal(give_file(&m), 0);
		m.flags = FS_IMMUTABLE_FL;
		assert_int_equal(give_file(&m), unknown[i]);
		m.flags = 0;
	}
	flags(-EIO, 0, 0);
	assert_int_equal(give_file(&m), -EIO);
	flags(0, -EIO, FS_NODUMP_FL);
	assert_int_equal(give_file(&m), -EIO);
	flags(0, -EOPNOTSUPP, FS_NOCOW_FL); /* one that it should not have */
	assert_int_equal(give_file(&m), 0);
	flags(0, 0, FS_NODUMP_FL | FS_NOCOW_FL);
	m.flags = FS_NOATIME_FL | FS_APPEND_FL;
	assert_int_equal(give_file(&m), 0);
	assert_int_equal(fake_flags, FS_NOATIME_FL | FS_APPEND_FL);
	assert_int_equal(copy_hold(fs, COPY_NO_FILE, &m), 0);
}

/* What holds a file is set after its rename; if that fails, it is taken away. */
static void what_is_held_is_held_last(void **state)
{
	static const char *const names[] = {"file", "folder"};
	struct copy_meta m;

	put_all();
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_int_equal(look(names[i], &m), 0);
		m.flags = FS_IMMUTABLE_FL;
		int in = openat(dir, names[i], O_RDONLY | O_CLOEXEC);
		flags(0, 0, 0);
		assert_int_equal(copy_make(fs, in, dir, "new", &m), 0);
		assert_int_equal(fake_flags, FS_IMMUTABLE_FL);
		must(delete("new"));
		flags(0, -EPERM, 0);
		assert_int_equal(copy_make(fs, in, dir, "new", &m), -EPERM);
		assert_int_equal(faccessat(dir, "new", F_OK, 0), -1);
		flags(0, 0, 0);
		table.only = "sync";
		table.at = 2;
		table.error = EIO;
		assert_int_equal(copy_make(fs, in, dir, "new", &m), -EIO);
		assert_int_equal(faccessat(dir, "new", F_OK, 0), -1);
		close(in);
	}
	/* a link has none that could be set */
	assert_int_equal(look("link", &m), 0);
	m.flags = FS_IMMUTABLE_FL;
	anew();
	assert_int_equal(copy_make(fs, COPY_NO_FILE, dir, "new", &m), 0);
}

/* Some it has, some it has otherwise, some it should not have. */
static void attributes_become_those_that_are_wanted(void **state)
{
	struct copy_meta wanted, now;

	put_file("file", "text", 0, 4);
	put_xattr("file", "trusted.a", "1");
	put_xattr("file", "trusted.b", "2");
	put_xattr("file", "trusted.c", "3");
	assert_int_equal(look("file", &wanted), 0);
	must(delete("file"));
	put_file("file", "text", 0, 4);
	put_xattr("file", "trusted.b", "2");
	put_xattr("file", "trusted.c", "other");
	put_xattr("file", "trusted.d", "4");
	assert_int_equal(give_file(&wanted), 0);
	assert_int_equal(look("file", &now), 0);
	assert_true(slice_eq(wanted.xattrs, now.xattrs));
}

static int no_data(const struct fs *f, int at, const char *name, const char *key)
{
	return -ENODATA;
}

/* Attributes that are wanted in a form that nobody writes. */
static void impossible_attributes_are_refused(void **state)
{
	static const struct slice wanted[] = {
		SLICE("\x02"),                             /* cut in a length */
		SLICE("\x00\x00\x00\x00\x00\x00\x00\x00"), /* no key */
		SLICE("\x01\x00\x00\x00\x00\x00\x00\x00k"), /* no NUL behind it */
		SLICE("\x02\x00\x00\x00\x09\x00\x00\x00k\x00v"), /* a value cut */
	};
	struct copy_meta m;

	put_file("file", "text", 0, 4);
	assert_int_equal(look("file", &m), 0);
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		m.xattrs = wanted[i];
		assert_int_equal(give_file(&m), -EBADMSG);
	}
	put_xattr("file", "trusted.gone", "1");
	m.xattrs = SLICE("");
	table.fs.remove_xattr = no_data; /* somebody else was quicker */
	assert_int_equal(give_file(&m), 0);
	anew();
	table.only = "remove_xattr";
	table.at = 1;
	table.error = EIO;
	assert_int_equal(give_file(&m), -EIO);
}

/* The bytes are not those that were promised. */
static void other_bytes_are_refused(void **state)
{
	struct copy_meta m;

	put_file("file", "text", 0, 4);
	assert_int_equal(look("file", &m), 0);
	put_file("file", "TEXT", 0, 4);
	int in = openat(dir, "file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(copy_make(fs, in, dir, "new", &m), -EBADMSG);
	close(in);
	assert_int_equal(faccessat(dir, "new", F_OK, 0), -1);
}

static unsigned n_reads;

static ssize_t read_other(const struct fs *f, int fd, void *p, size_t n, off_t at)
{
	ssize_t got = fs_system.read(f, fd, p, n, at);

	if (got > 0 && ++n_reads % 2 == 0)
		((char *)p)[0]++;
	return got;
}

/* Nobody's change of time tells of it, but the second read is another. */
static void what_reads_differently_is_not_copied(void **state)
{
	put_file("file", "text", 0, 4);
	table.fs.read = read_other;
	assert_int_equal(copy("file", NULL), -EAGAIN);
}

static int unlink_says(const struct fs *f, int at, const char *name, int flags_)
{
	return flags_ & AT_REMOVEDIR ? 0 : answer;
}

static void what_a_crash_left_is_cleaned(void **state)
{
	table.fs.unlink = unlink_says;
	answer = -EISDIR;
	assert_int_equal(copy_clean(fs, dir, "x"), 0);
	answer = -EPERM;
	assert_int_equal(copy_clean(fs, dir, "x"), 0);
	answer = -EIO;
	assert_int_equal(copy_clean(fs, dir, "x"), -EIO);
	assert_int_equal(copy("x", "y"), -EIO);
	assert_int_equal(copy_make(fs, -1, dir, "x", &(struct copy_meta){0}), -EIO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_is_copied),
		TEST(a_replaced_file_and_a_replaced_folder),
		TEST(each_failing_call_is_told),
		TEST(a_hole_is_as_written_zeros),
		TEST(a_file_that_shrinks_is_told),
		TEST(short_calls_change_nothing),
		TEST(what_changes_while_it_is_read_is_told),
		TEST(attributes_have_limits),
		TEST(looks_that_are_unlike_others),
		TEST(any_difference_is_seen),
		TEST(flags_are_given_where_there_are_any),
		TEST(what_is_held_is_held_last),
		TEST(attributes_become_those_that_are_wanted),
		TEST(impossible_attributes_are_refused),
		TEST(other_bytes_are_refused),
		TEST(what_reads_differently_is_not_copied),
		TEST(what_a_crash_left_is_cleaned),
	};

	if (geteuid() != 0) {
		print_message("not root: no attributes, no devices\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
