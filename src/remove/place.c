/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "remove/engine.h"

#define QUARANTINE ".debar-quarantine"

int open_folder(const struct removal *r, struct slice path)
{
	char name[PLAN_PATH_MAX + 1] = ".";

	if (path.n > PLAN_PATH_MAX)
		return -ENAMETOOLONG;
	if (path.n > 1) {
		memcpy(name, path.p + 1, path.n - 1);
		name[path.n - 1] = '\0';
	}
	return r->fs->open(r->fs, r->root_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
	                   0);
}

/* The number of the mount that an open folder lies in; of its file system where
 * the kernel does not tell (before 5.8). */
static uint64_t mount_of(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return 0;
	if (st.stx_mask & STATX_MNT_ID)
		return st.stx_mnt_id;
	return (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
}

bool is_mount(int dir, const char *name)
{
	struct statx st;

	return statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
	       st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* The folder farthest up from `path` that lies in the same mount. */
static struct slice top_of(const struct removal *r, uint64_t mount, struct slice path)
{
	while (path.n > 1) {
		struct slice up = folder_of(path);
		int fd = open_folder(r, up);
		bool same = fd >= 0 && mount_of(fd) == mount;
		if (fd >= 0)
			(void)r->fs->close(r->fs, fd);
		if (!same)
			break;
		path = up;
	}
	return path;
}

/* A folder that only we may enter and that nobody else can exchange. */
static bool ours_alone(const struct removal *r, int fd, mode_t forbidden)
{
	struct stat st;

	return r->fs->stat(r->fs, fd, "", &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & forbidden);
}

/* Opens the folder `name` in dir, for us alone; makes it when `make`. */
static int enter(const struct removal *r, int dir, const char *name, bool make)
{
	const struct fs *fs = r->fs;
	int made = make ? fs->mkdir(fs, dir, name, 0700) : -EEXIST;

	if (made < 0 && made != -EEXIST)
		return made;
	int fd = fs->open(fs, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	int err = 0;
	if (!ours_alone(r, fd, 077) || mount_of(fd) != mount_of(dir))
		err = -EPERM;
	if (err == 0 && made == 0)
		err = fs->sync(fs, dir);
	if (err == 0)
		return fd;
	(void)fs->close(fs, fd);
	return err;
}

/* The run's own folder in the quarantine of a mount. */
static int enter_place(const struct removal *r, int top, bool make)
{
	int both = enter(r, top, QUARANTINE, make);

	if (both < 0)
		return both;
	int fd = enter(r, both, r->id, make);
	(void)r->fs->close(r->fs, both);
	return fd;
}

static int put_time(const struct removal *r, int fd, struct timespec when)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, when};

	return r->fs->times(r->fs, fd, "", times);
}

int place_known(struct removal *r, size_t index, struct slice top,
                struct timespec when)
{
	if (index < PLACE_FIRST || index > r->n_places || index >= PLACES_MAX ||
	    top.n > PLAN_PATH_MAX)
		return -EBADMSG;
	struct place *p = &r->places[index];
	if (index == r->n_places) {
		*p = (struct place){.fd = -1, .top = strndup((const char *)top.p, top.n)};
		if (!p->top)
			return -ENOMEM;
		r->n_places++;
	}
	p->when = when;
	p->changing = true;
	return 0;
}

static void announce(struct removal *r, size_t index)
{
	const struct place *p = &r->places[index];

	journal_add(&r->journal, &(struct entry){
		.type = RECORD_PLACE, .object = (uint32_t)index, .text = slice_str(p->top),
		.a = p->when.tv_sec, .b = (uint64_t)p->when.tv_nsec});
}

/* Announces the place, then makes it. What the folder's time was, it is again:
 * what we put there is nobody's change. */
static int place_make(struct removal *r, int top, struct slice path, uint64_t mount,
                      struct err *e)
{
	size_t index = r->n_places;
	struct stat st;
	int err = r->fs->stat(r->fs, top, "", &st);

	if (err == 0)
		err = place_known(r, index, path, st.st_mtim);
	if (err < 0)
		return err;
	announce(r, index);
	err = journal_sync(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	r->places[index].fd = enter_place(r, top, true);
	err = put_time(r, top, st.st_mtim);
	if (err < 0) /* the next start sets it */
		return broken(r, err_sys(e, err, "a folder's time"), e);
	r->places[index].changing = false;
	if (r->places[index].fd < 0)
		return PLACE_COPIES;
	r->places[index].mount = mount;
	return (int)index;
}

int place_for(struct removal *r, int folder, struct slice path, struct err *e)
{
	uint64_t mount = mount_of(folder);

	if (mount == r->places[PLACE_TAKEN].mount)
		return PLACE_TAKEN;
	for (size_t i = PLACE_FIRST; i < r->n_places; i++) {
		if (r->places[i].fd >= 0 && r->places[i].mount == mount)
			return (int)i;
	}
	if (mount == r->copied_mount || r->n_places == PLACES_MAX)
		return PLACE_COPIES;
	struct slice top = top_of(r, mount, path);
	int fd = open_folder(r, top), place = PLACE_COPIES;
	if (fd < 0)
		return fd;
	if (mount_of(fd) == mount && ours_alone(r, fd, S_IWGRP | S_IWOTH))
		place = place_make(r, fd, top, mount, e);
	(void)r->fs->close(r->fs, fd);
	if (place == PLACE_COPIES)
		r->copied_mount = mount;
	return place;
}

int places_open(struct removal *r, struct err *e)
{
	struct place *taken = &r->places[PLACE_TAKEN];

	taken->fd = r->fs->open(r->fs, r->dir_fd, "taken",
	                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (taken->fd < 0)
		return err_sys(e, taken->fd, "opening the run's folder taken");
	taken->mount = mount_of(taken->fd);
	r->places[PLACE_COPIES] = (struct place){.fd = taken->fd};
	for (size_t i = PLACE_FIRST; i < r->n_places; i++) {
		struct place *p = &r->places[i];
		int top = open_folder(r, slice_str(p->top));
		if (top < 0 && is_away(top))
			continue;
		p->fd = top < 0 ? top : enter_place(r, top, false);
		bool unknown = p->fd < 0 && !is_away(p->fd) && p->fd != -EPERM;
		int err = unknown ? p->fd : 0;
		if (top >= 0) {
			p->mount = mount_of(top);
			if (err == 0 && p->changing)
				err = put_time(r, top, p->when);
			(void)r->fs->close(r->fs, top);
		}
		if (err < 0)
			return err_sys(e, err, "the quarantine at %s", p->top);
	}
	return 0;
}

/* rmdir(2) takes only what is empty. It is gone, or somebody still needs it: another
 * run has things in there. */
static bool is_left(int err)
{
	return err == 0 || err == -ENOTEMPTY || err == -EEXIST;
}

static int place_remove(struct removal *r, const struct place *p, int top)
{
	const struct fs *fs = r->fs;
	int both = enter(r, top, QUARANTINE, false);

	if (both < 0)
		return both == -ENOENT ? 0 : both;
	int err = fs->unlink(fs, both, r->id, AT_REMOVEDIR);
	(void)fs->close(fs, both);
	if (is_left(err) || err == -ENOENT)
		err = fs->unlink(fs, top, QUARANTINE, AT_REMOVEDIR);
	if (err < 0 && !is_left(err) && err != -ENOENT)
		return err;
	return put_time(r, top, p->when);
}

/* Opens a mount's top and announces that its place is taken away. A descriptor;
 * -ENOENT and the like: it is no longer mounted; or another negative errno. */
static int place_leave(struct removal *r, size_t index)
{
	struct place *p = &r->places[index];
	struct stat st;
	int top = open_folder(r, slice_str(p->top));
	int err = top < 0 ? top : r->fs->stat(r->fs, top, "", &st);

	if (err < 0) {
		if (top >= 0)
			(void)r->fs->close(r->fs, top);
		return err;
	}
	p->when = st.st_mtim;
	announce(r, index);
	return top;
}

int places_remove(struct removal *r, struct err *e)
{
	int tops[PLACES_MAX], err = 0;

	for (size_t i = PLACE_FIRST; i < r->n_places; i++) {
		tops[i] = err == 0 ? place_leave(r, i) : -ENOENT;
		if (tops[i] < 0 && !is_away(tops[i]))
			err = tops[i];
	}
	if (err == 0 && r->n_places > PLACE_FIRST)
		err = journal_sync(&r->journal, e);
	for (size_t i = PLACE_FIRST; i < r->n_places; i++) {
		if (err == 0 && tops[i] >= 0)
			err = place_remove(r, &r->places[i], tops[i]);
		if (tops[i] >= 0)
			(void)r->fs->close(r->fs, tops[i]);
	}
	return err < 0 ? broken(r, err_sys(e, err, "taking the quarantine away"), e) : 0;
}

void places_close(struct removal *r)
{
	for (size_t i = 0; i < r->n_places; i++) {
		if (r->places[i].fd >= 0 && i != PLACE_COPIES)
			(void)r->fs->close(r->fs, r->places[i].fd);
		free(r->places[i].top);
	}
	r->n_places = 0;
}

void place_words(const struct removal *r, size_t place, char *ret, size_t n)
{
	const char *top = r->places[place].top;

	if (!top)
		(void)snprintf(ret, n, "%s/removals/%s/taken", r->state_path, r->id);
	else
		(void)snprintf(ret, n, "%s/" QUARANTINE "/%s", top[1] ? top : "", r->id);
}

/* ---- moving --------------------------------------------------------------- */

/*
 * For file systems that do not know RENAME_NOREPLACE. link(2) never replaces
 * either; of folders rename(2) replaces an empty one at most, which is looked
 * for first.
 */
static int move_plainly(const struct fs *fs, int from, const char *name, int to,
                        const char *new_name)
{
	struct stat st;
	int err = fs->stat(fs, from, name, &st);

	if (err < 0)
		return err;
	if (!S_ISDIR(st.st_mode)) {
		err = fs->link(fs, from, name, to, new_name);
		return err < 0 ? err : fs->unlink(fs, from, name, 0);
	}
	err = fs->stat(fs, to, new_name, &st);
	if (err != -ENOENT)
		return err < 0 ? err : -EEXIST;
	return fs->rename(fs, from, name, to, new_name, 0);
}

int move(const struct fs *fs, int from, const char *name, int to, const char *new_name)
{
	int err = fs->rename(fs, from, name, to, new_name, RENAME_NOREPLACE);

	return err == -EINVAL ? move_plainly(fs, from, name, to, new_name) : err;
}
