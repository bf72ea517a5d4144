/* SPDX-License-Identifier: Apache-2.0 */
/* Private to remove/: the three lists of a keep, held against each other. */
#ifndef REMOVE_KEEP_RESTORE_H
#define REMOVE_KEEP_RESTORE_H

#include "remove/keep_list.h"

#define KEEP_BEFORE "before"
#define KEEP_AFTER "after"
#define KEEP_TIMES "times"
#define KEEP_APPEARED_FOLDER "appeared"

struct keep_three {
	const struct keep_args *args;
	struct keep_list before, after, now;
};

/* 0, or a negative errno and nothing to be finished. */
int keep_three_load(struct keep_three *k, const struct keep_args *args, struct err *e);
void keep_three_finish(struct keep_three *k);

/* What is to become of a path. */
enum keep_fate {
	KEEP_UNTOUCHED, /* the program did not change it */
	KEEP_BACK,      /* it did, and it is as before again */
	KEEP_CONFLICT,  /* somebody else changed it since */
	KEEP_CHANGED,
	KEEP_APPEARED,
	KEEP_VANISHED,
};

enum keep_fate keep_fate(const struct keep_three *k, struct slice path);
void keep_count(const struct keep_three *k, struct keep_state *ret);

#endif
