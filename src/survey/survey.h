/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at a source for what a plan must know: which files there are and what
 * they are exactly, what a package manager says, which services run, what
 * belongs to an account. Everything is opened beneath the root by openat2
 * without following links; files are hashed, never parsed. Questions to
 * package managers go through their own query tools (system/command.h).
 */
#ifndef SURVEY_SURVEY_H
#define SURVEY_SURVEY_H

#include <stdatomic.h>

#include "plan/facts.h"

struct survey_args {
	const char *root;        /* "/" or the folder of another root, or of a
	                          * source that is no root */
	bool live;               /* the running system: processes and services
	                          * are asked too */
	const struct need *needs;
	size_t n;
	const struct plan_lore *lore; /* names of protections; may be NULL */
	const atomic_bool *stop;
	void (*progress)(void *ctx, uint64_t done, struct slice at); /* or NULL */
	void *ctx;
};

/* Returns 0 and an answer to every need; -EINTR when stopped, -ENOMEM, or the
 * errno of opening the root with the sentence in e. */
int survey(const struct survey_args *args, struct err *e, struct facts *ret);
void facts_finish(struct facts *f);

#endif
