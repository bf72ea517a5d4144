/* SPDX-License-Identifier: Apache-2.0 */
#include "remove/rehearse.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "remove/act.h"
#include "system/object.h"

struct rehearsal {
	const struct removal_args *args;
	int root_fd;
	uint64_t device; /* of the root, now */
};

static void say(struct step_result *r, enum outcome outcome, const char *words)
{
	r->outcome = outcome;
	(void)snprintf(r->words, sizeof(r->words), "%s", words);
}

/* 0 and what is there now; a negative errno. */
static int look(const struct rehearsal *h, struct slice path, struct object *ret)
{
	char name[256];
	const struct slice base = slice_basename(path), folder = slice_dirname(path);
	const int dir = object_open_folder(h->root_fd, folder.n ? folder : SLICE("/"), 0);

	if (dir < 0)
		return dir;
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(base));
	const int r = base.n < sizeof(name) ? object_look(dir, name, ret) : -ENAMETOOLONG;
	(void)close(dir);
	return r;
}

/* Why the object would be left, or NULL; *ret_gone when there is none. */
static const char *differs(const struct rehearsal *h, const struct object *o,
                           bool *ret_gone)
{
	const uint64_t device =
		o->device == h->args->plan->root_device ? h->device : o->device;
	struct object now;
	const int r = look(h, o->path, &now);

	*ret_gone = r == -ENOENT;
	if (r < 0)
		return r == -ENOENT ? NULL : strerror(-r);
	return object_differs(o, &now, device);
}

static void objects(const struct rehearsal *h, const struct step *step,
                    struct step_result *r)
{
	const char *first = NULL;
	uint64_t gone = 0;

	for (size_t i = 0; i < step->n_objects; i++) {
		bool none;
		const char *why = differs(h, &step->objects[i], &none);
		gone += none;
		r->left += why != NULL;
		r->taken += !why && !none;
		if (why && !first) {
			first = why;
			(void)snprintf(r->words, sizeof(r->words),
			               "%.*s: not what the plan saw (%s)",
			               SLICE_ARG(step->objects[i].path), why);
		}
	}
	if (step->n_objects > 0 && gone == step->n_objects)
		say(r, OUTCOME_GONE, "there is nothing left");
	else if (r->left)
		r->outcome = r->taken ? OUTCOME_PARTLY : OUTCOME_CHANGED;
	else
		r->outcome = OUTCOME_DONE;
}

/* Undo puts back what was kept; only where somebody changes that meanwhile does
 * it matter whether there is a package file. */
static void say_without_file(const struct act *a, struct step_result *r)
{
	struct str names = {0};

	for (size_t i = 0; i < a->step->n_packages; i++) {
		const struct plan_package *p = &a->step->packages[i];
		if (p->residue || act_has_package_file(a, p))
			continue;
		str_printf(&names, "%s%.*s", names.n ? ", " : "", SLICE_ARG(p->name));
	}
	if (names.n && !str_failed(&names))
		(void)snprintf(r->words, sizeof(r->words),
		               "no package file of %.300s is at hand: undo puts back what was"
		               " kept, and cannot install it again", names.p);
	str_finish(&names);
}

static void act(const struct rehearsal *h, const struct step *step, struct arena *mem,
                struct step_result *r)
{
	const struct act a = {
		.root = h->args->root,
		.live = h->args->plan->live,
		.step = step,
		.mem = mem,
	};
	struct err e = {0};
	int n = act_done(&a, &e);

	if (n == 0)
		n = act_try(&a, &e);
	else if (n > 0) {
		say(r, OUTCOME_GONE, "it is done already");
		return;
	}
	if (n == 0)
		r->outcome = OUTCOME_DONE;
	if (n == 0 && step->kind == STEP_PACKAGE)
		say_without_file(&a, r);
	else if (n < 0)
		say(r, n == -EPERM ? OUTCOME_REFUSED : OUTCOME_FAILED,
		    *e.text ? e.text : strerror(-n));
}

static void rehearse_step(const struct rehearsal *h, const struct step *step,
                          struct arena *mem, struct step_result *r)
{
	*r = (struct step_result){0};
	if (step->kind == STEP_REVIEW) {
		r->outcome = OUTCOME_REVIEW;
		return;
	}
	if (step->kind == STEP_TAKE || step->kind == STEP_TRUST)
		objects(h, step, r);
	if (step->kind != STEP_TAKE && (step->kind != STEP_TRUST || r->outcome == OUTCOME_DONE))
		act(h, step, mem, r);
}

int rehearse(const struct removal_args *args, struct step_result *results, struct err *e)
{
	struct rehearsal h = {.args = args};
	struct arena mem;
	struct stat st;
	int r = 0;

	h.root_fd = open(args->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (h.root_fd < 0 || fstat(h.root_fd, &st) < 0)
		r = err_sys(e, -errno, "%s", args->root);
	h.device = r == 0 ? st.st_dev : 0;
	arena_init(&mem, 0);
	for (size_t i = 0; r == 0 && i < args->plan->n_steps; i++) {
		if (args->stop && atomic_load(args->stop))
			r = err_set(e, -EINTR, "stopped");
		else
			rehearse_step(&h, &args->plan->steps[i], &mem, &results[i]);
		arena_reset(&mem);
	}
	arena_finish(&mem);
	if (h.root_fd >= 0)
		(void)close(h.root_fd);
	return r;
}
