/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form filled in: the paper that an order asks for, with what is known, and
 * with a gap for each thing that is not. The engine knows no order and no form.
 *
 * Whatever the form says, these stand in every paper: how many gaps there are,
 * what a person must settle first (verdict review), how far the search went, and
 * what the order itself leaves out (verdict excluded), with its carve-out.
 */
#ifndef REPORT_FILING_H
#define REPORT_FILING_H

#include "report/known.h"
#include "report/report.h"

enum filing_state {
	FILING_SAID,
	FILING_GAP,    /* required, and not known */
	FILING_EMPTY,  /* not required, and not known */
};

struct filing_value {
	const struct form_field *field;
	enum filing_state state;
	const struct slice *lines;  /* of a gap: what to fill in */
	size_t n_lines;
};

/* The fields of a part once: of one product, one contract ... */
struct filing_group {
	struct slice title;         /* "" for a part that stands once */
	struct filing_value *values; /* as many as the part has fields */
};

struct filing_part {
	const struct form_part *part;
	struct filing_group *groups;
	size_t n_groups;
	const struct slice *none;   /* why there are no groups */
	size_t n_none;
};

struct filing {
	const struct known *known;  /* with order and form set */
	struct filing_part *parts;
	size_t n_parts;
	size_t n_gaps, n_required;
	const struct known_article **review, **excluded;
	size_t n_review, n_excluded;
	const struct slice *result; /* known_result() */
	size_t n_result;
};

/* Fills in known->form for known->order. Lists lie in mem, everything else is
 * borrowed. 0 or -ENOMEM. */
int filing_make(const struct known *known, struct arena *mem, struct filing *ret);

/* 0 or -ENOMEM; errors of writing stay on the stream. */
struct filing_form {
	const char *name; /* after --format */
	int (*write)(const struct filing *f, const struct report_style *style, FILE *out);
};

extern const struct filing_form filing_text, filing_markdown, filing_html, filing_json;

/* The form of that name, or NULL. */
const struct filing_form *filing_form(const char *name);

#endif
