/* SPDX-License-Identifier: Apache-2.0 */
/* Whole descriptors: to the byte, and not a byte above the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/file.h"

enum { LARGE = 700 * 1024 + 7 };

static int memory(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* A file with n bytes that tell their place, at its beginning. */
static int filled(size_t n)
{
	uint8_t *bytes = malloc(n + 1);
	int fd = memory();

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i * 31 + i / 251);
	assert_int_equal(file_write(fd, slice_of(bytes, n)), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	free(bytes);
	return fd;
}

static void what_was_written_is_read(void **)
{
	static const size_t sizes[] = {0, 1, 256 * 1024, LARGE};

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct str text = {0};
		int fd = filled(sizes[i]);
		assert_int_equal(file_read(fd, LARGE, &text), 0);
		assert_int_equal(text.n, sizes[i]);
		for (size_t k = 0; k < text.n; k++)
			assert_int_equal((uint8_t)text.p[k], (uint8_t)(k * 31 + k / 251));
		str_finish(&text);
		assert_int_equal(close(fd), 0);
	}
}

static void the_limit_is_to_the_byte(void **)
{
	struct str text = {0};
	int fd = filled(LARGE), copy = memory();

	assert_int_equal(file_read(fd, LARGE - 1, &text), -EFBIG);
	assert_true(text.n < LARGE);
	str_finish(&text);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(file_copy(fd, copy, LARGE - 1), -EFBIG);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(ftruncate(copy, 0), 0);
	assert_int_equal(lseek(copy, 0, SEEK_SET), 0);
	assert_int_equal(file_copy(fd, copy, LARGE), 0);
	assert_int_equal(lseek(copy, 0, SEEK_END), LARGE);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(copy), 0);
}

static void an_error_is_told(void **)
{
	struct str text = {0};
	int ends[2], fd = filled(10);

	assert_int_equal(file_read(-1, 10, &text), -EBADF);
	assert_int_equal(file_copy(fd, -1, 10), -EBADF);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(file_write(ends[0], SLICE("x")), -EBADF);
	assert_int_equal(file_read(ends[1], 10, &text), -EBADF);
	str_finish(&text);
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(fd);
}

/* A pipe gives its bytes in pieces. */
static void pieces_become_a_whole(void **)
{
	struct str text = {0};
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (int i = 0; i < 5; i++) {
			if (file_write(ends[1], SLICE("piece ")) < 0)
				_exit(1);
			(void)usleep(2000);
		}
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(file_read(ends[0], 100, &text), 0);
	assert_int_equal(text.n, 30);
	str_finish(&text);
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(the_limit_is_to_the_byte),
		cmocka_unit_test(an_error_is_told),
		cmocka_unit_test(pieces_become_a_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
