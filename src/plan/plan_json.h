/* SPDX-License-Identifier: Apache-2.0 */
/* Private to plan/: a plan in writing. */
#ifndef PLAN_PLAN_JSON_H
#define PLAN_PLAN_JSON_H

#include "plan/plan.h"
#include "plan/shape.h"

enum { PLAN_BYTES_MAX = 1024 * 1024 * 1024 };

extern const struct shape plan_shape;

/* Is a plan that somebody else wrote one that debar could have made? 0, or
 * -EBADMSG with the place in e. */
int plan_check(const struct plan *p, struct err *e);

#endif
