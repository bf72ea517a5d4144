/* SPDX-License-Identifier: Apache-2.0 */
/* Small things that all of the engine uses. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "remove/engine.h"

uint64_t device_of(const struct removal *r, const struct object *planned)
{
	return planned->device == r->plan->root_device ? r->device : planned->device;
}

bool stopped(const struct removal *r)
{
	return r->stop && atomic_load_explicit(r->stop, memory_order_relaxed);
}

int broken(struct removal *r, int code, const struct err *e)
{
	if (!r->broken) {
		r->broken = code;
		if (e)
			r->broken_words = *e;
	}
	return code;
}

void note(struct removal *r, const char *fmt, ...)
{
	char words[2 * WORDS];
	va_list args;

	if (!r->events.note)
		return;
	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	r->events.note(r->events.ctx, words);
}

void number_name(uint64_t number, char ret[NUMBER_TEXT])
{
	(void)snprintf(ret, NUMBER_TEXT, "%llu", (unsigned long long)number);
}

void aside_name(const struct removal *r, uint64_t number, char ret[ASIDE_TEXT])
{
	(void)snprintf(ret, ASIDE_TEXT, ".debar-%s-%llu", r->id,
	               (unsigned long long)number);
}

int last_name(struct slice path, char ret[NAME_MAX + 1])
{
	struct slice name = slice_basename(path);

	if (name.n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(ret, name.p, name.n);
	ret[name.n] = '\0';
	return 0;
}

struct slice folder_of(struct slice path)
{
	struct slice folder = slice_dirname(path);

	return folder.n ? folder : SLICE("/");
}

void say_path(char *ret, size_t n, struct slice path, const char *words)
{
	struct str shown = {0};

	text_show(&shown, path);
	(void)snprintf(ret, n, "%.*s: %s", (int)(n / 2), shown.p ? shown.p : "", words);
	str_finish(&shown);
}

/* The next entry but "." and "..": 1, 0 at the end, or a negative errno. */
static int has_entry(DIR *d)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(d);
	} while (entry && (strcmp(entry->d_name, ".") == 0 ||
	                   strcmp(entry->d_name, "..") == 0));
	return entry ? 1 : -errno;
}

int folder_empty(const struct fs *fs, int dir, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
	int fd = fs->open(fs, dir, name, flags | O_NOATIME, 0);

	if (fd == -EPERM) /* not its owner, nor root */
		fd = fs->open(fs, dir, name, flags, 0);
	if (fd < 0)
		return fd;
	DIR *d = fdopendir(fd);
	if (!d) {
		int err = -errno;
		(void)fs->close(fs, fd);
		return err;
	}
	int more = has_entry(d);
	closedir(d);
	return more < 0 ? more : !more;
}
