/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From values to candidates. A distinct value is stored once, however many
 * hosts have it, so all of them are looked through; only the artefacts behind
 * those that meet the main test of a wanted mark are read and matched whole.
 */
#include <errno.h>
#include <stdlib.h>

#include "claim/path_list.h"
#include "map/state.h"

struct scan {
	struct map *m;
	bool wanted[ATTR_COUNT];  /* attributes that the marks' main tests ask */
	struct arena scratch;
	struct ids values, artefacts;
};

bool map_wants(const struct map *m, const struct mark *mark)
{
	return !m->args.entities || m->args.entities[mark->entity];
}

/* ---- values ------------------------------------------------------------ */

static void want_attrs(struct scan *s)
{
	const struct pack *pack = s->m->args.pack;

	for (size_t i = 0; i < pack->n_marks; i++)
		for (int a = 0; a < ATTR_COUNT; a++)
			if (map_wants(s->m, &pack->marks[i]) &&
			    attrs_has(pack->marks[i].test->attrs, (enum attr)a))
				s->wanted[a] = true;
	s->wanted[ATTR_PATH_LIST] =
		s->wanted[ATTR_PATH] || s->wanted[ATTR_DIRECTORY];
	if (s->m->n_markers > 0)
		s->wanted[ATTR_SEARCH_MARKER] = true;
}

static bool any_wanted(const struct map *m, const uint32_t *marks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (map_wants(m, &m->args.pack->marks[marks[i]]))
			return true;
	return false;
}

/* A list of paths is noted when any of them meets a mark. */
static int on_paths(struct scan *s, uint32_t id, struct slice list)
{
	struct paths paths;
	int r = 0;

	paths_begin(&paths, list);
	while (r == 0 && paths_next(&paths)) {
		uint32_t *marks;
		size_t n;
		r = match_value(s->m->args.matcher, paths.attr, paths.path,
		                &s->scratch, &marks, &n);
		if (r < 0 || n == 0)
			continue;
		const bool wanted = any_wanted(s->m, marks, n);
		arena_reset(&s->scratch);
		if (!wanted)
			continue;
		return s->values.n < VALUES_HIT_MAX ? ids_add(&s->values, id)
		                                    : -E2BIG;
	}
	return r;
}

static int on_value(void *ctx, uint32_t id, enum attr attr, struct slice value)
{
	struct scan *s = ctx;
	uint32_t *marks;
	size_t n;

	s->m->report.values++;
	if (attr == ATTR_SEARCH_MARKER)
		map_note_search(s->m, id, value);
	if (attr == ATTR_PATH_LIST)
		return on_paths(s, id, value);
	int r = match_value(s->m->args.matcher, attr, value, &s->scratch, &marks,
	                    &n);
	if (r < 0 || n == 0)
		return r;
	if (any_wanted(s->m, marks, n))
		r = s->values.n < VALUES_HIT_MAX ? ids_add(&s->values, id)
		                                 : -E2BIG;
	arena_reset(&s->scratch);
	return r;
}

static int find_values(struct scan *s, struct err *e)
{
	if (e)
		e->text[0] = 0;
	int r = store_values(s->m->args.store, s->wanted, on_value, s, e);
	if (r == -E2BIG)
		return err_set(e, r, "more than %d values meet marks: ask for "
		               "fewer orders or entities", VALUES_HIT_MAX);
	return r < 0 && e && !e->text[0] ? err_sys(e, r, "matching values") : r;
}

/* ---- artefacts --------------------------------------------------------- */

static int find_artefacts(struct scan *s, struct err *e)
{
	for (size_t i = 0; i < s->values.n; i++) {
		uint32_t *list;
		size_t n;
		int r = store_artefacts_of(s->m->args.store, s->values.list[i],
		                           &s->scratch, &list, &n, e);
		for (size_t k = 0; k < n && r == 0; k++)
			if (ids_add(&s->artefacts, list[k]) < 0)
				r = err_sys(e, -ENOMEM, "looking up artefacts");
		arena_reset(&s->scratch);
		if (r < 0)
			return r;
	}
	ids_sort(&s->artefacts);
	return 0;
}

static bool copy(struct map *m, struct slice *s)
{
	*s = arena_copy(&m->mem, *s);
	return s->p != NULL;
}

/* Behind a record's own claims stands the path of its item. */
static struct slice item_path(const struct record *record)
{
	for (size_t i = record->n_claims; i-- > 0;) {
		const struct claim *c = &record->claims[i];
		if (c->attr == ATTR_PATH || c->attr == ATTR_DIRECTORY ||
		    c->attr == ATTR_ITEM_PATH)
			return c->value;
	}
	return record->root;
}

/* ATTR_PACKAGE_OWNER: four fields with tabs between. */
static void read_owner(const struct record *record, struct candidate *c)
{
	for (size_t i = 0; i < record->n_claims; i++) {
		struct slice rest = record->claims[i].value;
		if (record->claims[i].attr != ATTR_PACKAGE_OWNER)
			continue;
		(void)(slice_split(&rest, '\t', &c->owner.ecosystem) &&
		       slice_split(&rest, '\t', &c->owner.name) &&
		       slice_split(&rest, '\t', &c->owner.version) &&
		       slice_split(&rest, '\t', &c->maker));
		return;
	}
}

static bool claims_marker(const struct record *record, const char *digest)
{
	for (size_t i = 0; i < record->n_claims; i++)
		if (record->claims[i].attr == ATTR_PART_MARKER &&
		    slice_eq(record->claims[i].value, slice_str(digest)))
			return true;
	return false;
}

/* Were the package's programs searched for all byte markers of the entity? */
static bool was_searched(const struct map *m, const struct record *record,
                         uint32_t entity)
{
	const struct pack *pack = m->args.pack;
	char digest[33];

	for (size_t i = 0; i < pack->n_marks; i++) {
		if (pack->marks[i].entity != entity)
			continue;
		int r = pack_marker_digest(&pack->marks[i], digest);
		if (r < 0 || (r > 0 && !claims_marker(record, digest)))
			return false;
	}
	return true;
}

static bool copy_hits(struct map *m, const struct record *record,
                      const struct hit *hits, size_t n, struct candidate *c)
{
	c->hits = arena_zalloc(&m->mem, n, sizeof(*c->hits));
	for (size_t i = 0; c->hits && i < n; i++) {
		const struct mark *mark = &m->args.pack->marks[hits[i].mark];
		struct kept_hit *kept = &c->hits[c->n_hits];
		if (!map_wants(m, mark))
			continue;
		*kept = (struct kept_hit){
			.mark = mark,
			.claim = record->claims[hits[i].claim],
			.part_known = record->scope == SCOPE_PART &&
			              was_searched(m, record, mark->entity) &&
			              match_part_known(m->args.pack, record,
			                               mark->entity),
		};
		if (!copy(m, &kept->claim.value) || !copy(m, &kept->claim.member))
			return false;
		c->n_hits++;
	}
	return c->hits != NULL;
}

static bool copy_candidate(struct map *m, const struct record *record,
                           struct candidate *c)
{
	c->head = *record;
	c->head.maker = record_maker(record);
	c->head.claims = NULL;
	c->head.n_claims = 0;
	c->path = item_path(record);
	read_owner(record, c);
	return copy(m, &c->head.name) && copy(m, &c->head.version) &&
	       copy(m, &c->head.root) && copy(m, &c->head.maker) &&
	       copy(m, &c->path) &&
	       copy(m, &c->owner.ecosystem) && copy(m, &c->owner.name) &&
	       copy(m, &c->owner.version) && copy(m, &c->maker);
}

static bool room(struct map *m)
{
	if (m->n_candidates < m->candidates_size)
		return true;
	size_t size = m->candidates_size ? m->candidates_size * 2 : 64;
	struct candidate *list = reallocarray(m->candidates, size, sizeof(*list));
	if (!list)
		return false;
	m->candidates = list;
	m->candidates_size = size;
	return true;
}

static int keep_candidate(struct scan *s, uint32_t number,
                          const struct record *record, const struct hit *hits,
                          size_t n)
{
	struct map *m = s->m;

	if (m->n_candidates == CANDIDATES_MAX)
		return -E2BIG;
	if (!room(m))
		return -ENOMEM;
	struct candidate *c = &m->candidates[m->n_candidates];
	*c = (struct candidate){.number = number};
	if (!copy_hits(m, record, hits, n, c))
		return -ENOMEM;
	if (c->n_hits == 0)
		return 0;
	if (!copy_candidate(m, record, c))
		return -ENOMEM;
	m->n_candidates++;
	return 0;
}

static bool has_paths(const struct record *record)
{
	for (size_t i = 0; i < record->n_claims; i++)
		if (record->claims[i].attr == ATTR_PATH_LIST)
			return true;
	return false;
}

/* A path as a sweep matches it when nothing else is known of the item. */
static int match_path(struct scan *s, uint32_t number, const struct record *list,
                      const struct paths *paths)
{
	struct claim claims[2] = {
		{.attr = paths->attr, .value = paths->path},
	};
	struct record record = {
		.scope = SCOPE_ITEM,
		.state = state_of_path(paths->path,
		                       list->state == STATE_INSTALLED),
		.ecosystem = "",
		.claims = claims,
		.n_claims = 1,
	};
	struct hit *hits;
	size_t n;
	int r = match_record(s->m->args.matcher, &record, &s->scratch, &hits, &n);

	if (r < 0 || n == 0)
		return r;
	if (list->claims[0].attr == ATTR_PACKAGE_OWNER)
		claims[record.n_claims++] = list->claims[0];
	return keep_candidate(s, number, &record, hits, n);
}

static int match_paths(struct scan *s, uint32_t number, const struct record *list)
{
	struct paths paths;
	int r = 0;

	for (size_t i = 0; i < list->n_claims && r == 0; i++) {
		if (list->claims[i].attr != ATTR_PATH_LIST)
			continue;
		paths_begin(&paths, list->claims[i].value);
		while (r == 0 && paths_next(&paths))
			r = match_path(s, number, list, &paths);
	}
	return r;
}

static int match_artefact(struct scan *s, uint32_t number, struct err *e)
{
	struct record record;
	struct hit *hits;
	size_t n;

	int r = store_record(s->m->args.store, number, &s->scratch, &record, e);
	if (r < 0)
		return r;
	if (has_paths(&record)) {
		r = match_paths(s, number, &record);
	} else {
		r = match_record(s->m->args.matcher, &record, &s->scratch, &hits,
		                 &n);
		if (r == 0 && n > 0)
			r = keep_candidate(s, number, &record, hits, n);
	}
	arena_reset(&s->scratch);
	if (r == -E2BIG)
		return err_set(e, r, "more than %d artefacts meet marks: ask for "
		               "fewer orders or entities", CANDIDATES_MAX);
	return r < 0 ? err_sys(e, r, "matching artefacts") : 0;
}

/* ---- hosts ------------------------------------------------------------- */

struct holding {
	struct map *m;
	struct host_set set; /* scratch */
};

static int on_holders(void *ctx, size_t i, const struct host_set *hosts)
{
	struct holding *h = ctx;
	struct map *m = h->m;

	set_clear(&h->set);
	if (set_add(&h->set, hosts) < 0)
		return -ENOMEM;
	if (m->args.n_where > 0)
		set_keep(&h->set, &m->within);
	return sparse_of(&m->candidates[i].hosts, &h->set, &m->mem);
}

/* Candidates that no host has (any more) are let go. */
static void keep_held(struct map *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n_candidates; i++)
		if (m->candidates[i].hosts.n > 0)
			m->candidates[kept++] = m->candidates[i];
	m->n_candidates = kept;
}

/* Candidates are in order of number, as the artefacts were matched. */
static int find_hosts(struct map *m, struct err *e)
{
	struct holding h = {.m = m};
	uint32_t *numbers = calloc(m->n_candidates + 1, sizeof(*numbers));
	int r = -ENOMEM;

	for (size_t i = 0; numbers && i < m->n_candidates; i++)
		numbers[i] = m->candidates[i].number;
	if (numbers)
		r = store_holders(m->args.store, numbers, m->n_candidates,
		                  m->args.as_of, on_holders, &h, e);
	free(numbers);
	set_finish(&h.set);
	keep_held(m);
	return r == -ENOMEM ? err_sys(e, r, "looking up hosts") : r;
}

int map_scan(struct map *m, struct err *e)
{
	struct scan s = {.m = m};

	arena_init(&s.scratch, 0);
	want_attrs(&s);
	int r = find_values(&s, e);
	if (r == 0)
		r = find_artefacts(&s, e);
	for (size_t i = 0; i < s.artefacts.n && r == 0; i++)
		r = match_artefact(&s, s.artefacts.list[i], e);
	m->report.artefacts = s.artefacts.n;
	arena_finish(&s.scratch);
	ids_finish(&s.values);
	ids_finish(&s.artefacts);
	return r < 0 ? r : find_hosts(m, e);
}
