/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of the plan by their path and by their inode. */
#include <errno.h>
#include <stdlib.h>

#include "remove/engine.h"

static const struct object *object_of(const struct removal *r, struct ref ref)
{
	return object_at(r, ref.step, ref.object);
}

static int in_plan_order(struct ref a, struct ref b)
{
	if (a.step != b.step)
		return a.step < b.step ? -1 : 1;
	return (a.object > b.object) - (a.object < b.object);
}

static int cmp_path(const void *pa, const void *pb, void *ctx)
{
	const struct ref *a = pa, *b = pb;
	int c = slice_cmp(object_of(ctx, *a)->path, object_of(ctx, *b)->path);

	return c ? c : in_plan_order(*a, *b);
}

static int cmp_identity(const struct object *a, const struct object *b)
{
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return (a->inode > b->inode) - (a->inode < b->inode);
}

static int cmp_inode(const void *pa, const void *pb, void *ctx)
{
	const struct ref *a = pa, *b = pb;
	int c = cmp_identity(object_of(ctx, *a), object_of(ctx, *b));

	return c ? c : in_plan_order(*a, *b);
}

static bool several_names(const struct object *o)
{
	return o->type != OBJECT_FOLDER && o->links > 1;
}

static bool acts(const struct step *s)
{
	return s->kind == STEP_TAKE || s->kind == STEP_TRUST;
}

/* Those objects of steps that take for which pick() holds (NULL: all). */
static int list_refs(struct removal *r, bool (*pick)(const struct object *o),
                     int (*cmp)(const void *, const void *, void *), struct ref **ret,
                     size_t *ret_n)
{
	struct ref *list = malloc((r->n_objects + 1) * sizeof(*list));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (uint32_t s = 0; s < r->plan->n_steps; s++) {
		for (uint32_t o = 0; acts(&r->plan->steps[s]) &&
		                     o < r->plan->steps[s].n_objects; o++) {
			if (!pick || pick(object_at(r, s, o)))
				list[n++] = (struct ref){s, o};
		}
	}
	qsort_r(list, n, sizeof(*list), cmp, r);
	*ret = list;
	*ret_n = n;
	return 0;
}

/* The first in list that is not below, by cmp(ctx, ref). */
static size_t lower_bound(const struct removal *r, const struct ref *list, size_t n,
                          int (*cmp)(const struct object *a, const void *key),
                          const void *key)
{
	size_t from = 0;

	while (n > 0) {
		size_t half = n / 2;
		if (cmp(object_of(r, list[from + half]), key) < 0) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}

static void run_of(const struct removal *r, const struct ref *list, size_t n,
                   int (*cmp)(const struct object *a, const void *key),
                   const void *key, const struct ref **ret, size_t *ret_n)
{
	size_t from = lower_bound(r, list, n, cmp, key), to = from;

	while (to < n && cmp(object_of(r, list[to]), key) == 0)
		to++;
	*ret = list + from;
	*ret_n = to - from;
}

static int cmp_to_path(const struct object *a, const void *key)
{
	const struct slice *path = key;

	return slice_cmp(a->path, *path);
}

static int cmp_to_inode(const struct object *a, const void *key)
{
	return cmp_identity(a, key);
}

int find_path(struct removal *r, struct slice path, const struct ref **ret,
              size_t *ret_n)
{
	if (!r->by_path) {
		int err = list_refs(r, NULL, cmp_path, &r->by_path, &r->n_by_path);
		if (err < 0)
			return err;
	}
	run_of(r, r->by_path, r->n_by_path, cmp_to_path, &path, ret, ret_n);
	return 0;
}

int find_twins(struct removal *r, const struct object *o, const struct ref **ret,
               size_t *ret_n)
{
	*ret_n = 0;
	if (!several_names(o))
		return 0;
	if (!r->by_inode) {
		int err = list_refs(r, several_names, cmp_inode, &r->by_inode,
		                    &r->n_by_inode);
		if (err < 0)
			return err;
	}
	run_of(r, r->by_inode, r->n_by_inode, cmp_to_inode, o, ret, ret_n);
	return 0;
}

void find_finish(struct removal *r)
{
	free(r->by_path);
	free(r->by_inode);
}
