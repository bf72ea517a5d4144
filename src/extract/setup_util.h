/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the extractors of system set-up share: when a file is in its place to
 * act, and how a record about set-up begins.
 */
#ifndef EXTRACT_SETUP_UTIL_H
#define EXTRACT_SETUP_UTIL_H

#include "extract/extract.h"

/* Longest line of a set-up file that is read whole. */
enum { SETUP_LINE_MAX = 16 * 1024 };

/*
 * Installed when the file lies in one of a root's own folders for set-up
 * (/etc, /usr, /lib, /run, /var, /opt); stored when it is a copy elsewhere.
 */
enum state setup_state(const struct item *item);

/* Starts a SCOPE_SETUP record about software of that name. */
void setup_record(struct extraction *x, struct slice name, enum state state);

/*
 * Calls `each` for each line with its offset; lines over SETUP_LINE_MAX are
 * cut and said to be too large. Returns 0 or the error of reading.
 */
int setup_lines(struct extraction *x, void *ctx,
                void (*each)(void *ctx, struct slice line, uint64_t offset));

/* The first word of a command, without quotation marks around it. */
struct slice setup_first_word(struct slice command);

#endif
