/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests as regular expressions of the pattern library. Literal bytes are
 * written as \xHH, so that no character of a pack is taken for syntax.
 */
#ifndef MATCH_PATTERN_H
#define MATCH_PATTERN_H

#include "base/err.h"
#include "base/str.h"

/* Appends an expression for exactly these bytes. */
void pattern_literal(struct str *out, struct slice s);

/*
 * Appends an anchored expression for a glob over path components: "*" is any
 * run of bytes in one, "?" one character, "**" as a component any number of
 * them, none included.
 */
void pattern_glob(struct str *out, struct slice glob);

/*
 * Refuses an expression that would keep the compiler busy without end, by its
 * size with all repeats written out; syntax is left to the compiler. Returns
 * 0, or -EINVAL with the sentence in e.
 */
int pattern_check_regex(struct slice s, struct err *e);

/*
 * The encoding flags of an expression. The library has no \b that knows
 * Unicode, and people write it around names: an expression with \b takes
 * letters and digits to be ASCII.
 */
unsigned pattern_regex_flags(struct slice s);

#endif
