/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system/object.h"

enum {
	BUFFER = 256 * 1024,
	KEPT_FLAGS = FS_IMMUTABLE_FL | FS_APPEND_FL,
	OPEN_TRIES = 64, /* openat2 says EAGAIN while somebody renames folders */
};

static enum object_type type_of(mode_t mode)
{
	if (S_ISREG(mode))
		return OBJECT_FILE;
	if (S_ISDIR(mode))
		return OBJECT_FOLDER;
	return S_ISLNK(mode) ? OBJECT_LINK : OBJECT_OTHER;
}

void object_of_stat(const struct stat *st, struct object *ret)
{
	enum object_type type = type_of(st->st_mode);

	*ret = (struct object){
		.path = ret->path,
		.type = type,
		.device = st->st_dev,
		.inode = st->st_ino,
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.mtime_s = st->st_mtim.tv_sec,
		.mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
		.links = type == OBJECT_FOLDER ? 0 : (uint32_t)st->st_nlink,
	};
	if (type == OBJECT_FILE || type == OBJECT_LINK)
		ret->size = (uint64_t)st->st_size;
}

static bool same_moment(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Neither written nor replaced between two looks. */
static bool unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mode == b->st_mode && a->st_size == b->st_size &&
	       same_moment(a->st_mtim, b->st_mtim) &&
	       same_moment(a->st_ctim, b->st_ctim);
}

static int hash_fd(int fd, EVP_MD_CTX *hash, void *buffer)
{
	for (;;) {
		ssize_t n = read(fd, buffer, BUFFER);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (!EVP_DigestUpdate(hash, buffer, (size_t)n))
			return -ENOMEM;
	}
}

/* Hashes what fd has to say from here on. */
static int hash_file(int fd, uint8_t ret[PLAN_SHA256_BYTES])
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	void *buffer = malloc(BUFFER);
	int r = -ENOMEM;

	if (hash && buffer && EVP_DigestInit_ex(hash, EVP_sha256(), NULL))
		r = hash_fd(fd, hash, buffer);
	if (r == 0 && !EVP_DigestFinal_ex(hash, ret, NULL))
		r = -ENOMEM;
	free(buffer);
	EVP_MD_CTX_free(hash);
	return r;
}

/* The pinned thing, opened for reading; by its name only where /proc is
 * missing. Root leaves no trace of the look; others may not ask for that. */
static int reopen(int pin, int dir_fd, const char *name, int flags)
{
	char path[40];
	int fd;

	flags |= O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", pin);
	for (int noatime = O_NOATIME;; noatime = 0) {
		fd = open(path, flags | noatime);
		if (fd < 0 && errno == ENOENT)
			fd = openat(dir_fd, name, flags | noatime | O_NOFOLLOW);
		if (fd >= 0)
			return fd;
		if (errno != EPERM || !noatime)
			return -errno;
	}
}

/* What only a descriptor for reading tells: flags, and a file's bytes. */
static int look_inside(int fd, const struct stat *pinned, struct object *ret)
{
	struct stat before, after;
	int flags = 0, r = 0;

	if (fstat(fd, &before) < 0)
		return -errno;
	if (!unchanged(pinned, &before))
		return -EAGAIN;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0)
		ret->flags = (uint32_t)(flags & KEPT_FLAGS);
	if (ret->type != OBJECT_FILE)
		return 0;
	r = hash_file(fd, ret->sha256);
	if (r == 0 && fstat(fd, &after) < 0)
		r = -errno;
	if (r == 0 && !unchanged(&before, &after))
		r = -EAGAIN;
	return r;
}

static int look_at_link(int pin, struct object *ret)
{
	char target[PLAN_PATH_MAX + 1];
	ssize_t n = readlinkat(pin, "", target, sizeof(target));

	if (n < 0)
		return -errno;
	if (n > PLAN_PATH_MAX)
		return -ENAMETOOLONG;
	if (!EVP_Digest(target, (size_t)n, ret->sha256, NULL, EVP_sha256(), NULL))
		return -ENOMEM;
	return 0;
}

int object_look(int dir_fd, const char *name, struct object *ret)
{
	int pin = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r = 0;

	if (pin < 0)
		return -errno;
	if (fstat(pin, &st) < 0)
		r = -errno;
	else
		object_of_stat(&st, ret);
	if (r == 0 && ret->type == OBJECT_LINK)
		r = look_at_link(pin, ret);
	if (r == 0 && (ret->type == OBJECT_FILE || ret->type == OBJECT_FOLDER)) {
		int fd = reopen(pin, dir_fd, name,
		                ret->type == OBJECT_FOLDER ? O_DIRECTORY : 0);
		r = fd < 0 ? fd : look_inside(fd, &st, ret);
		if (fd >= 0)
			close(fd);
	}
	close(pin);
	return r;
}

const char *object_differs(const struct object *planned, const struct object *now,
                           uint64_t device)
{
	bool sized = planned->type == OBJECT_FILE || planned->type == OBJECT_LINK;

	if (planned->type != now->type)
		return "its type";
	if (now->device != device)
		return "its file system";
	if (planned->inode != now->inode)
		return "its inode";
	if (sized && planned->size != now->size)
		return "its size";
	if (planned->mode != now->mode)
		return "its mode";
	if (planned->uid != now->uid)
		return "its owner";
	if (planned->gid != now->gid)
		return "its group";
	if (memcmp(planned->sha256, now->sha256, PLAN_SHA256_BYTES) != 0)
		return planned->type == OBJECT_LINK ? "its target" : "its contents";
	if (planned->type == OBJECT_FILE && (planned->mtime_s != now->mtime_s ||
	                                     planned->mtime_ns != now->mtime_ns))
		return "its time";
	return NULL;
}

int object_open_folder(int root_fd, struct slice path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	char name[PLAN_PATH_MAX + 2] = ".";
	int fd = -1;

	if (path.n == 0 || path.n > PLAN_PATH_MAX || path.p[0] != '/')
		return path.n > PLAN_PATH_MAX ? -ENAMETOOLONG : -EINVAL;
	if (path.n > 1) {
		memcpy(name, path.p + 1, path.n - 1);
		name[path.n - 1] = '\0';
	}
	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = (int)syscall(SYS_openat2, root_fd, name, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd >= 0 ? fd : -errno;
}
