/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mentions are looked for in text of any encoding, so the patterns are bytes:
 * every letter beyond ASCII is written in each of its cases. That a word is
 * whole is checked here, around each match.
 */
#include <errno.h>
#include <limits.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/text.h"
#include "match/matcher.h"
#include "match/rune.h"

/* Appends c as "\xd0\x9a"; false when it has not `length` bytes. */
static bool put_spelling(struct str *out, UChar32 c, size_t length,
                         const char *before)
{
	uint8_t bytes[U8_MAX_LENGTH];
	size_t n = 0;

	U8_APPEND_UNSAFE(bytes, n, c);
	if (n != length)
		return false;
	str_puts(out, before);
	for (size_t i = 0; i < n; i++)
		str_printf(out, "\\x%02x", bytes[i]);
	return true;
}

/* A case of another length is left out: a match must tell where it began. */
static void put_cases(struct str *out, UChar32 c, size_t length)
{
	const UChar32 cases[] = {u_tolower(c), u_toupper(c)};

	str_puts(out, "(?:");
	put_spelling(out, c, length, "");
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (cases[i] != c && cases[i] >= 0x80)
			put_spelling(out, cases[i], length, "|");
	str_puts(out, ")");
}

void mention_pattern(struct str *out, struct slice word)
{
	while (word.n > 0) {
		uint32_t rune;
		size_t n = text_rune(word, &rune);
		if (n > 1)
			put_cases(out, (UChar32)rune, n);
		else if (n == 1)
			str_printf(out, "\\x%02x", rune);
		word = slice_from(word, n ? n : 1);
	}
}

static int check_mention(const struct entity *entity, struct slice word,
                         struct err *e)
{
	if (word.n > 0 && word.n <= MENTION_BYTES_MAX && text_is_utf8(word))
		return 0;
	return err_set(e, -EINVAL, "entity %s: a mention must be UTF-8 text of 1 "
	               "to %d bytes", entity->id, MENTION_BYTES_MAX);
}

int mentions_prepare(struct matcher *m, struct err *e)
{
	const struct pack *pack = m->pack;
	size_t n = 0;

	for (size_t i = 0; i < pack->n_entities; i++)
		n += pack->entities[i].n_mentions;
	m->mentions = arena_zalloc(&m->mem, n, sizeof(*m->mentions));
	if (!m->mentions)
		return -ENOMEM;
	for (uint32_t i = 0; i < pack->n_entities; i++) {
		const struct entity *entity = &pack->entities[i];
		for (size_t j = 0; j < entity->n_mentions; j++) {
			struct slice word = entity->mentions[j];
			int r = check_mention(entity, word, e);
			if (r < 0)
				return r;
			m->mentions[m->n_mentions++] = (struct mention){
				.entity = i,
				.length = (uint32_t)word.n,
			};
		}
	}
	return 0;
}

struct count {
	const struct matcher *m;
	struct slice text;
	uint32_t *counts;
	size_t sum;
};

/* Is text[from, to) not part of a longer word? */
static bool is_whole(struct slice text, size_t from, size_t to)
{
	struct slice before = slice_first(text, from);
	struct slice word = slice_first(slice_from(text, from), to - from);
	struct slice after = slice_from(text, to);

	return rune_boundary(rune_last(before), rune_first(word)) &&
	       rune_boundary(rune_last(word), rune_first(after));
}

static int on_mention(unsigned id, unsigned long long from,
                      unsigned long long to, unsigned flags, void *ctx)
{
	struct count *count = ctx;
	const struct mention *mention = &count->m->mentions[id];

	(void)from, (void)flags;
	if (!is_whole(count->text, (size_t)to - mention->length, (size_t)to))
		return 0;
	if (count->counts[mention->entity] < UINT32_MAX)
		count->counts[mention->entity]++;
	count->sum++;
	return 0;
}

size_t match_mentions(struct matcher *m, struct slice text, uint32_t *counts)
{
	struct count count = {
		.m = m,
		.text = slice_first(text, UINT_MAX),
		.counts = counts,
	};

	if (m->mentioned->hs && count.text.n > 0)
		(void)hs_scan(m->mentioned->hs, (const char *)count.text.p,
		              (unsigned)count.text.n, 0, m->scratch, on_mention,
		              &count);
	return count.sum;
}
