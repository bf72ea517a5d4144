/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running the examples of packs: every mark must catch what it says it
 * catches and spare what it says it spares; every order must say of its cases
 * what they say.
 */
#ifndef CMD_EXAMPLES_H
#define CMD_EXAMPLES_H

#include "law/law.h"
#include "match/match.h"

/* Called for each example that fails; words is valid during the call. */
typedef void example_failed(void *ctx, const struct mark *mark, int line,
                            const char *words);

/*
 * Runs all examples of all marks. Returns the number of failures, or a
 * negative errno value with the sentence in e.
 */
int examples_run(const struct pack *pack, struct matcher *m, example_failed *failed,
                 void *ctx, struct err *e);

/* Called for each case of an order that comes out otherwise. */
typedef void case_failed(void *ctx, const struct order *order, int line, const char *words);

/* Judges all cases of all orders. Returns the number of failures, or -ENOMEM. */
int order_cases_run(const struct pack *pack, case_failed *failed, void *ctx);

#endif
