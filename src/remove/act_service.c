/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services by systemctl(1): on the running system they are stopped and
 * disabled; on another root only disabled, since nothing of it runs.
 */
#include <errno.h>
#include <stdio.h>

#include "remove/act_private.h"

enum { WORDS = 8 };

/* systemctl VERB UNIT, for the root that is meant. */
static char **systemctl(const struct act *a, const char *verb, const char *option)
{
	char **argv = arena_zalloc(a->mem, WORDS, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = arena_str(a->mem, SLICE("systemctl"));
	if (!a->live)
		argv[n++] = arena_printf(a->mem, "--root=%s", a->root);
	argv[n++] = arena_str(a->mem, slice_str(verb));
	if (option)
		argv[n++] = arena_str(a->mem, slice_str(option));
	argv[n++] = arena_str(a->mem, SLICE("--"));
	argv[n++] = arena_str(a->mem, a->step->subject);
	for (size_t i = 0; i < n; i++)
		if (!argv[i])
			return NULL;
	return argv;
}

/* 1 when systemctl says yes, 0 when no, or a negative errno. */
static int asked(const struct act *a, const char *verb, struct err *e)
{
	char **argv = systemctl(a, verb, "--quiet");
	const int status = argv ? act_run(argv, NULL, NULL, e) : -ENOMEM;

	return status < 0 ? status : status == 0;
}

static int told(const struct act *a, const char *verb, struct err *e)
{
	char **argv = systemctl(a, verb, NULL);

	return argv ? act_must(argv, NULL, e) : err_sys(e, -ENOMEM, "systemctl");
}

static int service_done(const struct act *a, struct err *e)
{
	const int enabled = asked(a, "is-enabled", e);

	if (enabled != 0)
		return enabled < 0 ? enabled : 0;
	const int active = a->live ? asked(a, "is-active", e) : 0;
	return active < 0 ? active : !active;
}

static int service_try(const struct act *a, struct err *e)
{
	(void)a;
	return command_exists("systemctl", NULL)
	               ? 0
	               : err_set(e, -EPERM, "there is no systemctl to ask: stop the service by "
	                                    "the system's own means");
}

static int service_places(const struct act *a, struct err *e, struct slice **ret,
                          size_t *ret_n)
{
	static const char *const places[] = {"/etc", NULL};

	(void)e;
	return act_fixed_places(a, places, ret, ret_n);
}

static int service_run(const struct act *a, struct err *e)
{
	int r = a->live ? told(a, "stop", e) : 0;
	const int enabled = r == 0 ? asked(a, "is-enabled", e) : 0;

	if (r == 0 && enabled > 0)
		r = told(a, "disable", e);
	return r < 0 ? r : enabled < 0 ? enabled : 0;
}

static int service_undo(const struct act *a, bool exact, const char *file, struct err *e)
{
	int r = 0;

	(void)file;
	if (a->live && exact) {
		char *reload[] = {(char[]){"systemctl"}, (char[]){"daemon-reload"}, NULL};
		r = act_must(reload, NULL, e);
	}
	if (r == 0 && !exact && a->step->was_enabled)
		r = told(a, "enable", e);
	if (r == 0 && a->live && a->step->was_active)
		r = told(a, "start", e);
	return r;
}

const struct act_kind act_service = {
	.done = service_done,
	.try = service_try,
	.places = service_places,
	.run = service_run,
	.undo = service_undo,
};
