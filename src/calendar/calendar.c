/* SPDX-License-Identifier: Apache-2.0 */
#include "calendar/calendar.h"

#include <stdio.h>

enum { MONTHS = 12, DAYS_IN_WEEK = 7, EPOCH_YEAR = 1970 };

/* ---- dates ------------------------------------------------------------- */

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap(year));
}

/* Days from 0001-01-01 to the first day of a year. */
static int days_before_year(int year)
{
	int y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int days_before_month(int year, int month)
{
	int n = 0;

	for (int m = 1; m < month; m++)
		n += days_in_month(year, m);
	return n;
}

day day_of(int year, int month, int of_month)
{
	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > MONTHS ||
	    of_month < 1 || of_month > days_in_month(year, month))
		return DAY_NONE;
	return days_before_year(year) - days_before_year(EPOCH_YEAR) +
	       days_before_month(year, month) + of_month - 1;
}

/* The number that n digits at `at` are; -1 when they are not all digits. */
static int digits(struct slice s, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

day day_parse(struct slice text)
{
	if (text.n != DATE_BYTES - 1 || text.p[4] != '-' || text.p[7] != '-')
		return DAY_NONE;
	return day_of(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
}

/* Is it a day of the years that we count? */
static bool within(int64_t d)
{
	return d >= day_of(YEAR_MIN, 1, 1) && d <= day_of(YEAR_MAX, MONTHS, 31);
}

void day_split(day d, int *ret_year, int *ret_month, int *ret_of_month)
{
	int n = d + days_before_year(EPOCH_YEAR); /* from 0001-01-01 */
	int year = n / 366 + 1;                   /* never too late */
	int month = 1;

	while (days_before_year(year + 1) <= n)
		year++;
	n -= days_before_year(year);
	while (n >= days_in_month(year, month))
		n -= days_in_month(year, month++);
	*ret_year = year;
	*ret_month = month;
	*ret_of_month = n + 1;
}

void day_format(day d, char ret[DATE_BYTES])
{
	int year, month, of_month;

	ret[0] = '\0';
	if (!within(d))
		return;
	day_split(d, &year, &month, &of_month);
	/* Two more bytes than any date has, for a compiler that can't know. */
	char text[3 * 12];
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, of_month);
	memcpy(ret, text, DATE_BYTES - 1);
	ret[DATE_BYTES - 1] = '\0';
}

enum weekday day_weekday(day d)
{
	/* 1970-01-01 was a Thursday. */
	int from_monday = (d % DAYS_IN_WEEK + (THURSDAY - MONDAY) + DAYS_IN_WEEK) % DAYS_IN_WEEK;

	return (enum weekday)(MONDAY + from_monday);
}

/* ---- holidays ---------------------------------------------------------- */

/* Easter Sunday of the Gregorian calendar: the Sunday after the full moon that
 * the church's tables have on or after March 21. */
static day easter(int year)
{
	int golden = year % 19, century = year / 100;
	/* Age of the moon on March 21's eve, with the two corrections that the
	 * reform of 1582 made for leap years left out and for the moon's drift. */
	int skipped = century - century / 4, drift = (8 * century + 13) / 25;
	int age = (19 * golden + skipped - drift + 15) % 30;

	/* Two ages are moved by a day, so that no full moon falls after April 18
	 * and none on the same day twice in a cycle of 19 years. */
	if (age == 29 || (age == 28 && golden > 10))
		age--;
	day moon = day_of(year, 3, 21) + age;
	return moon + (SUNDAY - day_weekday(moon) == 0 ? DAYS_IN_WEEK
	                                               : SUNDAY - day_weekday(moon));
}

static day nth_weekday(int year, int month, enum weekday weekday, int nth)
{
	int days = days_in_month(year, month);
	day first = day_of(year, month, 1);
	int of_month = 1 + (weekday - day_weekday(first) + DAYS_IN_WEEK) % DAYS_IN_WEEK;

	if (nth > 0)
		of_month += (nth - 1) * DAYS_IN_WEEK;
	else
		while (of_month + DAYS_IN_WEEK <= days)
			of_month += DAYS_IN_WEEK;
	return of_month <= days ? first + of_month - 1 : DAY_NONE;
}

static day observed(day d)
{
	if (d == DAY_NONE)
		return d;
	enum weekday w = day_weekday(d);
	return w == SATURDAY ? d - 1 : w == SUNDAY ? d + 1 : d;
}

/* The day on which a holiday of that year is kept; DAY_NONE when it has none. */
static day holiday_in(const struct holiday *h, int year)
{
	day d = DAY_NONE;

	if (h->kind == HOLIDAY_ONCE)
		return h->once;
	if (year < YEAR_MIN || year > YEAR_MAX || (h->since && year < h->since) ||
	    (h->until && year > h->until))
		return DAY_NONE;
	if (h->kind == HOLIDAY_FIXED)
		d = day_of(year, h->month, h->of_month);
	else if (h->kind == HOLIDAY_NTH)
		d = nth_weekday(year, h->month, h->weekday, h->nth);
	else
		return easter(year) + h->offset;
	return h->observed ? observed(d) : d;
}

const struct holiday *calendar_holiday(const struct calendar *c, day d)
{
	int year, month, of_month;

	if (!within(d))
		return NULL;
	day_split(d, &year, &month, &of_month);
	for (size_t i = 0; i < c->n_holidays; i++)
		for (int y = year - 1; y <= year + 1; y++)
			if (holiday_in(&c->holidays[i], y) == d)
				return &c->holidays[i];
	return NULL;
}

bool calendar_is_business_day(const struct calendar *c, day d)
{
	return !(c->weekend >> day_weekday(d) & 1) && !calendar_holiday(c, d);
}

/* ---- spans ------------------------------------------------------------- */

static day months_after(int n, day d)
{
	int year, month, of_month;

	day_split(d, &year, &month, &of_month);
	int months = year * MONTHS + month - 1 + n;
	year = months / MONTHS;
	month = months % MONTHS + 1;
	if (months < 0 || year < YEAR_MIN || year > YEAR_MAX)
		return DAY_NONE;
	int last = days_in_month(year, month);
	return day_of(year, month, of_month < last ? of_month : last);
}

static day business_days_after(const struct calendar *c, int n, day d)
{
	if (n < 0 || (n > 0 && !c))
		return DAY_NONE;
	while (n > 0) {
		if (!within((int64_t)d + 1))
			return DAY_NONE;
		n -= calendar_is_business_day(c, ++d);
	}
	return d;
}

day span_after(const struct calendar *c, struct span span, day d)
{
	if (!within(d) || span.n > SPAN_MAX || span.n < -SPAN_MAX)
		return DAY_NONE;
	if (span.unit == SPAN_MONTHS)
		return months_after(span.n, d);
	if (span.unit == SPAN_BUSINESS_DAYS)
		return business_days_after(c, span.n, d);
	return within((int64_t)d + span.n) ? d + span.n : DAY_NONE;
}
