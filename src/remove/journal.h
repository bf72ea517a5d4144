/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a run: what was about to be done, on the disk before it was
 * done. One file, "journal", mode 0600, in the run's folder.
 *
 * Its space is there before the first act: it is allocated and written over
 * with zeros, so that a record later needs no block of the disk. It is a row of
 * records and then zeros. A record, all numbers little endian:
 *
 *     offset  bytes
 *      0      4      magic "dbrj"
 *      4      2      type (enum record_type)
 *      6      2      n, bytes of text, at most RECORD_TEXT_MAX
 *      8      8      sequence: 1, 2, 3, ...
 *     16      8      synced: all records up to this one were known to be on the
 *                    disk when this one was written
 *     24      4      step
 *     28      4      object, its index in the step
 *     32      8      a   \ what they hold is told beside each type below
 *     40      8      b   /
 *     48      n      text, then zeros up to a multiple of 8
 *     48+n'   8      SipHash of all bytes before, with the sequence as key
 *
 * Records are collected and written with one pwrite(2), then fsync(2): many
 * intents cost one sync. Outcomes need none of their own. Whoever reads after a
 * crash finds the last batch whole, torn or missing; reading stops at the first
 * record that is not whole, and says so (`torn`). Nothing that this batch
 * announced was begun then, because its sync had not come back.
 *
 * A record that is not whole although it had been synced is damage, which is an
 * error: some later whole record says in `synced` that it had been. What is
 * behind the end is wiped, and synced, before anything is appended.
 */
#ifndef REMOVE_JOURNAL_H
#define REMOVE_JOURNAL_H

#include "base/err.h"
#include "base/str.h"
#include "remove/fs.h"

enum {
	RECORD_TEXT_MAX = 8192,
	RECORD_HEAD = 48, RECORD_SUM = 8,
	JOURNAL_MAX = 1 << 30, /* bytes of the file */
};

enum record_type {
	RECORD_NONE,
	RECORD_BEGIN,   /* a: journal's version; b: root's device; text: hash of the
	                 * plan, a NUL, time, a NUL, path of the root */
	RECORD_PLACE,   /* object: its number; text: top of the mount, in the
	                 * source; a, b: that folder's time. Intent: the place is
	                 * made, or, when it is known, taken away */
	RECORD_TAKE,    /* intent; a, b: time of its folder; PLACE_SHIFT */
	RECORD_FLAGS,   /* intent: flags a are lifted, of the folder when b */
	RECORD_FLAGGED, /* they were set again */
	RECORD_COPIED,  /* its copy is whole and synced: the original may go */
	RECORD_FOLDER,  /* a, b: time of the object's folder after the acts */
	RECORD_TOOK,    /* it lies in quarantine */
	RECORD_LEFT,    /* it is where it was; a: enum outcome; text: why */
	RECORD_STRAY,   /* something else was moved, and its name is taken: it
	                 * waits in quarantine; text: why */
	RECORD_ACT,     /* intent: the step's program is run */
	RECORD_STEP,    /* a: enum outcome; b: taken; object: left; text: words */
	RECORD_END,     /* every step has its outcome; RECORD_AGAIN may follow */
	RECORD_UNDO,    /* undoing begins */
	RECORD_BACK,    /* intent; a, b: time of its folder; PLACE_SHIFT */
	RECORD_RETURNED, /* its copy at its place is whole: the one in quarantine
	                  * may go */
	RECORD_PUT,     /* it is back at its place */
	RECORD_STAYS,   /* it could not be put back; text: why */
	RECORD_UNACT,   /* intent: what the step's program did is undone */
	RECORD_UNSTEP,  /* a: enum outcome; text: words */
	RECORD_UNDONE,  /* everything is back */
	RECORD_DISCARD, /* intent: what was taken is deleted for good */
	RECORD_DISCARDED,
	RECORD_AGAIN,   /* the step had come to an outcome, and is tried again */
	RECORD_TYPE_COUNT
};

/* b of an intent: nanoseconds of the folder's time, and above them the number
 * of the place. NO_TIME: the object was announced before, with the time. */
enum { PLACE_SHIFT = 32 };
#define NO_TIME UINT32_MAX

struct entry {
	enum record_type type;
	uint32_t step, object;
	int64_t a;
	uint64_t b;
	struct slice text;
};

struct journal {
	const struct fs *fs;
	int fd;
	off_t at, size;    /* where the next record goes; bytes reserved */
	uint64_t next;     /* its sequence */
	uint64_t synced;
	struct str pending; /* added, not yet written */
	int failed;        /* the errno of the first failure; it stays */
};

/* Makes the file, with this much space in it, and syncs it. -EEXIST when there
 * is one. The caller syncs the folder. */
int journal_create(struct journal *j, const struct fs *fs, int dir, uint64_t space,
                   struct err *e);

/* What reading a journal found. */
struct journal_end {
	uint64_t records;
	bool torn; /* the last ones were not whole; they were wiped */
};

/*
 * Opens it and gives every record to fn (which returns 0 or a negative errno),
 * then stands ready to append. -EBADMSG: damaged, e says where.
 */
int journal_open(struct journal *j, const struct fs *fs, int dir,
                 int (*fn)(void *ctx, const struct entry *record), void *ctx,
                 struct err *e, struct journal_end *ret);

/* Adds a record to what will be written next. A text that is too long is cut.
 * Failure is kept and told by the next call of the two below. */
void journal_add(struct journal *j, const struct entry *record);

/* Writes what was added. After the first failure every call fails: what is on
 * the disk is not known then. */
int journal_write(struct journal *j, struct err *e);

/* The same, and syncs it. */
int journal_sync(struct journal *j, struct err *e);

void journal_close(struct journal *j);

/* Bytes that a record with this much text takes. */
uint64_t record_bytes(size_t text);

#endif
