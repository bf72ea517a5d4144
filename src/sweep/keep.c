/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/keep.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/text.h"
#include "report/json_emit.h"
#include "source/source.h"
#include "sweep/artefacts.h"
#include "sweep/changes.h"

enum {
	WAIT_MS = 60 * 1000,  /* for another sweep that is writing */
	LISTED_MAX = 100,     /* reasons kept per host, of those that are counted */
	HOST_SIZE = 256,      /* as the store allows, with a NUL */
};

struct keeping {
	struct sweep *s;
	uint32_t source;
	struct store_batch *batch;
	pthread_mutex_t lock; /* of what follows, and of the batch */
	struct digest *digests;
	size_t n, size;
	struct str host;
	struct before before; /* with --changed-since */
	struct err *e;
};

/* ---- byte markers ------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int find_markers(struct sweep *s)
{
	const struct pack *pack = s->args->pack;

	if (s->markers)
		return 0;
	s->markers = calloc(pack->n_marks + 1, sizeof(*s->markers));
	if (!s->markers)
		return -ENOMEM;
	for (size_t i = 0; i < pack->n_marks; i++) {
		int r = pack_marker_digest(&pack->marks[i],
		                           s->markers[s->n_markers]);
		if (r < 0)
			return r;
		s->n_markers += r > 0;
	}
	if (s->n_markers)
		qsort(s->markers, s->n_markers, sizeof(*s->markers), by_text);
	return 0;
}

/* Of all programs of the source: what they were searched for. */
static int each_searched(const struct keeping *k, artefact_fn *fn, void *ctx)
{
	const struct sweep *s = k->s;
	const struct source_state *state = &s->states[k->source];
	const size_t n = s->n_markers < RECORD_CLAIMS_MAX ? s->n_markers
	                                                  : RECORD_CLAIMS_MAX;

	if (n == 0 || state->programs == 0 || state->searched < state->programs)
		return 0;
	struct claim *claims = calloc(n, sizeof(*claims));
	if (!claims)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		claims[i] = (struct claim){.attr = ATTR_SEARCH_MARKER,
		                           .value = slice_str(s->markers[i])};
	const struct record record = {
		.scope = SCOPE_SETUP,
		.state = STATE_INSTALLED,
		.ecosystem = "",
		.name = SLICE("searched"),
		.claims = claims,
		.n_claims = n,
	};
	int r = fn(ctx, &record);
	free(claims);
	return r;
}

static int each_artefact(struct keeping *k, artefact_fn *fn)
{
	int r = artefacts_each(k->s, k->source, fn, k);

	return r ? r : each_searched(k, fn, k);
}

/* ---- the host ---------------------------------------------------------- */

static void live_host(char *ret, size_t size)
{
	if (gethostname(ret, size) < 0)
		ret[0] = 0;
	ret[size - 1] = 0;
	if (!ret[0])
		(void)snprintf(ret, size, "localhost");
}

/* A name that is too long keeps its beginning; a hash tells it from others. */
static void shorten(struct str *name)
{
	enum { HASH = sizeof("#0123456789abcdef") - 1, RUNE_MAX = 3 };
	static const struct siphash_key everywhere = {0x686f7374, 0x6e616d65};
	size_t n = HOST_SIZE - 1 - HASH;

	if (name->n < HOST_SIZE)
		return;
	const uint64_t hash = siphash(&everywhere, str_slice(name));
	for (int i = 0; i < RUNE_MAX && (name->p[n] & 0xc0) == 0x80; i++)
		n--;
	name->n = n;
	str_printf(name, "#%016llx", (unsigned long long)hash);
}

/* The machine's name for its own root, with the path behind it for the rest: a
 * mounted image may bear the name of a machine that reports for itself. */
static int host_name(const struct sweep *s, uint32_t source, struct str *ret)
{
	const struct report_source *of = &s->sources[source];
	const char *path = s->args->sources[source];
	char live[HOST_SIZE];

	if (s->args->host && s->args->n_sources == 1) {
		str_puts(ret, s->args->host);
		return str_failed(ret) ? -ENOMEM : 0;
	}
	live_host(live, sizeof(live));
	str_puts(ret, s->args->host  ? s->args->host
	              : of->host[0] ? of->host
	                            : live);
	char *real = realpath(path, NULL);
	if (strcmp(of->kind, "root") != 0 || !real || strcmp(real, "/") != 0) {
		str_putc(ret, ':');
		text_show(ret, slice_str(real ? real : path));
	}
	free(real);
	shorten(ret);
	return str_failed(ret) ? -ENOMEM : 0;
}

static void coverage_json(const struct keeping *k,
                          const struct store_coverage *c, FILE *out)
{
	const struct sweep *s = k->s;
	struct json j;
	size_t n = 0;

	json_init(&j, out, true);
	json_open(&j, NULL, '{');
	json_bool(&j, "complete", c->complete);
	json_number(&j, "items", c->items);
	json_number(&j, "bytes", c->bytes);
	json_number(&j, "examined", c->examined);
	json_open(&j, "incomplete", '[');
	for (size_t i = 0; i < s->n_incomplete && n < LISTED_MAX; i++) {
		const struct incomplete *one = &s->incomplete[i];
		if (one->source != k->source)
			continue;
		json_open(&j, NULL, '{');
		json_bytes(&j, "path", one->path);
		json_member(&j, "member", one->member);
		json_cstr(&j, "why", why_name(one->why));
		json_close(&j, '}');
		n++;
	}
	json_close(&j, ']');
	json_close(&j, '}');
	(void)json_finish(&j);
}

static int coverage_of(const struct keeping *k, struct store_coverage *ret,
                       char **ret_json)
{
	const struct source_state *state = &k->s->states[k->source];
	size_t n = 0;

	*ret = (struct store_coverage){
		.items = state->items,
		.examined = state->examined,
		.bytes = state->bytes,
		.incomplete = state->incomplete,
		.programs = state->programs,
		.complete = state->incomplete == 0,
		.deep = k->s->args->deep,
	};
	FILE *out = open_memstream(ret_json, &n);
	if (!out)
		return -ENOMEM;
	coverage_json(k, ret, out);
	if (fclose(out) != 0)
		return -ENOMEM;
	ret->json = slice_of(*ret_json, n);
	return 0;
}

/* ---- a source ---------------------------------------------------------- */

/* Most often the inventory knows an artefact; else it gets the record. */
static int give(void *ctx, const struct record *record)
{
	struct keeping *k = ctx;
	const struct digest digest = store_digest(record);
	int r = -ENOMEM;

	pthread_mutex_lock(&k->lock);
	if (sweep_grow(&k->digests, k->n, &k->size, sizeof(*k->digests))) {
		k->digests[k->n++] = digest;
		r = store_has(k->batch, &digest)
		            ? 0
		            : store_artefact(k->batch, &digest, record, k->e);
	}
	pthread_mutex_unlock(&k->lock);
	return r;
}

static int keep_source(struct keeping *k)
{
	const struct sweep_args *args = k->s->args;
	struct store_coverage coverage;
	char *json = NULL;

	k->e->text[0] = 0;
	int r = each_artefact(k, give);
	if (r == 0)
		r = coverage_of(k, &coverage, &json);
	if (r < 0 && !k->e->text[0])
		(void)err_sys(k->e, r, "keeping what was found");
	if (r == 0) {
		const struct store_host host = {
			.name = str_slice(&k->host),
			.unit = slice_str(args->unit),
			.labels = slice_str(args->labels),
		};
		r = store_report(k->batch, &host, (int64_t)time(NULL), &coverage,
		                 k->digests, k->n, k->e);
	}
	free(json);
	free(k->digests);
	return r < 0 ? r : 0;
}

/*
 * A list on standard input is no place that could be swept again. Of a place of
 * which nothing could be examined the inventory keeps what it knew: that a disk
 * cannot be read does not mean that what was on it is gone.
 */
static bool is_place(const struct sweep *s, uint32_t source)
{
	const struct source_state *state = &s->states[source];

	return strcmp(s->sources[source].kind, "list") != 0 &&
	       (state->examined > 0 || state->incomplete == 0);
}

static int report_all(struct sweep *s, struct keeping *places, struct err *e)
{
	struct store_batch *batch;
	int r = store_begin(s->args->store, WAIT_MS, e, &batch);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < s->args->n_sources && r == 0; i++) {
		places[i].batch = batch;
		if (is_place(s, i))
			r = keep_source(&places[i]);
	}
	if (r == 0)
		return store_commit(batch, e);
	store_cancel(batch);
	return r;
}

/* Names the places, and reads what was known of each when that is asked for. */
static int prepare(struct sweep *s, struct keeping *places, struct arena *mem,
                   struct err *e)
{
	int r = find_markers(s);

	for (uint32_t i = 0; i < s->args->n_sources && r == 0; i++) {
		places[i] = (struct keeping){
			.s = s, .source = i, .e = e,
			.lock = PTHREAD_MUTEX_INITIALIZER};
		r = host_name(s, i, &places[i].host);
	}
	if (r < 0)
		return err_sys(e, r, "keeping what was found");
	for (uint32_t i = 0; i < s->args->n_sources && r == 0; i++)
		if (s->args->changes && is_place(s, i))
			r = changes_before(s->args->store,
			                   str_slice(&places[i].host),
			                   s->args->changed_since, mem,
			                   &places[i].before, e);
	return r;
}

static int compare(struct sweep *s, struct keeping *places, struct err *e)
{
	int r = 0;

	s->gathering = changes_begin();
	if (!s->gathering)
		return err_sys(e, -ENOMEM, "comparing with what was before");
	for (uint32_t i = 0; i < s->args->n_sources && r == 0; i++)
		if (is_place(s, i))
			r = changes_add(s->gathering, s->args->store, i,
			                str_slice(&places[i].host),
			                &places[i].before, e);
	if (r == 0 && changes_end(s->gathering, &s->changes) < 0)
		r = err_sys(e, -ENOMEM, "comparing with what was before");
	s->compared = r == 0;
	return r;
}

int keep_sources(struct sweep *s, struct err *e)
{
	struct keeping *places = calloc(s->args->n_sources, sizeof(*places));
	struct arena mem;

	if (!places)
		return err_sys(e, -ENOMEM, "keeping what was found");
	arena_init(&mem, 0);
	int r = prepare(s, places, &mem, e);
	if (r == 0)
		r = report_all(s, places, e);
	if (r == 0 && s->args->changes)
		r = compare(s, places, e);
	for (uint32_t i = 0; i < s->args->n_sources; i++)
		str_finish(&places[i].host);
	arena_finish(&mem);
	free(places);
	return r;
}
