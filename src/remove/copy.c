/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes an object like another. The order matters: a new owner clears the
 * set-user-ID bit and capabilities, an access list is part of the mode, writing
 * moves times, and some flags forbid all the rest.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cursor.h"
#include "base/siphash.h"
#include "remove/copy.h"
#include "remove/keep.h"

enum {
	HOLDING = FS_IMMUTABLE_FL | FS_APPEND_FL,
	/* What a file system does with the bytes, and may not know of. */
	ADVICE = ~(HOLDING | FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL | FS_DIRSYNC_FL),
	SETTABLE = FS_FL_USER_MODIFIABLE | FS_NOCOW_FL,
	TEMPORARY_NAME = 40,
};

/* ---- attributes ----------------------------------------------------------- */

struct attribute {
	const char *key;
	struct slice value;
};

static bool next_attribute(struct cursor *c, struct attribute *ret)
{
	if (cursor_left(c) == 0)
		return false;
	size_t n_key = cursor_u32le(c), n_value = cursor_u32le(c);
	struct slice key = cursor_take(c, n_key);
	ret->value = cursor_take(c, n_value);
	ret->key = (const char *)key.p;
	if (key.n == 0 || key.p[key.n - 1] != '\0')
		c->failed = true;
	return !cursor_failed(c);
}

static bool has_attribute(struct slice all, const char *key, struct slice *ret)
{
	struct cursor c = cursor_on(all);
	struct attribute a;

	while (next_attribute(&c, &a)) {
		if (strcmp(a.key, key) == 0) {
			*ret = a.value;
			return true;
		}
	}
	return false;
}

/* Those that it has and should not have, such as what a folder bequeathed. */
static int take_attributes(const struct fs *fs, int dir, const char *name,
                           struct slice present, struct slice wanted)
{
	struct cursor c = cursor_on(present);
	struct attribute a;
	struct slice value;
	int err = 0;

	while (err == 0 && next_attribute(&c, &a)) {
		if (!has_attribute(wanted, a.key, &value))
			err = fs->remove_xattr(fs, dir, name, a.key);
		if (err == -ENODATA)
			err = 0;
	}
	return err;
}

static int give_attributes(const struct fs *fs, int dir, const char *name,
                           struct slice present, struct slice wanted)
{
	struct cursor c = cursor_on(wanted);
	struct attribute a;
	struct slice value;
	int err = 0;

	while (err == 0 && next_attribute(&c, &a)) {
		if (!has_attribute(present, a.key, &value) || !slice_eq(value, a.value))
			err = fs->set_xattr(fs, dir, name, a.key, a.value.p, a.value.n);
	}
	return err < 0 ? err : cursor_failed(&c) ? -EBADMSG : 0;
}

/* ---- the rest ------------------------------------------------------------- */

/* What cannot be opened is reached through its pinned descriptor. */
static int give_mode(const struct fs *fs, int dir, const char *name, int fd, mode_t mode)
{
	char path[TEMPORARY_NAME];

	if (S_ISLNK(mode))
		return 0;
	if (fd >= 0)
		return fs->chmod(fs, fd, mode & ALLPERMS);
	fd = fs->open(fs, dir, name, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int err = chmod(path, mode & ALLPERMS) < 0 ? -errno : 0;
	(void)fs->close(fs, fd);
	return err;
}

static bool is_unsupported(int err)
{
	return err == -ENOTTY || err == -EOPNOTSUPP || err == -EINVAL || err == -ENOSYS;
}

/* Of those in `which`; the others stay. */
static int give_flags(const struct fs *fs, int fd, uint32_t wanted, uint32_t which)
{
	int present = 0;
	int err = fs->get_flags(fs, fd, &present);
	uint32_t flags = ((uint32_t)present & ~which) | (wanted & which);

	if (err == 0 && flags != (uint32_t)present)
		err = fs->set_flags(fs, fd, (int)flags);
	return is_unsupported(err) && !(wanted & which) ? 0 : err;
}

static int give_all_flags(const struct fs *fs, int fd, const struct copy_meta *m)
{
	int err = give_flags(fs, fd, m->flags, SETTABLE & ADVICE);

	if (err < 0 && !is_unsupported(err))
		return err;
	return give_flags(fs, fd, m->flags, SETTABLE & ~ADVICE & ~HOLDING);
}

int copy_hold(const struct fs *fs, int fd, const struct copy_meta *m)
{
	return fd < 0 || !(m->flags & HOLDING) ? 0 :
	       give_flags(fs, fd, m->flags, HOLDING);
}

int copy_give(const struct fs *fs, int dir, const char *name, int fd,
              const struct copy_meta *m)
{
	const struct timespec times[2] = {m->atime, m->mtime};
	struct copy_meta now;
	struct arena mem;

	arena_init(&mem, 2 * COPY_XATTRS_MAX);
	int err = fs->chown(fs, dir, name, m->uid, m->gid);
	if (err == 0)
		err = give_mode(fs, dir, name, fd, m->mode);
	if (err == 0)
		err = copy_look_xattrs(fs, dir, name, &mem, &now.xattrs);
	if (err == 0)
		err = take_attributes(fs, dir, name, now.xattrs, m->xattrs);
	if (err == 0)
		err = give_attributes(fs, dir, name, now.xattrs, m->xattrs);
	if (err == 0 && fd >= 0)
		err = give_all_flags(fs, fd, m);
	if (err == 0)
		err = fs->times(fs, dir, name, times);
	arena_finish(&mem);
	return err;
}

/* ---- making --------------------------------------------------------------- */

/* Always the same for a name, so that what a crash left is found again. */
static void temporary_name(const char *name, char ret[TEMPORARY_NAME])
{
	static const struct siphash_key key = {0x6465626172, 0x636f7079};

	(void)snprintf(ret, TEMPORARY_NAME, ".debar-copy-%016llx",
	               (unsigned long long)siphash(&key, slice_str(name)));
}

int copy_clean(const struct fs *fs, int to, const char *new_name)
{
	char name[TEMPORARY_NAME];

	temporary_name(new_name, name);
	int err = fs->unlink(fs, to, name, 0);
	if (err == -EISDIR || err == -EPERM)
		err = fs->unlink(fs, to, name, AT_REMOVEDIR);
	return err == -ENOENT ? 0 : err;
}

/* A descriptor, COPY_NO_FILE for what is not opened, or another errno in *ret. */
static int make_node(const struct fs *fs, int to, const char *name,
                     const struct copy_meta *m, int *ret_fd)
{
	*ret_fd = COPY_NO_FILE;
	if (S_ISLNK(m->mode))
		return fs->symlink(fs, (const char *)m->target.p, to, name);
	if (S_ISDIR(m->mode)) {
		int err = fs->mkdir(fs, to, name, S_IRWXU);
		if (err < 0)
			return err;
		*ret_fd = fs->open(fs, to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
		return *ret_fd < 0 ? *ret_fd : 0;
	}
	if (S_ISREG(m->mode)) {
		*ret_fd = fs->open(fs, to, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
		                   S_IRUSR | S_IWUSR);
		return *ret_fd < 0 ? *ret_fd : 0;
	}
	return fs->mknod(fs, to, name, (m->mode & S_IFMT) | S_IRUSR | S_IWUSR,
	                 (dev_t)m->device_number);
}

static int fill(const struct fs *fs, int in, int out, const struct copy_meta *m)
{
	uint8_t hash[COPY_HASH_BYTES];
	int err = copy_bytes(fs, in, out, m->size, hash);

	return err < 0 ? err : memcmp(hash, m->hash, sizeof(hash)) == 0 ? 0 : -EBADMSG;
}

/* Under its final name, on the disk. */
static int conclude(const struct fs *fs, int to, const char *name, const char *new_name,
                    int fd, const struct copy_meta *m)
{
	int err = fd >= 0 ? fs->sync(fs, fd) : 0;

	if (err == 0)
		err = fs->rename(fs, to, name, to, new_name, 0);
	if (err == 0 && (m->flags & HOLDING) && fd >= 0) {
		err = copy_hold(fs, fd, m);
		if (err == 0)
			err = fs->sync(fs, fd);
		if (err < 0)
			(void)fs->unlink(fs, to, new_name,
			                 S_ISDIR(m->mode) ? AT_REMOVEDIR : 0);
	}
	return err;
}

int copy_make(const struct fs *fs, int in, int to, const char *new_name,
              const struct copy_meta *m)
{
	char name[TEMPORARY_NAME];
	int fd = COPY_NO_FILE;
	int err = copy_clean(fs, to, new_name);

	if (err < 0)
		return err;
	temporary_name(new_name, name);
	err = make_node(fs, to, name, m, &fd);
	if (err == 0 && S_ISREG(m->mode))
		err = fill(fs, in, fd, m);
	if (err == 0)
		err = copy_give(fs, to, name, fd, m);
	if (err == 0)
		err = conclude(fs, to, name, new_name, fd, m);
	if (fd >= 0)
		(void)fs->close(fs, fd);
	if (err < 0)
		(void)copy_clean(fs, to, new_name);
	return err;
}

/* A rename between two names of one object does nothing: hence the second
 * cleaning. */
int copy_link(const struct fs *fs, int from, const char *name, int to,
              const char *new_name)
{
	char temporary[TEMPORARY_NAME];
	int err = copy_clean(fs, to, new_name);

	temporary_name(new_name, temporary);
	if (err == 0)
		err = fs->link(fs, from, name, to, temporary);
	if (err == 0)
		err = fs->rename(fs, to, temporary, to, new_name, 0);
	int cleaned = copy_clean(fs, to, new_name);
	return err < 0 ? err : cleaned;
}

/* The object, looked at, and then made from the same open file. */
static int copy_it(const struct fs *fs, int from, const char *name, int to,
                   const char *new_name)
{
	struct copy_meta m;
	struct arena mem;
	int in = COPY_NO_FILE;

	arena_init(&mem, 16 * COPY_XATTRS_MAX);
	int err = copy_look(fs, from, name, COPY_NO_FILE, &mem, &m);
	if (err == 0 && S_ISREG(m.mode)) {
		in = fs->open(fs, from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
		              O_NOATIME, 0);
		err = in < 0 ? in : 0;
	}
	if (err == 0)
		err = copy_make(fs, in, to, new_name, &m);
	if (in >= 0)
		(void)fs->close(fs, in);
	arena_finish(&mem);
	return err == -EBADMSG ? -EAGAIN : err;
}

int copy_object(const struct fs *fs, int from, const char *name, int to,
                const char *new_name, const char *twin, struct err *e)
{
	int err = twin ? copy_link(fs, to, twin, to, new_name) :
	          copy_it(fs, from, name, to, new_name);

	return err < 0 ? err_sys(e, err, "making an exact copy") : 0;
}
