/* SPDX-License-Identifier: Apache-2.0 */
/* A removal for a person at a terminal. */
#include "report/completion.h"
#include "report/page.h"

enum { INDENT = 2, LABEL = 14, HANG = INDENT + LABEL, FRESH_SHOWN = 20, UNREAD_SHOWN = 5 };

static enum tone tone_of(enum completion_tone tone)
{
	static const enum tone tones[] = {
		[COMPLETION_GOOD] = TONE_GOOD,
		[COMPLETION_OPEN] = TONE_UNSURE,
		[COMPLETION_BAD] = TONE_BAD,
	};
	return tones[tone];
}

static void named(struct page *p, struct slice name, struct slice version)
{
	page_show(p, name);
	if (version.n) {
		page_add(p, " ");
		page_show(p, version);
	}
}

static void line(struct page *p, const char *label, struct slice text)
{
	if (text.n == 0)
		return;
	page_label(p, 0, LABEL, label, TONE_QUIET);
	page_show(p, text);
	page_end(p, LABEL, TONE_PLAIN);
}

static void heading(struct page *p, const struct completion *c)
{
	page_add(p, "%s", c->title);
	if (*c->run)
		page_add(p, " %s", c->run);
	page_end(p, 0, TONE_TITLE);
	line(p, "place", c->place);
	line(p, "host", c->host);
	line(p, "begun", slice_str(c->started));
	line(p, "state", slice_str(c->state));
	line(p, "plan", c->plan_sha256);
	for (size_t i = 0; i < c->n_orders; i++)
		line(p, i ? "" : "orders", c->orders[i]);
	for (size_t i = 0; i < c->n_approvals; i++)
		line(p, i ? "" : "approved by", c->approvals[i]);
}

static void count_of(struct page *p, uint64_t n, const char *words)
{
	page_add(p, " (");
	page_number(p, n);
	page_add(p, " file%s and folder%s %s)", n == 1 ? "" : "s", n == 1 ? "" : "s", words);
}

static void step(struct page *p, const struct completion_step *s)
{
	page_label(p, INDENT, LABEL, s->outcome, tone_of(s->tone));
	named(p, s->name, s->version);
	page_add(p, ": ");
	page_show(p, s->words);
	if (s->taken)
		count_of(p, s->taken, s->back ? "put back" : "taken");
	if (s->left)
		count_of(p, s->left, "left");
	page_end(p, HANG, TONE_PLAIN);
	if (!*s->why)
		return;
	page_label(p, INDENT, LABEL, "", TONE_QUIET);
	page_show(p, slice_str(s->why));
	page_end(p, HANG, tone_of(s->tone));
}

static void steps(struct page *p, const struct completion *c)
{
	if (c->n_steps == 0)
		return;
	page_blank(p);
	page_add(p, "Steps");
	page_end(p, 0, TONE_TITLE);
	for (size_t i = 0; i < c->n_steps; i++)
		step(p, &c->steps[i]);
}

static void left(struct page *p, const struct completion *c)
{
	if (c->n_left == 0)
		return;
	page_blank(p);
	page_add(p, "Left alone");
	page_end(p, 0, TONE_TITLE);
	for (size_t i = 0; i < c->n_left; i++) {
		page_label(p, INDENT, 0, "", TONE_PLAIN);
		page_show(p, c->left[i].name);
		page_add(p, ": ");
		page_show(p, c->left[i].why);
		page_end(p, HANG, TONE_PLAIN);
	}
}

static void article(struct page *p, const struct completion_article *a)
{
	page_label(p, INDENT, LABEL, completion_word_name(a->word),
	           a->word == COMPLETION_GONE ? TONE_GOOD : TONE_BAD);
	named(p, a->name, a->version);
	page_add(p, " of ");
	page_show(p, a->entity);
	if (a->path.n) {
		page_add(p, ", ");
		page_show(p, a->path);
	}
	page_end(p, HANG, TONE_PLAIN);
}

static void fresh(struct page *p, const struct completion_verification *v)
{
	page_blank(p);
	if (!v->compared) {
		page_add(p, "What is new since the removal began cannot be told: the software "
		            "before it is not known.");
		page_end(p, 0, TONE_UNSURE);
		return;
	}
	if (v->n_fresh == 0) {
		page_add(p, "No software appeared since the removal began.");
		page_end(p, 0, TONE_PLAIN);
		return;
	}
	page_add(p, "New since the removal began: has something taken its place?");
	page_end(p, 0, TONE_TITLE);
	for (size_t i = 0; i < v->n_fresh && i < FRESH_SHOWN; i++) {
		page_label(p, INDENT, LABEL, v->fresh[i].kind, TONE_UNSURE);
		named(p, v->fresh[i].name, v->fresh[i].version);
		page_add(p, " ");
		page_show(p, v->fresh[i].path);
		page_end(p, HANG, TONE_PLAIN);
	}
	if (v->n_fresh > FRESH_SHOWN || v->more_fresh) {
		page_add(p, "  and ");
		page_number(p, v->n_fresh + v->more_fresh -
		                       (v->n_fresh < FRESH_SHOWN ? v->n_fresh : FRESH_SHOWN));
		page_add(p, " more (--format json lists them)");
		page_end(p, INDENT, TONE_QUIET);
	}
}

static void examined(struct page *p, const struct coverage *c)
{
	page_blank(p);
	page_number(p, c->items);
	page_add(p, " items seen, ");
	page_number(p, c->examined);
	page_add(p, " examined. %s", c->complete ? "Everything was examined."
	                                         : "Not fully examined:");
	page_end(p, 0, c->complete ? TONE_GOOD : TONE_UNSURE);
	for (size_t i = 0; i < c->n_incomplete && i < UNREAD_SHOWN; i++) {
		page_label(p, INDENT, LABEL, why_name(c->incomplete[i].why), TONE_QUIET);
		page_show(p, c->incomplete[i].path);
		page_end_line(p, TONE_PLAIN);
	}
	if (c->n_incomplete > UNREAD_SHOWN) {
		page_add(p, "  and ");
		page_number(p, c->n_incomplete - UNREAD_SHOWN);
		page_add(p, " more");
		page_end(p, INDENT, TONE_QUIET);
	}
	for (size_t i = 0; i < c->n_skipped; i++) {
		page_label(p, INDENT, LABEL, "left out", TONE_QUIET);
		page_show(p, c->skipped[i].path);
		page_add(p, ": %s", c->skipped[i].words);
		page_end(p, HANG, TONE_QUIET);
	}
}

static void verification(struct page *p, const struct completion *c)
{
	const struct completion_verification *v = &c->verification;

	if (!v->done)
		return;
	page_blank(p);
	page_add(p, "Looked at again, %s", v->at);
	page_end(p, 0, TONE_TITLE);
	for (size_t i = 0; i < v->n_articles; i++)
		article(p, &v->articles[i]);
	fresh(p, v);
	examined(p, v->coverage);
}

static int text_write(const struct completion *c, const struct report_style *style,
                      FILE *out)
{
	struct page p;

	page_init(&p, style, out);
	heading(&p, c);
	steps(&p, c);
	left(&p, c);
	verification(&p, c);
	for (size_t i = 0; i < c->n_notes; i++) {
		page_blank(&p);
		page_show(&p, c->notes[i]);
		page_end(&p, 0, TONE_PLAIN);
	}
	return page_finish(&p);
}

const struct completion_form completion_text = {
	.name = "text",
	.write = text_write,
};
