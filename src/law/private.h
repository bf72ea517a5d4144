/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of law/ share. */
#ifndef LAW_PRIVATE_H
#define LAW_PRIVATE_H

#include "law/law.h"

/* ---- state.c ----------------------------------------------------------- */

bool law_within(day d, const char *since, const char *until);

/* ---- place.c: what a profile says of a subject -------------------------- */

/* Does an entry that is narrowed to a place speak of this subject and order?
 * Lists that are empty speak of all. order and subject may be NULL: then a list
 * about them fits only when it is empty. */
bool place_fits(const struct profile_place *p, const struct order *o,
                const struct subject *s);

/* The most narrowly placed answer to a question that holds on the day, or NULL.
 * Of two as narrow, the later in the file. */
const struct profile_answer *profile_answer(const struct law_context *c,
                                            const struct term *question,
                                            const struct order *o,
                                            const struct subject *s);

/* ---- kin.c: how the maker of a subject is related to those an order names - */

struct kinship {
	enum verdict_word word;      /* COVERED: the order reaches it */
	const struct order_entity *named; /* whom the order names */
	const struct family_edge *edge;   /* the step that decided; NULL: it is the
	                              * named one itself */
	enum relation relation;      /* as seen from the named one */
	bool related;                /* by such a step */
	bool over;                   /* that step holds at another time only */
};

/*
 * The best that can be said of any way from a named entity to the subject's
 * maker (and on to its company, when it tells one). 1; 0 when there is no way at
 * all: then the order does not concern it; -ENOMEM.
 */
int kin_of(const struct law_context *c, const struct order *o, const struct subject *s,
           struct arena *mem, struct kinship *ret);

#endif
