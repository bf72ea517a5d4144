/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Articles are findings as a value: read back from a JSON report of a sweep
 * (article_read.c), so that a plan or a paper can be made elsewhere and later.
 * All text belongs to the arena of the set.
 */
#ifndef PLAN_ARTICLE_H
#define PLAN_ARTICLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "claim/claim.h"

enum { ARTICLES_MAX = 100000, REPORT_BYTES_MAX = 512 * 1024 * 1024 };

enum article_verdict { ARTICLE_COVERED, ARTICLE_EXCLUDED, ARTICLE_REVIEW };

struct article_word { /* a verdict */
	struct slice order, because;
	enum article_verdict verdict;
	struct slice clause;    /* id of the order's clause that decided; may be "" */
	struct slice carve_out; /* id of the one that excludes; may be "" */
	struct slice *facts;    /* what else decided */
	size_t n_facts;
};

struct article_evidence {
	struct slice attr, value, path, mark, mark_source;
	struct slice capped; /* why it is weaker than its mark says; "": it is not */
	bool member;      /* it stands inside an archive or another container */
	struct slice *members; /* the path in there, from the outside in; shown form */
	size_t n_members;
	uint64_t offset;
	uint64_t length;  /* 0: not located */
	bool verified;    /* a signature or registration was checked, not only read */
	enum state state;
	enum strength strength;
};

struct article {
	struct slice id, entity, name, version;
	uint32_t source;
	const char *ecosystem; /* constant, "" for none */
	enum article_kind kind;
	enum state state;
	enum basis basis;
	enum strength strength;
	struct article_word *words;
	size_t n_words;
	struct article_evidence *evidence;
	size_t n_evidence;
	uint64_t n_more; /* evidence that the report counts and does not list */
};

struct article_source {
	uint32_t id;
	struct slice kind, path, host, started, finished;
};

/* Something that was not fully examined; or, with words, left out by design. */
struct article_unread {
	uint32_t source;
	struct slice path;
	struct slice *members;
	size_t n_members;
	enum why why;
	struct slice words;
};

struct article_coverage {
	uint64_t items, bytes, examined;
	struct article_unread *unread; /* at most so many are listed ... */
	size_t n_unread;
	uint64_t by_why[WHY_COUNT];    /* ... and all are counted */
	struct article_unread *skipped;
	size_t n_skipped;
	bool deep, interrupted;
};

struct articles {
	struct arena mem;
	struct slice tool, tool_version; /* may be "" in the inventory's answer */
	struct slice packs_sha256;
	struct slice *orders;
	size_t n_orders;
	struct article_source *sources;
	size_t n_sources;
	struct article *list;
	size_t n;
	uint64_t mentions;
	bool complete; /* coverage.complete */
	struct article_coverage coverage;
};

/*
 * Reads a report "debar/findings/1". Every field is checked: texts, paths and
 * lists have limits, words must be known ones. Returns 0; -EBADMSG when it is
 * no such report (e says where), -ENOMEM, -EFBIG, or the errno of reading.
 */
int articles_read(int fd, struct err *e, struct articles *ret);
void articles_finish(struct articles *a);

/* The source of that id, which an article has; NULL when there is none. */
const struct article_source *articles_source(const struct articles *a, uint32_t id);

/* Were the articles judged by the order of that id? */
bool articles_judged_by(const struct articles *a, const char *order);

/* "covered", "excluded", "review". */
const char *article_verdict_name(enum article_verdict verdict);

/* The same as flat checked bytes and back, for a pipe between a process that
 * may parse and one that has rights. 0, -ENOMEM or -EBADMSG. */
int articles_pack(const struct articles *a, struct str *out);
int articles_unpack(struct slice bytes, struct err *e, struct articles *ret);

#endif
