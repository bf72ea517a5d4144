/* SPDX-License-Identifier: Apache-2.0 */
/* A removal as a paper: Markdown and HTML. */
#include "report/completion.h"
#include "report/paper.h"

enum { NUMBER_SIZE = 32 };

static struct slice number(uint64_t n, char text[static NUMBER_SIZE])
{
	(void)snprintf(text, NUMBER_SIZE, "%llu", (unsigned long long)n);
	return slice_str(text);
}

static void fact(struct paper *p, const char *name, struct slice value)
{
	if (value.n)
		paper_fact(p, name, value);
}

static void opening(struct paper *p, const struct completion *c)
{
	fact(p, "Place", c->place);
	fact(p, "Host", c->host);
	fact(p, "Run", slice_str(c->run));
	fact(p, "Begun", slice_str(c->started));
	fact(p, "State", slice_str(c->state));
	fact(p, "Plan (SHA-256)", c->plan_sha256);
	for (size_t i = 0; i < c->n_orders; i++)
		fact(p, "Order", c->orders[i]);
	for (size_t i = 0; i < c->n_approvals; i++)
		fact(p, "Approved by", c->approvals[i]);
	fact(p, "debar", slice_str(c->version));
	p->form->facts_end(p);
}

static void steps(struct paper *p, const struct completion *c)
{
	static const char *const heads[] = {"Article", "Version", "Maker", "What", "Outcome",
	                                    "Files"};
	char taken[NUMBER_SIZE];

	if (c->n_steps == 0)
		return;
	paper_heading(p, 2, "What was done");
	p->form->table(p, "Steps", heads, COUNT_OF(heads));
	for (size_t i = 0; i < c->n_steps; i++) {
		const struct completion_step *s = &c->steps[i];
		struct str outcome = {0};
		str_puts(&outcome, s->outcome);
		if (*s->why)
			str_printf(&outcome, ": %s", s->why);
		if (s->taken)
			(void)snprintf(taken, sizeof(taken), "%llu %s",
			               (unsigned long long)s->taken,
			               s->back ? "put back" : "taken");
		else
			taken[0] = 0;
		const struct slice cells[] = {s->name, s->version, s->entity, s->words,
		                              str_slice(&outcome), slice_str(taken)};
		paper_row(p, cells, COUNT_OF(cells));
		p->text.failed |= outcome.failed;
		str_finish(&outcome);
	}
	p->form->table_end(p);
}

static void left(struct paper *p, const struct completion *c)
{
	static const char *const heads[] = {"Left alone", "Why"};

	if (c->n_left == 0)
		return;
	paper_heading(p, 2, "What was left alone");
	p->form->table(p, "What was left alone", heads, COUNT_OF(heads));
	for (size_t i = 0; i < c->n_left; i++)
		paper_row(p, (struct slice[]){c->left[i].name, c->left[i].why}, 2);
	p->form->table_end(p);
}

static void articles(struct paper *p, const struct completion_verification *v)
{
	static const char *const heads[] = {"Result", "Article", "Version", "Maker", "Where"};

	if (v->n_articles == 0) {
		p->form->paragraph(p, SLICE("None of the planned articles, and no other."));
		return;
	}
	p->form->table(p, "Articles", heads, COUNT_OF(heads));
	for (size_t i = 0; i < v->n_articles; i++) {
		const struct completion_article *a = &v->articles[i];
		const struct slice cells[] = {slice_str(completion_word_name(a->word)), a->name,
		                              a->version, a->entity, a->path};
		paper_row(p, cells, COUNT_OF(cells));
	}
	p->form->table_end(p);
}

static void fresh(struct paper *p, const struct completion_verification *v)
{
	static const char *const heads[] = {"Kind", "Name", "Version", "Where"};

	paper_heading(p, 2, "New since the removal began");
	if (!v->compared)
		p->form->paragraph(p, SLICE("Cannot be told: the software before it is not"
		                            " known."));
	else if (v->n_fresh == 0)
		p->form->paragraph(p, SLICE("No software appeared."));
	if (v->n_fresh == 0)
		return;
	p->form->table(p, "New software", heads, COUNT_OF(heads));
	for (size_t i = 0; i < v->n_fresh; i++) {
		const struct completion_new *n = &v->fresh[i];
		paper_row(p, (struct slice[]){slice_str(n->kind), n->name, n->version, n->path},
		             4);
	}
	p->form->table_end(p);
}

static void examined(struct paper *p, const struct coverage *c)
{
	static const char *const heads[] = {"Not examined", "Why"};
	char items[NUMBER_SIZE], looked[NUMBER_SIZE];

	paper_heading(p, 2, "What was examined");
	paper_fact(p, "Items seen", number(c->items, items));
	paper_fact(p, "Examined", number(c->examined, looked));
	paper_fact(p, "Everything examined", slice_str(c->complete ? "yes" : "no"));
	p->form->facts_end(p);
	if (c->n_incomplete == 0)
		return;
	p->form->table(p, "Not examined", heads, COUNT_OF(heads));
	for (size_t i = 0; i < c->n_incomplete; i++)
		paper_row(p, (struct slice[]){c->incomplete[i].path,
		             slice_str(why_words(c->incomplete[i].why))}, 2);
	p->form->table_end(p);
}

static int write_paper(const struct paper_form *form, const struct completion *c, FILE *out)
{
	const struct completion_verification *v = &c->verification;
	struct paper p;

	paper_open(&p, form, NULL, out, c->title);
	opening(&p, c);
	if (v->done) {
		paper_heading(&p, 2, "What a new sweep says");
		articles(&p, v);
	}
	steps(&p, c);
	left(&p, c);
	if (v->done) {
		fresh(&p, v);
		examined(&p, v->coverage);
	}
	for (size_t i = 0; i < c->n_notes; i++)
		form->paragraph(&p, c->notes[i]);
	return paper_close(&p);
}

static int markdown_write(const struct completion *c, const struct report_style *, FILE *out)
{
	return write_paper(&paper_markdown, c, out);
}

static int html_write(const struct completion *c, const struct report_style *, FILE *out)
{
	return write_paper(&paper_html, c, out);
}

const struct completion_form completion_markdown = {
	.name = "markdown",
	.write = markdown_write,
};

const struct completion_form completion_html = {
	.name = "html",
	.write = html_write,
};
