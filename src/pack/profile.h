/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only the user knows: who they are, which clauses bind them, what their
 * systems are, what an article is for, what happened when. A YAML file with one
 * `profile:`, described in debar-profile(5). Read and checked once, against the
 * packs it speaks of; then immutable.
 *
 * Nothing in it is guessed: what is not said stays open, and a verdict or a
 * paper that needs it says so.
 */
#ifndef PACK_PROFILE_H
#define PACK_PROFILE_H

#include "pack/pack.h"

/* Narrows an answer, a system, a waiver: every list that is not empty must hold
 * one that fits. Globs on names, on the source's host or path. */
struct profile_place {
	struct slice *articles, *sources;
	size_t n_articles, n_sources;
	const char **entities, **orders;  /* ids */
	size_t n_entities, n_orders;
};

/* A contract clause that binds the user, with its contract. */
struct profile_clause {
	const char *clause;      /* "FAR 52.204-23", as an order's `holding` has it */
	const char *contract;    /* number, or NULL */
	const char **orders;     /* numbers of orders under it */
	size_t n_orders;
	const char *officer;     /* contracting officer, or NULL */
	const char *since, *until;
};

struct profile_system {
	struct profile_place place;
	struct term_list is;
	unsigned activities;     /* bit set of verbs: what is done there; 0: not said */
};

enum answer_word { ANSWER_NO, ANSWER_YES };

struct profile_answer {
	struct profile_place place;
	const struct term *question;
	enum answer_word is;
	const char *by, *on, *because; /* who answered, when, why; by is required */
};

/* A waiver lifts the duty, an extension moves a clock; both end. */
struct profile_waiver {
	struct profile_place place; /* must name an order */
	const char *by, *cite, *since, *until;
	const char *clock;       /* of an extension: id of the clock; else NULL */
};

struct profile_event {
	struct profile_place place;
	enum event_kind kind;
	const char *clock;       /* EVENT_SUBMITTED: which paper; or NULL */
	const char *contract;    /* number, when only one contract is meant; or NULL */
	const char *on;          /* date */
	const char *what;        /* or NULL */
};

/* Free facts for papers: "mission-function": "payroll". */
struct profile_fact {
	struct profile_place place;
	const char *id, *text;
};

struct profile {
	struct arena mem;
	const char *name, *unit; /* of the organisation; or NULL */
	const char *contact_name, *contact_phone, *contact_email; /* or NULL */
	const char *uei, *cage;  /* or NULL */
	const char *country;     /* ISO 3166 alpha-2, or NULL */
	struct term_list is;     /* parties; none: not said */
	unsigned activities;     /* verbs; 0: not said */
	const struct calendar *calendar; /* whose business days count, or NULL */
	struct profile_clause *clauses;
	size_t n_clauses;
	bool clauses_said;       /* the list was given, even when empty */
	struct profile_system *systems;
	size_t n_systems;
	struct profile_answer *answers;
	size_t n_answers;
	struct profile_waiver *waivers; /* and extensions */
	size_t n_waivers;
	struct profile_event *events;
	size_t n_events;
	struct profile_fact *facts;
	size_t n_facts;
	const char *file;
};

/*
 * Reads a profile. Returns 0 and the profile (freed with profile_free());
 * -EBADMSG with problems, each with its place; or the errno of reading, with the
 * sentence in e. The pack must outlive it.
 */
int profile_load(const char *path, const struct pack *pack, struct err *e,
                 struct pack_problems *problems, struct profile **ret);
void profile_free(struct profile *p);

#endif
