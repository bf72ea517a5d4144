/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs that exist, and which of them is meant. One that cannot be read (its plan
 * or its journal is damaged) does not stand in the way of the others, and is
 * named whenever it is passed over.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "plan/form.h"
#include "remove/engine.h"

enum { RUNS_MAX = 100000, FIRST_RUNS = 16 };

struct run_list {
	char (*ids)[RUN_ID_BYTES]; /* oldest first */
	size_t n, size;
};

/* "20261125T101530-1a2b3c" */
bool run_is_id(const char *name)
{
	static const char form[] = "dddddddd" "T" "dddddd" "-" "xxxxxx";
	size_t n = strlen(name);

	if (n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool digit = name[i] >= '0' && name[i] <= '9';
		bool hex = digit || (name[i] >= 'a' && name[i] <= 'f');
		if (form[i] == 'd' ? !digit : form[i] == 'x' ? !hex : name[i] != form[i])
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int add_run(struct run_list *l, const char *id)
{
	if (l->n == l->size) {
		size_t size = l->size ? 2 * l->size : FIRST_RUNS;
		void *more = size > RUNS_MAX ? NULL :
			reallocarray(l->ids, size, sizeof(*l->ids));
		if (!more)
			return -ENOMEM;
		l->ids = more;
		l->size = size;
	}
	memcpy(l->ids[l->n++], id, strlen(id) + 1);
	return 0;
}

/* Ids of all runs; free(ret->ids) in any case. */
static int list_runs(int removals, struct run_list *ret, struct err *e)
{
	int fd = openat(removals, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int err = d ? 0 : -errno;

	*ret = (struct run_list){0};
	while (err == 0) {
		errno = 0;
		struct dirent *entry = readdir(d);
		if (!entry) {
			err = -errno;
			break;
		}
		if (run_is_id(entry->d_name))
			err = add_run(ret, entry->d_name);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	if (ret->n)
		qsort(ret->ids, ret->n, sizeof(*ret->ids), by_name);
	return err < 0 ? err_sys(e, err, "listing the runs") : 0;
}

int runs_newest_id(struct removal *r, char ret[RUN_ID_BYTES], struct err *e)
{
	struct run_list l;
	int err = list_runs(r->removals_fd, &l, e);

	ret[0] = '\0';
	if (err == 0 && l.n)
		memcpy(ret, l.ids[l.n - 1], RUN_ID_BYTES);
	free(l.ids);
	return err;
}

/* ---- reading one ----------------------------------------------------------- */

/* The plan was on the disk before there was a journal. */
static int read_plan(struct removal *r, struct err *e)
{
	int fd = r->fs->open(r->fs, r->dir_fd, "plan.json", O_RDONLY | O_NOFOLLOW, 0);

	if (fd == -ENOENT)
		return err_set(e, -EBADMSG, "its plan is gone");
	if (fd < 0)
		return err_sys(e, fd, "its plan");
	int err = plan_read(fd, e, &r->own_plan);
	(void)r->fs->close(r->fs, fd);
	if (err < 0)
		err_prefix(e, "its plan");
	return err < 0 ? err : run_set_plan(r, r->own_plan, e);
}

int run_read(struct removal *r, const char *id, struct err *e)
{
	struct stat st;

	run_forget(r);
	memcpy(r->id, id, strnlen(id, RUN_ID_BYTES - 1));
	r->dir_fd = r->fs->open(r->fs, r->removals_fd, id,
	                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (r->dir_fd < 0)
		return err_sys(e, r->dir_fd, "run %s", id);
	int err = r->fs->stat(r->fs, r->dir_fd, "journal", &st);
	if (err < 0) /* none: it had not begun */
		return err_sys(e, err, "the journal of run %s", id);
	err = read_plan(r, e);
	if (err == 0)
		err = recover_read(r, e);
	if (err < 0)
		err_prefix(e, "run %s", id);
	return err;
}

/* The same; 0 also when it cannot be read, which is said, or had not begun. 1:
 * it was read. */
static int try_read(struct removal *r, const char *id, struct err *e)
{
	int err = run_read(r, id, e);

	if (err == 0)
		return 1;
	if (err == -EBADMSG)
		note(r, "%s: it is passed over", e->text);
	return err == -EBADMSG || err == -ENOENT ? 0 : err;
}

/* ---- which one is meant ---------------------------------------------------- */

/* Did the run do anything that undoing would put back? */
static bool can_be_undone(const struct removal *r)
{
	if (r->state == REMOVAL_UNDONE || r->state == REMOVAL_DISCARDED)
		return false;
	for (uint32_t s = 0; s < r->plan->n_steps; s++) {
		if (step_to_undo(r, s))
			return true;
	}
	for (uint64_t i = 0; i < r->n_objects; i++) {
		if (r->where[i] != AT_PLACE && r->where[i] != LEFT && r->where[i] != PUT_BACK)
			return true;
	}
	return r->state == REMOVAL_UNDOING; /* all is back, and it is to be said */
}

/* The newest that can be undone, and how many older ones can; when none can,
 * the newest. */
static int pick_undoable(struct removal *r, const struct run_list *l, struct err *e)
{
	const char *pick = NULL, *newest = NULL;
	size_t more = 0;

	for (size_t i = l->n; i-- > 0;) {
		int err = try_read(r, l->ids[i], e);
		if (err < 0)
			return err;
		if (err == 0)
			continue;
		newest = newest ? newest : l->ids[i];
		if (!can_be_undone(r))
			continue;
		more += pick != NULL;
		pick = pick ? pick : l->ids[i];
	}
	if (!newest)
		return err_set(e, -ENOENT, "no run was begun");
	int err = run_read(r, pick ? pick : newest, e);
	r->older = more;
	return err;
}

static int pick_newest(struct removal *r, const struct run_list *l, bool strict,
                       struct err *e)
{
	for (size_t i = l->n; i-- > 0;) {
		int err = strict ? run_read(r, l->ids[i], e) : try_read(r, l->ids[i], e);
		if (strict ? err != -ENOENT : err != 0)
			return err < 0 ? err : 0;
	}
	return err_set(e, -ENOENT, "no run was begun");
}

int runs_pick(struct removal *r, enum removal_pick pick, struct err *e)
{
	struct run_list l;
	int err = list_runs(r->removals_fd, &l, e);

	if (err == 0)
		err = pick == PICK_UNDOABLE ? pick_undoable(r, &l, e) :
			pick_newest(r, &l, pick == PICK_NEWEST, e);
	free(l.ids);
	return err;
}

/* The newest of this plan, if it is to be gone on with. */
static int goes_on(struct removal *r)
{
	if (r->state == REMOVAL_UNDOING)
		note(r, "run %s of the same plan is not undone to its end; this is a new run",
		     r->id);
	return r->state == REMOVAL_BEGUN || r->state == REMOVAL_ENDED;
}

int runs_find_plan(struct removal *r, const struct plan *plan, struct err *e)
{
	struct run_list l;
	int err = list_runs(r->removals_fd, &l, e);
	int found = 0;

	for (size_t i = l.n; err == 0 && i-- > 0;) {
		err = try_read(r, l.ids[i], e);
		if (err <= 0)
			continue;
		err = 0;
		if (strcmp(r->plan->sha256, plan->sha256) != 0)
			continue;
		found = goes_on(r);
		break;
	}
	free(l.ids);
	if (!found)
		run_forget(r);
	return err < 0 ? err : found;
}
