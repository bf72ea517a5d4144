/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker that has been taken over, for tests (build option hostile_worker):
 * an item that starts with the words below makes the worker do what an
 * attacker would. In every other build this is an empty function.
 *
 *   DEBAR-HOSTILE crash           writes to address 0
 *   DEBAR-HOSTILE hang            loops for ever
 *   DEBAR-HOSTILE memory          allocates without end
 *   DEBAR-HOSTILE call NUMBER     makes a system call that must not succeed;
 *                                 when it does, sends a hit of the first mark,
 *                                 so that the report shows a finding
 *   DEBAR-HOSTILE lie             sends a message that breaks the wire's rules
 *   DEBAR-HOSTILE fuzz SEED       sends messages of random bytes, right and wrong
 *   DEBAR-HOSTILE flood           answers without end
 *   DEBAR-HOSTILE early           answers items that it was not asked about yet
 *   DEBAR-HOSTILE orphan          sends owned paths that no package owns
 *   DEBAR-HOSTILE busy            turns its progress for ever
 *   DEBAR-HOSTILE hide            says that it is idle, and hangs
 *   DEBAR-HOSTILE hide-crash      says that it is idle, and crashes
 *   DEBAR-HOSTILE shared          allocates shared memory
 */
#ifndef JAIL_HOSTILE_H
#define JAIL_HOSTILE_H

#include "jail/spawn.h"

/* head: the item's first bytes; fd: the worker's socket; item: its number. */
#ifdef HOSTILE_WORKER
void hostile_item(struct slice head, int fd, uint32_t item, struct slot *slot);
#else
static inline void hostile_item(struct slice head, int fd, uint32_t item,
                                struct slot *slot)
{
	(void)slot;
	(void)head;
	(void)fd;
	(void)item;
}
#endif

#endif
