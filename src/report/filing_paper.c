/* SPDX-License-Identifier: Apache-2.0 */
/* A form that was filled in, as text, Markdown and HTML. */
#include "report/filing.h"
#include "report/paper.h"

/* With more fields than this, a table no longer fits a page: each thing is then
 * a list of its own. */
enum { TABLE_FIELDS_MAX = 5, UNREAD_SHOWN = 200 };

static struct paper_value shown(const struct filing_value *v)
{
	static const struct slice nothing = {(const uint8_t *)"not stated", 10};

	if (v->state == FILING_EMPTY)
		return (struct paper_value){&nothing, 1, false};
	return (struct paper_value){v->lines, v->n_lines, v->state == FILING_GAP};
}

/* ---- the head ------------------------------------------------------------ */

static void fact(struct paper *p, const char *name, const char *value)
{
	if (value)
		paper_fact(p, name, slice_str(value));
}

static void gaps(struct paper *p, const struct filing *f)
{
	struct str words = {0};

	if (f->n_gaps)
		str_printf(&words, "%zu of %zu required entries %s still to be filled in; each is "
		           "marked \"To be filled in\".", f->n_gaps, f->n_required,
		           f->n_gaps == 1 ? "is" : "are");
	else
		str_printf(&words, "All %zu required entries are filled in. A person must still "
		           "read and sign it.", f->n_required);
	if (f->n_review)
		str_printf(&words, " %zu finding%s must be settled first.", f->n_review,
		           f->n_review == 1 ? "" : "s");
	if (f->n_gaps || f->n_review)
		p->form->notice(p, str_slice(&words));
	else
		p->form->paragraph(p, str_slice(&words));
	p->text.failed |= words.failed;
	str_finish(&words);
}

static void opening(struct paper *p, const struct filing *f)
{
	const struct form *form = f->known->form;

	fact(p, "Order", f->known->order->title);
	fact(p, "Asked for by", form->clause);
	fact(p, "Goes to", form->to);
	if (f->known->profile)
		fact(p, "From", f->known->profile->name);
	paper_fact(p, "Day", f->known->day);
	fact(p, "Written with debar", f->known->version);
	p->form->facts_end(p);
	gaps(p, f);
	if (form->sureness == SURE_BACKGROUND)
		p->form->notice(p, SLICE("This form was made from general knowledge of the order, "
		                         "not from its text. Hold it against the text first."));
	else if (form->sureness == SURE_SEEN)
		p->form->notice(p, SLICE("This form was made from excerpts of the order or from "
		                         "what others write of it. Hold it against the text "
		                         "first."));
	if (form->note)
		p->form->paragraph(p, slice_str(form->note));
}

/* ---- the parts ----------------------------------------------------------- */

static void list_of(struct paper *p, const struct form_part *part,
                    const struct filing_group *g)
{
	for (size_t i = 0; i < part->n_fields; i++) {
		const struct paper_value value = shown(&g->values[i]);
		const struct form_field *field = &part->fields[i];
		struct str name = {0};
		str_puts(&name, field->label);
		if (field->clause)
			str_printf(&name, " [%s]", field->clause);
		p->form->fact(p, name.p ? name.p : field->label, &value);
		p->text.failed |= name.failed;
		str_finish(&name);
	}
	p->form->facts_end(p);
}

static void table_of(struct paper *p, const struct filing_part *fp)
{
	static const char *const captions[FORM_EACH_COUNT] = {
		[FORM_FINDING] = "A row for each article in each place",
		[FORM_PRODUCT] = "A row for each product",
		[FORM_SOURCE] = "A row for each place that was searched",
		[FORM_CONTRACT] = "A row for each contract",
	};
	const struct form_part *part = fp->part;
	const char *heads[TABLE_FIELDS_MAX];
	struct paper_value cells[TABLE_FIELDS_MAX];

	for (size_t i = 0; i < part->n_fields; i++)
		heads[i] = part->fields[i].label;
	p->form->table(p, captions[part->each], heads, part->n_fields);
	for (size_t g = 0; g < fp->n_groups; g++) {
		for (size_t i = 0; i < part->n_fields; i++)
			cells[i] = shown(&fp->groups[g].values[i]);
		p->form->row(p, cells, part->n_fields);
	}
	p->form->table_end(p);
}

static void lists_of(struct paper *p, const struct filing_part *fp)
{
	for (size_t g = 0; g < fp->n_groups; g++) {
		if (fp->groups[g].title.n)
			p->form->heading(p, 3, fp->groups[g].title);
		list_of(p, fp->part, &fp->groups[g]);
	}
}

static void part(struct paper *p, const struct filing_part *fp)
{
	const struct form_part *form = fp->part;
	struct str heading = {0};

	str_puts(&heading, form->heading);
	if (form->clause)
		str_printf(&heading, " [%s]", form->clause);
	p->form->heading(p, 2, str_slice(&heading));
	if (form->words)
		p->form->paragraph(p, slice_str(form->words));
	for (size_t i = 0; i < fp->n_none; i++)
		p->form->paragraph(p, fp->none[i]);
	if (form->n_fields && form->each != FORM_ONCE && form->n_fields <= TABLE_FIELDS_MAX &&
	    fp->n_groups)
		table_of(p, fp);
	else
		lists_of(p, fp);
	p->text.failed |= heading.failed;
	str_finish(&heading);
}

/* ---- what stands in every paper ------------------------------------------ */

static struct slice place_of(const struct filing *f, const struct known_article *a)
{
	const struct known_source *s = &f->known->sources[a->source];

	return s->host.n ? s->host : s->path;
}

static void settle(struct paper *p, const struct filing *f)
{
	static const char *const heads[] = {"Article", "Version", "Maker", "Where",
	                                    "What must be settled"};

	if (f->n_review == 0)
		return;
	paper_heading(p, 2, "To be settled by a person first");
	p->form->paragraph(p, SLICE("Whether the order covers these was not decided. They are "
	                            "not counted above."));
	p->form->table(p, "Findings to be settled", heads, COUNT_OF(heads));
	for (size_t i = 0; i < f->n_review; i++) {
		const struct known_article *a = f->review[i];
		const struct slice why = known_verdict(f->known, a)->because;
		paper_row(p, (struct slice[]){a->name, a->version, a->maker, place_of(f, a), why},
		          COUNT_OF(heads));
	}
	p->form->table_end(p);
}

static void left_out(struct paper *p, const struct filing *f)
{
	static const char *const heads[] = {"Article", "Version", "Where", "Carve-out or clause",
	                                    "Why"};

	if (f->n_excluded == 0)
		return;
	paper_heading(p, 2, "Annex: found, and outside the order");
	p->form->table(p, "Findings that the order leaves out", heads, COUNT_OF(heads));
	for (size_t i = 0; i < f->n_excluded; i++) {
		const struct known_article *a = f->excluded[i];
		const struct known_verdict *v = known_verdict(f->known, a);
		const struct slice what = v->carve_out.n ? v->carve_out : v->clause;
		const struct slice cells[] = {a->name, a->version, place_of(f, a), what,
		                              v->because};
		paper_row(p, cells, COUNT_OF(cells));
	}
	p->form->table_end(p);
}

static void say(struct paper *p, const struct filing *f, const char *name, enum form_fact fact)
{
	struct arena mem;
	struct lines out = {.mem = &mem};

	arena_init(&mem, 0);
	known_say(f->known, &(struct form_from){.fact = fact}, &(struct known_of){0}, &out);
	if (out.n)
		p->form->fact(p, name, &(struct paper_value){out.list, out.n, false});
	p->text.failed |= out.failed;
	arena_finish(&mem);
}

static void examined(struct paper *p, const struct filing *f)
{
	static const char *const heads[] = {"Not examined", "Why"};
	const struct known_coverage *c = &f->known->coverage;

	paper_heading(p, 2, "How far the search went");
	say(p, f, "Everything examined", FACT_COVERAGE_COMPLETE);
	say(p, f, "Items seen", FACT_COVERAGE_ITEMS);
	say(p, f, "Opened and read", FACT_COVERAGE_EXAMINED);
	say(p, f, "Places", FACT_COVERAGE_PLACES);
	p->form->facts_end(p);
	if (c->n_list == 0)
		return;
	p->form->table(p, "What was not examined", heads, COUNT_OF(heads));
	for (size_t i = 0; i < c->n_list && i < UNREAD_SHOWN; i++)
		paper_row(p, (struct slice[]){c->list[i].path,
		                              slice_str(why_words(c->list[i].why))}, 2);
	p->form->table_end(p);
	if (c->unread > UNREAD_SHOWN || c->unread > c->n_list)
		p->form->paragraph(p, SLICE("There are more; the report of the search lists "
		                            "them."));
}

static void sources(struct paper *p, const struct form *form)
{
	paper_heading(p, 2, "What this form was made from");
	for (size_t i = 0; i < form->n_sources; i++)
		fact(p, i ? "And" : "Source", form->sources[i]);
	p->form->facts_end(p);
}

static int write_paper(const struct paper_form *form, const struct report_style *style,
                       const struct filing *f, FILE *out)
{
	struct paper p;

	paper_open(&p, form, style, out, f->known->form->title);
	opening(&p, f);
	for (size_t i = 0; i < f->n_parts; i++)
		part(&p, &f->parts[i]);
	settle(&p, f);
	examined(&p, f);
	left_out(&p, f);
	sources(&p, f->known->form);
	return paper_close(&p);
}

static int text_write(const struct filing *f, const struct report_style *style, FILE *out)
{
	return write_paper(&paper_text, style, f, out);
}

static int markdown_write(const struct filing *f, const struct report_style *style, FILE *out)
{
	return write_paper(&paper_markdown, style, f, out);
}

static int html_write(const struct filing *f, const struct report_style *style, FILE *out)
{
	return write_paper(&paper_html, style, f, out);
}

const struct filing_form filing_text = {.name = "text", .write = text_write};
const struct filing_form filing_markdown = {.name = "markdown", .write = markdown_write};
const struct filing_form filing_html = {.name = "html", .write = html_write};
