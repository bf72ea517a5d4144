/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/unprivileged.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"

enum { NOBODY = 65534 };

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	return syscall(SYS_capset, &head, none) < 0 ? -errno : 0;
}

/* Where nobody does not exist (a user namespace with one user), root without
 * capabilities is what is left. */
static int become_nobody(void)
{
	if (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0)
		return 0;
	return errno == EINVAL || errno == EPERM ? drop_capabilities() : -errno;
}

static int give_up_root(void)
{
	int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;

	if (r == 0)
		r = become_nobody();
	return r ? r : drop_capabilities();
}

static int run_both(int (*prepare)(void *ctx), int (*fn)(void *ctx), void *ctx,
                    bool root)
{
	int status = prepare(ctx);

	if (status != EXIT_CLEAN)
		return status;
	int r = root ? give_up_root() : 0;
	if (r < 0) {
		cmd_error("giving up root's rights: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return fn(ctx);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR) {
			cmd_error("waiting: %s", strerror(errno));
			return EXIT_FAILED;
		}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	cmd_error("the process that was to answer was ended by signal %d",
	          WTERMSIG(status));
	return EXIT_FAILED;
}

int unprivileged_run(int (*prepare)(void *ctx), int (*fn)(void *ctx), void *ctx)
{
	if (geteuid() != 0)
		return run_both(prepare, fn, ctx, false);
	(void)fflush(NULL);
	pid_t child = fork();
	if (child < 0) {
		cmd_error("starting a process: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (child == 0) {
		int status = run_both(prepare, fn, ctx, true);
		(void)fflush(NULL);
		_exit(status);
	}
	return wait_for(child);
}
