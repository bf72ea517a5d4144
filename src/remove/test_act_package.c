/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is decided from what a manager says. The managers are doubles: a table
 * of words that a call has in it, and the answer. Their calls of real managers
 * are tools/test-managers and tools/test-removal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remove/act_package.h"
#include "remove/act_private.h"

enum { ANSWERS = 6, PACKAGES = 2 };

struct answer {
	const char *words; /* in the call; NULL ends the list */
	int status;        /* or a negative errno */
	const char *out, *said; /* said: what it complains of */
};

static const struct answer *answers;
static char calls[4096];

/* ---- doubles of act.c -------------------------------------------------------- */

int act_run(char *const *argv, const char *chroot, struct str *out, struct err *e)
{
	char call[1024] = "";

	assert_null(chroot);
	for (size_t i = 0; argv[i]; i++)
		(void)snprintf(call + strlen(call), sizeof(call) - strlen(call), "%s%s",
		               i ? " " : "", argv[i]);
	(void)snprintf(calls + strlen(calls), sizeof(calls) - strlen(calls), "%s\n", call);
	for (size_t i = 0; i < ANSWERS && answers[i].words; i++) {
		if (!strstr(call, answers[i].words))
			continue;
		if (answers[i].status)
			(void)err_set(e, -EIO, "%s: %s", argv[0], answers[i].said);
		if (out && answers[i].out)
			str_puts(out, answers[i].out);
		return answers[i].status;
	}
	fail_msg("nobody expects \"%s\"", call);
	return -1;
}

int act_must(char *const *argv, const char *chroot, struct err *e)
{
	const int status = act_run(argv, chroot, NULL, e);

	return status > 0 ? -EIO : status;
}

/* ---- a step ------------------------------------------------------------------- */

static char root[] = "/tmp/debar-act-XXXXXX";
static struct arena mem;
static struct plan_package packages[PACKAGES];
static struct step step;
static struct act act;

static int make_root(void **state)
{
	(void)state;
	arena_init(&mem, 0);
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[128];

	(void)state;
	arena_finish(&mem);
	(void)snprintf(command, sizeof(command), "rm -rf --one-file-system '%s'", root);
	return system(command);
}

static void folder(const char *path)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "mkdir -p '%s%s'", root, path);
	assert_int_equal(system(command), 0);
}

static void file(const char *path, const char *text)
{
	char whole[256];

	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	FILE *f = fopen(whole, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const struct act *of(const char *ecosystem, size_t n)
{
	packages[0] = (struct plan_package){.ecosystem = ecosystem, .name = SLICE("one"),
	                                    .version = SLICE("1.0"), .arch = SLICE("amd64")};
	packages[1] = (struct plan_package){.ecosystem = ecosystem, .name = SLICE("two"),
	                                    .version = SLICE("2.0"), .arch = SLICE("all")};
	step = (struct step){.kind = STEP_PACKAGE, .packages = packages, .n_packages = n};
	act = (struct act){.root = root, .step = &step, .mem = &mem};
	calls[0] = 0;
	return &act;
}

#define DEB(answer) {"--show", 0, answer, NULL}
#define WELL "installed\tok\t1.0\n"

/* ---- may it go? ----------------------------------------------------------------- */

static const struct {
	const char *ecosystem;
	struct answer answers[ANSWERS];
	int expect;
	const char *words; /* of the sentence */
	bool tried;        /* was the manager asked to try? */
} trials[] = {
	{"deb", {DEB(WELL), {"--no-act"}}, 0, "", true},
	{"deb", {DEB("config-files\tok\t1.0\n"), {"--no-act"}}, 0, "", true},
	{"deb", {DEB("installed\tok\t1.0-2\n")}, -EPERM,
	 "one is now of version 1.0-2, the plan saw 1.0", false},
	{"deb", {DEB("half-installed\tok\t1.0\n")}, -EPERM, "only half installed", false},
	{"deb", {DEB("installed\treinstreq\t1.0\n")}, -EPERM, "only half installed", false},
	{"deb", {DEB("unpacked\tok\t1.0\n")}, -EPERM, "only half installed", false},
	{"deb", {DEB(WELL), {"--no-act", 1, NULL, "two depends on one"}}, -EPERM,
	 "two depends on one", true},
	{"deb", {DEB(WELL), {"--no-act", -ENOENT, NULL, "there is no program dpkg"}}, -ENOENT,
	 "there is no program", true},
	/* gone already: nothing keeps the others from going */
	{"deb", {{"--show", 1, "", "no packages found matching one"}, {"--no-act"}}, 0, "", true},
	{"deb", {{"--show", 2, "", "cannot read the database"}}, -EIO, "cannot read", false},
	{"deb", {{"--show", -EFBIG, "", "says more than 8388608 bytes"}}, -EFBIG, "more", false},
	/* answers of another shape are no answers */
	{"deb", {DEB("")}, -EPERM, "only half installed", false},
	{"deb", {DEB("\n")}, -EPERM, "only half installed", false},
	{"deb", {DEB("installed")}, -EPERM, "only half installed", false},
	{"deb", {DEB("installed\tok")}, -EPERM, "is now of version , the plan saw 1.0", false},
	{"deb", {DEB("installed\tok\t1.0\ninstalled\tok\t1.0\n")}, -EPERM, "half installed",
	 false},
	{"deb", {DEB("\xff\x01\t\t\t\n")}, -EPERM, "only half installed", false},
	{"rpm", {{"-q ", 0, "1.0\n", NULL}, {"--test"}}, 0, "", true},
	{"rpm", {{"-q ", 0, "1:1.0\n", NULL}}, -EPERM, "now of version 1:1.0", false},
	{"rpm", {{"-q ", 0, "1.0\n1.1\n", NULL}}, -EPERM, "half installed", false},
	{"rpm", {{"-q ", 0, "", NULL}}, -EPERM, "half installed", false},
	{"rpm", {{"-q ", 1, "package one is not installed\n", "package one is not installed"},
	         {"--test"}}, 0, "", true},
	{"rpm", {{"-q ", 1, "package one is not installed\n",
	          "error: cannot open Packages database"}}, -EIO, "cannot open", false},
	{"rpm", {{"-q ", 0, "1.0\n", NULL},
	         {"--test", 1, NULL, "one is needed by (installed) other"}}, -EPERM,
	 "needed by", true},
	{"alpm", {{"-Q ", 0, "one 1.0\n", NULL}, {"--print"}}, 0, "", true},
	{"alpm", {{"-Q ", 0, "one 2:1.0\n", NULL}}, -EPERM, "now of version 2:1.0", false},
	{"alpm", {{"-Q ", 0, "onemore 1.0\n", NULL}}, -EPERM, "half installed", false},
	{"alpm", {{"-Q ", 0, "one 1.0\none 1.0\n", NULL}}, -EPERM, "half installed", false},
	{"alpm", {{"-Q ", 0, "", NULL}}, -EPERM, "half installed", false},
	{"alpm", {{"-Q ", 1, "", "error: package 'one' was not found"}, {"--print"}}, 0, "", true},
	{"alpm", {{"-Q ", 1, "", "error: failed to initialize alpm library"}}, -EIO,
	 "failed to initialize", false},
	{"alpm", {{"-Q ", 0, "one 1.0\n", NULL},
	          {"--print", 1, NULL, "removing one breaks dependency"}}, -EPERM, "breaks", true},
	{"npm", {{NULL}}, -EPERM, "packages of npm are removed by a person", false},
	{"snap", {{NULL}}, -EPERM, "removed by a person", false},
	{"none", {{NULL}}, -EPERM, "packages of this kind are removed by a person", false},
};

static void only_what_was_planned_may_go(void **)
{
	for (size_t i = 0; i < COUNT_OF(trials); i++) {
		struct err e = {0};
		answers = trials[i].answers;
		const int r = act_package.try(of(trials[i].ecosystem, 1), &e);
		const bool tried = strstr(calls, "--no-act") || strstr(calls, "--test") ||
		                   strstr(calls, "--print");
		if (r != trials[i].expect || tried != trials[i].tried ||
		    !strstr(r ? e.text : "", trials[i].words))
			print_error("trial %zu: %d %s\n%s", i, r, e.text, calls);
		assert_int_equal(r, trials[i].expect);
		assert_int_equal(tried, trials[i].tried);
		assert_non_null(strstr(r ? e.text : "", trials[i].words));
		assert_null(strstr(calls, "--noconfirm"));
	}
}

/* All of a step go in one call, and one that changed keeps the others. */
static void a_step_goes_as_a_whole(void **)
{
	static const struct answer both[ANSWERS] = {
		{"one:amd64", 0, WELL, NULL}, {"--show", 0, "installed\tok\t2.0\n", NULL},
	};
	static const struct answer changed[ANSWERS] = {
		{"--show --showformat=${db:Status-Status}\\t${db:Status-Eflag}\\t${Version}\\n two",
		 0, "installed\tok\t3.0\n", NULL},
		{"one:amd64", 0, WELL, NULL},
	};
	struct err e = {0};

	answers = both;
	assert_int_equal(act_package.try(of("deb", 2), &e), 0);
	assert_non_null(strstr(calls, "--no-act --purge one:amd64 two\n"));
	answers = changed;
	assert_int_equal(act_package.try(of("deb", 2), &e), -EPERM);
	assert_non_null(strstr(e.text, "two is now of version 3.0"));
	assert_null(strstr(calls, "--no-act"));
}

static void a_manager_at_work_is_left_alone(void **)
{
	static const struct answer none[ANSWERS] = {{NULL}};
	int ready[2], status;
	struct err e = {0};
	char c;

	answers = none;
	folder("/var/lib/pacman");
	folder("/var/lib/dpkg");
	file("/var/lib/pacman/db.lck", "");
	file("/var/lib/dpkg/lock", "");
	assert_int_equal(act_package.try(of("alpm", 1), &e), -EPERM);
	assert_non_null(strstr(e.text, "db.lck"));
	assert_int_equal(pipe(ready), 0);
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char path[128];
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		(void)snprintf(path, sizeof(path), "%s/var/lib/dpkg/lock", root);
		const int fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(act_package.try(of("deb", 1), &e), -EPERM);
	assert_non_null(strstr(e.text, "dpkg is at work"));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)close(ready[0]);
	(void)close(ready[1]);
	assert_string_equal(calls, "");
}

/* ---- is it gone? ------------------------------------------------------------------ */

static void gone_is_what_the_manager_says(void **)
{
	static const struct {
		const char *ecosystem;
		struct answer answers[ANSWERS];
		int expect;
	} cases[] = {
		{"deb", {{"--show", 1, "", "no packages found"}}, 1},
		{"deb", {{"one:amd64", 1, "", "no packages found"},
		         DEB("installed\tok\t2.0\n")}, 0},
		{"deb", {DEB("not-installed\tok\t\n")}, 1},
		{"deb", {DEB("config-files\tok\t1.0\n")}, 0},
		{"deb", {DEB("")}, 0},
		{"deb", {{"--show", 2, "", "no database"}}, -EIO},
		{"rpm", {{"-q ", 1, "package x is not installed\n",
		          "package x is not installed"}}, 1},
		{"rpm", {{"-q ", 1, "package x is not installed\n", "error: cannot open"}}, -EIO},
		{"rpm", {{"-q ", 0, "", NULL}}, 0},
		{"alpm", {{"-Q ", 1, "", "error: package 'one' was not found"}}, 1},
		{"alpm", {{"-Q ", 1, "", "error: could not open the database"}}, -EIO},
		{"alpm", {{"-Q ", 0, "\n", NULL}}, 0},
		{"pypi", {{NULL}}, -EPERM},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {0};
		answers = cases[i].answers;
		const int r = act_package.done(of(cases[i].ecosystem, 2), &e);
		if (r != cases[i].expect)
			print_error("case %zu: %d %s\n", i, r, e.text);
		assert_int_equal(r, cases[i].expect);
	}
}

/* ---- what is kept ------------------------------------------------------------------ */

static bool holds(const struct slice *list, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(list[i], slice_str(path)))
			return true;
	return false;
}

/* Files, folders of its own, databases; nothing that leads out of the root. */
static void own_folders_are_kept_whole(void **)
{
	static char list[1024], owners[1024];
	static struct answer said[ANSWERS] = {
		{"-Ql", 0, list, NULL}, {"-Qo", 0, owners, NULL},
	};
	struct slice *places = NULL;
	struct err e = {0};
	size_t n = 0;

	(void)snprintf(list, sizeof(list), "one %s/opt/\none %s/opt/one/\none %s/opt/one/a b\n"
	               "one /etc/passwd\none %s/../../etc/shadow\none\n\none %s/opt/./x\n",
	               root, root, root, root, root);
	(void)snprintf(owners, sizeof(owners), "%s/opt/ is owned by one 1.0\n%s/opt/ is owned by"
	               " other 1.0\n%s/opt/one/ is owned by one 1.0\nwords\n", root, root, root);
	answers = said;
	assert_int_equal(act_package.places(of("alpm", 1), &e, &places, &n), 0);
	assert_true(holds(places, n, "/opt/one"));
	assert_true(holds(places, n, "/opt/one/a b"));
	assert_true(holds(places, n, "/var/lib/pacman/local"));
	assert_false(holds(places, n, "/opt"));
	for (size_t i = 0; i < n; i++)
		assert_true(plan_path_ok(places[i]));
	said[0].status = 1;
	said[0].out = "";
	said[0].said = "error: could not open the database";
	assert_int_equal(act_package.places(of("alpm", 1), &e, &places, &n), -EIO);
	assert_int_equal(act_package.places(of("npm", 1), &e, &places, &n), -EPERM);
}

/* ---- back -------------------------------------------------------------------------- */

static void undo_installs_only_what_was_kept(void **)
{
	static const struct answer well[ANSWERS] = {{"--install", 0, NULL, NULL}};
	static const struct answer ill[ANSWERS] = {{"--install", 1, NULL, "is no package"}};
	struct err e = {0};

	answers = well;
	assert_int_equal(act_package.undo(of("deb", 1), true, "/x.deb", &e), 0);
	assert_string_equal(calls, "");
	assert_int_equal(act_package.undo(of("deb", 1), false, NULL, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "install one 1.0 with dpkg"));
	assert_string_equal(calls, "");
	assert_int_equal(act_package.undo(of("deb", 1), false, "/x.deb", &e), 0);
	assert_non_null(strstr(calls, "--install /x.deb\n"));
	answers = ill;
	assert_int_equal(act_package.undo(of("deb", 1), false, "/x.deb", &e), -EIO);
	assert_non_null(strstr(e.text, "is no package"));
}

/* Of the planned version, from apt's cache; an epoch is spelled as apt does. */
static void a_package_file_is_taken_from_the_cache(void **)
{
	struct slice name = {0};
	char text[16] = "", path[128];
	struct err e = {0};

	folder("/var/cache/apt/archives");
	folder("/to");
	file("/var/cache/apt/archives/one_2%3a1.0_amd64.deb", "bytes");
	(void)snprintf(path, sizeof(path), "%s/to", root);
	const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	const struct act *a = of("deb", 1);
	assert_false(act_has_package_file(a, &packages[0]));
	assert_int_equal(act_package_file(a, &packages[0], dir, &e, &name), -ENOENT);
	packages[0].version = SLICE("2:1.0");
	assert_true(act_has_package_file(a, &packages[0]));
	assert_int_equal(act_package_file(a, &packages[0], dir, &e, &name), 0);
	assert_true(slice_eq(name, SLICE("one_2%3a1.0_amd64.deb")));
	const int fd = openat(dir, "one_2%3a1.0_amd64.deb", O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "bytes");
	packages[0].version = SLICE("../../x");
	assert_int_equal(act_package_file(a, &packages[0], dir, &e, &name), -ENOENT);
	packages[0].ecosystem = "rpm";
	assert_int_equal(act_package_file(a, &packages[0], dir, &e, &name), -ENOENT);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(dir), 0);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(only_what_was_planned_may_go),
		IN_ROOT(a_step_goes_as_a_whole),
		IN_ROOT(a_manager_at_work_is_left_alone),
		IN_ROOT(gone_is_what_the_manager_says),
		IN_ROOT(own_folders_are_kept_whole),
		IN_ROOT(undo_installs_only_what_was_kept),
		IN_ROOT(a_package_file_is_taken_from_the_cache),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
