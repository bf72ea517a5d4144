/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days as the law counts them: calendar days, business days, months. A day is
 * a number and has no hour, no zone and no daylight saving time, so none of
 * these can move a date. Proleptic Gregorian calendar, years 1600 to 9999.
 *
 * Which days are holidays is data (struct calendar, read by pack/); here they
 * are only computed. Pure: no clock, no locale, no globals.
 */
#ifndef CALENDAR_CALENDAR_H
#define CALENDAR_CALENDAR_H

#include <stdint.h>

#include "base/str.h"

/* Days since 1970-01-01; may be negative. */
typedef int32_t day;

enum {
	DAY_NONE = INT32_MIN,
	YEAR_MIN = 1600,
	YEAR_MAX = 9999,
	DATE_BYTES = sizeof("YYYY-MM-DD"),
	SPAN_MAX = 100000, /* days, business days, months of one span */
	CALENDAR_RULES_MAX = 200,
};

/* ISO: Monday is 1, Sunday is 7. */
enum weekday { MONDAY = 1, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

/* The day of a date; DAY_NONE when there is no such date ("2026-02-30"). */
day day_of(int year, int month, int of_month);
/* "YYYY-MM-DD" and nothing else; DAY_NONE when it is none. */
day day_parse(struct slice text);
/* "YYYY-MM-DD"; "" when d is DAY_NONE or beyond the years. */
void day_format(day d, char ret[DATE_BYTES]);
/* d must be a day that day_of() can give. */
void day_split(day d, int *ret_year, int *ret_month, int *ret_of_month);
enum weekday day_weekday(day d);

/*
 * A holiday as a rule, computed for each year:
 *   HOLIDAY_FIXED   month and day of month
 *   HOLIDAY_NTH     the nth weekday of a month; nth -1: the last one
 *   HOLIDAY_EASTER  so many days after Easter Sunday (Gregorian, Western)
 *   HOLIDAY_ONCE    one day, such as a day of mourning
 * `observed`: a fixed one on a Saturday is kept on the Friday before, on a
 * Sunday on the Monday after (5 U.S.C. 6103(b) and Executive Order 11582).
 */
enum holiday_kind { HOLIDAY_FIXED, HOLIDAY_NTH, HOLIDAY_EASTER, HOLIDAY_ONCE };

struct holiday {
	const char *name, *source;
	enum holiday_kind kind;
	int month, of_month, nth, offset;
	enum weekday weekday;
	day once;
	bool observed;
	int since, until;      /* years in which the rule holds; 0: always */
};

struct calendar {
	const char *id, *title;
	const char *country;   /* whose orders it serves unless a profile names
	                        * another one: ISO 3166 alpha-2, or NULL */
	unsigned weekend;      /* bit set of 1u << enum weekday */
	struct holiday *holidays;
	size_t n_holidays;
	const char *source, *file;
	int line;
};

/* The holiday that is kept on this day, or NULL; of several the first. A fixed
 * holiday of the next year may be kept in this one (New Year's Day on a
 * Saturday), so `since` and `until` mean the year of the holiday itself. */
const struct holiday *calendar_holiday(const struct calendar *c, day d);
bool calendar_is_business_day(const struct calendar *c, day d);

/*
 * The day n units after d. Calendar days and months count from d itself, which
 * is day 0. A month ends in the month's last day when it has no such day
 * (January 31 and one month: February 28 or 29). Business days: the first one
 * counted is the first business day after d, whether d is one or not; n = 0 is
 * d itself. DAY_NONE beyond the years or SPAN_MAX. n may be negative for days
 * and months. Only business days look at the calendar, which may else be NULL;
 * without one they give DAY_NONE.
 */
enum span_unit { SPAN_DAYS, SPAN_BUSINESS_DAYS, SPAN_MONTHS };

struct span {
	int n;
	enum span_unit unit;
};

day span_after(const struct calendar *c, struct span span, day d);

#endif
