/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages by their own manager (plan/manager.h). What a manager knows is asked
 * of its query tool; nothing is believed of a database that we would have to
 * parse ourselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan/manager.h"
#include "remove/act_package.h"
#include "remove/act_private.h"
#include "system/file.h"
#include "system/object.h"

enum { PLACES_MAX = 1000000, PACKAGE_FILE_MAX = 1 << 30 };

const struct manager *act_manager(const struct act *a)
{
	return a->step->n_packages ? manager_of(a->step->packages[0].ecosystem) : NULL;
}

static const struct query *query_of(const struct act *a)
{
	static const struct query *const queries[] = {&query_dpkg, &query_rpm, &query_pacman};
	const struct manager *m = act_manager(a);

	for (size_t i = 0; m && i < COUNT_OF(queries); i++)
		if (strcmp(queries[i]->manager, m->name) == 0)
			return queries[i];
	return NULL;
}

static int no_query(const struct act *a, struct err *e)
{
	const struct manager *m = act_manager(a);

	return err_set(e, -EPERM, "packages of %s are removed by a person",
	               m ? m->name : "this kind");
}

static char **argv_of(const struct act *a, const char *const *template, const char *file)
{
	const struct query *q = query_of(a);
	char **argv = manager_argv(template, act_manager(a), a->root, a->step->packages,
	                           a->step->n_packages, file, a->mem);

	return argv && q && q->argv ? q->argv(a, argv) : argv;
}

/* ---- done and try ------------------------------------------------------ */

static int package_done(const struct act *a, struct err *e)
{
	const struct query *q = query_of(a);
	struct known known;

	if (!q)
		return no_query(a, e);
	for (size_t i = 0; i < a->step->n_packages; i++) {
		const int r = q->known(a, &a->step->packages[i], &known, e);
		if (r < 0 || known.state != KNOWN_NOT)
			return r < 0 ? r : 0;
	}
	return 1;
}

/* Is it the package that the plan speaks of, in a state to be removed? */
static int as_planned(const struct act *a, const struct query *q,
                      const struct plan_package *p, struct err *e)
{
	struct known known;
	const int r = q->known(a, p, &known, e);

	if (r < 0 || known.state == KNOWN_NOT)
		return r; /* gone already: the others may go */
	if (known.state == KNOWN_BROKEN)
		return err_set(e, -EPERM, "%.*s is only half installed: the manager must put "
		                          "that right first", SLICE_ARG(p->name));
	if (!slice_eq(known.version, p->version))
		return err_set(e, -EPERM, "%.*s is now of version %.*s, the plan saw %.*s",
		               SLICE_ARG(p->name), SLICE_ARG(known.version),
		               SLICE_ARG(p->version));
	return 0;
}

static int package_try(const struct act *a, struct err *e)
{
	const struct query *q = query_of(a);
	int r = q ? 0 : no_query(a, e);

	if (r == 0)
		r = q->busy(a, e);
	for (size_t i = 0; r == 0 && i < a->step->n_packages; i++)
		r = as_planned(a, q, &a->step->packages[i], e);
	if (r < 0)
		return r;
	char **argv = argv_of(a, act_manager(a)->simulate, NULL);
	if (!argv)
		return err_sys(e, -ENOMEM, "removing packages");
	r = act_run(argv, NULL, NULL, e);
	return r > 0 ? -EPERM : r;
}

/* ---- places ------------------------------------------------------------ */

bool places_add(struct places *p, struct slice path)
{
	if (!plan_path_ok(path))
		return true; /* "/." and the like say nothing */
	if (p->n == PLACES_MAX)
		return false;
	if (p->n == p->size) {
		const size_t size = p->size ? 2 * p->size : 256;
		struct slice *list = reallocarray(p->list, size, sizeof(*list));
		if (!list)
			return false;
		p->list = list;
		p->size = size;
	}
	p->list[p->n] = arena_copy(p->mem, path);
	return p->list[p->n++].p != NULL;
}

struct slice places_resolve(const struct act *a, int root_fd, struct slice path)
{
	const struct slice up = slice_dirname(path);
	const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
	                             .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	char *folder = arena_str(a->mem, up), link[64], real[PLAN_PATH_MAX + 1],
	     top[PLAN_PATH_MAX + 1];
	ssize_t n = -1, root_n = -1;

	if (!folder)
		return (struct slice){0};
	const int fd = up.n ? (int)syscall(SYS_openat2, root_fd, folder, &how, sizeof(how)) : -1;
	if (fd >= 0) {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, real, sizeof(real) - 1);
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", root_fd);
		root_n = readlink(link, top, sizeof(top) - 1);
		(void)close(fd);
	}
	if (n < 0 || root_n < 0)
		return path;
	const struct slice root = root_n == 1 ? (struct slice){0} : slice_of(top, (size_t)root_n);
	const struct slice whole = slice_of(real, (size_t)n);
	if (!slice_starts(whole, root))
		return path;
	const struct slice inside = slice_from(whole, root.n), base = slice_basename(path);
	return slice_str(arena_printf(a->mem, "%.*s/%.*s", SLICE_ARG(inside), SLICE_ARG(base)));
}

static int package_places(const struct act *a, struct err *e, struct slice **ret,
                          size_t *ret_n)
{
	const struct query *q = query_of(a);
	struct places places = {.mem = a->mem};
	int r = q ? q->places(a, &places, e) : no_query(a, e);

	for (size_t i = 0; r == 0 && act_manager(a)->databases[i]; i++)
		if (!places_add(&places, slice_str(act_manager(a)->databases[i])))
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	*ret = r == 0 ? arena_zalloc(a->mem, places.n + 1, sizeof(**ret)) : NULL;
	if (r == 0 && !*ret)
		r = err_sys(e, -ENOMEM, "listing what a package owns");
	if (r == 0 && places.n)
		memcpy(*ret, places.list, places.n * sizeof(**ret));
	*ret_n = places.n;
	free(places.list);
	return r;
}

/* ---- do and undo ------------------------------------------------------- */

static int package_run(const struct act *a, struct err *e)
{
	char **argv = argv_of(a, act_manager(a)->remove, NULL);

	return argv ? act_must(argv, NULL, e) : err_sys(e, -ENOMEM, "removing packages");
}

static int package_undo(const struct act *a, bool exact, const char *file, struct err *e)
{
	const struct manager *m = act_manager(a);
	const struct plan_package *p = &a->step->packages[0];

	if (exact)
		return 0;
	if (!file)
		return err_set(e, -ENOTSUP, "its files changed since, and no package file of it "
		                            "is kept: install %.*s %.*s with %s",
		               SLICE_ARG(p->name), SLICE_ARG(p->version), m->name);
	char **argv = argv_of(a, m->install_file, file);
	return argv ? act_must(argv, NULL, e) : err_sys(e, -ENOMEM, "installing a package");
}

const struct act_kind act_package = {
	.done = package_done,
	.try = package_try,
	.places = package_places,
	.run = package_run,
	.undo = package_undo,
};

/* ---- package files ----------------------------------------------------- */

static int copy_synced(int from, int to)
{
	const int r = file_copy(from, to, PACKAGE_FILE_MAX);

	return r < 0 ? r : fsync(to) < 0 ? -errno : 0;
}

/* apt writes name_version_arch.deb, the colon of an epoch as %3a. */
static char *archive_name(const struct plan_package *p, struct arena *mem)
{
	struct str s = {0};

	str_add(&s, p->name);
	str_putc(&s, '_');
	for (size_t i = 0; i < p->version.n; i++)
		if (p->version.p[i] == ':')
			str_puts(&s, "%3a");
		else
			str_putc(&s, (char)p->version.p[i]);
	str_printf(&s, "_%.*s.deb", SLICE_ARG(p->arch));
	char *name = str_failed(&s) || slice_find_byte(str_slice(&s), '/') < s.n
	                     ? NULL : arena_str(mem, str_slice(&s));
	str_finish(&s);
	return name;
}

/* A descriptor of the package file in apt's cache, and its name there. */
static int open_cached(const struct act *a, const struct plan_package *p, char **ret_name)
{
	char *name = strcmp(p->ecosystem, "deb") == 0 ? archive_name(p, a->mem) : NULL;
	const int root = name ? open(a->root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	const int cache = root < 0 ? -1 : object_open_folder(root, SLICE("/var/cache/apt/archives"),
	                                                     O_RDONLY);
	const int file = cache < 0 ? -1 : openat(cache, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	                                                              O_NONBLOCK);

	if (cache >= 0)
		(void)close(cache);
	if (root >= 0)
		(void)close(root);
	*ret_name = name;
	return file < 0 ? -ENOENT : file;
}

bool act_has_package_file(const struct act *a, const struct plan_package *p)
{
	char *name;
	const int fd = open_cached(a, p, &name);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

int act_package_file(const struct act *a, const struct plan_package *p, int dir_fd,
                     struct err *e, struct slice *ret_name)
{
	char *name = NULL;
	const int from = open_cached(a, p, &name);
	const int to = from < 0 ? -1 : openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC |
	                                                            O_NOFOLLOW | O_CLOEXEC, 0600);
	const int r = from < 0 ? from : to < 0 ? -errno : copy_synced(from, to);

	if (r < 0)
		(void)err_sys(e, r, "%s", name ? name : "package file");
	else
		*ret_name = slice_str(name);
	if (from >= 0)
		(void)close(from);
	if (to >= 0)
		(void)close(to);
	return r;
}
