/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copyright lines: who says that he holds the rights in a file. Sentences
 * about copyright, the blanks of a licence's model text and the copyright of
 * the licence text itself are no holders.
 */
#ifndef EXTRACT_LICENCE_UTIL_H
#define EXTRACT_LICENCE_UTIL_H

#include "base/slice.h"

/* Longest holder that a line may name; the rest of a longer one is cut. */
enum { LICENCE_HOLDER_MAX = 200 };

/*
 * The holder that a line names, as a part of the line: what follows the mark
 * and the years. False when the line names none.
 */
bool licence_holder(struct slice line, struct slice *ret_holder);

/* Does the line say of its holder that he wrote a part only ("Portions
 * Copyright")? To be asked of lines that name one. */
bool licence_portion(struct slice line);

/* Is this the sentence that follows the copyright line of a licence text's own
 * authors (the GPL's first lines)? */
bool licence_own_text(struct slice line);

/* Do both name the same holder, but for case, blanks and punctuation? */
bool licence_same_holder(struct slice a, struct slice b);

/* Where in the text the first word or sign of a copyright line stands, or
 * SIZE_MAX: a scan and no more, for files of which most have none. It misses
 * lines that only say "(c)" or "COPYRIGHT". */
size_t licence_find(struct slice text);

#endif
