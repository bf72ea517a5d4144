/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The orders as a page for people who know the law and not the program: first a
 * table of what each reaches, then, order by order, who is bound, what is due,
 * and what the program says of the cases that the order carries.
 */
#include "base/text.h"
#include "cmd/orders_print.h"

/* ---- cells ------------------------------------------------------------- */

/* Text that cannot end a cell or start a tag. */
static void put(struct str *out, const char *text)
{
	for (const char *at = text ? text : ""; *at; at++) {
		if (*at == '|' || *at == '*' || *at == '_' || *at == '<' || *at == '`')
			str_putc(out, '\\');
		str_putc(out, *at == '\n' ? ' ' : *at);
	}
}

static void cell(struct str *out, const char *text)
{
	str_puts(out, " ");
	put(out, text);
	str_puts(out, " |");
}

static void verbs_cell(struct str *out, unsigned verbs)
{
	str_puts(out, " ");
	for (int v = 0, n = 0; v < VERB_COUNT; v++)
		if (verbs >> v & 1)
			str_printf(out, "%s%s", n++ ? ", " : "", verb_name((enum verb)v));
	str_puts(out, " |");
}

static void rule_cell(struct str *out, const struct scope_rule *rule)
{
	static const char *const words[] = {
		[SCOPE_NOT_STATED] = "–", [SCOPE_INCLUDED] = "in", [SCOPE_EXCLUDED] = "**out**",
	};

	str_printf(out, " %s%s |", words[rule->word], rule->question ? ", if" : "");
}

static void family_cell(struct str *out, const struct order *o)
{
	const struct family_rule *f = &o->family;
	int n = 0;

	if (o->basis[BASIS_FAMILY].word != SCOPE_INCLUDED) {
		rule_cell(out, &o->basis[BASIS_FAMILY]);
		return;
	}
	str_puts(out, " ");
	for (int r = 0; r < REL_COUNT; r++)
		if (f->relations >> r & 1)
			str_printf(out, "%s%s", n++ ? ", " : "", relation_name((enum relation)r));
	if (f->control)
		str_printf(out, "%scontrol", n++ ? ", " : "");
	if (f->percent >= 0)
		str_printf(out, "%s%s %d %%", n++ ? ", " : "",
		           f->more ? "more than" : "from", f->percent);
	str_puts(out, n ? " |" : "all |");
}

static void carve_outs_cell(struct str *out, const struct order *o)
{
	str_puts(out, " ");
	for (size_t i = 0; i < o->n_carve_outs; i++)
		str_printf(out, "%s%s", i ? ", " : "", o->carve_outs[i].id);
	str_puts(out, o->n_carve_outs ? " |" : "none |");
}

static void row(struct str *out, const struct order *o)
{
	static const char sure[] = {
		[SURE_VERIFIED] = 'P', [SURE_SEEN] = 'X', [SURE_BACKGROUND] = 'K'};
	char letter[2] = {sure[o->sureness], 0};

	str_printf(out, "| [%s](#%s) |", o->id, o->id);
	cell(out, o->effective);
	verbs_cell(out, o->bans);
	for (size_t i = 0; i < SCOPE_SIDES; i++)
		if (&o->basis[BASIS_FAMILY] == scope_side(o, i))
			family_cell(out, o);
		else
			rule_cell(out, scope_side(o, i));
	carve_outs_cell(out, o);
	cell(out, letter);
	str_puts(out, "\n");
}

static void table(struct str *out, const struct pack *pack)
{
	str_puts(out, "| order | from | bans to |");
	for (size_t i = 0; i < SCOPE_SIDES; i++)
		cell(out, scope_side_name(i));
	str_puts(out, " carve-outs | sure |\n|---|---|---|");
	for (size_t i = 0; i < SCOPE_SIDES; i++)
		str_puts(out, "---|");
	str_puts(out, "---|---|\n");
	for (size_t i = 0; i < pack->n_orders; i++)
		row(out, &pack->orders[i]);
}

/* ---- one order --------------------------------------------------------- */

static void bound(struct str *out, const struct order *o)
{
	for (size_t i = 0; i < o->n_bindings; i++) {
		const struct binding *b = &o->bindings[i];
		str_puts(out, "- binds ");
		for (size_t k = 0; k < b->who.n; k++) {
			str_puts(out, k ? " or " : "");
			put(out, b->who.list[k]->text);
		}
		for (size_t k = 0; k < b->n_holding; k++)
			str_printf(out, "%s%s", k ? " or " : ", holding ", b->holding[k]);
		for (size_t k = 0; k < b->systems.n; k++)
			str_printf(out, "%s%s", k ? " or " : ", on ", b->systems.list[k]->text);
		for (size_t k = 0; k < b->not_systems.n; k++)
			str_printf(out, "%s%s", k ? " or " : ", not on ",
			           b->not_systems.list[k]->text);
		if (b->since)
			str_printf(out, ", since %s", b->since);
		str_puts(out, "\n");
	}
}

static void dates(struct str *out, const struct order *o)
{
	for (size_t i = 0; i < o->n_history; i++) {
		const struct order_period *p = &o->history[i];
		str_printf(out, "- %s from %s", order_state_name(p->state), p->since);
		if (p->until)
			str_printf(out, " until %s", p->until);
		if (p->because) {
			str_puts(out, ": ");
			put(out, p->because);
		}
		str_puts(out, "\n");
	}
	for (size_t i = 0; i < o->n_clocks; i++) {
		str_puts(out, "- ");
		put(out, o->clocks[i].what);
		str_puts(out, ": ");
		clock_words(out, &o->clocks[i]);
		str_puts(out, "\n");
	}
}

/* What the program says of a case, word for word. */
static bool said(struct str *out, const struct pack *pack, const struct order *o,
                 const struct order_example *x, struct arena *mem)
{
	const struct law_context c = {
		.pack = pack, .profile = x->profile,
		.as_of = day_parse(slice_str(x->as_of ? x->as_of : o->effective))};
	struct verdict v;

	if (!law_judge(&c, o, &x->subject, mem, &v) || !v.because)
		return false;
	str_puts(out, "|");
	cell(out, x->name);
	str_printf(out, " **%s** |", verdict_name(v.word));
	cell(out, v.because);
	cell(out, v.clause ? v.clause->id : "");
	str_puts(out, "\n");
	return true;
}

static void cases(struct str *out, const struct pack *pack, const struct order *o)
{
	struct arena mem;

	if (!o->n_examples)
		return;
	arena_init(&mem, 0);
	str_puts(out, "\n| case | verdict | because | clause |\n|---|---|---|---|\n");
	for (size_t i = 0; i < o->n_examples; i++) {
		out->failed |= !said(out, pack, o, &o->examples[i], &mem);
		arena_reset(&mem);
	}
	arena_finish(&mem);
}

static void order(struct str *out, const struct pack *pack, const struct order *o)
{
	str_printf(out, "\n## %s\n\n", o->id);
	put(out, o->title);
	str_puts(out, ". ");
	put(out, o->issuer);
	str_printf(out, ", issued %s, in force from %s", o->issued, o->effective);
	if (o->until)
		str_printf(out, " until %s", o->until);
	str_puts(out, ".\n");
	if (o->note) {
		str_puts(out, "\nNote: ");
		put(out, o->note);
		str_puts(out, "\n");
	}
	str_puts(out, "\n");
	bound(out, o);
	dates(out, o);
	cases(out, pack, o);
}

void orders_print_matrix(struct str *out, const struct pack *pack)
{
	str_puts(out, "# What each order reaches, and what is said of it\n\n"
	              "Made from the packs by `debar orders list --format markdown`; the verdicts\n"
	              "are the program's own words. \"in\" and \"out\": the order includes or\n"
	              "excludes it; \"–\": it does not say, and a person must settle it;\n"
	              "\"if\": only where a question is answered with yes. Sure: P the text was\n"
	              "read, X an "
	              "excerpt or a second hand, K not confirmed. No legal advice; the official\n"
	              "text governs.\n\n");
	table(out, pack);
	for (size_t i = 0; i < pack->n_orders; i++)
		order(out, pack, &pack->orders[i]);
}
