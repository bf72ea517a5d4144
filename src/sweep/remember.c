/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/remember.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "source/walk.h"

enum {
	SAID_MAX = 32 * 1024 * 1024, /* of one item */
	NAMES_MAX = 1024 * 1024 * 1024, /* of all folders of a source */
};

/* The item whose events are coming in on this thread. */
static _Thread_local struct {
	struct str said;
	bool unread; /* something of it was not examined */
	bool failed; /* for a reason that may be gone next time */
	bool over;   /* more was said than is kept */
	bool item;   /* a record speaks for the item itself */
} now;

static void now_forget(void)
{
	str_finish(&now.said);
	now.unread = now.failed = now.over = now.item = false;
}

/* ---- start and end ----------------------------------------------------- */

static void hash_markers(const struct pack *pack, EVP_MD_CTX *ctx)
{
	for (size_t i = 0; i < pack->n_tests; i++) {
		const struct test *test = pack->tests[i];
		for (size_t k = 0; test->kind == TEST_BYTES && k < test->n_values;
		     k++) {
			const uint64_t n = test->values[k].n;
			(void)EVP_DigestUpdate(ctx, &n, sizeof(n));
			(void)EVP_DigestUpdate(ctx, test->values[k].p,
			                       test->values[k].n);
		}
	}
}

/* Another program of the same name may match otherwise: its file is part of
 * what hits depend on. */
static void hash_packs(const struct pack *pack, EVP_MD_CTX *ctx)
{
	struct stat st = {0};

	(void)stat("/proc/self/exe", &st);
	(void)EVP_DigestUpdate(ctx, pack->sha256, sizeof(pack->sha256));
	(void)EVP_DigestUpdate(ctx, DEBAR_VERSION, sizeof(DEBAR_VERSION));
	(void)EVP_DigestUpdate(ctx, &st.st_size, sizeof(st.st_size));
	(void)EVP_DigestUpdate(ctx, &st.st_mtim, sizeof(st.st_mtim));
}

static bool digest_of(const struct pack *pack, uint8_t ret[MEMORY_DIGEST],
                      void (*add)(const struct pack *pack, EVP_MD_CTX *ctx))
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	if (good) {
		add(pack, ctx);
		good = EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
	}
	EVP_MD_CTX_free(ctx);
	return good;
}

static bool make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static void note(const struct sweep *s, const char *words)
{
	if (s->args->remark)
		s->args->remark(words);
}

/* The key comes first: paths of package databases are hashed with it, and so
 * must be the same from sweep to sweep. */
int remember_start(struct sweep *s, struct err *e)
{
	const struct sweep_args *args = s->args;

	s->states = calloc(args->n_sources, sizeof(*s->states));
	if (!s->states)
		return err_sys(e, -ENOMEM, "starting the sweep");
	s->remembers = args->memory_dir && make_dir(args->memory_dir) &&
	               memory_dir_key(args->memory_dir, &s->jail_args.key) == 0 &&
	               digest_of(args->pack, s->about.packs, hash_packs) &&
	               digest_of(args->pack, s->about.markers, hash_markers);
	if (args->memory_dir && !s->remembers)
		note(s, "nothing is remembered for the next sweep: the folder for "
		        "that cannot be used");
	return 0;
}

void remember_finish(struct sweep *s)
{
	for (size_t i = 0; s->states && i < s->args->n_sources; i++) {
		struct source_state *state = &s->states[i];
		memory_writer_free(state->writer);
		memory_free(state->old);
		free(state->memory_file);
		free(state->folders);
		arena_finish(&state->mem);
	}
	free(s->states);
	s->states = NULL;
}

/* ---- a source ---------------------------------------------------------- */

static char *memory_file(const struct sweep *s, const char *path,
                         const char *kind)
{
	char *real = realpath(path, NULL), *file = NULL;
	struct str what = {0};

	str_printf(&what, "%s %s", kind, real ? real : path);
	if (!str_failed(&what) &&
	    asprintf(&file, "%s/%016llx", s->args->memory_dir,
	             (unsigned long long)siphash(&s->jail_args.key,
	                                         str_slice(&what))) < 0)
		file = NULL;
	str_finish(&what);
	free(real);
	return file;
}

/* --mentions reads texts whole; what was counted in heads is no answer. */
static bool may_recall(const struct sweep *s)
{
	return !s->args->full && !s->args->mentions;
}

int remember_open(struct sweep *s, uint32_t source, const char *path,
                  const char *kind, struct err *e)
{
	struct source_state *state = &s->states[source];
	const char *why;

	arena_init(&state->mem, NAMES_MAX);
	if (s->remembers)
		state->memory_file = memory_file(s, path, kind);
	if (state->memory_file && may_recall(s)) {
		state->old = memory_open(state->memory_file, &s->about,
		                         &s->jail_args.key, &why);
		if (why)
			note(s, "what the last sweep remembered cannot be used; all "
			        "is opened again");
	}
	if (s->args->only_needed && !state->old)
		return err_set(e, -ENOENT, "nothing is remembered of %s that "
		               "--only-needed could complete: sweep it without "
		               "first, or with --deep", path);
	if (!s->remembers && !s->args->store)
		return 0;
	state->writer =
		memory_writer_new(&s->about, &s->jail_args.key, state->old);
	return state->writer ? 0 : err_sys(e, -ENOMEM, "starting the sweep");
}

/* ---- what workers say -------------------------------------------------- */

/* Reasons that say more of the moment than of the item. */
static bool passes(enum why why)
{
	switch (why) {
	case WHY_UNREADABLE:
	case WHY_VANISHED:
	case WHY_CHANGED:
	case WHY_IO_ERROR:
	case WHY_CRASHED:
	case WHY_TIMED_OUT:
	case WHY_OUT_OF_MEMORY:
	case WHY_INTERRUPTED:
		return true;
	default:
		return false;
	}
}

void remember_said(struct slice message)
{
	now.item |= jail_speaks_for_item(message);
	if (now.said.n + message.n > SAID_MAX)
		now.over = true;
	else
		str_add(&now.said, message);
	now.over |= str_failed(&now.said);
}

void remember_unread(enum why why)
{
	now.unread = true;
	now.failed |= passes(why);
}

static void count(atomic_uint_fast64_t *counter, uint64_t more)
{
	if (more == 0)
		return;
	atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* An item that was known but had to be matched again: what was known of it,
 * but for what depends on the packs, and what was said now. */
static void add_known(const struct source_state *state,
                      const struct jail_item *item, struct memory_item *ret,
                      struct str *messages)
{
	struct memory_item was;

	if (!state->old || memory_same_packs(state->old) ||
	    !(item->flags & (ITEM_RECALLED | ITEM_NO_BYTES)) ||
	    !memory_find(state->old, item->tag, item->path, &was))
		return;
	jail_strip(was.messages, messages);
	str_add(messages, ret->messages);
	ret->messages = str_slice(messages);
	ret->flags |= was.flags | MEMORY_MUTE;
	ret->extractors = was.extractors;
	now.over |= str_failed(messages);
}

static bool is_kept(const struct sweep *s, const struct jail_item *item)
{
	/* A second look also asks for lists and heads, which is no news. */
	return s->states[item->source].writer &&
	       (!s->second || item->flags & ITEM_DEEP);
}

static void keep(struct sweep *s, const struct jail_item *item,
                 struct memory_item *what)
{
	struct source_state *state = &s->states[item->source];
	struct str messages = {0};

	add_known(state, item, what, &messages);
	if (now.over || memory_add(state->writer, now.failed ? 0 : item->tag,
	                           what) < 0) {
		sweep_unread(s, item->source, item->path, (struct slice){0},
		             WHY_TOO_MANY);
		now.unread = true;
	}
	str_finish(&messages);
}

static void count_item(struct source_state *state, unsigned flags, bool unread)
{
	count(&state->items, 1);
	count(&state->examined, !unread);
	count(&state->programs, (flags & MEMORY_PROGRAM) != 0);
	count(&state->searched, (flags & MEMORY_SEARCHED) != 0);
}

bool remember_done(struct sweep *s, const struct jail_item *item,
                   const struct jail_done *how)
{
	struct memory_item what = {
		.flags = (how->program ? MEMORY_PROGRAM : 0) |
	                 (how->searched ? MEMORY_SEARCHED : 0) |
	                 (now.unread ? MEMORY_UNREAD : 0) |
	                 (now.item ? MEMORY_ITEM : 0),
		.path = item->path,
		.messages = str_slice(&now.said),
		.extractors = how->extractors,
	};

	if (is_kept(s, item))
		keep(s, item, &what);
	const bool unread = now.unread || what.flags & MEMORY_UNREAD;
	if (!s->second) {
		count_item(&s->states[item->source], what.flags, unread);
		count(&s->states[item->source].bytes, how->bytes);
	}
	now_forget();
	return !unread;
}

/* ---- what the walk asks ------------------------------------------------ */

static void note_device(struct source_state *state, dev_t device)
{
	size_t n = atomic_load(&state->n_devices);

	for (size_t i = 0; i < n; i++)
		if (atomic_load(&state->devices[i]) == device)
			return;
	/* Two threads may enter the same one; that does no harm. */
	if (n < DEVICES_MAX) {
		atomic_store(&state->devices[n], device);
		atomic_store(&state->n_devices, n + 1);
	}
}

static bool is_lasting(const struct source_state *state, dev_t device)
{
	for (size_t i = 0; i < atomic_load(&state->n_devices); i++)
		if (atomic_load(&state->devices[i]) == device)
			return true;
	return false;
}

uint64_t remember_tag(struct sweep *s, uint32_t source, struct slice path,
                      const struct stat *st)
{
	struct source_state *state = &s->states[source];

	if (!s->remembers || !state->writer)
		return 0;
	if (S_ISREG(st->st_mode))
		note_device(state, st->st_dev);
	return memory_print(&s->jail_args.key, path, st, (int64_t)time(NULL));
}

/* The packs are others: a worker matches what was extracted. */
static enum walk_recall submit(const struct source_state *state,
                               const struct memory_item *known,
                               struct batch_item *item)
{
	item->flags &= (uint8_t)~ITEM_DEEP;
	if (known->messages.n == 0) {
		item->flags |= ITEM_NO_BYTES;
		return WALK_SUBMIT;
	}
	item->fd = fcntl(memory_fd(state->old), F_DUPFD_CLOEXEC, 0);
	if (item->fd < 0)
		return WALK_OPEN; /* which waits until there are descriptors */
	item->flags |= ITEM_RECALLED;
	item->size = known->messages.n;
	item->at = known->at;
	return WALK_SUBMIT;
}

static bool must_be_searched(const struct sweep *s, const struct memory_item *known)
{
	return s->args->deep && known->flags & MEMORY_PROGRAM &&
	       !(known->flags & MEMORY_SEARCHED);
}

/* A text that mentions a maker which the packs did not know when it was read
 * would have to be opened for that. */
static void count_mute(struct sweep *s, const struct batch_item *item, bool mute)
{
	count(&s->mute, mute && S_ISREG(item->mode));
}

static enum walk_recall take_known(struct sweep *s, struct source_state *state,
                                   const struct memory_item *known,
                                   const struct batch_item *item)
{
	const bool unread = known->flags & MEMORY_UNREAD;

	memory_keep(state->writer, known);
	count_mute(s, item, known->flags & MEMORY_MUTE);
	count_item(state, known->flags, unread);
	count(&s->items, 1);
	count(&s->examined, !unread);
	if (s->args->progress)
		count(&s->args->progress->items, 1);
	return WALK_KNOWN;
}

enum walk_recall remember_recall(struct sweep *s, struct slice path,
                                 struct batch_item *item)
{
	struct source_state *state = &s->states[item->source];
	const struct jail_item about = {item->source, path, item->tag, item->flags};
	struct memory_item known;

	if (!state->old || !memory_find(state->old, item->tag, path, &known) ||
	    must_be_searched(s, &known))
		return WALK_OPEN;
	const bool again = !memory_same_packs(state->old);
	const int r = known.messages.n ? jail_replay(&s->jail_args, &about,
	                                             known.messages, again)
	                               : 0;
	now_forget();
	if (r < 0)
		return WALK_OPEN;
	if (!again)
		return take_known(s, state, &known, item);
	const enum walk_recall answer = submit(state, &known, item);
	count_mute(s, item, answer == WALK_SUBMIT);
	return answer;
}

bool remember_searched(struct sweep *s, uint32_t source, struct slice path,
                       const struct stat *st, uint64_t *ret_tag)
{
	struct source_state *state = &s->states[source];
	struct memory_item known;

	*ret_tag = 0;
	if (!s->remembers || !state->writer || !is_lasting(state, st->st_dev))
		return false;
	const struct jail_item about = {
		.source = source,
		.path = path,
		.tag = memory_print(&s->jail_args.key, path, st,
		                    (int64_t)time(NULL)),
	};
	*ret_tag = about.tag;
	if (!state->old || !memory_same_packs(state->old) ||
	    !memory_find(state->old, about.tag, path, &known) ||
	    (known.flags & MEMORY_PROGRAM && !(known.flags & MEMORY_SEARCHED)))
		return false;
	/* A hit that comes twice is one; this time it also counts for the part. */
	const bool good = jail_replay(&s->jail_args, &about, known.messages,
	                              false) == 0;
	now_forget();
	return good;
}

/* ---- names ------------------------------------------------------------- */

static int by_bytes(const void *x, const void *y)
{
	const struct slice *a = x, *b = y;
	return slice_cmp(*a, *b);
}

static size_t count_names(struct slice names)
{
	size_t n = 0;

	for (size_t i = 0; i < names.n; i++)
		n += names.p[i] == 0;
	return n;
}

/* Sorts the names into `ret`, and hashes the paths that they make. */
static bool sort_names(const struct siphash_key *key, struct slice folder,
                       struct slice names, size_t n, struct str *ret,
                       uint64_t *hashes)
{
	struct slice *list = calloc(n + 1, sizeof(*list)), name;
	struct str path = {0};
	size_t i = 0;

	while (list && i < n && slice_split(&names, 0, &name))
		list[i++] = name;
	if (i > 1)
		qsort(list, i, sizeof(*list), by_bytes);
	str_add(&path, owners_bare(folder));
	if (path.n)
		str_putc(&path, '/');
	const size_t at = path.n;
	for (size_t k = 0; k < i; k++) {
		const bool is_folder = slice_ends(list[k], SLICE("/"));
		path.n = at;
		str_add(&path, slice_first(list[k], list[k].n - is_folder));
		hashes[k] = siphash(key, str_slice(&path));
		str_add(ret, list[k]);
		str_putc(ret, 0);
	}
	const bool good = list && !str_failed(&path) && !str_failed(ret);
	str_finish(&path);
	free(list);
	return good;
}

/* On the walk's threads, as it takes the longest of what is done with names. */
void remember_names(struct sweep *s, uint32_t source, struct slice folder,
                    struct slice names)
{
	struct source_state *state = &s->states[source];
	const size_t n = count_names(names);
	uint64_t *hashes = calloc(n + 1, sizeof(*hashes));
	struct str sorted = {0};
	struct listing one;
	bool good = hashes && sort_names(&s->jail_args.key, folder, names, n,
	                                 &sorted, hashes);

	pthread_mutex_lock(&s->lock);
	one.path = arena_copy(&state->mem, folder);
	one.names = arena_copy(&state->mem, str_slice(&sorted));
	uint64_t *kept = arena_zalloc(&state->mem, n, sizeof(*kept));
	if (good && kept)
		memcpy(kept, hashes, n * sizeof(*kept));
	one.hashes = kept;
	good = good && kept && one.path.p && one.names.p &&
	       sweep_grow(&state->folders, state->n_folders, &state->folders_size,
	                  sizeof(one));
	if (good)
		state->folders[state->n_folders++] = one;
	pthread_mutex_unlock(&s->lock);
	str_finish(&sorted);
	free(hashes);
	if (!good)
		sweep_unread(s, source, folder, (struct slice){0}, WHY_TOO_MANY);
}

/* ---- writing ----------------------------------------------------------- */

void remember_write(struct sweep *s)
{
	for (size_t i = 0; i < s->args->n_sources; i++) {
		struct source_state *state = &s->states[i];
		struct err e = {0};
		if (!state->memory_file || !state->writer)
			continue;
		if (memory_write(state->writer, state->memory_file, &e) < 0)
			note(s, e.text);
	}
}
