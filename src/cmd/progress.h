/* SPDX-License-Identifier: Apache-2.0 */
/* One line on the terminal that says how far a sweep is. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "sweep/sweep.h"

struct progress;

/* Starts a thread that redraws the line five times a second. NULL when
 * stderr is no terminal (that is no error) or it could not start. */
struct progress *progress_start(struct sweep_progress *what);

/* Erases the line and ends the thread; NULL is fine. */
void progress_stop(struct progress *p);

#endif
