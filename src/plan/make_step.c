/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps as they are put together. All that a step holds is the plan's own copy,
 * cut where a plan could not be read back otherwise.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan/make.h"

enum { EVIDENCE_SHOWN = 5, LINES_MAX = 32 };

struct slice step_copy(struct making *m, struct slice s)
{
	struct slice copy = arena_copy(&m->plan->mem, slice_first(s, PLAN_TEXT_MAX));

	if (!copy.p)
		make_fail(m, -ENOMEM, NULL);
	return copy;
}

struct slice step_text(struct making *m, const char *fmt, ...)
{
	va_list args;
	char *words;

	va_start(args, fmt);
	int n = vasprintf(&words, fmt, args);
	va_end(args);
	if (n < 0) {
		make_fail(m, -ENOMEM, NULL);
		return SLICE("");
	}
	struct slice copy = step_copy(m, slice_of(words, (size_t)n));
	free(words);
	return copy;
}

static void give_reasons(struct making *m, struct step *s, const struct article *a)
{
	s->reasons = arena_zalloc(&m->plan->mem, a->n_words, sizeof(*s->reasons));
	if (!s->reasons) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < a->n_words && s->n_reasons < PLAN_LIST_MAX; i++) {
		const struct article_word *w = &a->words[i];
		if (!order_selected(m->options, w->order) || w->verdict == ARTICLE_EXCLUDED)
			continue;
		s->reasons[s->n_reasons++] = (struct plan_reason){
			.order = step_copy(m, w->order),
			.because = step_copy(m, w->because),
		};
	}
}

static void give_one(struct making *m, struct step *s, const struct article_evidence *e)
{
	s->evidence[s->n_evidence++] = (struct plan_evidence){
		.attr = step_copy(m, e->attr),
		.value = step_copy(m, e->value),
		.path = step_copy(m, e->path),
		.mark = step_copy(m, e->mark),
		.mark_source = step_copy(m, e->mark_source),
		.strength = e->strength,
	};
}

/* What the step is about first, then the article's strongest: a report has
 * them in this order. */
static void give_evidence(struct making *m, struct step *s, const struct article *a,
                          const struct article_evidence *first)
{
	s->evidence = arena_zalloc(&m->plan->mem, EVIDENCE_SHOWN, sizeof(*s->evidence));
	if (!s->evidence) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	if (first)
		give_one(m, s, first);
	for (size_t i = 0; i < a->n_evidence && s->n_evidence < EVIDENCE_SHOWN; i++)
		if (&a->evidence[i] != first)
			give_one(m, s, &a->evidence[i]);
}

static struct step *grow(struct making *m)
{
	if (m->code < 0)
		return NULL;
	if (m->n_steps == PLAN_STEPS_MAX) {
		make_fail(m, -E2BIG, "the plan would have more steps than a plan may have");
		return NULL;
	}
	if (m->n_steps == m->size_steps) {
		size_t size = m->size_steps ? 2 * m->size_steps : 64;
		struct step *steps = reallocarray(m->steps, size, sizeof(*steps));
		if (!steps) {
			make_fail(m, -ENOMEM, NULL);
			return NULL;
		}
		m->steps = steps;
		m->size_steps = size;
	}
	return &m->steps[m->n_steps++];
}

struct step *step_add(struct making *m, const struct article *a,
                      const struct article_evidence *first, enum step_kind kind,
                      enum stage stage)
{
	struct step *s = grow(m);

	if (!s)
		return NULL;
	*s = (struct step){.kind = kind, .stage = stage};
	s->article = step_copy(m, a->id);
	s->name = step_copy(m, a->name);
	s->version = step_copy(m, a->version);
	s->entity = step_copy(m, a->entity);
	s->words = s->subject = s->risk_words = step_copy(m, SLICE(""));
	give_reasons(m, s, a);
	give_evidence(m, s, a, first);
	s->before = arena_zalloc(&m->plan->mem, LINES_MAX, sizeof(*s->before));
	s->after = arena_zalloc(&m->plan->mem, LINES_MAX, sizeof(*s->after));
	if (!s->before || !s->after)
		make_fail(m, -ENOMEM, NULL);
	return m->code < 0 ? NULL : s;
}

/* The highest counts, and all words are said. */
void step_risk(struct making *m, struct step *s, enum risk risk, const char *words)
{
	if (risk > s->risk)
		s->risk = risk;
	if (s->risk_words.n)
		s->risk_words = step_text(m, "%.*s; %s", SLICE_ARG(s->risk_words), words);
	else
		s->risk_words = step_text(m, "%s", words);
}

static bool has_line(const struct slice *lines, size_t n, struct slice words)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(lines[i], words))
			return true;
	return false;
}

void step_before(struct making *m, struct step *s, struct slice words)
{
	if (m->code == 0 && words.n && s->n_before < LINES_MAX &&
	    !has_line(s->before, s->n_before, words))
		s->before[s->n_before++] = step_copy(m, words);
}

void step_after(struct making *m, struct step *s, struct slice words)
{
	if (m->code == 0 && words.n && s->n_after < LINES_MAX &&
	    !has_line(s->after, s->n_after, words))
		s->after[s->n_after++] = step_copy(m, words);
}

void step_packages(struct making *m, struct step *s, const struct item *const *items,
                   size_t n)
{
	if (n > PLAN_LIST_MAX) {
		make_fail(m, -E2BIG, "a step would have more packages than it may have");
		return;
	}
	s->packages = arena_zalloc(&m->plan->mem, n, sizeof(*s->packages));
	if (!s->packages) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		s->packages[s->n_packages++] = (struct plan_package){
			.ecosystem = items[i]->ecosystem,
			.name = step_copy(m, items[i]->name),
			.version = step_copy(m, items[i]->fact->version),
			.arch = step_copy(m, items[i]->fact->arch),
			.residue = !items[i]->fact->installed,
		};
}

const char *make_list(struct making *m, const struct slice *names, size_t n,
                      uint64_t all, size_t most)
{
	struct str out = {0};
	size_t shown = n < most ? n : most;

	for (size_t i = 0; i < shown; i++) {
		str_puts(&out, i == 0 ? "" : i + 1 == all ? " and " : ", ");
		str_add(&out, names[i]);
	}
	if (all > shown)
		str_printf(&out, "%s%llu more", shown ? " and " : "",
		           (unsigned long long)(all - shown));
	char *words = str_failed(&out) ? NULL : arena_str(&m->mem, str_slice(&out));
	str_finish(&out);
	if (words)
		return words;
	make_fail(m, -ENOMEM, NULL);
	return "";
}
