/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor read or written as a whole. Interrupted calls and short ones are
 * gone on with; what is under way is the caller's to close, sync or take away.
 */
#ifndef SYSTEM_FILE_H
#define SYSTEM_FILE_H

#include "base/str.h"

/* Appends all that is left of fd to *ret. 0; -EFBIG when that is more than max
 * bytes (what was read by then stays in *ret), -ENOMEM, or the errno of read. */
int file_read(int fd, size_t max, struct str *ret);

/* Writes all of it at the descriptor's place. 0 or a negative errno. */
int file_write(int fd, struct slice bytes);

/* Copies all that is left of `from` to `to`: -EFBIG above max bytes, of which
 * some may then be written; 0, -ENOMEM or another negative errno. */
int file_copy(int from, int to, uint64_t max);

#endif
