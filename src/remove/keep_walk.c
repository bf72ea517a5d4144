/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is at a keep's places. Folders are read one after the other, from the
 * root's descriptor each, so that one descriptor is open however deep they are
 * and no link on the way is followed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "remove/keep_list.h"

const char *keep_relative(struct slice path)
{
	return path.n > 1 ? (const char *)path.p + 1 : ".";
}

int keep_open_parent(const struct keep_args *args, struct slice path, int flags,
                     const char **ret_name)
{
	char folder[KEEP_PATH_MAX + 1] = ".";
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	if (n > KEEP_PATH_MAX)
		return -ENAMETOOLONG;
	if (n > 2) { /* between the first and the last slash */
		memcpy(folder, path.p + 1, n - 2);
		folder[n - 2] = '\0';
	}
	*ret_name = (const char *)path.p + n;
	return args->fs->open(args->fs, args->root_fd, folder,
	                      flags | O_DIRECTORY | O_NOFOLLOW, 0);
}

bool keep_is_below(struct slice path, const struct slice *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice top = list[i];
		if (slice_starts(path, top) && (path.n == top.n || top.n == 1 ||
		                                path.p[top.n] == '/'))
			return true;
	}
	return false;
}

static bool is_stopped(const struct keep_args *args)
{
	return args->stop && atomic_load(args->stop);
}

/* Nobody is at this name, or on the way to it. */
static bool is_missing(int err)
{
	return err == -ENOENT || err == -ENOTDIR;
}

static int is_mount(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) < 0)
		return -errno;
	return (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

static int add(const struct keep_args *args, struct keep_list *l, int dir,
               const char *name, struct slice path, enum keep_kind kind)
{
	struct stat st;
	int err = args->fs->stat(args->fs, dir, name, &st);

	if (err < 0)
		return is_missing(err) ? 0 : err;
	struct keep_item *i = keep_list_add(l, path);
	if (!i)
		return l->n >= KEEP_ITEMS_MAX ? -E2BIG : -ENOMEM;
	i->kind = kind;
	i->m.mode = st.st_mode;
	i->m.device = st.st_dev;
	i->m.inode = st.st_ino;
	i->m.links = S_ISDIR(st.st_mode) ? 1 : st.st_nlink;
	i->m.size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return 0;
}

/* ---- places --------------------------------------------------------------- */

static int add_path(const struct keep_args *args, struct keep_list *l, struct slice path,
                    enum keep_kind kind)
{
	const char *name;
	int dir = keep_open_parent(args, path, O_PATH, &name);

	if (dir < 0)
		return is_missing(dir) ? 0 : dir;
	int err = add(args, l, dir, name, path, kind);
	(void)args->fs->close(args->fs, dir);
	return err;
}

static int add_above(const struct keep_args *args, struct keep_list *l, struct slice path)
{
	int err = path.n > 1 ? add_path(args, l, SLICE("/"), KEEP_ABOVE) : 0;
	char text[KEEP_PATH_MAX + 1];

	memcpy(text, path.p, path.n);
	for (size_t n = 1; n < path.n && err == 0; n++) {
		if (text[n] != '/')
			continue;
		text[n] = '\0';
		err = add_path(args, l, slice_of(text, n), KEEP_ABOVE);
		text[n] = '/';
	}
	return err;
}

static bool is_path(struct slice p)
{
	return p.n > 0 && p.n <= KEEP_PATH_MAX && p.p[0] == '/' &&
	       (p.n == 1 || p.p[p.n - 1] != '/') && !memchr(p.p, 0, p.n);
}

static int by_path(const void *a, const void *b)
{
	const struct keep_item *x = a, *y = b;
	int c = slice_cmp(x->path, y->path);

	return c ? c : (int)x->kind - (int)y->kind;
}

/* Each path once; what is inside a place is not only above another. */
static void sort(struct keep_list *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), by_path);
	for (size_t i = 0; i < l->n; i++) {
		if (n == 0 || !slice_eq(l->items[n - 1].path, l->items[i].path))
			l->items[n++] = l->items[i];
	}
	l->n = n;
}

static int add_places(const struct keep_args *args, struct keep_list *l, struct err *e)
{
	for (size_t i = 0; i < l->n_places; i++) {
		struct slice path = l->places[i];
		if (!is_path(path))
			return err_set(e, -EINVAL, "a place to keep is no absolute path");
		if (keep_is_below(path, l->except, l->n_except))
			continue;
		int err = add_above(args, l, path);
		if (err == 0)
			err = add_path(args, l, path, KEEP_INSIDE);
		if (err < 0)
			return err_sys(e, err, "looking at %.*s", SLICE_ARG(path));
	}
	sort(l);
	return 0;
}

/* ---- folders -------------------------------------------------------------- */

static int add_entry(const struct keep_args *args, struct keep_list *l, int dir,
                     struct slice folder, const char *name)
{
	char path[KEEP_PATH_MAX + NAME_MAX + 2];
	size_t n = (size_t)snprintf(path, sizeof(path), "%.*s/%s",
	                            folder.n > 1 ? (int)folder.n : 0,
	                            (const char *)folder.p, name);

	if (n > KEEP_PATH_MAX)
		return -ENAMETOOLONG;
	struct slice whole = slice_of(path, n);
	return keep_is_below(whole, l->except, l->n_except) ? 0 :
	       add(args, l, dir, name, whole, KEEP_INSIDE);
}

static int read_folder(const struct keep_args *args, struct keep_list *l, DIR *d,
                       struct slice folder)
{
	struct dirent *entry;
	int err = 0;

	while (err == 0 && (errno = 0, entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			err = add_entry(args, l, dirfd(d), folder, entry->d_name);
	}
	return err == 0 && errno ? -errno : err;
}

static int enter(const struct keep_args *args, struct keep_list *l, size_t index,
                 bool top)
{
	struct slice path = l->items[index].path;
	int fd = args->fs->open(args->fs, args->root_fd, keep_relative(path),
	                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME, 0);

	if (fd < 0)
		return is_missing(fd) ? 0 : fd;
	int err = top ? 0 : is_mount(fd);
	if (err > 0)
		l->items[index].kind = KEEP_MOUNT;
	DIR *d = err ? NULL : fdopendir(fd);
	if (!d) {
		err = err ? err : -errno;
		(void)args->fs->close(args->fs, fd);
		return err < 0 ? err : 0;
	}
	err = read_folder(args, l, d, path);
	closedir(d);
	return err;
}

int keep_walk(const struct keep_args *args, struct keep_list *l, struct err *e)
{
	int err = add_places(args, l, e);
	size_t n_tops = l->n;

	if (err < 0)
		return err;
	for (size_t i = 0; i < l->n; i++) {
		if (is_stopped(args))
			return err_set(e, -EINTR, "stopped");
		if (!S_ISDIR(l->items[i].m.mode) || l->items[i].kind != KEEP_INSIDE)
			continue;
		err = enter(args, l, i, i < n_tops);
		if (err < 0)
			return err_sys(e, err, "reading the folder %.*s",
			               SLICE_ARG(l->items[i].path));
	}
	sort(l);
	return 0;
}

/* ---- looking -------------------------------------------------------------- */

struct name_of_inode {
	uint64_t device, inode;
	uint32_t index;
};

static int by_inode(const void *a, const void *b)
{
	const struct name_of_inode *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static int find_twins(struct keep_list *l)
{
	struct name_of_inode *names = calloc(l->n + 1, sizeof(*names));
	size_t n = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		const struct copy_meta *m = &l->items[i].m;
		if (m->links > 1)
			names[n++] = (struct name_of_inode){m->device, m->inode,
			                                    (uint32_t)i};
	}
	if (n)
		qsort(names, n, sizeof(*names), by_inode);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (names[i].inode != names[first].inode ||
		    names[i].device != names[first].device)
			first = i;
		else
			l->items[names[i].index].twin = l->items[names[first].index].twin =
				names[first].index + 1;
	}
	free(names);
	return 0;
}

static int look_at(const struct keep_args *args, struct keep_list *l, uint32_t index,
                   int out)
{
	struct keep_item *i = &l->items[index];
	struct copy_meta m = {0};
	const char *name;
	int dir = keep_open_parent(args, i->path, O_RDONLY, &name);
	int err = dir < 0 ? dir : copy_look(args->fs, dir, name, out, &l->mem, &m);

	if (dir >= 0)
		(void)args->fs->close(args->fs, dir);
	if (is_missing(err) && i->twin == 0) {
		i->kind = KEEP_GONE;
		return 0;
	}
	if (err == 0 && (m.device != i->m.device || m.inode != i->m.inode))
		err = -EAGAIN;
	if (err == 0)
		i->m = m;
	return err;
}

static int look_and_store(const struct keep_args *args, struct keep_list *l,
                          uint32_t index)
{
	const struct fs *fs = args->fs;
	char number[KEEP_NUMBER];

	(void)snprintf(number, sizeof(number), "%u", index);
	int fd = fs->open(fs, args->dir_fd, number, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW,
	                  S_IRUSR | S_IWUSR);
	int err = fd < 0 ? fd : look_at(args, l, index, fd);
	int closed = fd < 0 ? 0 : fs->close(fs, fd);
	return err < 0 ? err : closed;
}

int keep_look(const struct keep_args *args, struct keep_list *l, bool store,
              struct err *e)
{
	int err = find_twins(l);

	if (err < 0)
		return err_sys(e, err, "finding hard links");
	for (uint32_t i = 0; i < l->n; i++) {
		const struct keep_item *item = &l->items[i];
		bool first = item->twin == 0 || item->twin == i + 1;
		if (is_stopped(args))
			return err_set(e, -EINTR, "stopped");
		if (item->kind == KEEP_MOUNT)
			continue;
		err = store && first && S_ISREG(item->m.mode) ?
			look_and_store(args, l, i) : look_at(args, l, i, COPY_NO_FILE);
		if (err < 0)
			return err_sys(e, err, "looking at %.*s", SLICE_ARG(item->path));
	}
	return 0;
}
