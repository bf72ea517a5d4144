/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars and clocks in packs: what is read, and what is refused, with its line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "pack/pack.h"

/* A pack without a fault; the cases change one line of it. */
static const char *const good[] = {
	/*  1 */ "entities: [{id: examplesoft, name: Examplesoft}]",
	/*  2 */ "calendars:",
	/*  3 */ "- id: work",
	/*  4 */ "  title: Work",
	/*  5 */ "  country: XX",
	/*  6 */ "  weekend: [saturday, sunday]",
	/*  7 */ "  source: s",
	/*  8 */ "  holidays:",
	/*  9 */ "  - {name: A, date: 02-29, observed: yes, since: 2000, until: 2020}",
	/* 10 */ "  - {name: B, nth: {weekday: monday, month: 5, nth: last}}",
	/* 11 */ "  - {name: C, nth: {weekday: thursday, month: 11, nth: 4}}",
	/* 12 */ "  - {name: D, easter: -2}",
	/* 13 */ "  - {name: E, once: 2025-01-09, source: s}",
	/* 14 */ "orders:",
	/* 15 */ "- {id: made-up, title: T, issuer: I, issued: 2017-09-13, bans: [use],",
	/* 16 */ "   effective: 2017-09-13, applies-to: All., entities: [examplesoft],",
	/* 17 */ "   confidence: K, sources: [s], clocks: [",
	/* 18 */ "   {id: a, what: w, from: identified, after: 1 business day, until: 2023-12-03},",
	/* 19 */ "   {id: a, what: w, from: identified, after: 3 business days, "
	          "since: 2023-12-04},",
	/* 20 */ "   {id: b, what: w, from: submitted, after-clock: a, after: 10 business days},",
	/* 21 */ "   {id: c, what: w, from: issued, after: 120 days, every: 30 days, ends: done},",
	/* 22 */ "   {id: d, what: w, on: 2018-10-01}]}",
};

static char path[] = "/tmp/debar-test-clock-XXXXXX.yaml";

/* Reads the pack with one line exchanged (0: none). */
static int load(size_t line, const char *words, struct pack_problems *problems,
                struct pack **ret)
{
	const char *const dirs[] = {path};
	struct err e = {0};
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (size_t i = 0; i < COUNT_OF(good); i++)
		fprintf(f, "%s\n", i + 1 == line ? words : good[i]);
	assert_int_equal(fclose(f), 0);
	return pack_load(dirs, 1, &e, problems, ret);
}

static void a_good_pack_is_read(void **state)
{
	struct pack_problems problems = {0};
	struct pack *pack = NULL;

	const int rc = load(0, NULL, &problems, &pack);
	for (size_t i = 0; i < problems.n; i++)
		print_message("%d: %s\n", problems.list[i].line, problems.list[i].words);
	assert_int_equal(rc, 0);
	const struct calendar *c = pack_calendar(pack, "work");
	assert_non_null(c);
	assert_string_equal(c->country, "XX");
	assert_int_equal(c->weekend, 1u << SATURDAY | 1u << SUNDAY);
	assert_int_equal(c->n_holidays, 5);
	assert_string_equal(calendar_holiday(c, day_of(2020, 2, 28))->name, "A");
	assert_null(calendar_holiday(c, day_of(2024, 2, 29)));
	assert_string_equal(calendar_holiday(c, day_of(2027, 5, 31))->name, "B");
	assert_string_equal(calendar_holiday(c, day_of(2026, 11, 26))->name, "C");
	assert_string_equal(calendar_holiday(c, day_of(2026, 4, 3))->name, "D");
	assert_string_equal(calendar_holiday(c, day_of(2025, 1, 9))->name, "E");
	const struct order *o = pack_order(pack, "made-up");
	assert_int_equal(o->n_clocks, 5);
	assert_int_equal(o->clocks[1].after.n, 3);
	assert_int_equal(o->clocks[1].after.unit, SPAN_BUSINESS_DAYS);
	assert_int_equal(o->clocks[1].ends, -1);
	assert_string_equal(o->clocks[2].after_clock, "a");
	assert_int_equal(o->clocks[3].every.n, 30);
	assert_int_equal(o->clocks[3].ends, EVENT_DONE);
	assert_string_equal(o->clocks[4].on, "2018-10-01");
	pack_problems_finish(&problems);
	pack_free(pack);
}

static const struct {
	size_t line;
	const char *words, *problem;
} wrong[] = {
	{6, "  weekend: [saturn]", "unknown weekday \"saturn\""},
	{6, "  weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]",
	 "the weekend leaves no business day"},
	{6, "  weekend: [friday]", "observed: yes moves holidays away from Saturday"},
	{9, "  - {name: A, date: 02-30}", "\"02-30\" is not a day of the year"},
	{9, "  - {name: A, date: 2-28}", "\"2-28\" is not a day of the year"},
	{9, "  - {name: A, date: 13-01}", "\"13-01\" is not a day of the year"},
	{9, "  - {name: A}", "a holiday needs one of date, nth, easter, once"},
	{9, "  - {name: A, date: 01-01, easter: 1}", "a holiday needs one of"},
	{9, "  - {name: A, date: 01-01, since: 2020, until: 2019}", "it ends (2019) before"},
	{10, "  - {name: B, nth: {weekday: monday, month: 13, nth: last}}",
	 "\"13\" is not a number from 1 to 12"},
	{10, "  - {name: B, nth: {weekday: monday, month: 5, nth: 6}}",
	 "\"6\" is not a number from 1 to 5"},
	{10, "  - {name: B, observed: yes, nth: {weekday: monday, month: 5, nth: 1}}",
	 "observed belongs to a holiday with a date"},
	{12, "  - {name: D, easter: -81}", "\"-81\" is not a number from -80 to 80"},
	{12, "  - {name: D, easter: --2}", "\"--2\" is not a number"},
	{13, "  - {name: E, once: 2025-02-29}", "\"2025-02-29\" is not a date"},
	{13, "  - {name: E, once: 2025-01-09, since: 2025}", "has no since and until"},
	{18, "   {id: a, what: w, from: identified, after: 1 fortnight},",
	 "\"1 fortnight\" is not a span of time"},
	{18, "   {id: z, what: w, from: identified, after: -1 days},", "is not a span of time"},
	{18, "   {id: z, what: w, from: identified, after: 100001 days},", "is not a span of time"},
	{18, "   {id: z, what: w, from: identified, after: 1 business},", "is not a span of time"},
	{18, "   {id: z, what: w, from: noticed, after: 1 day},", "unknown from \"noticed\""},
	{18, "   {id: z, what: w, from: identified},",
	 "a clock needs either on, or from and after"},
	{18, "   {id: z, what: w, on: 2018-10-01, after: 1 day},", "a clock needs either on"},
	{18, "   {id: z, what: w, on: 2018-02-29},", "\"2018-02-29\" is not a date"},
	{19, "   {id: a, what: w, from: identified, after: 3 days, since: 2023-12-03},",
	 "two clocks have the id \"a\" at the same time"},
	{19, "   {id: a, what: w, from: identified, after: 3 days},", "two clocks have the id"},
	{20, "   {id: b, what: w, from: submitted, after: 1 day},",
	 "from: submitted needs after-clock"},
	{20, "   {id: b, what: w, from: issued, after-clock: a, after: 1 day},",
	 "after-clock belongs to from: submitted"},
	{20, "   {id: b, what: w, from: submitted, after-clock: c, after: 1 day},",
	 "no clock \"c\" stands before this one"},
	{21, "   {id: c, what: w, from: issued, after: 1 day, every: 0 days},",
	 "every needs a span above 0"},
	{21, "   {id: c, what: w, from: issued, after: 1 day, ends: done},",
	 "ends belongs to every"},
	{21, "   {id: c, what: w, from: issued, after: 1 day, every: 1 day, ends: gone},",
	 "unknown ends \"gone\""},
};

static bool told(const struct pack_problems *problems, size_t line, const char *words)
{
	for (size_t i = 0; i < problems->n; i++)
		if ((size_t)problems->list[i].line >= line - (line == 6 ? 3 : 0) &&
		    (size_t)problems->list[i].line <= line &&
		    strstr(problems->list[i].words, words))
			return true;
	return false;
}

/* A problem of the whole calendar is told at its first line, 3. */
static void every_mistake_is_told_with_its_line(void **state)
{
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct pack_problems problems = {0};
		struct pack *pack = NULL;
		const int rc = load(wrong[i].line, wrong[i].words, &problems, &pack);
		if (rc != -EBADMSG || !told(&problems, wrong[i].line, wrong[i].problem))
			fail_msg("%s: %s", wrong[i].words,
			         problems.n ? problems.list[0].words : "no problem");
		pack_problems_finish(&problems);
	}
}

static int make_file(void **state)
{
	const int fd = mkstemps(path, sizeof(".yaml") - 1);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_pack_is_read),
		cmocka_unit_test(every_mistake_is_told_with_its_line),
	};

	return cmocka_run_group_tests_name("clock", tests, make_file, remove_file);
}
