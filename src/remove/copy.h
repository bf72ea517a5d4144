/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that makes an object: read it, compare it, give it to another.
 * copy_object() and the keep are made of these. Only remove/ includes it.
 */
#ifndef REMOVE_COPY_H
#define REMOVE_COPY_H

#include <limits.h>

#include "base/arena.h"
#include "base/err.h"
#include "remove/fs.h"

enum {
	COPY_HASH_BYTES = 32,
	COPY_TARGET_MAX = 4096,       /* of a link */
	COPY_XATTR_LIST_MAX = 65536,  /* the kernel's own limits */
	COPY_XATTR_VALUE_MAX = 65536,
	COPY_XATTRS_MAX = 4 << 20,    /* of one object, together */
	COPY_NO_FILE = -1,
};

/* One object but its name. Where a type has no such thing it is zero. */
struct copy_meta {
	mode_t mode;           /* with the type */
	uid_t uid;
	gid_t gid;
	uint64_t device_number; /* of a device node */
	uint64_t size;         /* of a file */
	struct timespec atime, mtime;
	uint32_t flags;        /* FS_IOC_GETFLAGS, those that can be set */
	/* SHA-256 over the units of 4096 bytes of a file that hold anything but
	 * zeros, each behind its offset (8 bytes, little-endian), and in the end
	 * the size: a hole and written zeros are the same, and holes cost nothing. */
	uint8_t hash[COPY_HASH_BYTES];
	struct slice target;   /* of a link */
	struct slice xattrs;   /* sorted: key length with its NUL (4 bytes), value
	                        * length (4), key, value */
	uint64_t device, inode; /* not compared, not copied */
	uint64_t links;
};

/*
 * Looks at an object. A file's bytes also go to `out` (holes stay holes), which
 * is emptied first, unless it is COPY_NO_FILE. 0; -EAGAIN: it changes while it
 * is read; or another negative errno. Slices are in mem.
 */
int copy_look(const struct fs *fs, int dir, const char *name, int out,
              struct arena *mem, struct copy_meta *ret);

/* Only the attributes, in the form of struct copy_meta. */
int copy_look_xattrs(const struct fs *fs, int dir, const char *name, struct arena *mem,
                     struct slice *ret);

/* The first `size` bytes of `in` to out (or nowhere), and their hash. 0 or errno; -EAGAIN:
 * there were fewer. */
int copy_bytes(const struct fs *fs, int in, int out, uint64_t size,
               uint8_t hash[static COPY_HASH_BYTES]);

/* Bytes of a file that are not holes. 0 or a negative errno. */
int copy_data_size(const struct fs *fs, int fd, uint64_t size, uint64_t *ret);

/* The same but when it was read, and but for a folder's time of change. */
bool copy_same(const struct copy_meta *a, const struct copy_meta *b);
bool copy_same_time(struct timespec a, struct timespec b);

/*
 * Gives an object owner, mode, attributes, times and flags; fd is one of a file
 * or folder for reading or writing, else COPY_NO_FILE. Flags that forbid a
 * rename (immutable, append-only) are not set: copy_hold() does it.
 */
int copy_give(const struct fs *fs, int dir, const char *name, int fd,
              const struct copy_meta *m);
int copy_hold(const struct fs *fs, int fd, const struct copy_meta *m);

/*
 * Makes an object of this kind under a name that ends up as new_name when it is
 * whole and on the disk, replacing what is there. A file's bytes come from
 * `in`, and are compared with the hash.
 */
int copy_make(const struct fs *fs, int in, int to, const char *new_name,
              const struct copy_meta *m);
/* The same, as another name of an object. */
int copy_link(const struct fs *fs, int from, const char *name, int to,
              const char *new_name);
/* Takes away what an interrupted copy_make() or copy_link() left. */
int copy_clean(const struct fs *fs, int to, const char *new_name);

#endif
