/* SPDX-License-Identifier: Apache-2.0 */
#include "source/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "source/mounts.h"

enum {
	ENTRIES_BYTES = 64 * 1024,
	OPEN_FOLDERS_MAX = 512,     /* kept open for their children */
	ADAPT_FILES = 16,           /* opened between two judgements */
	EMFILE_TRIES = 200,
	EMFILE_WAIT_MS = 10,
	/* Folders met and not read yet: a folder may hold millions of them, each
	 * with a path of 4 KiB. */
	WAITING_BYTES_MAX = 512 * 1024 * 1024,
};

/* A folder to read: named by its parent's descriptor and its last component,
 * or, when that descriptor had to be closed, by its path from the top. */
struct folder {
	struct folder *parent;
	struct folder *next; /* among those met in the same folder */
	atomic_uint refs;
	int fd;          /* of this folder while children wait for it; else -1 */
	bool crosses;    /* a mount point that may be entered */
	bool lasting;    /* its file system keeps true times of change */
	unsigned depth;
	size_t name_at, path_n;
	char path[];     /* inside the source, NUL-terminated; "" = the top */
};

struct walker {
	const struct walk_args *args;
	struct mounts mounts;
	char *top;               /* canonical path of the source */
	int top_fd;
	pthread_mutex_t lock;
	pthread_cond_t changed;  /* for threads that may work */
	pthread_cond_t parked;   /* for those not let in yet */
	struct folder **stack;   /* folders to read, deepest last */
	size_t n_stack, stack_size;
	unsigned busy;           /* threads that are reading a folder */
	unsigned threads, awake; /* of all threads, how many may work */
	bool out_of_memory;
	atomic_uint open_folders;
	atomic_size_t waiting_bytes; /* of all folders that are kept */
	atomic_bool slow;        /* the disk is cold: read ahead */
};

struct thread {
	struct walker *walker;
	unsigned number;
	pthread_t id;
	struct batch *batch;
	struct folder *met;      /* folders met in the one being read */
	size_t n_met;
	bool no_noatime;         /* O_NOATIME was refused: not our files */
	struct str names;        /* of the folder being read */
	unsigned opened;         /* files since the last judgement */
	long blocks_read;        /* by this thread, when it was made */
	char entries[ENTRIES_BYTES];
};

enum why walk_why(int error)
{
	switch (-error) {
	case EACCES:
	case EPERM:
		return WHY_UNREADABLE;
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENXIO:
		return WHY_VANISHED;
	case ENAMETOOLONG:
		return WHY_TOO_DEEP;
	case EXDEV:
		return WHY_OTHER_FS;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return WHY_OUT_OF_MEMORY;
	}
	return WHY_IO_ERROR;
}

/* ---- folders ---------------------------------------------------------- */

static struct folder *folder_new(struct walker *w, struct folder *parent,
                                 struct slice name)
{
	size_t before = parent ? parent->path_n + 1 : 0;
	struct folder *f = malloc(sizeof(*f) + before + name.n + 1);

	if (!f)
		return NULL;
	*f = (struct folder){.parent = parent,
	                     .refs = 1,
	                     .fd = -1,
	                     .name_at = before,
	                     .path_n = before + name.n,
	                     .depth = parent ? parent->depth + 1 : 0,
	                     .lasting = parent && parent->lasting};
	if (parent) {
		memcpy(f->path, parent->path, parent->path_n);
		f->path[parent->path_n] = '/';
		atomic_fetch_add(&parent->refs, 1);
	}
	if (name.n)
		memcpy(f->path + before, name.p, name.n);
	f->path[f->path_n] = 0;
	atomic_fetch_add(&w->waiting_bytes, sizeof(*f) + f->path_n + 1);
	return f;
}

static struct slice path_of(const struct folder *f)
{
	return f->path_n ? slice_of(f->path, f->path_n) : SLICE("/");
}

static size_t bytes_of(const struct folder *f)
{
	return sizeof(*f) + f->path_n + 1;
}

static void folder_release(struct walker *w, struct folder *f)
{
	while (f && atomic_fetch_sub(&f->refs, 1) == 1) {
		struct folder *parent = f->parent;
		if (f->fd >= 0) {
			(void)close(f->fd);
			atomic_fetch_sub(&w->open_folders, 1);
		}
		atomic_fetch_sub(&w->waiting_bytes, bytes_of(f));
		free(f);
		f = parent;
	}
}

static int open_folder_at(int dir_fd, const char *name, bool crosses)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC |
	                 O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
	                   RESOLVE_NO_MAGICLINKS,
	};

	if (!crosses)
		how.resolve |= RESOLVE_NO_XDEV;
	int fd = (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
	/* Before Linux 5.6, or under an older container's seccomp filter. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(dir_fd, name, (int)how.flags);
	return fd < 0 ? -errno : fd;
}

/* Component by component from the top: no length of path is too long. */
static int open_from_top(struct walker *w, const struct folder *f)
{
	struct slice rest = slice_of(f->path, f->path_n), name;
	int fd = dup(w->top_fd);

	rest = slice_from(rest, 1);
	while (fd >= 0 && slice_split(&rest, '/', &name)) {
		char text[NAME_MAX + 1];
		if (name.n > NAME_MAX) {
			(void)close(fd);
			return -ENAMETOOLONG;
		}
		memcpy(text, name.p, name.n);
		text[name.n] = 0;
		/* Mounts on the way were judged when their folder was met. */
		int next = open_folder_at(fd, text, true);
		(void)close(fd);
		if (next < 0)
			return next;
		fd = next;
	}
	return fd < 0 ? -errno : fd;
}

static int open_folder(struct walker *w, const struct folder *f)
{
	if (!f->parent)
		return dup(w->top_fd);
	if (f->parent->fd >= 0)
		return open_folder_at(f->parent->fd, f->path + f->name_at,
		                      f->crosses);
	return open_from_top(w, f);
}

static bool room_for(struct walker *w, size_t more)
{
	size_t size = w->stack_size ? w->stack_size : 256;

	while (size < w->n_stack + more)
		size *= 2;
	if (size == w->stack_size)
		return true;
	struct folder **stack = reallocarray(w->stack, size, sizeof(*stack));
	if (!stack)
		return false;
	w->stack = stack;
	w->stack_size = size;
	return true;
}

/* Puts a list of n folders on the stack. */
static void push(struct walker *w, struct folder *list, size_t n)
{
	pthread_mutex_lock(&w->lock);
	if (!room_for(w, n))
		w->out_of_memory = true;
	while (list) {
		struct folder *f = list;
		list = f->next;
		if (w->out_of_memory)
			folder_release(w, f);
		else
			w->stack[w->n_stack++] = f;
	}
	/* All of them: one alone might be a thread that has been sent to sleep
	 * since it began to wait, and the signal would be lost with it. */
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

/* The next folder to read, or NULL when the walk is over. */
static struct folder *pop(struct thread *t)
{
	struct walker *w = t->walker;
	struct folder *f = NULL;

	pthread_mutex_lock(&w->lock);
	w->busy--;
	for (;;) {
		bool stop = w->out_of_memory || atomic_load(w->args->stop);
		if (w->n_stack > 0 && !stop && t->number < w->awake) {
			f = w->stack[--w->n_stack];
			w->busy++;
			break;
		}
		if (stop || (w->n_stack == 0 && w->busy == 0)) {
			pthread_cond_broadcast(&w->changed);
			pthread_cond_broadcast(&w->parked);
			break;
		}
		pthread_cond_wait(t->number < w->awake ? &w->changed : &w->parked,
		                  &w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return f;
}

/* ---- files ------------------------------------------------------------ */

static int open_reading(int dir_fd, const char *name, bool *no_noatime)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	int fd = -1;

	if (!*no_noatime)
		fd = openat(dir_fd, name, flags | O_NOATIME);
	if (fd < 0 && (*no_noatime || errno == EPERM)) {
		fd = openat(dir_fd, name, flags);
		*no_noatime = fd >= 0;
	}
	return fd < 0 ? -errno : fd;
}

static int open_item(int dir_fd, const char *name, bool *no_noatime,
                     struct batch_item *item, struct stat *ret)
{
	int fd = open_reading(dir_fd, name, no_noatime);

	if (fd < 0)
		return fd;
	int r = fstat(fd, ret) < 0 ? -errno : S_ISREG(ret->st_mode) ? 0 : -ENXIO;
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	item->fd = fd;
	item->size = (uint64_t)ret->st_size;
	item->mode = ret->st_mode;
	return 0;
}

int walk_open_file(int dir_fd, const char *name, struct batch_item *item)
{
	bool no_noatime = false;
	struct stat st;

	return open_item(dir_fd, name, &no_noatime, item, &st);
}

static void flush(struct thread *t)
{
	if (t->batch)
		(void)jail_submit(t->walker->args->jail, t->batch);
	t->batch = NULL;
}

static void unread(struct thread *t, struct slice path, enum why why)
{
	const struct walk_events *on = &t->walker->args->events;
	on->unread(on->ctx, t->walker->args->source, path, why);
}

/* Descriptors are many at once: hand over what we hold and wait a little. */
static int open_patiently(struct thread *t, int dir_fd, const char *name,
                          struct batch_item *item, struct stat *ret)
{
	const struct timespec wait = {.tv_nsec = EMFILE_WAIT_MS * 1000000L};
	int r = -EMFILE;

	for (int i = 0; i < EMFILE_TRIES && (r == -EMFILE || r == -ENFILE); i++) {
		flush(t);
		(void)nanosleep(&wait, NULL);
		r = open_item(dir_fd, name, &t->no_noatime, item, ret);
	}
	return r;
}

static void add_item(struct thread *t, const struct batch_item *item,
                     struct slice path)
{
	if (t->batch && !batch_has_room(t->batch, path.n))
		flush(t);
	if (!t->batch)
		t->batch = batch_new();
	if (t->batch) {
		batch_add(t->batch, item, path);
		return;
	}
	if (item->fd >= 0)
		(void)close(item->fd);
	unread(t, path, WHY_OUT_OF_MEMORY);
}

static uint64_t tag_of(struct thread *t, const struct folder *f,
                       struct slice path, const struct stat *st)
{
	const struct walk_args *args = t->walker->args;
	const struct walk_events *on = &args->events;

	return on->tag && f->lasting ? on->tag(on->ctx, args->source, path, st) : 0;
}

/* Is the item known? Then it is done with, or sent as what is known of it. */
static bool recalled(struct thread *t, struct slice path, struct batch_item *item)
{
	const struct walk_events *on = &t->walker->args->events;
	enum walk_recall r = on->recall && item->tag
	                             ? on->recall(on->ctx, path, item)
	                             : WALK_OPEN;

	if (r == WALK_SUBMIT)
		add_item(t, item, path);
	return r != WALK_OPEN;
}

/* The same for a regular file, of which nothing is known but its name. */
static bool recalled_file(struct thread *t, const struct folder *f, int dir_fd,
                          const char *name, struct slice path,
                          struct batch_item *item)
{
	struct stat st;

	if (!t->walker->args->events.recall || !f->lasting ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	item->mode = st.st_mode;
	item->size = (uint64_t)st.st_size;
	item->tag = tag_of(t, f, path, &st);
	return recalled(t, path, item);
}

static void take_file(struct thread *t, const struct folder *f, int dir_fd,
                      const char *name, struct slice path,
                      struct batch_item *item)
{
	struct stat st;
	int r = open_item(dir_fd, name, &t->no_noatime, item, &st);

	if (r == -EMFILE || r == -ENFILE)
		r = open_patiently(t, dir_fd, name, item, &st);
	t->opened++;
	if (r < 0) {
		unread(t, path, walk_why(r));
		return;
	}
	item->tag = tag_of(t, f, path, &st);
	if (atomic_load_explicit(&t->walker->slow, memory_order_relaxed))
		(void)posix_fadvise(item->fd, 0, 4096, POSIX_FADV_WILLNEED);
	add_item(t, item, path);
}

/* ---- one folder ------------------------------------------------------- */

/* The path of the mount table for a path inside the source. */
static bool table_path(const struct walker *w, const char *inside, char *buf,
                       size_t size)
{
	const char *top = strcmp(w->top, "/") == 0 ? "" : w->top;
	int n = snprintf(buf, size, "%s%s", top, inside);
	return n > 0 && (size_t)n < size;
}

static bool may_enter(struct thread *t, struct folder *f);

static void meet(struct thread *t, struct folder *f)
{
	f->next = t->met;
	t->met = f;
	t->n_met++;
}

/* A mount inside of what is not entered: the walk goes there all the same.
 * `path` is that of the mount inside the source. */
static void take_inner_mount(struct thread *t, struct folder *f,
                             const struct mount *m, struct slice path)
{
	struct stat st;
	struct folder *inner = folder_new(t->walker, f, slice_from(path, f->path_n + 1));

	if (!inner) {
		unread(t, path, WHY_OUT_OF_MEMORY);
		return;
	}
	if (!may_enter(t, inner)) {
		folder_release(t->walker, inner);
		return;
	}
	/* Containers mount /dev/null over files of /proc. */
	if (m->kind == MOUNT_LOCAL &&
	    fstatat(t->walker->top_fd, inner->path + 1, &st,
	            AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 &&
	    !S_ISDIR(st.st_mode)) {
		if (S_ISREG(st.st_mode))
			unread(t, path, WHY_UNSUPPORTED);
		folder_release(t->walker, inner);
		return;
	}
	meet(t, inner);
}

/* autofs has servers mounted in it, cgroups lie in a tmpfs in /sys. */
static void take_inner_mounts(struct thread *t, struct folder *f,
                              struct slice table)
{
	const struct mount *m;
	size_t at = 0;

	while ((m = mounts_inside(&t->walker->mounts, table, &at))) {
		struct slice point = slice_str(m->point);
		take_inner_mount(t, f, m,
		                 slice_from(point, table.n - f->path_n));
	}
}

/* May the walk go into this folder? Says why not. */
static bool may_enter(struct thread *t, struct folder *f)
{
	const struct walker *w = t->walker;
	const struct walk_args *args = w->args;
	const struct walk_events *on = &args->events;
	const struct slice path = slice_of(f->path, f->path_n);
	char buf[PATH_MAX + 1];

	if (w->mounts.n == 0 || !table_path(w, f->path, buf, sizeof(buf)))
		return true;
	const struct mount *m = mounts_at(&w->mounts, slice_str(buf));
	if (!m)
		return true;
	if (m->kind == MOUNT_PSEUDO) {
		on->skipped(on->ctx, args->source, path,
		            "made by the kernel, holds no files at rest");
		take_inner_mounts(t, f, slice_str(buf));
		return false;
	}
	if (args->one_file_system ||
	    (m->kind == MOUNT_NETWORK && !args->all_file_systems)) {
		on->unread(on->ctx, args->source, path,
		           args->one_file_system ? WHY_OTHER_FS : WHY_NETWORK);
		return false;
	}
	if (mounts_twin(&w->mounts, m, slice_str(w->top))) {
		on->skipped(on->ctx, args->source, path,
		            "the same folder is swept where it is mounted first");
		return false;
	}
	f->crosses = true;
	f->lasting = mounts_keep_times(m);
	return true;
}

/*
 * Where a removal keeps what it took, until it is undone or thrown away: a
 * folder that by name, owner and mode is one, and that nobody else may enter.
 * What lies there has been found before, and is told of by "debar verify".
 */
static bool is_quarantine(int dir_fd, const char *name, struct slice path)
{
	struct stat st;

	return (strcmp(name, QUARANTINE_FOLDER) == 0 ||
	        slice_ends(path, SLICE("/debar/" REMOVALS_FOLDER))) &&
	       fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 &&
	       S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0700 &&
	       (st.st_uid == 0 || st.st_uid == geteuid());
}

static void take_folder(struct thread *t, struct folder *parent,
                        struct slice name, struct slice path)
{
	if (parent->depth >= WALK_DEPTH_MAX) {
		unread(t, path, WHY_TOO_DEEP);
		return;
	}
	if (atomic_load(&t->walker->waiting_bytes) > WAITING_BYTES_MAX) {
		unread(t, path, WHY_TOO_MANY);
		return;
	}
	struct folder *f = folder_new(t->walker, parent, name);
	if (!f) {
		unread(t, path, WHY_OUT_OF_MEMORY);
		return;
	}
	if (!may_enter(t, f)) {
		folder_release(t->walker, f);
		return;
	}
	meet(t, f);
}

static uint32_t mode_of(int dir_fd, const char *name, uint8_t type)
{
	struct stat st;

	if (type != DT_UNKNOWN)
		return DTTOIF(type);
	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0
	               ? st.st_mode & S_IFMT
	               : S_IFREG; /* opening it will say what is wrong */
}

static void note_name(struct thread *t, struct slice name, uint32_t mode)
{
	if (!t->walker->args->events.names)
		return;
	str_add(&t->names, name);
	if (S_ISDIR(mode))
		str_putc(&t->names, '/');
	str_putc(&t->names, 0);
}

static void tell_names(struct thread *t, struct slice folder)
{
	const struct walk_args *args = t->walker->args;

	if (str_failed(&t->names))
		unread(t, folder, WHY_OUT_OF_MEMORY);
	else if (t->names.n)
		args->events.names(args->events.ctx, args->source, folder,
		                   str_slice(&t->names));
	str_clear(&t->names);
}

static void take_entry(struct thread *t, struct folder *f, int fd,
                       const char *name, uint8_t type)
{
	char path[ITEM_PATH_MAX + 1];
	const size_t name_n = strlen(name), n = f->path_n + 1 + name_n;

	if (n > ITEM_PATH_MAX) {
		unread(t, slice_of(f->path, f->path_n), WHY_TOO_DEEP);
		return;
	}
	memcpy(path, f->path, f->path_n);
	path[f->path_n] = '/';
	memcpy(path + f->path_n + 1, name, name_n);
	struct slice whole = slice_of(path, n);
	struct batch_item item = {
		.fd = -1,
		.source = t->walker->args->source,
		.mode = mode_of(fd, name, type),
		.flags = t->walker->args->item_flags,
	};
	note_name(t, slice_of(name, name_n), item.mode);
	if (S_ISREG(item.mode)) {
		if (!recalled_file(t, f, fd, name, whole, &item))
			take_file(t, f, fd, name, whole, &item);
		return;
	}
	if (S_ISDIR(item.mode) && is_quarantine(fd, name, whole)) {
		const struct walk_events *on = &t->walker->args->events;
		on->skipped(on->ctx, item.source, whole,
		            "what debar removed is kept there until it is discarded");
		return;
	}
	item.flags |= ITEM_NO_BYTES;
	item.tag = tag_of(t, f, whole, &(struct stat){.st_mode = item.mode});
	if (!recalled(t, whole, &item))
		add_item(t, &item, whole);
	if (S_ISDIR(item.mode))
		take_folder(t, f, slice_of(name, name_n), whole);
}

/* linux_dirent64, getdents64(2) */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int read_entries(struct thread *t, struct folder *f, int fd)
{
	for (;;) {
		long n = syscall(SYS_getdents64, fd, t->entries, ENTRIES_BYTES);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(t->entries + at);
			at += e->length;
			if (strcmp(e->name, ".") != 0 && strcmp(e->name, "..") != 0)
				take_entry(t, f, fd, e->name, e->type);
		}
		if (atomic_load(t->walker->args->stop))
			return 0;
	}
}

/*
 * A cold disk wants many requests at once, a warm cache as many threads as
 * processors. Which it is, the kernel knows: it counts the blocks that this
 * thread had to have read.
 */
static void adapt(struct thread *t)
{
	struct walker *w = t->walker;
	struct rusage use;

	if (t->opened < ADAPT_FILES || getrusage(RUSAGE_THREAD, &use) < 0)
		return;
	const bool cold = use.ru_inblock > t->blocks_read;
	t->blocks_read = use.ru_inblock;
	t->opened = 0;
	atomic_store_explicit(&w->slow, cold, memory_order_relaxed);
	pthread_mutex_lock(&w->lock);
	if (cold && w->awake < w->threads) {
		w->awake++;
		pthread_cond_broadcast(&w->parked);
	} else if (!cold && w->awake > w->args->jobs) {
		w->awake--;
	}
	pthread_mutex_unlock(&w->lock);
}

static void read_folder(struct thread *t, struct folder *f)
{
	struct walker *w = t->walker;
	const struct walk_events *on = &w->args->events;
	const struct slice path = path_of(f);
	int fd = open_folder(w, f);

	if (fd < 0) {
		unread(t, path, walk_why(fd));
		return;
	}
	on->at(on->ctx, path);
	/* Children open themselves from this descriptor while it is kept; it
	 * must be in place, or be known not to come, before the first is met. */
	bool keep = atomic_fetch_add(&w->open_folders, 1) < OPEN_FOLDERS_MAX;
	if (keep)
		f->fd = fd;
	else
		atomic_fetch_sub(&w->open_folders, 1);
	int r = read_entries(t, f, fd);
	if (r < 0)
		unread(t, path, walk_why(r));
	tell_names(t, path);
	if (t->n_met > 0)
		push(w, t->met, t->n_met);
	t->met = NULL;
	t->n_met = 0;
	if (!keep)
		(void)close(fd);
	adapt(t);
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct folder *f;

	while ((f = pop(t))) {
		read_folder(t, f);
		folder_release(t->walker, f);
	}
	flush(t);
	return NULL;
}

/* ---- the walk --------------------------------------------------------- */

/* Each thread holds a batch of descriptors; the windows hold some too. */
static unsigned threads_that_fit(unsigned jobs)
{
	struct rlimit files = {0};
	const unsigned fixed = OPEN_FOLDERS_MAX + 128 +
	                       jobs * JAIL_WINDOW * BATCH_ITEMS_MAX;
	unsigned n = WALK_THREADS_MAX;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 1000000) {
		unsigned have = (unsigned)files.rlim_cur;
		n = have > fixed ? (have - fixed) / BATCH_ITEMS_MAX : 1;
	}
	if (n > WALK_THREADS_MAX)
		n = WALK_THREADS_MAX;
	return n < jobs ? jobs : n;
}

static int run_threads(struct walker *w, struct err *e)
{
	struct thread *threads = calloc(w->threads, sizeof(*threads));
	unsigned n = 0;
	int r = 0;

	if (!threads)
		return err_sys(e, -ENOMEM, "starting the walk");
	w->busy = w->threads; /* pop() counts each out again */
	for (; n < w->threads && r == 0; n++) {
		threads[n].walker = w;
		threads[n].number = n;
		r = -pthread_create(&threads[n].id, NULL, thread_main, &threads[n]);
		if (r < 0)
			break;
	}
	if (n < w->threads) {
		/* Fewer threads than wished do as well. */
		pthread_mutex_lock(&w->lock);
		w->busy -= w->threads - n;
		w->threads = n;
		pthread_cond_broadcast(&w->changed);
		pthread_cond_broadcast(&w->parked);
		pthread_mutex_unlock(&w->lock);
	}
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(threads[i].id, NULL);
	for (unsigned i = 0; i < n; i++)
		str_finish(&threads[i].names);
	free(threads);
	return n > 0 ? 0 : err_sys(e, r, "starting a thread");
}

static void leave_unread_what_is_left(struct walker *w)
{
	const struct walk_events *on = &w->args->events;

	while (w->n_stack > 0) {
		struct folder *f = w->stack[--w->n_stack];
		on->unread(on->ctx, w->args->source, path_of(f),
		           w->out_of_memory ? WHY_OUT_OF_MEMORY
		                            : WHY_INTERRUPTED);
		folder_release(w, f);
	}
}

static int open_top(struct walker *w, struct err *e)
{
	w->top = realpath(w->args->path, NULL);
	if (w->top)
		w->top_fd = open(w->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w->top_fd < 0 ? err_sys(e, -errno, "%s", w->args->path) : 0;
}

/* A source that may not be read is not an error of the run: it was not
 * examined. Returns 1 then, as nothing is left to do. */
static int judge_top(struct walker *w, int r)
{
	const struct walk_events *on = &w->args->events;

	if (r != -EACCES && r != -EPERM)
		return r;
	on->unread(on->ctx, w->args->source, SLICE("/"), WHY_UNREADABLE);
	return 1;
}

/* Files of the kernel's file systems say nothing by their size, and reading
 * some of them changes something: asked for by name, they are refused. */
static int judge_top_mount(struct walker *w)
{
	const struct walk_events *on = &w->args->events;
	const struct mount *m = mounts_holding(&w->mounts, slice_str(w->top));

	if (!m || m->kind != MOUNT_PSEUDO)
		return 0;
	on->skipped(on->ctx, w->args->source, SLICE("/"),
	            "made by the kernel, holds no files at rest");
	on->unread(on->ctx, w->args->source, SLICE("/"), WHY_UNSUPPORTED);
	return 1;
}

int walk(const struct walk_args *args, struct err *e)
{
	struct walker w = {.args = args, .top_fd = -1};

	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.changed, NULL);
	pthread_cond_init(&w.parked, NULL);
	w.threads = threads_that_fit(args->jobs);
	w.awake = args->jobs;
	int r = judge_top(&w, open_top(&w, e));
	if (r == 0)
		r = mounts_read(&w.mounts, e);
	if (r == 0)
		r = judge_top_mount(&w);
	if (r == 0) {
		struct folder *top = folder_new(&w, NULL, (struct slice){0});
		const struct mount *m =
			mounts_holding(&w.mounts, slice_str(w.top));
		if (top) {
			top->lasting = m && mounts_keep_times(m);
			push(&w, top, 1);
		} else {
			r = err_sys(e, -ENOMEM, "starting the walk");
		}
	}
	if (r == 0)
		r = run_threads(&w, e);
	leave_unread_what_is_left(&w);
	if (w.top_fd >= 0)
		(void)close(w.top_fd);
	free(w.top);
	free(w.stack);
	mounts_finish(&w.mounts);
	pthread_mutex_destroy(&w.lock);
	pthread_cond_destroy(&w.changed);
	pthread_cond_destroy(&w.parked);
	return r < 0 ? r : 0;
}
