/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test: the write number TORN_AT (write, pwrite
 * and pwrite64 on regular files counted together, from 1) puts only the first
 * half of its bytes into the file, and then TORN_HOW happens:
 *
 *   kill    the process dies: a torn page
 *   short   the short count is returned, and the disk is full from then on
 *   once    the short count is returned, and all is well again
 *
 * Without TORN_AT, or with 0, nothing happens; with TORN_COUNT naming a file,
 * the number of writes is left there at the end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long writes;
static atomic_bool full;

/* How many of the bytes of this write are to be written; -1: none, disk full. */
static ssize_t allowed(int fd, size_t n, bool *ret_torn)
{
	const char *at = getenv("TORN_AT");
	struct stat st;

	*ret_torn = false;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return (ssize_t)n;
	if (atomic_load(&full))
		return -1;
	if (atomic_fetch_add(&writes, 1) + 1 != (at ? strtol(at, NULL, 10) : 0))
		return (ssize_t)n;
	*ret_torn = true;
	return (ssize_t)(n / 2);
}

static void after(void)
{
	const char *how = getenv("TORN_HOW");

	if (how && strcmp(how, "kill") == 0)
		(void)kill(getpid(), SIGKILL);
	if (how && strcmp(how, "short") == 0)
		atomic_store(&full, true);
}

static ssize_t torn(int fd, const void *buf, size_t n, off_t at, bool has_offset)
{
	static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
	static ssize_t (*real_write)(int, const void *, size_t);
	bool is_torn;
	ssize_t some = allowed(fd, n, &is_torn);

	if (!real_pwrite) {
		real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
		real_write = dlsym(RTLD_NEXT, "write");
	}
	if (some < 0) {
		errno = ENOSPC;
		return -1;
	}
	ssize_t r = has_offset ? real_pwrite(fd, buf, (size_t)some, at)
	                       : real_write(fd, buf, (size_t)some);
	if (is_torn)
		after();
	return r;
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *buf, size_t n, off_t at);
ssize_t write(int fd, const void *buf, size_t n);

ssize_t pwrite(int fd, const void *buf, size_t n, off_t at)
{
	return torn(fd, buf, n, at, true);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off_t at)
{
	return torn(fd, buf, n, at, true);
}

ssize_t write(int fd, const void *buf, size_t n)
{
	return torn(fd, buf, n, 0, false);
}

__attribute__((destructor)) static void leave_count(void)
{
	const char *path = getenv("TORN_COUNT");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!f)
		return;
	const long n = atomic_load(&writes);
	(void)fprintf(f, "%ld\n", n);
	(void)fclose(f);
}
