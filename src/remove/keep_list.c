/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/str.h"
#include "remove/keep_list.h"

enum { SUM = 32, FIRST_ITEMS = 64, NAME_TEXT = 32 };

#define MAGIC SLICE("debarkp1")

void keep_list_init(struct keep_list *l)
{
	*l = (struct keep_list){0};
	arena_init(&l->mem, KEEP_MEMORY_MAX);
}

void keep_list_finish(struct keep_list *l)
{
	arena_finish(&l->mem);
	free(l->items);
	l->items = NULL;
	l->n = l->size = 0;
}

struct keep_item *keep_list_add(struct keep_list *l, struct slice path)
{
	if (l->n == l->size) {
		size_t size = l->size ? 2 * l->size : FIRST_ITEMS;
		struct keep_item *items = l->n >= KEEP_ITEMS_MAX ? NULL :
			reallocarray(l->items, size, sizeof(*items));
		if (!items)
			return NULL;
		l->items = items;
		l->size = size;
	}
	struct slice copy = arena_copy(&l->mem, path);
	if (!copy.p)
		return NULL;
	l->items[l->n] = (struct keep_item){.path = copy};
	return &l->items[l->n++];
}

/* ---- files ---------------------------------------------------------------- */

static int write_all(const struct fs *fs, int fd, struct slice bytes, off_t at)
{
	while (bytes.n > 0) {
		ssize_t n = fs->write(fs, fd, bytes.p, bytes.n, at);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		bytes = slice_from(bytes, (size_t)n);
		at += n;
	}
	return 0;
}

static int write_summed(const struct fs *fs, int fd, struct slice bytes)
{
	uint8_t sum[SUM];

	if (!EVP_Digest(bytes.p, bytes.n, sum, NULL, EVP_sha256(), NULL))
		return -ENOMEM;
	int err = write_all(fs, fd, bytes, 0);
	if (err == 0)
		err = write_all(fs, fd, slice_of(sum, SUM), (off_t)bytes.n);
	return err == 0 ? fs->sync(fs, fd) : err;
}

int keep_file_write(const struct fs *fs, int dir_fd, const char *name, struct slice bytes)
{
	char new_name[NAME_TEXT];

	(void)snprintf(new_name, sizeof(new_name), "%s.new", name);
	int fd = fs->open(fs, dir_fd, new_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
	                  S_IRUSR | S_IWUSR);
	if (fd < 0)
		return fd;
	int err = write_summed(fs, fd, bytes);
	int closed = fs->close(fs, fd);
	if (err == 0)
		err = closed;
	if (err == 0)
		err = fs->rename(fs, dir_fd, new_name, dir_fd, name, 0);
	return err == 0 ? fs->sync(fs, dir_fd) : err;
}

static int read_all(const struct fs *fs, int fd, uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = fs->read(fs, fd, p + at, n - at, (off_t)at);
		if (got <= 0)
			return got < 0 ? (int)got : -EBADMSG;
		at += (size_t)got;
	}
	return 0;
}

static int read_summed(const struct fs *fs, int fd, uint8_t **ret, size_t *ret_n)
{
	uint8_t sum[SUM];
	struct stat st;
	int err = fs->stat(fs, fd, "", &st);

	if (err < 0)
		return err;
	if (!S_ISREG(st.st_mode) || st.st_size < SUM || st.st_size > KEEP_FILE_MAX)
		return -EBADMSG;
	size_t n = (size_t)st.st_size;
	uint8_t *p = malloc(n);
	if (!p)
		return -ENOMEM;
	err = read_all(fs, fd, p, n);
	if (err == 0 && !EVP_Digest(p, n - SUM, sum, NULL, EVP_sha256(), NULL))
		err = -ENOMEM;
	if (err == 0 && memcmp(sum, p + n - SUM, SUM) != 0)
		err = -EBADMSG;
	if (err < 0) {
		free(p);
		return err;
	}
	*ret = p;
	*ret_n = n - SUM;
	return 0;
}

int keep_file_read(const struct fs *fs, int dir_fd, const char *name, uint8_t **ret,
                   size_t *ret_n)
{
	int fd = fs->open(fs, dir_fd, name, O_RDONLY | O_NOFOLLOW, 0);
	int err = fd < 0 ? fd : read_summed(fs, fd, ret, ret_n);

	if (fd >= 0)
		(void)fs->close(fs, fd);
	return err;
}

/* ---- writing -------------------------------------------------------------- */

static void put_number(struct str *out, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		str_putc(out, (char)(v >> (8 * i)));
}

static void put_bytes(struct str *out, struct slice s)
{
	put_number(out, s.n, 4);
	str_add(out, s);
}

static void put_list(struct str *out, const struct slice *list, size_t n)
{
	put_number(out, n, 4);
	for (size_t i = 0; i < n; i++)
		put_bytes(out, list[i]);
}

static void put_time(struct str *out, struct timespec t)
{
	put_number(out, (uint64_t)t.tv_sec, 8);
	put_number(out, (uint64_t)t.tv_nsec, 4);
}

static void put_item(struct str *out, const struct keep_item *i)
{
	put_number(out, i->kind, 1);
	put_number(out, i->m.mode, 4);
	put_number(out, i->m.uid, 4);
	put_number(out, i->m.gid, 4);
	put_number(out, i->m.device_number, 8);
	put_number(out, i->m.size, 8);
	put_time(out, i->m.atime);
	put_time(out, i->m.mtime);
	put_number(out, i->m.flags, 4);
	put_number(out, i->twin, 4);
	str_add(out, slice_of(i->m.hash, COPY_HASH_BYTES));
	put_bytes(out, i->path);
	put_bytes(out, i->m.target);
	put_bytes(out, i->m.xattrs);
}

int keep_list_write(const struct fs *fs, int dir_fd, const char *name,
                    const struct keep_list *l, struct err *e)
{
	struct str out = {0};
	int err = 0;

	str_add(&out, MAGIC);
	put_list(&out, l->places, l->n_places);
	put_list(&out, l->except, l->n_except);
	put_number(&out, l->n, 4);
	for (size_t i = 0; i < l->n; i++)
		put_item(&out, &l->items[i]);
	if (str_failed(&out))
		err = -ENOMEM;
	else if (out.n > KEEP_FILE_MAX - SUM)
		err = -EFBIG;
	else
		err = keep_file_write(fs, dir_fd, name, str_slice(&out));
	str_finish(&out);
	return err < 0 ? err_sys(e, err, "writing the list of what is kept") : 0;
}

/* ---- reading -------------------------------------------------------------- */

static struct slice get_bytes(struct cursor *c, struct arena *mem)
{
	size_t n = cursor_u32le(c);
	struct slice s = arena_copy(mem, cursor_take(c, n));

	if (!s.p)
		c->failed = true;
	return s;
}

static bool is_path(struct slice s)
{
	return s.n > 0 && s.n <= KEEP_PATH_MAX && s.p[0] == '/' && !memchr(s.p, 0, s.n);
}

static struct slice *get_list(struct cursor *c, struct arena *mem, size_t *ret_n)
{
	size_t n = cursor_u32le(c);

	if (n > KEEP_PLACES_MAX || n > cursor_left(c) / 4)
		c->failed = true;
	struct slice *list = c->failed ? NULL : arena_zalloc(mem, n + 1, sizeof(*list));
	if (!list)
		c->failed = true;
	for (size_t i = 0; i < n && !c->failed; i++) {
		list[i] = get_bytes(c, mem);
		c->failed = c->failed || !is_path(list[i]);
	}
	*ret_n = c->failed ? 0 : n;
	return list;
}

static struct timespec get_time(struct cursor *c)
{
	struct timespec t = {.tv_sec = (time_t)cursor_u64le(c)};

	t.tv_nsec = cursor_u32le(c);
	return t;
}

static void get_item(struct cursor *c, struct keep_list *l)
{
	struct keep_item i = {.kind = cursor_u8(c)};

	i.m.mode = cursor_u32le(c);
	i.m.uid = cursor_u32le(c);
	i.m.gid = cursor_u32le(c);
	i.m.device_number = cursor_u64le(c);
	i.m.size = cursor_u64le(c);
	i.m.atime = get_time(c);
	i.m.mtime = get_time(c);
	i.m.flags = cursor_u32le(c);
	i.twin = cursor_u32le(c);
	struct slice hash = cursor_take(c, COPY_HASH_BYTES);
	if (hash.n)
		memcpy(i.m.hash, hash.p, hash.n);
	size_t n = cursor_u32le(c);
	struct slice path = cursor_take(c, n);
	i.m.target = get_bytes(c, &l->mem);
	i.m.xattrs = get_bytes(c, &l->mem);
	bool ordered = l->n == 0 || slice_cmp(l->items[l->n - 1].path, path) < 0;
	if (c->failed || i.kind >= KEEP_KINDS || !is_path(path) || !ordered ||
	    i.twin > l->n + 1)
		c->failed = true;
	struct keep_item *new = c->failed ? NULL : keep_list_add(l, path);
	if (!new) {
		c->failed = true;
		return;
	}
	i.path = new->path;
	*new = i;
}

static int parse(struct slice bytes, struct keep_list *ret)
{
	struct cursor c = cursor_on(bytes);

	if (!slice_eq(cursor_take(&c, MAGIC.n), MAGIC))
		return -EBADMSG;
	ret->places = get_list(&c, &ret->mem, &ret->n_places);
	ret->except = get_list(&c, &ret->mem, &ret->n_except);
	size_t n = cursor_u32le(&c);
	for (size_t i = 0; i < n && !cursor_failed(&c); i++)
		get_item(&c, ret);
	return cursor_failed(&c) || cursor_left(&c) ? -EBADMSG : 0;
}

int keep_list_read(const struct fs *fs, int dir_fd, const char *name, struct err *e,
                   struct keep_list *ret)
{
	uint8_t *bytes = NULL;
	size_t n = 0;

	keep_list_init(ret);
	int err = keep_file_read(fs, dir_fd, name, &bytes, &n);
	if (err == 0)
		err = parse(slice_of(bytes, n), ret);
	free(bytes);
	if (err < 0)
		keep_list_finish(ret);
	return err < 0 ? err_sys(e, err, "reading the list \"%s\" of what was kept", name) :
	       0;
}
