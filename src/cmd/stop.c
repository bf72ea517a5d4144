/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { SAME_SIGNAL_MS = 500 };

atomic_bool stop_asked;

static atomic_llong stopped_ms; /* when the first signal came */

static long long clock_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Once: end in order. Again, after a moment: the system's way. What comes
 * within that moment is the same wish told twice, as by timeout(1), which
 * signals its child and then the child's whole group.
 */
static void on_signal(int number)
{
	if (!atomic_exchange(&stop_asked, true)) {
		atomic_store(&stopped_ms, clock_ms());
		return;
	}
	if (clock_ms() - atomic_load(&stopped_ms) < SAME_SIGNAL_MS)
		return;
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

void stop_on_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal};

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}
