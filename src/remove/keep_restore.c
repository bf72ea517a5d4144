/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting back, in three passes that may each be repeated. What was found at
 * the start is written down first: later nobody could tell our half-made
 * folder from somebody's change.
 *
 *     away      what appeared, and what stands in the way, contents first
 *     back      folders, then what is in them: each whole, by a rename
 *     folders   modes, owners, attributes and times, contents first
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "remove/keep_change.h"

struct restore {
	struct changes c;
	const struct keep_args *args;
	const struct slice *only;
	size_t n_only;
	int appeared_fd;
	struct arena mem; /* of one object */
};

static bool is_in_question(const struct restore *r, const struct pair *p)
{
	return !r->only || r->n_only == 0 ||
	       keep_is_below(pair_path(p), r->only, r->n_only);
}

/* A folder on the way to what is put back has its time moved by that. */
static bool leads_to_it(const struct restore *r, struct slice path)
{
	for (size_t i = 0; i < r->n_only; i++) {
		if (keep_is_below(r->only[i], &path, 1))
			return true;
	}
	return false;
}

static int is_empty(const struct fs *fs, int dir, const char *name)
{
	int fd = fs->open(fs, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry = NULL;
	int err = fd < 0 ? fd : d ? 0 : -errno;

	while (d && (errno = 0, entry = readdir(d)) &&
	       (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
		;
	if (d && !entry && errno)
		err = -errno;
	if (d)
		closedir(d);
	else if (fd >= 0)
		(void)fs->close(fs, fd);
	return err < 0 ? err : !entry;
}

/* ---- away ----------------------------------------------------------------- */

/* To another file system: the copy is on the disk before the original goes. */
static int carry_away(struct restore *r, int dir, const char *name, const char *number,
                      bool folder)
{
	const struct fs *fs = r->args->fs;
	struct err why;
	int err = copy_object(fs, dir, name, r->appeared_fd, number, NULL, &why);

	if (err == 0)
		err = fs->sync(fs, r->appeared_fd);
	return err < 0 ? err : fs->unlink(fs, dir, name, folder ? AT_REMOVEDIR : 0);
}

static int move_away(struct restore *r, const struct pair *p, int dir, const char *name)
{
	const struct fs *fs = r->args->fs;
	bool folder = S_ISDIR(p->after->m.mode);
	char number[KEEP_NUMBER];
	int empty = folder ? is_empty(fs, dir, name) : 1;

	if (empty <= 0) {
		if (empty == 0)
			changes_conflict(&r->c, p); /* others put something into it */
		return empty;
	}
	(void)snprintf(number, sizeof(number), "%zu", (size_t)(p - r->c.pairs));
	int err = fs->rename(fs, dir, name, r->appeared_fd, number, 0);
	return err == -EXDEV ? carry_away(r, dir, name, number, folder) : err;
}

static bool is_to_go(const struct pair *p)
{
	return p->after && (!p->before || S_ISDIR(p->before->m.mode) !=
	                    S_ISDIR(p->after->m.mode));
}

static int away(struct restore *r, const struct pair *p)
{
	const struct fs *fs = r->args->fs;
	struct copy_meta now;
	const char *name;

	if (!is_to_go(p))
		return 0;
	int dir = keep_open_parent(r->args, p->after->path, O_RDONLY, &name);
	if (dir == -ENOENT || dir == -ENOTDIR || dir == -ELOOP)
		return 0;
	int err = dir < 0 ? dir : copy_look(fs, dir, name, COPY_NO_FILE, &r->mem, &now);
	if (err == 0 && copy_same(&p->after->m, &now))
		err = move_away(r, p, dir, name);
	else if (err == 0 && !p->before)
		changes_conflict(&r->c, p);
	if (dir >= 0)
		(void)fs->close(fs, dir);
	return err == -ENOENT ? 0 : err;
}

/* ---- back ----------------------------------------------------------------- */

/* As another name of a file that is as before. -ENOENT: there is none. */
static int link_back(struct restore *r, const struct pair *p, int dir, const char *name)
{
	const struct keep_item *anchor = NULL;
	struct copy_meta m;
	const char *from;
	int err = p->before->twin ? changes_anchor(&r->c, p->before, &anchor, &m) : 0;

	if (err < 0)
		return err;
	if (!anchor || anchor == p->before)
		return -ENOENT;
	int fd = keep_open_parent(r->args, anchor->path, O_RDONLY, &from);
	if (fd < 0)
		return fd;
	err = copy_link(r->args->fs, fd, from, dir, name);
	(void)r->args->fs->close(r->args->fs, fd);
	return err == -EXDEV || err == -EMLINK ? -ENOENT : err;
}

static int make_back(struct restore *r, const struct pair *p, int dir, const char *name)
{
	const struct fs *fs = r->args->fs;
	const struct keep_item *b = p->before;
	char number[KEEP_NUMBER];
	int in = COPY_NO_FILE;

	(void)snprintf(number, sizeof(number), "%u", b->twin ? b->twin - 1 : p->number);
	if (S_ISREG(b->m.mode)) {
		in = fs->open(fs, r->args->dir_fd, number, O_RDONLY | O_NOFOLLOW, 0);
		if (in < 0)
			return in == -ENOENT ? -EBADMSG : in;
	}
	int err = copy_make(fs, in, dir, name, &b->m);
	if (in >= 0)
		(void)fs->close(fs, in);
	return err == -EAGAIN ? -EBADMSG : err;
}

/* A folder keeps its own name while it is made: it is empty. */
static int make_folder(struct restore *r, const struct pair *p, int dir, const char *name)
{
	struct stat st;
	int err = r->args->fs->mkdir(r->args->fs, dir, name, S_IRWXU);

	if (err != -EEXIST)
		return err;
	err = r->args->fs->stat(r->args->fs, dir, name, &st);
	if (err == 0 && !S_ISDIR(st.st_mode))
		changes_conflict(&r->c, p);
	return err;
}

static int put_back(struct restore *r, const struct pair *p, int dir, const char *name)
{
	struct copy_meta now;

	if (S_ISDIR(p->before->m.mode))
		return make_folder(r, p, dir, name);
	int err = copy_clean(r->args->fs, dir, name);
	if (err == 0)
		err = copy_look(r->args->fs, dir, name, COPY_NO_FILE, &r->mem, &now);
	if (err < 0 && err != -ENOENT)
		return err;
	if (err == 0) {
		int before = changes_is_before(&r->c, p, &now);
		if (before)
			return before < 0 ? before : 0;
		if (!copy_same(&p->before->m, &now) &&
		    !(p->after && copy_same(&p->after->m, &now))) {
			changes_conflict(&r->c, p);
			return 0;
		}
	}
	err = link_back(r, p, dir, name);
	return err == -ENOENT ? make_back(r, p, dir, name) : err;
}

static int back(struct restore *r, const struct pair *p)
{
	const char *name;

	if (!p->before || pair_is_folder(p))
		return 0;
	int dir = keep_open_parent(r->args, p->before->path, O_RDONLY, &name);
	if (dir == -ENOENT || dir == -ENOTDIR || dir == -ELOOP) {
		changes_conflict(&r->c, p); /* something else is on the way to it */
		return 0;
	}
	int err = dir < 0 ? dir : put_back(r, p, dir, name);
	if (dir >= 0)
		(void)r->args->fs->close(r->args->fs, dir);
	return err;
}

/* ---- folders -------------------------------------------------------------- */

static int give_folder(struct restore *r, const struct pair *p, int fd)
{
	const struct fs *fs = r->args->fs;
	const struct copy_meta *m = &p->before->m;
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, m->mtime};
	struct stat st;
	int err = fs->stat(fs, fd, "", &st);

	if (err == 0 && pair_verdict(p) == VERDICT_TODO) {
		struct copy_meta all = *m;
		if (!(p->verdict & VERDICT_TIME))
			all.mtime = st.st_mtim;
		err = copy_give(fs, fd, "", fd, &all);
		if (err == 0)
			err = copy_hold(fs, fd, &all);
	} else if (err == 0 && (p->verdict & VERDICT_TIME) &&
	           !copy_same_time(st.st_mtim, m->mtime)) {
		err = fs->times(fs, fd, "", times);
	}
	return err == 0 ? fs->sync(fs, fd) : err;
}

static int folder(struct restore *r, const struct pair *p)
{
	const struct fs *fs = r->args->fs;

	if (!p->before || !S_ISDIR(p->before->m.mode) || p->before->kind == KEEP_MOUNT)
		return 0;
	int fd = fs->open(fs, r->args->root_fd, keep_relative(p->before->path),
	                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME, 0);
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0; /* counted as a conflict, or nothing was to be done */
	int err = fd < 0 ? fd : give_folder(r, p, fd);
	if (fd >= 0)
		(void)fs->close(fs, fd);
	return err;
}

/* ---- together ------------------------------------------------------------- */

typedef int pass_fn(struct restore *r, const struct pair *p);

static int pass(struct restore *r, pass_fn *act, bool backward, struct err *e)
{
	for (size_t i = 0; i < r->c.n; i++) {
		const struct pair *p = &r->c.pairs[backward ? r->c.n - 1 - i : i];
		bool wanted = act == folder ?
			is_in_question(r, p) || leads_to_it(r, pair_path(p)) :
			is_in_question(r, p) && pair_verdict(p) == VERDICT_TODO;
		if (r->args->stop && atomic_load(r->args->stop))
			return err_set(e, -EINTR, "stopped");
		if (!wanted)
			continue;
		arena_reset(&r->mem);
		int err = act(r, p);
		if (err < 0)
			return err_sys(e, err, "putting back %.*s", SLICE_ARG(pair_path(p)));
	}
	return 0;
}

/* What was found is written down before anything is done about it. */
static int begin(struct restore *r, struct err *e)
{
	const struct fs *fs = r->args->fs;
	uint8_t *verdicts = arena_zalloc(&r->mem, r->c.n + 1, 1);
	int err = verdicts ? 0 : -ENOMEM;

	for (size_t i = 0; i < r->c.n && err == 0; i++)
		verdicts[i] = r->c.pairs[i].verdict;
	if (err == 0 && !r->c.resumed)
		err = keep_file_write(fs, r->args->dir_fd, "restoring",
		                      slice_of(verdicts, r->c.n));
	if (err == 0) {
		err = fs->mkdir(fs, r->args->dir_fd, "appeared", S_IRWXU);
		err = err == -EEXIST ? 0 : err;
	}
	if (err == 0)
		r->appeared_fd = fs->open(fs, r->args->dir_fd, "appeared",
		                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (err == 0 && r->appeared_fd < 0)
		err = r->appeared_fd;
	return err < 0 ? err_sys(e, err, "beginning to put back") : 0;
}

static int conclude(struct restore *r, struct err *e)
{
	const struct fs *fs = r->args->fs;
	int err = fs->sync(fs, r->appeared_fd);

	if (err == 0)
		err = fs->unlink(fs, r->args->dir_fd, "restoring", 0);
	if (err == 0)
		err = fs->sync(fs, r->args->dir_fd);
	return err < 0 ? err_sys(e, err, "noting that all is put back") : 0;
}

int keep_restore(const struct keep_args *args, const struct slice *only_below,
                 size_t n_only, struct err *e, struct keep_state *ret)
{
	struct restore r = {.args = args, .only = only_below, .n_only = n_only,
	                    .appeared_fd = -1};

	arena_init(&r.mem, KEEP_MEMORY_MAX);
	int err = changes_read(args, e, &r.c);
	if (err == 0)
		err = begin(&r, e);
	if (err == 0)
		err = pass(&r, away, true, e);
	if (err == 0)
		err = pass(&r, back, false, e);
	if (err == 0)
		err = pass(&r, folder, true, e);
	if (err == 0)
		err = conclude(&r, e);
	if (r.appeared_fd >= 0)
		(void)args->fs->close(args->fs, r.appeared_fd);
	if (err == 0)
		*ret = r.c.state;
	changes_finish(&r.c);
	arena_finish(&r.mem);
	return err;
}
