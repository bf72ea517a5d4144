/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A removal in writing: what was planned, what was done, what was left and why,
 * and what a new sweep says of it. The same value is shown when a plan is
 * carried out, undone and verified, and is the paper that proves completion.
 *
 * Plain texts and counts, filled in by cmd/; everything is borrowed.
 */
#ifndef REPORT_COMPLETION_H
#define REPORT_COMPLETION_H

#include "report/report.h"

/* How much to worry: decides colours and headings, and nothing else. */
enum completion_tone { COMPLETION_GOOD, COMPLETION_OPEN, COMPLETION_BAD };

struct completion_step {
	struct slice name, version, entity;
	const char *kind, *outcome;   /* words: "package", "done" */
	enum completion_tone tone;
	struct slice words;           /* what is done */
	const char *why;              /* what happened, or "" */
	uint64_t taken, left;         /* files and folders */
	bool back;                    /* those taken were put back */
};

struct completion_left {
	struct slice name, why;
};

/* What the new sweep says of one planned article, or of one that it found
 * beside them. */
enum completion_word {
	COMPLETION_GONE,
	COMPLETION_STILL_THERE, /* it was not removed, and is there */
	COMPLETION_CAME_BACK,   /* it was removed, and is there again */
	COMPLETION_ALSO_FOUND,  /* not in the plan */
	COMPLETION_WORD_COUNT
};

struct completion_article {
	enum completion_word word;
	struct slice name, version, entity;
	struct slice path;            /* where it was found, or "" */
};

struct completion_new {           /* appeared since the removal began */
	const char *kind;
	struct slice name, version, path;
};

struct completion_verification {
	bool done;                    /* a new sweep was made */
	const char *at;               /* when, RFC 3339 */
	const struct completion_article *articles;
	size_t n_articles;
	uint64_t counts[COMPLETION_WORD_COUNT];
	bool compared;                /* with what was known before the removal */
	const struct completion_new *fresh;
	size_t n_fresh;
	uint64_t more_fresh;
	const struct coverage *coverage; /* of the new sweep */
};

struct completion {
	const char *version;
	const char *title;            /* "Removal", "Undoing", "Verification" */
	const char *run, *started, *state; /* "" for a rehearsal */
	struct slice place, host;
	struct slice plan_sha256;
	const struct slice *orders;   /* ids; none: all */
	size_t n_orders;
	const struct slice *approvals; /* "Jo Roe, 2026-11-25T10:00:00Z" */
	size_t n_approvals;
	const struct completion_step *steps;
	size_t n_steps;
	const struct completion_left *left;
	size_t n_left;
	struct completion_verification verification;
	struct slice *notes;
	size_t n_notes;
};

/* "gone", "still there", "came back", "also found". */
const char *completion_word_name(enum completion_word word);

/* 0 or -ENOMEM; errors of writing stay on the stream. */
struct completion_form {
	const char *name;
	int (*write)(const struct completion *c, const struct report_style *style,
	             FILE *out);
};

extern const struct completion_form completion_text, completion_markdown,
	completion_html, completion_json;

const struct completion_form *completion_form(const char *name);

#endif
