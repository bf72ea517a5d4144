/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second look, taken where the first gave cause for it:
 *
 *   A licence or source file names a maker for the folder it stands in. The
 *   folder's own manifest is read to learn what package that is.
 *
 *   A package's copyright file names a maker for some of its source files.
 *   Packages made from the same source share that file, so it accuses the
 *   innocent twin as well. The package's programs are searched for the byte
 *   marks of that maker: there, the part is shown; not there, although the
 *   marks would show it, the copyright line is only a mention.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "source/walk.h"
#include "sweep/remember.h"

static const char dpkg_info[] = "var/lib/dpkg/info";

/* The path comes from a stranger's list: a device must not even be opened. So
 * it is pinned first, and opened when it is known to be a regular file. */
static int open_pinned(struct sweep *s, int pinned, struct slice path,
                       struct batch_item *item)
{
	char name[64];
	struct stat st;

	if (fstat(pinned, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	if (item->flags & ITEM_DEEP &&
	    remember_searched(s, item->source, path, &st, &item->tag))
		return -EALREADY;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", pinned);
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	item->fd = fd;
	item->size = (uint64_t)st.st_size;
	item->mode = st.st_mode;
	return 0;
}

/* Opens a file of a source; symbolic links cannot lead out of it. */
static int open_in_source(struct sweep *s, struct slice full,
                          struct batch_item *item)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char name[ITEM_PATH_MAX + 2];
	struct slice path = full;
	int dir = s->source_fds[item->source];

	while (path.n > 0 && path.p[0] == '/')
		path = slice_from(path, 1);
	if (dir < 0 || path.n == 0 || path.n > ITEM_PATH_MAX)
		return -ENOENT;
	memcpy(name, path.p, path.n);
	name[path.n] = 0;
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	int r = open_pinned(s, fd, full, item);
	(void)close(fd);
	return r;
}

/* Sends one more file; a full batch goes off. */
static void look_at(struct sweep *s, struct batch **batch, uint32_t source,
                    struct slice path, unsigned flags)
{
	char whole[ITEM_PATH_MAX + 1];
	const bool in_root = strcmp(s->sources[source].kind, "root") == 0;
	struct batch_item item = {
		.flags = (uint8_t)(flags | (in_root ? ITEM_IN_ROOT : 0)),
		.source = source,
	};
	bool slash = path.n > 0 && path.p[0] != '/';

	if (path.n + slash > ITEM_PATH_MAX) {
		atomic_store(&s->look_failed, true);
		return;
	}
	whole[0] = '/';
	memcpy(whole + slash, path.p, path.n);
	struct slice full = slice_of(whole, path.n + slash);
	int r = open_in_source(s, full, &item);
	if (r < 0) {
		/* Folders, links and what is not there have no bytes, and what
		 * was searched before has been told again. Anything else may
		 * hide what is looked for. */
		if (r != -ENXIO && r != -ENOENT && r != -ENOTDIR && r != -EALREADY)
			atomic_store(&s->look_failed, true);
		return;
	}
	if (*batch && !batch_has_room(*batch, full.n)) {
		(void)jail_submit(s->jail, *batch);
		*batch = NULL;
	}
	if (!*batch)
		*batch = batch_new();
	if (*batch) {
		batch_add(*batch, &item, full);
	} else {
		(void)close(item.fd);
		atomic_store(&s->look_failed, true);
	}
}

static int finish_batch(struct sweep *s, struct batch *batch, struct err *e)
{
	if (batch)
		(void)jail_submit(s->jail, batch);
	return sweep_drain(s, e);
}

static int name_folders(struct sweep *s, struct err *e)
{
	static const char *const manifests[] = {"package.json", "METADATA",
	                                        "PKG-INFO"};
	struct batch *batch = NULL;

	for (size_t i = 0; i < s->n_folders; i++) {
		const struct named_folder *f = &s->folders[i];
		for (size_t k = 0; k < COUNT_OF(manifests); k++) {
			struct str path = {0};
			str_add(&path, f->root);
			str_putc(&path, '/');
			str_puts(&path, manifests[k]);
			if (!str_failed(&path))
				look_at(s, &batch, f->source, str_slice(&path),
				        ITEM_HEADS);
			str_finish(&path);
		}
	}
	return finish_batch(s, batch, e);
}

/* "nagios-nrpe-server.list" or "libc6:amd64.list" */
static bool lists_package(const char *file, struct slice package)
{
	struct slice name = slice_str(file);

	if (!slice_starts(name, package))
		return false;
	name = slice_from(name, package.n);
	return slice_eq(name, SLICE(".list")) ||
	       (name.n > 0 && name.p[0] == ':' &&
	        slice_ends(name, SLICE(".list")));
}

/* Asks for the paths of a Debian package; they arrive in s->owned. */
static int list_package(struct sweep *s, const struct part *part, struct err *e)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	struct batch *batch = NULL;
	int fd = (int)syscall(SYS_openat2, s->source_fds[part->source], dpkg_info,
	                      &how, sizeof(how));
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	while ((entry = readdir(dir)) &&
	       s->second_entries++ < SECOND_ENTRIES_MAX) {
		char path[sizeof(dpkg_info) + NAME_MAX + 3];
		if (!lists_package(entry->d_name, part->package))
			continue;
		(void)snprintf(path, sizeof(path), "/%s/%s", dpkg_info,
		               entry->d_name);
		look_at(s, &batch, part->source, slice_str(path),
		        ITEM_LIST_OWNED);
	}
	(void)closedir(dir);
	return finish_batch(s, batch, e);
}

/* Only what was looked at whole can tell that something is not there. */
static int search_part(struct sweep *s, struct part *part, struct err *e)
{
	struct batch *batch = NULL;

	if (s->source_fds[part->source] < 0 ||
	    !match_has_bytes(s->args->matcher))
		return 0;
	s->looking = part;
	s->n_owned = 0;
	arena_reset(&s->owned_mem);
	atomic_store(&s->look_failed, false);
	int r = list_package(s, part, e);
	size_t i = 0;
	for (; r == 0 && i < s->n_owned && s->second_files < SECOND_FILES_MAX; i++) {
		look_at(s, &batch, part->source, s->owned[i], ITEM_DEEP);
		s->second_files++;
	}
	const int finished = finish_batch(s, batch, e);
	part->looked = s->n_owned > 0 && i == s->n_owned &&
	               !atomic_load(&s->look_failed);
	s->looking = NULL;
	return r < 0 ? r : finished;
}

int sweep_second_look(struct sweep *s, struct err *e)
{
	int r = 0;

	s->second = true;
	if (s->n_folders > 0)
		r = name_folders(s, e);
	for (size_t i = 0; i < s->n_parts && r == 0 && !atomic_load(s->args->stop);
	     i++)
		r = search_part(s, &s->parts[i], e);
	free(s->owned);
	s->owned = NULL;
	return r;
}
