/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document for people to print and file: headings, facts, paragraphs, tables
 * and charts, in a form that the writer knows. Text from strangers may be passed
 * as it is: the writer makes it safe.
 */
#ifndef REPORT_PAPER_H
#define REPORT_PAPER_H

#include "report/page.h"

enum { PAPER_COLUMNS_MAX = 8, PAPER_SERIES_MAX = 6 };

struct paper {
	FILE *out;
	struct str text; /* scratch */
	const struct paper_form *form;
	const struct report_style *style; /* of text; may be NULL */
	/* of the writers: what is open, what the open table is called */
	struct page page;
	const char *heads[PAPER_COLUMNS_MAX];
	size_t n_heads;
	unsigned charts;
	bool facts_open;
};

/* Some lines; a gap is what somebody must still fill in, and says what. */
struct paper_value {
	const struct slice *lines;
	size_t n;
	bool gap;
};

struct paper_bar {
	const char *label;
	uint64_t values[PAPER_SERIES_MAX];
};

/* Bars of parts that follow each other; every series has a pattern of its own,
 * so that nothing hangs on colour. */
struct paper_chart {
	const char *title, *what; /* what a bar is: "order" */
	const char *const *series;
	size_t n_series;
	const struct paper_bar *bars;
	size_t n_bars;
};

struct paper_form {
	void (*open)(struct paper *p, const char *title);
	void (*heading)(struct paper *p, unsigned level, struct slice words); /* 2, 3 */
	void (*fact)(struct paper *p, const char *name, const struct paper_value *value);
	void (*facts_end)(struct paper *p); /* after a run of facts */
	void (*paragraph)(struct paper *p, struct slice words);
	void (*notice)(struct paper *p, struct slice words); /* that nobody may miss */
	void (*table)(struct paper *p, const char *caption, const char *const *heads, size_t n);
	void (*row)(struct paper *p, const struct paper_value *cells, size_t n);
	void (*table_end)(struct paper *p);
	void (*drawing)(struct paper *p, const struct paper_chart *c); /* or NULL */
	void (*close)(struct paper *p);
};

/* Plain text; Markdown with tables; one HTML page that needs nothing else, for
 * print and for screens light and dark. */
extern const struct paper_form paper_text, paper_markdown, paper_html;

/* Starts a document, and ends it: 0 or -ENOMEM. */
void paper_open(struct paper *p, const struct paper_form *form,
                const struct report_style *style, FILE *out, const char *title);
int paper_close(struct paper *p);

/* The same of one line each. */
void paper_heading(struct paper *p, unsigned level, const char *words);
void paper_fact(struct paper *p, const char *name, struct slice value);
void paper_row(struct paper *p, const struct slice *cells, size_t n);

/* The drawing, where the form has one, and its equal as a table. */
void paper_chart(struct paper *p, const struct paper_chart *c);

/* A chart in one sentence or two, for those who cannot see it. */
void paper_chart_words(const struct paper_chart *c, struct str *out);

/* A number with commas between the thousands. */
enum { PAPER_NUMBER_SIZE = 32 };
struct slice paper_number(uint64_t n, char text[static PAPER_NUMBER_SIZE]);

/* What stands in front of a gap. */
extern const char paper_gap[];

#endif
