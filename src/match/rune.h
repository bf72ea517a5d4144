/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a character is to the matcher, and where one word ends and the next
 * begins. Used alike for folded names and for raw text, so that both agree.
 */
#ifndef MATCH_RUNE_H
#define MATCH_RUNE_H

#include "base/slice.h"

enum rune_class {
	RUNE_OTHER,     /* separates words: space, punctuation, symbols */
	RUNE_CASED,     /* letter of a script with capitals */
	RUNE_UNCASED,   /* any other letter */
	RUNE_DIGIT,
	RUNE_MARK,      /* combining: part of the word that it follows */
	RUNE_IDEOGRAPH, /* a word of its own: its script sets no spaces */
};

enum rune_class rune_class(uint32_t rune);

/* Class of the first character of s; RUNE_OTHER at the end and for bytes that
 * are not UTF-8. */
enum rune_class rune_first(struct slice s);

/* Class of the last character of s, likewise. */
enum rune_class rune_last(struct slice s);

/* Does a word end between two neighbours of these classes? */
static inline bool rune_boundary(enum rune_class before, enum rune_class after)
{
	if (before == RUNE_OTHER || after == RUNE_OTHER)
		return true;
	return after != RUNE_MARK &&
	       (before == RUNE_IDEOGRAPH || after == RUNE_IDEOGRAPH);
}

#endif
