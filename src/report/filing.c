/* SPDX-License-Identifier: Apache-2.0 */
#include "report/filing.h"

#include <errno.h>
#include <stdlib.h>

struct making {
	const struct known *f;
	struct arena *mem;
	struct filing *filing;
	const struct known_article **covered; /* in order of product */
	size_t n_covered;
	bool failed;
};

/* ---- articles by verdict and product ------------------------------------- */

static const struct known_article **with_verdict(struct making *m, enum verdict_word word,
                                                 size_t *ret_n)
{
	const size_t n = known_count(m->f, word, 0);
	const struct known_article **list = arena_zalloc(m->mem, n, sizeof(*list));

	*ret_n = 0;
	if (!list) {
		m->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < m->f->n_articles; i++) {
		const struct known_verdict *v = known_verdict(m->f, &m->f->articles[i]);
		if (v && v->word == word)
			list[(*ret_n)++] = &m->f->articles[i];
	}
	if (n)
		qsort(list, n, sizeof(*list), known_by_product);
	return list;
}

/* How many articles from `at` on are the same product. */
static size_t run_length(const struct making *m, size_t at)
{
	size_t n = 1;

	while (at + n < m->n_covered && known_same_product(m->covered[at], m->covered[at + n]))
		n++;
	return n;
}

/* ---- fields -------------------------------------------------------------- */

static struct lines lines_in(struct making *m)
{
	return (struct lines){.mem = m->mem};
}

static void say_gap(struct lines *out, const struct form_field *field)
{
	const struct form_from *from = &field->from[0];

	if (field->hint)
		lines_add(out, slice_str(field->hint));
	else if (field->n_from == 0 || from->fact == FACT_PROFILE)
		lines_add(out, slice_str(field->label));
	else
		lines_add(out, slice_str(form_fact_words(from->fact)));
}

static void fill_value(struct making *m, const struct form_field *field,
                       const struct known_of *of, struct filing_value *ret)
{
	struct lines out = lines_in(m);

	for (size_t i = 0; i < field->n_from && out.n == 0; i++)
		known_say(m->f, &field->from[i], of, &out);
	*ret = (struct filing_value){.field = field};
	if (out.n == 0) {
		ret->state = field->optional ? FILING_EMPTY : FILING_GAP;
		say_gap(&out, field);
	}
	m->filing->n_required += !field->optional;
	m->filing->n_gaps += ret->state == FILING_GAP;
	ret->lines = out.list;
	ret->n_lines = out.n;
	m->failed |= out.failed;
}

static void add_group(struct making *m, struct filing_part *part, struct slice title,
                      const struct known_of *of)
{
	const struct form_part *form = part->part;
	struct filing_group *g = &part->groups[part->n_groups++];

	g->title = title;
	g->values = arena_zalloc(m->mem, form->n_fields, sizeof(*g->values));
	if (!g->values) {
		m->failed = true;
		part->n_groups--;
		return;
	}
	for (size_t i = 0; i < form->n_fields; i++)
		fill_value(m, &form->fields[i], of, &g->values[i]);
}

/* ---- groups: one function for each kind of part --------------------------- */

static struct slice titled(struct making *m, struct slice name, struct slice more,
                           const char *between)
{
	struct lines out = lines_in(m);

	lines_printf(&out, "%.*s%s%.*s", SLICE_ARG(name), more.n && name.n ? between : "",
	             SLICE_ARG(more));
	m->failed |= out.failed;
	return out.n ? out.list[0] : (struct slice){0};
}

static void fill_once(struct making *m, struct filing_part *part)
{
	add_group(m, part, (struct slice){0}, &(struct known_of){0});
}

static void fill_findings(struct making *m, struct filing_part *part)
{
	for (size_t i = 0; i < m->n_covered; i++) {
		const struct known_article *a = m->covered[i];
		if (!known_of_kinds(a, part->part->kinds))
			continue;
		const struct known_source *s = &m->f->sources[a->source];
		add_group(m, part, titled(m, titled(m, a->name, a->version, " "),
		                          s->host.n ? s->host : s->path, " on "),
		          &(struct known_of){.articles = &m->covered[i], .n_articles = 1});
	}
}

static void fill_products(struct making *m, struct filing_part *part)
{
	for (size_t i = 0, n; i < m->n_covered; i += n) {
		n = run_length(m, i);
		if (!known_of_kinds(m->covered[i], part->part->kinds))
			continue;
		add_group(m, part, titled(m, m->covered[i]->name, m->covered[i]->version, " "),
		          &(struct known_of){.articles = &m->covered[i], .n_articles = n});
	}
}

static void fill_sources(struct making *m, struct filing_part *part)
{
	for (size_t i = 0; i < m->f->n_sources; i++) {
		const struct known_source *s = &m->f->sources[i];
		add_group(m, part, titled(m, s->path, s->host, " on "),
		          &(struct known_of){.source = s});
	}
}

static bool wanted(const struct form *form, const struct profile_clause *c)
{
	for (size_t i = 0; i < form->n_contracts; i++)
		if (strcmp(form->contracts[i], c->clause) == 0)
			return true;
	return form->n_contracts == 0;
}

/* When nothing is known of contracts, one is left to be filled in. */
static void fill_contracts(struct making *m, struct filing_part *part)
{
	static const struct profile_clause unknown;
	const struct profile *p = m->f->profile;

	for (size_t i = 0; p && i < p->n_clauses; i++)
		if (wanted(m->f->form, &p->clauses[i]))
			add_group(m, part, slice_str(p->clauses[i].contract),
			          &(struct known_of){.contract = &p->clauses[i]});
	if (part->n_groups == 0)
		add_group(m, part, (struct slice){0}, &(struct known_of){.contract = &unknown});
}

static const struct {
	void (*fill)(struct making *m, struct filing_part *part);
	bool articles; /* nothing to write means that nothing was found */
} kinds[FORM_EACH_COUNT] = {
	[FORM_ONCE] = {fill_once},
	[FORM_FINDING] = {fill_findings, true},
	[FORM_PRODUCT] = {fill_products, true},
	[FORM_SOURCE] = {fill_sources},
	[FORM_CONTRACT] = {fill_contracts},
};

/* No part has more groups than all that there is. */
static size_t room(const struct making *m)
{
	return 1 + m->n_covered + m->f->n_sources +
	       (m->f->profile ? m->f->profile->n_clauses : 0);
}

static void fill_part(struct making *m, struct filing_part *part)
{
	part->groups = arena_zalloc(m->mem, room(m), sizeof(*part->groups));
	if (!part->groups) {
		m->failed = true;
		return;
	}
	kinds[part->part->each].fill(m, part);
	if (part->n_groups == 0 && kinds[part->part->each].articles) {
		struct lines none = lines_in(m);
		known_result(m->f, part->part->kinds, &none);
		part->none = none.list;
		part->n_none = none.n;
		m->failed |= none.failed;
	}
}

int filing_make(const struct known *known, struct arena *mem, struct filing *ret)
{
	const struct form *form = known->form;
	struct making m = {.f = known, .mem = mem, .filing = ret};
	struct lines result = lines_in(&m);

	*ret = (struct filing){.known = known};
	known_result(known, 0, &result);
	ret->result = result.list;
	ret->n_result = result.n;
	m.covered = with_verdict(&m, VERDICT_COVERED, &m.n_covered);
	ret->review = with_verdict(&m, VERDICT_REVIEW, &ret->n_review);
	ret->excluded = with_verdict(&m, VERDICT_EXCLUDED, &ret->n_excluded);
	ret->parts = arena_zalloc(mem, form->n_parts, sizeof(*ret->parts));
	if (m.failed || result.failed || !ret->parts)
		return -ENOMEM;
	for (size_t i = 0; i < form->n_parts; i++) {
		struct filing_part *part = &ret->parts[ret->n_parts++];
		part->part = &form->parts[i];
		fill_part(&m, part);
	}
	return m.failed ? -ENOMEM : 0;
}

const struct filing_form *filing_form(const char *name)
{
	static const struct filing_form *const forms[] = {&filing_text, &filing_markdown,
	                                                  &filing_html, &filing_json};

	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	return NULL;
}
