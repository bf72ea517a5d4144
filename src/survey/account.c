/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups of the root, and what belongs to them: one walk of all of
 * its local file systems counts for all ids that are asked about.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "survey/state.h"

enum { FIELDS_MAX = 7, USER_FIELDS = 7, GROUP_FIELDS = 4, OPEN_TRIES = 64,
       PENDING_MAX = 8000000 };

/* A line of passwd, or of group: gid is then its id, too. */
struct account {
	struct slice name, gecos, home, members;
	uint32_t id, gid;
};

struct accounts {
	struct account *list;
	size_t n;
	const char *why; /* the file could not be read, or is damaged */
};

/* An id that is asked about. */
struct wanted {
	struct fact *fact;
	uint32_t id;
	bool group;
	struct texts paths;
};

struct owned_walk {
	struct survey *s;
	struct wanted *list;
	size_t n;
	struct texts pending; /* folders to come: paths in the source */
	size_t n_unread, n_remote;
};

/* -- passwd and group ---------------------------------------------------- */

static bool id_of(struct slice text, uint32_t *ret)
{
	uint64_t v;

	if (slice_number(text, 10, &v) < 0 || v >= UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static size_t fields_of(struct slice line, struct slice fields[static FIELDS_MAX + 1])
{
	size_t n = 0, at;

	while (n <= FIELDS_MAX) {
		at = slice_find_byte(line, ':');
		fields[n++] = slice_first(line, at);
		if (at == line.n)
			break;
		line = slice_from(line, at + 1);
	}
	return n;
}

/* Strict: seven fields (four), ids that are numbers, a name. */
static bool parse(struct slice line, bool group, struct account *ret)
{
	struct slice f[FIELDS_MAX + 1];
	size_t n = fields_of(line, f);

	*ret = (struct account){.name = f[0]};
	if (n != (group ? GROUP_FIELDS : USER_FIELDS) || f[0].n == 0 ||
	    !id_of(f[2], &ret->id))
		return false;
	if (group) {
		ret->members = f[3];
		return true;
	}
	ret->gecos = f[4];
	ret->home = f[5];
	return id_of(f[3], &ret->gid);
}

/* Entries of other sources ("+::::::", comments) are none of this root's. */
static bool is_entry(struct slice line)
{
	return line.n && line.p[0] != '#' && line.p[0] != '+' && line.p[0] != '-';
}

static int accounts_read(struct survey *s, const char *path, bool group,
                         struct accounts *ret)
{
	struct slice text, rest, line;
	size_t n = 0;

	int rc = survey_read(s, path, TEXT_FILE_MAX, &text);
	if (rc < 0) {
		ret->why = rc == -ENOENT ? NULL : strerrordesc_np(-rc);
		return rc == -ENOMEM ? rc : 0;
	}
	for (rest = text; slice_line(&rest, &line);)
		n += is_entry(line);
	if (n > ACCOUNTS_MAX) {
		ret->why = "it has more than a million lines";
		return 0;
	}
	ret->list = arena_zalloc(s->mem, n, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (rest = text; slice_line(&rest, &line);) {
		if (!is_entry(line))
			continue;
		if (parse(line, group, &ret->list[ret->n]))
			ret->n++;
		else
			ret->why = "a line in it is damaged";
	}
	return 0;
}

/* -- which account is meant ---------------------------------------------- */

static bool is_meant(const struct need *need, const struct account *a)
{
	if (need->kind == NEED_GROUP || need->attr == ATTR_USER_NAME)
		return slice_eq(a->name, need->text);
	return slice_eq(need->attr == ATTR_USER_HOME ? a->home : a->gecos, need->text);
}

/* NULL when there is none; more than one is said. */
static int find(struct survey *s, const struct need *need, const struct accounts *in,
                struct fact *f, const struct account **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < in->n; i++) {
		if (!is_meant(need, &in->list[i]))
			continue;
		if (*ret)
			return survey_why(s, f, "more than one account is meant");
		*ret = &in->list[i];
	}
	return 0;
}

static bool is_asked_user(const struct survey *s, struct slice name)
{
	for (size_t i = 0; i < s->args->n; i++)
		if (s->args->needs[i].kind == NEED_USER &&
		    slice_eq(s->facts->list[i].account.name, name))
			return true;
	return false;
}

static int say_used(struct survey *s, struct fact *f, const char *before,
                    struct slice who, const char *after)
{
	if (f->account.used.n)
		return 0;
	char *text = arena_printf(s->mem, "%s%.*s%s", before,
	                          SLICE_ARG(slice_first(who, 255)), after);
	if (!text)
		return -ENOMEM;
	f->account.used = slice_str(text);
	return 0;
}

/* Another line with the same id would lose its files' name with it. */
static int look_for_twins(struct survey *s, const struct accounts *in,
                          const struct account *a, struct fact *f)
{
	int rc = a->id == 0 ? say_used(s, f, "its id is that of the superuser",
	                               SLICE(""), "") : 0;

	for (size_t i = 0; rc == 0 && i < in->n; i++)
		if (in->list[i].id == a->id && &in->list[i] != a)
			rc = say_used(s, f, "", in->list[i].name, " has the same id");
	return rc;
}

/* Members and those whose first group it is, but for users that are asked
 * about as well: these go first. */
static int look_for_members(struct survey *s, const struct accounts *users,
                            const struct account *group, struct fact *f)
{
	struct slice rest = group->members, name;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < users->n; i++)
		if (users->list[i].gid == group->id &&
		    !is_asked_user(s, users->list[i].name))
			rc = say_used(s, f, "it is the first group of the user ",
			              users->list[i].name, "");
	while (rc == 0 && slice_split(&rest, ',', &name))
		if (name.n && !is_asked_user(s, name))
			rc = say_used(s, f, "the user ", name, " is a member of it");
	return rc;
}

static bool runs_as(const struct process *p, uint32_t id, bool group)
{
	if (!group)
		return p->uid == id;
	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i] == id)
			return true;
	return false;
}

static int look_for_processes(struct survey *s, bool group, struct fact *f)
{
	for (size_t i = 0; i < s->processes.n; i++) {
		const struct process *p = &s->processes.list[i];
		if (!runs_as(p, f->account.id, group))
			continue;
		struct slice words = process_words(s, p);
		return words.p ? say_used(s, f, "", words, " runs as it") : -ENOMEM;
	}
	return 0;
}

/* -- what belongs to them ------------------------------------------------ */

static int by_path(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* Keeps the first paths in order; cuts the list whenever it is twice as long. */
static int keep_path(struct survey *s, struct wanted *w, struct slice path)
{
	if (w->paths.n == 2 * ACCOUNT_PATHS_MAX) {
		qsort(w->paths.list, w->paths.n, sizeof(path), by_path);
		w->paths.n = ACCOUNT_PATHS_MAX;
	}
	if (w->paths.n >= ACCOUNT_PATHS_MAX &&
	    slice_cmp(path, w->paths.list[ACCOUNT_PATHS_MAX - 1]) > 0 &&
	    w->paths.n == ACCOUNT_PATHS_MAX)
		return 0; /* the list is sorted then, and this is past it */
	struct slice copy = arena_copy(s->mem, path);
	return copy.p ? texts_add(&w->paths, copy) : -ENOMEM;
}

static int count(struct owned_walk *w, const struct stat *st, struct slice path)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->n; i++) {
		struct wanted *a = &w->list[i];
		if (a->id != (a->group ? st->st_gid : st->st_uid))
			continue;
		a->fact->account.remaining++;
		rc = keep_path(w->s, a, path);
	}
	return rc;
}

/* May the walk go into a folder? Mounts are known by their path, before they
 * are touched. */
static bool may_enter(struct owned_walk *w, struct slice path)
{
	const struct mount_point *m = mounts_find(w->s, path);

	if (!m || m->class == MOUNT_CLASS_LOCAL)
		return true;
	w->n_remote += m->class == MOUNT_CLASS_REMOTE;
	return false;
}

static int visit_entry(struct owned_walk *w, int dir, const char *name,
                       struct slice folder)
{
	char text[PLAN_PATH_MAX + 1];
	struct stat st;
	size_t n = strlen(name);
	struct slice base = folder.n == 1 ? SLICE("") : folder;

	if (base.n + 1 + n > PLAN_PATH_MAX) {
		w->n_unread++;
		return 0;
	}
	memcpy(text, base.p, base.n);
	text[base.n] = '/';
	memcpy(text + base.n + 1, name, n);
	struct slice path = slice_of(text, base.n + 1 + n);
	if (!may_enter(w, path))
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
		w->n_unread += errno != ENOENT;
		return 0;
	}
	int rc = count(w, &st, path);
	if (rc < 0 || !S_ISDIR(st.st_mode))
		return rc;
	char *copy = w->pending.n < PENDING_MAX ? malloc(path.n) : NULL;
	if (!copy)
		return -ENOMEM;
	memcpy(copy, path.p, path.n);
	rc = texts_add(&w->pending, slice_of(copy, path.n));
	if (rc < 0)
		free(copy);
	return rc;
}

static int visit_folder(struct owned_walk *w, struct slice path)
{
	const struct dirent *entry;
	int rc = 0, fd = object_open_folder(w->s->root_fd, path, O_NOATIME);

	if (fd == -EPERM)
		fd = object_open_folder(w->s->root_fd, path, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		w->n_unread += fd != -ENOENT;
		return 0;
	}
	survey_tell(w->s, path);
	while (errno = 0, rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = visit_entry(w, dirfd(dir), entry->d_name, path);
	w->n_unread += rc == 0 && errno;
	(void)closedir(dir);
	return rc;
}

static int walk(struct owned_walk *w)
{
	int rc = visit_folder(w, SLICE("/"));

	while (w->pending.n) {
		struct slice path = w->pending.list[--w->pending.n];
		if (rc == 0)
			rc = survey_stopped(w->s) ? -EINTR : visit_folder(w, path);
		free((void *)(uintptr_t)path.p);
	}
	texts_finish(&w->pending);
	return rc;
}

/* A number that is not whole must not look like one. */
static int tell_gaps(struct owned_walk *w, struct fact *f)
{
	if (w->n_unread)
		return survey_why(w->s, f, "%zu folders or files could not be looked at "
		                  "for what belongs to it", w->n_unread);
	if (w->n_remote)
		return survey_why(w->s, f, "%zu file systems of servers or user processes "
		                  "were not searched for what belongs to it", w->n_remote);
	return 0;
}

static int finish(struct owned_walk *w, int rc)
{
	for (size_t i = 0; i < w->n; i++) {
		struct wanted *a = &w->list[i];
		struct fact_account *f = &a->fact->account;
		if (a->paths.n)
			qsort(a->paths.list, a->paths.n, sizeof(struct slice), by_path);
		if (a->paths.n > ACCOUNT_PATHS_MAX)
			a->paths.n = ACCOUNT_PATHS_MAX;
		if (rc == 0)
			rc = texts_give(&a->paths, w->s->mem, &f->paths, &f->n_paths);
		texts_finish(&a->paths);
		if (rc == 0)
			rc = tell_gaps(w, a->fact);
	}
	return rc;
}

/* -- all ----------------------------------------------------------------- */

static int account(struct survey *s, const struct need *need,
                   const struct accounts *in, struct fact *f, struct owned_walk *w)
{
	const struct account *a = NULL;
	bool group = need->kind == NEED_GROUP;
	int rc = 0;

	if (in->why)
		rc = survey_why(s, f, "%s: %s", group ? "/etc/group" : "/etc/passwd",
		                in->why);
	if (rc == 0)
		rc = find(s, need, in, f, &a);
	if (rc < 0 || !a)
		return rc;
	f->account.exists = true;
	f->account.name = a->name;
	f->account.id = a->id;
	w->list[w->n++] = (struct wanted){.fact = f, .id = a->id, .group = group};
	rc = look_for_twins(s, in, a, f);
	return rc < 0 ? rc : look_for_processes(s, group, f);
}

static int members_of_groups(struct survey *s, const struct accounts *users,
                             const struct accounts *groups)
{
	const struct account *group = NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		struct fact *f = &s->facts->list[i];
		if (s->args->needs[i].kind != NEED_GROUP || !f->account.exists)
			continue;
		rc = find(s, &s->args->needs[i], groups, f, &group);
		if (rc == 0 && group)
			rc = look_for_members(s, users, group, f);
		if (rc == 0 && users->why)
			rc = survey_why(s, f, "/etc/passwd: %s", users->why);
	}
	return rc;
}

static size_t count_needs(const struct survey *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->args->n; i++)
		n += s->args->needs[i].kind == NEED_USER ||
		     s->args->needs[i].kind == NEED_GROUP;
	return n;
}

int survey_accounts(struct survey *s)
{
	struct accounts users = {0}, groups = {0};
	struct owned_walk w = {.s = s};
	size_t n = count_needs(s);

	if (n == 0)
		return 0;
	w.list = arena_zalloc(s->mem, n, sizeof(*w.list));
	if (!w.list)
		return -ENOMEM;
	int rc = accounts_read(s, "/etc/passwd", false, &users);
	if (rc == 0)
		rc = accounts_read(s, "/etc/group", true, &groups);
	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		if (need->kind == NEED_USER)
			rc = account(s, need, &users, &s->facts->list[i], &w);
		else if (need->kind == NEED_GROUP)
			rc = account(s, need, &groups, &s->facts->list[i], &w);
	}
	if (rc == 0)
		rc = members_of_groups(s, &users, &groups);
	if (rc == 0 && w.n)
		rc = walk(&w);
	return finish(&w, rc);
}
