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

/* 2 when something is there, 3 when not everything was examined, else 0. */
int verification_status(const struct completion_verification *v);

#endif
