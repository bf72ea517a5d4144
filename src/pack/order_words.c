/* SPDX-License-Identifier: Apache-2.0 */
/* The words of orders and profiles: one table per enumeration. */
#include "pack/reader.h"

static int word_index(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -1;
}

static const char *const verbs[VERB_COUNT] = {
	[VERB_HAVE] = "have",           [VERB_USE] = "use",
	[VERB_PROCURE] = "procure",     [VERB_PROVIDE] = "provide",
	[VERB_CONTRACT] = "contract",   [VERB_INTEGRATE] = "integrate",
	[VERB_TRANSACT] = "transact",   [VERB_AUTHORISE] = "authorise",
	[VERB_FUND] = "fund",
};

const char *verb_name(enum verb verb)
{
	return verbs[verb];
}

int verb_by_name(const char *name)
{
	return word_index(verbs, COUNT_OF(verbs), name);
}

static const char *const relations[REL_COUNT] = {
	[REL_PARENT] = "parent",           [REL_SUBSIDIARY] = "subsidiary",
	[REL_AFFILIATE] = "affiliate",     [REL_PREDECESSOR] = "predecessor",
	[REL_SUCCESSOR] = "successor",     [REL_OWNED] = "owned",
};

const char *relation_name(enum relation r)
{
	return relations[r];
}

int relation_by_name(const char *name)
{
	return word_index(relations, COUNT_OF(relations), name);
}

static const char *const states[ORDER_STATE_COUNT] = {
	[ORDER_DRAFT] = "draft",               [ORDER_IN_FORCE] = "in-force",
	[ORDER_UNDER_REVIEW] = "under-review", [ORDER_SUSPENDED] = "suspended",
	[ORDER_SUPERSEDED] = "superseded",     [ORDER_REVOKED] = "revoked",
};

const char *order_state_name(enum order_state s)
{
	return states[s];
}

int order_state_by_name(const char *name)
{
	return word_index(states, COUNT_OF(states), name);
}

static const char *const events[EVENT_KIND_COUNT] = {
	[EVENT_ISSUED] = "issued",         [EVENT_EFFECTIVE] = "effective",
	[EVENT_IDENTIFIED] = "identified", [EVENT_NOTIFIED] = "notified",
	[EVENT_SUBMITTED] = "submitted",   [EVENT_CONTRACT] = "contract",
	[EVENT_SOLICITATION] = "solicitation", [EVENT_DONE] = "done",
};

const char *event_name(enum event_kind kind)
{
	return events[kind];
}

int event_by_name(const char *name)
{
	return word_index(events, COUNT_OF(events), name);
}

static const char *const verdicts[] = {
	[VERDICT_COVERED] = "covered",
	[VERDICT_EXCLUDED] = "excluded",
	[VERDICT_REVIEW] = "review",
};

const char *verdict_name(enum verdict_word word)
{
	return verdicts[word];
}

int verdict_by_name(const char *name)
{
	return word_index(verdicts, COUNT_OF(verdicts), name);
}

static const char *const term_kinds[TERM_KIND_COUNT] = {
	[TERM_PARTY] = "party",       [TERM_SYSTEM] = "system",
	[TERM_CATEGORY] = "category", [TERM_QUESTION] = "question",
};

const char *term_kind_name(enum term_kind kind)
{
	return term_kinds[kind];
}

int term_kind_by_name(const char *name)
{
	return word_index(term_kinds, COUNT_OF(term_kinds), name);
}

/* ---- scope ------------------------------------------------------------- */

static const char *const scope_names[] = {
	[SCOPE_NOT_STATED] = "not-stated",
	[SCOPE_INCLUDED] = "included",
	[SCOPE_EXCLUDED] = "excluded",
};

const char *scope_word_name(enum scope_word word)
{
	return scope_names[word];
}

int scope_word_by_name(const char *name)
{
	return word_index(scope_names, COUNT_OF(scope_names), name);
}

static const struct {
	const char *name;
	int kind, basis; /* one of them, the other -1 */
} sides[SCOPE_SIDES] = {
	{"hardware", ARTICLE_HARDWARE, -1}, {"software", ARTICLE_SOFTWARE, -1},
	{"services", ARTICLE_SERVICE, -1},  {"developed", -1, BASIS_DEVELOPED},
	{"provided", -1, BASIS_PROVIDED},   {"in-part", -1, BASIS_IN_PART},
	{"family", -1, BASIS_FAMILY},       {"former", -1, BASIS_FORMER},
};

const char *scope_side_name(size_t side)
{
	return sides[side].name;
}

const struct scope_rule *scope_side(const struct order *o, size_t side)
{
	return sides[side].kind >= 0 ? &o->kind[sides[side].kind]
	                             : &o->basis[sides[side].basis];
}

/* ---- clocks ------------------------------------------------------------ */

static void add_span(struct str *out, struct span span)
{
	static const char *const units[] = {
		[SPAN_DAYS] = "day", [SPAN_BUSINESS_DAYS] = "business day",
		[SPAN_MONTHS] = "month",
	};

	str_printf(out, "%d %s%s", span.n, units[span.unit], span.n == 1 ? "" : "s");
}

void clock_words(struct str *out, const struct clock *c)
{
	static const char *const starts[EVENT_KIND_COUNT] = {
		[EVENT_ISSUED] = "the issue",           [EVENT_EFFECTIVE] = "it takes effect",
		[EVENT_IDENTIFIED] = "it is identified", [EVENT_NOTIFIED] = "somebody tells of it",
		[EVENT_SUBMITTED] = "the paper of ",     [EVENT_CONTRACT] = "the contract",
		[EVENT_SOLICITATION] = "the solicitation", [EVENT_DONE] = "the removal",
	};

	if (c->on) {
		str_printf(out, "on %s", c->on);
	} else {
		add_span(out, c->after);
		str_printf(out, " after %s", starts[c->from]);
		if (c->from == EVENT_SUBMITTED)
			str_puts(out, c->after_clock ? c->after_clock : "before");
	}
	if (c->every.n) {
		str_puts(out, "; then every ");
		add_span(out, c->every);
	}
	if (c->ends >= 0)
		str_printf(out, " until %s", event_name((enum event_kind)c->ends));
	if (c->since || c->until)
		str_printf(out, " (for events%s%s%s%s)", c->since ? " from " : "",
		           c->since ? c->since : "", c->until ? " until " : "",
		           c->until ? c->until : "");
}
