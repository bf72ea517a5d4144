/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/hostile.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
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

/* One message of each kind, most of them with a field or two gone wrong. */
static void random_message(struct wire *w, uint32_t item)
{
	static uint8_t text[300];
	const struct slice some = slice_of(text, (size_t)rand() % sizeof(text));

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)rand();
	wire_u8(w, (uint8_t)(rand() % (WIRE_DONE + 2)));
	wire_u32(w, rand() % 4 ? item : item + (uint32_t)(rand() % 200 - 100));
	for (int i = rand() % 16; i > 0; i--)
		switch (rand() % 6) {
		case 0:
			wire_text(w, some);
			break;
		case 1:
			wire_text8(w, rand() % 2 ? SLICE("dpkg") : slice_first(some, 4));
			break;
		case 2:
			wire_u64(w, (uint64_t)rand() << (rand() % 33));
			break;
		case 3:
			wire_u32(w, (uint32_t)(rand() % 3));
			break;
		default:
			wire_u8(w, (uint8_t)(rand() % 4));
		}
}

static void fuzz(struct slice seed, int fd, uint32_t item)
{
	static struct wire w;
	uint64_t n = 0;

	(void)slice_number(slice_trim(seed), 10, &n);
	srand((unsigned)n);
	for (;;) {
		w.n = 0;
		w.failed = false;
		random_message(&w, item);
		if (wire_send(fd, slice_of(w.buf, w.n), NULL, 0) < 0)
			_exit(1);
	}
}

static void flood(int fd, uint32_t item)
{
	static struct wire w;

	for (;;) {
		w.n = 0;
		for (int i = 0; i < 100; i++) {
			wire_u8(&w, WIRE_UNREAD);
			wire_u32(&w, item);
			wire_u8(&w, WHY_DAMAGED);
			wire_text(&w, SLICE("a member that is not there"));
		}
		if (wire_send(fd, slice_of(w.buf, w.n), NULL, 0) < 0)
			_exit(1);
	}
}

static void early(int fd, uint32_t item)
{
	static struct wire w;

	for (uint32_t i = 0;; i++) {
		w.n = 0;
		wire_put_done(&w, item + i, &(struct jail_done){0});
		if (wire_send(fd, slice_of(w.buf, w.n), NULL, 0) < 0)
			_exit(1);
	}
}

static void orphan(int fd, uint32_t item)
{
	static struct wire w;

	w.n = 0;
	wire_u8(&w, WIRE_OWNED);
	wire_u32(&w, item);
	wire_u16(&w, 1);
	wire_u64(&w, 1);
	(void)wire_send(fd, slice_of(w.buf, w.n), NULL, 0);
}

static void hang(void)
{
	for (volatile int i = 0;; i++)
		;
}

static void busy(uint32_t item, struct slot *slot)
{
	for (uint64_t n = 1;; n++)
		atomic_store(&slot->progress, n << 32 | item);
}

static void share_memory(void)
{
	for (;;) {
		void *p = mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE,
		               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			abort();
		memset(p, 1, 1 << 24);
	}
}

static void hide(struct slot *slot)
{
	atomic_store(&slot->progress, 0);
}

static void talk(struct slice what, int fd, uint32_t item)
{
	if (slice_starts(what, SLICE("fuzz ")))
		fuzz(slice_from(what, 5), fd, item);
	if (slice_eq(what, SLICE("flood")))
		flood(fd, item);
	if (slice_eq(what, SLICE("early")))
		early(fd, item);
	if (slice_eq(what, SLICE("orphan")))
		orphan(fd, item);
}

void hostile_item(struct slice head, int fd, uint32_t item, struct slot *slot)
{
	struct slice what = slice_trim(slice_from(head, words.n));

	if (!slice_starts(head, words))
		return;
	if (slice_eq(what, SLICE("crash")))
		*(volatile int *)0 = 1;
	if (slice_starts(what, SLICE("hide")))
		hide(slot);
	if (slice_eq(what, SLICE("hide-crash")))
		*(volatile int *)0 = 1;
	if (slice_eq(what, SLICE("hang")) || slice_eq(what, SLICE("hide")))
		hang();
	if (slice_eq(what, SLICE("busy")))
		busy(item, slot);
	if (slice_eq(what, SLICE("shared")))
		share_memory();
	talk(what, fd, item);
	if (slice_eq(what, SLICE("memory")))
		use_memory();
	if (slice_eq(what, SLICE("lie")))
		lie(fd);
	if (slice_starts(what, SLICE("call ")))
		call(slice_from(what, 5), fd, item);
}

#endif
