/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of days; tools/test-calendar holds thousands against other programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calendar/calendar.h"

static const struct holiday holidays[] = {
	{.name = "New Year", .kind = HOLIDAY_FIXED, .month = 1, .of_month = 1, .observed = true},
	{.name = "June", .kind = HOLIDAY_FIXED, .month = 6, .of_month = 19, .observed = true,
	 .since = 2021},
	{.name = "Old", .kind = HOLIDAY_FIXED, .month = 8, .of_month = 5, .until = 1999},
	{.name = "Last Monday", .kind = HOLIDAY_NTH, .weekday = MONDAY, .month = 5, .nth = -1},
	{.name = "Thanks", .kind = HOLIDAY_NTH, .weekday = THURSDAY, .month = 11, .nth = 4},
	{.name = "Fifth", .kind = HOLIDAY_NTH, .weekday = FRIDAY, .month = 2, .nth = 5},
	{.name = "Good Friday", .kind = HOLIDAY_EASTER, .offset = -2},
	{.name = "Leap", .kind = HOLIDAY_FIXED, .month = 2, .of_month = 29},
	{.name = "Mourning", .kind = HOLIDAY_ONCE, .once = 20097}, /* 2025-01-09 */
	{.name = "Christmas", .kind = HOLIDAY_FIXED, .month = 12, .of_month = 25,
	 .observed = true},
};

static const struct calendar calendar = {
	.id = "made-up", .weekend = 1u << SATURDAY | 1u << SUNDAY,
	.holidays = (struct holiday *)(uintptr_t)holidays, .n_holidays = COUNT_OF(holidays),
};

static day parsed(const char *text)
{
	return day_parse(slice_str(text));
}

/* -- dates --------------------------------------------------------------- */

static void impossible_dates_are_none(void **state)
{
	static const char *const wrong[] = {
		"", "2026", "2026-02-29", "2026-02-30", "2100-02-29", "1900-02-29", "2026-04-31",
		"2026-00-10", "2026-13-01", "2026-01-00", "2026-01-32", "1599-12-31", "10000-01-01",
		"2026-1-01", "2026-01-1", "2026-01-01 ", " 2026-01-01", "2026/01/01", "20260101",
		"2026-01-0a", "-026-01-01", "+026-01-01", "2026-+1-01", "2026-01- 1", "0000-00-00",
		"2026-01-01T00:00:00Z", "2026-0\xc2\xb2-1",
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (parsed(wrong[i]) != DAY_NONE)
			fail_msg("\"%s\" was taken for a date", wrong[i]);
	assert_int_equal(day_parse((struct slice){0}), DAY_NONE);
	assert_int_equal(day_parse(slice_of("2026-\0001-01", 10)), DAY_NONE);
}

/* Every text of ten digits and signs that is near to a date: what is accepted is
 * what a date looks like when it is written again. */
static void what_is_accepted_is_written_the_same(void **state)
{
	unsigned seed = 1, accepted = 0;

	for (int i = 0; i < 300000; i++) {
		char text[DATE_BYTES], again[DATE_BYTES];
		(void)snprintf(text, sizeof(text), "%04u-%02u-%02u",
		               1500 + (unsigned)rand_r(&seed) % 8500,
		               (unsigned)rand_r(&seed) % 15, (unsigned)rand_r(&seed) % 35);
		if (rand_r(&seed) % 8 == 0)
			text[rand_r(&seed) % 10] = (char)(rand_r(&seed) % 255 + 1);
		day d = parsed(text);
		if (d == DAY_NONE)
			continue;
		accepted++;
		day_format(d, again);
		assert_string_equal(again, text);
	}
	assert_in_range(accepted, 150000, 299999);
}

static void each_day_follows_the_one_before(void **state)
{
	int y, m, d, days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = 1600, month = 1, of_month = 1;
	enum weekday weekday = SATURDAY; /* 1600-01-01 */

	for (day n = parsed("1600-01-01"); n <= parsed("9999-12-31"); n++) {
		bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
		day_split(n, &y, &m, &d);
		if (y != year || m != month || d != of_month || day_weekday(n) != weekday ||
		    day_of(year, month, of_month) != n)
			fail_msg("day %d is %d-%d-%d, not %d-%d-%d", n, y, m, d, year, month,
			         of_month);
		weekday = weekday == SUNDAY ? MONDAY : weekday + 1;
		if (++of_month > days[month - 1] + (month == 2 && leap)) {
			of_month = 1;
			if (++month > 12) {
				month = 1;
				year++;
			}
		}
	}
	assert_int_equal(year, 10000);
}

static void known_days(void **state)
{
	char text[DATE_BYTES] = "before";

	assert_int_equal(parsed("1970-01-01"), 0);
	assert_int_equal(parsed("2000-03-01"), 11017);
	assert_int_equal(day_weekday(parsed("2026-11-25")), WEDNESDAY);
	assert_int_equal(day_weekday(parsed("1969-12-31")), WEDNESDAY);
	day_format(DAY_NONE, text);
	assert_string_equal(text, "");
	day_format(parsed("9999-12-31") + 1, text);
	assert_string_equal(text, "");
}

/* -- holidays ------------------------------------------------------------ */

static void holidays_are_computed(void **state)
{
	static const struct {
		const char *on, *name; /* NULL: none */
	} cases[] = {
		{"2021-12-31", "New Year"},   /* 2022-01-01 is a Saturday */
		{"2022-01-01", NULL},         /* ... kept the day before */
		{"2023-01-02", "New Year"},   /* 2023-01-01 is a Sunday */
		{"2023-01-01", NULL},
		{"2024-01-01", "New Year"},
		{"2020-06-19", NULL},         /* before its first year */
		{"2021-06-18", "June"},       /* its first, on a Saturday */
		{"1999-08-05", "Old"},        {"2000-08-05", NULL},
		{"2026-05-25", "Last Monday"}, {"2027-05-31", "Last Monday"},
		{"2026-11-26", "Thanks"},     {"2024-11-28", "Thanks"}, {"2023-11-23", "Thanks"},
		{"2019-11-28", "Thanks"},     {"2019-11-21", NULL},
		{"2008-02-29", "Fifth"},      {"2026-02-27", NULL}, /* has no fifth Friday */
		{"2026-04-03", "Good Friday"}, {"2008-03-21", "Good Friday"},
		{"2038-04-23", "Good Friday"}, {"1981-04-17", "Good Friday"},
		{"2024-02-29", "Leap"},       {"2023-03-01", NULL}, {"2023-02-28", NULL},
		{"2025-01-09", "Mourning"},   {"2026-01-09", NULL},
		{"2021-12-24", "Christmas"},  {"2022-12-26", "Christmas"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct holiday *h = calendar_holiday(&calendar, parsed(cases[i].on));
		if (!h != !cases[i].name || (h && strcmp(h->name, cases[i].name) != 0))
			fail_msg("%s: %s", cases[i].on, h ? h->name : "none");
	}
	/* What would be kept before the first year is kept nowhere. */
	assert_null(calendar_holiday(&calendar, parsed("1600-01-01")));
	assert_null(calendar_holiday(&calendar, DAY_NONE));
}

/* -- spans --------------------------------------------------------------- */

static const struct {
	const char *from;
	struct span span;
	const char *to; /* NULL: beyond */
} spans[] = {
	/* the directive's three milestones and its status reports */
	{"2017-09-13", {30, SPAN_DAYS}, "2017-10-13"},
	{"2017-09-13", {60, SPAN_DAYS}, "2017-11-12"},
	{"2017-09-13", {90, SPAN_DAYS}, "2017-12-12"},
	{"2017-09-13", {120, SPAN_DAYS}, "2018-01-11"},
	{"2018-01-11", {30, SPAN_DAYS}, "2018-02-10"},
	{"2018-01-11", {60, SPAN_DAYS}, "2018-03-12"},
	{"2024-02-28", {1, SPAN_DAYS}, "2024-02-29"},
	{"2023-02-28", {1, SPAN_DAYS}, "2023-03-01"},
	{"2024-03-01", {-1, SPAN_DAYS}, "2024-02-29"},
	{"2024-03-01", {0, SPAN_DAYS}, "2024-03-01"},
	{"1600-01-01", {-1, SPAN_DAYS}, NULL},
	{"9999-12-31", {1, SPAN_DAYS}, NULL},
	{"2024-03-01", {SPAN_MAX + 1, SPAN_DAYS}, NULL},
	{"2024-03-01", {-SPAN_MAX - 1, SPAN_MONTHS}, NULL},
	/* months' ends */
	{"2024-01-31", {1, SPAN_MONTHS}, "2024-02-29"},
	{"2023-01-31", {1, SPAN_MONTHS}, "2023-02-28"},
	{"2023-01-31", {2, SPAN_MONTHS}, "2023-03-31"},
	{"2023-12-31", {2, SPAN_MONTHS}, "2024-02-29"},
	{"2024-02-29", {12, SPAN_MONTHS}, "2025-02-28"},
	{"2024-02-29", {48, SPAN_MONTHS}, "2028-02-29"},
	{"2024-03-31", {-1, SPAN_MONTHS}, "2024-02-29"},
	{"2024-01-15", {-1, SPAN_MONTHS}, "2023-12-15"},
	{"2024-05-31", {3, SPAN_MONTHS}, "2024-08-31"},
	{"9999-12-01", {1, SPAN_MONTHS}, NULL},
	{"1600-01-31", {-1, SPAN_MONTHS}, NULL},
	/* Wednesday; Thursday is a holiday; Friday, Monday and Tuesday count */
	{"2026-11-25", {3, SPAN_BUSINESS_DAYS}, "2026-12-01"},
	{"2026-11-25", {1, SPAN_BUSINESS_DAYS}, "2026-11-27"},
	{"2026-11-26", {1, SPAN_BUSINESS_DAYS}, "2026-11-27"},
	{"2026-11-28", {1, SPAN_BUSINESS_DAYS}, "2026-11-30"}, /* from a Saturday */
	{"2026-11-28", {0, SPAN_BUSINESS_DAYS}, "2026-11-28"},
	{"2021-12-30", {1, SPAN_BUSINESS_DAYS}, "2022-01-03"}, /* New Year kept on 12-31 */
	{"2021-12-23", {3, SPAN_BUSINESS_DAYS}, "2021-12-29"},
	{"2026-11-25", {-1, SPAN_BUSINESS_DAYS}, NULL},
	{"9999-12-31", {1, SPAN_BUSINESS_DAYS}, NULL},
};

static void spans_end_where_they_should(void **state)
{
	char text[DATE_BYTES];

	for (size_t i = 0; i < COUNT_OF(spans); i++) {
		day d = span_after(&calendar, spans[i].span, parsed(spans[i].from));
		day_format(d, text);
		if (d != (spans[i].to ? parsed(spans[i].to) : DAY_NONE))
			fail_msg("%s and %d of unit %d is %s", spans[i].from, spans[i].span.n,
			         spans[i].span.unit, text);
	}
}

static void only_business_days_need_a_calendar(void **state)
{
	assert_int_equal(span_after(NULL, (struct span){1, SPAN_BUSINESS_DAYS}, 0), DAY_NONE);
	assert_int_equal(span_after(NULL, (struct span){1, SPAN_DAYS}, 0), 1);
	assert_int_equal(span_after(NULL, (struct span){1, SPAN_MONTHS}, 0), 31);
	assert_int_equal(span_after(&calendar, (struct span){1, SPAN_DAYS}, DAY_NONE), DAY_NONE);
}

/* A calendar that has no business day ends at the last year, and does end. */
static void no_business_day_is_beyond(void **state)
{
	const struct calendar never = {.weekend = ~0u};

	assert_int_equal(span_after(&never, (struct span){1, SPAN_BUSINESS_DAYS}, 0), DAY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_dates_are_none),
		cmocka_unit_test(what_is_accepted_is_written_the_same),
		cmocka_unit_test(each_day_follows_the_one_before),
		cmocka_unit_test(known_days),
		cmocka_unit_test(holidays_are_computed),
		cmocka_unit_test(spans_end_where_they_should),
		cmocka_unit_test(only_business_days_need_a_calendar),
		cmocka_unit_test(no_business_day_is_beyond),
	};

	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
