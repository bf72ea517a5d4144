/* SPDX-License-Identifier: Apache-2.0 */
/* A removal for machines: "debar/completion/1", doc/completion.schema.json. */
#include "report/completion.h"
#include "report/json_emit.h"

static const char *const tones[] = {
	[COMPLETION_GOOD] = "good",
	[COMPLETION_OPEN] = "open",
	[COMPLETION_BAD] = "bad",
};

static void texts(struct json *j, const char *key, const struct slice *list, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_emit_text(j, NULL, list[i]);
	json_close(j, ']');
}

static void steps(struct json *j, const struct completion *c)
{
	json_open(j, "steps", '[');
	for (size_t i = 0; i < c->n_steps; i++) {
		const struct completion_step *s = &c->steps[i];
		json_open(j, NULL, '{');
		json_cstr(j, "kind", s->kind);
		json_bytes(j, "name", s->name);
		json_bytes(j, "version", s->version);
		json_bytes(j, "entity", s->entity);
		json_cstr(j, "outcome", s->outcome);
		json_cstr(j, "tone", tones[s->tone]);
		json_bytes(j, "what", s->words);
		json_bytes(j, "why", slice_str(s->why));
		json_number(j, "taken", s->taken);
		json_bool(j, "back", s->back);
		json_number(j, "left", s->left);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "left", '[');
	for (size_t i = 0; i < c->n_left; i++) {
		json_open(j, NULL, '{');
		json_bytes(j, "name", c->left[i].name);
		json_bytes(j, "why", c->left[i].why);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void articles(struct json *j, const struct completion_verification *v)
{
	json_open(j, "articles", '[');
	for (size_t i = 0; i < v->n_articles; i++) {
		const struct completion_article *a = &v->articles[i];
		json_open(j, NULL, '{');
		json_cstr(j, "result", completion_word_name(a->word));
		json_bytes(j, "name", a->name);
		json_bytes(j, "version", a->version);
		json_bytes(j, "entity", a->entity);
		json_bytes(j, "path", a->path);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void fresh(struct json *j, const struct completion_verification *v)
{
	json_bool(j, "compared", v->compared);
	json_open(j, "new", '[');
	for (size_t i = 0; i < v->n_fresh; i++) {
		json_open(j, NULL, '{');
		json_cstr(j, "kind", v->fresh[i].kind);
		json_bytes(j, "name", v->fresh[i].name);
		json_bytes(j, "version", v->fresh[i].version);
		json_bytes(j, "path", v->fresh[i].path);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_number(j, "new_more", v->more_fresh);
}

static void coverage(struct json *j, const struct coverage *c)
{
	json_open(j, "coverage", '{');
	json_bool(j, "complete", c->complete);
	json_number(j, "items", c->items);
	json_number(j, "examined", c->examined);
	json_open(j, "incomplete", '[');
	for (size_t i = 0; i < c->n_incomplete; i++) {
		json_open(j, NULL, '{');
		json_bytes(j, "path", c->incomplete[i].path);
		json_cstr(j, "why", why_name(c->incomplete[i].why));
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static int json_write(const struct completion *c, const struct report_style *,
                      FILE *out)
{
	const struct completion_verification *v = &c->verification;
	struct json j;

	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	json_cstr(&j, "schema", "debar/completion/1");
	json_open(&j, "tool", '{');
	json_cstr(&j, "name", "debar");
	json_cstr(&j, "version", c->version);
	json_close(&j, '}');
	json_cstr(&j, "title", c->title);
	json_cstr(&j, "run", c->run);
	json_cstr(&j, "started", c->started);
	json_cstr(&j, "state", c->state);
	json_bytes(&j, "place", c->place);
	json_bytes(&j, "host", c->host);
	json_bytes(&j, "plan_sha256", c->plan_sha256);
	texts(&j, "orders", c->orders, c->n_orders);
	texts(&j, "approvals", c->approvals, c->n_approvals);
	steps(&j, c);
	if (v->done) {
		json_open(&j, "verification", '{');
		json_cstr(&j, "at", v->at);
		articles(&j, v);
		fresh(&j, v);
		coverage(&j, v->coverage);
		json_close(&j, '}');
	}
	texts(&j, "notes", c->notes, c->n_notes);
	json_close(&j, '}');
	return json_finish(&j);
}

const struct completion_form completion_json = {
	.name = "json",
	.write = json_write,
};
