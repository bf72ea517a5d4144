/* SPDX-License-Identifier: Apache-2.0 */
/* The jail as it is: real workers, asked and killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jail/jail.h"

static struct pack pack;
static struct matcher *matcher;
static atomic_uint_fast64_t done, unread, packages, readers;

enum { SAID_MAX = 1 << 20 };
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;
static struct str said; /* by workers, of all items */

static void on_hit(void *ctx, const struct jail_item *item,
                   const struct jail_hit *hit)
{
	(void)ctx, (void)item, (void)hit;
	fail_msg("an empty pack has no hits");
}

static void on_said(void *ctx, const struct jail_item *item, struct slice message)
{
	(void)ctx, (void)item;
	pthread_mutex_lock(&said_lock);
	if (said.n < SAID_MAX)
		str_add(&said, message);
	pthread_mutex_unlock(&said_lock);
}

static void on_package(void *ctx, const struct jail_item *item,
                       const struct jail_package *p)
{
	(void)ctx, (void)item, (void)p;
	atomic_fetch_add(&packages, 1);
}

static void on_owned(void *ctx, const struct jail_item *item,
                     const struct jail_package *p, const uint64_t *hashes,
                     size_t n)
{
	(void)ctx, (void)item, (void)p, (void)hashes, (void)n;
}

static void on_owned_path(void *ctx, const struct jail_item *item,
                          const struct jail_package *p, struct slice path)
{
	(void)ctx, (void)item, (void)p, (void)path;
}

static void on_folder(void *ctx, const struct jail_item *item,
                      const struct record *head)
{
	(void)ctx, (void)item, (void)head;
}

static void on_unread(void *ctx, const struct jail_item *item,
                      struct slice member, enum why why)
{
	(void)ctx, (void)item, (void)member, (void)why;
	atomic_fetch_add(&unread, 1);
}

static void on_mention(void *ctx, const struct jail_item *item,
                       uint32_t entity, uint32_t count)
{
	(void)ctx, (void)item, (void)entity, (void)count;
}

static void on_done(void *ctx, const struct jail_item *item,
                    const struct jail_done *how)
{
	(void)ctx, (void)item;
	atomic_fetch_add(&done, 1);
	atomic_fetch_or(&readers, how->extractors);
}

static const struct jail_events events = {
	NULL, on_said, on_hit, on_package, on_owned, on_owned_path,
	on_folder, on_unread, on_mention, on_done,
};

static struct jail *start(unsigned workers)
{
	struct jail_limits limits = {0};
	struct jail *jail = NULL;
	struct err e = {0};
	const struct jail_args args = {
		.matcher = matcher,
		.pack = &pack,
		.workers = workers,
		.deadline_ms = 5000,
		.memory_bytes = 64 << 20,
		.records = true,
		.events = events,
	};

	str_clear(&said);
	atomic_store(&packages, 0);
	atomic_store(&readers, 0);
	atomic_store(&done, 0);
	atomic_store(&unread, 0);
	if (jail_new(&args, &e, &limits, &jail) < 0)
		fail_msg("%s", e.text);
	return jail;
}

static int bytes_fd(const char *text)
{
	int fd = memfd_create("item", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void submit(struct jail *jail, unsigned n)
{
	struct batch *b = batch_new();

	assert_non_null(b);
	for (unsigned i = 0; i < n; i++) {
		const struct batch_item item = {
			.fd = bytes_fd("Package: x\nStatus: install ok installed\n"),
			.size = 40,
			.mode = S_IFREG | 0644,
		};
		batch_add(b, &item, SLICE("/var/lib/dpkg/status"));
	}
	assert_int_equal(jail_submit(jail, b), 0);
}

/* Processes whose parent is `parent`, from /proc. */
static size_t children(pid_t parent, pid_t *ret, size_t most)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) && n < most) {
		char path[300], line[512];
		int pid, parent_of;
		(void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		FILE *f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f) &&
		    sscanf(line, "%d (%*[^)]) %*c %d", &pid, &parent_of) == 2 &&
		    parent_of == parent)
			ret[n++] = pid;
		(void)fclose(f);
	}
	(void)closedir(dir);
	return n;
}

static size_t workers_of_this_process(pid_t *ret, size_t most)
{
	pid_t spawner[8];
	size_t n = children(getpid(), spawner, 8), all = 0;

	for (size_t i = 0; i < n; i++)
		all += children(spawner[i], ret + all, most - all);
	return all;
}

static void field_of(pid_t pid, const char *field, char *ret, size_t size)
{
	char path[64], line[512];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	ret[0] = 0;
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			(void)snprintf(ret, size, "%s", line + strlen(field));
	(void)fclose(f);
	ret[strcspn(ret, "\n")] = 0;
}

static void every_item_is_answered_once(void **state)
{
	struct jail *jail = start(2);

	(void)state;
	for (int i = 0; i < 50; i++)
		submit(jail, 1 + (unsigned)i % BATCH_ITEMS_MAX);
	assert_int_equal(jail_drain(jail), 0);
	assert_int_equal(atomic_load(&done), 1275);
	assert_int_equal(atomic_load(&unread), 0);
	jail_free(jail);
}

static void a_worker_has_given_up_everything(void **state)
{
	struct jail *jail = start(2);
	pid_t workers[8];
	char text[256];
	size_t n = workers_of_this_process(workers, 8);

	(void)state;
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		field_of(workers[i], "Seccomp:\t", text, sizeof(text));
		assert_string_equal(text, "2");
		field_of(workers[i], "NoNewPrivs:\t", text, sizeof(text));
		assert_string_equal(text, "1");
		field_of(workers[i], "CapEff:\t", text, sizeof(text));
		assert_string_equal(text, "0000000000000000");
		field_of(workers[i], "CapPrm:\t", text, sizeof(text));
		assert_string_equal(text, "0000000000000000");
		if (geteuid() == 0) {
			field_of(workers[i], "Uid:\t", text, sizeof(text));
			assert_string_equal(text, "65534\t65534\t65534\t65534");
		}
	}
	jail_free(jail);
}

/* Killed from outside at any moment, workers cost at most the item that they
 * were at; everything is answered. */
static void a_killed_worker_costs_at_most_one_item(void **state)
{
	struct jail *jail = start(2);
	size_t kills = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		submit(jail, 32);
		if (i % 20 == 10) {
			pid_t workers[8];
			size_t n = workers_of_this_process(workers, 8);
			for (size_t k = 0; k < n; k++)
				kills += kill(workers[k], SIGKILL) == 0;
		}
	}
	assert_int_equal(jail_drain(jail), 0);
	assert_int_equal(atomic_load(&done), 200 * 32);
	assert_true(kills > 0);
	assert_true(atomic_load(&unread) <= kills);
	jail_free(jail);
}

/* What a worker said of an item says the same again, without the item. */
static void what_was_said_can_be_replayed_and_read(void **state)
{
	struct jail *jail = start(1);
	const struct jail_args args = {.pack = &pack, .events = events};
	const struct jail_item item = {.path = SLICE("/var/lib/dpkg/status")};
	struct record record;
	struct arena mem;

	(void)state;
	submit(jail, 1);
	assert_int_equal(jail_drain(jail), 0);
	jail_free(jail);
	assert_int_equal(atomic_load(&packages), 1);
	assert_true(atomic_load(&readers) != 0);
	struct slice all = str_slice(&said);
	assert_int_equal(jail_replay(&args, &item, all, false), 0);
	assert_int_equal(atomic_load(&packages), 2);
	/* cut anywhere, it is refused or ends early, and never more is told */
	for (size_t n = 0; n < all.n; n++)
		(void)jail_replay(&args, &item, slice_first(all, n), true);
	arena_init(&mem, 0);
	assert_int_equal(jail_next_record(&all, &mem, &record), 1);
	assert_int_equal(record.scope, SCOPE_PACKAGE);
	assert_true(slice_eq(record.name, SLICE("x")));
	assert_true(record.n_claims > 0);
	assert_int_equal(jail_next_record(&all, &mem, &record), 0);
	for (size_t n = 0; n < said.n; n++) {
		all = slice_first(str_slice(&said), n);
		assert_true(jail_next_record(&all, &mem, &record) <= 0);
	}
	arena_finish(&mem);
}

/* With the messages as its bytes an item is matched, and not read again. */
static void a_recalled_item_is_not_extracted_again(void **state)
{
	struct jail *jail = start(1);
	struct batch *b = batch_new();

	(void)state;
	submit(jail, 1);
	assert_int_equal(jail_drain(jail), 0);
	int fd = memfd_create("said", MFD_CLOEXEC);
	const size_t n = said.n;
	assert_int_equal(write(fd, "before", 6), 6);
	assert_int_equal(write(fd, said.p, n), n);
	str_clear(&said);
	atomic_store(&readers, 0);
	const struct batch_item item = {.fd = fd, .size = n, .at = 6,
	                                .mode = S_IFREG | 0644,
	                                .flags = ITEM_RECALLED};
	batch_add(b, &item, SLICE("/var/lib/dpkg/status"));
	assert_int_equal(jail_submit(jail, b), 0);
	assert_int_equal(jail_drain(jail), 0);
	assert_int_equal(atomic_load(&done), 2);
	assert_int_equal(atomic_load(&unread), 0);
	assert_true(atomic_load(&readers) == 0);
	assert_int_equal(said.n, 0);
	jail_free(jail);
}

static void nothing_is_left_when_the_jail_is_gone(void **state)
{
	pid_t left[8];

	(void)state;
	jail_free(start(3));
	assert_int_equal(children(getpid(), left, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_answered_once),
		cmocka_unit_test(a_worker_has_given_up_everything),
		cmocka_unit_test(a_killed_worker_costs_at_most_one_item),
		cmocka_unit_test(what_was_said_can_be_replayed_and_read),
		cmocka_unit_test(a_recalled_item_is_not_extracted_again),
		cmocka_unit_test(nothing_is_left_when_the_jail_is_gone),
	};
	struct err e = {0};

	arena_init(&pack.mem, 0);
	if (matcher_new(&pack, NULL, &e, &matcher) < 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	matcher_free(matcher);
	str_finish(&said);
	return r;
}
