/* SPDX-License-Identifier: Apache-2.0 */
/* Deletes for good what a run took. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "remove/engine.h"

enum { DEPTH_MAX = 4096 };

static int delete_all(const struct fs *fs, int dir, unsigned depth);

static int delete_entry(const struct fs *fs, int dir, const char *name, unsigned depth)
{
	int err = fs->unlink(fs, dir, name, 0);

	if (err != -EISDIR && err != -EPERM)
		return err == -ENOENT ? 0 : err;
	err = fs->unlink(fs, dir, name, AT_REMOVEDIR);
	if (err != -ENOTEMPTY && err != -EEXIST)
		return err;
	int fd = fs->open(fs, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	err = depth == DEPTH_MAX ? -ELOOP : delete_all(fs, fd, depth + 1);
	(void)fs->close(fs, fd);
	return err < 0 ? err : fs->unlink(fs, dir, name, AT_REMOVEDIR);
}

/* Everything in a folder of ours, but not the folder. */
static int delete_all(const struct fs *fs, int dir, unsigned depth)
{
	int fd = fs->open(fs, dir, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int err = fd < 0 ? fd : d ? 0 : -errno;

	while (err == 0 && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			err = delete_entry(fs, dir, entry->d_name, depth);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		(void)fs->close(fs, fd);
	return err;
}

static int delete_keep(struct removal *r, uint32_t step, const char *form)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%s-%u", form, step + 1);
	int fd = r->fs->open(r->fs, r->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
	                     0);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	int err = delete_all(r->fs, fd, 0);
	(void)r->fs->close(r->fs, fd);
	return err < 0 ? err : r->fs->unlink(r->fs, r->dir_fd, name, AT_REMOVEDIR);
}

static bool has_stray(const struct removal *r)
{
	for (uint64_t i = 0; i < r->n_objects; i++) {
		if (r->where[i] == STRAY)
			return true;
	}
	return false;
}

static int delete_places(struct removal *r)
{
	int err = 0;

	for (size_t i = 0; i < r->n_places && err == 0; i++) {
		if (i != PLACE_COPIES && r->places[i].fd >= 0)
			err = delete_all(r->fs, r->places[i].fd, 0);
	}
	for (uint32_t s = 0; s < r->plan->n_steps && err == 0; s++) {
		err = delete_keep(r, s, "keep");
		if (err == 0)
			err = delete_keep(r, s, "packages");
	}
	return err;
}

static int say(struct removal *r, enum record_type type, struct err *e)
{
	journal_add(&r->journal, &(struct entry){.type = type});
	int err = journal_sync(&r->journal, e);
	return err < 0 ? broken(r, err, e) : 0;
}

int removal_discard(struct removal *r, struct err *e)
{
	if (r->state != REMOVAL_ENDED && r->state != REMOVAL_DISCARDED)
		return err_set(e, -EBUSY, "the run has not come to its end, or is undone");
	if (has_stray(r))
		return err_set(e, -EBUSY, "the quarantine holds something that was not in "
		               "the plan and could not be put back");
	int err = say(r, RECORD_DISCARD, e);
	if (err < 0)
		return err;
	r->state = REMOVAL_DISCARDED;
	err = delete_places(r);
	if (err < 0)
		return err_sys(e, err, "deleting what was taken");
	err = places_remove(r, e);
	return err < 0 ? err : say(r, RECORD_DISCARDED, e);
}
