/* SPDX-License-Identifier: Apache-2.0 */
/* pacman(8) asked of packages. The root's own settings are left out: they name
 * files of wherever it runs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "remove/act_package.h"
#include "remove/act_private.h"
#include "system/object.h"

enum { FOLDERS_ASKED = 2000, HEAD = 8 };

static struct slice root_of(const struct act *a)
{
	return slice_str(strcmp(a->root, "/") == 0 ? "" : a->root);
}

/* Runs pacman with `what`, then more words. Its status. */
static int query(const struct act *a, const char *what, char *const *more, size_t n,
                 struct str *out, struct err *e)
{
	const char *const head[HEAD] = {
		"pacman", "--config", "/dev/null", "--root", a->root, "--dbpath",
		arena_printf(a->mem, "%s/var/lib/pacman", a->root), what};
	char **argv = arena_zalloc(a->mem, HEAD + n + 2, sizeof(*argv));

	if (!argv || !head[HEAD - 2])
		return err_sys(e, -ENOMEM, "pacman");
	for (size_t i = 0; i < HEAD; i++)
		if (!(argv[i] = arena_str(a->mem, slice_str(head[i]))))
			return err_sys(e, -ENOMEM, "pacman");
	if (!(argv[HEAD] = arena_str(a->mem, SLICE("--"))))
		return err_sys(e, -ENOMEM, "pacman");
	memcpy(argv + HEAD + 1, more, n * sizeof(*argv));
	return act_run(argv, NULL, out, e);
}

static int query_package(const struct act *a, const char *what, const struct plan_package *p,
                         struct str *out, struct err *e)
{
	char *name = arena_str(a->mem, p->name);

	return name ? query(a, what, &name, 1, out, e) : err_sys(e, -ENOMEM, "pacman");
}

/* Its status is the same when the database cannot be read: the words tell. */
static bool is_unknown(int status, const struct err *e)
{
	return status == 1 && slice_find(slice_str(e->text), SLICE("was not found")) != SIZE_MAX;
}

static int pacman_known(const struct act *a, const struct plan_package *p, struct known *ret,
                        struct err *e)
{
	struct slice rest, line, name;
	struct str out = {0};
	int r = query_package(a, "-Q", p, &out, e);

	*ret = (struct known){.state = KNOWN_NOT};
	rest = str_slice(&out);
	if (r == 0) {
		ret->state = KNOWN_BROKEN;
		if (slice_line(&rest, &line) && slice_split(&line, ' ', &name) &&
		    slice_eq(name, p->name) && rest.n == 0) {
			ret->state = KNOWN_INSTALLED;
			ret->version = arena_copy(a->mem, slice_trim(line));
			if (!ret->version.p)
				r = err_sys(e, -ENOMEM, "pacman");
		}
	} else if (is_unknown(r, e)) {
		e->text[0] = 0;
		r = 0;
	}
	str_finish(&out);
	return r > 0 ? -EIO : r;
}

static int pacman_busy(const struct act *a, struct err *e)
{
	char *path = arena_printf(a->mem, "%s/var/lib/pacman/db.lck", a->root);

	if (!path)
		return err_sys(e, -ENOMEM, "pacman");
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	return err_set(e, -EPERM, "pacman is at work, or was stopped in the middle of it "
	                          "(/var/lib/pacman/db.lck is there)");
}

/* ---- places ---- */

struct listing {
	const struct act *act;
	struct places *places, folders, shared;
};

/* The path in the root that a line ends with, without the slash of a folder. */
static struct slice path_in(const struct act *a, struct slice text)
{
	const struct slice root = root_of(a);

	if (!slice_starts(text, root))
		return (struct slice){0};
	text = slice_from(text, root.n);
	while (text.n > 1 && text.p[text.n - 1] == '/')
		text.n--;
	return text;
}

static bool take_path(struct listing *l, struct slice line)
{
	const struct slice text = slice_from(line, slice_find_byte(line, ' ') + 1);
	const bool folder = slice_ends(text, SLICE("/"));
	const struct slice path = path_in(l->act, text);

	return path.n == 0 || places_add(folder ? &l->folders : l->places, path);
}

static int list_package(struct listing *l, const struct plan_package *p, struct err *e)
{
	struct str out = {0};
	int r = query_package(l->act, "-Ql", p, &out, e);
	struct slice rest = str_slice(&out), line;

	while (r == 0 && slice_line(&rest, &line))
		if (!take_path(l, line))
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	str_finish(&out);
	return is_unknown(r, e) ? 0 : r > 0 ? -EIO : r; /* unknown: gone already */
}

static bool is_ours(const struct act *a, struct slice owner)
{
	const struct slice name = slice_first(owner, slice_find_byte(owner, ' '));

	for (size_t i = 0; i < a->step->n_packages; i++)
		if (slice_eq(a->step->packages[i].name, name))
			return true;
	return false;
}

/* "ROOT/path/ is owned by name version": notes folders that others have too. */
static bool take_answer(struct listing *l, struct slice line)
{
	const struct slice words = SLICE(" is owned by ");
	const size_t at = slice_find(line, words);

	if (at == SIZE_MAX || is_ours(l->act, slice_from(line, at + words.n)))
		return true;
	const struct slice path = path_in(l->act, slice_first(line, at));
	return path.n == 0 || places_add(&l->shared, path);
}

static int ask_folders(struct listing *l, size_t first, size_t n, struct err *e)
{
	char **paths = arena_zalloc(l->act->mem, n + 1, sizeof(*paths));
	struct slice rest, line;
	struct str out = {0};

	for (size_t i = 0; paths && i < n; i++) {
		paths[i] = arena_printf(l->act->mem, "%.*s%.*s", SLICE_ARG(root_of(l->act)),
		                        SLICE_ARG(l->folders.list[first + i]));
		if (!paths[i])
			return err_sys(e, -ENOMEM, "pacman");
	}
	if (!paths)
		return err_sys(e, -ENOMEM, "pacman");
	int r = query(l->act, "-Qo", paths, n, &out, e);
	rest = str_slice(&out);
	while (r == 0 && slice_line(&rest, &line))
		if (!take_answer(l, line))
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	str_finish(&out);
	return r > 0 ? -EIO : r;
}

static bool is_shared(const struct listing *l, struct slice path)
{
	for (size_t i = 0; i < l->shared.n; i++)
		if (slice_eq(l->shared.list[i], path))
			return true;
	return false;
}

/* Folders that are theirs alone, with all in them. */
static int add_folders(struct listing *l, struct err *e)
{
	int r = 0;

	for (size_t at = 0; r == 0 && at < l->folders.n; at += FOLDERS_ASKED)
		r = ask_folders(l, at, l->folders.n - at < FOLDERS_ASKED ? l->folders.n - at
		                                                         : FOLDERS_ASKED, e);
	for (size_t i = 0; r == 0 && i < l->folders.n; i++)
		if (!is_shared(l, l->folders.list[i]) &&
		    !places_add(l->places, l->folders.list[i]))
			r = err_sys(e, -ENOMEM, "listing what a package owns");
	return r;
}

static int pacman_places(const struct act *a, struct places *ret, struct err *e)
{
	struct listing l = {.act = a, .places = ret, .folders = {.mem = a->mem},
	                    .shared = {.mem = a->mem}};
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->step->n_packages; i++)
		r = list_package(&l, &a->step->packages[i], e);
	if (r == 0)
		r = add_folders(&l, e);
	free(l.folders.list);
	free(l.shared.list);
	return r;
}

const struct query query_pacman = {
	.manager = "pacman",
	.known = pacman_known,
	.busy = pacman_busy,
	.places = pacman_places,
};
