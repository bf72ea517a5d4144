/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar map --format jsonl: one object per line, told apart by its "type":
 * order, unit, article, group, host, and at the end one answer line with the
 * sums, schema, tool and packs. A file without that line is not whole.
 */
#include "report/map_json.h"

static void rows(struct json *j, const struct map_report *r)
{
	for (size_t i = 0; i < r->n_orders; i++) {
		json_row(j, "order");
		map_json_order(j, &r->by_order[i]);
		json_row_end(j);
	}
	for (size_t i = 0; i < map_listed(r, r->n_units); i++) {
		json_row(j, "unit");
		map_json_unit(j, &r->units[i]);
		json_row_end(j);
	}
	for (size_t i = 0; i < map_listed(r, r->n_articles); i++) {
		json_row(j, "article");
		map_json_article(j, &r->articles[i]);
		json_row_end(j);
	}
	for (size_t i = 0; i < map_listed(r, r->n_groups); i++) {
		json_row(j, "group");
		map_json_group(j, &r->groups[i]);
		json_row_end(j);
	}
}

struct host_lines {
	struct json *j;
	size_t n, most; /* most 0: all */
};

static int host_line(void *ctx, const struct map_host *host)
{
	struct host_lines *lines = ctx;

	if (lines->most && lines->n == lines->most)
		return 1;
	lines->n++;
	json_row(lines->j, "host");
	map_json_host(lines->j, host);
	json_row_end(lines->j);
	return 0;
}

static int write_jsonl(const struct map_report *r, const struct report_style *,
                       FILE *out)
{
	struct json j;
	struct host_lines hosts = {.j = &j, .most = r->limit};
	int rc = 0;

	json_init(&j, out, true);
	rows(&j, r);
	if (r->each_host)
		rc = r->each_host(r, host_line, &hosts);
	if (rc >= 0) {
		json_row(&j, "answer");
		map_json_about(&j, r);
		map_json_sums(&j, r);
		json_row_end(&j);
	}
	int finished = json_finish(&j);
	return rc < 0 ? rc : finished;
}

const struct map_form map_jsonl = {
	.name = "jsonl",
	.write = write_jsonl,
};
