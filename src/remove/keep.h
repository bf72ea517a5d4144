/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keep is an exact copy of some places, made before a program that is not
 * ours (a package manager, groupdel) changes them, and a note of what they
 * were afterwards. It puts back what that program changed: whole files with
 * bytes, holes, mode, owner, times, extended attributes (ACLs, capabilities,
 * labels), flags and hard links; it removes what came to be; it touches
 * nothing that the program did not touch.
 *
 *     keep_save()   before: copies into a folder of the run, synced, and ends
 *                   with a list that appears whole or not at all
 *     keep_note()   after: what each place is now
 *     keep_check()  before putting back: what changed since, if anything
 *     keep_restore()  puts back; may be repeated after a crash
 *
 * A place is a file or a folder with all it holds, beneath the root. Places of
 * other file systems mounted inside are not entered, and said.
 */
#ifndef REMOVE_KEEP_H
#define REMOVE_KEEP_H

#include <stdatomic.h>

#include "base/err.h"
#include "remove/fs.h"

struct keep_args {
	const struct fs *fs;
	int root_fd;             /* of the source */
	int dir_fd;              /* of the keep's own folder, root-only, empty or
	                          * holding what a save that did not end left */
	const struct slice *places; /* absolute paths in the source; those that
	                             * do not exist are noted as missing */
	size_t n_places;
	const struct slice *except; /* not these, nor what is below them */
	size_t n_except;
	const atomic_bool *stop;
};

/* Bytes that a save would write at most. 0 or a negative errno. */
int keep_size(const struct keep_args *args, struct err *e, uint64_t *ret_bytes,
              uint64_t *ret_files);

/* 0; -ENOSPC and others: nothing of the source was touched. Everything is on
 * the disk (fsync) when it returns 0. -EALREADY: it had been saved whole. */
int keep_save(const struct keep_args *args, struct err *e);

/* Was it saved whole (and noted)? 1, 0 or a negative errno. */
int keep_saved(const struct fs *fs, int dir_fd);
int keep_noted(const struct fs *fs, int dir_fd);

int keep_note(const struct keep_args *args, struct err *e);
/* Takes the note away, if there is one: the program is about to run again, and
 * it would no longer be true. 0 or a negative errno. */
int keep_unnote(const struct fs *fs, int dir_fd);

/* What the program changed, appeared and vanished, counted; and what was
 * changed by others since keep_note(), of which the first are named. */
struct keep_state {
	uint64_t changed, appeared, vanished; /* by the program */
	uint64_t conflicts;                   /* changed again since */
	char first[512];                      /* path of one of those */
};

int keep_check(const struct keep_args *args, struct err *e, struct keep_state *ret);

/*
 * Puts back what the program changed. Files are written beside their place and
 * renamed over it, so that no place is ever half of one and half of the other;
 * what appeared is moved to the keep's folder "appeared". What others changed
 * since is left alone and counted in ret->conflicts. Returns 0 or a negative
 * errno; calling it again goes on. `only_below`: places to restrict it to; n 0:
 * all.
 */
int keep_restore(const struct keep_args *args, const struct slice *only_below,
                 size_t n_only, struct err *e, struct keep_state *ret);

/*
 * Copies one object (not a folder's contents) with everything that belongs to
 * it, and syncs it: for quarantine across file systems. `twin`, when not NULL,
 * is a name in `to` of a copy of the same inode: a hard link is made instead.
 * The new object has a temporary name until it is whole. 0 or negative errno.
 */
int copy_object(const struct fs *fs, int from, const char *name, int to,
                const char *new_name, const char *twin, struct err *e);

#endif
