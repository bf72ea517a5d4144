/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "remove/take.h"
#include "system/object.h"

enum {
	/* Somebody may exchange the name for ever; it is free again and again. */
	PUT_BACK_TRIES = 100,
};

/* ---- before --------------------------------------------------------------- */

void item_says_error(struct batch_item *i, int err)
{
	switch (err) {
	case -ENOENT:
		item_says(i, OUTCOME_GONE, "it is gone");
		break;
	case -EBUSY:
		item_says(i, OUTCOME_IN_USE, "a file system is mounted on it");
		break;
	case -ELOOP:
	case -ENOTDIR:
	case -EXDEV:
		item_says(i, OUTCOME_CHANGED, "its folder is not the planned one");
		break;
	default:
		item_says(i, OUTCOME_FAILED, "%s", strerror(-err));
	}
}

/* All that stat(2) tells is as planned? Its bytes are compared afterwards, when
 * nobody reaches it by its name any more. */
static bool looks_planned(const struct removal *r, struct batch_item *i,
                          const struct object *planned, int dir, const char *name)
{
	struct stat st;
	struct object now = *planned;
	int err = r->fs->stat(r->fs, dir, name, &st);

	if (err < 0) {
		item_says_error(i, err);
		return false;
	}
	object_of_stat(&st, &now);
	memcpy(now.sha256, planned->sha256, sizeof(now.sha256));
	const char *differs = object_differs(planned, &now, device_of(r, planned));
	if (!differs)
		return true;
	if (is_mount(dir, name))
		item_says_error(i, -EBUSY);
	else
		item_says(i, OUTCOME_CHANGED, "%s changed since the plan", differs);
	return false;
}

bool item_is_empty(const struct removal *r, struct batch_item *i, int dir,
                   const char *name)
{
	int empty = folder_empty(r->fs, dir, name);

	if (empty < 0)
		item_says_error(i, empty);
	else if (!empty)
		item_says(i, OUTCOME_CHANGED, "it holds something that stays");
	return empty == 1;
}

/* May it be touched at all? */
static bool may_take(struct batch *b, struct batch_item *i, int dir, const char *name)
{
	const struct object *planned = item_object(b, i);

	if (!looks_planned(b->r, i, planned, dir, name))
		return false;
	if (b->r->plan->live && running_has(&b->r->running, planned)) {
		item_says(i, OUTCOME_IN_USE, "a process executes it or has it mapped");
		return false;
	}
	return planned->type != OBJECT_FOLDER || item_is_empty(b->r, i, dir, name);
}

/* ---- the act -------------------------------------------------------------- */

int item_move_away(struct batch *b, struct batch_item *i, const char *name, int to,
                   const char *new_name, struct err *e)
{
	struct removal *r = b->r;
	int dir = b->folders[i->folder].fd;
	int err = move(r->fs, dir, name, to, new_name);

	if (err != -EPERM)
		return err;
	int folder = flags_lift(r, b->step, i->object, true, dir, "", e);
	if (folder < 0)
		return folder;
	int object = flags_lift(r, b->step, i->object, false, dir, name, e);
	if (object < 0)
		return object;
	if (folder || object)
		err = move(r->fs, dir, name, to, new_name);
	return err;
}

void item_put_back(struct batch *b, struct batch_item *i, int from, const char *there,
                   int dir, const char *name)
{
	int err = -EEXIST;
	char where[WORDS / 2], why[WORDS];

	for (int n = 0; n < PUT_BACK_TRIES && err == -EEXIST; n++)
		err = move(b->r->fs, from, there, dir, name);
	if (err == 0)
		return;
	i->stray = true;
	if (from == dir)
		(void)snprintf(where, sizeof(where), "its folder");
	else
		place_words(b->r, (size_t)i->place, where, sizeof(where));
	(void)snprintf(why, sizeof(why), "%s", i->words);
	item_says(i, OUTCOME_FAILED, "%.60s; it could not be put back (%s) and lies in "
	          "%.80s as %.60s", why, strerror(-err), where, there);
}

bool item_is_planned(struct batch *b, struct batch_item *i, int dir, const char *name)
{
	const struct object *planned = item_object(b, i);
	int err;
	const char *differs = item_differs(b->r, planned, dir, name, &err);

	if (err == -EAGAIN)
		item_says(i, OUTCOME_CHANGED, "somebody writes into it");
	else if (err < 0)
		item_says(i, OUTCOME_FAILED, "it could not be looked at: %s",
		          strerror(-err));
	else if (differs)
		item_says(i, OUTCOME_CHANGED, "%s changed since the plan", differs);
	else
		return planned->type != OBJECT_FOLDER ||
		       item_is_empty(b->r, i, dir, name);
	return false;
}

/* The place turned out to be another file system: a new intent, by copy. */
static int take_copy_instead(struct batch *b, struct batch_item *i, struct err *e)
{
	struct removal *r = b->r;

	i->place = PLACE_COPIES;
	r->place[number_of(r, b->step, i->object)] = PLACE_COPIES;
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_TAKE, .step = b->step, .object = i->object,
		.b = NO_TIME | (uint64_t)PLACE_COPIES << PLACE_SHIFT});
	int err = journal_sync(&r->journal, e);
	return err < 0 ? broken(r, err, e) : take_copy(b, i, e);
}

static int take_by_rename(struct batch *b, struct batch_item *i, int dir,
                          const char *name, struct err *e)
{
	struct removal *r = b->r;
	char number[NUMBER_TEXT];

	number_name(number_of(r, b->step, i->object), number);
	int err = item_move_away(b, i, name, r->places[i->place].fd, number, e);
	if (r->broken)
		return r->broken;
	if (err == -EXDEV)
		return take_copy_instead(b, i, e);
	if (err < 0) {
		item_says_error(i, err);
		return 0;
	}
	b->places[i->place] = b->folders[i->folder].touched = true;
	int place = r->places[i->place].fd;
	if (item_is_planned(b, i, place, number))
		i->outcome = OUTCOME_DONE;
	else
		item_put_back(b, i, place, number, dir, name);
	return 0;
}

/* 0 when the item is settled; an errno ends the run. */
static int take_one(struct batch *b, struct batch_item *i, struct err *e)
{
	struct removal *r = b->r;
	int dir = b->folders[i->folder].fd;
	char name[NAME_MAX + 1];

	if (last_name(item_object(b, i)->path, name) < 0) {
		item_says_error(i, -ENAMETOOLONG);
		return 0;
	}
	if (!may_take(b, i, dir, name))
		return 0;
	int err = i->place == PLACE_COPIES ? take_copy(b, i, e) :
		take_by_rename(b, i, dir, name, e);
	if (err < 0)
		return err;
	err = flags_set(r, b->step, i->object, true, dir, "");
	if (err == 0 && i->outcome != OUTCOME_DONE && !i->stray)
		err = flags_set(r, b->step, i->object, false, dir, name);
	if (err < 0)
		note(r, "flags could not be set again: %s", strerror(-err));
	return 0;
}

/* ---- a batch -------------------------------------------------------------- */

/* Adds the object; false when the batch is full. */
static bool add_object(struct batch *b, uint32_t object, struct err *e)
{
	const struct object *o = object_at(b->r, b->step, object);
	struct batch_item *i = &b->items[b->n];

	if (b->n == BATCH_OBJECTS)
		return false;
	*i = (struct batch_item){.object = object,
	                         .folder = batch_folder(b, folder_of(o->path))};
	if (i->folder == -ENFILE && b->n_folders == BATCH_FOLDERS)
		return false;
	b->n++;
	if (i->folder < 0) {
		item_says_error(i, i->folder);
		return true;
	}
	struct batch_folder *f = &b->folders[i->folder];
	if (f->place == 0)
		f->place = 1 + place_for(b->r, f->fd, f->path, e);
	i->place = f->place - 1;
	if (i->place < 0)
		item_says(i, OUTCOME_FAILED, "no place for it: %s", strerror(-i->place));
	return true;
}

static void note_outcome(struct batch *b, const struct batch_item *i)
{
	struct entry record = {.type = RECORD_LEFT, .step = b->step,
	                        .object = i->object, .a = i->outcome,
	                        .text = slice_str(i->words)};

	if (i->outcome == OUTCOME_DONE)
		record = (struct entry){.type = RECORD_TOOK, .step = b->step,
		                         .object = i->object};
	else if (i->stray)
		record.type = RECORD_STRAY;
	now_is(b->r, b->step, i->object,
	       i->outcome == OUTCOME_DONE ? TAKEN : i->stray ? STRAY : LEFT);
	journal_add(&b->r->journal, &record);
}

void result_count(struct removal *r, uint32_t step, uint32_t object,
                  enum outcome outcome, const char *words)
{
	struct step_result *result = &r->results[step];

	if (outcome == OUTCOME_DONE)
		result->taken++;
	if (outcome == OUTCOME_DONE || outcome == OUTCOME_GONE)
		return;
	bool first = result->left++ == 0;
	if (!first && (outcome != OUTCOME_FAILED || r->worst[step] == OUTCOME_FAILED))
		return;
	r->worst[step] = (uint8_t)outcome;
	say_path(result->words, sizeof(result->words), object_at(r, step, object)->path,
	         words);
}

/* Those that were not come to keep their intent, and nothing was done. */
static int take_all(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].outcome != OUTCOME_NOT_YET)
			continue;
		if (stopped(b->r))
			return -EINTR;
		int err = take_one(b, &b->items[i], e);
		if (err < 0)
			return err;
	}
	return 0;
}

static int run_batch(struct batch *b, struct err *e)
{
	struct removal *r = b->r;
	int err = batch_announce(b, RECORD_TAKE, e);
	int end = err < 0 ? err : take_all(b, e);

	if (end < 0 && end != -EINTR)
		return end;
	err = batch_settle(b, e);
	for (size_t i = 0; i < b->n && err == 0; i++) {
		if (b->items[i].outcome == OUTCOME_NOT_YET) {
			now_is(r, b->step, b->items[i].object, AT_PLACE);
			continue;
		}
		note_outcome(b, &b->items[i]);
		result_count(r, b->step, b->items[i].object, b->items[i].outcome,
		             b->items[i].words);
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

/* ---- a step --------------------------------------------------------------- */

/* Names of the step's files that the plan does not have. */
static int say_links(struct removal *r, uint32_t step)
{
	const struct step *s = &r->plan->steps[step];
	uint64_t more = 0;

	for (uint32_t o = 0; o < s->n_objects; o++) {
		const struct ref *twins;
		size_t n;
		if (find_twins(r, &s->objects[o], &twins, &n) < 0)
			return -ENOMEM;
		bool first = n > 0 && twins[0].step == step && twins[0].object == o;
		if (first && s->objects[o].links > n)
			more += s->objects[o].links - n;
	}
	if (more > 0)
		note(r, "%llu other name%s of the same files (hard links) are not in the "
		     "plan and stay", (unsigned long long)more, more == 1 ? "" : "s");
	return 0;
}

/* The whole step's outcome, from what its objects came to. */
static void conclude(struct step_result *result, enum outcome worst)
{
	size_t n = strlen(result->words);

	if (result->left == 0)
		result->outcome = result->taken ? OUTCOME_DONE : OUTCOME_GONE;
	else
		result->outcome = result->taken ? OUTCOME_PARTLY : worst;
	if (result->left > 1)
		(void)snprintf(result->words + n, sizeof(result->words) - n,
		               " (and %llu more)", (unsigned long long)result->left - 1);
}

static int take_rest(struct batch *b, struct err *e)
{
	struct removal *r = b->r;
	size_t n = r->plan->steps[b->step].n_objects;
	uint32_t o = 0;

	while (o < n) {
		bool room = true;
		while (o < n && room) {
			if (where_is(r, b->step, o) == AT_PLACE)
				room = add_object(b, o, e);
			o += room;
			if (r->broken)
				return r->broken;
		}
		int err = run_batch(b, e);
		batch_clear(b);
		if (err < 0)
			return err;
	}
	return 0;
}

int take_step(struct removal *r, uint32_t step, struct err *e,
              struct step_result *result)
{
	struct batch *b = calloc(1, sizeof(*b));
	int err = b ? say_links(r, step) : -ENOMEM;

	if (err < 0)
		(void)err_sys(e, err, "taking files");
	if (err == 0 && r->plan->live)
		err = running_read(&r->running, e);
	if (err < 0) { /* nothing was touched; other steps may do better */
		result->outcome = OUTCOME_FAILED;
		(void)snprintf(result->words, sizeof(result->words), "%s", e->text);
		free(b);
		return 0;
	}
	b->r = r;
	b->step = step;
	struct step_result times = {0}; /* undoing tries again and says it */
	err = take_rest(b, e);
	if (err == 0 && result->taken == 0)
		err = times_restore(r, step, e, &times);
	batch_clear(b);
	running_finish(&r->running);
	free(b);
	if (err == 0)
		conclude(result, (enum outcome)r->worst[step]);
	return err;
}
