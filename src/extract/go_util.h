/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build information of a Go program, in whatever kind of file it is.
 */
#ifndef EXTRACT_GO_UTIL_H
#define EXTRACT_GO_UTIL_H

#include "extract/values_util.h"
#include "extract/window_util.h"

/* How its header starts, at a multiple of GO_ALIGN. */
#define GO_MAGIC "\xff Go buildinf:"

enum { GO_HEADER = 32, GO_ALIGN = 16 };

/* A linker without a section of its own for it puts the header near the start
 * of the writable data. */
enum { GO_SEARCH_MAX = 64 * 1024 };

struct go_program {
	struct extraction *x;
	struct window *file;
	const struct record *head; /* of the current record */
	/* Where an address in memory stands in the file, and how many bytes
	 * follow it there; false when it does not. */
	bool (*place)(const void *image, uint64_t addr, uint64_t *ret_offset,
	              uint64_t *ret_room);
	const void *image;
};

/*
 * GO_MODULE claims from the header at file offset `header_at`; the main
 * module's version becomes the record's. Returns 0 or as `extractor.run`.
 */
int go_modules(const struct go_program *p, uint64_t header_at);

/*
 * As go_modules, for a program whose header was taken out: looks through the
 * read-only data [at, at + n) for the module text, which stands between
 * sentinels. Costs reading them; no more than GO_TEXT_SEARCH_MAX is read.
 */
enum { GO_TEXT_SEARCH_MAX = 64 * 1024 * 1024 };
int go_modules_in(const struct go_program *p, uint64_t at, uint64_t n);

/* Looks for the header in the first bytes of `data`; SIZE_MAX without. */
size_t go_find(struct slice data);

#endif
