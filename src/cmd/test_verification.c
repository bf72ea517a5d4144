/* SPDX-License-Identifier: Apache-2.0 */
/* What a new sweep finds, held against a plan: the word for each article. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/verification.h"

static struct entity maker = {.id = "examplesoft", .name = "Examplesoft Ltd"};
static const struct report_source source = {.path = {(const uint8_t *)"/", 1},
                                            .finished = "2026-11-25T11:00:00Z"};

static struct finding finding(const char *id, const char *name, const char *version)
{
	struct finding f = {.entity = &maker, .name = slice_str(name),
	                    .version = slice_str(version)};

	(void)snprintf(f.id, sizeof(f.id), "%s", id);
	return f;
}

static struct step step(const char *article, const char *name)
{
	return (struct step){.kind = STEP_PACKAGE, .article = slice_str(article),
	                     .name = slice_str(name), .version = SLICE("1"),
	                     .entity = SLICE("examplesoft")};
}

static struct completion_verification compare(struct report *found, struct plan *plan,
                                              const struct step_result *results,
                                              struct arena *mem)
{
	struct completion_verification v;

	found->sources = &source;
	found->n_sources = 1;
	assert_int_equal(verification_compare(found, plan, results, mem, &v), 0);
	return v;
}

static void each_article_gets_its_word(void **)
{
	static const struct {
		enum outcome first, second; /* of its two steps */
		bool found;
		enum completion_word word;
	} cases[] = {
		{OUTCOME_DONE, OUTCOME_DONE, false, COMPLETION_GONE},
		{OUTCOME_DONE, OUTCOME_DONE, true, COMPLETION_CAME_BACK},
		{OUTCOME_GONE, OUTCOME_DONE, true, COMPLETION_CAME_BACK},
		{OUTCOME_DONE, OUTCOME_CHANGED, true, COMPLETION_STILL_THERE},
		{OUTCOME_REVIEW, OUTCOME_REVIEW, true, COMPLETION_STILL_THERE},
		{OUTCOME_REFUSED, OUTCOME_DONE, true, COMPLETION_STILL_THERE},
		{OUTCOME_FAILED, OUTCOME_FAILED, false, COMPLETION_GONE},
	};
	struct step steps[] = {step("a", "agent"), step("a", "agent")};
	struct plan plan = {.steps = steps, .n_steps = 2};
	struct finding f = finding("a", "agent", "1");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct step_result results[] = {{.outcome = cases[i].first},
		                                      {.outcome = cases[i].second}};
		struct report found = {.findings = &f, .n_findings = cases[i].found};
		struct arena mem;
		arena_init(&mem, 0);
		const struct completion_verification v = compare(&found, &plan, results, &mem);
		assert_int_equal(v.n_articles, 1);
		if (v.articles[0].word != cases[i].word)
			fail_msg("case %zu: %s", i, completion_word_name(v.articles[0].word));
		arena_finish(&mem);
	}
}

static void another_version_of_an_article_came_back(void **)
{
	struct step steps[] = {step("a", "agent")};
	struct plan plan = {.steps = steps, .n_steps = 1};
	const struct step_result results[] = {{.outcome = OUTCOME_DONE}};
	struct finding f = finding("b", "agent", "2");
	struct report found = {.findings = &f, .n_findings = 1};
	struct arena mem;

	arena_init(&mem, 0);
	const struct completion_verification v = compare(&found, &plan, results, &mem);
	assert_int_equal(v.n_articles, 1);
	assert_int_equal(v.articles[0].word, COMPLETION_CAME_BACK);
	assert_true(slice_eq(v.articles[0].version, SLICE("2")));
	arena_finish(&mem);
}

static void what_the_plan_does_not_speak_of_is_also_found(void **)
{
	struct step steps[] = {step("a", "agent")};
	struct plan_left left = {.article = SLICE("l"), .name = SLICE("part"),
	                         .why = SLICE("excluded")};
	struct plan plan = {.steps = steps, .n_steps = 1, .left = &left, .n_left = 1};
	const struct step_result results[] = {{.outcome = OUTCOME_DONE}};
	struct finding list[] = {finding("x", "other", "1"), finding("l", "part", "1")};
	struct report found = {.findings = list, .n_findings = 2};
	struct arena mem;

	arena_init(&mem, 0);
	const struct completion_verification v = compare(&found, &plan, results, &mem);
	assert_int_equal(v.n_articles, 2);
	assert_int_equal(v.counts[COMPLETION_GONE], 1);
	assert_int_equal(v.counts[COMPLETION_ALSO_FOUND], 1);
	assert_int_equal(verification_status(&v), EXIT_FOUND);
	arena_finish(&mem);
}

static void gone_is_only_clean_when_everything_was_examined(void **)
{
	struct step steps[] = {step("a", "agent")};
	struct plan plan = {.steps = steps, .n_steps = 1};
	const struct step_result results[] = {{.outcome = OUTCOME_DONE}};
	struct report found = {0};
	struct arena mem;

	arena_init(&mem, 0);
	struct completion_verification v = compare(&found, &plan, results, &mem);
	assert_int_equal(verification_status(&v), EXIT_INCOMPLETE);
	found.coverage.complete = true;
	/* still: what was installed before is not known */
	assert_int_equal(verification_status(&v), EXIT_INCOMPLETE);
	v.compared = true;
	assert_int_equal(verification_status(&v), EXIT_CLEAN);
	arena_finish(&mem);
}

static struct software software(const char *kind, const char *name)
{
	return (struct software){.kind = kind, .name = slice_str(name), .version = SLICE("1"),
	                         .system = strcmp(kind, "package") ? SLICE("") : SLICE("deb")};
}

static void what_came_in_its_place_is_found(void **)
{
	struct software then[] = {software("package", "agent"), software("service", "a.service")};
	struct software list[] = {software("package", "agent"), software("package", "other"),
	                          software("service", "a.service")};
	struct software_list before = {then, 2}, now = {list, 3}, back;
	struct plan plan = {0};
	struct report found = {.coverage = {.complete = true}};
	struct str text = {0};
	struct arena mem;

	arena_init(&mem, 0);
	/* as it is kept: a newer version is nothing new */
	list[0].version = SLICE("2");
	software_write(&before, &text);
	assert_int_equal(software_read(str_slice(&text), &mem, &back), 0);
	struct completion_verification v = compare(&found, &plan, NULL, &mem);
	assert_int_equal(verification_software(&back, &now, &mem, &v), 0);
	assert_true(v.compared);
	assert_int_equal(v.n_fresh, 1);
	assert_true(slice_eq(v.fresh[0].name, SLICE("other")));
	assert_int_equal(verification_status(&v), EXIT_FOUND);
	assert_int_equal(software_read(SLICE("debar/software/2\n"), &mem, &back), -EBADMSG);
	assert_int_equal(software_read(SLICE("debar/software/1\npackage"), &mem, &back),
	                 -EBADMSG);
	str_finish(&text);
	arena_finish(&mem);
}

static void software_is_only_compared_with_a_sweep_from_before(void **)
{
	static const struct change list[] = {
		{.word = CHANGE_APPEARED, .kind = CHANGE_PACKAGE,
		 .name = {(const uint8_t *)"new", 3}},
		{.word = CHANGE_WENT, .kind = CHANGE_PACKAGE,
		 .name = {(const uint8_t *)"old", 3}},
	};
	struct changes changes = {.since = "2026-11-25T10:00:00Z", .list = list, .n = 2};
	struct plan plan = {0};
	struct report found = {.changes = &changes};
	struct arena mem;

	arena_init(&mem, 0);
	struct completion_verification v = compare(&found, &plan, NULL, &mem);
	assert_true(v.compared);
	assert_int_equal(v.n_fresh, 1);
	assert_true(slice_eq(v.fresh[0].name, SLICE("new")));
	changes.fresh = 1;
	v = compare(&found, &plan, NULL, &mem);
	assert_false(v.compared);
	found.changes = NULL;
	v = compare(&found, &plan, NULL, &mem);
	assert_false(v.compared);
	arena_finish(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_article_gets_its_word),
		cmocka_unit_test(another_version_of_an_article_came_back),
		cmocka_unit_test(what_the_plan_does_not_speak_of_is_also_found),
		cmocka_unit_test(gone_is_only_clean_when_everything_was_examined),
		cmocka_unit_test(what_came_in_its_place_is_found),
		cmocka_unit_test(software_is_only_compared_with_a_sweep_from_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
