/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated trees, a "program" that changes them at random, and a picture of
 * everything that is compared before and after: made here with the system's
 * own calls, not with what is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"
#include "remove/keep.h"
#include "remove/test_faulty.h"

enum { TREES = 1000, ACTS = 12, PATH = 512, LISTED = 4096, FAULTY_TREES = 3 };

static char top[64], root[96], keep_dir[96];
static uint64_t seed;

static void must(int r)
{
	if (r < 0)
		fail_msg("%s", strerror(errno));
}

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

static int delete_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static void delete(const char *path)
{
	if (nftw(path, delete_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		fail_msg("%s: %s", path, strerror(errno));
}

/* ---- trees ---------------------------------------------------------------- */

static void decorate(const char *path)
{
	const struct timespec times[2] = {{1400000000 + dice(9999999), dice(999999999)},
	                                  {1400000000 + dice(9999999), dice(999999999)}};
	static const mode_t modes[] = {0644, 0755, 04755, 02750, 0600, 01777, 0400};
	struct stat st;

	must(lstat(path, &st));
	if (dice(3) == 0)
		must(lchown(path, dice(3) * 1000, dice(3) * 100));
	if (!S_ISLNK(st.st_mode) && dice(2))
		must(chmod(path, modes[dice(COUNT_OF(modes))]));
	if (!S_ISLNK(st.st_mode) && dice(3) == 0)
		must(lsetxattr(path, "trusted.debar", &times, dice(16), 0));
	must(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

static void write_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char bytes[700];

	must(fd);
	memset(bytes, (int)('a' + dice(26)), sizeof(bytes));
	must((int)pwrite(fd, bytes, dice(sizeof(bytes)), 0));
	if (dice(5) == 0) /* a hole, and data behind it */
		must((int)pwrite(fd, bytes, 9, 40960 + dice(9000)));
	if (dice(9) == 0)
		must(ftruncate(fd, 100000 + dice(5000)));
	close(fd);
}

/* Any path of the tree, or the name of a new one. */
static void pick(char path[PATH], bool fresh)
{
	(void)snprintf(path, PATH, "%s", root);
	for (;;) {
		size_t n = strlen(path);
		(void)snprintf(path + n, PATH - n, "/%c", 'a' + (int)dice(5));
		struct stat st;
		if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || n > 120)
			return;
		if (!fresh && dice(3) == 0)
			return;
	}
}

static void make_any(const char *path)
{
	char other[PATH];

	(void)unlink(path);
	switch (dice(8)) {
	case 0: case 1:
		(void)mkdir(path, 0755);
		break;
	case 2:
		must(symlink("some/target", path));
		break;
	case 3:
		must(mknod(path, dice(2) ? S_IFIFO | 0600 : S_IFCHR | 0600, 0x103));
		break;
	case 4:
		pick(other, false);
		if (link(other, path) == 0)
			return;
		/* fall through */
	default:
		write_file(path);
	}
	struct stat st;
	if (lstat(path, &st) == 0)
		decorate(path);
}

static void make_tree(unsigned n)
{
	char path[PATH];

	delete(root);
	delete(keep_dir);
	must(mkdir(root, 0755));
	must(mkdir(keep_dir, 0700));
	for (unsigned i = 0; i < n; i++) {
		pick(path, true);
		struct stat st;
		if (lstat(path, &st) < 0)
			make_any(path);
	}
}

/* What a package manager or a clumsy script might do. */
static void act(void)
{
	char path[PATH], other[PATH];
	struct stat st;

	pick(path, false);
	bool there = lstat(path, &st) == 0;
	switch (dice(6)) {
	case 0:
		delete(path);
		break;
	case 1:
		if (there)
			decorate(path);
		break;
	case 2:
		pick(other, true);
		(void)rename(path, other);
		break;
	case 3:
		if (there && S_ISREG(st.st_mode))
			write_file(path); /* in place: all its names */
		break;
	case 4:
		if (there && S_ISDIR(st.st_mode))
			delete(path);
		make_any(path);
		break;
	default:
		pick(path, true);
		if (lstat(path, &st) < 0)
			make_any(path);
	}
}

/* ---- pictures ------------------------------------------------------------- */

static struct seen {
	dev_t device;
	ino_t inode;
	char path[PATH];
} seen[LISTED];
static size_t n_seen;

/* The first path with this inode. */
static const char *first_name(const struct stat *st, const char *path)
{
	for (size_t i = 0; i < n_seen; i++) {
		if (seen[i].inode == st->st_ino && seen[i].device == st->st_dev)
			return seen[i].path;
	}
	assert_true(n_seen < LISTED);
	seen[n_seen].device = st->st_dev;
	seen[n_seen].inode = st->st_ino;
	(void)snprintf(seen[n_seen].path, PATH, "%s", path);
	return seen[n_seen++].path;
}

static void show_inside(struct str *out, const char *path, const struct stat *st)
{
	char bytes[4096];
	ssize_t n;

	if (S_ISLNK(st->st_mode)) {
		n = readlink(path, bytes, sizeof(bytes));
		str_add(out, slice_of(bytes, n > 0 ? (size_t)n : 0));
	}
	if (!S_ISREG(st->st_mode))
		return;
	int fd = open(path, O_RDONLY | O_NOATIME | O_CLOEXEC);
	must(fd);
	uint64_t sum = 5381;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			sum = sum * 33 + (uint8_t)bytes[i];
	close(fd);
	str_printf(out, "%llx", (unsigned long long)sum);
}

static void show(struct str *out, const char *path)
{
	struct stat st;
	char value[64];

	must(lstat(path, &st));
	str_printf(out, "%s %o %u:%u %llx %lld %lld.%09ld =%s ", path, st.st_mode, st.st_uid,
	           st.st_gid, (unsigned long long)st.st_rdev,
	           S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size,
	           (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, first_name(&st, path));
	show_inside(out, path, &st);
	ssize_t n = lgetxattr(path, "trusted.debar", value, sizeof(value));
	for (ssize_t i = 0; i < n; i++)
		str_printf(out, "%02x", (uint8_t)value[i]);
	str_printf(out, " x%zd\n", n);
	if (!S_ISDIR(st.st_mode))
		return;
	struct dirent **list;
	int count = scandir(path, &list, NULL, alphasort);
	must(count);
	for (int i = 0; i < count; i++) {
		char below[PATH];
		(void)snprintf(below, sizeof(below), "%s/%s", path, list[i]->d_name);
		if (strcmp(list[i]->d_name, ".") != 0 && strcmp(list[i]->d_name, "..") != 0)
			show(out, below);
		free(list[i]);
	}
	free(list);
}

static char *picture(void)
{
	struct str out = {0};

	n_seen = 0;
	show(&out, root);
	assert_false(str_failed(&out));
	return out.p;
}

/* ---- a keep --------------------------------------------------------------- */

static const struct slice places[] = {SLICE("/root/a"), SLICE("/root/b"), SLICE("/root/c"),
                                      SLICE("/root/d"), SLICE("/root/e"),
                                      SLICE("/root/a/b")};
static int top_fd, keep_fd;

static struct keep_args open_keep(const struct fs *fs)
{
	top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	keep_fd = open(keep_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(top_fd);
	must(keep_fd);
	return (struct keep_args){.fs = fs, .root_fd = top_fd, .dir_fd = keep_fd,
	                          .places = places, .n_places = COUNT_OF(places)};
}

static void close_keep(void)
{
	close(top_fd);
	close(keep_fd);
}

static void is_fine(int err, const struct err *e)
{
	if (err < 0)
		fail_msg("%s", e->text);
}

static int world_new(void **state)
{
	(void)snprintf(top, sizeof(top), "/dev/shm/debar-keep-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	(void)snprintf(root, sizeof(root), "%s/root", top);
	(void)snprintf(keep_dir, sizeof(keep_dir), "%s/keep", top);
	return 0;
}

static int world_end(void **state)
{
	delete(top);
	return 0;
}

static void every_tree_comes_back_as_it_was(void **state)
{
	unsigned same = 0;

	for (unsigned t = 0; t < TREES; t++) {
		struct keep_state found = {0};
		struct err e = {0};
		seed = t + 1;
		make_tree(4 + t % 20);
		struct keep_args args = open_keep(&fs_system);
		char *before = picture();
		is_fine(keep_save(&args, &e), &e);
		assert_int_equal(keep_saved(&fs_system, keep_fd), 1);
		assert_int_equal(keep_noted(&fs_system, keep_fd), 0);
		for (unsigned i = 0; i < 1 + t % ACTS; i++)
			act();
		is_fine(keep_note(&args, &e), &e);
		assert_int_equal(keep_noted(&fs_system, keep_fd), 1);
		is_fine(keep_restore(&args, NULL, 0, &e, &found), &e);
		char *after = picture();
		if (strcmp(before, after) == 0 && found.conflicts == 0)
			same++;
		else
			print_message("tree %u, conflicts %llu (%s):\n%s---\n%s", t,
			              (unsigned long long)found.conflicts, found.first,
			              before, after);
		free(before);
		free(after);
		close_keep();
		assert_int_equal(same, t + 1);
	}
	print_message("%u of %u trees came back as they were\n", same, TREES);
}

/* Each call of each phase fails once; the next attempt must succeed. */
static void try_again_after_failure(unsigned tree, unsigned at, int error, bool dead,
                                    bool *ret_failed)
{
	struct faulty f = {0};
	struct keep_state found = {0};
	struct err e = {0};

	seed = tree + 1;
	make_tree(10);
	struct keep_args args = open_keep(&fs_system);
	char *before = picture();
	f = (struct faulty){.at = at, .error = error, .dead = dead};
	args.fs = faulty_table(&f);
	*ret_failed = keep_save(&args, &e) < 0;
	args.fs = &fs_system;
	int err = keep_save(&args, &e);
	assert_true(err == 0 || err == -EALREADY);
	for (unsigned i = 0; i < 8; i++)
		act();
	f = (struct faulty){.at = at, .error = error, .dead = dead};
	args.fs = faulty_table(&f);
	*ret_failed |= keep_note(&args, &e) < 0;
	args.fs = &fs_system;
	is_fine(keep_note(&args, &e), &e);
	f = (struct faulty){.at = at, .error = error, .dead = dead, .after = at % 2};
	args.fs = faulty_table(&f);
	*ret_failed |= keep_restore(&args, NULL, 0, &e, &found) < 0;
	args.fs = &fs_system;
	is_fine(keep_restore(&args, NULL, 0, &e, &found), &e);
	char *after = picture();
	if (strcmp(before, after) != 0)
		fail_msg("tree %u, call %u, errno %d, dead %d: %s\n%s---\n%s", tree, at, error,
		         dead, found.first, before, after);
	free(before);
	free(after);
	close_keep();
}

static void a_failure_anywhere_is_made_good_by_another_attempt(void **state)
{
	static const int errors[] = {EIO, ENOSPC};
	unsigned tries = 0;

	for (unsigned t = 0; t < FAULTY_TREES; t++) {
		unsigned quiet = 0;
		for (unsigned at = 1; quiet < 40; at++, tries++) {
			bool failed;
			try_again_after_failure(t, at, errors[at % 2], at % 3 != 0, &failed);
			quiet = failed ? 0 : quiet + 1;
		}
	}
	print_message("%u failures were made good\n", tries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_tree_comes_back_as_it_was, world_new,
		                                world_end),
		cmocka_unit_test_setup_teardown(
			a_failure_anywhere_is_made_good_by_another_attempt, world_new,
			world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
