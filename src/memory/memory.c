/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading. The file is read whole; prints are found through a table over their
 * first bits, which are as good as random.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/str.h"
#include "memory/format.h"
#include "memory/private.h"

enum { NS = 1000000000 };

/* ---- prints ------------------------------------------------------------ */

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

/* The identity of a file's contents as the file system keeps it. */
struct identity {
	uint64_t path, device, inode, size;
	int64_t mtime, ctime;
	uint64_t mode;
};

uint64_t memory_print(const struct siphash_key *key, struct slice path,
                      const struct stat *st, int64_t now)
{
	struct identity id = {.path = siphash(key, path),
	                      .mode = st->st_mode & S_IFMT};

	if (S_ISREG(st->st_mode)) {
		if (st->st_ctim.tv_sec > now - MEMORY_SETTLE_S)
			return 0;
		id.device = st->st_dev;
		id.inode = st->st_ino;
		id.size = (uint64_t)st->st_size;
		id.mtime = ns_of(st->st_mtim);
		id.ctime = ns_of(st->st_ctim);
		id.mode = st->st_mode;
	}
	uint64_t print = siphash(key, slice_of(&id, sizeof(id)));
	return print ? print : 1;
}

/* ---- the file ---------------------------------------------------------- */

static bool read_all(struct memory *m)
{
	struct stat st;
	size_t at = 0;

	if (fstat(m->fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH) ||
	    st.st_size < MEMORY_HEADER || st.st_size > MEMORY_FILE_MAX)
		return false;
	m->n_bytes = (size_t)st.st_size;
	m->bytes = malloc(m->n_bytes);
	while (m->bytes && at < m->n_bytes) {
		ssize_t n = pread(m->fd, m->bytes + at, m->n_bytes - at, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return m->bytes != NULL;
}

static void take_bytes(struct cursor *c, uint8_t *to, size_t n)
{
	struct slice s = cursor_take(c, n);

	if (s.n == n)
		memcpy(to, s.p, n);
}

static bool read_header(struct cursor *c, struct memory_header *h)
{
	if (!slice_eq(cursor_take(c, MEMORY_MAGIC),
	              slice_of(memory_magic, MEMORY_MAGIC)))
		return false;
	h->format = cursor_u32le(c);
	h->n_extractors = cursor_u32le(c);
	h->vocabulary = cursor_u64le(c);
	take_bytes(c, h->about.packs, MEMORY_DIGEST);
	take_bytes(c, h->about.markers, MEMORY_DIGEST);
	h->key.k0 = cursor_u64le(c);
	h->key.k1 = cursor_u64le(c);
	h->n_items = cursor_u64le(c);
	h->n_learnt = cursor_u64le(c);
	h->said_bytes = cursor_u64le(c);
	h->sum = cursor_u64le(c);
	cursor_seek(c, MEMORY_HEADER);
	return !cursor_failed(c) && h->format == MEMORY_FORMAT &&
	       h->vocabulary == memory_vocabulary() &&
	       h->n_extractors <= EXTRACTORS_MAX &&
	       h->n_items <= MEMORY_ITEMS_MAX && h->n_learnt <= h->n_items &&
	       h->said_bytes <= MEMORY_BYTES_MAX;
}

/* Where an old extractor stands now; stale when it is not quite the same. */
static void place_extractor(struct memory *m, unsigned old, uint64_t name,
                            uint32_t version, uint64_t probes)
{
	m->stale |= UINT64_C(1) << old;
	for (unsigned i = 0; i < EXTRACTORS_MAX && extractors[i]; i++) {
		if (memory_name_hash(extractors[i]) != name)
			continue;
		const bool same = memory_probes_hash(extractors[i]) == probes;
		m->bit_of[old] = UINT64_C(1) << i;
		if (same)
			m->settled |= m->bit_of[old];
		if (same && extractors[i]->version == version)
			m->stale &= ~(UINT64_C(1) << old);
		return;
	}
}

static void read_extractors(struct cursor *c, struct memory *m, uint32_t n)
{
	m->n_extractors = n;
	for (unsigned i = 0; i < n; i++) {
		uint64_t name = cursor_u64le(c);
		uint32_t version = cursor_u32le(c);
		place_extractor(m, i, name, version, cursor_u64le(c));
	}
	/* What is new may want any item that its probes could fit. */
	for (unsigned i = 0; i < EXTRACTORS_MAX && extractors[i]; i++)
		if (!(m->settled >> i & 1))
			m->fresh[m->n_fresh++] = extractors[i];
}

/* Starts of the runs of prints that share their first bits. */
static bool index_prints(struct memory *m)
{
	uint64_t before = 0;
	uint32_t bucket = 0;

	for (uint64_t i = 0; i < m->n_items; i++) {
		uint64_t print = memory_u64(m->prints + 8 * i);
		if (print <= before)
			return false;
		before = print;
		while (bucket <= print >> MEMORY_BUCKET_SHIFT)
			m->starts[bucket++] = (uint32_t)i;
	}
	while (bucket <= MEMORY_BUCKETS)
		m->starts[bucket++] = (uint32_t)m->n_items;
	return true;
}

static bool take_apart(struct memory *m)
{
	struct cursor c = cursor_on(slice_of(m->bytes, m->n_bytes));
	struct memory_header h;

	if (!read_header(&c, &h))
		return false;
	m->key = h.key;
	m->about = h.about;
	m->n_items = h.n_items;
	m->n_learnt = h.n_learnt;
	read_extractors(&c, m, h.n_extractors);
	m->prints = cursor_take(&c, 8 * h.n_items).p;
	m->flags = cursor_take(&c, h.n_items).p;
	m->learnt = cursor_take(&c, 4 * h.n_items).p;
	m->index = cursor_take(&c, MEMORY_INDEX * h.n_learnt).p;
	if (cursor_failed(&c) || cursor_left(&c) != h.said_bytes ||
	    memory_sum(h.said_bytes,
	               slice_of(m->bytes + MEMORY_HEADER, c.at - MEMORY_HEADER)) !=
	            h.sum)
		return false;
	return index_prints(m);
}

struct memory *memory_open(const char *path, const struct memory_about *about,
                           const struct siphash_key *key, const char **ret_why)
{
	struct memory *m = calloc(1, sizeof(*m));

	*ret_why = NULL;
	if (!m)
		return NULL;
	m->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (m->fd < 0) {
		*ret_why = errno == ENOENT ? NULL : "it cannot be read";
		free(m);
		return NULL;
	}
	if (!read_all(m) || !take_apart(m) ||
	    memcmp(&m->key, key, sizeof(*key)) != 0) {
		*ret_why = "it is damaged or of another version";
		memory_free(m);
		return NULL;
	}
	m->same_packs = memcmp(m->about.packs, about->packs, MEMORY_DIGEST) == 0;
	m->same_markers =
		memcmp(m->about.markers, about->markers, MEMORY_DIGEST) == 0;
	return m;
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		(void)close(m->fd);
	free(m->bytes);
	free(m);
}

static bool read_key(int fd, struct siphash_key *ret)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & (S_IRWXG | S_IRWXO)) &&
	       read(fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
}

/* A file that is not there yet comes into being whole, by a link; who is
 * quicker with another one has made the key. */
static int make_key(const char *path)
{
	struct siphash_key key;
	struct str name = {0};
	int r = 0;

	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return -EIO;
	str_printf(&name, "%s.XXXXXX", path);
	int fd = str_failed(&name) ? -1 : mkostemp(name.p, O_CLOEXEC);
	if (fd < 0) {
		str_finish(&name);
		return -EACCES;
	}
	if (write(fd, &key, sizeof(key)) != (ssize_t)sizeof(key) ||
	    (link(name.p, path) < 0 && errno != EEXIST))
		r = -errno;
	(void)close(fd);
	(void)unlink(name.p);
	str_finish(&name);
	return r;
}

int memory_dir_key(const char *dir, struct siphash_key *ret)
{
	struct str path = {0};
	int r = 0;

	str_printf(&path, "%s/key", dir);
	if (str_failed(&path))
		return -ENOMEM;
	for (int tries = 0; tries < 2; tries++) {
		int fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 && errno == ENOENT && tries == 0) {
			r = make_key(path.p);
			continue;
		}
		r = fd < 0 ? -errno : read_key(fd, ret) ? 0 : -EINVAL;
		if (fd >= 0)
			(void)close(fd);
		/* A key that is none (cut short, or for others to read) is made
		 * anew; what was remembered under it is then opened again. */
		if (r != -EINVAL || tries > 0 || unlink(path.p) < 0)
			break;
		r = make_key(path.p);
	}
	str_finish(&path);
	return r;
}

bool memory_same_packs(const struct memory *m)
{
	return m->same_packs;
}

int memory_fd(const struct memory *m)
{
	return m->fd;
}

uint64_t memory_items(const struct memory *m)
{
	return m->n_items;
}

/* ---- finding ----------------------------------------------------------- */

static bool find(const struct memory *m, uint64_t print, uint64_t *ret)
{
	const uint64_t bucket = print >> MEMORY_BUCKET_SHIFT;

	for (uint64_t i = m->starts[bucket]; i < m->starts[bucket + 1]; i++) {
		if (memory_u64(m->prints + 8 * i) != print)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

uint64_t memory_present(const struct memory *m, uint64_t old)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < m->n_extractors; i++)
		if (old >> i & 1)
			bits |= m->bit_of[i];
	return bits;
}

bool memory_learnt(const struct memory *m, uint32_t number, bool verify,
                   struct memory_item *ret, uint64_t *ret_extractors)
{
	if (number > m->n_learnt)
		return false;
	struct cursor c = cursor_on(slice_of(
		m->index + MEMORY_INDEX * (size_t)(number - 1), MEMORY_INDEX));
	uint64_t at = cursor_u64le(&c);
	const uint64_t path_n = cursor_u32le(&c), n = cursor_u32le(&c);
	*ret_extractors = cursor_u64le(&c);
	const uint64_t sum = cursor_u64le(&c);

	if (at > m->n_bytes || path_n + n > m->n_bytes - at)
		return false;
	const uint8_t *p = m->bytes + at;
	ret->path = slice_of(p, path_n);
	ret->messages = slice_of(p + path_n, n);
	ret->at = at + path_n;
	return !verify || memory_sum(0, slice_of(p, path_n + n)) == sum;
}

bool memory_find(const struct memory *m, uint64_t print, struct slice path,
                 struct memory_item *ret)
{
	uint64_t i, readers = 0;

	if (print == 0 || !find(m, print, &i))
		return false;
	*ret = (struct memory_item){.flags = m->flags[i], .place = i};
	if (!m->same_markers)
		ret->flags &= ~(unsigned)MEMORY_SEARCHED;
	const uint32_t learnt = memory_u32(m->learnt + 4 * i);
	if (learnt && !memory_learnt(m, learnt, true, ret, &readers))
		return false;
	if (readers & m->stale)
		return false;
	for (size_t k = 0; k < m->n_fresh; k++)
		if (extract_may_pick(m->fresh[k], path))
			return false;
	ret->extractors = memory_present(m, readers);
	return true;
}
