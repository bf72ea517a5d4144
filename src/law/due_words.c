/* SPDX-License-Identifier: Apache-2.0 */
/* How a date is explained to people. */
#include "law/due.h"

enum { HOLIDAYS_TOLD_MAX = 8 };

static void tell_span(struct str *s, struct span span)
{
	static const char *const units[] = {
		[SPAN_DAYS] = "calendar day",
		[SPAN_BUSINESS_DAYS] = "business day",
		[SPAN_MONTHS] = "month",
	};

	str_printf(s, "%d %s%s", span.n, units[span.unit], span.n == 1 ? "" : "s");
}

static void tell_day(struct str *s, day d)
{
	char text[DATE_BYTES];

	day_format(d, text);
	str_puts(s, text);
}

/* The holidays on the way from one day to another that are no weekend. */
static void tell_holidays(struct str *s, const struct calendar *c, day from, day to)
{
	int told = 0;

	for (day d = from + 1; d <= to && told <= HOLIDAYS_TOLD_MAX; d++) {
		const struct holiday *h = calendar_holiday(c, d);
		if (!h || c->weekend >> day_weekday(d) & 1)
			continue;
		if (told++ == HOLIDAYS_TOLD_MAX) {
			str_puts(s, ", ...");
			return;
		}
		str_puts(s, told == 1 ? ", not counted: " : ", ");
		tell_day(s, d);
		str_printf(s, " %s", h->name);
	}
}

/* Which calendar counted, and why that one. */
static void tell_calendar(struct str *s, const struct run *r, day from, day to)
{
	const struct calendar *c = law_calendar(r->c, r->o);
	const bool named = r->c->profile && r->c->profile->calendar;

	if (!c) {
		str_puts(s, "; no calendar says which days are business days");
		return;
	}
	str_printf(s, "; business days by the calendar %s (%s)", c->id,
	           named ? "named in the profile" : "the profile names none");
	if (to != DAY_NONE)
		tell_holidays(s, c, from, to);
}

static bool counts_business_days(const struct clock *k)
{
	return k->after.unit == SPAN_BUSINESS_DAYS || k->every.unit == SPAN_BUSINESS_DAYS;
}

static void tell_extensions(struct str *s, const struct run *r, const struct due *d)
{
	const struct profile *p = r->c->profile;

	if (d->extension) {
		str_puts(s, "; moved from ");
		tell_day(s, d->unextended);
		str_printf(s, " by %s", d->extension->by);
		if (d->extension->cite)
			str_printf(s, " (%s)", d->extension->cite);
	}
	for (size_t i = 0; p && i < p->n_waivers; i++) {
		const struct profile_waiver *w = &p->waivers[i];
		if (due_extends(r, w, d->unextended) && !due_whole(r, &w->place))
			str_printf(s, "; the extension to %s by %s is for a part only and moves "
			           "nothing here", w->until, w->by);
	}
}

/* "issued 2017-09-13 + 30 calendar days" and what else moved it. */
const char *due_tell(struct run *r, const struct start *start, day first,
                            const struct due *d)
{
	struct str s = {0};
	const struct clock *k = r->k;

	str_puts(&s, start->words);
	if (!k->on) {
		str_puts(&s, " + ");
		tell_span(&s, k->after);
	}
	if (k->every.n) {
		str_puts(&s, ", then every ");
		tell_span(&s, k->every);
		str_printf(&s, ", number %u", d->number);
	}
	if (counts_business_days(k))
		tell_calendar(&s, r, start->on, first);
	if (d->on != DAY_NONE)
		tell_extensions(&s, r, d);
	else if (!counts_business_days(k) || law_calendar(r->c, r->o))
		str_puts(&s, "; that lies beyond the year 9999");
	if (r->unsaid)
		str_printf(&s, "; the profile does not say which contracts hold %s", r->unsaid);
	return due_keep(r, &s);
}

const char *due_tell_open(struct run *r, unsigned ahead)
{
	static const char *const words[EVENT_KIND_COUNT] = {
		[EVENT_ISSUED] = "the order was issued",
		[EVENT_EFFECTIVE] = "the order takes effect",
		[EVENT_IDENTIFIED] = "an article was identified",
		[EVENT_NOTIFIED] = "somebody notified you of an article",
		[EVENT_SUBMITTED] = "the paper before it was submitted",
		[EVENT_CONTRACT] = "the contract was made",
		[EVENT_SOLICITATION] = "the solicitation was issued",
		[EVENT_DONE] = "the removal was completed",
	};
	struct str s = {0};

	str_printf(&s, "needs the date on which %s", words[r->k->from]);
	if (r->k->after_clock)
		str_printf(&s, " (%s)", r->k->after_clock);
	str_puts(&s, ", then + ");
	tell_span(&s, r->k->after);
	if (counts_business_days(r->k))
		tell_calendar(&s, r, DAY_NONE, DAY_NONE);
	if (ahead)
		str_printf(&s, "; the profile has %u that lie%s ahead of this day", ahead,
		           ahead == 1 ? "s" : "");
	if (r->unsaid)
		str_printf(&s, "; the profile does not say which contracts hold %s", r->unsaid);
	return due_keep(r, &s);
}
