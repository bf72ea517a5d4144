/* SPDX-License-Identifier: Apache-2.0 */
/* Relatives: which ones an order reaches, by what share, on which day, how far. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "law/law.h"

enum { NAMED, HALF, MORE, UNKNOWN, DEEP, PARENT, AFFILIATE, NEXT, STRANGER, COUNT };

static struct entity e[COUNT];

#define EDGE(rel, to, share) \
	{.relation = (rel), .name = "x", .source = "s", .entity = &e[to], .percent = (share)}

static struct family_edge of_named[] = {
	EDGE(REL_SUBSIDIARY, HALF, 49),
	EDGE(REL_OWNED, MORE, 51),
	EDGE(REL_SUBSIDIARY, UNKNOWN, -1),
	EDGE(REL_PARENT, PARENT, -1),
	EDGE(REL_AFFILIATE, AFFILIATE, -1),
};
static struct family_edge of_more[] = {EDGE(REL_OWNED, DEEP, 60)};
/* it is the later company that says whom it follows */
static struct family_edge of_next[] = {EDGE(REL_PREDECESSOR, NAMED, -1)};

static struct entity e[COUNT] = {
	[NAMED] = {.id = "named", .name = "Named", .index = NAMED, .kin = true,
	           .family = of_named, .n_family = COUNT_OF(of_named)},
	[HALF] = {.id = "half", .name = "Half", .index = HALF, .kin = true},
	[MORE] = {.id = "more", .name = "More", .index = MORE, .kin = true,
	          .family = of_more, .n_family = COUNT_OF(of_more)},
	[UNKNOWN] = {.id = "unknown", .name = "Unknown", .index = UNKNOWN, .kin = true},
	[DEEP] = {.id = "deep", .name = "Deep", .index = DEEP, .kin = true},
	[PARENT] = {.id = "parent", .name = "Parent", .index = PARENT, .kin = true},
	[AFFILIATE] = {.id = "affiliate", .name = "Affiliate", .index = AFFILIATE, .kin = true},
	[NEXT] = {.id = "next", .name = "Next", .index = NEXT, .kin = true,
	          .family = of_next, .n_family = COUNT_OF(of_next)},
	[STRANGER] = {.id = "stranger", .name = "Stranger", .index = STRANGER},
};

static const struct pack pack = {.entities = e, .n_entities = COUNT};
static struct order_entity names[] = {{.entity = NAMED}};

#define IN {.word = SCOPE_INCLUDED}
#define ORDER(...) \
	{.id = "order", .effective = "2018-01-01", .entities = names, .n_entities = 1, \
	 .kind = {IN, IN, IN}, .basis = {[BASIS_DEVELOPED] = IN, [BASIS_FAMILY] = IN}, \
	 .family = {__VA_ARGS__}}

static struct order all_relatives = ORDER(.percent = -1);
static struct order majority = ORDER(.relations = 1u << REL_SUCCESSOR, .percent = 50, .more = true);
static struct order from_half = ORDER(.percent = 49);
static struct order control = ORDER(.relations = 1u << REL_SUCCESSOR, .percent = 50, .more = true,
                                    .control = true);

enum { NONE = -1 };
#define C VERDICT_COVERED
#define X VERDICT_EXCLUDED
#define R VERDICT_REVIEW

static const struct {
	const struct order *order;
	int word[COUNT]; /* of each maker */
} rows[] = {
	/*                 named half more unknown deep parent affiliate next stranger */
	{&all_relatives, {C, C, X, C, NONE, C, C, C, NONE}},
	{&majority, {C, X, C, R, C, X, X, C, NONE}},
	{&from_half, {C, C, C, R, C, X, X, X, NONE}},
	{&control, {C, R, C, C, C, C, R, C, NONE}},
};

static int judge(const struct order *o, int maker, int year, struct arena *mem)
{
	const struct law_context c = {.pack = &pack, .as_of = day_of(year, 1, 1)};
	const struct subject s = {
		.entity = &e[maker], .basis = BASIS_DEVELOPED, .state = STATE_INSTALLED,
		.strength = STRENGTH_STRONG, .name = SLICE("x")};
	struct verdict v;

	if (!law_judge(&c, o, &s, mem, &v))
		return NONE;
	assert_non_null(v.because);
	return (int)v.word;
}

static void each_relative_is_reached_or_not(void **)
{
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (int maker = 0; maker < COUNT; maker++) {
			const int word = judge(rows[i].order, maker, 2026, &mem);
			if (word != rows[i].word[maker])
				fail_msg("row %zu, %s: %d and not %d", i, e[maker].id, word,
				         rows[i].word[maker]);
		}
	arena_finish(&mem);
}

static void an_edge_holds_in_its_time(void **)
{
	struct arena mem;

	arena_init(&mem, 0);
	of_named[1].since = "2020-06-01";
	of_named[1].until = "2025-06-01";
	assert_int_equal(judge(&majority, MORE, 2020, &mem), X);
	assert_int_equal(judge(&majority, MORE, 2021, &mem), C);
	assert_int_equal(judge(&majority, MORE, 2026, &mem), X);
	/* and nobody is reached through it */
	assert_int_equal(judge(&majority, DEEP, 2026, &mem), NONE);
	of_named[1].since = of_named[1].until = NULL;
	arena_finish(&mem);
}

static void an_order_without_the_family_reaches_no_relative(void **)
{
	struct order o = all_relatives;
	struct arena mem;

	arena_init(&mem, 0);
	o.basis[BASIS_FAMILY].word = SCOPE_EXCLUDED;
	assert_int_equal(judge(&o, HALF, 2026, &mem), X);
	assert_int_equal(judge(&o, NAMED, 2026, &mem), C);
	o.basis[BASIS_FAMILY].word = SCOPE_NOT_STATED;
	assert_int_equal(judge(&o, HALF, 2026, &mem), R);
	arena_finish(&mem);
}

static void what_an_order_may_concern_is_looked_for(void **)
{
	bool in[COUNT] = {false};

	law_entities(&pack, &majority, in);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(in[i], i != STRANGER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_relative_is_reached_or_not),
		cmocka_unit_test(an_edge_holds_in_its_time),
		cmocka_unit_test(an_order_without_the_family_reaches_no_relative),
		cmocka_unit_test(what_an_order_may_concern_is_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
