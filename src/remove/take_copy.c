/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quarantine on another file system: by copy. The object first gets another
 * name in its own folder ("aside"), where it is looked at; what is deleted in
 * the end is that name and no other, so that what somebody puts under the old
 * name meanwhile is not touched.
 *
 *     TAKE synced; aside; looked at; copied, synced, compared; COPIED synced;
 *     aside is unlinked
 *
 * Until COPIED is on the disk the aside is the truth and a copy is nothing;
 * afterwards it is the other way round. Back:
 *
 *     BACK synced; copied to aside, synced, compared; renamed; folder synced;
 *     RETURNED synced; the copy in quarantine is unlinked
 */
#include <errno.h>

#include "remove/keep.h"
#include "remove/take.h"
#include "system/object.h"

static int unlink_flags(const struct object *o)
{
	return o->type == OBJECT_FOLDER ? AT_REMOVEDIR : 0;
}

/* A name of the same inode on the other side, for a hard link. False: none. */
static bool find_twin(struct removal *r, const struct object *o, enum whereabouts where,
                      struct ref *ret)
{
	const struct ref *twins;
	size_t n;

	if (find_twins(r, o, &twins, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t number = number_of(r, twins[i].step, twins[i].object);
		if (r->where[number] == where && r->place[number] == PLACE_COPIES) {
			*ret = twins[i];
			return true;
		}
	}
	return false;
}

static bool is_same_copy(const struct object *planned, int dir, const char *name)
{
	struct object there = {0};

	return object_look(dir, name, &there) == 0 && same_copy(planned, &there);
}

/* ---- away ----------------------------------------------------------------- */

/* Copies the aside and compares. 0, or an errno with words in the item. */
static int copy_in(struct batch *b, struct batch_item *i, const char *aside,
                   const char *number)
{
	struct removal *r = b->r;
	const struct object *planned = item_object(b, i);
	int place = r->places[PLACE_COPIES].fd;
	char twin[NUMBER_TEXT];
	struct ref ref;
	struct err why = {0};
	bool linked = find_twin(r, planned, TAKEN, &ref) || find_twin(r, planned, COPIED, &ref);

	if (linked)
		number_name(number_of(r, ref.step, ref.object), twin);
	int err = copy_object(r->fs, b->folders[i->folder].fd, aside, place, number,
	                      linked ? twin : NULL, &why);
	if (err < 0) {
		item_says(i, OUTCOME_FAILED, "copying it: %.200s", why.text);
		return err;
	}
	if (is_same_copy(planned, place, number))
		return 0;
	item_says(i, OUTCOME_FAILED, "its copy is not the same");
	(void)r->fs->unlink(r->fs, place, number, unlink_flags(planned));
	return -EIO;
}

/* From here on the copy is the truth. */
static int say_copied(struct batch *b, struct batch_item *i, struct err *e)
{
	struct removal *r = b->r;
	int err = r->fs->sync(r->fs, r->places[PLACE_COPIES].fd);

	if (err < 0)
		return broken(r, err_sys(e, err, "syncing the quarantine"), e);
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_COPIED, .step = b->step, .object = i->object});
	err = journal_sync(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	now_is(r, b->step, i->object, COPIED);
	return 0;
}

/* The original could not go after all: it is put back, and only then is the
 * copy nothing again. */
static void keep_original(struct batch *b, struct batch_item *i, const char *aside,
                          const char *name, const char *number, int why)
{
	struct removal *r = b->r;
	int dir = b->folders[i->folder].fd;

	item_says(i, OUTCOME_FAILED, "it is copied, but could not be deleted: %s",
	          strerror(-why));
	item_put_back(b, i, dir, aside, dir, name);
	if (!i->stray)
		(void)r->fs->unlink(r->fs, r->places[PLACE_COPIES].fd, number,
		                    unlink_flags(item_object(b, i)));
}

int take_copy(struct batch *b, struct batch_item *i, struct err *e)
{
	struct removal *r = b->r;
	const struct object *planned = item_object(b, i);
	int dir = b->folders[i->folder].fd;
	char name[NAME_MAX + 1], aside[ASIDE_TEXT], number[NUMBER_TEXT];

	(void)last_name(planned->path, name);
	aside_name(r, number_of(r, b->step, i->object), aside);
	number_name(number_of(r, b->step, i->object), number);
	int err = item_move_away(b, i, name, dir, aside, e);
	if (r->broken)
		return r->broken;
	if (err < 0) {
		item_says_error(i, err);
		return 0;
	}
	b->folders[i->folder].touched = true;
	if (!item_is_planned(b, i, dir, aside) || copy_in(b, i, aside, number) < 0) {
		item_put_back(b, i, dir, aside, dir, name);
		return 0;
	}
	err = say_copied(b, i, e);
	if (err < 0)
		return err;
	err = r->fs->unlink(r->fs, dir, aside, unlink_flags(planned));
	if (err < 0)
		keep_original(b, i, aside, name, number, err);
	else
		i->outcome = OUTCOME_DONE;
	return 0;
}

/* ---- back ----------------------------------------------------------------- */

/* As another name of a file that is back already. 0, or an errno. */
static int link_back(struct batch *b, struct batch_item *i, const char *aside)
{
	struct removal *r = b->r;
	const struct object *planned = item_object(b, i);
	char twin[NAME_MAX + 1];
	struct ref ref;

	if (!find_twin(r, planned, PUT_BACK, &ref))
		return -ENOENT;
	struct slice path = object_at(r, ref.step, ref.object)->path;
	int err = last_name(path, twin), folder = open_folder(r, folder_of(path));
	if (err == 0)
		err = folder < 0 ? folder : r->fs->link(r->fs, folder, twin,
			b->folders[i->folder].fd, aside);
	if (folder >= 0)
		(void)r->fs->close(r->fs, folder);
	if (err == 0 && !is_same_copy(planned, b->folders[i->folder].fd, aside)) {
		(void)r->fs->unlink(r->fs, b->folders[i->folder].fd, aside, 0);
		err = -ESTALE;
	}
	return err;
}

/* Whole and on the disk, beside its place. */
static int copy_back(struct batch *b, struct batch_item *i, const char *aside,
                     const char *number)
{
	struct removal *r = b->r;
	const struct object *planned = item_object(b, i);
	int dir = b->folders[i->folder].fd;
	struct err why = {0};

	if (link_back(b, i, aside) == 0)
		return 0;
	int err = copy_object(r->fs, r->places[PLACE_COPIES].fd, number, dir, aside, NULL,
	                      &why);
	if (err < 0) {
		item_says(i, OUTCOME_NOT_UNDONE, "copying it back: %.200s", why.text);
		return err;
	}
	if (is_same_copy(planned, dir, aside))
		return 0;
	item_says(i, OUTCOME_NOT_UNDONE, "its copy is not the same");
	return -EIO;
}

/* The same, under its name. */
static int bring_back(struct batch *b, struct batch_item *i, const char *aside,
                      const char *number, const char *name)
{
	int dir = b->folders[i->folder].fd;
	int err = copy_back(b, i, aside, number);

	if (err < 0)
		return err;
	err = move(b->r->fs, dir, aside, dir, name);
	if (err < 0)
		item_says(i, OUTCOME_NOT_UNDONE, "%s", strerror(-err));
	return err;
}

/* The name at its place is on the disk: the copy in quarantine may go. */
static int say_returned(struct batch *b, struct batch_item *i, const char *number,
                        struct err *e)
{
	struct removal *r = b->r;
	int err = r->fs->sync(r->fs, b->folders[i->folder].fd);

	if (err < 0)
		return broken(r, err_sys(e, err, "syncing a folder"), e);
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_RETURNED, .step = b->step, .object = i->object});
	err = journal_sync(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	(void)r->fs->unlink(r->fs, r->places[PLACE_COPIES].fd, number,
	                    unlink_flags(item_object(b, i)));
	return 0;
}

int restore_copy(struct batch *b, struct batch_item *i, struct err *e)
{
	struct removal *r = b->r;
	const struct object *planned = item_object(b, i);
	int dir = b->folders[i->folder].fd;
	char name[NAME_MAX + 1], aside[ASIDE_TEXT], number[NUMBER_TEXT];
	struct stat st;

	(void)last_name(planned->path, name);
	aside_name(r, number_of(r, b->step, i->object), aside);
	number_name(number_of(r, b->step, i->object), number);
	if (r->fs->stat(r->fs, dir, name, &st) == 0) {
		item_says(i, OUTCOME_NOT_UNDONE, "its name is taken");
		return 0;
	}
	b->folders[i->folder].touched = true;
	int err = bring_back(b, i, aside, number, name);
	if (err == -EPERM && flags_lift(r, b->step, i->object, true, dir, "", e) > 0) {
		/* an append-only folder takes a new name, and does not change it */
		(void)r->fs->unlink(r->fs, dir, aside, unlink_flags(planned));
		err = bring_back(b, i, aside, number, name);
	}
	if (r->broken)
		return r->broken;
	if (err < 0) {
		(void)r->fs->unlink(r->fs, dir, aside, unlink_flags(planned));
		return 0;
	}
	err = say_returned(b, i, number, e);
	if (err == 0)
		i->outcome = OUTCOME_DONE;
	return err;
}
