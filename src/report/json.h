/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to report/: the objects that json.c and jsonl.c have in common.
 * Each writes the members of an object that the caller opened.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/json_emit.h"
#include "report/report.h"

/* "schema", "tool" and "packs". */
/* Schema, tool and packs, which every document of ours begins with; "packs" is
 * left open for more. */
struct json_opening {
	const char *schema, *version;
	const struct pack *pack;
	const struct order *const *orders;
	size_t n_orders;
};
void json_opening(struct json *j, const struct json_opening *o);

void json_about(struct json *j, const struct report *r);
void json_source(struct json *j, const struct report_source *s);
void json_finding(struct json *j, const struct finding *f);
/* Members of it: "verdicts"; "evidence" and "evidence_more". */
void json_verdicts(struct json *j, const struct finding *f);
void json_all_evidence(struct json *j, const struct finding *f);
void json_incomplete(struct json *j, const struct incomplete *i);
void json_mention(struct json *j, const struct mention *m);

void json_change(struct json *j, const struct change *c);
/* "changes", when they were asked for; the list of them only with `list`. */
void json_changes(struct json *j, const struct report *r, bool list);

/* The members of "coverage"; the list of incomplete items only with `list`. */
void json_coverage(struct json *j, const struct report *r, bool list);

#endif
