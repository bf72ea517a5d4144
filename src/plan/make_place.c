/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and folders. Each rule below is a reason why a place stays; a place for
 * which none holds goes into quarantine. A folder takes all that lies in it,
 * unless something in it must stay: then it stays whole, and what else in it is
 * an article's goes on its own.
 */
#include <errno.h>
#include <stdlib.h>

#include "plan/make.h"
#include "plan/path.h"

enum { NAMED = 5 };

/* ---- trust stores ---- */

static const char *const anchors[] = {
	"/usr/local/share/ca-certificates", "/usr/share/ca-certificates",
	"/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source",
	"/etc/ca-certificates/trust-source", "/etc/pki/trust/anchors",
	"/usr/share/pki/trust/anchors",
};

/* Made by a tool out of the anchors. */
static const char *const generated[] = {
	"/etc/ssl/certs", "/etc/pki/ca-trust/extracted", "/etc/ca-certificates/extracted",
	"/var/lib/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/java/cacerts",
	"/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
};

static bool is_anchor(struct slice path)
{
	return path_in_table(path, anchors, COUNT_OF(anchors)) &&
	       !path_in_table(path, generated, COUNT_OF(generated));
}

static bool is_copy(const struct place *p)
{
	return p->target->thing == THING_CERT &&
	       path_in_table(p->path, generated, COUNT_OF(generated));
}

static bool is_named(struct slice path, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(slice_basename(path), slice_str(names[i])))
			return true;
	return false;
}

static bool is_nss(struct slice path)
{
	static const char *const names[] = {"cert9.db", "cert8.db", "key4.db", "key3.db"};
	return is_named(path, names, COUNT_OF(names));
}

static bool is_java_store(struct slice path)
{
	return slice_eq(slice_basename(path), SLICE("cacerts")) ||
	       slice_ends(path, SLICE(".jks")) || slice_ends(path, SLICE(".keystore"));
}

/* Does an anchor of the same maker go? Then its copies go with the rebuilt
 * store. */
static bool anchor_goes(const struct making *m, const struct article *a)
{
	for (size_t i = 0; i < m->n_places; i++) {
		const struct place *p = &m->places[i];
		if (slice_eq(p->target->article->entity, a->entity) &&
		    p->target->thing == THING_CERT &&
		    p->state != PLACE_STAYS && is_anchor(p->path))
			return true;
	}
	return false;
}

/* ---- reasons to stay: each returns a sentence, or NULL ---- */

static const char *not_plain(struct making *, struct place *p)
{
	if (!plan_path_ok(p->path))
		return "its path is not plain";
	return place_is_system(p->path)
	               ? "every system has this folder: only what the maker put into it"
	                 " may go" : NULL;
}

static const char *in_archive(struct making *, struct place *p)
{
	return p->target->thing == THING_INSIDE
	               ? "the code stands inside it, among other things: whoever made it"
	                 " must make it anew without that" : NULL;
}

static const char *in_browser(struct making *, struct place *p)
{
	return p->target->thing == THING_EXTENSION
	               ? "remove the extension in the browser, or in the policy that"
	                 " installs it" : NULL;
}

static const char *in_store(struct making *m, struct place *p)
{
	struct slice name = p->target->evidence->value;

	if (p->target->thing != THING_CERT)
		return NULL;
	if (is_nss(p->path)) {
		struct slice folder = slice_dirname(p->path);
		return make_words(m, "a store of certificates with others in it; list it,"
		                  " then delete the entry: certutil -L -d sql:\"%.*s\","
		                  " certutil -D -d sql:\"%.*s\" -n NICKNAME (its subject:"
		                  " %.*s)", SLICE_ARG(folder), SLICE_ARG(folder),
		                  SLICE_ARG(name));
	}
	if (is_java_store(p->path))
		return make_words(m, "a store of certificates with others in it; list it,"
		                  " then delete the entry: keytool -list -keystore \"%.*s\","
		                  " keytool -delete -alias ALIAS -keystore \"%.*s\" (its"
		                  " subject: %.*s)", SLICE_ARG(p->path),
		                  SLICE_ARG(p->path), SLICE_ARG(name));
	return NULL;
}

/* A lower-case comparison is enough: these names are ASCII. */
static bool has_part(struct slice path, const char *part)
{
	struct slice want = slice_str(part);

	for (size_t i = 0; i + want.n <= path.n; i++)
		if (slice_eq_nocase(slice_of(path.p + i, want.n), want))
			return true;
	return false;
}

static const char *driver(struct making *, struct place *p)
{
	return has_part(p->path, "/system32/drivers/") ||
	       has_part(p->path, "/system32/driverstore/")
	               ? "a driver that may protect itself: only its maker's uninstaller"
	                 " may take it out" : NULL;
}

static const char *library(struct making *, struct place *p)
{
	static const char *const folders[] = {
		"/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64",
		"/usr/local/lib", "/usr/local/lib64",
	};
	struct slice attr = p->target->evidence->attr;

	if (!slice_eq(attr, SLICE("elf.soname")) ||
	    !path_in_table(p->path, folders, COUNT_OF(folders)))
		return NULL;
	return "a library where every program looks for libraries: find out which need it";
}

static const char *jar(struct making *, struct place *p)
{
	return p->target->thing == THING_JAR && p->target->article->state != STATE_STORED
	               ? "a program loads this library: whoever keeps the program must"
	                 " take it out there" : NULL;
}

static const char *module(struct making *m, struct place *p)
{
	if (p->target->thing != THING_MODULE)
		return NULL;
	const struct fact *f = make_fact(m, NEED_MODULE, "", 0, p->target->text);
	if (!f || f->why.n)
		return "whether the kernel has this module loaded could not be found out";
	return f->module.loaded ? "the kernel has this module loaded: unload it and keep it"
	                          " from loading, then plan again" : NULL;
}

static const char *unknown(struct making *m, struct place *p)
{
	const bool listed = target_is_listed(p->target);
	const struct fact *f = make_fact(m, listed ? NEED_CODE : NEED_PLACE, "", 0, p->path);

	if (!f)
		return "it was not looked at";
	if (f->why.n)
		return make_words(m, "it could not be looked at (%.*s)", SLICE_ARG(f->why));
	p->fact = &f->place;
	return NULL;
}

static const char *mounted(struct making *m, struct place *p)
{
	return p->fact->mount.n ? make_words(m, "a file system is mounted at %.*s: unmount"
	                                     " it, or take it out of the source",
	                                     SLICE_ARG(p->fact->mount)) : NULL;
}

static bool wait_for(struct making *m, struct place *p, struct slice owner)
{
	const struct item *it = make_owner(m, owner);

	if (!it || it->state != ITEM_GOES)
		return false;
	for (size_t i = 0; i < p->n_waits; i++)
		if (p->waits[i] == it)
			return true;
	p->waits[p->n_waits++] = it;
	return true;
}

static const char *owned(struct making *m, struct place *p)
{
	const struct fact_place *f = p->fact;

	p->waits = arena_zalloc(&m->mem, f->n_others + 1, sizeof(*p->waits));
	if (!p->waits) {
		make_fail(m, -ENOMEM, NULL);
		return NULL;
	}
	if (f->owner.n && !wait_for(m, p, f->owner))
		return make_words(m, "it belongs to the package %.*s, which stays",
		                  SLICE_ARG(f->owner));
	for (size_t i = 0; i < f->n_others; i++)
		if (!wait_for(m, p, f->others[i]))
			return make_words(m, "packages that stay have something in it: %s",
			                  make_list(m, f->others, f->n_others,
			                            f->n_others, NAMED));
	return NULL;
}

static const char *shared(struct making *m, struct place *p)
{
	const struct article_evidence *e = p->target->evidence;

	/* A bundle is made anew: see settle_copies(). */
	if (is_copy(p))
		return NULL;
	return p->fact->shared ? make_words(m, "others have entries in this file: delete only"
	                                    " the line with \"%.*s\" (near byte %llu)",
	                                    SLICE_ARG(e->value),
	                                    (unsigned long long)e->offset) : NULL;
}

static const char *copied(struct making *m, struct place *p)
{
	(void)m;
	if (!is_copy(p))
		return NULL;
	return "a tool makes this file out of trust anchors, and none of them was found:"
	       " find where the certificate comes from, delete it there, rebuild the store";
}

/* In the order in which they are asked; `owned` and those after it need the
 * answers that `unknown` fetches. */
static rule *const before_looking[] = {
	not_plain, in_archive, in_browser, in_store, driver, library, jar, module, make_code_open,
};
static rule *const after_looking[] = {mounted, owned, make_code_kept, shared};

/* ---- the decision ---- */

void make_stay(struct making *m, struct place *p, const char *why)
{
	p->state = PLACE_STAYS;
	make_note(m, p->target->article, why, p->path);
}

/* What a package owns itself is its manager's to take. */
static bool its_managers(const struct place *p)
{
	const struct fact_place *f = p->fact;

	return f->owner.n && (p->target->thing == THING_CODE || !(f->n_objects &&
	       f->objects[f->n_objects - 1].type == OBJECT_FOLDER));
}

static void settle_found(struct making *m, struct place *p)
{
	const char *why = NULL;

	if (!p->fact->exists || (p->fact->n_objects == 0 && p->fact->kept.n == 0)) {
		p->state = PLACE_COVERED;
		make_left(m, p->target->article, "it is no longer there", p->path);
		return;
	}
	for (size_t i = 0; !why && i < COUNT_OF(after_looking); i++)
		why = after_looking[i](m, p);
	if (why)
		make_stay(m, p, why);
	else if (its_managers(p))
		p->state = PLACE_COVERED;
	else if (make_package_stays(m, p->target->article))
		make_stay(m, p, "the package that it belongs with stays");
}

/* A package's list may name a file by a way that a link is part of (/lib for
 * /usr/lib): the manager takes it, and a sweep sees it where it really is. */
static bool is_alias(const struct making *m, const struct place *p)
{
	const struct fact *f = make_fact(m, NEED_PLACE, "", 0, p->path);

	return f && *p->target->article->ecosystem &&
	       slice_find(f->why, SLICE("a link stands on the way")) != SIZE_MAX;
}

static void decide(struct making *m, struct place *p)
{
	const char *why = NULL;

	if (!make_trusts(m, p->target, &p->by, &p->unsure, &why)) {
		p->state = PLACE_DOUBTED;
		p->doubt = why;
		return;
	}
	for (size_t i = 0; !why && i < COUNT_OF(before_looking); i++)
		why = before_looking[i](m, p);
	if (!why)
		why = unknown(m, p);
	if (why && is_alias(m, p))
		p->state = PLACE_COVERED;
	else if (why)
		make_stay(m, p, why);
	else
		settle_found(m, p);
}

static enum stage stage_of(const struct target *t, struct slice path)
{
	return t->thing == THING_CERT && is_anchor(path) ? STAGE_TRUST : t->stage;
}

static bool is_place(const struct target *t)
{
	return t->thing != THING_NONE && t->thing != THING_PACKAGE && t->thing != THING_USER &&
	       t->thing != THING_GROUP && t->thing != THING_KEY;
}

/* A database is its manager's; what says "review" about it is elsewhere. */
static void of_database(struct making *m, const struct target *t)
{
	if (!ecosystem_managed(t->article->ecosystem))
		make_note(m, t->article, "a database of accounts or packages: only its own"
		          " tools may change it", t->text);
}

static void collect(struct making *m)
{
	m->places = arena_zalloc(&m->mem, m->n_targets, sizeof(*m->places));
	if (!m->places) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	for (size_t i = 0; i < m->n_targets; i++) {
		const struct target *t = &m->targets[i];
		struct slice path = target_place(t);
		if (!is_place(t))
			continue;
		if (t->thing == THING_REFERENCE)
			make_note(m, t->article, "a manifest asks for it: take the entry out,"
			          " and the lock file's with it", path);
		else if (place_is_database(path))
			of_database(m, t);
		else
			m->places[m->n_places++] = (struct place){
				.target = t, .path = path, .stage = stage_of(t, path),
			};
	}
}

/* ---- places inside one another ---- */

static int by_path(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int c = path_cmp(a->path, b->path);

	if (c)
		return c;
	if (a->stage != b->stage)
		return a->stage < b->stage ? -1 : 1;
	return a->target < b->target ? -1 : a->target > b->target;
}

/* Paths that must stay: of articles that no order reaches or that a person must
 * settle, and those of places that stay for a reason of their own. */
static int by_slice(const void *x, const void *y)
{
	return path_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

static size_t gather_staying(struct making *m, struct slice *ret)
{
	const char *why;
	size_t n = 0;

	for (size_t i = 0; i < m->articles->n; i++) {
		const struct article *a = &m->articles->list[i];
		enum ruling ruling = article_ruling(a, m->options, &why);
		if (ruling != RULING_LEFT && ruling != RULING_REVIEW)
			continue;
		for (size_t k = 0; k < a->n_evidence; k++, n++)
			if (ret)
				ret[n] = a->evidence[k].path;
	}
	for (size_t i = 0; i < m->n_places; i++) {
		if (m->places[i].state != PLACE_STAYS)
			continue;
		if (ret)
			ret[n] = m->places[i].path;
		n++;
	}
	return n;
}

/* The first of the sorted paths that is this one or lies in it, or "". */
static struct slice within(const struct slice *paths, size_t n, struct slice path)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (path_cmp(paths[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && path_within(paths[low], path) ? paths[low] : (struct slice){0};
}

/* The first of the sorted paths that is a file or folder of the code, or "". */
static struct slice code_holds(const struct place *code, const struct slice *paths, size_t n)
{
	for (size_t i = 0; n && i < code->fact->n_objects; i++)
		if (bsearch(&code->fact->objects[i].path, paths, n, sizeof(*paths), by_slice))
			return code->fact->objects[i].path;
	return (struct slice){0};
}

static void keep_what_stays(struct making *m)
{
	size_t n = gather_staying(m, NULL);
	struct slice *paths = arena_zalloc(&m->mem, n, sizeof(*paths));

	if (!paths) {
		make_fail(m, -ENOMEM, NULL);
		return;
	}
	gather_staying(m, paths);
	if (n)
		qsort(paths, n, sizeof(*paths), by_slice);
	for (size_t i = 0; i < m->n_places; i++) {
		struct place *p = &m->places[i];
		struct slice inside = p->state == PLACE_GOES ? within(paths, n, p->path)
		                                             : (struct slice){0};
		if (p->state == PLACE_GOES && target_is_listed(p->target) && !inside.n)
			inside = code_holds(p, paths, n);
		if (inside.n && !slice_eq(inside, p->path))
			make_stay(m, p, make_words(m, "it holds what must stay or is not settled:"
			                      " %.*s", SLICE_ARG(inside)));
		else if (inside.n)
			make_stay(m, p, "something else about it must be settled first");
	}
}

static void cover(struct making *m)
{
	const struct place *outer = NULL;

	for (size_t i = 0; i < m->n_places; i++) {
		struct place *p = &m->places[i];
		if (p->state != PLACE_GOES && p->state != PLACE_DOUBTED)
			continue;
		if (outer && path_within(p->path, outer->path))
			p->state = PLACE_COVERED;
		else if (p->state == PLACE_DOUBTED)
			make_stay(m, p, p->doubt);
		else
			outer = p;
	}
}

/* Places that are files of a package whose files all go: those go with it. */
static void cover_code(struct making *m)
{
	for (size_t i = 0; i < m->n_places; i++) {
		const struct place *code = &m->places[i];
		if (code->state != PLACE_GOES || !target_is_listed(code->target))
			continue;
		for (size_t k = 0; k < m->n_places; k++) {
			struct place *p = &m->places[k];
			if ((p->state == PLACE_GOES || p->state == PLACE_DOUBTED) && p != code &&
			    !target_is_listed(p->target) && make_code_has(code, p->path))
				p->state = PLACE_COVERED;
		}
	}
}

static void settle_copies(struct making *m)
{
	for (size_t i = 0; i < m->n_places; i++) {
		struct place *p = &m->places[i];
		const bool open = p->state == PLACE_GOES || p->state == PLACE_DOUBTED;
		const char *why = open ? copied(m, p) : NULL;
		if (why && anchor_goes(m, p->target->article))
			p->state = PLACE_COVERED;
		else if (why)
			make_stay(m, p, why);
	}
}

/* A key file stays while a repository that stays names it. */
static void settle_key_files(struct making *m)
{
	for (size_t i = 0; i < m->n_places; i++) {
		struct place *p = &m->places[i];
		if (p->state != PLACE_GOES || p->target->attr != ATTR_REPO_KEY)
			continue;
		struct slice by = make_key_needed(m, p->target->evidence->value, p->path);
		if (by.n)
			make_stay(m, p, make_words(m, "a repository that stays names this key:"
			                      " %.*s", SLICE_ARG(by)));
	}
}

void make_places(struct making *m)
{
	collect(m);
	if (m->code == 0 && m->n_places)
		qsort(m->places, m->n_places, sizeof(*m->places), by_path);
	for (size_t i = 0; m->code == 0 && i < m->n_places; i++)
		decide(m, &m->places[i]);
	if (m->code == 0)
		settle_copies(m);
	if (m->code == 0)
		settle_key_files(m);
	if (m->code == 0)
		make_code_settle(m);
	if (m->code == 0)
		keep_what_stays(m);
	if (m->code == 0)
		make_code_settle(m); /* those that stay now may need others */
	if (m->code == 0)
		cover_code(m);
	if (m->code == 0)
		cover(m);
}

/* Does a place of exactly this path go, by us or by its manager? Places of one
 * path stand together. */
static bool goes(const struct making *m, struct slice path)
{
	size_t low = 0, high = m->n_places;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (path_cmp(m->places[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < m->n_places && slice_eq(m->places[low].path, path); low++) {
		const struct place *p = &m->places[low];
		if (p->state == PLACE_GOES || (p->state == PLACE_COVERED && p->n_waits > 0))
			return true;
	}
	return false;
}

bool make_takes(const struct making *m, struct slice path)
{
	for (; path.n > 1; path = slice_dirname(path))
		if (goes(m, path))
			return true;
	return false;
}
