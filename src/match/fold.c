/* SPDX-License-Identifier: Apache-2.0 */
#include "match/fold.h"

#include <stdlib.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/text.h"
#include "match/rune.h"

static bool is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80)
			return false;
	return true;
}

static bool white(UChar32 c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	return u_isUWhiteSpace(c);
}

/* White space that was seen and not yet written: none at either end. */
struct gap {
	struct str *out;
	size_t start;
	bool open;
};

static void close_gap(struct gap *g)
{
	if (g->open && g->out->n > g->start)
		str_putc(g->out, ' ');
	g->open = false;
}

static void text_of_ascii(struct str *out, struct slice s)
{
	struct gap gap = {.out = out, .start = out->n};

	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		if (white(c)) {
			gap.open = true;
			continue;
		}
		close_gap(&gap);
		str_putc(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
	}
}

static void put_rune(struct str *out, UChar32 c)
{
	uint8_t bytes[U8_MAX_LENGTH];
	size_t n = 0;

	U8_APPEND_UNSAFE(bytes, n, c);
	str_add(out, slice_of(bytes, n));
}

/* An unpaired surrogate cannot come out of UTF-8, and is replaced if it does. */
static void text_of_utf16(struct str *out, const UChar *wide, size_t n)
{
	struct gap gap = {.out = out, .start = out->n};

	for (size_t i = 0; i < n;) {
		UChar32 c;
		U16_NEXT(wide, i, n, c);
		if (white(c)) {
			gap.open = true;
			continue;
		}
		close_gap(&gap);
		put_rune(out, U_IS_SURROGATE(c) ? 0xfffd : c);
	}
}

/* NFKC would glue trade and service mark signs to the word as letters. */
static void drop_trade_signs(UChar *wide, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
		if (wide[i] == 0x2122 || wide[i] == 0x2120)
			wide[i] = ' ';
}

/* UTF-8 never has more UTF-16 units than bytes. */
static UChar *widen(struct slice s, int32_t *ret_n)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar *wide = malloc((s.n + 1) * sizeof(*wide));

	if (!wide)
		return NULL;
	u_strFromUTF8WithSub(wide, (int32_t)s.n + 1, ret_n, (const char *)s.p,
	                     (int32_t)s.n, 0xfffd, NULL, &status);
	if (U_SUCCESS(status))
		return wide;
	free(wide);
	return NULL;
}

static UChar *casefold(const UChar *wide, int32_t n, int32_t *ret_n)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&status);

	if (U_FAILURE(status))
		return NULL;
	int32_t size = n + n / 4 + 16;
	for (int try = 0; try < 2; try++) {
		UChar *folded = malloc((size_t)size * sizeof(*folded));
		if (!folded)
			return NULL;
		status = U_ZERO_ERROR;
		*ret_n = unorm2_normalize(nfkc, wide, n, folded, size, &status);
		if (U_SUCCESS(status))
			return folded;
		free(folded);
		if (status != U_BUFFER_OVERFLOW_ERROR)
			return NULL;
		size = *ret_n + 1;
	}
	return NULL;
}

static void fold(struct str *out, struct slice s, bool words_only)
{
	int32_t n_wide, n_folded;
	UChar *folded = NULL;

	s = slice_first(s, FOLD_BYTES_MAX);
	if (is_ascii(s)) {
		text_of_ascii(out, s);
		return;
	}
	UChar *wide = widen(s, &n_wide);
	if (wide && words_only)
		drop_trade_signs(wide, n_wide);
	if (wide)
		folded = casefold(wide, n_wide, &n_folded);
	if (folded)
		text_of_utf16(out, folded, (size_t)n_folded);
	else
		out->failed = true;
	free(folded);
	free(wide);
}

void fold_text(struct str *out, struct slice s)
{
	fold(out, s, false);
}

/* What is left of `out` from byte `at` to byte `end`; it moves as out grows. */
static struct slice part(const struct str *out, size_t at, size_t end)
{
	return slice_of(out->p + at, end - at);
}

/* Does s start with one cased letter that stands alone? */
static bool lone_letter(struct slice s)
{
	size_t n = text_rune(s, NULL);

	return rune_first(s) == RUNE_CASED &&
	       rune_first(slice_from(s, n)) == RUNE_OTHER;
}

static bool joins(uint32_t rune, struct slice rest)
{
	return (rune == '.' || rune == '\'' || rune == 0x2019) &&
	       lone_letter(rest);
}

/* The word that is being written. */
struct word {
	enum rune_class last; /* RUNE_OTHER between words */
	bool initials;        /* so far it is lone letters, joined */
};

/* Takes the character at the start of s; returns its length. */
static size_t put_word_rune(struct str *out, struct slice s, struct word *w)
{
	uint8_t bytes[U8_MAX_LENGTH];
	uint32_t rune;
	size_t n = text_rune(s, &rune);

	if (n == 0)
		return 1;
	enum rune_class class = rune_class(rune);
	if (class == RUNE_OTHER) {
		if (!w->initials || !joins(rune, slice_from(s, n)))
			*w = (struct word){0};
		return n;
	}
	if (class == RUNE_MARK && w->last == RUNE_OTHER)
		return n;
	if (rune_boundary(w->last, class))
		w->initials = lone_letter(s);
	memcpy(bytes, s.p, n); /* s may lie in out, which may move */
	if (rune_boundary(w->last, class))
		str_putc(out, ' ');
	str_add(out, slice_of(bytes, n));
	w->last = class;
	return n;
}

/* Replaces out[start, ...) by bytes of out itself. */
static void keep_only(struct str *out, size_t start, struct slice keep)
{
	if (out->failed || !out->p)
		return;
	memmove(out->p + start, keep.p, keep.n);
	out->n = start + keep.n;
	out->p[out->n] = 0;
}

/* Turns the folded text out[start, ...) into words. */
static void text_to_words(struct str *out, size_t start)
{
	size_t end = out->n;
	struct word word = {0};

	for (size_t at = start; at < end && !out->failed;)
		at += put_word_rune(out, part(out, at, end), &word);
	if (out->n > end)
		str_putc(out, ' ');
	if (!out->failed)
		keep_only(out, start, part(out, end, out->n));
}

void fold_words(struct str *out, struct slice s)
{
	size_t start = out->n;

	fold(out, s, true);
	if (!out->failed && out->n > start)
		text_to_words(out, start);
}

/* An aside that is longer than this is text in brackets. */
enum { ASIDE_BYTES_MAX = 512 };

/* Is this, out of brackets, an address or a sign and not part of a name? */
static bool is_aside(struct slice inside)
{
	return slice_find_byte(inside, '@') < inside.n ||
	       slice_find(inside, SLICE("://")) != SIZE_MAX ||
	       slice_starts(inside, SLICE("www.")) ||
	       slice_eq(inside, SLICE("c")) || slice_eq(inside, SLICE("r")) ||
	       slice_eq(inside, SLICE("tm"));
}

/*
 * Blanks bracketed addresses and signs; returns whether a copyright sign was
 * there. A bracket that is never closed reaches to the end.
 */
static bool blank_asides(struct str *out, size_t start)
{
	static const struct slice sign = {(const uint8_t *)"\xc2\xa9", 2};
	bool copyright = slice_find(part(out, start, out->n), sign) != SIZE_MAX;

	for (size_t at = start; at < out->n; at++) {
		if (out->p[at] != '<' && out->p[at] != '(')
			continue;
		uint8_t shut = out->p[at] == '<' ? '>' : ')';
		struct slice inside = part(out, at + 1, out->n);
		inside = slice_first(inside, ASIDE_BYTES_MAX);
		inside = slice_first(inside, slice_find_byte(inside, shut));
		if (!is_aside(inside))
			continue;
		copyright |= slice_eq(inside, SLICE("c"));
		memset(out->p + at, ' ', inside.n + 1);
	}
	return copyright;
}

/* Takes `words` off the front of w, unless nothing would remain. */
static bool cut_front(struct slice *w, struct slice words)
{
	if (w->n <= words.n + 2 || w->p[words.n + 1] != ' ' ||
	    !slice_starts(slice_from(*w, 1), words))
		return false;
	*w = slice_from(*w, words.n + 1);
	return true;
}

static bool cut_back(struct slice *w, struct slice words)
{
	if (w->n <= words.n + 2 || w->p[w->n - words.n - 2] != ' ' ||
	    !slice_ends(slice_first(*w, w->n - 1), words))
		return false;
	w->n -= words.n + 1;
	return true;
}

static bool all_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static bool is_year(struct slice s)
{
	return s.n == 4 && all_digits(s) &&
	       (slice_starts(s, SLICE("19")) || slice_starts(s, SLICE("20")));
}

static struct slice first_word(struct slice w)
{
	struct slice rest = slice_from(w, 1);

	return slice_first(rest, slice_find_byte(rest, ' '));
}

static struct slice last_word(struct slice w)
{
	struct slice rest = slice_first(w, w.n - 1);
	const uint8_t *space = memrchr(rest.p, ' ', rest.n);

	return slice_from(rest, (size_t)(space - rest.p) + 1);
}

static bool cut_notice(struct slice *w)
{
	static const char *const notices[] = {
		"copyright", "copyrights", "copr", "by", "present",
		"版 权 所 有", "авторские права",
	};

	for (size_t i = 0; i < COUNT_OF(notices); i++)
		if (cut_front(w, slice_str(notices[i])))
			return true;
	return false;
}

/*
 * Takes "copyright 2010-16, present by" off the front and "all rights
 * reserved" off the end; years also off the end when it is a notice, because
 * without one they may be part of the name.
 */
static struct slice without_notice(struct slice w, bool notice)
{
	bool year = false, again;

	do {
		struct slice word = first_word(w);
		bool dated = is_year(word) ||
		             (year && word.n == 2 && all_digits(word));
		again = dated ? cut_front(&w, word) : cut_notice(&w);
		year |= again && dated;
		notice |= again;
	} while (again);
	cut_back(&w, SLICE("all rights reserved"));
	while (notice && is_year(last_word(w)) && cut_back(&w, last_word(w)))
		;
	return w;
}

enum legal_place { LEGAL_FRONT = 1, LEGAL_BACK = 2, LEGAL_BOTH = 3 };

static const struct legal_form {
	struct slice words;
	enum legal_place place;
} legal_forms[] = {
#define LEGAL(where, text) {{(const uint8_t *)text, sizeof(text) - 1}, LEGAL_##where},
#include "match/legal.def"
#undef LEGAL
};

/* The longest form goes first: "private limited" is not "limited" alone. */
static bool cut_legal(struct slice *w)
{
	struct slice best = *w;

	for (size_t i = 0; i < COUNT_OF(legal_forms); i++) {
		const struct legal_form *form = &legal_forms[i];
		struct slice back = *w, front = *w;
		if (form->place & LEGAL_BACK && cut_back(&back, form->words) &&
		    back.n < best.n)
			best = back;
		if (form->place & LEGAL_FRONT &&
		    cut_front(&front, form->words) && front.n < best.n)
			best = front;
	}
	bool cut = best.n < w->n;
	*w = best;
	return cut;
}

static bool cut_any(struct slice *w, const struct slice *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cut_back(w, words[i]))
			return true;
	return false;
}

/*
 * Takes off the end whom a company names beside itself: "and/or its
 * affiliates", "and others". "Corp. & Affiliates" is known by the legal form
 * in front of it; without one the word may be part of a name.
 */
static bool cut_company(struct slice *w)
{
	static const struct slice company[] = {
		SLICE("affiliates"), SLICE("affiliated companies"),
		SLICE("subsidiaries"), SLICE("licensors"), SLICE("suppliers"),
		SLICE("contributors"), SLICE("others"),
	};
	static const struct slice whose[] = {SLICE("its"), SLICE("their"),
	                                     SLICE("other"), SLICE("all")};
	static const struct slice joint[] = {SLICE("or"), SLICE("and")};
	struct slice left = *w;

	if (!cut_any(&left, company, COUNT_OF(company)))
		return false;
	cut_any(&left, whose, COUNT_OF(whose));
	struct slice form = left;
	if (!cut_any(&left, joint, COUNT_OF(joint)) && !cut_legal(&form))
		return false;
	cut_any(&left, joint, COUNT_OF(joint));
	*w = left;
	return true;
}

/* Likewise for "or an Example affiliate company". */
static bool cut_affiliate(struct slice *w)
{
	struct slice left = *w;

	if (!cut_back(&left, SLICE("affiliate company")))
		return false;
	size_t at = slice_find(left, SLICE(" or an "));
	if (at == SIZE_MAX)
		at = slice_find(left, SLICE(" or a "));
	if (at == SIZE_MAX || at == 0)
		return false;
	*w = slice_first(left, at + 1);
	return true;
}

void fold_name(struct str *out, struct slice s)
{
	size_t start = out->n;

	fold(out, s, true);
	if (out->failed || out->n == start)
		return;
	bool copyright = blank_asides(out, start);
	text_to_words(out, start);
	if (out->failed || out->n == start)
		return;
	struct slice words = part(out, start, out->n);
	words = without_notice(words, copyright);
	while (cut_company(&words) || cut_affiliate(&words) || cut_legal(&words))
		;
	keep_only(out, start, words);
}
