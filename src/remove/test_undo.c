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

/* ---- which run ------------------------------------------------------------- */

static char notes[4096];
static size_t n_notes;

static void take_note(void *ctx, const char *words)
{
	size_t n = strlen(notes);

	(void)snprintf(notes + n, sizeof(notes) - n, "%s\n", words);
	n_notes++;
}

static struct removal *open_as(enum removal_pick pick, int expected)
{
	struct removal_args args = world_args(&fs_system, false);
	struct removal *r = NULL;
	struct err e = {0};

	notes[0] = '\0';
	n_notes = 0;
	args.pick = pick;
	args.events.note = take_note;
	int err = removal_open(&args, NULL, &e, &r);
	if (err != expected)
		fail_msg("%d: %s", err, e.text);
	return r;
}

static void remove_all(char id[RUN_ID_BYTES])
{
	struct removal *r = begin_with(&fs_system);

	carry_out(r);
	assert_int_equal(removal_state(r), REMOVAL_ENDED);
	(void)snprintf(id, RUN_ID_BYTES, "%s", removal_id(r));
	removal_free(r);
}

/* Several plans of one file each, which stay; the world's is the last. */
static struct several {
	struct plan plan;
	struct step step;
} several['z' - 'a' + 1];

static void plan_one(const char *path, char hash)
{
	struct several *one = &several[hash - 'a'];

	arena_init(&world.plan.mem, 0); /* it belongs to one of them */
	plan_begin();
	plan_take(plan_step(STEP_TAKE), path);
	memset(world.plan.sha256, hash, sizeof(world.plan.sha256) - 1);
	arena_finish(&one->plan.mem);
	*one = (struct several){.plan = world.plan, .step = world.steps[0]};
	one->plan.steps = &one->step;
	plans[hash - 'a'] = &one->plan;
}

static int several_begin(void **state)
{
	for (size_t i = 0; i < COUNT_OF(several); i++)
		arena_init(&several[i].plan.mem, 0);
	return world_new(state);
}

static int several_end(void **state)
{
	arena_init(&world.plan.mem, 0);
	for (size_t i = 0; i < COUNT_OF(several); i++)
		arena_finish(&several[i].plan.mem);
	memset(plans, 0, sizeof(plans));
	return world_end(state);
}

/* In use, changed, failed: tried again in the same run, which is undone whole. */
static void test_what_was_left_is_tried_again_in_the_same_run(void **state)
{
	struct plan_package package = {.ecosystem = "deb", .name = SLICE("widget-core")};
	char first[RUN_ID_BYTES], again[RUN_ID_BYTES];

	make_tree();
	put_file("opt/widget/new", "came after the plan");
	set_all_old(".");
	char *before = picture();
	must(renameat(world.root_fd, "opt/widget/new", world.root_fd, "new"));
	plan_all();
	must(renameat(world.root_fd, "new", world.root_fd, "opt/widget/new"));
	set_all_old(".");
	free(before);
	before = picture();
	world.steps[1].packages = &package;
	world.steps[1].n_packages = 1;
	script.done_before = 0;
	struct removal *r = begin_with(&fs_system);
	carry_out(r);
	assert_int_equal(removal_results(r)[0].outcome, OUTCOME_PARTLY);
	assert_int_equal(removal_results(r)[1].outcome, OUTCOME_IN_USE);
	uint64_t taken = removal_results(r)[0].taken;
	(void)snprintf(first, sizeof(first), "%s", removal_id(r));
	removal_free(r);

	script.done_before = 1;
	must(renameat(world.root_fd, "opt/widget/new", world.root_fd, "new"));
	r = begin_with(&fs_system);
	assert_int_equal(removal_state(r), REMOVAL_BEGUN);
	assert_int_equal(removal_results(r)[0].outcome, OUTCOME_NOT_YET);
	assert_int_equal(removal_results(r)[0].taken, taken);
	removal_free(r);
	remove_all(again);
	assert_string_equal(first, again);
	assert_false(there("opt/widget"));
	assert_false(there("top-file"));
	r = open_newest(&fs_system);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(removal_results(r)[i].outcome, OUTCOME_DONE);
		assert_int_equal(removal_results(r)[i].taken, world.steps[i].n_objects);
		assert_int_equal(removal_results(r)[i].left, 0);
	}
	removal_free(r);

	remove_all(again); /* nothing is left to try */
	assert_string_equal(first, again);
	r = open_as(PICK_UNDOABLE, 0);
	assert_string_equal(removal_id(r), first);
	assert_int_equal(removal_older(r), 0);
	undo(r);
	assert_int_equal(removal_state(r), REMOVAL_UNDONE);
	removal_free(r);
	assert_true(there("opt/widget/bin/widget"));
	must(renameat(world.root_fd, "new", world.root_fd, "opt/widget/new"));
	must(utimensat(world.root_fd, "opt/widget", NULL, 0));
	assert_true(there("top-file"));
	assert_true(there("etc/widget.conf"));
	r = begin_with(&fs_system);
	assert_string_not_equal(removal_id(r), first); /* an undone run stays undone */
	removal_free(r);
	free(before);
}

/* A program that failed runs again, unless somebody changed what it had left. */
static void test_a_program_that_failed_runs_again(void **state)
{
	char first[RUN_ID_BYTES], again[RUN_ID_BYTES];

	plan_begin();
	plan_step(STEP_PACKAGE);
	script.done_after = 0;
	remove_all(first);
	assert_int_equal(script.n_do, 1);
	assert_int_equal(script.noted, 1);
	script.conflicts = 1;
	remove_all(again);
	assert_string_equal(first, again);
	assert_int_equal(script.n_do, 1);
	struct removal *r = open_newest(&fs_system);
	assert_int_equal(removal_results(r)->outcome, OUTCOME_FAILED);
	assert_non_null(strstr(removal_results(r)->words, "make a new plan"));
	removal_free(r);
	script.conflicts = 0;
	remove_all(again);
	assert_string_equal(first, again);
	assert_int_equal(script.n_do, 2);
	assert_int_equal(script.n_save, 1); /* it is whole, and of before the first */
	script.done_after = 1;
	remove_all(again);
	assert_string_equal(first, again);
	assert_int_equal(script.n_do, 2); /* it was done meanwhile */
	script.done_after = 0;          /* it came back, and not as it was left */
	script.conflicts = 1;
	remove_all(again);
	assert_string_equal(first, again);
	r = open_newest(&fs_system);
	assert_int_equal(removal_results(r)->outcome, OUTCOME_FAILED);
	removal_free(r);
	script.conflicts = 0;
	r = open_newest(&fs_system);
	undo(r);
	assert_int_equal(removal_results(r)->outcome, OUTCOME_UNDONE);
	assert_int_equal(script.n_restore, 1);
	assert_true(script.exact);
	removal_free(r);
}

/* Without room for what is to be kept, nothing is kept and nothing is run. */
static void test_no_program_runs_without_room_for_its_keep(void **state)
{
	char id[RUN_ID_BYTES];

	plan_begin();
	plan_step(STEP_PACKAGE);
	script.keep_bytes = UINT64_C(1) << 60;
	remove_all(id);
	struct removal *r = open_newest(&fs_system);
	assert_int_equal(removal_results(r)->outcome, OUTCOME_FAILED);
	assert_non_null(strstr(removal_results(r)->words, "room for what is kept"));
	removal_free(r);
	assert_int_equal(script.n_save, 0);
	assert_int_equal(script.n_do, 0);
	run_command("test ! -e %s/removals/%s/keep-1/space", world.state, id);
	script.keep_bytes = 4096;
	remove_all(id); /* the same run, and there is room now */
	assert_int_equal(script.n_do, 1);
}

static void test_undo_takes_the_newest_that_can_be_undone(void **state)
{
	char ids[3][RUN_ID_BYTES];

	make_tree();
	char *before = picture();
	plan_one("/top-file", 'a');
	remove_all(ids[0]);
	plan_one("/etc/widget.conf", 'b');
	remove_all(ids[1]);
	plan_one("/etc/other.conf", 'c');
	remove_all(ids[2]);
	for (int i = 2; i >= 0; i--) {
		struct removal *r = open_as(PICK_UNDOABLE, 0);
		assert_string_equal(removal_id(r), ids[i]); /* all of the same second */
		assert_int_equal(removal_older(r), i);
		assert_int_equal(n_notes, 0);
		undo(r);
		removal_free(r);
	}
	struct removal *r = open_as(PICK_UNDOABLE, 0); /* none: the newest is shown */
	assert_string_equal(removal_id(r), ids[2]);
	assert_int_equal(removal_state(r), REMOVAL_UNDONE);
	removal_free(r);
	char *after = picture();
	assert_string_equal(after, before);
	free(before);
	free(after);
}

/* What was on the disk whole is no more. */
static const char *const damages[] = {
	"printf X | dd of=$f/journal bs=1 seek=3 conv=notrunc 2>/dev/null",
	"rm $f/plan.json",
	": > $f/plan.json",
};

static void test_a_damaged_run_is_named_and_passed_over(void **state)
{
	char old[RUN_ID_BYTES], torn[RUN_ID_BYTES], new[RUN_ID_BYTES], file[32];

	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		(void)snprintf(file, sizeof(file), "/file-%zu", i);
		put_file(file + 1, "some bytes");
		put_file("other", "other bytes");
		plan_one(file, 'a');
		remove_all(old);
		plan_one("/other", 'b');
		remove_all(torn);
		run_command("f=%s/removals/%s; %s", world.state, torn, damages[i]);
		assert_null(open_as(PICK_NEWEST, -EBADMSG));
		for (enum removal_pick pick = PICK_READABLE; pick <= PICK_UNDOABLE; pick++) {
			struct removal *r = open_as(pick, 0);
			assert_string_equal(removal_id(r), old);
			assert_int_equal(n_notes, 1);
			assert_non_null(strstr(notes, torn));
			removal_free(r);
		}
		remove_all(new); /* the plan of the damaged run */
		assert_string_not_equal(torn, new);
		run_command("rm -r %s", world.state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_what_was_left_is_tried_again_in_the_same_run, world_new,
			world_end),
		cmocka_unit_test_setup_teardown(test_a_program_that_failed_runs_again,
		                                world_new, world_end),
		cmocka_unit_test_setup_teardown(
			test_no_program_runs_without_room_for_its_keep, world_new, world_end),
		cmocka_unit_test_setup_teardown(
			test_undo_takes_the_newest_that_can_be_undone, several_begin,
			several_end),
		cmocka_unit_test_setup_teardown(
			test_a_damaged_run_is_named_and_passed_over, several_begin, several_end),
		cmocka_unit_test_setup_teardown(test_a_tree_comes_back_bit_for_bit,
		                                world_new, world_end),
		cmocka_unit_test_setup_teardown(
			test_nothing_is_taken_while_its_package_is_installed, world_new,
			world_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
