/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What packs know of the orders and makers in a set of articles, put beside it
 * for the writers of export/; and the files they write. Mistakes are told.
 */
#ifndef CMD_EXPORTING_H
#define CMD_EXPORTING_H

#include "base/text.h"
#include "cmd/choice.h"
#include "cmd/output.h"
#include "export/export.h"

struct exporting {
	struct arena mem;
	struct export x;
	char written[TEXT_TIME_SIZE];
};

/*
 * The law's pack and articles are borrowed. `orders`: the verdicts of these alone
 * (each must be one that the articles were looked for by); none: of all. Dates are
 * those of the law's profile and day. False: told. To be finished in every case.
 */
bool exporting_make(struct exporting *e, const struct law_context *law,
                    const struct articles *a, const struct words *orders);

/*
 * Judges the articles again, by the law's profile and day: by these orders, or by
 * all that they were judged by. False: told.
 */
bool exporting_judge(const struct law_context *law, const struct words *orders,
                     struct articles *a);
void exporting_finish(struct exporting *e);

/*
 * Writes it, and completes or cancels the output. What its readers would refuse
 * as too large goes into several files instead, "NAME-1.sarif" and so on, and
 * that is said; where there can be no files, it is one document all the same.
 */
bool exporting_write(struct exporting *e, const struct export_form *form, struct output *out,
                     bool quiet);

/* Found, none found, not fully examined: the exit status. */
int exporting_status(const struct export *x);

#endif
