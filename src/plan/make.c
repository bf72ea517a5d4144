/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/make.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan/form.h"

enum { NAMED = 5 };

void make_fail(struct making *m, int code, const char *words)
{
	if (m->code == 0) {
		m->code = code;
		m->failed = words;
	}
}

const char *make_words(struct making *m, const char *fmt, ...)
{
	va_list args;
	char *words;

	va_start(args, fmt);
	int n = vasprintf(&words, fmt, args);
	va_end(args);
	char *copy = n < 0 ? NULL : arena_str(&m->mem, slice_of(words, (size_t)n));
	if (n >= 0)
		free(words);
	if (copy)
		return copy;
	make_fail(m, -ENOMEM, NULL);
	return "";
}

struct lore_words article_lore(const struct plan_options *o, const struct article *a)
{
	struct lore_words w = {0};

	if (o->lore && o->lore->article)
		o->lore->article(o->lore->ctx, a->entity, a->name, &w.rank, &w.role,
		                 &w.advice);
	return w;
}

/* ---- questions and answers ---- */

static int by_need(const void *x, const void *y)
{
	return need_cmp(*(const struct need *const *)x, *(const struct need *const *)y);
}

static void index_needs(struct making *m, const struct need *needs, size_t n)
{
	m->needs = arena_zalloc(&m->mem, n, sizeof(const struct need *));
	if (!m->needs) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		m->needs[i] = &needs[i];
	m->first_need = needs;
	m->n_needs = n;
	if (n)
		qsort(m->needs, n, sizeof(const struct need *), by_need);
}

const struct fact *make_fact(const struct making *m, enum need_kind kind,
                             const char *ecosystem, enum attr attr, struct slice text)
{
	struct need need = {.kind = kind, .ecosystem = ecosystem, .attr = attr, .text = text};
	const struct need *key = &need;
	const struct need *const *found = NULL;

	if (m->n_needs)
		found = bsearch(&key, m->needs, m->n_needs, sizeof(const struct need *),
		                by_need);
	size_t at = found ? (size_t)(*found - m->first_need) : SIZE_MAX;
	return at < m->facts->n ? &m->facts->list[at] : NULL;
}

/* ---- notes ---- */

static void add_note(struct making *m, const struct note *note)
{
	if (m->code < 0)
		return;
	if (m->n_notes == m->size_notes) {
		size_t size = m->size_notes ? 2 * m->size_notes : 64;
		struct note *notes = reallocarray(m->notes, size, sizeof(*notes));
		if (!notes) {
			make_fail(m, -ENOMEM, NULL);
			return;
		}
		m->notes = notes;
		m->size_notes = size;
	}
	m->notes[m->n_notes++] = *note;
}

void make_note(struct making *m, const struct article *a, const char *reason,
               struct slice about)
{
	add_note(m, &(struct note){.article = a, .reason = reason, .about = about});
}

void make_left(struct making *m, const struct article *a, const char *reason,
               struct slice about)
{
	add_note(m, &(struct note){a, reason, about, true});
}

/* By article, then reason, then what they are about; reviews first. */
static int by_article(const void *x, const void *y)
{
	const struct note *a = x, *b = y;

	if (a->left != b->left)
		return a->left ? 1 : -1;
	if (a->article != b->article)
		return a->article < b->article ? -1 : 1;
	int c = strcmp(a->reason, b->reason);
	return c ? c : slice_cmp(a->about, b->about);
}

static bool same(const struct note *a, const struct note *b)
{
	return a->left == b->left && a->article == b->article &&
	       strcmp(a->reason, b->reason) == 0;
}

/* Reasons are written to stand behind "PATH and 3 more: ". */
static struct slice note_text(struct making *m, const struct note *notes, size_t n)
{
	struct slice about[NAMED];
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		bool again = i && slice_eq(notes[i].about, notes[i - 1].about);
		if (notes[i].about.n == 0 || again)
			continue;
		if (shown < NAMED)
			about[shown++] = notes[i].about;
		all++;
	}
	if (all == 0)
		return step_text(m, "%s", notes->reason);
	return step_text(m, "%s: %s", make_list(m, about, shown, all, NAMED), notes->reason);
}

static void write_review(struct making *m, const struct note *notes, size_t n)
{
	struct step *s = step_add(m, notes->article, NULL, STEP_REVIEW, STAGE_REVIEW);

	if (s) {
		s->words = note_text(m, notes, n);
		s->risk_words = step_text(m, "nothing is done");
	}
}

static void write_left(struct making *m, const struct note *notes, size_t n)
{
	struct plan *p = m->plan;

	if (p->n_left == PLAN_STEPS_MAX)
		return;
	p->left[p->n_left++] = (struct plan_left){
		.article = step_copy(m, notes->article->id),
		.name = step_copy(m, notes->article->name),
		.entity = step_copy(m, notes->article->entity),
		.why = note_text(m, notes, n),
	};
}

static void write_notes(struct making *m)
{
	if (m->n_notes)
		qsort(m->notes, m->n_notes, sizeof(*m->notes), by_article);
	m->plan->left = arena_zalloc(&m->plan->mem, m->n_notes, sizeof(*m->plan->left));
	if (!m->plan->left)
		make_fail(m, -ENOMEM, NULL);
	for (size_t i = 0, end; m->code == 0 && i < m->n_notes; i = end) {
		for (end = i + 1; end < m->n_notes && same(&m->notes[i], &m->notes[end]);)
			end++;
		(m->notes[i].left ? write_left : write_review)(m, &m->notes[i], end - i);
	}
}

/* ---- whole articles ---- */

static struct slice first_path(const struct article *a)
{
	return a->n_evidence ? a->evidence[0].path : (struct slice){0};
}

void make_reviews(struct making *m)
{
	for (size_t i = 0; i < m->articles->n; i++) {
		const struct article *a = &m->articles->list[i];
		const char *why;
		enum ruling ruling = article_ruling(a, m->options, &why);
		if (ruling == RULING_REVIEW)
			make_note(m, a, why, first_path(a));
		else if (ruling == RULING_LEFT)
			make_left(m, a, why, (struct slice){0});
		else if (ruling == RULING_ACT && a->n_more)
			make_note(m, a, make_words(m, "the report names only some of the"
			          " evidence, and counts %llu more: sweep again when"
			          " this plan has been carried out",
			          (unsigned long long)a->n_more), (struct slice){0});
	}
}

/* ---- weak evidence ---- */

/* Is there more to it than a name: something of the maker's is here, or was? A
 * repository that is merely set up shows nothing of what lies elsewhere. */
static bool corroborates(const struct article *a)
{
	return a->strength > STRENGTH_WEAK && a->state >= STATE_RESIDUE;
}

static bool is_better(const struct article *a, const struct article *than)
{
	return !than || a->state > than->state ||
	       (a->state == than->state && a->strength > than->strength);
}

/* An article of the same maker, on good evidence, that goes: the best there is;
 * NULL also when one of the maker's packages stays: then its data must stay with
 * it. */
static const struct article *look_for_product(struct making *m,
                                              const struct article *of)
{
	const struct article *found = NULL;

	for (size_t i = 0; i < m->n_targets; i++) {
		const struct article *a = m->targets[i].article;
		if (!slice_eq(a->entity, of->entity))
			continue;
		if (make_package_stays(m, a))
			return NULL;
		if (corroborates(a) && is_better(a, found))
			found = a;
	}
	return found;
}

static const struct article *known_product(struct making *m, const struct article *of)
{
	if (!slice_eq(m->known_entity, of->entity)) {
		m->known = look_for_product(m, of);
		m->known_entity = of->entity;
	}
	return m->known;
}

bool make_trusts(struct making *m, const struct target *t, const struct article **ret_by,
                 bool *ret_unsure, const char **ret_why)
{
	*ret_by = NULL;
	*ret_unsure = false;
	if (t->sure)
		return true;
	if (t->layout)
		*ret_by = known_product(m, t->article);
	if (*ret_by)
		return true;
	*ret_unsure = m->options->include_weak;
	if (*ret_unsure)
		return true;
	*ret_why = "only weak evidence says whose it is, and no product of that maker"
	           " goes with it: look, then plan again with --include-weak or take it"
	           " away by hand";
	return false;
}

/* ---- the plan ---- */

static int by_turn(const void *x, const void *y)
{
	const struct step *a = x, *b = y;
	int c;

	if (a->stage != b->stage)
		return a->stage < b->stage ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	c = slice_cmp(a->entity, b->entity);
	c = c ? c : slice_cmp(a->name, b->name);
	c = c ? c : slice_cmp(a->article, b->article);
	c = c ? c : slice_cmp(a->subject, b->subject);
	return c ? c : slice_cmp(a->words, b->words);
}

static const struct article_source *source_of(const struct making *m)
{
	for (size_t i = 0; i < m->articles->n_sources; i++)
		if (m->articles->sources[i].id == m->options->source)
			return &m->articles->sources[i];
	return NULL;
}

static void copy_orders(struct making *m)
{
	const struct plan_options *o = m->options;
	const struct slice *from = o->n_orders ? o->orders : m->articles->orders;
	size_t n = o->n_orders ? o->n_orders : m->articles->n_orders;

	m->plan->orders = arena_zalloc(&m->plan->mem, n, sizeof(*m->plan->orders));
	if (!m->plan->orders) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		m->plan->orders[m->plan->n_orders++] = step_copy(m, from[i]);
}

static void write_head(struct making *m)
{
	const struct article_source *source = source_of(m);
	struct plan *p = m->plan;

	p->tool = step_copy(m, slice_str(m->options->version));
	p->packs_sha256 = step_copy(m, m->articles->packs_sha256);
	p->source_path = step_copy(m, m->facts->root);
	p->source_kind = step_copy(m, source ? source->kind : SLICE(""));
	p->host = step_copy(m, source ? source->host : SLICE(""));
	p->swept = step_copy(m, source ? source->finished : SLICE(""));
	p->live = m->facts->live;
	p->complete = m->articles->complete;
	p->root_device = m->facts->root_device;
	p->root_inode = m->facts->root_inode;
	p->approvals = m->options->approvals;
	copy_orders(m);
}

static void write_steps(struct making *m)
{
	struct plan *p = m->plan;

	if (m->n_steps)
		qsort(m->steps, m->n_steps, sizeof(*m->steps), by_turn);
	p->steps = arena_zalloc(&p->mem, m->n_steps, sizeof(*p->steps));
	if (!p->steps) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	if (m->n_steps)
		memcpy(p->steps, m->steps, m->n_steps * sizeof(*p->steps));
	p->n_steps = m->n_steps;
}

/* Each part looks at what those before it decided. */
static void (*const parts[])(struct making *m) = {
	make_reviews,       make_packages,    make_places, make_package_steps,
	make_services,      make_place_steps, make_keys,   make_accounts,
	make_gates,         write_notes,      write_head,  write_steps,
};

static void make_all(struct making *m, const struct need *needs, size_t n)
{
	index_needs(m, needs, n);
	if (m->code == 0) {
		int code = targets_of(m->articles, m->options, &m->mem, &m->targets,
		                      &m->n_targets);
		if (code < 0)
			make_fail(m, code, "more evidence than a plan can hold");
	}
	for (size_t i = 0; m->code == 0 && i < COUNT_OF(parts); i++)
		parts[i](m);
}

int plan_make(const struct articles *a, const struct need *needs, size_t n,
              const struct facts *facts, const struct plan_options *o,
              struct err *e, struct plan **ret)
{
	struct making m = {.articles = a, .options = o, .facts = facts};

	m.plan = calloc(1, sizeof(*m.plan));
	if (!m.plan)
		return err_set(e, -ENOMEM, "out of memory");
	arena_init(&m.plan->mem, 0);
	arena_init(&m.mem, 0);
	make_all(&m, needs, n);
	if (m.code == 0)
		m.code = plan_hash(m.plan);
	if (m.code < 0)
		plan_free(m.plan);
	else
		*ret = m.plan;
	int code = m.code;
	if (code < 0)
		(void)err_set(e, code, "%s", m.failed ? m.failed : code == -ENOMEM
		              ? "out of memory" : "the plan could not be made");
	free(m.notes);
	free(m.steps);
	arena_finish(&m.mem);
	return code;
}
