/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step that a program of the system carries out: what the program may change
 * is kept first (keep.h), the program is asked whether it would (act.h), the
 * journal says that it is run, it runs, and whether it is done is then asked of
 * the system and not believed.
 */
#include <errno.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "remove/engine.h"
#include "remove/keep.h"

enum { FOLDER_NAME = 32, ARENA_MAX = 256 << 20, EXCEPT = 3 };

/* One step's program and its keep. */
struct job {
	struct removal *r;
	uint32_t step;
	struct arena mem;
	struct act act;
	struct keep_args keep;
	struct slice except[EXCEPT];
	int keep_fd;
};

static int says(struct step_result *result, enum outcome outcome, const char *words)
{
	result->outcome = outcome;
	(void)snprintf(result->words, sizeof(result->words), "%s", words);
	return 0;
}

/*
 * The run's own files are no program's affair. The memory that SQLite shares
 * among a database's readers is written by each of them and holds nothing of it:
 * the first to open the database makes it anew.
 */
static void find_except(struct job *j)
{
	const struct removal *r = j->r;
	struct slice state = slice_str(r->state_path), root = slice_str(r->root_path);

	j->except[j->keep.n_except++] = SLICE("/var/lib/rpm/rpmdb.sqlite-shm");
	j->except[j->keep.n_except++] = SLICE("/usr/lib/sysimage/rpm/rpmdb.sqlite-shm");
	j->keep.except = j->except;
	if (root.n == 1)
		root.n = 0;
	if (!slice_starts(state, root) || state.n <= root.n || state.p[root.n] != '/')
		return;
	j->except[j->keep.n_except++] = slice_from(state, root.n);
}

static void job_init(struct job *j, struct removal *r, uint32_t step)
{
	*j = (struct job){.r = r, .step = step, .keep_fd = -1};
	arena_init(&j->mem, ARENA_MAX);
	j->act = (struct act){.root = r->root_path, .live = r->plan->live,
	                      .step = &r->plan->steps[step], .mem = &j->mem};
	j->keep = (struct keep_args){.fs = r->fs, .root_fd = r->root_fd, .dir_fd = -1,
	                             .stop = r->stop};
	find_except(j);
}

static void job_finish(struct job *j)
{
	if (j->keep_fd >= 0)
		(void)j->r->fs->close(j->r->fs, j->keep_fd);
	arena_finish(&j->mem);
}

static int open_keep(struct job *j, bool make)
{
	const struct fs *fs = j->r->fs;
	char name[FOLDER_NAME];

	if (j->keep_fd >= 0)
		return 0;
	(void)snprintf(name, sizeof(name), "keep-%u", j->step + 1);
	int err = make ? fs->mkdir(fs, j->r->dir_fd, name, 0700) : 0;
	if (err < 0 && err != -EEXIST)
		return err;
	j->keep_fd = fs->open(fs, j->r->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
	                      0);
	if (j->keep_fd < 0)
		return j->keep_fd;
	j->keep.dir_fd = j->keep_fd;
	return make ? fs->sync(fs, j->r->dir_fd) : 0;
}

/* A second way back, where one is to be had; the keep is the first. */
static void keep_packages(struct job *j)
{
	const struct fs *fs = j->r->fs;
	char name[FOLDER_NAME];
	struct slice file;
	struct err e;

	if (j->act.step->kind != STEP_PACKAGE || j->act.step->n_packages == 0)
		return;
	(void)snprintf(name, sizeof(name), "packages-%u", j->step + 1);
	int err = fs->mkdir(fs, j->r->dir_fd, name, 0700);
	int fd = err < 0 && err != -EEXIST ? err : fs->open(
		fs, j->r->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return;
	for (size_t i = 0; i < j->act.step->n_packages; i++)
		(void)act_package_file(&j->act, &j->act.step->packages[i], fd, &e, &file);
	(void)fs->close(fs, fd);
}

/* ---- what is kept --------------------------------------------------------- */

static bool is_below(struct slice path, struct slice folder)
{
	return slice_starts(path, folder) && path.n > folder.n && path.p[folder.n] == '/';
}

static int by_path(const void *x, const void *y)
{
	return slice_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

/* Sorted, each once, and none below another: that one covers it. */
static size_t outermost(struct slice *list, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(list, n, sizeof(*list), by_path);
	for (size_t i = 0; i < n; i++) {
		bool covered = kept > 0 && slice_eq(list[i], list[kept - 1]);
		for (struct slice up = slice_dirname(list[i]); !covered && up.n > 0;
		     up = slice_dirname(up))
			covered = kept > 0 && bsearch(&up, list, kept, sizeof(*list), by_path);
		if (!covered)
			list[kept++] = list[i];
	}
	return kept;
}

/* What later steps take is often deleted by a package's own scripts, with no
 * way back: it is kept too. */
static size_t add_leftovers(const struct job *j, struct slice *list)
{
	const struct plan *plan = j->r->plan;
	size_t n = 0;

	for (size_t i = j->step + 1; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		struct slice top = {0};
		if (s->kind != STEP_TAKE && s->kind != STEP_TRUST)
			continue;
		for (size_t o = s->n_objects; o-- > 0;) {
			if (top.n && is_below(s->objects[o].path, top))
				continue;
			top = s->objects[o].path;
			if (list)
				list[n] = top;
			n++;
		}
	}
	return n;
}

static int find_places(struct job *j, struct err *e)
{
	const bool scripts = j->act.step->kind == STEP_PACKAGE;
	struct slice *list = NULL;
	size_t n = 0, more = scripts ? add_leftovers(j, NULL) : 0;
	int err = act_places(&j->act, e, &list, &n);

	if (err < 0)
		return err;
	struct slice *all = arena_alloc(&j->mem, (n + more + 1) * sizeof(*all));
	if (!all)
		return err_sys(e, -ENOMEM, "listing what is to be kept");
	if (n > 0)
		memcpy(all, list, n * sizeof(*all));
	if (more > 0)
		(void)add_leftovers(j, all + n);
	j->keep.places = all;
	j->keep.n_places = outermost(all, n + more);
	return 0;
}

/* Is there room for all of the keep? Asked by having it, so that a keep that
 * cannot be whole is not begun, and does not fill the disk of a running system. */
static int try_space(struct job *j, struct err *e)
{
	static const char name[] = "space";
	const struct fs *fs = j->r->fs;
	uint64_t bytes, files;
	int err = keep_size(&j->keep, e, &bytes, &files);

	if (err < 0)
		return err;
	int fd = fs->open(fs, j->keep_fd, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, fd, "making room for what is kept");
	err = bytes > INT64_MAX ? -EFBIG : bytes > 0 ? fs->allocate(fs, fd, (off_t)bytes) : 0;
	(void)fs->close(fs, fd);
	int gone = fs->unlink(fs, j->keep_fd, name, 0);
	if (err == 0)
		err = gone;
	return err < 0 ? err_sys(e, err, "room for what is kept before it is done (%llu bytes "
	                         "of %llu files and folders)", (unsigned long long)bytes,
	                         (unsigned long long)files) : 0;
}

/* Everything that the program may change is kept, on the disk. */
static int keep(struct job *j, struct err *e)
{
	int err = open_keep(j, true);

	if (err < 0)
		return err_sys(e, err, "making a folder for what is kept");
	if (keep_saved(j->r->fs, j->keep_fd) == 1)
		return 0;
	err = find_places(j, e);
	if (err == 0)
		err = try_space(j, e);
	if (err < 0)
		return err;
	e->text[0] = 0; /* keep_save() may say what it left out */
	err = keep_save(&j->keep, e);
	if (err == 0 && e->text[0])
		note(j->r, "%s", e->text);
	return err == -EALREADY ? 0 : err;
}

/* What the program left: noted in any case, or nothing could be undone. */
static int run_program(struct job *j, struct step_result *result, struct err *e)
{
	struct removal *r = j->r;
	struct err why = {0}, ask = {0}, noting = {0};

	journal_add(&r->journal, &(struct entry){.type = RECORD_ACT, .step = j->step});
	int err = journal_sync(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	r->acted[j->step] = true;
	err = keep_unnote(r->fs, j->keep_fd); /* of a try before this one */
	if (err < 0)
		return says(result, OUTCOME_FAILED, strerror(-err));
	int did = act_do(&j->act, &why);
	int noted = keep_note(&j->keep, &noting);
	int done = j->act.step->kind == STEP_TRUST ? did == 0 : act_done(&j->act, &ask);
	if (done != 1)
		return says(result, OUTCOME_FAILED, did < 0 ? why.text : done < 0 ?
		            ask.text : "it was done, and yet it is not gone");
	if (noted < 0)
		return says(result, OUTCOME_FAILED, noting.text);
	return says(result, OUTCOME_DONE, did < 0 ? why.text : "");
}

/* A run that was cut short after the program had done it: only the note of
 * what it left is wanting. */
static int conclude(struct job *j, struct step_result *result, struct err *e)
{
	int err = open_keep(j, false);

	if (err == 0 && keep_noted(j->r->fs, j->keep_fd) != 1)
		err = keep_note(&j->keep, e);
	return err < 0 ? says(result, OUTCOME_FAILED, e->text) :
	       says(result, OUTCOME_DONE, "");
}

static int is_exact(struct job *j, char *words, size_t n);

/* It ran before and failed. What it left then was noted, and is noted anew when
 * it has run again: whatever somebody else changed in between would then pass for
 * the program's doing, and undo would take it away. */
static int may_run_again(struct job *j, struct step_result *result)
{
	const struct fs *fs = j->r->fs;
	char words[WORDS * 2] = "", why[WORDS * 3];
	int err = open_keep(j, false);
	int noted = err < 0 ? err : keep_noted(fs, j->keep_fd);

	if (noted == -ENOENT || noted == 0)
		return 0;
	if (noted < 0 || !is_exact(j, words, sizeof(words))) {
		(void)snprintf(why, sizeof(why), "it was tried before, and %.400s: undo this "
		               "run, or make a new plan", noted < 0 ? strerror(-noted) : words);
		(void)says(result, OUTCOME_FAILED, why);
		return -EPERM;
	}
	return 0;
}

static int do_it(struct job *j, struct step_result *result, struct err *e)
{
	struct removal *r = j->r;
	int done = j->act.step->kind == STEP_TRUST ? 0 : act_done(&j->act, e);

	if (done < 0)
		return says(result, OUTCOME_FAILED, e->text);
	if (done)
		return r->acted[j->step] ? conclude(j, result, e) :
		       says(result, OUTCOME_GONE, "");
	if (r->acted[j->step] && may_run_again(j, result) < 0)
		return 0;
	int err = act_try(&j->act, e);
	if (err < 0)
		return says(result, err == -EPERM ? OUTCOME_REFUSED : OUTCOME_FAILED,
		            e->text);
	err = keep(j, e);
	if (err == -EINTR)
		return err;
	if (err < 0)
		return says(result, OUTCOME_FAILED, e->text);
	keep_packages(j);
	return run_program(j, result, e);
}

int program_do(struct removal *r, uint32_t step, struct err *e,
               struct step_result *result)
{
	struct job j;

	job_init(&j, r, step);
	int err = do_it(&j, result, e);
	job_finish(&j);
	return err;
}

/* ---- packages that own what is taken -------------------------------------- */

/* One at a time, so that it can be named. What cannot be told is not gone. */
static bool is_gone(struct job *j, const struct plan_package *p, char *words, size_t n)
{
	const struct step one = {.kind = STEP_PACKAGE, .n_packages = 1,
	                         .packages = (struct plan_package *)(uintptr_t)p};
	struct err e = {0};

	j->act.step = &one;
	int done = act_done(&j->act, &e);
	j->act.step = &j->r->plan->steps[j->step];
	if (done == 1)
		return true;
	(void)snprintf(words, n, "the package %.*s is still installed%s%.300s",
	               (int)(p->name.n < 200 ? p->name.n : 200), (const char *)p->name.p,
	               done < 0 ? ", or it cannot be told: " : "", e.text);
	return false;
}

bool program_packages_gone(struct removal *r, uint32_t step, struct step_result *result)
{
	const struct step *s = &r->plan->steps[step];
	bool gone = true;
	struct job j;

	job_init(&j, r, step);
	for (size_t i = 0; i < s->n_packages && gone; i++)
		gone = is_gone(&j, &s->packages[i], result->words, sizeof(result->words));
	job_finish(&j);
	if (gone)
		return true;
	result->left = s->n_objects - result->taken;
	result->outcome = result->taken ? OUTCOME_PARTLY : OUTCOME_IN_USE;
	return false;
}

/* ---- undoing -------------------------------------------------------------- */

/* 1: what was kept can be put back exactly; 0: it cannot, words say why. */
static int is_exact(struct job *j, char *words, size_t n)
{
	struct keep_state state = {0};
	struct err e = {0};
	int err = open_keep(j, false);

	if (err < 0 || keep_noted(j->r->fs, j->keep_fd) != 1) {
		(void)snprintf(words, n, "what was kept is not whole%s%s",
		               e.text[0] ? ": " : "", e.text);
		return 0;
	}
	err = keep_check(&j->keep, &e, &state);
	if (err < 0)
		(void)snprintf(words, n, "%s", e.text);
	else if (state.conflicts > 0)
		(void)snprintf(words, n, "%llu places changed since, such as %.300s",
		               (unsigned long long)state.conflicts, state.first);
	return err == 0 && state.conflicts == 0;
}

/* The only package file that was had, or "". */
static void find_package(const struct job *j, char *ret, size_t n)
{
	struct dirent *entry;

	(void)snprintf(ret, n, "%s/removals/%s/packages-%u", j->r->state_path, j->r->id,
	               j->step + 1);
	size_t at = strlen(ret);
	DIR *d = opendir(ret);
	ret[0] = '\0';
	while (d && !ret[0] && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		ret[0] = '/';
		(void)snprintf(ret, n, "%s/removals/%s/packages-%u/%s", j->r->state_path,
		               j->r->id, j->step + 1, entry->d_name);
	}
	if (d)
		closedir(d);
	if (strlen(ret) <= at)
		ret[0] = '\0';
}

/* What the second way back is, when the first is barred. */
static void add_package_words(const struct job *j, char *words, size_t n)
{
	char package[PLAN_PATH_MAX + NAME_MAX + 64];
	const size_t at = strlen(words);

	find_package(j, package, sizeof(package));
	(void)snprintf(words + at, n - at, "; %s", package[0]
	               ? "the kept package file is installed again"
	               : "no package file is kept: it must be installed by hand");
}

int program_can_undo(struct removal *r, uint32_t step, char *words, size_t n)
{
	struct job j;

	if (!r->acted[step])
		return 1;
	job_init(&j, r, step);
	int exact = is_exact(&j, words, n);
	if (exact == 0 && j.act.step->kind == STEP_PACKAGE)
		add_package_words(&j, words, n);
	job_finish(&j);
	return exact;
}

/* Once it was announced, it stays as announced: what half an undoing put back
 * would look like somebody's change. */
static int announce(struct job *j, char *words, size_t n, struct err *e)
{
	struct removal *r = j->r;

	if (r->unacted[j->step] == UNACT_EXACT)
		return 0;
	int exact = is_exact(j, words, n);
	r->unacted[j->step] = exact ? UNACT_EXACT : UNACT_INEXACT;
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_UNACT, .step = j->step, .b = (uint64_t)exact});
	int err = journal_sync(&r->journal, e);
	return err < 0 ? broken(r, err, e) : 0;
}

static int unkeep(struct job *j, struct step_result *result, struct err *e)
{
	struct removal *r = j->r;
	struct keep_state state;
	char words[WORDS * 2] = "";
	int err = announce(j, words, sizeof(words), e);

	if (err < 0)
		return err;
	if (words[0])
		note(r, "%s", words);
	if (r->unacted[j->step] != UNACT_EXACT)
		return 0;
	err = open_keep(j, false);
	if (err == 0)
		err = keep_restore(&j->keep, NULL, 0, e, &state);
	if (err == -EINTR)
		return err;
	return err < 0 ? says(result, OUTCOME_NOT_UNDONE, e->text) : 0;
}

int program_unkeep(struct removal *r, uint32_t step, struct err *e,
                   struct step_result *result)
{
	struct job j;

	if (!r->acted[step])
		return 0;
	job_init(&j, r, step);
	int err = unkeep(&j, result, e);
	job_finish(&j);
	return err;
}

int program_undo(struct removal *r, uint32_t step, struct err *e,
                 struct step_result *result)
{
	char package[PLAN_PATH_MAX + NAME_MAX + 64];
	bool exact = r->unacted[step] == UNACT_EXACT;
	struct job j;

	if (!r->acted[step] || result->outcome == OUTCOME_NOT_UNDONE)
		return 0;
	job_init(&j, r, step);
	find_package(&j, package, sizeof(package));
	int err = act_undo(&j.act, exact, package[0] ? package : NULL, e);
	job_finish(&j);
	return err < 0 ? says(result, OUTCOME_NOT_UNDONE, e->text) : 0;
}
