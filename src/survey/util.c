/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "survey/state.h"
#include "system/file.h"

enum { WHY_MAX = 600, OPEN_TRIES = 64 };

void survey_tell(struct survey *s, struct slice at)
{
	s->done++;
	if (s->args->progress)
		s->args->progress(s->args->ctx, s->done, at);
}

int survey_why(struct survey *s, struct fact *f, const char *fmt, ...)
{
	char text[WHY_MAX];
	va_list args;

	if (f->why.n)
		return 0;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	f->why = arena_copy(s->mem, slice_str(text));
	return f->why.p ? 0 : -ENOMEM;
}

/* -- files --------------------------------------------------------------- */

static int read_all(struct arena *mem, int fd, size_t max, struct slice *ret)
{
	struct str text = {0};
	int rc = file_read(fd, max, &text);

	if (rc == 0) {
		*ret = arena_copy(mem, str_slice(&text));
		rc = ret->p ? 0 : -ENOMEM;
	}
	str_finish(&text);
	return rc;
}

int survey_open(struct survey *s, struct slice path)
{
	struct slice folder = slice_dirname(path);
	struct stat st;

	int dir = object_open_folder(s->root_fd, folder.n ? folder : SLICE("/"), 0);
	if (dir < 0)
		return dir;
	char *name = arena_str(s->mem, slice_basename(path));
	int fd = name ? openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	                       O_CLOEXEC | O_NOCTTY) : -1;
	int rc = !name ? -ENOMEM : fd < 0 ? -errno : 0;
	(void)close(dir);
	if (rc == 0 && fstat(fd, &st) < 0)
		rc = -errno;
	if (rc == 0 && !S_ISREG(st.st_mode))
		rc = -EINVAL;
	if (rc < 0 && fd >= 0)
		(void)close(fd);
	return rc < 0 ? rc : fd;
}

int survey_read(struct survey *s, const char *path, size_t max, struct slice *ret)
{
	int fd = survey_open(s, slice_str(path));
	if (fd < 0)
		return fd;
	int rc = read_all(s->mem, fd, max, ret);
	(void)close(fd);
	return rc;
}

int survey_read_proc(struct survey *s, const char *path, size_t max, struct slice *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int rc = read_all(s->mem, fd, max, ret);
	(void)close(fd);
	return rc;
}

static int open_in_root(const struct survey *s, struct slice path, uint64_t resolve)
{
	char text[PLAN_PATH_MAX + 1];
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	while (path.n && path.p[0] == '/')
		path = slice_from(path, 1);
	if (path.n > PLAN_PATH_MAX || slice_find_byte(path, 0) < path.n)
		return -ENAMETOOLONG;
	memcpy(text, path.p, path.n);
	text[path.n] = 0;
	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = syscall(SYS_openat2, s->root_fd, path.n ? text : ".", &how,
		             sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

int survey_pin(const struct survey *s, struct slice path)
{
	return open_in_root(s, path, RESOLVE_IN_ROOT);
}

bool survey_exists(const struct survey *s, const char *path)
{
	int fd = open_in_root(s, slice_str(path), RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

/* -- paths --------------------------------------------------------------- */

bool path_at_or_below(struct slice path, struct slice folder)
{
	if (folder.n == 1 && folder.p[0] == '/')
		return true;
	return slice_starts(path, folder) &&
	       (path.n == folder.n || path.p[folder.n] == '/');
}

struct slice path_key(const struct survey *s, struct slice path)
{
	static const char *const merged[] = {
		"/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/",
		"/usr/libx32/",
	};

	for (size_t i = 0; s->merged && i < COUNT_OF(merged); i++)
		if (slice_starts(path, slice_str(merged[i])))
			return slice_from(path, strlen("/usr"));
	return path;
}

/* -- lists --------------------------------------------------------------- */

int texts_add(struct texts *w, struct slice s)
{
	if (w->n == w->size) {
		size_t size = w->size ? w->size * 2 : 16;
		struct slice *list = reallocarray(w->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		w->list = list;
		w->size = size;
	}
	w->list[w->n++] = s;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

void texts_settle(struct texts *w)
{
	size_t kept = 0;

	if (w->n)
		qsort(w->list, w->n, sizeof(*w->list), by_bytes);
	for (size_t i = 0; i < w->n; i++)
		if (kept == 0 || !slice_eq(w->list[kept - 1], w->list[i]))
			w->list[kept++] = w->list[i];
	w->n = kept;
}

int texts_give(struct texts *w, struct arena *mem, struct slice **ret, size_t *ret_n)
{
	size_t n = w->n;
	struct slice *list = arena_zalloc(mem, n, sizeof(*list));

	if (list && n)
		memcpy(list, w->list, n * sizeof(*list));
	texts_finish(w);
	if (!list)
		return -ENOMEM;
	*ret = list;
	*ret_n = n;
	return 0;
}

void texts_finish(struct texts *w)
{
	free(w->list);
	*w = (struct texts){0};
}
