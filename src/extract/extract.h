/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An extractor knows one format and no vendor: it reads an item's bytes and
 * writes records of claims into a sink. It runs in a worker (jail/), over
 * hostile bytes: it uses cursors and inputs, has a named limit for every
 * count, length and depth, and never loops on what the file says alone.
 *
 * One file per format; its last lines define one `const struct extractor
 * extract_<name>`. The build collects these from the folder's file names:
 * extract_<name> must be defined in <name>.c. Shared helpers of several
 * formats live in files whose names end in "_util.c" and define none.
 */
#ifndef EXTRACT_EXTRACT_H
#define EXTRACT_EXTRACT_H

#include "claim/claim.h"
#include "extract/input.h"

/* What the walk knows of an item before its bytes are read. */
struct item {
	struct slice path; /* in the source, absolute: "/usr/bin/nrpe" */
	uint32_t mode;     /* st_mode */
	bool in_root;      /* the source is some machine's root */
	bool deep;         /* the user asked for every byte */
	bool list_owned;   /* package databases: claim each owned path too */
};

/*
 * Where records go. Everything handed in is copied before the call returns
 * and cut at the limits of claim.h. A failure (out of memory, over a limit)
 * is remembered by the sink and reported as unread: extractors need not look.
 */
struct sink;

/* Starts a record; the record before it, if any, is complete and goes off.
 * head->claims and n_claims are ignored. */
void sink_record(struct sink *s, const struct record *head);

/* Sets the name or version of the current record after it was started. */
void sink_name(struct sink *s, struct slice name);
void sink_version(struct sink *s, struct slice version);
void sink_state(struct sink *s, enum state state);

/* Adds a claim to the current record. */
void sink_claim(struct sink *s, const struct claim *claim);

/* Adds a claim whose value stands as it is at `offset` in the item. */
void sink_text(struct sink *s, enum attr attr, struct slice value,
               uint64_t offset);

/* Drops the current record (it turned out to say nothing). */
void sink_drop(struct sink *s);

/* The package named by the current SCOPE_PACKAGE record owns this path (with
 * or without a leading slash). Call it after sink_record. */
void sink_owns(struct sink *s, struct slice path);

/* Something here could not be examined; member may be empty. */
void sink_unread(struct sink *s, enum why why, struct slice member);

/* How often a vendor is only talked about is counted by the caller of the
 * extractor, not by extractors. */

/*
 * What an extractor's run() is given. `mem` is reset after each item and has
 * a ceiling (64 MiB): a NULL from it means sink_unread(WHY_OUT_OF_MEMORY).
 */
struct extraction {
	const struct item *item;
	struct input *in;
	struct arena *mem;
	struct sink *out;
};

/*
 * A probe is data so that all of them merge into one table. All members that
 * are set must hold.
 *   magic/magic_n/at  bytes at an offset below INPUT_HEAD_MAX
 *   path              pattern for the last components of the path, compared
 *                     component by component: "*" in a component stands for
 *                     any run of bytes: "var/lib/dpkg/status", "package.json",
 *                     "*.pem". A pattern matches at the end
 *                     of the path; a leading "/" anchors it at the source's
 *                     root.
 */
struct probe {
	const char *magic;
	uint8_t magic_n;
	uint16_t at;
	const char *path;
};

#define MAGIC(bytes) .magic = (bytes), .magic_n = sizeof(bytes) - 1

enum { EXTRACTOR_PROBES_MAX = 16 };

struct extractor {
	const char *name;
	unsigned version; /* raised when the claims it makes change */
	struct probe probes[EXTRACTOR_PROBES_MAX]; /* any of; ends at an empty one */
	/* Returns 0, or a negative errno value that the caller turns into one
	 * sink_unread: -EBADMSG damaged, -EFBIG too large, -E2BIG too many,
	 * -ELOOP too deep, -ENOMEM memory, -ENOTSUP unsupported, -EACCES
	 * encrypted, -ESTALE changed while being read, other: I/O error. Claims
	 * made before the failure count. */
	int (*run)(struct extraction *x);
};

/* The generated list, ended by NULL. */
extern const struct extractor *const extractors[];

/* Its bit in a set of extractors: 1 << its place in the list, which has at most
 * EXTRACTORS_MAX. */
enum { EXTRACTORS_MAX = 64 };
uint64_t extract_bit(const struct extractor *extractor);

/* The reason for an error that run() returned. */
enum why extract_why(int error);

/* The state of a program file: state_of_path() of where it lies. */
enum state extract_file_state(const struct item *item);

/* The extractors whose probes hold, at most `most`; returns their number. */
enum { EXTRACT_PICK_MAX = 4 };
size_t extract_pick(const struct item *item, struct slice head,
                    const struct extractor *ret[EXTRACT_PICK_MAX]);

/* Could this extractor be picked for an item at that path, whatever its bytes
 * are? */
bool extract_may_pick(const struct extractor *extractor, struct slice path);

/*
 * Lets libraries open their files and make their tables now: in the sandbox
 * they could not. Call it before workers are forked.
 */
void extract_warm_up(void);

#endif
