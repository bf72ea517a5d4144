/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar orders due --format ics: an entry for each date that is not done. An
 * entry is known by what it is about and not by its date, so that a date which
 * was moved replaces the one in a calendar that read an older file.
 */
#include "report/due.h"
#include "report/ics.h"

/* How many events of the same kind and day stand before this one in the profile:
 * what tells it from them, whatever else comes into the profile. */
static size_t place_among_equals(const struct profile *p, const struct profile_event *e)
{
	size_t n = 0;

	for (const struct profile_event *other = p->events; other < e; other++)
		n += other->kind == e->kind && strcmp(other->on, e->on) == 0;
	return n;
}

/* Parts end with a line break, which no id and no date holds. */
static void add_key(struct str *key, const struct due_report *r, const struct due *d)
{
	const struct profile_clause *c = d->contract;

	str_printf(key, "%d\n%s\n%s\n%u\n", (int)d->kind, d->order->id,
	           d->clock ? d->clock->id : d->how, d->number);
	if (d->event)
		str_printf(key, "%s\n%s\n%zu\n", event_name(d->event->kind), d->event->on,
		           place_among_equals(r->context->profile, d->event));
	if (c)
		str_printf(key, "%s\n%s\n", c->contract ? c->contract : "", c->clause);
}

static void add_description(struct str *text, const struct due_report *r, const struct due *d)
{
	str_puts(text, "for: ");
	due_tell_whom(text, r, d);
	str_puts(text, "\nwhy: ");
	due_tell_why(text, d);
	str_printf(text, "\nhow: %s", d->how);
	if (d->clock && d->clock->form)
		str_printf(text, "\npaper: debar report --order %s --form %s", d->order->id,
		           d->clock->form);
}

static void put_event(struct ics *t, const struct due_report *r, const struct due *d)
{
	struct str key = {0}, summary = {0}, description = {0};

	add_key(&key, r, d);
	str_printf(&summary, "%s: %s", d->order->id, d->what);
	if (d->number)
		str_printf(&summary, ", number %u", d->number);
	add_description(&description, r, d);
	t->failed |= str_failed(&key) || str_failed(&summary) || str_failed(&description);
	if (!t->failed)
		ics_event(t, &(struct ics_event){
			.key = str_slice(&key), .on = d->on, .summary = summary.p,
			.description = description.p, .category = d->order->id});
	str_finish(&key);
	str_finish(&summary);
	str_finish(&description);
}

static int write_ics(const struct due_report *r, const struct report_style *style, FILE *out)
{
	struct ics t;

	(void)style;
	ics_begin(&t, out, r->context->as_of, "debar: what is due");
	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].on != DAY_NONE && !r->list[i].done)
			put_event(&t, r, &r->list[i]);
	return ics_end(&t);
}

const struct due_form due_ics = {.name = "ics", .write = write_ics};
