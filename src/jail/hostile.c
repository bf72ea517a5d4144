/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/hostile.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HOSTILE_WORKER

static const struct slice words = {(const uint8_t *)"DEBAR-HOSTILE ", 14};

static void use_memory(void)
{
	for (;;) {
		char *p = malloc(1 << 20);
		if (!p)
			abort();
		memset(p, 1, 1 << 20);
	}
}

/* -1 as an argument reaches no valid memory or descriptor, so that a call that
 * succeeds all the same is one that needs neither: fork, setsid, socket ... */
static void call(struct slice number)
{
	uint64_t n;

	if (slice_number(slice_trim(number), 10, &n) < 0)
		return;
	if (syscall((long)n, -1L, -1L, -1L, -1L, -1L, -1L) >= 0)
		_exit(77);
}

void hostile_item(struct slice head)
{
	struct slice what = slice_trim(slice_from(head, words.n));

	if (!slice_starts(head, words))
		return;
	if (slice_eq(what, SLICE("crash")))
		*(volatile int *)0 = 1;
	if (slice_eq(what, SLICE("hang")))
		for (volatile int i = 0;; i++)
			;
	if (slice_eq(what, SLICE("memory")))
		use_memory();
	if (slice_starts(what, SLICE("call ")))
		call(slice_from(what, 5));
}

#endif
