/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a worker gives up everything, in one place (Linux).
 *
 *   layer            as root                      as an ordinary user
 *   namespaces       mount pid net ipc uts cgroup  the same, in a new user
 *                                                  namespace
 *   root folder      an empty read-only tmpfs      the same
 *   user             nobody (65534), no groups     unmapped
 *   capabilities     none, bounding set empty      none, bounding set empty
 *   no_new_privs     yes                           yes
 *   Landlock         no path, no port, no signal out   (kernel 5.13 and later)
 *   rlimits          data, descriptors, file size, processes, core
 *   seccomp          default kill; a short list    the same; never missing
 *
 * Namespaces and Landlock depend on the kernel and on what runs around us (a
 * container); what is refused is written to jail_limits. Seccomp refused is an
 * error: the worker does not start.
 */
#ifndef JAIL_SANDBOX_H
#define JAIL_SANDBOX_H

#include <sys/types.h>

#include "jail/jail.h"

/*
 * Forks into as many of the namespaces as the kernel permits. Returns as
 * fork() does; in the child *limits says what was refused. The caller has one
 * thread only.
 */
pid_t sandbox_fork(struct jail_limits *limits);

struct sandbox_args {
	size_t memory_bytes; /* RLIMIT_DATA above what is in use now */
};

/* Closes all descriptors but keep_fd and 0-2 (which become /dev/null unless
 * this is a sanitizer build, whose reports go to stderr). 0 or -errno. */
int sandbox_close_others(int keep_fd);

/* Gives up everything, seccomp last. Returns 0, or a negative errno when a
 * layer that must hold does not. */
int sandbox_enter(const struct sandbox_args *args, struct jail_limits *limits);

#endif
