/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where results go: standard output, or a file that appears whole or not at
 * all (written beside its place and renamed).
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdio.h>

#include "base/err.h"

struct output {
	FILE *stream;
	const char *path; /* NULL: standard output */
	char *temporary;  /* to be renamed; NULL when written in place */
};

/* Opens before the work starts, so that a bad place is known at once. path
 * NULL is standard output. Returns 0 or a negative errno. */
int output_open(struct output *o, const char *path, struct err *e);

/* Completes the file. Returns 0, or a negative errno when not every byte
 * could be written; a file that was there before is then untouched. */
int output_close(struct output *o, struct err *e);

/* Gives up: removes what was written. */
void output_cancel(struct output *o);

#endif
