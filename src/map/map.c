/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "map/state.h"

/* ---- small things ------------------------------------------------------ */

int ids_add(struct ids *list, uint32_t number)
{
	if (list->n == list->size) {
		size_t size = list->size ? list->size * 2 : 256;
		uint32_t *more = reallocarray(list->list, size, sizeof(*more));
		if (!more)
			return -ENOMEM;
		list->list = more;
		list->size = size;
	}
	list->list[list->n++] = number;
	return 0;
}

static int by_number(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

void ids_sort(struct ids *list)
{
	size_t kept = 0;

	if (list->n == 0)
		return;
	qsort(list->list, list->n, sizeof(*list->list), by_number);
	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || list->list[kept - 1] != list->list[i])
			list->list[kept++] = list->list[i];
	list->n = kept;
}

void ids_finish(struct ids *list)
{
	free(list->list);
	*list = (struct ids){0};
}

const char *map_time(struct arena *mem, int64_t at)
{
	char text[TEXT_TIME_SIZE];

	if (at == 0 || !text_time(at, text))
		return NULL;
	return arena_str(mem, slice_str(text));
}

/* ---- the list of hosts ------------------------------------------------- */

struct listing {
	struct map *m;
	const struct map_case **cases; /* room for all */
	int (*fn)(void *ctx, const struct map_host *host);
	void *ctx;
	struct arena times; /* of one host */
};

static enum map_word word_of(const struct map *m, uint32_t host)
{
	int w = MAP_WORD_COUNT - 1;

	while (w > MAP_NONE && !set_has(&m->words[w], host))
		w--;
	return (enum map_word)w;
}

static int on_host(void *ctx, const struct store_host_info *info)
{
	struct listing *l = ctx;
	const struct map *m = l->m;
	const bool seen = !set_has(&m->never, info->number);

	arena_reset(&l->times);
	struct map_host host = {
		.name = info->name,
		.unit = info->unit,
		.labels = info->labels,
		.coverage = info->coverage.json,
		.first_seen = seen ? map_time(&l->times, info->first_seen) : NULL,
		.last_seen = seen ? map_time(&l->times, info->last_seen) : NULL,
		.complete = seen && info->coverage.complete,
		.deep = seen && info->coverage.deep,
		.items = info->coverage.items,
		.examined = info->coverage.examined,
		.incomplete = info->coverage.incomplete,
		.programs = info->coverage.programs,
		.search_again = set_has(&m->search_again, info->number),
		.word = word_of(m, info->number),
		.cases = l->cases,
	};
	for (size_t i = 0; i < m->n_cases; i++)
		if (sparse_has(&m->case_hosts[i], info->number))
			l->cases[host.n_cases++] = &m->cases[i];
	return l->fn(l->ctx, &host);
}

static int each_host(const struct map_report *r,
                     int (*fn)(void *ctx, const struct map_host *host), void *ctx)
{
	struct map *m = r->ctx;
	struct listing l = {.m = m, .fn = fn, .ctx = ctx};
	struct host_set only = {0};
	int rc = set_add(&only, &m->never);

	for (int w = MAP_NONE + 1; w < MAP_WORD_COUNT && rc == 0; w++)
		rc = set_add(&only, &m->words[w]);
	if (rc == 0)
		rc = set_add(&only, &m->incomplete);
	if (rc == 0)
		rc = set_add(&only, &m->search_again);
	l.cases = calloc(m->n_cases + 1, sizeof(*l.cases));
	arena_init(&l.times, 0);
	if (rc == 0 && l.cases)
		rc = store_hosts(m->args.store, &only, on_host, &l, &m->error);
	else
		rc = err_sys(&m->error, -ENOMEM, "listing hosts");
	arena_finish(&l.times);
	free(l.cases);
	set_finish(&only);
	return rc;
}

/* ---- the whole --------------------------------------------------------- */

static int (*const steps[])(struct map *m, struct err *e) = {
	map_choose, map_seen, map_markers, map_scan, map_classes, map_judge,
	map_tally, map_units, map_groups, map_remains,
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void complete_report(struct map *m, double started)
{
	struct map_report *r = &m->report;
	struct map_coverage *c = &r->coverage;

	r->articles = m->articles;
	r->n_articles = m->n_articles;
	c->complete = c->never == 0 && c->incomplete == 0 && c->reported > 0 &&
	              r->remainder.hosts == 0 && r->undecided == 0;
	r->seconds = now() - started;
}

static void begin_report(struct map *m)
{
	const struct map_args *args = &m->args;

	m->report = (struct map_report){
		.pack = args->pack,
		.orders = args->orders,
		.n_orders = args->n_orders,
		.entities = args->entities,
		.as_of = map_time(&m->mem, args->as_of),
		.where = args->where,
		.n_where = args->n_where,
		.by = args->by,
		.limit = args->limit,
		.each_host = args->by & MAP_BY_HOST ? each_host : NULL,
		.ctx = m,
	};
}

int map_run(const struct map_args *args, struct err *e, struct map **ret)
{
	const double started = now();
	struct map *m = calloc(1, sizeof(*m));
	int r = 0;

	if (!m)
		return err_sys(e, -ENOMEM, "asking the inventory");
	m->args = *args;
	arena_init(&m->mem, 0);
	begin_report(m);
	for (size_t i = 0; i < COUNT_OF(steps) && r == 0; i++)
		r = steps[i](m, e);
	if (r != 0) {
		map_free(m);
		return r;
	}
	complete_report(m, started);
	*ret = m;
	return 0;
}

const struct map_report *map_report(const struct map *m)
{
	return &m->report;
}

const char *map_error(const struct map *m)
{
	return m->error.text;
}

void map_free(struct map *m)
{
	struct host_set *sets[] = {
		&m->undecided, &m->reported, &m->never, &m->incomplete, &m->deep,
		&m->with_programs, &m->search_again, &m->labelled, &m->named, &m->within,
	};

	for (size_t i = 0; i < COUNT_OF(sets); i++)
		set_finish(sets[i]);
	for (int w = 0; w < MAP_WORD_COUNT; w++)
		set_finish(&m->words[w]);
	findings_free(m->names);
	findings_free(m->findings);
	free(m->candidates);
	free(m->classes);
	free(m->unit_of);
	arena_finish(&m->mem);
	free(m);
}
