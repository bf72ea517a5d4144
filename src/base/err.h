/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a function says why it failed. It returns a negative errno value and
 * writes one sentence into the caller's struct err; callers on the way up may
 * put their own words in front ("opening X: ..."). Only cmd/ prints it.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/prelude.h"

struct err {
	char text[600]; /* UTF-8, without a trailing newline; cut when longer */
};

/* Writes the sentence and returns `code` (a negative errno value). e may be
 * NULL when the caller needs only the code. */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As err_set, with ": " and the system's words for `code` at the end. */
int err_sys(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "words: " in front of the sentence that is there. */
void err_prefix(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
