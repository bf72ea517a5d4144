/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands at a place: a file, or a folder with all it holds, each looked at
 * exactly. Nothing is opened but beneath a descriptor, no link is followed, and
 * what is mounted inside is named and not entered.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "survey/shared.h"
#include "survey/state.h"

enum { LOOK_TRIES = 3, OPEN_TRIES = 64 };

/* One place while it is walked. */
struct walk {
	struct survey *s;
	struct fact *fact;
	struct object *list; /* in the heap until it is whole */
	size_t n, size;
	bool failed;         /* fact->why says it; the walk ends */
};

/* Ends the walk of this place with a reason. */
static int give_up(struct walk *w, struct slice path, const char *why)
{
	struct str shown = {0};

	w->failed = true;
	str_add(&shown, slice_first(path, 300));
	int rc = str_failed(&shown) ? -ENOMEM
	                            : survey_why(w->s, w->fact, "%s: %s", shown.p, why);
	str_finish(&shown);
	return rc;
}

static int give_up_errno(struct walk *w, struct slice path, int rc)
{
	if (rc == -ENOMEM)
		return rc;
	if (rc == -ELOOP || rc == -ENOTDIR || rc == -EAGAIN || rc == -ENOENT)
		return give_up(w, path, "changed while it was looked at");
	if (rc == -EMFILE || rc == -ENFILE)
		return give_up(w, path, "too many folders are in one another");
	return give_up(w, path, strerrordesc_np(-rc));
}

static int add(struct walk *w, const struct object *o)
{
	struct survey *s = w->s;

	if (s->n_objects >= PLAN_OBJECTS_MAX)
		return give_up(w, o->path, "there are more than 2,000,000 files and "
		               "folders in all places");
	if (w->n == w->size) {
		size_t size = w->size ? w->size * 2 : 64;
		struct object *list = reallocarray(w->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		w->list = list;
		w->size = size;
	}
	w->list[w->n++] = *o;
	s->n_objects++;
	survey_tell(s, o->path);
	return 0;
}

/* -- mounts -------------------------------------------------------------- */

/* Is a file system mounted at this very name? (Also a file may be bound.) */
static bool is_mount(int dir, const char *name)
{
	struct statx st;

	return statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
	       (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Notes a mount; what lies in it is not of this place. */
static int note_mount(struct walk *w, struct slice path)
{
	struct fact_place *p = &w->fact->place;

	if (!p->mount.n)
		p->mount = path;
	return 0;
}

/* -- folders ------------------------------------------------------------- */

int survey_names(struct survey *s, int fd, struct texts *names)
{
	const struct dirent *entry;
	int rc = 0, copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		rc = -errno;
		if (copy >= 0)
			(void)close(copy);
		return rc;
	}
	while (errno = 0, rc == 0 && (entry = readdir(dir))) {
		struct slice name = slice_str(entry->d_name);
		if (slice_eq(name, SLICE(".")) || slice_eq(name, SLICE("..")))
			continue;
		if (names->n >= PLAN_OBJECTS_MAX)
			rc = -EFBIG;
		else if (!(name = arena_copy(s->mem, name)).p)
			rc = -ENOMEM;
		else
			rc = texts_add(names, name);
	}
	if (rc == 0 && errno)
		rc = -errno;
	(void)closedir(dir);
	texts_settle(names);
	return rc;
}

/* The folder of that name, if it is still the one that was looked at. */
static int open_same(int dir, const char *name, const struct object *seen)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		           RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	struct stat st;
	long fd = -1;

	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	if (fd < 0)
		return -errno;
	if (fstat((int)fd, &st) == 0 && st.st_dev == seen->device &&
	    st.st_ino == seen->inode)
		return (int)fd;
	(void)close((int)fd);
	return -EAGAIN;
}

static int visit(struct walk *w, int dir, const char *name, struct slice path,
                 unsigned depth);

static int visit_names(struct walk *w, int fd, struct slice path,
                       const struct texts *names, unsigned depth)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && !w->failed && i < names->n; i++) {
		const char *name = (const char *)names->list[i].p;
		if (path.n + 1 + names->list[i].n > PLAN_PATH_MAX)
			return give_up(w, path, "a path in it is longer than 4096 bytes");
		char *child = arena_printf(w->s->mem, "%.*s/%s", SLICE_ARG(path), name);
		rc = child ? visit(w, fd, name, slice_str(child), depth + 1) : -ENOMEM;
	}
	return rc;
}

/* While names are exchanged, reading a folder may leave one out. So it is read
 * again when all has been seen. */
static int check_names(struct walk *w, int fd, struct slice path,
                       const struct texts *before)
{
	struct texts now = {0};
	int rc = survey_names(w->s, fd, &now);
	bool same = rc == 0 && now.n == before->n;

	for (size_t i = 0; same && i < now.n; i++)
		same = slice_eq(now.list[i], before->list[i]);
	texts_finish(&now);
	if (rc < 0)
		return give_up_errno(w, path, rc);
	return same ? 0 : give_up_errno(w, path, -EAGAIN);
}

static int visit_folder(struct walk *w, int dir, const char *name,
                        const struct object *folder, unsigned depth)
{
	struct texts names = {0};

	if (depth > PLACE_DEPTH_MAX)
		return give_up(w, folder->path, "more than 400 folders are in one another");
	int fd = open_same(dir, name, folder);
	if (fd == -EXDEV) /* is_mount() saw none: an old kernel, or a moment ago */
		return give_up(w, folder->path, "a file system is mounted there, or it "
		               "changed while it was looked at");
	if (fd < 0)
		return give_up_errno(w, folder->path, fd);
	int rc = survey_names(w->s, fd, &names);
	if (rc < 0)
		rc = give_up_errno(w, folder->path, rc);
	else
		rc = visit_names(w, fd, folder->path, &names, depth);
	if (rc == 0 && !w->failed)
		rc = check_names(w, fd, folder->path, &names);
	texts_finish(&names);
	(void)close(fd);
	return rc;
}

static int look(int dir, const char *name, struct object *ret)
{
	int rc = -EAGAIN;

	for (int i = 0; rc == -EAGAIN && i < LOOK_TRIES; i++)
		rc = object_look(dir, name, ret);
	return rc;
}

/* Looks at one name, and first at what lies in it. */
static int visit(struct walk *w, int dir, const char *name, struct slice path,
                 unsigned depth)
{
	struct object o = {0};

	if (survey_stopped(w->s))
		return -EINTR;
	if (is_mount(dir, name))
		return note_mount(w, path);
	int rc = look(dir, name, &o);
	o.path = path;
	if (rc < 0)
		return give_up_errno(w, path, rc);
	if (o.type == OBJECT_FOLDER)
		rc = visit_folder(w, dir, name, &o, depth);
	return rc < 0 || w->failed ? rc : add(w, &o);
}

/* -- what is known once all of it has been seen -------------------------- */

static int by_file(const void *va, const void *vb)
{
	const struct object *a = *(const struct object *const *)va;
	const struct object *b = *(const struct object *const *)vb;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return (a->inode > b->inode) - (a->inode < b->inode);
}

static bool same_file(const struct object *a, const struct object *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/* Names of the place's files that are not in the place. */
static int count_links(struct walk *w)
{
	const struct object **list = reallocarray(NULL, w->n + 1, sizeof(*list));
	size_t n = 0, end;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++)
		if (w->list[i].links > 1)
			list[n++] = &w->list[i];
	if (n)
		qsort(list, n, sizeof(*list), by_file);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && same_file(list[i], list[end]);)
			end++;
		if (list[i]->links > end - i)
			w->fact->place.more_links += list[i]->links - (end - i);
	}
	free(list);
	return 0;
}

static int add_running(struct walk *w, const struct object *o, struct texts *running)
{
	size_t n;
	const struct mapping *m = processes_of(w->s, o->device, o->inode, &n);

	for (size_t i = 0; i < n; i++) {
		struct slice words =
			process_words(w->s, &w->s->processes.list[m[i].process]);
		if (!words.p || texts_add(running, words) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int find_running(struct walk *w)
{
	struct fact_place *p = &w->fact->place;
	struct texts running = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->n; i++)
		if (w->list[i].type == OBJECT_FILE)
			rc = add_running(w, &w->list[i], &running);
	texts_settle(&running);
	if (running.n > RUNNING_MAX)
		running.n = RUNNING_MAX;
	if (rc == 0)
		return texts_give(&running, w->s->mem, &p->running, &p->n_running);
	texts_finish(&running);
	return rc;
}

static int keep_objects(struct walk *w)
{
	struct fact_place *p = &w->fact->place;

	p->objects = arena_zalloc(w->s->mem, w->n, sizeof(*p->objects));
	if (!p->objects)
		return -ENOMEM;
	if (w->n)
		memcpy(p->objects, w->list, w->n * sizeof(*p->objects));
	p->n_objects = w->n;
	return 0;
}

static int settle(struct walk *w, struct slice path)
{
	struct fact_place *p = &w->fact->place;

	p->exists = true;
	if (w->failed) /* half a place is none */
		return 0;
	if (w->n == 0) /* it is one itself */
		return give_up(w, path, "a file system is mounted there");
	const struct mount_point *mount = mounts_below(w->s, path);
	if (mount && !p->mount.n)
		p->mount = mount->path;
	int rc = keep_objects(w);
	if (rc == 0)
		rc = count_links(w);
	if (rc == 0)
		rc = find_running(w);
	if (rc == 0)
		rc = shared_look(w->s, path, w->fact);
	return rc;
}

/* -- places that are lists ----------------------------------------------- */

/* A path alone, without what may lie in it; what is not there is left out. */
static int visit_alone(struct walk *w, int dir, const char *name, struct slice path)
{
	struct object o = {0};

	if (is_mount(dir, name))
		return note_mount(w, path);
	int rc = look(dir, name, &o);
	o.path = path;
	if (rc == -ENOENT)
		return 0;
	return rc < 0 ? give_up_errno(w, path, rc) : add(w, &o);
}

static int visit_listed(struct walk *w, const struct listed *one)
{
	const struct slice folder = slice_dirname(one->path);
	const char *name = arena_str(w->s->mem, slice_basename(one->path));
	int dir, rc;

	if (!name)
		return -ENOMEM;
	if (survey_stopped(w->s))
		return -EINTR;
	dir = object_open_folder(w->s->root_fd, folder.n ? folder : SLICE("/"), 0);
	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return give_up_errno(w, one->path, dir);
	rc = one->whole ? visit(w, dir, name, one->path, 0)
	                : visit_alone(w, dir, name, one->path);
	(void)close(dir);
	return rc;
}

int place_listed(struct survey *s, const struct listed *list, size_t n, struct fact *fact)
{
	struct walk w = {.s = s, .fact = fact};
	int rc = 0;

	for (size_t i = 0; rc == 0 && !w.failed && i < n; i++)
		rc = visit_listed(&w, &list[i]);
	if (rc == 0 && (w.n || w.failed))
		rc = settle(&w, list[n - 1].path);
	free(w.list);
	return rc;
}

/* -- one place ----------------------------------------------------------- */

static int start(struct walk *w, int dir, struct slice path)
{
	const char *name = arena_str(w->s->mem, slice_basename(path));
	struct stat st;

	if (!name)
		return -ENOMEM;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : give_up_errno(w, path, -errno);
	int rc = visit(w, dir, name, path, 0);
	return rc < 0 ? rc : settle(w, path);
}

/* There is something when links are followed, which a removal would not do. */
static bool leads_somewhere(const struct survey *s, struct slice path)
{
	int fd = survey_pin(s, path);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

static int place(struct survey *s, struct slice path, struct fact *fact)
{
	struct walk w = {.s = s, .fact = fact};
	struct slice folder = slice_dirname(path);

	if (!plan_path_ok(path))
		return give_up(&w, path, "is no plain absolute path");
	path = arena_copy(s->mem, path);
	if (!path.p)
		return -ENOMEM;
	int dir = object_open_folder(s->root_fd, folder.n ? folder : SLICE("/"), 0);
	if (dir == -ENOENT || dir == -ENOTDIR || dir == -ELOOP)
		return leads_somewhere(s, path)
		           ? give_up(&w, path, "a link stands on the way to it")
		           : 0; /* does not exist */
	if (dir < 0)
		return give_up_errno(&w, path, dir);
	int rc = start(&w, dir, path);
	(void)close(dir);
	free(w.list);
	return rc;
}

int survey_places(struct survey *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		if (need->kind == NEED_PLACE)
			rc = place(s, need->text, &s->facts->list[i]);
	}
	return rc;
}
