/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root is needed to open some files, and never to read what strangers wrote
 * into them: a part of a command is run by a child that has given it up.
 */
#ifndef CMD_UNPRIVILEGED_H
#define CMD_UNPRIVILEGED_H

/*
 * Runs prepare() and then, as nobody and without capabilities when this process
 * is root's, fn(); both in a child. Each returns an exit status; when prepare's
 * is not EXIT_CLEAN, it is the result. Returns the status, or EXIT_FAILED (told)
 * when the child could not be made or did not come to its end. What fn writes
 * to a stream must be flushed by it. For root, call it while there is one
 * thread; for others both are simply called.
 */
int unprivileged_run(int (*prepare)(void *ctx), int (*fn)(void *ctx), void *ctx);

#endif
