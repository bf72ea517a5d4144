/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/artefacts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"

/* What the records of one source are completed by. */
struct completing {
	struct sweep *s;
	uint32_t source;
	artefact_fn *fn;
	void *ctx;
	struct arena mem;      /* of one record */
	struct str owner;
	/* Code packages by their root folder, and records that await them. */
	struct arena names;
	struct code_package {
		uint64_t root;
		struct slice ecosystem, name, version;
	} *packages;
	size_t n_packages, packages_size;
	struct waiting {
		struct slice path, messages; /* the record comes first */
	} *waiting;
	size_t n_waiting, waiting_size;
	bool waited;           /* all packages are known now */
};

/* ---- what a record does not tell --------------------------------------- */

void artefact_owner(const struct sweep *s, uint32_t source,
                    const struct owner *owner, struct str *out)
{
	struct slice maker = {0};

	(void)owners_maker(s->owners, source, owner->ecosystem, owner->name, &maker);
	str_clear(out);
	str_add(out, owner->ecosystem);
	str_putc(out, '\t');
	str_add(out, owner->name);
	str_putc(out, '\t');
	str_add(out, owner->version);
	str_putc(out, '\t');
	str_add(out, maker);
}

static struct claim plain(enum attr attr, struct slice value)
{
	return (struct claim){.attr = attr,
	                      .value = slice_first(value, CLAIM_VALUE_MAX)};
}

static bool was_searched(const struct completing *c, const struct record *record)
{
	const struct source_state *state = &c->s->states[c->source];

	if (record->scope != SCOPE_PART)
		return false;
	if (state->programs > 0 && state->searched == state->programs)
		return true;
	for (size_t i = 0; i < c->s->n_parts; i++) {
		const struct part *p = &c->s->parts[i];
		if (p->source == c->source && p->looked &&
		    slice_eq(p->package, record->name))
			return true;
	}
	return false;
}

/* Owners speak for what stands in a file; packages and their parts have names
 * of their own. */
static bool may_be_owned(enum scope scope)
{
	return scope == SCOPE_ITEM || scope == SCOPE_FOLDER || scope == SCOPE_SETUP;
}

static size_t add_markers(const struct completing *c, struct claim *claims)
{
	const struct sweep *s = c->s;

	for (size_t i = 0; i < s->n_markers; i++)
		claims[i] = plain(ATTR_PART_MARKER, slice_str(s->markers[i]));
	return s->n_markers;
}

static int complete_claims(struct completing *c, struct slice path,
                           struct record *record)
{
	enum { MORE = 2 }; /* item.path and package.owner */
	const bool searched = was_searched(c, record);
	const size_t most = record->n_claims + MORE +
	                    (searched ? c->s->n_markers : 0);
	struct claim *claims = arena_zalloc(&c->mem, most, sizeof(*claims));
	size_t n = record->n_claims;
	struct owner owner;

	if (!claims)
		return -ENOMEM;
	if (n)
		memcpy(claims, record->claims, n * sizeof(*claims));
	for (size_t i = 0; record->scope == SCOPE_PACKAGE && i < n; i++)
		claims[i].offset = claims[i].length = 0;
	if (record->scope != SCOPE_ITEM)
		claims[n++] = plain(ATTR_ITEM_PATH, path);
	if (may_be_owned(record->scope) &&
	    owners_of(c->s->owners, c->source, path, &owner)) {
		artefact_owner(c->s, c->source, &owner, &c->owner);
		claims[n++] = plain(ATTR_PACKAGE_OWNER, str_slice(&c->owner));
	}
	if (searched)
		n += add_markers(c, claims + n);
	record->claims = claims;
	record->n_claims = n < RECORD_CLAIMS_MAX ? n : RECORD_CLAIMS_MAX;
	return str_failed(&c->owner) ? -ENOMEM : 0;
}

/* ---- code packages by their folder ------------------------------------- */

static uint64_t root_hash(const struct completing *c, struct slice root)
{
	return siphash(&c->s->jail_args.key, root);
}

static int by_root(const void *x, const void *y)
{
	const struct code_package *a = x, *b = y;
	return (a->root > b->root) - (a->root < b->root);
}

static int note_package(struct completing *c, const struct record *record)
{
	if (!sweep_grow(&c->packages, c->n_packages, &c->packages_size,
	                sizeof(*c->packages)))
		return -ENOMEM;
	struct code_package *p = &c->packages[c->n_packages++];
	*p = (struct code_package){
		.root = root_hash(c, record->root),
		.ecosystem = slice_str(record->ecosystem),
		.name = arena_copy(&c->names, record->name),
		.version = arena_copy(&c->names, record->version),
	};
	return p->name.p && p->version.p ? 0 : -ENOMEM;
}

/* A licence or source file says who made a folder, not what package it is. */
static void name_folder(const struct completing *c, struct record *record)
{
	const struct code_package key = {.root = root_hash(c, record->root)};
	const struct code_package *p =
		c->n_packages ? bsearch(&key, c->packages, c->n_packages,
	                                sizeof(key), by_root)
	                      : NULL;
	const char *ecosystem = p ? ecosystem_by_name(p->ecosystem) : NULL;

	if (!p || !ecosystem)
		return;
	record->ecosystem = ecosystem;
	record->name = p->name;
	record->version = p->version;
}

static int wait_for_package(struct completing *c, struct slice path,
                            struct slice messages)
{
	if (!sweep_grow(&c->waiting, c->n_waiting, &c->waiting_size,
	                sizeof(*c->waiting)))
		return -ENOMEM;
	c->waiting[c->n_waiting++] = (struct waiting){path, messages};
	return 0;
}

/* ---- each record ------------------------------------------------------- */

static int hand_on(struct completing *c, struct slice path, struct record *record)
{
	int r = complete_claims(c, path, record);

	return r < 0 ? r : c->fn(c->ctx, record);
}

/* `at` are the messages from this record on. */
static int take_record(struct completing *c, struct slice path, struct slice at,
                       struct record *record)
{
	int r = 0;

	if (record->scope == SCOPE_FOLDER && record->version.n == 0)
		return wait_for_package(c, path, at);
	if (record->scope == SCOPE_FOLDER)
		r = note_package(c, record);
	return r < 0 ? r : hand_on(c, path, record);
}

static int take_item(void *ctx, const struct memory_item *item)
{
	struct completing *c = ctx;
	struct slice messages = item->messages, at = messages;
	struct record record;
	int r;

	while ((r = jail_next_record(&messages, &c->mem, &record)) > 0) {
		r = take_record(c, item->path, at, &record);
		if (r != 0)
			break;
		at = messages;
		arena_reset(&c->mem);
	}
	arena_reset(&c->mem);
	return r;
}

static int take_waiting(struct completing *c)
{
	int r = 0;

	if (c->n_packages)
		qsort(c->packages, c->n_packages, sizeof(*c->packages), by_root);
	for (size_t i = 0; i < c->n_waiting && r == 0; i++) {
		struct slice messages = c->waiting[i].messages;
		struct record record;
		r = jail_next_record(&messages, &c->mem, &record);
		if (r <= 0)
			return r ? r : -EBADMSG;
		name_folder(c, &record);
		r = hand_on(c, c->waiting[i].path, &record);
		arena_reset(&c->mem);
	}
	return r;
}

static int each_record(struct sweep *s, uint32_t source, artefact_fn *fn,
                       void *ctx)
{
	struct completing c = {.s = s, .source = source, .fn = fn, .ctx = ctx};

	arena_init(&c.mem, 0);
	arena_init(&c.names, 0);
	int r = memory_each(s->states[source].writer, take_item, &c);
	if (r == 0)
		r = take_waiting(&c);
	arena_finish(&c.mem);
	arena_finish(&c.names);
	str_finish(&c.owner);
	free(c.packages);
	free(c.waiting);
	return r;
}

/* ---- paths, on a thread beside ----------------------------------------- */

/* Hashes of the paths of items that have records of their own. */
struct known {
	const struct sweep *s;
	uint64_t *hashes;
	size_t n, size;
};

static int note_item(void *ctx, const struct memory_item *item)
{
	struct known *k = ctx;

	if (!(item->flags & MEMORY_ITEM))
		return 0;
	if (!sweep_grow(&k->hashes, k->n, &k->size, sizeof(*k->hashes)))
		return -ENOMEM;
	k->hashes[k->n++] = siphash(&k->s->jail_args.key, owners_bare(item->path));
	return 0;
}

static int by_number(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

struct beside {
	struct sweep *s;
	uint32_t source;
	artefact_fn *fn;
	void *ctx;
	int result;
};

static void *each_path_list(void *arg)
{
	struct beside *b = arg;
	struct known known = {.s = b->s};

	b->result = memory_each(b->s->states[b->source].writer, note_item, &known);
	if (known.n)
		qsort(known.hashes, known.n, sizeof(*known.hashes), by_number);
	if (b->result == 0)
		b->result = path_lists_each(b->s, b->source, known.hashes, known.n,
		                            b->fn, b->ctx);
	free(known.hashes);
	return NULL;
}

int artefacts_each(struct sweep *s, uint32_t source, artefact_fn *fn, void *ctx)
{
	struct beside paths = {s, source, fn, ctx, 0};
	pthread_t thread;
	const bool beside =
		pthread_create(&thread, NULL, each_path_list, &paths) == 0;
	int r = each_record(s, source, fn, ctx);

	if (beside)
		(void)pthread_join(thread, NULL);
	else
		(void)each_path_list(&paths);
	return r ? r : paths.result;
}
