/* SPDX-License-Identifier: Apache-2.0 */
#include "system/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

/* The next bytes of fd; 0 at its end. */
static ssize_t next_chunk(int fd, char *chunk)
{
	ssize_t n;

	do
		n = read(fd, chunk, CHUNK);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int file_read(int fd, size_t max, struct str *ret)
{
	char *chunk = malloc(CHUNK);
	ssize_t n = chunk ? 1 : -ENOMEM;
	size_t left = max;

	while (n > 0) {
		n = next_chunk(fd, chunk);
		if (n > 0 && (size_t)n > left)
			n = -EFBIG;
		if (n <= 0)
			break;
		left -= (size_t)n;
		str_add(ret, slice_of(chunk, (size_t)n));
		if (str_failed(ret))
			n = -ENOMEM;
	}
	free(chunk);
	return (int)n;
}

int file_write(int fd, struct slice bytes)
{
	while (bytes.n > 0) {
		const ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

int file_copy(int from, int to, uint64_t max)
{
	char *chunk = malloc(CHUNK);
	ssize_t n = chunk ? 1 : -ENOMEM;
	uint64_t left = max;

	while (n > 0) {
		n = next_chunk(from, chunk);
		if (n > 0 && (uint64_t)n > left)
			n = -EFBIG;
		if (n <= 0)
			break;
		left -= (uint64_t)n;
		const int rc = file_write(to, slice_of(chunk, (size_t)n));
		if (rc < 0)
			n = rc;
	}
	free(chunk);
	return (int)n;
}
