/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms in which text is compared. Pure ASCII takes a short way; anything
 * else goes through ICU's NFKC_Casefold. All of them append to `out` (ask
 * str_failed() for lack of memory) and read at most FOLD_BYTES_MAX of s.
 */
#ifndef MATCH_FOLD_H
#define MATCH_FOLD_H

#include "base/str.h"

enum { FOLD_BYTES_MAX = 16 * 1024 };

/*
 * fold_text: NFKC, case folded, runs of white space as one space, trimmed.
 * Bytes that are not UTF-8 become U+FFFD, which no name contains.
 */
void fold_text(struct str *out, struct slice s);

/*
 * fold_words: the folded letters and digits of s as words, each preceded by a
 * space and the last followed by one: " example lab ". Everything else
 * (punctuation, quotation marks, symbols, trade mark signs) separates words; an
 * apostrophe or full stop between single letters ("s.a.", "l.l.c.") joins
 * them. An ideograph is a word of its own, because its script sets no spaces.
 * Empty when there is no word. Folding the result again changes nothing.
 */
void fold_words(struct str *out, struct slice s);

/*
 * fold_name: as fold_words, without legal forms (ltd, inc, gmbh, ao, zao, ooo,
 * "co ltd", ао, ооо, 有限公司 ...) at either end of the name, without an e-mail
 * address or URL in <> or (), and without a leading "copyright (c) 2010-2016"
 * or "by", and without those whom a company names beside itself ("and/or its
 * affiliates"). What remains is the name; a last word is never taken off.
 */
void fold_name(struct str *out, struct slice s);

#endif
