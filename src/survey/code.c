/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/code.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "system/file.h"

enum { KEPT_MAX = 600 };

int code_keep(struct code *c, const char *fmt, ...)
{
	char text[KEPT_MAX];
	va_list args;

	if (code_kept(c))
		return 0;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c->fact->place.kept = arena_copy(c->s->mem, slice_str(text));
	return c->fact->place.kept.p ? 0 : -ENOMEM;
}

struct slice code_path(struct code *c, struct slice folder, struct slice name)
{
	return slice_str(arena_printf(c->s->mem, "%.*s/%.*s", SLICE_ARG(folder),
	                              SLICE_ARG(name)));
}

int code_read(struct code *c, struct slice folder, const char *name)
{
	const struct slice path = code_path(c, folder, slice_str(name));
	const int fd = path.p ? survey_open(c->s, path) : -ENOMEM;

	str_clear(&c->text);
	if (fd < 0)
		return fd;
	const int rc = file_read(fd, CODE_TEXT_MAX, &c->text);
	(void)close(fd);
	return rc;
}

int code_names(struct code *c, struct slice folder, struct texts *names)
{
	const int fd = object_open_folder(c->s->root_fd, folder, 0);

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? 0 : fd;
	const int rc = survey_names(c->s, fd, names);
	(void)close(fd);
	return rc;
}

/* Takes the last part off; false when there is none. */
static bool go_up(struct str *path)
{
	while (path->n && path->p[path->n - 1] != '/')
		path->n--;
	if (path->n == 0)
		return false;
	path->n--;
	return true;
}

bool code_resolve(struct slice folder, struct slice text, struct str *ret)
{
	struct slice part;

	str_clear(ret);
	if (text.n == 0 || slice_find_byte(text, 0) < text.n)
		return false;
	if (text.p[0] != '/')
		str_add(ret, folder);
	while (slice_split(&text, '/', &part)) {
		if (part.n == 0 || slice_eq(part, SLICE(".")))
			continue;
		if (slice_eq(part, SLICE(".."))) {
			if (!go_up(ret))
				return false;
			continue;
		}
		str_putc(ret, '/');
		str_add(ret, part);
		if (ret->n > PLAN_PATH_MAX)
			return false;
	}
	return !str_failed(ret) && plan_path_ok(str_slice(ret));
}

int code_needed_by(struct texts *list, struct slice folder)
{
	return list->n < NEEDED_BY_MAX ? texts_add(list, folder) : 0;
}

/* Reasons of the tree come first: what cannot be read is for a person. */
static int settle(struct code *c, int rc)
{
	if (rc == 0 || rc == -ENOMEM || rc == -EINTR)
		return rc;
	return survey_why(c->s, c->fact, "%s",
	                  rc == -EFBIG ? "a file that says what belongs to it is larger"
	                                 " than 16 MiB" : strerrordesc_np(-rc));
}

int survey_code(struct survey *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		if (need->kind != NEED_CODE)
			continue;
		struct code c = {.s = s, .fact = &s->facts->list[i]};
		c.folder = arena_copy(s->mem, need->text);
		if (!c.folder.p)
			return -ENOMEM;
		if (!plan_path_ok(c.folder))
			rc = survey_why(s, c.fact, "is no plain absolute path");
		else if (survey_exists(s, (const char *)c.folder.p))
			rc = settle(&c, strcmp(need->ecosystem, "npm") == 0 ? code_npm(&c)
			                                                    : code_pypi(&c));
		str_finish(&c.text);
	}
	return rc;
}
