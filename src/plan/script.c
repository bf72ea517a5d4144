/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/script.h"

#include <errno.h>

#include "base/text.h"

void script_init(struct script *s, const struct plan *plan, const char *comment, FILE *out)
{
	*s = (struct script){.out = out, .plan = plan, .comment = comment};
	arena_init(&s->mem, 0);
}

int script_finish(struct script *s)
{
	arena_finish(&s->mem);
	return s->failed ? -ENOMEM : 0;
}

/* What is left of text_show() beyond ASCII, in its manner. */
static void show_ascii(struct str *out, struct slice shown)
{
	uint32_t rune;
	size_t n;

	for (size_t at = 0; at < shown.n; at += n) {
		n = text_rune(slice_from(shown, at), &rune);
		if (n == 1)
			str_putc(out, (char)rune);
		else
			str_printf(out, "\\u{%x}", (unsigned)rune);
		n = n ? n : 1;
	}
}

const char *script_shown(struct script *s, struct slice text)
{
	struct str shown = {0}, ascii = {0};

	text_show(&shown, text);
	if (s->ascii)
		show_ascii(&ascii, str_slice(&shown));
	const struct str *all = s->ascii ? &ascii : &shown;
	bool lost = str_failed(&shown) || str_failed(&ascii);
	char *copy = lost ? NULL : arena_str(&s->mem, str_slice(all));
	str_finish(&shown);
	str_finish(&ascii);
	if (copy)
		return copy;
	s->failed = true;
	return "";
}

void script_comment(struct script *s, const char *words, struct slice text)
{
	fprintf(s->out, "%s%s%s\n", s->comment, words, script_shown(s, text));
}

static void gates(struct script *s)
{
	for (size_t i = 0; i < s->plan->n_gates; i++) {
		const struct plan_gate *g = &s->plan->gates[i];
		fprintf(s->out, "%sgate %s: %s", s->comment, script_shown(s, g->role),
		        gate_state_name(g->state));
		fprintf(s->out, g->by.n ? ", %s\n" : "%s\n", script_shown(s, g->by));
	}
}

void script_head(struct script *s, const char *what)
{
	fprintf(s->out, "%s%s\n", s->comment, what);
	script_comment(s, "made by debar ", s->plan->tool);
	script_comment(s, "plan ", slice_str(s->plan->sha256));
	script_comment(s, "for the source ", s->plan->source_path);
	if (s->plan->host.n)
		script_comment(s, "of the host ", s->plan->host);
	if (!s->plan->complete)
		script_comment(s, "the sweep did not examine everything: more may be there",
		               SLICE(""));
	gates(s);
}

void script_step(struct script *s, const struct step *step, size_t number)
{
	fprintf(s->out, "\n%sstep %zu, %s: %s\n", s->comment, number, stage_name(step->stage),
	        script_shown(s, step->name));
	script_comment(s, "  ", step->words);
	for (size_t i = 0; i < step->n_reasons; i++)
		fprintf(s->out, "%s  order %s: %s\n", s->comment,
		        script_shown(s, step->reasons[i].order),
		        script_shown(s, step->reasons[i].because));
	for (size_t i = 0; i < step->n_before; i++)
		script_comment(s, "  before: ", step->before[i]);
	for (size_t i = 0; i < step->n_after; i++)
		script_comment(s, "  after: ", step->after[i]);
	if (step->kind != STEP_REVIEW)
		fprintf(s->out, "%s  risk: %s, %s\n", s->comment, risk_name(step->risk),
		        script_shown(s, step->risk_words));
}

void script_rest(struct script *s)
{
	for (size_t i = 0; i < s->plan->n_left; i++) {
		const struct plan_left *l = &s->plan->left[i];
		if (i == 0)
			fprintf(s->out, "\n%sleft alone\n", s->comment);
		fprintf(s->out, "%s  %s: %s\n", s->comment, script_shown(s, l->name),
		        script_shown(s, l->why));
	}
}

char **script_argv(struct script *s, const struct step *step, const char *const *template,
                   const char *root)
{
	const struct manager *m = manager_of(step->packages[0].ecosystem);

	if (!m || !template || !template[0])
		return NULL;
	if (!root)
		root = arena_str(&s->mem, s->plan->source_path);
	char **argv = root ? manager_argv(template, m, root, step->packages,
	                                  step->n_packages, NULL, &s->mem) : NULL;
	s->failed |= !argv;
	return argv;
}

void script_hex(const uint8_t sha256[static PLAN_SHA256_BYTES],
                char ret[static 2 * PLAN_SHA256_BYTES + 1])
{
	for (size_t i = 0; i < PLAN_SHA256_BYTES; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", sha256[i]);
}
