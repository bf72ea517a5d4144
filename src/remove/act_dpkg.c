/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg-query(1) asked of packages. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remove/act_package.h"
#include "remove/act_private.h"
#include "system/object.h"

enum { FOLDERS_ASKED = 2000 };

static const char notes[] = "/var/lib/dpkg/info";

static char *admin_option(const struct act *a)
{
	return arena_printf(a->mem, "--admindir=%s/var/lib/dpkg",
	                    strcmp(a->root, "/") == 0 ? "" : a->root);
}

/* "name" or "name:arch", as dpkg-query takes it. */
static char *spelled(const struct act *a, const struct plan_package *p)
{
	if (p->arch.n == 0 || slice_eq(p->arch, SLICE("all")))
		return arena_str(a->mem, p->name);
	return arena_printf(a->mem, "%.*s:%.*s", SLICE_ARG(p->name), SLICE_ARG(p->arch));
}

/* Runs dpkg-query; its status 1 means that it knows no such package. */
static int query(const struct act *a, const char *what, const char *format,
                 char *package, struct str *out, struct err *e)
{
	char *words[6] = {NULL};
	size_t n = 0;

	words[n++] = arena_str(a->mem, SLICE("dpkg-query"));
	words[n++] = admin_option(a);
	words[n++] = arena_str(a->mem, slice_str(what));
	if (format)
		words[n++] = arena_str(a->mem, slice_str(format));
	words[n++] = package;
	for (size_t i = 0; i < n; i++)
		if (!words[i])
			return err_sys(e, -ENOMEM, "dpkg-query");
	return act_run(words, NULL, out, e);
}

static int state_of(struct slice status, struct slice error)
{
	if (!slice_eq(error, SLICE("ok")))
		return KNOWN_BROKEN;
	if (slice_eq(status, SLICE("installed")))
		return KNOWN_INSTALLED;
	if (slice_eq(status, SLICE("config-files")))
		return KNOWN_RESIDUE;
	return slice_eq(status, SLICE("not-installed")) ? KNOWN_NOT : KNOWN_BROKEN;
}

static int dpkg_known(const struct act *a, const struct plan_package *p, struct known *ret,
                      struct err *e)
{
	static const char format[] = "--showformat=${db:Status-Status}\\t${db:Status-Eflag}\\t"
	                             "${Version}\\n";
	struct slice line, status = {0}, error = {0}, version = {0}, rest;
	struct str out = {0};
	int r = query(a, "--show", format, spelled(a, p), &out, e);

	*ret = (struct known){.state = KNOWN_NOT};
	rest = str_slice(&out);
	if (r == 0)
		ret->state = KNOWN_BROKEN; /* unless it says otherwise */
	if (r == 0 && slice_line(&rest, &line) && rest.n == 0) {
		(void)slice_split(&line, '\t', &status);
		(void)slice_split(&line, '\t', &error);
		(void)slice_split(&line, '\t', &version);
		ret->state = state_of(status, error);
		ret->version = arena_copy(a->mem, version);
	}
	str_finish(&out);
	return r > 1 ? -EIO : r < 0 ? r : 0;
}

static int dpkg_busy(const struct act *a, struct err *e)
{
	char *path = arena_printf(a->mem, "%s/var/lib/dpkg/lock",
	                          strcmp(a->root, "/") == 0 ? "" : a->root);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const int fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (fd < 0)
		return 0; /* no lock file: nobody has it */
	const bool busy = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	(void)close(fd);
	return busy ? err_set(e, -EPERM, "dpkg is at work (process %d has its lock)",
	                      (int)lock.l_pid)
	            : 0;
}

/* ---- places ------------------------------------------------------------ */

struct listing {
	const struct act *act;
	struct places *places, folders;
	int root_fd;
};

static bool is_folder(const struct listing *l, struct slice path)
{
	const int fd = object_open_folder(l->root_fd, path, O_PATH);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* A file goes to the places, a folder is asked about first. */
static bool take_path(struct listing *l, struct slice path)
{
	const struct slice real = places_resolve(l->act, l->root_fd, path);

	if (!real.p)
		return false;
	if (!slice_eq(real, path))
		return is_folder(l, real) || places_add(l->places, real);
	return is_folder(l, path) ? places_add(&l->folders, path) : places_add(l->places, path);
}

static int list_package(struct listing *l, const struct plan_package *p, struct err *e)
{
	struct str out = {0};
	int r = query(l->act, "--listfiles", NULL, spelled(l->act, p), &out, e);
	struct slice rest = str_slice(&out), line;

	while (r == 0 && slice_line(&rest, &line))
		if (line.n && line.p[0] == '/' && !take_path(l, line))
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	str_finish(&out);
	return r < 0 ? r : 0;
}

/* Does the step remove the package that an answer of --search names? */
static bool is_ours(const struct act *a, struct slice name)
{
	name = slice_first(name, slice_find_byte(name, ':'));
	for (size_t i = 0; i < a->step->n_packages; i++)
		if (slice_eq(a->step->packages[i].name, name))
			return true;
	return false;
}

/* "a, b: /path": all of them ours? */
static bool all_ours(const struct act *a, struct slice names)
{
	struct slice name;

	while (slice_split(&names, ',', &name))
		if (!is_ours(a, slice_trim(name)))
			return false;
	return true;
}

static int take_answer(struct listing *l, struct slice line)
{
	const size_t colon = slice_find(line, SLICE(": /"));

	if (colon == SIZE_MAX || !all_ours(l->act, slice_first(line, colon)))
		return 0;
	return places_add(l->places, slice_from(line, colon + 2)) ? 0 : -ENOMEM;
}

/* Asks who owns some folders, and takes those that are the step's alone. */
static int ask_folders(struct listing *l, size_t first, size_t n, struct err *e)
{
	char **argv = arena_zalloc(l->act->mem, n + 4, sizeof(*argv));
	struct str out = {0};
	struct slice rest, line;
	size_t k = 0;

	if (!argv)
		return err_sys(e, -ENOMEM, "dpkg-query");
	argv[k++] = arena_str(l->act->mem, SLICE("dpkg-query"));
	argv[k++] = admin_option(l->act);
	argv[k++] = arena_str(l->act->mem, SLICE("--search"));
	for (size_t i = 0; i < n; i++)
		argv[k++] = arena_str(l->act->mem, l->folders.list[first + i]);
	for (size_t i = 0; i < k; i++)
		if (!argv[i])
			return err_sys(e, -ENOMEM, "dpkg-query");
	int r = act_run(argv, NULL, &out, e);
	rest = str_slice(&out);
	while (r >= 0 && slice_line(&rest, &line))
		if (take_answer(l, line) < 0)
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	str_finish(&out);
	return r < 0 ? r : 0;
}

/* The files in which dpkg notes a package: list, scripts, sums. */
static bool add_notes(struct listing *l, const struct plan_package *p)
{
	static const char *const kinds[] = {
		"list", "md5sums", "conffiles", "preinst", "postinst", "prerm", "postrm",
		"config", "templates", "triggers", "shlibs", "symbols"};

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		char *plain = arena_printf(l->act->mem, "%s/%.*s.%s", notes, SLICE_ARG(p->name),
		                           kinds[i]);
		char *multi = arena_printf(l->act->mem, "%s/%.*s:%.*s.%s", notes,
		                           SLICE_ARG(p->name), SLICE_ARG(p->arch), kinds[i]);
		if (!plain || !multi || !places_add(l->places, slice_str(plain)) ||
		    !places_add(l->places, slice_str(multi)))
			return false;
	}
	return true;
}

static int dpkg_places(const struct act *a, struct places *ret, struct err *e)
{
	struct listing l = {.act = a, .places = ret, .folders = {.mem = a->mem}};
	int r;

	l.root_fd = open(a->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = l.root_fd < 0 ? err_sys(e, -errno, "%s", a->root) : 0;
	for (size_t i = 0; r == 0 && i < a->step->n_packages; i++) {
		r = list_package(&l, &a->step->packages[i], e);
		if (r == 0 && !add_notes(&l, &a->step->packages[i]))
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	}
	for (size_t at = 0; r == 0 && at < l.folders.n; at += FOLDERS_ASKED)
		r = ask_folders(&l, at, l.folders.n - at < FOLDERS_ASKED ? l.folders.n - at
		                                                          : FOLDERS_ASKED, e);
	if (l.root_fd >= 0)
		(void)close(l.root_fd);
	free(l.folders.list);
	return r;
}

const struct query query_dpkg = {
	.manager = "dpkg",
	.known = dpkg_known,
	.busy = dpkg_busy,
	.places = dpkg_places,
};
