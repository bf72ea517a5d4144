/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place that a plan is for, and where runs of it are kept: beneath the
 * place itself for another root, so that an image carries its own way back.
 */
#ifndef CMD_SOURCE_ROOT_H
#define CMD_SOURCE_ROOT_H

#include "base/err.h"
#include "base/slice.h"

struct source_root {
	const char *path; /* as it was given: valid as long as the caller's text */
	int fd;           /* O_PATH | O_DIRECTORY */
	bool live;        /* it is the root of the running system */
	char state[64];   /* where runs are kept, by a descriptor that is held:
	                   * /proc/self/fd/N, or a path; "" when there is none */
	int state_fd;
	char state_name[4200]; /* the same for people */
};

/*
 * Opens a root. With `state`, also finds (and makes) the folder for runs:
 * $STATE_DIRECTORY where it is set; <root>/var/lib/debar for root, reached
 * without following links; for others the folder of their inventory. Returns 0
 * or a negative errno with the sentence in e; close it in every case.
 */
int source_root_open(struct source_root *r, const char *path, bool state, struct err *e);
void source_root_close(struct source_root *r);

#endif
