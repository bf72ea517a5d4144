/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One libFuzzer harness for all extractors. FUZZ_EXTRACTOR=NAME in the
 * environment chooses one, and an input is then the bytes of a file, so that
 * seeds are real files; without it the first byte of an input chooses, and
 * FUZZ_EXTRACTOR=? prints the names. The path and what is known of the item
 * follow from the number of bytes: the same input is always the same test.
 *
 * What comes out is read to the last byte and held against the promises of
 * claim.h and sink.h, so that a wrong slice is found here and not in a report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/str.h"
#include "extract/extract.h"
#include "extract/sink.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_MEMORY_MAX = 64 << 20 }; /* as in a worker */

static const struct extractor *chosen; /* NULL: the first byte chooses */
static volatile uint8_t nowhere;

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "fuzz_extract: broken promise: %s\n", what);
	abort();
}

/* Reads every byte, so that a sanitizer sees a slice that points astray. */
static void touch(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		nowhere = s.p[i];
}

static void on_record(void *ctx, const struct record *r)
{
	(void)ctx;
	demand((unsigned)r->scope < SCOPE_COUNT, "scope");
	demand((unsigned)r->kind < ARTICLE_KIND_COUNT, "kind");
	demand((unsigned)r->state < STATE_COUNT, "state");
	demand(r->ecosystem != NULL, "ecosystem");
	demand(r->name.n <= RECORD_NAME_MAX, "length of the name");
	demand(r->n_claims <= RECORD_CLAIMS_MAX, "number of claims");
	touch(r->name);
	touch(r->version);
	touch(r->root);
	for (size_t i = 0; i < r->n_claims; i++) {
		const struct claim *c = &r->claims[i];
		demand((unsigned)c->attr < ATTR_COUNT, "attribute");
		demand(c->value.n <= CLAIM_VALUE_MAX, "length of a value");
		touch(c->value);
		touch(c->member);
	}
}

static void on_owns(void *ctx, const struct record *owner, struct slice path)
{
	(void)ctx;
	touch(owner->name);
	touch(path);
}

static void on_unread(void *ctx, enum why why, struct slice member)
{
	(void)ctx;
	demand(why > WHY_NONE && why < WHY_COUNT, "reason");
	touch(member);
}

static size_t extractor_count(void)
{
	size_t n = 0;

	while (extractors[n])
		n++;
	return n;
}

static void list_names(void)
{
	for (size_t i = 0; extractors[i]; i++)
		printf("%s\n", extractors[i]->name);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_EXTRACTOR");

	(void)argc;
	(void)argv;
	if (!name)
		return 0;
	if (strcmp(name, "?") == 0) {
		list_names();
		exit(0);
	}
	for (size_t i = 0; extractors[i]; i++)
		if (strcmp(extractors[i]->name, name) == 0)
			chosen = extractors[i];
	if (!chosen) {
		(void)fprintf(stderr, "fuzz_extract: no extractor %s\n", name);
		exit(1);
	}
	return 0;
}

static size_t probe_count(const struct extractor *x)
{
	size_t n = 0;

	while (n < EXTRACTOR_PROBES_MAX && (x->probes[n].magic || x->probes[n].path))
		n++;
	return n;
}

/* A path that one of the extractor's probes would pick. */
static void make_path(struct str *out, const struct extractor *x, size_t choice)
{
	size_t n = probe_count(x);
	const char *pattern = n ? x->probes[choice % n].path : NULL;

	if (!pattern)
		pattern = "usr/lib/thing";
	if (pattern[0] != '/')
		str_puts(out, "/");
	for (; *pattern; pattern++)
		str_putc(out, *pattern == '*' ? 'x' : *pattern);
}

static void run(const struct extractor *x, struct slice bytes)
{
	const struct sink_args args = {
		.on_record = on_record,
		.on_owns = on_owns,
		.on_unread = on_unread,
	};
	struct str path = {0};
	make_path(&path, x, bytes.n / 8);
	const struct item item = {
		.path = str_slice(&path),
		.mode = S_IFREG | 0755,
		.in_root = bytes.n & 1,
		.deep = bytes.n & 2,
		.list_owned = bytes.n & 4,
	};
	struct input in = input_of_memory(bytes);
	struct arena mem;
	arena_init(&mem, FUZZ_MEMORY_MAX);
	struct sink *sink = sink_new(&args);
	if (sink && !str_failed(&path)) {
		struct extraction job = {
			.item = &item, .in = &in, .mem = &mem, .out = sink};
		int r = x->run(&job);
		demand(r <= 0, "result above zero");
		if (r < 0)
			on_unread(NULL, extract_why(r), (struct slice){0});
		sink_flush(sink);
	}
	sink_free(sink);
	arena_finish(&mem);
	str_finish(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);

	if (chosen) {
		run(chosen, bytes);
	} else if (size > 0) {
		run(extractors[data[0] % extractor_count()], slice_from(bytes, 1));
	}
	return 0;
}
