/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte markers in a stream that comes in pieces. A marker that stands in one
 * piece is found there; one that lies across their borders is found in a short
 * text made of the end of what came before and the beginning of what comes.
 */
#include <errno.h>
#include <stdlib.h>

#include "match/grams.h"
#include "match/matcher.h"

struct byte_scan {
	struct matcher *m;
	struct byte_hit hits[BYTE_HITS_MAX];
	size_t n;
	uint32_t epoch;
	uint32_t *seen;    /* one per byte value: the epoch in which it was found */
	uint64_t at;       /* of the bytes being searched, in the stream */
	uint64_t end;      /* of the stream so far */
	uint8_t *border;   /* the last bytes before `end`, then the next ones */
	size_t kept;       /* how many of them are kept from before */
	size_t reach;      /* longest marker less one */
};

static bool wanted(void *ctx, uint32_t value)
{
	const struct byte_scan *scan = ctx;
	return scan->seen[value] != scan->epoch && scan->n < BYTE_HITS_MAX;
}

static void found(void *ctx, uint32_t value, size_t at)
{
	struct byte_scan *scan = ctx;
	const struct byte_value *v = &scan->m->byte_values[value];

	scan->seen[value] = scan->epoch;
	scan->hits[scan->n++] = (struct byte_hit){
		.test = v->test,
		.value = v->value,
		.offset = scan->at + at,
	};
}

static void search(struct byte_scan *scan, uint64_t at, struct slice bytes)
{
	const struct grams_use use = {scan, wanted, found};

	scan->at = at;
	grams_find(scan->m->grams, bytes, &use);
}

static struct byte_scan *scan_new(struct matcher *m)
{
	struct byte_scan *scan = calloc(1, sizeof(*scan));
	const size_t longest = grams_longest(m->grams);

	if (!scan)
		return NULL;
	scan->m = m;
	scan->reach = longest ? longest - 1 : 0;
	scan->border = malloc(2 * scan->reach + 1);
	scan->seen = calloc(m->n_byte_values + 1, sizeof(*scan->seen));
	if (scan->seen && scan->border)
		return scan;
	byte_scan_free(scan);
	return NULL;
}

void byte_scan_free(struct byte_scan *scan)
{
	if (!scan)
		return;
	free(scan->border);
	free(scan->seen);
	free(scan);
}

struct byte_scan *byte_scan_begin(struct matcher *m)
{
	struct byte_scan *scan = m->scan;

	if (!scan)
		scan = m->scan = scan_new(m);
	if (!scan)
		return NULL;
	scan->n = scan->kept = 0;
	scan->end = 0;
	if (++scan->epoch == 0) {
		memset(scan->seen, 0, m->n_byte_values * sizeof(*scan->seen));
		scan->epoch = 1;
	}
	return scan;
}

/* What lies across the border between what came and what comes. */
static void search_border(struct byte_scan *scan, struct slice bytes)
{
	struct slice next = slice_first(bytes, scan->reach);

	if (scan->kept == 0)
		return;
	memcpy(scan->border + scan->kept, next.p, next.n);
	search(scan, scan->end - scan->kept,
	       slice_of(scan->border, scan->kept + next.n));
}

/* Keeps the last bytes of the stream for the next border. */
static void keep_end(struct byte_scan *scan, struct slice bytes)
{
	if (bytes.n >= scan->reach) {
		struct slice last = slice_from(bytes, bytes.n - scan->reach);
		memcpy(scan->border, last.p, last.n);
		scan->kept = last.n;
		return;
	}
	/* search_border() has put these bytes behind the ones kept; with none
	 * kept before, they are put there now. */
	if (scan->kept == 0)
		memcpy(scan->border, bytes.p, bytes.n);
	size_t have = scan->kept + bytes.n;
	size_t over = have > scan->reach ? have - scan->reach : 0;
	memmove(scan->border, scan->border + over, have - over);
	scan->kept = have - over;
}

int byte_scan_feed(struct byte_scan *scan, struct slice bytes)
{
	if (bytes.n == 0 || scan->m->n_byte_values == 0)
		return 0;
	search_border(scan, bytes);
	search(scan, scan->end, bytes);
	keep_end(scan, bytes);
	scan->end += bytes.n;
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct byte_hit *x = a, *y = b;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

int byte_scan_end(struct byte_scan *scan, const struct byte_hit **ret,
                  size_t *ret_n)
{
	if (scan->n > 0)
		qsort(scan->hits, scan->n, sizeof(*scan->hits), by_offset);
	*ret = scan->hits;
	*ret_n = scan->n;
	return 0;
}

size_t match_bytes_claims(const struct matcher *m, const struct byte_hit *hits,
                          size_t n, struct claim *claims, size_t most)
{
	size_t written = n < most ? n : most;

	for (size_t i = 0; i < written; i++) {
		struct slice value =
			m->pack->tests[hits[i].test]->values[hits[i].value];
		claims[i] = (struct claim){
			.attr = ATTR_FILE_BYTES,
			.value = value,
			.offset = hits[i].offset,
			.length = value.n,
		};
	}
	return written;
}
