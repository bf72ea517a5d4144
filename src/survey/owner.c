/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who owns the places: one pass over the file lists of all packages, each path
 * looked up, with the folders that it lies in, among the places asked about.
 */
#include <errno.h>
#include <stdlib.h>

#include "survey/packages.h"

struct asked_place {
	struct slice key; /* path_key() of it */
	size_t need;
	bool part;        /* of a place that is a list: who owns it owns something
	                   * of the place, not the place */
};

struct owners {
	struct survey *s;
	struct asked_place *list; /* by key */
	size_t n;
	struct texts *others;     /* of each need */
};

static int by_key(const void *a, const void *b)
{
	return slice_cmp(((const struct asked_place *)a)->key,
	                 ((const struct asked_place *)b)->key);
}

static size_t lower_bound(const struct owners *o, struct slice key)
{
	size_t low = 0, high = o->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (slice_cmp(o->list[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A package owns the place itself (inside: something in it). */
static int add(struct owners *o, struct slice key, bool inside, struct slice package)
{
	int rc = 0;

	for (size_t i = lower_bound(o, key);
	     rc == 0 && i < o->n && slice_eq(o->list[i].key, key); i++) {
		struct texts *others = &o->others[o->list[i].need];
		struct fact_place *place = &o->s->facts->list[o->list[i].need].place;
		const bool some = inside || o->list[i].part;
		if (!some && !place->owner.n)
			place->owner = package;
		/* a package's paths come together, so this keeps the list short */
		if (some && (others->n == 0 ||
		    !slice_eq(others->list[others->n - 1], package)))
			rc = texts_add(others, package);
	}
	return rc;
}

static int add_path(struct owners *o, struct slice path, struct slice package)
{
	struct slice key = path_key(o->s, path);
	int rc = add(o, key, false, package);

	for (size_t n = key.n; rc == 0 && n > 1; n--)
		if (key.p[n - 1] == '/')
			rc = add(o, slice_first(key, n - 1), true, package);
	return rc;
}

static int add_package(struct owners *o, const char *ecosystem,
                       const struct package *p)
{
	struct slice rest = p->files, path;
	char *name = arena_printf(o->s->mem, "%s %.*s", ecosystem, SLICE_ARG(p->name));
	int rc = name ? 0 : -ENOMEM;

	while (rc == 0 && package_next_file(&rest, &path))
		if (path.n <= PLAN_PATH_MAX)
			rc = add_path(o, path, slice_str(name));
	return rc;
}

/* How many places a question is about: of code, each of its files. */
static size_t count(const struct survey *s, size_t need)
{
	const enum need_kind kind = s->args->needs[need].kind;

	return kind == NEED_PLACE ? 1
	       : kind == NEED_CODE ? s->facts->list[need].place.n_objects : 0;
}

static struct slice path_of(const struct survey *s, size_t need, size_t i)
{
	return s->args->needs[need].kind == NEED_PLACE
	           ? s->args->needs[need].text : s->facts->list[need].place.objects[i].path;
}

static int gather(struct owners *o)
{
	struct survey *s = o->s;
	size_t n = 0;

	for (size_t i = 0; i < s->args->n; i++)
		n += count(s, i);
	o->list = arena_zalloc(s->mem, n, sizeof(*o->list));
	o->others = arena_zalloc(s->mem, s->args->n, sizeof(*o->others));
	if (!o->list || !o->others)
		return -ENOMEM;
	for (size_t i = 0; i < s->args->n; i++)
		for (size_t k = 0; k < count(s, i); k++)
			o->list[o->n++] = (struct asked_place){
				.key = path_key(s, path_of(s, i, k)),
				.need = i,
				.part = !slice_eq(path_of(s, i, k), s->args->needs[i].text),
			};
	if (o->n)
		qsort(o->list, o->n, sizeof(*o->list), by_key);
	return 0;
}

static struct fact *fact_of(const struct owners *o, size_t i)
{
	return &o->s->facts->list[o->list[i].need];
}

/* A database that could not be asked may own any place. */
static int tell(struct owners *o, const struct packages *p)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n; i++)
		if (fact_of(o, i)->place.exists)
			rc = survey_why(o->s, fact_of(o, i), "whether a package owns it "
			                "is not known; asking the %s packages of the "
			                "root: %s", p->ecosystem, p->why);
	return rc;
}

static int finish(struct owners *o, int rc)
{
	for (size_t i = 0; o->others && i < o->s->args->n; i++) {
		struct fact_place *place = &o->s->facts->list[i].place;
		texts_settle(&o->others[i]);
		if (rc == 0 && o->others[i].n)
			rc = texts_give(&o->others[i], o->s->mem, &place->others,
			                &place->n_others);
		texts_finish(&o->others[i]);
	}
	return rc;
}

int owners_find(struct survey *s, const struct packages *lists, size_t n)
{
	struct owners o = {.s = s};
	int rc = gather(&o);

	if (rc < 0 || o.n == 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (lists[i].why)
			rc = tell(&o, &lists[i]);
		for (size_t j = 0; rc == 0 && j < lists[i].n; j++)
			rc = survey_stopped(s)
			         ? -EINTR
			         : add_package(&o, lists[i].ecosystem, &lists[i].list[j]);
	}
	return finish(&o, rc);
}
