/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount table of this process (/proc/self/mountinfo, proc(5)), read once.
 * The walk asks it before it goes into a folder, so that a mount whose server
 * hangs is never touched.
 */
#ifndef SOURCE_MOUNTS_H
#define SOURCE_MOUNTS_H

#include "base/err.h"
#include "base/slice.h"

enum mount_kind {
	MOUNT_LOCAL,   /* a disk, memory or overlay file system */
	MOUNT_PSEUDO,  /* made by the kernel: holds no files at rest */
	MOUNT_NETWORK, /* a server or a user process answers for it */
};

struct mount {
	char *point; /* where it is mounted */
	char *root;  /* which folder of the file system that is */
	char *type;  /* "ext4" */
	unsigned major, minor;
	enum mount_kind kind;
};

struct mounts {
	struct mount *list; /* in the order of the kernel's table */
	size_t n;
};

/* A system without /proc gives an empty table and 0. */
int mounts_read(struct mounts *ret, struct err *e);
void mounts_finish(struct mounts *m);

/*
 * Does this file system move a file's ctime whenever its contents change, and
 * keep it and the inode's number from mount to mount? Known ones only.
 */
bool mounts_keep_times(const struct mount *m);

/* What is mounted exactly at this path (the last one wins), or NULL. */
const struct mount *mounts_at(const struct mounts *m, struct slice path);

/* The mount that a path lies in, or NULL when the table does not tell. */
const struct mount *mounts_holding(const struct mounts *m, struct slice path);

/*
 * What is mounted somewhere below a path, without those that lie below another
 * such mount. Start with *at = 0; NULL ends it.
 */
const struct mount *mounts_inside(const struct mounts *m, struct slice path,
                                  size_t *at);

/*
 * Another mount that shows the same folder of the same file system at a place
 * inside `top` that the walk is sure to see whole, so that walking both would
 * only count files twice; NULL when there is none. Of two that are alike the
 * first in the table is the one to walk. When in doubt (anything is mounted
 * on the way there, over it or below `mine`) the answer is NULL: walking twice
 * costs time, leaving out what is seen nowhere else would call it clean.
 */
const struct mount *mounts_twin(const struct mounts *m, const struct mount *mine,
                                struct slice top);

#endif
