/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the HTML writer. */
#ifndef REPORT_PAPER_HTML_H
#define REPORT_PAPER_HTML_H

#include "report/paper.h"

/* Text, made safe; the same between a tag (which may have attributes) and its
 * end. */
void html_put(struct paper *p, struct slice bytes);
void html_tagged(struct paper *p, const char *tag, struct slice bytes);

/* A chart as inline SVG. It has no size of its own, but that of the page: text
 * stays as large on a telephone as on a wall. */
void html_drawing(struct paper *p, const struct paper_chart *c);

#endif
