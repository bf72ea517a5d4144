/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An input is the bytes of one item: a read-only descriptor or memory, read at
 * any offset and never mapped (a file that shrinks must not kill its reader).
 * The first bytes (the head) are read once, when the item arrives.
 */
#ifndef EXTRACT_INPUT_H
#define EXTRACT_INPUT_H

#include "base/arena.h"
#include "base/slice.h"

enum { INPUT_HEAD_MAX = 4096 };

struct input {
	int fd;            /* -1: the bytes are in `memory` */
	struct slice memory;
	uint64_t size;     /* bytes, as fstat said when it was opened */
	struct slice head; /* first min(size, INPUT_HEAD_MAX) bytes */
	uint64_t read_bytes; /* counts what was read, for coverage */
};

/* An input over memory; used for archive members, tests and fuzzing. */
struct input input_of_memory(struct slice bytes);

/*
 * Reads up to n bytes at `offset` into buf. Returns the number read, less
 * than n only at the end of the file, or a negative errno value.
 */
ptrdiff_t input_read(struct input *in, uint64_t offset, void *buf, size_t n);

/*
 * Exactly n bytes at `offset`, in memory of `mem` (or borrowed from the head
 * or from a memory input). Returns 0; -ERANGE when the file is shorter;
 * -ENOMEM; or the error of reading. *ret is touched only on success.
 */
int input_get(struct input *in, uint64_t offset, size_t n, struct arena *mem,
              struct slice *ret);

/* As input_get, but gives what there is when the file ends before n bytes. */
int input_get_some(struct input *in, uint64_t offset, size_t n,
                   struct arena *mem, struct slice *ret);

/* All of the input; -EFBIG when it is larger than `most` bytes. */
int input_get_all(struct input *in, size_t most, struct arena *mem,
                  struct slice *ret);

/*
 * Lines of a text of any size through a fixed window. A line longer than the
 * window is cut and the rest of it skipped; `cut` then counts it.
 */
struct lines {
	struct input *in;
	uint64_t offset;   /* of the first byte in the window */
	size_t at, have;   /* window[at, have) is not yet handed out */
	unsigned cut;      /* lines that did not fit */
	bool in_long_line; /* the last line handed out goes on */
	uint8_t *window;
	size_t window_size;
};

/* window comes from mem. Returns 0 or -ENOMEM. */
int lines_init(struct lines *l, struct input *in, struct arena *mem,
               size_t window_size);

/*
 * Next line without LF or CRLF, valid until the next call, and its offset in
 * the file. Returns 1, 0 at the end, or a negative errno value.
 */
int lines_next(struct lines *l, struct slice *ret_line, uint64_t *ret_offset);

#endif
