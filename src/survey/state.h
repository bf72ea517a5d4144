/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One survey while it runs. Each kind of need has a file that answers all
 * needs of its kind in one go, since most answers come from one look at
 * everything (a package database, the process table, a walk). Private to
 * survey/.
 */
#ifndef SURVEY_STATE_H
#define SURVEY_STATE_H

#include <sys/types.h>

#include "base/str.h"
#include "survey/survey.h"
#include "system/command.h"
#include "system/object.h"

enum {
	SURVEY_BYTES_MAX = 1536 * 1024 * 1024, /* all answers together */
	TOOL_OUTPUT_MAX = 256 * 1024 * 1024,   /* of a package manager's query */
	TEXT_FILE_MAX = 16 * 1024 * 1024,      /* passwd, group, mountinfo, ... */
	PACKAGES_MAX = 200000,                 /* in one database */
	PROCESSES_MAX = 100000,
	MAPPINGS_MAX = 4000000,                /* of all processes together */
	MOUNTS_MAX = 100000,
	ACCOUNTS_MAX = 1000000,                /* lines of passwd or group */
	ACCOUNT_PATHS_MAX = 1000,              /* listed of what an id owns */
	PLACE_DEPTH_MAX = 400,                 /* folders in folders; one
	                                        * descriptor each */
	RUNNING_MAX = 64,                      /* processes listed of a place */
	NEEDED_BY_MAX = 1000,                  /* packages listed as needing one */
};

/* A file that a process executes or has mapped. */
struct mapping {
	uint64_t device, inode;
	uint32_t process; /* place in processes.list */
};

struct process {
	uint32_t pid, uid;
	const uint32_t *groups; /* effective and supplementary */
	size_t n_groups;
	struct slice comm;      /* as the kernel has it, at most 15 bytes */
	struct slice program;   /* name of the program file, or "" */
	bool sound;             /* the program file belongs to root, and nobody
	                         * else may write it */
};

struct processes {
	struct process *list;
	size_t n;
	struct mapping *mappings; /* by device, inode, process */
	size_t n_mappings;
	bool partial;             /* some did not let themselves be looked at */
};

enum mount_class { MOUNT_CLASS_LOCAL, MOUNT_CLASS_KERNEL, MOUNT_CLASS_REMOTE };

/* A mount at or below the root, by its path in the source. */
struct mount_point {
	struct slice path;
	enum mount_class class;
};

struct survey {
	const struct survey_args *args;
	struct facts *facts;
	struct arena *mem;       /* of facts */
	const char *root;        /* absolute, links resolved, for the tools */
	int root_fd;
	bool merged;             /* /bin and its like are links into /usr */
	struct processes processes; /* empty unless live */
	struct mount_point *mounts; /* by path */
	size_t n_mounts;
	uint64_t n_objects;      /* of all places */
	uint64_t done;
};

/* Opens args->root: fills root, root_fd, merged, and what facts say of the root. 0, or
 * a negative errno with the sentence in e; the caller closes root_fd. */
int survey_open_root(struct survey *s, struct err *e);

/* Answers to all needs of one kind. 0, -ENOMEM or -EINTR (stopped). */
int survey_packages(struct survey *s);
int survey_places(struct survey *s);
int survey_code(struct survey *s);
int survey_accounts(struct survey *s);
int survey_units(struct survey *s);
int survey_modules(struct survey *s);
int survey_roles(struct survey *s);
int survey_keys(struct survey *s);

/* Fills s->processes, s->mounts. */
int processes_read(struct survey *s);
int mounts_list(struct survey *s);

/* Is something mounted at the path, or (inside) below it? */
const struct mount_point *mounts_find(const struct survey *s, struct slice path);
const struct mount_point *mounts_below(const struct survey *s, struct slice path);

/* The mappings of a file; *ret_n may be 0. */
const struct mapping *processes_of(const struct survey *s, uint64_t device,
                                   uint64_t inode, size_t *ret_n);

/* "pid 12 (name)"; .p is NULL when out of memory. */
struct slice process_words(struct survey *s, const struct process *p);

/* Has the caller asked to stop? */
static inline bool survey_stopped(const struct survey *s)
{
	return s->args->stop && atomic_load(s->args->stop);
}

/* Says what is looked at, and counts. */
void survey_tell(struct survey *s, struct slice at);

/* Says why a fact could not be had; the first reason stays. 0 or -ENOMEM. */
int survey_why(struct survey *s, struct fact *f, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* One path of a place that is a list; whole: with all that lies in it. */
struct listed {
	struct slice path;
	bool whole;
};

/* Looks at each as a place is looked at, and in this order; what is not there is
 * left out. 0, -ENOMEM or -EINTR; else fact->why. */
int place_listed(struct survey *s, const struct listed *list, size_t n, struct fact *fact);

/* Opens a regular file beneath the root for reading; no link is followed. A
 * descriptor or a negative errno. */
int survey_open(struct survey *s, struct slice path);

/*
 * All of a small file beneath the root, into mem. No link is followed, nothing
 * but a regular file is read. Returns 0; -ENOENT; -EFBIG above max; or another
 * negative errno.
 */
int survey_read(struct survey *s, const char *path, size_t max, struct slice *ret);

/* The same for a file of the running kernel's (/proc), whose size is not told. */
int survey_read_proc(struct survey *s, const char *path, size_t max, struct slice *ret);

/* Opens a path beneath the root with O_PATH; links are followed, but inside the
 * root only. A descriptor or a negative errno. */
int survey_pin(const struct survey *s, struct slice path);

/* Does the path lead to something, links not followed? */
bool survey_exists(const struct survey *s, const char *path);

/* Starts with folder and a slash, or is it. */
bool path_at_or_below(struct slice path, struct slice folder);

/*
 * A path as package databases and file systems may both write it: on a root
 * whose /bin, /sbin and /lib* are links into /usr, "/usr" in front of these is
 * left out.
 */
struct slice path_key(const struct survey *s, struct slice path);

/* A list of slices that grows in the heap; zeroed to begin with. */
struct texts {
	struct slice *list;
	size_t n, size;
};

/* 0, or -ENOMEM. */
int texts_add(struct texts *w, struct slice s);
/* Sorts it by bytes and leaves out what stands twice. */
void texts_settle(struct texts *w);
/* Copies the list (not the texts) to mem and frees it. 0 or -ENOMEM. */
int texts_give(struct texts *w, struct arena *mem, struct slice **ret, size_t *ret_n);
void texts_finish(struct texts *w);

/* The names in an open folder, sorted, in mem; *names is to be finished in any
 * case. 0 or a negative errno. */
int survey_names(struct survey *s, int fd, struct texts *names);

#endif
