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
void json_about(struct json *j, const struct report *r);
void json_source(struct json *j, const struct report_source *s);
void json_finding(struct json *j, const struct finding *f);
void json_incomplete(struct json *j, const struct incomplete *i);
void json_mention(struct json *j, const struct mention *m);

/* The members of "coverage"; the list of incomplete items only with `list`. */
void json_coverage(struct json *j, const struct report *r, bool list);

#endif
