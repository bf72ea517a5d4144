/* SPDX-License-Identifier: Apache-2.0 */
/* A form that was filled in, for machines: "debar/paper/1",
 * doc/paper.schema.json. */
#include "report/filing.h"
#include "report/json_emit.h"

static const char *const states[] = {
	[FILING_SAID] = "said",
	[FILING_GAP] = "gap",
	[FILING_EMPTY] = "empty",
};

static void texts(struct json *j, const char *key, const struct slice *list, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_emit_text(j, NULL, list[i]);
	json_close(j, ']');
}

static void value(struct json *j, const struct filing_value *v)
{
	json_open(j, NULL, '{');
	json_cstr(j, "id", v->field->id);
	json_cstr(j, "label", v->field->label);
	json_cstr(j, "clause", v->field->clause);
	json_cstr(j, "state", states[v->state]);
	texts(j, "value", v->lines, v->state == FILING_SAID ? v->n_lines : 0);
	if (v->state != FILING_SAID && v->n_lines)
		json_bytes(j, "fill_in", v->lines[0]);
	json_close(j, '}');
}

static void parts(struct json *j, const struct filing *f)
{
	json_open(j, "parts", '[');
	for (size_t i = 0; i < f->n_parts; i++) {
		const struct filing_part *p = &f->parts[i];
		json_open(j, NULL, '{');
		json_cstr(j, "heading", p->part->heading);
		json_cstr(j, "clause", p->part->clause);
		texts(j, "none", p->none, p->n_none);
		json_open(j, "groups", '[');
		for (size_t g = 0; g < p->n_groups; g++) {
			json_open(j, NULL, '{');
			json_bytes(j, "of", p->groups[g].title);
			json_open(j, "fields", '[');
			for (size_t k = 0; k < p->part->n_fields; k++)
				value(j, &p->groups[g].values[k]);
			json_close(j, ']');
			json_close(j, '}');
		}
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void articles(struct json *j, const char *key, const struct filing *f,
                     const struct known_article *const *list, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++) {
		const struct known_article *a = list[i];
		const struct known_source *s = &f->known->sources[a->source];
		const struct known_verdict *v = known_verdict(f->known, a);
		json_open(j, NULL, '{');
		json_bytes(j, "name", a->name);
		json_bytes(j, "version", a->version);
		json_bytes(j, "entity", a->entity);
		json_bytes(j, "host", s->host);
		json_bytes(j, "source", s->path);
		json_bytes(j, "because", v->because);
		json_bytes(j, "clause", v->clause);
		json_bytes(j, "carve_out", v->carve_out);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void coverage(struct json *j, const struct known_coverage *c)
{
	json_open(j, "coverage", '{');
	json_bool(j, "complete", c->complete);
	json_number(j, "items", c->items);
	json_number(j, "examined", c->examined);
	json_number(j, "not_examined", c->unread);
	json_open(j, "incomplete", '[');
	for (size_t i = 0; i < c->n_list; i++) {
		json_open(j, NULL, '{');
		json_bytes(j, "path", c->list[i].path);
		json_cstr(j, "why", why_name(c->list[i].why));
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static int json_write(const struct filing *f, const struct report_style *style, FILE *out)
{
	const struct form *form = f->known->form;
	struct json j;

	(void)style;
	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	json_cstr(&j, "schema", "debar/paper/1");
	json_open(&j, "tool", '{');
	json_cstr(&j, "name", "debar");
	json_cstr(&j, "version", f->known->version);
	json_close(&j, '}');
	json_bytes(&j, "packs_sha256", f->known->packs_sha256);
	json_cstr(&j, "form", form->id);
	json_cstr(&j, "title", form->title);
	json_cstr(&j, "order", f->known->order->id);
	json_cstr(&j, "clause", form->clause);
	json_bytes(&j, "day", f->known->day);
	json_number(&j, "required", f->n_required);
	json_number(&j, "gaps", f->n_gaps);
	texts(&j, "result", f->result, f->n_result);
	parts(&j, f);
	articles(&j, "review", f, f->review, f->n_review);
	articles(&j, "excluded", f, f->excluded, f->n_excluded);
	coverage(&j, &f->known->coverage);
	json_close(&j, '}');
	return json_finish(&j);
}

const struct filing_form filing_json = {.name = "json", .write = json_write};
