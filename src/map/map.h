/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers from the inventory: all distinct values that hosts ever claimed are
 * put to the marks as the packs have them now; the artefacts behind the few
 * that meet one are matched whole, joined into findings and given verdicts by
 * the same code as in a sweep, and joined to the hosts that hold them.
 *
 * Two hosts with the same article may deserve different words: one has the
 * package, the other a left-over account. So hosts are first parted into
 * classes that hold the same of the artefacts in question, and each class is
 * judged as if it were one source of a sweep. No host is judged by what only
 * another one holds.
 *
 * Nothing is printed here and no host is touched. What was stored came from
 * strangers; it is matched in this process, so run it without privilege.
 */
#ifndef MAP_MAP_H
#define MAP_MAP_H

#include "match/match.h"
#include "report/map_report.h"
#include "store/store.h"

struct map_args {
	struct store *store;
	const struct pack *pack;
	struct matcher *matcher;
	const struct order *const *orders;
	size_t n_orders;
	const struct law_context *law; /* for whom and which day verdicts are; what a
	                                * profile says of single places is not asked */
	const bool *entities; /* by index: those wanted; NULL = all */
	int64_t as_of;        /* seconds since 1970; 0 = now */
	const struct map_where *where; /* only hosts of which this holds */
	size_t n_where;
	unsigned by;          /* set of enum map_by */
	size_t limit;
};

struct map;

/* Returns 0 and the answer, or a negative errno with the sentence in e. */
int map_run(const struct map_args *args, struct err *e, struct map **ret);

/* Everything in it lives until map_free(); each_host() reads the store. */
const struct map_report *map_report(const struct map *m);

/* Why each_host() failed, when it did. */
const char *map_error(const struct map *m);

void map_free(struct map *m);

#endif
