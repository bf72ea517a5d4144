/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchanges pairs of names as fast as it can, until it is told to stop:
 *
 *   race-swap UID FILE
 *
 * FILE has one pair a line, two paths with a tab between. It runs as UID. At
 * SIGTERM it prints how many exchanges it made.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAIRS_MAX = 20000, LINE_MAX_BYTES = 8192 };

struct pair {
	char *one, *two;
};

static struct pair pairs[PAIRS_MAX];
static size_t n_pairs;
static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static int read_pairs(const char *path)
{
	static char line[LINE_MAX_BYTES];
	FILE *in = fopen(path, "re");

	if (!in)
		return -1;
	while (n_pairs < PAIRS_MAX && fgets(line, sizeof(line), in)) {
		char *tab = strchr(line, '\t');

		line[strcspn(line, "\n")] = 0;
		if (!tab)
			continue;
		*tab = 0;
		pairs[n_pairs].one = strdup(line);
		pairs[n_pairs].two = strdup(tab + 1);
		if (!pairs[n_pairs].one || !pairs[n_pairs].two)
			break;
		n_pairs++;
	}
	(void)fclose(in);
	return n_pairs > 0 ? 0 : -1;
}

static int become(const char *uid)
{
	uid_t id = (uid_t)strtoul(uid, NULL, 10);

	return setgroups(0, NULL) < 0 || setgid((gid_t)id) < 0 || setuid(id) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	const struct sigaction on_stop = {.sa_handler = stop};
	unsigned long made = 0;

	if (argc != 3 || read_pairs(argv[2]) < 0 || become(argv[1]) < 0 ||
	    sigaction(SIGTERM, &on_stop, NULL) < 0)
		return EXIT_FAILURE;
	(void)puts("ready");
	(void)fflush(stdout);
	for (size_t i = 0; !stopped; i = (i + 1) % n_pairs)
		made += renameat2(AT_FDCWD, pairs[i].one, AT_FDCWD, pairs[i].two,
		                  RENAME_EXCHANGE) == 0;
	(void)printf("%lu\n", made);
	return EXIT_SUCCESS;
}
