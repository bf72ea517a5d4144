/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to finding/: the hits that a set keeps until it is settled, and the
 * words that its files share. A kept hit owns nothing; its bytes live in the
 * set's arena, each distinct run of bytes once (intern).
 */
#ifndef FINDING_HITS_H
#define FINDING_HITS_H

#include "base/siphash.h"
#include "finding/finding.h"

struct kept {
	/* as it came in */
	uint32_t source;
	enum scope scope;
	enum article_kind kind;
	enum state record_state;
	const char *ecosystem;
	struct slice name, version, root, maker;
	struct evidence ev;        /* graded when settling */

	/* filled in when settling: the article that it speaks of */
	const char *a_ecosystem;
	struct slice a_name, a_version;
	bool owned;                /* a package owns the item */
	bool named_by_mark;        /* the name is the mark's own word */
	bool dropped;              /* turned out to be a mention */
};

/* Every distinct run of bytes once; open addressing, at most half full. */
struct intern {
	struct arena *mem;
	struct slice *slots;
	size_t n, size;            /* size: 0 or a power of two */
	struct siphash_key key;
};

void intern_init(struct intern *in, struct arena *mem);
void intern_finish(struct intern *in);

/* The copy of s that is kept, NUL-terminated; .p is NULL when out of memory. */
struct slice intern(struct intern *in, struct slice s);

/* Hits and their strings for all of a sweep stay below this. */
enum { HITS_BYTES_MAX = 32 * 1024 * 1024 };

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

/* grade.c: what settling knows while it grades one hit. */
struct grading {
	const struct pack *pack;
	const struct finding_context *ctx;
	struct kept **packages;    /* SCOPE_PACKAGE hits, by package_cmp */
	size_t n_packages;
	struct kept **signers;     /* verified signer hits, by signer_cmp */
	size_t n_signers;
	struct kept **makers;      /* hits on files' own words, likewise */
	size_t n_makers;
};

/* Fills the two tables from the hits. Returns 0 or -ENOMEM. */
int grading_init(struct grading *g, struct kept *hits, size_t n);
void grading_finish(struct grading *g);

/* Does some hit of this entity stand on the package's own record? With
 * `maker`, only one that says developed or provided counts. */
bool grading_package(const struct grading *g, const struct kept *article,
                     bool maker);

/* State, basis and strength of a hit whose article is known; may drop it. */
void grade(const struct grading *g, struct kept *hit);

/* id.c: fills in the stable id. Returns 0 or -ENOMEM. */
int finding_set_id(struct finding *f);

#endif
