/* SPDX-License-Identifier: Apache-2.0 */
/* Private to plan/: paths in a source as text ("/a/b"). */
#ifndef PLAN_PATH_H
#define PLAN_PATH_H

#include "base/slice.h"

/* The order in which a folder stands right before all that it holds: bytes, but
 * the slash before every other. */
int path_cmp(struct slice a, struct slice b);

/* Does `inner` lie in the folder `outer`? Not when they are the same. */
bool path_inside(struct slice inner, struct slice outer);

/* The same or inside. */
bool path_within(struct slice inner, struct slice outer);

/* Does the path lie in, or is it, one of these? */
bool path_in_table(struct slice path, const char *const *table, size_t n);

#endif
