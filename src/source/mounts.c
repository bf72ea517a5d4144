/* SPDX-License-Identifier: Apache-2.0 */
#include "source/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOUNTS_MAX = 100000 };

/* Made by the kernel; autofs would mount something when it is entered. */
static const char *const pseudo[] = {
	"autofs", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2",
	"configfs", "cpuset", "debugfs", "devpts", "efivarfs", "fuse.lxcfs",
	"fusectl", "hugetlbfs", "mqueue", "nfsd", "nsfs", "proc", "pstore",
	"resctrl", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sysfs",
	"tracefs", "xenfs",
};

static const char *const network[] = {
	"9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "gfs", "gfs2",
	"glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2",
	"orangefs", "panfs", "pvfs2", "smb3", "smbfs", "virtiofs",
};

static enum mount_kind kind_of(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(pseudo); i++)
		if (strcmp(type, pseudo[i]) == 0)
			return MOUNT_PSEUDO;
	for (size_t i = 0; i < COUNT_OF(network); i++)
		if (strcmp(type, network[i]) == 0)
			return MOUNT_NETWORK;
	/* "fuseblk" is a disk (ntfs-3g, exfat); "fuse.sshfs" is a process. */
	if (strcmp(type, "fuse") == 0 || strncmp(type, "fuse.", 5) == 0)
		return MOUNT_NETWORK;
	return MOUNT_LOCAL;
}

/* Space, tab, newline and backslash stand as \ooo in the table. */
static char *unescaped(struct slice s)
{
	char *out = malloc(s.n + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t code;
		if (s.p[i] == '\\' && i + 3 < s.n &&
		    s.p[i + 1] >= '0' && s.p[i + 1] <= '3') {
			code = (uint64_t)(s.p[i + 1] - '0') * 64 +
			       (uint64_t)(s.p[i + 2] - '0') * 8 +
			       (uint64_t)(s.p[i + 3] - '0');
			out[n++] = (char)code;
			i += 3;
		} else {
			out[n++] = (char)s.p[i];
		}
	}
	out[n] = 0;
	return out;
}

static void mount_finish(struct mount *m)
{
	free(m->point);
	free(m->root);
	free(m->type);
}

static bool parse_device(struct slice s, struct mount *m)
{
	struct slice major;
	uint64_t a, b;

	if (!slice_split(&s, ':', &major) || slice_number(major, 10, &a) < 0 ||
	    slice_number(s, 10, &b) < 0)
		return false;
	m->major = (unsigned)a;
	m->minor = (unsigned)b;
	return true;
}

/* 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw */
static bool parse_line(struct slice line, struct mount *ret)
{
	struct slice field[5], type = {0};

	*ret = (struct mount){0};
	for (size_t i = 0; i < COUNT_OF(field); i++)
		if (!slice_split(&line, ' ', &field[i]))
			return false;
	size_t dash = slice_find(line, SLICE(" - "));
	if (dash == SIZE_MAX)
		return false;
	line = slice_from(line, dash + 3);
	if (!slice_split(&line, ' ', &type) || !parse_device(field[2], ret))
		return false;
	ret->root = unescaped(field[3]);
	ret->point = unescaped(field[4]);
	ret->type = unescaped(type);
	if (ret->root && ret->point && ret->type) {
		ret->kind = kind_of(ret->type);
		return true;
	}
	mount_finish(ret);
	return false;
}

static int add(struct mounts *m, const struct mount *one)
{
	if (m->n == MOUNTS_MAX)
		return -E2BIG;
	struct mount *list = reallocarray(m->list, m->n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	m->list = list;
	m->list[m->n++] = *one;
	return 0;
}

int mounts_read(struct mounts *ret, struct err *e)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int r = 0;

	*ret = (struct mounts){0};
	if (!f)
		return errno == ENOENT ? 0
		                       : err_sys(e, -errno, "/proc/self/mountinfo");
	while (r == 0 && (n = getline(&line, &size, f)) > 0) {
		struct mount one;
		if (parse_line(slice_trim(slice_of(line, (size_t)n)), &one)) {
			r = add(ret, &one);
			if (r < 0)
				mount_finish(&one);
		}
	}
	free(line);
	(void)fclose(f);
	if (r < 0) {
		mounts_finish(ret);
		return err_sys(e, r, "reading the mount table");
	}
	return 0;
}

void mounts_finish(struct mounts *m)
{
	for (size_t i = 0; i < m->n; i++)
		mount_finish(&m->list[i]);
	free(m->list);
	*m = (struct mounts){0};
}

const struct mount *mounts_at(const struct mounts *m, struct slice path)
{
	for (size_t i = m->n; i > 0; i--)
		if (slice_eq(slice_str(m->list[i - 1].point), path))
			return &m->list[i - 1];
	return NULL;
}

/* Is path at or below dir? */
static bool below(struct slice path, struct slice dir)
{
	if (slice_eq(dir, SLICE("/")))
		return true;
	return slice_starts(path, dir) &&
	       (path.n == dir.n || path.p[dir.n] == '/');
}

static bool strictly_below(struct slice path, struct slice dir)
{
	return below(path, dir) && path.n != dir.n;
}

static struct slice point_of(const struct mount *m)
{
	return slice_str(m->point);
}

const struct mount *mounts_holding(const struct mounts *m, struct slice path)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < m->n; i++)
		if (below(path, point_of(&m->list[i])) &&
		    (!best || point_of(&m->list[i]).n >= point_of(best).n))
			best = &m->list[i];
	return best;
}

const struct mount *mounts_inside(const struct mounts *m, struct slice path,
                                  size_t *at)
{
	while (*at < m->n) {
		const struct mount *one = &m->list[(*at)++];
		bool next = strictly_below(point_of(one), path) &&
		            mounts_at(m, point_of(one)) == one;
		for (size_t i = 0; i < m->n && next; i++)
			next = !(strictly_below(point_of(&m->list[i]), path) &&
			         strictly_below(point_of(one),
			                        point_of(&m->list[i])));
		if (next)
			return one;
	}
	return NULL;
}

/*
 * Where `other` shows the folder that `mine` shows: its mount point and the
 * rest of the path. NULL when it does not show it, or when out of memory.
 */
static char *shown_at(const struct mount *mine, const struct mount *other)
{
	struct slice rest = slice_str(mine->root);
	const struct slice root = slice_str(other->root), point = point_of(other);
	char *path;

	if (!below(rest, root))
		return NULL;
	if (root.n > 1)
		rest = slice_from(rest, root.n);
	if (asprintf(&path, "%.*s%.*s", point.n > 1 ? (int)point.n : 0,
	             other->point, rest.n > 1 ? (int)rest.n : 0, rest.p) < 0)
		return NULL;
	if (path[0])
		return path;
	free(path);
	return strdup("/");
}

/* May `one` keep the walk from seeing what `other` shows at `path`, or from
 * getting there? */
static bool in_the_way(const struct mount *one, const struct mount *other,
                       struct slice path, struct slice top)
{
	const struct slice point = point_of(one), there = point_of(other);

	if (below(point, path) || slice_eq(point, there))
		return true; /* over it, or over a part of it */
	if (strictly_below(point, there) && below(path, point))
		return true; /* over a folder on the way to it */
	return strictly_below(point, top) && strictly_below(there, point);
}

static bool surely_walked(const struct mounts *m, const struct mount *mine,
                          const struct mount *other, struct slice top)
{
	char *path = shown_at(mine, other);
	bool sure = path && below(slice_str(path), top);

	for (size_t i = 0; i < m->n && sure; i++)
		sure = &m->list[i] == other ||
		       !in_the_way(&m->list[i], other, slice_str(path), top);
	free(path);
	return sure;
}

/* A mount below it would be left out with it. */
static bool holds_mounts(const struct mounts *m, const struct mount *mine)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].kind != MOUNT_PSEUDO &&
		    strictly_below(point_of(&m->list[i]), point_of(mine)))
			return true;
	return false;
}

const struct mount *mounts_twin(const struct mounts *m, const struct mount *mine,
                                struct slice top)
{
	if (holds_mounts(m, mine))
		return NULL;
	for (size_t i = 0; i < m->n; i++) {
		const struct mount *other = &m->list[i];
		if (other == mine || other->major != mine->major ||
		    other->minor != mine->minor || other->kind != MOUNT_LOCAL)
			continue;
		bool alike = strcmp(mine->root, other->root) == 0;
		if ((!alike || other < mine) &&
		    surely_walked(m, mine, other, top))
			return other;
	}
	return NULL;
}

/*
 * Left out: network and user-space ones (another machine's or program's word),
 * FAT, exFAT, NTFS and HFS (no ctime of their own), and images without one
 * (squashfs, erofs, cramfs, iso9660, udf): another image may bear the same
 * numbers and times.
 */
bool mounts_keep_times(const struct mount *m)
{
	static const char *const types[] = {
		"ext2", "ext3", "ext4",  "xfs",      "btrfs",   "f2fs",
		"jfs",  "zfs",  "tmpfs", "bcachefs", "overlay", "nilfs2",
	};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(m->type, types[i]) == 0)
			return true;
	return false;
}
