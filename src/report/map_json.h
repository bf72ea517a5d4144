/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to report/: the objects that map_json.c and map_jsonl.c have in
 * common. Each writes the members of an object that the caller opened.
 */
#ifndef REPORT_MAP_JSON_H
#define REPORT_MAP_JSON_H

#include "report/json.h"
#include "report/map_report.h"

/* "schema", "tool", "packs" and what was asked. */
void map_json_about(struct json *j, const struct map_report *r);
/* "hosts", "coverage", "remainder" and what it cost. */
void map_json_sums(struct json *j, const struct map_report *r);
void map_json_order(struct json *j, const struct map_order *o);
void map_json_unit(struct json *j, const struct map_unit *u);
void map_json_article(struct json *j, const struct map_article *a);
void map_json_group(struct json *j, const struct map_group *g);
void map_json_host(struct json *j, const struct map_host *h);

#endif
