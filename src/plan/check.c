/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan that comes from a file may have been written by anybody. Its hash
 * shows only that it agrees with itself; here is looked whether it could be
 * one of ours at all, before anything is done with the rights of root. Names
 * that become arguments of programs must not look like options.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "plan/path.h"
#include "plan/plan_json.h"

enum { NAME_MAX_BYTES = 255, MODE_MAX = 0177777 };

/* What a step of each kind has, and when it may come. */
static const struct {
	unsigned stages;  /* bits */
	bool subject, packages, may_wait, objects;
} kinds[STEP_KIND_COUNT] = {
	[STEP_SERVICE] = {1u << STAGE_SERVICE, .subject = true},
	[STEP_PACKAGE] = {1u << STAGE_PACKAGE | 1u << STAGE_REPOSITORY, .packages = true},
	[STEP_TAKE] = {1u << STAGE_LAUNCHER | 1u << STAGE_LEFTOVER | 1u << STAGE_REPOSITORY,
	               .may_wait = true, .objects = true},
	[STEP_TRUST] = {1u << STAGE_TRUST, .may_wait = true, .objects = true},
	[STEP_USER] = {1u << STAGE_ACCOUNT, .subject = true},
	[STEP_GROUP] = {1u << STAGE_ACCOUNT, .subject = true},
	[STEP_REVIEW] = {1u << STAGE_REVIEW},
};

static const unsigned type_bits[OBJECT_TYPE_COUNT] = {
	[OBJECT_FILE] = S_IFREG, [OBJECT_FOLDER] = S_IFDIR, [OBJECT_LINK] = S_IFLNK,
};

/* Printable ASCII, no space and none that a shell reads; no option. */
static bool plain_name(struct slice s)
{
	if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '-' || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || strchr("\"'`$&|;<>*?!()[]{}#", s.p[i]))
			return false;
	return true;
}

static bool plain_or_none(struct slice s)
{
	return s.n == 0 || plain_name(s);
}

static bool package_ok(const struct plan_package *p)
{
	return *p->ecosystem && plain_name(p->name) && plain_or_none(p->version) &&
	       plain_or_none(p->arch);
}

static bool object_ok(const struct object *o)
{
	unsigned bits = o->mode & S_IFMT;

	if (!plan_path_ok(o->path) || o->mode > MODE_MAX)
		return false;
	if (type_bits[o->type])
		return bits == type_bits[o->type];
	return bits != S_IFREG && bits != S_IFDIR && bits != S_IFLNK;
}

static const char *contents_fault(const struct step *s)
{
	for (size_t i = 0; i < s->n_packages; i++)
		if (!package_ok(&s->packages[i]))
			return "names a package as no package is named";
	for (size_t i = 0; i < s->n_objects; i++)
		if (!object_ok(&s->objects[i]))
			return "has an object that cannot be";
	return NULL;
}

static const char *step_fault(const struct step *s)
{
	bool package_fits = kinds[s->kind].packages ? s->n_packages > 0
	                  : kinds[s->kind].may_wait || s->n_packages == 0;

	if (!(kinds[s->kind].stages & 1u << s->stage))
		return "comes at a stage where its kind does not belong";
	if (s->kind == STEP_REVIEW)
		return contents_fault(s);
	if (kinds[s->kind].subject ? !plain_name(s->subject) ||
	    memchr(s->subject.p, '/', s->subject.n) : s->subject.n > 0)
		return "has a subject that its kind cannot have";
	if (!package_fits)
		return "has packages that its kind cannot have";
	if (kinds[s->kind].objects != (s->n_objects > 0))
		return "has objects that its kind cannot have";
	return contents_fault(s);
}

static int check_steps(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];
		const char *fault = step_fault(s);
		if (!fault && i > 0 && (s[-1].stage > s->stage ||
		    (s[-1].stage == s->stage && s[-1].rank > s->rank)))
			fault = "is not in its order";
		if (fault)
			return err_set(e, -EBADMSG, "step %zu %s", i + 1, fault);
	}
	return 0;
}

/* ---- all objects together ---- */

struct placed {
	const struct object *object;
	size_t at; /* in the order of the plan */
};

static int by_path(const void *x, const void *y)
{
	const struct placed *a = x, *b = y;
	int c = path_cmp(a->object->path, b->object->path);
	return c ? c : (a->at > b->at) - (a->at < b->at);
}

static size_t gather(const struct plan *p, struct placed *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];
		if (s->kind == STEP_REVIEW)
			continue;
		for (size_t k = 0; k < s->n_objects; k++, n++)
			if (ret)
				ret[n] = (struct placed){&s->objects[k], n};
	}
	return n;
}

/*
 * Sorted by path, everything in a folder follows it. `up` holds the index of
 * the nearest folder above each, so that the folders above are a chain.
 */
static const char *order_fault(const struct placed *all, size_t n, size_t *up)
{
	for (size_t i = 0; i < n; i++) {
		size_t above = i ? i - 1 : SIZE_MAX;
		if (i && slice_eq(all[i - 1].object->path, all[i].object->path))
			return "stands in the plan twice";
		while (above != SIZE_MAX &&
		       !path_inside(all[i].object->path, all[above].object->path))
			above = up[above];
		up[i] = above;
		if (above == SIZE_MAX)
			continue;
		if (all[above].object->type != OBJECT_FOLDER)
			return "lies in something that is no folder";
		if (all[above].at < all[i].at)
			return "stands behind the folder that holds it";
	}
	return NULL;
}

static int check_objects(const struct plan *p, struct err *e)
{
	size_t n = gather(p, NULL);

	if (n > PLAN_OBJECTS_MAX)
		return err_set(e, -EBADMSG, "more objects than a plan may have");
	struct placed *all = calloc(n + 1, sizeof(*all));
	size_t *up = calloc(n + 1, sizeof(*up));
	const char *fault = NULL;
	if (all && up) {
		gather(p, all);
		qsort(all, n, sizeof(*all), by_path);
		fault = order_fault(all, n, up);
	}
	bool short_of_memory = !all || !up;
	free(all);
	free(up);
	if (short_of_memory)
		return -ENOMEM;
	return fault ? err_set(e, -EBADMSG, "an object %s", fault) : 0;
}

static int check_gates(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_gates; i++) {
		const struct plan_gate *g = &p->gates[i];
		bool answered = g->state == GATE_RUNNING || g->state == GATE_WAIVED;
		if (answered != (g->by.n > 0) || g->role.n == 0)
			return err_set(e, -EBADMSG, "gate %zu does not say by what it"
			               " is answered, or for what", i + 1);
	}
	return 0;
}

int plan_check(const struct plan *p, struct err *e)
{
	if (p->source_path.n == 0 || p->source_path.p[0] != '/' ||
	    memchr(p->source_path.p, 0, p->source_path.n))
		return err_set(e, -EBADMSG, "source.path is no absolute path");
	int code = check_gates(p, e);
	code = code < 0 ? code : check_steps(p, e);
	return code < 0 ? code : check_objects(p, e);
}
