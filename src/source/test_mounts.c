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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_systems_table_can_be_read),
		cmocka_unit_test(a_bind_mount_of_what_is_swept_is_a_twin),
		cmocka_unit_test(a_mount_outside_the_source_is_no_twin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
