/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several commands are asked in the same words: packs, orders, entities,
 * colour, and which inventory. Mistakes are told here (cmd_error).
 */
#ifndef CMD_CHOICE_H
#define CMD_CHOICE_H

#include "match/match.h"
#include "report/report.h"
#include "store/store.h"

enum { WORDS_MAX = 1000 }; /* --packs, --order, --entity given so often */

struct words {
	const char *list[WORDS_MAX];
	size_t n;
};

/* Adds one; false (told) when there are too many. */
bool words_add(struct words *w, const char *word);

/* What is looked for. */
struct choice {
	struct pack *pack;
	struct matcher *matcher;
	const struct order **orders;
	size_t n_orders;
	bool *entities; /* by index; NULL: all */
	struct profile *profile; /* or NULL */
	struct law_context law;  /* of this pack and profile */
};

/* Loads packs, builds the matcher, and looks the ids up: all orders and
 * entities when none is named. False: told why not. */
bool choice_make(struct choice *c, const struct words *packs, bool no_default,
                 const struct words *orders, const struct words *entities);
void choice_finish(struct choice *c);

/*
 * For whom and for which day verdicts are: the profile in a file (NULL: none),
 * and --as-of (NULL: today in UTC). False: told why not. choice_make() comes
 * first; without this, it is nobody in particular, today.
 */
bool choice_law(struct choice *c, const char *profile, const char *as_of);

/* --color: auto, always or never? Told when it is none of them. */
bool choice_color(const char *word);

/* Today, in UTC. */
day choice_today(void);

/* The day of an option such as --as-of; `unless` when it was not given. DAY_NONE:
 * told that it is no date. */
day choice_day(const char *option, const char *word, day unless);

/* Reads a profile against its pack; NULL: told why not. */
struct profile *choice_profile(const struct pack *pack, const char *path);

/* A day (its end, in UTC) or a time as seconds since 1970; 0 when the word is
 * neither. */
int64_t choice_time(const char *word);

/* The style of a text report; output NULL is standard output. */
struct report_style choice_style(const char *color, const char *output);

/* Opens the inventory that was named, or the usual one; NULL: told why not. */
struct store *choice_store(const char *url, unsigned flags);

/* The same place as text that may be shown: without a password. Never NULL;
 * valid until the next call. */
const char *choice_store_name(const char *url);

#endif
