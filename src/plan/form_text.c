/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format text: what a person reads before approving. First what it is for and
 * what must be there, then every step in its order, then what is left alone.
 */
#include <stdlib.h>

#include "plan/form.h"
#include "report/page.h"

enum {
	INDENT = 2,
	LABEL = 10,
	TEXT_AT = INDENT + LABEL,
	OBJECTS_SHOWN = 5,
	EVIDENCE_SHOWN = 3,
	VALUE_SHOWN = 200,
};

static const char *const titles[STAGE_COUNT] = {
	[STAGE_SERVICE] = "Services",
	[STAGE_PACKAGE] = "Packages",
	[STAGE_LAUNCHER] = "What starts it",
	[STAGE_LEFTOVER] = "Files and folders",
	[STAGE_TRUST] = "Trust anchors",
	[STAGE_ACCOUNT] = "Users and groups",
	[STAGE_REPOSITORY] = "Package sources and keys",
	[STAGE_REVIEW] = "For a person to settle: nothing is done",
};

static const enum tone risk_tones[RISK_COUNT] = {
	[RISK_LOW] = TONE_GOOD, [RISK_MEDIUM] = TONE_UNSURE, [RISK_HIGH] = TONE_BAD,
};

static void label(struct page *p, const char *words)
{
	page_label(p, INDENT, LABEL, words, TONE_QUIET);
}

static void line(struct page *p, const char *words, struct slice text)
{
	label(p, words);
	page_show(p, text);
	page_end(p, TEXT_AT, TONE_PLAIN);
}

static void path_line(struct page *p, const char *words, struct slice path)
{
	label(p, words);
	page_show(p, path);
	page_end_line(p, TONE_PLAIN);
}

/* ---- the head ---- */

struct totals {
	uint64_t acts, reviews, packages, files, folders, bytes;
};

static struct totals count(const struct plan *plan)
{
	struct totals t = {0};

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		*(s->kind == STEP_REVIEW ? &t.reviews : &t.acts) += 1;
		if (s->kind == STEP_PACKAGE)
			t.packages += s->n_packages;
		for (size_t k = 0; s->kind != STEP_REVIEW && k < s->n_objects; k++) {
			bool folder = s->objects[k].type == OBJECT_FOLDER;
			*(folder ? &t.folders : &t.files) += 1;
			if (s->objects[k].type == OBJECT_FILE)
				t.bytes += s->objects[k].size;
		}
	}
	return t;
}

static void amount(struct page *p, uint64_t n, const char *one, const char *many)
{
	page_number(p, n);
	page_add(p, " %s", n == 1 ? one : many);
}

static void headline(struct page *p, const struct plan *plan, const struct totals *t)
{
	page_add(p, "Plan for ");
	page_show(p, plan->source_path);
	if (plan->host.n) {
		page_add(p, " of ");
		page_show(p, plan->host);
	}
	page_add(p, ": ");
	amount(p, t->acts, "step", "steps");
	page_add(p, ", ");
	amount(p, t->reviews, "thing", "things");
	page_add(p, " for a person to settle");
	page_end(p, 0, TONE_TITLE);
}

static void totals(struct page *p, const struct totals *t)
{
	label(p, "takes");
	amount(p, t->packages, "package", "packages");
	page_add(p, "; into quarantine ");
	amount(p, t->files, "file", "files");
	page_add(p, " (");
	amount(p, t->bytes, "byte", "bytes");
	page_add(p, ") and ");
	amount(p, t->folders, "folder", "folders");
	page_end(p, TEXT_AT, TONE_PLAIN);
}

static void orders(struct page *p, const struct plan *plan)
{
	label(p, "orders");
	for (size_t i = 0; i < plan->n_orders; i++) {
		page_add(p, "%s", i ? ", " : "");
		page_show(p, plan->orders[i]);
	}
	if (plan->n_orders == 0)
		page_add(p, "all");
	page_end(p, TEXT_AT, TONE_PLAIN);
}

static void head(struct page *p, const struct plan *plan)
{
	struct totals t = count(plan);

	headline(p, plan, &t);
	orders(p, plan);
	label(p, "source");
	page_add(p, "%s; swept ", plan->live ? "the running system" : "not running");
	page_show(p, plan->swept.n ? plan->swept : SLICE("at a time that is not known"));
	page_end(p, TEXT_AT, TONE_PLAIN);
	if (!plan->complete) {
		label(p, "");
		page_add(p, "the sweep did not examine everything: more may be there");
		page_end(p, TEXT_AT, TONE_UNSURE);
	}
	totals(p, &t);
	label(p, "approvals");
	page_add(p, "%u", plan->approvals);
	page_end(p, TEXT_AT, TONE_PLAIN);
}

/* ---- gates ---- */

static const struct {
	const char *words;
	enum tone tone;
} gate_words[] = {
	[GATE_NOT_NEEDED] = {"not needed", TONE_GOOD},
	[GATE_RUNNING] = {"another one runs: ", TONE_GOOD},
	[GATE_WAIVED] = {"a person answers for the time without: ", TONE_UNSURE},
	[GATE_MISSING] = {"nothing takes its place: removal refuses until one of these runs,"
	                  " or a waiver is given: ", TONE_BAD},
};

static void gates(struct page *p, const struct plan *plan)
{
	if (plan->n_gates == 0)
		return;
	page_blank(p);
	page_add(p, "What must take its place first");
	page_end(p, 0, TONE_TITLE);
	for (size_t i = 0; i < plan->n_gates; i++) {
		const struct plan_gate *g = &plan->gates[i];
		page_label(p, INDENT, 0, "", TONE_PLAIN);
		page_show(p, g->role);
		page_add(p, ": %s", gate_words[g->state].words);
		page_show(p, g->by);
		for (size_t k = 0; g->state == GATE_MISSING && k < g->n_processes; k++) {
			page_add(p, "%s", k ? ", " : "");
			page_show(p, g->processes[k]);
		}
		page_end(p, INDENT + 2, gate_words[g->state].tone);
	}
}

/* ---- one step ---- */

static void step_title(struct page *p, const struct step *s, size_t number)
{
	page_blank(p);
	page_add(p, "%zu. ", number);
	page_show(p, s->name);
	if (s->version.n) {
		page_add(p, " ");
		page_show(p, s->version);
	}
	page_add(p, " (");
	page_show(p, s->entity);
	page_add(p, ")");
	page_end_line(p, TONE_TITLE);
}

static void reasons(struct page *p, const struct step *s)
{
	for (size_t i = 0; i < s->n_reasons; i++) {
		label(p, i ? "" : "reason");
		page_show(p, s->reasons[i].order);
		page_add(p, ": ");
		page_show(p, s->reasons[i].because);
		page_end(p, TEXT_AT, TONE_PLAIN);
	}
}

static void evidence(struct page *p, const struct step *s)
{
	for (size_t i = 0; i < s->n_evidence && i < EVIDENCE_SHOWN; i++) {
		const struct plan_evidence *e = &s->evidence[i];
		label(p, i ? "" : "evidence");
		page_show(p, e->path);
		page_end_line(p, TONE_PLAIN);
		label(p, "");
		page_show(p, e->attr);
		page_add(p, " = \"");
		page_show_some(p, e->value, VALUE_SHOWN);
		page_add(p, "\", %s, mark ", strength_name(e->strength));
		page_show(p, e->mark);
		page_end(p, TEXT_AT, TONE_QUIET);
	}
}

static void packages(struct page *p, const struct step *s)
{
	for (size_t i = 0; i < s->n_packages; i++) {
		const struct plan_package *k = &s->packages[i];
		label(p, i ? "" : s->kind == STEP_PACKAGE ? "packages" : "waits for");
		page_add(p, "%s ", k->ecosystem);
		page_show(p, k->name);
		page_add(p, " ");
		page_show(p, k->version);
		page_add(p, " ");
		page_show(p, k->arch);
		if (k->residue)
			page_add(p, " (only what an earlier removal left)");
		page_end_line(p, TONE_PLAIN);
	}
}

static bool inside(struct slice path, struct slice folder)
{
	return path.n > folder.n && path.p[folder.n] == '/' && slice_starts(path, folder);
}

/* Which objects stand for themselves: no folder that goes holds them. Contents
 * stand right before their folder, so the list is read from its end. */
static bool *tops(const struct step *s)
{
	bool *top = calloc(s->n_objects + 1, sizeof(*top));
	const struct object *folder = NULL;

	for (size_t i = s->n_objects; top && i > 0; i--) {
		const struct object *o = &s->objects[i - 1];
		if (folder && inside(o->path, folder->path))
			continue;
		top[i - 1] = true;
		if (o->type == OBJECT_FOLDER)
			folder = o;
	}
	return top;
}

static void objects(struct page *p, const struct step *s, bool all)
{
	size_t shown = 0, more = 0;
	bool *top = tops(s);

	p->failed |= !top;
	for (size_t i = 0; top && i < s->n_objects; i++) {
		const struct object *o = &s->objects[i];
		if (!all && (shown == OBJECTS_SHOWN || !top[i])) {
			more++;
			continue;
		}
		label(p, shown++ ? "" : "takes");
		page_show(p, o->path);
		page_add(p, "%s", o->type == OBJECT_FOLDER ? "/" : "");
		page_end_line(p, TONE_PLAIN);
	}
	free(top);
	if (!more)
		return;
	label(p, "");
	page_add(p, "and ");
	page_number(p, more);
	page_add(p, " more in them or beside them");
	page_end(p, TEXT_AT, TONE_QUIET);
}

static void lines(struct page *p, const char *words, const struct slice *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line(p, i ? "" : words, list[i]);
}

static void risk(struct page *p, const struct step *s)
{
	label(p, "risk");
	page_label(p, 0, sizeof("medium"), risk_name(s->risk), risk_tones[s->risk]);
	page_show(p, s->risk_words);
	page_end(p, TEXT_AT + sizeof("medium"), TONE_PLAIN);
}

static void step(struct page *p, const struct step *s, size_t number,
                 const struct plan_style *style)
{
	step_title(p, s, number);
	line(p, s->kind == STEP_REVIEW ? "settle" : "do", s->words);
	packages(p, s);
	if (s->kind != STEP_REVIEW)
		objects(p, s, style && style->objects);
	reasons(p, s);
	evidence(p, s);
	lines(p, "before", s->before, s->n_before);
	lines(p, "after", s->after, s->n_after);
	if (s->kind != STEP_REVIEW)
		risk(p, s);
}

static void steps(struct page *p, const struct plan *plan, const struct plan_style *style)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		if (i == 0 || s->stage != s[-1].stage) {
			page_blank(p);
			page_add(p, "%s", titles[s->stage]);
			page_end(p, 0, TONE_TITLE);
		}
		step(p, s, i + 1, style);
	}
}

/* ---- the end ---- */

static void left(struct page *p, const struct plan *plan)
{
	if (plan->n_left == 0)
		return;
	page_blank(p);
	page_add(p, "Left alone");
	page_end(p, 0, TONE_TITLE);
	for (size_t i = 0; i < plan->n_left; i++) {
		const struct plan_left *l = &plan->left[i];
		page_label(p, INDENT, 0, "", TONE_PLAIN);
		page_show(p, l->name);
		page_add(p, " (");
		page_show(p, l->entity);
		page_add(p, "): ");
		page_show(p, l->why);
		page_end(p, INDENT + 2, TONE_PLAIN);
	}
}

static int text_write(const struct plan_form_input *in, FILE *out)
{
	struct report_style style = {0};
	struct page p;

	if (in->style)
		style = (struct report_style){in->style->color, in->style->columns};
	page_init(&p, &style, out);
	head(&p, in->plan);
	gates(&p, in->plan);
	steps(&p, in->plan, in->style);
	left(&p, in->plan);
	page_blank(&p);
	path_line(&p, "plan", slice_str(in->plan->sha256));
	return page_finish(&p);
}

const struct plan_form plan_form_text = {
	.name = "text",
	.write = text_write,
};
