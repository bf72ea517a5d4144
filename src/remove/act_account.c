/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts by userdel(8) and groupdel(8), which know all the files that name
 * them; on another root with --prefix, which needs no program inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "remove/act_private.h"
#include "system/file.h"
#include "system/object.h"

enum { DATABASE_MAX = 16 << 20, WORDS = 8 };

static bool is_user(const struct act *a)
{
	return a->step->kind == STEP_USER;
}

/* ---- databases --------------------------------------------------------- */

/* passwd or group of the root; no link is followed. */
static int read_database(const struct act *a, const char *name, struct str *ret, struct err *e)
{
	const int root = open(a->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const int etc = root < 0 ? -errno : object_open_folder(root, SLICE("/etc"), O_RDONLY);
	const int fd = etc < 0 ? etc : openat(etc, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	                                                       O_NONBLOCK);
	int r = fd < 0 ? (etc < 0 ? etc : -errno) : file_read(fd, DATABASE_MAX, ret);

	if (fd >= 0)
		(void)close(fd);
	if (etc >= 0)
		(void)close(etc);
	if (root >= 0)
		(void)close(root);
	return r < 0 ? err_sys(e, r, "/etc/%s", name) : 0;
}

/* The nth field of a line, counted from 0. */
static struct slice field(struct slice line, unsigned n)
{
	struct slice piece = {0};

	for (unsigned i = 0; i <= n; i++)
		if (!slice_split(&line, ':', &piece))
			return (struct slice){0};
	return piece;
}

static bool has_name(struct slice database, struct slice name)
{
	struct slice line;

	while (slice_line(&database, &line))
		if (slice_eq(field(line, 0), name))
			return true;
	return false;
}

/* Whose primary group it is, or "". */
static struct slice whose_group(struct slice passwd, uint32_t gid)
{
	struct slice line;
	uint64_t number;

	while (slice_line(&passwd, &line))
		if (slice_number(field(line, 3), 10, &number) == 0 && number == gid)
			return field(line, 0);
	return (struct slice){0};
}

/* ---- the questions ----------------------------------------------------- */

static int account_done(const struct act *a, struct err *e)
{
	struct str text = {0};
	int r = read_database(a, is_user(a) ? "passwd" : "group", &text, e);

	if (r == 0)
		r = !has_name(str_slice(&text), a->step->subject);
	str_finish(&text);
	return r;
}

static const char *program(const struct act *a)
{
	return is_user(a) ? "userdel" : "groupdel";
}

static int account_try(const struct act *a, struct err *e)
{
	struct str passwd = {0};
	int r = 0;

	if (!command_exists(program(a), NULL))
		return err_set(e, -EPERM, "there is no %s", program(a));
	if (is_user(a))
		return 0; /* userdel refuses who is logged in or has processes */
	r = read_database(a, "passwd", &passwd, e);
	const struct slice who = r == 0 ? whose_group(str_slice(&passwd), a->step->id)
	                                : (struct slice){0};
	if (who.n)
		r = err_set(e, -EPERM, "it is the primary group of %.*s", SLICE_ARG(who));
	str_finish(&passwd);
	return r;
}

static int account_places(const struct act *a, struct err *e, struct slice **ret,
                          size_t *ret_n)
{
	static const char *const places[] = {
		"/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow",
		"/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/subuid", "/etc/subuid-",
		"/etc/subgid", "/etc/subgid-", "/etc/.pwd.lock", NULL};

	(void)e;
	return act_fixed_places(a, places, ret, ret_n);
}

static int run(const struct act *a, const char *name, const char *option, struct err *e)
{
	char *argv[WORDS] = {NULL};
	char number[16];
	size_t n = 0;

	argv[n++] = arena_str(a->mem, slice_str(name));
	if (!a->live) {
		argv[n++] = arena_str(a->mem, SLICE("--prefix"));
		argv[n++] = arena_str(a->mem, slice_str(a->root));
	}
	if (option) {
		(void)snprintf(number, sizeof(number), "%u", a->step->id);
		argv[n++] = arena_str(a->mem, slice_str(option));
		argv[n++] = arena_str(a->mem, slice_str(number));
	}
	argv[n++] = arena_str(a->mem, a->step->subject);
	for (size_t i = 0; i < n; i++)
		if (!argv[i])
			return err_sys(e, -ENOMEM, "%s", name);
	return act_must(argv, NULL, e);
}

static int account_run(const struct act *a, struct err *e)
{
	return run(a, program(a), NULL, e);
}

static int account_undo(const struct act *a, bool exact, const char *file, struct err *e)
{
	(void)file;
	if (exact)
		return 0;
	return is_user(a) ? run(a, "useradd", "--uid", e) : run(a, "groupadd", "--gid", e);
}

const struct act_kind act_account = {
	.done = account_done,
	.try = account_try,
	.places = account_places,
	.run = account_run,
	.undo = account_undo,
};
