/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker: takes items from its socket, extracts claims, matches them and
 * answers, until the socket closes. Runs inside the sandbox.
 */
#ifndef JAIL_WORKER_H
#define JAIL_WORKER_H

#include "jail/jail.h"
#include "jail/spawn.h"

/* What must be ready before the sandbox closes: memory, scratch, libraries
 * that open files at their first use. NULL when out of memory. */
struct worker;
[[nodiscard]] struct worker *worker_new(const struct jail_args *args, int fd,
                                        struct slot *slot);

/* Serves until the broker goes away; never returns. */
NO_RETURN void worker_run(struct worker *w);

#endif
