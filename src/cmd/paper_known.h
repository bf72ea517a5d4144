/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a paper knows (report/known.h), from findings that were read back, packs
 * and a profile. The findings are put before the law again: a profile may have been
 * written since they were made, and a paper is of its own day.
 */
#ifndef CMD_PAPER_KNOWN_H
#define CMD_PAPER_KNOWN_H

#include "law/law.h"
#include "plan/article.h"
#include "report/known.h"

struct paper_known_args {
	const struct articles *articles;
	const struct law_context *law;
	const struct order *const *orders;
	size_t n_orders;
};

/* Fills in all but order and form. Lists and texts lie in mem or are borrowed from
 * args. 0, -ENOMEM, or -E2BIG when there are too many dates. */
int paper_known_make(const struct paper_known_args *args, struct arena *mem,
                     struct known *ret);

#endif
