/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what export.c writes (its form is told there). The numbers of a file
 * are its own: artefacts are known by digest, which is computed again.
 */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "store/internal.h"
#include "store/timeline.h"

enum {
	LINE_BYTES_MAX = 256 << 20,
	CHUNK_BYTES = 65536,
	STEPS_AT_ONCE = 4096,       /* hosts in a batch; artefacts count less */
	ARTEFACTS_A_STEP = 64,
	WAIT_MS = 10000,
};

struct import {
	struct store *s;
	struct store_batch *b;
	struct err *e;
	size_t line, n;
	struct digest *artefacts;   /* number 1 at [0] */
	size_t n_artefacts, size_artefacts;
	struct numbers *manifests;  /* artefacts of each, number 1 at [0] */
	size_t n_manifests, size_manifests;
	/* The host whose reports are coming. */
	json_t *host;
	struct timeline timeline;
	struct arena mem;           /* of the line */
};

static int wrong(struct import *x, const char *what)
{
	return err_set(x->e, -EBADMSG, "line %zu of the import: %s", x->line, what);
}

/* ---- fields ------------------------------------------------------------ */

static int from_base64(struct import *x, struct slice text, struct slice *ret)
{
	uint8_t *bytes = arena_alloc(&x->mem, text.n / 4 * 3 + 1);

	if (!bytes)
		return -ENOMEM;
	if (text.n % 4 || text.n > INT_MAX)
		return wrong(x, "bad base64");
	int n = EVP_DecodeBlock(bytes, text.p, (int)text.n);
	if (n < 0)
		return wrong(x, "bad base64");
	for (size_t i = text.n; i > 0 && text.p[i - 1] == '=' && n > 0; i--)
		n--;
	*ret = slice_of(bytes, (size_t)n);
	return 0;
}

/* A field of text or {"base64": text}; "" when it is not there. */
static int text_of(struct import *x, const json_t *object, const char *name,
                   struct slice *ret)
{
	const json_t *v = json_object_get(object, name);
	const json_t *b64 = json_object_get(v, "base64");

	if (!v) {
		*ret = slice_str("");
		return 0;
	}
	const json_t *text = b64 ? b64 : v;
	if (!json_is_string(text))
		return wrong(x, "a text is no text");
	struct slice s = slice_of(json_string_value(text), json_string_length(text));
	if (b64)
		return from_base64(x, s, ret);
	*ret = s;
	return 0;
}

/* A field that is a number from 0 on; 0 when it is not there. */
static int number_of(struct import *x, const json_t *object, const char *name,
                     uint64_t *ret)
{
	const json_t *v = json_object_get(object, name);

	*ret = 0;
	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return wrong(x, "a number is no number");
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}

/* The number of a word that names one of an enum's values. */
static int word_of(struct import *x, const json_t *object, const char *name,
                   int (*by_name)(const char *name), int *ret)
{
	const char *word = json_string_value(json_object_get(object, name));

	*ret = word ? by_name(word) : -1;
	return *ret < 0 ? wrong(x, "a word is not known or missing") : 0;
}

static int set_of(struct import *x, const json_t *object, const char *name,
                  struct numbers *ret)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_array(v))
		return wrong(x, "a list is missing");
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *n = json_array_get(v, i);
		if (!json_is_integer(n) || json_integer_value(n) < 1 ||
		    (uint64_t)json_integer_value(n) > x->n_artefacts)
			return wrong(x, "an artefact is named before it is given");
		numbers_add(ret, (uint32_t)json_integer_value(n));
	}
	numbers_sort(ret);
	return ret->failed ? -ENOMEM : 0;
}

/* ---- lines ------------------------------------------------------------- */

static int read_claim(struct import *x, const json_t *object, struct claim *ret)
{
	int attr = 0;
	int r = word_of(x, object, "attr", attr_by_name, &attr);

	*ret = (struct claim){.attr = (enum attr)attr,
	                      .verified = json_is_true(json_object_get(
	                              object, "verified"))};
	if (r == 0)
		r = text_of(x, object, "value", &ret->value);
	if (r == 0)
		r = text_of(x, object, "member", &ret->member);
	if (r == 0)
		r = number_of(x, object, "offset", &ret->offset);
	return r ? r : number_of(x, object, "length", &ret->length);
}

static int read_claims(struct import *x, const json_t *object, struct record *ret)
{
	const json_t *list = json_object_get(object, "claims");
	size_t n = json_array_size(list);
	struct claim *claims = arena_zalloc(&x->mem, n, sizeof(*claims));
	int r = n > RECORD_CLAIMS_MAX ? wrong(x, "too many claims")
	                              : claims ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++)
		r = read_claim(x, json_array_get(list, i), &claims[i]);
	ret->claims = claims;
	ret->n_claims = n;
	return r;
}

static int read_record(struct import *x, const json_t *object,
                       struct record *ret)
{
	struct slice ecosystem;
	int scope = 0, kind = 0, state = 0;
	int r = word_of(x, object, "scope", scope_by_name, &scope);

	if (r == 0)
		r = word_of(x, object, "kind", kind_by_name, &kind);
	if (r == 0)
		r = word_of(x, object, "state", state_by_name, &state);
	if (r == 0)
		r = text_of(x, object, "ecosystem", &ecosystem);
	if (r < 0)
		return r;
	*ret = (struct record){.scope = (enum scope)scope,
	                       .kind = (enum article_kind)kind,
	                       .state = (enum state)state,
	                       .ecosystem = ecosystem_by_name(ecosystem)};
	if (!ret->ecosystem)
		return wrong(x, "a word is not known or missing");
	r = text_of(x, object, "name", &ret->name);
	if (r == 0)
		r = text_of(x, object, "version", &ret->version);
	if (r == 0)
		r = text_of(x, object, "root", &ret->root);
	return r ? r : read_claims(x, object, ret);
}

/* Is it the same in hex, or is nothing said? */
static bool is_digest(const struct digest *digest, const json_t *said)
{
	struct str hex = {0};

	for (size_t i = 0; i < sizeof(digest->bytes); i++)
		str_printf(&hex, "%02x", digest->bytes[i]);
	bool same = !said || (json_is_string(said) && hex.p &&
	                      strcmp(hex.p, json_string_value(said)) == 0);
	str_finish(&hex);
	return same;
}

static int import_artefact(struct import *x, const json_t *object)
{
	struct record record;
	uint64_t number;
	int r = number_of(x, object, "artefact", &number);

	if (r == 0 && number != x->n_artefacts + 1)
		r = wrong(x, "artefacts are not numbered one after the other");
	if (r == 0)
		r = read_record(x, object, &record);
	if (r < 0)
		return r;
	struct digest digest = store_digest(&record);
	if (!is_digest(&digest, json_object_get(object, "digest")))
		return wrong(x, "an artefact's digest is that of another");
	if (array_grow(&x->artefacts, x->n_artefacts, &x->size_artefacts,
	               sizeof(*x->artefacts)) < 0)
		return -ENOMEM;
	x->artefacts[x->n_artefacts++] = digest;
	return store_artefact(x->b, &digest, &record, x->e);
}

static int import_manifest(struct import *x, const json_t *object)
{
	uint64_t number;
	int r = number_of(x, object, "manifest", &number);

	if (r == 0 && number != x->n_manifests + 1)
		r = wrong(x, "manifests are not numbered one after the other");
	if (r < 0)
		return r;
	if (array_grow(&x->manifests, x->n_manifests, &x->size_manifests,
	               sizeof(*x->manifests)) < 0)
		return -ENOMEM;
	x->manifests[x->n_manifests] = (struct numbers){0};
	return set_of(x, object, "artefacts", &x->manifests[x->n_manifests++]);
}

static int add_event(struct import *x, int64_t since, const struct numbers *set)
{
	struct digest *digests = calloc(set->n + 1, sizeof(*digests));

	if (!digests)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++)
		digests[i] = x->artefacts[set->v[i] - 1];
	int r = timeline_add(&x->timeline, since, digests, set->n);
	free(digests);
	return r;
}

static int import_report(struct import *x, const json_t *object)
{
	struct numbers added = {0}, removed = {0}, left = {0}, set = {0};
	const char *host = json_string_value(json_object_get(x->host, "host"));
	const char *name = json_string_value(json_object_get(object, "report"));
	uint64_t manifest, since;
	int r = number_of(x, object, "manifest", &manifest);

	if (r == 0)
		r = number_of(x, object, "since", &since);
	if (r == 0 && (!host || !name || strcmp(host, name) != 0))
		r = wrong(x, "a report without its host before it");
	if (r == 0 && (manifest < 1 || manifest > x->n_manifests))
		r = wrong(x, "a manifest is named before it is given");
	if (r == 0 && (since < 1 || since > INT64_MAX))
		r = wrong(x, "a report without a time");
	if (r == 0)
		r = set_of(x, object, "added", &added);
	if (r == 0)
		r = set_of(x, object, "removed", &removed);
	if (r == 0) {
		numbers_minus(&x->manifests[manifest - 1], &removed, &left);
		numbers_union(&left, &added, &set);
		r = left.failed || set.failed ? -ENOMEM
		                              : add_event(x, (int64_t)since, &set);
	}
	numbers_finish(&added);
	numbers_finish(&removed);
	numbers_finish(&left);
	numbers_finish(&set);
	return r;
}

/* ---- hosts ------------------------------------------------------------- */

static int read_coverage(struct import *x, const json_t *host,
                         struct store_coverage *ret)
{
	const json_t *c = json_object_get(host, "coverage");
	int r = number_of(x, c, "items", &ret->items);

	if (r == 0)
		r = number_of(x, c, "examined", &ret->examined);
	if (r == 0)
		r = number_of(x, c, "bytes", &ret->bytes);
	if (r == 0)
		r = number_of(x, c, "incomplete", &ret->incomplete);
	if (r == 0)
		r = number_of(x, c, "programs", &ret->programs);
	if (r == 0)
		r = text_of(x, c, "json", &ret->json);
	ret->complete = json_is_true(json_object_get(c, "complete"));
	ret->deep = json_is_true(json_object_get(c, "deep"));
	return r;
}

static int apply_host(struct import *x)
{
	struct store_host host;
	struct store_coverage coverage;
	struct timeline *t = &x->timeline;
	uint64_t last_seen;
	int r = text_of(x, x->host, "host", &host.name);

	if (r == 0)
		r = text_of(x, x->host, "unit", &host.unit);
	if (r == 0)
		r = text_of(x, x->host, "labels", &host.labels);
	if (r == 0)
		r = number_of(x, x->host, "last_seen", &last_seen);
	if (r == 0)
		r = read_coverage(x, x->host, &coverage);
	if (r == 0 && t->n && (int64_t)last_seen > t->events[t->n - 1].time)
		r = timeline_add(t, (int64_t)last_seen, t->events[t->n - 1].set,
		                 t->events[t->n - 1].n);
	return r ? r : timeline_apply(x->b, &host, t, &coverage, x->e);
}

/* All of a host's reports are known: they go into the store. */
static int end_host(struct import *x)
{
	int r = x->host ? apply_host(x) : 0;

	timeline_finish(&x->timeline);
	json_decref(x->host);
	x->host = NULL;
	return r;
}

static int import_host(struct import *x, json_t *object)
{
	int r = end_host(x);

	x->host = json_incref(object);
	x->n++;
	return r;
}

/* ---- the file ---------------------------------------------------------- */

static int import_object(struct import *x, json_t *object)
{
	if (json_object_get(object, "artefact"))
		return import_artefact(x, object);
	if (json_object_get(object, "manifest") &&
	    !json_object_get(object, "report"))
		return import_manifest(x, object);
	if (json_object_get(object, "host"))
		return import_host(x, object);
	if (json_object_get(object, "report"))
		return import_report(x, object);
	if (x->line == 1 && json_object_get(object, "inventory"))
		return 0;
	return wrong(x, "neither artefact, manifest, host nor report");
}

static int import_line(struct import *x, struct slice line)
{
	json_error_t error;
	json_t *object = json_loadb((const char *)line.p, line.n, JSON_ALLOW_NUL,
	                            &error);

	if (!object)
		return wrong(x, error.text);
	arena_reset(&x->mem);
	int r = json_is_object(object) ? import_object(x, object)
	                               : wrong(x, "no object");
	json_decref(object);
	return r;
}

/* Large imports are several batches; one that was stopped can be repeated. */
static int step(struct import *x)
{
	if (x->n < STEPS_AT_ONCE &&
	    x->line % ((size_t)STEPS_AT_ONCE * ARTEFACTS_A_STEP))
		return 0;
	x->n = 0;
	int r = store_commit(x->b, x->e);
	x->b = NULL;
	return r ? r : store_begin(x->s, WAIT_MS, x->e, &x->b);
}

/* The next line: 1, 0 at the end, or an error. */
static int read_line(struct import *x, FILE *in, struct str *line)
{
	char chunk[CHUNK_BYTES];

	str_clear(line);
	do {
		if (!fgets(chunk, sizeof(chunk), in))
			break;
		str_puts(line, chunk);
		if (line->n > LINE_BYTES_MAX)
			return wrong(x, "too long");
	} while (!str_failed(line) && line->p[line->n - 1] != '\n');
	if (ferror(in))
		return err_sys(x->e, -EIO, "reading the import");
	x->line++;
	return str_failed(line) ? -ENOMEM : line->n > 0;
}

static int import_all(struct import *x, FILE *in)
{
	struct str line = {0};
	int r;

	while ((r = read_line(x, in, &line)) > 0) {
		r = import_line(x, str_slice(&line));
		if (r == 0)
			r = step(x);
		if (r < 0)
			break;
	}
	str_finish(&line);
	return r ? r : end_host(x);
}

int store_import(struct store *s, FILE *in, struct err *e)
{
	struct import x = {.s = s, .e = e};
	int r = store_begin(s, WAIT_MS, e, &x.b);

	if (r < 0)
		return r;
	arena_init(&x.mem, 0);
	r = import_all(&x, in);
	if (r == -ENOMEM)
		(void)err_sys(e, r, "importing");
	if (r == 0)
		r = store_commit(x.b, e);
	else if (x.b)
		store_cancel(x.b);
	timeline_finish(&x.timeline);
	json_decref(x.host);
	for (size_t i = 0; i < x.n_manifests; i++)
		numbers_finish(&x.manifests[i]);
	free(x.manifests);
	free(x.artefacts);
	arena_finish(&x.mem);
	return r;
}
