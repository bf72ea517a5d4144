/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/changes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/siphash.h"
#include "base/text.h"
#include "claim/path_list.h"

/* A thing on one side, and how it is told. */
struct thing {
	struct change is;
	struct slice owner;  /* package.owner, "" for none */
	bool now;            /* on the side of now, not of before */
	bool listed;         /* only its path is known */
};

struct gathering {
	struct arena mem;
	struct thing *things;
	size_t n, size;
	uint64_t more;
	int64_t since;       /* the earliest; 0: all sources are new */
	uint64_t fresh;      /* those that are */
	char since_text[TEXT_TIME_SIZE];
	struct change *list;
	size_t n_list;
	uint64_t *packages;  /* hashes of those that are listed */
	size_t n_packages;
};

struct gathering *changes_begin(void)
{
	struct gathering *g = calloc(1, sizeof(*g));

	if (g)
		arena_init(&g->mem, 0);
	return g;
}

void changes_free(struct gathering *g)
{
	if (!g)
		return;
	arena_finish(&g->mem);
	free(g->things);
	free(g->packages);
	free(g);
}

/* ---- before ------------------------------------------------------------ */

static int note_times(void *ctx, const struct store_host_info *info)
{
	struct store_host_info *ret = ctx;

	ret->first_seen = info->first_seen;
	ret->last_seen = info->last_seen;
	return 0;
}

int changes_before(struct store *store, struct slice host, int64_t as_of,
                   struct arena *mem, struct before *ret, struct err *e)
{
	struct store_host_info info = {0};
	struct host_set only = {0};

	*ret = (struct before){0};
	int r = store_host_number(store, host, &ret->host, e);
	if (r < 0 || ret->host == 0)
		return r;
	only.n_words = ret->host / 64 + 1;
	only.words = calloc(only.n_words, sizeof(*only.words));
	if (!only.words)
		return err_sys(e, -ENOMEM, "reading what was before");
	only.words[ret->host / 64] = UINT64_C(1) << ret->host % 64;
	r = store_hosts(store, &only, note_times, &info, e);
	free(only.words);
	if (r < 0)
		return r;
	if (info.first_seen && (!as_of || info.first_seen <= as_of))
		ret->since = as_of && as_of < info.last_seen ? as_of
		                                             : info.last_seen;
	return ret->since ? store_host_artefacts(store, ret->host, as_of, mem,
	                                         &ret->artefacts, &ret->n, e)
	                  : 0;
}

/* ---- things ------------------------------------------------------------ */

static bool copy(struct gathering *g, struct slice *s)
{
	*s = arena_copy(&g->mem, *s);
	return s->p != NULL;
}

static int add(struct gathering *g, struct thing thing)
{
	if (g->n == CHANGES_READ_MAX) {
		g->more++;
		return 0;
	}
	if (!sweep_grow(&g->things, g->n, &g->size, sizeof(*g->things)) ||
	    !copy(g, &thing.is.name) || !copy(g, &thing.is.version) ||
	    !copy(g, &thing.is.path) || !copy(g, &thing.owner))
		return -ENOMEM;
	g->things[g->n++] = thing;
	return 0;
}

static struct slice claim_of(const struct record *record, enum attr attr)
{
	for (size_t i = record->n_claims; i-- > 0;)
		if (record->claims[i].attr == attr)
			return record->claims[i].value;
	return (struct slice){0};
}

/* Where the record stands: its own item's path, or that of another. */
static struct slice path_of(const struct record *record)
{
	static const enum attr attrs[] = {ATTR_PATH, ATTR_DIRECTORY, ATTR_ITEM_PATH};
	struct slice path = {0};

	for (size_t i = 0; i < COUNT_OF(attrs) && path.n == 0; i++)
		path = claim_of(record, attrs[i]);
	return path;
}

static struct thing thing_of(const struct record *record)
{
	struct thing t = {
		.is = {.ecosystem = record->ecosystem,
		       .name = record->name,
		       .version = record->version,
		       .path = path_of(record)},
		.owner = claim_of(record, ATTR_PACKAGE_OWNER),
	};

	switch (record->scope) {
	case SCOPE_PACKAGE:
		t.is.kind = CHANGE_PACKAGE;
		t.is.path = (struct slice){0};
		break;
	case SCOPE_FOLDER:
		t.is.kind = CHANGE_PACKAGE;
		t.is.path = record->root;
		break;
	case SCOPE_SETUP:
		t.is.kind = CHANGE_SETUP;
		if (t.is.name.n == 0 && record->n_claims)
			t.is.name = record->claims[0].value;
		break;
	default:
		t.is.kind = CHANGE_FILE;
		t.is.ecosystem = "";
	}
	return t;
}

/* Licences and source heads speak of a folder whose manifest is told anyway,
 * copyright files of a package. */
static bool is_told(const struct record *record)
{
	return !(record->scope == SCOPE_PART ||
	         (record->scope == SCOPE_FOLDER && record->version.n == 0));
}

static int add_paths(struct gathering *g, const struct record *record,
                     uint32_t source, bool now)
{
	const struct slice owner = claim_of(record, ATTR_PACKAGE_OWNER);
	struct paths paths;
	int r = 0;

	for (size_t i = 0; i < record->n_claims && r == 0; i++) {
		if (record->claims[i].attr != ATTR_PATH_LIST)
			continue;
		paths_begin(&paths, record->claims[i].value);
		while (r == 0 && paths_next(&paths))
			r = add(g, (struct thing){
				.is = {.kind = paths.attr == ATTR_DIRECTORY
				                       ? CHANGE_FOLDER
				                       : CHANGE_FILE,
				       .source = source,
				       .ecosystem = "",
				       .path = paths.path},
				.owner = owner,
				.now = now,
				.listed = true,
			});
	}
	return r;
}

static int add_record(struct gathering *g, const struct record *record,
                      uint32_t source, bool now)
{
	if (claim_of(record, ATTR_PATH_LIST).n)
		return add_paths(g, record, source, now);
	if (claim_of(record, ATTR_SEARCH_MARKER).n || !is_told(record))
		return 0;
	struct thing t = thing_of(record);
	t.is.source = source;
	t.now = now;
	return add(g, t);
}

/* ---- both sides -------------------------------------------------------- */

struct side {
	struct gathering *g;
	struct store *store;
	uint32_t source;
	bool now;
	struct err *e;
};

static int add_artefact(const struct side *s, uint32_t number,
                        struct arena *scratch)
{
	struct record record;
	int r = store_record(s->store, number, scratch, &record, s->e);

	if (r == 0 && add_record(s->g, &record, s->source, s->now) < 0)
		r = err_sys(s->e, -ENOMEM, "comparing with what was before");
	arena_reset(scratch);
	return r;
}

/* What is in `mine` and not in `other`; both ascending. */
static int add_missing(const struct side *s, const uint32_t *mine, size_t n,
                       const uint32_t *other, size_t n_other)
{
	struct arena scratch;
	size_t k = 0;
	int r = 0;

	arena_init(&scratch, 0);
	for (size_t i = 0; i < n && r == 0; i++) {
		while (k < n_other && other[k] < mine[i])
			k++;
		if (k == n_other || other[k] != mine[i])
			r = add_artefact(s, mine[i], &scratch);
	}
	arena_finish(&scratch);
	return r;
}

int changes_add(struct gathering *g, struct store *store, uint32_t source,
                struct slice host, const struct before *before, struct err *e)
{
	const struct side was = {g, store, source, false, e};
	const struct side is = {g, store, source, true, e};
	struct before now;
	struct arena mem;

	if (!before->since) {
		g->fresh++;
		return 0;
	}
	if (g->since == 0 || before->since < g->since)
		g->since = before->since;
	arena_init(&mem, 0);
	int r = changes_before(store, host, 0, &mem, &now, e);
	if (r == 0)
		r = add_missing(&was, before->artefacts, before->n, now.artefacts,
		                now.n);
	if (r == 0)
		r = add_missing(&is, now.artefacts, now.n, before->artefacts,
		                before->n);
	arena_finish(&mem);
	return r;
}

/* ---- the list ---------------------------------------------------------- */

/* What makes two things the same one. */
static int by_identity(const struct thing *a, const struct thing *b)
{
	int c = (a->is.source > b->is.source) - (a->is.source < b->is.source);

	c = c ? c : (int)a->is.kind - (int)b->is.kind;
	c = c ? c : strcmp(a->is.ecosystem, b->is.ecosystem);
	c = c ? c : slice_cmp(a->is.path, b->is.path);
	/* A file is its path; what it says of itself may have changed. */
	return c || a->is.kind == CHANGE_FILE ? c
	                                      : slice_cmp(a->is.name, b->is.name);
}

static int by_thing(const void *x, const void *y)
{
	const struct thing *a = x, *b = y;
	int c = by_identity(a, b);

	c = c ? c : a->now - b->now;
	c = c ? c : a->listed - b->listed;
	return c ? c : slice_cmp(a->is.version, b->is.version);
}

static int by_number(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

/* A package as a number; that two are alike by chance would leave a file out. */
static uint64_t package_hash(uint32_t source, struct slice ecosystem,
                             struct slice name)
{
	const struct siphash_key key = {source, 0};
	const struct siphash_key mine = {siphash(&key, ecosystem), 0};

	return siphash(&mine, name);
}

static bool owner_is_listed(const struct gathering *g, const struct thing *t)
{
	struct slice rest = t->owner, ecosystem, name;

	if (!slice_split(&rest, '\t', &ecosystem) ||
	    !slice_split(&rest, '\t', &name))
		return false;
	const uint64_t hash = package_hash(t->is.source, ecosystem, name);
	return g->n_packages && bsearch(&hash, g->packages, g->n_packages,
	                                sizeof(hash), by_number);
}

/* Things of one identity: those of before, then those of now. */
static bool settle(const struct thing *things, size_t n, struct change *ret)
{
	const struct thing *first = &things[0], *last = &things[n - 1];

	*ret = last->is;
	if (!last->now)
		ret->word = CHANGE_WENT;
	else if (first->now)
		ret->word = CHANGE_APPEARED;
	else
		ret->word = CHANGE_CHANGED;
	if (ret->word != CHANGE_CHANGED)
		return true;
	if (!slice_eq(first->is.version, last->is.version))
		ret->was = first->is.version;
	return !(first->listed && last->listed);
}

static int by_place(const void *x, const void *y)
{
	const struct change *a = x, *b = y;
	int c = (int)a->word - (int)b->word;

	c = c ? c : (int)a->kind - (int)b->kind;
	c = c ? c : (a->source > b->source) - (a->source < b->source);
	c = c ? c : slice_cmp(a->name, b->name);
	return c ? c : slice_cmp(a->path, b->path);
}

static void take(struct gathering *g, const struct thing *things, size_t n,
                 struct changes *ret)
{
	struct change change;

	if (!settle(things, n, &change))
		return;
	if (change.kind == CHANGE_PACKAGE)
		g->packages[g->n_packages++] = package_hash(
			change.source, slice_str(change.ecosystem), change.name);
	if (change.kind != CHANGE_PACKAGE && owner_is_listed(g, &things[n - 1]))
		ret->files++;
	else if (g->n_list == CHANGES_MAX)
		ret->more++;
	else
		g->list[g->n_list++] = change;
}

/* Packages, or all else: of what belongs to a listed package only the package
 * is told. */
static void take_all(struct gathering *g, bool packages, struct changes *ret)
{
	for (size_t i = 0, end; i < g->n; i = end) {
		for (end = i + 1;
		     end < g->n && by_identity(&g->things[i], &g->things[end]) == 0;)
			end++;
		if ((g->things[i].is.kind == CHANGE_PACKAGE) == packages)
			take(g, &g->things[i], end - i, ret);
	}
}

int changes_end(struct gathering *g, struct changes *ret)
{
	*ret = (struct changes){.more = g->more, .fresh = g->fresh};
	if (g->since == 0 || !text_time(g->since, g->since_text))
		return 0;
	ret->since = g->since_text;
	g->list = arena_zalloc(&g->mem, g->n < CHANGES_MAX ? g->n : CHANGES_MAX,
	                       sizeof(*g->list));
	g->packages = calloc(g->n + 1, sizeof(*g->packages));
	if (!g->list || !g->packages)
		return -ENOMEM;
	if (g->n)
		qsort(g->things, g->n, sizeof(*g->things), by_thing);
	take_all(g, true, ret);
	qsort(g->packages, g->n_packages, sizeof(*g->packages), by_number);
	take_all(g, false, ret);
	if (g->n_list)
		qsort(g->list, g->n_list, sizeof(*g->list), by_place);
	ret->list = g->list;
	ret->n = g->n_list;
	return 0;
}
