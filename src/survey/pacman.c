/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages of pacman: -Qi tells of all of them, and who needs them; -Ql lists
 * their files. The root's own settings are not used, because they name files of
 * wherever it runs; of them only the packages that pacman holds are read.
 */
#include <errno.h>
#include <fnmatch.h>

#include "survey/packages.h"

enum { CONFIG_MAX = 1024 * 1024 };

static const char database[] = "/var/lib/pacman/local";
static const char malformed[] = "its answer is not what it should be";

static int ask(struct survey *s, const char *what, struct slice *ret, const char **ret_why)
{
	char pacman[] = "pacman", config[] = "--config", none[] = "/dev/null",
	     root[] = "--root", dbpath[] = "--dbpath";
	char *top = arena_str(s->mem, slice_str(s->root));
	char *db = arena_printf(s->mem, "%s/var/lib/pacman", s->root);
	char *words = arena_str(s->mem, slice_str(what));
	char *argv[] = {pacman, config, none, root, top, dbpath, db, words, NULL};

	return top && db && words ? packages_ask(s, argv, false, ret, ret_why) : -ENOMEM;
}

/* "Name            : value" of a line; false when it is another field. */
static bool is_field(struct slice line, const char *name, struct slice *ret)
{
	const struct slice head = slice_str(name);
	const size_t colon = slice_find(line, SLICE(" : "));

	if (!slice_starts(line, head) || colon == SIZE_MAX ||
	    slice_trim(slice_first(line, colon)).n != head.n)
		return false;
	*ret = slice_trim(slice_from(line, colon + 3));
	return true;
}

static void take_field(struct slice line, struct package *p)
{
	struct slice value;

	if (is_field(line, "Version", &value))
		p->version = value;
	else if (is_field(line, "Architecture", &value))
		p->arch = value;
	else if (is_field(line, "Required By", &value))
		p->needed_by = value;
}

static int take_list(struct survey *s, struct slice text, struct packages *ret)
{
	struct slice rest = text, line, value;
	size_t n = 0;

	while (slice_line(&rest, &line))
		n += is_field(line, "Name", &value);
	if (n > PACKAGES_MAX) {
		ret->why = "there are more than 200,000 packages";
		return 0;
	}
	ret->list = arena_zalloc(s->mem, n, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	while (slice_line(&text, &line)) {
		if (is_field(line, "Name", &value))
			ret->list[ret->n++] = (struct package){.name = value, .installed = true};
		else if (ret->n)
			take_field(line, &ret->list[ret->n - 1]);
	}
	return 0;
}

/* ---- files ---- */

/* "name ROOT/path/" to " /path": what a package's list has. */
static bool list_path(const struct survey *s, struct slice line, struct str *ret)
{
	const struct slice root = slice_str(strcmp(s->root, "/") == 0 ? "" : s->root);
	struct slice path = slice_from(line, slice_find_byte(line, ' ') + 1);

	if (!slice_starts(path, root))
		return false;
	path = slice_from(path, root.n);
	if (path.n == 0 || path.p[0] != '/')
		return false;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	str_putc(ret, ' ');
	str_add(ret, path);
	str_putc(ret, '\n');
	return true;
}

static struct package *package_named(struct packages *p, size_t from, struct slice name)
{
	for (size_t i = 0; i < p->n; i++) {
		struct package *one = &p->list[(from + i) % p->n];
		if (slice_eq(one->name, name))
			return one;
	}
	return NULL;
}

/* Lines of a package stand together. */
static int take_files(struct survey *s, struct slice text, struct packages *ret)
{
	struct package *last = NULL;
	struct slice line, name;
	struct str files = {0};
	bool good = true;

	for (bool more = true; more && good;) {
		more = slice_line(&text, &line);
		name = more ? slice_first(line, slice_find_byte(line, ' ')) : (struct slice){0};
		if (last && !slice_eq(last->name, name)) {
			last->files = arena_copy(s->mem, str_slice(&files));
			good = last->files.p && !str_failed(&files);
			str_clear(&files);
		}
		if (more && (!last || !slice_eq(last->name, name)))
			last = package_named(ret, last ? (size_t)(last - ret->list) : 0, name);
		if (more && (!last || !list_path(s, line, &files))) {
			ret->why = malformed;
			break;
		}
	}
	str_finish(&files);
	return good ? 0 : -ENOMEM;
}

/* ---- HoldPkg ---- */

static void hold(struct packages *p, const char *pattern)
{
	for (size_t i = 0; i < p->n; i++) {
		char name[256];
		const struct slice from = p->list[i].name;
		if (from.n >= sizeof(name))
			continue;
		memcpy(name, from.p, from.n);
		name[from.n] = 0;
		p->list[i].essential |= fnmatch(pattern, name, 0) == 0;
	}
}

/* Packages of which pacman asks twice whether they may go: "HoldPkg = a b*". */
static int mark_held(struct survey *s, struct packages *p)
{
	struct slice text, line, word;
	int rc = survey_read(s, "/etc/pacman.conf", CONFIG_MAX, &text);

	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	while (slice_line(&text, &line)) {
		struct slice value = slice_trim(line);
		const size_t equals = slice_find_byte(value, '=');
		if (!slice_eq(slice_trim(slice_first(value, equals)), SLICE("HoldPkg")))
			continue;
		value = slice_from(value, equals + 1);
		while (slice_split(&value, ' ', &word)) {
			const char *pattern = arena_str(s->mem, slice_trim(word));
			if (!pattern)
				return -ENOMEM;
			hold(p, pattern);
		}
	}
	return 0;
}

static int list(struct survey *s, struct packages *ret)
{
	struct slice text;

	if (!survey_exists(s, database))
		return 0;
	ret->present = true;
	int rc = ask(s, "-Qi", &text, &ret->why);
	if (rc == 0 && !ret->why)
		rc = take_list(s, text, ret);
	if (rc == 0 && !ret->why)
		rc = ask(s, "-Ql", &text, &ret->why);
	if (rc == 0 && !ret->why)
		rc = take_files(s, text, ret);
	if (rc == 0 && !ret->why)
		rc = mark_held(s, ret);
	if (ret->why)
		ret->n = 0;
	return rc;
}

/* ---- who needs whom ---- */

static int needed(struct survey *s, const struct packages *p, const size_t *need_of)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		struct slice names = p->list[i].needed_by, name;
		if (need_of[i] == SIZE_MAX)
			continue;
		while (rc == 0 && slice_split(&names, ' ', &name)) {
			const struct package *by = NULL;
			if (name.n)
				by = package_named((struct packages *)(uintptr_t)p, i, name);
			if (by)
				rc = package_needed_by(s, need_of[i], by);
		}
	}
	return rc;
}

const struct asker asker_pacman = {"alpm", list, needed};
