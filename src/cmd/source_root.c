/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/source_root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "system/object.h"

/* Root's own inode is the same file as ours: a chroot of itself is live too. */
static bool is_live(int fd)
{
	struct stat mine, given;

	return stat("/", &mine) == 0 && fstat(fd, &given) == 0 &&
	       mine.st_dev == given.st_dev && mine.st_ino == given.st_ino;
}

/* One folder below another, made when it is missing; no link is followed. */
static int step_into(int dir, const char *name, mode_t mode)
{
	if (mkdirat(dir, name, mode) < 0 && errno != EEXIST)
		return -errno;
	const int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int state_beneath(struct source_root *r)
{
	static const char *const parts[] = {"var", "lib", "debar"};
	int dir = object_open_folder(r->fd, SLICE("/"), O_RDONLY);

	for (size_t i = 0; i < COUNT_OF(parts) && dir >= 0; i++) {
		const int next = step_into(dir, parts[i], 0755);
		(void)close(dir);
		dir = next;
	}
	(void)snprintf(r->state_name, sizeof(r->state_name), "%s/var/lib/debar",
	               strcmp(r->path, "/") == 0 ? "" : r->path);
	return dir;
}

/* The user's own: made with what leads there, by path. */
static int state_by_path(struct source_root *r, const char *path)
{
	char made[sizeof(r->state_name)];

	(void)snprintf(r->state_name, sizeof(r->state_name), "%s", path);
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(made, sizeof(made), "%.*s", (int)i, path);
		if (mkdir(made, 0700) < 0 && errno != EEXIST)
			return -errno;
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_state(struct source_root *r, struct err *e)
{
	const char *service = getenv("STATE_DIRECTORY");
	char path[4096];

	if (geteuid() == 0 && !service) {
		r->state_fd = state_beneath(r);
	} else {
		const char *store = cmd_store_path();
		if (!store)
			return err_set(e, -ENOENT, "there is no place for what is "
			                           "removed: HOME is not set");
		(void)snprintf(path, sizeof(path), "%.*s",
		               SLICE_ARG(slice_dirname(slice_str(store))));
		r->state_fd = state_by_path(r, path);
	}
	if (r->state_fd < 0)
		return err_sys(e, r->state_fd, "%s", r->state_name);
	(void)snprintf(r->state, sizeof(r->state), "/proc/self/fd/%d", r->state_fd);
	return 0;
}

int source_root_open(struct source_root *r, const char *path, bool state, struct err *e)
{
	*r = (struct source_root){.path = path, .fd = -1, .state_fd = -1};
	r->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0)
		return err_sys(e, -errno, "%s", path);
	r->live = is_live(r->fd);
	return state ? open_state(r, e) : 0;
}

void source_root_close(struct source_root *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->state_fd >= 0)
		(void)close(r->state_fd);
	r->fd = r->state_fd = -1;
}
