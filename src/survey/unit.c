/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services. The running system is asked by systemctl; of another root the links
 * tell what would start: PLACE.wants/NAME and /etc/rcN.d/SxxNAME.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "survey/state.h"

enum { UNIT_OUTPUT_MAX = 64 * 1024, UNIT_DEADLINE_S = 30 };

static const char *const unit_folders[] = {
	"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system", "/lib/systemd/system",
};

static const char *const init_folders[] = {
	"/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d", "/etc/rc5.d", "/etc/rcS.d",
	"/etc/rc.d/rc2.d", "/etc/rc.d/rc3.d", "/etc/rc.d/rc4.d", "/etc/rc.d/rc5.d",
};

/* A name that a unit can have; so nothing odd reaches systemctl. */
static bool is_unit_name(struct slice name)
{
	if (name.n == 0 || name.n > 255 || name.p[0] == '-' || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && !strchr(":-_.\\@", c))
			return false;
	}
	return true;
}

/* -- links --------------------------------------------------------------- */

static bool is_there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Does a folder NAME.wants or NAME.requires in this one hold the name? */
static bool is_wanted_in(int folder, const char *unit)
{
	const struct dirent *entry;
	bool found = false;
	DIR *dir = fdopendir(folder);

	if (!dir) {
		(void)close(folder);
		return false;
	}
	while (!found && (entry = readdir(dir))) {
		struct slice name = slice_str(entry->d_name);
		if (!slice_ends(name, SLICE(".wants")) &&
		    !slice_ends(name, SLICE(".requires")))
			continue;
		int fd = openat(dirfd(dir), entry->d_name,
		                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		found = is_there(fd, unit);
		(void)close(fd);
	}
	(void)closedir(dir);
	return found;
}

/* S20name, for any two digits. */
static bool is_started_in(int folder, const char *script)
{
	const struct dirent *entry;
	bool found = false;
	DIR *dir = fdopendir(folder);

	if (!dir) {
		(void)close(folder);
		return false;
	}
	while (!found && (entry = readdir(dir))) {
		const char *n = entry->d_name;
		found = n[0] == 'S' && n[1] >= '0' && n[1] <= '9' && n[2] >= '0' &&
		        n[2] <= '9' && strcmp(n + 3, script) == 0;
	}
	(void)closedir(dir);
	return found;
}

static bool is_linked(const struct survey *s, const char *name, bool init)
{
	const char *const *folders = init ? init_folders : unit_folders;
	size_t n = init ? COUNT_OF(init_folders) : COUNT_OF(unit_folders);

	for (size_t i = 0; i < n; i++) {
		int fd = object_open_folder(s->root_fd, slice_str(folders[i]), 0);
		if (fd >= 0 && (init ? is_started_in(fd, name) : is_wanted_in(fd, name)))
			return true;
	}
	return false;
}

/* -- the running system -------------------------------------------------- */

/* The one word that `systemctl VERB NAME` prints. */
static int ask(struct survey *s, const char *verb, const char *name, struct slice *ret)
{
	char systemctl[] = "systemctl", end[] = "--";
	char *verb_copy = arena_str(s->mem, slice_str(verb));
	char *name_copy = arena_str(s->mem, slice_str(name));
	char *argv[] = {systemctl, verb_copy, end, name_copy, NULL};
	struct command c = {.argv = argv, .output_max = UNIT_OUTPUT_MAX,
	                    .deadline_s = UNIT_DEADLINE_S};
	struct command_result r = {0};
	struct err e;

	if (!verb_copy || !name_copy)
		return -ENOMEM;
	int rc = command_run(&c, &e, &r);
	if (rc == 0 && r.timed_out)
		rc = -ETIMEDOUT;
	struct slice line = {0}, rest = str_slice(&r.out);
	if (rc == 0 && !slice_line(&rest, &line))
		line = SLICE("");
	*ret = arena_copy(s->mem, slice_trim(line));
	command_finish(&r);
	return rc == 0 && !ret->p ? -ENOMEM : rc;
}

static bool is_one_of(struct slice word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(word, slice_str(list[i])))
			return true;
	return false;
}

static int ask_live(struct survey *s, const char *name, struct fact *f)
{
	static const char *const active[] = {
		"active", "reloading", "activating", "deactivating", "refreshing"};
	static const char *const inactive[] = {"inactive", "failed"};
	static const char *const enabled[] = {
		"enabled", "enabled-runtime", "linked", "linked-runtime", "alias"};
	struct slice state, start;

	if (access("/run/systemd/system", F_OK) < 0)
		return 0; /* nobody to ask: `known` stays false */
	int rc = ask(s, "is-active", name, &state);
	if (rc == 0)
		rc = ask(s, "is-enabled", name, &start);
	if (rc < 0)
		return rc == -ENOMEM ? rc : survey_why(s, f, "systemctl: %s",
		                                       strerrordesc_np(-rc));
	f->unit.active = is_one_of(state, active, COUNT_OF(active));
	f->unit.known = f->unit.active || is_one_of(state, inactive, COUNT_OF(inactive));
	f->unit.enabled |= is_one_of(start, enabled, COUNT_OF(enabled));
	return 0;
}

static int unit(struct survey *s, struct slice path, struct fact *f)
{
	bool init = slice_eq(slice_dirname(path), SLICE("/etc/init.d")) ||
	            slice_eq(slice_dirname(path), SLICE("/etc/rc.d/init.d"));
	struct slice base = slice_basename(path);

	if (!is_unit_name(base))
		return survey_why(s, f, "no unit can have this name");
	char *name = arena_str(s->mem, base);
	if (!name)
		return -ENOMEM;
	f->unit.name = slice_str(name);
	f->unit.enabled = is_linked(s, name, init);
	return s->args->live ? ask_live(s, name, f) : 0;
}

int survey_units(struct survey *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		if (need->kind == NEED_UNIT)
			rc = survey_stopped(s) ? -EINTR
			                       : unit(s, need->text, &s->facts->list[i]);
	}
	return rc;
}
