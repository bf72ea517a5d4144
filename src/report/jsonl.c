/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format jsonl: one object per line, told apart by its "type": source,
 * finding, incomplete, mention, change, and at the end one coverage line that
 * also carries schema, tool, packs and the numbers of mentions and changes. A
 * file without that line is not whole.
 */
#include "report/json.h"

static void things(struct json *j, const struct report *r)
{
	for (size_t i = 0; i < r->n_sources; i++) {
		json_row(j, "source");
		json_source(j, &r->sources[i]);
		json_row_end(j);
	}
	for (size_t i = 0; i < r->n_findings; i++) {
		json_row(j, "finding");
		json_finding(j, &r->findings[i]);
		json_row_end(j);
	}
	for (size_t i = 0; i < r->coverage.n_incomplete; i++) {
		json_row(j, "incomplete");
		json_incomplete(j, &r->coverage.incomplete[i]);
		json_row_end(j);
	}
	for (size_t i = 0; r->mention_list && i < r->n_mention_list; i++) {
		json_row(j, "mention");
		json_mention(j, &r->mention_list[i]);
		json_row_end(j);
	}
	for (size_t i = 0; r->changes && i < r->changes->n; i++) {
		json_row(j, "change");
		json_change(j, &r->changes->list[i]);
		json_row_end(j);
	}
}

static int jsonl_write(const struct report *r, const struct report_style *,
                       FILE *out)
{
	struct json j;

	json_init(&j, out, true);
	things(&j, r);
	json_row(&j, "coverage");
	json_about(&j, r);
	json_number(&j, "mentions", r->mentions);
	json_number(&j, "mentions_not_read", r->mute);
	json_changes(&j, r, false);
	json_coverage(&j, r, false);
	json_row_end(&j);
	return json_finish(&j);
}

const struct report_form report_jsonl = {
	.name = "jsonl",
	.write = jsonl_write,
};
