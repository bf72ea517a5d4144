/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/object.h"

static char top[] = "/tmp/debar-object-XXXXXX";
static int dir = -1;

static void put(const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int set_up(void **state)
{
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0;
}

static int tear_down(void **state)
{
	char command[64];

	close(dir);
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static struct object look(const char *name)
{
	struct object o = {.path = SLICE("/kept")};

	assert_int_equal(object_look(dir, name, &o), 0);
	assert_true(slice_eq(o.path, SLICE("/kept")));
	return o;
}

static void test_a_file_is_hashed(void **state)
{
	/* SHA-256 of "abc", FIPS 180-2 appendix B.1 */
	static const uint8_t abc[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};

	put("abc", "abc");
	struct object o = look("abc");
	assert_int_equal(o.type, OBJECT_FILE);
	assert_int_equal(o.size, 3);
	assert_int_equal(o.links, 1);
	assert_memory_equal(o.sha256, abc, sizeof(abc));
	assert_int_equal(symlinkat("abc", dir, "link"), 0);
	o = look("link");
	assert_int_equal(o.type, OBJECT_LINK);
	assert_memory_equal(o.sha256, abc, sizeof(abc));
}

static void test_nothing_else_is_opened_or_followed(void **state)
{
	struct object o = {0};

	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(look("fifo").type, OBJECT_OTHER);
	assert_int_equal(mkdirat(dir, "folder", 0700), 0);
	assert_int_equal(look("folder").type, OBJECT_FOLDER);
	assert_int_equal(look("folder").links, 0);
	assert_int_equal(object_look(dir, "none", &o), -ENOENT);
}

static void test_every_difference_is_named(void **state)
{
	put("same", "12345");
	const struct object was = look("same");
	struct {
		const char *words;
		struct object o;
	} list[] = {
		{"its type", was}, {"its file system", was}, {"its inode", was},
		{"its size", was}, {"its mode", was}, {"its owner", was},
		{"its group", was}, {"its contents", was}, {"its time", was},
		{"its time", was},
	};
	list[0].o.type = OBJECT_LINK;
	list[1].o.device++;
	list[2].o.inode++;
	list[3].o.size++;
	list[4].o.mode ^= 1;
	list[5].o.uid++;
	list[6].o.gid++;
	list[7].o.sha256[31] ^= 1;
	list[8].o.mtime_s++;
	list[9].o.mtime_ns++;
	assert_null(object_differs(&was, &was, was.device));
	for (size_t i = 0; i < COUNT_OF(list); i++)
		assert_string_equal(object_differs(&was, &list[i].o, was.device),
		                    list[i].words);

	struct object link = was, moved = was;
	link.type = moved.type = OBJECT_LINK;
	moved.mtime_s++;
	moved.links++;
	moved.flags++;
	assert_null(object_differs(&link, &moved, was.device));
	moved.sha256[0] ^= 1;
	assert_string_equal(object_differs(&link, &moved, was.device), "its target");
	/* a folder's size and times are its contents' affair */
	link.type = moved.type = OBJECT_FOLDER;
	moved = link;
	moved.size++;
	moved.mtime_s++;
	assert_null(object_differs(&link, &moved, was.device));
	/* the planned device has another number now */
	moved.device = 77;
	assert_null(object_differs(&link, &moved, 77));
}

static void test_folders_are_opened_without_links(void **state)
{
	assert_int_equal(mkdirat(dir, "d", 0700), 0);
	assert_int_equal(mkdirat(dir, "d/e", 0700), 0);
	assert_int_equal(symlinkat("d", dir, "l"), 0);
	put("f", "");
	const struct {
		const char *path;
		int want;
	} list[] = {
		{"/", 0}, {"/d", 0}, {"/d/e", 0}, {"/l", -ELOOP}, {"/l/e", -ELOOP},
		{"/f", -ENOTDIR}, {"/d/none", -ENOENT}, {"/..", -EXDEV},
		{"", -EINVAL}, {"d", -EINVAL},
	};
	for (size_t i = 0; i < COUNT_OF(list); i++) {
		int fd = object_open_folder(dir, slice_str(list[i].path), O_RDONLY);
		/* O_NOFOLLOW | O_DIRECTORY on a last link: ENOTDIR or ELOOP */
		if (fd == -ENOTDIR && list[i].want == -ELOOP)
			fd = -ELOOP;
		if (list[i].want != fd && !(list[i].want == 0 && fd >= 0))
			fail_msg("%s: %d", list[i].path, fd);
		if (fd >= 0)
			close(fd);
	}
	char *deep = malloc(PLAN_PATH_MAX + 2);
	assert_non_null(deep);
	memset(deep, '/', PLAN_PATH_MAX + 1);
	assert_int_equal(object_open_folder(dir, slice_of(deep, PLAN_PATH_MAX + 1), 0),
	                 -ENAMETOOLONG);
	free(deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_hashed),
		cmocka_unit_test(test_nothing_else_is_opened_or_followed),
		cmocka_unit_test(test_every_difference_is_named),
		cmocka_unit_test(test_folders_are_opened_without_links),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
