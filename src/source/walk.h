/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a folder once, in parallel, by directory descriptors, opens every
 * regular file and hands it to the jail in batches. Everything else (folders,
 * symbolic links, sockets, FIFOs, devices) goes as a path alone and is never
 * opened. Symbolic links are not followed.
 *
 * Mounts below the folder: local file systems are walked; what the kernel
 * makes up (proc, sysfs, ...) is left out and said; network and user-space
 * file systems are not touched unless asked for, and count as not examined.
 *
 * As many threads walk as there are jobs; while the disk has to be read (it is
 * cold), more are let in, up to WALK_THREADS_MAX, and the first block of each
 * file is asked for ahead of the worker.
 */
#ifndef SOURCE_WALK_H
#define SOURCE_WALK_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "base/err.h"
#include "jail/jail.h"

enum { WALK_THREADS_MAX = 32, WALK_DEPTH_MAX = 2000 };

/* What a removal took lies in folders of these names (remove/remove.h), open to
 * their owner alone: the first at the top of a file system, the other in debar's
 * own state folder. They are left out and said. */
#define QUARANTINE_FOLDER ".debar-quarantine"
#define REMOVALS_FOLDER "removals"

/* What is to become of an item that was asked about. */
enum walk_recall {
	WALK_OPEN,   /* not known: open it */
	WALK_KNOWN,  /* known: go on */
	WALK_SUBMIT, /* known, but a worker must look at what is known of it */
};

/* Called from several threads at once. Paths are those inside the source. */
struct walk_events {
	void *ctx;
	/* Counts as an item that was not examined. */
	void (*unread)(void *ctx, uint32_t source, struct slice path,
	               enum why why);
	/* Left out by design; words are constant. */
	void (*skipped)(void *ctx, uint32_t source, struct slice path,
	                const char *words);
	/* A folder is being read: for progress. */
	void (*at)(void *ctx, struct slice path);
	/*
	 * The caller's number for an item (batch_item.tag), 0 for none; asked
	 * only where the file system keeps true times of change. st of other
	 * than regular files has only st_mode. May be NULL.
	 */
	uint64_t (*tag)(void *ctx, uint32_t source, struct slice path,
	                const struct stat *st);
	/*
	 * May an item with a tag be left unopened? Asked before it is opened,
	 * and only when the tag is not 0; may be NULL, and then nothing is
	 * stat()ed before it is opened. For WALK_SUBMIT the callee has made the
	 * item one that needs no opening.
	 */
	enum walk_recall (*recall)(void *ctx, struct slice path,
	                           struct batch_item *item);
	/* What a folder holds: names, each with a NUL behind it, those of folders
	 * with a slash before that. Called once a folder; may be NULL. */
	void (*names)(void *ctx, uint32_t source, struct slice folder,
	              struct slice names);
};

struct walk_args {
	struct jail *jail;
	const char *path;       /* the folder */
	uint32_t source;
	uint8_t item_flags;     /* enum item_flag, for every item */
	unsigned jobs;
	bool one_file_system, all_file_systems;
	const atomic_bool *stop; /* set to end early */
	struct walk_events events;
};

/* Returns 0 when the walk came to its end (or was stopped); a negative errno
 * with the sentence in e when it could not start. */
int walk(const struct walk_args *args, struct err *e);

/*
 * Opens one regular file for the jail: never blocks on FIFOs or devices, does
 * not touch the access time where it may avoid it, follows no symbolic link in
 * the last component. Fills item->fd, size, mode. Returns 0, -errno, or
 * -ENXIO when it is not a regular file.
 */
int walk_open_file(int dir_fd, const char *name, struct batch_item *item);

/* The reason for a failed open. */
enum why walk_why(int error);

#endif
