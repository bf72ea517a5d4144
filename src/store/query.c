/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about single things; holders.c has the one about all hosts. */
#include <errno.h>
#include <stdlib.h>

#include "store/internal.h"

/* ---- sets in arenas ---------------------------------------------------- */

static int to_arena(const struct numbers *a, struct arena *mem, uint32_t **ret,
                    size_t *ret_n)
{
	uint32_t *copy = arena_alloc(mem, a->n * sizeof(*copy));

	if (!copy || a->failed)
		return -ENOMEM;
	if (a->n)
		memcpy(copy, a->v, a->n * sizeof(*copy));
	*ret = copy;
	*ret_n = a->n;
	return 0;
}

int store_artefacts_of(struct store *s, uint32_t value, struct arena *mem,
                       uint32_t **ret, size_t *ret_n, struct err *e)
{
	struct numbers found = {0};
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = posting_numbers(s, POSTING_ARTEFACTS_OF, value,
	                    (uint32_t)s->meta[META_ARTEFACTS], &found);
	read_end(s);
	if (r == 0)
		r = to_arena(&found, mem, ret, ret_n);
	numbers_finish(&found);
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}

/* ---- what a host has --------------------------------------------------- */

/* The host's last report not after as_of (0: the last). 1 and its row, 0. */
static int report_at(struct store *s, uint32_t host, int64_t as_of,
                     struct db_rows **ret_rows, const struct db_value **ret)
{
	struct db_value args[] = {DB_N(report_id(host, 0)),
	                          DB_N(report_id(host + 1, 0)),
	                          DB_N(as_of ? as_of : INT64_MAX)};

	return row_first(s->db, TABLE_REPORT,
	                 "SELECT * FROM report WHERE id >= ?1 AND id < ?2"
	                 " AND since <= ?3 ORDER BY id DESC LIMIT 1",
	                 args, COUNT_OF(args), ret_rows, ret);
}

int store_host_artefacts(struct store *s, uint32_t host, int64_t as_of,
                         struct arena *mem, uint32_t **ret, size_t *ret_n,
                         struct err *e)
{
	struct numbers set = {0};
	const struct db_value *row;
	struct db_rows *rows;
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = report_at(s, host, as_of, &rows, &row);
	if (r > 0) {
		r = report_set(s, row, &set);
		row_done(s->db, rows);
	}
	read_end(s);
	if (r == 0)
		r = to_arena(&set, mem, ret, ret_n);
	numbers_finish(&set);
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}

/* ---- counts ------------------------------------------------------------ */

int store_counts(struct store *s, struct store_counts *ret, struct err *e)
{
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	read_end(s);
	*ret = (struct store_counts){
		.hosts = (uint64_t)s->meta[META_REPORTED],
		.expected = (uint64_t)s->meta[META_HOSTS],
		.reports = (uint64_t)s->meta[META_REPORTS],
		.artefacts = (uint64_t)s->meta[META_ARTEFACTS],
		.values = (uint64_t)s->meta[META_VALUES],
		.manifests = (uint64_t)s->meta[META_MANIFESTS],
	};
	return 0;
}
