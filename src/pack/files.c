/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MAX = 16 };

static bool listed(const struct pack_files *files, const struct stat *st)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->list[i].dev == st->st_dev && files->list[i].ino == st->st_ino)
			return true;
	return false;
}

static int add_file(struct pack_files *files, const char *path, const char *name,
                    const struct stat *st, struct err *e)
{
	if (listed(files, st))
		return 0;
	if (files->n == PACK_FILES_MAX)
		return err_set(e, -E2BIG, "more than %d pack files; the first too many "
		               "is %s", PACK_FILES_MAX, path);
	if (files->n == files->size) {
		size_t size = files->size ? files->size * 2 : 64;
		struct pack_file *list = reallocarray(files->list, size, sizeof(*list));
		if (!list)
			return err_set(e, -ENOMEM, "out of memory while listing packs");
		files->list = list;
		files->size = size;
	}
	files->list[files->n++] =
		(struct pack_file){path, name, st->st_dev, st->st_ino};
	return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int add_folder(struct pack_files *files, const char *path, const char *name,
                      unsigned depth, struct err *e);

/* One name in a folder: goes down, takes it, or leaves it. */
static int add_entry(struct pack_files *files, const char *folder, const char *name,
                     const char *entry, unsigned depth, struct err *e)
{
	struct stat st;
	const char *path = arena_printf(files->mem, "%s/%s", folder, entry);
	const char *below = *name ? arena_printf(files->mem, "%s/%s", name, entry)
	                          : arena_printf(files->mem, "%s", entry);

	if (!path || !below)
		return err_set(e, -ENOMEM, "out of memory while listing packs");
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_folder(files, path, below, depth + 1, e);
	if (!slice_ends(slice_str(entry), SLICE(".yaml")))
		return 0;
	if (stat(path, &st) < 0)
		return err_sys(e, -errno, "cannot read the pack file %s", path);
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode)
		               ? 0
		               : err_set(e, -EINVAL, "the pack file %s is not a regular "
		                         "file", path);
	return add_file(files, path, below, &st, e);
}

static int add_folder(struct pack_files *files, const char *path, const char *name,
                      unsigned depth, struct err *e)
{
	struct dirent **entries;

	if (depth > FOLDER_DEPTH_MAX)
		return err_set(e, -ELOOP, "the packs folder %s is nested deeper than "
		               "%d folders", path, FOLDER_DEPTH_MAX);
	int n = scandir(path, &entries, not_hidden, by_name);
	if (n < 0)
		return err_sys(e, -errno, "cannot read the packs folder %s", path);
	int rc = 0;
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = add_entry(files, path, name, entries[i]->d_name, depth, e);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* "packs/" is shown as "packs/a.yaml", not "packs//a.yaml". */
static struct slice without_slashes(const char *place)
{
	struct slice s = slice_str(place);

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

int pack_files_add(struct pack_files *files, const char *place, struct err *e)
{
	struct stat st;

	if (stat(place, &st) < 0 && errno == ENOENT)
		return err_set(e, -ENOENT, "the packs folder %s does not exist", place);
	if (stat(place, &st) < 0)
		return err_sys(e, -errno, "cannot read the packs folder %s", place);
	const char *path = arena_str(files->mem, without_slashes(place));
	const char *base = arena_str(files->mem, slice_basename(slice_str(place)));
	if (!path || !base)
		return err_set(e, -ENOMEM, "out of memory while listing packs");
	if (S_ISDIR(st.st_mode))
		return add_folder(files, path, "", 0, e);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -ENOTDIR, "%s is neither a folder nor a file", place);
	return add_file(files, path, base, &st, e);
}

void pack_files_finish(struct pack_files *files)
{
	free(files->list);
	files->list = NULL;
	files->n = files->size = 0;
}

/* Reads to the end of the file; one byte of room more than the limit shows
 * a file that is larger, also one that grows. */
static int read_all(int fd, uint8_t *buf, size_t size, size_t *ret_n)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, buf + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return n > PACK_FILE_BYTES_MAX ? -EFBIG : 0;
}

static int read_open(int fd, const char *path, struct err *e, uint8_t **ret,
                     size_t *ret_n)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, -errno, "cannot read the pack file %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "the pack file %s is not a regular file", path);
	if (st.st_size > PACK_FILE_BYTES_MAX)
		return -EFBIG;
	uint8_t *buf = malloc(PACK_FILE_BYTES_MAX + 1);
	if (!buf)
		return err_set(e, -ENOMEM, "out of memory while reading %s", path);
	int rc = read_all(fd, buf, PACK_FILE_BYTES_MAX + 1, ret_n);
	if (rc == 0) {
		*ret = buf;
		return 0;
	}
	free(buf);
	return rc == -EFBIG ? rc
	                    : err_sys(e, rc, "cannot read the pack file %s", path);
}

int pack_file_read(const char *path, struct err *e, uint8_t **ret, size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(e, -errno, "cannot read the pack file %s", path);
	int rc = read_open(fd, path, e, ret, ret_n);
	close(fd);
	return rc;
}
