/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a list of hosts that should report: a line each, NAME or NAME,UNIT,
 * with quotation marks as in CSV where a field has a comma. Empty lines and
 * lines that start with # are left out.
 *
 * A first line with two or more fields, one of them "host" or "name", is a
 * header. It says in which column the name and the unit ("unit") stand; every
 * other column is a label: its heading the key, its fields the values. A field
 * that is empty or missing says nothing.
 */
#ifndef CMD_EXPECT_H
#define CMD_EXPECT_H

#include <stdio.h>

#include "base/arena.h"
#include "store/store.h"

enum {
	EXPECT_LINE_MAX = 16384,
	EXPECT_NAME_MAX = 255,
	EXPECT_UNIT_MAX = 1024,
	EXPECT_COLUMNS_MAX = 64,
	EXPECT_KEY_MAX = 64,     /* bytes of a label's key */
	EXPECT_VALUE_MAX = 1024, /* and of its value */
};

/* The columns of a list, and where a line's fields are put. */
struct expect {
	size_t host, unit;        /* columns; unit SIZE_MAX: there is none */
	struct slice keys[EXPECT_COLUMNS_MAX]; /* of labels; "" for the others */
	size_t n_columns;
	struct arena header, mem; /* of the list, of the line */
	struct str labels;
	const char *why;          /* what is wrong with the line */
};

/* A list without a header, so far. */
void expect_init(struct expect *x);
void expect_finish(struct expect *x);

/* One line into a host, which lasts until the next. False: not such a line, or
 * one over a limit; x->why says so. A line to be left out has an empty name. */
bool expect_line(struct expect *x, struct slice line, bool first,
                 struct store_host *ret);

/* Enters all of them, or none. Returns their number or a negative errno. */
int64_t expect_read(struct store *store, FILE *in, struct err *e);

#endif
