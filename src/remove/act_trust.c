/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust stores that a tool builds from folders of anchors: the engine has taken
 * the anchor, here the store is built again. On another root its own tool is
 * run in there.
 */
#include <errno.h>

#include "remove/act_private.h"

static const struct tool {
	struct slice folder;          /* anchors at or below it */
	const char *argv[4];
	const char *places[6];        /* what it builds */
} tools[] = {
	{SLICE("/usr/local/share/ca-certificates"), {"update-ca-certificates"},
	 {"/etc/ssl", "/etc/ca-certificates", "/etc/ca-certificates.conf"}},
	{SLICE("/usr/share/ca-certificates"), {"update-ca-certificates"},
	 {"/etc/ssl", "/etc/ca-certificates", "/etc/ca-certificates.conf"}},
	{SLICE("/etc/pki/ca-trust/source"), {"update-ca-trust", "extract"},
	 {"/etc/pki", "/etc/ssl"}},
	{SLICE("/usr/share/pki/ca-trust-source"), {"update-ca-trust", "extract"},
	 {"/etc/pki", "/etc/ssl"}},
	{SLICE("/etc/ca-certificates/trust-source"), {"update-ca-trust"},
	 {"/etc/ca-certificates", "/etc/ssl"}},
};

static bool is_below(struct slice path, struct slice folder)
{
	return slice_starts(path, folder) && path.n > folder.n && path.p[folder.n] == '/';
}

static const struct tool *tool_of(const struct act *a)
{
	for (size_t i = 0; i < a->step->n_objects; i++)
		for (size_t k = 0; k < COUNT_OF(tools); k++)
			if (is_below(a->step->objects[i].path, tools[k].folder))
				return &tools[k];
	return NULL;
}

static const char *inside(const struct act *a)
{
	return a->live ? NULL : a->root;
}

static int trust_done(const struct act *a, struct err *e)
{
	(void)a;
	(void)e;
	return 0;
}

static int trust_try(const struct act *a, struct err *e)
{
	const struct tool *tool = tool_of(a);

	if (!tool)
		return err_set(e, -EPERM, "no tool is known that builds this trust store");
	if (!command_exists(tool->argv[0], inside(a)))
		return err_set(e, -EPERM, "%s, which builds this trust store, is not there",
		               tool->argv[0]);
	return 0;
}

static int trust_places(const struct act *a, struct err *e, struct slice **ret, size_t *ret_n)
{
	static const char *const none[] = {NULL};
	const struct tool *tool = tool_of(a);

	(void)e;
	return act_fixed_places(a, tool ? tool->places : none, ret, ret_n);
}

static int trust_run(const struct act *a, struct err *e)
{
	const struct tool *tool = tool_of(a);
	char *argv[COUNT_OF(tool->argv) + 1] = {NULL};
	int r = tool ? 0 : -ENOENT;

	for (size_t i = 0; r == 0 && i < COUNT_OF(tool->argv) && tool->argv[i]; i++)
		if (!(argv[i] = arena_str(a->mem, slice_str(tool->argv[i]))))
			r = err_sys(e, -ENOMEM, "%s", tool->argv[0]);
	return r == 0 ? act_must(argv, inside(a), e) : r;
}

/* With the anchor back in its place the store is whole again by its files, or
 * is built once more. */
static int trust_undo(const struct act *a, bool exact, const char *file, struct err *e)
{
	(void)file;
	return exact ? 0 : trust_run(a, e);
}

const struct act_kind act_trust = {
	.done = trust_done,
	.try = trust_try,
	.places = trust_places,
	.run = trust_run,
	.undo = trust_undo,
};
