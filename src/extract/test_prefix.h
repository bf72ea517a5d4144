/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of extractors only: runs one over every prefix of some bytes, each
 * in memory of exactly its size, so that AddressSanitizer sees a byte read too
 * far. What comes out does not matter.
 */
#ifndef EXTRACT_TEST_PREFIX_H
#define EXTRACT_TEST_PREFIX_H

#include <stdlib.h>

#include "extract/test_util.h"

static inline void run_on_every_prefix(const struct extractor *x,
                                       const char *path, struct slice bytes)
{
	struct item item = {
		.path = slice_str(path),
		.mode = 0100644,
		.in_root = true,
	};

	for (size_t n = 0; n <= bytes.n; n++) {
		struct collected c = {.quiet = true};
		uint8_t *copy = malloc(n ? n : 1);
		if (!copy)
			abort();
		memcpy(copy, bytes.p, n);
		(void)collect(x, &item, slice_of(copy, n), &c);
		str_finish(&c.text);
		free(copy);
	}
}

#endif
