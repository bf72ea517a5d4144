/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is mounted in the root, from the kernel's table (proc(5)), so that a
 * walk knows of a mount before it touches it.
 */
#include <errno.h>
#include <stdlib.h>

#include "survey/state.h"

/* Made by the kernel: nothing is at rest there. */
static const char *const kernel_types[] = {
	"autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs",
	"devpts", "devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs",
	"proc", "pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs",
};

/* Kept by disks or memory of this machine. All that is in no list may hang. */
static const char *const local_types[] = {
	"bcachefs", "btrfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fat",
	"iso9660", "jfs", "msdos", "nilfs2", "ntfs3", "overlay", "ramfs", "reiserfs",
	"squashfs", "tmpfs", "ubifs", "udf", "vfat", "xfs", "zfs",
};

static bool is_in(const char *const *list, size_t n, struct slice type)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(slice_str(list[i]), type))
			return true;
	return false;
}

static enum mount_class class_of(struct slice type)
{
	if (is_in(kernel_types, COUNT_OF(kernel_types), type))
		return MOUNT_CLASS_KERNEL;
	return is_in(local_types, COUNT_OF(local_types), type) ? MOUNT_CLASS_LOCAL
	                                                       : MOUNT_CLASS_REMOTE;
}

static bool is_octal(uint8_t c)
{
	return c >= '0' && c <= '7';
}

/* "\040" stands for a space. In place: the text only gets shorter. */
static struct slice unescape(uint8_t *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++, to++) {
		p[to] = p[i];
		if (p[i] == '\\' && i + 3 < n && is_octal(p[i + 1]) &&
		    is_octal(p[i + 2]) && is_octal(p[i + 3])) {
			p[to] = (uint8_t)((p[i + 1] - '0') * 64 + (p[i + 2] - '0') * 8 +
			                  (p[i + 3] - '0'));
			i += 3;
		}
	}
	return slice_of(p, to);
}

enum { FIELD_POINT = 4, FIELD_TYPE_AFTER_DASH = 1 };

/* "36 35 98:0 /x /point rw shared:1 - ext4 /dev/x rw" */
static bool parse_line(struct survey *s, struct slice line, struct mount_point *ret)
{
	struct slice field, point = {0}, type = {0};
	size_t n = 0, after_dash = 0;
	bool dash = false;

	while (slice_split(&line, ' ', &field)) {
		if (n++ == FIELD_POINT)
			point = field;
		if (dash && ++after_dash == FIELD_TYPE_AFTER_DASH)
			type = field;
		if (n > FIELD_POINT && slice_eq(field, SLICE("-")))
			dash = true;
	}
	if (!point.n || !type.n)
		return false;
	struct slice copy = arena_copy(s->mem, point);
	if (!copy.p)
		return false;
	ret->path = unescape((uint8_t *)(uintptr_t)copy.p, copy.n);
	ret->class = class_of(type);
	return true;
}

/* The path in the source; false for what is mounted elsewhere, and for what the
 * root itself is mounted as. */
static bool into_source(const struct survey *s, struct mount_point *m)
{
	struct slice root = slice_str(s->root);

	if (root.n == 1)
		return m->path.n > 1;
	if (!path_at_or_below(m->path, root) || m->path.n == root.n)
		return false;
	m->path = slice_from(m->path, root.n);
	return true;
}

static int by_path(const void *a, const void *b)
{
	return slice_cmp(((const struct mount_point *)a)->path,
	                 ((const struct mount_point *)b)->path);
}

int mounts_list(struct survey *s)
{
	struct slice table, line, rest;
	size_t n = 0;

	int rc = survey_read_proc(s, "/proc/self/mountinfo", TEXT_FILE_MAX, &table);
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0; /* the walk sees mounts as well */
	for (rest = table; slice_line(&rest, &line);)
		n++;
	if (n > MOUNTS_MAX)
		n = MOUNTS_MAX;
	s->mounts = arena_zalloc(s->mem, n, sizeof(*s->mounts));
	if (!s->mounts)
		return -ENOMEM;
	for (rest = table; s->n_mounts < n && slice_line(&rest, &line);) {
		struct mount_point m;
		if (parse_line(s, line, &m) && into_source(s, &m))
			s->mounts[s->n_mounts++] = m;
	}
	if (s->n_mounts)
		qsort(s->mounts, s->n_mounts, sizeof(*s->mounts), by_path);
	return 0;
}

/* The first that is not before the path. */
static size_t lower_bound(const struct survey *s, struct slice path)
{
	size_t low = 0, high = s->n_mounts;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (slice_cmp(s->mounts[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct mount_point *mounts_find(const struct survey *s, struct slice path)
{
	size_t i = lower_bound(s, path);
	const struct mount_point *found = NULL;

	/* of several at one place the remotest counts */
	for (; i < s->n_mounts && slice_eq(s->mounts[i].path, path); i++)
		if (!found || s->mounts[i].class > found->class)
			found = &s->mounts[i];
	return found;
}

const struct mount_point *mounts_below(const struct survey *s, struct slice path)
{
	/* names between "/a" and "/a/": "/a-b"; so go on while it starts alike */
	for (size_t i = lower_bound(s, path);
	     i < s->n_mounts && slice_starts(s->mounts[i].path, path); i++)
		if (path_at_or_below(s->mounts[i].path, path))
			return &s->mounts[i];
	return NULL;
}
