/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Package managers as data: which arguments ask, try, remove and install.
 * The table is all that debar knows of them; survey/ and remove/ run what it
 * says, and the forms print it. In an argument "@ROOT@" stands for the root
 * (the whole argument or a part of it); the argument "@PACKAGES@" stands for
 * the packages, each spelled as `spelling` says.
 */
#ifndef PLAN_MANAGER_H
#define PLAN_MANAGER_H

#include "base/str.h"
#include "plan/plan.h"

enum { MANAGER_ARGV_MAX = 12, MANAGER_PATHS_MAX = 24, MANAGER_PEOPLE_MAX = 5 };

struct manager {
	const char *name;      /* "dpkg" */
	const char *ecosystem; /* "deb" */
	bool offline;          /* can work on another root than "/" */
	bool tried;            /* debar carries it out; otherwise a plan prints
	                        * the command and leaves it to a person */
	/* How a package is written: "@NAME@", "@NAME@:@ARCH@", "@NAME@-@VERSION@". */
	const char *spelling;
	const char *simulate[MANAGER_ARGV_MAX]; /* changes nothing; fails when the
	                                         * removal would */
	const char *remove[MANAGER_ARGV_MAX];
	const char *check[MANAGER_ARGV_MAX];    /* is the database sound? silence
	                                         * and 0 */
	const char *install_file[MANAGER_ARGV_MAX]; /* "@FILE@": a package file */
	const char *databases[MANAGER_PATHS_MAX]; /* what a removal may change
	                                           * beside the packages' files;
	                                           * NULL-terminated */
	/* What a person would type, "@PACKAGES@" in it; NULL-terminated. Of
	 * several the first whose program the root has. */
	const char *people[MANAGER_PEOPLE_MAX];
};

/* The manager of an ecosystem, or NULL. */
const struct manager *manager_of(const char *ecosystem);

/* What a person would type where the root has these programs (bits in the order
 * of manager_programs); the first words when it has none of them. */
const char *manager_words(const struct manager *m, uint32_t programs);

/* Names of the programs that the words for people begin with, NULL-terminated;
 * at most 32. */
extern const char *const manager_programs[];

/* The table, for who goes through all. */
extern const struct manager managers[];
extern const size_t n_managers;

/*
 * Fills in a template. The result is NULL-terminated and lies in mem.
 * packages may be empty; file may be NULL. Returns NULL when out of memory.
 */
char **manager_argv(const char *const *template, const struct manager *m,
                    const char *root, const struct plan_package *packages,
                    size_t n, const char *file, struct arena *mem);

#endif
