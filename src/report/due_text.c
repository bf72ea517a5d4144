/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar orders due, for people. A repetition that was missed again and again is
 * one entry, the latest, which says how many went before it; of one to come, all
 * dates are told and the rest once.
 */
#include "report/due.h"
#include "report/page.h"

enum {
	DATE_WIDTH = 12, ENTRY_INDENT = 12, LABEL_WIDTH = 8,
	SERIES_MAX = 1000, /* repetitions told as one; more are told date by date */
};

/* The dates of one repetition that were missed, or that are to come. */
struct series {
	const struct due *last, *first;
	bool missed;
	size_t n;
};

struct listing {
	struct page page;
	const struct due_report *r;
	struct series *series;
	size_t n_series;
};

static const struct {
	const char *title;
	enum tone tone;
} sections[DUE_WORD_COUNT] = {
	[DUE_OVERDUE] = {"overdue: the profile has no paper for it", TONE_BAD},
	[DUE_PASSED] = {"date passed: without a profile it is not known what was done",
	                TONE_UNSURE},
	[DUE_AHEAD] = {"due", TONE_TITLE},
	[DUE_ENDS] = {"ends", TONE_TITLE},
	[DUE_NOT_KNOWN] = {"not known: a date is missing", TONE_UNSURE},
	[DUE_NOT_RUNNING] = {"not running: the order is not in force", TONE_QUIET},
};

/* ---- repetitions ------------------------------------------------------- */

static bool same(const struct due *a, const struct due *b)
{
	return a->clock == b->clock && a->contract == b->contract && a->event == b->event;
}

static bool missed(const struct listing *l, const struct due *d)
{
	const enum due_word word = due_word_of(l->r, d);

	return word == DUE_OVERDUE || word == DUE_PASSED;
}

/* NULL: it is no repetition, or one too many to be told as one. */
static struct series *find_series(const struct listing *l, const struct due *d)
{
	for (size_t i = 0; d->number && i < l->n_series; i++)
		if (same(l->series[i].last, d) && l->series[i].missed == missed(l, d))
			return &l->series[i];
	return NULL;
}

static bool gather_series(struct listing *l, struct arena *mem)
{
	l->series = arena_zalloc(mem, SERIES_MAX, sizeof(*l->series));
	for (size_t i = 0; l->series && i < l->r->n; i++) {
		const struct due *d = &l->r->list[i];
		if (d->number == 0 || !(missed(l, d) || due_word_of(l->r, d) == DUE_AHEAD))
			continue;
		struct series *s = find_series(l, d);
		if (!s && l->n_series == SERIES_MAX)
			continue;
		if (!s) {
			s = &l->series[l->n_series++];
			*s = (struct series){.first = d, .missed = missed(l, d)};
		}
		s->last = d;
		s->n++;
	}
	return l->series != NULL;
}

/* ---- entries ----------------------------------------------------------- */

static void field(struct listing *l, const char *label, struct str *value)
{
	struct page *p = &l->page;

	page_label(p, ENTRY_INDENT, LABEL_WIDTH, label, TONE_QUIET);
	page_show(p, str_slice(value));
	p->failed |= str_failed(value);
	page_end(p, ENTRY_INDENT + LABEL_WIDTH, TONE_PLAIN);
	str_clear(value);
}

static void tell_distance(struct page *p, day on, day as_of)
{
	const int n = on - as_of;

	if (n == 0)
		page_add(p, " (today)");
	else if (n > 0)
		page_add(p, " (in %d day%s)", n, n == 1 ? "" : "s");
	else
		page_add(p, " (%d day%s ago)", -n, n == -1 ? "" : "s");
}

static void head(struct listing *l, const struct due *d, enum tone tone)
{
	struct page *p = &l->page;
	char on[DATE_BYTES];

	day_format(d->on, on);
	page_label(p, 0, DATE_WIDTH, on[0] ? on : "-", tone);
	page_show(p, slice_str(d->order->id));
	page_add(p, ": ");
	page_show(p, slice_str(d->what));
	if (d->number)
		page_add(p, ", number %u", d->number);
	if (d->on != DAY_NONE)
		tell_distance(p, d->on, l->r->context->as_of);
	page_end(p, DATE_WIDTH, TONE_PLAIN);
}

static void entry(struct listing *l, const struct due *d, const struct series *s,
                  enum tone tone)
{
	struct str text = {0};
	char first[DATE_BYTES];

	head(l, d, tone);
	if (s && !s->missed && s->first != d)
		return; /* all else was said of the first one */
	if (s && s->missed && s->n > 1) {
		day_format(s->first->on, first);
		str_printf(&text, "and %zu before it, from %s on", s->n - 1, first);
		field(l, "", &text);
	}
	due_tell_whom(&text, l->r, d);
	field(l, "for", &text);
	due_tell_why(&text, d);
	field(l, "why", &text);
	str_puts(&text, d->how);
	field(l, "how", &text);
	if (d->clock && d->clock->form) {
		str_printf(&text, "debar report --order %s --form %s", d->order->id,
		           d->clock->form);
		field(l, "paper", &text);
	}
	str_finish(&text);
}

static void section(struct listing *l, enum due_word word)
{
	bool any = false;

	for (size_t i = 0; i < l->r->n; i++) {
		const struct due *d = &l->r->list[i];
		if (due_word_of(l->r, d) != word)
			continue;
		const struct series *s = find_series(l, d);
		if (s && s->missed && s->last != d)
			continue;
		page_blank(&l->page);
		if (!any) {
			page_add(&l->page, "%s", sections[word].title);
			page_end(&l->page, 0, sections[word].tone);
			page_blank(&l->page);
		}
		any = true;
		entry(l, d, s, sections[word].tone);
	}
}

/* ---- the whole --------------------------------------------------------- */

static void summary(struct listing *l)
{
	static const struct {
		enum due_word word;
		const char *words;
	} counts[] = {
		{DUE_OVERDUE, "overdue"},     {DUE_PASSED, "passed"},
		{DUE_AHEAD, "due"},           {DUE_ENDS, "to end"},
		{DUE_NOT_KNOWN, "not known"}, {DUE_NOT_RUNNING, "not running"},
		{DUE_DONE, "done"},
	};
	struct page *p = &l->page;
	char as_of[DATE_BYTES], until[DATE_BYTES];
	bool any = false;

	day_format(l->r->context->as_of, as_of);
	day_format(l->r->until, until);
	page_add(p, "as of %s, repetitions until %s: ", as_of, until);
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		const size_t n = due_count(l->r, counts[i].word);
		if (n == 0)
			continue;
		page_add(p, any ? ", " : "");
		page_number(p, n);
		page_add(p, " %s", counts[i].words);
		any = true;
	}
	if (!any)
		page_add(p, "nothing is due");
	page_end(p, 0, TONE_TITLE);
}

static int write_text(const struct due_report *r, const struct report_style *style, FILE *out)
{
	struct listing l = {.r = r};
	struct arena mem;

	arena_init(&mem, 0);
	page_init(&l.page, style, out);
	l.page.failed = !gather_series(&l, &mem);
	if (!l.page.failed) {
		summary(&l);
		for (enum due_word w = 0; w < DUE_DONE; w++)
			section(&l, w);
	}
	arena_finish(&mem);
	return page_finish(&l.page);
}

const struct due_form due_text = {.name = "text", .write = write_text};
