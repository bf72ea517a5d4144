/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journals that are whole, with right checksums, and say what cannot be: the
 * run is then not opened, and nothing is touched.
 */
#include "remove/test_world.h"

#include "remove/journal.h"
#include "remove/test_faulty.h"

static struct faulty quiet; /* fails at nothing, waits for no disk */

static int set_up(void **state)
{
	(void)faulty_table(&quiet);
	return world_new(state);
}

static int pass_over(void *ctx, const struct entry *record)
{
	return 0;
}

static void plan_file(void)
{
	plan_begin();
	plan_take(plan_step(STEP_TAKE), "/opt/w");
}

/* A run that began, and the folder that its journal is in. */
static int begun_run(void)
{
	struct removal *r = begin_with(&quiet.fs);
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/removals/%s", world.state, removal_id(r));
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(dir);
	removal_free(r);
	return dir;
}

static void add(int dir, const struct entry *record)
{
	struct journal_end end;
	struct journal j;
	struct err e = {0};

	assert_int_equal(journal_open(&j, &quiet.fs, dir, pass_over, NULL, &e, &end), 0);
	journal_add(&j, record);
	assert_int_equal(journal_sync(&j, &e), 0);
	journal_close(&j);
}

static int open_it(void)
{
	struct removal_args args = world_args(&quiet.fs, false);
	struct removal *r = NULL;
	struct err e = {0};
	int err = removal_open(&args, NULL, &e, &r);

	removal_free(r);
	return err;
}

static void forget(int dir)
{
	close(dir);
	run_command("rm -rf %s", world.state);
}

static void no_impossible_record_is_believed(void **state)
{
	static char long_path[PLAN_PATH_MAX + 2];
	const struct {
		struct entry record;
		int err;
	} cases[] = {
		{{.type = RECORD_TAKE, .step = 0, .object = 1}, 0},
		{{.type = RECORD_TAKE, .step = 1}, -EBADMSG},
		{{.type = RECORD_TAKE, .step = UINT32_MAX}, -EBADMSG},
		{{.type = RECORD_TAKE, .object = 2}, -EBADMSG},
		{{.type = RECORD_TAKE, .object = UINT32_MAX}, -EBADMSG},
		{{.type = RECORD_TAKE, .b = 2ULL << 32}, -EBADMSG},
		{{.type = RECORD_BACK, .b = (uint64_t)UINT32_MAX << 32}, -EBADMSG},
		{{.type = RECORD_STEP, .step = 1}, -EBADMSG},
		{{.type = RECORD_ACT, .step = 9}, -EBADMSG},
		{{.type = RECORD_BEGIN, .a = 1}, -EBADMSG}, /* a second one */
		{{.type = RECORD_PLACE, .object = 0, .text = SLICE("/mnt")}, -EBADMSG},
		{{.type = RECORD_PLACE, .object = 1, .text = SLICE("/mnt")}, -EBADMSG},
		{{.type = RECORD_PLACE, .object = 3, .text = SLICE("/mnt")}, -EBADMSG},
		{{.type = RECORD_PLACE, .object = 64, .text = SLICE("/mnt")}, -EBADMSG},
		{{.type = RECORD_PLACE, .object = 2,
		  .text = slice_of(long_path, sizeof(long_path))}, -EBADMSG},
		{{.type = RECORD_PLACE, .object = 2, .text = SLICE("/nowhere")}, 0},
		{{.type = RECORD_LEFT, .a = 99, .text = SLICE("an outcome of the future")}, 0},
		{{.type = RECORD_LEFT, .a = -1}, 0},
		{{.type = RECORD_FLAGGED, .object = 1}, 0}, /* nothing was lifted */
	};

	memset(long_path, 'x', sizeof(long_path));
	put_file("opt/w/data", "data");
	set_all_old(".");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		plan_file();
		char *before = picture();
		int dir = begun_run();
		add(dir, &cases[i].record);
		int err = open_it();
		if (err != cases[i].err)
			fail_msg("record %zu: %s", i, strerror(-err));
		char *after = picture();
		assert_string_equal(after, before);
		free(before);
		free(after);
		forget(dir);
	}
}

/* The first record is that of another run, or is none of a beginning. */
static void no_other_beginning_is_believed(void **state)
{
	const struct {
		struct entry record;
		int err;
	} cases[] = {
		{{.type = RECORD_END}, -EBADMSG},
		{{.type = RECORD_TAKE}, -EBADMSG},
		{{.type = RECORD_BEGIN, .a = 2, .text = SLICE("hash\0time\0/")}, -EBADMSG},
		{{.type = RECORD_BEGIN, .a = 1, .text = SLICE("")}, -EBADMSG},
		{{.type = RECORD_BEGIN, .a = 1, .text = SLICE("hash\0")}, -EBADMSG},
		{{.type = RECORD_BEGIN, .a = 1, .text = SLICE("hash\0time\0/")}, -EBADMSG},
		{{.type = RECORD_NONE}, -ENOENT}, /* no whole record at all */
	};

	put_file("opt/w/data", "data");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct journal j;
		struct err e = {0};
		plan_file();
		int dir = begun_run();
		must(unlinkat(dir, "journal", 0));
		assert_int_equal(journal_create(&j, &quiet.fs, dir, 4096, &e), 0);
		journal_add(&j, &cases[i].record);
		assert_int_equal(journal_sync(&j, &e), 0);
		journal_close(&j);
		int err = open_it();
		if (err != cases[i].err)
			fail_msg("beginning %zu: %s", i, strerror(-err));
		assert_true(there("opt/w/data"));
		forget(dir);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_impossible_record_is_believed),
		TEST(no_other_beginning_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
