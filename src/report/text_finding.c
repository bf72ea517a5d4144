/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block of one finding: what it is, who made it, where and why we say so,
 * what each order says, and what to do next.
 */
#include "report/text.h"

enum {
	INDENT = 2,
	LABEL = 10,           /* width of the column of labels */
	WORD = 10,            /* width of the column of verdict words */
	TEXT_AT = INDENT + LABEL,
	EVIDENCE_SHOWN = 3,
	VALUE_SHOWN = 200,    /* code points of a claim's value */
};

static const char *const makers[BASIS_COUNT] = {
	[BASIS_DEVELOPED] = "developed by",
	[BASIS_PROVIDED] = "provided by",
	[BASIS_IN_PART] = "another maker's, with code in it from",
	[BASIS_FAMILY] = "made by a company in the family of",
	[BASIS_FORMER] = "formerly of",
};

static const struct {
	const char *word;
	enum tone tone;
} verdicts[] = {
	[VERDICT_COVERED] = {"covered", TONE_BAD},
	[VERDICT_EXCLUDED] = {"excluded", TONE_GOOD},
	[VERDICT_REVIEW] = {"review", TONE_UNSURE},
};

static void label(struct page *p, const char *words)
{
	page_label(p, INDENT, LABEL, words, TONE_QUIET);
}

static void title(struct page *p, const struct finding *f)
{
	page_blank(p);
	page_show(p, f->name);
	if (f->version.n) {
		page_add(p, " ");
		page_show(p, f->version);
	}
	page_end_line(p, TONE_TITLE);
	label(p, "maker");
	page_add(p, "%s%s %s", f->strength == STRENGTH_WEAK ? "perhaps " : "",
	         makers[f->basis], f->entity->name);
	page_end(p, TEXT_AT, TONE_PLAIN);
	label(p, "state");
	page_add(p, "%s, %s", state_name(f->state), kind_name(f->kind));
	if (*f->ecosystem)
		page_add(p, " (%s)", f->ecosystem);
	page_end(p, TEXT_AT, TONE_PLAIN);
	label(p, "evidence");
	page_add(p, "%s", strength_name(f->strength));
	page_end(p, TEXT_AT, TONE_PLAIN);
}

/* ---- where and why ---- */

void text_path(struct page *p, const struct report *r, uint32_t source,
               struct slice path)
{
	const struct report_source *from = &r->sources[source];

	if ((strcmp(from->kind, "root") == 0 ||
	     strcmp(from->kind, "directory") == 0) &&
	    !slice_eq(from->path, SLICE("/"))) {
		struct slice top = from->path;
		while (top.n > 1 && top.p[top.n - 1] == '/')
			top.n--;
		page_show(p, top);
	}
	page_show(p, path);
}

static void evidence(struct page *p, const struct report *r, uint32_t source,
                     const struct evidence *e)
{
	label(p, "where");
	text_path(p, r, source, e->path);
	if (e->member.n) {
		page_add(p, ":");
		page_show(p, e->member);
	}
	if (e->length)
		page_add(p, " @%llu", (unsigned long long)e->offset);
	page_end_line(p, TONE_PLAIN);
	label(p, "");
	page_add(p, "%s = \"", attr_name(e->attr));
	page_show_some(p, e->value, VALUE_SHOWN);
	page_add(p, "\"%s", e->verified ? ", verified" : "");
	page_end(p, TEXT_AT, TONE_PLAIN);
	label(p, "");
	page_add(p, "mark %s, from: %s", e->mark->id,
	         e->mark->source ? e->mark->source : "no source");
	page_end(p, TEXT_AT, TONE_QUIET);
	if (e->capped) {
		label(p, "");
		page_add(p, "counts as %s: %s", strength_name(e->strength),
		         e->capped);
		page_end(p, TEXT_AT, TONE_QUIET);
	}
}

static void all_evidence(struct page *p, const struct report *r,
                         const struct finding *f)
{
	size_t shown = f->n_evidence < EVIDENCE_SHOWN ? f->n_evidence
	                                              : EVIDENCE_SHOWN;
	uint64_t more = f->n_evidence - shown + f->n_more;

	for (size_t i = 0; i < shown; i++)
		evidence(p, r, f->source, &f->evidence[i]);
	if (!more)
		return;
	label(p, "");
	page_add(p, "and ");
	page_number(p, more);
	page_add(p, " more");
	page_end(p, TEXT_AT, TONE_QUIET);
}

/* ---- what the orders say ---- */

static void all_verdicts(struct page *p, const struct finding *f)
{
	for (size_t i = 0; i < f->n_verdicts; i++) {
		const struct verdict *v = &f->verdicts[i];
		label(p, i == 0 ? "verdict" : "");
		page_label(p, 0, WORD, verdicts[v->word].word,
		           verdicts[v->word].tone);
		page_add(p, "%s: %s", v->order->id, v->because);
		page_end(p, TEXT_AT + WORD, TONE_PLAIN);
	}
	if (f->n_verdicts)
		return;
	label(p, "verdict");
	page_add(p, "none of the selected orders names this maker");
	page_end(p, TEXT_AT, TONE_PLAIN);
}

enum verdict_word text_worst(const struct finding *f)
{
	enum verdict_word worst = VERDICT_EXCLUDED;

	for (size_t i = 0; i < f->n_verdicts; i++) {
		if (f->verdicts[i].word == VERDICT_COVERED)
			return VERDICT_COVERED;
		if (f->verdicts[i].word == VERDICT_REVIEW)
			worst = VERDICT_REVIEW;
	}
	return worst;
}

/* ---- what to do next ---- */

static bool asks_for(const struct verdict *v, const char *action)
{
	return v->word == VERDICT_COVERED && v->order->action &&
	       strcmp(v->order->action, action) == 0;
}

/* The orders that ask for the same thing share a line; says nothing when an
 * earlier verdict has said it. */
static bool action(struct page *p, const struct finding *f, size_t at,
                   const char *words)
{
	const char *between = "";

	for (size_t i = 0; i < at; i++)
		if (asks_for(&f->verdicts[i], words))
			return false;
	for (size_t i = at; i < f->n_verdicts; i++) {
		if (!asks_for(&f->verdicts[i], words))
			continue;
		page_add(p, "%s%s", between, f->verdicts[i].order->id);
		between = ", ";
	}
	page_add(p, ": %s", words);
	return true;
}

/* What a person has to settle before a review becomes a verdict. */
static const char *to_settle(const struct finding *f)
{
	static const char *const by_state[STATE_COUNT] = {
		[STATE_RESIDUE] = "remove what was left behind, then sweep again",
		[STATE_REFERENCED] = "see whether the manifest is in use, and sweep"
		                     " the place where it installs",
		[STATE_CONNECTED] = "find what uses this setting, and take it out"
		                    " if nothing needs it",
	};

	if (f->strength == STRENGTH_WEAK)
		return "check the evidence by hand; nothing should be removed on"
		       " weak evidence alone";
	if (by_state[f->state])
		return by_state[f->state];
	return "ask whoever answers for the order what the verdict leaves open";
}

static void next(struct page *p, const struct finding *f)
{
	const char *words = "next";

	for (size_t i = 0; i < f->n_verdicts; i++) {
		const struct verdict *v = &f->verdicts[i];
		if (v->word != VERDICT_COVERED || !v->order->action ||
		    !action(p, f, i, v->order->action))
			continue;
		label(p, words);
		page_end(p, TEXT_AT, TONE_PLAIN);
		words = "";
	}
	for (size_t i = 0; i < f->n_verdicts; i++) {
		if (f->verdicts[i].word != VERDICT_REVIEW)
			continue;
		label(p, words);
		page_add(p, "to settle: %s", to_settle(f));
		page_end(p, TEXT_AT, TONE_PLAIN);
		break;
	}
}

void text_finding(struct page *p, const struct report *r,
                  const struct finding *f)
{
	title(p, f);
	all_evidence(p, r, f);
	all_verdicts(p, f);
	next(p, f);
}
