/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would happen if a plan were carried out now: every object is looked at
 * and compared, every program's own simulation is run, and nothing is changed.
 */
#ifndef REMOVE_REHEARSE_H
#define REMOVE_REHEARSE_H

#include "remove/remove.h"

/* Fills one result a step (results: as many as args->plan has steps): DONE means
 * that it would be. fs, state, plan_json and started of args are not used.
 * Returns 0, -EINTR when stopped, or the errno of opening the root. */
int rehearse(const struct removal_args *args, struct step_result *results,
             struct err *e);

#endif
