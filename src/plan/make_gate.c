/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gates. Where a protection goes, another must be there first, or a person must
 * answer for the time without.
 */
#include <errno.h>

#include "plan/make.h"

enum { PROCESSES_MAX = 256 };

/* Does anything of this article go at all? */
static bool goes(const struct making *m, const struct article *a)
{
	for (size_t i = 0; i < m->n_steps; i++)
		if (m->steps[i].kind != STEP_REVIEW && slice_eq(m->steps[i].article, a->id))
			return true;
	return false;
}

static bool known(const struct plan *p, struct slice role)
{
	for (size_t i = 0; i < p->n_gates; i++)
		if (slice_eq(p->gates[i].role, role))
			return true;
	return false;
}

static void add_processes(struct making *m, struct plan_gate *g, struct slice role)
{
	const struct plan_lore *lore = m->options->lore;
	const char *const *names = lore->protections ? lore->protections(lore->ctx, role) : NULL;
	size_t n = 0;

	while (names && names[n] && n < PROCESSES_MAX)
		n++;
	g->processes = arena_zalloc(&m->plan->mem, n, sizeof(*g->processes));
	if (!g->processes) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		g->processes[g->n_processes++] = step_copy(m, slice_str(names[i]));
}

static void add_gate(struct making *m, struct slice role)
{
	const struct fact *f = make_fact(m, NEED_ROLE, "", 0, role);
	struct plan_gate *g = &m->plan->gates[m->plan->n_gates++];
	struct slice running = f && !f->why.n ? f->role.running : (struct slice){0};

	*g = (struct plan_gate){.role = step_copy(m, role), .state = GATE_MISSING};
	if (running.n)
		g->state = GATE_RUNNING;
	else if (m->options->waiver.n)
		g->state = GATE_WAIVED;
	g->by = step_copy(m, running.n ? running : m->options->waiver);
	add_processes(m, g, role);
}

void make_gates(struct making *m)
{
	const struct article *last = NULL;

	m->plan->gates = arena_zalloc(&m->plan->mem, PLAN_LIST_MAX, sizeof(*m->plan->gates));
	if (!m->plan->gates)
		make_fail(m, -ENOMEM, NULL);
	for (size_t i = 0; m->code == 0 && i < m->n_targets; i++) {
		const struct article *a = m->targets[i].article;
		if (a == last || a->state != STATE_INSTALLED)
			continue;
		last = a;
		struct slice role = article_lore(m->options, a).role;
		if (role.n && m->plan->n_gates < PLAN_LIST_MAX && !known(m->plan, role) &&
		    goes(m, a))
			add_gate(m, role);
	}
}
