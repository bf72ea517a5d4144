/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live report as articles. It says of each field what article_read.c would
 * read back from the JSON of the same report.
 */
#include <errno.h>

#include "export/export.h"

/* A path inside an item is one text in a report and a list in an article. */
static bool add_member(struct arena *mem, struct slice member, struct slice **ret, size_t *ret_n)
{
	if (member.n == 0)
		return true;
	*ret = arena_zalloc(mem, 1, sizeof(**ret));
	if (!*ret)
		return false;
	(*ret)[0] = member;
	*ret_n = 1;
	return true;
}

static bool add_words(struct arena *mem, const struct finding *f, struct article *ret)
{
	ret->words = arena_zalloc(mem, f->n_verdicts, sizeof(*ret->words));
	ret->n_words = ret->words ? f->n_verdicts : 0;
	for (size_t i = 0; i < ret->n_words; i++)
		if (!export_word(&f->verdicts[i], mem, &ret->words[i]))
			return false;
	return ret->words != NULL;
}

static bool add_evidence(struct arena *mem, const struct finding *f, struct article *ret)
{
	ret->evidence = arena_zalloc(mem, f->n_evidence, sizeof(*ret->evidence));
	ret->n_evidence = ret->evidence ? f->n_evidence : 0;
	for (size_t i = 0; i < ret->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];
		struct article_evidence *to = &ret->evidence[i];
		*to = (struct article_evidence){
			.attr = slice_str(attr_name(e->attr)),
			.value = e->value,
			.path = e->path,
			.mark = slice_str(e->mark->id),
			.mark_source = slice_str(e->mark->source),
			.capped = slice_str(e->capped),
			.member = e->member.n > 0,
			.offset = e->offset,
			.length = e->length,
			.verified = e->verified,
			.state = e->state,
			.strength = e->strength,
		};
		if (!add_member(mem, e->member, &to->members, &to->n_members))
			return false;
	}
	return ret->evidence != NULL;
}

int export_article(const struct finding *f, struct arena *mem, struct article *ret)
{
	*ret = (struct article){
		.id = slice_str(f->id),
		.entity = slice_str(f->entity->id),
		.name = f->name,
		.version = f->version,
		.source = f->source,
		.ecosystem = f->ecosystem,
		.kind = f->kind,
		.state = f->state,
		.basis = f->basis,
		.strength = f->strength,
		.n_more = f->n_more,
	};
	return add_words(mem, f, ret) && add_evidence(mem, f, ret) ? 0 : -ENOMEM;
}

static bool add_findings(struct articles *a, const struct report *r)
{
	a->list = arena_zalloc(&a->mem, r->n_findings, sizeof(*a->list));
	for (size_t i = 0; a->list && i < r->n_findings; i++)
		if (export_article(&r->findings[i], &a->mem, &a->list[a->n++]) < 0)
			return false;
	return a->list != NULL;
}

static bool add_sources(struct articles *a, const struct report *r)
{
	a->sources = arena_zalloc(&a->mem, r->n_sources, sizeof(*a->sources));
	a->n_sources = a->sources ? r->n_sources : 0;
	for (size_t i = 0; i < a->n_sources; i++) {
		const struct report_source *s = &r->sources[i];
		a->sources[i] = (struct article_source){
			.id = s->id,
			.kind = slice_str(s->kind),
			.path = s->path,
			.host = slice_str(s->host),
			.started = slice_str(s->started),
			.finished = slice_str(s->finished),
		};
	}
	return a->sources != NULL;
}

static bool add_unread(struct articles *a, const struct coverage *c)
{
	struct article_coverage *to = &a->coverage;

	to->unread = arena_zalloc(&a->mem, c->n_incomplete, sizeof(*to->unread));
	to->skipped = arena_zalloc(&a->mem, c->n_skipped, sizeof(*to->skipped));
	if (!to->unread || !to->skipped)
		return false;
	for (size_t i = 0; i < c->n_incomplete; i++) {
		const struct incomplete *from = &c->incomplete[i];
		struct article_unread *u = &to->unread[to->n_unread++];
		*u = (struct article_unread){
			.source = from->source, .path = from->path, .why = from->why};
		if (!add_member(&a->mem, from->member, &u->members, &u->n_members))
			return false;
	}
	for (size_t i = 0; i < c->n_skipped; i++)
		to->skipped[to->n_skipped++] = (struct article_unread){
			.source = c->skipped[i].source,
			.path = c->skipped[i].path,
			.words = slice_str(c->skipped[i].words),
		};
	return true;
}

static bool add_coverage(struct articles *a, const struct report *r)
{
	const struct coverage *c = &r->coverage;

	a->complete = c->complete;
	a->coverage = (struct article_coverage){
		.items = c->items,
		.bytes = c->bytes,
		.examined = c->examined,
		.deep = c->deep,
		.interrupted = r->interrupted,
	};
	memcpy(a->coverage.by_why, c->by_why, sizeof(c->by_why));
	return add_unread(a, c);
}

static bool add_head(struct articles *a, const struct report *r)
{
	a->tool = SLICE("debar");
	a->tool_version = slice_str(r->version);
	a->packs_sha256 = slice_str(r->pack->sha256);
	a->mentions = r->mentions;
	a->orders = arena_zalloc(&a->mem, r->n_orders, sizeof(*a->orders));
	a->n_orders = a->orders ? r->n_orders : 0;
	for (size_t i = 0; i < a->n_orders; i++)
		a->orders[i] = slice_str(r->orders[i]->id);
	return a->orders != NULL;
}

int export_gather(const struct report *r, struct articles *ret)
{
	struct articles a = {0};

	arena_init(&a.mem, 0);
	if (!add_head(&a, r) || !add_sources(&a, r) || !add_findings(&a, r) ||
	    !add_coverage(&a, r)) {
		articles_finish(&a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}
