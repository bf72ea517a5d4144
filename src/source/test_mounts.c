/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "source/mounts.h"

static struct mount mount_of(const char *point, const char *root, unsigned minor,
                             enum mount_kind kind)
{
	return (struct mount){.point = (char *)(uintptr_t)point,
	                      .root = (char *)(uintptr_t)root,
	                      .type = (char *)(uintptr_t)"ext4",
	                      .major = 8, .minor = minor, .kind = kind};
}

static void this_systems_table_can_be_read(void **state)
{
	struct mounts m;
	struct err e = {0};

	(void)state;
	assert_int_equal(mounts_read(&m, &e), 0);
	const struct mount *proc = mounts_at(&m, SLICE("/proc"));
	if (proc)
		assert_int_equal(proc->kind, MOUNT_PSEUDO);
	assert_null(mounts_at(&m, SLICE("/no/such/place")));
	mounts_finish(&m);
	assert_int_equal(m.n, 0);
}

static void a_bind_mount_of_what_is_swept_is_a_twin(void **state)
{
	struct mount list[] = {
		mount_of("/", "/", 1, MOUNT_LOCAL),
		mount_of("/mnt/again", "/srv", 1, MOUNT_LOCAL),
		mount_of("/data", "/", 2, MOUNT_LOCAL),
		mount_of("/data2", "/", 2, MOUNT_LOCAL),
	};
	struct mounts m = {list, COUNT_OF(list)};

	(void)state;
	assert_ptr_equal(mounts_twin(&m, &list[1], SLICE("/")), &list[0]);
	/* of two alike, the first is walked */
	assert_null(mounts_twin(&m, &list[2], SLICE("/")));
	assert_ptr_equal(mounts_twin(&m, &list[3], SLICE("/")), &list[2]);
}

static void a_mount_outside_the_source_is_no_twin(void **state)
{
	struct mount list[] = {
		mount_of("/", "/", 1, MOUNT_LOCAL),
		mount_of("/a/x", "/", 2, MOUNT_LOCAL),
		mount_of("/b/x", "/", 2, MOUNT_LOCAL),
	};
	struct mounts m = {list, COUNT_OF(list)};

	(void)state;
	assert_null(mounts_twin(&m, &list[2], SLICE("/b")));
	assert_ptr_equal(mounts_twin(&m, &list[2], SLICE("/")), &list[1]);
}

/* The kernel's root, and a folder of it mounted somewhere: each row is a table
 * in which the last mount must be walked. */
static void what_is_seen_nowhere_else_is_no_twin(void **state)
{
	static const struct {
		const char *why, *top;
		struct { const char *point, *root; unsigned minor; } list[4];
	} cases[] = {
		{"its origin lies outside the source", "/home",
		 {{"/", "/", 1}, {"/home/x", "/srv/x", 1}}},
		{"it is mounted over itself", "/",
		 {{"/", "/", 1}, {"/srv", "/srv", 1}}},
		{"its twin is hidden by what is mounted over it", "/",
		 {{"/", "/", 1}, {"/a", "/", 2}, {"/a", "/", 3}, {"/b", "/", 2}}},
		{"its twin is hidden by what is mounted above it", "/",
		 {{"/", "/", 1}, {"/m/a", "/", 2}, {"/m", "/", 3}, {"/b", "/", 2}}},
		{"a part of its twin is hidden", "/",
		 {{"/", "/", 1}, {"/srv/x", "/", 2}, {"/b", "/srv", 1}}},
		{"the way to its twin is hidden", "/",
		 {{"/", "/", 1}, {"/srv", "/", 2}, {"/b", "/srv/x", 1}}},
		{"something else is mounted in it", "/",
		 {{"/", "/", 1}, {"/b/c", "/", 2}, {"/b", "/srv", 1}}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct mount list[4];
		struct mounts m = {list, 0};
		for (; m.n < 4 && cases[i].list[m.n].point; m.n++)
			list[m.n] = mount_of(cases[i].list[m.n].point,
			                     cases[i].list[m.n].root,
			                     cases[i].list[m.n].minor, MOUNT_LOCAL);
		if (mounts_twin(&m, &list[m.n - 1], slice_str(cases[i].top)))
			fail_msg("%s", cases[i].why);
	}
}

static void mounts_inside_are_met_once(void **state)
{
	struct mount list[] = {
		mount_of("/", "/", 1, MOUNT_LOCAL),
		mount_of("/net", "/", 2, MOUNT_PSEUDO),
		mount_of("/net/a", "/", 3, MOUNT_NETWORK),
		mount_of("/net/a/b", "/", 4, MOUNT_NETWORK),
		mount_of("/network", "/", 5, MOUNT_LOCAL),
		mount_of("/net/c", "/", 6, MOUNT_LOCAL),
	};
	struct mounts m = {list, COUNT_OF(list)};
	size_t at = 0;

	(void)state;
	assert_ptr_equal(mounts_inside(&m, SLICE("/net"), &at), &list[2]);
	assert_ptr_equal(mounts_inside(&m, SLICE("/net"), &at), &list[5]);
	assert_null(mounts_inside(&m, SLICE("/net"), &at));
	assert_ptr_equal(mounts_holding(&m, SLICE("/net/x")), &list[1]);
	assert_ptr_equal(mounts_holding(&m, SLICE("/netx")), &list[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_systems_table_can_be_read),
		cmocka_unit_test(a_bind_mount_of_what_is_swept_is_a_twin),
		cmocka_unit_test(a_mount_outside_the_source_is_no_twin),
		cmocka_unit_test(what_is_seen_nowhere_else_is_no_twin),
		cmocka_unit_test(mounts_inside_are_met_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
