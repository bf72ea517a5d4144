/* SPDX-License-Identifier: Apache-2.0 */
#include "match/rune.h"

#include <unicode/uchar.h>

#include "base/text.h"

enum { RUNE_BYTES_MAX = 4 };

static enum rune_class ascii_class(uint32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return RUNE_CASED;
	return c >= '0' && c <= '9' ? RUNE_DIGIT : RUNE_OTHER;
}

enum rune_class rune_class(uint32_t rune)
{
	if (rune < 0x80)
		return ascii_class(rune);
	UChar32 c = (UChar32)rune;
	uint32_t category = U_GET_GC_MASK(c);
	if (u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC))
		return RUNE_IDEOGRAPH;
	if (category & U_GC_L_MASK)
		return u_hasBinaryProperty(c, UCHAR_CASED) ? RUNE_CASED
		                                           : RUNE_UNCASED;
	if (category & U_GC_N_MASK)
		return RUNE_DIGIT;
	return category & U_GC_M_MASK ? RUNE_MARK : RUNE_OTHER;
}

enum rune_class rune_first(struct slice s)
{
	uint32_t rune;

	return text_rune(s, &rune) ? rune_class(rune) : RUNE_OTHER;
}

enum rune_class rune_last(struct slice s)
{
	for (size_t n = 1; n <= RUNE_BYTES_MAX && n <= s.n; n++) {
		struct slice tail = slice_from(s, s.n - n);
		uint32_t rune;
		if ((tail.p[0] & 0xc0) == 0x80)
			continue;
		return text_rune(tail, &rune) == n ? rune_class(rune) : RUNE_OTHER;
	}
	return RUNE_OTHER;
}
