/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering the linter's complaints. Private to pack/.
 */
#ifndef PACK_PROBLEM_H
#define PACK_PROBLEM_H

#include "pack/pack.h"

/* Problems kept; one more sets `over` and is not kept. */
enum { PROBLEMS_MAX = 1000 };

/* Takes zeroed problems into use. */
void problems_init(struct pack_problems *p);

/* Adds one; a failure to get memory sets `over`, so it is never lost. */
void problems_add(struct pack_problems *p, const char *file, int line, int column,
                  const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Puts them in order of file, line and column. */
void problems_sort(struct pack_problems *p);

/* Is there at least one? */
static inline bool problems_any(const struct pack_problems *p)
{
	return p->n > 0 || p->over;
}

#endif
