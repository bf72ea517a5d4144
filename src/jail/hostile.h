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
 */
#ifndef JAIL_HOSTILE_H
#define JAIL_HOSTILE_H

#include "base/slice.h"

/* head: the item's first bytes; fd: the worker's socket; item: its number. */
#ifdef HOSTILE_WORKER
void hostile_item(struct slice head, int fd, uint32_t item);
#else
static inline void hostile_item(struct slice head, int fd, uint32_t item)
{
	(void)head;
	(void)fd;
	(void)item;
}
#endif

#endif
