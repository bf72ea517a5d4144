/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All databases of a matcher in one file. A database is as good as code, so
 * the file is believed only when this user or root alone could have written
 * it, and only when its digest holds, because a torn file would crash.
 *
 *   magic      8 bytes
 *   digest     32 bytes: what it was compiled from (see cache_digest)
 *   checksum   32 bytes: SHA-256 of the rest
 *   databases  each a length (8 bytes, little-endian; 0 = none) and its bytes
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/str.h"
#include "match/matcher.h"

enum {
	CACHE_FORMAT = 2, /* raised when patterns are made in another way */
	MAGIC_BYTES = 8,
	SHA256_BYTES = 32,
	HEADER_BYTES = MAGIC_BYTES + 2 * SHA256_BYTES,
	CACHE_BYTES_MAX = 256 * 1024 * 1024,
	CACHE_PATH_MAX = 4096,
	FILE_NAME_MAX = 100,
};

static const char magic[MAGIC_BYTES] = "debarhs";

struct digest {
	uint8_t bytes[SHA256_BYTES];
};

static bool sha256(struct slice s, struct digest *ret)
{
	return EVP_Digest(s.p, s.n, ret->bytes, NULL, EVP_sha256(), NULL) == 1;
}

/* Of the pack, the library that compiled it and the form of the patterns. */
static bool cache_digest(const struct matcher *m, struct digest *ret)
{
	struct str text = {0};

	str_printf(&text, "%s\n%s\n%d\n%d\n", m->pack->sha256, hs_version(),
	           CACHE_FORMAT, (int)ATTR_COUNT);
	bool ok = !str_failed(&text) && sha256(str_slice(&text), ret);
	str_finish(&text);
	return ok;
}

static void file_name(char name[FILE_NAME_MAX], const struct digest *digest)
{
	int n = snprintf(name, FILE_NAME_MAX, "matcher-");

	for (size_t i = 0; i < SHA256_BYTES; i++)
		n += snprintf(name + n, FILE_NAME_MAX - (size_t)n, "%02x",
		              digest->bytes[i]);
	(void)snprintf(name + n, FILE_NAME_MAX - (size_t)n, ".hs");
}

/* Could only this user or root have written it? */
static bool is_ours(const struct stat *st)
{
	return (st->st_uid == geteuid() || st->st_uid == 0) &&
	       (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int open_dir(const char *dir)
{
	struct stat st;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && (fstat(fd, &st) < 0 || !is_ours(&st))) {
		close(fd);
		return -EPERM;
	}
	return fd < 0 ? -errno : fd;
}

/* Opens the folder, making its last two components when they are missing. */
static int open_or_make_dir(const char *dir)
{
	struct slice parent = slice_dirname(slice_str(dir));
	char path[CACHE_PATH_MAX];

	if (parent.n > 0 && parent.n < sizeof(path)) {
		memcpy(path, parent.p, parent.n);
		path[parent.n] = 0;
		(void)mkdir(path, 0700);
	}
	(void)mkdir(dir, 0700);
	return open_dir(dir);
}

/* Reads exactly n bytes. */
static int read_all(int fd, uint8_t *bytes, size_t n)
{
	for (size_t have = 0; have < n;) {
		ssize_t got = read(fd, bytes + have, n - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EBADMSG;
		have += (size_t)got;
	}
	return 0;
}

static int write_all(int fd, struct slice s)
{
	while (s.n > 0) {
		ssize_t put = write(fd, s.p, s.n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		s = slice_from(s, (size_t)put);
	}
	return 0;
}

/* The file's bytes, to be freed by the caller. */
static int read_file(int dir, const char *name, struct slice *ret)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && (!S_ISREG(st.st_mode) || !is_ours(&st)))
		r = -EPERM;
	if (r == 0 && (st.st_size < HEADER_BYTES || st.st_size > CACHE_BYTES_MAX))
		r = -EBADMSG;
	uint8_t *bytes = r == 0 ? malloc((size_t)st.st_size) : NULL;
	if (r == 0)
		r = bytes ? read_all(fd, bytes, (size_t)st.st_size) : -ENOMEM;
	close(fd);
	if (r < 0) {
		free(bytes);
		return r;
	}
	*ret = slice_of(bytes, (size_t)st.st_size);
	return 0;
}

static void drop_databases(struct matcher *m)
{
	for (size_t i = 0; i < m->n_databases; i++) {
		hs_free_database(m->databases[i].hs);
		m->databases[i].hs = NULL;
	}
}

static int parse(struct matcher *m, struct slice file,
                 const struct digest *digest)
{
	struct cursor c = cursor_on(file);
	struct digest sum;
	struct slice head = cursor_take(&c, MAGIC_BYTES);
	struct slice from = cursor_take(&c, SHA256_BYTES);
	struct slice want = cursor_take(&c, SHA256_BYTES);

	if (!slice_eq(head, slice_of(magic, sizeof(magic))) ||
	    !slice_eq(from, slice_of(digest->bytes, SHA256_BYTES)) ||
	    !sha256(slice_from(file, HEADER_BYTES), &sum) ||
	    !slice_eq(want, slice_of(sum.bytes, SHA256_BYTES)))
		return -EBADMSG;
	for (size_t i = 0; i < m->n_databases; i++) {
		uint64_t n = cursor_u64le(&c);
		struct slice bytes = n <= CACHE_BYTES_MAX
		                             ? cursor_take(&c, (size_t)n)
		                             : (struct slice){0};
		if (n == 0 && !cursor_failed(&c))
			continue;
		if (cursor_failed(&c) || bytes.n == 0 ||
		    hs_deserialize_database((const char *)bytes.p, bytes.n,
		                            &m->databases[i].hs))
			return -EBADMSG;
	}
	return cursor_left(&c) == 0 ? 0 : -EBADMSG;
}

int cache_load(struct matcher *m, const char *dir)
{
	char name[FILE_NAME_MAX];
	struct digest digest;
	struct slice file = {0};

	if (!cache_digest(m, &digest))
		return -ENOMEM;
	file_name(name, &digest);
	int fd = open_dir(dir);
	if (fd < 0)
		return fd;
	int r = read_file(fd, name, &file);
	close(fd);
	if (r < 0)
		return r;
	r = parse(m, file, &digest);
	if (r < 0)
		drop_databases(m);
	free((void *)(uintptr_t)file.p);
	return r;
}

static void put_u64(struct str *out, uint64_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(n >> (8 * i));
	str_add(out, slice_of(bytes, sizeof(bytes)));
}

static void put_database(struct str *out, const struct database *db)
{
	char *bytes = NULL;
	size_t n = 0;

	if (db->hs && hs_serialize_database(db->hs, &bytes, &n))
		out->failed = true;
	put_u64(out, n);
	str_add(out, slice_of(bytes, n));
	free(bytes);
}

/* The whole file in memory; failed when it cannot be made. */
static void put_file(struct str *out, const struct matcher *m,
                     const struct digest *digest)
{
	static const struct digest none;
	struct digest sum;

	str_add(out, slice_of(magic, sizeof(magic)));
	str_add(out, slice_of(digest->bytes, SHA256_BYTES));
	str_add(out, slice_of(none.bytes, SHA256_BYTES));
	for (size_t i = 0; i < m->n_databases; i++)
		put_database(out, &m->databases[i]);
	if (out->failed || out->n > CACHE_BYTES_MAX ||
	    !sha256(slice_from(str_slice(out), HEADER_BYTES), &sum)) {
		out->failed = true;
		return;
	}
	memcpy(out->p + MAGIC_BYTES + SHA256_BYTES, sum.bytes, SHA256_BYTES);
}

/* Under another name first, so that no reader ever sees half a file. */
static void write_file(int dir, const char *name, struct slice bytes)
{
	char other[FILE_NAME_MAX];
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return;
	(void)snprintf(other, sizeof(other), ".matcher-%016llx",
	               (unsigned long long)random);
	int fd = openat(dir, other,
	                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	int r = write_all(fd, bytes);
	if (close(fd) < 0 || r < 0 || renameat(dir, other, dir, name) < 0)
		(void)unlinkat(dir, other, 0);
}

void cache_store(const struct matcher *m, const char *dir)
{
	char name[FILE_NAME_MAX];
	struct str bytes = {0};
	struct digest digest;
	int fd = open_or_make_dir(dir);

	if (fd < 0)
		return;
	if (cache_digest(m, &digest))
		put_file(&bytes, m, &digest);
	if (bytes.n > 0 && !str_failed(&bytes)) {
		file_name(name, &digest);
		write_file(fd, name, str_slice(&bytes));
	}
	str_finish(&bytes);
	close(fd);
}
