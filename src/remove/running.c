/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processes execute or have mapped, from /proc/<pid>/exe and
 * /proc/<pid>/maps (proc(5)).
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "remove/engine.h"

enum {
	PROC_PATH = 300,
	FIRST_FILES = 256,
	FILES_MAX = 1 << 20,
	ARENA_MAX = 256 << 20,
};

static int add(struct running *r, uint64_t device, uint64_t inode, const char *path)
{
	struct slice name = slice_str(path);

	if (r->n > 0 && r->list[r->n - 1].inode == inode &&
	    r->list[r->n - 1].device == device)
		return 0; /* several mappings of one file stand together */
	if (r->n == r->size) {
		size_t size = r->size ? 2 * r->size : FIRST_FILES;
		struct running_file *list = size > FILES_MAX ? NULL :
			reallocarray(r->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		r->list = list;
		r->size = size;
	}
	struct slice copy = arena_copy(&r->mem, name);
	if (!copy.p)
		return -ENOMEM;
	r->list[r->n++] = (struct running_file){device, inode, copy};
	return 0;
}

/* "7f0-7f1 r-xp 00000000 fe:00 1234    /usr/lib/x.so": a line of maps. */
static int add_line(struct running *r, char *line)
{
	unsigned major, minor;
	uint64_t inode;
	int at = 0;

	if (sscanf(line, "%*s %*s %*s %x:%x %" SCNu64 " %n", &major, &minor, &inode,
	           &at) != 3 || inode == 0 || line[at] != '/')
		return 0;
	line[strcspn(line, "\n")] = '\0';
	return add(r, makedev(major, minor), inode, line + at);
}

/* A process that ends meanwhile executes nothing. */
static int add_maps(struct running *r, const char *pid)
{
	char path[PROC_PATH], *line = NULL;
	size_t size = 0;
	int err = 0;

	(void)snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	FILE *in = fopen(path, "re");
	if (!in)
		return errno == ENOMEM || errno == EMFILE || errno == ENFILE ? -errno : 0;
	while (err == 0 && getline(&line, &size, in) >= 0)
		err = add_line(r, line);
	free(line);
	(void)fclose(in);
	return err;
}

static int add_exe(struct running *r, const char *pid)
{
	char path[PROC_PATH];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	return stat(path, &st) < 0 ? 0 : add(r, st.st_dev, st.st_ino, "");
}

static int by_inode(const void *pa, const void *pb)
{
	const struct running_file *a = pa, *b = pb;

	return (a->inode > b->inode) - (a->inode < b->inode);
}

int running_read(struct running *r, struct err *e)
{
	struct dirent *entry;
	int err = 0;

	running_finish(r);
	arena_init(&r->mem, ARENA_MAX);
	DIR *proc = opendir("/proc");
	if (!proc)
		return err_sys(e, -errno, "what runs cannot be told: /proc");
	while (err == 0 && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		err = add_exe(r, entry->d_name);
		if (err == 0)
			err = add_maps(r, entry->d_name);
	}
	closedir(proc);
	if (err < 0)
		return err_sys(e, err, "what runs cannot be told");
	if (r->n)
		qsort(r->list, r->n, sizeof(*r->list), by_inode);
	r->read = true;
	return 0;
}

/* The device in maps is not always that of stat (btrfs, overlay): there the
 * path speaks. */
bool running_has(const struct running *r, const struct object *o)
{
	size_t from = 0, n = r->n;

	while (n > 0) { /* the first that is not below */
		size_t half = n / 2;
		bool below = r->list[from + half].inode < o->inode;
		from = below ? from + half + 1 : from;
		n = below ? n - half - 1 : half;
	}
	for (; from < r->n && r->list[from].inode == o->inode; from++) {
		const struct running_file *f = &r->list[from];
		if (f->device == o->device || slice_eq(f->path, o->path))
			return true;
	}
	return false;
}

void running_finish(struct running *r)
{
	free(r->list);
	arena_finish(&r->mem);
	*r = (struct running){0};
}
