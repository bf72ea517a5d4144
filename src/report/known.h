/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known when papers are written: articles with their verdicts, where was
 * searched and how far, the profile, what is due. A plain value that cmd/ fills
 * in; everything is borrowed. Here also: what each fact that a form may ask for
 * (pack/fact.def) says of it.
 */
#ifndef REPORT_KNOWN_H
#define REPORT_KNOWN_H

#include "base/arena.h"
#include "pack/profile.h"

struct known_verdict {
	struct slice order;            /* id */
	enum verdict_word word;
	struct slice because, clause, carve_out; /* the last two may be "" */
};

struct known_evidence {
	enum attr attr;
	struct slice value, path;
};

struct known_article {
	struct slice entity, maker;    /* id and name of the banned maker */
	struct slice name, version, model; /* may be "" */
	uint32_t source;               /* place in known.sources */
	enum article_kind kind;
	enum state state;
	enum basis basis;
	enum strength strength;
	const struct known_verdict *verdicts;
	size_t n_verdicts;
	const struct known_evidence *evidence;
	size_t n_evidence;
};

struct known_source {
	struct slice kind, path, host, finished; /* host and finished may be "" */
};

struct known_unread {
	struct slice path;
	enum why why;
};

struct known_due {
	struct slice order, what, on, how; /* on "": what starts it is not known */
	const char *form;              /* id of the paper that answers it, or NULL */
	bool done, late;
};

struct known_coverage {
	bool complete;
	uint64_t items, examined, unread; /* unread: all, listed or not */
	const struct known_unread *list;
	size_t n_list;
};

struct known {
	const char *version;           /* of debar */
	struct slice packs_sha256;
	const struct profile *profile; /* or NULL */
	const struct order *const *orders; /* that were asked about */
	size_t n_orders;
	const struct order *order;     /* the one that the paper is for */
	const struct form *form;       /* the paper */
	struct slice day;              /* of the paper, "YYYY-MM-DD" */
	const struct known_article *articles;
	size_t n_articles;
	const struct known_source *sources;
	size_t n_sources;
	const struct known_due *dues;
	size_t n_dues;
	struct known_coverage coverage;
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
struct known_of {
	const struct known_article *const *articles; /* the same one in n places */
	size_t n_articles;
	const struct known_source *source;
	const struct profile_clause *contract;
};

/* Adds what the fact says; nothing when it is not known. Never a guess. */
void known_say(const struct known *f, const struct form_from *from,
               const struct known_of *of, struct lines *out);

/* The verdict of the paper's order on an article, or NULL. */
const struct known_verdict *known_verdict(const struct known *f,
                                          const struct known_article *a);

/* How many articles of these kinds (a bit set; 0: all) the order covers, leaves
 * for review, excludes. */
size_t known_count(const struct known *f, enum verdict_word word, unsigned kinds);
bool known_of_kinds(const struct known_article *a, unsigned kinds);

/* For qsort(3), of pointers to articles: the same product together, then its
 * places. */
int known_by_product(const void *a, const void *b);
bool known_same_product(const struct known_article *a, const struct known_article *b);

/*
 * What the search for articles of these kinds came to, in one sentence: found;
 * "None found." only when nothing was, nothing is to be settled, and everything
 * was examined; otherwise none found in what was examined, and what was not.
 */
void known_result(const struct known *f, unsigned kinds, struct lines *out);

/* The hosts of these articles, each once; a place without a host's name stands
 * for itself. */
void known_hosts(const struct known *f, const struct known_article *const *articles,
                 size_t n, struct lines *out);

/* What was not examined, by reason: "3 encrypted: it is encrypted ...". */
void known_unread(const struct known *f, struct lines *out);

#endif
