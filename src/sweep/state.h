/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the sweep as it goes on. */
#ifndef SWEEP_STATE_H
#define SWEEP_STATE_H

#include <pthread.h>

#include "memory/memory.h"
#include "sweep/owners.h"
#include "sweep/sweep.h"

/* A DEP-5 paragraph names an entity as the author of a part of a package. */
struct part {
	uint32_t source;
	struct slice package;
	const struct entity *entity;
	bool known;  /* byte marks would show every file that it names */
	bool looked; /* the package's programs were searched */
	bool shown;
};

/* A folder whose package has to be named. */
struct named_folder {
	uint32_t source;
	struct slice root;
	struct owner is; /* name empty: not known (yet) */
};

/* A folder as it was walked: its names in order, a NUL behind each, those of
 * folders with a slash before that; and for each the hash of its whole path
 * (owners_bare). */
struct listing {
	struct slice path, names;
	const uint64_t *hashes;
};

enum { DEVICES_MAX = 64 };

/* What is kept of one source. */
struct source_state {
	struct memory *old;           /* what the last sweep learnt, or NULL */
	struct memory_writer *writer; /* what this one does; NULL: nothing */
	char *memory_file;            /* where that is written, or NULL */
	struct arena mem;             /* of the folders */
	struct listing *folders;
	size_t n_folders, folders_size;
	/* Devices whose times of change are true, and how much was looked at. */
	_Atomic dev_t devices[DEVICES_MAX];
	atomic_size_t n_devices;
	atomic_uint_fast64_t items, examined, bytes, incomplete, programs, searched;
};

enum {
	PARTS_MAX = 10000,
	FOLDERS_MAX = 10000,
	OWNED_LIST_MAX = 200000,
	OWNED_BYTES_MAX = 64 * 1024 * 1024,
	/* Of all second looks together; and folders read to find the lists. */
	SECOND_FILES_MAX = 1000000,
	SECOND_ENTRIES_MAX = 100 * 1000 * 1000,
	/* All text that a sweep keeps besides hits and owners. */
	LISTS_BYTES_MAX = 256 * 1024 * 1024,
};

struct gathering;

struct sweep {
	const struct sweep_args *args; /* &own_args */
	struct sweep_args own_args;
	struct jail *jail;
	struct jail_args jail_args;
	bool remembers;             /* for the next sweep */
	struct memory_about about;
	struct source_state *states; /* by source */
	char (*markers)[33];        /* digests of the packs' byte markers */
	size_t n_markers;
	struct owners *owners;
	struct findings *findings;
	int *source_fds;            /* the folder of each source, or -1 */
	struct report_source *sources;
	atomic_uint_fast64_t items, examined, bytes;
	pthread_mutex_t lock;       /* of all that follows */
	struct arena mem;
	struct incomplete *incomplete;
	size_t n_incomplete, incomplete_size;
	struct mention *mentions;
	size_t n_mentions, mentions_size;
	struct skipped *skipped;
	size_t n_skipped, skipped_size;
	uint64_t by_why[WHY_COUNT], mention_files;
	atomic_uint_fast64_t mute;  /* files not read for mentions */
	struct part *parts;
	size_t n_parts, parts_size;
	struct named_folder *folders;
	size_t n_folders, folders_size;
	/* the second look */
	bool second;                /* it has begun: items were counted before */
	struct slice *owned;        /* paths of the package being looked at */
	size_t n_owned, owned_size;
	struct arena owned_mem;
	atomic_bool look_failed;    /* something of it was not examined */
	uint64_t second_files, second_entries; /* so far, of all packages */
	const struct part *looking;
	struct gathering *gathering; /* of the changes */
	struct changes changes;
	bool compared;
	bool not_kept;
	struct err keep_error;
	struct report report;
};

/* Room for one more in a growing list; false when out of memory. */
bool sweep_grow(void *list, size_t n, size_t *size, size_t each);

/* Notes that something was not examined. Takes the lock. */
void sweep_unread(struct sweep *s, uint32_t source, struct slice path,
                  struct slice member, enum why why);

/* Waits for all that was handed to the jail; an error says that it broke. */
int sweep_drain(struct sweep *s, struct err *e);

/* Names the folders and searches the programs that the first look gave cause
 * to. Call it when the jail is drained and owners are settled. */
int sweep_second_look(struct sweep *s, struct err *e);

#endif
