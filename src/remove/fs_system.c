/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the system's own calls. EINTR is tried again here, so that
 * nobody else has to think of it; a short read or write is the caller's affair.
 */
#include <errno.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "remove/fs.h"

/* The value of a call, or the negative errno that it left. */
#define RETRY(call) \
	({ \
		long long value_; \
		do \
			value_ = (long long)(call); \
		while (value_ < 0 && errno == EINTR); \
		value_ < 0 ? -(long long)errno : value_; \
	})

enum {
	/* openat2 says EAGAIN while somebody renames folders on the way. */
	OPEN_TRIES = 64,
	PROC_PATH = 320,
};

static int sys_open(const struct fs *fs, int dir, const char *name, int flags,
                    mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -EAGAIN;

	(void)fs;
	for (int i = 0; i < OPEN_TRIES && fd == -EAGAIN; i++)
		fd = (int)RETRY(syscall(SYS_openat2, dir, name, &how, sizeof(how)));
	return fd;
}

/* After EINTR the descriptor is closed all the same (Linux). */
static int sys_close(const struct fs *fs, int fd)
{
	(void)fs;
	return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

static int sys_stat(const struct fs *fs, int dir, const char *name, struct stat *ret)
{
	(void)fs;
	return (int)RETRY(fstatat(dir, name, ret, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH));
}

static int sys_rename(const struct fs *fs, int from, const char *name, int to,
                      const char *new_name, unsigned flags)
{
	(void)fs;
	return (int)RETRY(renameat2(from, name, to, new_name, flags));
}

static int sys_unlink(const struct fs *fs, int dir, const char *name, int flags)
{
	(void)fs;
	return (int)RETRY(unlinkat(dir, name, flags));
}

static int sys_mkdir(const struct fs *fs, int dir, const char *name, mode_t mode)
{
	(void)fs;
	return (int)RETRY(mkdirat(dir, name, mode));
}

static int sys_link(const struct fs *fs, int from, const char *name, int to,
                    const char *new_name)
{
	(void)fs;
	return (int)RETRY(linkat(from, name, to, new_name, 0));
}

static int sys_symlink(const struct fs *fs, const char *target, int dir,
                       const char *name)
{
	(void)fs;
	return (int)RETRY(symlinkat(target, dir, name));
}

static int sys_mknod(const struct fs *fs, int dir, const char *name, mode_t mode,
                     dev_t device)
{
	(void)fs;
	return (int)RETRY(mknodat(dir, name, mode, device));
}

static ssize_t sys_readlink(const struct fs *fs, int dir, const char *name,
                            char *buffer, size_t n)
{
	(void)fs;
	return (ssize_t)RETRY(readlinkat(dir, name, buffer, n));
}

static ssize_t sys_read(const struct fs *fs, int fd, void *p, size_t n, off_t at)
{
	(void)fs;
	return (ssize_t)RETRY(pread(fd, p, n, at));
}

static ssize_t sys_write(const struct fs *fs, int fd, const void *p, size_t n,
                         off_t at)
{
	(void)fs;
	return (ssize_t)RETRY(pwrite(fd, p, n, at));
}

static off_t sys_seek(const struct fs *fs, int fd, off_t at, int whence)
{
	(void)fs;
	return (off_t)RETRY(lseek(fd, at, whence));
}

static int sys_truncate(const struct fs *fs, int fd, off_t size)
{
	(void)fs;
	return (int)RETRY(ftruncate(fd, size));
}

/* posix_fallocate(3) returns its error. */
static int sys_allocate(const struct fs *fs, int fd, off_t size)
{
	int r;

	(void)fs;
	do
		r = posix_fallocate(fd, 0, size);
	while (r == EINTR);
	return -r;
}

static int sys_sync(const struct fs *fs, int fd)
{
	(void)fs;
	return (int)RETRY(fsync(fd));
}

static int sys_sync_all(const struct fs *fs, int fd)
{
	(void)fs;
	return (int)RETRY(syncfs(fd));
}

static int sys_chown(const struct fs *fs, int dir, const char *name, uid_t uid,
                     gid_t gid)
{
	(void)fs;
	return (int)RETRY(fchownat(dir, name, uid, gid,
	                           AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH));
}

static int sys_chmod(const struct fs *fs, int fd, mode_t mode)
{
	(void)fs;
	return (int)RETRY(fchmod(fd, mode));
}

static int sys_times(const struct fs *fs, int dir, const char *name,
                     const struct timespec times[2])
{
	(void)fs;
	return (int)RETRY(utimensat(dir, name, times,
	                            AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH));
}

/*
 * The calls for attributes know paths only. One through /proc names the pinned
 * folder, so that nothing on the way can be exchanged; the last component is
 * not followed.
 */
static void xattr_path(char path[PROC_PATH], int dir, const char *name)
{
	(void)snprintf(path, PROC_PATH, "/proc/self/fd/%d/%.256s", dir,
	               name[0] ? name : ".");
}

static ssize_t sys_list_xattr(const struct fs *fs, int dir, const char *name,
                              char *buffer, size_t n)
{
	char path[PROC_PATH];

	(void)fs;
	xattr_path(path, dir, name);
	return (ssize_t)RETRY(llistxattr(path, buffer, n));
}

static ssize_t sys_get_xattr(const struct fs *fs, int dir, const char *name,
                             const char *key, void *buffer, size_t n)
{
	char path[PROC_PATH];

	(void)fs;
	xattr_path(path, dir, name);
	return (ssize_t)RETRY(lgetxattr(path, key, buffer, n));
}

static int sys_set_xattr(const struct fs *fs, int dir, const char *name,
                         const char *key, const void *value, size_t n)
{
	char path[PROC_PATH];

	(void)fs;
	xattr_path(path, dir, name);
	return (int)RETRY(lsetxattr(path, key, value, n, 0));
}

static int sys_remove_xattr(const struct fs *fs, int dir, const char *name,
                            const char *key)
{
	char path[PROC_PATH];

	(void)fs;
	xattr_path(path, dir, name);
	return (int)RETRY(lremovexattr(path, key));
}

static int sys_get_flags(const struct fs *fs, int fd, int *ret)
{
	(void)fs;
	return (int)RETRY(ioctl(fd, FS_IOC_GETFLAGS, ret));
}

static int sys_set_flags(const struct fs *fs, int fd, int flags)
{
	(void)fs;
	return (int)RETRY(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

const struct fs fs_system = {
	.open = sys_open,
	.close = sys_close,
	.stat = sys_stat,
	.rename = sys_rename,
	.unlink = sys_unlink,
	.mkdir = sys_mkdir,
	.link = sys_link,
	.symlink = sys_symlink,
	.mknod = sys_mknod,
	.readlink = sys_readlink,
	.read = sys_read,
	.write = sys_write,
	.seek = sys_seek,
	.truncate = sys_truncate,
	.allocate = sys_allocate,
	.sync = sys_sync,
	.sync_all = sys_sync_all,
	.chown = sys_chown,
	.chmod = sys_chmod,
	.times = sys_times,
	.list_xattr = sys_list_xattr,
	.get_xattr = sys_get_xattr,
	.set_xattr = sys_set_xattr,
	.remove_xattr = sys_remove_xattr,
	.get_flags = sys_get_flags,
	.set_flags = sys_set_flags,
};
