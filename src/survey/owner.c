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
	struct fact *fact;
	struct texts others;
};

struct owners {
	struct survey *s;
	struct asked_place *list; /* by key */
	size_t n;
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
		struct texts *others = &o->list[i].others;
		struct fact_place *place = &o->list[i].fact->place;
		if (!inside && !place->owner.n)
			place->owner = package;
		/* a package's paths come together, so this keeps the list short */
		if (inside && (others->n == 0 ||
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

static int gather(struct owners *o)
{
	struct survey *s = o->s;

	o->list = arena_zalloc(s->mem, s->args->n, sizeof(*o->list));
	if (!o->list)
		return -ENOMEM;
	for (size_t i = 0; i < s->args->n; i++)
		if (s->args->needs[i].kind == NEED_PLACE)
			o->list[o->n++] = (struct asked_place){
				.key = path_key(s, s->args->needs[i].text),
				.fact = &s->facts->list[i],
			};
	if (o->n)
		qsort(o->list, o->n, sizeof(*o->list), by_key);
	return 0;
}

/* A database that could not be asked may own any place. */
static int tell(struct owners *o, const struct packages *p)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n; i++)
		if (o->list[i].fact->place.exists)
			rc = survey_why(o->s, o->list[i].fact, "whether a package owns it "
			                "is not known; asking the %s packages of the "
			                "root: %s", p->ecosystem, p->why);
	return rc;
}

static int finish(struct owners *o, int rc)
{
	for (size_t i = 0; i < o->n; i++) {
		struct fact_place *place = &o->list[i].fact->place;
		texts_settle(&o->list[i].others);
		if (rc == 0)
			rc = texts_give(&o->list[i].others, o->s->mem, &place->others,
			                &place->n_others);
		texts_finish(&o->list[i].others);
	}
	return rc;
}

int owners_find(struct survey *s, const struct packages *lists, size_t n)
{
	struct owners o = {.s = s};
	int rc = gather(&o);

	if (o.n == 0)
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
