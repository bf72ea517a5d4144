/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/sink.h"

#include <stdlib.h>

/* A record's values together; far above any honest one. */
enum { RECORD_BYTES_MAX = 4 * 1024 * 1024 };

struct sink {
	struct sink_args args;
	struct arena mem;
	struct record head;
	struct claim *claims; /* room for `size` */
	size_t n, size;
	bool open, over;      /* over: a limit was hit in this record */
};

struct sink *sink_new(const struct sink_args *args)
{
	struct sink *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->args = *args;
	arena_init(&s->mem, RECORD_BYTES_MAX);
	return s;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	arena_finish(&s->mem);
	free(s->claims);
	free(s);
}

void sink_unread(struct sink *s, enum why why, struct slice member)
{
	if (s->args.on_unread)
		s->args.on_unread(s->args.ctx, why, member);
}

static struct slice keep(struct sink *s, struct slice value, size_t most)
{
	struct slice copy = arena_copy(&s->mem, slice_first(value, most));
	if (!copy.p)
		s->over = true;
	return copy;
}

static void forget(struct sink *s)
{
	arena_reset(&s->mem);
	s->n = 0;
	s->open = s->over = false;
}

void sink_flush(struct sink *s)
{
	if (!s->open)
		return;
	s->head.claims = s->claims;
	s->head.n_claims = s->n;
	if (s->over)
		sink_unread(s, WHY_TOO_MANY, (struct slice){0});
	if (s->args.on_record)
		s->args.on_record(s->args.ctx, &s->head);
	forget(s);
}

void sink_record(struct sink *s, const struct record *head)
{
	sink_flush(s);
	s->open = true;
	s->head = *head;
	if (!s->head.ecosystem)
		s->head.ecosystem = "";
	s->head.name = keep(s, head->name, RECORD_NAME_MAX);
	s->head.version = keep(s, head->version, RECORD_NAME_MAX);
	s->head.root = keep(s, head->root, CLAIM_VALUE_MAX);
}

void sink_name(struct sink *s, struct slice name)
{
	s->head.name = keep(s, name, RECORD_NAME_MAX);
}

void sink_version(struct sink *s, struct slice version)
{
	s->head.version = keep(s, version, RECORD_NAME_MAX);
}

void sink_state(struct sink *s, enum state state)
{
	s->head.state = state;
}

void sink_drop(struct sink *s)
{
	forget(s);
}

static bool room(struct sink *s)
{
	if (s->n < s->size)
		return true;
	if (s->n == RECORD_CLAIMS_MAX)
		return false;
	size_t size = s->size ? s->size * 2 : 64;
	struct claim *claims = reallocarray(s->claims, size, sizeof(*claims));
	if (!claims)
		return false;
	s->claims = claims;
	s->size = size;
	return true;
}

void sink_claim(struct sink *s, const struct claim *claim)
{
	if (!s->open || claim->value.n == 0)
		return;
	if (!room(s)) {
		s->over = true;
		return;
	}
	struct claim *c = &s->claims[s->n];
	*c = *claim;
	c->value = keep(s, claim->value, CLAIM_VALUE_MAX);
	c->member = keep(s, claim->member, CLAIM_VALUE_MAX);
	if (c->value.p && c->member.p)
		s->n++;
}

void sink_text(struct sink *s, enum attr attr, struct slice value,
               uint64_t offset)
{
	sink_claim(s, &(struct claim){
			      .attr = attr,
			      .value = value,
			      .offset = offset,
			      .length = value.n,
		      });
}

void sink_owns(struct sink *s, struct slice path)
{
	if (s->args.on_owns && s->open)
		s->args.on_owns(s->args.ctx, &s->head, path);
}
