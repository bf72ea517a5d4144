/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages of the root as its managers list them, read once. Private to
 * survey/.
 */
#ifndef SURVEY_PACKAGES_H
#define SURVEY_PACKAGES_H

#include "survey/state.h"

struct package {
	struct slice name, arch, version;
	struct slice depends;    /* Pre-Depends and Depends, as dpkg writes them */
	struct slice provides;
	struct slice needed_by;  /* names of packages, blanks between: of managers
	                          * that tell it themselves */
	struct slice files;      /* one path a line, each after a space */
	bool installed;          /* unpacked at least: its files are there */
	bool residue;            /* only configuration is left */
	bool broken;             /* the manager wants it to be repaired */
	bool essential, held;
	bool any_arch;           /* Multi-Arch: foreign or allowed */
	bool asked;              /* by a need: it may go */
	uint64_t kilobytes;
};

struct packages {
	const char *ecosystem;   /* constant: "deb", "rpm", "alpm" */
	bool present;            /* the root has a database of this kind */
	const char *why;         /* it could not be asked, or NULL */
	struct package *list;
	size_t n;
};

/* How one manager is asked. */
struct asker {
	const char *ecosystem;
	/* Fills in what there is. 0, -ENOMEM or -EINTR; else ret->why. */
	int (*list)(struct survey *s, struct packages *ret);
	/*
	 * Which installed packages would be left without an asked one once all of
	 * the asked ones are gone: fills needed_by of the facts. Asked ones that
	 * need another are among them, so that a plan knows what goes first.
	 * need_of[i] is the need of package i, or SIZE_MAX.
	 */
	int (*needed)(struct survey *s, const struct packages *p, const size_t *need_of);
};

extern const struct asker asker_dpkg, asker_rpm, asker_pacman;

/* Runs a tool and keeps what it prints in mem. Returns 0 with *ret_why NULL or
 * why it gave no answer; -ENOMEM. A status that is not 0 is a reason, unless
 * any_status is set: then its complaints (standard error) are an answer, too. */
int packages_ask(struct survey *s, char *const *argv, bool any_status,
                 struct slice *ret, const char **ret_why);

/* Why the system needs a package to start, by the paths it owns: "" or words.
 * 0 or -ENOMEM. */
int critical_look(struct survey *s, const struct package *p, struct slice *ret);

/* The next path of a package's list; false at the end. */
bool package_next_file(struct slice *rest, struct slice *ret);

/* Who owns the places that are asked about: owner and others. */
int owners_find(struct survey *s, const struct packages *lists, size_t n);

/* Adds one installed package's name to those that need the one of a fact. */
int package_needed_by(struct survey *s, size_t need, const struct package *by);

/* An order of Debian versions: below, at or above 0. */
int dpkg_version_cmp(struct slice a, struct slice b);

/* Does `have` stand in the relation ("<<", "<=", "=", ">=", ">>") to `want`?
 * An empty relation holds always. */
bool dpkg_version_holds(struct slice have, struct slice relation, struct slice want);

#endif
