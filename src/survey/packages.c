/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/packages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/manager.h"

enum { ASK_DEADLINE_S = 300 };

static const struct asker *const askers[] = {&asker_dpkg, &asker_rpm, &asker_pacman};

int packages_ask(struct survey *s, char *const *argv, bool any_status,
                 struct slice *ret, const char **ret_why)
{
	struct command c = {.argv = argv, .output_max = TOOL_OUTPUT_MAX,
	                    .deadline_s = ASK_DEADLINE_S};
	struct command_result r = {0};
	struct err e;

	*ret_why = NULL;
	*ret = SLICE("");
	int rc = command_run(&c, &e, &r);
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0)
		*ret_why = rc == -ENOENT ? "this machine has no such program"
		                         : strerrordesc_np(-rc);
	else if (r.timed_out)
		*ret_why = "no answer within five minutes";
	else if (r.cut)
		*ret_why = "its answer is larger than 256 MiB";
	else if (r.status && !any_status)
		*ret_why = "it says that it failed";
	if (any_status) /* complaints are the answer */
		str_add(&r.out, str_slice(&r.err));
	if (!*ret_why)
		*ret = arena_copy(s->mem, str_slice(&r.out));
	if (str_failed(&r.out))
		*ret = (struct slice){0};
	command_finish(&r);
	return ret->p ? 0 : -ENOMEM;
}

bool package_next_file(struct slice *rest, struct slice *ret)
{
	struct slice line;

	while (slice_line(rest, &line))
		if (line.n > 2 && line.p[0] == ' ' && line.p[1] == '/') {
			*ret = slice_from(line, 1);
			return true;
		}
	return false;
}

int package_needed_by(struct survey *s, size_t need, const struct package *by)
{
	struct fact_package *f = &s->facts->list[need].package;

	for (size_t i = 0; i < f->n_needed_by; i++)
		if (slice_eq(f->needed_by[i], by->name))
			return 0;
	if (f->n_needed_by == NEEDED_BY_MAX)
		return 0; /* enough to be refused for */
	if (!f->needed_by)
		f->needed_by = arena_zalloc(s->mem, NEEDED_BY_MAX, sizeof(struct slice));
	if (!f->needed_by)
		return -ENOMEM;
	f->needed_by[f->n_needed_by++] = by->name;
	return 0;
}

/* -- one package --------------------------------------------------------- */

static bool is_unit_file(struct slice path)
{
	static const char *const folders[] = {
		"/usr/lib/systemd/system/", "/lib/systemd/system/",
		"/etc/systemd/system/", "/etc/init.d/", "/etc/rc.d/init.d/",
	};
	static const char *const endings[] = {
		".service", ".socket", ".timer", ".path", ".mount", ".automount", ".target",
	};

	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		struct slice folder = slice_str(folders[i]);
		struct slice name = slice_from(path, folder.n);
		if (!slice_starts(path, folder) || name.n == 0 ||
		    slice_find_byte(name, '/') < name.n)
			continue;
		if (slice_ends(folder, SLICE("init.d/")))
			return true;
		for (size_t j = 0; j < COUNT_OF(endings); j++)
			if (slice_ends(name, slice_str(endings[j])))
				return true;
	}
	return false;
}

/* Size of a file, and whether it runs. Folders are left out. */
static void look_at_file(struct survey *s, struct slice path, struct fact_package *f)
{
	struct stat st;
	size_t n;
	int fd = survey_pin(s, path);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
		f->n_files++;
		f->bytes += (uint64_t)st.st_size;
		(void)processes_of(s, st.st_dev, st.st_ino, &n);
		f->runs |= n > 0;
	}
	(void)close(fd);
}

static int fill(struct survey *s, const struct package *p, struct fact *fact)
{
	struct fact_package *f = &fact->package;
	struct slice rest = p->files, path;
	struct texts units = {0};
	int rc = 0;

	f->version = p->version;
	f->arch = p->arch;
	f->installed = p->installed;
	f->residue = p->residue;
	f->essential = p->essential;
	if (p->held)
		f->held = SLICE("its manager is told to hold it");
	if (p->broken)
		rc = survey_why(s, fact, "its manager says that it is half installed, or "
		                "must be installed anew");
	while (rc == 0 && package_next_file(&rest, &path)) {
		survey_tell(s, path);
		look_at_file(s, path, f);
		if (is_unit_file(path))
			rc = texts_add(&units, path);
	}
	texts_settle(&units);
	if (rc == 0)
		rc = texts_give(&units, s->mem, &f->units, &f->n_units);
	texts_finish(&units);
	if (rc == 0 && p->installed)
		rc = critical_look(s, p, &f->critical);
	return rc;
}

/* -- needs --------------------------------------------------------------- */

/* "name" or "name:arch". */
static bool is_meant(const struct package *p, struct slice text)
{
	size_t colon = slice_find_byte(text, ':');

	if (slice_eq(p->name, text))
		return true;
	return colon < text.n && slice_eq(p->name, slice_first(text, colon)) &&
	       slice_eq(p->arch, slice_from(text, colon + 1));
}

/* Finds the package of a need; two of a name cannot be told apart. */
static int settle_need(struct survey *s, struct packages *p, size_t need,
                       size_t *need_of)
{
	struct fact *f = &s->facts->list[need];
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < p->n; i++) {
		if (!is_meant(&p->list[i], s->args->needs[need].text))
			continue;
		if (found != SIZE_MAX)
			return survey_why(s, f, "it is there more than once, for other "
			                  "architectures or in other versions");
		found = i;
	}
	if (found == SIZE_MAX)
		return 0;
	p->list[found].asked = true;
	need_of[found] = need;
	return fill(s, &p->list[found], f);
}

static bool is_need_of(const struct need *need, const struct packages *p)
{
	return need->kind == NEED_PACKAGE && need->ecosystem &&
	       strcmp(need->ecosystem, p->ecosystem) == 0;
}

static int settle_needs(struct survey *s, const struct asker *asker,
                        struct packages *p)
{
	size_t *need_of = arena_zalloc(s->mem, p->n, sizeof(*need_of)), n = 0;
	int rc = need_of ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		need_of[i] = SIZE_MAX;
	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		struct fact *f = &s->facts->list[i];
		if (!is_need_of(&s->args->needs[i], p))
			continue;
		n++;
		if (survey_stopped(s))
			rc = -EINTR;
		else if (p->why)
			rc = survey_why(s, f, "asking the %s packages of the root: %s",
			                p->ecosystem, p->why);
		else
			rc = settle_need(s, p, i, need_of);
	}
	return rc < 0 || n == 0 || p->why ? rc : asker->needed(s, p, need_of);
}

static bool is_asked_of(const char *ecosystem)
{
	for (size_t i = 0; i < COUNT_OF(askers); i++)
		if (strcmp(askers[i]->ecosystem, ecosystem) == 0)
			return true;
	return false;
}

/* Packages of managers that cannot be asked here. */
static int tell_others(struct survey *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		const char *eco = need->ecosystem ? need->ecosystem : "";
		if (need->kind == NEED_PACKAGE && !is_asked_of(eco))
			rc = survey_why(s, &s->facts->list[i], "debar does not ask the "
			                "manager of %s packages", eco[0] ? eco : "such");
	}
	return rc;
}

static bool is_anything_asked(const struct survey *s)
{
	for (size_t i = 0; i < s->args->n; i++)
		if (s->args->needs[i].kind == NEED_PACKAGE ||
		    s->args->needs[i].kind == NEED_PLACE ||
		    s->args->needs[i].kind == NEED_CODE)
			return true;
	return false;
}

/* Which command a person would type there. */
static void find_programs(struct survey *s)
{
	static const char *const folders[] = {"/usr/bin", "/bin"};
	char path[64];

	for (size_t i = 0; manager_programs[i]; i++)
		for (size_t k = 0; k < COUNT_OF(folders); k++) {
			(void)snprintf(path, sizeof(path), "%s/%s", folders[k],
			               manager_programs[i]);
			const int fd = survey_pin(s, slice_str(path));
			if (fd < 0)
				continue;
			s->facts->programs |= 1u << i;
			(void)close(fd);
		}
}

int survey_packages(struct survey *s)
{
	struct packages lists[COUNT_OF(askers)] = {0};
	int rc = 0;

	if (!is_anything_asked(s))
		return 0;
	find_programs(s);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(askers); i++) {
		lists[i].ecosystem = askers[i]->ecosystem;
		rc = askers[i]->list(s, &lists[i]);
		if (rc == 0)
			rc = settle_needs(s, askers[i], &lists[i]);
	}
	if (rc == 0)
		rc = owners_find(s, lists, COUNT_OF(lists));
	return rc < 0 ? rc : tell_others(s);
}
