/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of calls that fails on purpose. Calls are counted; the k-th fails
 * with an error, or comes back short, or is where the process "dies": from then
 * on no call does anything, as if it had been killed there. Of the calls that
 * write, `after` says that the k-th is done first: killed between the call and
 * what would have followed.
 */
#ifndef REMOVE_TEST_FAULTY_H
#define REMOVE_TEST_FAULTY_H

#include <errno.h>
#include <string.h>

#include "remove/fs.h"

struct faulty {
	struct fs fs;
	unsigned calls;   /* so far */
	unsigned at;      /* 0: none fails */
	int error;        /* positive */
	bool dead;        /* every call from `at` on fails */
	bool after;       /* and the call `at` itself is done */
	bool brief;       /* reads and writes of more than a byte are cut in half */
	unsigned last;    /* calls at..last fail too (0: only `at`) */
	const char *only; /* count only calls of this name; NULL: all */
	void (*before)(const char *call, const char *name); /* may be NULL */
};

static struct faulty *faulty_of(const struct fs *fs)
{
	return fs->state;
}

/* 0: go on; 1: do it, and then die; or the error. */
static int faulty_turn(const struct fs *fs, const char *call, const char *name)
{
	struct faulty *f = faulty_of(fs);

	if (f->before)
		f->before(call, name);
	if (f->only && strcmp(f->only, call) != 0)
		return 0;
	f->calls++;
	if (f->at == 0 || f->calls < f->at)
		return 0;
	if (f->calls == f->at)
		return f->dead && f->after ? 1 : -f->error;
	return f->dead || f->calls <= f->last ? -f->error : 0;
}

/* The call's own return value, unless it is its turn. */
#define FAULTY(call, name, expression) \
	({ \
		int turn_ = faulty_turn(fs, call, name); \
		long long value_ = turn_ < 0 ? turn_ : (long long)(expression); \
		value_ = turn_ == 1 ? -faulty_of(fs)->error : value_; \
		value_; \
	})

static int faulty_open(const struct fs *fs, int dir, const char *name, int flags,
                       mode_t mode)
{
	int turn = faulty_turn(fs, "open", name);

	if (turn < 0)
		return turn;
	int fd = fs_system.open(&fs_system, dir, name, flags, mode);
	if (turn == 1 && fd >= 0)
		(void)fs_system.close(&fs_system, fd);
	return turn == 1 ? -faulty_of(fs)->error : fd;
}

/* Descriptors are always closed: a process that died has none. */
static int faulty_close(const struct fs *fs, int fd)
{
	return fs_system.close(&fs_system, fd);
}

static int faulty_stat(const struct fs *fs, int dir, const char *name, struct stat *ret)
{
	return (int)FAULTY("stat", name, fs_system.stat(fs, dir, name, ret));
}

static int faulty_rename(const struct fs *fs, int from, const char *name, int to,
                         const char *new_name, unsigned flags)
{
	return (int)FAULTY("rename", name,
	                   fs_system.rename(fs, from, name, to, new_name, flags));
}

static int faulty_unlink(const struct fs *fs, int dir, const char *name, int flags)
{
	return (int)FAULTY("unlink", name, fs_system.unlink(fs, dir, name, flags));
}

static int faulty_mkdir(const struct fs *fs, int dir, const char *name, mode_t mode)
{
	return (int)FAULTY("mkdir", name, fs_system.mkdir(fs, dir, name, mode));
}

static int faulty_link(const struct fs *fs, int from, const char *name, int to,
                       const char *new_name)
{
	return (int)FAULTY("link", name, fs_system.link(fs, from, name, to, new_name));
}

static int faulty_symlink(const struct fs *fs, const char *target, int dir,
                          const char *name)
{
	return (int)FAULTY("symlink", name, fs_system.symlink(fs, target, dir, name));
}

static int faulty_mknod(const struct fs *fs, int dir, const char *name, mode_t mode,
                        dev_t device)
{
	return (int)FAULTY("mknod", name, fs_system.mknod(fs, dir, name, mode, device));
}

static ssize_t faulty_readlink(const struct fs *fs, int dir, const char *name,
                               char *buffer, size_t n)
{
	return (ssize_t)FAULTY("readlink", name,
	                       fs_system.readlink(fs, dir, name, buffer, n));
}

static size_t faulty_size(const struct fs *fs, size_t n)
{
	return faulty_of(fs)->brief && n > 1 ? n / 2 : n;
}

static ssize_t faulty_read(const struct fs *fs, int fd, void *p, size_t n, off_t at)
{
	return (ssize_t)FAULTY("read", "", fs_system.read(fs, fd, p, faulty_size(fs, n), at));
}

/* One that dies in a write has written half of it: a torn record. */
static ssize_t faulty_write(const struct fs *fs, int fd, const void *p, size_t n,
                            off_t at)
{
	int turn = faulty_turn(fs, "write", "");

	if (turn < 0)
		return turn;
	ssize_t done = fs_system.write(fs, fd, p,
	                               turn == 1 && n > 1 ? n / 2 : faulty_size(fs, n), at);
	return turn == 1 ? -faulty_of(fs)->error : done;
}

static off_t faulty_seek(const struct fs *fs, int fd, off_t at, int whence)
{
	return (off_t)FAULTY("seek", "", fs_system.seek(fs, fd, at, whence));
}

static int faulty_truncate(const struct fs *fs, int fd, off_t size)
{
	return (int)FAULTY("truncate", "", fs_system.truncate(fs, fd, size));
}

static int faulty_allocate(const struct fs *fs, int fd, off_t size)
{
	return (int)FAULTY("allocate", "", fs_system.allocate(fs, fd, size));
}

/* Tests do not pull the plug; a sync that is not made is quicker. */
static int faulty_sync(const struct fs *fs, int fd)
{
	return (int)FAULTY("sync", "", 0 * fd);
}

static int faulty_sync_all(const struct fs *fs, int fd)
{
	return (int)FAULTY("sync_all", "", 0 * fd);
}

static int faulty_chown(const struct fs *fs, int dir, const char *name, uid_t uid,
                        gid_t gid)
{
	return (int)FAULTY("chown", name, fs_system.chown(fs, dir, name, uid, gid));
}

static int faulty_chmod(const struct fs *fs, int fd, mode_t mode)
{
	return (int)FAULTY("chmod", "", fs_system.chmod(fs, fd, mode));
}

static int faulty_times(const struct fs *fs, int dir, const char *name,
                        const struct timespec times[2])
{
	return (int)FAULTY("times", name, fs_system.times(fs, dir, name, times));
}

static ssize_t faulty_list_xattr(const struct fs *fs, int dir, const char *name,
                                 char *buffer, size_t n)
{
	return (ssize_t)FAULTY("list_xattr", name,
	                       fs_system.list_xattr(fs, dir, name, buffer, n));
}

static ssize_t faulty_get_xattr(const struct fs *fs, int dir, const char *name,
                                const char *key, void *buffer, size_t n)
{
	return (ssize_t)FAULTY("get_xattr", name,
	                       fs_system.get_xattr(fs, dir, name, key, buffer, n));
}

static int faulty_set_xattr(const struct fs *fs, int dir, const char *name,
                            const char *key, const void *value, size_t n)
{
	return (int)FAULTY("set_xattr", name,
	                   fs_system.set_xattr(fs, dir, name, key, value, n));
}

static int faulty_remove_xattr(const struct fs *fs, int dir, const char *name,
                               const char *key)
{
	return (int)FAULTY("remove_xattr", name,
	                   fs_system.remove_xattr(fs, dir, name, key));
}

static int faulty_get_flags(const struct fs *fs, int fd, int *ret)
{
	return (int)FAULTY("get_flags", "", fs_system.get_flags(fs, fd, ret));
}

static int faulty_set_flags(const struct fs *fs, int fd, int flags)
{
	return (int)FAULTY("set_flags", "", fs_system.set_flags(fs, fd, flags));
}

/* A table that does as it is told in f, which must stay where it is. */
static const struct fs *faulty_table(struct faulty *f)
{
	f->fs = (struct fs){
		.open = faulty_open, .close = faulty_close, .stat = faulty_stat,
		.rename = faulty_rename, .unlink = faulty_unlink, .mkdir = faulty_mkdir,
		.link = faulty_link, .symlink = faulty_symlink, .mknod = faulty_mknod,
		.readlink = faulty_readlink, .read = faulty_read, .write = faulty_write,
		.seek = faulty_seek, .truncate = faulty_truncate,
		.allocate = faulty_allocate, .sync = faulty_sync,
		.sync_all = faulty_sync_all, .chown = faulty_chown, .chmod = faulty_chmod,
		.times = faulty_times, .list_xattr = faulty_list_xattr,
		.get_xattr = faulty_get_xattr, .set_xattr = faulty_set_xattr,
		.remove_xattr = faulty_remove_xattr, .get_flags = faulty_get_flags,
		.set_flags = faulty_set_flags, .state = f,
	};
	return &f->fs;
}

#endif
