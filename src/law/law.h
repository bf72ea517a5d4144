/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the law says: one order, one article, one day, and what the user said of
 * themselves, to a verdict with the clause and the facts that decided. Pure: no
 * clock, no file, no globals. The law itself is data (pack/order.h); here is
 * only how its words are combined, most decisive first (judge.c).
 */
#ifndef LAW_LAW_H
#define LAW_LAW_H

#include "base/arena.h"
#include "pack/profile.h"

struct law_context {
	const struct pack *pack;
	const struct profile *profile; /* or NULL */
	day as_of;
};

enum { LAW_FACTS_MAX = 16 };

/* Reasons for review that are settled by what a plan knows (plan/target.c), so
 * that they are told apart by these words. */
#define LAW_WEAK_WORDS "the evidence is weak: confirm before acting"
#define LAW_RESIDUE_WORDS "these are leftovers of a removed product"
#define LAW_CONNECTED_WORDS \
	"the system is set up to use it, but the article itself was not found"

struct verdict {
	const struct order *order;
	enum verdict_word word;
	const char *because;           /* one sentence; NULL: out of memory */
	const struct clause *clause;   /* that decided, or NULL */
	const struct carve_out *carve_out; /* that excluded, or NULL */
	const char **facts;            /* what decided, each a few words */
	size_t n_facts;
};

/*
 * The verdict; its texts lie in mem. False when the order does not concern such
 * an article at all: it names neither its maker, nor a relative of the maker, nor
 * its category. Then there is no verdict, and *ret is not touched.
 */
bool law_judge(const struct law_context *c, const struct order *o,
               const struct subject *s, struct arena *mem, struct verdict *ret);

/* Sets ret[i] for every entity of the pack that the order may concern: those it
 * names, and all that their families lead to. Others are left as they are. */
void law_entities(const struct pack *pack, const struct order *o, bool *ret);

/* The state of an order on a day by its history, and the stretch that says so
 * (NULL: none does, and it is in force). `effective` and `until` are apart. */
enum order_state law_state(const struct order *o, day d,
                           const struct order_period **ret_period);

/* ---- clocks (due.c) ------------------------------------------------------ */

/* One date that is due, or why there is none. */
struct due {
	const struct order *order;
	const struct clock *clock;
	day on;                        /* DAY_NONE: what starts it is not known */
	unsigned number;               /* of a repetition, from 1; else 0 */
	const char *how;               /* "issued 2017-09-13 + 30 calendar days" */
	const struct profile_event *event; /* that started it, or NULL */
	const struct profile_clause *contract; /* for whom, or NULL */
	const struct profile_waiver *extension; /* that moved it, or NULL */
	day unextended;                /* the date without it */
	bool done;                     /* its paper was handed in (submitted) */
};

struct due_args {
	const struct law_context *context;
	const struct order *const *orders;
	size_t n_orders;
	day until;                     /* repetitions up to this day */
};

enum { DUE_MAX = 100000 };

/* All dates of these orders for this profile, in order of day (unknown last),
 * order, clock. The list and its texts lie in mem. 0, -ENOMEM, -E2BIG. */
int law_due(const struct due_args *args, struct arena *mem, struct due **ret, size_t *ret_n);

#endif
