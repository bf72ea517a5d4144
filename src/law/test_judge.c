/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts, as a table: an order, a finding, the word and the sentence that
 * must come out. Two of the orders are those that started it all, as the packs
 * have them: one leaves embedded code out, the other takes it in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "law/law.h"

#define IN {.word = SCOPE_INCLUDED}
#define OUT {.word = SCOPE_EXCLUDED}

static struct entity makers[] = {
	{.id = "kaspersky", .name = "AO Kaspersky Lab"},
	{.id = "dahua", .name = "Dahua Technology", .index = 1},
};
#define kaspersky makers[0]
#define dahua makers[1]

static const struct pack pack = {.entities = makers, .n_entities = COUNT_OF(makers)};

static struct order_entity for_kaspersky[] = {{.entity = 0}};
static struct order_entity for_security[] = {
	{.entity = 0}, {.entity = 1, .purpose = "public safety"}};

static struct slice intelligence[] = {{(const uint8_t *)"*threat intelligence*", 21}};
static uint32_t feed_marks[] = {0};
static struct carve_out carve_outs[] = {
	{.id = "ti", .text = "Threat Intelligence services",
	 .articles = intelligence, .n_articles = 1},
	{.id = "feeds", .text = "data feeds", .marks = feed_marks, .n_marks = 1},
};

/* Embedded code and hardware are out; services are not spoken of. */
static const struct order directive = {
	.id = "directive", .issued = "2017-09-13", .effective = "2017-09-13",
	.entities = for_kaspersky, .n_entities = 1, .family.percent = -1,
	.kind = {[ARTICLE_SOFTWARE] = IN, [ARTICLE_HARDWARE] = OUT},
	.basis = {[BASIS_DEVELOPED] = IN, [BASIS_PROVIDED] = IN, [BASIS_FAMILY] = OUT,
	          [BASIS_IN_PART] = {.word = SCOPE_EXCLUDED, .because = "code embedded in other"
	                             " makers' products is outside the directive"}},
	.carve_outs = carve_outs, .n_carve_outs = COUNT_OF(carve_outs),
};

/* Everything is in, in whole or in part. */
static const struct order section = {
	.id = "section", .effective = "2018-10-01",
	.entities = for_security, .n_entities = 2,
	.family.percent = -1, .kind = {IN, IN, IN},
	.basis = {[BASIS_DEVELOPED] = IN, [BASIS_PROVIDED] = IN, [BASIS_FAMILY] = IN,
	          [BASIS_IN_PART] = {.word = SCOPE_INCLUDED, .because = "in whole or in part"}},
};

static const struct order ended = {
	.id = "ended", .effective = "2015-01-01", .until = "2019-12-31",
	.entities = for_kaspersky, .n_entities = 1, .family.percent = -1, .kind = {IN, IN, IN},
	.basis = {[BASIS_DEVELOPED] = IN},
};

static const struct order coming = {
	.id = "coming", .effective = "2031-01-01",
	.entities = for_kaspersky, .n_entities = 1, .family.percent = -1, .kind = {IN, IN, IN},
	.basis = {[BASIS_DEVELOPED] = IN},
};

static const struct order last_day = {
	.id = "last-day", .effective = "2026-11-21", .until = "2026-11-21",
	.entities = for_kaspersky, .n_entities = 1, .family.percent = -1, .kind = {IN, IN, IN},
	.basis = {[BASIS_DEVELOPED] = IN},
};

struct row {
	const struct order *order;
	const char *name;
	enum article_kind kind;
	enum basis basis;
	enum state state;
	enum strength strength;
	enum verdict_word word;
	const char *because;
	const struct entity *entity;  /* NULL: the first */
	uint32_t mark;                /* of the only evidence */
};

#define LIVE STATE_INSTALLED, STRENGTH_STRONG
#define SW ARTICLE_SOFTWARE

static const struct row rows[] = {
	/* covered */
	{&directive, "kesl", SW, BASIS_DEVELOPED, LIVE, VERDICT_COVERED,
	 "software developed by AO Kaspersky Lab, installed", .mark = 1},
	{&directive, "kesl", SW, BASIS_PROVIDED, STATE_STORED, STRENGTH_PROVEN,
	 VERDICT_COVERED,
	 "software provided by AO Kaspersky Lab, stored, not in place to run",
	 .mark = 1},
	{&section, "nagios-nrpe-server", SW, BASIS_IN_PART, LIVE, VERDICT_COVERED,
	 "software that has code in it from AO Kaspersky Lab, installed"
	 " (in whole or in part)", .mark = 1},
	{&last_day, "kesl", SW, BASIS_DEVELOPED, LIVE, VERDICT_COVERED,
	 "software developed by AO Kaspersky Lab, installed", .mark = 1},
	/* excluded */
	{&directive, "nagios-nrpe-server", SW, BASIS_IN_PART, LIVE, VERDICT_EXCLUDED,
	 "code embedded in other makers' products is outside the directive", .mark = 1},
	{&directive, "box", ARTICLE_HARDWARE, BASIS_DEVELOPED, LIVE, VERDICT_EXCLUDED,
	 "hardware is outside the order", .mark = 1},
	{&directive, "kis", SW, BASIS_FAMILY, LIVE, VERDICT_EXCLUDED,
	 "what companies of the vendor's family make is outside the order", .mark = 1},
	{&directive, "Kaspersky Threat Intelligence Portal", SW, BASIS_DEVELOPED, LIVE,
	 VERDICT_EXCLUDED, "carved out of the order: Threat Intelligence services",
	 .mark = 1},
	{&directive, "feed", SW, BASIS_DEVELOPED, LIVE, VERDICT_EXCLUDED,
	 "carved out of the order: data feeds", .mark = 0},
	{&ended, "kesl", SW, BASIS_DEVELOPED, LIVE, VERDICT_EXCLUDED,
	 "the order ended on 2019-12-31", .mark = 1},
	{&coming, "kesl", SW, BASIS_DEVELOPED, LIVE, VERDICT_EXCLUDED,
	 "the order is not in force before 2031-01-01", .mark = 1},
	{&directive, "x", SW, BASIS_IN_PART, STATE_RESIDUE, STRENGTH_WEAK,
	 VERDICT_EXCLUDED,
	 "code embedded in other makers' products is outside the directive", .mark = 1},
	/* review */
	{&directive, "kesl", SW, BASIS_DEVELOPED, STATE_INSTALLED, STRENGTH_WEAK,
	 VERDICT_REVIEW, "the evidence is weak: confirm before acting", .mark = 1},
	{&directive, "kesl", SW, BASIS_DEVELOPED, STATE_RESIDUE, STRENGTH_STRONG,
	 VERDICT_REVIEW, "these are leftovers of a removed product", .mark = 1},
	{&directive, "@kaspersky/hexa-ui", SW, BASIS_DEVELOPED, STATE_REFERENCED,
	 STRENGTH_STRONG, VERDICT_REVIEW,
	 "a manifest asks for it, but the article itself was not found", .mark = 1},
	{&directive, "ksn", SW, BASIS_DEVELOPED, STATE_CONNECTED, STRENGTH_STRONG,
	 VERDICT_REVIEW, "the system is set up to use it, but the article itself was"
	 " not found", .mark = 1},
	{&directive, "ksn", ARTICLE_SERVICE, BASIS_DEVELOPED, LIVE, VERDICT_REVIEW,
	 "the order does not say whether it reaches services", .mark = 1},
	{&directive, "old", SW, BASIS_FORMER, LIVE, VERDICT_REVIEW,
	 "the order does not say whether it reaches what once was the vendor's",
	 .mark = 1},
	{&section, "camera", ARTICLE_HARDWARE, BASIS_DEVELOPED, LIVE, VERDICT_REVIEW,
	 "the vendor is banned for one purpose only: public safety", &dahua, 1},
	{&directive, "old", SW, BASIS_FORMER, STATE_RESIDUE, STRENGTH_WEAK,
	 VERDICT_REVIEW, "the evidence is weak: confirm before acting; these are"
	 " leftovers of a removed product; the order does not say whether it reaches"
	 " what once was the vendor's", .mark = 1},
};

/* The verdict on the day that the table is for. */
static struct verdict judge(const struct order *o, const struct subject *s, struct arena *mem)
{
	const struct law_context c = {.pack = &pack, .as_of = day_of(2026, 11, 21)};
	struct verdict v;

	assert_true(law_judge(&c, o, s, mem, &v));
	return v;
}

static struct subject named(const char *name)
{
	return (struct subject){
		.entity = &kaspersky, .basis = BASIS_DEVELOPED, .state = STATE_INSTALLED,
		.strength = STRENGTH_STRONG, .name = slice_str(name)};
}

static void every_row_gets_its_verdict(void **)
{
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *r = &rows[i];
		const struct subject s = {
			.entity = r->entity ? r->entity : &kaspersky,
			.kind = r->kind, .name = slice_str(r->name),
			.basis = r->basis, .state = r->state, .strength = r->strength,
			.marks = &r->mark, .n_marks = 1, .marks_whole = true,
		};
		const struct verdict v = judge(r->order, &s, &mem);
		if (v.word != r->word || strcmp(v.because, r->because) != 0)
			fail_msg("row %zu: %d: %s", i, (int)v.word, v.because);
		assert_ptr_equal(v.order, r->order);
	}
	arena_finish(&mem);
}

static void a_carve_out_by_marks_needs_all_evidence(void **)
{
	static const uint32_t both[] = {0, 1};
	struct subject s = named("feed");
	struct arena mem;

	arena_init(&mem, 0);
	s.marks = both;
	s.n_marks = 2;
	s.marks_whole = true;
	assert_int_equal(judge(&directive, &s, &mem).word, VERDICT_COVERED);
	s.n_marks = 1;
	assert_int_equal(judge(&directive, &s, &mem).word, VERDICT_EXCLUDED);
	s.marks_whole = false;
	assert_int_equal(judge(&directive, &s, &mem).word, VERDICT_COVERED);
	arena_finish(&mem);
}

static void names_are_compared_whole_and_case_apart(void **)
{
	static const struct {
		const char *glob, *name;
		bool fits;
	} cases[] = {
		{"kesl", "KESL", true},    {"kesl", "kesl2", false},
		{"kesl*", "kesl", true},   {"*", "", true},
		{"k?sl", "kasl", true},    {"?", "", false},
		{"*a*b*c*", "xxaxxbxx", false}, {"*ab", "aab", true},
		{"", "", true},            {"", "x", false},
	};
	struct slice pattern;
	struct carve_out c = {.text = "t", .articles = &pattern, .n_articles = 1};
	struct order o = directive;
	struct arena mem;

	o.carve_outs = &c;
	o.n_carve_outs = 1;
	arena_init(&mem, 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct subject s = named(cases[i].name);
		pattern = slice_str(cases[i].glob);
		bool out = judge(&o, &s, &mem).word == VERDICT_EXCLUDED;
		if (out != cases[i].fits)
			fail_msg("case %zu: %s", i, cases[i].glob);
	}
	arena_finish(&mem);
}

/* A name made to keep a careless pattern busy for years. */
static void a_hostile_name_costs_little(void **)
{
	static char name[4096];
	struct slice pattern = SLICE("*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
	struct carve_out c = {.text = "t", .articles = &pattern, .n_articles = 1};
	struct order o = directive;
	struct subject s = named("");
	struct arena mem;

	memset(name, 'a', sizeof(name));
	s.name = slice_of(name, sizeof(name));
	o.carve_outs = &c;
	o.n_carve_outs = 1;
	arena_init(&mem, 0);
	assert_int_equal(judge(&o, &s, &mem).word, VERDICT_COVERED);
	arena_finish(&mem);
}

static void without_memory_there_is_no_sentence(void **)
{
	const struct subject s = named("x");
	struct arena mem;

	arena_init(&mem, 1);
	assert_null(judge(&directive, &s, &mem).because);
	arena_finish(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_gets_its_verdict),
		cmocka_unit_test(a_carve_out_by_marks_needs_all_evidence),
		cmocka_unit_test(names_are_compared_whole_and_case_apart),
		cmocka_unit_test(a_hostile_name_costs_little),
		cmocka_unit_test(without_memory_there_is_no_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
