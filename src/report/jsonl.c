/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format jsonl: one object per line, told apart by its "type": source,
 * finding, incomplete, mention, and at the end one coverage line that also
 * carries schema, tool, packs and the number of mentions. A file without that
 * line is not whole.
 */
#include "report/json.h"

static void begin(struct json *j, const char *type)
{
	json_open(j, NULL, '{');
	json_cstr(j, "type", type);
}

static void end(struct json *j)
{
	json_close(j, '}');
	json_line(j);
}

static void things(struct json *j, const struct report *r)
{
	for (size_t i = 0; i < r->n_sources; i++) {
		begin(j, "source");
		json_source(j, &r->sources[i]);
		end(j);
	}
	for (size_t i = 0; i < r->n_findings; i++) {
		begin(j, "finding");
		json_finding(j, &r->findings[i]);
		end(j);
	}
	for (size_t i = 0; i < r->coverage.n_incomplete; i++) {
		begin(j, "incomplete");
		json_incomplete(j, &r->coverage.incomplete[i]);
		end(j);
	}
	for (size_t i = 0; r->mention_list && i < r->n_mention_list; i++) {
		begin(j, "mention");
		json_mention(j, &r->mention_list[i]);
		end(j);
	}
}

static int jsonl_write(const struct report *r, const struct report_style *,
                       FILE *out)
{
	struct json j;

	json_init(&j, out, true);
	things(&j, r);
	begin(&j, "coverage");
	json_about(&j, r);
	json_number(&j, "mentions", r->mentions);
	json_coverage(&j, r, false);
	end(&j);
	return json_finish(&j);
}

const struct report_form report_jsonl = {
	.name = "jsonl",
	.write = jsonl_write,
};
