/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a crash. The journal says what was announced and what is known to have
 * come of it; for what was announced only, the disk is looked at:
 *
 *     TAKING      in quarantine and the planned thing: TAKEN. In quarantine and
 *                 something else: back with it. Not there: never begun
 *     by copy     the aside goes back to its name, the copy is deleted
 *     COPIED      the aside is deleted: TAKEN. No aside, and the original under
 *                 its name: the copy is deleted
 *     GOING_BACK  still in quarantine: TAKEN; otherwise PUT_BACK
 *     by copy     the aside is deleted; what is under the name decides
 *     RETURNED    the copy in quarantine is deleted
 *
 * All of it may be repeated: a crash while settling is settled by the next.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "remove/take.h"
#include "system/object.h"

/* ---- reading the journal -------------------------------------------------- */

static bool names_step(const struct removal *r, const struct entry *record)
{
	return record->step < r->plan->n_steps;
}

static bool names_object(const struct removal *r, const struct entry *record)
{
	return names_step(r, record) &&
	       record->object < r->plan->steps[record->step].n_objects;
}

static enum outcome outcome_of(const struct entry *record)
{
	bool known = record->a > OUTCOME_NOT_YET && record->a < OUTCOME_COUNT;

	return known ? (enum outcome)record->a : OUTCOME_FAILED;
}

static void take_words(char *ret, size_t n, struct slice text)
{
	(void)snprintf(ret, n, "%.*s", SLICE_ARG(text));
}

static struct timespec time_in(const struct entry *record)
{
	return (struct timespec){.tv_sec = record->a,
	                         .tv_nsec = (long)(record->b & UINT32_MAX)};
}

/* "hash NUL time NUL path of the root" */
static int read_begin(struct removal *r, const struct entry *record)
{
	struct slice rest = record->text, hash, started;

	if (record->a != JOURNAL_VERSION || !slice_split(&rest, '\0', &hash) ||
	    !slice_split(&rest, '\0', &started))
		return -EBADMSG;
	if (!slice_eq(hash, slice_str(r->plan->sha256)))
		return -EBADMSG;
	take_words(r->started, sizeof(r->started), started);
	r->begun = true;
	return 0;
}

static int read_place(struct removal *r, const struct entry *record)
{
	return place_known(r, record->object, record->text, time_in(record));
}

static int read_intent(struct removal *r, const struct entry *record)
{
	uint64_t number = number_of(r, record->step, record->object);
	uint64_t place = record->b >> PLACE_SHIFT;
	bool back = record->type == RECORD_BACK;

	if (place >= r->n_places)
		return -EBADMSG;
	r->where[number] = back ? GOING_BACK : TAKING;
	r->place[number] = (uint8_t)place;
	if ((record->b & UINT32_MAX) == NO_TIME)
		return 0; /* the second intent of one that is copied instead */
	return times_before(&r->times, record->step,
	                    folder_of(object_at(r, record->step, record->object)->path),
	                    time_in(record), back);
}

static int read_folder(struct removal *r, const struct entry *record)
{
	times_after(&r->times, record->step,
	            folder_of(object_at(r, record->step, record->object)->path),
	            time_in(record));
	return 0;
}

static int read_flagged(struct removal *r, const struct entry *record)
{
	flags_known_set(r, record);
	return 0;
}

static int read_copied(struct removal *r, const struct entry *record)
{
	now_is(r, record->step, record->object,
	       record->type == RECORD_COPIED ? COPIED : RETURNED);
	return 0;
}

static int read_outcome(struct removal *r, const struct entry *record)
{
	char words[WORDS];
	enum outcome outcome =
		record->type == RECORD_TOOK ? OUTCOME_DONE : outcome_of(record);

	/* a stray that went home was counted as a stray */
	bool counted = where_is(r, record->step, record->object) == STRAY ||
	               r->results[record->step].outcome != OUTCOME_NOT_YET;
	take_words(words, sizeof(words), record->text);
	now_is(r, record->step, record->object, record->type == RECORD_TOOK ? TAKEN :
	       record->type == RECORD_STRAY ? STRAY : LEFT);
	if (!counted)
		result_count(r, record->step, record->object, outcome, words);
	return 0;
}

static int read_back(struct removal *r, const struct entry *record)
{
	now_is(r, record->step, record->object,
	       record->type == RECORD_PUT ? PUT_BACK : TAKEN);
	return 0;
}

static int read_act(struct removal *r, const struct entry *record)
{
	if (record->type == RECORD_ACT)
		r->acted[record->step] = true;
	else
		r->unacted[record->step] = record->b ? UNACT_EXACT : UNACT_INEXACT;
	return 0;
}

static int read_step(struct removal *r, const struct entry *record)
{
	struct step_result *result = &r->results[record->step];

	result->outcome = outcome_of(record);
	if (record->type == RECORD_STEP) {
		result->taken = record->b;
		result->left = record->object;
	}
	take_words(result->words, sizeof(result->words), record->text);
	return 0;
}

void step_again(struct removal *r, uint32_t step)
{
	const size_t n = r->plan->steps[step].n_objects;

	r->results[step] = (struct step_result){0};
	r->worst[step] = OUTCOME_NOT_YET;
	for (uint32_t o = 0; o < n; o++) {
		enum whereabouts w = where_is(r, step, o);
		if (w == LEFT)
			now_is(r, step, o, AT_PLACE);
		else if (w == TAKEN)
			result_count(r, step, o, OUTCOME_DONE, "");
		else if (w == STRAY)
			result_count(r, step, o, OUTCOME_FAILED, "something else was moved, and "
			             "waits in quarantine for its name to be free");
	}
	r->state = REMOVAL_BEGUN;
}

static int read_again(struct removal *r, const struct entry *record)
{
	step_again(r, record->step);
	return 0;
}

static int read_state(struct removal *r, const struct entry *record)
{
	static const enum removal_state states[RECORD_TYPE_COUNT] = {
		[RECORD_END] = REMOVAL_ENDED, [RECORD_UNDO] = REMOVAL_UNDOING,
		[RECORD_UNDONE] = REMOVAL_UNDONE, [RECORD_DISCARD] = REMOVAL_DISCARDED,
		[RECORD_DISCARDED] = REMOVAL_DISCARDED,
	};

	r->state = states[record->type];
	return 0;
}

enum names { NAMES_NOTHING, NAMES_STEP, NAMES_OBJECT };

static const struct {
	int (*read)(struct removal *r, const struct entry *record);
	enum names names;
} readers[RECORD_TYPE_COUNT] = {
	[RECORD_BEGIN] = {read_begin, NAMES_NOTHING},
	[RECORD_PLACE] = {read_place, NAMES_NOTHING},
	[RECORD_TAKE] = {read_intent, NAMES_OBJECT},
	[RECORD_FLAGS] = {flags_known, NAMES_OBJECT},
	[RECORD_FLAGGED] = {read_flagged, NAMES_OBJECT},
	[RECORD_COPIED] = {read_copied, NAMES_OBJECT},
	[RECORD_FOLDER] = {read_folder, NAMES_OBJECT},
	[RECORD_TOOK] = {read_outcome, NAMES_OBJECT},
	[RECORD_LEFT] = {read_outcome, NAMES_OBJECT},
	[RECORD_STRAY] = {read_outcome, NAMES_OBJECT},
	[RECORD_ACT] = {read_act, NAMES_STEP},
	[RECORD_STEP] = {read_step, NAMES_STEP},
	[RECORD_END] = {read_state, NAMES_NOTHING},
	[RECORD_UNDO] = {read_state, NAMES_NOTHING},
	[RECORD_BACK] = {read_intent, NAMES_OBJECT},
	[RECORD_RETURNED] = {read_copied, NAMES_OBJECT},
	[RECORD_PUT] = {read_back, NAMES_OBJECT},
	[RECORD_STAYS] = {read_back, NAMES_OBJECT},
	[RECORD_UNACT] = {read_act, NAMES_STEP},
	[RECORD_UNSTEP] = {read_step, NAMES_STEP},
	[RECORD_UNDONE] = {read_state, NAMES_NOTHING},
	[RECORD_DISCARD] = {read_state, NAMES_NOTHING},
	[RECORD_DISCARDED] = {read_state, NAMES_NOTHING},
	[RECORD_AGAIN] = {read_again, NAMES_STEP},
};

/* The first record says what run this is; nothing counts before it. */
static int read_record(void *ctx, const struct entry *record)
{
	struct removal *r = ctx;
	enum names names = readers[record->type].names;

	if (r->begun == (record->type == RECORD_BEGIN))
		return -EBADMSG;
	if ((names == NAMES_STEP && !names_step(r, record)) ||
	    (names == NAMES_OBJECT && !names_object(r, record)))
		return -EBADMSG;
	for (size_t i = PLACE_FIRST; i < r->n_places; i++)
		r->places[i].changing &= record->type == RECORD_PLACE;
	return readers[record->type].read(r, record);
}

int recover_read(struct removal *r, struct err *e)
{
	struct journal_end end;
	int err = journal_open(&r->journal, r->fs, r->dir_fd, read_record, r, e, &end);

	if (err == 0 && !r->begun)
		err = err_set(e, -ENOENT, "the run had not begun");
	r->torn = end.torn;
	return err;
}

/* ---- settling ------------------------------------------------------------- */

/* One object that is to be settled. */
struct unsettled {
	struct removal *r;
	uint32_t step, object;
	const struct object *planned;
	uint64_t number;
	int place;       /* of the quarantine */
	int dir;         /* its folder, or a negative errno */
	char name[NAME_MAX + 1], in_place[NUMBER_TEXT], aside[ASIDE_TEXT];
};

/* 1, 0 or a negative errno: it cannot be told now, which is not "not there". */
static int is_there(const struct unsettled *u, int dir, const char *name, struct stat *st)
{
	int err = dir < 0 ? -ENOENT : u->r->fs->stat(u->r->fs, dir, name, st);

	return err == 0 ? 1 : err == -ENOENT ? 0 : err;
}

/* 1, 0 or a negative errno: not to be told now. Being written to is no. */
static int is_planned(const struct unsettled *u, int dir, const char *name)
{
	int err = -ENOENT;
	const char *differs = dir < 0 ? "" : item_differs(u->r, u->planned, dir, name, &err);

	if (err == -ENOENT || err == -EAGAIN)
		return 0;
	return err < 0 ? err : !differs;
}

/* Likewise. */
static int is_copy(const struct unsettled *u, int dir, const char *name)
{
	struct object there = {0};
	int err = dir < 0 ? -ENOENT : object_look(dir, name, &there);

	if (err == -ENOENT || err == -EAGAIN)
		return 0;
	return err < 0 ? err : same_copy(u->planned, &there);
}

static int drop(const struct unsettled *u, int dir, const char *name)
{
	int flags = u->planned->type == OBJECT_FOLDER ? AT_REMOVEDIR : 0;
	int err = u->r->fs->unlink(u->r->fs, dir, name, flags);

	return err == -ENOENT ? 0 : err;
}

/* Both sides as they are now are on the disk; so what is said now is true. */
static int settled(const struct unsettled *u, enum whereabouts where,
                   enum record_type type, const char *words)
{
	struct removal *r = u->r;
	int err = r->fs->sync(r->fs, u->place);

	if (err == 0 && u->dir >= 0)
		err = r->fs->sync(r->fs, u->dir);
	if (err < 0)
		return err;
	now_is(r, u->step, u->object, where);
	if (type == RECORD_NONE)
		return 0; /* it will be announced anew */
	journal_add(&r->journal, &(struct entry){
		.type = type, .step = u->step, .object = u->object,
		.a = OUTCOME_FAILED, .text = slice_str(words)});
	if (r->results[u->step].outcome == OUTCOME_NOT_YET &&
	    (type == RECORD_TOOK || type == RECORD_STRAY))
		result_count(r, u->step, u->object,
		             type == RECORD_TOOK ? OUTCOME_DONE : OUTCOME_FAILED, words);
	return 0;
}

/* Something that is not planned goes back to its name, or stays where it is. */
static int send_back(const struct unsettled *u, int from, const char *there)
{
	char words[WORDS];
	int err = u->dir < 0 ? u->dir : move(u->r->fs, from, there, u->dir, u->name);

	if (err == 0)
		return settled(u, AT_PLACE, RECORD_NONE, "");
	(void)snprintf(words, sizeof(words), "it could not be put back (%s) and is called "
	               "%s in quarantine", strerror(-err), there);
	return settled(u, STRAY, RECORD_STRAY, words);
}

/* Where the object of a rename is, both names told apart by nothing but that. */
enum seen { SEEN_NOT_IN_PLACE, SEEN_IN_PLACE, SEEN_BOTH };

/* SEEN_BOTH is a rename done by link and unlink, halfway: one name more, none
 * less. Or a negative errno. */
static int see(const struct unsettled *u)
{
	struct stat in, at;
	int inside = is_there(u, u->place, u->in_place, &in);

	if (inside <= 0)
		return inside < 0 ? inside : SEEN_NOT_IN_PLACE;
	int outside = is_there(u, u->dir, u->name, &at);
	if (outside < 0)
		return outside;
	return outside && in.st_dev == at.st_dev && in.st_ino == at.st_ino ? SEEN_BOTH :
		SEEN_IN_PLACE;
}

static int settle_taking(const struct unsettled *u)
{
	int seen = see(u);

	if (seen < 0)
		return seen;
	if (seen == SEEN_NOT_IN_PLACE)
		return settled(u, AT_PLACE, RECORD_NONE, "");
	if (seen == SEEN_BOTH) {
		int err = drop(u, u->place, u->in_place);
		return err < 0 ? err : settled(u, AT_PLACE, RECORD_NONE, "");
	}
	int planned = is_planned(u, u->place, u->in_place);
	if (planned == 1 && u->planned->type == OBJECT_FOLDER)
		planned = folder_empty(u->r->fs, u->place, u->in_place);
	if (planned < 0)
		return planned;
	if (planned)
		return settled(u, TAKEN, RECORD_TOOK, "");
	return send_back(u, u->place, u->in_place);
}

static int settle_copying(const struct unsettled *u)
{
	struct stat st;
	int err = drop(u, u->place, u->in_place);

	if (err == 0)
		err = is_there(u, u->dir, u->aside, &st);
	if (err < 0)
		return err;
	return err ? send_back(u, u->dir, u->aside) : settled(u, AT_PLACE, RECORD_NONE, "");
}

static int settle_copied(const struct unsettled *u)
{
	struct stat st;
	int planned = is_planned(u, u->dir, u->aside), err = 0;

	if (planned < 0)
		return planned;
	if (planned) {
		err = drop(u, u->dir, u->aside);
		return err < 0 ? err : settled(u, TAKEN, RECORD_TOOK, "");
	}
	err = is_there(u, u->dir, u->aside, &st);
	if (err < 0)
		return err;
	if (err) {
		/* not the planned thing: not ours to delete */
		(void)move(u->r->fs, u->dir, u->aside, u->dir, u->name);
		return settled(u, TAKEN, RECORD_TOOK, "");
	}
	planned = is_planned(u, u->dir, u->name);
	if (planned <= 0)
		return planned < 0 ? planned : settled(u, TAKEN, RECORD_TOOK, "");
	err = drop(u, u->place, u->in_place);
	return err < 0 ? err : settled(u, AT_PLACE, RECORD_NONE, "");
}

static int settle_going_back(const struct unsettled *u)
{
	int seen = see(u);
	int err = seen == SEEN_BOTH ? drop(u, u->place, u->in_place) : seen;

	if (err < 0)
		return err;
	return seen == SEEN_IN_PLACE ? settled(u, TAKEN, RECORD_STAYS, "") :
		settled(u, PUT_BACK, RECORD_PUT, "");
}

static int settle_returned(const struct unsettled *u)
{
	int err = drop(u, u->place, u->in_place);

	return err < 0 ? err : settled(u, PUT_BACK, RECORD_PUT, "");
}

static int settle_copying_back(const struct unsettled *u)
{
	int err = is_copy(u, u->dir, u->name);

	if (err < 0)
		return err;
	if (err) {
		/* on the disk, and said to be, before the other one goes */
		err = u->r->fs->sync(u->r->fs, u->dir);
		journal_add(&u->r->journal, &(struct entry){
			.type = RECORD_RETURNED, .step = u->step, .object = u->object});
		if (err == 0)
			err = journal_sync(&u->r->journal, NULL);
		return err < 0 ? err : settle_returned(u);
	}
	if (u->dir >= 0)
		err = drop(u, u->dir, u->aside);
	return err < 0 ? err : settled(u, TAKEN, RECORD_STAYS, "");
}

/* A stray that can go home is no more than something that was left alone. */
static int settle_stray(const struct unsettled *u)
{
	bool copies = u->r->place[u->number] == PLACE_COPIES;
	int from = copies ? u->dir : u->place;
	const char *there = copies ? u->aside : u->in_place;

	struct stat st;
	int moved = u->dir < 0 ? u->dir : move(u->r->fs, from, there, u->dir, u->name);

	/* gone already: a start before this one brought it home */
	if (moved < 0 && (u->dir < 0 || u->r->fs->stat(u->r->fs, from, there, &st) != -ENOENT))
		return 0;
	if (copies) {
		int err = drop(u, u->place, u->in_place);
		if (err < 0)
			return err;
	}
	return settled(u, LEFT, RECORD_LEFT, "it is at its place again");
}

static int (*const settlers[])(const struct unsettled *u) = {
	[TAKING] = settle_taking,
	[COPIED] = settle_copied,
	[STRAY] = settle_stray,
	[GOING_BACK] = settle_going_back,
	[RETURNED] = settle_returned,
};

static int settle_at(const struct unsettled *u, enum whereabouts where)
{
	if (u->r->place[u->number] == PLACE_COPIES && where == TAKING)
		return settle_copying(u);
	if (u->r->place[u->number] == PLACE_COPIES && where == GOING_BACK)
		return settle_copying_back(u);
	return settlers[where](u);
}

/* The folder's time as we leave it; what was lifted of its flags is set. */
static int settle_folder(const struct unsettled *u)
{
	struct removal *r = u->r;
	struct stat st;

	(void)flags_set(r, u->step, u->object, true, u->dir, "");
	if (where_is(r, u->step, u->object) != TAKEN)
		(void)flags_set(r, u->step, u->object, false, u->dir, u->name);
	int err = r->fs->stat(r->fs, u->dir, "", &st);
	if (err < 0)
		return err;
	times_after(&r->times, u->step, folder_of(u->planned->path), st.st_mtim);
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_FOLDER, .step = u->step, .object = u->object,
		.a = st.st_mtim.tv_sec, .b = (uint64_t)st.st_mtim.tv_nsec});
	return 0;
}

/* The folder of an object: where the plan says, or in quarantine itself. */
static int open_home(struct removal *r, struct slice path)
{
	int fd = open_folder(r, path);

	return fd == -ENOENT ? open_taken_folder(r, path, true) : fd;
}

static int settle_one(struct removal *r, uint32_t step, uint32_t object,
                      enum whereabouts where)
{
	struct unsettled u = {.r = r, .step = step, .object = object,
	                      .planned = object_at(r, step, object),
	                      .number = number_of(r, step, object)};
	const struct place *place = &r->places[r->place[u.number]];

	if (place->fd < 0) /* a stray can wait until its mount is there again */
		return where == STRAY ? 0 : -ENXIO;
	u.place = place->fd;
	int err = last_name(u.planned->path, u.name);
	if (err < 0)
		return err;
	number_name(u.number, u.in_place);
	aside_name(r, u.number, u.aside);
	u.dir = open_home(r, folder_of(u.planned->path));
	if (u.dir < 0 && !is_away(u.dir))
		return u.dir;
	err = settle_at(&u, where);
	if (u.dir >= 0) {
		if (err == 0)
			err = settle_folder(&u);
		(void)r->fs->close(r->fs, u.dir);
	}
	return err;
}

/* All objects that are in one of these states, last first: a folder that was
 * taken is where its contents were taken from. */
static int settle_all(struct removal *r, bool strays, struct err *e)
{
	for (uint32_t s = (uint32_t)r->plan->n_steps; s-- > 0;) {
		for (uint32_t o = (uint32_t)r->plan->steps[s].n_objects; o-- > 0;) {
			enum whereabouts w = where_is(r, s, o);
			bool due = w == STRAY || (!strays && (w == TAKING ||
				w == COPIED || w == GOING_BACK || w == RETURNED));
			int err = due ? settle_one(r, s, o, w) : 0;
			if (err < 0)
				return err_sys(e, err, "settling what a crash left of "
				               "object %u of step %u", o + 1, s + 1);
		}
	}
	return r->journal.pending.n ? journal_sync(&r->journal, e) : 0;
}

/* Of what never left its place there is but an intent; once all is back that means
 * nothing, and its quarantine is gone. */
int recover_settle(struct removal *r, struct err *e)
{
	return settle_all(r, r->state == REMOVAL_UNDONE, e);
}

int recover_strays(struct removal *r, struct err *e)
{
	return settle_all(r, true, e);
}
