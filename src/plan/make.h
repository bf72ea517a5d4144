/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to plan/: how a plan comes about. make.c goes through the parts in
 * this order; each decides about its own things and leaves the others alone.
 *
 *     make_package.c   which packages may go, and in which order
 *     make_place.c     which files and folders may go
 *     make_key.c       which keys of a package database may go
 *     make_code.c      which packages of languages may go, file by file
 *     make_service.c   what is to be stopped before
 *     make_account.c   users and groups of whom nothing remains
 *     make_gate.c      what must be there before protection goes
 *     make_step.c      a step with its reasons; the plan's own copies
 */
#ifndef PLAN_MAKE_H
#define PLAN_MAKE_H

#include "plan/facts.h"
#include "plan/manager.h"
#include "plan/target.h"

struct lore_words {
	uint32_t rank;
	struct slice role, advice;
};

struct lore_words article_lore(const struct plan_options *o, const struct article *a);

int need_cmp(const struct need *a, const struct need *b);

/* Something for a person, or that is left alone. Those of an article with the
 * same reason become one. */
struct note {
	const struct article *article;
	const char *reason;    /* the sentence, without its end */
	struct slice about;    /* what it speaks of: a path, a package; or "" */
	bool left;             /* not for a person: only said */
};

/* A package that may have to go. */
struct item {
	const struct article *article; /* NULL: only because another needs it */
	const char *ecosystem;
	struct slice name;
	const struct fact_package *fact;
	const struct manager *manager;
	struct lore_words lore;
	enum item_state { ITEM_DORMANT, ITEM_GOES, ITEM_REFUSED, ITEM_ABSENT } state;
	const char *why;          /* refused: the sentence */
	const struct item *for_whom; /* a companion: which of its needs goes */
	size_t waits;             /* that must go before it and have not */
	bool placed;
};

/* A file or folder that may have to go. */
struct place {
	const struct target *target;
	struct slice path;
	const struct fact_place *fact;
	enum stage stage;
	enum place_state {
		PLACE_GOES,
		PLACE_COVERED, /* with another place, or by a manager */
		PLACE_STAYS,
		PLACE_DOUBTED, /* weak evidence: goes only with a folder */
	} state;
	const struct item **waits; /* packages that must have gone before */
	size_t n_waits;
	const char *doubt;         /* PLACE_DOUBTED: why */
	const struct article *by;  /* what corroborates weak evidence, or NULL */
	bool unsure;               /* weak evidence alone, as was asked for */
};

struct making;

/* A reason for a place to stay: a sentence, or NULL. */
typedef const char *rule(struct making *m, struct place *p);

struct making {
	const struct articles *articles;
	const struct plan_options *options;
	const struct facts *facts;
	const struct need **needs; /* sorted; which one of them: its index */
	const struct need *first_need;
	size_t n_needs;
	struct target *targets;
	size_t n_targets;

	struct item *items;        /* sorted by ecosystem and name */
	size_t n_items;
	struct place *places;
	size_t n_places;

	struct slice known_entity; /* the last answer of known_product() */
	const struct article *known;

	struct note *notes;
	size_t n_notes, size_notes;
	struct step *steps;
	size_t n_steps, size_steps;
	uint64_t n_objects;

	struct plan *plan;
	struct arena mem;          /* scratch, gone with the making */
	int code;                  /* the first failure; nothing is done after it */
	const char *failed;        /* words for it, or NULL */
};

/* ---- make.c ---- */

void make_fail(struct making *m, int code, const char *words);

/* The answer to a question, or NULL when it was not asked. */
const struct fact *make_fact(const struct making *m, enum need_kind kind,
                             const char *ecosystem, enum attr attr, struct slice text);

void make_note(struct making *m, const struct article *a, const char *reason,
               struct slice about);
void make_left(struct making *m, const struct article *a, const char *reason,
               struct slice about);

/* Formatted text in scratch; "" and a failure when out of memory. */
const char *make_words(struct making *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * May a thing with such evidence be acted on? True when it is sure. Weak
 * evidence needs a known product of the same maker that goes (*ret_by), or the
 * wish to act on it alone (*ret_unsure); otherwise false, and *ret_why says so.
 */
bool make_trusts(struct making *m, const struct target *t, const struct article **ret_by,
                 bool *ret_unsure, const char **ret_why);

/* ---- the parts ---- */

void make_packages(struct making *m);
/* The package of that ecosystem and name, spelled as a manager spells it. */
struct item *make_item(struct making *m, const char *ecosystem, struct slice name);
/* The same for "deb kesl"; NULL when it is none that was asked about. */
struct item *make_owner(struct making *m, struct slice owner);
/* Does a package of the article stay? */
bool make_package_stays(struct making *m, const struct article *a);
void make_package_steps(struct making *m);

void make_places(struct making *m);
void make_place_steps(struct making *m);
/* Is the path gone when the plan has been carried out? */
bool make_takes(const struct making *m, struct slice path);

void make_keys(struct making *m);
/* The repository file that stays and names this key file (file "": any file that
 * holds a key of this user), or "". */
struct slice make_key_needed(const struct making *m, struct slice user, struct slice file);
/* The place stays, and why. */
void make_stay(struct making *m, struct place *p, const char *why);

/* ---- make_code.c ---- */

/* Code whose files are not all known, or that a project asks for. */
rule make_code_open;
/* Code whose files are known, once it was looked at. */
rule make_code_kept;
/* What others need stays, and so does what that needs. */
void make_code_settle(struct making *m);
/* Is the path one of the files and folders of the code? */
bool make_code_has(const struct place *code, struct slice path);

void make_services(struct making *m);
void make_accounts(struct making *m);
void make_gates(struct making *m);
void make_reviews(struct making *m);

/* ---- make_step.c ---- */

/* A new step of this article with its reasons and evidence, `first` before the
 * rest; NULL after a failure. Valid until the next call. */
struct step *step_add(struct making *m, const struct article *a,
                      const struct article_evidence *first, enum step_kind kind,
                      enum stage stage);
struct slice step_text(struct making *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct slice step_copy(struct making *m, struct slice s);
void step_risk(struct making *m, struct step *s, enum risk risk, const char *words);
void step_before(struct making *m, struct step *s, struct slice words);
void step_after(struct making *m, struct step *s, struct slice words);
void step_packages(struct making *m, struct step *s, const struct item *const *items,
                   size_t n);

/* "a, b and 3 more", each as it is, at most `most` of them. */
const char *make_list(struct making *m, const struct slice *names, size_t n,
                      uint64_t all, size_t most);

#endif
