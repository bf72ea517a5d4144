/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form is a paper that an order asks for, as data: its parts, and in each the
 * facts that must stand there, with the clause that says so. The engine that
 * fills it in (report/filing.h) knows no order and no form.
 */
#ifndef PACK_FORM_H
#define PACK_FORM_H

#include "pack/order.h"

/* A part is written once, or again for each of these. */
enum form_each {
	FORM_ONCE,
	FORM_FINDING,  /* one article in one place, that the order covers */
	FORM_PRODUCT,  /* the same article wherever it is */
	FORM_SOURCE,   /* a place that was searched */
	FORM_CONTRACT, /* of the profile, with one of the form's clauses */
	FORM_EACH_COUNT
};

#define FORM_IN(each) (1u << FORM_##each)

enum form_fact {
#define FACT(symbol, name, where, words) FACT_##symbol,
#include "pack/fact.def"
#undef FACT
	FACT_PROFILE, /* a free fact of the profile: form_from.profile */
	FACT_COUNT
};

/* What it is, for a gap. Not for FACT_PROFILE. */
const char *form_fact_words(enum form_fact fact);

struct form_from {
	enum form_fact fact;
	const char *profile;     /* FACT_PROFILE: id of the free fact */
};

struct form_field {
	const char *id, *label;
	struct form_from *from;  /* the first that says something counts */
	size_t n_from;
	const char *hint;        /* what a person must fill in, or NULL */
	const char *clause;      /* "(b)(2)(i)", or NULL */
	bool optional;           /* may stay empty: then it is no gap */
};

struct form_part {
	const char *heading, *words, *clause; /* the last two may be NULL */
	enum form_each each;
	unsigned kinds;          /* of articles: bit set of 1u << enum article_kind; 0: all */
	struct form_field *fields;
	size_t n_fields;
};

struct form {
	const char *id, *title, *to, *clause; /* to (whom it goes) may be NULL */
	const char **orders;     /* ids of the orders that ask for it; none: any may */
	size_t n_orders;
	const char **contracts;  /* FORM_CONTRACT: clauses; none: every contract */
	size_t n_contracts;
	const char *note;        /* for whoever fills it in, or NULL */
	struct form_part *parts;
	size_t n_parts;
	enum sureness sureness;
	const char **sources;
	size_t n_sources;
	const char *file;
	int line;
};

struct pack;

/* The form of that id, or NULL. */
const struct form *pack_form(const struct pack *pack, const char *id);

#endif
