/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is, exactly: seen when a plan is made and seen again when it is
 * carried out. Nothing is parsed and no link is followed.
 */
#ifndef SYSTEM_OBJECT_H
#define SYSTEM_OBJECT_H

#include <sys/stat.h>

#include "base/err.h"
#include "plan/plan.h"

/*
 * Looks at `name` in a folder: the last component is not followed, a FIFO or
 * device is never opened. A file's bytes and a link's target are hashed. All
 * of *ret but the path is filled. Returns 0; -ENOENT when there is none,
 * -EAGAIN when it changed while it was read, or another negative errno.
 */
int object_look(int dir_fd, const char *name, struct object *ret);

/* What stat(2) tells of a file, without flags and hash; the path stays. */
void object_of_stat(const struct stat *st, struct object *ret);

/*
 * Is it still what the plan saw? NULL when it is; otherwise what differs, as a
 * constant: "its contents", "its owner". Only files are compared by time; the
 * path, flags and the count of names (which others may add) are not compared. `device` is
 * the number that now stands for the planned one.
 */
const char *object_differs(const struct object *planned, const struct object *now,
                           uint64_t device);

/*
 * Opens the folder `path` (absolute in the source; "/" is the root itself)
 * beneath root_fd: no link, no magic link is followed on the way (openat2(2),
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS). flags are
 * added to O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC. Returns a descriptor or a
 * negative errno.
 */
int object_open_folder(int root_fd, struct slice path, int flags);

#endif
