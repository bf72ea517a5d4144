/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd.h"

#ifndef DEBAR_PACKS_DIR
#define DEBAR_PACKS_DIR "/usr/share/debar/packs"
#endif

enum { PROBLEMS_SHOWN = 20 };

static void say(const char *fmt, va_list args)
{
	struct str shown = {0};
	char text[1024];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	text_show(&shown, slice_str(text));
	(void)fprintf(stderr, "debar: %s\n", shown.p ? shown.p : "out of memory");
	str_finish(&shown);
}

void cmd_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

void cmd_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *cmd_packs_dir(void)
{
	static char path[4096];
	char exe[3072];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe));

	if (n > 0 && (size_t)n < sizeof(exe)) {
		/* <tree>/build/debar -> <tree>/packs */
		struct slice tree = slice_dirname(slice_dirname(
			slice_of(exe, (size_t)n)));
		(void)snprintf(path, sizeof(path), "%.*s/packs",
		               SLICE_ARG(tree));
		if (is_folder(path))
			return path;
	}
	return DEBAR_PACKS_DIR;
}

/* A service's own folders, as systemd names them (systemd.exec(5)). */
static const char *service_folder(const char *variable)
{
	const char *path = getenv(variable);

	return path && path[0] == '/' && !strchr(path, ':') ? path : NULL;
}

const char *cmd_cache_dir(void)
{
	static char path[4096];
	const char *service = service_folder("CACHE_DIRECTORY");
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (service)
		return service;
	if (geteuid() == 0)
		return "/var/cache/debar";
	if (xdg && xdg[0] == '/')
		n = snprintf(path, sizeof(path), "%s/debar", xdg);
	else if (home && home[0] == '/')
		n = snprintf(path, sizeof(path), "%s/.cache/debar", home);
	else
		return NULL;
	return n > 0 && (size_t)n < sizeof(path) ? path : NULL;
}

const char *cmd_memory_dir(void)
{
	static char path[4096 + sizeof("/memory")];
	const char *cache = cmd_cache_dir();
	int n = cache ? snprintf(path, sizeof(path), "%s/memory", cache) : -1;

	return n > 0 && (size_t)n < sizeof(path) ? path : NULL;
}

const char *cmd_store_path(void)
{
	static char path[4096];
	const char *service = service_folder("STATE_DIRECTORY");
	const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int n;

	if (service) {
		n = snprintf(path, sizeof(path), "%s/inventory.db", service);
		return n > 0 && (size_t)n < sizeof(path) ? path : NULL;
	}
	if (geteuid() == 0)
		return "/var/lib/debar/inventory.db";
	if (xdg && xdg[0] == '/')
		n = snprintf(path, sizeof(path), "%s/debar/inventory.db", xdg);
	else if (home && home[0] == '/')
		n = snprintf(path, sizeof(path),
		             "%s/.local/share/debar/inventory.db", home);
	else
		return NULL;
	return n > 0 && (size_t)n < sizeof(path) ? path : NULL;
}

void cmd_problems(const struct pack_problems *problems, const char *more)
{
	for (size_t i = 0; i < problems->n && i < PROBLEMS_SHOWN; i++) {
		const struct pack_problem *p = &problems->list[i];
		cmd_error("%s:%d:%d: %s", p->file, p->line, p->column, p->words);
	}
	if (problems->n > PROBLEMS_SHOWN)
		cmd_error("and %zu more%s", problems->n - PROBLEMS_SHOWN, more ? more : "");
}

struct pack *cmd_load_packs(const char *const *dirs, size_t n, bool no_default)
{
	struct pack_problems problems = {0};
	struct pack *pack = NULL;
	struct err e = {0};
	size_t n_all = 0;
	if (no_default && n == 0) {
		cmd_error("--no-default-packs leaves nothing to look for: name a "
		          "folder with --packs");
		return NULL;
	}
	const char **all = calloc(n + 1, sizeof(*all));
	if (!all) {
		cmd_error("out of memory");
		return NULL;
	}
	if (!no_default)
		all[n_all++] = cmd_packs_dir();
	for (size_t i = 0; i < n; i++)
		all[n_all++] = dirs[i];
	int r = pack_load(all, n_all, &e, &problems, &pack);
	if (r == -EBADMSG)
		cmd_problems(&problems, "; \"debar orders check\" lists them all");
	else if (r < 0)
		cmd_error("packs: %s", e.text);
	pack_problems_finish(&problems);
	free(all);
	return r < 0 ? NULL : pack;
}
