/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole lives of a run: removed, undone; on one file system, on two, and by
 * copy. In each life one call fails: of the table, or of a library (memory,
 * hashes, folders that are read). Then all goes on without a fault, and the
 * tree must be as it was.
 *
 * Errors that lie (a name is said to be missing that is there) are another
 * matter: no tree is promised then, but no file is lost.
 */
#include "remove/test_world.h"

#include <ftw.h>
#include <sys/mount.h>

#include "remove/test_failing.h"
#include "remove/test_faulty.h"

enum { MARKS = 5 };

static unsigned long lives;
static bool by_copy;
static struct faulty quiet; /* fails at nothing, waits for no disk */

static void make_tree(void)
{
	put_file("opt/w/bin/w", "mark 0");
	must(linkat(world.root_fd, "opt/w/bin/w", world.root_fd, "opt/w/again", 0));
	put_link("opt/w/current", "bin/w");
	put_file("mnt/w/data", "mark 1");
	must(linkat(world.root_fd, "mnt/w/data", world.root_fd, "mnt/w/data-too", 0));
	put_file("mnt/w/sub/more", "mark 2");
	put_file("etc/other.conf", "mark 3");
	put_file("top-file", "mark 4");
	set_all_old(".");
}

static void plan_all(void)
{
	plan_begin();
	struct step *s = plan_step(STEP_TAKE);
	plan_take(s, "/opt/w");
	plan_take(s, "/top-file");
	s = plan_step(STEP_TRUST);
	plan_take(s, "/mnt/w");
}

/* ---- lives ------------------------------------------------------------------ */

static bool try_remove(const struct fs *fs)
{
	struct removal_args args = world_args(fs, true);
	struct removal *r = NULL;
	struct err e = {0};

	script.n_do = 0;
	if (removal_begin(&args, &e, &r) < 0)
		return false;
	bool ended = removal_carry_out(r, &e) == 0 && removal_state(r) == REMOVAL_ENDED;
	removal_free(r);
	return ended;
}

static bool try_undo(const struct fs *fs)
{
	struct removal_args args = world_args(fs, false);
	struct removal *r = NULL;
	struct err e = {0};
	int err = removal_open(&args, NULL, &e, &r);

	if (err < 0)
		return err == -ENOENT; /* no run had begun */
	bool ended = removal_undo(r, &e) == 0 && removal_state(r) == REMOVAL_UNDONE;
	removal_free(r);
	return ended;
}

static void whole_life(const struct fs *fs)
{
	(void)(try_remove(fs) && try_undo(fs));
}

/* Interrupted where it hurts: the settling of the next start fails then. */
static unsigned die_at;

static void broken_life(const struct fs *fs)
{
	struct faulty dying = {.at = die_at, .error = EIO, .dead = true, .after = true};
	struct failing armed = failing;

	failing = (struct failing){0};
	whole_life(faulty_table(&dying));
	failing = armed;
	(void)try_undo(fs);
}

/* ---- what must hold --------------------------------------------------------- */

static unsigned found;

static int find_mark(const char *path, const struct stat *st, int type, struct FTW *at)
{
	char text[16] = "";

	if (!S_ISREG(st->st_mode) || st->st_size != 6)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, 6) == 6 && strncmp(text, "mark ", 5) == 0)
		found |= 1U << (text[5] - '0');
	if (fd >= 0)
		close(fd);
	return 0;
}

static void nothing_is_lost(const char *what)
{
	found = 0;
	must(nftw(world.top, find_mark, 16, FTW_PHYS));
	if (found != (1U << MARKS) - 1)
		fail_msg("%s: files are lost (%x)", what, found);
}

static void blank(char *text, const char *word)
{
	for (char *at = text; (at = strstr(at, word)); at += strlen(word))
		for (char *to = at + strlen(word); *to != ' ' && *to != '\n'; to++)
			*to = '?';
}

/*
 * By copy a file comes back as another inode: a name of it that a fault left at
 * its place is then not a name of that one. How many names is not compared; nor
 * are times, since a folder whose copying a fault cut short has a new one.
 */
static char *picture_now(void)
{
	char *text = picture();

	if (by_copy)
		blank(text, " names ");
	if (by_copy)
		blank(text, " time ");
	return text;
}

static void all_is_back(const char *before, const char *what)
{
	if (!try_undo(&quiet.fs))
		fail_msg("%s: cannot be undone", what);
	char *after = picture_now();
	if (strcmp(before, after) != 0) {
		const char *a = before, *b = after;
		for (; *a == *b; a++, b++)
			;
		for (; a > before && a[-1] != '\n'; a--, b--)
			;
		fail_msg("%s\nbefore: %.300s\nafter:  %.300s", what, a, b);
	}
	free(after);
}

static int delete_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	if (strcmp(path, world.root) != 0 && strcmp(path + strlen(world.root), "/mnt") != 0)
		(void)remove(path);
	return 0;
}

/* What is left of a life goes; the tree is made anew when `tree`. */
static void begin_anew(bool tree)
{
	(void)nftw(world.state, delete_one, 16, FTW_DEPTH | FTW_PHYS);
	if (tree) {
		(void)nftw(world.root, delete_one, 16, FTW_DEPTH | FTW_PHYS);
		make_tree();
	}
	plan_all(); /* what came back by copy is another inode */
	lives++;
}

/* ---- one call of the table -------------------------------------------------- */

static unsigned count_calls(void (*life)(const struct fs *fs))
{
	struct faulty f = {0};

	life(faulty_table(&f));
	return f.calls;
}

static void fail_each_call(void (*life)(const struct fs *fs), const char *before)
{
	char what[96];
	unsigned n = count_calls(life);

	all_is_back(before, "no fault");
	begin_anew(false);
	for (unsigned k = 1; k <= n; k += EVERY) {
		struct faulty f = {.at = k, .error = EIO};
		life(faulty_table(&f));
		(void)snprintf(what, sizeof(what), "death %u, call %u of %u", die_at, k, n);
		all_is_back(before, what);
		begin_anew(false);
	}
}

static void each_call_fails_once(void **state)
{
	make_tree();
	plan_all();
	char *before = picture_now();
	fail_each_call(whole_life, before);
	free(before);
}

static void each_call_of_settling_fails_once(void **state)
{
	make_tree();
	plan_all();
	char *before = picture_now();
	unsigned n = count_calls(whole_life);
	all_is_back(before, "no fault");
	begin_anew(false);
	for (die_at = n / 4; die_at < n; die_at += n / 3)
		fail_each_call(broken_life, before);
	free(before);
}

static void each_call_lies_once(void **state)
{
	static const int lies[] = {EPERM, ENOENT, EXDEV, EINVAL};
	char what[96];

	make_tree();
	plan_all();
	unsigned n = count_calls(whole_life);
	begin_anew(true);
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		for (unsigned k = 1; k <= n; k += EVERY) {
			struct faulty f = {.at = k, .error = lies[i]};
			whole_life(faulty_table(&f));
			(void)try_undo(&quiet.fs);
			(void)snprintf(what, sizeof(what), "call %u of %u: %s", k, n,
			               strerror(lies[i]));
			nothing_is_lost(what);
			begin_anew(true);
		}
	}
}

/* ---- one call of a library ---------------------------------------------------- */

static void fail_each_library_call(void (*life)(const struct fs *fs), const char *before)
{
	char what[96];

	failing = (struct failing){.count = true};
	life(&quiet.fs);
	unsigned n = failing_end();
	all_is_back(before, "no fault");
	begin_anew(false);
	for (unsigned k = 1; k <= n; k += EVERY) {
		failing = (struct failing){.at = k};
		life(&quiet.fs);
		failing_end();
		(void)snprintf(what, sizeof(what), "death %u, library call %u of %u",
		               die_at, k, n);
		all_is_back(before, what);
		begin_anew(false);
	}
}

static void each_library_call_fails_once(void **state)
{
	make_tree();
	plan_all();
	by_copy = true; /* when it cannot be told which mount it is */
	char *before = picture_now();
	fail_each_library_call(whole_life, before);
	unsigned n = count_calls(whole_life);
	all_is_back(before, "no fault");
	begin_anew(false);
	for (die_at = n / 4; die_at < n; die_at += n / 3)
		fail_each_library_call(broken_life, before);
	free(before);
}

/* ---- worlds ------------------------------------------------------------------- */

static int one(void **state)
{
	(void)faulty_table(&quiet);
	failing_end();
	by_copy = false;
	die_at = 0;
	return world_new(state);
}

static int with_mount(void **state, const char *mode)
{
	char path[128], options[64];

	if (one(state) < 0)
		return -1;
	must(mkdirat(world.root_fd, "mnt", 0755));
	(void)snprintf(path, sizeof(path), "%s/mnt", world.root);
	(void)snprintf(options, sizeof(options), "size=4m,mode=%s", mode);
	return mount("tmpfs", path, "tmpfs", 0, options);
}

static int two(void **state)
{
	return with_mount(state, "755");
}

/* Others may write to its top: nothing of ours is put there. */
static int copied(void **state)
{
	int err = with_mount(state, "1777");
	by_copy = true;
	return err;
}

static int unmounted(void **state)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/mnt", world.root);
	must(umount(path));
	return world_end(state);
}

#define TESTS(set_up, tear_down) \
	cmocka_unit_test_setup_teardown(each_call_fails_once, set_up, tear_down), \
	cmocka_unit_test_setup_teardown(each_call_of_settling_fails_once, set_up, tear_down), \
	cmocka_unit_test_setup_teardown(each_library_call_fails_once, set_up, tear_down)

int main(void)
{
	if (getenv("CMOCKA_TEST_FILTER"))
		cmocka_set_test_filter(getenv("CMOCKA_TEST_FILTER"));
	const struct CMUnitTest plain[] = {TESTS(one, world_end),
		cmocka_unit_test_setup_teardown(each_call_lies_once, one, world_end)};
	const struct CMUnitTest mounted[] = {TESTS(two, unmounted), TESTS(copied, unmounted)};
	int failed = cmocka_run_group_tests(plain, NULL, NULL);

	if (geteuid() == 0)
		failed += cmocka_run_group_tests(mounted, NULL, NULL);
	else
		print_message("not root: nothing was mounted\n");
	print_message("%lu lives with a failing call\n", lives);
	return failed;
}
