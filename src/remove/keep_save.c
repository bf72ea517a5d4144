/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before and after. The list is the last thing written, and the disk has all
 * the rest before it: a keep that has a list is whole.
 */
#include <errno.h>

#include "remove/keep_list.h"

enum { LIST_BYTES = 4096 }; /* of an object in the list, generously */

static void use_places(struct keep_list *l, const struct slice *places, size_t n_places,
                       const struct slice *except, size_t n_except, int *err)
{
	struct slice *to = arena_zalloc(&l->mem, n_places + n_except + 1, sizeof(*to));

	if (!to) {
		*err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n_places + n_except; i++) {
		to[i] = arena_copy(&l->mem, i < n_places ? places[i] :
		                   except[i - n_places]);
		if (!to[i].p)
			*err = -ENOMEM;
	}
	l->places = to;
	l->except = to + n_places;
	l->n_places = n_places;
	l->n_except = n_except;
}

static int begin(const struct keep_args *args, struct keep_list *l, struct err *e)
{
	int err = args->n_places > KEEP_PLACES_MAX ? -E2BIG : 0;

	keep_list_init(l);
	if (err == 0)
		use_places(l, args->places, args->n_places, args->except, args->n_except,
		           &err);
	return err < 0 ? err_sys(e, err, "listing the places to keep") :
	       keep_walk(args, l, e);
}

/* What would be written of a file: holes are not. */
static int file_size(const struct keep_args *args, const struct keep_item *i,
                     uint64_t *ret)
{
	const struct fs *fs = args->fs;
	int fd = fs->open(fs, args->root_fd, keep_relative(i->path),
	                  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME, 0);

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	int err = copy_data_size(fs, fd, i->m.size, ret);
	(void)fs->close(fs, fd);
	return err;
}

int keep_size(const struct keep_args *args, struct err *e, uint64_t *ret_bytes,
              uint64_t *ret_files)
{
	struct keep_list l;
	uint64_t bytes = 0;
	int err = begin(args, &l, e);

	for (size_t i = 0; i < l.n && err == 0; i++) {
		uint64_t size = 0;
		if (l.items[i].kind == KEEP_INSIDE && S_ISREG(l.items[i].m.mode))
			err = file_size(args, &l.items[i], &size);
		if (err < 0)
			err_sys(e, err, "looking at %.*s", SLICE_ARG(l.items[i].path));
		bytes += size + LIST_BYTES;
	}
	if (err == 0) {
		*ret_bytes = bytes;
		*ret_files = l.n;
	}
	keep_list_finish(&l);
	return err;
}

static int is_there(const struct fs *fs, int dir_fd, const char *name)
{
	struct stat st;
	int err = fs->stat(fs, dir_fd, name, &st);

	return err == -ENOENT ? 0 : err < 0 ? err : 1;
}

int keep_saved(const struct fs *fs, int dir_fd)
{
	return is_there(fs, dir_fd, "before");
}

int keep_noted(const struct fs *fs, int dir_fd)
{
	int saved = keep_saved(fs, dir_fd);

	return saved == 1 ? is_there(fs, dir_fd, "after") : saved;
}

/* What is not in the keep, for whom it may concern. */
static void say_mounts(const struct keep_list *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].kind == KEEP_MOUNT) {
			err_set(e, 0, "another file system is mounted on %.*s: what is in "
			        "it is not kept", SLICE_ARG(l->items[i].path));
			return;
		}
	}
}

int keep_save(const struct keep_args *args, struct err *e)
{
	struct keep_list l;
	int saved = keep_saved(args->fs, args->dir_fd);

	if (saved)
		return saved < 0 ? err_sys(e, saved, "looking for what was kept") :
		       err_set(e, -EALREADY, "it was kept already");
	int err = begin(args, &l, e);
	if (err == 0)
		err = keep_look(args, &l, true, e);
	if (err == 0) {
		err = args->fs->sync_all(args->fs, args->dir_fd);
		if (err < 0)
			err_sys(e, err, "writing what is kept to the disk");
	}
	if (err == 0)
		err = keep_list_write(args->fs, args->dir_fd, "before", &l, e);
	if (err == 0)
		say_mounts(&l, e);
	keep_list_finish(&l);
	return err;
}

/* The places are those that were saved, whatever the caller would say now. */
int keep_note(const struct keep_args *args, struct err *e)
{
	struct keep_list before, l;
	int err = keep_list_read(args->fs, args->dir_fd, "before", e, &before);

	if (err < 0)
		return err;
	keep_list_init(&l);
	use_places(&l, before.places, before.n_places, before.except, before.n_except,
	           &err);
	keep_list_finish(&before);
	if (err < 0)
		err_sys(e, err, "listing the places that were kept");
	if (err == 0)
		err = keep_walk(args, &l, e);
	if (err == 0)
		err = keep_look(args, &l, false, e);
	if (err == 0)
		err = keep_list_write(args->fs, args->dir_fd, "after", &l, e);
	keep_list_finish(&l);
	return err;
}

int keep_unnote(const struct fs *fs, int dir_fd)
{
	int err = fs->unlink(fs, dir_fd, "after", 0);

	if (err == 0)
		err = fs->sync(fs, dir_fd);
	return err == -ENOENT ? 0 : err;
}
