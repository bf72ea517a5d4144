/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum {
	NOBODY = 65534,
	NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
	             CLONE_NEWUTS | CLONE_NEWCGROUP,
	/* Descriptors of every batch in flight, and some of its own. */
	WORKER_NOFILE = BATCH_ITEMS_MAX * (JAIL_WINDOW + 1) + 64,
};

static void refused(struct jail_limits *limits, const char *what, int error)
{
	size_t n = strlen(limits->text);
	(void)snprintf(limits->text + n, sizeof(limits->text) - n, "%s%s (%s)",
	               n ? ", " : "", what, strerrordesc_np(error));
}

/* fork() that also enters namespaces: clone with no new stack copies. */
static pid_t fork_into(int flags)
{
	return (pid_t)syscall(SYS_clone, (long)(flags | SIGCHLD), 0L, 0L, 0L, 0L);
}

pid_t sandbox_fork(struct jail_limits *limits)
{
	int flags = NAMESPACES | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
	pid_t pid = fork_into(flags);

	if (pid >= 0)
		return pid;
	int error = errno;
	/* Root in a container may lack the capability but be allowed a user
	 * namespace. */
	pid = fork_into(flags | CLONE_NEWUSER);
	if (pid >= 0)
		return pid;
	pid = fork();
	if (pid == 0)
		refused(limits, "namespaces", error);
	return pid;
}

int sandbox_close_others(int keep_fd)
{
	/* A root without /dev has none: then they are closed instead. */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= (SANITIZED ? 1 : 2); fd++) {
		if (null >= 0) {
			if (dup2(null, fd) < 0)
				return -errno;
		} else {
			(void)close(fd);
		}
	}
	if (keep_fd < 3)
		return -EINVAL;
	if (keep_fd > 3 && close_range(3, (unsigned)keep_fd - 1, 0) < 0)
		return -errno;
	if (close_range((unsigned)keep_fd + 1, ~0U, 0) < 0)
		return -errno;
	return 0;
}

/*
 * Mounts an empty read-only file system over a folder that exists everywhere,
 * makes it the root and lets go of the old one.
 */
static int empty_root(void)
{
	static const char *const places[] = {"/tmp", "/proc", "/dev", "/usr"};

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		if (mount("debar", places[i], "tmpfs",
		          MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		          "size=4k,nr_inodes=2,mode=0500") < 0)
			continue;
		if (chdir(places[i]) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
		    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
			return -errno;
		return 0;
	}
	return -errno;
}

static int drop_user(void)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return -errno;
	return 0;
}

/* Needs CAP_SETPCAP, so it comes before the rest; EPERM means that there is
 * nothing to drop with. */
static void drop_bounding_set(void)
{
	for (int cap = 0; cap <= 63; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno == EINVAL)
			break;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = {0};

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) < 0 ? -errno : 0;
}

/*
 * The kernel's struct landlock_ruleset_attr and its growth by ABI version;
 * spelled out because older headers know only the first field.
 */
static int landlock(void)
{
	struct {
		uint64_t files, network, scoped;
	} attr = {0};
	/* Access rights of the file system known to each ABI, from the kernel's
	 * user-space API documentation for Landlock. */
	static const uint64_t files_by_abi[] = {
		0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff,
	};
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	if (abi < 0)
		return -errno;
	size_t known = COUNT_OF(files_by_abi) - 1;
	attr.files = files_by_abi[(size_t)abi < known ? (size_t)abi : known];
	attr.network = abi >= 4 ? 3 : 0; /* bind and connect of TCP */
	attr.scoped = abi >= 6 ? 3 : 0;  /* abstract sockets and signals */
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	long ruleset = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset < 0)
		return -errno;
	int r = syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
	(void)close((int)ruleset);
	return r;
}

static int limit(int what, rlim_t value)
{
	struct rlimit both;

	/* What is lower already stays: raising it is not ours to do. */
	if (getrlimit((__rlimit_resource_t)what, &both) == 0 &&
	    both.rlim_max < value)
		value = both.rlim_max;
	both = (struct rlimit){value, value};
	return setrlimit((__rlimit_resource_t)what, &both) < 0 ? -errno : 0;
}

/* Bytes of private writable memory now in use (VmData of this process). */
static size_t data_in_use(void)
{
	unsigned long pages[7] = {0};
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 64 * 1024 * 1024;
	for (size_t i = 0; i < COUNT_OF(pages); i++)
		if (fscanf(f, "%lu", &pages[i]) != 1)
			break;
	(void)fclose(f);
	return pages[5] * (size_t)sysconf(_SC_PAGESIZE);
}

static int limits_on_resources(size_t data)
{
	int r = limit(RLIMIT_CORE, 0);

	if (r == 0)
		r = limit(RLIMIT_FSIZE, 0);
	if (r == 0)
		r = limit(RLIMIT_NPROC, 0);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, WORKER_NOFILE);
	if (r == 0)
		r = limit(RLIMIT_MEMLOCK, 0);
	/* AddressSanitizer's shadow counts as data: no ceiling there. */
	if (r == 0 && !SANITIZED)
		r = limit(RLIMIT_DATA, data);
	return r;
}

/* What a worker needs: its socket, the descriptors it is given, and memory. */
static const int allowed[] = {
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(pread64), SCMP_SYS(read),
	SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(sched_yield), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
};

/* What libraries try in passing and do without: refused, not fatal. */
static const int denied[] = {
	SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(fstat), SCMP_SYS(getcwd), SCMP_SYS(uname), SCMP_SYS(sysinfo),
	SCMP_SYS(ioctl), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit),
	SCMP_SYS(sched_getaffinity),
};

/* A sanitizer's runtime reports to stderr and handles signals. */
static const int sanitizer_needs[] = {
	SCMP_SYS(write), SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction),
	SCMP_SYS(prctl), SCMP_SYS(tgkill), SCMP_SYS(set_robust_list),
};

static int add_rules(scmp_filter_ctx ctx, uint32_t action, const int *calls,
                     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = seccomp_rule_add(ctx, action, calls[i], 0);
		/* -EDOM or -EINVAL: this architecture has no such call. */
		if (r < 0 && r != -EDOM && r != -EINVAL)
			return r;
	}
	return 0;
}

static int seccomp(void)
{
	const struct scmp_arg_cmp no_exec =
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	/* RLIMIT_DATA does not count shared memory. */
	const struct scmp_arg_cmp private =
		SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_TYPE, MAP_PRIVATE);
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!ctx)
		return -ENOMEM;
	int r = add_rules(ctx, SCMP_ACT_ALLOW, allowed, COUNT_OF(allowed));
	if (r == 0)
		r = add_rules(ctx, SCMP_ACT_ERRNO(EACCES), denied,
		              COUNT_OF(denied));
	if (r == 0 && SANITIZED)
		r = add_rules(ctx, SCMP_ACT_ALLOW, sanitizer_needs,
		              COUNT_OF(sanitizer_needs));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_exec,
		                     private);
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		                     no_exec);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

int sandbox_enter(const struct sandbox_args *args, struct jail_limits *limits)
{
	const size_t data = data_in_use() + args->memory_bytes;
	int r = 0;

	/* Only in a mount namespace of its own: never touch the host's. */
	if (limits->text[0] == 0)
		r = empty_root();
	if (r < 0)
		refused(limits, "an empty root folder", -r);
	drop_bounding_set();
	r = drop_user();
	if (r == -EPERM || r == -EINVAL) {
		/* Root of a user namespace that maps no other user: it has no
		 * more rights outside than the user who made it. */
		refused(limits, "another user", -r);
		r = 0;
	}
	if (r == 0)
		r = drop_capabilities();
	/* After the change of user, which clears it. */
	if (r == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		r = -errno;
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0 && prctl(PR_SET_DUMPABLE, SANITIZED, 0, 0, 0) < 0)
		r = -errno;
	if (r < 0)
		return r;
	r = landlock();
	if (r < 0)
		refused(limits, "Landlock", -r);
	r = limits_on_resources(data);
	return r < 0 ? r : seccomp();
}
