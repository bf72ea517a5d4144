/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that a sweep is measured against: the same walk, and of each
 * regular file open, read, close, and nothing else.
 *
 *     floor [-j PROCESSES] [--all] FOLDER...
 *
 * Reads the first 4 KiB of each file, or with --all every byte, into one
 * reused buffer of 256 KiB. Processes, not threads: threads would share one
 * table of descriptors and its lock. They take folders from one stack in
 * shared memory until all is done. Warm, one process a core is the floor; cold
 * it is 32 of them, so that as many opens are in flight. Prints files and bytes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	HEAD_BYTES = 4096,
	BUFFER_BYTES = 256 * 1024,
	STACK_BYTES = 256 << 20, /* names of folders still to do; mostly untouched */
	PROCESSES_MAX = 256,
};

/* Folders that wait, as NUL-terminated paths on top of each other. */
struct work {
	pthread_mutex_t lock;
	pthread_cond_t more;
	size_t used;    /* bytes of paths */
	unsigned busy;  /* processes that may still push */
	_Atomic uint64_t files, bytes;
	char paths[];
};

static uint8_t buffer[BUFFER_BYTES];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct work *work_new(void)
{
	struct work *w = mmap(NULL, sizeof(*w) + STACK_BYTES, PROT_READ | PROT_WRITE,
	                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_mutexattr_t m;
	pthread_condattr_t c;

	if (w == MAP_FAILED)
		die("mmap");
	pthread_mutexattr_init(&m);
	pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&w->lock, &m);
	pthread_condattr_init(&c);
	pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&w->more, &c);
	return w;
}

static void push(struct work *w, const char *folder, const char *name)
{
	const size_t n = strlen(folder) + strlen(name) + 2;

	pthread_mutex_lock(&w->lock);
	if (n <= STACK_BYTES - w->used) {
		char *end = w->paths + w->used;
		/* the text ends the entry, so that it can be taken from the top */
		(void)snprintf(end, n, "%s%s%s", folder, *name ? "/" : "", name);
		w->used += strlen(end) + 1;
		pthread_cond_signal(&w->more);
	}
	pthread_mutex_unlock(&w->lock);
}

/* The next folder in path, or false when there will be none. */
static bool pop(struct work *w, char *path, size_t size)
{
	bool got = false;

	pthread_mutex_lock(&w->lock);
	while (w->used == 0 && w->busy > 0)
		pthread_cond_wait(&w->more, &w->lock);
	if (w->used > 0) {
		size_t at = w->used - 1;
		while (at > 0 && w->paths[at - 1])
			at--;
		(void)snprintf(path, size, "%s", w->paths + at);
		w->used = at;
		w->busy++;
		got = true;
	}
	pthread_mutex_unlock(&w->lock);
	return got;
}

static void done(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	w->busy--;
	if (w->busy == 0 && w->used == 0)
		pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
}

static uint64_t read_file(int folder, const char *name, bool all)
{
	uint64_t bytes = 0;
	ssize_t n;

	int fd = openat(folder, name,
	                O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((n = read(fd, buffer, all ? BUFFER_BYTES : HEAD_BYTES)) > 0) {
		bytes += (uint64_t)n;
		if (!all)
			break;
	}
	close(fd);
	return bytes;
}

static void do_folder(struct work *w, const char *path, bool all)
{
	uint64_t files = 0, bytes = 0;
	struct dirent *e;

	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR)
			push(w, path, e->d_name);
		if (e->d_type != DT_REG)
			continue;
		bytes += read_file(fd, e->d_name, all);
		files++;
	}
	closedir(dir);
	w->files += files;
	w->bytes += bytes;
}

static void do_all(struct work *w, bool all)
{
	static char path[1 << 16];

	while (pop(w, path, sizeof(path))) {
		do_folder(w, path, all);
		done(w);
	}
}

static void run(struct work *w, long processes, bool all)
{
	int status, bad = 0;

	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			do_all(w, all);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	if (bad) {
		(void)fprintf(stderr, "floor: a process failed\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	long processes = sysconf(_SC_NPROCESSORS_ONLN);
	bool all = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--all") == 0)
			all = true;
		else if (strcmp(argv[i], "-j") == 0 && i + 1 < argc)
			processes = strtol(argv[++i], NULL, 10);
		else
			break;
	}
	if (i == argc || processes < 1 || processes > PROCESSES_MAX) {
		(void)fprintf(stderr, "usage: floor [-j PROCESSES] [--all] FOLDER...\n");
		return 1;
	}
	struct work *w = work_new();
	for (; i < argc; i++)
		push(w, argv[i], "");
	run(w, processes, all);
	printf("%llu files, %llu bytes\n", (unsigned long long)w->files,
	       (unsigned long long)w->bytes);
	return 0;
}
