/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jail: hostile bytes never meet privilege.
 *
 *   broker ---- spawner ---- worker 0, 1, ...
 *
 * The broker (this process, maybe root) opens files and passes read-only
 * descriptors in batches to long-lived workers. A worker extracts claims,
 * matches them against the pack it inherited, and sends typed messages back;
 * the broker checks every field of them again (wire.h). The spawner is forked
 * before any thread exists; it does nothing but make workers and reap them.
 *
 * A worker has no capability, an empty root, its own namespaces where the
 * kernel permits, no_new_privs, Landlock without a rule, seccomp with a
 * default of kill, and limits on memory and descriptors (sandbox.h). The
 * broker keeps a deadline for each item. A worker that crashes, is killed or
 * hangs costs the one item it was at; the rest of its batch goes to a new one.
 *
 * Matching runs in the worker too, since it also reads hostile text.
 */
#ifndef JAIL_JAIL_H
#define JAIL_JAIL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/siphash.h"
#include "base/str.h"
#include "claim/claim.h"
#include "match/match.h"

enum {
	BATCH_ITEMS_MAX = 64,          /* descriptors in one message */
	BATCH_TEXT_MAX = 32 * 1024,    /* bytes of paths in one message */
	/* A full batch of large files would keep one worker busy while the
	 * others have nothing left to do. */
	BATCH_DEEP_BYTES = 8 * 1024 * 1024,
	ITEM_PATH_MAX = CLAIM_VALUE_MAX,
	JAIL_WORKERS_MAX = 64,
	JAIL_WINDOW = 4,               /* batches in flight for each worker */
};

/* How an item is to be looked at. */
enum item_flag {
	ITEM_IN_ROOT = 1 << 0,    /* its source is a machine's root */
	ITEM_DEEP = 1 << 1,       /* search every byte of a program */
	ITEM_LIST_OWNED = 1 << 2, /* report owned paths as text, not as hashes */
	ITEM_HEADS = 1 << 3,      /* report the heads of SCOPE_FOLDER records */
	ITEM_NO_BYTES = 1 << 4,   /* only a path: no descriptor comes with it */
	ITEM_ALL_TEXT = 1 << 5,   /* count mentions in all of a text */
	ITEM_RECALLED = 1 << 6,   /* its bytes are what a worker once said of it */
};

struct batch_item {
	int fd;            /* owned by the batch; -1 with ITEM_NO_BYTES */
	uint32_t path_at;  /* into batch.text */
	uint32_t path_n;
	uint64_t size;     /* of the item, or of what was said of it */
	uint64_t at;       /* ITEM_RECALLED: where that begins in fd */
	uint64_t tag;      /* the caller's own number for it */
	uint32_t mode;     /* st_mode */
	uint32_t source;
	uint8_t flags;
	bool done;         /* answered; kept by the jail */
};

/* Items on their way through the jail. The walk fills one and submits it. */
struct batch {
	uint32_t n, text_n;
	uint64_t deep_bytes; /* that will be read to the last one */
	struct batch_item items[BATCH_ITEMS_MAX];
	uint8_t text[BATCH_TEXT_MAX];
};

/* Returns a new empty batch, or NULL when out of memory. */
[[nodiscard]] struct batch *batch_new(void);
/* Closes what it holds and frees it. */
void batch_free(struct batch *b);
/* Is there room for one more item with a path of n bytes? */
bool batch_has_room(const struct batch *b, size_t path_n);
/* Adds an item and takes over its descriptor. The path is copied; it must be
 * at most ITEM_PATH_MAX bytes and there must be room. */
void batch_add(struct batch *b, const struct batch_item *item, struct slice path);

static inline struct slice batch_path(const struct batch *b,
                                      const struct batch_item *item)
{
	return slice_of(b->text + item->path_at, item->path_n);
}

/* The item that an event speaks of. */
struct jail_item {
	uint32_t source;
	struct slice path;
	uint64_t tag;
	uint8_t flags; /* enum item_flag */
};

/* What a worker said of an item, checked. Slices live during the callback. */
struct jail_hit {
	uint32_t mark;
	struct record head;   /* without claims */
	struct claim claim;
	bool parts_known;     /* SCOPE_PART: byte marks of the entity show the
	                       * code of every file that the claim names */
};

struct jail_package {
	const char *ecosystem;
	struct slice name, version;
	struct slice maker;   /* vendor, else maintainer; "" when not stated */
};

/* How an item was looked at. */
struct jail_done {
	uint64_t bytes;      /* read from it */
	uint64_t extractors; /* that read it: a bit for each of extractors[] */
	bool program;        /* byte markers could stand in it */
	bool searched;       /* and were looked for */
};

/*
 * Called from several threads at once, but never twice at once for the same
 * item: all events of an item come in a row on one thread. `said` gets each
 * checked message of the wire but the last as it came, before its own event,
 * for jail_replay() and jail_next_record(). on_owned gets the keyed hash of a
 * path (without its leading slash) that belongs to the package last reported
 * for the item.
 */
struct jail_events {
	void *ctx;
	void (*said)(void *ctx, const struct jail_item *item,
	             struct slice message); /* may be NULL */
	void (*hit)(void *ctx, const struct jail_item *item,
	            const struct jail_hit *hit);
	void (*package)(void *ctx, const struct jail_item *item,
	                const struct jail_package *package);
	void (*owned)(void *ctx, const struct jail_item *item,
	              const struct jail_package *package,
	              const uint64_t *hashes, size_t n);
	void (*owned_path)(void *ctx, const struct jail_item *item,
	                   const struct jail_package *package,
	                   struct slice path);
	void (*folder)(void *ctx, const struct jail_item *item,
	               const struct record *head);
	void (*unread)(void *ctx, const struct jail_item *item,
	               struct slice member, enum why why);
	void (*mention)(void *ctx, const struct jail_item *item,
	                uint32_t entity, uint32_t count);
	/* The last event of every item. */
	void (*done)(void *ctx, const struct jail_item *item,
	             const struct jail_done *how);
};

struct jail_args {
	struct matcher *matcher;
	const struct pack *pack;
	unsigned workers;          /* 1 to JAIL_WORKERS_MAX */
	unsigned deadline_ms;      /* for one item */
	size_t memory_bytes;       /* a worker's own data */
	bool records;              /* workers also say what they extracted */
	struct siphash_key key;    /* of the path hashes */
	struct jail_events events;
};

/*
 * What the kernel refused, as a sentence for people; the sweep says it once.
 * Empty when every layer is in place. Seccomp is never missing: without it no
 * worker starts.
 */
struct jail_limits {
	char text[400];
};

struct jail;

/*
 * Forks the spawner and the first workers, then starts one thread per worker
 * that receives its answers. Call it before any other thread exists. Returns
 * 0 or a negative errno with the sentence in e.
 */
int jail_new(const struct jail_args *args, struct err *e,
             struct jail_limits *ret_limits, struct jail **ret);

/*
 * Hands over a batch (and its ownership); blocks while every worker's window
 * is full. Returns 0, or -EIO when workers can no longer be made; the batch is
 * freed in every case.
 */
int jail_submit(struct jail *jail, struct batch *batch);

/* Waits until everything submitted has been answered. 0 or -EIO. */
int jail_drain(struct jail *jail);

/*
 * Delivers messages that were kept from `said` once more, as if a worker had
 * just sent them: all events but said and done. With `again` the packs are not
 * those of then: hits and mentions are left out, and the item is to be
 * submitted as ITEM_RECALLED with these messages as its bytes. Returns 0, or
 * -EBADMSG when they are not such messages: then some may have been delivered.
 */
int jail_replay(const struct jail_args *args, const struct jail_item *item,
                struct slice messages, bool again);

/* Does a message begin a record that speaks for the item itself (SCOPE_ITEM)? */
bool jail_speaks_for_item(struct slice message);

/* Appends the messages that do not depend on packs to out; what cannot be read
 * ends it. */
void jail_strip(struct slice messages, struct str *out);

/*
 * The next record among kept messages, claims and all: one that was matched in
 * the worker, the item's path and byte hits included where it speaks for the
 * item itself (SCOPE_ITEM). Slices point into the messages, claims lie in mem.
 * Returns 1, 0 at the end, -EBADMSG or -ENOMEM.
 */
int jail_next_record(struct slice *messages, struct arena *mem,
                     struct record *ret);

/* Ends the workers and the spawner and frees all. */
void jail_free(struct jail *jail);

#endif
