/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders and files that a flag holds, and a folder's time before 1970: out and
 * back, and with the process dying at every call in between.
 */
#include "remove/test_world.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

#include "remove/test_faulty.h"

static void hold(const char *path, int flag)
{
	int fd = openat(world.root_fd, path, O_RDONLY | O_NOATIME | O_CLOEXEC), flags;

	must(fd);
	must(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	flags |= flag;
	must(ioctl(fd, FS_IOC_SETFLAGS, &flags));
	close(fd);
}

static void make_tree(void)
{
	const struct timespec early[2] = {{-1000, 5}, {-86400, 7}};

	put_file("opt/w/data", "data");
	put_file("opt/w/log", "log");
	set_all_old(".");
	must(utimensat(world.root_fd, "opt/w", early, 0));
	hold("opt/w/log", FS_APPEND_FL);
	hold("opt/w", FS_IMMUTABLE_FL);
	hold("opt", FS_APPEND_FL);
	plan_begin();
	plan_take(plan_step(STEP_TAKE), "/opt/w");
}

/* True when it came to its end, or when none had begun. */
static bool try_undo(const struct fs *fs)
{
	struct removal_args args = world_args(fs, false);
	struct removal *r = NULL;
	struct err e = {0};
	int err = removal_open(&args, NULL, &e, &r);

	if (err < 0)
		return err == -ENOENT;
	bool ended = removal_undo(r, &e) == 0 && removal_state(r) == REMOVAL_UNDONE;
	removal_free(r);
	return ended;
}

static bool whole_life(const struct fs *fs)
{
	struct removal_args args = world_args(fs, true);
	struct removal *r = NULL;
	struct err e = {0};

	if (removal_begin(&args, &e, &r) < 0)
		return false;
	bool ended = removal_carry_out(r, &e) == 0 && removal_state(r) == REMOVAL_ENDED;
	removal_free(r);
	return ended && !there("opt/w") && try_undo(fs);
}

static void check_back(const char *before, const char *what)
{
	char *after = picture();

	if (strcmp(before, after) != 0)
		fail_msg("%s\nbefore: %s\nafter:  %s", what, before, after);
	free(after);
	run_command("chattr -R -f -i -a %s; rm -rf %s", world.state, world.state);
}

static void test_it_comes_back_held_and_old(void **state)
{
	make_tree();
	char *before = picture();
	assert_true(whole_life(&fs_system));
	check_back(before, "no fault");
	free(before);
}

static void test_a_death_leaves_no_flag_lifted(void **state)
{
	struct faulty count = {0};
	char what[128];

	make_tree();
	char *before = picture();
	assert_true(whole_life(faulty_table(&count)));
	check_back(before, "no fault");
	for (unsigned k = 1; k <= 2 * count.calls; k++) {
		struct faulty f = {.at = (k + 1) / 2, .error = EIO, .dead = true,
		                   .after = k % 2 == 0};
		(void)snprintf(what, sizeof(what), "died %s call %u of %u",
		               f.after ? "after" : "before", f.at, count.calls);
		(void)whole_life(faulty_table(&f));
		if (!try_undo(&fs_system))
			fail_msg("%s: cannot be undone", what);
		check_back(before, what);
	}
	free(before);
	print_message("it died %u times\n", 2 * count.calls);
}

/* Only root may set these flags, and not every file system has them. */
static bool can_hold(void)
{
	char path[] = "/tmp/debar-held-XXXXXX";
	int fd = mkstemp(path), flags = 0;
	bool can = fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
	int held = flags | FS_APPEND_FL;

	can = can && ioctl(fd, FS_IOC_SETFLAGS, &held) == 0 &&
	      ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
	if (fd >= 0) {
		close(fd);
		(void)unlink(path);
	}
	return can;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_it_comes_back_held_and_old,
		                                world_new, world_end),
		cmocka_unit_test_setup_teardown(test_a_death_leaves_no_flag_lifted,
		                                world_new, world_end),
	};

	if (!can_hold()) {
		print_message("no file can be held here: nothing was tried\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
