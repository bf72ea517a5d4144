/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Articles are findings as a plan wants them: read back from a JSON report of
 * a sweep (article_read.c), so that a plan can be made elsewhere and later.
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
};

struct article_evidence {
	struct slice attr, value, path, mark, mark_source;
	bool member;      /* it stands inside an archive or another container */
	uint64_t offset;
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
	struct slice kind, path, host, finished;
};

struct articles {
	struct arena mem;
	struct slice packs_sha256;
	struct slice *orders;
	size_t n_orders;
	struct article_source *sources;
	size_t n_sources;
	struct article *list;
	size_t n;
	bool complete; /* coverage.complete */
};

/*
 * Reads a report "debar/findings/1". Every field is checked: texts, paths and
 * lists have limits, words must be known ones. Returns 0; -EBADMSG when it is
 * no such report (e says where), -ENOMEM, -EFBIG, or the errno of reading.
 */
int articles_read(int fd, struct err *e, struct articles *ret);
void articles_finish(struct articles *a);

/* The same as flat checked bytes and back, for a pipe between a process that
 * may parse and one that has rights. 0, -ENOMEM or -EBADMSG. */
int articles_pack(const struct articles *a, struct str *out);
int articles_unpack(struct slice bytes, struct err *e, struct articles *ret);

#endif
