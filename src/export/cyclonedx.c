/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CycloneDX 1.6 (ECMA-424) as JSON. Each article is a component, with where it
 * was found as evidence; what an order says of it is a claim about that
 * component, and what an order comes to as a whole an attestation:
 *
 *   an order              definitions.standards[], its clauses are requirements
 *   covered, review       claims[] with the evidence; in the attestation as
 *                         counter-claims: they speak against conformance
 *   excluded              claims[] that speak for it
 *   conformance           0 when something is covered; 1 only when nothing is,
 *                         nothing is to be reviewed and everything was examined;
 *                         otherwise no score, and the rationale says why
 *
 * Code of a maker inside somebody else's product is a component of its own below
 * that product, so that the product's maker is not said to be the banned one.
 */
#include <errno.h>

#include "base/text.h"
#include "export/put.h"

#define ORDER_REF "order:"

/* ---- small things ------------------------------------------------------ */

static void property(struct json *j, const char *name, struct str *value)
{
	json_open(j, NULL, '{');
	json_cstr(j, "name", name);
	put_json(j, "value", value);
	json_close(j, '}');
}

static void property_shown(struct json *j, const char *name, struct slice value)
{
	struct str text = {0};

	text_show(&text, value);
	property(j, name, &text);
}

static void property_cstr(struct json *j, const char *name, const char *value)
{
	property_shown(j, name, slice_str(value));
}

static void property_number(struct json *j, const char *name, uint64_t value)
{
	struct str text = {0};

	str_printf(&text, "%llu", (unsigned long long)value);
	property(j, name, &text);
}

/* The exact bytes of a text that is not UTF-8. */
static void property_base64(struct json *j, const char *name, struct slice value)
{
	struct str text = {0};

	if (text_is_utf8(value))
		return;
	text_base64(&text, value);
	property(j, name, &text);
}

/* References within the document: of a source, an article, a claim, a piece of
 * evidence. An article may be found on several sources. */
static void ref_source(struct json *j, const char *key, uint32_t source)
{
	struct str ref = {0};

	str_printf(&ref, "source:%u", source);
	put_json(j, key, &ref);
}

static void ref_article(struct json *j, const char *key, const char *kind,
                        const struct article *a, struct slice tail)
{
	struct str ref = {0};

	str_printf(&ref, "%s:%u:", kind, a->source);
	text_show(&ref, a->id);
	if (tail.n) {
		str_putc(&ref, ':');
		text_show(&ref, tail);
	}
	put_json(j, key, &ref);
}

static void ref_order(struct json *j, const char *key, struct slice order, struct slice clause)
{
	struct str ref = {0};

	str_puts(&ref, ORDER_REF);
	text_show(&ref, order);
	if (clause.n) {
		str_putc(&ref, ':');
		text_show(&ref, clause);
	}
	put_json(j, key, &ref);
}

static void organisation(struct json *j, const char *key, struct slice name)
{
	struct str text = {0};

	json_open(j, key, '{');
	text_show(&text, name);
	put_json(j, "name", &text);
	json_close(j, '}');
}

/* A number of hundredths; JSON has no locale. */
static void json_hundredths(struct json *j, const char *key, unsigned n)
{
	json_seconds(j, key, n / 100.0);
}

/* ---- components -------------------------------------------------------- */

static const char *component_type(const struct article *a)
{
	static const char *const libraries[] = {"npm", "pypi", "maven"};

	if (a->kind == ARTICLE_HARDWARE)
		return "device";
	for (size_t i = 0; i < COUNT_OF(libraries); i++)
		if (strcmp(a->ecosystem, libraries[i]) == 0)
			return "library";
	return "application";
}

/* How sure it is who made it, in hundredths. */
static unsigned confidence(enum strength strength)
{
	static const unsigned values[] = {
		[STRENGTH_WEAK] = 30, [STRENGTH_STRONG] = 80, [STRENGTH_PROVEN] = 100,
	};
	return values[strength];
}

/* By what the attribute's name begins with. */
static const struct {
	struct slice attr;
	const char *technique;
} techniques[] = {
	{{(const uint8_t *)"file.bytes", 10}, "binary-analysis"},
	{{(const uint8_t *)"signer.", 7}, "attestation"},
	{{(const uint8_t *)"kmod.signer", 11}, "attestation"},
	{{(const uint8_t *)"path", 4}, "filename"},
	{{(const uint8_t *)"directory", 9}, "filename"},
	{{(const uint8_t *)"source.", 7}, "source-code-analysis"},
	{{(const uint8_t *)"elf.", 4}, "binary-analysis"},
	{{(const uint8_t *)"go.", 3}, "binary-analysis"},
	{{(const uint8_t *)"rust.", 5}, "binary-analysis"},
	{{(const uint8_t *)"kmod.", 5}, "binary-analysis"},
	{{(const uint8_t *)"pe.", 3}, "binary-analysis"},
	{{(const uint8_t *)"dotnet.", 7}, "binary-analysis"},
	{{(const uint8_t *)"package.", 8}, "manifest-analysis"},
	{{(const uint8_t *)"npm.", 4}, "manifest-analysis"},
	{{(const uint8_t *)"pypi.", 5}, "manifest-analysis"},
	{{(const uint8_t *)"jar.", 4}, "manifest-analysis"},
	{{(const uint8_t *)"maven.", 6}, "manifest-analysis"},
	{{(const uint8_t *)"extension.", 10}, "manifest-analysis"},
};

static const char *technique(struct slice attr)
{
	for (size_t i = 0; i < COUNT_OF(techniques); i++)
		if (slice_starts(attr, techniques[i].attr))
			return techniques[i].technique;
	return "other";
}

static void methods(struct json *j, const struct article *a)
{
	json_open(j, "methods", '[');
	for (size_t i = 0; i < a->n_evidence; i++) {
		const struct article_evidence *e = &a->evidence[i];
		struct str value = {0};
		json_open(j, NULL, '{');
		json_cstr(j, "technique", technique(e->attr));
		json_hundredths(j, "confidence", confidence(e->strength));
		text_show(&value, e->attr);
		str_puts(&value, " = ");
		text_show(&value, e->value);
		put_json(j, "value", &value);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void occurrences(struct json *j, const struct article *a)
{
	json_open(j, "occurrences", '[');
	for (size_t i = 0; i < a->n_evidence; i++) {
		const struct article_evidence *e = &a->evidence[i];
		struct str text = {0};
		json_open(j, NULL, '{');
		put_place(&text, e->path, e->members, e->n_members);
		put_json(j, "location", &text);
		json_number(j, "offset", e->offset);
		str_puts(&text, "mark ");
		text_show(&text, e->mark);
		str_puts(&text, e->verified ? ", verified" : ", not verified");
		if (e->capped.n) {
			str_puts(&text, ", counts for less: ");
			text_show(&text, e->capped);
		}
		put_json(j, "additionalContext", &text);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void identity(struct json *j, const struct article *a)
{
	struct str name = {0};

	json_open(j, "identity", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "field", "name");
	json_hundredths(j, "confidence", confidence(a->strength));
	put_article(&name, a);
	put_json(j, "concludedValue", &name);
	methods(j, a);
	json_open(j, "tools", '[');
	json_cstr(j, NULL, "tool:debar");
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void component_properties(struct json *j, const struct article *a)
{
	const struct article_evidence *e = a->n_evidence ? &a->evidence[0] : NULL;

	json_open(j, "properties", '[');
	property_shown(j, "debar:finding", a->id);
	property_number(j, "debar:source", a->source);
	property_shown(j, "debar:entity", a->entity);
	property_cstr(j, "debar:kind", kind_name(a->kind));
	property_cstr(j, "debar:ecosystem", a->ecosystem);
	property_cstr(j, "debar:state", state_name(a->state));
	property_cstr(j, "debar:basis", basis_name(a->basis));
	property_cstr(j, "debar:strength", strength_name(a->strength));
	property_base64(j, "debar:name-base64", a->name);
	property_base64(j, "debar:version-base64", a->version);
	if (e)
		property_base64(j, "debar:path-base64", e->path);
	if (a->n_more)
		property_number(j, "debar:evidence-not-listed", a->n_more);
	json_close(j, ']');
}

/* The part that the maker's code is; it has no name of its own that we know. */
static void inner_part(struct json *j, const struct article *a, struct slice maker)
{
	struct str name = {0};

	json_open(j, "components", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "type", "library");
	ref_article(j, "bom-ref", "part", a, (struct slice){0});
	organisation(j, "manufacturer", maker);
	str_puts(&name, "code of ");
	text_show(&name, maker);
	put_json(j, "name", &name);
	json_close(j, '}');
	json_close(j, ']');
}

static void component(struct json *j, const struct export *x, const struct article *a)
{
	const struct export_maker *m = export_maker(x, a->entity);
	const struct slice maker = m ? m->name : a->entity;
	struct str text = {0};

	json_open(j, NULL, '{');
	json_cstr(j, "type", component_type(a));
	ref_article(j, "bom-ref", "article", a, (struct slice){0});
	if (a->basis == BASIS_PROVIDED)
		organisation(j, "supplier", maker);
	if (a->basis == BASIS_DEVELOPED)
		organisation(j, "manufacturer", maker);
	if (a->name.n)
		text_show(&text, a->name);
	else
		put_article(&text, a);
	put_json(j, "name", &text);
	if (a->version.n) {
		text_show(&text, a->version);
		put_json(j, "version", &text);
	}
	put_hand(&text, x, a);
	put_json(j, "description", &text);
	put_purl(&text, a);
	if (text.n)
		put_json(j, "purl", &text);
	if (a->basis == BASIS_IN_PART)
		inner_part(j, a, maker);
	json_open(j, "evidence", '{');
	identity(j, a);
	occurrences(j, a);
	json_close(j, '}');
	component_properties(j, a);
	json_close(j, '}');
	str_finish(&text);
}

static void provider(struct json *j, const struct export *x, const struct article *a)
{
	const struct export_maker *m = export_maker(x, a->entity);
	struct str text = {0};

	json_open(j, NULL, '{');
	ref_article(j, "bom-ref", "article", a, (struct slice){0});
	if (a->basis == BASIS_PROVIDED || a->basis == BASIS_DEVELOPED)
		organisation(j, "provider", m ? m->name : a->entity);
	if (a->name.n)
		text_show(&text, a->name);
	else
		put_article(&text, a);
	put_json(j, "name", &text);
	if (a->version.n) {
		text_show(&text, a->version);
		put_json(j, "version", &text);
	}
	put_hand(&text, x, a);
	put_json(j, "description", &text);
	component_properties(j, a);
	json_close(j, '}');
	str_finish(&text);
}

/* Services have a list of their own. */
static void articles(struct json *j, const struct export *x, const char *key, bool services)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < x->articles->n; i++) {
		const struct article *a = &x->articles->list[i];
		if (!export_wants(x, a) || (a->kind == ARTICLE_SERVICE) != services)
			continue;
		if (services)
			provider(j, x, a);
		else
			component(j, x, a);
	}
	json_close(j, ']');
}

/* ---- declarations ------------------------------------------------------ */

static void claim(struct json *j, const struct export *x, const struct article *a,
                  const struct article_word *w)
{
	static const char *const predicates[] = {
		[ARTICLE_COVERED] = "is covered by ",
		[ARTICLE_EXCLUDED] = "is excluded by ",
		[ARTICLE_REVIEW] = "must be reviewed under ",
	};
	struct str text = {0};

	json_open(j, NULL, '{');
	ref_article(j, "bom-ref", "claim", a, w->order);
	ref_article(j, "target", "article", a, (struct slice){0});
	put_article(&text, a);
	str_printf(&text, " %s", predicates[w->verdict]);
	text_show(&text, w->order);
	put_json(j, "predicate", &text);
	put_hand(&text, x, a);
	str_puts(&text, "; ");
	text_show(&text, w->because);
	for (size_t i = 0; i < w->n_facts; i++) {
		str_puts(&text, "; ");
		text_show(&text, w->facts[i]);
	}
	if (w->clause.n) {
		str_puts(&text, "; clause ");
		text_show(&text, w->clause);
	}
	put_json(j, "reasoning", &text);
	json_open(j, "evidence", '[');
	ref_article(j, NULL, "evidence", a, (struct slice){0});
	json_close(j, ']');
	json_close(j, '}');
}

static void claims(struct json *j, const struct export *x)
{
	json_open(j, "claims", '[');
	for (size_t i = 0; i < x->articles->n; i++) {
		const struct article *a = &x->articles->list[i];
		for (size_t k = 0; k < a->n_words; k++)
			if (export_order(x, &a->words[k]))
				claim(j, x, a, &a->words[k]);
	}
	json_close(j, ']');
}

static void evidence_lines(struct str *out, const struct article *a)
{
	for (size_t i = 0; i < a->n_evidence; i++) {
		const struct article_evidence *e = &a->evidence[i];
		put_place(out, e->path, e->members, e->n_members);
		str_printf(out, ", offset %llu, length %llu: ", (unsigned long long)e->offset,
		           (unsigned long long)e->length);
		text_show(out, e->attr);
		str_puts(out, " = ");
		text_show(out, e->value);
		str_puts(out, " (mark ");
		text_show(out, e->mark);
		if (e->mark_source.n) {
			str_puts(out, ", known from ");
			text_show(out, e->mark_source);
		}
		str_puts(out, e->verified ? ", verified)\n" : ", not verified)\n");
	}
}

static void evidence(struct json *j, const struct export *x, const struct article *a)
{
	const struct article_source *s = articles_source(x->articles, a->source);
	struct str text = {0};

	json_open(j, NULL, '{');
	ref_article(j, "bom-ref", "evidence", a, (struct slice){0});
	json_cstr(j, "propertyName", "debar:evidence");
	json_open(j, "data", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "name", "where the maker's marks stand");
	json_open(j, "contents", '{');
	json_open(j, "attachment", '{');
	json_cstr(j, "contentType", "text/plain");
	evidence_lines(&text, a);
	put_json(j, "content", &text);
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, ']');
	if (s && s->finished.n)
		json_emit_text(j, "created", s->finished);
	json_close(j, '}');
}

static void all_evidence(struct json *j, const struct export *x)
{
	json_open(j, "evidence", '[');
	for (size_t i = 0; i < x->articles->n; i++) {
		const struct article *a = &x->articles->list[i];
		bool claimed = false;
		for (size_t k = 0; k < a->n_words; k++)
			claimed |= export_order(x, &a->words[k]) != NULL;
		if (claimed)
			evidence(j, x, a);
	}
	json_close(j, ']');
}

static void claims_of(struct json *j, const struct export *x, const struct export_order *o,
                      const char *key, bool excluded)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < x->articles->n; i++) {
		const struct article *a = &x->articles->list[i];
		for (size_t k = 0; k < a->n_words; k++)
			if (slice_eq(a->words[k].order, o->id) &&
			    (a->words[k].verdict == ARTICLE_EXCLUDED) == excluded)
				ref_article(j, NULL, "claim", a, o->id);
	}
	json_close(j, ']');
}

static void conformance(struct json *j, const struct export *x, const struct export_order *o)
{
	const uint64_t covered = export_count(x, o, ARTICLE_COVERED);
	const uint64_t review = export_count(x, o, ARTICLE_REVIEW);
	const bool complete = x->articles->complete;
	struct str text = {0};

	json_open(j, "conformance", '{');
	if (covered)
		json_number(j, "score", 0);
	else if (!review && complete)
		json_number(j, "score", 1);
	if (covered || review)
		str_printf(&text, "%llu covered, %llu for people to review",
		           (unsigned long long)covered, (unsigned long long)review);
	else
		str_puts(&text, "none found");
	str_puts(&text, complete ? "; everything was examined"
	                         : "; not everything was examined, so there may be more");
	put_json(j, "rationale", &text);
	json_close(j, '}');
	json_open(j, "confidence", '{');
	json_cstr(j, "rationale", complete ? "every item of the sources was examined"
	                                   : "some items of the sources were not examined");
	json_close(j, '}');
}

static void attestation(struct json *j, const struct export *x, const struct export_order *o)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	text_show(&text, o->title.n ? o->title : o->id);
	put_json(j, "summary", &text);
	json_cstr(j, "assessor", "assessor:debar");
	json_open(j, "map", '[');
	json_open(j, NULL, '{');
	ref_order(j, "requirement", o->id, SLICE("ban"));
	claims_of(j, x, o, "claims", true);
	claims_of(j, x, o, "counterClaims", false);
	conformance(j, x, o);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

static void declarations(struct json *j, const struct export *x)
{
	json_open(j, "declarations", '{');
	json_open(j, "assessors", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "bom-ref", "assessor:debar");
	json_bool(j, "thirdParty", false);
	json_close(j, '}');
	json_close(j, ']');
	json_open(j, "attestations", '[');
	for (size_t i = 0; i < x->n_orders; i++)
		attestation(j, x, &x->orders[i]);
	json_close(j, ']');
	claims(j, x);
	all_evidence(j, x);
	json_close(j, '}');
}

/* ---- the orders as standards ------------------------------------------- */

/* The ban as a whole, and the clauses that a pack names below it. */
static void requirements(struct json *j, const struct export_order *o)
{
	struct str text = {0};

	json_open(j, "requirements", '[');
	json_open(j, NULL, '{');
	ref_order(j, "bom-ref", o->id, SLICE("ban"));
	json_cstr(j, "identifier", "ban");
	text_show(&text, o->title.n ? o->title : o->id);
	put_json(j, "text", &text);
	json_close(j, '}');
	for (size_t i = 0; i < o->n_clauses; i++) {
		json_open(j, NULL, '{');
		str_puts(&text, "clause/");
		str_add(&text, o->clauses[i].id);
		ref_order(j, "bom-ref", o->id, str_slice(&text));
		str_clear(&text);
		text_show(&text, o->clauses[i].cite.n ? o->clauses[i].cite : o->clauses[i].id);
		put_json(j, "identifier", &text);
		text_show(&text, o->clauses[i].text);
		put_json(j, "text", &text);
		ref_order(j, "parent", o->id, SLICE("ban"));
		json_close(j, '}');
	}
	json_close(j, ']');
	str_finish(&text);
}

static void standard(struct json *j, const struct export_order *o)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	ref_order(j, "bom-ref", o->id, (struct slice){0});
	text_show(&text, o->title.n ? o->title : o->id);
	put_json(j, "name", &text);
	if (o->issued.n)
		json_emit_text(j, "version", o->issued);
	if (o->issuer.n) {
		text_show(&text, o->issuer);
		put_json(j, "owner", &text);
	}
	requirements(j, o);
	json_close(j, '}');
}

/* ---- the document ------------------------------------------------------ */

static void source_component(struct json *j, const struct article_source *s)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	json_cstr(j, "type", s->host.n ? "device" : "data");
	ref_source(j, "bom-ref", s->id);
	text_show(&text, s->host.n ? s->host : s->path);
	if (text.n == 0)
		text_show(&text, s->kind.n ? s->kind : SLICE("source"));
	put_json(j, "name", &text);
	json_open(j, "properties", '[');
	property_shown(j, "debar:source-kind", s->kind);
	property_shown(j, "debar:path", s->path);
	property_base64(j, "debar:path-base64", s->path);
	property_shown(j, "debar:started", s->started);
	property_shown(j, "debar:finished", s->finished);
	json_close(j, ']');
	json_close(j, '}');
}

/* What the document is about: not all that is on the sources, only what these
 * makers made. The sources stand in it. */
static void subject(struct json *j, const struct articles *a)
{
	json_open(j, "component", '{');
	json_cstr(j, "type", "data");
	json_cstr(j, "bom-ref", "findings");
	json_cstr(j, "name", "what the makers that were looked for made, on these sources");
	json_open(j, "components", '[');
	for (size_t i = 0; i < a->n_sources; i++)
		source_component(j, &a->sources[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void tools(struct json *j, const struct export *x)
{
	json_open(j, "tools", '{');
	json_open(j, "components", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "type", "application");
	json_cstr(j, "bom-ref", "tool:debar");
	json_cstr(j, "name", "debar");
	json_cstr(j, "version", x->version);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

static void not_examined(struct json *j, const struct article_unread *u)
{
	struct str text = {0};

	put_place(&text, u->path, u->members, u->n_members);
	str_puts(&text, ": ");
	str_puts(&text, u->why ? why_words(u->why) : "");
	text_show(&text, u->words);
	property(j, u->why ? "debar:not-examined" : "debar:left-out", &text);
	property_base64(j, u->why ? "debar:not-examined-base64" : "debar:left-out-base64",
	                u->path);
}

static void coverage(struct json *j, const struct articles *a)
{
	const struct article_coverage *c = &a->coverage;

	property_cstr(j, "debar:complete", a->complete ? "true" : "false");
	property_cstr(j, "debar:interrupted", c->interrupted ? "true" : "false");
	property_cstr(j, "debar:deep", c->deep ? "true" : "false");
	property_number(j, "debar:items", c->items);
	property_number(j, "debar:examined", c->examined);
	property_number(j, "debar:bytes", c->bytes);
	property_number(j, "debar:mentions", a->mentions);
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++) {
		struct str name = {0};
		if (c->by_why[why] == 0)
			continue;
		str_printf(&name, "debar:not-examined:%s", why_name((enum why)why));
		j->failed |= str_failed(&name);
		property_number(j, name.p ? name.p : "", c->by_why[why]);
		str_finish(&name);
	}
	for (size_t i = 0; i < c->n_unread; i++)
		not_examined(j, &c->unread[i]);
	for (size_t i = 0; i < c->n_skipped; i++)
		not_examined(j, &c->skipped[i]);
}

static void metadata(struct json *j, const struct export *x)
{
	const struct articles *a = x->articles;
	const struct slice finished = export_finished(a);

	json_open(j, "metadata", '{');
	if (finished.n)
		json_emit_text(j, "timestamp", finished);
	json_open(j, "lifecycles", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "phase", "discovery");
	json_close(j, '}');
	json_close(j, ']');
	tools(j, x);
	subject(j, a);
	json_open(j, "properties", '[');
	property_shown(j, "debar:packs-sha256", a->packs_sha256);
	coverage(j, a);
	json_close(j, ']');
	json_close(j, '}');
}

/* The list of findings is complete only when everything was examined. */
static void compositions(struct json *j, const struct articles *a)
{
	json_open(j, "compositions", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "aggregate", a->complete ? "complete" : "incomplete");
	json_open(j, "assemblies", '[');
	json_cstr(j, NULL, "findings");
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void serial(struct json *j, const struct export *x)
{
	const struct articles *a = x->articles;
	const struct article_source *s = a->n_sources ? &a->sources[0] : NULL;
	const struct slice parts[] = {
		a->packs_sha256,
		s ? s->host : (struct slice){0},
		s ? s->path : (struct slice){0},
		export_finished(a),
		x->n_orders && x->chosen ? x->orders[0].id : (struct slice){0},
		slice_str(x->version),
	};
	char uuid[UUID_SIZE];
	struct str text = {0};

	j->failed |= !put_uuid(uuid, "cyclonedx", parts, COUNT_OF(parts));
	str_printf(&text, "urn:uuid:%s", uuid);
	put_json(j, "serialNumber", &text);
}

static int cyclonedx_write(const struct export *x, const struct export_part *, size_t, FILE *out)
{
	struct json j;

	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	json_cstr(&j, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_cstr(&j, "bomFormat", "CycloneDX");
	json_cstr(&j, "specVersion", "1.6");
	serial(&j, x);
	json_number(&j, "version", 1);
	metadata(&j, x);
	articles(&j, x, "components", false);
	articles(&j, x, "services", true);
	compositions(&j, x->articles);
	declarations(&j, x);
	json_open(&j, "definitions", '{');
	json_open(&j, "standards", '[');
	for (size_t i = 0; i < x->n_orders; i++)
		standard(&j, &x->orders[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	json_close(&j, '}');
	return json_finish(&j);
}

const struct export_form export_cyclonedx = {
	.name = "cyclonedx",
	.of_sweep = true,
	.write = cyclonedx_write,
};
