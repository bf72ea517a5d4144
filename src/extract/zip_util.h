/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the central directory of a ZIP file and, on request, a member's bytes.
 * The directory is one read at the end of the file, whatever the members'
 * sizes; a general archive reader would go through every local header, and
 * converts names through locale files that a jailed worker cannot open.
 */
#ifndef EXTRACT_ZIP_UTIL_H
#define EXTRACT_ZIP_UTIL_H

#include "base/cursor.h"
#include "extract/input.h"

enum {
	ZIP_MEMBERS_MAX = 65536,
	ZIP_DIRECTORY_MAX = 16 * 1024 * 1024 /* bytes */
};

struct zip {
	struct input *in;
	struct slice directory;
	struct cursor at;
	uint64_t shift; /* bytes in front of the archive (a launcher script) */
	unsigned seen;  /* members given out since zip_rewind */
};

struct zip_member {
	struct slice name; /* in the directory, as long as the arena lives */
	uint16_t method;
	bool encrypted;
	uint64_t packed, size; /* bytes */
	uint64_t header_at;    /* offset of its local header in the file */
};

/* Returns 0; -ENOENT when there is no ZIP directory; -EBADMSG, -EFBIG, -ENOMEM
 * or the error of reading. */
int zip_open(struct zip *z, struct input *in, struct arena *mem);

/* Next member: 1, 0 at the end, -EBADMSG or -E2BIG. */
int zip_next(struct zip *z, struct zip_member *ret);

void zip_rewind(struct zip *z);

/* All bytes of a member. -EACCES when it is encrypted, -ENOTSUP for a method
 * other than stored and deflated, -EFBIG when it is larger than `most`. */
int zip_read(struct zip *z, const struct zip_member *m, size_t most,
             struct arena *mem, struct slice *ret);

#endif
