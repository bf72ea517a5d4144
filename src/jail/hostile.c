/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/hostile.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/wire.h"

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

static void succeeded(int fd, uint32_t item, struct slice number)
{
	static struct wire w;
	const struct jail_hit hit = {
		.head = {.ecosystem = "", .name = SLICE("forbidden call")},
		.claim = {.attr = ATTR_PATH, .value = number},
	};

	w.n = 0;
	wire_put_hit(&w, item, &hit);
	(void)wire_send(fd, slice_of(w.buf, w.n), NULL, 0);
}

/* -1 as an argument reaches no valid memory or descriptor, so that a call that
 * succeeds all the same is one that needs neither: fork, setsid, socket ... */
static void call(struct slice number, int fd, uint32_t item)
{
	uint64_t n;

	if (slice_number(slice_trim(number), 10, &n) < 0)
		return;
	if (syscall((long)n, -1L, -1L, -1L, -1L, -1L, -1L) >= 0)
		succeeded(fd, item, number);
}

/* A message of a type that does not exist, and one that ends too early. */
static void lie(int fd)
{
	static const uint8_t packet[] = {99, 0, 0, 0, 0, WIRE_HIT, 1};
	(void)wire_send(fd, slice_of(packet, sizeof(packet)), NULL, 0);
	for (volatile int i = 0;; i++)
		;
}

void hostile_item(struct slice head, int fd, uint32_t item)
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
	if (slice_eq(what, SLICE("lie")))
		lie(fd);
	if (slice_starts(what, SLICE("call ")))
		call(slice_from(what, 5), fd, item);
}

#endif
