/* SPDX-License-Identifier: Apache-2.0 */
/* The jail as it is: real workers, asked and killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
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
static atomic_uint_fast64_t done, unread;

static void on_hit(void *ctx, uint32_t source, struct slice path,
                   const struct jail_hit *hit)
{
	(void)ctx, (void)source, (void)path, (void)hit;
	fail_msg("an empty pack has no hits");
}

static void on_package(void *ctx, uint32_t source, const struct jail_package *p)
{
	(void)ctx, (void)source, (void)p;
}

static void on_owned(void *ctx, uint32_t source, const struct jail_package *p,
                     const uint64_t *hashes, size_t n)
{
	(void)ctx, (void)source, (void)p, (void)hashes, (void)n;
}

static void on_owned_path(void *ctx, uint32_t source,
                          const struct jail_package *p, struct slice path)
{
	(void)ctx, (void)source, (void)p, (void)path;
}

static void on_folder(void *ctx, uint32_t source, const struct record *head)
{
	(void)ctx, (void)source, (void)head;
}

static void on_unread(void *ctx, uint32_t source, struct slice path,
                      struct slice member, enum why why)
{
	(void)ctx, (void)source, (void)path, (void)member, (void)why;
	atomic_fetch_add(&unread, 1);
}

static void on_mention(void *ctx, uint32_t source, struct slice path,
                       uint32_t entity, uint32_t count)
{
	(void)ctx, (void)source, (void)path, (void)entity, (void)count;
}

static void on_done(void *ctx, uint32_t source, struct slice path, uint64_t bytes)
{
	(void)ctx, (void)source, (void)path, (void)bytes;
	atomic_fetch_add(&done, 1);
}

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
		.events = {NULL, on_hit, on_package, on_owned, on_owned_path,
	                   on_folder, on_unread, on_mention, on_done},
	};

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
	return r;
}
