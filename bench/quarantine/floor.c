/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What quarantine is measured against:
 *
 *     floor each  EVERY TREE TO   of every EVERYth file: renameat2(2) with
 *                                 RENAME_NOREPLACE into TO under a number, then
 *                                 fsync of TO, then of the folder it came from
 *     floor batch EVERY TREE TO   the same renames; fsync of TO after 512 of them
 *                                 and at the end, of each other folder once, when
 *                                 its last file has gone
 *     floor look  EVERY TREE TO   nothing is moved: open, fstat, read, SHA-256
 *
 * Folders are opened once, not for each file. Prints how many files and the
 * seconds that these calls took, without listing the tree. What was moved is put
 * back afterwards and synced, outside of that time; folders get new times.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 10000000, BATCH = 512, BUFFER_BYTES = 256 * 1024, NAME = 24 };

static struct file {
	char *folder, *name; /* one allocation, cut in two */
} *files;
static size_t n_files, files_size;

static void die(const char *what)
{
	(void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void add(const char *path)
{
	if (n_files == files_size) {
		files_size = files_size ? 2 * files_size : 4096;
		files = files_size > FILES_MAX ? NULL :
			reallocarray(files, files_size, sizeof(*files));
		if (!files)
			die("too many files");
	}
	struct file *f = &files[n_files++];
	f->folder = strdup(path);
	if (!f->folder)
		die(path);
	f->name = strrchr(f->folder, '/');
	*f->name++ = '\0';
}

static int by_path(const void *a, const void *b)
{
	const struct file *one = a, *two = b;
	int folder = strcmp(one->folder, two->folder);

	return folder ? folder : strcmp(one->name, two->name);
}

/* Every EVERYth regular file, in the order of folders. */
static void list(char *tree, size_t every)
{
	char *const trees[] = {tree, NULL};
	FTS *fts = fts_open(trees, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	size_t seen = 0;

	if (!fts)
		die(tree);
	for (FTSENT *e; (e = fts_read(fts));) {
		if (e->fts_info == FTS_F && seen++ % every == 0)
			add(e->fts_path);
	}
	(void)fts_close(fts);
	if (n_files)
		qsort(files, n_files, sizeof(*files), by_path);
}

static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static void sync_fd(int fd)
{
	if (fd >= 0 && fsync(fd) < 0)
		die("fsync");
}

static void number_name(size_t number, char ret[NAME])
{
	(void)snprintf(ret, NAME, "%zu", number);
}

/* The folder of file i: the one that is open, or another one after closing it. */
static int folder_of(size_t i, int fd, bool sync)
{
	if (i > 0 && strcmp(files[i].folder, files[i - 1].folder) == 0)
		return fd;
	if (sync)
		sync_fd(fd);
	if (fd >= 0)
		(void)close(fd);
	return open_folder(files[i].folder);
}

static void move_all(int to, bool each)
{
	char number[NAME];
	int from = -1;

	for (size_t i = 0; i < n_files; i++) {
		from = folder_of(i, from, !each);
		number_name(i, number);
		if (renameat2(from, files[i].name, to, number, RENAME_NOREPLACE) < 0)
			die(files[i].name);
		if (each || i % BATCH == BATCH - 1)
			sync_fd(to);
		if (each)
			sync_fd(from);
	}
	sync_fd(to);
	sync_fd(from);
	(void)close(from);
}

static void move_back(int to)
{
	char number[NAME];
	int from = -1;

	for (size_t i = 0; i < n_files; i++) {
		from = folder_of(i, from, false);
		number_name(i, number);
		if (renameat2(to, number, from, files[i].name, RENAME_NOREPLACE) < 0)
			die(files[i].name);
	}
	if (syncfs(to) < 0)
		die("syncfs");
	(void)close(from);
}

static void look(int folder, const char *name, EVP_MD_CTX *hash)
{
	static uint8_t buffer[BUFFER_BYTES];
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct stat st;
	ssize_t n;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0 || !EVP_DigestInit_ex(hash, EVP_sha256(), NULL))
		die(name);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		if (!EVP_DigestUpdate(hash, buffer, (size_t)n))
			die(name);
	}
	if (n < 0 || !EVP_DigestFinal_ex(hash, sum, NULL))
		die(name);
	(void)close(fd);
}

static void look_at_all(void)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	int from = -1;

	for (size_t i = 0; i < n_files; i++) {
		from = folder_of(i, from, false);
		look(from, files[i].name, hash);
	}
	EVP_MD_CTX_free(hash);
	(void)close(from);
}

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	const size_t every = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;

	if (every == 0) {
		(void)fprintf(stderr, "floor each|batch|look EVERY TREE TO\n");
		return EXIT_FAILURE;
	}
	list(argv[3], every);
	if (n_files == 0) {
		errno = ENOENT;
		die(argv[3]);
	}
	const int to = open_folder(argv[4]);
	const bool moves = strcmp(argv[1], "look") != 0;
	const double begun = now();
	if (moves)
		move_all(to, strcmp(argv[1], "each") == 0);
	else
		look_at_all();
	const double ended = now();
	if (moves)
		move_back(to);
	(void)printf("%zu %.6f\n", n_files, ended - begun);
	return EXIT_SUCCESS;
}
