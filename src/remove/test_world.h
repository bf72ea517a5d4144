/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small world for tests of removal: a root with files, a plan that takes some
 * of them, a state folder, a picture of the whole tree to compare with, and
 * doubles of what the engine calls: programs that follow a script, and a plan
 * that is read from memory.
 */
#ifndef REMOVE_TEST_WORLD_H
#define REMOVE_TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "plan/form.h"
#include "remove/act.h"
#include "remove/keep.h"
#include "remove/remove.h"
#include "system/object.h"

#define STARTED "2026-11-25T10:15:30Z"

/* Not every test calls all of it. */
#define UNUSED __attribute__((unused))

enum { WORLD_STEPS = 8, WORLD_PATHS = 4096 };

struct world {
	char top[64], root[80], state[80];
	int root_fd;
	struct plan plan;
	struct step steps[WORLD_STEPS];
};

static struct world world;

/* ---- doubles -------------------------------------------------------------- */

/* What the system's programs answer, and what they were asked. */
static struct script {
	int done_before, try, places, act, done_after, undo;
	int keep_save, keep_note, keep_check, keep_restore, saved, noted;
	uint64_t conflicts, keep_bytes;
	int n_do, n_undo, n_save, n_note, n_restore;
	bool exact;
	char package[PLAN_PATH_MAX];
	void (*doing)(void);
} script;

int act_done(const struct act *a, struct err *e)
{
	int r = script.n_do ? script.done_after : script.done_before;
	return r < 0 ? err_set(e, r, "not to be told") : r;
}

int act_try(const struct act *a, struct err *e)
{
	return script.try < 0 ? err_set(e, script.try, "the manager said no") : 0;
}

int act_places(const struct act *a, struct err *e, struct slice **ret, size_t *ret_n)
{
	static struct slice list[] = {SLICE("/etc")};

	*ret = list;
	*ret_n = 1;
	return script.places < 0 ? err_set(e, script.places, "no places") : 0;
}

int act_do(const struct act *a, struct err *e)
{
	script.n_do++;
	if (script.doing)
		script.doing();
	return script.act < 0 ? err_set(e, script.act, "the program failed") : 0;
}

int act_undo(const struct act *a, bool exact, const char *package_file, struct err *e)
{
	script.n_undo++;
	script.exact = exact;
	(void)snprintf(script.package, sizeof(script.package), "%s",
	               package_file ? package_file : "");
	return script.undo < 0 ? err_set(e, script.undo, "cannot be undone") : 0;
}

int act_package_file(const struct act *a, const struct plan_package *p, int dir_fd,
                     struct err *e, struct slice *ret_name)
{
	int fd = openat(dir_fd, "kept.deb", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -ENOENT : 0;
}

int keep_size(const struct keep_args *args, struct err *e, uint64_t *ret_bytes,
              uint64_t *ret_files)
{
	*ret_bytes = script.keep_bytes;
	*ret_files = 1;
	return 0;
}

int keep_save(const struct keep_args *args, struct err *e)
{
	script.n_save++;
	if (script.keep_save == 0)
		script.saved = 1;
	return script.keep_save < 0 ? err_set(e, script.keep_save, "not kept") : 0;
}

int keep_saved(const struct fs *fs, int dir_fd)
{
	return script.saved;
}

int keep_noted(const struct fs *fs, int dir_fd)
{
	return script.noted;
}

int keep_note(const struct keep_args *args, struct err *e)
{
	script.n_note++;
	if (script.keep_note == 0)
		script.noted = 1;
	return script.keep_note < 0 ? err_set(e, script.keep_note, "not noted") : 0;
}

int keep_unnote(const struct fs *fs, int dir_fd)
{
	script.noted = 0;
	return 0;
}

int keep_check(const struct keep_args *args, struct err *e, struct keep_state *ret)
{
	*ret = (struct keep_state){.conflicts = script.conflicts, .first = "/etc/x"};
	return script.keep_check < 0 ? err_set(e, script.keep_check, "not checked") : 0;
}

int keep_restore(const struct keep_args *args, const struct slice *only_below,
                 size_t n_only, struct err *e, struct keep_state *ret)
{
	script.n_restore++;
	return script.keep_restore < 0 ?
		err_set(e, script.keep_restore, "not put back") : 0;
}

/* The run's own copy of the plan holds the first letter of its hash, and stands
 * for the world's, or for one of several. */
static int plan_read_error;
static const struct plan *plans['z' - 'a' + 1];

int plan_read(int fd, struct err *e, struct plan **ret)
{
	char letter = '\0';

	if (plan_read_error)
		return err_set(e, plan_read_error, "no plan");
	if (pread(fd, &letter, 1, 0) != 1 || letter < 'a' || letter > 'z')
		return err_set(e, -EBADMSG, "no JSON");
	*ret = malloc(sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	**ret = plans[letter - 'a'] ? *plans[letter - 'a'] : world.plan;
	arena_init(&(*ret)->mem, 0);
	return 0;
}

void plan_free(struct plan *p)
{
	arena_finish(&p->mem);
	free(p);
}

/* ---- the tree ------------------------------------------------------------- */

static void must(int r)
{
	if (r < 0)
		fail_msg("%s", strerror(errno));
}

/* Folders on the way are made too. Times are old and all different. */
static void put_folders(const char *path)
{
	char copy[PLAN_PATH_MAX];

	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = copy; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdirat(world.root_fd, copy, 0755) < 0 && errno != EEXIST)
			fail_msg("%s: %s", copy, strerror(errno));
		*at = '/';
	}
}

static void set_old(const char *path)
{
	static long second = 1500000000;
	const struct timespec times[2] = {{second, 1}, {second, 123456789}};

	second++;
	must(utimensat(world.root_fd, path, times, AT_SYMLINK_NOFOLLOW));
}

static void put_file(const char *path, const char *text)
{
	put_folders(path);
	int fd = openat(world.root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(fd);
	must((int)write(fd, text, strlen(text)));
	close(fd);
	set_old(path);
}

[[maybe_unused]] static void put_link(const char *path, const char *target)
{
	put_folders(path);
	must(symlinkat(target, world.root_fd, path));
}

/* All folders get an old time, deepest last would do as well: a time set does
 * not move the one above. */
static void set_all_old(const char *path)
{
	char below[PLAN_PATH_MAX];
	int fd = openat(world.root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd);
	DIR *d = fdopendir(fd);
	struct dirent *entry;

	while ((entry = readdir(d))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		set_all_old(below);
	}
	closedir(d);
	set_old(path);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void picture_of(struct str *out, int dir, const char *path);

static void picture_one(struct str *out, int dir, const char *name, const char *path)
{
	struct object o = {0};
	char below[PLAN_PATH_MAX];

	(void)snprintf(below, sizeof(below), "%s/%s", path, name);
	assert_int_equal(object_look(dir, name, &o), 0);
	struct stat st;
	must(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW));
	str_printf(out, "%s type %d mode %o owner %u:%u size %llu names %u flags %x time "
	           "%lld.%09u ", below, o.type, o.mode, o.uid, o.gid,
	           (unsigned long long)o.size, o.links, o.flags, (long long)o.mtime_s,
	           o.mtime_ns);
	for (size_t i = 0; i < PLAN_SHA256_BYTES; i++)
		str_printf(out, "%02x", o.sha256[i]);
	str_putc(out, '\n');
	if (o.type == OBJECT_FOLDER) {
		int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		must(fd);
		picture_of(out, fd, below);
		close(fd);
	}
}

static void picture_of(struct str *out, int dir, const char *path)
{
	char *names[4096];
	size_t n = 0;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	must(fd);
	DIR *d = fdopendir(fd);
	struct dirent *entry;

	while ((entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		assert_true(n < COUNT_OF(names));
		names[n++] = strdup(entry->d_name);
	}
	closedir(d);
	if (n)
		qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++) {
		picture_one(out, dir, names[i], path);
		free(names[i]);
	}
}

/* Everything in the root, with its times; the caller frees it. */
[[maybe_unused]] static char *picture(void)
{
	struct str out = {0};
	struct stat st;

	must(fstat(world.root_fd, &st));
	str_printf(&out, "/ time %lld.%09ld\n", (long long)st.st_mtim.tv_sec,
	           st.st_mtim.tv_nsec);
	picture_of(&out, world.root_fd, "");
	assert_false(str_failed(&out));
	return out.p;
}

[[maybe_unused]] static bool there(const char *path)
{
	return faccessat(world.root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- the plan ------------------------------------------------------------- */

static void plan_begin(void)
{
	struct stat st;

	if (world.plan.sha256[0])
		arena_finish(&world.plan.mem);
	world.plan = (struct plan){.steps = world.steps, .source_path = SLICE("/")};
	arena_init(&world.plan.mem, 0);
	memset(world.plan.sha256, 'a', sizeof(world.plan.sha256) - 1);
	must(fstat(world.root_fd, &st));
	world.plan.root_device = st.st_dev;
	world.plan.root_inode = st.st_ino;
}

static struct step *plan_step(enum step_kind kind)
{
	assert_true(world.plan.n_steps < WORLD_STEPS);
	struct step *s = &world.steps[world.plan.n_steps++];
	*s = (struct step){.kind = kind, .name = SLICE("Widget")};
	return s;
}

/* Adds what lies at the path, with all it holds, contents first. */
static void plan_take(struct step *s, const char *path)
{
	struct arena *mem = &world.plan.mem;
	char below[PLAN_PATH_MAX];
	struct object o = {0};

	if (!s->objects)
		s->objects = arena_zalloc(mem, WORLD_PATHS, sizeof(*s->objects));
	assert_non_null(s->objects);
	const char *name = strrchr(path, '/') + 1;
	int dir = object_open_folder(world.root_fd, slice_of(path, name - 1 == path ? 1 :
	                             (size_t)(name - 1 - path)), O_RDONLY);
	must(dir);
	assert_int_equal(object_look(dir, name, &o), 0);
	if (o.type == OBJECT_FOLDER) {
		int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME);
		must(fd);
		DIR *d = fdopendir(fd);
		struct dirent *entry;
		while ((entry = readdir(d))) {
			if (strcmp(entry->d_name, ".") == 0 ||
			    strcmp(entry->d_name, "..") == 0)
				continue;
			(void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
			plan_take(s, below);
		}
		closedir(d);
	}
	close(dir);
	o.path = arena_copy(mem, slice_str(path));
	assert_true(s->n_objects < WORLD_PATHS);
	s->objects[s->n_objects++] = o;
}

/* ---- a run ---------------------------------------------------------------- */

static struct removal_args world_args(const struct fs *fs, bool with_plan)
{
	return (struct removal_args){
		.fs = fs, .root = world.root, .state = world.state,
		.plan = with_plan ? &world.plan : NULL, .plan_json = slice_of(world.plan.sha256, 1),
		.started = STARTED};
}

UNUSED static struct removal *begin_with(const struct fs *fs)
{
	struct removal_args args = world_args(fs, true);
	struct removal *r = NULL;
	struct err e = {0};

	if (removal_begin(&args, &e, &r) < 0)
		fail_msg("%s", e.text);
	return r;
}

UNUSED static struct removal *open_newest(const struct fs *fs)
{
	struct removal_args args = world_args(fs, false);
	struct removal *r = NULL;
	struct err e = {0};

	if (removal_open(&args, NULL, &e, &r) < 0)
		fail_msg("%s", e.text);
	return r;
}

UNUSED static void carry_out(struct removal *r)
{
	struct err e = {0};

	if (removal_carry_out(r, &e) < 0)
		fail_msg("%s", e.text);
}

UNUSED static void undo(struct removal *r)
{
	struct err e = {0};

	if (removal_undo(r, &e) < 0)
		fail_msg("%s", e.text);
}

static void run_command(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void run_command(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("%s", command);
}

/* Empty: no root, no runs, no script. */
static int world_new(void **state)
{
	(void)snprintf(world.top, sizeof(world.top), "/tmp/debar-remove-XXXXXX");
	if (!mkdtemp(world.top))
		return -1;
	(void)snprintf(world.root, sizeof(world.root), "%s/root", world.top);
	(void)snprintf(world.state, sizeof(world.state), "%s/state", world.top);
	must(mkdir(world.root, 0755));
	world.root_fd = open(world.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(world.root_fd);
	script = (struct script){.done_after = 1};
	plan_read_error = 0;
	plan_begin();
	return 0;
}

static int world_end(void **state)
{
	close(world.root_fd);
	arena_finish(&world.plan.mem);
	world.plan.sha256[0] = '\0';
	run_command("chattr -R -f -i -a %s; rm -rf %s", world.top, world.top);
	return 0;
}

#endif
