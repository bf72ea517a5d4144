/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the text report: how much was examined, what was not and why,
 * what was left out by design, and the mentions.
 */
#include "report/text.h"

enum {
	INDENT = 2,
	EXAMPLES = 5,          /* paths listed per reason */
	SKIPPED_SHOWN = 6,     /* places listed per kind of skipped place */
};

static void bytes(struct page *p, uint64_t n)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
	uint64_t tenths = n * 10;
	size_t unit = 0;

	if (n < 1000) {
		page_add(p, "%u bytes", (unsigned)n);
		return;
	}
	if (n > UINT64_MAX / 10)
		tenths = UINT64_MAX;
	while (tenths >= 10000 && unit + 1 < COUNT_OF(units)) {
		tenths /= 1000;
		unit++;
	}
	page_number(p, tenths / 10);
	page_add(p, ".%u %s", (unsigned)(tenths % 10), units[unit]);
}

static void seconds(struct page *p, double s)
{
	unsigned long tenths = s > 0 && s < 1e9 ? (unsigned long)(s * 10 + 0.5) : 0;

	if (tenths >= 36000)
		page_add(p, "%lu h %lu min", tenths / 36000, tenths / 600 % 60);
	else if (tenths >= 600)
		page_add(p, "%lu min %lu s", tenths / 600, tenths / 10 % 60);
	else
		page_add(p, "%lu.%lu s", tenths / 10, tenths % 10);
}

static uint64_t not_examined(const struct coverage *c)
{
	uint64_t n = 0;

	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		n += c->by_why[why];
	return n;
}

static void looked_at(struct page *p, const struct report *r)
{
	const struct coverage *c = &r->coverage;

	page_blank(p);
	page_add(p, "Coverage: ");
	page_number(p, c->items);
	page_add(p, " item%s seen, ", c->items == 1 ? "" : "s");
	page_number(p, c->examined);
	page_add(p, " examined, ");
	bytes(p, c->bytes);
	page_add(p, " read in ");
	seconds(p, c->seconds);
	page_add(p, c->deep ? ", every byte of every program (--deep). "
	                    : "; programs by their structure, not every byte"
	                      " (--deep does). ");
	if (r->interrupted)
		page_add(p, "It was stopped before its end. ");
	if (c->complete && !r->interrupted)
		page_add(p, "Everything was examined.");
	else
		page_add(p, "Not everything was examined.");
	page_end(p, 0, TONE_PLAIN);
}

/* ---- what was not ---- */

static void examples(struct page *p, const struct report *r, enum why why)
{
	const struct coverage *c = &r->coverage;
	uint64_t shown = 0;

	for (size_t i = 0; i < c->n_incomplete && shown < EXAMPLES; i++) {
		const struct incomplete *item = &c->incomplete[i];
		if (item->why != why)
			continue;
		page_label(p, 2 * INDENT, 0, "", TONE_PLAIN);
		text_path(p, r, item->source, item->path);
		if (item->member.n) {
			page_add(p, ":");
			page_show(p, item->member);
		}
		page_end_line(p, TONE_PLAIN);
		shown++;
	}
	if (c->by_why[why] <= shown || shown == 0)
		return;
	page_label(p, 2 * INDENT, 0, "", TONE_PLAIN);
	page_add(p, "and ");
	page_number(p, c->by_why[why] - shown);
	page_add(p, " more");
	page_end_line(p, TONE_QUIET);
}

static void reasons(struct page *p, const struct report *r)
{
	const struct coverage *c = &r->coverage;

	if (not_examined(c) == 0)
		return;
	page_blank(p);
	page_add(p, "Not fully examined:");
	page_end(p, 0, TONE_UNSURE);
	for (int i = WHY_NONE + 1; i < WHY_COUNT; i++) {
		enum why why = (enum why)i;
		if (!c->by_why[why])
			continue;
		page_label(p, INDENT, 0, "", TONE_PLAIN);
		page_number(p, c->by_why[why]);
		page_add(p, " item%s (%s): %s", c->by_why[why] == 1 ? "" : "s",
		         why_name(why), why_words(why));
		page_end(p, INDENT, TONE_PLAIN);
		examples(p, r, why);
	}
}

/* ---- what was left out ---- */

static bool same_words(const struct skipped *a, const struct skipped *b)
{
	return strcmp(a->words, b->words) == 0;
}

/* All places that were left out for the same reason as the one at `at`. */
static void skipped_group(struct page *p, const struct report *r, size_t at)
{
	const struct coverage *c = &r->coverage;
	size_t shown = 0, more = 0;

	page_label(p, INDENT, 0, "", TONE_PLAIN);
	page_add(p, "%s: ", c->skipped[at].words);
	for (size_t i = at; i < c->n_skipped; i++) {
		if (!same_words(&c->skipped[i], &c->skipped[at]))
			continue;
		if (shown == SKIPPED_SHOWN) {
			more++;
			continue;
		}
		page_add(p, "%s", shown++ ? ", " : "");
		text_path(p, r, c->skipped[i].source, c->skipped[i].path);
	}
	if (more)
		page_add(p, " and %zu more", more);
	page_end(p, INDENT, TONE_PLAIN);
}

static void left_out(struct page *p, const struct report *r)
{
	const struct coverage *c = &r->coverage;

	if (c->n_skipped == 0)
		return;
	page_blank(p);
	page_add(p, "Left out by design:");
	page_end(p, 0, TONE_PLAIN);
	for (size_t i = 0; i < c->n_skipped; i++) {
		size_t first = 0;
		while (!same_words(&c->skipped[first], &c->skipped[i]))
			first++;
		if (first == i)
			skipped_group(p, r, i);
	}
}

/* ---- mentions ---- */

static void mentions(struct page *p, const struct report *r)
{
	if (r->mentions == 0 && r->mute == 0)
		return;
	page_blank(p);
	page_add(p, "Mentions: ");
	page_number(p, r->mentions);
	page_add(p, " file%s only talk%s about a maker, which is no finding.",
	         r->mentions == 1 ? "" : "s", r->mentions == 1 ? "s" : "");
	if (r->mute) {
		page_add(p, " The packs have changed since ");
		page_number(p, r->mute);
		page_add(p, " unchanged file%s %s read, of which only the name was "
		            "looked at for that (--full reads them).",
		         r->mute == 1 ? "" : "s", r->mute == 1 ? "was" : "were");
	}
	if (!r->mention_list)
		page_add(p, " --mentions lists them.");
	page_end(p, 0, TONE_PLAIN);
	for (size_t i = 0; r->mention_list && i < r->n_mention_list; i++) {
		const struct mention *m = &r->mention_list[i];
		page_label(p, INDENT, 0, "", TONE_PLAIN);
		text_path(p, r, m->source, m->path);
		page_add(p, "  (%s, %u)", m->entity->id, m->count);
		page_end_line(p, TONE_PLAIN);
	}
}

void text_coverage(struct page *p, const struct report *r)
{
	looked_at(p, r);
	reasons(p, r);
	left_out(p, r);
	mentions(p, r);
}
