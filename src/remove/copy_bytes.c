/* SPDX-License-Identifier: Apache-2.0 */
/* A file's bytes without its holes, and what they hash to. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "remove/copy.h"

enum { UNIT = 4096, CHUNK = 64 * UNIT };

struct pump {
	const struct fs *fs;
	int in, out;
	uint64_t size;
	EVP_MD_CTX *hash;
	uint8_t *buffer; /* CHUNK */
};

static uint64_t unit_below(uint64_t at)
{
	return at / UNIT * UNIT;
}

static int hash_number(EVP_MD_CTX *hash, uint64_t number)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	return EVP_DigestUpdate(hash, bytes, sizeof(bytes)) ? 0 : -ENOMEM;
}

/* n is not 0. */
static bool is_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* `at` is the first of a unit. */
static int hash_chunk(struct pump *p, uint64_t at, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i += UNIT) {
		size_t left = n - i < UNIT ? n - i : UNIT;
		if (is_zero(p->buffer + i, left))
			continue;
		err = hash_number(p->hash, at + i);
		if (err == 0 && !EVP_DigestUpdate(p->hash, p->buffer + i, left))
			err = -ENOMEM;
	}
	return err;
}

static int read_all(struct pump *p, uint64_t at, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = p->fs->read(p->fs, p->in, p->buffer + done, n - done,
		                          (off_t)(at + done));
		if (got <= 0)
			return got < 0 ? (int)got : -EAGAIN; /* shorter than it was */
		done += (size_t)got;
	}
	return 0;
}

static int write_all(struct pump *p, uint64_t at, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t put = p->fs->write(p->fs, p->out, p->buffer + done, n - done,
		                           (off_t)(at + done));
		if (put <= 0)
			return put < 0 ? (int)put : -EIO;
		done += (size_t)put;
	}
	return 0;
}

static int pump_extent(struct pump *p, uint64_t at, uint64_t end)
{
	int err = 0;

	while (at < end && err == 0) {
		size_t n = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		err = read_all(p, at, n);
		if (err == 0)
			err = hash_chunk(p, at, n);
		if (err == 0 && p->out >= 0)
			err = write_all(p, at, n);
		at += n;
	}
	return err;
}

/*
 * The next run of data from `at`, in whole units. 1; 0: there is none; or a
 * negative errno. A file system that knows no holes has data everywhere.
 */
static int next_extent(const struct fs *fs, int fd, uint64_t size, uint64_t at,
                       uint64_t *ret_start, uint64_t *ret_end)
{
	off_t data = at < size ? fs->seek(fs, fd, (off_t)at, SEEK_DATA) : -ENXIO;
	off_t hole = data < 0 ? data : fs->seek(fs, fd, data, SEEK_HOLE);

	if (data == -ENXIO)
		return 0;
	*ret_start = at;
	*ret_end = size;
	if (data == -EINVAL || data == -EOPNOTSUPP)
		return 1;
	if (hole < 0)
		return hole == -ENXIO ? -EAGAIN : (int)hole;
	*ret_start = unit_below((uint64_t)data);
	uint64_t end = unit_below((uint64_t)hole + UNIT - 1);
	*ret_end = end < size ? end : size;
	return *ret_start < *ret_end ? 1 : 0;
}

static int pump_file(struct pump *p)
{
	uint64_t start, end = 0;
	int more;

	if (p->out >= 0) {
		int err = p->fs->truncate(p->fs, p->out, 0);
		if (err < 0)
			return err;
	}
	while ((more = next_extent(p->fs, p->in, p->size, end, &start, &end)) > 0) {
		more = pump_extent(p, start, end);
		if (more < 0)
			break;
	}
	if (more == 0 && p->out >= 0)
		more = p->fs->truncate(p->fs, p->out, (off_t)p->size);
	return more < 0 ? more : hash_number(p->hash, p->size);
}

int copy_bytes(const struct fs *fs, int in, int out, uint64_t size,
               uint8_t hash[static COPY_HASH_BYTES])
{
	struct pump p = {.fs = fs, .in = in, .out = out, .size = size,
	                 .hash = EVP_MD_CTX_new(), .buffer = malloc(CHUNK)};
	int err = -ENOMEM;

	if (p.hash && p.buffer && EVP_DigestInit_ex(p.hash, EVP_sha256(), NULL))
		err = pump_file(&p);
	if (err == 0 && !EVP_DigestFinal_ex(p.hash, hash, NULL))
		err = -ENOMEM;
	EVP_MD_CTX_free(p.hash);
	free(p.buffer);
	return err;
}

int copy_data_size(const struct fs *fs, int fd, uint64_t size, uint64_t *ret)
{
	uint64_t start, end = 0, bytes = 0;
	int more;

	while ((more = next_extent(fs, fd, size, end, &start, &end)) > 0)
		bytes += end - start;
	if (more == 0)
		*ret = bytes;
	return more;
}
