/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spawner: a child of the broker, forked while it had one thread, that
 * makes workers and reaps them on request until its socket closes.
 */
#ifndef JAIL_SPAWN_H
#define JAIL_SPAWN_H

#include <stdatomic.h>
#include <sys/types.h>

#include "jail/jail.h"

/*
 * What a worker is doing, in a page shared with the broker: the number of the
 * item it is at. The broker believes it only as far as the number is one of
 * those it handed out.
 */
struct slot {
	_Atomic uint64_t progress; /* (number of items begun << 32) | item id */
};

enum { SLOT_BYTES = 4096 };

struct spawner {
	int fd;      /* ours; the spawner ends when it closes */
	pid_t pid;
	uint8_t *slots; /* JAIL_WORKERS_MAX pages, shared */
};

struct worker_handle {
	int fd;      /* socket to the worker */
	int pidfd;   /* to kill it */
	pid_t pid;   /* as the spawner knows it */
};

static inline struct slot *spawner_slot(const struct spawner *s, unsigned i)
{
	return (struct slot *)(void *)(s->slots + (size_t)i * SLOT_BYTES);
}

/* Forks the spawner. args and all they point to must stay as they are. */
int spawner_start(const struct jail_args *args, struct spawner *ret,
                  struct err *e);

/* Forks a worker for a slot; it closes its sandbox meanwhile. */
int spawner_worker(const struct spawner *s, unsigned slot,
                   struct worker_handle *ret);

/* Waits for a new worker's word that its sandbox is closed. On failure the
 * worker is gone. */
int spawner_ready(const struct spawner *s, struct worker_handle *worker,
                  struct jail_limits *limits);

/* Waits for a worker that has ended or was killed; closes its descriptors.
 * *ret_status is as waitpid() gives it. */
int spawner_reap(const struct spawner *s, struct worker_handle *worker,
                 int *ret_status);

void spawner_stop(struct spawner *s);

#endif
