/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two lists of a keep side by side: what the program changed, and what
 * became of that since. Only remove/keep*.c include it.
 */
#ifndef REMOVE_KEEP_CHANGE_H
#define REMOVE_KEEP_CHANGE_H

#include "remove/keep_list.h"

/* What is to be done at a path. Bytes of the file "restoring". */
enum verdict {
	VERDICT_SAME = 0,     /* the program did not change it */
	VERDICT_DONE = 1,     /* it is as before, or never was not */
	VERDICT_TODO = 2,     /* it is as the program left it */
	VERDICT_CONFLICT = 3, /* it is neither */
	VERDICT_MASK = 3,
	VERDICT_TIME = 4,     /* a folder whose time nobody else moved */
};

/* One path; either may be NULL. */
struct pair {
	const struct keep_item *before, *after;
	uint32_t number;       /* of before in its list */
	uint8_t verdict;
};

struct changes {
	const struct keep_args *args;
	struct keep_list before, after;
	struct pair *pairs;    /* in the order of their paths */
	size_t n;
	uint32_t *next_name;   /* of before: the next name of the same inode + 1 */
	bool resumed;          /* the verdicts are those of an unfinished restore */
	struct keep_state state;
};

/* Reads both lists and decides, or reads what was decided. Finish in any case. */
int changes_read(const struct keep_args *args, struct err *e, struct changes *ret);
void changes_finish(struct changes *c);

static inline struct slice pair_path(const struct pair *p)
{
	return p->before ? p->before->path : p->after->path;
}

static inline enum verdict pair_verdict(const struct pair *p)
{
	return p->verdict & VERDICT_MASK;
}

/* Both are folders: it stays, and only what belongs to it changes. */
static inline bool pair_is_folder(const struct pair *p)
{
	return p->before && p->after && S_ISDIR(p->before->m.mode) &&
	       S_ISDIR(p->after->m.mode);
}

/* What is there now; -ENOENT also when nothing leads there. Slices in mem. */
int changes_look(const struct changes *c, struct slice path, struct arena *mem,
                 struct copy_meta *ret);

/* Is it as it was before, among its names too? 1, 0 or a negative errno. */
int changes_is_before(const struct changes *c, const struct pair *p,
                      const struct copy_meta *now);

/* The first name of the same inode that is as before; NULL: none is. 0 or errno. */
int changes_anchor(const struct changes *c, const struct keep_item *i,
                   const struct keep_item **ret, struct copy_meta *ret_meta);

void changes_conflict(struct changes *c, const struct pair *p);

#endif
