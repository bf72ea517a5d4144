/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the last sweep of a source learnt, so that what has not changed since
 * need not be opened again.
 *
 * An item is known by its print: a keyed hash of its path, device, inode, mode,
 * size and times of change (mtime, ctime; in nanoseconds). To each print belong
 * how the item was looked at and, when the workers said anything of it, their
 * messages (jail.h) behind the item's path. A print that is found is an item
 * that has not changed: no program can set a ctime. What could deceive us is
 * kept out or said:
 *
 *   - a change within the tick of the clock in which the file was looked at, or
 *     by a page that was already dirty in memory (mmap), moves no ctime: items
 *     that changed within MEMORY_SETTLE_S before they were looked at, or in the
 *     future, get no print and are opened again next time;
 *   - file systems that keep no true change time get no prints (see walk.c);
 *   - who writes to the disk below the file system, or turns the clock back to
 *     the nanosecond of the last change, is not noticed: sweep with --full;
 *   - two prints are equal by chance once in 2^64 pairs.
 *
 * The file is a cache: it may be deleted, and one that is damaged, of another
 * version or of another user is as good as none. It holds what a stranger's
 * bytes made workers say; its reader checks bounds and a checksum, and messages
 * are checked again wherever they go.
 */
#ifndef MEMORY_MEMORY_H
#define MEMORY_MEMORY_H

#include <sys/stat.h>

#include "base/err.h"
#include "base/siphash.h"

enum {
	MEMORY_SETTLE_S = 60,
	MEMORY_ITEMS_MAX = 100 * 1000 * 1000,
	MEMORY_BYTES_MAX = 1024 * 1024 * 1024, /* of messages, of one source */
	MEMORY_DIGEST = 32,
};

/*
 * The key of all memories in a folder: read from the file "key" in it, which is
 * made with a new one when there is none. Returns 0 or a negative errno.
 */
int memory_dir_key(const char *dir, struct siphash_key *ret);

/* What messages depend on besides the item: they are taken for true only when
 * that is the same. */
struct memory_about {
	uint8_t packs[MEMORY_DIGEST];   /* hits and mentions */
	uint8_t markers[MEMORY_DIGEST]; /* searches for byte markers */
};

enum memory_flag {
	MEMORY_PROGRAM = 1,  /* byte markers could stand in it */
	MEMORY_SEARCHED = 2, /* and were looked for, these ones */
	MEMORY_UNREAD = 4,   /* not all of it could be examined */
	MEMORY_ITEM = 8,     /* a record speaks for the item itself */
	MEMORY_MUTE = 16,    /* its text was not read for what these packs mention */
};

struct memory_item {
	unsigned flags;
	struct slice path;     /* "" when nothing was said of it */
	struct slice messages; /* may be empty */
	uint64_t at;           /* where the messages begin in the file */
	uint64_t extractors;   /* bits of the present extractors[] that read it */
	uint64_t place;        /* in the memory that it was found in */
};

struct memory;

/* Reads the memory at `path`. Returns NULL when there is none that can be used;
 * *ret_why then says why in words, or is NULL when there is no file. */
struct memory *memory_open(const char *path, const struct memory_about *about,
                           const struct siphash_key *key, const char **ret_why);
void memory_free(struct memory *m);

/* Were the messages made with the same packs? */
bool memory_same_packs(const struct memory *m);
/* The descriptor in which messages stand; stays the memory's. */
int memory_fd(const struct memory *m);
uint64_t memory_items(const struct memory *m);

/* The print of an item under a key, at `now` (seconds since 1970); st of other
 * than regular files needs only st_mode. 0: it changed too lately. */
uint64_t memory_print(const struct siphash_key *key, struct slice path,
                      const struct stat *st, int64_t now);

/*
 * Is that print known, and would no extractor that is new or has changed look
 * at the item? Messages live as long as the memory. For any number of threads.
 */
bool memory_find(const struct memory *m, uint64_t print, struct slice path,
                 struct memory_item *ret);

/* ---- writing ---- */

struct memory_writer;

/* `old` may be NULL, and must outlive the writer otherwise. */
[[nodiscard]] struct memory_writer *memory_writer_new(
	const struct memory_about *about, const struct siphash_key *key,
	const struct memory *old);

/*
 * Remembers an item: its flags, path, messages and extractors, which are copied.
 * Of two with one print the later one holds; one with print 0 is known to
 * memory_each() and is not written. For any number of threads. Returns 0,
 * -ENOMEM or -E2BIG.
 */
int memory_add(struct memory_writer *w, uint64_t print,
               const struct memory_item *item);

/* Remembers an item as the old memory has it. Costs next to nothing. For any
 * number of threads. */
void memory_keep(struct memory_writer *w, const struct memory_item *item);

/* Calls fn for each item that something was said of, the later one of two with
 * one print only. Call it when all are added.
 * A result other than 0 of fn ends it and is returned. Another thread may
 * be in memory_write() meanwhile. */
int memory_each(struct memory_writer *w,
                int (*fn)(void *ctx, const struct memory_item *item), void *ctx);

/* Replaces the file at `path` by what was added and kept, or leaves it as it
 * is; so it does when it holds just that. */
int memory_write(struct memory_writer *w, const char *path, struct err *e);
void memory_writer_free(struct memory_writer *w);

#endif
