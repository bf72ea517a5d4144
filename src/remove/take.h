/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch of objects on their way into quarantine, or back. Intents for all of
 * them are written and synced together; then each is moved and looked at; then
 * their folders are synced, and the outcomes noted. A crash before the first
 * sync finds nothing begun; one after it finds an intent for whatever was
 * begun, and the disk tells what became of it; outcomes are only written once
 * the folders are on the disk, so that an outcome that was read is true.
 */
#ifndef REMOVE_TAKE_H
#define REMOVE_TAKE_H

#include "remove/engine.h"

struct batch_folder {
	int fd;
	struct slice path;
	int place;       /* where what lies in it is taken to */
	bool touched;    /* something was moved out of it or into it */
};

struct batch_item {
	uint32_t object;
	int folder;      /* index, or -1: it could not be opened */
	int place;
	enum outcome outcome; /* NOT_YET until it is settled */
	bool stray;
	char words[WORDS];
};

struct batch {
	struct removal *r;
	uint32_t step;
	struct batch_folder folders[BATCH_FOLDERS];
	int n_folders;
	bool places[PLACES_MAX]; /* those to be synced */
	struct batch_item items[BATCH_OBJECTS];
	size_t n;
};

static inline const struct object *item_object(const struct batch *b,
                                               const struct batch_item *i)
{
	return object_at(b->r, b->step, i->object);
}

/* The folder of a path, opened and kept. An index; -ENFILE: the batch is full;
 * or another negative errno. */
int batch_folder(struct batch *b, struct slice path);
void batch_clear(struct batch *b);
/* The intents, on the disk. `type`: RECORD_TAKE or RECORD_BACK. */
int batch_announce(struct batch *b, enum record_type type, struct err *e);
/* The acts, on the disk; and how late the folders are. */
int batch_settle(struct batch *b, struct err *e);

/* Settles an item: outcome and words. */
void item_says(struct batch_item *i, enum outcome outcome, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

void item_says_error(struct batch_item *i, int err);

/* Is it the planned thing, whole, and if a folder empty? Says what is not. */
bool item_is_planned(struct batch *b, struct batch_item *i, int dir, const char *name);
bool item_is_empty(const struct removal *r, struct batch_item *i, int dir,
                   const char *name);

/* Moves it out of its folder; flags that forbid it are lifted. 0 or errno. */
int item_move_away(struct batch *b, struct batch_item *i, const char *name, int to,
                   const char *new_name, struct err *e);

/*
 * What was moved is not what was planned. Its name waits for it, unless
 * somebody took that meanwhile: then it stays where it is, whole, and later
 * starts try again.
 */
void item_put_back(struct batch *b, struct batch_item *i, int from, const char *there,
                   int dir, const char *name);

/* take_copy.c: the same for places that are reached by copying. 0, or an errno
 * that ends the run. */
int take_copy(struct batch *b, struct batch_item *i, struct err *e);
int restore_copy(struct batch *b, struct batch_item *i, struct err *e);
/* Is the object at this name the planned one? NULL, or what differs; "" when it
 * could not be looked at (*ret_err). */
const char *item_differs(const struct removal *r, const struct object *planned, int dir,
                         const char *name, int *ret_err);
/* As a file's bytes and all that makes it, but not where it lies. */
bool same_copy(const struct object *planned, const struct object *copy);

#endif
