/* SPDX-License-Identifier: Apache-2.0 */
#include "source/source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/prelude.h"

const char *source_kind_name(enum source_kind kind)
{
	static const char *const names[] = {
		[SOURCE_ROOT] = "root",
		[SOURCE_DIRECTORY] = "directory",
		[SOURCE_FILE] = "file",
	};
	return names[kind];
}

/* Any one of these makes a folder some machine's root. */
static bool looks_like_root(int fd)
{
	static const char *const signs[] = {
		"etc/os-release",        "usr/lib/os-release",
		"var/lib/dpkg/status",   "var/lib/dpkg/status.d",
		"lib/apk/db/installed",  "var/lib/rpm",
		"usr/lib/sysimage/rpm",  "var/lib/pacman/local",
		"etc/passwd",
	};
	struct stat st;

	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (fstatat(fd, signs[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

int source_recognise(const char *path, enum source_kind *ret, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, -errno, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		*ret = SOURCE_FILE;
		return 0;
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		/* That it cannot be read is for the sweep to report. */
		*ret = SOURCE_DIRECTORY;
		return 0;
	}
	*ret = looks_like_root(fd) ? SOURCE_ROOT : SOURCE_DIRECTORY;
	(void)close(fd);
	return 0;
}

static bool plausible_host(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' &&
		    name[i] != '.')
			return false;
	return n > 0 && n <= 253;
}

static void read_hostname_file(const char *path, char *buf, size_t size)
{
	struct stat st;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1
	                 : openat(dir, "etc/hostname",
	                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, buf, size - 1);
	buf[n > 0 ? n : 0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	if (fd >= 0)
		(void)close(fd);
	if (dir >= 0)
		(void)close(dir);
}

void source_host(const char *path, char *buf, size_t size)
{
	buf[0] = 0;
	if (strcmp(path, "/") == 0) {
		if (gethostname(buf, size) < 0)
			buf[0] = 0;
		buf[size - 1] = 0;
	} else {
		read_hostname_file(path, buf, size);
	}
	if (!plausible_host(buf))
		buf[0] = 0;
}
