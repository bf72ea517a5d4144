/* SPDX-License-Identifier: Apache-2.0 */
#include "system/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Output goes to files in memory and not through pipes: a program that must
 * come to its end is not killed by SIGPIPE when we are, and a daemon that
 * inherits its output does not keep us waiting. What is over the limit is given
 * back to the system at every tick.
 */
enum { DEADLINE_S = 600, TICK_MS = 250, MS = 1000 };

static char *const environment[] = {
	(char[]){"PATH=" COMMAND_PATH},
	(char[]){"LC_ALL=C"},
	(char[]){"LANG=C"},
	(char[]){"HOME=/root"},
	(char[]){"SHELL=/bin/sh"},
	(char[]){"TERM=dumb"},
	(char[]){"PAGER=cat"},
	(char[]){"SYSTEMD_PAGER=cat"},
	(char[]){"NO_COLOR=1"},
	/* Nobody is there to answer. */
	(char[]){"DEBIAN_FRONTEND=noninteractive"},
	(char[]){"DEBCONF_NONINTERACTIVE_SEEN=true"},
	(char[]){"APT_LISTCHANGES_FRONTEND=none"},
	(char[]){"NEEDRESTART_SUSPEND=1"},
	(char[]){"UCF_FORCE_CONFFOLD=1"},
	/* Leave nothing behind that was not asked for. */
	(char[]){"PYTHONDONTWRITEBYTECODE=1"},
	(char[]){"PIP_DISABLE_PIP_VERSION_CHECK=1"},
	(char[]){"PIP_NO_INPUT=1"},
	(char[]){"NPM_CONFIG_UPDATE_NOTIFIER=false"},
	(char[]){"NPM_CONFIG_LOGS_MAX=0"},
	NULL,
};

/* ---- where a program is ------------------------------------------------ */

static const char *root_of(const char *chroot_path)
{
	return chroot_path && chroot_path[0] ? chroot_path : "/";
}

/* Can this path be executed, as seen inside the root? */
static bool is_program(int root_fd, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	struct stat st;
	int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	if (fd < 0)
		return false;
	bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	          (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
	(void)close(fd);
	return ok;
}

static bool look_in_path(int root_fd, const char *name, char *ret, size_t n)
{
	struct slice rest = SLICE(COMMAND_PATH), folder;

	while (slice_split(&rest, ':', &folder)) {
		int length = snprintf(ret, n, "%.*s/%s", SLICE_ARG(folder), name);
		if (length > 0 && (size_t)length < n && is_program(root_fd, ret))
			return true;
	}
	return false;
}

/* The absolute path of a program inside the root; 0, -ENOENT, -EINVAL. */
static int find_program(const char *name, const char *root, char *ret, size_t n)
{
	bool found;

	if (!name || !name[0] || (strchr(name, '/') && name[0] != '/'))
		return -EINVAL;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (name[0] == '/')
		found = snprintf(ret, n, "%s", name) < (int)n && is_program(fd, ret);
	else
		found = look_in_path(fd, name, ret, n);
	(void)close(fd);
	return found ? 0 : -ENOENT;
}

bool command_exists(const char *name, const char *chroot_path)
{
	char path[PATH_MAX];

	return find_program(name, root_of(chroot_path), path, sizeof(path)) == 0;
}

/* ---- the child --------------------------------------------------------- */

struct start {
	const struct command *command;
	const char *program;
	int in, out, err;
	int failure; /* pipe: the errno of what could not be done before exec */
};

/* Handlers are ours, and what is ignored would stay so across exec. */
static void default_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Puts the three streams in place. Each is above 2 beforehand. */
static int place_streams(const struct start *s)
{
	if (dup2(s->in, STDIN_FILENO) < 0 || dup2(s->out, STDOUT_FILENO) < 0 ||
	    dup2(s->err, STDERR_FILENO) < 0)
		return -errno;
	if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static int enter_root(const char *path)
{
	if (path && chroot(path) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}

/* Only calls that are safe after the fork of a process with threads. */
static NO_RETURN void be_program(const struct start *s)
{
	default_signals();
	/* A session of its own: no terminal, so no Ctrl-C and no questions. */
	int r = setsid() < 0 ? -errno : 0;
	if (r == 0)
		r = enter_root(s->command->chroot);
	(void)umask(022);
	if (r == 0)
		r = place_streams(s);
	if (r == 0) {
		(void)execve(s->program, s->command->argv, environment);
		r = -errno;
	}
	ssize_t n = write(s->failure, &r, sizeof(r));
	_exit(n == (ssize_t)sizeof(r) ? 127 : 126);
}

/* ---- the parent -------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MS + t.tv_nsec / (MS * MS);
}

/* Moves a descriptor above the standard streams. */
static int above_streams(int fd)
{
	if (fd < 0)
		return -errno;
	int high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int r = high < 0 ? -errno : high;
	(void)close(fd);
	return r;
}

static int output_file(void)
{
	int fd = above_streams(memfd_create("output", MFD_CLOEXEC));

	/* Several processes may write to it, each at its end. */
	if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) < 0) {
		int r = -errno;
		(void)close(fd);
		return r;
	}
	return fd;
}

/* Gives memory beyond what is kept back. */
static void trim_output(int fd, size_t keep)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_blocks * 512 > (off_t)keep)
		(void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		                (off_t)keep, st.st_size > (off_t)keep
		                                    ? st.st_size - (off_t)keep : 1);
}

/* Reads what was printed; *cut is set when there was more. */
static int read_output(int fd, size_t max, struct str *out, bool *cut)
{
	char buffer[8192];
	ssize_t n = 1;
	size_t at = 0;

	while (n > 0 && at < max) {
		size_t want = max - at < sizeof(buffer) ? max - at : sizeof(buffer);
		n = pread(fd, buffer, want, (off_t)at);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			return -errno;
		str_add(out, slice_of(buffer, (size_t)n));
		at += (size_t)n;
	}
	if (at >= max && pread(fd, buffer, 1, (off_t)at) > 0)
		*cut = true;
	return str_failed(out) ? -ENOMEM : 0;
}

/* What kept the program from starting: 0 when exec closed the pipe. */
static int read_failure(int fd)
{
	int failure = 0;
	ssize_t n;

	do
		n = read(fd, &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(failure) ? failure : 0;
}

/* Waits for the end; at the deadline makes an end, unless it is untouchable.
 * Where no pidfd can be had, poll() passes over it and is no more than a tick. */
static int wait_for(pid_t pid, const struct command *c, const struct start *s,
                    struct command_result *ret)
{
	const unsigned seconds = c->deadline_s ? c->deadline_s : DEADLINE_S;
	const int64_t end = now_ms() + (int64_t)seconds * MS;
	struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	int status = 0, r = 0;

	for (;;) {
		(void)poll(&p, 1, TICK_MS);
		pid_t ended = waitpid(pid, &status, WNOHANG);
		if (ended == pid)
			break;
		if (ended < 0 && errno != EINTR) {
			r = -errno;
			break;
		}
		trim_output(s->out, c->output_max);
		trim_output(s->err, c->output_max);
		if (!c->untouched && !ret->timed_out && now_ms() >= end) {
			ret->timed_out = true;
			(void)kill(-pid, SIGKILL);
		}
	}
	if (p.fd >= 0)
		(void)close(p.fd);
	ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return r;
}

static int start_and_wait(const struct command *c, struct start *s,
                          struct command_result *ret)
{
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	pipe_fds[1] = above_streams(pipe_fds[1]);
	if (pipe_fds[1] < 0) {
		(void)close(pipe_fds[0]);
		return pipe_fds[1];
	}
	s->failure = pipe_fds[1];
	pid_t pid = fork();
	if (pid == 0)
		be_program(s);
	int r = pid < 0 ? -errno : 0;
	(void)close(pipe_fds[1]);
	if (r == 0)
		r = read_failure(pipe_fds[0]);
	(void)close(pipe_fds[0]);
	if (pid > 0) {
		int waited = wait_for(pid, c, s, ret);
		r = r ? r : waited;
	}
	return r;
}

static int run_program(const struct command *c, const char *program,
                       struct command_result *ret)
{
	struct start s = {.command = c, .program = program, .failure = -1};
	int r = 0;

	s.in = above_streams(open("/dev/null", O_RDONLY | O_CLOEXEC));
	s.out = output_file();
	s.err = output_file();
	if (s.in < 0 || s.out < 0 || s.err < 0)
		r = s.in < 0 ? s.in : s.out < 0 ? s.out : s.err;
	if (r == 0)
		r = start_and_wait(c, &s, ret);
	if (r == 0)
		r = read_output(s.out, c->output_max, &ret->out, &ret->cut);
	if (r == 0)
		r = read_output(s.err, c->output_max, &ret->err, &ret->cut);
	if (s.in >= 0)
		(void)close(s.in);
	if (s.out >= 0)
		(void)close(s.out);
	if (s.err >= 0)
		(void)close(s.err);
	return r;
}

int command_run(const struct command *c, struct err *e, struct command_result *ret)
{
	char program[PATH_MAX];

	*ret = (struct command_result){0};
	int r = find_program(c->argv[0], root_of(c->chroot), program, sizeof(program));
	if (r == -ENOENT)
		return err_set(e, r, "there is no program %s%s%s", c->argv[0],
		               c->chroot ? " in " : "", c->chroot ? c->chroot : "");
	if (r == 0)
		r = run_program(c, program, ret);
	if (r < 0)
		return err_sys(e, r, "running %s", c->argv[0] ? c->argv[0] : "nothing");
	return 0;
}

void command_finish(struct command_result *r)
{
	str_finish(&r->out);
	str_finish(&r->err);
}
