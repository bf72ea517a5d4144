/* SPDX-License-Identifier: Apache-2.0 */
/* The work of law_due() while it goes on; private to law/. */
#ifndef LAW_DUE_H
#define LAW_DUE_H

#include "law/law.h"

/* A date with what only the settling of papers needs. */
struct draft {
	struct due due;
	day start;      /* papers before it are of something else; DAY_NONE: none are */
	size_t made;    /* place in the order of making */
};

/* The work on one clock of one order for one contract, and the list so far. */
struct run {
	const struct due_args *args;
	const struct law_context *c;
	struct arena *mem;
	const struct order *o;
	const struct clock *k;
	const struct profile_clause *contract; /* or NULL */
	const char *unsaid;     /* a clause of which the profile says nothing, or NULL */
	struct draft *list;
	size_t n, room;
	int rc;
};

/* What sets a clock going. */
struct start {
	day on;
	const char *words;      /* "issued 2017-09-13" */
	const struct profile_event *event; /* or NULL */
};

/* The day of a date that the reader checked; DAY_NONE for NULL. */
day due_date(const char *text);
/* Does the day lie in [since, until], each of which may be NULL? */
bool due_holds(const char *since, const char *until, day d);
bool due_listed(const char *const *list, size_t n, const char *id);
/* Is this said of the order at hand? */
bool due_concerns(const struct run *r, const struct profile_place *p);
/* Did this happen to the order, and to the contract at hand? */
bool due_happened(const struct run *r, const struct profile_event *e);
/* Is it said of all that the order reaches, and not of a part? */
bool due_whole(const struct run *r, const struct profile_place *p);

/* A copy in r->mem of what s holds, which is freed. NULL sets r->rc. */
const char *due_keep(struct run *r, struct str *s);
/* The next date of the list, for the clock and the contract at hand, with nothing
 * known of it yet. NULL when r->rc is set, or becomes so. */
struct draft *due_add(struct run *r);

/* due_start.c: adds the dates of the clock at hand, or says what is not known. */
void due_begin(struct run *r);
/* Is it an extension of this clock for a date that was to be met on that day? */
bool due_extends(const struct run *r, const struct profile_waiver *w, day on);

/* due_words.c: how a date was computed ("issued 2017-09-13 + 30 calendar days")
 * and what else moved it; and what is needed to compute one, when `ahead` events
 * lie after as_of. */
const char *due_tell(struct run *r, const struct start *start, day first,
                     const struct due *d);
const char *due_tell_open(struct run *r, unsigned ahead);

/* due_settle.c: marks what is done of the dates list[from] and on, which are
 * those of the clock and the contract at hand. */
void due_settle(struct run *r, size_t from);

#endif
