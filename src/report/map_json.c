/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar map --format json: one document, as doc/map.schema.json says. A member
 * that is not in the schema may not be written. Hosts are written one by one
 * as they are read, last of all but the sums.
 */
#include "report/json.h"
#include "report/map_json.h"
#include "report/map_unread.h"

void map_json_about(struct json *j, const struct map_report *r)
{
	json_opening(j, &(struct json_opening){
		.schema = "debar/map/1",
		.version = r->version,
		.pack = r->pack,
		.orders = r->orders,
		.n_orders = r->n_orders,
	});
	json_open(j, "entities", '[');
	for (size_t i = 0; i < r->pack->n_entities; i++)
		if (!r->entities || r->entities[i])
			json_cstr(j, NULL, r->pack->entities[i].id);
	json_close(j, ']');
	json_close(j, '}');
	json_bytes(j, "store", slice_str(r->store));
	json_cstr(j, "as_of", r->as_of);
	json_open(j, "where", '[');
	for (size_t i = 0; i < r->n_where; i++) {
		json_open(j, NULL, '{');
		json_bytes(j, "key", r->where[i].key);
		json_bytes(j, "value", r->where[i].value);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* ---- rows -------------------------------------------------------------- */

static void tally(struct json *j, const struct map_tally *t)
{
	json_number(j, "affected", map_affected(t));
	for (int w = MAP_WORD_COUNT - 1; w > MAP_NONE; w--)
		json_number(j, map_word_name((enum map_word)w), t->hosts[w]);
}

static void hosts_of(struct json *j, const struct map_tally *t)
{
	json_open(j, "hosts", '{');
	tally(j, t);
	json_close(j, '}');
}

void map_json_order(struct json *j, const struct map_order *o)
{
	json_cstr(j, "order", o->order->id);
	json_cstr(j, "title", o->order->title);
	hosts_of(j, &o->tally);
}

void map_json_unit(struct json *j, const struct map_unit *u)
{
	json_bytes(j, "unit", u->path);
	json_number(j, "reported", u->reported);
	json_number(j, "never_reported", u->never);
	hosts_of(j, &u->tally);
}

static void names(struct json *j, const struct finding *f)
{
	json_open(j, "article", '{');
	json_cstr(j, "kind", kind_name(f->kind));
	json_bytes(j, "name", f->name);
	json_bytes(j, "version", f->version);
	json_cstr(j, "ecosystem", f->ecosystem);
	json_close(j, '}');
}

static void one_case(struct json *j, const struct map_case *c)
{
	const struct finding *f = c->finding;

	json_open(j, NULL, '{');
	json_cstr(j, "state", state_name(f->state));
	json_cstr(j, "basis", basis_name(f->basis));
	json_cstr(j, "strength", strength_name(f->strength));
	json_cstr(j, "word", map_word_name(c->word));
	json_number(j, "hosts", c->hosts);
	json_verdicts(j, f);
	json_all_evidence(j, f);
	json_close(j, '}');
}

void map_json_article(struct json *j, const struct map_article *a)
{
	const struct finding *f = a->cases->finding;

	json_cstr(j, "id", f->id);
	json_cstr(j, "entity", f->entity->id);
	names(j, f);
	hosts_of(j, &a->tally);
	json_open(j, "cases", '[');
	for (size_t i = 0; i < a->n_cases; i++)
		one_case(j, &a->cases[i]);
	json_close(j, ']');
}

void map_json_group(struct json *j, const struct map_group *g)
{
	if (g->order)
		json_cstr(j, "order", g->order->id);
	if (g->article) {
		json_cstr(j, "id", g->article->id);
		json_cstr(j, "entity", g->article->entity->id);
		names(j, g->article);
	}
	if (g->state >= 0)
		json_cstr(j, "state", state_name((enum state)g->state));
	if (g->unit.p)
		json_bytes(j, "unit", g->unit);
	hosts_of(j, &g->tally);
}

static void host_case(struct json *j, const struct map_case *c)
{
	const struct finding *f = c->finding;

	json_open(j, NULL, '{');
	json_cstr(j, "id", f->id);
	json_cstr(j, "entity", f->entity->id);
	names(j, f);
	json_cstr(j, "state", state_name(f->state));
	json_cstr(j, "basis", basis_name(f->basis));
	json_cstr(j, "strength", strength_name(f->strength));
	json_cstr(j, "word", map_word_name(c->word));
	json_verdicts(j, f);
	json_close(j, '}');
}

static void unread(void *ctx, const struct map_unread *one)
{
	struct json *j = ctx;

	json_open(j, NULL, '{');
	json_bytes(j, "path", one->path);
	json_member(j, "member", one->member);
	json_cstr(j, "why", one->why);
	json_close(j, '}');
}

void map_json_host(struct json *j, const struct map_host *h)
{
	json_bytes(j, "host", h->name);
	json_bytes(j, "unit", h->unit);
	json_bytes(j, "labels", h->labels);
	json_cstr(j, "word", map_word_name(h->word));
	json_cstr(j, "first_seen", h->first_seen);
	json_cstr(j, "last_seen", h->last_seen);
	json_bool(j, "complete", h->complete);
	json_bool(j, "deep", h->deep);
	json_number(j, "items", h->items);
	json_number(j, "examined", h->examined);
	json_number(j, "not_examined", h->incomplete);
	json_open(j, "unread", '[');
	map_unread_each(h, unread, j);
	json_close(j, ']');
	json_number(j, "programs", h->programs);
	json_bool(j, "search_again", h->search_again);
	json_open(j, "articles", '[');
	for (size_t i = 0; i < h->n_cases; i++)
		host_case(j, h->cases[i]);
	json_close(j, ']');
}

/* ---- sums -------------------------------------------------------------- */

static void coverage(struct json *j, const struct map_report *r)
{
	const struct map_coverage *c = &r->coverage;

	json_open(j, "coverage", '{');
	json_bool(j, "complete", c->complete);
	json_number(j, "reported", c->reported);
	json_number(j, "never_reported", c->never);
	json_number(j, "incomplete", c->incomplete);
	json_number(j, "not_examined", c->not_examined);
	json_number(j, "deep", c->deep);
	json_number(j, "undecided", r->undecided);
	json_cstr(j, "oldest", c->oldest);
	json_cstr(j, "newest", c->newest);
	json_close(j, '}');
}

static void remainder_of(struct json *j, const struct map_remainder *rest)
{
	json_open(j, "remainder", '{');
	json_open(j, "marks", '[');
	for (size_t i = 0; i < rest->n_marks; i++) {
		json_open(j, NULL, '{');
		json_cstr(j, "mark", rest->marks[i].mark->id);
		json_number(j, "hosts", rest->marks[i].hosts);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_number(j, "hosts", rest->hosts);
	json_number(j, "artefacts", rest->programs);
	json_bool(j, "exact", rest->exact);
	json_close(j, '}');
}

void map_json_sums(struct json *j, const struct map_report *r)
{
	json_open(j, "hosts", '{');
	tally(j, &r->total);
	json_number(j, "reported", r->coverage.reported);
	json_number(j, "never_reported", r->coverage.never);
	json_number(j, "expected", r->coverage.reported + r->coverage.never);
	json_close(j, '}');
	coverage(j, r);
	remainder_of(j, &r->remainder);
	json_number(j, "values", r->values);
	json_number(j, "artefacts", r->artefacts);
	json_seconds(j, "seconds", r->seconds);
}

/* ---- the document ------------------------------------------------------ */

#define ROWS(key, list, n, row)                     \
	do {                                        \
		json_open(j, key, '[');             \
		for (size_t i = 0; i < (n); i++) {  \
			json_open(j, NULL, '{');    \
			row(j, &(list)[i]);         \
			json_close(j, '}');         \
		}                                   \
		json_close(j, ']');                 \
	} while (0)

static void rows(struct json *j, const struct map_report *r)
{
	ROWS("orders", r->by_order, r->n_orders, map_json_order);
	ROWS("units", r->units, map_listed(r, r->n_units), map_json_unit);
	ROWS("articles", r->articles, map_listed(r, r->n_articles), map_json_article);
	if (r->by && !r->each_host)
		ROWS("groups", r->groups, map_listed(r, r->n_groups), map_json_group);
}

struct host_rows {
	struct json *j;
	size_t n, most; /* most 0: all */
};

static int host_row(void *ctx, const struct map_host *host)
{
	struct host_rows *rows = ctx;

	if (rows->most && rows->n == rows->most)
		return 1;
	rows->n++;
	json_open(rows->j, NULL, '{');
	map_json_host(rows->j, host);
	json_close(rows->j, '}');
	return 0;
}

static int write_json(const struct map_report *r, const struct report_style *,
                      FILE *out)
{
	struct json j;
	struct host_rows hosts = {.j = &j, .most = r->limit};
	int rc = 0;

	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	map_json_about(&j, r);
	rows(&j, r);
	if (r->each_host) {
		json_open(&j, "host_list", '[');
		rc = r->each_host(r, host_row, &hosts);
		json_close(&j, ']');
	}
	map_json_sums(&j, r);
	json_close(&j, '}');
	int finished = json_finish(&j);
	return rc < 0 ? rc : finished;
}

const struct map_form map_json = {
	.name = "json",
	.write = write_json,
};
