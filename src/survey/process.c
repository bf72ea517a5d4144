/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running processes, looked at once: what they are called, as whom they
 * run, and which files they execute or have mapped, told by device and inode.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "survey/state.h"

enum { PROC_TEXT_MAX = 64 * 1024, MAPS_MAX = 64 * 1024 * 1024, LINK_MAX_BYTES = 4096 };

/* The table while it grows, in the heap. */
struct growing {
	struct process *list;
	size_t n, size;
	struct mapping *mappings;
	size_t n_mappings, mappings_size;
	bool partial;
};

static void *room(void *list, size_t n, size_t *size, size_t each, size_t max)
{
	if (n < *size)
		return list;
	if (n >= max)
		return NULL;
	size_t more = *size ? *size * 2 : 256;
	void *p = reallocarray(list, more, each);
	if (p)
		*size = more;
	return p;
}

static int add_mapping(struct growing *g, uint64_t device, uint64_t inode)
{
	if (g->n_mappings >= MAPPINGS_MAX) {
		g->partial = true;
		return 0;
	}
	struct mapping *p = room(g->mappings, g->n_mappings, &g->mappings_size,
	                         sizeof(*p), MAPPINGS_MAX);
	if (!p)
		return -ENOMEM;
	g->mappings = p;
	g->mappings[g->n_mappings++] = (struct mapping){
		.device = device, .inode = inode, .process = (uint32_t)g->n,
	};
	return 0;
}

/* -- one process --------------------------------------------------------- */

static int read_text(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n;
	do
		n = read(fd, text, size - 1);
	while (n < 0 && errno == EINTR);
	int rc = n < 0 ? -errno : (int)n;
	(void)close(fd);
	if (rc >= 0)
		text[rc] = 0;
	return rc;
}

/* The numbers of a line of /proc/PID/status; returns how many are in ret. */
static size_t numbers(struct slice line, uint32_t *ret, size_t max)
{
	struct slice field;
	size_t n = 0;
	uint64_t v;

	for (size_t i = 0; i < line.n; i++) /* the fields stand between tabs */
		if (line.p[i] == '\t')
			((uint8_t *)(uintptr_t)line.p)[i] = ' ';
	while (n < max && slice_split(&line, ' ', &field))
		if (field.n && slice_number(field, 10, &v) == 0 && v <= UINT32_MAX)
			ret[n++] = (uint32_t)v;
	return n;
}

/* Effective ids are the second number of their line. */
static int read_ids(struct survey *s, int dir, struct process *p)
{
	char text[PROC_TEXT_MAX];
	enum { EFFECTIVE = 1, IDS = 4, GROUPS_MAX = 4096 };
	uint32_t ids[GROUPS_MAX];
	struct slice rest, line;
	size_t n = 0;
	int length = read_text(dir, "status", text, sizeof(text));

	if (length < 0)
		return length;
	for (rest = slice_of(text, (size_t)length); slice_line(&rest, &line);) {
		uint32_t four[IDS];
		if (slice_starts(line, SLICE("Uid:")) &&
		    numbers(slice_from(line, 4), four, IDS) == IDS)
			p->uid = four[EFFECTIVE];
		else if (slice_starts(line, SLICE("Gid:")) &&
		         numbers(slice_from(line, 4), four, IDS) == IDS)
			ids[n++] = four[EFFECTIVE];
		else if (slice_starts(line, SLICE("Groups:")) && n < GROUPS_MAX)
			n += numbers(slice_from(line, 7), ids + n, GROUPS_MAX - n);
	}
	uint32_t *groups = arena_zalloc(s->mem, n, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	memcpy(groups, ids, n * sizeof(*groups));
	p->groups = groups;
	p->n_groups = n;
	return 0;
}

static int read_program(struct survey *s, struct growing *g, int dir,
                        struct process *p)
{
	char path[LINK_MAX_BYTES];
	struct stat st;
	ssize_t n = readlinkat(dir, "exe", path, sizeof(path));

	if (n < 0) { /* a kernel thread has none */
		g->partial |= errno == EACCES || errno == EPERM;
		return 0;
	}
	struct slice name = slice_basename(slice_of(path, (size_t)n));
	if (slice_ends(name, SLICE(" (deleted)")))
		name.n -= strlen(" (deleted)");
	p->program = arena_copy(s->mem, name);
	if (!p->program.p)
		return -ENOMEM;
	if (fstatat(dir, "exe", &st, 0) < 0)
		return 0;
	p->sound = st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
	return add_mapping(g, st.st_dev, st.st_ino);
}

/*
 * "start-end perms offset major:minor inode path". The numbers are those of the
 * file below, where one file system lies on another; the link in map_files
 * leads to what stat(2) says of the file.
 */
static int read_mapping(struct growing *g, int dir, struct slice line, uint64_t *last)
{
	struct slice range, field, rest = line;
	uint64_t major, minor, inode;
	char path[80];
	struct stat st;

	if (!slice_split(&rest, ' ', &range))
		return 0;
	for (int i = 0; i < 2; i++) /* perms, offset */
		if (!slice_split(&rest, ' ', &field))
			return 0;
	if (!slice_split(&rest, ' ', &field))
		return 0;
	size_t colon = slice_find_byte(field, ':');
	if (slice_number(slice_first(field, colon), 16, &major) < 0 ||
	    slice_number(slice_from(field, colon + 1), 16, &minor) < 0 ||
	    !slice_split(&rest, ' ', &field) ||
	    slice_number(field, 10, &inode) < 0 || inode == 0 || inode == *last)
		return 0;
	*last = inode;
	(void)snprintf(path, sizeof(path), "map_files/%.*s", SLICE_ARG(slice_first(range, 60)));
	if (fstatat(dir, path, &st, 0) == 0)
		return add_mapping(g, st.st_dev, st.st_ino);
	return add_mapping(g, makedev((unsigned)major, (unsigned)minor), inode);
}

static int read_maps(struct survey *s, struct growing *g, int dir)
{
	struct str text = {0};
	char buffer[PROC_TEXT_MAX];
	struct slice rest, line;
	uint64_t last = 0;
	int fd = openat(dir, "maps", O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = 0;

	(void)s;
	if (fd < 0) {
		g->partial |= errno == EACCES || errno == EPERM;
		return 0;
	}
	while (text.n < MAPS_MAX && (n = read(fd, buffer, sizeof(buffer))) > 0)
		str_add(&text, slice_of(buffer, (size_t)n));
	g->partial |= n != 0 && errno != ESRCH;
	(void)close(fd);
	if (str_failed(&text))
		rc = -ENOMEM;
	for (rest = str_slice(&text); rc == 0 && slice_line(&rest, &line);)
		rc = read_mapping(g, dir, line, &last);
	str_finish(&text);
	return rc;
}

/* A process may end at any moment; then what was read of it does no harm. */
static int read_process(struct survey *s, struct growing *g, int dir, uint32_t pid)
{
	char comm[64];
	struct process p = {.pid = pid};
	int n = read_text(dir, "comm", comm, sizeof(comm));

	if (n < 0)
		return 0;
	p.comm = slice_of(comm, (size_t)n);
	if (slice_ends(p.comm, SLICE("\n")))
		p.comm.n--;
	p.comm = arena_copy(s->mem, p.comm);
	struct process *list = room(g->list, g->n, &g->size, sizeof(*list),
	                            PROCESSES_MAX);
	if (!p.comm.p || (!list && g->n < PROCESSES_MAX))
		return -ENOMEM;
	if (!list) {
		g->partial = true;
		return 0;
	}
	g->list = list;
	int rc = read_ids(s, dir, &p);
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	rc = read_program(s, g, dir, &p);
	if (rc == 0)
		rc = read_maps(s, g, dir);
	g->list[g->n++] = p;
	return rc;
}

/* -- all ----------------------------------------------------------------- */

static int by_file(const void *va, const void *vb)
{
	const struct mapping *a = va, *b = vb;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return (a->process > b->process) - (a->process < b->process);
}

/* Moves the tables to the arena, each mapping once. */
static int settle(struct survey *s, struct growing *g)
{
	struct processes *p = &s->processes;
	size_t n = 0;

	if (g->n_mappings)
		qsort(g->mappings, g->n_mappings, sizeof(*g->mappings), by_file);
	for (size_t i = 0; i < g->n_mappings; i++)
		if (n == 0 || by_file(&g->mappings[n - 1], &g->mappings[i]) != 0)
			g->mappings[n++] = g->mappings[i];
	p->list = arena_zalloc(s->mem, g->n, sizeof(*p->list));
	p->mappings = arena_zalloc(s->mem, n, sizeof(*p->mappings));
	if (!p->list || !p->mappings)
		return -ENOMEM;
	if (g->n)
		memcpy(p->list, g->list, g->n * sizeof(*p->list));
	if (n)
		memcpy(p->mappings, g->mappings, n * sizeof(*p->mappings));
	p->n = g->n;
	p->n_mappings = n;
	p->partial = g->partial;
	return 0;
}

static int read_entry(struct survey *s, struct growing *g, int proc, const char *name)
{
	uint64_t pid;

	if (slice_number(slice_str(name), 10, &pid) < 0 || pid > INT32_MAX ||
	    pid == (uint64_t)getpid())
		return 0;
	int dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return 0;
	int rc = read_process(s, g, dir, (uint32_t)pid);
	(void)close(dir);
	return rc;
}

int processes_read(struct survey *s)
{
	struct growing g = {0};
	const struct dirent *entry;
	int rc = 0;

	if (!s->args->live)
		return 0;
	DIR *proc = opendir("/proc");
	if (!proc) {
		s->processes.partial = true;
		return 0;
	}
	while (rc == 0 && (entry = readdir(proc)))
		rc = survey_stopped(s) ? -EINTR
		                       : read_entry(s, &g, dirfd(proc), entry->d_name);
	(void)closedir(proc);
	if (rc == 0)
		rc = settle(s, &g);
	free(g.list);
	free(g.mappings);
	return rc;
}

const struct mapping *processes_of(const struct survey *s, uint64_t device,
                                   uint64_t inode, size_t *ret_n)
{
	const struct processes *p = &s->processes;
	const struct mapping key = {.device = device, .inode = inode};
	size_t low = 0, high = p->n_mappings, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (by_file(&p->mappings[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < p->n_mappings && p->mappings[end].device == device &&
	     p->mappings[end].inode == inode;)
		end++;
	*ret_n = end - low;
	return p->mappings ? p->mappings + low : NULL;
}

struct slice process_words(struct survey *s, const struct process *p)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "pid %u (%.*s)", p->pid,
	               SLICE_ARG(slice_first(p->comm, 64)));
	return arena_copy(s->mem, slice_str(text));
}
