/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the rows of a table as CSV (RFC 4180) to a stream, cell by cell.
 * Cells hold shown text (base/text.h) and never start a formula. Running out
 * of memory is remembered; errors of writing stay on the stream.
 */
#ifndef REPORT_CSV_EMIT_H
#define REPORT_CSV_EMIT_H

#include <stdio.h>

#include "base/str.h"

struct csv {
	FILE *out;
	struct str shown;   /* the cell that is being composed, made safe */
	bool failed;        /* out of memory */
	bool in_row;
};

void csv_init(struct csv *t, FILE *out);

/* Frees the scratch memory. Returns 0 or -ENOMEM. */
int csv_finish(struct csv *t);

/* The next cell: what `shown` holds; a stranger's bytes; text of ours (NULL is
 * empty); a number. */
void csv_put(struct csv *t);
void csv_cell(struct csv *t, struct slice value);
void csv_cstr(struct csv *t, const char *value);
void csv_number(struct csv *t, uint64_t value);
/* n empty cells. */
void csv_empty(struct csv *t, unsigned n);

void csv_end_row(struct csv *t);

#endif
