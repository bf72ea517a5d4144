/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C and its like: asked once, work ends in order and says how far it came;
 * asked again, the system's way.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <stdatomic.h>

/* Set by the first signal. */
extern atomic_bool stop_asked;

/* From here on SIGINT, SIGTERM and SIGHUP set it. */
void stop_on_signals(void);

#endif
