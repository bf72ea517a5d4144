/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a protection run? What a process calls itself proves little, so its
 * program must be root's and nobody else's to write, and it must run as the
 * system, not as one of its people.
 */
#include <errno.h>

#include "survey/state.h"

enum { SYSTEM_UID_MAX = 999, COMM_KEPT = 15 };

static bool is_called(const struct process *p, const char *name)
{
	struct slice wanted = slice_str(name);

	return slice_eq(p->program, wanted) ||
	       (wanted.n <= COMM_KEPT && slice_eq(p->comm, wanted));
}

static bool is_protection(const struct process *p, const char *const *names)
{
	if (!p->sound || p->uid > SYSTEM_UID_MAX)
		return false;
	for (; names && *names; names++)
		if (is_called(p, *names))
			return true;
	return false;
}

static int look(struct survey *s, const char *const *names, struct fact *f)
{
	for (size_t i = 0; i < s->processes.n; i++) {
		const struct process *p = &s->processes.list[i];
		if (!is_protection(p, names))
			continue;
		char *words = arena_printf(s->mem, "%.*s (pid %u)",
		                           SLICE_ARG(p->comm), p->pid);
		if (!words)
			return -ENOMEM;
		f->role.running = slice_str(words);
		return 0;
	}
	if (s->processes.partial)
		return survey_why(s, f, "not all processes could be looked at");
	return 0;
}

int survey_roles(struct survey *s)
{
	const struct plan_lore *lore = s->args->lore;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		struct fact *f = &s->facts->list[i];
		if (need->kind != NEED_ROLE)
			continue;
		if (!s->args->live)
			rc = survey_why(s, f, "it is not the running system, so what "
			                "protects it cannot be seen");
		else
			rc = look(s, lore ? lore->protections(lore->ctx, need->text)
			                  : NULL, f);
	}
	return rc;
}
