/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When something is moved out of a folder, the folder's time moves. Undoing
 * sets it back, but only when the folder was changed by nobody else: each time
 * that we find before our acts must be the one that we left after the last.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/siphash.h"
#include "remove/engine.h"

enum { FIRST_SLOTS = 256 };

static bool same(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The slot of this folder, or the empty one where it belongs. */
static uint32_t *slot_of(const struct folder_times *t, uint32_t step, struct slice path)
{
	static const struct siphash_key key = {1, 2};

	for (size_t i = (siphash(&key, path) + step) % t->n_slots;; i = (i + 1) % t->n_slots) {
		uint32_t *slot = &t->slots[i];
		if (!*slot || (t->list[*slot - 1].step == step &&
		               slice_eq(t->list[*slot - 1].path, path)))
			return slot;
	}
}

/* Room for one more; slots are at most half full. */
static int grow(struct folder_times *t)
{
	if (t->n < t->size)
		return 0;
	size_t size = t->size ? 2 * t->size : FIRST_SLOTS / 2;
	struct folder_time *list = reallocarray(t->list, size, sizeof(*list));
	if (!list)
		return -ENOMEM;
	t->list = list;
	uint32_t *slots = calloc(2 * size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->n_slots = 2 * size;
	t->size = size;
	for (size_t i = 0; i < t->n; i++)
		*slot_of(t, list[i].step, list[i].path) = (uint32_t)i + 1;
	return 0;
}

int times_before(struct folder_times *t, uint32_t step, struct slice path,
                 struct timespec when, bool undoing)
{
	int err = grow(t);

	if (err < 0)
		return err;
	uint32_t *slot = slot_of(t, step, path);
	if (!*slot) {
		t->list[t->n] = (struct folder_time){.step = step, .path = path,
		                                     .before = when};
		*slot = (uint32_t)++t->n;
	}
	struct folder_time *f = &t->list[*slot - 1];
	bool known = same(when, f->at_intent) || (f->has_after && same(when, f->after));
	/* an undoing that was not complete has set it already */
	known = known || (undoing && same(when, f->before));
	if (undoing)
		f->broken = f->broken || !known;
	else if (!known)
		f->before = when; /* somebody changed it: that is to be kept */
	f->at_intent = when;
	return 0;
}

void times_after(struct folder_times *t, uint32_t step, struct slice path,
                 struct timespec when)
{
	uint32_t *slot = t->n_slots ? slot_of(t, step, path) : NULL;

	if (!slot || !*slot)
		return;
	t->list[*slot - 1].after = when;
	t->list[*slot - 1].has_after = true;
}

static bool to_restore(const struct folder_time *f, uint32_t step)
{
	return f->step == step && !f->broken && f->has_after;
}

/* An object for which this folder's flags were lifted before; NULL: none. */
static const struct lifted *lifted_of(const struct removal *r, const struct folder_time *f)
{
	for (size_t i = 0; i < r->n_lifted; i++) {
		const struct lifted *l = &r->lifted[i];
		if (l->folder && l->step == f->step &&
		    slice_eq(folder_of(object_at(r, l->step, l->object)->path), f->path))
			return l;
	}
	return NULL;
}

/* What forbids to move things out of a folder forbids to set its time, too. */
static int restore_one(struct removal *r, const struct folder_time *f, int fd,
                       struct err *e)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, f->before};
	struct stat st;
	int err = r->fs->stat(r->fs, fd, "", &st);

	if (err < 0 || !same(st.st_mtim, f->after) || same(st.st_mtim, f->before))
		return err;
	err = r->fs->times(r->fs, fd, "", times);
	const struct lifted *l = err == -EPERM ? lifted_of(r, f) : NULL;
	if (!l)
		return err;
	int lifted = flags_lift(r, f->step, l->object, true, fd, "", e);
	if (lifted <= 0)
		return lifted < 0 ? lifted : err;
	return r->fs->times(r->fs, fd, "", times);
}

/* Flags of folders that were lifted for their time, now or before a crash. */
static void set_flags(struct removal *r, uint32_t step)
{
	for (size_t i = 0; i < r->n_lifted; i++) {
		struct lifted l = r->lifted[i];
		if (!l.folder || l.set || l.step != step)
			continue;
		int fd = open_folder(r, folder_of(object_at(r, step, l.object)->path));
		int err = fd < 0 ? fd : flags_set(r, step, l.object, true, fd, "");
		if (fd >= 0)
			(void)r->fs->close(r->fs, fd);
		if (err < 0)
			note(r, "flags could not be set again: %s", strerror(-err));
	}
}

static void says(const struct folder_time *f, int err, struct step_result *result)
{
	char words[WORDS];

	(void)snprintf(words, sizeof(words), "the folder's time could not be put back: %s",
	               strerror(-err));
	if (result->outcome != OUTCOME_NOT_UNDONE)
		say_path(result->words, sizeof(result->words), f->path, words);
	result->outcome = OUTCOME_NOT_UNDONE;
}

bool times_any(const struct folder_times *t, uint32_t step)
{
	for (size_t i = 0; i < t->n; i++) {
		if (to_restore(&t->list[i], step))
			return true;
	}
	return false;
}

/* Sets the time of one, or syncs it. 0, or an errno. */
static int visit(struct removal *r, const struct folder_time *f, bool sync,
                 struct err *e)
{
	int fd = open_folder(r, f->path);

	if (fd < 0) /* it is not there: nor is its time */
		return is_away(fd) ? 0 : fd;
	int err = sync ? r->fs->sync(r->fs, fd) : restore_one(r, f, fd, e);
	(void)r->fs->close(r->fs, fd);
	return err;
}

/* All are set before the first is synced: one commit of the file system then
 * serves them all. */
int times_restore(struct removal *r, uint32_t step, struct err *e,
                  struct step_result *result)
{
	for (size_t i = 0; i < r->times.n; i++) {
		const struct folder_time *f = &r->times.list[i];
		int err = to_restore(f, step) ? visit(r, f, false, e) : 0;
		if (r->broken)
			return r->broken;
		if (err < 0)
			says(f, err, result);
	}
	set_flags(r, step);
	for (size_t i = 0; i < r->times.n; i++) {
		const struct folder_time *f = &r->times.list[i];
		int err = to_restore(f, step) ? visit(r, f, true, e) : 0;
		if (err < 0)
			return broken(r, err_sys(e, err, "syncing a folder"), e);
	}
	return 0;
}

void times_finish(struct folder_times *t)
{
	free(t->list);
	free(t->slots);
	*t = (struct folder_times){0};
}
