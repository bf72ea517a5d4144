/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars: which days are no business days, as rules. */
#include "pack/reader.h"

enum { EASTER_MAX = 80 /* days before or after, within the year */, NTH_MAX = 5 };

#define MEMBER(type, member) .at = offsetof(struct type, member)

/* ---- words ------------------------------------------------------------- */

#define WEEKDAYS "monday, tuesday, wednesday, thursday, friday, saturday, sunday"

static int weekday_by_name(const char *name)
{
	static const char *const words[] = {
		[MONDAY] = "monday", [TUESDAY] = "tuesday",   [WEDNESDAY] = "wednesday",
		[THURSDAY] = "thursday", [FRIDAY] = "friday", [SATURDAY] = "saturday",
		[SUNDAY] = "sunday",
	};

	for (int w = MONDAY; w <= SUNDAY; w++)
		if (strcmp(words[w], name) == 0)
			return w;
	return -1;
}

/* A number of [low, high], with "-" before it when low allows that. */
static bool read_number(struct reader *r, const struct node *node, int low, int high,
                        int *ret)
{
	const struct slice s = read_slice(r, node);
	const bool minus = s.n && s.p[0] == '-';
	uint64_t v;

	if (s.n == 0)
		return false;
	if (slice_number(slice_from(s, minus), 10, &v) == 0 && v <= INT16_MAX) {
		const int n = minus ? -(int)v : (int)v;
		if (n >= low && n <= high) {
			*ret = n;
			return true;
		}
	}
	read_problem(r, node, "\"%.40s\" is not a number from %d to %d",
	             (const char *)s.p, low, high);
	return false;
}

/* ---- holidays ---------------------------------------------------------- */

/* What is read of a holiday, with the number of rules that were given. */
struct draft {
	struct holiday holiday;
	unsigned n_rules;
};

static struct holiday *rule(void *object, enum holiday_kind kind)
{
	struct draft *d = object;

	d->n_rules++;
	d->holiday.kind = kind;
	return &d->holiday;
}

/* "MM-DD"; February 29 is one, in the years that have it. */
static void read_fixed(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	enum { LEAP_YEAR = 2000 };
	const struct slice s = read_slice(r, node);
	struct holiday *h = rule(object, HOLIDAY_FIXED);
	uint64_t month, of_month;

	(void)key;
	if (s.n == sizeof("MM-DD") - 1 && s.p[2] == '-' &&
	    slice_number(slice_first(s, 2), 10, &month) == 0 &&
	    slice_number(slice_from(s, 3), 10, &of_month) == 0 &&
	    day_of(LEAP_YEAR, (int)month, (int)of_month) != DAY_NONE) {
		h->month = (int)month;
		h->of_month = (int)of_month;
	} else if (s.n) {
		read_problem(r, node, "\"%.40s\" is not a day of the year (MM-DD)",
		             (const char *)s.p);
	}
}

static void read_month(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	(void)key;
	(void)read_number(r, node, 1, 12, &((struct holiday *)object)->month);
}

static void read_nth(struct reader *r, const struct node *node, void *object,
                     const struct key *key)
{
	struct holiday *h = object;

	(void)key;
	if (node->kind == NODE_TEXT && slice_eq(node->text, SLICE("last")))
		h->nth = -1;
	else
		(void)read_number(r, node, 1, NTH_MAX, &h->nth);
}

static const struct key nth_keys[] = {
	{.name = "weekday", .flags = KEY_REQUIRED, .read = read_word, MEMBER(holiday, weekday),
	 .by_name = weekday_by_name, .words = WEEKDAYS},
	{.name = "month", .flags = KEY_REQUIRED, .read = read_month},
	{.name = "nth", .flags = KEY_REQUIRED, .read = read_nth},
};

static void read_weekday_rule(struct reader *r, const struct node *node, void *object,
                              const struct key *key)
{
	(void)key;
	read_map(r, node, "the weekday of a month", nth_keys, COUNT_OF(nth_keys),
	         rule(object, HOLIDAY_NTH));
}

static void read_easter(struct reader *r, const struct node *node, void *object,
                        const struct key *key)
{
	(void)key;
	(void)read_number(r, node, -EASTER_MAX, EASTER_MAX,
	                  &rule(object, HOLIDAY_EASTER)->offset);
}

static void read_once(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	const char *date = NULL;

	(void)key;
	read_date(r, node, &date, &(struct key){0});
	rule(object, HOLIDAY_ONCE)->once = date ? day_parse(slice_str(date)) : DAY_NONE;
}

static void read_year(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	(void)read_number(r, node, YEAR_MIN, YEAR_MAX, (int *)((uint8_t *)object + key->at));
}

static const struct key holiday_keys[] = {
	{.name = "name", .flags = KEY_REQUIRED, .read = read_text,
	 MEMBER(draft, holiday.name)},
	{.name = "date", .read = read_fixed},
	{.name = "nth", .read = read_weekday_rule},
	{.name = "easter", .read = read_easter},
	{.name = "once", .read = read_once},
	{.name = "observed", .read = read_flag, MEMBER(draft, holiday.observed)},
	{.name = "since", .read = read_year, MEMBER(draft, holiday.since)},
	{.name = "until", .read = read_year, MEMBER(draft, holiday.until)},
	{.name = "source", .read = read_text, MEMBER(draft, holiday.source)},
};

static void check_holiday(struct reader *r, const struct node *node, const struct draft *d)
{
	const struct holiday *h = &d->holiday;

	if (d->n_rules != 1)
		read_problem(r, node, "a holiday needs one of date, nth, easter, once");
	if (h->observed && h->kind != HOLIDAY_FIXED)
		read_problem(r, node, "observed belongs to a holiday with a date");
	if (h->kind == HOLIDAY_ONCE && (h->since || h->until))
		read_problem(r, node, "a holiday that is kept once has no since and until");
	if (h->since && h->until && h->until < h->since)
		read_problem(r, node, "it ends (%d) before it begins (%d)", h->until, h->since);
}

static void read_holidays(struct reader *r, const struct node *node, void *object,
                          const struct key *key)
{
	struct calendar *cal = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > CALENDAR_RULES_MAX) {
		read_problem(r, node, "more than %d holidays in one calendar",
		             CALENDAR_RULES_MAX);
		return;
	}
	cal->holidays = reader_alloc(r, n, sizeof(*cal->holidays));
	for (; cal->holidays && c; c = c->next) {
		struct draft d = {0};
		if (read_map(r, c->value, "a holiday", holiday_keys, COUNT_OF(holiday_keys),
		             &d))
			check_holiday(r, c->value, &d);
		cal->holidays[cal->n_holidays++] = d.holiday;
	}
}

/* ---- a calendar -------------------------------------------------------- */

static void read_weekend(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	const struct key word = {.name = "weekday", .by_name = weekday_by_name,
	                         .words = WEEKDAYS};
	struct calendar *cal = object;
	struct cell single;
	size_t n;

	(void)key;
	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next) {
		unsigned weekday = 0;
		read_word(r, c->value, &weekday, &word);
		if (weekday)
			cal->weekend |= 1u << weekday;
	}
}

static const struct key calendar_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, MEMBER(calendar, id)},
	{.name = "title", .flags = KEY_REQUIRED, .read = read_text, MEMBER(calendar, title)},
	{.name = "country", .read = read_country, MEMBER(calendar, country)},
	{.name = "weekend", .flags = KEY_REQUIRED, .read = read_weekend},
	{.name = "holidays", .read = read_holidays},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text,
	 MEMBER(calendar, source)},
};

void calendar_read(struct reader *r, const struct node *node, struct calendar *c)
{
	const unsigned all = (1u << MONDAY | 1u << TUESDAY | 1u << WEDNESDAY | 1u << THURSDAY |
	                      1u << FRIDAY | 1u << SATURDAY | 1u << SUNDAY);
	const unsigned usual = 1u << SATURDAY | 1u << SUNDAY;

	read_map(r, node, "a calendar", calendar_keys, COUNT_OF(calendar_keys), c);
	if (c->weekend == all)
		read_problem(r, node, "the weekend leaves no business day");
	for (size_t i = 0; i < c->n_holidays; i++)
		if (c->holidays[i].observed && c->weekend && c->weekend != usual) {
			read_problem(r, node, "observed: yes moves holidays away from Saturday and "
			             "Sunday, but the weekend is another");
			return;
		}
}
