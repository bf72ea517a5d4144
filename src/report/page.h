/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page for a person at a terminal: labels in a column, text wrapped beside
 * them, colours when asked for. What strangers wrote goes through text_show()
 * before it gets here (page_show), so that nothing on the page moves a cursor.
 * Width is counted in code points.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/str.h"
#include "report/report.h"

/* What a piece of text is, not how it looks: page.c knows the colours. */
enum tone { TONE_PLAIN, TONE_TITLE, TONE_QUIET, TONE_BAD, TONE_UNSURE, TONE_GOOD };

struct page {
	FILE *out;
	const struct report_style *style;
	struct str text;    /* the paragraph that is being composed */
	bool failed;        /* out of memory */
};

void page_init(struct page *p, const struct report_style *style, FILE *out);

/* Frees the scratch memory. Returns 0 or -ENOMEM. */
int page_finish(struct page *p);

/* Appends to the paragraph: our own words; a stranger's bytes, made safe; the
 * same, cut to about `most` code points; a number with thousands apart. */
void page_add(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void page_show(struct page *p, struct slice bytes);
void page_show_some(struct page *p, struct slice bytes, size_t most);
void page_number(struct page *p, uint64_t n);

/* The left edge of a paragraph: a label at `indent`, padded to `width` (0: not
 * at all). */
void page_label(struct page *p, unsigned indent, unsigned width, const char *label,
                enum tone tone);

/*
 * Ends the paragraph: writes it wrapped at words, every line but the first
 * starting at column `hang`, where the first one is expected to start already.
 */
void page_end(struct page *p, unsigned hang, enum tone tone);

/* As page_end, on one line whatever its length: for paths, which are copied. */
void page_end_line(struct page *p, enum tone tone);

void page_blank(struct page *p);

#endif
