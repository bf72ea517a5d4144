/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host's report could not examine, read back from the coverage object
 * that its sweep kept: the first of the items that are counted.
 */
#ifndef REPORT_MAP_UNREAD_H
#define REPORT_MAP_UNREAD_H

#include "report/map_report.h"

/* Path and member as they can be shown (escaped when they are not UTF-8). */
struct map_unread {
	struct slice path, member;
	const char *why; /* a word of why.def, or of a version that is not ours */
};

/* Calls fn for each. An inventory may come from anywhere: what is no such object
 * gives nothing. */
void map_unread_each(const struct map_host *h,
                     void (*fn)(void *ctx, const struct map_unread *one),
                     void *ctx);

#endif
