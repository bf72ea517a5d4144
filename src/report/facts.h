/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known when papers are written: articles with their verdicts, where was
 * searched and how far, the profile, what is due. A plain value that cmd/ fills
 * in; everything is borrowed. Here also: what each fact that a form may ask for
 * (pack/fact.def) says of it.
 */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include "base/arena.h"
#include "pack/profile.h"

struct facts_verdict {
	struct slice order;            /* id */
	enum verdict_word word;
	struct slice because, clause, carve_out; /* the last two may be "" */
};

struct facts_evidence {
	enum attr attr;
	struct slice value, path;
};

struct facts_article {
	struct slice entity, maker;    /* id and name of the banned maker */
	struct slice name, version, model; /* may be "" */
	uint32_t source;               /* place in facts.sources */
	enum article_kind kind;
	enum state state;
	enum basis basis;
	enum strength strength;
	const struct facts_verdict *verdicts;
	size_t n_verdicts;
	const struct facts_evidence *evidence;
	size_t n_evidence;
};

struct facts_source {
	struct slice kind, path, host, finished; /* host and finished may be "" */
};

struct facts_unread {
	struct slice path;
	enum why why;
};

struct facts_due {
	struct slice order, what, on, how; /* on "": what starts it is not known */
	const char *form;              /* id of the paper that answers it, or NULL */
	bool done, late;
};

struct facts_coverage {
	bool complete;
	uint64_t items, examined, unread; /* unread: all, listed or not */
	const struct facts_unread *list;
	size_t n_list;
};

struct facts {
	const char *version;           /* of debar */
	struct slice packs_sha256;
	const struct profile *profile; /* or NULL */
	const struct order *const *orders; /* that were asked about */
	size_t n_orders;
	const struct order *order;     /* the one that the paper is for */
	const struct form *form;       /* the paper */
	struct slice day;              /* of the paper, "YYYY-MM-DD" */
	const struct facts_article *articles;
	size_t n_articles;
	const struct facts_source *sources;
	size_t n_sources;
	const struct facts_due *dues;
	size_t n_dues;
	struct facts_coverage coverage;
};

/* A list of texts that grows in an arena. */
struct lines {
	struct arena *mem;
	struct slice *list;
	size_t n, room;
	bool failed;                   /* out of memory */
};

void lines_add(struct lines *l, struct slice text); /* "" adds nothing */
void lines_add_new(struct lines *l, struct slice text); /* only once */
void lines_printf(struct lines *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Of what a part of a form is written: nothing for a part that stands once. */
struct facts_of {
	const struct facts_article *const *articles; /* the same one in n places */
	size_t n_articles;
	const struct facts_source *source;
	const struct profile_clause *contract;
};

/* Adds what the fact says; nothing when it is not known. Never a guess. */
void facts_say(const struct facts *f, const struct form_from *from,
               const struct facts_of *of, struct lines *out);

/* The verdict of the paper's order on an article, or NULL. */
const struct facts_verdict *facts_verdict(const struct facts *f,
                                          const struct facts_article *a);

/* How many articles of these kinds (a bit set; 0: all) the order covers, leaves
 * for review, excludes. */
size_t facts_count(const struct facts *f, enum verdict_word word, unsigned kinds);
bool facts_of_kinds(const struct facts_article *a, unsigned kinds);

/* For qsort(3), of pointers to articles: the same product together, then its
 * places. */
int facts_by_product(const void *a, const void *b);
bool facts_same_product(const struct facts_article *a, const struct facts_article *b);

/* "covered", ... */
const char *facts_verdict_name(enum verdict_word word);

/*
 * What the search for articles of these kinds came to, in one sentence: found;
 * "None found." only when nothing was, nothing is to be settled, and everything
 * was examined; otherwise none found in what was examined, and what was not.
 */
void facts_result(const struct facts *f, unsigned kinds, struct lines *out);

/* The hosts of these articles, each once; a place without a host's name stands
 * for itself. */
void facts_hosts(const struct facts *f, const struct facts_article *const *articles,
                 size_t n, struct lines *out);

/* What was not examined, by reason: "3 encrypted: it is encrypted ...". */
void facts_unread(const struct facts *f, struct lines *out);

#endif
