/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out a plan, so that it can be undone, and so that a power cut at any
 * moment leaves every file either where it was or in quarantine, whole.
 *
 * A run has a folder of its own, <state>/removals/<id>/, for root alone:
 *
 *     plan.json   the plan as it was carried out
 *     journal     what was about to be done, written and synced before it was
 *                 done (journal.h); space for all of it is reserved before the
 *                 first act
 *     taken/      what was taken from the same file system
 *     keep-<n>/   what a step's program was about to change (keep.h); the
 *                 program is not run when there is no room for it
 *
 * What lies on another file system goes by rename into
 * <top of that mount>/.debar-quarantine/<id>/, where only root may enter; where
 * such a folder cannot be made, it is copied, synced, compared and only then
 * unlinked.
 *
 * Order of every act: intent in the journal, synced; the act; and the truth is
 * what is on the disk: an object is where it was or in quarantine, never both,
 * so a start after a crash looks, notes, and goes on. Intents are synced in
 * batches: each is on the disk before its own act all the same.
 *
 * An object is taken by rename from its pinned folder (openat2, no links) and
 * looked at again afterwards, by device, inode, size and hash; what is not the
 * planned thing is put back under its name at once. An error of fsync ends the
 * run as unknown; the next start reads the truth from the disk.
 *
 * One run at a time (a lock on <state>/removals). Nothing is printed here.
 */
#ifndef REMOVE_REMOVE_H
#define REMOVE_REMOVE_H

#include <stdatomic.h>

#include "base/err.h"
#include "plan/plan.h"
#include "remove/fs.h"

enum { RUN_ID_BYTES = 24 };

/* How a step, or a whole run, came out. */
enum outcome {
	OUTCOME_NOT_YET,  /* the run has not come to it */
	OUTCOME_DONE,
	OUTCOME_GONE,     /* there was nothing left to do */
	OUTCOME_CHANGED,  /* not what the plan saw: left alone */
	OUTCOME_IN_USE,   /* runs, is mounted, or somebody needs it: left alone */
	OUTCOME_REFUSED,  /* the manager or a check said no: left alone */
	OUTCOME_PARTLY,   /* some of its objects were taken */
	OUTCOME_FAILED,   /* an error; words say which */
	OUTCOME_UNKNOWN,  /* an fsync failed: what is on the disk is not known */
	OUTCOME_REVIEW,   /* for a person */
	OUTCOME_UNDONE,
	OUTCOME_NOT_UNDONE, /* could not be put back; words say why */
	OUTCOME_COUNT
};

const char *outcome_name(enum outcome outcome);

struct step_result {
	enum outcome outcome;
	char words[600];
	uint64_t taken, left; /* objects */
};

struct removal_events {
	void *ctx;
	void (*step)(void *ctx, const struct step *step, size_t index,
	             const struct step_result *result); /* may be NULL */
	void (*progress)(void *ctx, uint64_t objects, uint64_t of); /* may be NULL */
	void (*note)(void *ctx, const char *words);     /* may be NULL */
};

/* Which run is meant where none is named. */
enum removal_pick {
	PICK_NEWEST,   /* and no other: an error when it cannot be read */
	PICK_READABLE, /* the newest that can be read */
	PICK_UNDOABLE, /* of those the newest with anything to undo (removal_older()
	                * tells of more); when there is none, as PICK_READABLE */
};

struct removal_args {
	const struct fs *fs;      /* &fs_system */
	const char *root;         /* of the source: the plan's, or where it is
	                           * mounted now */
	const char *state;        /* <state>; made when missing */
	const struct plan *plan;  /* NULL to open a run (removal_open) */
	struct slice plan_json;   /* kept beside the journal */
	const char *started;      /* RFC 3339, for the journal and the id */
	enum removal_pick pick;   /* for removal_open() */
	const atomic_bool *stop;  /* ends between two objects */
	struct removal_events events;
};

struct removal;

/*
 * Begins a run: folder, lock, journal with its space. One run stands for one
 * plan: the newest of the same plan is settled (see above) and gone on with,
 * also when it had come to its end. Steps that left something (changed, in use,
 * refused, partly, failed) are tried again, and so are those that had nothing to
 * do; of packages, services and accounts the system is asked again; what was
 * taken is taken once. A run of the plan that is undone, being undone or
 * discarded stays as it is, and a new one is begun. A run that cannot be read is
 * named in a note, and is none of this plan.
 *
 * Returns 0; -EBUSY when another run is under way, -ENOSPC when the space
 * cannot be had: nothing was touched; or another negative errno.
 */
int removal_begin(const struct removal_args *args, struct err *e, struct removal **ret);

/* Opens a run that exists: id NULL is the one that args->pick says; each that
 * cannot be read and is passed over is named in a note. What a crash left in
 * between is settled. -ENOENT when there is none, -EBADMSG when it is damaged.
 * args->plan must be NULL; the plan is that of the run (removal_plan). */
int removal_open(const struct removal_args *args, const char *id, struct err *e,
                 struct removal **ret);

/* Carries out what has not been done. 0 when every step has an outcome
 * (whatever it is); -EINTR when stopped; -EIO when the run ended as unknown. */
int removal_carry_out(struct removal *r, struct err *e);

/* Puts everything back, last first. As removal_carry_out(). */
int removal_undo(struct removal *r, struct err *e);

/* Says of a step what undo could do: for people, before it is done. 1 when all
 * comes back exactly, 0 when only by the system's own means or not at all (words
 * say), or a negative errno. */
int removal_can_undo(struct removal *r, size_t step, char *words, size_t n);

/* Deletes for good what was taken: it can then not be undone. */
int removal_discard(struct removal *r, struct err *e);

const char *removal_id(const struct removal *r);
const struct plan *removal_plan(const struct removal *r);
const char *removal_started(const struct removal *r);
enum removal_state { REMOVAL_BEGUN, REMOVAL_ENDED, REMOVAL_UNDOING, REMOVAL_UNDONE,
	REMOVAL_DISCARDED } removal_state(const struct removal *r);
/* As many as the plan has steps. */
const struct step_result *removal_results(const struct removal *r);
/* The run's own folder, for what is kept beside the journal; borrowed. */
int removal_folder(const struct removal *r);

/* Of PICK_UNDOABLE: how many older runs can be undone too. */
size_t removal_older(const struct removal *r);

/* Was this path (in the source) taken by the run, and does it lie in
 * quarantine? */
bool removal_took(const struct removal *r, struct slice path);

void removal_free(struct removal *r);

#endif
