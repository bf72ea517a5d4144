/* SPDX-License-Identifier: Apache-2.0 */
/* What is due: made-up orders and profiles, and the list that follows. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "law/law.h"

/* ---- a small law ------------------------------------------------------- */

static struct holiday holidays[] = {
	{.name = "Thanks", .kind = HOLIDAY_NTH, .weekday = THURSDAY, .month = 11, .nth = 4},
	{.name = "Christmas", .kind = HOLIDAY_FIXED, .month = 12, .of_month = 25,
	 .observed = true},
	{.name = "New Year", .kind = HOLIDAY_FIXED, .month = 1, .of_month = 1,
	 .observed = true},
};

static struct calendar calendars[] = {
	{.id = "work", .country = "XX", .weekend = 1u << SATURDAY | 1u << SUNDAY,
	 .holidays = holidays, .n_holidays = COUNT_OF(holidays)},
	{.id = "six-days", .weekend = 1u << SUNDAY},
};

static const struct term agency = {.kind = TERM_PARTY, .id = "agency", .text = "An agency."};
static const struct term firm = {.kind = TERM_PARTY, .id = "firm", .text = "A contractor."};
static const struct term *agencies[] = {&agency}, *firms[] = {&firm};

static struct entity entities[] = {{.id = "examplesoft"}, {.id = "othersoft"}};
static struct order_entity banned[] = {{.entity = 0}};

/* A directive: from its issue, with status reports from the 120th day. */
static struct clock directive_clocks[] = {
	{.id = "report", .what = "report what was found", .from = EVENT_ISSUED,
	 .after = {30, SPAN_DAYS}, .ends = -1, .form = "report"},
	{.id = "plan", .what = "hand in a plan", .from = EVENT_ISSUED,
	 .after = {60, SPAN_DAYS}, .ends = -1, .form = "plan"},
	{.id = "begin", .what = "begin the removal", .from = EVENT_ISSUED,
	 .after = {90, SPAN_DAYS}, .ends = -1},
	{.id = "status", .what = "report the status", .from = EVENT_ISSUED,
	 .after = {120, SPAN_DAYS}, .every = {30, SPAN_DAYS}, .ends = EVENT_DONE,
	 .form = "status"},
};

/* A clause of contracts: its wording changed in December 2023. */
static struct clock clause_clocks[] = {
	{.id = "first", .what = "report it", .from = EVENT_IDENTIFIED,
	 .after = {1, SPAN_BUSINESS_DAYS}, .ends = -1, .until = "2023-12-03", .form = "first"},
	{.id = "first", .what = "report it", .from = EVENT_IDENTIFIED,
	 .after = {3, SPAN_BUSINESS_DAYS}, .ends = -1, .since = "2023-12-04", .form = "first"},
	{.id = "second", .what = "report more", .from = EVENT_SUBMITTED,
	 .after_clock = "first", .after = {10, SPAN_BUSINESS_DAYS}, .ends = -1,
	 .form = "second"},
	{.id = "look", .what = "look at the list", .from = EVENT_CONTRACT,
	 .after = {3, SPAN_MONTHS}, .every = {3, SPAN_MONTHS}, .ends = -1},
};

static const char *clause_held[] = {"CLAUSE 1"};
static struct binding clause_bindings[] = {
	{.who = {firms, 1}, .holding = clause_held, .n_holding = 1},
};

static struct clock fixed_clocks[] = {
	{.id = "stop", .what = "use it no more", .on = "2018-10-01", .ends = -1},
};
static struct order_period fixed_history[] = {
	{.state = ORDER_SUSPENDED, .since = "2019-01-01", .until = "2019-06-30",
	 .because = "a court said so"},
};

enum { DIRECTIVE, CLAUSE, FIXED, N_ORDERS };

static struct order orders[N_ORDERS] = {
	{.id = "directive", .index = DIRECTIVE, .country = "XX", .issued = "2017-09-13",
	 .effective = "2017-09-13", .entities = banned, .n_entities = 1,
	 .clocks = directive_clocks, .n_clocks = COUNT_OF(directive_clocks)},
	{.id = "clause", .index = CLAUSE, .country = "XX", .issued = "2018-06-15",
	 .effective = "2018-07-16", .entities = banned, .n_entities = 1,
	 .bindings = clause_bindings, .n_bindings = 1,
	 .clocks = clause_clocks, .n_clocks = COUNT_OF(clause_clocks)},
	{.id = "fixed", .index = FIXED, .country = "XX", .issued = "2017-12-12",
	 .effective = "2018-10-01", .until = "2030-12-31", .entities = banned,
	 .n_entities = 1, .clocks = fixed_clocks, .n_clocks = COUNT_OF(fixed_clocks),
	 .history = fixed_history, .n_history = COUNT_OF(fixed_history)},
};

static const struct pack pack = {
	.entities = entities, .n_entities = COUNT_OF(entities), .orders = orders,
	.n_orders = N_ORDERS, .calendars = calendars, .n_calendars = COUNT_OF(calendars),
};

/* ---- asking ------------------------------------------------------------ */

struct question {
	int order;
	const char *as_of, *until;
	const struct profile *profile;
};

static int ask(const struct question *q, struct arena *mem, struct due **ret, size_t *ret_n)
{
	const struct order *order = &orders[q->order];
	const struct law_context context = {&pack, q->profile, day_parse(slice_str(q->as_of))};
	const struct due_args args = {
		.context = &context, .orders = &order, .n_orders = 1,
		.until = day_parse(slice_str(q->until ? q->until : q->as_of)),
	};

	return law_due(&args, mem, ret, ret_n);
}

/* "2017-10-13 report" for each, with "#1", "@contract", "done", "stopped". */
static void told(struct str *s, const struct due *list, size_t n)
{
	char text[DATE_BYTES];

	for (size_t i = 0; i < n; i++) {
		const struct due *d = &list[i];
		day_format(d->on, text);
		str_printf(s, "%s%s %s", i ? ", " : "", text[0] ? text : "-",
		           d->clock ? d->clock->id : d->what);
		if (d->number)
			str_printf(s, "#%u", d->number);
		if (d->contract)
			str_printf(s, "@%s", d->contract->contract);
		str_puts(s, d->stopped ? " stopped" : d->done ? " done" : "");
	}
}

static void expect(const struct question *q, const char *expected)
{
	struct arena mem;
	struct due *list = NULL;
	size_t n = 0;
	struct str s = {0};

	arena_init(&mem, 0);
	assert_int_equal(ask(q, &mem, &list, &n), 0);
	told(&s, list, n);
	assert_string_equal(s.p ? s.p : "", expected);
	str_finish(&s);
	arena_finish(&mem);
}

/* How the date at that place of the list is explained. */
static void expect_how(const struct question *q, size_t at, const char *expected)
{
	struct arena mem;
	struct due *list = NULL;
	size_t n = 0;

	arena_init(&mem, 0);
	assert_int_equal(ask(q, &mem, &list, &n), 0);
	assert_in_range(at + 1, 1, n);
	assert_string_equal(list[at].how, expected);
	arena_finish(&mem);
}

/* ---- a directive ------------------------------------------------------- */

static void an_order_s_own_dates_need_no_profile(void **state)
{
	const struct question q = {DIRECTIVE, "2017-09-20", "2018-03-31", NULL};

	expect(&q, "2017-10-13 report, 2017-11-12 plan, 2017-12-12 begin, 2018-01-11 status#1, "
	           "2018-02-10 status#2, 2018-03-12 status#3");
	expect_how(&q, 0, "issued 2017-09-13 + 30 calendar days");
	expect_how(&q, 4, "issued 2017-09-13 + 120 calendar days, then every 30 calendar days, "
	                  "number 2");
	/* Not issued yet: there is no such order. */
	expect(&(struct question){DIRECTIVE, "2017-09-12", "2018-03-31", NULL}, "");
}

static void papers_settle_what_was_due(void **state)
{
	struct profile_event events[] = {
		{.kind = EVENT_SUBMITTED, .clock = "status", .on = "2018-02-09"},
		{.kind = EVENT_SUBMITTED, .clock = "report", .on = "2017-10-20"},
		{.kind = EVENT_SUBMITTED, .clock = "status", .on = "2018-01-10"},
		{.kind = EVENT_SUBMITTED, .clock = "plan", .on = "2018-06-01"},
	};
	struct profile p = {.events = events, .n_events = COUNT_OF(events)};
	const struct question q = {DIRECTIVE, "2018-03-01", "2018-03-31", &p};

	expect(&q, "2017-10-13 report done, 2017-11-12 plan, 2017-12-12 begin, "
	           "2018-01-11 status#1 done, 2018-02-10 status#2 done, 2018-03-12 status#3");
	/* A late status report makes good all that were due, and is no early one. */
	events[0].on = "2018-02-11";
	events[2].on = "2019-01-01";
	expect(&q, "2017-10-13 report done, 2017-11-12 plan, 2017-12-12 begin, "
	           "2018-01-11 status#1 done, 2018-02-10 status#2 done, 2018-03-12 status#3");
}

static void what_ends_a_repetition(void **state)
{
	static struct slice one_host[] = {{(const uint8_t *)"host-1", 6}};
	struct profile_event done = {.kind = EVENT_DONE, .on = "2018-02-10"};
	struct profile p = {.events = &done, .n_events = 1};
	const struct question q = {DIRECTIVE, "2018-04-01", "2018-12-31", &p};

	expect(&q, "2017-10-13 report, 2017-11-12 plan, 2017-12-12 begin done, "
	           "2018-01-11 status#1, 2018-02-10 status#2");
	/* Not on a day before it happened, not by a part, not by another order's. */
	expect(&(struct question){DIRECTIVE, "2018-02-09", "2018-03-12", &p},
	       "2017-10-13 report, 2017-11-12 plan, 2017-12-12 begin, 2018-01-11 status#1, "
	       "2018-02-10 status#2, 2018-03-12 status#3");
	done.place.sources = one_host;
	done.place.n_sources = 1;
	expect(&(struct question){DIRECTIVE, "2018-04-01", "2018-03-12", &p},
	       "2017-10-13 report, 2017-11-12 plan, 2017-12-12 begin, 2018-01-11 status#1, "
	       "2018-02-10 status#2, 2018-03-12 status#3");
	const char *other = "clause";
	done.place = (struct profile_place){.orders = &other, .n_orders = 1};
	expect(&(struct question){DIRECTIVE, "2018-04-01", "2018-02-10", &p},
	       "2017-10-13 report, 2017-11-12 plan, 2017-12-12 begin, 2018-01-11 status#1, "
	       "2018-02-10 status#2");
}

static void an_extension_moves_a_date(void **state)
{
	const char *of = "directive";
	static struct slice part[] = {{(const uint8_t *)"x*", 2}};
	struct profile_waiver w[] = {
		{.place = {.orders = &of, .n_orders = 1}, .by = "The Secretary",
		 .cite = "letter 7", .since = "2017-11-01", .until = "2017-12-01",
		 .clock = "plan"},
		{.place = {.orders = &of, .n_orders = 1}, .by = "The Secretary",
		 .until = "2018-09-01"},
	};
	struct profile p = {.waivers = w, .n_waivers = COUNT_OF(w)};
	const struct question q = {DIRECTIVE, "2017-11-20", NULL, &p};

	expect(&q, "2017-10-13 report, 2017-12-01 plan, 2017-12-12 begin, "
	           "2018-09-01 a waiver ends: the ban holds again from the next day");
	expect_how(&q, 1, "issued 2017-09-13 + 60 calendar days; moved from 2017-11-12 by The "
	                  "Secretary (letter 7)");
	/* Before it was given; and where it is for a part. */
	expect_how(&(struct question){DIRECTIVE, "2017-10-31", NULL, &p}, 1,
	           "issued 2017-09-13 + 60 calendar days");
	w[0].place.articles = part;
	w[0].place.n_articles = 1;
	expect_how(&q, 1, "issued 2017-09-13 + 60 calendar days; the extension to 2017-12-01 by "
	                  "The Secretary is for a part only and moves nothing here");
}

/* ---- a clause of contracts --------------------------------------------- */

static struct profile_clause contracts[] = {
	{.clause = "CLAUSE 1", .contract = "A-1", .since = "2020-01-31"},
	{.clause = "CLAUSE 2", .contract = "B-2", .since = "2020-01-31"},
	{.clause = "CLAUSE 1", .contract = "C-3", .since = "2026-10-31"},
};

static struct profile contractor(struct profile_event *events, size_t n)
{
	return (struct profile){
		.is = {firms, 1}, .clauses = contracts, .n_clauses = COUNT_OF(contracts),
		.clauses_said = true, .events = events, .n_events = n,
	};
}

static void each_contract_has_its_dates(void **state)
{
	struct profile_event events[] = {
		{.kind = EVENT_IDENTIFIED, .on = "2026-11-25"},
		{.kind = EVENT_SUBMITTED, .clock = "first", .on = "2026-11-30",
		 .contract = "A-1"},
	};
	struct profile p = contractor(events, 2);
	const struct question q = {CLAUSE, "2026-12-01", "2020-09-01", &p};

	expect(&q, "2020-04-30 look#1@A-1, 2020-07-30 look#2@A-1, 2026-12-01 first@A-1 done, "
	           "2026-12-01 first@C-3, 2026-12-14 second@A-1, - second@C-3");
	expect_how(&q, 2, "identified 2026-11-25 + 3 business days; business days by the "
	                  "calendar work (the profile names none), not counted: 2026-11-26 "
	                  "Thanks");
	expect_how(&q, 4, "first submitted 2026-11-30 + 10 business days; business days by the "
	                  "calendar work (the profile names none)");
	expect_how(&q, 0, "the contract holds the clause since 2020-01-31 + 3 months, then "
	                  "every 3 months, number 1");
	p.calendar = &calendars[1];
	expect_how(&q, 2, "identified 2026-11-25 + 3 business days; business days by the "
	                  "calendar six-days (named in the profile)");
}

static void a_wording_counts_in_its_days(void **state)
{
	struct profile_event events[] = {
		{.kind = EVENT_IDENTIFIED, .on = "2023-12-01"}, /* a Friday */
		{.kind = EVENT_IDENTIFIED, .on = "2023-12-04"},
		{.kind = EVENT_CONTRACT, .on = "2030-01-01"},
	};
	struct profile p = contractor(events, 3);

	p.n_clauses = 1;
	expect(&(struct question){CLAUSE, "2023-12-05", NULL, &p},
	       "2023-12-04 first@A-1, 2023-12-07 first@A-1, - second@A-1");
	/* What is not known is asked for in the wording of the day. */
	p.n_events = 0;
	expect(&(struct question){CLAUSE, "2019-12-05", NULL, &p}, "");
	expect(&(struct question){CLAUSE, "2020-02-05", NULL, &p},
	       "- first@A-1, - second@A-1");
	expect_how(&(struct question){CLAUSE, "2020-02-05", NULL, &p}, 0,
	           "needs the date on which an article was identified, then + 1 business day; "
	           "business days by the calendar work (the profile names none)");
}

static void events_that_lie_ahead_start_nothing(void **state)
{
	struct profile_event events[] = {{.kind = EVENT_IDENTIFIED, .on = "2026-11-25"}};
	struct profile p = contractor(events, 1);

	p.n_clauses = 1;
	p.clauses = &contracts[0];
	expect_how(&(struct question){CLAUSE, "2026-11-24", "2020-01-01", &p}, 0,
	           "needs the date on which an article was identified, then + 3 business days; "
	           "business days by the calendar work (the profile names none); the profile "
	           "has 1 that lies ahead of this day");
}

static void whom_it_does_not_concern_has_no_dates(void **state)
{
	struct profile_event found = {.kind = EVENT_IDENTIFIED, .on = "2026-11-25"};
	struct profile p = contractor(&found, 1);
	const struct question q = {CLAUSE, "2026-11-26", "2020-01-01", &p};

	p.is.list = agencies;
	expect(&q, "");
	p.is.list = firms;
	p.n_clauses = 0; /* said: none */
	expect(&q, "");
	p.clauses_said = false;
	expect(&q, "2026-12-01 first, - second, - look");
	expect_how(&q, 1, "needs the date on which the paper before it was submitted (first), "
	                  "then + 10 business days; business days by the calendar work (the "
	                  "profile names none); the profile does not say which contracts hold "
	                  "CLAUSE 1");
	/* An event that is said of another order, or of a maker it does not ban. */
	const char *other = "othersoft";
	found.place = (struct profile_place){.entities = &other, .n_entities = 1};
	expect(&q, "- first, - second, - look");
	other = "examplesoft";
	expect(&q, "2026-12-01 first, - second, - look");
}

static void a_paper_is_about_one_find(void **state)
{
	static struct slice one[] = {{(const uint8_t *)"one", 3}};
	static struct slice two[] = {{(const uint8_t *)"two", 3}};
	const struct profile_place of_one = {.articles = one, .n_articles = 1};
	const struct profile_place of_two = {.articles = two, .n_articles = 1};
	struct profile_event events[] = {
		{.kind = EVENT_IDENTIFIED, .on = "2026-06-01", .place = of_one},
		{.kind = EVENT_IDENTIFIED, .on = "2026-06-02", .place = of_two},
		{.kind = EVENT_SUBMITTED, .clock = "first", .on = "2026-06-03", .place = of_two},
	};
	struct profile p = contractor(events, 3);
	const struct question q = {CLAUSE, "2026-06-04", "2020-01-01", &p};

	p.n_clauses = 1;
	expect(&q, "2026-06-04 first@A-1, 2026-06-05 first@A-1 done, 2026-06-17 second@A-1");
	/* One that does not say of what settles the earlier. */
	events[2].place = (struct profile_place){0};
	expect(&q, "2026-06-04 first@A-1 done, 2026-06-05 first@A-1, 2026-06-17 second@A-1");
}

/* ---- the life of an order ---------------------------------------------- */

static void an_order_that_does_not_run_is_marked(void **state)
{
	expect(&(struct question){FIXED, "2018-12-31", NULL, NULL},
	       "2018-10-01 stop, 2019-06-30 the order is no longer suspended from the next day, "
	       "2030-12-31 the order ends");
	expect(&(struct question){FIXED, "2019-02-01", NULL, NULL},
	       "2019-06-30 the order is no longer suspended from the next day, "
	       "2030-12-31 the order ends, - stop stopped");
	expect_how(&(struct question){FIXED, "2019-02-01", NULL, NULL}, 2,
	           "the order is suspended since 2019-01-01 until 2019-06-30: a court said so");
	expect(&(struct question){FIXED, "2019-07-01", NULL, NULL},
	       "2018-10-01 stop, 2030-12-31 the order ends");
	expect(&(struct question){FIXED, "2031-01-01", NULL, NULL}, "- stop stopped");
	expect_how(&(struct question){FIXED, "2031-01-01", NULL, NULL}, 0,
	           "the order ended on 2030-12-31");
	/* Before it takes effect its date is known and lies ahead. */
	expect(&(struct question){FIXED, "2018-01-01", NULL, NULL},
	       "2018-10-01 stop, 2019-06-30 the order is no longer suspended from the next day, "
	       "2030-12-31 the order ends");
}

static void a_duty_without_a_paper_is_met_by_the_removal(void **state)
{
	struct profile_event e = {.kind = EVENT_DONE, .on = "2018-09-20"};
	struct profile p = {.events = &e, .n_events = 1};

	expect(&(struct question){FIXED, "2018-12-01", NULL, &p},
	       "2018-10-01 stop done, 2019-06-30 the order is no longer suspended from the next "
	       "day, 2030-12-31 the order ends");
}

/* ---- bounds ------------------------------------------------------------ */

static void no_calendar_is_said(void **state)
{
	struct profile_event found = {.kind = EVENT_IDENTIFIED, .on = "2026-11-25"};
	struct profile p = contractor(&found, 1);
	const struct question q = {CLAUSE, "2026-11-26", "2020-01-01", &p};

	p.n_clauses = 1;
	orders[CLAUSE].country = "YY";
	expect(&q, "- first@A-1, - second@A-1");
	expect_how(&q, 0, "identified 2026-11-25 + 3 business days; no calendar says which days "
	                  "are business days");
	orders[CLAUSE].country = "XX";
}

static void too_many_dates_are_refused(void **state)
{
	struct clock daily = {.id = "daily", .what = "look", .from = EVENT_ISSUED,
	                      .after = {1, SPAN_DAYS}, .every = {1, SPAN_DAYS}, .ends = -1};
	const struct question q = {DIRECTIVE, "2017-09-20", "9999-12-31", NULL};
	const struct order before = orders[DIRECTIVE];
	struct arena mem;
	struct due *list = NULL;
	size_t n = 0;
	struct clock two[] = {daily, daily};

	orders[DIRECTIVE].clocks = two;
	orders[DIRECTIVE].n_clocks = 2;
	arena_init(&mem, 0);
	assert_int_equal(ask(&q, &mem, &list, &n), -E2BIG);
	assert_null(list);
	arena_finish(&mem);
	arena_init(&mem, 100000);
	assert_int_equal(ask(&q, &mem, &list, &n), -ENOMEM);
	arena_finish(&mem);
	orders[DIRECTIVE] = before;
}

static void no_zone_moves_a_date(void **state)
{
	static const char *const zones[] = {"UTC", "America/New_York", "Pacific/Kiritimati",
	                                    "Pacific/Apia", "Asia/Kathmandu", "XXX-14YYY,0,365"};

	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		an_order_s_own_dates_need_no_profile(state);
		each_contract_has_its_dates(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_s_own_dates_need_no_profile),
		cmocka_unit_test(papers_settle_what_was_due),
		cmocka_unit_test(what_ends_a_repetition),
		cmocka_unit_test(an_extension_moves_a_date),
		cmocka_unit_test(each_contract_has_its_dates),
		cmocka_unit_test(a_wording_counts_in_its_days),
		cmocka_unit_test(events_that_lie_ahead_start_nothing),
		cmocka_unit_test(whom_it_does_not_concern_has_no_dates),
		cmocka_unit_test(a_paper_is_about_one_find),
		cmocka_unit_test(an_order_that_does_not_run_is_marked),
		cmocka_unit_test(a_duty_without_a_paper_is_met_by_the_removal),
		cmocka_unit_test(no_calendar_is_said),
		cmocka_unit_test(too_many_dates_are_refused),
		cmocka_unit_test(no_zone_moves_a_date),
	};

	return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
