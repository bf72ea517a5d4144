/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and entities as JSON, all that packs say of them. */
#include "base/text.h"
#include "cmd/orders_print.h"

static void json_key(struct str *out, const char *key)
{
	if (out->n && out->p[out->n - 1] != '{')
		str_puts(out, ", ");
	text_json(out, slice_str(key));
	str_puts(out, ": ");
}

/* A member that is left out when there is nothing to say. */
static void json_text(struct str *out, const char *key, const char *value)
{
	if (!value)
		return;
	json_key(out, key);
	text_json(out, slice_str(value));
}

static void json_texts(struct str *out, const char *key, const char *const *list,
                       size_t n)
{
	json_key(out, key);
	str_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		str_puts(out, i ? ", " : "");
		text_json(out, slice_str(list[i]));
	}
	str_putc(out, ']');
}

static void json_terms(struct str *out, const char *key, const struct term_list *list)
{
	if (!list->n)
		return;
	json_key(out, key);
	str_putc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		str_puts(out, i ? ", " : "");
		text_json(out, slice_str(list->list[i]->id));
	}
	str_putc(out, ']');
}

static void json_verbs(struct str *out, unsigned verbs)
{
	json_key(out, "bans");
	str_putc(out, '[');
	for (int v = 0, n = 0; v < VERB_COUNT; v++)
		if (verbs >> v & 1) {
			str_puts(out, n++ ? ", " : "");
			text_json(out, slice_str(verb_name((enum verb)v)));
		}
	str_putc(out, ']');
}

static void json_clause_id(struct str *out, const struct clause *clause)
{
	json_text(out, "clause", clause ? clause->id : NULL);
}

static void json_question(struct str *out, const struct term *question)
{
	json_text(out, "question", question ? question->id : NULL);
}

static void json_entity(struct str *out, const struct pack *pack, const struct order_entity *of)
{
	const struct entity *e = &pack->entities[of->entity];

	json_text(out, "id", e->id);
	json_text(out, "name", e->name);
	json_text(out, "purpose", of->purpose);
	json_question(out, of->question);
}

static void json_category(struct str *out, const struct category_rule *rule)
{
	json_text(out, "category", rule->category->id);
	if (rule->n_produced_in)
		json_texts(out, "produced_in", rule->produced_in, rule->n_produced_in);
	if (rule->n_not_produced_in)
		json_texts(out, "not_produced_in", rule->not_produced_in,
		           rule->n_not_produced_in);
	json_key(out, "allowed_models");
	str_printf(out, "%zu", rule->n_allowed);
	json_text(out, "because", rule->because);
	json_clause_id(out, rule->clause);
}

static void json_binding(struct str *out, const struct binding *b)
{
	json_terms(out, "who", &b->who);
	if (b->n_holding)
		json_texts(out, "holding", b->holding, b->n_holding);
	json_terms(out, "systems", &b->systems);
	json_terms(out, "not_systems", &b->not_systems);
	if (b->bans)
		json_verbs(out, b->bans);
	json_text(out, "since", b->since);
	json_clause_id(out, b->clause);
}

static void json_clause(struct str *out, const struct clause *c)
{
	json_text(out, "id", c->id);
	json_text(out, "cite", c->cite);
	json_text(out, "text", c->text);
}

static void json_period(struct str *out, const struct order_period *p)
{
	json_text(out, "is", order_state_name(p->state));
	json_text(out, "since", p->since);
	json_text(out, "until", p->until);
	json_text(out, "by", p->by);
	json_text(out, "because", p->because);
	json_text(out, "source", p->source);
}

static void json_scope(struct str *out, const struct order *o)
{
	json_key(out, "scope");
	str_putc(out, '{');
	for (size_t i = 0; i < SCOPE_SIDES; i++) {
		const struct scope_rule *rule = scope_side(o, i);
		json_key(out, scope_side_name(i));
		str_putc(out, '{');
		json_text(out, "is", scope_word_name(rule->word));
		json_text(out, "because", rule->because);
		json_question(out, rule->question);
		json_clause_id(out, rule->clause);
		str_putc(out, '}');
	}
	str_putc(out, '}');
}

static void json_slices(struct str *out, const char *key, const struct slice *list, size_t n)
{
	json_key(out, key);
	str_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		str_puts(out, i ? ", " : "");
		text_json(out, list[i]);
	}
	str_putc(out, ']');
}

static void json_carve_out(struct str *out, const struct pack *pack,
                           const struct carve_out *c)
{
	json_text(out, "id", c->id);
	json_text(out, "text", c->text);
	json_slices(out, "articles", c->articles, c->n_articles);
	json_key(out, "marks");
	str_putc(out, '[');
	for (size_t i = 0; i < c->n_marks; i++) {
		str_puts(out, i ? ", " : "");
		text_json(out, slice_str(pack->marks[c->marks[i]].id));
	}
	str_putc(out, ']');
	json_question(out, c->question);
	json_clause_id(out, c->clause);
}

/* "key": [{...}, ...], each by `write`. */
#define JSON_LIST(out, key, list, n, write) \
	do { \
		json_key(out, key); \
		str_putc(out, '['); \
		for (size_t i_ = 0; i_ < (n); i_++) { \
			str_puts(out, i_ ? ", {" : "{"); \
			write; \
			str_putc(out, '}'); \
		} \
		str_putc(out, ']'); \
	} while (0)

static void json_clock(struct str *out, const struct clock *c)
{
	struct str when = {0};

	clock_words(&when, c);
	json_text(out, "id", c->id);
	json_text(out, "what", c->what);
	json_text(out, "when", when.p ? when.p : "");
	json_terms(out, "who", &c->who);
	json_text(out, "form", c->form);
	json_clause_id(out, c->clause);
	out->failed |= when.failed;
	str_finish(&when);
}

static void json_family(struct str *out, const struct family_rule *f)
{
	json_key(out, "relatives");
	str_putc(out, '{');
	json_key(out, "relations");
	str_putc(out, '[');
	for (int r = 0, n = 0; r < REL_COUNT; r++)
		if (f->relations >> r & 1) {
			str_puts(out, n++ ? ", " : "");
			text_json(out, slice_str(relation_name((enum relation)r)));
		}
	str_putc(out, ']');
	json_key(out, "percent");
	str_printf(out, "%d", f->percent);
	json_text(out, "share", f->percent < 0 ? NULL : f->more ? "more than" : "at least");
	json_key(out, "control");
	str_puts(out, f->control ? "true}" : "false}");
}

static void json_order(struct str *out, const struct pack *pack, const struct order *o)
{
	str_puts(out, "  {");
	json_text(out, "id", o->id);
	json_text(out, "title", o->title);
	json_text(out, "issuer", o->issuer);
	json_text(out, "authority", o->authority);
	json_text(out, "country", o->country);
	json_texts(out, "cites", o->cites, o->n_cites);
	json_text(out, "issued", o->issued);
	json_text(out, "effective", o->effective);
	json_text(out, "until", o->until);
	JSON_LIST(out, "history", o->history, o->n_history,
	          json_period(out, &o->history[i_]));
	json_verbs(out, o->bans);
	json_text(out, "applies_to", o->applies_to);
	JSON_LIST(out, "binds", o->bindings, o->n_bindings,
	          json_binding(out, &o->bindings[i_]));
	JSON_LIST(out, "clauses", o->clauses, o->n_clauses, json_clause(out, &o->clauses[i_]));
	JSON_LIST(out, "entities", o->entities, o->n_entities,
	          json_entity(out, pack, &o->entities[i_]));
	JSON_LIST(out, "categories", o->categories, o->n_categories,
	          json_category(out, &o->categories[i_]));
	json_scope(out, o);
	JSON_LIST(out, "carve_outs", o->carve_outs, o->n_carve_outs,
	          json_carve_out(out, pack, &o->carve_outs[i_]));
	json_family(out, &o->family);
	JSON_LIST(out, "clocks", o->clocks, o->n_clocks, json_clock(out, &o->clocks[i_]));
	json_texts(out, "forms", o->forms, o->n_forms);
	json_text(out, "action", o->action);
	json_text(out, "note", o->note);
	json_texts(out, "sources", o->sources, o->n_sources);
	str_putc(out, '}');
}

static void json_entity_whole(struct str *out, const struct entity *e)
{
	json_text(out, "id", e->id);
	json_text(out, "name", e->name);
	json_text(out, "country", e->country);
	JSON_LIST(out, "names", e->names, e->n_names,
	          (json_text(out, "name", e->names[i_].name),
	           json_text(out, "since", e->names[i_].since),
	           json_text(out, "until", e->names[i_].until)));
	JSON_LIST(out, "family", e->family, e->n_family,
	          (json_text(out, "relation", relation_name(e->family[i_].relation)),
	           json_text(out, "name", e->family[i_].name),
	           json_text(out, "since", e->family[i_].since),
	           json_text(out, "until", e->family[i_].until),
	           json_key(out, "percent"), str_printf(out, "%d", e->family[i_].percent)));
}

void orders_print_json(struct str *out, const struct pack *pack)
{
	str_puts(out, "{\"schema\": \"debar/orders/1\", \"packs\": {\"sha256\": ");
	text_json(out, slice_str(pack->sha256));
	str_puts(out, "}, \"orders\": [\n");
	for (size_t i = 0; i < pack->n_orders; i++) {
		json_order(out, pack, &pack->orders[i]);
		str_puts(out, i + 1 < pack->n_orders ? ",\n" : "\n");
	}
	str_puts(out, "], \"entities\": [\n");
	for (size_t i = 0; i < pack->n_entities; i++) {
		str_puts(out, "  {");
		json_entity_whole(out, &pack->entities[i]);
		str_puts(out, i + 1 < pack->n_entities ? "},\n" : "}\n");
	}
	str_puts(out, "]}\n");
}
