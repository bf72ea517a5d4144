/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "remove/take.h"
#include "system/object.h"

void item_says(struct batch_item *i, enum outcome outcome, const char *fmt, ...)
{
	va_list args;

	i->outcome = outcome;
	va_start(args, fmt);
	(void)vsnprintf(i->words, sizeof(i->words), fmt, args);
	va_end(args);
}

int batch_folder(struct batch *b, struct slice path)
{
	/* what lies together stands together, so the last ones come first */
	for (int i = b->n_folders; i-- > 0;) {
		if (slice_eq(b->folders[i].path, path))
			return i;
	}
	if (b->n_folders == BATCH_FOLDERS)
		return -ENFILE;
	int fd = open_folder(b->r, path);
	if (fd < 0)
		return fd;
	b->folders[b->n_folders] = (struct batch_folder){.fd = fd, .path = path};
	return b->n_folders++;
}

void batch_clear(struct batch *b)
{
	for (int i = 0; i < b->n_folders; i++)
		(void)b->r->fs->close(b->r->fs, b->folders[i].fd);
	b->n_folders = 0;
	b->n = 0;
	memset(b->places, 0, sizeof(b->places));
}

static int folder_time(const struct batch *b, int folder, struct timespec *ret)
{
	struct stat st;
	int err = b->r->fs->stat(b->r->fs, b->folders[folder].fd, "", &st);

	if (err == 0)
		*ret = st.st_mtim;
	return err;
}

/* One intent. When not even the folder's time can be had, it is let be. */
static int announce(struct batch *b, struct batch_item *i, enum record_type type)
{
	struct removal *r = b->r;
	struct timespec when;
	int err = folder_time(b, i->folder, &when);

	if (err < 0) {
		item_says(i, OUTCOME_FAILED, "its folder: %s", strerror(-err));
		return 0;
	}
	err = times_before(&r->times, b->step, b->folders[i->folder].path, when,
	                   type == RECORD_BACK);
	if (err < 0)
		return err;
	journal_add(&r->journal, &(struct entry){
		.type = type, .step = b->step, .object = i->object, .a = when.tv_sec,
		.b = (uint64_t)when.tv_nsec | (uint64_t)i->place << PLACE_SHIFT});
	now_is(r, b->step, i->object, type == RECORD_BACK ? GOING_BACK : TAKING);
	r->place[number_of(r, b->step, i->object)] = (uint8_t)i->place;
	return 0;
}

int batch_announce(struct batch *b, enum record_type type, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].outcome != OUTCOME_NOT_YET)
			continue;
		int err = announce(b, &b->items[i], type);
		if (err < 0)
			return broken(b->r, err_sys(e, err, "a folder's time"), e);
	}
	int err = journal_sync(&b->r->journal, e);
	return err < 0 ? broken(b->r, err, e) : 0;
}

static int sync_folder(struct removal *r, int fd, const char *words, struct err *e)
{
	int err = r->fs->sync(r->fs, fd);

	return err < 0 ? broken(r, err_sys(e, err, "syncing %s", words), e) : 0;
}

/* Where things came to is synced before where they went from: a file system
 * without a journal then shows them twice at worst. */
static int sync_all(struct batch *b, struct err *e)
{
	int err = 0;

	for (size_t i = 0; i < PLACES_MAX && err == 0; i++) {
		if (b->places[i] && i != PLACE_COPIES)
			err = sync_folder(b->r, b->r->places[i].fd, "the quarantine", e);
	}
	for (int i = 0; i < b->n_folders && err == 0; i++) {
		if (b->folders[i].touched)
			err = sync_folder(b->r, b->folders[i].fd, "a folder", e);
	}
	return err;
}

/* One record tells a folder's time; any object in it stands for it. */
static int note_time(struct batch *b, const struct batch_item *i, struct err *e)
{
	struct batch_folder *f = &b->folders[i->folder];
	struct timespec when;

	if (!f->touched)
		return 0;
	int err = folder_time(b, i->folder, &when);
	if (err < 0) /* the next start asks again; without it it were lost */
		return broken(b->r, err_sys(e, err, "a folder's time"), e);
	f->touched = false;
	times_after(&b->r->times, b->step, f->path, when);
	journal_add(&b->r->journal, &(struct entry){
		.type = RECORD_FOLDER, .step = b->step, .object = i->object,
		.a = when.tv_sec, .b = (uint64_t)when.tv_nsec});
	return 0;
}

int batch_settle(struct batch *b, struct err *e)
{
	int err = sync_all(b, e);

	for (size_t i = 0; i < b->n && err == 0; i++) {
		if (b->items[i].folder >= 0)
			err = note_time(b, &b->items[i], e);
	}
	return err;
}

const char *item_differs(const struct removal *r, const struct object *planned, int dir,
                         const char *name, int *ret_err)
{
	struct object now = {0};

	*ret_err = object_look(dir, name, &now);
	if (*ret_err < 0)
		return "";
	return object_differs(planned, &now, device_of(r, planned));
}

bool same_copy(const struct object *planned, const struct object *copy)
{
	struct object there = *copy;

	there.inode = planned->inode;
	return !object_differs(planned, &there, copy->device);
}
