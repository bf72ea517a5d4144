/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings in the forms that other programs read: SARIF, CycloneDX, OSCAL, CSV.
 * What is written is one value, `struct export`, whether a sweep has just ended
 * (export_gather()) or its report was read back (plan/article.h). A form is one
 * file with one constant; it knows a standard, and neither packs nor law.
 *
 * Nothing is left out unseen: what a form has no place for stands in its
 * properties, what was not examined is said, and what is cut says so.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdio.h>

#include "law/law.h"
#include "plan/article.h"
#include "report/report.h"

/* One date that an order sets, in words. */
struct export_due {
	struct slice id;      /* of the clock */
	struct slice what;    /* "report what was found" */
	struct slice on;      /* "2017-10-13"; "": what starts it is not known */
	struct slice how;     /* how it was computed */
	unsigned number;      /* of a repetition, from 1; else 0 */
	bool done;
};

struct export_clause {
	struct slice id, cite, text;
};

/* What is said of an order; of one that no pack knows, only the id. */
struct export_order {
	struct slice id, title, issuer, authority, action, issued;
	const struct slice *sources; /* URLs, or words where there is none */
	size_t n_sources;
	const struct export_clause *clauses;
	size_t n_clauses;
	const struct export_due *dues; /* in order of day, unknown ones last */
	size_t n_dues;
};

struct export_maker {
	struct slice id, name; /* of one that no pack knows, the name is the id */
};

struct export {
	const struct articles *articles;
	const struct export_order *orders; /* in order of id */
	size_t n_orders;
	const struct export_maker *makers; /* in order of id */
	size_t n_makers;
	bool chosen;          /* orders were chosen: articles of which they do not
	                       * speak are left out */
	const char *version;  /* of this program */
	const char *written;  /* RFC 3339: when this is written, for reports that do
	                       * not tell when they were made */
};

/* A stretch of a document that must be divided: one run of SARIF. */
struct export_part {
	size_t number, of;    /* from 1 */
	size_t first, end;    /* articles */
	size_t first_unread, end_unread;
};

/*
 * A form. `split` divides what is written where its readers have limits: the
 * parts lie in mem, at least one; NULL: it is never divided. `write` writes the
 * given parts as one document (without split: parts is NULL). Both return 0 or
 * -ENOMEM; errors of writing stay on the stream.
 */
struct export_form {
	const char *name;     /* the word after --form and --format */
	bool of_sweep;        /* also written by a sweep */
	int (*split)(const struct export *x, struct arena *mem, struct export_part **ret,
	             size_t *ret_n);
	int (*write)(const struct export *x, const struct export_part *parts, size_t n,
	             FILE *out);
};

extern const struct export_form export_sarif, export_cyclonedx, export_oscal, export_csv;

/* The form of that name, or NULL. */
const struct export_form *export_form(const char *name);

/* A finding as an article, with the number of its source as it is there. Texts
 * are borrowed from the finding, lists lie in mem. 0 or -ENOMEM. */
int export_article(const struct finding *f, struct arena *mem, struct article *ret);

/*
 * A live report as articles, for the same writers. Texts are borrowed from the
 * report; the lists lie in ret->mem (articles_finish()). 0 or -ENOMEM.
 */
int export_gather(const struct report *r, struct articles *ret);

/* A verdict of the law as an article's; the list of facts lies in mem, texts are
 * borrowed. False: out of memory. */
bool export_word(const struct verdict *v, struct arena *mem, struct article_word *ret);

/*
 * An article as an order sees it, when its maker is known; the list of its marks
 * lies in mem. A mark that the pack does not have is left out, and marks_whole says
 * so; *ret_unknown (may be NULL) is the first of these, or empty. 0 or -ENOMEM.
 */
int export_subject(const struct articles *all, const struct article *a,
                   const struct entity *maker, const struct pack *pack, struct arena *mem,
                   struct subject *ret, struct slice *ret_unknown);

struct export_judging {
	const struct law_context *law;
	const struct order *const *orders;
	size_t n_orders;
};

/*
 * Replaces the verdicts of all articles by those of these orders; their texts lie
 * in the articles' memory. 0; -ENOENT with the sentence in e when the packs do not
 * know what an article was found by; -ENOMEM.
 */
int export_judge(struct articles *a, const struct export_judging *j, struct err *e);

/* The order that a verdict is of, or NULL when it was not chosen. */
const struct export_order *export_order(const struct export *x, const struct article_word *w);
/* The maker of an article; never NULL for an export that export_about() filled. */
const struct export_maker *export_maker(const struct export *x, struct slice id);

/* Has the article a verdict that is written? Without chosen orders all are. */
bool export_wants(const struct export *x, const struct article *a);

#endif
