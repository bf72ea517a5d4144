/* SPDX-License-Identifier: Apache-2.0 */
#include "source/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOUNTS_MAX = 100000 };

/* Made by the kernel; autofs would mount something when it is entered. */
static const char *const pseudo[] = {
	"autofs", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2",
	"configfs", "cpuset", "debugfs", "devpts", "efivarfs", "fusectl",
	"hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "resctrl",
	"rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs",
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

static bool walked(const struct mount *m, struct slice top)
{
	struct slice point = slice_str(m->point);
	return m->kind == MOUNT_LOCAL && (below(point, top) || below(top, point));
}

const struct mount *mounts_twin(const struct mounts *m, const struct mount *mine,
                                struct slice top)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct mount *other = &m->list[i];
		if (other == mine || other->major != mine->major ||
		    other->minor != mine->minor || !walked(other, top) ||
		    !below(slice_str(mine->root), slice_str(other->root)))
			continue;
		bool alike = strcmp(mine->root, other->root) == 0;
		if (!alike || other < mine)
			return other;
	}
	return NULL;
}
