/* SPDX-License-Identifier: Apache-2.0 */
/* What was taken comes back as it was, or it is said why not. */
#include "remove/test_world.h"

static void make_tree(void)
{
	put_file("opt/widget/bin/widget", "program");
	put_file("opt/widget/lib/a/b/c/deep.so", "library");
	put_file("opt/widget/data.txt", "");
	put_link("opt/widget/current", "bin/widget");
	put_file("etc/widget.conf", "setting = 1\n");
	put_file("etc/other.conf", "other\n");
	put_file("top-file", "at the top");
	must(mkfifoat(world.root_fd, "opt/widget/fifo", 0620));
	must(linkat(world.root_fd, "opt/widget/bin/widget", world.root_fd,
	            "opt/widget/bin/again", 0));
	set_all_old(".");
}

static void plan_all(void)
{
	plan_begin();
	struct step *s = plan_step(STEP_TAKE);
	plan_take(s, "/opt/widget");
	plan_take(s, "/etc/widget.conf");
	s = plan_step(STEP_TAKE);
	plan_take(s, "/top-file");
}

static void test_a_tree_comes_back_bit_for_bit(void **state)
{
	make_tree();
	char *before = picture();
	plan_all();
	struct removal *r = begin_with(&fs_system);
	carry_out(r);
	for (size_t i = 0; i < 2; i++) {
		if (removal_results(r)[i].outcome != OUTCOME_DONE)
			fail_msg("%s", removal_results(r)[i].words);
	}
	assert_false(there("opt/widget"));
	assert_false(there("etc/widget.conf"));
	assert_false(there("top-file"));
	assert_true(there("etc/other.conf"));
	assert_int_equal(removal_results(r)[0].taken, world.steps[0].n_objects);
	assert_true(removal_took(r, SLICE("/top-file")));
	assert_false(removal_took(r, SLICE("/etc/other.conf")));
	removal_free(r);

	r = open_newest(&fs_system);
	assert_int_equal(removal_state(r), REMOVAL_ENDED);
	assert_string_equal(removal_started(r), STARTED);
	assert_int_equal(removal_results(r)[0].outcome, OUTCOME_DONE);
	undo(r);
	for (size_t i = 0; i < 2; i++) {
		if (removal_results(r)[i].outcome != OUTCOME_UNDONE)
			fail_msg("%s", removal_results(r)[i].words);
	}
	assert_int_equal(removal_state(r), REMOVAL_UNDONE);
	removal_free(r);
	char *after = picture();
	assert_string_equal(after, before);
	free(before);
	free(after);
}

/* A folder in which an installed package owns something is not touched. */
static void test_nothing_is_taken_while_its_package_is_installed(void **state)
{
	struct plan_package package = {.ecosystem = "deb", .name = SLICE("widget-core")};
	static const enum step_kind kinds[] = {STEP_TAKE, STEP_TRUST};

	put_file("opt/widget/data", "data");
	set_all_old(".");
	char *before = picture();
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		plan_begin();
		struct step *s = plan_step(kinds[i]);
		plan_take(s, "/opt/widget");
		s->packages = &package;
		s->n_packages = 1;
		for (int answer = 0; answer >= -EIO; answer -= EIO) {
			script.done_before = answer;
			struct removal *r = begin_with(&fs_system);
			carry_out(r);
			const struct step_result *result = removal_results(r);
			assert_int_equal(result->outcome, OUTCOME_IN_USE);
			assert_non_null(strstr(result->words, "the package widget-core is "
			                       "still installed"));
			assert_int_equal(result->taken, 0);
			assert_int_equal(result->left, s->n_objects);
			assert_int_equal(script.n_do, 0);
			removal_free(r);
			char *after = picture();
			assert_string_equal(after, before);
			free(after);
		}
	}
	script.done_before = 1;
	world.steps[0].kind = STEP_TAKE;
	struct removal *r = begin_with(&fs_system);
	carry_out(r);
	assert_int_equal(removal_results(r)->outcome, OUTCOME_DONE);
	assert_false(there("opt/widget"));
	removal_free(r);
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_tree_comes_back_bit_for_bit,
		                                world_new, world_end),
		cmocka_unit_test_setup_teardown(
			test_nothing_is_taken_while_its_package_is_installed, world_new,
			world_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
