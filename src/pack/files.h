/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding and reading the files of a pack. Private to pack/.
 */
#ifndef PACK_FILES_H
#define PACK_FILES_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* A pack is written by hand: these are far above any honest one. */
enum { PACK_FILE_BYTES_MAX = 4 * 1024 * 1024, PACK_FILES_MAX = 4096 };

struct pack_file {
	const char *path;  /* as a person would open it */
	const char *name;  /* relative to its folder, for the digest */
	dev_t dev;
	ino_t ino;
};

struct pack_files {
	struct arena *mem; /* holds the paths */
	struct pack_file *list;
	size_t n, size;
};

/*
 * Adds every *.yaml below `place`, a folder, in byte order of the names, or
 * the file `place` itself. Hidden names and files that are listed already are
 * left out; links to folders are not followed below `place`. Returns 0, or a
 * negative errno value with the sentence in e.
 */
int pack_files_add(struct pack_files *files, const char *place, struct err *e);

/* Frees the list; the paths belong to the arena. */
void pack_files_finish(struct pack_files *files);

/*
 * Reads a whole file into memory that the caller frees. Returns 0, or a
 * negative errno value with the sentence in e; -EFBIG, without a sentence,
 * when it is larger than PACK_FILE_BYTES_MAX.
 */
int pack_file_read(const char *path, struct err *e, uint8_t **ret, size_t *ret_n);

#endif
