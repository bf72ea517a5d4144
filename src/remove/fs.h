/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few verbs with which removal changes a file system. All of them work on
 * directory descriptors, follow no link in the last component, retry on EINTR,
 * and return 0 (or a descriptor or a count of bytes) or a negative errno. There
 * are two tables: the system's calls (fs_system), and one that fails on purpose
 * in tests (test_faulty.h), so that every way out of the engine is walked.
 */
#ifndef REMOVE_FS_H
#define REMOVE_FS_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/prelude.h"
#include "base/slice.h"

struct fs {
	/* openat2(2) with RESOLVE_BENEATH, _NO_SYMLINKS and _NO_MAGICLINKS; name
	 * may be a path below dir. O_CLOEXEC is added. */
	int (*open)(const struct fs *fs, int dir, const char *name, int flags,
	            mode_t mode);
	int (*close)(const struct fs *fs, int fd);
	/* fstatat(2), AT_SYMLINK_NOFOLLOW; name "" is dir itself. */
	int (*stat)(const struct fs *fs, int dir, const char *name, struct stat *ret);
	int (*rename)(const struct fs *fs, int from, const char *name, int to,
	              const char *new_name, unsigned flags); /* renameat2(2) */
	int (*unlink)(const struct fs *fs, int dir, const char *name, int flags);
	int (*mkdir)(const struct fs *fs, int dir, const char *name, mode_t mode);
	int (*link)(const struct fs *fs, int from, const char *name, int to,
	            const char *new_name);
	int (*symlink)(const struct fs *fs, const char *target, int dir,
	               const char *name);
	int (*mknod)(const struct fs *fs, int dir, const char *name, mode_t mode,
	             dev_t device);
	ssize_t (*readlink)(const struct fs *fs, int dir, const char *name,
	                    char *buffer, size_t n);
	ssize_t (*read)(const struct fs *fs, int fd, void *p, size_t n, off_t at);
	ssize_t (*write)(const struct fs *fs, int fd, const void *p, size_t n, off_t at);
	off_t (*seek)(const struct fs *fs, int fd, off_t at, int whence); /* SEEK_DATA, SEEK_HOLE */
	int (*truncate)(const struct fs *fs, int fd, off_t size);
	int (*allocate)(const struct fs *fs, int fd, off_t size); /* posix_fallocate(3) */
	int (*sync)(const struct fs *fs, int fd);       /* fsync(2) */
	int (*sync_all)(const struct fs *fs, int fd);   /* syncfs(2) */
	int (*chown)(const struct fs *fs, int dir, const char *name, uid_t uid, gid_t gid);
	int (*chmod)(const struct fs *fs, int fd, mode_t mode);
	int (*times)(const struct fs *fs, int dir, const char *name,
	             const struct timespec times[2]);
	/* Extended attributes (ACLs, capabilities and labels are some) of `name`
	 * in a folder, a link's own included. */
	ssize_t (*list_xattr)(const struct fs *fs, int dir, const char *name,
	                      char *buffer, size_t n);
	ssize_t (*get_xattr)(const struct fs *fs, int dir, const char *name,
	                     const char *key, void *buffer, size_t n);
	int (*set_xattr)(const struct fs *fs, int dir, const char *name,
	                 const char *key, const void *value, size_t n);
	int (*remove_xattr)(const struct fs *fs, int dir, const char *name,
	                    const char *key);
	/* FS_IOC_GETFLAGS and FS_IOC_SETFLAGS; -ENOTTY and -EOPNOTSUPP where the
	 * file system has none. */
	int (*get_flags)(const struct fs *fs, int fd, int *ret);
	int (*set_flags)(const struct fs *fs, int fd, int flags);
	/* For the table that fails: its own state. */
	void *state;
};

extern const struct fs fs_system;

#endif
