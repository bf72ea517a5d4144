/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npm's packages that are installed for all: a folder in lib/node_modules, and
 * links to its programs and manuals (npm-folders(5)). What another package there
 * asks for is not parsed: one whose package.json has the name in quotes counts
 * as asking, which may send more to a person and never less.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "survey/code.h"

struct npm {
	struct code *c;
	struct slice modules, prefix, name; /* name: "@scope/name" or "name" */
	bool scoped;
	struct listed *list; /* links, the folder, perhaps its scope */
	size_t n, size;
	struct texts needed_by;
};

static void find_ways(struct npm *n)
{
	const struct slice folder = n->c->folder, up = slice_dirname(folder);

	n->scoped = slice_starts(slice_basename(up), SLICE("@"));
	n->modules = n->scoped ? slice_dirname(up) : up;
	n->prefix = slice_dirname(slice_dirname(n->modules));
	n->name = slice_from(folder, n->modules.n + 1);
}

static int add(struct npm *n, struct slice path, bool whole)
{
	if (n->n == n->size) {
		struct listed *list = arena_zalloc(n->c->s->mem, 2 * n->size + 8, sizeof(*list));
		if (!list)
			return -ENOMEM;
		if (n->n)
			memcpy(list, n->list, n->n * sizeof(*list));
		n->list = list;
		n->size = 2 * n->size + 8;
	}
	n->list[n->n++] = (struct listed){path, whole};
	return 0;
}

/* Is it a link into the package's folder? */
static bool leads_in(struct npm *n, int dir, struct slice folder, struct slice name)
{
	char text[NAME_MAX + 1], target[PLAN_PATH_MAX];
	struct str path = {0};
	ssize_t length = -1;

	if (name.n < sizeof(text)) {
		memcpy(text, name.p, name.n);
		text[name.n] = 0;
		length = readlinkat(dir, text, target, sizeof(target));
	}
	const bool in = length > 0 && (size_t)length < sizeof(target) &&
	                code_resolve(folder, slice_of(target, (size_t)length), &path) &&
	                path_at_or_below(str_slice(&path), n->c->folder);
	str_finish(&path);
	return in;
}

/* The links to it in bin or in a folder of manuals. */
static int add_links(struct npm *n, const char *below)
{
	const struct slice folder = code_path(n->c, n->prefix, slice_str(below));
	struct texts names = {0};
	int rc = folder.p ? code_names(n->c, folder, &names) : -ENOMEM;
	const int dir = rc < 0 || names.n == 0 ? -1 : object_open_folder(n->c->s->root_fd,
	                                                                 folder, 0);

	for (size_t i = 0; rc == 0 && dir >= 0 && i < names.n; i++) {
		if (!leads_in(n, dir, folder, names.list[i]))
			continue;
		const struct slice path = code_path(n->c, folder, names.list[i]);
		rc = path.p ? add(n, path, false) : -ENOMEM;
	}
	if (dir >= 0)
		(void)close(dir);
	texts_finish(&names);
	return rc;
}

static int add_all(struct npm *n)
{
	static const char *const folders[] = {
		"bin", "share/man/man1", "share/man/man2", "share/man/man3", "share/man/man4",
		"share/man/man5", "share/man/man6", "share/man/man7", "share/man/man8",
	};
	struct texts names = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(folders); i++)
		rc = add_links(n, folders[i]);
	if (rc == 0)
		rc = add(n, n->c->folder, true);
	if (rc == 0 && n->scoped)
		rc = code_names(n->c, slice_dirname(n->c->folder), &names);
	if (rc == 0 && names.n == 1) /* the scope would be left empty */
		rc = add(n, slice_dirname(n->c->folder), false);
	texts_finish(&names);
	return rc;
}

/* ---- who asks for it ---- */

static int ask(struct npm *n, struct slice folder)
{
	struct str quoted = {0};
	int rc;

	if (slice_eq(folder, n->c->folder))
		return 0;
	rc = code_read(n->c, folder, "package.json");
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
		return 0; /* a link to a project, or no package */
	if (rc < 0)
		return rc;
	str_putc(&quoted, '"');
	str_add(&quoted, n->name);
	str_putc(&quoted, '"');
	if (str_failed(&quoted))
		rc = -ENOMEM;
	else if (slice_find(str_slice(&n->c->text), str_slice(&quoted)) != SIZE_MAX)
		rc = code_needed_by(&n->needed_by, folder);
	str_finish(&quoted);
	return rc;
}

static int ask_scope(struct npm *n, struct slice scope)
{
	struct texts names = {0};
	int rc = code_names(n->c, scope, &names);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		const struct slice folder = code_path(n->c, scope, names.list[i]);
		rc = folder.p ? ask(n, folder) : -ENOMEM;
	}
	texts_finish(&names);
	return rc;
}

static int ask_all(struct npm *n)
{
	struct texts names = {0};
	int rc = code_names(n->c, n->modules, &names);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		const struct slice folder = code_path(n->c, n->modules, names.list[i]);
		if (!folder.p)
			rc = -ENOMEM;
		else if (slice_starts(names.list[i], SLICE("@")))
			rc = ask_scope(n, folder);
		else
			rc = ask(n, folder);
	}
	texts_finish(&names);
	return rc;
}

int code_npm(struct code *c)
{
	struct npm n = {.c = c};
	struct fact_place *p = &c->fact->place;
	int rc;

	find_ways(&n);
	rc = add_all(&n);
	if (rc == 0)
		rc = ask_all(&n);
	if (rc == 0)
		rc = texts_give(&n.needed_by, c->s->mem, &p->needed_by, &p->n_needed_by);
	texts_finish(&n.needed_by);
	return rc < 0 ? rc : place_listed(c->s, n.list, n.n, c->fact);
}
