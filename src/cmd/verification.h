/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks again, by a sweep that remembers nothing, and holds what it finds
 * against a plan and what was done of it. No uninstaller's word counts.
 */
#ifndef CMD_VERIFICATION_H
#define CMD_VERIFICATION_H

#include "cmd/choice.h"
#include "remove/remove.h"
#include "report/completion.h"
#include "survey/software.h"
#include "sweep/sweep.h"

struct verification_args {
	const struct choice *choice;
	struct store *store;     /* to compare with what was known; NULL: cannot */
	const char *root;
	unsigned jobs;
	bool quiet;
	int64_t since;           /* when the removal began */
};

/* Sweeps. False: told. The result is freed with sweep_free(). */
bool verification_sweep(const struct verification_args *args, struct sweep **ret);

/*
 * Compares: each article of the plan once, then what else was found. Texts are
 * borrowed from all three, lists lie in mem. 0 or -ENOMEM.
 */
int verification_compare(const struct report *found, const struct plan *plan,
                         const struct step_result *results, struct arena *mem,
                         struct completion_verification *ret);

/*
 * Keeps what is installed beside a run that begins, and reads it again (false:
 * none is kept, or it cannot be read). Keeping fails with the sentence in e.
 */
int verification_keep_software(int run_folder, const char *root, struct err *e);
bool verification_kept_software(int run_folder, struct arena *mem,
                                struct software_list *ret);

/* Adds the packages and services that are there now and were not before. The
 * list is then known to be compared. 0 or -ENOMEM. */
int verification_software(const struct software_list *before,
                          const struct software_list *now, struct arena *mem,
                          struct completion_verification *v);

/* 2 when something is there, or a package or service came in its place; 3 when not
 * everything was examined, or what was there before is not known; else 0. */
int verification_status(const struct completion_verification *v);

#endif
