/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an order binds: what the profile says, and what it leaves open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "law/law.h"

static struct entity makers[] = {{.id = "examplesoft", .name = "Examplesoft AG"}};
static const struct pack pack = {.entities = makers, .n_entities = 1};
static struct order_entity names[] = {{.entity = 0}};

static const struct term agency = {.kind = TERM_PARTY, .id = "agency"};
static const struct term contractor = {.kind = TERM_PARTY, .id = "contractor"};
static const struct term shop = {.kind = TERM_PARTY, .id = "shop"};
static const struct term open_system = {.kind = TERM_SYSTEM, .id = "open-system"};
static const struct term secret_system = {.kind = TERM_SYSTEM, .id = "secret-system"};
static const struct term question = {.kind = TERM_QUESTION, .id = "big", .text = "Is it big?"};

static const struct term *one[] = {&agency}, *two[] = {&contractor}, *three[] = {&shop},
                         *on_open[] = {&open_system}, *on_secret[] = {&secret_system};
static const char *held[] = {"CL 1", "CL 2"};

static struct binding bindings[] = {
	{.who = {one, 1}, .systems = {on_open, 1}, .not_systems = {on_secret, 1},
	 .bans = 1u << VERB_USE},
	{.who = {two, 1}, .holding = held, .n_holding = 2, .since = "2020-01-01",
	 .bans = 1u << VERB_PROVIDE},
};

#define IN {.word = SCOPE_INCLUDED}

static struct order order = {
	.id = "order", .effective = "2018-01-01", .entities = names, .n_entities = 1,
	.bindings = bindings, .n_bindings = COUNT_OF(bindings), .family.percent = -1,
	.bans = 1u << VERB_USE | 1u << VERB_PROVIDE,
	.kind = {IN, IN, IN}, .basis = {[BASIS_DEVELOPED] = IN},
};

static struct arena mem;

static struct verdict judge(const struct profile *p, int year)
{
	const struct law_context c = {.pack = &pack, .profile = p, .as_of = day_of(year, 6, 1)};
	const struct subject s = {
		.entity = &makers[0], .basis = BASIS_DEVELOPED, .state = STATE_INSTALLED,
		.strength = STRENGTH_STRONG, .name = SLICE("agent"), .source = SLICE("/srv/a"),
		.host = SLICE("host-a")};
	struct verdict v;

	assert_true(law_judge(&c, &order, &s, &mem, &v));
	assert_non_null(v.because);
	return v;
}

static void expect(const struct profile *p, int year, enum verdict_word word, const char *words)
{
	const struct verdict v = judge(p, year);

	if (v.word != word || !strstr(v.because, words))
		fail_msg("%s: %s", verdict_name(v.word), v.because);
}

static void without_a_profile_it_binds_whoever_asks(void **)
{
	expect(NULL, 2026, VERDICT_COVERED, "developed by");
}

static void a_profile_that_does_not_say_who_is_asked_nothing(void **)
{
	const struct profile p = {0};

	expect(&p, 2026, VERDICT_COVERED, "developed by");
}

static void another_party_is_not_bound(void **)
{
	const struct profile p = {.is = {three, 1}};

	expect(&p, 2026, VERDICT_EXCLUDED, "the order does not bind shop");
}

static void a_contractor_is_bound_by_a_clause(void **)
{
	struct profile_clause clauses[] = {{.clause = "CL 2", .since = "2021-01-01"}};
	struct profile p = {.is = {two, 1}};

	expect(&p, 2026, VERDICT_REVIEW, "does not say which clauses");
	p.clauses_said = true;
	expect(&p, 2026, VERDICT_EXCLUDED, "names no contract with it");
	p.clauses = clauses;
	p.n_clauses = 1;
	expect(&p, 2026, VERDICT_COVERED, "developed by");
	expect(&p, 2020, VERDICT_EXCLUDED, "names no contract with it");
	expect(&p, 2019, VERDICT_EXCLUDED, "does not bind you before 2020-01-01");
}

static void what_is_not_done_is_not_banned(void **)
{
	struct profile_clause clauses[] = {{.clause = "CL 1"}};
	struct profile p = {.is = {two, 1}, .clauses = clauses, .n_clauses = 1,
	                    .clauses_said = true, .activities = 1u << VERB_USE};

	expect(&p, 2026, VERDICT_EXCLUDED, "the order bans to provide; the profile says that you "
	                                   "only use");
	p.activities |= 1u << VERB_PROVIDE;
	expect(&p, 2026, VERDICT_COVERED, "developed by");
}

static void a_system_is_inside_outside_or_not_told(void **)
{
	struct slice here = SLICE("/srv/*"), there = SLICE("host-b");
	struct profile_system systems[] = {{.place = {.sources = &here, .n_sources = 1},
	                                    .is = {on_open, 1}}};
	struct profile p = {.is = {one, 1}, .systems = systems, .n_systems = 1};

	expect(&p, 2026, VERDICT_COVERED, "developed by");
	systems[0].is = (struct term_list){on_secret, 1};
	expect(&p, 2026, VERDICT_EXCLUDED, "one that the order leaves out: secret-system");
	systems[0].place.sources = &there;
	expect(&p, 2026, VERDICT_REVIEW, "the profile does not say");
}

static void the_best_binding_counts(void **)
{
	const struct term *both[] = {&shop, &contractor};
	struct profile_clause clauses[] = {{.clause = "CL 1"}};
	const struct profile p = {.is = {both, 2}, .clauses = clauses, .n_clauses = 1,
	                          .clauses_said = true};

	expect(&p, 2026, VERDICT_COVERED, "developed by");
}

static void a_waiver_lifts_it_while_it_lasts(void **)
{
	static const char *ids[] = {"order"};
	struct profile_waiver w[] = {{.by = "the head", .until = "2026-06-01",
	                              .place = {.orders = ids, .n_orders = 1}}};
	const struct profile p = {.waivers = w, .n_waivers = 1};

	expect(&p, 2026, VERDICT_EXCLUDED, "waived until 2026-06-01 by the head");
	expect(&p, 2027, VERDICT_COVERED, "developed by");
}

/* The narrowest answer, and the later of two as narrow. */
static void an_answer_settles_a_question(void **)
{
	struct slice agent = SLICE("agent");
	struct profile_answer answers[] = {
		{.question = &question, .is = ANSWER_NO, .by = "A", .on = "2025-01-01"},
		{.question = &question, .is = ANSWER_YES, .by = "B",
		 .place = {.articles = &agent, .n_articles = 1}},
	};
	struct profile p = {.answers = answers, .n_answers = 1};
	struct order before = order;

	order.basis[BASIS_DEVELOPED].question = &question;
	expect(&p, 2024, VERDICT_REVIEW, "Is it big?");
	expect(&p, 2026, VERDICT_EXCLUDED, "Is it big? No");
	p.n_answers = 2;
	expect(&p, 2026, VERDICT_COVERED, "developed by");
	order = before;
}

static int set_up(void **)
{
	arena_init(&mem, 0);
	return 0;
}

static int tear_down(void **)
{
	arena_finish(&mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_profile_it_binds_whoever_asks),
		cmocka_unit_test(a_profile_that_does_not_say_who_is_asked_nothing),
		cmocka_unit_test(another_party_is_not_bound),
		cmocka_unit_test(a_contractor_is_bound_by_a_clause),
		cmocka_unit_test(what_is_not_done_is_not_banned),
		cmocka_unit_test(a_system_is_inside_outside_or_not_told),
		cmocka_unit_test(the_best_binding_counts),
		cmocka_unit_test(a_waiver_lifts_it_while_it_lasts),
		cmocka_unit_test(an_answer_settles_a_question),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
