/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include <stdlib.h>

static const char *const step_kinds[STEP_KIND_COUNT] = {
	[STEP_SERVICE] = "service", [STEP_PACKAGE] = "package", [STEP_TAKE] = "take",
	[STEP_TRUST] = "trust",     [STEP_USER] = "user",       [STEP_GROUP] = "group",
	[STEP_REVIEW] = "review",
};

static const char *const stages[STAGE_COUNT] = {
	[STAGE_SERVICE] = "service",   [STAGE_PACKAGE] = "package",
	[STAGE_LAUNCHER] = "launcher", [STAGE_LEFTOVER] = "leftover",
	[STAGE_TRUST] = "trust",       [STAGE_ACCOUNT] = "account",
	[STAGE_REPOSITORY] = "repository", [STAGE_REVIEW] = "review",
};

static const char *const risks[RISK_COUNT] = {
	[RISK_LOW] = "low", [RISK_MEDIUM] = "medium", [RISK_HIGH] = "high",
};

static const char *const object_types[OBJECT_TYPE_COUNT] = {
	[OBJECT_FILE] = "file", [OBJECT_FOLDER] = "folder", [OBJECT_LINK] = "link",
	[OBJECT_OTHER] = "other",
};

static const char *const gate_states[] = {
	[GATE_NOT_NEEDED] = "not-needed", [GATE_RUNNING] = "running",
	[GATE_WAIVED] = "waived",         [GATE_MISSING] = "missing",
};

static int find(const char *const *words, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], name) == 0)
			return (int)i;
	return -1;
}

const char *step_kind_name(enum step_kind kind)
{
	return step_kinds[kind];
}

int step_kind_by_name(const char *name)
{
	return find(step_kinds, COUNT_OF(step_kinds), name);
}

const char *stage_name(enum stage stage)
{
	return stages[stage];
}

int stage_by_name(const char *name)
{
	return find(stages, COUNT_OF(stages), name);
}

const char *risk_name(enum risk risk)
{
	return risks[risk];
}

int risk_by_name(const char *name)
{
	return find(risks, COUNT_OF(risks), name);
}

const char *object_type_name(enum object_type type)
{
	return object_types[type];
}

int object_type_by_name(const char *name)
{
	return find(object_types, COUNT_OF(object_types), name);
}

const char *gate_state_name(enum gate_state state)
{
	return gate_states[state];
}

int gate_state_by_name(const char *name)
{
	return find(gate_states, COUNT_OF(gate_states), name);
}

bool plan_path_ok(struct slice path)
{
	struct slice rest = slice_from(path, 1), part;

	if (path.n < 2 || path.n > PLAN_PATH_MAX || path.p[0] != '/' ||
	    path.p[path.n - 1] == '/' || memchr(path.p, 0, path.n))
		return false;
	while (slice_split(&rest, '/', &part))
		if (part.n == 0 || slice_eq(part, SLICE(".")) ||
		    slice_eq(part, SLICE("..")))
			return false;
	return true;
}

bool plan_acts(const struct plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind != STEP_REVIEW)
			return true;
	return false;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	arena_finish(&p->mem);
	free(p);
}
