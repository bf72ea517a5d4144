/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/target.h"

#include <errno.h>
#include <stdlib.h>

#include "law/law.h"
#include "plan/manager.h"
#include "plan/path.h"

enum { TARGETS_MAX = 2000000 };

/* ---- the ruling ---- */

bool order_selected(const struct plan_options *o, struct slice order)
{
	for (size_t i = 0; i < o->n_orders; i++)
		if (slice_eq(o->orders[i], order))
			return true;
	return o->n_orders == 0;
}

/*
 * What a verdict of "review" may leave open that a plan can settle by its own
 * rules: weak evidence has rules of its own below, left-overs are what removal
 * is for. Any other words (the order does not say, one purpose only) are for
 * whoever answers for the order.
 */
static const char *const settled_here[] = {
	BECAUSE_WEAK, BECAUSE_LEFTOVERS, BECAUSE_CONNECTED, BECAUSE_REFERENCED,
};

static bool settled(struct slice words)
{
	for (size_t i = 0; i < COUNT_OF(settled_here); i++)
		if (slice_eq(slice_trim(words), slice_str(settled_here[i])))
			return true;
	return false;
}

static bool all_settled(struct slice because)
{
	struct slice words;

	if (because.n == 0)
		return false;
	while (slice_split(&because, BECAUSE_AND[0], &words))
		if (!settled(words))
			return false;
	return true;
}

/* The most that any selected order says. */
static enum ruling of_orders(const struct article *a, const struct plan_options *o,
                             const char **ret_why)
{
	enum ruling ruling = RULING_OTHER;

	for (size_t i = 0; i < a->n_words; i++) {
		const struct article_word *w = &a->words[i];
		if (!order_selected(o, w->order))
			continue;
		if (w->verdict == ARTICLE_COVERED ||
		    (w->verdict == ARTICLE_REVIEW && all_settled(w->because)))
			return RULING_ACT;
		if (w->verdict == ARTICLE_REVIEW && ruling != RULING_REVIEW) {
			ruling = RULING_REVIEW;
			*ret_why = (const char *)w->because.p;
		} else if (ruling == RULING_OTHER) {
			ruling = RULING_LEFT;
			*ret_why = (const char *)w->because.p;
		}
	}
	return ruling;
}

/* A key that a package manager trusts is a file of its own, no entry in one. */
static bool is_key(const struct article *a)
{
	for (size_t i = 0; i < a->n_evidence; i++)
		if (!slice_eq(a->evidence[i].attr, SLICE("repo.key")))
			return false;
	return a->n_evidence > 0;
}

enum ruling article_ruling(const struct article *a, const struct plan_options *o,
                           const char **ret_why)
{
	*ret_why = "";
	if (a->source != o->source)
		return RULING_OTHER;
	enum ruling ruling = of_orders(a, o, ret_why);
	if (ruling != RULING_ACT)
		return ruling;
	if (a->basis == BASIS_IN_PART)
		*ret_why = "another maker's product has the vendor's code in it: ask its"
		           " maker or supplier for a version without that code, or"
		           " replace the product";
	else if (a->kind == ARTICLE_HARDWARE)
		*ret_why = "hardware is taken out by hand";
	else if (a->state == STATE_REFERENCED && !is_key(a))
		*ret_why = "a manifest asks for it: whoever keeps the manifest must take"
		           " the entry out, and the lock file's with it";
	else
		return RULING_ACT;
	return RULING_REVIEW;
}

/* ---- from evidence to things ---- */

static const struct treatment {
	enum thing thing;
	enum stage stage;
	bool layout;
} treatments[ATTR_COUNT] = {
	[ATTR_PATH] = {THING_PLACE, STAGE_LEFTOVER, true},
	[ATTR_DIRECTORY] = {THING_PLACE, STAGE_LEFTOVER, true},
	[ATTR_PACKAGE_URL] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_NPM_NAME] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_NPM_AUTHOR] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_NPM_REPOSITORY] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_NPM_DEPENDENCY] = {THING_REFERENCE, STAGE_REVIEW, false},
	[ATTR_PYPI_NAME] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_PYPI_AUTHOR] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_PYPI_URL] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_LICENSE_HOLDER] = {THING_CODE, STAGE_LEFTOVER, false},
	[ATTR_LICENSE_PART_HOLDER] = {THING_INSIDE, STAGE_REVIEW, false},
	[ATTR_SOURCE_HOLDER] = {THING_INSIDE, STAGE_REVIEW, false},
	[ATTR_JAR_VENDOR] = {THING_JAR, STAGE_LEFTOVER, false},
	[ATTR_JAR_TITLE] = {THING_JAR, STAGE_LEFTOVER, false},
	[ATTR_JAR_CLASS] = {THING_INSIDE, STAGE_REVIEW, false},
	[ATTR_MAVEN_GROUP] = {THING_INSIDE, STAGE_REVIEW, false},
	[ATTR_MAVEN_ARTIFACT] = {THING_INSIDE, STAGE_REVIEW, false},
	[ATTR_ELF_SONAME] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_ELF_NEEDED] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_ELF_RUNPATH] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_ELF_COMMENT] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_ELF_PACKAGE] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_ELF_SYMBOL] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_GO_MODULE] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_RUST_CRATE] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_KMOD_NAME] = {THING_MODULE, STAGE_LEFTOVER, false},
	[ATTR_KMOD_AUTHOR] = {THING_MODULE, STAGE_LEFTOVER, false},
	[ATTR_KMOD_DESCRIPTION] = {THING_MODULE, STAGE_LEFTOVER, false},
	[ATTR_KMOD_SIGNER] = {THING_MODULE, STAGE_LEFTOVER, false},
	[ATTR_PCI_VENDOR] = {THING_MODULE, STAGE_LEFTOVER, false},
	[ATTR_USB_VENDOR] = {THING_MODULE, STAGE_LEFTOVER, false},
	[ATTR_PE_COMPANY] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_PRODUCT] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_DESCRIPTION] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_COPYRIGHT] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_TRADEMARKS] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_INTERNAL_NAME] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_ORIGINAL_NAME] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_COMPATIBLE] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_EXPORT] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_PE_IMPORT] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_DOTNET_COMPANY] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_DOTNET_PRODUCT] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_SIGNER_NAME] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_SIGNER_ORGANISATION] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_SIGNER_SERIAL] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_FILE_BYTES] = {THING_PLACE, STAGE_LEFTOVER, false},
	[ATTR_CERT_SUBJECT_NAME] = {THING_CERT, STAGE_LEFTOVER, false},
	[ATTR_CERT_SUBJECT_ORGANISATION] = {THING_CERT, STAGE_LEFTOVER, false},
	[ATTR_CERT_SUBJECT_SERIAL] = {THING_CERT, STAGE_LEFTOVER, false},
	[ATTR_CERT_ISSUER_NAME] = {THING_CERT, STAGE_LEFTOVER, false},
	[ATTR_CERT_ISSUER_ORGANISATION] = {THING_CERT, STAGE_LEFTOVER, false},
	[ATTR_UNIT_NAME] = {THING_UNIT, STAGE_LAUNCHER, true},
	[ATTR_UNIT_EXEC] = {THING_UNIT, STAGE_LAUNCHER, true},
	[ATTR_UNIT_DESCRIPTION] = {THING_UNIT, STAGE_LAUNCHER, true},
	[ATTR_CRON_COMMAND] = {THING_PLACE, STAGE_LAUNCHER, true},
	[ATTR_USER_NAME] = {THING_USER, STAGE_ACCOUNT, true},
	[ATTR_USER_GECOS] = {THING_USER, STAGE_ACCOUNT, true},
	[ATTR_USER_HOME] = {THING_USER, STAGE_ACCOUNT, true},
	[ATTR_GROUP_NAME] = {THING_GROUP, STAGE_ACCOUNT, true},
	[ATTR_REPO_HOST] = {THING_PLACE, STAGE_REPOSITORY, false},
	[ATTR_REPO_KEY] = {THING_PLACE, STAGE_REPOSITORY, true},
	[ATTR_EXTENSION_ID] = {THING_EXTENSION, STAGE_REVIEW, false},
	[ATTR_EXTENSION_AUTHOR] = {THING_EXTENSION, STAGE_REVIEW, false},
	[ATTR_EXTENSION_NAME] = {THING_EXTENSION, STAGE_REVIEW, false},
	[ATTR_EXTENSION_HOST] = {THING_PLACE, STAGE_LAUNCHER, false},
	/* The rest of package.*, copyright.*: the package speaks for itself. */
};

/* By what the text of a target is: the value for accounts, else the path. */
static bool by_value(enum thing thing)
{
	return thing == THING_USER || thing == THING_GROUP || thing == THING_KEY;
}

bool ecosystem_managed(const char *ecosystem)
{
	static const char *const managed[] = {"deb", "rpm", "apk", "alpm", "snap", "flatpak"};

	for (size_t i = 0; i < COUNT_OF(managed); i++)
		if (strcmp(ecosystem, managed[i]) == 0)
			return true;
	return false;
}

/* ---- places that are never taken ---- */

static const char *const databases[] = {
	"/etc/passwd", "/etc/passwd-", "/etc/shadow", "/etc/shadow-", "/etc/group",
	"/etc/group-", "/etc/gshadow", "/etc/gshadow-", "/etc/subuid", "/etc/subgid",
	"/var/lib/dpkg", "/var/lib/apt", "/var/lib/rpm", "/usr/lib/sysimage/rpm",
	"/var/lib/dnf", "/lib/apk/db", "/usr/lib/apk/db", "/var/lib/pacman",
	"/var/lib/snapd", "/var/lib/flatpak", "/etc/apk/world",
	"/proc", "/sys", "/dev",
};

static const char *const of_every_system[] = {
	"/bin", "/boot", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/media",
	"/mnt", "/opt", "/root", "/run", "/sbin", "/srv", "/tmp", "/usr", "/var",
	"/usr/bin", "/usr/include", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec",
	"/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin",
	"/usr/local/share", "/usr/sbin", "/usr/share", "/usr/src", "/var/cache",
	"/var/lib", "/var/log", "/var/opt", "/var/run", "/var/spool", "/var/tmp",
	"/etc/opt", "/etc/init.d", "/etc/cron.d", "/etc/systemd", "/etc/systemd/system",
	"/etc/apt", "/etc/ssl", "/etc/ssl/certs", "/etc/pki", "/usr/lib/systemd",
	"/usr/lib/systemd/system", "/lib/systemd", "/lib/systemd/system", "/lib/modules",
	"/usr/lib/modules",
};

bool place_is_database(struct slice path)
{
	return path_in_table(path, databases, COUNT_OF(databases));
}

bool place_is_system(struct slice path)
{
	for (size_t i = 0; i < COUNT_OF(of_every_system); i++)
		if (slice_eq(path, slice_str(of_every_system[i])))
			return true;
	return !plan_path_ok(path);
}

bool code_is_global(struct slice path)
{
	static const char *const folders[] = {
		"/usr/lib/node_modules", "/usr/local/lib/node_modules",
		"/usr/share/nodejs",
	};
	return path_in_table(path, folders, COUNT_OF(folders));
}

/* Where npm keeps what it installs for all: below a prefix of the system, or of
 * a person who has the whole of node at home. */
static bool is_npm_global(struct slice path)
{
	return code_is_global(path) || slice_find(path, SLICE("/.nvm/versions/node/")) < path.n ||
	       slice_find(path, SLICE("/.npm-global/lib/")) < path.n;
}

/* "/usr/local/lib/node_modules/@scope/name" of a path in it, but not in a package
 * that is part of that one. */
static struct slice npm_folder(struct slice path)
{
	const struct slice modules = SLICE("/lib/node_modules/");
	const size_t at = slice_find(path, modules);
	struct slice rest, part;
	size_t n = 0;

	if (at >= path.n || !is_npm_global(path))
		return (struct slice){0};
	rest = slice_from(path, at + modules.n);
	if (slice_find(rest, SLICE("/node_modules/")) < rest.n)
		return (struct slice){0};
	if (slice_split(&rest, '/', &part))
		n = part.n;
	if (n && part.p[0] == '@')
		n = slice_split(&rest, '/', &part) && part.n ? n + 1 + part.n : 0;
	return rest.n && n ? slice_first(path, at + modules.n + n) : (struct slice){0};
}

/* ".../site-packages/name-1.0.dist-info" of a path in it. */
static struct slice pypi_folder(struct slice path)
{
	for (struct slice up = slice_dirname(path); up.n > 1; up = slice_dirname(up)) {
		const struct slice in = slice_basename(slice_dirname(up));
		if (slice_ends(up, SLICE(".dist-info")) &&
		    (slice_eq(in, SLICE("site-packages")) || slice_eq(in, SLICE("dist-packages"))))
			return up;
	}
	return (struct slice){0};
}

struct slice code_folder(const char *ecosystem, struct slice path)
{
	if (strcmp(ecosystem, "npm") == 0)
		return npm_folder(path);
	return strcmp(ecosystem, "pypi") == 0 ? pypi_folder(path) : (struct slice){0};
}

/* ---- all of them ---- */

struct gathering {
	const struct plan_options *options;
	struct arena *mem;
	struct target *list;
	size_t n, size;
	int code;
};

static void add(struct gathering *g, const struct target *t)
{
	if (g->code < 0)
		return;
	if (g->n == TARGETS_MAX) {
		g->code = -E2BIG;
		return;
	}
	if (g->n == g->size) {
		size_t size = g->size ? 2 * g->size : 64;
		struct target *list = reallocarray(g->list, size, sizeof(*list));
		if (!list) {
			g->code = -ENOMEM;
			return;
		}
		g->list = list;
		g->size = size;
	}
	g->list[g->n++] = *t;
}

static int attr_of(struct slice name)
{
	char text[64];

	if (name.n >= sizeof(text))
		return -1;
	memcpy(text, name.p, name.n);
	text[name.n] = 0;
	return attr_by_name(text);
}

/* rpm keeps the keys it trusts among its packages. */
static bool is_rpm_key(int attr, struct slice path)
{
	static const char *const folders[] = {"/var/lib/rpm", "/usr/lib/sysimage/rpm"};

	return attr == ATTR_REPO_KEY && path_in_table(path, folders, COUNT_OF(folders));
}

/* What installs for the whole system is its manager's, where debar may use it. */
static bool managers_own(const struct article *a, struct slice path)
{
	const struct manager *m = *a->ecosystem ? manager_of(a->ecosystem) : NULL;
	return m && m->tried && code_is_global(path);
}

static void add_evidence(struct gathering *g, const struct article *a,
                         const struct article_evidence *e)
{
	int attr = attr_of(e->attr);
	const struct treatment *how = attr < 0 ? NULL : &treatments[attr];
	struct target t = {.article = a, .evidence = e, .sure = e->strength > STRENGTH_WEAK};

	if (!how || how->thing == THING_NONE)
		return;
	t.thing = how->thing;
	t.attr = (enum attr)attr;
	t.stage = how->stage;
	t.layout = how->layout;
	if (is_rpm_key(attr, e->path))
		t.thing = THING_KEY;
	t.text = by_value(t.thing) ? e->value : e->path;
	/* A homepage is a package's own where a manager keeps it. */
	if (attr == ATTR_PACKAGE_URL && ecosystem_managed(a->ecosystem))
		return;
	if (t.thing == THING_CODE && managers_own(a, e->path)) {
		t.thing = THING_PACKAGE;
		t.ecosystem = a->ecosystem;
		t.text = a->name;
	} else if (e->member && t.thing != THING_JAR && !place_is_database(e->path)) {
		t.thing = THING_INSIDE;
	}
	add(g, &t);
}

static void add_article(struct gathering *g, const struct article *a)
{
	if (ecosystem_managed(a->ecosystem) && a->name.n)
		add(g, &(struct target){
			.article = a,
			.thing = THING_PACKAGE,
			.attr = ATTR_COUNT,
			.stage = STAGE_PACKAGE,
			.ecosystem = a->ecosystem,
			.text = a->name,
			.sure = a->strength > STRENGTH_WEAK,
		});
	for (size_t i = 0; i < a->n_evidence; i++)
		add_evidence(g, a, &a->evidence[i]);
}

static int by_thing(const void *x, const void *y)
{
	const struct target *a = x, *b = y;

	if (a->article != b->article)
		return a->article < b->article ? -1 : 1;
	if (a->thing != b->thing)
		return a->thing < b->thing ? -1 : 1;
	int c = slice_cmp(a->text, b->text);
	if (c || a->thing != THING_USER)
		return c;
	return (a->attr > b->attr) - (a->attr < b->attr);
}

/* The sort may change the order of equals, so the strongest evidence is looked
 * for, and among equals the first of the article's. */
static bool better(const struct target *a, const struct target *b)
{
	if (!a->evidence || !b->evidence)
		return a->evidence != NULL;
	if (a->evidence->strength != b->evidence->strength)
		return a->evidence->strength > b->evidence->strength;
	return a->evidence < b->evidence;
}

/* A cron table that is also known by its path is a launcher all the same. */
static void merge(struct target *into, const struct target *t)
{
	enum stage stage = into->stage == STAGE_LEFTOVER ? t->stage : into->stage;
	bool sure = into->sure || t->sure, layout = into->layout || t->layout;

	if (better(t, into))
		*into = *t;
	into->stage = stage;
	into->sure = sure;
	into->layout = layout;
}

static size_t unique(struct target *list, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept && by_thing(&list[kept - 1], &list[i]) == 0)
			merge(&list[kept - 1], &list[i]);
		else
			list[kept++] = list[i];
	}
	return kept;
}

struct slice target_place(const struct target *t)
{
	struct slice folder;

	if (t->thing != THING_CODE)
		return t->text;
	folder = code_folder(t->article->ecosystem, t->text);
	return folder.n ? folder : slice_dirname(t->text);
}

bool target_is_listed(const struct target *t)
{
	return t->thing == THING_CODE && code_folder(t->article->ecosystem, t->text).n > 0;
}

int targets_of(const struct articles *a, const struct plan_options *o,
               struct arena *mem, struct target **ret, size_t *ret_n)
{
	struct gathering g = {.options = o, .mem = mem};
	const char *why;

	for (size_t i = 0; i < a->n; i++)
		if (article_ruling(&a->list[i], o, &why) == RULING_ACT)
			add_article(&g, &a->list[i]);
	if (g.code == 0) {
		if (g.n)
			qsort(g.list, g.n, sizeof(*g.list), by_thing);
		size_t n = unique(g.list, g.n);
		struct target *list = arena_zalloc(mem, n, sizeof(*list));
		if (list && n)
			memcpy(list, g.list, n * sizeof(*list));
		g.code = list ? 0 : -ENOMEM;
		*ret = list;
		*ret_n = n;
	}
	free(g.list);
	return g.code;
}
