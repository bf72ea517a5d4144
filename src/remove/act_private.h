/* SPDX-License-Identifier: Apache-2.0 */
/* Private to remove/: one kind of step that a program carries out. */
#ifndef REMOVE_ACT_PRIVATE_H
#define REMOVE_ACT_PRIVATE_H

#include "remove/act.h"
#include "system/command.h"

struct act_kind {
	int (*done)(const struct act *a, struct err *e);
	int (*try)(const struct act *a, struct err *e);
	int (*places)(const struct act *a, struct err *e, struct slice **ret, size_t *ret_n);
	int (*run)(const struct act *a, struct err *e);
	int (*undo)(const struct act *a, bool exact, const char *package_file,
	            struct err *e);
};

extern const struct act_kind act_service, act_package, act_trust, act_account;

/*
 * Runs argv (chroot NULL: here) and waits for its end, which no Ctrl-C brings
 * nearer. Returns its exit status, or a negative errno. out, when not NULL,
 * gets what it printed (the caller's to finish); on a status other than 0 e
 * holds what it said last.
 */
int act_run(char *const *argv, const char *chroot, struct str *out, struct err *e);

/* The same, where anything but 0 is -EIO. */
int act_must(char *const *argv, const char *chroot, struct err *e);

/* A list of constant places as slices in mem; NULL-terminated list. */
int act_fixed_places(const struct act *a, const char *const *list, struct slice **ret,
                     size_t *ret_n);

#endif
