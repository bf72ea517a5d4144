/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order as data: what it bans, of whom, for whom, since when, with which
 * exceptions and which clocks. Everything that law/ decides stands here in
 * words that a lawyer can read; law/ only knows how such words are combined.
 *
 * Terms are the words that orders and profiles share: kinds of parties and of
 * systems, categories of articles, and questions that only a person can answer
 * ("is it for the security of a building?"). A term is defined once, in a pack.
 */
#ifndef PACK_ORDER_H
#define PACK_ORDER_H

#include "calendar/calendar.h"
#include "claim/claim.h"

struct entity;
struct profile;

/* ---- terms ------------------------------------------------------------- */

enum term_kind { TERM_PARTY, TERM_SYSTEM, TERM_CATEGORY, TERM_QUESTION, TERM_KIND_COUNT };

struct term {
	enum term_kind kind;
	const char *id;        /* "us-federal-agency" */
	const char *text;      /* what it means; of a question: the question */
	const char *source;    /* or NULL */
	const char *file;
	int line;
};

const char *term_kind_name(enum term_kind kind);

/* A list of ids of terms of one kind, in the order written. */
struct term_list {
	const struct term **list;
	size_t n;
};

/* ---- verbs ------------------------------------------------------------- */

enum verb {
	VERB_HAVE, VERB_USE, VERB_PROCURE, VERB_PROVIDE,
	VERB_CONTRACT,         /* with somebody who uses it */
	VERB_INTEGRATE, VERB_TRANSACT, VERB_AUTHORISE, VERB_FUND, VERB_COUNT
};

const char *verb_name(enum verb verb);
int verb_by_name(const char *name); /* -1: none */

/* ---- scope ------------------------------------------------------------- */

enum scope_word { SCOPE_NOT_STATED, SCOPE_INCLUDED, SCOPE_EXCLUDED };

/* Where something stands: "(a)(1)" and our own words of what it says. */
struct clause {
	const char *id, *cite, *text;
};

/* Why a scope word stands. `question`: it is included only where the answer is
 * yes, excluded where it is no, and a person must say which otherwise. */
struct scope_rule {
	enum scope_word word;
	const char *because;           /* or NULL */
	const struct clause *clause;   /* or NULL */
	const struct term *question;   /* or NULL */
};

enum relation { REL_PARENT, REL_SUBSIDIARY, REL_AFFILIATE, REL_PREDECESSOR,
	REL_SUCCESSOR, REL_OWNED, REL_COUNT };

/* "parent": the other company is that of the one which is spoken of. */
const char *relation_name(enum relation r);

/*
 * Which relatives an order reaches. A relation that is listed is reached
 * whatever its share. REL_OWNED says nothing but a share: it is reached from
 * `percent` on (`more`: only above it). With `control` an order also reaches
 * who controls or is controlled, so that a smaller share settles nothing.
 */
struct family_rule {
	unsigned relations;    /* bit set of 1u << enum relation; 0: all but OWNED */
	int percent;           /* 0..100, or -1: shares say nothing */
	bool more, control;
};

/* A category of articles made somewhere: routers produced abroad. */
struct allowed_model {
	struct slice model;    /* glob on the article's model */
	const char *since, *until, *source; /* dates may be NULL */
};

struct category_rule {
	const struct term *category;
	const char **produced_in;      /* ISO 3166 alpha-2; none: anywhere */
	size_t n_produced_in;
	const char **not_produced_in;  /* everywhere but in these */
	size_t n_not_produced_in;
	struct allowed_model *allowed;
	size_t n_allowed;
	const char *because;
	const struct clause *clause;
};

/* The sides of a scope, as packs name them ("in-part"), in the order people read
 * them; and an order's rule for each. */
enum { SCOPE_SIDES = 8 };
struct order;
const char *scope_side_name(size_t side);
const struct scope_rule *scope_side(const struct order *o, size_t side);
const char *scope_word_name(enum scope_word word); /* "not-stated" */

struct order_entity {
	uint32_t entity;
	const char *purpose;           /* in words: only banned for this; or NULL */
	const struct term *question;   /* the same as a question; or NULL */
};

/* A named exception: what it takes out, told by marks or article names, or by
 * the answer to a question. */
struct carve_out {
	const char *id, *text;
	struct slice *articles;  /* globs on the article's name */
	size_t n_articles;
	uint32_t *marks;         /* findings made by these marks alone */
	size_t n_marks;
	const struct term *question; /* only where the answer is yes; or NULL */
	const struct clause *clause; /* or NULL */
};

/* Who must comply, and on which systems. An order binds whom one of its
 * `binds` fits; one without any is taken to bind everybody who asks. */
struct binding {
	struct term_list who;
	const char **holding;          /* clauses, of which the party's contracts
	                                * hold at least one; none: it binds anyhow */
	size_t n_holding;
	struct term_list systems;      /* only these; none: all */
	struct term_list not_systems;  /* and never these */
	unsigned bans;                 /* bit set of verbs; 0: those of the order */
	const char *since;             /* date, or NULL */
	const struct clause *clause;   /* or NULL */
};

/* ---- time -------------------------------------------------------------- */

enum order_state {
	ORDER_DRAFT, ORDER_IN_FORCE, ORDER_UNDER_REVIEW, /* which suspends nothing */
	ORDER_SUSPENDED, ORDER_SUPERSEDED, ORDER_REVOKED, ORDER_STATE_COUNT
};

/* "in-force", ... */
const char *order_state_name(enum order_state s);

/* A stretch of an order's life; where nothing is said it is in force from
 * `effective` to `until`. */
struct order_period {
	enum order_state state;
	const char *since, *until;     /* until may be NULL */
	const char *by;                /* id of the order that supersedes it, or NULL */
	const char *because, *source;  /* or NULL */
};

/* What starts a clock. */
enum event_kind {
	EVENT_ISSUED, EVENT_EFFECTIVE,         /* dates of the order itself */
	EVENT_IDENTIFIED, EVENT_NOTIFIED,      /* the article was found; somebody said so */
	EVENT_SUBMITTED,                       /* the paper before this one was handed in */
	EVENT_CONTRACT, EVENT_SOLICITATION,    /* date of a contract, of an offer */
	EVENT_DONE,                            /* removal was completed */
	EVENT_KIND_COUNT
};

const char *event_name(enum event_kind kind);
int event_by_name(const char *name); /* -1: none */

/*
 * One duty with a date: `on` a day, or `after` a span from an event; then again
 * `every` span, counted from the first date, until the event `ends` (none: until
 * the order ends). The first date of a repetition may itself be far: status
 * reports every 30 days that start 90 days after the issue, for example, have
 * after 120 days and every 30 days.
 */
struct clock {
	const char *id, *what;         /* "report what was found" */
	struct term_list who;          /* none: everybody bound */
	enum event_kind from;
	const char *after_clock;       /* EVENT_SUBMITTED: id of the clock whose
	                                * paper was handed in; or NULL */
	struct span after;
	const char *on;                /* date, or NULL */
	struct span every;             /* n 0: once */
	int ends;                      /* enum event_kind, or -1 */
	const char *since, *until;     /* clause texts change: holds for events in
	                                * these days; or NULL */
	const char *form;              /* id of the paper that answers it, or NULL */
	const struct clause *clause;   /* or NULL */
};

/* Appends "3 business days after it is identified; every 30 days until done". */
void clock_words(struct str *out, const struct clock *c);

/* ---- what is judged ---------------------------------------------------- */

enum verdict_word { VERDICT_COVERED, VERDICT_EXCLUDED, VERDICT_REVIEW };

const char *verdict_name(enum verdict_word word);

/* A finding, an article read back from a report, a row of a list, or an
 * example, as an order sees it. Everything is borrowed. */
struct subject {
	const struct entity *entity;  /* the maker; NULL: only a category is known */
	const char *company;          /* the relative of that maker whose work it
	                               * is (basis family), or NULL: not told */
	enum article_kind kind;
	enum basis basis;
	enum state state;
	enum strength strength;
	struct slice name;
	struct slice source, host;    /* path and host of the place; may be empty */
	const uint32_t *marks;        /* marks of its evidence, by pack index */
	size_t n_marks;
	bool marks_whole;             /* they are all of the evidence */
	const struct term *category;  /* or NULL */
	const char *country;          /* of production, ISO 3166 alpha-2, or NULL */
	struct slice model;           /* model or part number; may be empty */
};

/* A case that the order must decide as said: an article, a profile, a day. */
struct order_example {
	const char *name;
	enum verdict_word word;
	struct subject subject;
	const struct profile *profile; /* or NULL */
	const char *as_of;             /* date, or NULL: the day `effective` */
	const struct clause *clause;   /* that the verdict must name, or NULL */
	int line;
};

/* ---- the order --------------------------------------------------------- */

/* How sure the fact behind it is: packs say V, S, P, X, 2 or K. */
enum sureness { SURE_VERIFIED, SURE_SEEN, SURE_BACKGROUND };

struct order {
	const char *id, *title, *issuer, *authority;
	uint32_t index;
	const char *country;     /* whose law it is: ISO 3166 alpha-2, or NULL */
	const char **cites;      /* law, regulation, notice */
	size_t n_cites;
	const char *issued, *effective, *until; /* ISO dates; until may be NULL */
	struct order_period *history;
	size_t n_history;
	unsigned bans;           /* bit set of 1u << enum verb */
	const char *applies_to;  /* who must comply, in words */
	struct binding *bindings;
	size_t n_bindings;
	struct clause *clauses;
	size_t n_clauses;
	struct order_entity *entities;
	size_t n_entities;
	struct category_rule *categories;
	size_t n_categories;
	struct scope_rule kind[ARTICLE_KIND_COUNT]; /* hardware, software, ... */
	struct scope_rule basis[BASIS_COUNT];       /* developed, provided, ... */
	struct family_rule family;
	struct carve_out *carve_outs;
	size_t n_carve_outs;
	struct clock *clocks;
	size_t n_clocks;
	const char **forms;      /* ids of the papers that it asks for */
	size_t n_forms;
	struct order_example *examples;
	size_t n_examples;
	const char *action;      /* what to do next, one sentence, or NULL */
	const char *note;        /* what to know before relying on it, or NULL */
	enum sureness sureness;
	const char **sources;
	size_t n_sources;
	const char *file;
	int line;
};

#endif
