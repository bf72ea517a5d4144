/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "remove/keep_change.h"

/* ---- what the program did ------------------------------------------------- */

static const struct keep_item *present(const struct keep_item *i)
{
	return i && i->kind != KEEP_GONE ? i : NULL;
}

/* Path of the first name of its inode, or its own. */
static struct slice first_name(const struct keep_list *l, const struct keep_item *i)
{
	return i->twin ? l->items[i->twin - 1].path : i->path;
}

static bool is_changed(const struct changes *c, const struct pair *p)
{
	const struct keep_item *b = p->before, *a = p->after;

	if ((b && b->kind == KEEP_MOUNT) || (a && a->kind == KEEP_MOUNT))
		return false;
	if (!b)
		return a->kind == KEEP_INSIDE;
	if (b->kind == KEEP_ABOVE)
		return !a;
	return !a || !copy_same(&b->m, &a->m) || (b->twin == 0) != (a->twin == 0) ||
	       !slice_eq(first_name(&c->before, b), first_name(&c->after, a));
}

static int merge(struct changes *c)
{
	size_t b = 0, a = 0;

	c->pairs = calloc(c->before.n + c->after.n + 1, sizeof(*c->pairs));
	if (!c->pairs)
		return -ENOMEM;
	while (b < c->before.n || a < c->after.n) {
		int order = b == c->before.n ? 1 : a == c->after.n ? -1 :
			slice_cmp(c->before.items[b].path, c->after.items[a].path);
		struct pair *p = &c->pairs[c->n];
		*p = (struct pair){.number = (uint32_t)b};
		if (order <= 0)
			p->before = present(&c->before.items[b++]);
		if (order >= 0)
			p->after = present(&c->after.items[a++]);
		c->n += p->before || p->after;
	}
	return 0;
}

static int chain_names(struct changes *c)
{
	size_t n = c->before.n;
	uint32_t *last = calloc(n + 1, sizeof(*last));

	c->next_name = calloc(n + 1, sizeof(*c->next_name));
	for (uint32_t i = 0; last && c->next_name && i < n; i++) {
		uint32_t twin = c->before.items[i].twin;
		if (twin == 0)
			continue;
		if (last[twin - 1])
			c->next_name[last[twin - 1] - 1] = i + 1;
		last[twin - 1] = i + 1;
	}
	free(last);
	return last && c->next_name ? 0 : -ENOMEM;
}

/* ---- what is there now ---------------------------------------------------- */

int changes_look(const struct changes *c, struct slice path, struct arena *mem,
                 struct copy_meta *ret)
{
	const char *name;
	int dir = keep_open_parent(c->args, path, O_RDONLY, &name);
	int err = dir < 0 ? dir : copy_look(c->args->fs, dir, name, COPY_NO_FILE, mem, ret);

	if (dir >= 0)
		(void)c->args->fs->close(c->args->fs, dir);
	return err == -ENOTDIR || (dir < 0 && err == -ELOOP) ? -ENOENT : err;
}

int changes_anchor(const struct changes *c, const struct keep_item *i,
                   const struct keep_item **ret, struct copy_meta *ret_meta)
{
	struct arena mem;
	int err = 0;

	*ret = NULL;
	arena_init(&mem, KEEP_MEMORY_MAX);
	for (uint32_t at = i->twin; at && !*ret && err == 0; at = c->next_name[at - 1]) {
		const struct keep_item *name = &c->before.items[at - 1];
		arena_reset(&mem);
		err = changes_look(c, name->path, &mem, ret_meta);
		if (err == 0 && copy_same(&name->m, ret_meta))
			*ret = name;
		if (err == -ENOENT)
			err = 0;
	}
	arena_finish(&mem);
	return err;
}

int changes_is_before(const struct changes *c, const struct pair *p,
                      const struct copy_meta *now)
{
	const struct keep_item *b = p->before, *anchor;
	struct copy_meta m;

	if (!b || !copy_same(&b->m, now))
		return 0;
	if (b->twin == 0)
		return now->links == 1 || S_ISDIR(now->mode) || !p->after ||
		       p->after->twin == 0;
	int err = changes_anchor(c, b, &anchor, &m);
	if (err < 0)
		return err;
	return !anchor || anchor == b || (m.device == now->device && m.inode == now->inode);
}

/* Is nobody's hand but the program's to be seen in a folder's time? */
static bool is_our_time(const struct pair *p, const struct copy_meta *now)
{
	const struct copy_meta *b = &p->before->m;

	if (!now || !p->after)
		return !now && !p->after;
	return copy_same_time(now->mtime, b->mtime) ||
	       copy_same_time(now->mtime, p->after->m.mtime);
}

static int judge(const struct changes *c, const struct pair *p, struct arena *mem,
                 uint8_t *ret)
{
	bool folder = p->before && S_ISDIR(p->before->m.mode);
	bool changed = is_changed(c, p), missing;
	struct copy_meta now;

	*ret = VERDICT_SAME;
	if (!changed && !folder)
		return 0;
	int err = changes_look(c, pair_path(p), mem, &now);
	missing = err == -ENOENT;
	if (err < 0 && !missing)
		return err;
	if (folder && is_our_time(p, missing ? NULL : &now))
		*ret = VERDICT_TIME;
	if (!changed)
		return 0;
	int before = missing ? !p->before : changes_is_before(c, p, &now);
	bool after = missing ? !p->after : p->after && copy_same(&p->after->m, &now);
	bool unlinked = !missing && p->before && copy_same(&p->before->m, &now);
	*ret |= before > 0 ? VERDICT_DONE : after || unlinked ? VERDICT_TODO :
		VERDICT_CONFLICT;
	return before < 0 ? before : 0;
}

static int judge_all(struct changes *c, struct err *e)
{
	struct arena mem;
	int err = 0;

	arena_init(&mem, KEEP_MEMORY_MAX);
	for (size_t i = 0; i < c->n && err == 0; i++) {
		arena_reset(&mem);
		err = judge(c, &c->pairs[i], &mem, &c->pairs[i].verdict);
		if (err < 0)
			err_sys(e, err, "looking at %.*s", SLICE_ARG(pair_path(&c->pairs[i])));
		if (err == 0 && c->args->stop && atomic_load(c->args->stop))
			err = err_set(e, -EINTR, "stopped");
	}
	arena_finish(&mem);
	return err;
}

/* 1: there is an unfinished restore; 0: none; or errno. */
static int resume(struct changes *c, struct err *e)
{
	uint8_t *bytes = NULL;
	size_t n = 0;
	int err = keep_file_read(c->args->fs, c->args->dir_fd, "restoring", &bytes, &n);

	if (err == -ENOENT)
		return 0;
	if (err == 0 && n != c->n)
		err = -EBADMSG;
	for (size_t i = 0; i < c->n && err == 0; i++)
		c->pairs[i].verdict = bytes[i];
	free(bytes);
	return err < 0 ? err_sys(e, err, "reading how far putting back came") : 1;
}

/* ---- together ------------------------------------------------------------- */

void changes_conflict(struct changes *c, const struct pair *p)
{
	if (c->state.conflicts++ == 0)
		(void)snprintf(c->state.first, sizeof(c->state.first), "%.*s",
		               SLICE_ARG(pair_path(p)));
}

static void count(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pair *p = &c->pairs[i];
		if (!is_changed(c, p))
			continue;
		c->state.appeared += !p->before;
		c->state.vanished += !p->after;
		c->state.changed += p->before && p->after;
		if (pair_verdict(p) == VERDICT_CONFLICT)
			changes_conflict(c, p);
	}
}

int changes_read(const struct keep_args *args, struct err *e, struct changes *ret)
{
	const struct fs *fs = args->fs;

	*ret = (struct changes){.args = args};
	keep_list_init(&ret->before);
	keep_list_init(&ret->after);
	int err = keep_list_read(fs, args->dir_fd, "before", e, &ret->before);
	if (err == 0)
		err = keep_list_read(fs, args->dir_fd, "after", e, &ret->after);
	if (err < 0)
		return err;
	err = merge(ret);
	if (err == 0)
		err = chain_names(ret);
	if (err < 0)
		return err_sys(e, err, "comparing what was kept");
	err = resume(ret, e);
	ret->resumed = err == 1;
	if (err == 0)
		err = judge_all(ret, e);
	if (err < 0)
		return err;
	count(ret);
	return 0;
}

void changes_finish(struct changes *c)
{
	keep_list_finish(&c->before);
	keep_list_finish(&c->after);
	free(c->pairs);
	free(c->next_name);
	c->pairs = NULL;
	c->next_name = NULL;
}

int keep_check(const struct keep_args *args, struct err *e, struct keep_state *ret)
{
	struct changes c;
	int err = changes_read(args, e, &c);

	if (err == 0)
		*ret = c.state;
	changes_finish(&c);
	return err;
}
