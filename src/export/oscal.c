/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OSCAL 1.2.2 (NIST), plan of action and milestones, as JSON.
 *
 *   component        an article; its maker is the property vendor-name only
 *                    when it is the maker's own product
 *   inventory item   a place that was looked at, with the articles on it
 *   observation      an article with its evidence, method TEST; and one of what
 *                    was examined and what was not
 *   risk, item       what an order says of an article: covered is open, review
 *                    is under investigation; excluded is only observed
 *   remediation      what the order asks for, its dates as milestones
 *
 * A plan must have an item, so "none found" is one, and what was not examined
 * is another. All UUIDs are made of what they name: the same report gives the
 * same document.
 */
#include <errno.h>
#include <unicode/uchar.h>

#include "base/text.h"
#include "export/put.h"

#define OWN_NAMESPACE "urn:debar:oscal:1"

/* ---- text -------------------------------------------------------------- */

/* Titles and descriptions are Markdown: what means something there is escaped,
 * so that a file's name stays a name. */
static void prose(struct json *j, const char *key, struct str *text)
{
	struct str safe = {0};

	for (size_t i = 0; i < text->n; i++) {
		if (text->p[i] && strchr("\\`*_{}[]<>#~^|!\"", text->p[i]))
			str_putc(&safe, '\\');
		str_putc(&safe, text->p[i]);
	}
	j->failed |= str_failed(text);
	str_finish(text);
	put_json(j, key, &safe);
}

static void prose_shown(struct json *j, const char *key, struct slice words)
{
	struct str text = {0};

	text_show(&text, words);
	prose(j, key, &text);
}

static bool is_space(struct slice s, bool last)
{
	uint32_t rune = 0;

	while (s.n) {
		const size_t n = text_rune(s, &rune);
		if (!last || n == 0)
			break;
		s = slice_from(s, n);
	}
	return u_isUWhiteSpace((UChar32)rune);
}

/* A value may not begin or end with a space, nor be empty: then it stands in
 * quotation marks. */
static void value(struct json *j, const char *key, struct slice bytes)
{
	struct str shown = {0}, quoted = {0};

	text_show(&shown, bytes);
	if (shown.n && !is_space(str_slice(&shown), false) && !is_space(str_slice(&shown), true)) {
		put_json(j, key, &shown);
		return;
	}
	j->failed |= str_failed(&shown);
	str_putc(&quoted, '"');
	str_add(&quoted, str_slice(&shown));
	str_putc(&quoted, '"');
	put_json(j, key, &quoted);
	str_finish(&shown);
}

/* A property of OSCAL's own (ns NULL), or of ours. */
static void prop(struct json *j, const char *ns, const char *name, struct slice bytes)
{
	if (bytes.n == 0)
		return;
	json_open(j, NULL, '{');
	json_cstr(j, "name", name);
	if (ns)
		json_cstr(j, "ns", ns);
	value(j, "value", bytes);
	json_close(j, '}');
}

static void own(struct json *j, const char *name, struct slice bytes)
{
	struct str base64 = {0}, second = {0};

	prop(j, OWN_NAMESPACE, name, bytes);
	if (text_is_utf8(bytes))
		return;
	text_base64(&base64, bytes);
	str_printf(&second, "%s-base64", name);
	j->failed |= str_failed(&base64) || str_failed(&second);
	prop(j, OWN_NAMESPACE, second.p ? second.p : name, str_slice(&base64));
	str_finish(&base64);
	str_finish(&second);
}

static void own_number(struct json *j, const char *name, uint64_t n)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	own(j, name, slice_str(digits));
}

/* ---- names ------------------------------------------------------------- */

static void uuid_of(struct json *j, const char *key, const char *kind, const struct slice *parts,
                    size_t n)
{
	char uuid[UUID_SIZE];

	j->failed |= !put_uuid(uuid, kind, parts, n);
	json_cstr(j, key, uuid);
}

/* The place of a source, by which it is the same in the next report. */
static void uuid_source(struct json *j, const char *key, const struct article_source *s)
{
	const struct slice parts[] = {s->host, s->kind, s->path};

	uuid_of(j, key, "source", parts, COUNT_OF(parts));
}

/* Of a thing that belongs to an article on its source, and to an order or none. */
static void uuid_article(struct json *j, const char *key, const char *kind,
                         const struct export *x, const struct article *a, struct slice order)
{
	const struct article_source *s = articles_source(x->articles, a->source);
	const struct slice parts[] = {
		s ? s->host : (struct slice){0}, s ? s->path : (struct slice){0}, a->id, order};

	uuid_of(j, key, kind, parts, COUNT_OF(parts));
}

static void uuid_task(struct json *j, const struct export *x, const struct article *a,
                      const struct export_order *o, const struct export_due *d)
{
	const struct article_source *s = articles_source(x->articles, a->source);
	const struct slice parts[] = {
		s ? s->host : (struct slice){0}, s ? s->path : (struct slice){0}, a->id, o->id,
		d->id, d->on};

	uuid_of(j, "uuid", "task", parts, COUNT_OF(parts));
}

/* Of the document and what there is one of in it. */
static void uuid_document(struct json *j, const char *key, const char *kind,
                          const struct export *x)
{
	const struct articles *a = x->articles;
	const struct article_source *s = a->n_sources ? &a->sources[0] : NULL;
	struct str orders = {0};

	for (size_t i = 0; i < x->n_orders; i++) {
		str_add(&orders, x->orders[i].id);
		str_putc(&orders, '\n');
	}
	j->failed |= str_failed(&orders);
	const struct slice parts[] = {
		s ? s->host : (struct slice){0}, s ? s->path : (struct slice){0},
		x->chosen ? str_slice(&orders) : (struct slice){0}};
	uuid_of(j, key, kind, parts, COUNT_OF(parts));
	str_finish(&orders);
}

static void uuid_tool(struct json *j, const char *key, const char *kind)
{
	const struct slice parts[] = {SLICE("debar")};

	uuid_of(j, key, kind, parts, COUNT_OF(parts));
}

static void origins(struct json *j)
{
	json_open(j, "origins", '[');
	json_open(j, NULL, '{');
	json_open(j, "actors", '[');
	json_open(j, NULL, '{');
	json_cstr(j, "type", "tool");
	uuid_tool(j, "actor-uuid", "tool");
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

/* When the source was looked at; when its report does not tell, when this is
 * written. */
static struct slice time_of(const struct export *x, struct slice finished)
{
	return finished.n ? finished : slice_str(x->written);
}

/* ---- head -------------------------------------------------------------- */

static void metadata(struct json *j, const struct export *x)
{
	const struct articles *a = x->articles;
	struct str text = {0};

	json_open(j, "metadata", '{');
	str_puts(&text, "Removal of banned articles");
	for (size_t i = 0; x->chosen && i < x->n_orders; i++) {
		str_puts(&text, i ? ", " : " under ");
		text_show(&text, x->orders[i].id);
	}
	prose(j, "title", &text);
	json_emit_text(j, "last-modified", time_of(x, export_finished(a)));
	json_cstr(j, "version", "1");
	json_cstr(j, "oscal-version", "1.2.2");
	json_open(j, "props", '[');
	own(j, "packs-sha256", a->packs_sha256);
	own(j, "tool-version", slice_str(x->version));
	json_close(j, ']');
	json_close(j, '}');
}

/* The organisation's own id of the system is not known here. */
static void system_id(struct json *j, const struct export *x)
{
	json_open(j, "system-id", '{');
	json_cstr(j, "identifier-type", "http://ietf.org/rfc/rfc4122");
	uuid_document(j, "id", "system", x);
	json_close(j, '}');
}

/* ---- local definitions ------------------------------------------------- */

static void component_props(struct json *j, const struct export *x, const struct article *a)
{
	const struct export_maker *m = export_maker(x, a->entity);
	const struct slice maker = m ? m->name : a->entity;

	json_open(j, "props", '[');
	if (a->basis == BASIS_DEVELOPED || a->basis == BASIS_PROVIDED)
		prop(j, NULL, "vendor-name", maker);
	if (a->kind == ARTICLE_SOFTWARE)
		prop(j, NULL, "version", a->version);
	else
		own(j, "version", a->version);
	own(j, "maker", maker);
	own(j, "finding", a->id);
	own(j, "name", a->name);
	own(j, "ecosystem", slice_str(a->ecosystem));
	own(j, "state", slice_str(state_name(a->state)));
	own(j, "basis", slice_str(basis_name(a->basis)));
	own(j, "strength", slice_str(strength_name(a->strength)));
	json_close(j, ']');
}

static void component(struct json *j, const struct export *x, const struct article *a)
{
	const bool runs = a->state == STATE_INSTALLED || a->state == STATE_CONNECTED;
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_article(j, "uuid", "component", x, a, (struct slice){0});
	json_cstr(j, "type", kind_name(a->kind));
	put_article(&text, a);
	prose(j, "title", &text);
	put_hand(&text, x, a);
	prose(j, "description", &text);
	component_props(j, x, a);
	json_open(j, "status", '{');
	json_cstr(j, "state", runs ? "operational" : "other");
	if (!runs)
		json_cstr(j, "remarks", state_name(a->state));
	json_close(j, '}');
	json_close(j, '}');
}

static void components(struct json *j, const struct export *x)
{
	const struct articles *all = x->articles;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (!export_wants(x, &all->list[i]))
			continue;
		if (n++ == 0)
			json_open(j, "components", '[');
		component(j, x, &all->list[i]);
	}
	if (n)
		json_close(j, ']');
}

static void on_source(struct json *j, const struct export *x, uint32_t source)
{
	const struct articles *all = x->articles;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (all->list[i].source != source || !export_wants(x, &all->list[i]))
			continue;
		if (n++ == 0)
			json_open(j, "implemented-components", '[');
		json_open(j, NULL, '{');
		uuid_article(j, "component-uuid", "component", x, &all->list[i],
		             (struct slice){0});
		json_close(j, '}');
	}
	if (n)
		json_close(j, ']');
}

static void inventory_item(struct json *j, const struct export *x, const struct article_source *s)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_source(j, "uuid", s);
	text_show(&text, s->kind);
	str_putc(&text, ' ');
	text_show(&text, s->path);
	if (s->host.n) {
		str_puts(&text, " of ");
		text_show(&text, s->host);
	}
	prose(j, "description", &text);
	json_open(j, "props", '[');
	own(j, "source-kind", s->kind);
	own(j, "host", s->host);
	own(j, "path", s->path);
	own(j, "started", s->started);
	own(j, "finished", s->finished);
	own_number(j, "source", s->id);
	json_close(j, ']');
	on_source(j, x, s->id);
	json_close(j, '}');
}

static void assets(struct json *j, const struct export *x)
{
	json_open(j, "assessment-assets", '{');
	json_open(j, "components", '[');
	json_open(j, NULL, '{');
	uuid_tool(j, "uuid", "tool");
	json_cstr(j, "type", "software");
	json_cstr(j, "title", "debar");
	json_cstr(j, "description", "Looked for what the makers named in orders made.");
	json_open(j, "props", '[');
	prop(j, NULL, "version", slice_str(x->version));
	json_close(j, ']');
	json_open(j, "status", '{');
	json_cstr(j, "state", "operational");
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, ']');
	json_open(j, "assessment-platforms", '[');
	json_open(j, NULL, '{');
	uuid_tool(j, "uuid", "platform");
	json_open(j, "uses-components", '[');
	json_open(j, NULL, '{');
	uuid_tool(j, "component-uuid", "tool");
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

static void local_definitions(struct json *j, const struct export *x)
{
	const struct articles *a = x->articles;

	json_open(j, "local-definitions", '{');
	components(j, x);
	if (a->n_sources)
		json_open(j, "inventory-items", '[');
	for (size_t i = 0; i < a->n_sources; i++)
		inventory_item(j, x, &a->sources[i]);
	if (a->n_sources)
		json_close(j, ']');
	assets(j, x);
	json_close(j, '}');
}

/* ---- observations ------------------------------------------------------ */

static void method(struct json *j)
{
	json_open(j, "methods", '[');
	json_cstr(j, NULL, "TEST");
	json_close(j, ']');
	json_open(j, "types", '[');
	json_cstr(j, NULL, "finding");
	json_close(j, ']');
	origins(j);
}

static void evidence(struct json *j, const struct article_evidence *e)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	put_place(&text, e->path, e->members, e->n_members);
	str_puts(&text, ": ");
	text_show(&text, e->attr);
	str_puts(&text, " = ");
	put_shown(&text, e->value, PUT_WORDS_MAX);
	str_puts(&text, e->verified ? " (verified)" : " (not verified)");
	prose(j, "description", &text);
	json_open(j, "props", '[');
	own(j, "attribute", e->attr);
	own(j, "value", e->value);
	own(j, "path", e->path);
	own_number(j, "offset", e->offset);
	own_number(j, "length", e->length);
	own(j, "mark", e->mark);
	own(j, "mark-source", e->mark_source);
	own(j, "strength", slice_str(strength_name(e->strength)));
	own(j, "capped", e->capped);
	json_close(j, ']');
	json_close(j, '}');
}

static void observation_words(struct str *out, const struct export *x, const struct article *a)
{
	put_article(out, a);
	str_puts(out, ", ");
	put_hand(out, x, a);
	str_printf(out, " (%s, %s evidence)", state_name(a->state), strength_name(a->strength));
	for (size_t i = 0; i < a->n_words; i++) {
		const struct article_word *w = &a->words[i];
		if (!export_order(x, w))
			continue;
		str_puts(out, "; ");
		text_show(out, w->order);
		str_printf(out, ": %s, ", article_verdict_name(w->verdict));
		text_show(out, w->because);
	}
	if (a->n_more)
		str_printf(out, "; %llu pieces of evidence are not listed",
		           (unsigned long long)a->n_more);
}

static void observation(struct json *j, const struct export *x, const struct article *a)
{
	const struct article_source *s = articles_source(x->articles, a->source);
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_article(j, "uuid", "observation", x, a, (struct slice){0});
	put_article(&text, a);
	prose(j, "title", &text);
	observation_words(&text, x, a);
	prose(j, "description", &text);
	method(j);
	json_open(j, "subjects", '[');
	json_open(j, NULL, '{');
	uuid_article(j, "subject-uuid", "component", x, a, (struct slice){0});
	json_cstr(j, "type", "component");
	json_close(j, '}');
	json_close(j, ']');
	if (a->n_evidence)
		json_open(j, "relevant-evidence", '[');
	for (size_t i = 0; i < a->n_evidence; i++)
		evidence(j, &a->evidence[i]);
	if (a->n_evidence)
		json_close(j, ']');
	json_emit_text(j, "collected", time_of(x, s ? s->finished : (struct slice){0}));
	json_close(j, '}');
}

static void coverage_words(struct str *out, const struct articles *a)
{
	const struct article_coverage *c = &a->coverage;

	str_printf(out, "%llu items, %llu of them examined; ", (unsigned long long)c->items,
	           (unsigned long long)c->examined);
	str_puts(out, a->complete ? "everything was examined" : "not everything was examined");
	if (c->interrupted)
		str_puts(out, "; the sweep was stopped before its end");
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		if (c->by_why[why])
			str_printf(out, "; %llu: %s", (unsigned long long)c->by_why[why],
			           why_words((enum why)why));
}

static void unread(struct json *j, const struct article_unread *u)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	str_puts(&text, u->why ? "not fully examined: " : "left out: ");
	put_place(&text, u->path, u->members, u->n_members);
	str_puts(&text, ": ");
	str_puts(&text, u->why ? why_words(u->why) : "");
	text_show(&text, u->words);
	prose(j, "description", &text);
	json_open(j, "props", '[');
	own(j, "path", u->path);
	own_number(j, "source", u->source);
	json_close(j, ']');
	json_close(j, '}');
}

static void coverage(struct json *j, const struct export *x)
{
	const struct article_coverage *c = &x->articles->coverage;
	const bool list = c->n_unread + c->n_skipped > 0;
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_document(j, "uuid", "coverage", x);
	json_cstr(j, "title", "What was examined");
	coverage_words(&text, x->articles);
	prose(j, "description", &text);
	method(j);
	if (list)
		json_open(j, "relevant-evidence", '[');
	for (size_t i = 0; i < c->n_unread; i++)
		unread(j, &c->unread[i]);
	for (size_t i = 0; i < c->n_skipped; i++)
		unread(j, &c->skipped[i]);
	if (list)
		json_close(j, ']');
	json_emit_text(j, "collected", time_of(x, export_finished(x->articles)));
	json_close(j, '}');
}

static void observations(struct json *j, const struct export *x)
{
	json_open(j, "observations", '[');
	coverage(j, x);
	for (size_t i = 0; i < x->articles->n; i++)
		if (export_wants(x, &x->articles->list[i]))
			observation(j, x, &x->articles->list[i]);
	json_close(j, ']');
}

/* ---- risks ------------------------------------------------------------- */

/* The order of a verdict that somebody must act on, or NULL. */
static const struct export_order *asks(const struct export *x, const struct article_word *w)
{
	return w->verdict == ARTICLE_EXCLUDED ? NULL : export_order(x, w);
}

/* The end of a day: midnight in UTC is the day before for half of the world. */
static void json_day(struct json *j, const char *key, struct slice date)
{
	struct str text = {0};

	text_show(&text, date);
	str_puts(&text, "T23:59:59Z");
	put_json(j, key, &text);
}

/* The last date that is no repetition: by then it must be settled. */
static struct slice deadline(const struct export_order *o)
{
	struct slice last = {0};

	for (size_t i = 0; i < o->n_dues; i++)
		if (o->dues[i].number == 0 && slice_cmp(o->dues[i].on, last) > 0)
			last = o->dues[i].on;
	return last;
}

static void task(struct json *j, const struct export *x, const struct article *a,
                 const struct export_order *o, const struct export_due *d)
{
	json_open(j, NULL, '{');
	uuid_task(j, x, a, o, d);
	json_cstr(j, "type", "milestone");
	prose_shown(j, "title", d->what);
	prose_shown(j, "description", d->how);
	if (d->done) {
		json_open(j, "props", '[');
		own(j, "done", SLICE("yes"));
		json_close(j, ']');
	}
	if (d->on.n) {
		json_open(j, "timing", '{');
		json_open(j, "on-date", '{');
		json_day(j, "date", d->on);
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void remediation(struct json *j, const struct export *x, const struct article *a,
                        const struct export_order *o)
{
	json_open(j, "remediations", '[');
	json_open(j, NULL, '{');
	uuid_article(j, "uuid", "remediation", x, a, o->id);
	json_cstr(j, "lifecycle", "recommendation");
	prose_shown(j, "title", o->title.n ? o->title : o->id);
	prose_shown(j, "description", o->action.n ? o->action : SLICE("What the order asks for."));
	if (o->n_dues)
		json_open(j, "tasks", '[');
	for (size_t i = 0; i < o->n_dues; i++)
		task(j, x, a, o, &o->dues[i]);
	if (o->n_dues)
		json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void related(struct json *j, const char *list, const char *key, const char *kind,
                    const struct export *x, const struct article *a, struct slice order)
{
	json_open(j, list, '[');
	json_open(j, NULL, '{');
	uuid_article(j, key, kind, x, a, order);
	json_close(j, '}');
	json_close(j, ']');
}

static void title(struct str *out, const struct export *x, const struct article *a,
                  const struct article_word *w)
{
	const struct article_source *s = articles_source(x->articles, a->source);

	str_puts(out, w->verdict == ARTICLE_COVERED ? "Remove " : "Decide on ");
	put_article(out, a);
	if (s && (s->host.n || s->path.n)) {
		str_puts(out, w->verdict == ARTICLE_COVERED ? " from " : " on ");
		put_shown(out, s->host.n ? s->host : s->path, PUT_WORDS_MAX);
	}
}

static void verdict_words(struct str *out, const struct article_word *w)
{
	text_show(out, w->order);
	str_printf(out, ": %s, because: ", article_verdict_name(w->verdict));
	text_show(out, w->because);
}

static void verdict_props(struct json *j, const struct article_word *w)
{
	json_open(j, "props", '[');
	own(j, "order", w->order);
	own(j, "verdict", slice_str(article_verdict_name(w->verdict)));
	own(j, "clause", w->clause);
	own(j, "carve-out", w->carve_out);
	for (size_t i = 0; i < w->n_facts; i++)
		own(j, "fact", w->facts[i]);
	json_close(j, ']');
}

static void risk(struct json *j, const struct export *x, const struct article *a,
                 const struct article_word *w, const struct export_order *o)
{
	const struct slice by = deadline(o);
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_article(j, "uuid", "risk", x, a, o->id);
	title(&text, x, a, w);
	prose(j, "title", &text);
	observation_words(&text, x, a);
	prose(j, "description", &text);
	verdict_words(&text, w);
	prose(j, "statement", &text);
	verdict_props(j, w);
	json_cstr(j, "status", w->verdict == ARTICLE_COVERED ? "open" : "investigating");
	origins(j);
	if (by.n)
		json_day(j, "deadline", by);
	remediation(j, x, a, o);
	related(j, "related-observations", "observation-uuid", "observation", x, a,
	        (struct slice){0});
	json_close(j, '}');
}

static void item(struct json *j, const struct export *x, const struct article *a,
                 const struct article_word *w, const struct export_order *o)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_article(j, "uuid", "item", x, a, o->id);
	title(&text, x, a, w);
	prose(j, "title", &text);
	verdict_words(&text, w);
	prose(j, "description", &text);
	verdict_props(j, w);
	origins(j);
	related(j, "related-observations", "observation-uuid", "observation", x, a,
	        (struct slice){0});
	related(j, "related-risks", "risk-uuid", "risk", x, a, o->id);
	json_close(j, '}');
}

typedef void each_fn(struct json *j, const struct export *x, const struct article *a,
                     const struct article_word *w, const struct export_order *o);

/* Calls fn, if any, for each verdict that somebody must act on; returns how
 * many there are. */
static size_t each_verdict(struct json *j, const struct export *x, each_fn *fn)
{
	size_t n = 0;

	for (size_t i = 0; i < x->articles->n; i++) {
		const struct article *a = &x->articles->list[i];
		for (size_t k = 0; k < a->n_words; k++) {
			const struct export_order *o = asks(x, &a->words[k]);
			if (!o)
				continue;
			n++;
			if (fn)
				fn(j, x, a, &a->words[k], o);
		}
	}
	return n;
}

/* An item about the whole. */
static void item_of_all(struct json *j, const struct export *x, const char *kind,
                        const char *words)
{
	struct str text = {0};

	json_open(j, NULL, '{');
	uuid_document(j, "uuid", kind, x);
	json_cstr(j, "title", words);
	coverage_words(&text, x->articles);
	prose(j, "description", &text);
	origins(j);
	json_open(j, "related-observations", '[');
	json_open(j, NULL, '{');
	uuid_document(j, "observation-uuid", "coverage", x);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

static void items(struct json *j, const struct export *x, size_t n)
{
	json_open(j, "poam-items", '[');
	(void)each_verdict(j, x, item);
	if (n == 0)
		item_of_all(j, x, "none-found",
		            x->articles->complete
		                    ? "None found: nothing that was examined is covered"
		                    : "None found in what was examined, which is not everything");
	if (!x->articles->complete)
		item_of_all(j, x, "not-examined", "Examine what was not examined");
	json_close(j, ']');
}

static int oscal_write(const struct export *x, const struct export_part *, size_t, FILE *out)
{
	struct json j;

	json_init(&j, out, false);
	const size_t n = each_verdict(&j, x, NULL);
	json_open(&j, NULL, '{');
	json_open(&j, "plan-of-action-and-milestones", '{');
	uuid_document(&j, "uuid", "poam", x);
	metadata(&j, x);
	system_id(&j, x);
	local_definitions(&j, x);
	observations(&j, x);
	if (n) {
		json_open(&j, "risks", '[');
		(void)each_verdict(&j, x, risk);
		json_close(&j, ']');
	}
	items(&j, x, n);
	json_close(&j, '}');
	json_close(&j, '}');
	return json_finish(&j);
}

const struct export_form export_oscal = {
	.name = "oscal",
	.write = oscal_write,
};
