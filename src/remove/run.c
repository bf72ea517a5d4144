/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "remove/engine.h"
#include "system/object.h"

enum {
	/* what the journal holds of an object: TAKE, TOOK, BACK, PUT and a share
	 * of FOLDER records; words of one that is left take the place of three */
	RECORDS_PER_OBJECT = 5,
	RECORDS_PER_STEP = 8,
	SPACE_BEGIN = 64 * 1024,
	RANDOM_MAX = 0xffffff, /* last part of an id */
};

static const char *const names[OUTCOME_COUNT] = {
	[OUTCOME_NOT_YET] = "not yet",
	[OUTCOME_DONE] = "done",
	[OUTCOME_GONE] = "gone",
	[OUTCOME_CHANGED] = "changed",
	[OUTCOME_IN_USE] = "in use",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_PARTLY] = "partly",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_UNKNOWN] = "unknown",
	[OUTCOME_REVIEW] = "review",
	[OUTCOME_UNDONE] = "undone",
	[OUTCOME_NOT_UNDONE] = "not undone",
};

const char *outcome_name(enum outcome outcome)
{
	return names[outcome];
}

/* ---- a run in memory ------------------------------------------------------ */

void run_forget(struct removal *r)
{
	const struct removal was = *r;

	if (r->journal.fs)
		journal_close(&r->journal);
	places_close(r);
	if (r->dir_fd >= 0)
		close(r->dir_fd);
	if (r->own_plan)
		plan_free(r->own_plan);
	free(r->first);
	free(r->where);
	free(r->place);
	free(r->results);
	free(r->worst);
	free(r->acted);
	free(r->unacted);
	free(r->lifted);
	times_finish(&r->times);
	running_finish(&r->running);
	find_finish(r);
	*r = (struct removal){.fs = was.fs, .stop = was.stop, .events = was.events,
	                      .removals_fd = was.removals_fd, .lock_fd = was.lock_fd,
	                      .root_fd = was.root_fd, .device = was.device,
	                      .dir_fd = -1, .journal.fd = -1, .n_places = PLACE_FIRST};
	memcpy(r->root_path, was.root_path, sizeof(r->root_path));
	memcpy(r->state_path, was.state_path, sizeof(r->state_path));
	r->places[PLACE_TAKEN].fd = r->places[PLACE_COPIES].fd = -1;
}

void removal_free(struct removal *r)
{
	if (!r)
		return;
	run_forget(r);
	const int fds[] = {r->root_fd, r->removals_fd, r->lock_fd};
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	free(r);
}

static int copy_path(char ret[PLAN_PATH_MAX + 1], const char *path, struct err *e)
{
	char *real = realpath(path, NULL);
	int err = real ? 0 : -errno;

	if (real && strlen(real) > PLAN_PATH_MAX)
		err = -ENAMETOOLONG;
	if (err == 0)
		(void)snprintf(ret, PLAN_PATH_MAX + 1, "%s", real);
	free(real);
	return err < 0 ? err_sys(e, err, "%s", path) : 0;
}

int run_set_plan(struct removal *r, const struct plan *plan, struct err *e)
{
	size_t n = plan->n_steps;

	r->plan = plan;
	r->first = calloc(n + 1, sizeof(*r->first));
	r->results = calloc(n + 1, sizeof(*r->results));
	r->worst = calloc(n + 1, 1);
	r->acted = calloc(n + 1, sizeof(*r->acted));
	r->unacted = calloc(n + 1, 1);
	for (size_t i = 0; r->first && i < n; i++) {
		r->first[i] = r->n_objects;
		r->n_objects += plan->steps[i].n_objects;
	}
	r->where = calloc(r->n_objects + 1, 1);
	r->place = calloc(r->n_objects + 1, 1);
	if (!r->first || !r->results || !r->worst || !r->acted || !r->unacted ||
	    !r->where || !r->place)
		return err_sys(e, -ENOMEM, "a run");
	return 0;
}

static int open_root(struct removal *r, const struct removal_args *args, struct err *e)
{
	struct stat st;
	int err = copy_path(r->root_path, args->root, e);

	if (err < 0)
		return err;
	r->root_fd = open(r->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->root_fd < 0 || fstat(r->root_fd, &st) < 0)
		return err_sys(e, -errno, "%s", args->root);
	r->device = st.st_dev;
	return 0;
}

/* Ours, and nobody else can put anything there. */
static bool is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int make_folders(const char *path)
{
	char copy[PLAN_PATH_MAX + 1];

	if (strlen(path) > PLAN_PATH_MAX)
		return -ENAMETOOLONG;
	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = copy + 1;; at++) {
		if (*at != '/' && *at)
			continue;
		char end = *at;
		*at = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return -errno;
		*at = end;
		if (!end)
			return 0;
	}
}

/* <state>/removals, opened; made when `make`. */
static int open_removals(const char *state, bool make, struct err *e)
{
	char path[PLAN_PATH_MAX + 16];
	int err = 0;

	if (strlen(state) > PLAN_PATH_MAX - 16)
		return err_sys(e, -ENAMETOOLONG, "%s", state);
	(void)snprintf(path, sizeof(path), "%s/removals", state);
	if (make)
		err = make_folders(path);
	if (err < 0)
		return err_sys(e, err, "making %s", path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	if (!is_private(fd)) {
		close(fd);
		return err_set(e, -EPERM, "%s: others may write there", path);
	}
	return fd;
}

static int lock(struct removal *r, struct err *e)
{
	r->lock_fd = openat(r->removals_fd, "lock",
	                    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->lock_fd < 0)
		return err_sys(e, -errno, "the lock of the runs");
	if (flock(r->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ?
		err_set(e, -EBUSY, "another run is under way") :
		err_sys(e, -errno, "the lock of the runs");
}

/* What is common to a new run and one that exists. */
static int make(const struct removal_args *args, bool new, struct err *e,
                struct removal **ret)
{
	struct removal *r = calloc(1, sizeof(*r));

	if (!r)
		return err_sys(e, -ENOMEM, "a run");
	*r = (struct removal){.fs = args->fs, .stop = args->stop, .events = args->events,
	                      .removals_fd = -1, .lock_fd = -1, .dir_fd = -1,
	                      .root_fd = -1, .journal.fd = -1, .n_places = PLACE_FIRST};
	r->places[PLACE_TAKEN].fd = r->places[PLACE_COPIES].fd = -1;
	*ret = r;
	int err = open_root(r, args, e);
	if (err < 0)
		return err;
	r->removals_fd = open_removals(args->state, new, e);
	if (r->removals_fd < 0)
		return r->removals_fd;
	err = copy_path(r->state_path, args->state, e);
	return err < 0 ? err : lock(r, e);
}

/* What is common to all that goes on with a run that was read. */
static int settle(struct removal *r, struct err *e)
{
	int err = places_open(r, e);

	return err < 0 ? err : recover_settle(r, e);
}

int removal_open(const struct removal_args *args, const char *id, struct err *e,
                 struct removal **ret)
{
	struct removal *r = NULL;
	int err = make(args, false, e, &r);

	if (err == 0 && id && !run_is_id(id))
		err = err_set(e, -ENOENT, "%s is no run", id);
	if (err == 0)
		err = id ? run_read(r, id, e) : runs_pick(r, args->pick, e);
	if (err == 0)
		err = settle(r, e);
	if (err < 0 && r) {
		removal_free(r);
		r = NULL;
	}
	*ret = r;
	return err;
}

/* ---- a new run ------------------------------------------------------------ */

/* Room for every record of carrying out and undoing. */
static uint64_t journal_space(const struct plan *plan, uint64_t objects)
{
	return SPACE_BEGIN + objects * RECORDS_PER_OBJECT * record_bytes(0) +
	       plan->n_steps * RECORDS_PER_STEP * record_bytes(sizeof(struct err));
}

/* Behind the newest there is, also in the same second, and when the clock was
 * set back: the order of the names is that of the runs. */
static int go_behind(struct removal *r, const char *newest, unsigned char random,
                     struct err *e)
{
	enum { TIME_TEXT = 15 };
	unsigned long last;

	if (strcmp(r->id, newest) > 0)
		return 0;
	last = strtoul(newest + TIME_TEXT + 1, NULL, 16) + 1 + random;
	if (last > RANDOM_MAX)
		return err_set(e, -EOVERFLOW, "no name for a run after %s", newest);
	(void)snprintf(r->id, sizeof(r->id), "%.*s-%06lx", TIME_TEXT, newest, last);
	return 0;
}

/* From "2026-11-25T10:15:30Z". */
static int make_id(struct removal *r, const char *started, struct err *e)
{
	unsigned char random[3];
	char newest[RUN_ID_BYTES];
	size_t n = 0;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, -errno, "random bytes");
	for (const char *at = started; *at && n < 15; at++) {
		if ((*at >= '0' && *at <= '9') || *at == 'T')
			r->id[n++] = *at;
	}
	(void)snprintf(r->id + n, sizeof(r->id) - n, "-%02x%02x%02x", random[0] / 2,
	               random[1], random[2]);
	if (!run_is_id(r->id))
		return err_set(e, -EINVAL, "%s is no time", started);
	(void)snprintf(r->started, sizeof(r->started), "%s", started);
	int err = runs_newest_id(r, newest, e);
	return err < 0 ? err : go_behind(r, newest, random[0], e);
}

static int write_plan(struct removal *r, struct slice json)
{
	const struct fs *fs = r->fs;
	int fd = fs->open(fs, r->dir_fd, "plan.json",
	                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	off_t at = 0;
	int err = fd < 0 ? fd : 0;

	while (err == 0 && json.n > 0) {
		ssize_t n = fs->write(fs, fd, json.p, json.n, at);
		err = n < 0 ? (int)n : n == 0 ? -EIO : 0;
		if (err == 0) {
			json = slice_from(json, (size_t)n);
			at += n;
		}
	}
	if (err == 0)
		err = fs->sync(fs, fd);
	if (fd >= 0)
		(void)fs->close(fs, fd);
	return err;
}

/* The first record: with it on the disk the run has begun. */
static int write_begin(struct removal *r, struct err *e)
{
	struct str text = {0};

	str_puts(&text, r->plan->sha256);
	str_putc(&text, '\0');
	str_puts(&text, r->started);
	str_putc(&text, '\0');
	str_puts(&text, r->root_path);
	if (str_failed(&text)) {
		str_finish(&text);
		return err_sys(e, -ENOMEM, "a run");
	}
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_BEGIN, .a = JOURNAL_VERSION, .b = r->device,
		.text = str_slice(&text)});
	str_finish(&text);
	return journal_sync(&r->journal, e);
}

static int fill_folder(struct removal *r, struct slice json, struct err *e)
{
	const struct fs *fs = r->fs;

	r->dir_fd = fs->open(fs, r->removals_fd, r->id,
	                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	int err = r->dir_fd < 0 ? r->dir_fd : write_plan(r, json);
	if (err == 0)
		err = fs->mkdir(fs, r->dir_fd, "taken", 0700);
	if (err < 0)
		return err_sys(e, err, "making the run's folder");
	err = places_open(r, e);
	if (err == 0)
		err = journal_create(&r->journal, fs, r->dir_fd,
		                     journal_space(r->plan, r->n_objects), e);
	if (err < 0)
		return err;
	err = fs->sync(fs, r->dir_fd);
	if (err == 0)
		err = fs->sync(fs, r->removals_fd);
	return err < 0 ? err_sys(e, err, "syncing the run's folder") : write_begin(r, e);
}

/* A folder in which no run began: nothing was touched, so nothing is lost. */
static void unmake_folder(struct removal *r)
{
	static const char *const files[] = {"plan.json", "journal"};
	const struct fs *fs = r->fs;

	for (size_t i = 0; i < COUNT_OF(files) && r->dir_fd >= 0; i++)
		(void)fs->unlink(fs, r->dir_fd, files[i], 0);
	if (r->dir_fd >= 0)
		(void)fs->unlink(fs, r->dir_fd, "taken", AT_REMOVEDIR);
	(void)fs->unlink(fs, r->removals_fd, r->id, AT_REMOVEDIR);
}

static int begin_new(struct removal *r, const struct removal_args *args, struct err *e)
{
	int err = make_id(r, args->started, e);

	if (err == 0)
		err = run_set_plan(r, args->plan, e);
	if (err < 0)
		return err;
	err = r->fs->mkdir(r->fs, r->removals_fd, r->id, 0700);
	if (err < 0)
		return err_sys(e, err, "making the run's folder");
	err = fill_folder(r, args->plan_json, e);
	if (err < 0)
		unmake_folder(r);
	return err;
}

/* What the system can be asked about: done may be done no longer. */
static bool can_be_asked(enum step_kind kind)
{
	return kind == STEP_SERVICE || kind == STEP_PACKAGE || kind == STEP_USER ||
	       kind == STEP_GROUP;
}

static bool is_again(const struct removal *r, uint32_t step)
{
	switch (r->results[step].outcome) {
	case OUTCOME_NOT_YET:
	case OUTCOME_REVIEW:
		return false;
	case OUTCOME_DONE:
		return can_be_asked(r->plan->steps[step].kind);
	default:
		return true;
	}
}

/* What came to no good outcome is tried again, in the same run: one run stands
 * for a plan, so that undoing it brings all back. */
static int try_again(struct removal *r, struct err *e)
{
	size_t n = 0;

	if (r->state == REMOVAL_ENDED)
		note(r, "run %s of this plan goes on: what was taken is not looked at again "
		     "(\"debar verify\" does), what was left is tried again", r->id);
	for (uint32_t s = 0; s < r->plan->n_steps; s++) {
		if (!is_again(r, s))
			continue;
		n++;
		journal_add(&r->journal, &(struct entry){.type = RECORD_AGAIN, .step = s});
		step_again(r, s);
	}
	return n > 0 ? journal_sync(&r->journal, e) : 0;
}

int removal_begin(const struct removal_args *args, struct err *e, struct removal **ret)
{
	struct removal *r = NULL;
	int err = make(args, true, e, &r);

	if (err == 0)
		err = runs_find_plan(r, args->plan, e);
	if (err == 1) {
		err = settle(r, e);
		if (err == 0)
			err = try_again(r, e);
	} else if (err == 0)
		err = begin_new(r, args, e);
	if (err < 0 && r) {
		removal_free(r);
		r = NULL;
	}
	*ret = r;
	return err;
}

/* ---- carrying out --------------------------------------------------------- */

static void tell_step(struct removal *r, uint32_t step)
{
	if (r->events.step)
		r->events.step(r->events.ctx, &r->plan->steps[step], step,
		               &r->results[step]);
}

static int note_step(struct removal *r, uint32_t step, enum record_type type,
                     struct err *e)
{
	const struct step_result *result = &r->results[step];

	journal_add(&r->journal, &(struct entry){
		.type = type, .step = step, .a = result->outcome, .b = result->taken,
		.object = (uint32_t)result->left, .text = slice_str(result->words)});
	int err = journal_sync(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	tell_step(r, step);
	return 0;
}

/* Objects first, then the store is built anew from what is left. */
static int do_trust(struct removal *r, uint32_t step, struct err *e)
{
	struct step_result *result = &r->results[step], rebuilt = {0};

	if (!program_packages_gone(r, step, result))
		return 0;
	int err = take_step(r, step, e, result);

	if (err < 0 || result->taken == 0)
		return err;
	err = program_do(r, step, e, &rebuilt);
	if (err == 0 && rebuilt.outcome != OUTCOME_DONE) {
		result->outcome = OUTCOME_FAILED;
		(void)snprintf(result->words, sizeof(result->words),
		               "the trust store was not rebuilt: %.500s", rebuilt.words);
	}
	return err;
}

static int do_program(struct removal *r, uint32_t step, struct err *e)
{
	return program_do(r, step, e, &r->results[step]);
}

static int do_take(struct removal *r, uint32_t step, struct err *e)
{
	struct step_result *result = &r->results[step];

	return program_packages_gone(r, step, result) ? take_step(r, step, e, result) : 0;
}

static int do_review(struct removal *r, uint32_t step, struct err *e)
{
	(void)e;
	r->results[step].outcome = OUTCOME_REVIEW;
	return 0;
}

static int (*const doers[STEP_KIND_COUNT])(struct removal *r, uint32_t step,
                                           struct err *e) = {
	[STEP_SERVICE] = do_program,
	[STEP_PACKAGE] = do_program,
	[STEP_TAKE] = do_take,
	[STEP_TRUST] = do_trust,
	[STEP_USER] = do_program,
	[STEP_GROUP] = do_program,
	[STEP_REVIEW] = do_review,
};

/* After an error of a sync nobody knows what is on the disk. */
static int ended_early(struct removal *r, uint32_t step, enum outcome outcome,
                       int err, struct err *e)
{
	struct step_result *result = &r->results[step];

	if (err == -EINTR && !r->broken)
		return err_set(e, -EINTR, "stopped");
	result->outcome = outcome;
	(void)snprintf(result->words, sizeof(result->words), "%s", r->broken_words.text);
	tell_step(r, step);
	*e = r->broken_words;
	return -EIO;
}

int removal_carry_out(struct removal *r, struct err *e)
{
	if (r->broken)
		return err_set(e, -EIO, "%s", r->broken_words.text);
	if (r->state != REMOVAL_BEGUN)
		return 0;
	for (uint32_t s = 0; s < r->plan->n_steps; s++) {
		if (r->results[s].outcome != OUTCOME_NOT_YET)
			continue;
		if (stopped(r))
			return err_set(e, -EINTR, "stopped");
		int err = doers[r->plan->steps[s].kind](r, s, e);
		if (err == 0)
			err = note_step(r, s, RECORD_STEP, e);
		if (err < 0)
			return ended_early(r, s, OUTCOME_UNKNOWN, err, e);
	}
	journal_add(&r->journal, &(struct entry){.type = RECORD_END});
	int err = journal_sync(&r->journal, e);
	if (err < 0) {
		(void)broken(r, err, e);
		return -EIO;
	}
	r->state = REMOVAL_ENDED;
	return 0;
}

/* ---- undoing -------------------------------------------------------------- */

static int undo_step(struct removal *r, uint32_t step, struct err *e)
{
	struct step_result *result = &r->results[step];

	*result = (struct step_result){.outcome = OUTCOME_NOT_YET,
	                               .taken = result->taken, .left = result->left};
	int err = program_unkeep(r, step, e, result);
	if (err == 0)
		err = restore_step(r, step, e, result);
	if (err == 0)
		err = program_undo(r, step, e, result);
	if (err < 0)
		return err;
	if (result->outcome == OUTCOME_NOT_YET)
		result->outcome = OUTCOME_UNDONE;
	return note_step(r, step, RECORD_UNSTEP, e);
}

bool step_to_undo(const struct removal *r, uint32_t step)
{
	if (r->plan->steps[step].kind == STEP_REVIEW ||
	    r->results[step].outcome == OUTCOME_UNDONE)
		return false;
	/* what was moved and put back at once has moved its folder's time */
	return r->acted[step] || r->results[step].taken > 0 || times_any(&r->times, step);
}

static int say(struct removal *r, enum record_type type, struct err *e)
{
	journal_add(&r->journal, &(struct entry){.type = type});
	int err = journal_sync(&r->journal, e);
	if (err < 0) {
		(void)broken(r, err, e);
		return -EIO;
	}
	return 0;
}

static int end_undo(struct removal *r, struct err *e)
{
	for (uint32_t s = 0; s < r->plan->n_steps; s++) {
		if (step_to_undo(r, s))
			return 0; /* what could not be undone may be tried again */
	}
	/* before it is said: a start after a crash in between does it again */
	if (places_remove(r, e) < 0)
		return -EIO;
	int err = say(r, RECORD_UNDONE, e);
	if (err == 0)
		r->state = REMOVAL_UNDONE;
	return err;
}

int removal_undo(struct removal *r, struct err *e)
{
	if (r->broken)
		return err_set(e, -EIO, "%s", r->broken_words.text);
	if (r->state == REMOVAL_DISCARDED)
		return err_set(e, -ESTALE, "what was taken was deleted for good");
	if (r->state == REMOVAL_UNDONE)
		return 0;
	int err = say(r, RECORD_UNDO, e);
	if (err < 0)
		return err;
	r->state = REMOVAL_UNDOING;
	r->progress = 0;
	for (uint32_t s = (uint32_t)r->plan->n_steps; s-- > 0;) {
		if (!step_to_undo(r, s))
			continue;
		if (stopped(r))
			return err_set(e, -EINTR, "stopped");
		err = undo_step(r, s, e);
		if (err < 0)
			return ended_early(r, s, OUTCOME_UNKNOWN, err, e);
	}
	err = recover_strays(r, e);
	return err < 0 ? err : end_undo(r, e);
}

int removal_can_undo(struct removal *r, size_t step, char *words, size_t n)
{
	const struct step *s = &r->plan->steps[step];
	uint64_t renamed = 0, copied = 0;
	char why[2 * WORDS] = "";

	for (size_t o = 0; o < s->n_objects; o++) {
		if (where_is(r, step, o) != TAKEN)
			continue;
		if (r->place[number_of(r, step, o)] == PLACE_COPIES)
			copied++;
		else
			renamed++;
	}
	int exact = program_can_undo(r, (uint32_t)step, why, sizeof(why));
	if (exact < 0)
		return exact;
	if (r->acted[step])
		(void)snprintf(words, n, "%s%s", exact ?
		               "all that the program changed is put back" :
		               "only by the system's own means: ", why);
	else if (renamed + copied == 0)
		(void)snprintf(words, n, "nothing is to be undone");
	else
		(void)snprintf(words, n, "%llu back by rename, %llu by copy",
		               (unsigned long long)renamed, (unsigned long long)copied);
	return exact;
}

/* ---- what is asked -------------------------------------------------------- */

const char *removal_id(const struct removal *r)
{
	return r->id;
}

const struct plan *removal_plan(const struct removal *r)
{
	return r->plan;
}

const char *removal_started(const struct removal *r)
{
	return r->started;
}

enum removal_state removal_state(const struct removal *r)
{
	return r->state;
}

size_t removal_older(const struct removal *r)
{
	return r->older;
}

const struct step_result *removal_results(const struct removal *r)
{
	return r->results;
}

int removal_folder(const struct removal *r)
{
	return r->dir_fd;
}

bool removal_took(const struct removal *r, struct slice path)
{
	const struct ref *refs;
	size_t n;

	if (find_path((struct removal *)(uintptr_t)r, path, &refs, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (where_is(r, refs[i].step, refs[i].object) == TAKEN)
			return true;
	}
	return false;
}
