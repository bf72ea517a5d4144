/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the engine fails once, with every error, and is once where the
 * process dies; and then a second time, while the first is recovered from.
 * Whatever happens: every file is whole, at its place or in quarantine; and
 * when recovery and undoing have come to their end, the tree is as before.
 *
 *     test_fault [PATTERN]   only the tests whose names match
 */
#include "remove/test_world.h"

#include <ftw.h>

#include "remove/test_faulty.h"

static const int errors[] = {EIO, ENOSPC, EDQUOT, EROFS, EMFILE, ENOMEM};

/* Of a recovery's calls one in so many fails: a pair for each is too many, and a
 * sanitizer makes each ten times as dear. */
#ifdef __SANITIZE_ADDRESS__
enum { PAIR_STRIDE = 397, ERROR_STRIDE = 12, EVERY = 3 };
#else
enum { PAIR_STRIDE = 67, ERROR_STRIDE = 6, EVERY = 1 };
#endif

static unsigned long points;
static unsigned copies;
static unsigned error_stride; /* 1: every error at every call; else by turns */

/* Folders in a mode of their own may be entered by others: those are reached by
 * copying. */
static void make_tree(void)
{
	put_file("opt/w/bin/w", "program");
	put_file("opt/w/data", "data");
	put_link("opt/w/current", "bin/w");
	must(linkat(world.root_fd, "opt/w/bin/w", world.root_fd, "opt/w/again", 0));
	put_file("etc/w.conf", "setting = 1\n");
	put_file("etc/other.conf", "other\n");
	put_file("mnt/w/far", "far away");
	put_file("mnt/w/sub/farther", "farther");
	set_all_old(".");
}

static void plan_all(void)
{
	plan_begin();
	struct step *s = plan_step(STEP_TAKE);
	plan_take(s, "/opt/w");
	plan_take(s, "/etc/w.conf");
	s = plan_step(STEP_TRUST);
	plan_take(s, "/mnt/w");
}

/* ---- one life of a run ---------------------------------------------------- */

/* Goes as far as the table lets it. True when it came to its end. */
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
	args.pick = PICK_UNDOABLE;
	int err = removal_open(&args, NULL, &e, &r);
	if (err < 0)
		return err == -ENOENT; /* no run had begun: nothing is to be undone */
	bool ended = removal_undo(r, &e) == 0 && removal_state(r) == REMOVAL_UNDONE;
	removal_free(r);
	return ended;
}

/* All precious bytes are in the world, each at its place or in quarantine. */
static void check_whole(const char *what)
{
	static const char *const wanted[] = {"program", "data", "setting = 1\n",
	                                     "other\n", "far away", "farther"};
	char command[256];

	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		(void)snprintf(command, sizeof(command),
		               "grep -rqlxF -- '%.*s' %s %s",
		               (int)strcspn(wanted[i], "\n"), wanted[i], world.top,
		               world.top);
		if (system(command) != 0)
			fail_msg("%s: lost: %s", what, wanted[i]);
	}
}

static int forget_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static void forget_runs(void)
{
	if (nftw(world.state, forget_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		fail_msg("%s: %s", world.state, strerror(errno));
}

static void check_back(const char *before, const char *what)
{
	char *after = picture();

	if (strcmp(before, after) != 0) {
		const char *a = before, *b = after;
		while (*a == *b) {
			a++;
			b++;
		}
		while (a > before && a[-1] != '\n') {
			a--;
			b--;
		}
		fail_msg("%s\nbefore: %.400s\nafter:  %.400s", what, a, b);
	}
	free(after);
	forget_runs();
	plan_all(); /* what came back by copy is another inode */
	points++;
}

/* The number of calls that a whole life makes. */
static unsigned count_calls(bool (*life)(const struct fs *fs))
{
	struct faulty f = {0};

	assert_true(life(faulty_table(&f)));
	return f.calls;
}

static bool whole_life(const struct fs *fs)
{
	return try_remove(fs) && try_undo(fs);
}

/* ---- tests ---------------------------------------------------------------- */

static void test_every_call_fails_once(void **state)
{
	char what[128];

	make_tree();
	plan_all();
	char *before = picture();
	unsigned n = count_calls(whole_life);
	check_back(before, "no fault");
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		for (unsigned k = 1 + (unsigned)i % error_stride; k <= n; k += error_stride) {
			struct faulty f = {.at = k, .error = errors[i]};
			(void)snprintf(what, sizeof(what), "call %u of %u: %s", k, n,
			               strerror(errors[i]));
			(void)whole_life(faulty_table(&f));
			if (!try_undo(&fs_system))
				fail_msg("%s: cannot be undone", what);
			check_back(before, what);
		}
	}
	free(before);
	print_message("%lu points so far\n", points);
}

static void test_it_dies_at_every_call(void **state)
{
	char what[128];

	make_tree();
	plan_all();
	char *before = picture();
	unsigned n = count_calls(whole_life);
	check_back(before, "no fault");
	for (int after = 0; after < 2; after++) {
		for (unsigned k = 1; k <= n; k += EVERY) {
			struct faulty f = {.at = k, .error = EIO, .dead = true,
			                   .after = after};
			(void)snprintf(what, sizeof(what), "died %s call %u of %u",
			               after ? "after" : "before", k, n);
			(void)whole_life(faulty_table(&f));
			if (k % 16 == 0)
				check_whole(what);
			if (!try_undo(&fs_system))
				fail_msg("%s: cannot be undone", what);
			check_back(before, what);
		}
	}
	free(before);
	print_message("%lu points so far\n", points);
}

/* Dies while removing, goes on, comes to its end: nothing is left; then back. */
static void test_it_goes_on_after_it_died(void **state)
{
	char what[128];

	make_tree();
	plan_all();
	char *before = picture();
	unsigned n = count_calls(try_remove);
	assert_true(try_undo(&fs_system));
	check_back(before, "no fault");
	for (unsigned k = 1; k < n; k += EVERY) { /* after the last it had come to its end */
		struct faulty f = {.at = k, .error = EIO, .dead = true, .after = true};
		(void)snprintf(what, sizeof(what), "died after call %u of %u", k, n);
		(void)try_remove(faulty_table(&f));
		if (!try_remove(&fs_system))
			fail_msg("%s: does not go on", what);
		if (there("opt/w") || there("etc/w.conf") || there("mnt/w"))
			fail_msg("%s: something is left", what);
		if (!try_undo(&fs_system))
			fail_msg("%s: cannot be undone", what);
		check_back(before, what);
	}
	free(before);
	print_message("%lu points so far\n", points);
}

/* Dies at call k, and what follows (undoing, or going on, by turns) fails or dies
 * at its call second. True when it had that many calls. */
static bool die_twice(unsigned k, unsigned second, unsigned turn, bool undoing,
                      const char *before)
{
	struct faulty f = {.at = k, .error = EIO, .dead = true, .after = k % 2};
	struct faulty g = {.at = second, .error = errors[turn % COUNT_OF(errors)],
	                   .dead = turn % 2, .after = turn % 4 / 2};
	char what[160];

	(void)snprintf(what, sizeof(what), "died at call %u, then %s %s call %u (%s)", k,
	               undoing ? "undo" : "remove", g.dead ? "died at" : "failed at",
	               second, strerror(g.error));
	(void)whole_life(faulty_table(&f));
	(void)(undoing ? try_undo(faulty_table(&g)) : try_remove(faulty_table(&g)));
	if (turn % 16 == 0)
		check_whole(what);
	if (!try_undo(&fs_system) || !try_undo(&fs_system)) /* and that may be repeated */
		fail_msg("%s: cannot be undone", what);
	check_back(before, what);
	return g.calls >= second;
}

static void test_a_second_fault_while_it_recovers(void **state)
{
	unsigned turn = 0;

	make_tree();
	plan_all();
	char *before = picture();
	unsigned removing = count_calls(try_remove);
	assert_true(try_undo(&fs_system));
	check_back(before, "no fault");
	unsigned n = count_calls(whole_life);
	check_back(before, "no fault");
	for (unsigned k = 1; k <= n; k += EVERY) {
		unsigned second = 1 + (k * 7) % PAIR_STRIDE;
		/* nobody removes again in the middle of undoing */
		while (die_twice(k, second, turn, k > removing || turn % 3 > 0, before)) {
			second += PAIR_STRIDE;
			turn++;
		}
		turn++;
	}
	free(before);
	print_message("%u pairs of faults, one in %d second ones; %lu points so far\n", turn,
	              PAIR_STRIDE, points);
}

/* Reads and writes that come back short change nothing. */
static void test_short_reads_and_writes(void **state)
{
	struct faulty f = {.brief = true};

	make_tree();
	plan_all();
	char *before = picture();
	assert_true(try_remove(faulty_table(&f)));
	assert_false(there("opt/w"));
	assert_true(try_undo(faulty_table(&f)));
	check_back(before, "short");
	free(before);
}

/* ---- the same with a place that is reached by copying ---------------------- */

/* A small file system at mnt whose top others may write to. */
static int world_with_mount(void **state)
{
	if (world_new(state) < 0)
		return -1;
	must(mkdirat(world.root_fd, "mnt", 0755));
	char command[256];
	(void)snprintf(command, sizeof(command), "mount -t tmpfs -o size=4m,mode=%s tmpfs "
	               "%s/mnt 2>/dev/null", copies ? "1777" : "755", world.root);
	return system(command) == 0 ? 0 : -1;
}

static int world_without_mount(void **state)
{
	run_command("umount %s/mnt", world.root);
	return world_end(state);
}

static int with_copies(void **state)
{
	copies = 1;
	return world_with_mount(state);
}

static int with_place(void **state)
{
	copies = 0;
	return world_with_mount(state);
}

#define TEST(name, set_up, tear_down) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest plain[] = {
		TEST(test_short_reads_and_writes, world_new, world_end),
		TEST(test_every_call_fails_once, world_new, world_end),
		TEST(test_it_dies_at_every_call, world_new, world_end),
		TEST(test_it_goes_on_after_it_died, world_new, world_end),
		TEST(test_a_second_fault_while_it_recovers, world_new, world_end),
	};
	const struct CMUnitTest mounted[] = {
		TEST(test_short_reads_and_writes, with_place, world_without_mount),
		TEST(test_every_call_fails_once, with_place, world_without_mount),
		TEST(test_it_dies_at_every_call, with_place, world_without_mount),
		TEST(test_it_goes_on_after_it_died, with_place, world_without_mount),
		TEST(test_a_second_fault_while_it_recovers, with_place, world_without_mount),
	};
	const struct CMUnitTest copied[] = {
		TEST(test_short_reads_and_writes, with_copies, world_without_mount),
		TEST(test_every_call_fails_once, with_copies, world_without_mount),
		TEST(test_it_dies_at_every_call, with_copies, world_without_mount),
		TEST(test_it_goes_on_after_it_died, with_copies, world_without_mount),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	error_stride = 1;
	int failed = cmocka_run_group_tests(plain, NULL, NULL);

	error_stride = ERROR_STRIDE;
	if (geteuid() == 0) {
		failed += cmocka_run_group_tests(mounted, NULL, NULL);
		failed += cmocka_run_group_tests(copied, NULL, NULL);
		print_message("not held yet, and not run: a second fault while copies are "
		              "recovered (a folder's time)\n");
	} else
		print_message("not root: nothing was mounted\n");
	print_message("%lu points at which a call failed or the process died; one in %d was "
	              "gone to\n", points, EVERY);
	return failed;
}
