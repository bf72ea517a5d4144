/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: hits joined per article, the strongest evidence first, with a
 * verdict per order. A set of findings owns copies of all it is given; it is
 * filled by several threads (add is serialised inside) and then settled and
 * read by one.
 */
#ifndef FINDING_FINDING_H
#define FINDING_FINDING_H

#include "base/arena.h"
#include "claim/claim.h"
#include "law/law.h"

/* Evidence kept per finding; more are counted. */
enum { EVIDENCE_MAX = 200, FINDINGS_MAX = 100000 };

struct evidence {
	enum attr attr;
	struct slice value;
	struct slice path;   /* in the source */
	struct slice member; /* inside the item, "" = none */
	uint64_t offset, length;
	bool verified;
	const struct mark *mark;
	enum strength strength; /* of this evidence, after any cap */
	enum basis basis;       /* towards the article, after joining */
	enum state state;
	const char *capped;     /* why it is weaker than its mark says, or NULL */
};

struct finding {
	char id[33];          /* stable over runs and hosts: hex of 128 bits of
	                       * SHA-256 over entity, kind, ecosystem, name,
	                       * version */
	const struct entity *entity;
	uint32_t source;
	enum article_kind kind;
	const char *ecosystem;
	struct slice name, version;
	enum state state;
	enum basis basis;
	enum strength strength;
	struct evidence *evidence; /* strongest first, then by path */
	size_t n_evidence;
	uint64_t n_more;           /* evidence beyond EVIDENCE_MAX */
	struct verdict *verdicts;  /* one per selected order that concerns it */
	size_t n_verdicts;
};

struct findings;

/* The package that owns a path, as the package databases of a source say. */
struct owner {
	struct slice ecosystem, name, version;
};

/* One hit, as a worker reported it. Everything is copied. */
struct finding_input {
	uint32_t source;
	struct slice path;           /* of the item */
	const struct record *record; /* head and the claims that were hit */
	const struct claim *claim;
	const struct mark *mark;
};

/* Returns NULL when out of memory. */
[[nodiscard]] struct findings *findings_new(const struct pack *pack);
void findings_free(struct findings *f);

/* Adds one hit. Returns 0, -ENOMEM, or -E2BIG past FINDINGS_MAX hits. */
int findings_add(struct findings *f, const struct finding_input *input);

/*
 * What settling needs to know of the rest of the sweep.
 *   owner_of       fills *ret for a path; returns false when no package owns it
 *   maker_of       the vendor or maintainer of a package, for contradiction:
 *                  *ret is empty when unknown
 *   folder_of      for a SCOPE_FOLDER record or a loose file: name and version
 *                  of the code package at `root`; false when unknown
 * parts_shown is asked for each SCOPE_PART hit: the byte marks of the entity
 * were looked for in the package's programs (see sweep's second look):
 * 1 shown, 0 looked for and not there, -1 not looked for.
 */
struct finding_context {
	void *ctx;
	bool (*owner_of)(void *ctx, uint32_t source, struct slice path,
	                 struct owner *ret);
	bool (*maker_of)(void *ctx, uint32_t source, struct slice ecosystem,
	                 struct slice package, struct slice *ret);
	bool (*folder_of)(void *ctx, uint32_t source, struct slice root,
	                  struct owner *ret);
	int (*part_shown)(void *ctx, uint32_t source, struct slice package,
	                  const struct mark *mark);
	/* path and host of a source, for verdicts; NULL: not told */
	void (*place_of)(void *ctx, uint32_t source, struct slice *ret_path,
	                 struct slice *ret_host);
	const struct law_context *law; /* for whom and for which day verdicts are */
};

/*
 * Joins hits into findings, drops what turned out to be a mention (adding to
 * *ret_mentions), orders them (strongest, then entity and name) and computes
 * verdicts for `orders` (NULL = all). Call once. Returns 0 or -ENOMEM.
 */
int findings_settle(struct findings *f, const struct finding_context *ctx,
                    const struct order *const *orders, size_t n_orders,
                    uint64_t *ret_mentions);

/* The settled findings, in order. */
const struct finding *findings_list(const struct findings *f, size_t *ret_n);

/*
 * The SCOPE_PART hits so far, for the second look: calls fn once per package
 * and entity. For use between the walk and findings_settle().
 */
void findings_parts(const struct findings *f,
                    void (*fn)(void *ctx, uint32_t source, struct slice package,
                               const struct entity *entity),
                    void *ctx);

/* The finding as an order sees it; the list of its marks lies in mem. 0 or
 * -ENOMEM. */
int finding_subject(const struct finding *f, struct arena *mem, struct subject *ret);

#endif
