/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS). A rule is an order, a result what one order says of one
 * article:
 *
 *   covered    level error
 *   review     level warning
 *   excluded   kind informational (and then the level must be none)
 *
 * An article of which no order speaks has the rule "no-order". Locations are the
 * evidence; the maker, the basis and the strength stand in the properties, for
 * which SARIF has no field. What was not examined is a notification, and then
 * executionSuccessful is false: whoever reads only that must not take an
 * incomplete run for a clean one.
 *
 * GitHub code scanning refuses files over 10 MB (compressed), more than 20 runs
 * in a file and 25,000 results in a run, and shows 5,000 results of a run. So a
 * run ends at 5,000 results or 8 MB of text, and is a file of its own where the
 * caller can write several.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "export/put.h"

enum {
	RUN_RESULTS_MAX = 5000,            /* what GitHub shows of a run */
	RUN_BYTES_MAX = 8 * 1000 * 1000,   /* as text; compressed it is less */
	NOTES_BYTES_MAX = 4 * 1000 * 1000, /* of these, what was not examined */
	LOCATIONS_MAX = 1000,              /* what GitHub takes of a result */
};

#define NO_ORDER "no-order"

/* ---- text and places --------------------------------------------------- */

/*
 * A message may hold placeholders {0} and links [words](address): braces and
 * brackets that are meant as such are written so (SARIF 3.11.5, 3.11.6), or a
 * file's name could put a link into a reader's page.
 */
static void message(struct json *j, const char *key, struct str *text)
{
	struct str safe = {0};

	for (size_t i = 0; i < text->n; i++) {
		const char c = text->p[i];
		if (c == '[' || c == ']')
			str_putc(&safe, '\\');
		if (c == '{' || c == '}')
			str_putc(&safe, c);
		str_putc(&safe, c);
	}
	j->failed |= str_failed(text);
	str_finish(text);
	json_open(j, key, '{');
	put_json(j, "text", &safe);
	json_close(j, '}');
}

static void plain(struct json *j, const char *key, struct slice words)
{
	struct str text = {0};

	text_show(&text, words);
	message(j, key, &text);
}

/* The id of a source as the base of addresses. */
static void base_id(struct json *j, const char *key, uint32_t source)
{
	struct str text = {0};

	str_printf(&text, "SOURCE%u", source);
	put_json(j, key, &text);
}

/* An address relative to its source: the path without its first slash. */
static void artifact(struct json *j, uint32_t source, struct slice path)
{
	struct str uri = {0};

	while (path.n && path.p[0] == '/')
		path = slice_from(path, 1);
	put_uri_path(&uri, path);
	json_open(j, "artifactLocation", '{');
	put_json(j, "uri", &uri);
	base_id(j, "uriBaseId", source);
	json_close(j, '}');
}

/* What lies inside the file, and has no address. */
static void logical(struct json *j, const struct slice *members, size_t n)
{
	struct str name = {0};

	if (n == 0)
		return;
	put_place(&name, members[0], members + 1, n - 1);
	json_open(j, "logicalLocations", '[');
	json_open(j, NULL, '{');
	put_json(j, "fullyQualifiedName", &name);
	json_cstr(j, "kind", "member");
	json_close(j, '}');
	json_close(j, ']');
}

/* ---- results ----------------------------------------------------------- */

/* Offsets inside a member are not offsets in the file. */
static void region(struct json *j, const struct article_evidence *e)
{
	if (e->member || e->length == 0)
		return;
	json_open(j, "region", '{');
	json_number(j, "byteOffset", e->offset);
	json_number(j, "byteLength", e->length);
	json_close(j, '}');
}

static void evidence_properties(struct json *j, const struct article_evidence *e)
{
	json_open(j, "properties", '{');
	json_bytes(j, "attribute", e->attr);
	json_bytes(j, "value", e->value);
	json_bytes(j, "path", e->path);
	json_number(j, "offset", e->offset);
	json_number(j, "length", e->length);
	json_bool(j, "verified", e->verified);
	json_bytes(j, "mark", e->mark);
	if (e->mark_source.n)
		json_bytes(j, "markSource", e->mark_source);
	json_cstr(j, "state", state_name(e->state));
	json_cstr(j, "strength", strength_name(e->strength));
	if (e->capped.n)
		json_bytes(j, "capped", e->capped);
	json_close(j, '}');
}

static void location(struct json *j, const struct article *a, const struct article_evidence *e)
{
	struct str words = {0};

	json_open(j, NULL, '{');
	json_open(j, "physicalLocation", '{');
	artifact(j, a->source, e->path);
	region(j, e);
	json_close(j, '}');
	logical(j, e->members, e->n_members);
	text_show(&words, e->attr);
	str_puts(&words, " = ");
	put_shown(&words, e->value, PUT_WORDS_MAX);
	message(j, "message", &words);
	evidence_properties(j, e);
	json_close(j, '}');
}

static void locations(struct json *j, const struct article *a)
{
	json_open(j, "locations", '[');
	for (size_t i = 0; i < a->n_evidence && i < LOCATIONS_MAX; i++)
		location(j, a, &a->evidence[i]);
	json_close(j, ']');
}

/* The same article on the same source under the same order is the same result.
 * GitHub goes by the first of the two names. */
static void fingerprints(struct json *j, const struct article *a, struct slice rule)
{
	struct str print = {0}, again = {0};

	text_show(&print, a->id);
	str_printf(&print, ":%u:", a->source);
	text_show(&print, rule);
	str_add(&again, str_slice(&print));
	json_open(j, "partialFingerprints", '{');
	put_json(j, "primaryLocationLineHash", &print);
	put_json(j, "debarFinding/v1", &again);
	json_close(j, '}');
}

static void facts(struct json *j, const struct article_word *w)
{
	if (w->n_facts == 0)
		return;
	json_open(j, "facts", '[');
	for (size_t i = 0; i < w->n_facts; i++) {
		struct str text = {0};
		text_show(&text, w->facts[i]);
		put_json(j, NULL, &text);
	}
	json_close(j, ']');
}

static void result_properties(struct json *j, const struct export *x, const struct article *a,
                              const struct article_word *w)
{
	const struct export_maker *m = export_maker(x, a->entity);
	const size_t cut = a->n_evidence > LOCATIONS_MAX ? a->n_evidence - LOCATIONS_MAX : 0;

	json_open(j, "properties", '{');
	json_bytes(j, "finding", a->id);
	json_bytes(j, "entity", a->entity);
	json_bytes(j, "maker", m ? m->name : a->entity);
	json_cstr(j, "kind", kind_name(a->kind));
	json_bytes(j, "name", a->name);
	json_bytes(j, "version", a->version);
	json_cstr(j, "ecosystem", a->ecosystem);
	json_cstr(j, "state", state_name(a->state));
	json_cstr(j, "basis", basis_name(a->basis));
	json_cstr(j, "strength", strength_name(a->strength));
	if (w) {
		json_cstr(j, "verdict", article_verdict_name(w->verdict));
		json_bytes(j, "because", w->because);
		if (w->clause.n)
			json_bytes(j, "clause", w->clause);
		if (w->carve_out.n)
			json_bytes(j, "carveOut", w->carve_out);
		facts(j, w);
	}
	json_number(j, "source", a->source);
	if (a->n_more + cut)
		json_number(j, "evidenceNotListed", a->n_more + cut);
	json_close(j, '}');
}

static void result_words(struct str *out, const struct export *x, const struct article *a,
                         const struct article_word *w)
{
	put_article(out, a);
	str_puts(out, ", ");
	put_hand(out, x, a);
	str_printf(out, " (%s, %s evidence)", state_name(a->state), strength_name(a->strength));
	if (!w) {
		str_puts(out, ": no order speaks of it");
		return;
	}
	str_printf(out, ": %s by ", w->verdict == ARTICLE_COVERED    ? "covered"
	                            : w->verdict == ARTICLE_EXCLUDED ? "excluded"
	                                                             : "to be reviewed, asked");
	text_show(out, w->order);
	str_puts(out, ", because: ");
	text_show(out, w->because);
}

static void result(struct json *j, const struct export *x, const struct article *a,
                   const struct article_word *w)
{
	const struct slice rule = w ? w->order : SLICE(NO_ORDER);
	const bool fails = w && w->verdict != ARTICLE_EXCLUDED;
	const char *level = w && w->verdict == ARTICLE_COVERED ? "error" : "warning";
	struct str words = {0};

	json_open(j, NULL, '{');
	put_shown(&words, rule, SIZE_MAX);
	put_json(j, "ruleId", &words);
	json_cstr(j, "kind", fails ? "fail" : "informational");
	json_cstr(j, "level", fails ? level : "none");
	result_words(&words, x, a, w);
	message(j, "message", &words);
	locations(j, a);
	fingerprints(j, a, rule);
	result_properties(j, x, a, w);
	json_close(j, '}');
}

/* All results of an article; returns how many. */
static size_t results(struct json *j, const struct export *x, const struct article *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_words; i++) {
		if (!export_order(x, &a->words[i]))
			continue;
		result(j, x, a, &a->words[i]);
		n++;
	}
	if (n > 0 || x->chosen)
		return n;
	result(j, x, a, NULL);
	return 1;
}

/* ---- the tool and its rules -------------------------------------------- */

static void clauses(struct json *j, const struct export_order *o)
{
	json_open(j, "clauses", '[');
	for (size_t i = 0; i < o->n_clauses; i++) {
		json_open(j, NULL, '{');
		json_bytes(j, "id", o->clauses[i].id);
		json_bytes(j, "cite", o->clauses[i].cite);
		json_bytes(j, "text", o->clauses[i].text);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* The first source that is an address. */
static struct slice help_uri(const struct export_order *o)
{
	for (size_t i = 0; i < o->n_sources; i++)
		if (slice_starts(o->sources[i], SLICE("https://")) ||
		    slice_starts(o->sources[i], SLICE("http://")))
			return o->sources[i];
	return (struct slice){0};
}

static void rule_words(struct str *out, const struct export_order *o)
{
	text_show(out, o->title.n ? o->title : o->id);
	if (o->issuer.n) {
		str_puts(out, ", issued by ");
		text_show(out, o->issuer);
	}
	if (o->authority.n) {
		str_puts(out, " under ");
		text_show(out, o->authority);
	}
	str_putc(out, '.');
	if (o->action.n) {
		str_putc(out, ' ');
		text_show(out, o->action);
	}
}

/* Where to read on. */
static void help(struct json *j, const struct export_order *o)
{
	struct str words = {0};

	rule_words(&words, o);
	for (size_t i = 0; i < o->n_sources; i++) {
		str_puts(&words, i ? ", " : " Sources: ");
		text_show(&words, o->sources[i]);
	}
	message(j, "help", &words);
}

static void rule(struct json *j, const struct export_order *o)
{
	const struct slice uri = help_uri(o);
	struct str words = {0};

	json_open(j, NULL, '{');
	put_shown(&words, o->id, SIZE_MAX);
	put_json(j, "id", &words);
	plain(j, "shortDescription", o->title.n ? o->title : o->id);
	rule_words(&words, o);
	message(j, "fullDescription", &words);
	help(j, o);
	if (uri.n)
		json_emit_text(j, "helpUri", uri);
	json_open(j, "defaultConfiguration", '{');
	json_cstr(j, "level", "error");
	json_close(j, '}');
	json_open(j, "properties", '{');
	json_bytes(j, "issuer", o->issuer);
	json_bytes(j, "issued", o->issued);
	clauses(j, o);
	json_close(j, '}');
	json_close(j, '}');
}

static void no_order_rule(struct json *j)
{
	json_open(j, NULL, '{');
	json_cstr(j, "id", NO_ORDER);
	plain(j, "shortDescription", SLICE("No order speaks of this article"));
	plain(j, "fullDescription", SLICE("It was made by a maker that is looked for, and none of "
	                                  "the orders that were asked speaks of it."));
	plain(j, "help", SLICE("\"debar orders list\" shows the orders that are known."));
	json_open(j, "defaultConfiguration", '{');
	json_cstr(j, "level", "none");
	json_close(j, '}');
	json_close(j, '}');
}

static void tool(struct json *j, const struct export *x)
{
	json_open(j, "tool", '{');
	json_open(j, "driver", '{');
	json_cstr(j, "name", "debar");
	json_cstr(j, "version", x->version);
	json_open(j, "rules", '[');
	for (size_t i = 0; i < x->n_orders; i++)
		rule(j, &x->orders[i]);
	if (!x->chosen)
		no_order_rule(j);
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
}

/* ---- what was looked at ------------------------------------------------ */

static void note(struct json *j, const struct article_unread *u)
{
	struct str words = {0};

	json_open(j, NULL, '{');
	json_open(j, "descriptor", '{');
	json_cstr(j, "id", u->why ? why_name(u->why) : "left-out");
	json_close(j, '}');
	json_cstr(j, "level", u->why ? "error" : "note");
	str_puts(&words, u->why ? "not fully examined: " : "left out: ");
	if (u->why)
		str_puts(&words, why_words(u->why));
	text_show(&words, u->words);
	message(j, "message", &words);
	json_open(j, "locations", '[');
	json_open(j, NULL, '{');
	json_open(j, "physicalLocation", '{');
	artifact(j, u->source, u->path);
	json_close(j, '}');
	logical(j, u->members, u->n_members);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

/* All that has a note: what was not examined, then what was left out. */
static size_t unread_count(const struct articles *a)
{
	return a->coverage.n_unread + a->coverage.n_skipped;
}

static const struct article_unread *unread(const struct articles *a, size_t i)
{
	const struct article_coverage *c = &a->coverage;

	return i < c->n_unread ? &c->unread[i] : &c->skipped[i - c->n_unread];
}

/* That the run is incomplete stands in each part, with the numbers. */
static void note_numbers(struct json *j, const struct articles *a)
{
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++) {
		struct str words = {0};
		if (a->coverage.by_why[why] == 0)
			continue;
		json_open(j, NULL, '{');
		json_open(j, "descriptor", '{');
		json_cstr(j, "id", why_name((enum why)why));
		json_close(j, '}');
		json_cstr(j, "level", "error");
		str_printf(&words, "%llu not fully examined: %s",
		           (unsigned long long)a->coverage.by_why[why],
		           why_words((enum why)why));
		message(j, "message", &words);
		json_close(j, '}');
	}
}

static void note_interrupted(struct json *j, const struct articles *a)
{
	if (!a->coverage.interrupted)
		return;
	json_open(j, NULL, '{');
	json_cstr(j, "level", "error");
	plain(j, "message", SLICE("the sweep was stopped before its end"));
	json_close(j, '}');
}

static struct slice first_started(const struct articles *a)
{
	struct slice first = a->n_sources ? a->sources[0].started : (struct slice){0};

	for (size_t i = 1; i < a->n_sources; i++)
		if (slice_cmp(a->sources[i].started, first) < 0)
			first = a->sources[i].started;
	return first;
}

static void invocation(struct json *j, const struct export *x, const struct export_part *p)
{
	const struct articles *a = x->articles;
	const struct slice started = first_started(a), finished = export_finished(a);

	json_open(j, "invocations", '[');
	json_open(j, NULL, '{');
	json_bool(j, "executionSuccessful", a->complete);
	if (started.n)
		json_emit_text(j, "startTimeUtc", started);
	if (finished.n)
		json_emit_text(j, "endTimeUtc", finished);
	json_open(j, "toolExecutionNotifications", '[');
	note_interrupted(j, a);
	note_numbers(j, a);
	for (size_t i = p->first_unread; i < p->end_unread; i++)
		note(j, unread(a, i));
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void base(struct json *j, const struct article_source *s)
{
	struct str key = {0}, uri = {0}, words = {0};

	str_printf(&key, "SOURCE%u", s->id);
	j->failed |= str_failed(&key);
	json_open(j, key.p ? key.p : "", '{');
	str_puts(&uri, s->path.n && s->path.p[0] == '/' ? "file://" : "file:///");
	put_uri_path(&uri, s->path);
	if (uri.n == 0 || uri.p[uri.n - 1] != '/')
		str_putc(&uri, '/');
	put_json(j, "uri", &uri);
	text_show(&words, s->kind);
	str_putc(&words, ' ');
	text_show(&words, s->path);
	if (s->host.n) {
		str_puts(&words, " of ");
		text_show(&words, s->host);
	}
	message(j, "description", &words);
	json_close(j, '}');
	str_finish(&key);
}

static void run_properties(struct json *j, const struct export *x, const struct export_part *p)
{
	const struct article_coverage *c = &x->articles->coverage;

	json_open(j, "properties", '{');
	json_bytes(j, "packsSha256", x->articles->packs_sha256);
	json_number(j, "part", p->number);
	json_number(j, "parts", p->of);
	json_bool(j, "complete", x->articles->complete);
	json_number(j, "items", c->items);
	json_number(j, "bytes", c->bytes);
	json_number(j, "examined", c->examined);
	json_bool(j, "deep", c->deep);
	json_number(j, "mentions", x->articles->mentions);
	json_close(j, '}');
}

/* Each run has its own id: GitHub lets a later run of the same id replace the
 * one before. */
static void automation(struct json *j, const struct export_part *p)
{
	struct str id = {0};

	str_printf(&id, "debar/part-%zu/", p->number);
	json_open(j, "automationDetails", '{');
	put_json(j, "id", &id);
	json_close(j, '}');
}

static void run(struct json *j, const struct export *x, const struct export_part *p)
{
	const struct articles *a = x->articles;

	json_open(j, NULL, '{');
	tool(j, x);
	automation(j, p);
	json_open(j, "originalUriBaseIds", '{');
	for (size_t i = 0; i < a->n_sources; i++)
		base(j, &a->sources[i]);
	json_close(j, '}');
	invocation(j, x, p);
	json_open(j, "results", '[');
	for (size_t i = p->first; i < p->end; i++)
		(void)results(j, x, &a->list[i]);
	json_close(j, ']');
	run_properties(j, x, p);
	json_close(j, '}');
}

static int sarif_write(const struct export *x, const struct export_part *parts, size_t n,
                       FILE *out)
{
	struct json j;

	json_init(&j, out, true);
	json_open(&j, NULL, '{');
	json_cstr(&j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_cstr(&j, "version", "2.1.0");
	json_open(&j, "runs", '[');
	for (size_t i = 0; i < n; i++)
		run(&j, x, &parts[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	json_line(&j);
	return json_finish(&j);
}

/* ---- dividing ---------------------------------------------------------- */

/* A stream that only counts. */
static ssize_t count_bytes(void *ctx, const char *, size_t n)
{
	*(uint64_t *)ctx += n;
	return (ssize_t)n;
}

struct dividing {
	const struct export *x;
	struct json j;
	uint64_t bytes;       /* written to j so far */
	size_t article, note; /* the next ones */
};

/* What the last thing took. */
static uint64_t taken(struct dividing *d, uint64_t *before)
{
	(void)fflush(d->j.out);
	const uint64_t n = d->bytes - *before;
	*before = d->bytes;
	return n;
}

static void take_notes(struct dividing *d, struct export_part *p)
{
	const uint64_t start = d->bytes;

	p->first_unread = d->note;
	while (d->note < unread_count(d->x->articles) && d->bytes - start < NOTES_BYTES_MAX) {
		note(&d->j, unread(d->x->articles, d->note++));
		(void)fflush(d->j.out);
	}
	p->end_unread = d->note;
}

/* Until the part is full; it holds at least one article, however large. */
static void take_articles(struct dividing *d, struct export_part *p, uint64_t used)
{
	const struct articles *a = d->x->articles;
	uint64_t before = d->bytes;
	size_t n = 0;

	p->first = d->article;
	while (d->article < a->n) {
		const size_t more = results(&d->j, d->x, &a->list[d->article]);
		used += taken(d, &before);
		if (n > 0 && (n + more > RUN_RESULTS_MAX || used > RUN_BYTES_MAX))
			break;
		n += more;
		d->article++;
	}
	p->end = d->article;
}

static int divide(struct dividing *d, struct arena *mem, struct export_part **ret, size_t *ret_n)
{
	const struct articles *a = d->x->articles;
	/* Each part but the first and the last takes a note or an article. */
	const size_t most = a->n + unread_count(a) + 1;
	struct export_part *parts = arena_zalloc(mem, most, sizeof(*parts));
	size_t n = 0;

	if (!parts)
		return -ENOMEM;
	do {
		const uint64_t before = d->bytes;
		take_notes(d, &parts[n]);
		take_articles(d, &parts[n], d->bytes - before);
		n++;
	} while (d->article < a->n || d->note < unread_count(a));
	for (size_t i = 0; i < n; i++) {
		parts[i].number = i + 1;
		parts[i].of = n;
	}
	*ret = parts;
	*ret_n = n;
	return 0;
}

static int sarif_split(const struct export *x, struct arena *mem, struct export_part **ret,
                       size_t *ret_n)
{
	const cookie_io_functions_t counting = {.write = count_bytes};
	struct dividing d = {.x = x};
	FILE *out = fopencookie(&d.bytes, "w", counting);

	if (!out)
		return -ENOMEM;
	json_init(&d.j, out, true);
	json_open(&d.j, NULL, '[');
	int r = divide(&d, mem, ret, ret_n);
	json_close(&d.j, ']');
	if (json_finish(&d.j) < 0)
		r = -ENOMEM;
	(void)fclose(out);
	return r;
}

const struct export_form export_sarif = {
	.name = "sarif",
	.of_sweep = true,
	.split = sarif_split,
	.write = sarif_write,
};
