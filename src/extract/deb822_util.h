/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stanza form of dpkg's status file, apt's .sources files and DEP-5
 * copyright files: "Name: value" fields, continued on lines that start with
 * white space, stanzas apart by empty lines. It is read line by line, so that
 * a field of any length needs no memory and each value keeps its offset.
 */
#ifndef EXTRACT_DEB822_UTIL_H
#define EXTRACT_DEB822_UTIL_H

#include "extract/input.h"

enum deb822_kind {
	DEB822_FIELD, /* a field and the first line of its value */
	DEB822_MORE,  /* another line of the value of the field before */
	DEB822_BLANK, /* the stanza, if there was one, is over */
};

struct deb822_line {
	enum deb822_kind kind;
	struct slice name;  /* of the field; only with DEB822_FIELD */
	struct slice value; /* without white space at its ends; may be empty */
	uint64_t offset;    /* of the value in the input */
};

struct deb822 {
	struct lines lines;
	unsigned odd; /* lines that are none of the kinds; they are left out */
};

/* Longest line that is read whole. Go and Rust packages of Debian list up to
 * a few hundred kilobytes of sources on one line. */
enum { DEB822_LINE_MAX = 512 * 1024 };

/* The window comes from mem. Returns 0 or -ENOMEM. */
int deb822_init(struct deb822 *d, struct input *in, struct arena *mem);

/* The next line, valid until the call after it; comments are left out.
 * Returns 1, 0 at the end, or a negative errno value. */
int deb822_next(struct deb822 *d, struct deb822_line *ret);

#endif
