/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/orders_print.h"

#include "base/text.h"

/* Columns of the table are cut at this many characters. */
enum { CELL_MAX = 34, LABEL_WIDTH = 14, VALUE_WIDTH_MIN = 30 };

static const char *const sureness_words[] = {
	[SURE_VERIFIED] = "the full text was read",
	[SURE_SEEN] = "an excerpt or a second hand was read",
	[SURE_BACKGROUND] = "not confirmed",
};

/* Characters, as a terminal without wide ones counts them. */
static int width(struct slice s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

/* -- the table --------------------------------------------------------- */

enum { COLUMN_ID, COLUMN_ISSUER, COLUMN_EFFECTIVE, COLUMN_STATE, COLUMN_ENTITIES, COLUMN_TITLE,
       COLUMN_COUNT };

static void entity_ids(struct str *out, const struct pack *pack, const struct order *o)
{
	for (size_t i = 0; i < o->n_entities; i++)
		str_printf(out, "%s%s", i ? "," : "",
		           pack->entities[o->entities[i].entity].id);
}

const char *order_state_on(const struct order *o, day d)
{
	const struct order_period *p;

	if (o->until && d > day_parse(slice_str(o->until)))
		return "ended";
	if (d < day_parse(slice_str(o->effective)))
		return "not yet";
	return order_state_name(law_state(o, d, &p));
}

/* The text of one cell, not yet padded. */
static void cell_text(struct str *out, const struct pack *pack, const struct order *o,
                      int column, day as_of)
{
	str_clear(out);
	switch (column) {
	case COLUMN_ID:
		str_puts(out, o->id);
		break;
	case COLUMN_ISSUER:
		text_show(out, slice_str(o->issuer));
		break;
	case COLUMN_EFFECTIVE:
		str_puts(out, o->effective);
		break;
	case COLUMN_STATE:
		str_puts(out, order_state_on(o, as_of));
		break;
	case COLUMN_ENTITIES:
		entity_ids(out, pack, o);
		break;
	default:
		text_show(out, slice_str(o->title));
	}
}

/* s cut to CELL_MAX characters, an ellipsis being the last of them. */
static void put_cut(struct str *out, struct slice s)
{
	size_t at = 0;

	if (width(s) <= CELL_MAX) {
		str_add(out, s);
		return;
	}
	for (int n = 0; n < CELL_MAX - 1; n++) {
		size_t rune = text_rune(slice_from(s, at), NULL);
		at += rune ? rune : 1;
	}
	str_add(out, slice_first(s, at));
	str_puts(out, "\u2026");
}

static void put_cell(struct str *out, struct slice s, int column, int column_width)
{
	int n = width(s) < CELL_MAX ? width(s) : CELL_MAX;

	if (column == COLUMN_TITLE) {
		str_add(out, s);
		str_putc(out, '\n');
		return;
	}
	if (column == COLUMN_ID)
		str_add(out, s); /* an id is never cut: it is what one types */
	else
		put_cut(out, s);
	n = column == COLUMN_ID ? width(s) : n;
	str_printf(out, "%*s", column_width - n + 2, "");
}

void orders_print_table(struct str *out, const struct pack *pack, day as_of)
{
	static const char *const heads[] = {"ID", "ISSUER", "EFFECTIVE", "STATE",
	                                    "ENTITIES", "TITLE"};
	int widths[COLUMN_COUNT];
	struct str cell = {0};

	for (int c = 0; c < COLUMN_COUNT; c++) {
		widths[c] = (int)strlen(heads[c]);
		for (size_t i = 0; i < pack->n_orders; i++) {
			cell_text(&cell, pack, &pack->orders[i], c, as_of);
			int w = width(str_slice(&cell));
			if (c != COLUMN_ID && w > CELL_MAX)
				w = CELL_MAX;
			if (w > widths[c])
				widths[c] = w;
		}
		put_cell(out, slice_str(heads[c]), c, widths[c]);
	}
	for (size_t i = 0; i < pack->n_orders; i++)
		for (int c = 0; c < COLUMN_COUNT; c++) {
			cell_text(&cell, pack, &pack->orders[i], c, as_of);
			put_cell(out, str_slice(&cell), c, widths[c]);
		}
	out->failed |= cell.failed;
	str_finish(&cell);
}

/* -- one order --------------------------------------------------------- */

/* A paragraph that knows where it stands in the line. */
struct page {
	struct str *out;
	int columns;
};

static bool next_word(struct slice *rest, struct slice *word)
{
	struct slice s = slice_trim(*rest);
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\n' && s.p[n] != '\t' &&
	       s.p[n] != '\r')
		n++;
	*word = slice_first(s, n);
	*rest = slice_from(s, n);
	return n > 0;
}

/* Words from column `at` on, later lines indented by `indent`; ends the line. */
static void put_words(const struct page *page, int at, int indent, const char *text)
{
	struct slice rest = slice_str(text), word;
	struct str shown = {0};
	int right = page->columns > indent + VALUE_WIDTH_MIN ? page->columns
	                                                     : indent + VALUE_WIDTH_MIN;
	bool first = true;

	while (next_word(&rest, &word)) {
		str_clear(&shown);
		text_show(&shown, word);
		int w = width(str_slice(&shown));
		if (!first && at + 1 + w > right) {
			str_printf(page->out, "\n%*s", indent, "");
			at = indent;
		} else if (!first) {
			str_putc(page->out, ' ');
			at++;
		}
		str_add(page->out, str_slice(&shown));
		at += w;
		first = false;
	}
	str_putc(page->out, '\n');
	page->out->failed |= shown.failed;
	str_finish(&shown);
}

/* "label         value ..." */
static void put_field(const struct page *page, const char *label, const char *value)
{
	if (!value)
		return;
	str_printf(page->out, "%-*s", LABEL_WIDTH, label);
	put_words(page, LABEL_WIDTH, LABEL_WIDTH, value);
}

static void put_list(const struct page *page, const char *label,
                     const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_field(page, i ? "" : label, list[i]);
}

/* A line under LABEL_WIDTH that starts with words of its own. */
static void put_note(const struct page *page, const char *before, const char *text,
                     const char *after)
{
	struct str s = {0};

	str_printf(&s, "%s%s%s", before, text, after);
	put_field(page, "", s.p);
	page->out->failed |= s.failed;
	str_finish(&s);
}

static void put_verbs(struct str *s, unsigned verbs)
{
	for (int v = 0; v < VERB_COUNT; v++)
		if (verbs >> v & 1)
			str_printf(s, "%s%s", s->n && s->p[s->n - 1] != ' ' ? ", " : "",
			           verb_name((enum verb)v));
}

/* "clause (a)(1)" behind other words. */
static void add_clause(struct str *s, const struct clause *clause)
{
	if (clause)
		str_printf(s, "%sclause %s", s->n ? "; " : "", clause->id);
}

static void put_line(const struct page *page, const char *label, struct str *s)
{
	if (s->n)
		put_field(page, label, s->p);
	page->out->failed |= s->failed;
	str_finish(s);
}

static void add_terms(struct str *s, const char *before, const struct term_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		str_printf(s, "%s%s", i ? ", " : before, list->list[i]->id);
}

static void put_binding(const struct page *page, const struct binding *b, bool first)
{
	struct str s = {0};

	add_terms(&s, "", &b->who);
	for (size_t i = 0; i < b->n_holding; i++)
		str_printf(&s, "%s%s", i ? " or " : ", holding ", b->holding[i]);
	if (b->since)
		str_printf(&s, ", since %s", b->since);
	add_terms(&s, "; on ", &b->systems);
	add_terms(&s, "; not on ", &b->not_systems);
	if (b->bans) {
		str_puts(&s, "; may not ");
		put_verbs(&s, b->bans);
	}
	add_clause(&s, b->clause);
	put_line(page, first ? "binds" : "", &s);
}

static void put_period(const struct page *page, const struct order_period *p, bool first)
{
	struct str s = {0};

	str_printf(&s, "%s from %s", order_state_name(p->state), p->since);
	if (p->until)
		str_printf(&s, " until %s", p->until);
	if (p->by)
		str_printf(&s, ", by %s", p->by);
	if (p->because)
		str_printf(&s, ": %s", p->because);
	put_line(page, first ? "history" : "", &s);
}

static void add_list(struct str *s, const char *before, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		str_printf(s, "%s%s", i ? ", " : before, list[i]);
}

static void put_category(const struct page *page, const struct category_rule *rule, bool first)
{
	struct str s = {0};

	str_puts(&s, rule->category->id);
	add_list(&s, " made in ", rule->produced_in, rule->n_produced_in);
	add_list(&s, " made anywhere but in ", rule->not_produced_in, rule->n_not_produced_in);
	if (rule->because)
		str_printf(&s, ": %s", rule->because);
	add_clause(&s, rule->clause);
	put_line(page, first ? "categories" : "", &s);
	for (size_t i = 0; i < rule->n_allowed; i++) {
		const struct allowed_model *m = &rule->allowed[i];
		str_printf(&s, "%.*s", SLICE_ARG(m->model));
		if (m->until)
			str_printf(&s, " until %s", m->until);
		put_note(page, "  but not the model ", s.p ? s.p : "", "");
		str_clear(&s);
	}
	str_finish(&s);
}

static void put_clause(const struct page *page, const struct clause *c, bool first)
{
	struct str s = {0};

	str_printf(&s, "%s%s%s: %s", c->id, c->cite ? ", " : "", c->cite ? c->cite : "",
	           c->text);
	put_line(page, first ? "clauses" : "", &s);
}

static void put_clock(const struct page *page, const struct clock *c, bool first)
{
	struct str s = {0};

	str_printf(&s, "%s: %s, ", c->id, c->what);
	clock_words(&s, c);
	add_terms(&s, "; by ", &c->who);
	if (c->form)
		str_printf(&s, "; paper %s", c->form);
	add_clause(&s, c->clause);
	put_line(page, first ? "clocks" : "", &s);
}

static void put_family_rule(const struct page *page, const struct family_rule *f)
{
	struct str s = {0};

	for (int r = 0; r < REL_COUNT; r++)
		if (f->relations >> r & 1)
			str_printf(&s, "%s%s", s.n ? ", " : "", relation_name((enum relation)r));
	if (f->percent >= 0)
		str_printf(&s, "%s%s %d %% owned", s.n ? ", " : "",
		           f->more ? "more than" : "at least", f->percent);
	if (f->control)
		str_printf(&s, "%swho controls or is controlled", s.n ? ", " : "");
	if (s.n)
		put_note(page, "  relatives: ", s.p, "");
	page->out->failed |= s.failed;
	str_finish(&s);
}

static void put_entity(const struct page *page, const struct entity *e,
                       const char *purpose, bool first)
{
	static const char *const relations[] = {
		[REL_PARENT] = "  parent: ",         [REL_SUBSIDIARY] = "  subsidiary: ",
		[REL_AFFILIATE] = "  affiliate: ",   [REL_PREDECESSOR] = "  predecessor: ",
		[REL_SUCCESSOR] = "  successor: ",     [REL_OWNED] = "  owns of: ",
	};
	struct str s = {0};

	str_printf(&s, "%s: %s", e->id, e->name);
	if (e->country)
		str_printf(&s, " (%s)", e->country);
	put_field(page, first ? "entities" : "", s.p);
	if (purpose)
		put_note(page, "  only for: ", purpose, "");
	for (size_t i = 0; i < e->n_names; i++) {
		const struct entity_name *n = &e->names[i];
		str_clear(&s);
		if (n->since)
			str_printf(&s, " since %s", n->since);
		if (n->until)
			str_printf(&s, " until %s", n->until);
		put_note(page, "  also ", n->name, s.n ? s.p : "");
	}
	for (size_t i = 0; i < e->n_family; i++)
		put_note(page, relations[e->family[i].relation], e->family[i].name, "");
	page->out->failed |= s.failed;
	str_finish(&s);
}

static void put_scope(const struct page *page, const struct order *o)
{
	enum { SIDE_WIDTH = 11, WORD_WIDTH = 12 };
	const int indent = LABEL_WIDTH + SIDE_WIDTH + WORD_WIDTH;

	for (size_t i = 0; i < SCOPE_SIDES; i++) {
		const struct scope_rule *rule = scope_side(o, i);
		str_printf(page->out, "%-*s%-*s", LABEL_WIDTH, i ? "" : "scope",
		           SIDE_WIDTH, scope_side_name(i));
		if (!rule->because) {
			str_printf(page->out, "%s\n", scope_word_name(rule->word));
			continue;
		}
		str_printf(page->out, "%-*s", WORD_WIDTH, scope_word_name(rule->word));
		put_words(page, indent, indent, rule->because);
		if (rule->question)
			put_note(page, "  if so: ", rule->question->text, "");
	}
	put_family_rule(page, &o->family);
}

static void put_carve_out(const struct page *page, const struct pack *pack,
                          const struct carve_out *c, bool first)
{
	struct str s = {0};

	str_printf(&s, "%s: %s", c->id, c->text);
	put_field(page, first ? "carve-outs" : "", s.p);
	for (size_t i = 0; i < c->n_articles; i++) {
		str_clear(&s);
		str_add(&s, c->articles[i]);
		put_note(page, "  articles called ", s.p, "");
	}
	for (size_t i = 0; i < c->n_marks; i++)
		put_note(page, "  found by mark ", pack->marks[c->marks[i]].id, "");
	page->out->failed |= s.failed;
	str_finish(&s);
}

static void put_dates(const struct page *page, const struct order *o)
{
	struct str s = {0};

	str_printf(&s, "%s, in force from %s", o->issued, o->effective);
	if (o->until)
		str_printf(&s, " until %s", o->until);
	put_field(page, "issued", s.p);
	page->out->failed |= s.failed;
	str_finish(&s);
}

static void put_bans(const struct page *page, const struct order *o)
{
	struct str s = {0};

	put_verbs(&s, o->bans);
	put_field(page, "bans to", s.p);
	page->out->failed |= s.failed;
	str_finish(&s);
}

void orders_print_one(struct str *out, const struct pack *pack, const struct order *o,
                      int columns)
{
	const struct page page = {out, columns};

	put_words(&page, 0, 0, o->title);
	str_putc(out, '\n');
	put_field(&page, "id", o->id);
	put_field(&page, "issuer", o->issuer);
	put_field(&page, "authority", o->authority);
	put_list(&page, "cites", o->cites, o->n_cites);
	put_dates(&page, o);
	put_bans(&page, o);
	put_field(&page, "applies to", o->applies_to);
	for (size_t i = 0; i < o->n_bindings; i++)
		put_binding(&page, &o->bindings[i], i == 0);
	for (size_t i = 0; i < o->n_history; i++)
		put_period(&page, &o->history[i], i == 0);
	str_putc(out, '\n');
	for (size_t i = 0; i < o->n_entities; i++)
		put_entity(&page, &pack->entities[o->entities[i].entity],
		           o->entities[i].purpose, i == 0);
	for (size_t i = 0; i < o->n_categories; i++)
		put_category(&page, &o->categories[i], i == 0);
	str_putc(out, '\n');
	put_scope(&page, o);
	str_putc(out, '\n');
	for (size_t i = 0; i < o->n_carve_outs; i++)
		put_carve_out(&page, pack, &o->carve_outs[i], i == 0);
	if (!o->n_carve_outs)
		put_field(&page, "carve-outs", "none");
	for (size_t i = 0; i < o->n_clauses; i++)
		put_clause(&page, &o->clauses[i], i == 0);
	for (size_t i = 0; i < o->n_clocks; i++)
		put_clock(&page, &o->clocks[i], i == 0);
	put_list(&page, "papers", o->forms, o->n_forms);
	str_putc(out, '\n');
	put_field(&page, "what to do", o->action);
	put_list(&page, "sources", o->sources, o->n_sources);
	put_field(&page, "how sure", sureness_words[o->sureness]);
	put_field(&page, "note", o->note);
	put_field(&page, "stands in", o->file);
}
