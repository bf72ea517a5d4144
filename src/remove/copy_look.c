/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at everything that makes an object. */
#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>

#include "base/str.h"
#include "remove/copy.h"

enum { TRIES = 3, XATTR_COUNT_MAX = 8192 };

/* Neither written nor exchanged between two looks. */
static bool unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mode == b->st_mode && a->st_size == b->st_size &&
	       copy_same_time(a->st_mtim, b->st_mtim) &&
	       copy_same_time(a->st_ctim, b->st_ctim);
}

static void of_stat(const struct stat *st, struct copy_meta *ret)
{
	*ret = (struct copy_meta){
		.mode = st->st_mode, .uid = st->st_uid, .gid = st->st_gid,
		.atime = st->st_atim, .mtime = st->st_mtim,
		.device = st->st_dev, .inode = st->st_ino, .links = st->st_nlink,
	};
	if (S_ISREG(st->st_mode))
		ret->size = (uint64_t)st->st_size;
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		ret->device_number = st->st_rdev;
}

/* ---- attributes ----------------------------------------------------------- */

struct names {
	const struct fs *fs;
	int dir;
	const char *name;
	char list[COPY_XATTR_LIST_MAX];
	const char *keys[XATTR_COUNT_MAX];
	size_t n;
	uint8_t value[COPY_XATTR_VALUE_MAX];
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* 0 or errno; a file system without attributes has none. */
static int list_names(struct names *x)
{
	ssize_t n = x->fs->list_xattr(x->fs, x->dir, x->name, x->list, sizeof(x->list));

	if (n < 0)
		return n == -EOPNOTSUPP ? 0 : (int)n;
	for (size_t at = 0; at < (size_t)n; at += strlen(x->list + at) + 1) {
		if (x->n == XATTR_COUNT_MAX)
			return -E2BIG;
		x->keys[x->n++] = x->list + at;
	}
	if (x->n)
		qsort(x->keys, x->n, sizeof(*x->keys), by_text);
	return 0;
}

static void add_u32(struct str *out, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		str_putc(out, (char)(v >> (8 * i)));
}

static int add_attribute(struct names *x, const char *key, struct str *out)
{
	ssize_t n = x->fs->get_xattr(x->fs, x->dir, x->name, key, x->value,
	                             sizeof(x->value));

	if (n < 0)
		return n == -ENODATA ? -EAGAIN : (int)n;
	add_u32(out, (uint32_t)strlen(key) + 1);
	add_u32(out, (uint32_t)n);
	str_add(out, slice_of(key, strlen(key) + 1));
	str_add(out, slice_of(x->value, (size_t)n));
	return out->n > COPY_XATTRS_MAX ? -E2BIG : 0;
}

int copy_look_xattrs(const struct fs *fs, int dir, const char *name, struct arena *mem,
                     struct slice *ret)
{
	struct names *x = malloc(sizeof(*x)); /* large, and mostly unused */
	struct str out = {0};

	*ret = (struct slice){0};
	if (!x)
		return -ENOMEM;
	x->fs = fs;
	x->dir = dir;
	x->name = name;
	x->n = 0;
	int err = list_names(x);
	for (size_t i = 0; i < x->n && err == 0; i++)
		err = add_attribute(x, x->keys[i], &out);
	if (err == 0 && out.n)
		*ret = arena_copy(mem, str_slice(&out));
	if (err == 0 && (str_failed(&out) || (out.n && !ret->p)))
		err = -ENOMEM;
	str_finish(&out);
	free(x);
	return err;
}

/* ---- kinds ---------------------------------------------------------------- */

/* Root leaves no trace of the look; others may not ask for that. */
static int open_quietly(const struct fs *fs, int dir, const char *name, int flags)
{
	flags |= O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = fs->open(fs, dir, name, flags | O_NOATIME, 0);

	return fd == -EPERM ? fs->open(fs, dir, name, flags, 0) : fd;
}

static int look_at_flags(const struct fs *fs, int fd, struct copy_meta *ret)
{
	int flags = 0;
	int err = fs->get_flags(fs, fd, &flags);

	if (err == -ENOTTY || err == -EOPNOTSUPP || err == -EINVAL || err == -ENOSYS)
		err = 0;
	ret->flags = (uint32_t)flags & (FS_FL_USER_MODIFIABLE | FS_NOCOW_FL);
	return err;
}

static int look_inside(const struct fs *fs, int dir, const char *name, int out,
                       const struct stat *st, struct copy_meta *ret)
{
	bool file = S_ISREG(st->st_mode);
	struct stat opened;
	int fd = open_quietly(fs, dir, name[0] ? name : ".", file ? 0 : O_DIRECTORY);

	if (fd < 0)
		return fd;
	int err = fs->stat(fs, fd, "", &opened);
	if (err == 0 && !unchanged(st, &opened))
		err = -EAGAIN;
	if (err == 0)
		err = look_at_flags(fs, fd, ret);
	if (err == 0 && file)
		err = copy_bytes(fs, fd, out, ret->size, ret->hash);
	(void)fs->close(fs, fd);
	return err;
}

static int look_at_link(const struct fs *fs, int dir, const char *name,
                        struct arena *mem, struct copy_meta *ret)
{
	char target[COPY_TARGET_MAX + 1];
	ssize_t n = fs->readlink(fs, dir, name, target, sizeof(target));

	if (n < 0)
		return (int)n;
	if (n > COPY_TARGET_MAX)
		return -ENAMETOOLONG;
	ret->target = slice_str(arena_str(mem, slice_of(target, (size_t)n)));
	return ret->target.p ? 0 : -ENOMEM;
}

static int look_once(const struct fs *fs, int dir, const char *name, int out,
                     struct arena *mem, struct copy_meta *ret)
{
	struct stat before, after;
	int err = fs->stat(fs, dir, name, &before);

	if (err < 0)
		return err;
	of_stat(&before, ret);
	if (S_ISREG(ret->mode) || S_ISDIR(ret->mode))
		err = look_inside(fs, dir, name, out, &before, ret);
	else if (S_ISLNK(ret->mode))
		err = look_at_link(fs, dir, name, mem, ret);
	if (err == 0)
		err = copy_look_xattrs(fs, dir, name, mem, &ret->xattrs);
	if (err == 0)
		err = fs->stat(fs, dir, name, &after);
	return err == 0 && !unchanged(&before, &after) ? -EAGAIN : err;
}

int copy_look(const struct fs *fs, int dir, const char *name, int out,
              struct arena *mem, struct copy_meta *ret)
{
	int err = -EAGAIN;

	for (int i = 0; i < TRIES && err == -EAGAIN; i++)
		err = look_once(fs, dir, name, out, mem, ret);
	return err;
}

/* ---- comparing ------------------------------------------------------------ */

bool copy_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool copy_same(const struct copy_meta *a, const struct copy_meta *b)
{
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	       a->device_number == b->device_number && a->size == b->size &&
	       a->flags == b->flags && memcmp(a->hash, b->hash, COPY_HASH_BYTES) == 0 &&
	       slice_eq(a->target, b->target) && slice_eq(a->xattrs, b->xattrs) &&
	       (S_ISDIR(a->mode) || copy_same_time(a->mtime, b->mtime));
}
