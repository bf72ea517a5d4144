/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte markers are literals: where one begins follows from where it ends and
 * how long it is, so the scan need not keep track of starts.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "match/matcher.h"

struct byte_scan {
	struct matcher *m;
	hs_stream_t *stream; /* NULL when there are no markers */
	struct byte_hit hits[BYTE_HITS_MAX];
	size_t n;
	uint32_t epoch;
	uint32_t *seen; /* one per byte value: the epoch in which it was found */
};

static int on_marker(unsigned id, unsigned long long from,
                     unsigned long long to, unsigned flags, void *ctx)
{
	struct byte_scan *scan = ctx;
	const struct byte_value *value = &scan->m->byte_values[id];

	(void)from, (void)flags;
	if (scan->seen[id] == scan->epoch || scan->n == BYTE_HITS_MAX)
		return 0;
	scan->seen[id] = scan->epoch;
	const struct test *test = scan->m->pack->tests[value->test];
	scan->hits[scan->n++] = (struct byte_hit){
		.test = value->test,
		.value = value->value,
		.offset = to - test->values[value->value].n,
	};
	return 0;
}

static struct byte_scan *scan_new(struct matcher *m)
{
	struct byte_scan *scan = calloc(1, sizeof(*scan));

	if (!scan)
		return NULL;
	scan->m = m;
	scan->seen = calloc(m->n_byte_values + 1, sizeof(*scan->seen));
	if (!scan->seen ||
	    (m->bytes->hs && hs_open_stream(m->bytes->hs, 0, &scan->stream))) {
		byte_scan_free(scan);
		return NULL;
	}
	return scan;
}

void byte_scan_free(struct byte_scan *scan)
{
	if (!scan)
		return;
	if (scan->stream)
		hs_close_stream(scan->stream, NULL, NULL, NULL);
	free(scan->seen);
	free(scan);
}

struct byte_scan *byte_scan_begin(struct matcher *m)
{
	struct byte_scan *scan = m->scan;

	if (!scan)
		scan = m->scan = scan_new(m);
	else if (scan->stream &&
	         hs_reset_stream(scan->stream, 0, NULL, NULL, NULL))
		return NULL;
	if (!scan)
		return NULL;
	scan->n = 0;
	if (++scan->epoch == 0) {
		memset(scan->seen, 0, m->n_byte_values * sizeof(*scan->seen));
		scan->epoch = 1;
	}
	return scan;
}

int byte_scan_feed(struct byte_scan *scan, struct slice bytes)
{
	while (scan->stream && bytes.n > 0) {
		struct slice piece = slice_first(bytes, UINT_MAX);
		if (hs_scan_stream(scan->stream, (const char *)piece.p,
		                   (unsigned)piece.n, 0, scan->m->scratch,
		                   on_marker, scan))
			return -EIO;
		bytes = slice_from(bytes, piece.n);
	}
	return 0;
}

/* A literal ends where it ends: closing the stream can add nothing. */
int byte_scan_end(struct byte_scan *scan, const struct byte_hit **ret,
                  size_t *ret_n)
{
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
