/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of extractors only: an honest file cut off at every length, and
 * with every byte changed in turn. Under the sanitizers this finds a reader
 * that believes a length; without them, one that never ends.
 */
#ifndef EXTRACT_TEST_DAMAGE_H
#define EXTRACT_TEST_DAMAGE_H

#include <stdlib.h>

#include "extract/test_util.h"

/* Runs x, deep, over a copy of exactly n bytes; returns the text. */
static inline char *damage_run(const struct extractor *x, const char *path,
                               const uint8_t *p, size_t n)
{
	struct item item = {
		.path = slice_str(path),
		.mode = 0100644,
		.in_root = true,
		.deep = true,
	};
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, p, n);
	char *text = extract_item_to_text(x, &item, slice_of(copy, n));
	free(copy);
	return text;
}

/* Every prefix, in steps of `step` bytes; no claim may lie outside it. */
static inline void damage_prefixes(const struct extractor *x, const char *path,
                                   struct slice bytes, size_t step)
{
	for (size_t n = 0; n < bytes.n; n += step) {
		char *text = damage_run(x, path, bytes.p, n);
		if (strstr(text, "OUTSIDE")) {
			fprintf(stderr, "%s: %zu bytes:\n%s", path, n, text);
			abort();
		}
		free(text);
	}
}

/* Each byte inverted in turn, in steps of `step`, from `from` up to `to`.
 * `word` (may be NULL) must not come up in what is said about it. */
static inline void damage_bytes(const struct extractor *x, const char *path,
                                struct slice bytes, size_t from, size_t to,
                                size_t step, const char *word)
{
	uint8_t *copy = malloc(bytes.n);

	if (!copy)
		abort();
	memcpy(copy, bytes.p, bytes.n);
	for (size_t at = from; at < to && at < bytes.n; at += step) {
		copy[at] ^= 0xff;
		char *text = damage_run(x, path, copy, bytes.n);
		if (strstr(text, "OUTSIDE") || (word && strstr(text, word))) {
			fprintf(stderr, "%s: byte %zu:\n%s", path, at, text);
			abort();
		}
		free(text);
		copy[at] ^= 0xff;
	}
	free(copy);
}

#endif
