/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document for people to print and file: headings, facts, paragraphs and
 * tables, in a form that the writer knows. Text from strangers may be passed as
 * it is: the writer makes it safe.
 */
#ifndef REPORT_PAPER_H
#define REPORT_PAPER_H

#include <stdio.h>

#include "base/str.h"

enum { PAPER_COLUMNS_MAX = 6 };

struct paper {
	FILE *out;
	struct str text; /* scratch */
	const struct paper_form *form;
};

struct paper_form {
	void (*open)(struct paper *p, const char *title);
	void (*heading)(struct paper *p, const char *words);
	void (*fact)(struct paper *p, const char *name, struct slice value);
	void (*facts_end)(struct paper *p); /* after a run of facts */
	void (*paragraph)(struct paper *p, struct slice words);
	void (*table)(struct paper *p, const char *const *heads, size_t n);
	void (*row)(struct paper *p, const struct slice *cells, size_t n);
	void (*table_end)(struct paper *p);
	void (*close)(struct paper *p);
};

/* Markdown with tables; one HTML page that needs nothing else, for print and for
 * screens light and dark. */
extern const struct paper_form paper_markdown, paper_html;

#endif
