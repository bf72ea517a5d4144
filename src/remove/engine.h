/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine's files share. Only remove/ includes it.
 *
 *     run.c      begins, opens, ends; steps in order
 *     runs.c     runs that exist: which one is meant
 *     place.c    where things are taken to, and how they are moved
 *     take.c     takes a step's objects
 *     copy mode  take_copy.c: the same across file systems
 *     restore.c  puts them back
 *     recover.c  reads the journal; settles what a crash left in between
 *     times.c    folders' times
 *     running.c  what is being executed
 *     program.c  steps that a program of the system carries out
 */
#ifndef REMOVE_ENGINE_H
#define REMOVE_ENGINE_H

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "remove/act.h"
#include "remove/journal.h"
#include "remove/remove.h"

/* Where an object is, as far as the journal and the disk told. */
enum whereabouts {
	AT_PLACE,   /* nothing was begun */
	TAKING,     /* an intent without an outcome */
	COPIED,     /* its copy is whole, the original may still be there */
	TAKEN,
	LEFT,       /* settled: it stays where it is */
	STRAY,      /* something else waits in quarantine under its number */
	GOING_BACK, /* an intent to put it back without an outcome */
	RETURNED,   /* back, but a copy may still be in quarantine */
	PUT_BACK,
};

enum {
	PLACES_MAX = 64,
	PLACE_TAKEN = 0,  /* taken/, by rename */
	PLACE_COPIES = 1, /* taken/, by copy, for all other file systems that have
	                   * no place of their own */
	PLACE_FIRST = 2,
	NUMBER_TEXT = 24, /* name of an object in quarantine: its number */
	ASIDE_TEXT = 64,
	BATCH_OBJECTS = 512,
	BATCH_FOLDERS = 64,
	WORDS = 256,
	STARTED_TEXT = 40,
	JOURNAL_VERSION = 1,
};

struct place {
	uint64_t mount;   /* number of the mount it serves; of copies 0 */
	char *top;        /* top of that mount in the source; of taken/ NULL */
	int fd;           /* -1: it could not be opened */
	struct timespec when; /* of top, before the place is made or taken away */
	bool changing;    /* that was announced, and nothing came after it */
};

/* How the undoing of a program was announced. */
enum unact { UNACT_NOT, UNACT_INEXACT, UNACT_EXACT };

/* Flags that were lifted and are to be set again. */
struct lifted {
	uint32_t step, object;
	bool folder;      /* of the object's folder */
	int flags;
	bool set;
};

/* Times of folders in which something was taken; see times.c. */
struct folder_times {
	struct folder_time {
		uint32_t step;
		struct slice path;
		struct timespec before, at_intent, after;
		bool has_after, broken;
	} *list;
	size_t n, size;
	uint32_t *slots;  /* index + 1 into list */
	size_t n_slots;
};

/* One object of the plan. */
struct ref {
	uint32_t step, object;
};

/* What processes execute or map, read once per step. */
struct running {
	struct arena mem;
	struct running_file {
		uint64_t device, inode;
		struct slice path;
	} *list;
	size_t n, size;
	bool read;
};

struct removal {
	const struct fs *fs;
	char root_path[PLAN_PATH_MAX + 1], state_path[PLAN_PATH_MAX + 1];
	const atomic_bool *stop;
	struct removal_events events;
	const struct plan *plan;
	struct plan *own_plan;     /* when it was read from the run's folder */
	char id[RUN_ID_BYTES];
	char started[STARTED_TEXT];
	int removals_fd, lock_fd, dir_fd, root_fd;
	struct journal journal;
	bool begun, torn;
	enum removal_state state;
	uint64_t device;           /* of the root now */
	struct place places[PLACES_MAX];
	size_t n_places;
	uint64_t *first;           /* number of each step's first object */
	uint64_t n_objects;
	uint8_t *where;            /* enum whereabouts, by number */
	uint8_t *place;            /* its place, by number */
	struct step_result *results;
	uint8_t *worst;            /* by step: outcome of what was left */
	bool *acted;               /* by step: its program was announced */
	uint8_t *unacted;          /* by step: enum unact */
	struct lifted *lifted;
	size_t n_lifted, lifted_size;
	struct folder_times times;
	struct running running;
	struct ref *by_path;       /* see find.c; made when asked for */
	struct ref *by_inode;      /* of objects with several names */
	size_t n_by_path, n_by_inode;
	uint64_t copied_mount;     /* the last for which there is no place */
	uint64_t progress;
	size_t older;              /* runs that can be undone, before this one */
	int broken;                /* the run ended: -EIO unknown, or the errno */
	struct err broken_words;
};

/* ---- numbers and names --------------------------------------------------- */

static inline uint64_t number_of(const struct removal *r, size_t step, size_t object)
{
	return r->first[step] + object;
}

static inline const struct object *object_at(const struct removal *r, size_t step,
                                             size_t object)
{
	return &r->plan->steps[step].objects[object];
}

static inline enum whereabouts where_is(const struct removal *r, size_t step,
                                        size_t object)
{
	return (enum whereabouts)r->where[number_of(r, step, object)];
}

static inline void now_is(struct removal *r, size_t step, size_t object,
                          enum whereabouts where)
{
	r->where[number_of(r, step, object)] = (uint8_t)where;
}

/* The number that now stands for the device of a planned object. */
uint64_t device_of(const struct removal *r, const struct object *planned);
bool stopped(const struct removal *r);
/* The run ends here; returns code. */
int broken(struct removal *r, int code, const struct err *e);
void note(struct removal *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

void number_name(uint64_t number, char ret[NUMBER_TEXT]);
/* The name beside its place of what is about to be copied or is half back. */
void aside_name(const struct removal *r, uint64_t number, char ret[ASIDE_TEXT]);
/* Last component and folder of a path; -ENAMETOOLONG. */
int last_name(struct slice path, char ret[NAME_MAX + 1]);
struct slice folder_of(struct slice path);
/* Appends "<path>: <words>" fit to be shown. */
void say_path(char *ret, size_t n, struct slice path, const char *words);

/* ---- run.c ---------------------------------------------------------------- */

/* Arrays by step and by object. */
int run_set_plan(struct removal *r, const struct plan *plan, struct err *e);
/* Forgets all of a run that was read; root, folder of the runs and lock stay. */
void run_forget(struct removal *r);
/* Did the step do anything that was not undone? */
bool step_to_undo(const struct removal *r, uint32_t step);

/* ---- runs.c --------------------------------------------------------------- */

bool run_is_id(const char *name);
/* Reads plan and journal of the run, of whatever was read before nothing stays;
 * the disk is not looked at (places_open(), recover_settle()). -ENOENT: it had
 * not begun. -EBADMSG: damaged. */
int run_read(struct removal *r, const char *id, struct err *e);
/* Reads the run that is meant when none is named. -ENOENT: there is none. */
int runs_pick(struct removal *r, enum removal_pick pick, struct err *e);
/* Reads the newest run of this plan: 1, it is to be gone on with; 0: none, and
 * nothing was read; or a negative errno. */
int runs_find_plan(struct removal *r, const struct plan *plan, struct err *e);
/* Of all, begun or not; "" when there is none. */
int runs_newest_id(struct removal *r, char ret[RUN_ID_BYTES], struct err *e);

/* ---- place.c -------------------------------------------------------------- */

/* A folder of the source, without a link on the way. Descriptor or errno. */
int open_folder(const struct removal *r, struct slice path);
/* Does this error of opening say that there is no such folder? Others (no
 * descriptor left, a bad disk) say nothing of what is there. */
static inline bool is_away(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ELOOP || err == -EXDEV;
}

/* The index of the place for what lies in this folder; makes one when it has
 * to. A negative errno breaks the run. */
int place_for(struct removal *r, int folder, struct slice path, struct err *e);

/* After the journal was read: opens taken/ and the others. */
int places_open(struct removal *r, struct err *e);
/* Notes a place that the journal tells of. */
int place_known(struct removal *r, size_t index, struct slice top,
                struct timespec when);
/* Takes away what is empty; announced first. May be repeated after a crash. 0,
 * or the errno of the journal, which ends the run. */
int places_remove(struct removal *r, struct err *e);
void places_close(struct removal *r);
/* Where an object lies, for people. */
void place_words(const struct removal *r, size_t place, char *ret, size_t n);

/* Moves without ever replacing anything. */
int move(const struct fs *fs, int from, const char *name, int to, const char *new_name);
/* Is the folder `name` empty? 1, 0 or a negative errno. */
int folder_empty(const struct fs *fs, int dir, const char *name);
/* Is a file system mounted on it? */
bool is_mount(int dir, const char *name);

/* ---- flags ---------------------------------------------------------------- */

/*
 * Lifts what keeps an object or its folder from being moved: notes it, syncs,
 * lifts. 1 when there was something to lift, 0, or a negative errno.
 */
int flags_lift(struct removal *r, uint32_t step, uint32_t object, bool folder, int dir,
               const char *name, struct err *e);
/* Sets again what was lifted of the object (or of its folder); 0 or errno. */
int flags_set(struct removal *r, uint32_t step, uint32_t object, bool folder, int dir,
              const char *name);
/* From the journal. */
int flags_known(struct removal *r, const struct entry *record);
void flags_known_set(struct removal *r, const struct entry *record);

/* ---- times.c -------------------------------------------------------------- */

/* A folder's time before an act of ours, and after all of them. -ENOMEM. */
int times_before(struct folder_times *t, uint32_t step, struct slice path,
                 struct timespec when, bool undoing);
void times_after(struct folder_times *t, uint32_t step, struct slice path,
                 struct timespec when);
/* Gives the folders of a step the time that they had before it, except those
 * that somebody else changed since. What cannot be set is told in *result, and
 * may be tried again. 0, or an errno that ends the run. */
int times_restore(struct removal *r, uint32_t step, struct err *e,
                  struct step_result *result);
/* Is there any to restore? */
bool times_any(const struct folder_times *t, uint32_t step);
void times_finish(struct folder_times *t);

/* ---- running.c ------------------------------------------------------------ */

int running_read(struct running *r, struct err *e);
bool running_has(const struct running *r, const struct object *o);
void running_finish(struct running *r);

/* ---- find.c --------------------------------------------------------------- */

/* The plan's objects with this path, next to each other. 0 or -ENOMEM. */
int find_path(struct removal *r, struct slice path, const struct ref **ret,
              size_t *ret_n);
/* The names of this inode in the plan. */
int find_twins(struct removal *r, const struct object *o, const struct ref **ret,
               size_t *ret_n);
void find_finish(struct removal *r);

/* restore.c: the planned folder with this path, opened where it lies in
 * quarantine (the descriptor is that folder wherever it goes). `copies`: also a
 * copy, which has the folder's time, but nothing may be put into it. -ENOENT:
 * none. */
int open_taken_folder(struct removal *r, struct slice path, bool copies);

/* ---- steps ---------------------------------------------------------------- */

/*
 * These return 0 when the step has come to an outcome, which they write into
 * *result; -EINTR; or another negative errno, after which the run has ended.
 */
int take_step(struct removal *r, uint32_t step, struct err *e,
              struct step_result *result);
/* *result counts what became of an object. */
void result_count(struct removal *r, uint32_t step, uint32_t object,
                  enum outcome outcome, const char *words);
int restore_step(struct removal *r, uint32_t step, struct err *e,
                 struct step_result *result);
int program_do(struct removal *r, uint32_t step, struct err *e,
               struct step_result *result);
/* Are the packages gone that own something in what the step takes? If not, it
 * comes to its outcome here. */
bool program_packages_gone(struct removal *r, uint32_t step, struct step_result *result);

/* Undoing what a program did has two halves, and a step's objects go between
 * them: first what it changed is put back, then its own means are used. */
int program_unkeep(struct removal *r, uint32_t step, struct err *e,
                   struct step_result *result);
int program_undo(struct removal *r, uint32_t step, struct err *e,
                 struct step_result *result);
/* 1: exactly; 0: by the system's own means, words say why. Or errno. */
int program_can_undo(struct removal *r, uint32_t step, char *words, size_t n);

/* The step counts anew, and what it left is looked at again. The caller writes
 * the record. */
void step_again(struct removal *r, uint32_t step);
/* Reads the journal into r. */
int recover_read(struct removal *r, struct err *e);
/* Looks at the disk for every intent without an outcome. */
int recover_settle(struct removal *r, struct err *e);
/* Tries again to put back what is no planned thing. */
int recover_strays(struct removal *r, struct err *e);

#endif
