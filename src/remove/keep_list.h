/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a keep knows of its places: a list of objects, sorted by path, in
 * memory and in a file. Only remove/keep*.c include it.
 *
 * A keep's folder holds
 *
 *     before      the list of keep_save(); its places and exceptions count
 *     0, 1, ...   the bytes of the files of `before`, by their index in it
 *     after       the list of keep_note()
 *     restoring   what an unfinished keep_restore() found when it began
 *     appeared/   what keep_restore() took away, by its index among the paths
 *                 of both lists together, in their order
 *
 * A list file is, all numbers little-endian:
 *
 *     8 bytes  "debarkp1"
 *     u32      places; each: u32 length, bytes
 *     u32      exceptions; likewise
 *     u32      objects; each:
 *              u8 kind, u32 mode, u32 owner, u32 group, u64 device number,
 *              u64 size, u64 seconds and u32 nanoseconds of reading, the same
 *              of change, u32 flags, u32 twin, 32 bytes hash, and path, target,
 *              attributes (copy.h): each u32 length, bytes
 *     32 bytes SHA-256 of all that stands before it
 */
#ifndef REMOVE_KEEP_LIST_H
#define REMOVE_KEEP_LIST_H

#include "remove/copy.h"
#include "remove/keep.h"

enum {
	KEEP_PATH_MAX = 4096,
	KEEP_ITEMS_MAX = 1 << 22,
	KEEP_PLACES_MAX = 1 << 20,
	KEEP_MEMORY_MAX = 1 << 30,
	KEEP_FILE_MAX = 1 << 30, /* bytes of a list file */
	KEEP_NUMBER = 24,        /* text of a number */
};

enum keep_kind {
	KEEP_INSIDE, /* a place, or below one */
	KEEP_ABOVE,  /* a folder on the way to one */
	KEEP_MOUNT,  /* another file system, not entered */
	KEEP_GONE,   /* it went while it was looked at */
	KEEP_KINDS,
};

struct keep_item {
	struct slice path;   /* absolute; a NUL follows it */
	enum keep_kind kind;
	uint32_t twin;       /* of the first name of the same inode: index + 1; 0:
	                      * it has no other name here */
	struct copy_meta m;
};

struct keep_list {
	struct arena mem;
	struct keep_item *items;
	size_t n, size;
	struct slice *places, *except;
	size_t n_places, n_except;
};

void keep_list_init(struct keep_list *l);
void keep_list_finish(struct keep_list *l);
/* Another item at the end, cleared but for a copy of the path. NULL: no memory
 * or too many. */
struct keep_item *keep_list_add(struct keep_list *l, struct slice path);

/* The file appears whole and on the disk, or not at all. 0 or errno. */
int keep_list_write(const struct fs *fs, int dir_fd, const char *name,
                    const struct keep_list *l, struct err *e);
int keep_list_read(const struct fs *fs, int dir_fd, const char *name, struct err *e,
                   struct keep_list *ret);

/* The same for any bytes; what is read is without the checksum, and the
 * caller's to free. */
int keep_file_write(const struct fs *fs, int dir_fd, const char *name, struct slice bytes);
int keep_file_read(const struct fs *fs, int dir_fd, const char *name, uint8_t **ret,
                   size_t *ret_n);

/* ---- keep_walk.c ---------------------------------------------------------- */

/* The path as the root's descriptor takes it: "/" is ".", "/a/b" is "a/b". */
const char *keep_relative(struct slice path);
/* The folder of a path, opened, and its last name (which is in `path`; "" for
 * the root). A descriptor or a negative errno. */
int keep_open_parent(const struct keep_args *args, struct slice path, int flags,
                     const char **ret_name);
/* Is path one of these, or below one? */
bool keep_is_below(struct slice path, const struct slice *list, size_t n);

/* Fills the list with what is at its places: only what stat(2) tells. */
int keep_walk(const struct keep_args *args, struct keep_list *l, struct err *e);
/* Looks at everything in the list; files' bytes go to numbered files in dir_fd
 * when `store`. */
int keep_look(const struct keep_args *args, struct keep_list *l, bool store,
              struct err *e);

#endif
