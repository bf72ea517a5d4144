/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/licence_util.h"

enum {
	LEAD_MAX = 256,   /* longest run of marks and years before a holder */
	PORTION_MAX = 48, /* longest "portions of this file are" before a mark */
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool letter(uint8_t c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || c >= 0x80;
}

static uint8_t byte_at(struct slice s, size_t i)
{
	return i < s.n ? s.p[i] : 0;
}

/* ASCII case-insensitive; word is lower-case. */
static bool starts_nocase(struct slice s, struct slice word)
{
	return s.n >= word.n && slice_eq_nocase(slice_first(s, word.n), word);
}

static size_t find_nocase(struct slice s, struct slice word)
{
	for (size_t i = 0; word.n <= s.n && i <= s.n - word.n; i++)
		if (lower(s.p[i]) == word.p[0] &&
		    starts_nocase(slice_from(s, i), word))
			return i;
	return SIZE_MAX;
}

/* The marks of a copyright line, the longest first where they overlap. */
static const struct slice marks[] = {
	SLICE("copyrights"),  SLICE("copyright"), SLICE("(c)"),
	SLICE("\xc2\xa9"),    SLICE("&copy;"),    SLICE("\\u00a9"),
	SLICE("\xa9"),
};

static size_t mark_length(struct slice s)
{
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (starts_nocase(s, marks[i]))
			return marks[i].n;
	return 0;
}

static bool filler(uint8_t c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '-' || c == ':' ||
	       c == '.' || c == ';';
}

/* What stands between the mark and the holder. */
struct lead {
	size_t length;
	bool sign, year; /* "(c)", "(C) 2019-2021", ":" were seen */
};

/* Length of a year, a range's second year, or a word that stands for one. */
static size_t year_length(struct slice s)
{
	static const struct slice words[] = {SLICE("present"), SLICE("now"),
	                                     SLICE("today"), SLICE("current")};
	size_t n = 0;

	while (digit(byte_at(s, n)))
		n++;
	/* 0xe2 starts the dash of a range; any other letter makes it a word */
	if ((n == 4 || n == 2) &&
	    (!letter(byte_at(s, n)) || byte_at(s, n) == 0xe2))
		return n;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (starts_nocase(s, words[i]) && !letter(byte_at(s, words[i].n)))
			return words[i].n;
	/* an en dash between years */
	return slice_starts(s, SLICE("\xe2\x80\x93")) ? 3 : 0;
}

static struct lead read_lead(struct slice s)
{
	struct lead lead = {0};

	s = slice_first(s, LEAD_MAX);
	while (lead.length < s.n) {
		struct slice rest = slice_from(s, lead.length);
		size_t mark = mark_length(rest);
		size_t year = mark ? 0 : year_length(rest);
		/* "present" and its like only follow a year */
		if (year && !digit(rest.p[0]) && !lead.year)
			year = 0;
		if (mark)
			lead.sign = true;
		else if (year)
			lead.year = true;
		else if (rest.p[0] == ':')
			lead.sign = true;
		else if (!filler(rest.p[0]))
			break;
		lead.length += mark ? mark : year ? year : 1;
	}
	if (starts_nocase(slice_from(s, lead.length), SLICE("by ")))
		lead.length += 3;
	return lead;
}

/* What a holder's text does not begin with. */
static const struct slice not_holders[] = {
	SLICE("["),          SLICE("{"),           SLICE("<"),
	SLICE("year"),       SLICE("yyyy"),        SLICE("19yy"),
	SLICE("20yy"),       SLICE("xxxx"),        SLICE("(year"),
	SLICE("notice"),     SLICE("holder"),      SLICE("owner"),
	SLICE("law"),        SLICE("license"),     SLICE("licence"),
	SLICE("statement"),  SLICE("act"),         SLICE("protect"),
	SLICE("interest"),   SLICE("treat"),       SLICE("status"),
	SLICE("information"), SLICE("and "),       SLICE("or "),
	SLICE("in "),        SLICE("is "),         SLICE("on "),
	SLICE("for "),       SLICE("to "),         SLICE("permission"),
	SLICE("right"),      SLICE("assign"),      SLICE("file"),
	SLICE("name of "),   SLICE("disclaimer"),  SLICE("infringe"),
	SLICE("claim"),      SLICE("policy"),      SLICE("date"),
	SLICE("%"),          SLICE("$"),           SLICE("c) "),
	SLICE("this "),      SLICE("copyright"),   SLICE("="),
};

static bool is_holder(struct slice s)
{
	if (s.n < 2 || slice_starts(s, SLICE("``")))
		return false;
	for (size_t i = 0; i < COUNT_OF(not_holders); i++)
		if (starts_nocase(s, not_holders[i]))
			return false;
	for (size_t i = 0; i < s.n; i++)
		if (letter(s.p[i]))
			return true;
	return false;
}

/* Where a holder ends though the line goes on. */
static const struct slice ends[] = {
	SLICE("all rights reserved"), SLICE("all right reserved"),
	SLICE("*/"),                  SLICE("-->"),
	SLICE("\\n"),                 SLICE("licensed under"),
	SLICE("released under"),      SLICE("this source code"),
	SLICE("http://"),             SLICE("https://"),
	SLICE("\""),                  SLICE("mit license"),
	SLICE("distributed under"),   SLICE("spdx-license"),
	SLICE(", see "),              SLICE("bsd 3-clause"),
};

static struct slice cut(struct slice s)
{
	s = slice_first(s, LICENCE_HOLDER_MAX);
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		size_t at = find_nocase(s, ends[i]);
		if (at != SIZE_MAX)
			s = slice_first(s, at);
	}
	return s;
}

/* Without blanks, dots and brackets at the end, and without years there. */
static struct slice trim_end(struct slice s)
{
	for (;;) {
		s = slice_trim(s);
		size_t n = s.n;
		while (s.n && memchr(",;:|*-(<", s.p[s.n - 1], 8))
			s.n--;
		size_t digits = 0;
		while (digits < s.n && digit(s.p[s.n - 1 - digits]))
			digits++;
		if (digits == 4 && s.n > 4 && !letter(s.p[s.n - 5]))
			s.n -= 4;
		size_t sign = s.n > 3 ? mark_length(slice_from(s, s.n - 3)) : 0;
		if (sign == 3)
			s.n -= 3;
		if (s.n == n)
			return s;
	}
}

/* Is there nothing but comment signs in front of the mark? */
static bool at_line_start(struct slice line, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (letter(line.p[i]) || digit(line.p[i]))
			return false;
	return true;
}

/* What a line begins with whose holder wrote some of it. */
static const struct slice portions[] = {
	SLICE("portion"),      SLICE("part"),         SLICE("some "),
	SLICE("modification"), SLICE("contribution"), SLICE("addition"),
	SLICE("change"),       SLICE("includes"),     SLICE("based on "),
	SLICE("derived from "),
};

bool licence_portion(struct slice line)
{
	size_t at = 0;

	while (at < line.n && !letter(line.p[at]))
		at++;
	for (size_t i = 0; i < COUNT_OF(portions); i++)
		if (starts_nocase(slice_from(line, at), portions[i]))
			return true;
	return false;
}

static bool upper(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/*
 * Years or a sign after the word say "copyright line"; the bare word does so
 * only in front of a name at the start of a line, and "(c)" alone, which also
 * numbers paragraphs, only with a year.
 */
static bool believable(struct slice line, size_t at, struct lead lead,
                       struct slice holder)
{
	bool word = lower(line.p[at]) == 'c';
	bool start = at_line_start(line, at) ||
	             (at <= PORTION_MAX && licence_portion(slice_first(line, at)));

	if (lead.year)
		return true;
	if (line.p[at] == '(')
		return false;
	if (word && !lead.sign)
		return start && upper(byte_at(holder, 0)) &&
		       line.p[at] == 'C' && byte_at(line, at + 1) == 'o';
	return start;
}

static bool holder_at(struct slice line, size_t at, struct slice *ret_holder)
{
	struct slice rest = slice_from(line, at);
	size_t mark = mark_length(rest);
	struct lead lead = read_lead(slice_from(rest, mark));
	struct slice holder =
		trim_end(cut(slice_from(rest, mark + lead.length)));

	/* "copyrighted", "uncopyright": another word than ours */
	if (lower(rest.p[0]) == 'c' &&
	    (letter(byte_at(rest, mark)) ||
	     (at > 0 && letter(line.p[at - 1]) && line.p[at - 1] < 0x80)))
		return false;
	if (!is_holder(holder) || !believable(line, at, lead, holder))
		return false;
	*ret_holder = holder;
	return true;
}

bool licence_holder(struct slice line, struct slice *ret_holder)
{
	for (size_t i = 0; i < line.n; i++) {
		uint8_t c = line.p[i];
		if (lower(c) != 'c' && c != '(' && c != 0xc2 && c != 0xa9 &&
		    c != '&' && c != '\\')
			continue;
		size_t n = mark_length(slice_from(line, i));
		if (n == 0)
			continue;
		if (holder_at(line, i, ret_holder))
			return true;
		i += n - 1;
	}
	return false;
}

bool licence_own_text(struct slice line)
{
	return slice_find(line, SLICE("Everyone is permitted to copy and "
	                              "distribute verbatim copies")) !=
	       SIZE_MAX;
}

/* The next letter or digit, lower-cased; 0 at the end. */
static uint8_t next_sign(struct slice s, size_t *at)
{
	while (*at < s.n) {
		uint8_t c = s.p[(*at)++];
		if (letter(c) || digit(c))
			return lower(c);
	}
	return 0;
}

bool licence_same_holder(struct slice a, struct slice b)
{
	size_t i = 0, j = 0;
	uint8_t c;

	do {
		c = next_sign(a, &i);
		if (c != next_sign(b, &j))
			return false;
	} while (c);
	return true;
}

/*
 * As slice_find, by way of the needle's rarest byte: looking for one byte runs
 * many times faster than looking for a text, and this scan sees the head of
 * every source file of every code package.
 */
static size_t find_by_byte(struct slice text, struct slice needle, size_t rare)
{
	size_t at = rare;

	while (at < text.n) {
		at += slice_find_byte(slice_from(text, at), needle.p[rare]);
		if (slice_starts(slice_from(text, at - rare), needle))
			return at - rare;
		at++;
	}
	return SIZE_MAX;
}

size_t licence_find(struct slice text)
{
	size_t word = find_by_byte(text, SLICE("opyright"), 2);
	size_t sign = find_by_byte(slice_first(text, word), SLICE("\xc2\xa9"), 0);

	return sign < word ? sign : word;
}
