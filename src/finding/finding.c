/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set of findings as it is filled: hits are copied in by any thread and
 * kept until join.c settles them.
 */
#include <errno.h>
#include <stdlib.h>

#include "finding/join.h"

enum { HITS_FIRST = 64 };

struct findings *findings_new(const struct pack *pack)
{
	struct findings *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->pack = pack;
	arena_init(&f->mem, 0);
	intern_init(&f->strings, &f->mem);
	if (pthread_mutex_init(&f->lock, NULL) != 0) {
		free(f);
		return NULL;
	}
	return f;
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	pthread_mutex_destroy(&f->lock);
	intern_finish(&f->strings);
	arena_finish(&f->mem);
	free(f->hits);
	free(f);
}

static bool keep(struct findings *f, struct slice s, struct slice *ret)
{
	*ret = intern(&f->strings, s);
	return ret->p != NULL;
}

static bool copy_hit(struct findings *f, const struct finding_input *in,
                     struct kept *k)
{
	const struct record *r = in->record;
	const struct claim *c = in->claim;
	struct slice ecosystem;

	*k = (struct kept){
		.source = in->source,
		.scope = r->scope,
		.kind = in->mark->kind ? in->mark->kind : r->kind,
		.record_state = r->state,
		.ev = {.attr = c->attr, .offset = c->offset,
		       .length = c->length, .verified = c->verified,
		       .mark = in->mark},
	};
	bool ok = keep(f, slice_str(r->ecosystem), &ecosystem) &&
	          keep(f, r->name, &k->name) &&
	          keep(f, r->version, &k->version) &&
	          keep(f, r->root, &k->root) && keep(f, in->path, &k->ev.path) &&
	          keep(f, record_maker(r), &k->maker) &&
	          keep(f, c->value, &k->ev.value) &&
	          keep(f, c->member, &k->ev.member);
	k->ecosystem = (const char *)ecosystem.p;
	return ok;
}

static int add(struct findings *f, const struct finding_input *in)
{
	if (f->n_hits >= FINDINGS_MAX || f->mem.used_bytes >= HITS_BYTES_MAX)
		return -E2BIG;
	if (f->n_hits == f->hits_size) {
		size_t size = f->hits_size ? f->hits_size * 2 : HITS_FIRST;
		struct kept *hits =
			reallocarray(f->hits, size, sizeof(*hits));
		if (!hits)
			return -ENOMEM;
		f->hits = hits;
		f->hits_size = size;
	}
	if (!copy_hit(f, in, &f->hits[f->n_hits]))
		return -ENOMEM;
	f->n_hits++;
	return 0;
}

int findings_add(struct findings *f, const struct finding_input *input)
{
	pthread_mutex_lock(&f->lock);
	int r = add(f, input);
	pthread_mutex_unlock(&f->lock);
	return r;
}

const struct finding *findings_list(const struct findings *f, size_t *ret_n)
{
	*ret_n = f->n_list;
	return f->list;
}

static int by_part(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;
	int c = CMP(a->scope != SCOPE_PART, b->scope != SCOPE_PART);

	c = c ? c : CMP(a->source, b->source);
	c = c ? c : slice_cmp(a->name, b->name);
	return c ? c : CMP(a->ev.mark->entity, b->ev.mark->entity);
}

void findings_parts(const struct findings *f,
                    void (*fn)(void *ctx, uint32_t source, struct slice package,
                               const struct entity *entity),
                    void *ctx)
{
	size_t n = f->n_hits;

	if (n == 0)
		return;
	/* The order of hits means nothing until they are settled. fn may add
	 * more: they go behind the n that are looked at here. */
	qsort(f->hits, n, sizeof(*f->hits), by_part);
	for (size_t i = 0; i < n && f->hits[i].scope == SCOPE_PART; i++) {
		struct kept *k = &f->hits[i];
		if (i > 0 && by_part(k - 1, k) == 0)
			continue;
		fn(ctx, k->source, k->name,
		   &f->pack->entities[k->ev.mark->entity]);
	}
}
