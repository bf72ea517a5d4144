/* SPDX-License-Identifier: Apache-2.0 */
/* Private to report/: the parts of the text report. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/page.h"

/* text_finding.c: the block of one finding. */
void text_finding(struct page *p, const struct report *r,
                  const struct finding *f);

/* The word that decides how urgent a finding is: covered, then review, then
 * excluded; excluded also when no selected order speaks of it. */
enum verdict_word text_worst(const struct finding *f);

/* A path as one would type it: behind its source's, when that is a folder. */
void text_path(struct page *p, const struct report *r, uint32_t source,
               struct slice path);

/* text_changes.c: what came and went, when that was asked for. */
void text_changes(struct page *p, const struct report *r);

/* text_coverage.c: what was examined, what was not, and the mentions. */
void text_coverage(struct page *p, const struct report *r);

#endif
