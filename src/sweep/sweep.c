/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "source/source.h"
#include "base/str.h"
#include "base/text.h"
#include "source/walk.h"
#include "sweep/changes.h"
#include "sweep/keep.h"
#include "sweep/remember.h"

/* ---- gathering -------------------------------------------------------- */

bool sweep_grow(void *list, size_t n, size_t *size, size_t each)
{
	void *p;

	if (n < *size)
		return true;
	size_t want = *size ? *size * 2 : 64;
	memcpy(&p, list, sizeof(p));
	p = reallocarray(p, want, each);
	if (!p)
		return false;
	memcpy(list, &p, sizeof(p));
	*size = want;
	return true;
}

/* The second look reads some items again: what the first could not examine is
 * no news then. */
static bool is_known(const struct sweep *s, const struct incomplete *one)
{
	for (size_t i = 0; i < s->n_incomplete; i++) {
		const struct incomplete *known = &s->incomplete[i];
		if (known->why == one->why && known->source == one->source &&
		    slice_eq(known->path, one->path) &&
		    slice_eq(known->member, one->member))
			return true;
	}
	return false;
}

void sweep_unread(struct sweep *s, uint32_t source, struct slice path,
                  struct slice member, enum why why)
{
	pthread_mutex_lock(&s->lock);
	if (s->second &&
	    is_known(s, &(struct incomplete){source, path, member, why})) {
		pthread_mutex_unlock(&s->lock);
		return;
	}
	s->by_why[why]++;
	s->states[source].incomplete++;
	if (s->n_incomplete < INCOMPLETE_MAX &&
	    sweep_grow(&s->incomplete, s->n_incomplete, &s->incomplete_size,
	               sizeof(*s->incomplete))) {
		struct incomplete *one = &s->incomplete[s->n_incomplete];
		*one = (struct incomplete){
			.source = source,
			.path = arena_copy(&s->mem, path),
			.member = arena_copy(&s->mem, member),
			.why = why,
		};
		if (one->path.p && one->member.p)
			s->n_incomplete++;
	}
	pthread_mutex_unlock(&s->lock);
}

static void on_said(void *ctx, const struct jail_item *item, struct slice message)
{
	struct sweep *s = ctx;

	if (s->states[item->source].writer)
		remember_said(message);
}

static void on_unread(void *ctx, const struct jail_item *item,
                      struct slice member, enum why why)
{
	struct sweep *s = ctx;

	remember_unread(why);
	atomic_store(&s->look_failed, true);
	sweep_unread(s, item->source, item->path, member, why);
}

static void count(atomic_uint_fast64_t *counter, uint64_t more)
{
	atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static void on_done(void *ctx, const struct jail_item *item,
                    const struct jail_done *how)
{
	struct sweep *s = ctx;
	struct sweep_progress *progress = s->args->progress;
	const bool examined = remember_done(s, item, how);

	count(&s->bytes, how->bytes);
	if (!s->second) {
		count(&s->items, 1);
		count(&s->examined, examined);
	}
	if (progress) {
		count(&progress->items, 1);
		count(&progress->bytes, how->bytes);
	}
}

static void on_mention(void *ctx, const struct jail_item *item,
                       uint32_t entity, uint32_t count)
{
	struct sweep *s = ctx;

	if (s->second)
		return;
	pthread_mutex_lock(&s->lock);
	s->mention_files++;
	if (s->args->mentions && s->n_mentions < MENTIONS_MAX &&
	    sweep_grow(&s->mentions, s->n_mentions, &s->mentions_size,
	               sizeof(*s->mentions))) {
		struct slice copy = arena_copy(&s->mem, item->path);
		if (copy.p)
			s->mentions[s->n_mentions++] = (struct mention){
				item->source, copy, &s->args->pack->entities[entity],
				count};
	}
	pthread_mutex_unlock(&s->lock);
}

static struct part *find_part(struct sweep *s, uint32_t source,
                              struct slice package,
                              const struct entity *entity)
{
	for (size_t i = 0; i < s->n_parts; i++) {
		struct part *p = &s->parts[i];
		if (p->source == source && p->entity == entity &&
		    slice_eq(p->package, package))
			return p;
	}
	return NULL;
}

static struct part *get_part(struct sweep *s, uint32_t source,
                             struct slice package, const struct entity *entity)
{
	struct part *p = find_part(s, source, package, entity);

	if (p)
		return p;
	if (s->n_parts == PARTS_MAX ||
	    !sweep_grow(&s->parts, s->n_parts, &s->parts_size, sizeof(*s->parts)))
		return NULL;
	p = &s->parts[s->n_parts];
	*p = (struct part){source, arena_copy(&s->mem, package), entity,
	                   .known = true};
	if (!p->package.p)
		return NULL;
	s->n_parts++;
	return p;
}

static void note_folder(struct sweep *s, uint32_t source, struct slice root)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].source == source &&
		    slice_eq(s->folders[i].root, root))
			return;
	if (s->n_folders == FOLDERS_MAX ||
	    !sweep_grow(&s->folders, s->n_folders, &s->folders_size,
	                sizeof(*s->folders)))
		return;
	struct slice copy = arena_copy(&s->mem, root);
	if (copy.p)
		s->folders[s->n_folders++] =
			(struct named_folder){.source = source, .root = copy};
}

/* What a hit asks of the second look. */
static void note_cause(struct sweep *s, uint32_t source,
                       const struct jail_hit *hit, const struct mark *mark)
{
	const struct entity *entity = &s->args->pack->entities[mark->entity];

	pthread_mutex_lock(&s->lock);
	if (s->looking && hit->claim.attr == ATTR_FILE_BYTES) {
		struct part *p =
			find_part(s, source, s->looking->package, entity);
		if (p)
			p->shown = true;
	}
	if (!s->second && hit->head.scope == SCOPE_PART) {
		struct part *p = get_part(s, source, hit->head.name, entity);
		if (p)
			p->known = p->known && hit->parts_known;
	}
	if (!s->second && hit->head.scope == SCOPE_FOLDER &&
	    hit->head.version.n == 0)
		note_folder(s, source, hit->head.root);
	pthread_mutex_unlock(&s->lock);
}

static void on_hit(void *ctx, const struct jail_item *item,
                   const struct jail_hit *hit)
{
	struct sweep *s = ctx;
	const struct mark *mark = &s->args->pack->marks[hit->mark];

	if (s->args->entities && !s->args->entities[mark->entity])
		return;
	const struct finding_input input = {
		.source = item->source,
		.path = item->path,
		.record = &hit->head,
		.claim = &hit->claim,
		.mark = mark,
	};

	if (findings_add(s->findings, &input) < 0)
		on_unread(s, item, (struct slice){0}, WHY_TOO_MANY);
	note_cause(s, item->source, hit, mark);
}

/* What of a package database cannot be kept in mind. */
static void too_many(struct sweep *s, const struct jail_item *item,
                     struct slice what)
{
	on_unread(s, &(struct jail_item){.source = item->source, .path = what},
	          (struct slice){0}, WHY_TOO_MANY);
}

static void on_package(void *ctx, const struct jail_item *item,
                       const struct jail_package *package)
{
	struct sweep *s = ctx;

	if (owners_package(s->owners, item->source, package) < 0)
		too_many(s, item, package->name);
}

static void on_owned(void *ctx, const struct jail_item *item,
                     const struct jail_package *package,
                     const uint64_t *hashes, size_t n)
{
	struct sweep *s = ctx;

	if (!s->second &&
	    owners_paths(s->owners, item->source, package, hashes, n) < 0)
		too_many(s, item, package->name);
}

static void on_owned_path(void *ctx, const struct jail_item *item,
                          const struct jail_package *package, struct slice path)
{
	struct sweep *s = ctx;
	bool kept = false;

	(void)package;
	pthread_mutex_lock(&s->lock);
	if (s->n_owned < OWNED_LIST_MAX &&
	    sweep_grow(&s->owned, s->n_owned, &s->owned_size, sizeof(*s->owned))) {
		s->owned[s->n_owned] = arena_copy(&s->owned_mem, path);
		kept = s->owned[s->n_owned].p != NULL;
		s->n_owned += kept;
	}
	pthread_mutex_unlock(&s->lock);
	if (!kept)
		too_many(s, item, path);
}

static void on_folder(void *ctx, const struct jail_item *item,
                      const struct record *head)
{
	struct sweep *s = ctx;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_folders; i++) {
		struct named_folder *f = &s->folders[i];
		if (f->source != item->source || !slice_eq(f->root, head->root))
			continue;
		f->is = (struct owner){
			slice_str(head->ecosystem),
			arena_copy(&s->mem, head->name),
			arena_copy(&s->mem, head->version),
		};
	}
	pthread_mutex_unlock(&s->lock);
}

static void on_walk_unread(void *ctx, uint32_t source, struct slice path,
                           enum why why)
{
	struct sweep *s = ctx;

	count(&s->items, 1);
	count(&s->states[source].items, 1);
	sweep_unread(s, source, path, (struct slice){0}, why);
}

static void on_skipped(void *ctx, uint32_t source, struct slice path,
                       const char *words)
{
	struct sweep *s = ctx;

	pthread_mutex_lock(&s->lock);
	if (sweep_grow(&s->skipped, s->n_skipped, &s->skipped_size,
	               sizeof(*s->skipped))) {
		struct slice copy = arena_copy(&s->mem, path);
		if (copy.p)
			s->skipped[s->n_skipped++] =
				(struct skipped){source, copy, words};
	}
	pthread_mutex_unlock(&s->lock);
}

static uint64_t on_tag(void *ctx, uint32_t source, struct slice path,
                       const struct stat *st)
{
	return remember_tag(ctx, source, path, st);
}

static enum walk_recall on_recall(void *ctx, struct slice path,
                                  struct batch_item *item)
{
	return remember_recall(ctx, path, item);
}

static void on_names(void *ctx, uint32_t source, struct slice folder,
                     struct slice names)
{
	remember_names(ctx, source, folder, names);
}

static void on_at(void *ctx, struct slice path)
{
	struct sweep *s = ctx;
	struct sweep_progress *progress = s->args->progress;

	if (!progress)
		return;
	path = slice_first(path, sizeof(progress->at) - 1);
	for (size_t i = 0; i <= path.n; i++)
		atomic_store_explicit(&progress->at[i],
		                      i < path.n ? (char)path.p[i] : 0,
		                      memory_order_relaxed);
}

/* ---- settling --------------------------------------------------------- */

static bool owner_of(void *ctx, uint32_t source, struct slice path,
                     struct owner *ret)
{
	struct sweep *s = ctx;
	return owners_of(s->owners, source, path, ret);
}

static bool maker_of(void *ctx, uint32_t source, struct slice ecosystem,
                     struct slice package, struct slice *ret)
{
	struct sweep *s = ctx;
	return owners_maker(s->owners, source, ecosystem, package, ret);
}

static bool folder_of(void *ctx, uint32_t source, struct slice root,
                      struct owner *ret)
{
	struct sweep *s = ctx;

	for (size_t i = 0; i < s->n_folders; i++) {
		const struct named_folder *f = &s->folders[i];
		if (f->source != source || !slice_eq(f->root, root) ||
		    f->is.name.n == 0)
			continue;
		*ret = f->is;
		return true;
	}
	return false;
}

static int part_shown(void *ctx, uint32_t source, struct slice package,
                      const struct mark *mark)
{
	struct sweep *s = ctx;

	for (size_t i = 0; i < s->n_parts; i++) {
		const struct part *p = &s->parts[i];
		if (p->source != source || p->entity->index != mark->entity ||
		    !slice_eq(p->package, package))
			continue;
		return p->shown ? 1 : p->looked && p->known ? 0 : -1;
	}
	return -1;
}

int sweep_drain(struct sweep *s, struct err *e)
{
	const int r = jail_drain(s->jail);

	/* What went wrong is not one item's doing: without workers nothing can
	 * be examined, so that a report would say nothing. */
	return r < 0 ? err_set(e, r, "the process that makes the workers has ended, "
	                             "or the system allows no more processes; "
	                             "nothing more can be examined")
	             : 0;
}

/* ---- sources ---------------------------------------------------------- */

static const char *timestamp(struct sweep *s)
{
	char text[TEXT_TIME_SIZE];

	if (!text_time((int64_t)time(NULL), text))
		return "";
	pthread_mutex_lock(&s->lock);
	const char *copy = arena_str(&s->mem, slice_str(text));
	pthread_mutex_unlock(&s->lock);
	return copy ? copy : "";
}

static uint8_t item_flags(const struct sweep *s, enum source_kind kind)
{
	return (uint8_t)((kind == SOURCE_ROOT ? ITEM_IN_ROOT : 0) |
	                 (s->args->deep ? ITEM_DEEP : 0) |
	                 (s->args->mentions ? ITEM_ALL_TEXT : 0));
}

static int sweep_folder(struct sweep *s, uint32_t source, const char *path,
                        enum source_kind kind, struct err *e)
{
	const struct walk_args args = {
		.jail = s->jail,
		.path = path,
		.source = source,
		.item_flags = item_flags(s, kind),
		.jobs = s->args->jobs,
		.one_file_system = s->args->one_file_system,
		.all_file_systems = s->args->all_file_systems,
		.stop = s->args->stop,
		.events = {
			.ctx = s,
			.unread = on_walk_unread,
			.skipped = on_skipped,
			.at = on_at,
			.tag = s->remembers ? on_tag : NULL,
			.recall = s->states[source].old ? on_recall : NULL,
			.names = s->args->store ? on_names : NULL,
		},
	};

	s->source_fds[source] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return walk(&args, e);
}

/* Makes a path absolute without resolving anything in it. */
static int absolute(const char *path, struct str *ret)
{
	char cwd[PATH_MAX];

	if (path[0] != '/') {
		if (!getcwd(cwd, sizeof(cwd)))
			return -errno;
		str_puts(ret, cwd);
		if (ret->n > 1)
			str_putc(ret, '/');
	}
	str_puts(ret, path);
	return str_failed(ret) ? -ENOMEM : 0;
}

/* `path` is as it was given, `real` the same without links in it. */
static void sweep_file(struct sweep *s, uint32_t source, const char *path,
                       const char *real, const struct stat *st)
{
	struct batch_item item = {.fd = -1,
	                          .source = source,
	                          .mode = st->st_mode,
	                          .flags = item_flags(s, SOURCE_FILE)};
	struct str whole = {0};
	int r = absolute(path, &whole);

	if (r == 0 && whole.n > ITEM_PATH_MAX)
		r = -ENAMETOOLONG;
	if (!S_ISREG(st->st_mode))
		item.flags |= ITEM_NO_BYTES;
	else if (r == 0)
		r = walk_open_file(AT_FDCWD, real, &item);
	struct batch *batch = r == 0 ? batch_new() : NULL;
	if (batch) {
		batch_add(batch, &item, str_slice(&whole));
		/* A failure of the jail is told when it is drained. */
		(void)jail_submit(s->jail, batch);
	} else if (r == 0) {
		if (item.fd >= 0)
			(void)close(item.fd);
		r = -ENOMEM;
	}
	if (r < 0)
		on_walk_unread(s, source, slice_str(path), walk_why(r));
	str_finish(&whole);
}

/* A path of a list is looked at as the walk does it: what is no regular file
 * goes as a path alone and is not opened. */
static void sweep_listed(struct sweep *s, uint32_t source, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		on_walk_unread(s, source, slice_str(path), walk_why(-errno));
	else if (S_ISDIR(st.st_mode))
		on_walk_unread(s, source, slice_str(path), WHY_UNSUPPORTED);
	else
		sweep_file(s, source, path, path, &st);
}

/*
 * Paths end in a newline, or in NUL bytes (find -print0): what the list has
 * first within the length of a path decides. `ahead` are the bytes read for
 * that.
 */
struct list {
	FILE *in;
	int end;
	char ahead[ITEM_PATH_MAX + 1];
	size_t at, n;
	char path[ITEM_PATH_MAX + 1];
	size_t path_n; /* more than ITEM_PATH_MAX: too long, not all kept */
};

static void list_begin(struct list *list, FILE *in)
{
	int c = 0;

	*list = (struct list){.in = in, .end = '\n'};
	while (list->n < sizeof(list->ahead) && list->end && (c = getc(in)) != EOF) {
		list->ahead[list->n++] = (char)c;
		if (c == 0)
			list->end = 0;
	}
}

static int list_char(struct list *list)
{
	return list->at < list->n ? (unsigned char)list->ahead[list->at++]
	                          : getc(list->in);
}

/* The next path, NUL-terminated; false at the end of the list. */
static bool list_next(struct list *list)
{
	int c;

	list->path_n = 0;
	while ((c = list_char(list)) != EOF && c != list->end) {
		if (list->path_n < ITEM_PATH_MAX)
			list->path[list->path_n] = (char)c;
		list->path_n += list->path_n <= ITEM_PATH_MAX;
	}
	list->path[list->path_n < ITEM_PATH_MAX ? list->path_n : ITEM_PATH_MAX] = 0;
	return c != EOF || list->path_n > 0;
}

static int sweep_list(struct sweep *s, uint32_t source, FILE *in,
                      struct err *e)
{
	struct list list;

	list_begin(&list, in);
	while (!atomic_load(s->args->stop) && list_next(&list)) {
		if (list.path_n > ITEM_PATH_MAX)
			on_walk_unread(s, source, slice_str(list.path),
			               WHY_TOO_DEEP);
		else if (list.path_n > 0)
			sweep_listed(s, source, list.path);
	}
	/* A signal that ends the sweep also breaks off the reading. */
	if (ferror(in) && !atomic_load(s->args->stop))
		return err_sys(e, -errno, "reading the list on standard input");
	return 0;
}

/* A path given by name may be a link to the file; then the file's own name is
 * told, which also says more of what it is. What is neither a file nor a
 * folder is not opened: opening a device does something to it. */
static void sweep_named_file(struct sweep *s, uint32_t source, const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && real)
		path = real;
	if (!real || lstat(real, &st) < 0)
		on_walk_unread(s, source, slice_str(path), walk_why(-errno));
	else if (!S_ISREG(st.st_mode))
		on_walk_unread(s, source, slice_str(path), WHY_UNSUPPORTED);
	else
		sweep_file(s, source, path, real, &st);
	free(real);
}

static int sweep_source(struct sweep *s, uint32_t i, struct err *e)
{
	struct report_source *source = &s->sources[i];
	const char *path = s->args->sources[i];
	enum source_kind kind = SOURCE_FILE;
	char host[256] = "";
	int r = 0;

	source->started = timestamp(s);
	source->path = slice_str(path);
	if (strcmp(path, "-") == 0) {
		source->kind = "list";
		r = remember_open(s, i, path, "list", e);
		if (r == 0)
			r = sweep_list(s, i, stdin, e);
	} else {
		r = source_recognise(path, &kind, e);
		if (r < 0)
			return r;
		source->kind = source_kind_name(kind);
		if (kind == SOURCE_ROOT)
			source_host(path, host, sizeof(host));
		r = remember_open(s, i, path, source->kind, e);
		if (r < 0)
			return r;
		if (kind == SOURCE_FILE)
			sweep_named_file(s, i, path);
		else
			r = sweep_folder(s, i, path, kind, e);
	}
	const int drained = sweep_drain(s, e);
	if (r == 0)
		r = drained;
	pthread_mutex_lock(&s->lock);
	source->host = arena_str(&s->mem, slice_str(host));
	pthread_mutex_unlock(&s->lock);
	if (!source->host)
		source->host = "";
	source->finished = timestamp(s);
	return r;
}

/* All sources are looked at before the first is swept, so that a misspelt one
 * does not come to light an hour later. */
static int check_sources(const struct sweep_args *args, struct err *e)
{
	enum source_kind kind;
	int r = 0;

	for (size_t i = 0; i < args->n_sources && r == 0; i++)
		if (strcmp(args->sources[i], "-") != 0)
			r = source_recognise(args->sources[i], &kind, e);
	return r;
}

/* ---- the sweep -------------------------------------------------------- */

static int start(struct sweep *s, struct err *e)
{
	const struct sweep_args *args = s->args;
	struct jail_limits limits = {0};
	s->jail_args = (struct jail_args){
		.matcher = args->matcher,
		.pack = args->pack,
		.workers = args->jobs,
		.deadline_ms = args->deadline_ms,
		.memory_bytes = args->memory_bytes,
		.records = args->store || args->memory_dir,
		.events = {s, on_said, on_hit, on_package, on_owned,
	                   on_owned_path, on_folder, on_unread, on_mention,
	                   on_done},
	};
	struct siphash_key *key = &s->jail_args.key;

	if (getrandom(key, sizeof(*key), 0) != sizeof(*key))
		return err_sys(e, -errno, "getting random bytes");
	int r = remember_start(s, e);
	if (r < 0)
		return r;
	s->owners = owners_new(key);
	s->findings = findings_new(args->pack);
	s->sources = calloc(args->n_sources, sizeof(*s->sources));
	s->source_fds = calloc(args->n_sources, sizeof(*s->source_fds));
	if (!s->owners || !s->findings || !s->sources || !s->source_fds)
		return err_sys(e, -ENOMEM, "starting the sweep");
	for (size_t i = 0; i < args->n_sources; i++) {
		s->source_fds[i] = -1;
		s->sources[i] = (struct report_source){
			.id = (uint32_t)i, .kind = "", .host = "",
			.started = "", .finished = ""};
	}
	r = jail_new(&s->jail_args, e, &limits, &s->jail);
	if (r == 0 && limits.text[0] && args->note)
		args->note(limits.text);
	if (r == 0 && args->started)
		args->started();
	return r;
}

static void place_of(void *ctx, uint32_t source, struct slice *path, struct slice *host)
{
	const struct sweep *s = ctx;

	*path = s->sources[source].path;
	*host = slice_str(s->sources[source].host);
}

static int settle(struct sweep *s, struct err *e)
{
	const struct finding_context ctx = {
		.ctx = s,
		.owner_of = owner_of,
		.maker_of = maker_of,
		.folder_of = folder_of,
		.part_shown = part_shown,
		.place_of = place_of,
		.law = s->args->law,
	};

	owners_settle(s->owners);
	int r = sweep_second_look(s, e);
	if (r < 0)
		return r;
	r = findings_settle(s->findings, &ctx, s->args->orders,
	                        s->args->n_orders, &s->mention_files);
	return r < 0 ? err_sys(e, r, "joining the findings") : 0;
}

static void fill_report(struct sweep *s, double seconds)
{
	const struct sweep_args *args = s->args;
	struct report *r = &s->report;
	uint64_t incomplete = 0;

	for (int i = 0; i < WHY_COUNT; i++)
		incomplete += s->by_why[i];
	*r = (struct report){
		.pack = args->pack,
		.orders = args->orders,
		.n_orders = args->n_orders,
		.sources = s->sources,
		.n_sources = args->n_sources,
		.mentions = s->mention_files,
		.mute = s->mute,
		.mention_list = args->mentions ? s->mentions : NULL,
		.n_mention_list = args->mentions ? s->n_mentions : 0,
		.interrupted = atomic_load(args->stop),
		.changes = s->compared ? &s->changes : NULL,
		.coverage = {
			.complete = incomplete == 0 && !atomic_load(args->stop),
			.items = s->items,
			.bytes = s->bytes,
			.examined = s->examined,
			.incomplete = s->incomplete,
			.n_incomplete = s->n_incomplete,
			.skipped = s->skipped,
			.n_skipped = s->n_skipped,
			.seconds = seconds,
			.deep = args->deep,
		},
	};
	memcpy(r->coverage.by_why, s->by_why, sizeof(s->by_why));
	r->findings = findings_list(s->findings, &r->n_findings);
}

static void *write_memories(void *arg)
{
	remember_write(arg);
	return NULL;
}

/* Two files, two processors: the memory is written beside the inventory. */
static void keep(struct sweep *s)
{
	pthread_t thread;
	const bool beside = s->args->store && s->remembers &&
	                    pthread_create(&thread, NULL, write_memories, s) == 0;

	if (s->args->store)
		s->not_kept = keep_sources(s, &s->keep_error) < 0;
	if (beside)
		(void)pthread_join(thread, NULL);
	else
		remember_write(s);
}

static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int sweep_run(const struct sweep_args *args, struct err *e, struct sweep **ret)
{
	struct sweep *s = calloc(1, sizeof(*s));
	const double began = now();

	if (!s)
		return err_sys(e, -ENOMEM, "starting the sweep");
	s->own_args = *args;
	s->args = &s->own_args;
	arena_init(&s->mem, LISTS_BYTES_MAX);
	arena_init(&s->owned_mem, OWNED_BYTES_MAX);
	pthread_mutex_init(&s->lock, NULL);
	int r = check_sources(args, e);
	if (r == 0)
		r = start(s, e);
	for (uint32_t i = 0; r == 0 && i < args->n_sources; i++)
		if (!atomic_load(args->stop))
			r = sweep_source(s, i, e);
	if (r == 0)
		r = settle(s, e);
	jail_free(s->jail);
	s->jail = NULL;
	if (r < 0) {
		sweep_free(s);
		return r;
	}
	/* What was broken off says nothing of what it did not come to. */
	if (!atomic_load(args->stop))
		keep(s);
	fill_report(s, now() - began);
	*ret = s;
	return 0;
}

const struct report *sweep_report(const struct sweep *s)
{
	return &s->report;
}

const char *sweep_not_kept(const struct sweep *s)
{
	return s->not_kept ? s->keep_error.text : NULL;
}

void sweep_free(struct sweep *s)
{
	if (!s)
		return;
	for (size_t i = 0; s->source_fds && i < s->args->n_sources; i++)
		if (s->source_fds[i] >= 0)
			(void)close(s->source_fds[i]);
	jail_free(s->jail);
	remember_finish(s);
	owners_free(s->owners);
	findings_free(s->findings);
	free(s->sources);
	free(s->source_fds);
	free(s->incomplete);
	free(s->mentions);
	free(s->skipped);
	free(s->parts);
	free(s->folders);
	free(s->owned);
	free(s->markers);
	changes_free(s->gathering);
	arena_finish(&s->mem);
	arena_finish(&s->owned_mem);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
