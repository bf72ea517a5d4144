/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan says how banned articles leave one source: steps in the order in
 * which they are to be done, and what is left alone and why. It is a value: it
 * is computed from findings and facts (make.c), printed, hashed, approved and
 * only then carried out, by remove/. Nothing here looks at a file, a clock or
 * the network; the same input gives the same plan, byte for byte.
 *
 * A plan names what is to become of things, never commands: what is run for a
 * package is looked up in a table (manager.h) when the plan is carried out, so
 * that a plan that a stranger wrote can run nothing of its own.
 *
 * Everything in a plan belongs to its arena.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "claim/claim.h"

enum {
	PLAN_STEPS_MAX = 100000,
	PLAN_OBJECTS_MAX = 2000000,   /* files and folders, all steps together */
	PLAN_LIST_MAX = 10000,        /* any other list of a plan */
	PLAN_PATH_MAX = 4096,
	PLAN_TEXT_MAX = 8192,         /* any other text */
	PLAN_SHA256_BYTES = 32,
};

/* What a step does. */
enum step_kind {
	STEP_SERVICE, /* stop a service and keep it from starting */
	STEP_PACKAGE, /* remove packages through their own manager */
	STEP_TAKE,    /* take files and folders into quarantine */
	STEP_TRUST,   /* the same for a trust anchor, then rebuild the store */
	STEP_USER,    /* delete a user of whom nothing remains */
	STEP_GROUP,   /* delete a group of which nothing remains */
	STEP_REVIEW,  /* a person must decide or act; nothing is done */
	STEP_KIND_COUNT
};

/* When: steps are sorted by stage, then by rank, then by the article. */
enum stage {
	STAGE_SERVICE,
	STAGE_PACKAGE,    /* rank: dependants before what they need; then the
	                   * packs' own order, such as GUI, engine, agent */
	STAGE_LAUNCHER,   /* units, cron tables, desktop entries */
	STAGE_LEFTOVER,   /* files, configuration, code folders */
	STAGE_TRUST,
	STAGE_ACCOUNT,    /* users before groups */
	STAGE_REPOSITORY, /* package sources and their keys */
	STAGE_REVIEW,
	STAGE_COUNT
};

enum risk { RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_COUNT };

enum object_type { OBJECT_FILE, OBJECT_FOLDER, OBJECT_LINK, OBJECT_OTHER, OBJECT_TYPE_COUNT };

/*
 * One thing that a step takes, as it was when the plan was made. It is taken
 * only while it still is that. In a step's list what lies in a folder stands
 * before the folder.
 */
struct object {
	struct slice path;     /* in the source: absolute, plain ("/a/b") */
	enum object_type type;
	uint64_t device;       /* st_dev */
	uint64_t inode, size;  /* size: of files and links */
	uint32_t mode;         /* st_mode */
	uint32_t uid, gid;
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint32_t links;        /* st_nlink; of folders 0 */
	uint32_t flags;        /* FS_IOC_GETFLAGS: immutable and append-only */
	uint8_t sha256[PLAN_SHA256_BYTES]; /* a file's bytes or a link's target;
	                                    * zeros for the rest */
};

/* A package as its manager names it. */
struct plan_package {
	const char *ecosystem; /* constant: "deb", "rpm", ... (claim.h) */
	struct slice name, version, arch;
	bool residue;          /* only its configuration is left */
};

/* Why a step is there. */
struct plan_evidence {
	struct slice attr, value, path, mark, mark_source;
	enum strength strength;
};

struct plan_reason {
	struct slice order, because;
};

struct step {
	enum step_kind kind;
	enum stage stage;
	uint32_t rank;
	struct slice article;      /* id of the finding */
	struct slice name, version;
	struct slice entity;       /* id */
	struct plan_reason *reasons;
	size_t n_reasons;
	struct plan_evidence *evidence; /* the strongest, a few */
	size_t n_evidence;
	enum risk risk;
	struct slice risk_words;
	struct slice *before, *after; /* what must hold, for people */
	size_t n_before, n_after;
	struct slice words;        /* what is done; of a review: what is to be
	                            * settled, and with whom */
	/* STEP_PACKAGE: removed together, in one call of the manager. STEP_TAKE,
	 * STEP_TRUST: those that own something in what is taken; while one of them
	 * is installed nothing of the step is touched. */
	struct plan_package *packages;
	size_t n_packages;
	/* STEP_TAKE, STEP_TRUST; of a review what it speaks of. */
	struct object *objects;
	size_t n_objects;
	/* STEP_SERVICE: the unit; STEP_USER, STEP_GROUP: the name. */
	struct slice subject;
	uint32_t id;               /* uid or gid */
	bool was_active, was_enabled; /* STEP_SERVICE */
};

/* What the plan leaves alone. */
struct plan_left {
	struct slice article, name, entity, why;
};

/* Must something take the article's place first? */
enum gate_state {
	GATE_NOT_NEEDED,
	GATE_RUNNING,  /* seen running: `by` */
	GATE_WAIVED,   /* a person answers for it: `by` holds the words */
	GATE_MISSING,  /* removal refuses until there is one or a waiver */
};

struct plan_gate {
	struct slice role;      /* "anti-virus", "firewall" */
	enum gate_state state;
	struct slice by;
	struct slice *processes; /* names of processes that would do */
	size_t n_processes;
};

struct plan {
	struct arena mem;
	struct slice tool;        /* version of debar */
	struct slice packs_sha256;
	struct slice *orders;     /* ids; empty: all */
	size_t n_orders;
	struct slice source_path; /* "/" or the folder of another root */
	struct slice source_kind; /* "root", "folder", "file" */
	struct slice host, swept; /* name and time of the sweep, or "" */
	bool live;                /* the source is the running system */
	bool complete;            /* the sweep had examined everything */
	uint64_t root_device, root_inode;
	unsigned approvals;       /* that removal asks for: 0, 1 or 2 */
	struct plan_gate *gates;
	size_t n_gates;
	struct step *steps;
	size_t n_steps;
	struct plan_left *left;
	size_t n_left;
	char sha256[2 * PLAN_SHA256_BYTES + 1]; /* over all of the above */
};

void plan_free(struct plan *p);

const char *step_kind_name(enum step_kind kind);
int step_kind_by_name(const char *name);
const char *stage_name(enum stage stage);
int stage_by_name(const char *name);
const char *risk_name(enum risk risk);
int risk_by_name(const char *name);
const char *object_type_name(enum object_type type);
int object_type_by_name(const char *name);
const char *gate_state_name(enum gate_state state);
int gate_state_by_name(const char *name);

/* Is it an absolute path without "", "." and ".." parts and without a NUL, at
 * most PLAN_PATH_MAX bytes long? "/" alone is not. */
bool plan_path_ok(struct slice path);

/* Does any step do something (all but reviews)? */
bool plan_acts(const struct plan *p);

#endif
