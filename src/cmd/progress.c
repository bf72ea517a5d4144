/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { TICK_NS = 200 * 1000 * 1000, COLUMNS_DEFAULT = 80 };

struct progress {
	struct sweep_progress *what;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct timespec began;
};

static int columns(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
		return size.ws_col;
	return COLUMNS_DEFAULT;
}

static double elapsed(const struct progress *p)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - p->began.tv_sec) +
	       (double)(now.tv_nsec - p->began.tv_nsec) / 1e9;
}

/* The first n characters, counted as code points. */
static struct slice clip(struct slice s, int n)
{
	size_t at = 0;
	while (n-- > 0 && at < s.n) {
		size_t step = text_rune(slice_from(s, at), NULL);
		at += step ? step : 1;
	}
	return slice_first(s, at);
}

static void draw(struct progress *p)
{
	char at[COUNT_OF(p->what->at)];
	struct str line = {0};
	const double seconds = elapsed(p);
	const uint64_t items = atomic_load(&p->what->items);
	const uint64_t bytes = atomic_load(&p->what->bytes);

	for (size_t i = 0; i < sizeof(at); i++)
		at[i] = atomic_load_explicit(&p->what->at[i],
		                             memory_order_relaxed);
	at[sizeof(at) - 1] = 0;
	str_printf(&line, "%llu items, %.1f MB read, %.0f items/s, %d:%02d  ",
	           (unsigned long long)items, (double)bytes / 1e6,
	           seconds > 0 ? (double)items / seconds : 0,
	           (int)seconds / 60, (int)seconds % 60);
	text_show(&line, slice_str(at));
	if (!str_failed(&line))
		(void)fprintf(stderr, "\r\033[K%.*s",
		              SLICE_ARG(clip(str_slice(&line), columns() - 1)));
	(void)fflush(stderr);
	str_finish(&line);
}

static void *progress_main(void *arg)
{
	struct progress *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct timespec until;
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TICK_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		(void)pthread_cond_timedwait(&p->wake, &p->lock, &until);
		if (!p->stop)
			draw(p);
	}
	pthread_mutex_unlock(&p->lock);
	(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	return NULL;
}

struct progress *progress_start(struct sweep_progress *what)
{
	struct progress *p = isatty(STDERR_FILENO) ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->what = what;
	(void)clock_gettime(CLOCK_MONOTONIC, &p->began);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	if (pthread_create(&p->thread, NULL, progress_main, p) == 0)
		return p;
	free(p);
	return NULL;
}

void progress_stop(struct progress *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	(void)pthread_join(p->thread, NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->wake);
	free(p);
}
