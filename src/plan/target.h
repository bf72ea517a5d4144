/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to plan/: what an article consists of, as far as removal is
 * concerned. target.c goes from evidence to things (a package, a place, an
 * account); needs.c asks about them, make.c decides.
 */
#ifndef PLAN_TARGET_H
#define PLAN_TARGET_H

#include "plan/facts.h"

/* What the orders and the article itself say, before anything is known of the
 * source. */
enum ruling {
	RULING_OTHER,    /* of another source, or of no selected order's maker */
	RULING_ACT,
	RULING_LEFT,     /* every selected order leaves it out */
	RULING_REVIEW,   /* a person must settle something first */
};

/* *ret_why: for LEFT and REVIEW; in mem or constant. */
enum ruling article_ruling(const struct article *a, const struct plan_options *o,
                           const char **ret_why);

/* Does this order count? */
bool order_selected(const struct plan_options *o, struct slice order);

enum thing {
	THING_NONE,
	THING_PACKAGE,
	THING_PLACE,
	THING_UNIT,      /* a place, and a service */
	THING_MODULE,    /* a place, and perhaps in the kernel */
	THING_CERT,      /* a place, or an entry of a store */
	THING_CODE,      /* a package of npm or PyPI: text is a file of it, most
	                  * often its manifest */
	THING_JAR,
	THING_USER,
	THING_GROUP,
	THING_KEY,       /* in a package database: text is its user id */
	THING_REFERENCE, /* a line of a manifest */
	THING_EXTENSION, /* of a browser */
	THING_INSIDE,    /* it stands in an archive or another container */
};

struct target {
	const struct article *article;
	const struct article_evidence *evidence; /* the strongest; NULL for a
	                                          * package that its article names */
	enum thing thing;
	enum attr attr;
	enum stage stage;
	const char *ecosystem;  /* THING_PACKAGE */
	struct slice text;
	bool sure;              /* some evidence of it is more than weak */
	bool layout;            /* weak, but of the kind that a known product's
	                         * presence explains */
};

/*
 * The targets of all articles with RULING_ACT, by article and then by thing and
 * text, no two the same. 0, -ENOMEM or -E2BIG.
 */
int targets_of(const struct articles *a, const struct plan_options *o,
               struct arena *mem, struct target **ret, size_t *ret_n);

/* The place that it is about: of code, code_folder() or the file's folder. */
struct slice target_place(const struct target *t);

/*
 * The folder that stands for a package of a language which is installed so that
 * all its files are known, by a path inside: of PyPI the .dist-info folder,
 * whose RECORD lists the files; of npm the package's own folder where npm
 * installs for all. Empty where a person must decide: in a project, inside
 * another package, or without such a list.
 */
struct slice code_folder(const char *ecosystem, struct slice path);

/* Is it code with such a folder? */
bool target_is_listed(const struct target *t);

/* Is it a package of the system's own manager ("deb"), not of a language's? */
bool ecosystem_managed(const char *ecosystem);

/* Folders in which a language's manager installs for the whole system. */
bool code_is_global(struct slice path);

/* Databases of accounts and packages, the kernel's file systems, and the
 * folders that every system has: never taken. */
bool place_is_database(struct slice path);
bool place_is_system(struct slice path);

#endif
