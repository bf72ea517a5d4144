/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan must know of the source beside the findings. plan_needs() says
 * what (pure); survey/ goes and looks; plan_make() decides from the answers.
 * A fact that could not be had is said (`why`), and leads to a review, never
 * to a guess.
 */
#ifndef PLAN_FACTS_H
#define PLAN_FACTS_H

#include "plan/article.h"
#include "plan/plan.h"

/* Questions. */
enum need_kind {
	NEED_PACKAGE, /* ecosystem, text = name */
	NEED_PLACE,   /* text = path of a file or of a folder with all it holds */
	NEED_CODE,    /* ecosystem, text = the folder that says what a package of a
	               * language is (code_folder()); answered as a place that has
	               * all files of that package */
	NEED_USER,    /* text = login name, home folder or comment, as `attr` says */
	NEED_GROUP,   /* text = name */
	NEED_UNIT,    /* text = path of the unit file or init script */
	NEED_MODULE,  /* text = path of a kernel module */
	NEED_ROLE,    /* text = a role, "anti-virus": is a protection running? */
	NEED_KEY,     /* text = user id of a key that a package database holds */
};

struct need {
	enum need_kind kind;
	const char *ecosystem; /* NEED_PACKAGE */
	enum attr attr;        /* NEED_USER: USER_NAME, USER_HOME or USER_GECOS */
	struct slice text;
};

/* Answers. Each has the index of its need, in the same order. */
struct fact_package {
	struct slice version, arch;
	bool installed, residue; /* neither: the manager does not know it */
	bool essential;          /* the manager calls it so */
	struct slice critical;   /* why the system needs it to start, or "" */
	struct slice held;       /* why the manager is told to keep it, or "" */
	struct slice *needed_by; /* installed packages that would be left without
	                          * it, names as the manager writes them */
	size_t n_needed_by;
	struct slice *units;     /* unit files and init scripts it owns: paths */
	size_t n_units;
	uint64_t n_files, bytes;
	bool runs;               /* a program of it is running */
};

struct fact_place {
	bool exists;
	struct object *objects;  /* contents before their folder */
	size_t n_objects;
	struct slice owner;      /* "deb kesl": a package owns it, or "" */
	struct slice *others;    /* packages that own something in the folder */
	size_t n_others;
	struct slice mount;      /* a file system is mounted there or inside */
	bool shared;             /* more than the article stands in the file:
	                          * other repositories, other jobs, ... */
	uint64_t more_links;     /* names of its files outside the place */
	struct slice *running;   /* "pid 12 (wdserver)": executes or maps it */
	size_t n_running;
	/* NEED_CODE: */
	struct slice kept;       /* why it cannot go file by file, or "" */
	struct slice *needed_by; /* folders of the packages beside it that ask for
	                          * it */
	size_t n_needed_by;
};

struct fact_account {
	bool exists;
	struct slice name;
	uint32_t id;
	uint64_t remaining;      /* files and folders that are its own */
	struct slice *paths;     /* some of them, in order of path */
	size_t n_paths;          /* at most 1000; `remaining` counts them all */
	struct slice used;       /* running processes, members, primary group of
	                          * somebody: why it is in use, or "" */
};

struct fact_unit {
	struct slice name;       /* "kesl.service" */
	bool active, enabled;
	bool known;              /* active could be asked (a live system) */
};

struct fact_module {
	bool loaded;
};

struct fact_role {
	struct slice running;    /* "clamd (pid 12)", or "" */
};

/* A key as its database names it: "gpg-pubkey-V-R". */
struct fact_key {
	struct slice name, version;
	struct slice *packages;  /* installed ones that are signed with it */
	size_t n_packages;
};

/* A repository file and a key file that it names. */
struct fact_repository {
	struct slice path, key;
};

struct fact_keys {
	struct fact_key *list;   /* of that user id */
	size_t n;
	struct fact_repository *repositories; /* all there are */
	size_t n_repositories;
};

struct fact {
	struct slice why; /* not "": it could not be found out, and why */
	union {
		struct fact_package package;
		struct fact_place place;
		struct fact_account account;
		struct fact_unit unit;
		struct fact_module module;
		struct fact_role role;
		struct fact_keys keys;
	};
};

struct facts {
	struct arena mem;
	struct slice root;         /* path of the source */
	bool live;
	uint64_t root_device, root_inode;
	uint32_t programs;         /* which of manager_programs the root has */
	struct fact *list;
	size_t n;
};

/* Knowledge of the packs about removal, as plan_make() and plan_needs() ask
 * for it; cmd/ answers from the packs, so that plan/ need not know them. */
struct plan_lore {
	const void *ctx;
	/* Rank among the packages of an entity ("gui" before "engine" before
	 * "agent"), role ("" or "anti-virus") and words for people. */
	void (*article)(const void *ctx, struct slice entity, struct slice name,
	                uint32_t *ret_rank, struct slice *ret_role,
	                struct slice *ret_advice);
	/* Names of processes that can take over a role, NULL-terminated. */
	const char *const *(*protections)(const void *ctx, struct slice role);
};

struct plan_options {
	const struct plan_lore *lore; /* may be NULL: nothing is known */
	struct slice *orders;  /* ids that count; n_orders 0: all */
	size_t n_orders;
	uint32_t source;       /* the source that the plan is for */
	struct slice *allow;   /* packages that may go although they are essential
	                        * or critical, or that others need: these too */
	size_t n_allow;
	bool include_weak;     /* act on weak evidence alone */
	struct slice waiver;   /* a person's words instead of a replacement */
	unsigned approvals;
	const char *version;   /* of debar */
};

/* The questions for these articles; the list lives in mem. Returns 0, -ENOMEM
 * or -E2BIG. */
int plan_needs(const struct articles *a, const struct plan_options *o,
               struct arena *mem, struct need **ret, size_t *ret_n);

/*
 * The plan. facts->list answers needs one by one. Returns 0 and a plan with
 * its hash, or -ENOMEM, -E2BIG with the sentence in e.
 */
int plan_make(const struct articles *a, const struct need *needs, size_t n,
              const struct facts *facts, const struct plan_options *o,
              struct err *e, struct plan **ret);

#endif
