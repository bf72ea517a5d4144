/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts a step's objects back, last first: folders before what lay in them. A
 * folder that is on its way back itself is opened where it lies in quarantine;
 * the descriptor is the same folder wherever it is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "remove/take.h"

/* The planned folder with this path that lies in quarantine; one that was copied
 * there only when `copies`: it is another folder than the one that comes back. */
static bool folder_in_quarantine(struct removal *r, struct slice path, bool copies,
                                 struct ref *ret)
{
	const struct ref *refs;
	size_t n;

	if (find_path(r, path, &refs, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t number = number_of(r, refs[i].step, refs[i].object);
		enum whereabouts w = (enum whereabouts)r->where[number];
		if ((w == TAKEN || w == GOING_BACK) &&
		    (copies || r->place[number] != PLACE_COPIES)) {
			*ret = refs[i];
			return true;
		}
	}
	return false;
}

int open_taken_folder(struct removal *r, struct slice path, bool copies)
{
	char number[NUMBER_TEXT];
	struct ref ref;

	if (!folder_in_quarantine(r, path, copies, &ref))
		return -ENOENT;
	uint64_t n = number_of(r, ref.step, ref.object);
	number_name(n, number);
	return r->fs->open(r->fs, r->places[r->place[n]].fd, number,
	                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

/* The index of its folder in the batch, or a negative errno. */
static int find_folder(struct batch *b, struct slice path)
{
	for (int i = b->n_folders; i-- > 0;) {
		if (slice_eq(b->folders[i].path, path))
			return i;
	}
	if (b->n_folders == BATCH_FOLDERS)
		return -ENFILE;
	int fd = open_taken_folder(b->r, path, false);
	if (fd == -ENOENT)
		return batch_folder(b, path);
	if (fd < 0)
		return fd;
	b->folders[b->n_folders] = (struct batch_folder){.fd = fd, .path = path};
	return b->n_folders++;
}

/* Adds the object; false when the batch must be carried out first. */
static bool add_object(struct batch *b, uint32_t object)
{
	struct removal *r = b->r;
	struct batch_item *i = &b->items[b->n];

	if (b->n == BATCH_OBJECTS)
		return false;
	*i = (struct batch_item){
		.object = object,
		.place = r->place[number_of(r, b->step, object)],
		.folder = find_folder(b, folder_of(object_at(r, b->step, object)->path))};
	bool full = i->folder == -ENFILE && b->n_folders == BATCH_FOLDERS;
	/* its folder may be a copy that this batch brings back */
	if (full || (i->folder == -ENOENT && b->n > 0))
		return false;
	b->n++;
	if (i->folder == -ENOENT)
		item_says(i, OUTCOME_NOT_UNDONE, "its folder is not there");
	else if (i->folder < 0)
		item_says(i, OUTCOME_NOT_UNDONE, "its folder: %s", strerror(-i->folder));
	else if (r->places[i->place].fd < 0)
		item_says(i, OUTCOME_NOT_UNDONE, "its quarantine on %.150s is not there",
		          r->places[i->place].top);
	return true;
}

/* ---- the act -------------------------------------------------------------- */

static int move_out(struct batch *b, struct batch_item *i, const char *number,
                    const char *name, struct err *e)
{
	struct removal *r = b->r;
	int dir = b->folders[i->folder].fd, from = r->places[i->place].fd;
	int err = move(r->fs, from, number, dir, name);

	if (err != -EPERM)
		return err;
	int lifted = flags_lift(r, b->step, i->object, true, dir, "", e);
	return lifted > 0 ? move(r->fs, from, number, dir, name) :
	       lifted < 0 ? lifted : err;
}

static int restore_by_rename(struct batch *b, struct batch_item *i, const char *name,
                             struct err *e)
{
	struct removal *r = b->r;
	char number[NUMBER_TEXT];

	number_name(number_of(r, b->step, i->object), number);
	int err = move_out(b, i, number, name, e);
	if (r->broken)
		return r->broken;
	if (err == -ENOENT)
		item_says(i, OUTCOME_NOT_UNDONE, "it is no longer in quarantine");
	else if (err == -EEXIST)
		item_says(i, OUTCOME_NOT_UNDONE, "its name is taken");
	else if (err < 0)
		item_says(i, OUTCOME_NOT_UNDONE, "%s", strerror(-err));
	if (err < 0)
		return 0;
	b->places[i->place] = b->folders[i->folder].touched = true;
	i->outcome = OUTCOME_DONE;
	return 0;
}

static int restore_one(struct batch *b, struct batch_item *i, struct err *e)
{
	struct removal *r = b->r;
	int dir = b->folders[i->folder].fd;
	char name[NAME_MAX + 1];
	struct ref ref;

	if (folder_in_quarantine(r, b->folders[i->folder].path, false, &ref)) {
		item_says(i, OUTCOME_NOT_UNDONE, "its folder could not be put back");
		return 0;
	}
	(void)last_name(item_object(b, i)->path, name);
	int err = i->place == PLACE_COPIES ? restore_copy(b, i, e) :
		restore_by_rename(b, i, name, e);
	if (err < 0)
		return err;
	if (i->outcome == OUTCOME_DONE) {
		now_is(r, b->step, i->object, PUT_BACK);
		err = flags_set(r, b->step, i->object, false, dir, name);
	}
	if (err == 0)
		err = flags_set(r, b->step, i->object, true, dir, "");
	if (err < 0)
		note(r, "flags could not be set again: %s", strerror(-err));
	return 0;
}

/* ---- a batch -------------------------------------------------------------- */

static void note_outcome(struct batch *b, const struct batch_item *i,
                         struct step_result *result)
{
	struct removal *r = b->r;
	struct entry record = {.type = RECORD_PUT, .step = b->step, .object = i->object};

	if (i->outcome != OUTCOME_DONE) {
		now_is(r, b->step, i->object, TAKEN);
		record.type = RECORD_STAYS;
		record.text = slice_str(i->words);
	}
	journal_add(&r->journal, &record);
	if (i->outcome == OUTCOME_DONE || i->outcome == OUTCOME_NOT_YET)
		return;
	if (result->outcome != OUTCOME_NOT_UNDONE)
		say_path(result->words, sizeof(result->words), item_object(b, i)->path,
		         i->words);
	result->outcome = OUTCOME_NOT_UNDONE;
}

static int restore_all(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].outcome != OUTCOME_NOT_YET)
			continue;
		if (stopped(b->r))
			return -EINTR;
		int err = restore_one(b, &b->items[i], e);
		if (err < 0)
			return err;
	}
	return 0;
}

static int run_batch(struct batch *b, struct step_result *result, struct err *e)
{
	struct removal *r = b->r;
	int err = batch_announce(b, RECORD_BACK, e);
	int end = err < 0 ? err : restore_all(b, e);

	if (end < 0 && end != -EINTR)
		return end;
	err = batch_settle(b, e);
	for (size_t i = 0; i < b->n && err == 0; i++) {
		note_outcome(b, &b->items[i], result);
		r->progress++;
	}
	if (err == 0)
		err = journal_write(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	if (r->events.progress)
		r->events.progress(r->events.ctx, r->progress, r->n_objects);
	return end;
}

static int restore_rest(struct batch *b, struct step_result *result, struct err *e)
{
	struct removal *r = b->r;
	uint32_t left = (uint32_t)r->plan->steps[b->step].n_objects;

	while (left > 0) {
		bool room = true;
		while (left > 0 && room) {
			if (where_is(r, b->step, left - 1) == TAKEN)
				room = add_object(b, left - 1);
			left -= room;
		}
		int err = run_batch(b, result, e);
		batch_clear(b);
		if (err < 0)
			return err;
	}
	return 0;
}

int restore_step(struct removal *r, uint32_t step, struct err *e,
                 struct step_result *result)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (!b)
		return broken(r, err_sys(e, -ENOMEM, "putting files back"), e);
	b->r = r;
	b->step = step;
	int err = restore_rest(b, result, e);
	if (err == 0)
		err = times_restore(r, step, e, result);
	batch_clear(b);
	free(b);
	return err;
}
