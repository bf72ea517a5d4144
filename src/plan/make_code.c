/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages of languages. Where all files of one are known (code_folder()), they
 * are taken as any other files are: their managers' own programs belong to an
 * environment that may be anybody's, and run what stands in it. Where they are
 * not, a person gets the command.
 */
#include <stdlib.h>

#include "plan/make.h"
#include "plan/path.h"

/* Does this package's code folder stand in a project that asks for it? */
static const struct article_evidence *asked_for(const struct making *m,
                                                const struct target *t)
{
	for (size_t i = 0; i < m->articles->n; i++) {
		const struct article *a = &m->articles->list[i];
		if (a->source != m->options->source)
			continue;
		for (size_t k = 0; k < a->n_evidence; k++) {
			const struct article_evidence *e = &a->evidence[k];
			if (slice_eq(e->attr, SLICE("npm.dependency")) &&
			    slice_eq(e->value, t->article->name) &&
			    path_inside(t->text, slice_dirname(e->path)))
				return e;
		}
	}
	return NULL;
}

static struct slice project_of(struct slice manifest)
{
	size_t at = slice_find(manifest, SLICE("/node_modules/"));
	return slice_first(manifest, at < manifest.n ? at : manifest.n);
}

/* Installed for the whole system, but inside another package. */
static const char *npm_inside(struct making *m, const struct target *t)
{
	const size_t at = slice_find(t->text, SLICE("/node_modules/"));
	const struct slice rest = slice_from(t->text, at + strlen("/node_modules/"));
	const size_t n = slice_find(rest, SLICE("/node_modules/"));

	return make_words(m, "it is part of the package %.*s, which is installed for the"
	                  " whole system: whoever keeps that must take it out there",
	                  SLICE_ARG(slice_first(rest, n)));
}

static const char *npm_code(struct making *m, const struct target *t)
{
	const struct article_evidence *e = asked_for(m, t);
	struct slice name = t->article->name, project = project_of(t->text);

	if (code_is_global(t->text))
		return npm_inside(m, t);
	if (e)
		return make_words(m, "the project asks for it in %.*s: there, npm uninstall"
		                  " %.*s, which changes the manifest and the lock file",
		                  SLICE_ARG(e->path), SLICE_ARG(name));
	if (t->article->state == STATE_STORED && project.n == t->text.n)
		return NULL;
	return make_words(m, "it stands in the project %.*s, perhaps for another package"
	                  " there: npm explain %.*s says for which; change the manifest",
	                  SLICE_ARG(project.n ? project : SLICE("/")), SLICE_ARG(name));
}

const char *make_code_open(struct making *m, struct place *p)
{
	const struct target *t = p->target;

	if (t->thing != THING_CODE || target_is_listed(t))
		return NULL;
	if (strcmp(t->article->ecosystem, "npm") == 0)
		return npm_code(m, t);
	if (t->article->state == STATE_STORED &&
	    slice_eq(slice_basename(t->text), SLICE("PKG-INFO")) &&
	    !slice_ends(p->path, SLICE(".egg-info")))
		return NULL;
	if (strcmp(t->article->ecosystem, "pypi") == 0)
		return make_words(m, "its files lie beside this folder: python3 -m pip"
		                  " uninstall %.*s in that environment, and change what"
		                  " asks for it", SLICE_ARG(t->article->name));
	return "it is part of a larger program: whoever keeps that must take it out";
}

/* ---- code whose files are known ---- */

static const char *by_hand(struct making *m, const struct target *t, const char *why)
{
	const char *command = strcmp(t->article->ecosystem, "npm") == 0
		? "npm uninstall --global" : "python3 -m pip uninstall";

	return make_words(m, "%s; when that is settled, plan again, or there: %s %.*s", why,
	                  command, SLICE_ARG(t->article->name));
}

/* A list of files is the package's own word: none may be what every system has. */
static const struct object *forbidden(const struct place *p)
{
	for (size_t i = 0; i < p->fact->n_objects; i++) {
		const struct object *o = &p->fact->objects[i];
		if (!plan_path_ok(o->path) || place_is_system(o->path) ||
		    place_is_database(o->path))
			return o;
	}
	return NULL;
}

const char *make_code_kept(struct making *m, struct place *p)
{
	if (!target_is_listed(p->target))
		return NULL;
	if (p->fact->kept.n)
		return by_hand(m, p->target,
		               make_words(m, "%.*s", SLICE_ARG(p->fact->kept)));
	const struct object *o = forbidden(p);
	return o ? by_hand(m, p->target, make_words(m, "its list of files names %.*s, which"
	                                            " is not its own", SLICE_ARG(o->path)))
	         : NULL;
}

/* Does the package with this folder go as well? */
static bool goes(const struct making *m, struct slice folder)
{
	for (size_t i = 0; i < m->n_places; i++)
		if (m->places[i].state == PLACE_GOES && target_is_listed(m->places[i].target) &&
		    slice_eq(m->places[i].path, folder))
			return true;
	return false;
}

/* The first package that asks for it and stays, or "". */
static struct slice stays(const struct making *m, const struct place *p)
{
	for (size_t i = 0; i < p->fact->n_needed_by; i++)
		if (!goes(m, p->fact->needed_by[i]))
			return p->fact->needed_by[i];
	return (struct slice){0};
}

void make_code_settle(struct making *m)
{
	for (bool changed = true; changed && m->code == 0;) {
		changed = false;
		for (size_t i = 0; i < m->n_places; i++) {
			struct place *p = &m->places[i];
			if (p->state != PLACE_GOES || !target_is_listed(p->target))
				continue;
			const struct slice by = stays(m, p);
			if (by.n == 0)
				continue;
			make_stay(m, p, by_hand(m, p->target,
			          make_words(m, "%.*s asks for it, and stays", SLICE_ARG(by))));
			changed = true;
		}
	}
}

bool make_code_has(const struct place *code, struct slice path)
{
	for (size_t i = 0; i < code->fact->n_objects; i++)
		if (slice_eq(code->fact->objects[i].path, path))
			return true;
	return false;
}
