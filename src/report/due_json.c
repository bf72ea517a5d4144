/* SPDX-License-Identifier: Apache-2.0 */
/* debar orders due --format json; doc/due.schema.json says what stands where. */
#include "report/due.h"
#include "report/json_emit.h"

static void put_day(struct json *j, const char *key, day d)
{
	char text[DATE_BYTES];

	day_format(d, text);
	json_cstr(j, key, text[0] ? text : NULL);
}

static void put_texts(struct json *j, const char *key, const char *const *list, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_cstr(j, NULL, list[i]);
	json_close(j, ']');
}

static void put_contract(struct json *j, const struct profile_clause *c)
{
	if (!c) {
		json_cstr(j, "contract", NULL);
		return;
	}
	json_open(j, "contract", '{');
	json_cstr(j, "number", c->contract);
	json_cstr(j, "clause", c->clause);
	put_texts(j, "orders", c->orders, c->n_orders);
	json_cstr(j, "officer", c->officer);
	json_close(j, '}');
}

static void put_event(struct json *j, const struct profile_event *e)
{
	if (!e) {
		json_cstr(j, "event", NULL);
		return;
	}
	json_open(j, "event", '{');
	json_cstr(j, "is", event_name(e->kind));
	json_cstr(j, "on", e->on);
	json_cstr(j, "what", e->what);
	json_close(j, '}');
}

static void put_extension(struct json *j, const struct due *d)
{
	if (!d->extension) {
		json_cstr(j, "extension", NULL);
		return;
	}
	json_open(j, "extension", '{');
	json_cstr(j, "by", d->extension->by);
	json_cstr(j, "cite", d->extension->cite);
	put_day(j, "instead_of", d->unextended);
	json_close(j, '}');
}

static void put_told(struct json *j, const char *key, struct str *text)
{
	j->failed |= str_failed(text);
	json_emit_text(j, key, str_slice(text));
	str_clear(text);
}

static void put_due(struct json *j, const struct due_report *r, const struct due *d)
{
	static const char *const kinds[] = {
		[DUE_CLOCK] = "clock",
		[DUE_ORDER_ENDS] = "order-ends",
		[DUE_PERIOD_ENDS] = "period-ends",
		[DUE_WAIVER_ENDS] = "waiver-ends",
	};
	const struct clock *k = d->clock;
	struct str text = {0};

	json_open(j, NULL, '{');
	json_cstr(j, "is", due_word_name(due_word_of(r, d)));
	put_day(j, "on", d->on);
	json_cstr(j, "kind", kinds[d->kind]);
	json_cstr(j, "order", d->order->id);
	json_cstr(j, "clock", k ? k->id : NULL);
	json_number(j, "number", d->number);
	json_cstr(j, "what", d->what);
	due_tell_whom(&text, r, d);
	put_told(j, "for", &text);
	put_contract(j, d->contract);
	due_tell_why(&text, d);
	put_told(j, "why", &text);
	json_cstr(j, "clause", k && k->clause ? k->clause->id : NULL);
	json_cstr(j, "form", k ? k->form : NULL);
	json_cstr(j, "how", d->how);
	put_event(j, d->event);
	put_extension(j, d);
	json_close(j, '}');
	str_finish(&text);
}

static int write_json(const struct due_report *r, const struct report_style *style, FILE *out)
{
	const struct profile *p = r->context->profile;
	struct json j;

	(void)style;
	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	json_cstr(&j, "schema", "debar/due/1");
	json_open(&j, "tool", '{');
	json_cstr(&j, "name", "debar");
	json_cstr(&j, "version", DEBAR_VERSION);
	json_close(&j, '}');
	json_open(&j, "packs", '{');
	json_cstr(&j, "sha256", r->context->pack->sha256);
	json_close(&j, '}');
	put_day(&j, "as_of", r->context->as_of);
	put_day(&j, "until", r->until);
	json_bool(&j, "profile", p != NULL);
	json_open(&j, "counts", '{');
	for (enum due_word w = 0; w < DUE_WORD_COUNT; w++)
		json_number(&j, due_word_name(w), due_count(r, w));
	json_close(&j, '}');
	json_open(&j, "due", '[');
	for (size_t i = 0; i < r->n; i++)
		put_due(&j, r, &r->list[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	return json_finish(&j);
}

const struct due_form due_json = {.name = "json", .write = write_json};
