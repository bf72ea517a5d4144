/* SPDX-License-Identifier: Apache-2.0 */
/* debar orders due: what is due, for whom, why, and how that was computed. */
#ifndef CMD_DUE_H
#define CMD_DUE_H

#include "cmd/choice.h"

struct due_options {
	const char *const *packs;   /* --packs */
	size_t n_packs;
	bool no_default;            /* --no-default-packs */
	const struct words *orders; /* --order; none: all */
	const char *profile;        /* --profile, or NULL */
	const char *as_of, *until;  /* or NULL: today in UTC; a year later */
	const char *format;         /* or NULL: text */
	const char *color, *output; /* or NULL */
};

/*
 * Returns the program's exit status: 2 when a date is overdue; 3 when none is as
 * far as is known, but without a profile nobody knows what became of dates that
 * have passed; 0 otherwise; 1 when the run failed (told).
 */
int due_run(const struct due_options *o);

#endif
