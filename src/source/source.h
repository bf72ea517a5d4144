/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a path given as a source is: a machine's root (the live one, a chroot,
 * a mounted image, an unpacked container), any other folder, or a file.
 * Recognised by what is in it, not by its name.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum source_kind { SOURCE_ROOT, SOURCE_DIRECTORY, SOURCE_FILE };

/* Returns 0, or a negative errno with the sentence in e. A folder that may not
 * be read is a folder: reading it will tell. */
int source_recognise(const char *path, enum source_kind *ret, struct err *e);

/*
 * The name of the machine whose root this is: the running system's for "/",
 * else the first line of etc/hostname when it is a plausible host name. Writes
 * an empty string when it is not known.
 */
void source_host(const char *path, char *buf, size_t size);

const char *source_kind_name(enum source_kind kind);

#endif
