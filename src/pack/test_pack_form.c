/* SPDX-License-Identifier: Apache-2.0 */
/* Forms are read, and every kind of mistake in one is told with its place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "pack/pack.h"

static char dir[] = "/tmp/debar-test-form-XXXXXX";

/* A form without a fault; the cases change one line of it. */
static const char *const good[] = {
	/*  1 */ "forms:",
	/*  2 */ "- id: paper-1",
	/*  3 */ "  title: A paper",
	/*  4 */ "  clause: clause 1",
	/*  5 */ "  contracts: [CL 1]",
	/*  6 */ "  confidence: P",
	/*  7 */ "  sources: a text",
	/*  8 */ "  parts:",
	/*  9 */ "  - heading: Who",
	/* 10 */ "    fields:",
	/* 11 */ "    - {id: name, label: Name, from: organisation.name}",
	/* 12 */ "    - {id: costs, label: Costs, from: [\"profile:costs\", day], required: no}",
	/* 13 */ "  - heading: What",
	/* 14 */ "    each: product",
	/* 15 */ "    kinds: [hardware, service]",
	/* 16 */ "    fields:",
	/* 17 */ "    - {id: brand, label: Brand, from: product.brand, clause: (a)}",
};

static int load(size_t line, const char *instead, struct pack_problems *problems,
                struct pack **ret)
{
	struct str path = {0};

	str_printf(&path, "%s/form.yaml", dir);
	FILE *out = fopen(path.p, "w");
	assert_non_null(out);
	for (size_t i = 0; i < COUNT_OF(good); i++)
		(void)fprintf(out, "%s\n", i + 1 == line ? instead : good[i]);
	assert_int_equal(fclose(out), 0);
	*problems = (struct pack_problems){0};
	const int rc = pack_load((const char *const[]){path.p}, 1, NULL, problems, ret);
	assert_int_equal(unlink(path.p), 0);
	str_finish(&path);
	return rc;
}

static void test_good(void **state)
{
	struct pack_problems problems;
	struct pack *pack;

	assert_int_equal(load(0, NULL, &problems, &pack), 0);
	const struct form *f = pack_form(pack, "paper-1");
	assert_non_null(f);
	assert_null(pack_form(pack, "paper-2"));
	assert_int_equal(f->n_parts, 2);
	assert_int_equal(f->parts[0].each, FORM_ONCE);
	assert_int_equal(f->parts[0].kinds, 0);
	const struct form_field *costs = &f->parts[0].fields[1];
	assert_true(costs->optional);
	assert_int_equal(costs->n_from, 2);
	assert_int_equal(costs->from[0].fact, FACT_PROFILE);
	assert_string_equal(costs->from[0].profile, "costs");
	assert_int_equal(costs->from[1].fact, FACT_DAY);
	assert_false(f->parts[0].fields[0].optional);
	assert_int_equal(f->parts[1].each, FORM_PRODUCT);
	assert_int_equal(f->parts[1].kinds, 1u << ARTICLE_HARDWARE | 1u << ARTICLE_SERVICE);
	assert_string_equal(f->parts[1].fields[0].clause, "(a)");
	assert_string_equal(f->sources[0], "a text");
	pack_free(pack);
	pack_problems_finish(&problems);
}

static void test_bad(void **state)
{
	static const struct {
		size_t line;
		const char *instead;
		int at_line, at_column;
		const char *words; /* of the first problem */
	} cases[] = {
		{11, "    - {id: name, label: Name, from: organisation.nom}", 11, 37,
		 "there is no fact \"organisation.nom\""},
		{12, "    - {id: costs, label: Costs, from: [day, dy]}", 12, 45,
		 "there is no fact \"dy\""},
		{12, "    - {id: costs, label: Costs, from: \"profile:Not an id\"}", 12, 39,
		 "\"Not an id\" is not the id of a fact"},
		{12, "    - {id: costs, label: Costs, from: []}", 12, 39, "the list is empty"},
		{12, "    - {id: costs, label: Costs}", 12, 7, "a field needs the key \"from\""},
		{12, "    - {id: costs, label: Costs, from: day, required: maybe}", 12, 54,
		 "required is yes"},
		{12, "    - {id: name, label: Costs, from: day}", 12, 12,
		 "the field \"name\" stands twice"},
		{11, "    - {id: name, label: Name, from: product.name}", 11, 37,
		 "the fact \"product.name\" does not belong in a part that is written once"},
		{14, "    each: source", 17, 39,
		 "the fact \"product.brand\" does not belong in a part"},
		{14, "    each: produkt", 14, 11, "unknown each \"produkt\""},
		{15, "    kinds: [hard]", 15, 13, "unknown kind \"hard\""},
		{5, "  orders: [nowhere]", 5, 12, "there is no order \"nowhere\""},
		{3, "  titel: A paper", 2, 3, "a form needs the key \"title\""},
		{6, "  confidence: Q", 6, 15, "unknown confidence"},
		{13, "  - headings: What", 13, 5, "a part needs the key \"heading\""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pack_problems problems;
		struct pack *pack = NULL;
		const int rc = load(cases[i].line, cases[i].instead, &problems, &pack);
		if (rc != -EBADMSG || problems.n == 0)
			fail_msg("case %zu is not refused", i);
		const struct pack_problem *p = &problems.list[0];
		if (p->line != cases[i].at_line || p->column != cases[i].at_column ||
		    !strstr(p->words, cases[i].words))
			fail_msg("case %zu: %d:%d: %s", i, p->line, p->column, p->words);
		pack_problems_finish(&problems);
	}
}

/* Two forms of one id. */
static void test_twice(void **state)
{
	struct pack_problems problems;
	struct pack *pack = NULL;

	assert_int_equal(load(17, "    - {id: brand, label: B, from: product.brand}\n"
	                          "- {id: paper-1, title: t, clause: c, confidence: P, sources: s,"
	                          " parts: [{heading: h}]}", &problems, &pack), -EBADMSG);
	assert_non_null(strstr(problems.list[0].words, "\"paper-1\" stands already in"));
	pack_problems_finish(&problems);
}

static int start(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_twice),
	};
	return cmocka_run_group_tests(tests, start, end);
}
