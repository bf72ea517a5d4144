/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as artefacts. A claim of path.list is a folder and names in it; a
 * record has those of one package, or of some folders whose contents no package
 * owns. Its state says whether the source is a machine's root (installed) or
 * not (stored), since the state of a path alone follows from that.
 *
 * Where a record of unowned folders ends depends on the folders' names only:
 * behind one folder in sixteen by a hash that is the same everywhere. So a
 * folder that comes or goes changes one record, and two hosts with the same
 * folders have the same records.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/buckets.h"
#include "base/str.h"
#include "sweep/artefacts.h"

enum {
	FOLDERS_A_RECORD = 16,
	RECORD_BYTES = 64 * 1024, /* a record with more of values ends, */
	RECORD_FOLDERS = 2048,    /* or with so many of them */
};

/* Claims of one record as they come together. */
struct list {
	struct str values;    /* all claims' values, one after the other */
	size_t *ends;         /* of each */
	size_t n, size;
	const struct listing *folder; /* of the open value */
};

/* A name, and the package that owns it. */
struct owned_name {
	uint32_t package;     /* of owners, +1; 0: none */
	const struct listing *folder;
	struct slice name;
};

struct listing_paths {
	struct sweep *s;
	uint32_t source;
	const uint64_t *known;
	size_t n_known;
	artefact_fn *fn;
	void *ctx;
	struct owned_name *owned;
	size_t n_owned, owned_size;
	struct buckets by_hash; /* of known */
	struct list unowned;
	struct str path, owner;
	struct claim *claims;
	size_t claims_size;
};

/* ---- one record -------------------------------------------------------- */

static void list_finish(struct list *l)
{
	str_finish(&l->values);
	free(l->ends);
}

static void list_clear(struct list *l)
{
	str_clear(&l->values);
	l->n = 0;
	l->folder = NULL;
}

static bool is_full(const struct list *l)
{
	return l->values.n > RECORD_BYTES || l->n >= RECORD_FOLDERS;
}

/* Bytes of the value that is being written. */
static size_t open_bytes(const struct list *l)
{
	return l->values.n - (l->n > 1 ? l->ends[l->n - 2] : 0);
}

static int list_open(struct list *l, const struct listing *folder)
{
	if (!sweep_grow(&l->ends, l->n, &l->size, sizeof(*l->ends)))
		return -ENOMEM;
	l->n++;
	l->folder = folder;
	str_add(&l->values, folder->path);
	l->ends[l->n - 1] = l->values.n;
	return 0;
}

static int list_add(struct list *l, const struct listing *folder,
                    struct slice name)
{
	if (l->folder != folder ||
	    open_bytes(l) + 1 + name.n > CLAIM_VALUE_MAX) {
		int r = list_open(l, folder);
		if (r < 0)
			return r;
	}
	str_putc(&l->values, 0);
	str_add(&l->values, name);
	l->ends[l->n - 1] = l->values.n;
	return str_failed(&l->values) ? -ENOMEM : 0;
}

/* Hands the record on; owner may be empty. */
static int list_end(struct listing_paths *p, struct list *l, struct slice owner)
{
	const bool root = strcmp(p->s->sources[p->source].kind, "root") == 0;
	size_t n = 0, from = 0;

	if (l->n == 0)
		return 0;
	while (p->claims_size < l->n + 1)
		if (!sweep_grow(&p->claims, p->claims_size, &p->claims_size,
		                sizeof(*p->claims)))
			return -ENOMEM;
	if (owner.n)
		p->claims[n++] = (struct claim){.attr = ATTR_PACKAGE_OWNER,
		                                .value = owner};
	for (size_t i = 0; i < l->n; from = l->ends[i++])
		p->claims[n++] = (struct claim){
			.attr = ATTR_PATH_LIST,
			.value = slice_of(l->values.p + from, l->ends[i] - from),
		};
	const struct record record = {
		.scope = SCOPE_SETUP,
		.state = root ? STATE_INSTALLED : STATE_STORED,
		.ecosystem = "",
		.name = SLICE("paths"),
		.claims = p->claims,
		.n_claims = n,
	};
	int r = p->fn(p->ctx, &record);
	list_clear(l);
	return r;
}

/* ---- folders ----------------------------------------------------------- */

static bool is_known(const struct listing_paths *p, uint64_t hash)
{
	const size_t low = buckets_find(&p->by_hash, hash);

	return low < p->n_known && p->known[low] == hash;
}

static int add_owned(struct listing_paths *p, uint32_t package,
                     const struct listing *folder, struct slice name)
{
	if (!sweep_grow(&p->owned, p->n_owned, &p->owned_size, sizeof(*p->owned)))
		return -ENOMEM;
	p->owned[p->n_owned++] = (struct owned_name){package, folder, name};
	return 0;
}

/* `at` is where the name begins in p->path, behind folder and slash. */
static int take_name(struct listing_paths *p, const struct listing *folder,
                     size_t at, struct slice name, uint64_t hash)
{
	const bool is_folder = slice_ends(name, SLICE("/"));

	p->path.n = at;
	str_add(&p->path, slice_first(name, name.n - is_folder));
	if (str_failed(&p->path))
		return -ENOMEM;
	const struct slice path = str_slice(&p->path);
	if (folder->path.n + 1 + name.n > CLAIM_VALUE_MAX) {
		sweep_unread(p->s, p->source, path, (struct slice){0}, WHY_TOO_DEEP);
		return 0;
	}
	if (is_known(p, hash))
		return 0;
	const uint32_t package =
		owners_number(p->s->owners, p->source, path, hash);
	return package ? add_owned(p, package, folder, name)
	               : list_add(&p->unowned, folder, name);
}

static bool ends_record(struct slice folder)
{
	static const struct siphash_key everywhere = {0x70617468, 0x6c697374};

	return siphash(&everywhere, folder) % FOLDERS_A_RECORD == 0;
}

static int take_folder(struct listing_paths *p, const struct listing *folder)
{
	struct slice rest = folder->names, name;
	int r = 0;

	str_clear(&p->path);
	str_add(&p->path, folder->path);
	if (!slice_ends(folder->path, SLICE("/")))
		str_putc(&p->path, '/');
	const size_t at = p->path.n;
	for (size_t i = 0; r == 0 && slice_split(&rest, 0, &name); i++)
		r = take_name(p, folder, at, name, folder->hashes[i]);
	if (r == 0 && (ends_record(folder->path) || is_full(&p->unowned)))
		r = list_end(p, &p->unowned, (struct slice){0});
	return r;
}

/* ---- packages ---------------------------------------------------------- */

/*
 * Brings each package's names together and leaves their order, which is that of
 * the folders and of the names in them: they came so.
 */
static int group_by_package(struct listing_paths *p)
{
	const size_t n_packages = owners_count(p->s->owners);
	struct owned_name *sorted = calloc(p->n_owned + 1, sizeof(*sorted));
	size_t *at = calloc(n_packages + 2, sizeof(*at));

	if (!sorted || !at) {
		free(sorted);
		free(at);
		return -ENOMEM;
	}
	for (size_t i = 0; i < p->n_owned; i++)
		at[p->owned[i].package + 1]++;
	for (size_t i = 0; i <= n_packages; i++)
		at[i + 1] += at[i];
	for (size_t i = 0; i < p->n_owned; i++)
		sorted[at[p->owned[i].package]++] = p->owned[i];
	free(at);
	free(p->owned);
	p->owned = sorted;
	p->owned_size = p->n_owned + 1;
	return 0;
}

static int take_packages(struct listing_paths *p)
{
	struct list list = {0};
	struct owner owner;
	int r = group_by_package(p);

	for (size_t i = 0; i < p->n_owned && r == 0; i++) {
		const struct owned_name *one = &p->owned[i];
		r = list_add(&list, one->folder, one->name);
		const bool last = i + 1 == p->n_owned ||
		                  p->owned[i + 1].package != one->package;
		if (r < 0 || (!last && !is_full(&list)))
			continue;
		owners_get(p->s->owners, one->package, &owner);
		artefact_owner(p->s, p->source, &owner, &p->owner);
		r = str_failed(&p->owner)
		            ? -ENOMEM
		            : list_end(p, &list, slice_first(str_slice(&p->owner),
		                                             CLAIM_VALUE_MAX));
	}
	list_finish(&list);
	return r;
}

static int by_folder(const void *x, const void *y)
{
	const struct listing *a = x, *b = y;
	return slice_cmp(a->path, b->path);
}

int path_lists_each(struct sweep *s, uint32_t source, const uint64_t *known,
                    size_t n_known, artefact_fn *fn, void *ctx)
{
	struct source_state *state = &s->states[source];
	struct listing_paths *p = calloc(1, sizeof(*p));
	int r = 0;

	if (!p)
		return -ENOMEM;
	p->s = s;
	p->source = source;
	p->known = known;
	p->n_known = n_known;
	p->fn = fn;
	p->ctx = ctx;
	buckets_init(&p->by_hash, known, sizeof(*known), n_known);
	if (state->n_folders)
		qsort(state->folders, state->n_folders, sizeof(*state->folders),
		      by_folder);
	for (size_t i = 0; i < state->n_folders && r == 0; i++)
		r = take_folder(p, &state->folders[i]);
	if (r == 0)
		r = list_end(p, &p->unowned, (struct slice){0});
	if (r == 0)
		r = take_packages(p);
	list_finish(&p->unowned);
	str_finish(&p->path);
	str_finish(&p->owner);
	free(p->owned);
	free(p->claims);
	free(p);
	return r;
}
