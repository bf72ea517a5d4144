/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one of the system's own programs: by absolute path looked up in the
 * fixed PATH below, with a fixed environment, no shell, standard input from
 * /dev/null, no descriptor of ours, in a process group of its own. What it
 * prints is captured up to a limit; at the deadline the group is killed.
 */
#ifndef SYSTEM_COMMAND_H
#define SYSTEM_COMMAND_H

#include "base/err.h"
#include "base/str.h"

#define COMMAND_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct command {
	char *const *argv;       /* NULL-terminated; argv[0] without a slash is
	                          * looked up in COMMAND_PATH */
	size_t output_max;       /* bytes kept of each stream */
	unsigned deadline_s;     /* 0: 600 */
	bool untouched;          /* not killed at the deadline, not signalled by a
	                          * Ctrl-C: what must come to its end */
	const char *chroot;      /* run in there (argv[0] is looked up inside), or
	                          * NULL */
};

struct command_result {
	int status;              /* exit status; 128 + signal */
	bool timed_out, cut;     /* cut: more was printed than output_max */
	struct str out, err;
};

/*
 * Returns 0 when the program was started and ended, whatever its status;
 * -ENOENT when there is no such program, or another negative errno. The result
 * is to be finished in every case.
 */
int command_run(const struct command *c, struct err *e, struct command_result *ret);
void command_finish(struct command_result *r);

/* Is there such a program in COMMAND_PATH (inside chroot, when not NULL)? */
bool command_exists(const char *name, const char *chroot);

#endif
