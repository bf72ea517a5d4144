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

/*
 * Reasons for a review that a removal plan settles by rules of its own, which
 * plan/ recognises by these very words; several reasons stand in one sentence
 * with "; " between them.
 */
#define BECAUSE_WEAK "the evidence is weak: confirm before acting"
#define BECAUSE_LEFTOVERS "these are leftovers of a removed product"
#define BECAUSE_REFERENCED "a manifest asks for it, but the article itself was not found"
#define BECAUSE_CONNECTED \
	"the system is set up to use it, but the article itself was not found"
#define BECAUSE_AND "; "

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

/* What a profile's entry is held against: an article and where it is. */
struct place_words {
	struct slice article, entity, source, host; /* path and host of the place */
};

/* Does an entry that is narrowed to a place speak of these? Of all, where a list
 * is empty. Its orders are asked by themselves. */
bool place_names(const struct profile_place *p, const struct place_words *w);
bool place_of_order(const struct profile_place *p, const char *order_id);

/* The state of an order on a day by its history, and the stretch that says so
 * (NULL: none does, and it is in force). `effective` and `until` are apart. */
enum order_state law_state(const struct order *o, day d,
                           const struct order_period **ret_period);

/* ---- clocks (due.c) ------------------------------------------------------ */

/*
 * DUE_CLOCK    a duty of the order; the others are ends that a person should see
 *              coming: of the order, of a stretch of its history (a suspension),
 *              of a waiver.
 */
enum due_kind { DUE_CLOCK, DUE_ORDER_ENDS, DUE_PERIOD_ENDS, DUE_WAIVER_ENDS };

/* One date that is due, or why there is none. */
struct due {
	enum due_kind kind;
	const struct order *order;
	const struct clock *clock;     /* DUE_CLOCK, else NULL */
	const char *what;              /* what is to be done, or what ends */
	day on;                        /* DAY_NONE: what starts it is not known */
	unsigned number;               /* of a repetition, from 1; else 0 */
	const char *how;               /* "issued 2017-09-13 + 30 calendar days" */
	const struct profile_event *event; /* that started it, or NULL */
	const struct profile_clause *contract; /* for whom, or NULL */
	const struct profile_waiver *extension; /* that moved it, or NULL */
	day unextended;                /* the date without it */
	bool done;                     /* its paper was handed in, or, of a duty that
	                                * has none, the removal was completed */
	bool stopped;                  /* the order is not in force: nothing runs, on
	                                * is DAY_NONE, how says why */
};

struct due_args {
	const struct law_context *context;
	const struct order *const *orders;
	size_t n_orders;
	day until;                     /* repetitions up to this day */
};

enum { DUE_MAX = 100000 };

/* A year after the day, which is how far repetitions are listed when nobody says
 * otherwise; in the calendar's last year the day itself. */
day law_year_after(day d);

/*
 * All dates of these orders for this profile, as they stood on context->as_of, in
 * order of day (unknown last), order, clock, contract, number. The list and its
 * texts lie in mem. 0, -ENOMEM, -E2BIG.
 *
 * - Orders issued after as_of are left out. One that is suspended, superseded,
 *   revoked or over on as_of gives one entry per clock, `stopped`.
 * - A clock is left out when the profile says that its user is none of those whom
 *   it concerns, or holds none of the clauses by which it does. Where a clause
 *   makes it concern a party, there is a date for each contract with the clause.
 * - A clause's wording counts for events in its `since` to `until`.
 * - What happened after as_of (found, notified, submitted, done) had not yet; a
 *   contract's date may lie ahead. With no date of a contract, the day since when
 *   it holds the clause is taken.
 * - An extension moves the dates from its `since` to its `until` to the latter. One
 *   for some articles or sources alone moves none, which `how` says.
 * - A paper settles the earliest open date that started on or before its day; in a
 *   repetition, all that were due by its day or, when none was open, the next.
 */
int law_due(const struct due_args *args, struct arena *mem, struct due **ret, size_t *ret_n);

/* The calendar whose business days count for the order: that of the profile; else
 * the first one of the order's country; else the only one; else NULL. */
const struct calendar *law_calendar(const struct law_context *c, const struct order *o);

#endif
