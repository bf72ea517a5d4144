/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that a program of the system carries out: packages by their manager,
 * services by systemctl, trust stores by their own tool, accounts by userdel
 * and groupdel. Each is the same five questions; the engine (run.c) asks them
 * in order and writes its journal between.
 *
 * Nothing here writes a journal, asks a person or prints.
 */
#ifndef REMOVE_ACT_H
#define REMOVE_ACT_H

#include "base/arena.h"
#include "base/err.h"
#include "plan/plan.h"

struct act {
	const char *root;        /* path of the source */
	bool live;
	const struct step *step; /* kind SERVICE, PACKAGE, TRUST, USER or GROUP */
	struct arena *mem;       /* for what is returned */
};

/* Is it done already, by what the system says? 1, 0 or a negative errno. A
 * package is gone when the manager does not know it; a service when it is
 * neither active nor enabled; an account when its database does not name it.
 * A trust store has no such state: always 0. */
int act_done(const struct act *a, struct err *e);

/*
 * May it be done? Simulates with the manager's own means, and compares what it
 * would remove with the plan: a package outside the plan, an essential one, a
 * version other than the planned one, an account of which something remains, a
 * manager that is busy are refusals. Changes nothing. 0 it may; -EPERM refused,
 * the sentence in e says why; or another negative errno.
 */
int act_try(const struct act *a, struct err *e);

/* The places to be kept before it is done (see keep.h): databases, the
 * packages' own files, /etc, the store's output. Absolute paths in the source. */
int act_places(const struct act *a, struct err *e, struct slice **ret, size_t *ret_n);

/* Does it. 0, or a negative errno with what the program said in e. A process
 * that was started is waited for to its end. */
int act_do(const struct act *a, struct err *e);

/*
 * Undoing, when the places could be put back exactly (`exact`): only what is
 * not in files, such as starting a service that ran. Otherwise by the system's
 * own means: the package is installed again from `package_file` (NULL: cannot),
 * the account is made again, the service enabled. 0; -ENOTSUP cannot be undone
 * (e says what a person would do); or another negative errno.
 */
int act_undo(const struct act *a, bool exact, const char *package_file, struct err *e);

/*
 * Finds a package file of exactly this package and version in the manager's
 * cache (apt's) and copies it into the folder dir_fd under its name there. 0;
 * -ENOENT when there is none: nothing is fetched. Only a second way back: the
 * keep is the first.
 */
int act_package_file(const struct act *a, const struct plan_package *p, int dir_fd,
                     struct err *e, struct slice *ret_name);

/* Is there such a package file? */
bool act_has_package_file(const struct act *a, const struct plan_package *p);

#endif
