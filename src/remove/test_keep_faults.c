/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keep where something goes wrong: calls of the system and of libraries
 * fail, lists are damaged or forged, somebody changes what is looked at, other
 * file systems are mounted inside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/str.h"
#include "remove/keep_change.h"
#include "remove/test_failing.h"
#include "remove/test_faulty.h"

static char top[64];
static int root = -1, keep = -1;
static struct faulty quiet;
static const struct fs *fs;
static atomic_bool stop;
static const struct slice places[] = {SLICE("/r"), SLICE("/r/d/e"), SLICE("/nothing/here"),
                                      SLICE("/out/side/in")};
static const struct slice except[] = {SLICE("/r/not"), SLICE("/r/pl")};

static void must(int r)
{
	if (r < 0)
		fail_msg("%s", strerror(errno));
}

static void shell(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void shell(const char *fmt, ...)
{
	char words[512], command[640];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	(void)snprintf(command, sizeof(command), "cd %s && { %s; }", top, words);
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void anew(void)
{
	quiet = (struct faulty){0};
	fs = faulty_table(&quiet);
}

static int set_up(void **state)
{
	(void)snprintf(top, sizeof(top), "/dev/shm/debar-keep-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(mkdirat(root, "keep", 0700));
	keep = openat(root, "keep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	atomic_store(&stop, false);
	failing_end();
	anew();
	return keep < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	char command[96];

	close(root);
	close(keep);
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

/* ---- a small tree, and a program that changes it ------------------------------ */

static void put(const char *path, const char *text)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	must(fd);
	must((int)write(fd, text, strlen(text)));
	close(fd);
}

static int delete_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return at->level == 0 && strcmp(path + strlen(top), "/keep") == 0 ? 0 : remove(path);
}

static int make_old(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const struct timespec times[2] = {{1500000000, 1}, {1500000000, 2}};

	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

/* fn for all of the tree (r, out) or of the keep, contents first. */
static void each(const char *name, int (*fn)(const char *, const struct stat *, int, struct FTW *))
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	if (nftw(path, fn, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		fail_msg("%s: %s", path, strerror(errno));
}

static void delete_tree(void)
{
	each("r", delete_one);
	each("out", delete_one);
	each("keep", delete_one);
}

static void make_tree(void)
{
	static const char *const folders[] = {"r", "r/d", "r/d/e", "r/not", "r/was", "out",
	                                      "out/side"};

	delete_tree();
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		must(mkdirat(root, folders[i], 0755));
	put("r/a", "first");
	must(linkat(root, "r/a", root, "r/d/again", 0));
	must(linkat(root, "r/a", root, "r/third", 0));
	put("r/d/e/f", "in a folder");
	put("r/not/this", "left out");
	put("r/plain", "not left out");
	put("out/side/in", "inside");
	put("out/side/else", "untouched");
	must(symlinkat("a", root, "r/link"));
	each("r", make_old);
	each("out", make_old);
}

static void change_tree(void)
{
	must(unlinkat(root, "r/d/e/f", 0));
	must(unlinkat(root, "r/d/e", AT_REMOVEDIR));
	put("r/d/e", "a file now");
	must(unlinkat(root, "r/d/again", 0));
	put("r/d/again", "alone");
	must(unlinkat(root, "r/link", 0));
	must(mkdirat(root, "r/link", 0700));
	put("r/link/new", "new");
	must(mkdirat(root, "r/fresh", 0700));
	put("r/fresh/one", "fresh");
	put("out/side/in", "changed");
	must(fchmodat(root, "r/was", 0700, 0));
}

static struct keep_args args_with(const struct fs *table)
{
	return (struct keep_args){.fs = table, .root_fd = root, .dir_fd = keep,
	                          .places = places, .n_places = COUNT_OF(places),
	                          .except = except, .n_except = COUNT_OF(except),
	                          .stop = &stop};
}

static struct line {
	char text[256];
} lines[64];
static size_t n_lines;

static int show_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	char bytes[64] = "";
	ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, bytes, sizeof(bytes) - 1) : 0;

	if (S_ISREG(st->st_mode)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		n = read(fd, bytes, sizeof(bytes) - 1);
		close(fd);
	}
	if (n < 0 || n_lines == COUNT_OF(lines))
		return -1;
	(void)snprintf(lines[n_lines++].text, sizeof(lines->text),
	               "%s %o %u %lld.%09ld [%s]\n", path + strlen(top), st->st_mode,
	               S_ISDIR(st->st_mode) ? 0 : (unsigned)st->st_nlink,
	               (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, bytes);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All that is compared: names, kinds, modes, times, counts of names, bytes. */
static char *picture(void)
{
	struct str out = {0};

	n_lines = 0;
	each("r", show_one);
	each("out", show_one);
	qsort(lines, n_lines, sizeof(*lines), by_text);
	for (size_t i = 0; i < n_lines; i++)
		str_puts(&out, lines[i].text);
	assert_false(str_failed(&out));
	return out.p;
}

/* ---- lives ---------------------------------------------------------------------- */

static bool has(const char *name)
{
	return faccessat(keep, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Size, save, change, note, check, restore, as far as it goes. */
static int life(const struct fs *table, bool again)
{
	struct keep_args args = args_with(table);
	struct keep_state found;
	struct err e = {0};
	uint64_t bytes, files;
	bool noted = again && has("after");

	int err = keep_size(&args, &e, &bytes, &files);
	int saved = keep_saved(table, keep);
	if (err == 0 && saved <= 0)
		err = saved < 0 ? saved : keep_save(&args, &e);
	if (err < 0)
		return err;
	if (!again) {
		struct failing armed = failing;
		failing = (struct failing){0};
		change_tree();
		failing = armed;
	}
	if (!noted)
		err = keep_note(&args, &e);
	if (err == 0)
		err = keep_check(&args, &e, &found);
	if (err == 0)
		err = keep_restore(&args, NULL, 0, &e, &found);
	return err;
}

/* With a good table, from wherever it stands. */
static void finish(const char *before, const char *what)
{
	bool saved = has("before");
	int err = saved ? life(fs, true) : 0;

	if (err < 0)
		fail_msg("%s: %s", what, strerror(-err));
	char *after = picture();
	if (strcmp(before, after) != 0)
		fail_msg("%s\nbefore:\n%.450s\nafter:\n%.450s", what, before, after);
	free(after);
}

static void each_failing_call_is_made_good(void **state)
{
	char what[64];
	struct faulty f = {0};

	make_tree();
	char *before = picture();
	assert_int_equal(life(faulty_table(&f), false), 0);
	finish(before, "no fault");
	unsigned n = f.calls, told = 0;
	for (unsigned k = 1; k <= n; k += EVERY) {
		make_tree();
		f = (struct faulty){.at = k, .error = EIO};
		told += life(faulty_table(&f), false) < 0;
		(void)snprintf(what, sizeof(what), "call %u of %u", k, n);
		finish(before, what);
	}
	free(before);
	print_message("%u calls, %u told\n", n, told);
}

static void each_failing_library_call_is_made_good(void **state)
{
	char what[64];

	make_tree();
	char *before = picture();
	failing = (struct failing){.count = true};
	assert_int_equal(life(fs, false), 0);
	unsigned n = failing_end();
	for (unsigned k = 1; k <= n; k += EVERY) {
		make_tree();
		failing = (struct failing){.at = k};
		int err = life(fs, false);
		failing_end();
		(void)snprintf(what, sizeof(what), "library call %u of %u", k, n);
		if (err == 0)
			fail_msg("%s: not told", what);
		finish(before, what);
	}
	free(before);
	print_message("%u library calls\n", n);
}

/* What a call says is not so: nothing is promised but for what is outside. */
static void lies_touch_nothing_outside(void **state)
{
	static const int lies[] = {ENOENT, ENOTDIR, ELOOP, EXDEV, EMLINK};
	char text[16];
	unsigned n = 0;

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		struct faulty f = {0};
		make_tree();
		assert_int_equal(life(faulty_table(&f), false), 0);
		n = f.calls;
		for (unsigned k = 1; k <= n; k += 2 * EVERY) {
			make_tree();
			f = (struct faulty){.at = k, .error = lies[i]};
			(void)life(faulty_table(&f), false);
			int fd = openat(root, "out/side/else", O_RDONLY | O_CLOEXEC);
			assert_int_equal(read(fd, text, sizeof(text)), 9);
			assert_memory_equal(text, "untouched", 9);
			close(fd);
		}
	}
}

/* ---- stopping --------------------------------------------------------------------- */

static const char *stop_at;

static void stop_there(const char *call, const char *name)
{
	if (strcmp(call, stop_at) == 0)
		atomic_store(&stop, true);
}

static void it_stops_when_it_is_asked_to(void **state)
{
	struct keep_args args = args_with(fs);
	struct keep_state found;
	struct err e = {0};

	make_tree();
	atomic_store(&stop, true);
	assert_int_equal(keep_save(&args, &e), -EINTR);
	atomic_store(&stop, false);
	stop_at = "get_flags"; /* the first look */
	quiet.before = stop_there;
	assert_int_equal(keep_save(&args, &e), -EINTR);
	quiet.before = NULL;
	atomic_store(&stop, false);
	assert_int_equal(keep_save(&args, &e), 0);
	assert_int_equal(keep_save(&args, &e), -EALREADY);
	change_tree();
	assert_int_equal(keep_note(&args, &e), 0);
	atomic_store(&stop, true);
	assert_int_equal(keep_check(&args, &e, &found), -EINTR);
	atomic_store(&stop, false);
	stop_at = "mkdir"; /* it has begun */
	quiet.before = stop_there;
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), -EINTR);
	quiet.before = NULL;
	atomic_store(&stop, false);
	args.stop = NULL;
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), 0);
	assert_int_equal(found.conflicts, 0);
}

/* ---- places ----------------------------------------------------------------------- */

static void what_is_no_place_is_refused(void **state)
{
	static char long_path[KEEP_PATH_MAX + 2];
	struct keep_args args = args_with(fs);
	struct err e = {0};
	const char *name;

	memset(long_path, 'x', sizeof(long_path));
	long_path[0] = '/';
	const struct slice wrong[] = {SLICE(""), SLICE("r"), SLICE("/r/"), SLICE("/r\0d"),
	                              slice_of(long_path, sizeof(long_path))};
	make_tree();
	args.n_places = 1;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		args.places = &wrong[i];
		assert_int_equal(keep_save(&args, &e), -EINVAL);
	}
	args.n_places = KEEP_PLACES_MAX + 1;
	assert_int_equal(keep_save(&args, &e), -E2BIG);
	/* no slash at all; and one far behind */
	int fd = keep_open_parent(&args, SLICE("r"), O_RDONLY, &name);
	must(fd);
	assert_string_equal(name, "r");
	close(fd);
	long_path[sizeof(long_path) - 1] = '/';
	assert_int_equal(keep_open_parent(&args, slice_of(long_path, sizeof(long_path)),
	                                  O_RDONLY, &name), -ENAMETOOLONG);
	/* places within what is left out are none */
	const struct slice left_out = SLICE("/r/not/this"), all = SLICE("/");
	args.places = &left_out;
	args.n_places = 1;
	assert_int_equal(keep_save(&args, &e), 0);
	assert_int_equal(keep_noted(fs, keep), 0);
	delete_tree();
	assert_int_equal(keep_noted(fs, keep), 0);
	make_tree();
	args.except = &all;
	args.n_except = 1;
	assert_int_equal(keep_save(&args, &e), 0);
	shell("rm -rf keep/*");
	args.places = &all; /* the whole root, the keep itself in it left out */
	const struct slice ours = SLICE("/keep");
	args.except = &ours;
	assert_int_equal(keep_save(&args, &e), 0);
}

static void a_list_has_its_limit(void **state)
{
	struct keep_args args = args_with(fs);
	struct keep_list l;
	struct err e = {0};
	struct slice place = SLICE("/r");

	make_tree();
	keep_list_init(&l);
	l.mem.limit_bytes = 1;
	assert_null(keep_list_add(&l, place));
	keep_list_finish(&l);
	keep_list_init(&l);
	l.places = &place;
	l.n_places = 1;
	l.n = l.size = KEEP_ITEMS_MAX; /* as if so many were in it */
	assert_null(keep_list_add(&l, place));
	assert_int_equal(keep_walk(&args, &l, &e), -E2BIG);
	l.n = l.size = 0;
	keep_list_finish(&l);
}

/* Longer than a chunk of an arena: memory of its own, which is not to be had. */
static void a_place_that_memory_is_too_small_for(void **state)
{
	static char long_path[100000];
	const struct slice place = slice_of(long_path, sizeof(long_path));
	struct keep_args args = args_with(fs);
	struct err e = {0};

	args.places = &place;
	args.n_places = 1;
	failing = (struct failing){.at = 2, .only = "malloc"};
	int err = keep_save(&args, &e);
	failing_end();
	assert_int_equal(err, -ENOMEM);
	assert_int_equal(keep_save(&args, &e), -EINVAL);
}

static void a_path_has_its_limit(void **state)
{
	struct keep_args args = args_with(fs);
	struct err e = {0};
	char name[NAME_MAX + 1] = "";

	make_tree();
	memset(name, 'n', NAME_MAX);
	int fd = openat(root, "r", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < KEEP_PATH_MAX / NAME_MAX + 1; i++) {
		must(mkdirat(fd, name, 0755));
		int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		must(below);
		close(fd);
		fd = below;
	}
	close(fd);
	assert_int_equal(keep_save(&args, &e), -ENAMETOOLONG);
}

static unsigned n_looks;

/* Somebody puts another file under the name between the two looks. */
static void exchange(const char *call, const char *name)
{
	if (strcmp(call, "stat") == 0 && strcmp(name, "plain") == 0 && ++n_looks == 2)
		must(renameat(root, "out/side/in", root, "r/plain"));
}

/* It goes between them. */
static void vanish(const char *call, const char *name)
{
	if (strcmp(call, "stat") == 0 && strcmp(name, "plain") == 0 && ++n_looks == 2)
		must(unlinkat(root, "r/plain", 0));
}

static void vanish_twin(const char *call, const char *name)
{
	if (strcmp(call, "stat") == 0 && strcmp(name, "third") == 0 && ++n_looks == 2)
		must(unlinkat(root, "r/third", 0));
}

static void what_changes_meanwhile(void **state)
{
	struct keep_args args = args_with(fs);
	struct keep_state found;
	struct err e = {0};

	make_tree();
	n_looks = 0;
	quiet.before = exchange;
	assert_int_equal(keep_save(&args, &e), -EAGAIN);
	make_tree();
	n_looks = 0;
	quiet.before = vanish_twin;
	assert_int_equal(keep_save(&args, &e), -ENOENT);
	make_tree();
	n_looks = 0;
	quiet.before = vanish;
	assert_int_equal(keep_save(&args, &e), 0); /* it was gone */
	n_looks = 0;
	put("r/plain", "came, and goes");
	assert_int_equal(keep_note(&args, &e), 0);
	quiet.before = NULL;
	assert_int_equal(keep_check(&args, &e, &found), 0);
	assert_int_equal(found.appeared + found.vanished, 0);
}

/* ---- mounts ------------------------------------------------------------------------ */

static void mount_on(const char *name)
{
	char path[128];

	must(mkdirat(root, name, 0755));
	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	must(mount("tmpfs", path, "tmpfs", 0, "size=1m,mode=755"));
}

static void two_names(const char *folder, int n)
{
	char a[64], b[64];

	for (int i = 0; i < n; i++) {
		(void)snprintf(a, sizeof(a), "%s/a%d", folder, i);
		(void)snprintf(b, sizeof(b), "%s/b%d", folder, i);
		put(a, "x");
		must(linkat(root, a, root, b, 0));
	}
}

/* Inside a place they are not entered, and it is said; as places they are. Two
 * of them have the same numbers of inodes. */
static void mounts_are_not_entered(void **state)
{
	struct keep_args args = args_with(fs);
	struct keep_state found;
	struct err e = {0};
	const struct slice both[] = {SLICE("/r"), SLICE("/r/m1"), SLICE("/r/m2")};

	make_tree();
	mount_on("r/m1");
	mount_on("r/m2");
	two_names("r/m1", 1);
	two_names("r/m2", 3);
	assert_int_equal(keep_save(&args, &e), 0);
	assert_non_null(strstr(e.text, "/r/m1: what is in it is not kept"));
	put("r/m1/a0", "changed");
	assert_int_equal(keep_note(&args, &e), 0);
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), 0);
	assert_int_equal(found.changed + found.conflicts, 0);
	shell("rm -rf keep/*");
	args.places = both;
	args.n_places = COUNT_OF(both);
	assert_int_equal(keep_save(&args, &e), 0);
	put("r/m1/a0", "changed too");
	must(unlinkat(root, "r/m2/a1", 0));
	put("r/m2/new", "new"); /* another file system than the keep's */
	assert_int_equal(keep_note(&args, &e), 0);
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), 0);
	assert_int_equal(found.changed, 3);
	assert_int_equal(found.conflicts, 0);
	shell("[ \"$(cat r/m1/b0)\" = changed ] && [ r/m2/a1 -ef r/m2/b1 ] && "
	      "[ ! -e r/m2/new ] && umount r/m1 r/m2");
}

/* ---- lists ------------------------------------------------------------------------- */

static int read_list(void)
{
	struct keep_list l;
	struct err e = {0};
	int err = keep_list_read(fs, keep, "before", &e, &l);

	if (err == 0)
		keep_list_finish(&l);
	return err;
}

static void each_flipped_byte_and_each_cut_is_refused(void **state)
{
	static uint8_t bytes[65536];
	struct keep_args args = args_with(fs);
	struct err e = {0};

	make_tree();
	assert_int_equal(keep_save(&args, &e), 0);
	int fd = openat(keep, "before", O_RDWR | O_CLOEXEC);
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
	assert_true(n > 0 && n < (ssize_t)sizeof(bytes));
	for (ssize_t i = 0; i < n; i++) {
		bytes[i] ^= 0x10;
		must((int)pwrite(fd, bytes + i, 1, i));
		assert_int_equal(read_list(), -EBADMSG);
		bytes[i] ^= 0x10;
		must((int)pwrite(fd, bytes + i, 1, i));
	}
	assert_int_equal(read_list(), 0);
	while (n-- > 0) {
		must(ftruncate(fd, n));
		assert_int_equal(read_list(), -EBADMSG);
	}
	must(ftruncate(fd, (off_t)KEEP_FILE_MAX + 1));
	assert_int_equal(read_list(), -EBADMSG);
	close(fd);
	must(unlinkat(keep, "before", 0));
	must(mkdirat(keep, "before", 0700));
	assert_int_equal(read_list(), -EBADMSG);
}

struct forged {
	uint32_t places, excepts, items, kind, twin;
	struct slice place, path, more;
	size_t cut;
};

static void number(struct str *s, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		str_putc(s, (char)(v >> 8 * i));
}

static void text(struct str *s, struct slice t)
{
	number(s, t.n, 4);
	str_add(s, t);
}

/* A list with a right checksum whatever is in it. */
static int forge(const struct forged *f)
{
	struct str s = {0};

	str_add(&s, SLICE("debarkp1"));
	number(&s, f->places, 4);
	text(&s, f->place);
	number(&s, f->excepts, 4);
	number(&s, f->items, 4);
	for (int i = 0; i < 2; i++) {
		number(&s, f->kind, 1);
		for (int k = 0; k < 56; k++)
			str_putc(&s, 0);
		number(&s, f->twin, 4);
		for (int k = 0; k < 32; k++)
			str_putc(&s, 1);
		text(&s, i ? SLICE("/z") : f->path);
		text(&s, SLICE("")); /* target */
		text(&s, SLICE("")); /* attributes */
	}
	str_add(&s, f->more);
	assert_int_equal(keep_file_write(fs, keep, "before",
	                                 slice_first(str_slice(&s), s.n - f->cut)), 0);
	str_finish(&s);
	return read_list();
}

static void no_forged_list_is_taken(void **state)
{
	static const struct forged wrong[] = {
		{.places = 2, .items = 2, .place = SLICE("/a"), .path = SLICE("/a")},
		{.places = KEEP_PLACES_MAX + 1, .items = 2, .place = SLICE("/a"),
		 .path = SLICE("/a")},
		{.places = 9999, .items = 2, .place = SLICE("/a"), .path = SLICE("/a")},
		{.places = 1, .items = 2, .place = SLICE(""), .path = SLICE("/a")},
		{.places = 1, .items = 2, .place = SLICE("a"), .path = SLICE("/a")},
		{.places = 1, .items = 2, .place = SLICE("/\0a"), .path = SLICE("/a")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("a")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/z")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/zz")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/a"),
		 .kind = KEEP_KINDS},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/a"),
		 .twin = 3},
		{.places = 1, .items = 3, .place = SLICE("/a"), .path = SLICE("/a")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/a"),
		 .more = SLICE("x")},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/a"),
		 .cut = 9},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/a"),
		 .cut = 40},
		{.places = 1, .items = 2, .place = SLICE("/a"), .path = SLICE("/a"),
		 .excepts = 1},
	};
	static char long_path[KEEP_PATH_MAX + 1];
	struct forged good = {.places = 1, .items = 2, .place = SLICE("/a"),
	                      .path = SLICE("/a"), .twin = 1};

	memset(long_path, 'x', sizeof(long_path));
	long_path[0] = '/';
	assert_int_equal(forge(&good), 0);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (forge(&wrong[i]) != -EBADMSG)
			fail_msg("list %zu", i);
	}
	good.place = slice_of(long_path, sizeof(long_path));
	assert_int_equal(forge(&good), -EBADMSG);
	/* a place that is longer than the file */
	assert_int_equal(keep_file_write(fs, keep, "before", SLICE(
		"debarkp1\x01\0\0\0\xff\x01\0\0/abcdefgh")), 0);
	assert_int_equal(read_list(), -EBADMSG);
	assert_int_equal(keep_file_write(fs, keep, "before", SLICE("debarkp2")), 0);
	assert_int_equal(read_list(), -EBADMSG);
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
	struct keep_args args = args_with(fs);
	struct keep_state found;
	struct err e = {0};

	make_tree();
	quiet.brief = true;
	assert_int_equal(keep_save(&args, &e), 0);
	assert_int_equal(read_list(), 0);
	quiet.fs.read = nothing_read;
	assert_int_equal(read_list(), -EBADMSG);
	quiet.fs.write = nothing_written;
	assert_int_equal(keep_file_write(fs, keep, "x", SLICE("y")), -EIO);
	/* a note of how far it came that belongs to other lists */
	anew();
	assert_int_equal(keep_note(&args, &e), 0);
	assert_int_equal(keep_file_write(fs, keep, "restoring", SLICE("y")), 0);
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), -EBADMSG);
	assert_int_equal(keep_check(&args, &e, &found), -EBADMSG);
}

/* ---- what others changed since ------------------------------------------------------- */

static void begin_changes(struct keep_args *args)
{
	struct err e = {0};

	make_tree();
	*args = args_with(fs);
	assert_int_equal(keep_save(args, &e), 0);
	change_tree();
	assert_int_equal(keep_note(args, &e), 0);
}

static const struct {
	const char *shell;
	unsigned conflicts; /* at least */
} others[] = {
	{"true", 0},
	{"echo other > r/d/e", 1},
	{"rm r/d/e", 1},
	{"rm r/d/e; ln -s x r/d/e", 1},
	{"rm -r r/link; ln -s elsewhere r/link", 1},
	{"touch r/fresh/two", 1},
	{"echo x >> r/fresh/one", 1},
	{"rm -r r/fresh", 0},
	{"rm -r r/fresh; echo x > r/fresh", 1},
	{"rm -rf r/d; echo x > r/d", 1},
	{"rm -rf r/d; ln -s /tmp r/d", 1},
	{"mv r/d r/elsewhere", 1},
	{"rm -rf r/was", 1},
	{"chmod 711 r/was", 1},
	{"chmod 755 r/was", 0},
	{"touch r/was", 0},
	{"rm out/side/in; ln -s else out/side/in", 1},
	{"rm -r out", 1},
	{"mv out out2; ln -s out2 out", 1},
	{"ln r/a r/fourth", 0},
	{"rm r/d/again; ln r/a r/d/again", 0},
	{"rm r/a; cp -p r/third r/a", 0},
	{"rm r/a r/third", 0},
};

static void what_others_changed_is_left_alone(void **state)
{
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct keep_state found = {0}, checked = {0};
		struct keep_args args;
		struct err e = {0};
		begin_changes(&args);
		shell("rm -rf out2; %s", others[i].shell);
		assert_int_equal(keep_check(&args, &e, &checked), 0);
		if (keep_restore(&args, NULL, 0, &e, &found) < 0)
			fail_msg("%s: %s", others[i].shell, e.text);
		if ((others[i].conflicts > 0) != (found.conflicts > 0))
			fail_msg("%s: %u conflicts (%s)", others[i].shell,
			         (unsigned)found.conflicts, found.first);
		shell("rm -rf out2");
	}
}

/* The same while it is being put back. */
static const char *meanwhile;

static void change_once(const char *call, const char *name)
{
	const char *now = meanwhile;

	if (now && strcmp(call, "mkdir") == 0 && strcmp(name, "appeared") == 0) {
		meanwhile = NULL;
		shell("rm -rf out2; %s", now);
	}
}

static void what_others_change_meanwhile_is_left_alone(void **state)
{
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct keep_state found = {0};
		struct keep_args args;
		struct err e = {0};
		begin_changes(&args);
		meanwhile = others[i].shell;
		quiet.before = change_once;
		(void)keep_restore(&args, NULL, 0, &e, &found);
		quiet.before = NULL;
		assert_null(meanwhile);
		shell("rm -rf out2");
	}
}

/* Only what lies below some places is put back. */
static void only_a_part_is_put_back(void **state)
{
	const struct slice part[] = {SLICE("/r/d"), SLICE("/out/side/in")};
	struct keep_state found = {0};
	struct keep_args args;
	struct err e = {0};

	begin_changes(&args);
	assert_int_equal(keep_restore(&args, part, COUNT_OF(part), &e, &found), 0);
	shell("[ -e r/d/e/f ] && [ r/a -ef r/d/again ] && [ -e r/fresh/one ] && "
	      "[ -d r/link ] && [ \"$(cat out/side/in)\" = inside ]");
	assert_int_equal(keep_restore(&args, part, 0, &e, &found), 0);
	shell("[ ! -e r/fresh ] && [ -L r/link ]");
}

/* Bytes in the keep that are not those of the list. */
static void a_damaged_keep_is_told(void **state)
{
	struct keep_state found;
	struct keep_args args;
	struct err e = {0};

	begin_changes(&args);
	shell("cd keep && for f in [0-9]*; do echo x > $f; done");
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), -EBADMSG);
	begin_changes(&args);
	shell("cd keep && rm [0-9]*");
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), -EBADMSG);
	begin_changes(&args);
	shell("cd keep && for f in [0-9]*; do : > $f; done");
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), -EBADMSG);
	begin_changes(&args);
	shell("cd keep && rm after && echo x > after");
	assert_int_equal(keep_restore(&args, NULL, 0, &e, &found), -EBADMSG);
	shell("cd keep && rm before && echo x > before");
	assert_int_equal(keep_note(&args, &e), -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_failing_call_is_made_good),
		TEST(each_failing_library_call_is_made_good),
		TEST(lies_touch_nothing_outside),
		TEST(it_stops_when_it_is_asked_to),
		TEST(what_is_no_place_is_refused),
		TEST(a_list_has_its_limit),
		TEST(a_place_that_memory_is_too_small_for),
		TEST(a_path_has_its_limit),
		TEST(what_changes_meanwhile),
		TEST(mounts_are_not_entered),
		TEST(each_flipped_byte_and_each_cut_is_refused),
		TEST(no_forged_list_is_taken),
		TEST(short_calls_change_nothing),
		TEST(what_others_changed_is_left_alone),
		TEST(what_others_change_meanwhile_is_left_alone),
		TEST(only_a_part_is_put_back),
		TEST(a_damaged_keep_is_told),
	};

	if (geteuid() != 0) {
		print_message("not root: nothing can be mounted\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
