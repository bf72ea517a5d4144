/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RPM packages: rpm lists all of them with their files; who needs an asked one
 * it says itself, when it is asked to try the removal.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <unistd.h>

#include "survey/rpm.h"

enum { NAME_MAX_BYTES = 256 };

#define SEP "\x1f"
static const char format[] =
	"P" SEP "%{NAME}" SEP "%{ARCH}" SEP "%{VERSION}-%{RELEASE}" SEP "%{SIZE}" SEP
	"\n[ %{FILENAMES}\n]";

enum field { F_MARK, F_NAME, F_ARCH, F_VERSION, F_SIZE, F_COUNT };

static bool split(struct slice line, struct slice f[static F_COUNT])
{
	size_t n = 0;

	while (n < F_COUNT && slice_split(&line, SEP[0], &f[n]))
		n++;
	return n == F_COUNT && line.n == 0;
}

static bool is_record(struct slice line)
{
	return slice_starts(line, SLICE("P" SEP));
}

static int take_list(struct survey *s, struct slice text, struct packages *ret)
{
	struct slice rest = text, line, f[F_COUNT];
	size_t n = 0;

	while (slice_line(&rest, &line))
		n += is_record(line);
	if (n > PACKAGES_MAX) {
		ret->why = "there are more than 200,000 packages";
		return 0;
	}
	ret->list = arena_zalloc(s->mem, n, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (rest = text; slice_line(&rest, &line);) {
		struct package *last = ret->n ? &ret->list[ret->n - 1] : NULL;
		if (is_record(line) && split(line, f)) {
			struct package *p = &ret->list[ret->n++];
			*p = (struct package){.name = f[F_NAME], .arch = f[F_ARCH],
			                      .version = f[F_VERSION], .installed = true};
		} else if (last && line.n && line.p[0] == ' ') {
			if (!last->files.p)
				last->files = slice_of(line.p, 0);
			last->files.n = (size_t)(line.p + line.n - last->files.p);
		} else if (line.n) {
			ret->why = "its answer is not what it should be";
			return 0;
		}
	}
	return 0;
}

/* A list of names, one a line; globs are allowed. */
static void mark_names(struct survey *s, struct packages *p, struct slice text)
{
	struct slice line;
	char name[NAME_MAX_BYTES];

	while (slice_line(&text, &line)) {
		const char *pattern = arena_str(s->mem, slice_trim(line));
		for (size_t i = 0; pattern && *pattern && i < p->n; i++) {
			const struct slice from = p->list[i].name;
			if (from.n >= sizeof(name))
				continue;
			memcpy(name, from.p, from.n);
			name[from.n] = 0;
			p->list[i].essential |= fnmatch(pattern, name, 0) == 0;
		}
	}
}

/* Every list in a folder of packages that dnf and yum keep. */
static int mark_folder(struct survey *s, struct packages *p, const char *folder)
{
	struct texts names = {0};
	struct slice text;
	const int fd = object_open_folder(s->root_fd, slice_str(folder), 0);
	int rc = fd < 0 ? 0 : survey_names(s, fd, &names);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		const char *path = arena_printf(s->mem, "%s/%.*s", folder,
		                                SLICE_ARG(names.list[i]));
		if (!path)
			rc = -ENOMEM;
		else if (slice_ends(names.list[i], SLICE(".conf")) &&
		         (rc = survey_read(s, path, TEXT_FILE_MAX, &text)) == 0)
			mark_names(s, p, text);
		rc = rc == -ENOMEM ? rc : 0;
	}
	texts_finish(&names);
	if (fd >= 0)
		(void)close(fd);
	return rc == -ENOMEM ? rc : 0;
}

static int mark_protected(struct survey *s, struct packages *p)
{
	static const char *const folders[] = {"/etc/dnf/protected.d", "/etc/yum/protected.d"};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(folders); i++)
		rc = mark_folder(s, p, folders[i]);
	return rc;
}

/* Where the database may be; the first that is there counts. */
static const char *database(const struct survey *s)
{
	static const char *const folders[] = {"/usr/lib/sysimage/rpm", "/var/lib/rpm"};
	static const char *const files[] = {"rpmdb.sqlite", "Packages.db", "Packages"};
	char path[64];

	for (size_t i = 0; i < COUNT_OF(folders); i++)
		for (size_t j = 0; j < COUNT_OF(files); j++) {
			(void)snprintf(path, sizeof(path), "%s/%s", folders[i], files[j]);
			if (survey_exists(s, path))
				return folders[i];
		}
	return NULL;
}

bool rpm_present(const struct survey *s)
{
	return database(s) != NULL;
}

/* "rpm --root ROOT --dbpath FOLDER" and more arguments. */
int rpm_ask(struct survey *s, const char *const *more, size_t n, bool any_status,
            struct slice *ret, const char **ret_why)
{
	const char *head[] = {"rpm", "--root", s->root, "--dbpath", database(s)};
	char **argv = arena_zalloc(s->mem, COUNT_OF(head) + n + 1, sizeof(*argv));

	for (size_t i = 0; argv && i < COUNT_OF(head) + n; i++) {
		const char *word = i < COUNT_OF(head) ? head[i] : more[i - COUNT_OF(head)];
		argv[i] = arena_str(s->mem, slice_str(word));
		if (!argv[i])
			return -ENOMEM;
	}
	return argv ? packages_ask(s, argv, any_status, ret, ret_why) : -ENOMEM;
}

static int list(struct survey *s, struct packages *ret)
{
	static const char *const query[] = {"-qa", "--qf", format};
	struct slice text;

	if (!rpm_present(s))
		return 0;
	ret->present = true;
	int rc = rpm_ask(s, query, COUNT_OF(query), false, &text, &ret->why);
	if (rc == 0 && !ret->why)
		rc = take_list(s, text, ret);
	if (rc == 0 && !ret->why)
		rc = mark_protected(s, ret);
	if (ret->why)
		ret->n = 0;
	return rc;
}

/* -- who needs whom ------------------------------------------------------ */

static const char *full_name(struct survey *s, const struct package *p)
{
	return arena_printf(s->mem, "%.*s-%.*s.%.*s", SLICE_ARG(p->name),
	                    SLICE_ARG(p->version), SLICE_ARG(p->arch));
}

/* The packages that complain when some are tried to be removed: full names. */
static int complaints(struct survey *s, const char *const *names, size_t n,
                      struct texts *ret, const char **ret_why)
{
	static const char needed_by[] = " is needed by (installed) ";
	const char **argv = arena_zalloc(s->mem, n + 3, sizeof(*argv));
	struct slice text, line;

	if (!argv)
		return -ENOMEM;
	argv[0] = "-e";
	argv[1] = "--test";
	argv[2] = "--";
	memcpy(argv + 3, names, n * sizeof(*argv));
	int rc = rpm_ask(s, argv, n + 3, true, &text, ret_why);
	while (rc == 0 && slice_line(&text, &line)) {
		size_t at = slice_find(line, slice_str(needed_by));
		if (at != SIZE_MAX)
			rc = texts_add(ret, slice_trim(slice_from(line,
			                    at + strlen(needed_by))));
	}
	texts_settle(ret);
	return rc;
}

static bool holds(const struct texts *w, struct slice word)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_eq(w->list[i], word))
			return true;
	return false;
}

/* The asked packages while they are tried. */
struct trying {
	struct survey *s;
	const struct packages *p;
	const char **names; /* full ones */
	size_t *needs;
	size_t n;
	struct texts all;     /* who complains of all of them together */
	struct texts settled; /* those of them whose complaint is recorded */
};

/* Records those that complain of this one: asked ones, for the order of things,
 * and others while they complain of all together as well. */
static int settle_one(struct trying *t, size_t i)
{
	struct texts mine = {0};
	const char *why = NULL;
	int rc = complaints(t->s, &t->names[i], 1, &mine, &why);

	if (rc == 0 && why)
		rc = survey_why(t->s, &t->s->facts->list[t->needs[i]],
		                "asking rpm who needs it: %s", why);
	for (size_t j = 0; rc == 0 && mine.n && j < t->p->n; j++) {
		const struct package *by = &t->p->list[j];
		const char *full = full_name(t->s, by);
		if (!full)
			rc = -ENOMEM;
		else if (holds(&mine, slice_str(full)) &&
		         (by->asked || holds(&t->all, slice_str(full)))) {
			rc = package_needed_by(t->s, t->needs[i], by);
			if (rc == 0)
				rc = texts_add(&t->settled, slice_str(full));
		}
	}
	texts_finish(&mine);
	return rc;
}

/* Does it complain of all together, and of none alone? Then it needs one of
 * several. */
static bool is_rest(const struct trying *t, const char *full)
{
	return holds(&t->all, slice_str(full)) && !holds(&t->settled, slice_str(full));
}

/* Records for one package those of the rest who are content when it stays. */
static int settle_rest_of(struct trying *t, size_t i)
{
	const char **others = arena_zalloc(t->s->mem, t->n, sizeof(*others)), *why = NULL;
	struct texts still = {0};
	size_t n = 0;
	int rc = others ? 0 : -ENOMEM;

	for (size_t j = 0; rc == 0 && j < t->n; j++)
		if (j != i)
			others[n++] = t->names[j];
	if (rc == 0 && n)
		rc = complaints(t->s, others, n, &still, &why);
	for (size_t j = 0; rc == 0 && j < t->p->n; j++) {
		const char *full = full_name(t->s, &t->p->list[j]);
		if (!full)
			rc = -ENOMEM;
		else if (is_rest(t, full) && (why || !holds(&still, slice_str(full))))
			rc = package_needed_by(t->s, t->needs[i], &t->p->list[j]);
	}
	texts_finish(&still);
	return rc;
}

static int settle_rest(struct trying *t)
{
	bool any = false;
	int rc = 0;

	for (size_t i = 0; i < t->all.n; i++)
		any |= !holds(&t->settled, t->all.list[i]);
	for (size_t i = 0; any && rc == 0 && i < t->n; i++)
		rc = survey_stopped(t->s) ? -EINTR : settle_rest_of(t, i);
	return rc;
}

static int gather(struct trying *t, const size_t *need_of)
{
	t->names = arena_zalloc(t->s->mem, t->p->n, sizeof(*t->names));
	t->needs = arena_zalloc(t->s->mem, t->p->n, sizeof(*t->needs));
	if (!t->names || !t->needs)
		return -ENOMEM;
	for (size_t i = 0; i < t->p->n; i++) {
		if (need_of[i] == SIZE_MAX)
			continue;
		t->needs[t->n] = need_of[i];
		t->names[t->n] = full_name(t->s, &t->p->list[i]);
		if (!t->names[t->n++])
			return -ENOMEM;
	}
	return 0;
}

static int needed(struct survey *s, const struct packages *p, const size_t *need_of)
{
	struct trying t = {.s = s, .p = p};
	const char *why = NULL;
	int rc = gather(&t, need_of);

	if (rc == 0 && t.n)
		rc = complaints(s, t.names, t.n, &t.all, &why);
	for (size_t i = 0; rc == 0 && i < t.n; i++) {
		if (why)
			rc = survey_why(s, &s->facts->list[t.needs[i]],
			                "asking rpm who needs it: %s", why);
		else
			rc = survey_stopped(s) ? -EINTR : settle_one(&t, i);
	}
	if (rc == 0 && !why)
		rc = settle_rest(&t);
	texts_finish(&t.all);
	texts_finish(&t.settled);
	return rc;
}

const struct asker asker_rpm = {"rpm", list, needed};
