/* SPDX-License-Identifier: Apache-2.0 */
#include "report/due.h"

static const char *const names[DUE_WORD_COUNT] = {
	[DUE_OVERDUE] = "overdue",     [DUE_PASSED] = "passed",
	[DUE_AHEAD] = "due",           [DUE_ENDS] = "ends",
	[DUE_NOT_KNOWN] = "not-known", [DUE_NOT_RUNNING] = "not-running",
	[DUE_DONE] = "done",
};

const char *due_word_name(enum due_word word)
{
	return names[word];
}

enum due_word due_word_of(const struct due_report *r, const struct due *d)
{
	if (d->stopped)
		return DUE_NOT_RUNNING;
	if (d->kind != DUE_CLOCK)
		return DUE_ENDS;
	if (d->done)
		return DUE_DONE;
	if (d->on == DAY_NONE)
		return DUE_NOT_KNOWN;
	if (d->on >= r->context->as_of)
		return DUE_AHEAD;
	return r->context->profile ? DUE_OVERDUE : DUE_PASSED;
}

size_t due_count(const struct due_report *r, enum due_word word)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += due_word_of(r, &r->list[i]) == word;
	return n;
}

static void tell_contract(struct str *out, const struct profile_clause *c)
{
	str_printf(out, "contract %s", c->contract ? c->contract : "without a number");
	for (size_t i = 0; i < c->n_orders; i++)
		str_printf(out, "%s%s", i ? ", " : ", orders ", c->orders[i]);
	str_printf(out, " (%s)", c->clause);
	if (c->officer)
		str_printf(out, ", officer %s", c->officer);
}

void due_tell_whom(struct str *out, const struct due_report *r, const struct due *d)
{
	const struct profile *p = r->context->profile;
	const struct term_list *who = d->clock ? &d->clock->who : NULL;

	if (p && p->name)
		str_printf(out, "%s%s", p->name, d->contract ? ": " : "");
	if (d->contract)
		tell_contract(out, d->contract);
	if (d->contract || (p && p->name))
		return;
	for (size_t i = 0; who && i < who->n; i++)
		str_printf(out, "%s%s", i ? "; " : "", who->list[i]->text);
	if (!who || who->n == 0)
		str_puts(out, d->order->applies_to ? d->order->applies_to : "everybody bound");
}

void due_tell_why(struct str *out, const struct due *d)
{
	const struct clause *c = d->clock ? d->clock->clause : NULL;

	if (c)
		str_printf(out, "%s: %s", c->cite ? c->cite : c->id, c->text);
	else
		str_puts(out, d->order->title);
}

const struct due_form *due_form(const char *name)
{
	static const struct due_form *const forms[] = {&due_text, &due_json, &due_csv, &due_ics};

	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	return NULL;
}
