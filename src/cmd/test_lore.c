/* SPDX-License-Identifier: Apache-2.0 */
/* What the packs know of removal reaches plan/ as it stands in them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/lore.h"

static const char text[] =
	"entities: [{id: examplesoft, name: E}, {id: other, name: O}]\n"
	"removals:\n"
	"- id: examplesoft/gui\n"
	"  articles: [exsoft-gui]\n"
	"  rank: 10\n"
	"  role: anti-virus\n"
	"- id: examplesoft/all\n"
	"  articles: [\"exsoft*\"]\n"
	"  rank: 20\n"
	"  role: none\n"
	"  advice: Ask first.\n"
	"  recipes:\n"
	"  - {platform: windows, what: w, command: c, after: a, confidence: S, source: s}\n"
	"  - {platform: linux, what: l, command: c, confidence: S, source: s}\n"
	"protections:\n"
	"- {role: anti-virus, name: B, processes: [bd, ad], confidence: K, source: s}\n"
	"- {role: anti-virus, name: A, processes: [ad], confidence: K, source: s}\n";

static struct pack *pack;

static int load(void **state)
{
	char path[] = "/tmp/debar-test-lore-XXXXXX.yaml";
	const char *place = path;
	struct pack_problems problems = {0};
	struct err e;
	int fd = mkstemps(path, 5);

	(void)state;
	if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1)
		return -1;
	int rc = pack_load(&place, 1, &e, &problems, &pack);
	pack_problems_finish(&problems);
	(void)close(fd);
	(void)unlink(path);
	return rc;
}

static int unload(void **state)
{
	(void)state;
	pack_free(pack);
	return 0;
}

static void expect(const char *entity, const char *name, uint32_t rank,
                   const char *role, const char *advice)
{
	struct plan_lore lore = lore_of(pack);
	uint32_t got_rank = 0;
	struct slice got_role, got_advice;

	lore.article(lore.ctx, slice_str(entity), slice_str(name), &got_rank, &got_role,
	             &got_advice);
	assert_int_equal(got_rank, rank);
	assert_true(slice_eq(got_role, slice_str(role)));
	assert_true(slice_eq(got_advice, slice_str(advice)));
}

static void the_first_removal_that_names_an_article_counts(void **state)
{
	(void)state;
	expect("examplesoft", "exsoft-gui", 10, "anti-virus", "");
	expect("examplesoft", "exsoft-engine", 20, "", "Ask first.");
}

static void of_other_articles_nothing_is_known(void **state)
{
	(void)state;
	expect("other", "exsoft-gui", LORE_RANK_UNKNOWN, "", "");
	expect("examplesoft", "elsewhere", LORE_RANK_UNKNOWN, "", "");
	expect("nobody", "exsoft-gui", LORE_RANK_UNKNOWN, "", "");
}

static void protections_of_a_role_are_each_listed_once(void **state)
{
	struct plan_lore lore = lore_of(pack);
	const char *const *list = lore.protections(lore.ctx, SLICE("anti-virus"));

	(void)state;
	assert_string_equal(list[0], "ad");
	assert_string_equal(list[1], "bd");
	assert_null(list[2]);
	assert_null(lore.protections(lore.ctx, SLICE("firewall"))[0]);
}

static void recipes_for_windows_are_given_once_for_an_article(void **state)
{
	struct step steps[] = {
		{.article = SLICE("2"), .entity = SLICE("examplesoft"),
		 .name = SLICE("exsoft-gui")},
		{.article = SLICE("1"), .entity = SLICE("examplesoft"),
		 .name = SLICE("Exsoft")},
		{.article = SLICE("2"), .entity = SLICE("examplesoft"),
		 .name = SLICE("exsoft-gui")},
		{.article = SLICE("3"), .entity = SLICE("other"), .name = SLICE("exsoft")},
	};
	struct plan plan = {.steps = steps, .n_steps = COUNT_OF(steps)};
	struct plan_recipe *list = NULL;
	struct arena mem;
	size_t n = 0;

	(void)state;
	arena_init(&mem, 0);
	assert_int_equal(lore_recipes(pack, &plan, &mem, &list, &n), 0);
	assert_int_equal(n, 2);
	assert_true(slice_eq(list[0].article, SLICE("1")));
	assert_true(slice_eq(list[1].article, SLICE("2")));
	assert_true(slice_eq(list[1].what, SLICE("w")));
	assert_true(slice_eq(list[1].after, SLICE("a")));
	plan.n_steps = 0;
	assert_int_equal(lore_recipes(pack, &plan, &mem, &list, &n), 0);
	assert_int_equal(n, 0);
	arena_finish(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_removal_that_names_an_article_counts),
		cmocka_unit_test(of_other_articles_nothing_is_known),
		cmocka_unit_test(protections_of_a_role_are_each_listed_once),
		cmocka_unit_test(recipes_for_windows_are_given_once_for_an_article),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
