/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/verification.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "cmd/stop.h"

enum { DEADLINE_S = 20, WORKER_MEMORY = 128 * 1024 * 1024 };

/* ---- looking ----------------------------------------------------------- */

static struct sweep_progress so_far;
static struct progress *line;

static void show_progress(void)
{
	line = progress_start(&so_far);
}

static void note(const char *words)
{
	cmd_note("%s", words);
}

bool verification_sweep(const struct verification_args *args, struct sweep **ret)
{
	struct err e = {0};
	const struct sweep_args sweep = {
		.sources = &args->root,
		.n_sources = 1,
		.pack = args->choice->pack,
		.matcher = args->choice->matcher,
		.orders = args->choice->orders,
		.n_orders = args->choice->n_orders,
		.law = &args->choice->law,
		.entities = args->choice->entities,
		.jobs = args->jobs,
		.deadline_ms = DEADLINE_S * 1000,
		.memory_bytes = WORKER_MEMORY,
		.full = true,
		.store = args->store,
		.unit = "",
		.labels = "",
		.changes = args->store != NULL,
		.changed_since = args->since,
		.stop = &stop_asked,
		.progress = &so_far,
		.note = args->quiet ? NULL : note,
		.remark = args->quiet ? NULL : note,
		.started = args->quiet ? NULL : show_progress,
	};
	const int r = sweep_run(&sweep, &e, ret);

	progress_stop(line);
	line = NULL;
	if (r < 0)
		cmd_error("%s", e.text);
	return r == 0;
}

/* ---- comparing --------------------------------------------------------- */

/* The same article, whatever its version is now. */
static bool is_same(const struct finding *f, struct slice id, struct slice entity,
                    struct slice name)
{
	return slice_eq(slice_str(f->id), id) ||
	       (slice_eq(slice_str(f->entity->id), entity) && slice_eq(f->name, name));
}

static const struct finding *found_again(const struct report *r, const struct step *s)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (is_same(&r->findings[i], s->article, s->entity, s->name))
			return &r->findings[i];
	return NULL;
}

static bool is_removed(enum outcome outcome)
{
	return outcome == OUTCOME_DONE || outcome == OUTCOME_GONE;
}

/* Were all steps of the article carried out? */
static bool all_removed(const struct plan *plan, const struct step_result *results,
                        struct slice article)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (slice_eq(plan->steps[i].article, article) && !is_removed(results[i].outcome))
			return false;
	return true;
}

static bool is_first_step(const struct plan *plan, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (slice_eq(plan->steps[i].article, plan->steps[at].article))
			return false;
	return true;
}

static bool is_planned(const struct plan *plan, const struct finding *f)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (is_same(f, plan->steps[i].article, plan->steps[i].entity, plan->steps[i].name))
			return true;
	return false;
}

/* What the plan left alone for a stated reason is no surprise. */
static bool is_left(const struct plan *plan, const struct finding *f)
{
	for (size_t i = 0; i < plan->n_left; i++)
		if (slice_eq(slice_str(f->id), plan->left[i].article))
			return true;
	return false;
}

static struct slice where(const struct finding *f)
{
	return f && f->n_evidence ? f->evidence[0].path : (struct slice){0};
}

static void add(struct completion_verification *v, struct completion_article *list,
                const struct completion_article *one)
{
	list[v->n_articles++] = *one;
	v->counts[one->word]++;
}

static void compare_planned(const struct report *found, const struct plan *plan,
                            const struct step_result *results,
                            struct completion_verification *v,
                            struct completion_article *list)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		if (!is_first_step(plan, i))
			continue;
		const struct finding *f = found_again(found, s);
		add(v, list, &(struct completion_article){
			.word = !f ? COMPLETION_GONE
			        : all_removed(plan, results, s->article) ? COMPLETION_CAME_BACK
			                                                 : COMPLETION_STILL_THERE,
			.name = s->name,
			.version = f ? f->version : s->version,
			.entity = s->entity,
			.path = where(f),
		});
	}
}

static void compare_others(const struct report *found, const struct plan *plan,
                           struct completion_verification *v,
                           struct completion_article *list)
{
	for (size_t i = 0; i < found->n_findings; i++) {
		const struct finding *f = &found->findings[i];
		if (is_planned(plan, f) || is_left(plan, f))
			continue;
		add(v, list, &(struct completion_article){
			.word = COMPLETION_ALSO_FOUND,
			.name = f->name,
			.version = f->version,
			.entity = slice_str(f->entity->id),
			.path = where(f),
		});
	}
}

static const char *kind_of(enum change_kind kind)
{
	return kind == CHANGE_PACKAGE ? "package" : kind == CHANGE_FILE ? "file"
	     : kind == CHANGE_FOLDER ? "code folder" : "setting";
}

static int compare_software(const struct report *found, struct arena *mem,
                            struct completion_verification *v)
{
	const struct changes *c = found->changes;

	v->compared = c && c->since && c->fresh == 0;
	if (!v->compared)
		return 0;
	struct completion_new *list = arena_zalloc(mem, c->n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].word == CHANGE_APPEARED)
			list[v->n_fresh++] = (struct completion_new){
				kind_of(c->list[i].kind), c->list[i].name, c->list[i].version,
				c->list[i].path};
	v->fresh = list;
	v->more_fresh = c->more;
	return 0;
}

int verification_compare(const struct report *found, const struct plan *plan,
                         const struct step_result *results, struct arena *mem,
                         struct completion_verification *ret)
{
	struct completion_article *list =
		arena_zalloc(mem, plan->n_steps + found->n_findings + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	*ret = (struct completion_verification){
		.done = true,
		.at = found->n_sources ? found->sources[0].finished : "",
		.articles = list,
		.coverage = &found->coverage,
	};
	compare_planned(found, plan, results, ret, list);
	compare_others(found, plan, ret, list);
	return compare_software(found, mem, ret);
}

/* ---- software before and now ------------------------------------------- */

static const char kept_name[] = "software", new_name[] = "software.new";

static int write_file(int folder, struct slice text, struct err *e)
{
	const int fd = openat(folder, new_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	                                                O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : 0;

	while (r == 0 && text.n) {
		const ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno != EINTR)
			r = -errno;
		else if (n > 0)
			text = slice_from(text, (size_t)n);
	}
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (r == 0 && renameat(folder, new_name, folder, kept_name) < 0)
		r = -errno;
	return r < 0 ? err_sys(e, r, "keeping the list of software") : 0;
}

int verification_keep_software(int run_folder, const char *root, struct err *e)
{
	struct software_list now;
	struct str text = {0};
	struct arena mem;

	arena_init(&mem, 0);
	int r = software_look(root, &stop_asked, &mem, e, &now);
	if (r == 0)
		software_write(&now, &text);
	if (str_failed(&text))
		r = err_sys(e, -ENOMEM, "listing the software");
	if (r == 0)
		r = write_file(run_folder, str_slice(&text), e);
	str_finish(&text);
	arena_finish(&mem);
	return r;
}

static bool read_file(int fd, struct arena *mem, struct slice *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > SOFTWARE_BYTES_MAX)
		return false;
	char *text = arena_alloc(mem, (size_t)st.st_size + 1);
	size_t n = 0;
	for (ssize_t got = 1; text && got > 0 && n < (size_t)st.st_size; n += (size_t)got)
		if ((got = read(fd, text + n, (size_t)st.st_size - n)) < 0)
			return false;
	*ret = slice_of(text, n);
	return text && n == (size_t)st.st_size;
}

bool verification_kept_software(int run_folder, struct arena *mem,
                                struct software_list *ret)
{
	const int fd = openat(run_folder, kept_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	                                                     O_CLOEXEC);
	struct slice text;

	if (fd < 0)
		return false;
	const bool good = read_file(fd, mem, &text) && software_read(text, mem, ret) == 0;
	(void)close(fd);
	return good;
}

static bool is_software(const struct completion_new *n)
{
	return strcmp(n->kind, "package") == 0 || strcmp(n->kind, "service") == 0;
}

int verification_software(const struct software_list *before,
                          const struct software_list *now, struct arena *mem,
                          struct completion_verification *v)
{
	struct completion_new *list = arena_zalloc(mem, now->n + v->n_fresh + 1, sizeof(*list));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < now->n; i++) {
		const struct software *s = &now->list[i];
		const bool package = s->system.n > 0;
		if (!software_has(before, s))
			list[n++] = (struct completion_new){
				s->kind, s->name, package ? s->version : SLICE(""),
				package ? SLICE("") : s->version};
	}
	for (size_t i = 0; i < v->n_fresh; i++)
		if (!is_software(&v->fresh[i]))
			list[n++] = v->fresh[i];
	v->fresh = list;
	v->n_fresh = n;
	v->compared = true;
	return 0;
}

int verification_status(const struct completion_verification *v)
{
	if (v->n_articles > v->counts[COMPLETION_GONE])
		return EXIT_FOUND;
	for (size_t i = 0; i < v->n_fresh; i++)
		if (is_software(&v->fresh[i]))
			return EXIT_FOUND;
	return v->coverage->complete && v->compared ? EXIT_CLEAN : EXIT_INCOMPLETE;
}
