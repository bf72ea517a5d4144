/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format json: one document, as doc/findings.schema.json says. A member that
 * is not in the schema may not be written.
 */
#include "report/json.h"

#include "report/changes.h"

void json_opening(struct json *j, const struct json_opening *o)
{
	json_cstr(j, "schema", o->schema);
	json_open(j, "tool", '{');
	json_cstr(j, "name", "debar");
	json_cstr(j, "version", o->version);
	json_close(j, '}');
	json_open(j, "packs", '{');
	json_cstr(j, "sha256", o->pack->sha256);
	json_open(j, "orders", '[');
	for (size_t i = 0; i < o->n_orders; i++)
		json_cstr(j, NULL, o->orders[i]->id);
	json_close(j, ']');
}

void json_about(struct json *j, const struct report *r)
{
	json_opening(j, &(struct json_opening){
		.schema = "debar/findings/1",
		.version = r->version,
		.pack = r->pack,
		.orders = r->orders,
		.n_orders = r->n_orders,
	});
	json_close(j, '}');
}

void json_source(struct json *j, const struct report_source *s)
{
	json_number(j, "id", s->id);
	json_cstr(j, "kind", s->kind);
	json_bytes(j, "path", s->path);
	json_cstr(j, "host", s->host);
	json_cstr(j, "started", s->started);
	json_cstr(j, "finished", s->finished);
}

static void article(struct json *j, const struct finding *f)
{
	json_open(j, "article", '{');
	json_cstr(j, "kind", kind_name(f->kind));
	json_bytes(j, "name", f->name);
	json_bytes(j, "version", f->version);
	json_cstr(j, "state", state_name(f->state));
	json_cstr(j, "ecosystem", f->ecosystem);
	json_close(j, '}');
}

void json_verdicts(struct json *j, const struct finding *f)
{
	json_open(j, "verdicts", '[');
	for (size_t i = 0; i < f->n_verdicts; i++) {
		const struct verdict *v = &f->verdicts[i];
		json_open(j, NULL, '{');
		json_cstr(j, "order", v->order->id);
		json_cstr(j, "verdict", verdict_name(v->word));
		json_cstr(j, "because", v->because);
		if (v->clause)
			json_cstr(j, "clause", v->clause->id);
		if (v->carve_out)
			json_cstr(j, "carve_out", v->carve_out->id);
		if (v->n_facts) {
			json_open(j, "facts", '[');
			for (size_t k = 0; k < v->n_facts; k++)
				json_cstr(j, NULL, v->facts[k]);
			json_close(j, ']');
		}
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void evidence(struct json *j, const struct evidence *e)
{
	json_open(j, NULL, '{');
	json_cstr(j, "attr", attr_name(e->attr));
	json_bytes(j, "value", e->value);
	json_bytes(j, "path", e->path);
	json_member(j, "member", e->member);
	json_number(j, "offset", e->offset);
	json_number(j, "length", e->length);
	json_bool(j, "verified", e->verified);
	json_cstr(j, "mark", e->mark->id);
	json_cstr(j, "mark_source", e->mark->source);
	json_cstr(j, "state", state_name(e->state));
	json_cstr(j, "basis", basis_name(e->basis));
	json_cstr(j, "strength", strength_name(e->strength));
	if (e->capped)
		json_cstr(j, "capped", e->capped);
	json_close(j, '}');
}

void json_all_evidence(struct json *j, const struct finding *f)
{
	json_open(j, "evidence", '[');
	for (size_t i = 0; i < f->n_evidence; i++)
		evidence(j, &f->evidence[i]);
	json_close(j, ']');
	if (f->n_more)
		json_number(j, "evidence_more", f->n_more);
}

void json_finding(struct json *j, const struct finding *f)
{
	json_cstr(j, "id", f->id);
	json_cstr(j, "entity", f->entity->id);
	json_number(j, "source", f->source);
	article(j, f);
	json_cstr(j, "basis", basis_name(f->basis));
	json_cstr(j, "strength", strength_name(f->strength));
	json_verdicts(j, f);
	json_all_evidence(j, f);
}

void json_incomplete(struct json *j, const struct incomplete *i)
{
	json_bytes(j, "path", i->path);
	json_member(j, "member", i->member);
	json_cstr(j, "why", why_name(i->why));
	json_number(j, "source", i->source);
}

void json_mention(struct json *j, const struct mention *m)
{
	json_bytes(j, "path", m->path);
	json_cstr(j, "entity", m->entity->id);
	json_number(j, "count", m->count);
	json_number(j, "source", m->source);
}

void json_change(struct json *j, const struct change *c)
{
	json_cstr(j, "change", change_word_name(c->word));
	json_cstr(j, "kind", change_kind_name(c->kind));
	json_cstr(j, "ecosystem", c->ecosystem);
	json_bytes(j, "name", c->name);
	json_bytes(j, "version", c->version);
	if (c->was.n)
		json_bytes(j, "was", c->was);
	json_bytes(j, "path", c->path);
	json_number(j, "source", c->source);
}

void json_changes(struct json *j, const struct report *r, bool list)
{
	const struct changes *c = r->changes;

	if (!c)
		return;
	json_open(j, "changes", '{');
	json_cstr(j, "since", c->since);
	for (int word = CHANGE_APPEARED; word <= CHANGE_CHANGED; word++)
		json_number(j, change_word_name((enum change_word)word),
		            changes_count(c, (enum change_word)word));
	json_number(j, "files", c->files);
	json_number(j, "new_sources", c->fresh);
	json_number(j, "more", c->more);
	if (list) {
		json_open(j, "list", '[');
		for (size_t i = 0; i < c->n; i++) {
			json_open(j, NULL, '{');
			json_change(j, &c->list[i]);
			json_close(j, '}');
		}
		json_close(j, ']');
	}
	json_close(j, '}');
}

static void by_why(struct json *j, const struct coverage *c)
{
	json_open(j, "by_why", '{');
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		if (c->by_why[why])
			json_number(j, why_name((enum why)why), c->by_why[why]);
	json_close(j, '}');
}

static void skipped(struct json *j, const struct coverage *c)
{
	json_open(j, "skipped", '[');
	for (size_t i = 0; i < c->n_skipped; i++) {
		json_open(j, NULL, '{');
		json_bytes(j, "path", c->skipped[i].path);
		json_cstr(j, "because", c->skipped[i].words);
		json_number(j, "source", c->skipped[i].source);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void json_coverage(struct json *j, const struct report *r, bool list)
{
	const struct coverage *c = &r->coverage;

	json_bool(j, "complete", c->complete);
	json_number(j, "items", c->items);
	json_number(j, "bytes", c->bytes);
	json_number(j, "examined", c->examined);
	if (list) {
		json_open(j, "incomplete", '[');
		for (size_t i = 0; i < c->n_incomplete; i++) {
			json_open(j, NULL, '{');
			json_incomplete(j, &c->incomplete[i]);
			json_close(j, '}');
		}
		json_close(j, ']');
	}
	by_why(j, c);
	skipped(j, c);
	json_seconds(j, "seconds", c->seconds);
	json_bool(j, "deep", c->deep);
	json_bool(j, "interrupted", r->interrupted);
}

static void sources(struct json *j, const struct report *r)
{
	json_open(j, "sources", '[');
	for (size_t i = 0; i < r->n_sources; i++) {
		json_open(j, NULL, '{');
		json_source(j, &r->sources[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void findings(struct json *j, const struct report *r)
{
	json_open(j, "findings", '[');
	for (size_t i = 0; i < r->n_findings; i++) {
		json_open(j, NULL, '{');
		json_finding(j, &r->findings[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void mentions(struct json *j, const struct report *r)
{
	json_number(j, "mentions", r->mentions);
	json_number(j, "mentions_not_read", r->mute);
	if (!r->mention_list)
		return;
	json_open(j, "mention_list", '[');
	for (size_t i = 0; i < r->n_mention_list; i++) {
		json_open(j, NULL, '{');
		json_mention(j, &r->mention_list[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static int json_write(const struct report *r, const struct report_style *,
                      FILE *out)
{
	struct json j;

	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	json_about(&j, r);
	sources(&j, r);
	findings(&j, r);
	mentions(&j, r);
	json_changes(&j, r, true);
	json_open(&j, "coverage", '{');
	json_coverage(&j, r, true);
	json_close(&j, '}');
	json_close(&j, '}');
	return json_finish(&j);
}

const struct report_form report_json = {
	.name = "json",
	.write = json_write,
};
