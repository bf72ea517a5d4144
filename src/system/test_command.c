/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the system, run and captured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "system/command.h"

static char work[] = "/tmp/debar-command-XXXXXX";

static int sh(const char *script, const struct command *like,
              struct command_result *ret)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, strdup(script), NULL};
	struct command c = *like;
	struct err e = {{0}};

	c.argv = argv;
	int r = command_run(&c, &e, ret);
	free(argv[2]);
	return r;
}

static void streams_and_status_come_back(void **)
{
	const struct command c = {.output_max = 100};
	struct command_result r;

	assert_int_equal(sh("echo out; echo err >&2; exit 7", &c, &r), 0);
	assert_int_equal(r.status, 7);
	assert_string_equal(r.out.p, "out\n");
	assert_string_equal(r.err.p, "err\n");
	assert_false(r.cut || r.timed_out);
	command_finish(&r);
	assert_int_equal(sh("kill -TERM $$", &c, &r), 0);
	assert_int_equal(r.status, 128 + SIGTERM);
	command_finish(&r);
}

static void what_is_over_the_limit_is_cut(void **)
{
	const struct command c = {.output_max = 10};
	struct command_result r;

	assert_int_equal(sh("printf 0123456789", &c, &r), 0);
	assert_false(r.cut);
	assert_string_equal(r.out.p, "0123456789");
	command_finish(&r);
	assert_int_equal(sh("printf 0123456789x", &c, &r), 0);
	assert_true(r.cut);
	assert_string_equal(r.out.p, "0123456789");
	command_finish(&r);
	assert_int_equal(sh("head -c 50000000 /dev/zero; sleep 0.4; echo x", &c, &r), 0);
	assert_true(r.cut);
	assert_int_equal(r.out.n, 10);
	assert_int_equal(r.status, 0);
	command_finish(&r);
}

static double seconds_of(const char *script, const struct command *c,
                         struct command_result *r)
{
	struct timespec a, b;

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(sh(script, c, r), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* All of its group, that is. */
static void the_deadline_ends_it(void **)
{
	const struct command c = {.output_max = 100, .deadline_s = 1};
	struct command_result r;

	double took = seconds_of("echo $$; sleep 100 & sleep 100", &c, &r);
	assert_true(took >= 1 && took < 20);
	assert_true(r.timed_out);
	assert_int_equal(r.status, 128 + SIGKILL);
	int group = (int)strtol(r.out.p, NULL, 10);
	for (int i = 0; i < 100 && kill(-group, 0) == 0; i++)
		(void)usleep(50000); /* the system reaps the orphan */
	assert_int_equal(kill(-group, 0), -1);
	command_finish(&r);
}

static void an_untouched_one_comes_to_its_end(void **)
{
	const struct command c = {.output_max = 100, .deadline_s = 1, .untouched = true};
	struct command_result r;

	assert_true(seconds_of("sleep 2; echo done", &c, &r) >= 2);
	assert_string_equal(r.out.p, "done\n");
	assert_int_equal(r.status, 0);
	command_finish(&r);
}

/* A daemon that keeps the output open. */
static void a_child_left_behind_is_not_waited_for(void **)
{
	const struct command c = {.output_max = 100};
	struct command_result r;

	assert_true(seconds_of("sleep 30 & echo $!", &c, &r) < 20);
	pid_t left = (pid_t)strtol(r.out.p, NULL, 10);
	assert_int_equal(kill(left, SIGKILL), 0);
	command_finish(&r);
}

static void nothing_of_ours_is_passed_on(void **)
{
	const struct command c = {.output_max = 4000};
	struct command_result r;

	assert_int_equal(setenv("LD_PRELOAD_X", "ours", 1), 0);
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	int fd = open("/etc/passwd", O_RDONLY); /* deliberately without CLOEXEC */
	assert_true(fd >= 0);
	assert_int_equal(sh("ls /proc/self/fd | wc -l; env; pwd; umask; cat;"
	                    "readlink /proc/self/fd/0; ps -o tty= -p $$ || echo '?'",
	                    &c, &r), 0);
	/* 0, 1, 2 and the folder that ls itself reads. */
	assert_memory_equal(r.out.p, "4\n", 2);
	assert_null(strstr(r.out.p, "ours"));
	assert_non_null(strstr(r.out.p, "\nPATH=" COMMAND_PATH "\n"));
	assert_non_null(strstr(r.out.p, "\n/\n0022\n/dev/null\n?"));
	command_finish(&r);
	assert_int_equal(sh("grep SigIgn /proc/self/status", &c, &r), 0);
	assert_string_equal(r.out.p, "SigIgn:\t0000000000000000\n");
	command_finish(&r);
	assert_int_equal(close(fd), 0);
	(void)signal(SIGPIPE, SIG_DFL);
}

static void no_program_is_said(void **)
{
	static const struct {
		const char *name;
		int want;
	} cases[] = {
		{"no-such-program-anywhere", -ENOENT}, {"/no/such", -ENOENT},
		{"/etc/passwd", -ENOENT}, {"/etc", -ENOENT}, {"./sh", -EINVAL},
		{"", -EINVAL},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *argv[] = {strdup(cases[i].name), NULL};
		const struct command c = {.argv = argv, .output_max = 1};
		struct command_result r;
		struct err e = {{0}};
		assert_int_equal(command_run(&c, &e, &r), cases[i].want);
		assert_true(e.text[0] != '\0');
		assert_false(command_exists(cases[i].name, NULL));
		command_finish(&r);
		free(argv[0]);
	}
	assert_true(command_exists("sh", NULL));
	assert_true(command_exists("/bin/sh", NULL));
}

static void write_script(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static void an_interpreter_that_is_missing_is_an_error(void **)
{
	char path[200];
	char *argv[] = {path, NULL};
	const struct command c = {.argv = argv, .output_max = 10};
	struct command_result r;
	struct err e = {{0}};

	(void)snprintf(path, sizeof(path), "%s/script", work);
	write_script(path, "#!/no/such/interpreter\n");
	assert_int_equal(command_run(&c, &e, &r), -ENOENT);
	assert_non_null(strstr(e.text, "running"));
	command_finish(&r);
}

/* Links inside are links of the inside: /bin -> /inner, which is not ours. */
static void a_root_is_searched_as_from_inside(void **)
{
	char path[200];

	if (geteuid() != 0)
		skip();
	(void)snprintf(path, sizeof(path), "%s/inner", work);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/inner/tool-of-inside", work);
	write_script(path, "\x7f" "ELF but not really");
	(void)snprintf(path, sizeof(path), "%s/bin", work);
	assert_int_equal(symlink("/inner", path), 0);
	assert_true(command_exists("tool-of-inside", work));
	assert_false(command_exists("tool-of-inside", NULL));
	assert_false(command_exists("sh", work));

	char *argv[] = {(char[]){"tool-of-inside"}, NULL};
	const struct command c = {.argv = argv, .output_max = 10, .chroot = work};
	struct command_result r;
	struct err e = {{0}};
	assert_int_equal(command_run(&c, &e, &r), -ENOEXEC);
	command_finish(&r);
}

static int set_up(void **)
{
	return mkdtemp(work) ? 0 : -1;
}

static int tear_down(void **)
{
	char *argv[] = {(char[]){"rm"}, (char[]){"-rf"}, work, NULL};
	const struct command c = {.argv = argv};
	struct command_result r;

	int status = command_run(&c, NULL, &r);
	command_finish(&r);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_and_status_come_back),
		cmocka_unit_test(what_is_over_the_limit_is_cut),
		cmocka_unit_test(the_deadline_ends_it),
		cmocka_unit_test(an_untouched_one_comes_to_its_end),
		cmocka_unit_test(a_child_left_behind_is_not_waited_for),
		cmocka_unit_test(nothing_of_ours_is_passed_on),
		cmocka_unit_test(no_program_is_said),
		cmocka_unit_test(an_interpreter_that_is_missing_is_an_error),
		cmocka_unit_test(a_root_is_searched_as_from_inside),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
