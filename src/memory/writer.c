/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing. New items come from many threads in any order and are sorted once,
 * at the end; of two with one print the later one is kept. Items that are as
 * the old memory has them are marked there. Both are merged into the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "memory/private.h"

enum { FIRST = 1024, STREAM_BUFFER = 256 * 1024 };

struct entry {
	uint64_t print;
	uint32_t learnt; /* place in the list + 1, or 0 */
	uint8_t flags;
};

struct learnt {
	struct slice path, messages;
	uint64_t extractors;
	uint8_t flags;
	bool passing; /* it has no print: known until this sweep ends */
	bool dead;    /* a later item has the same print */
};

struct memory_writer {
	const struct memory *old;
	uint8_t *kept;       /* by place in the old memory: as it was */
	struct memory_about about;
	struct siphash_key key;
	pthread_mutex_t lock;
	struct arena mem;
	struct entry *entries;
	struct learnt *learnt;
	size_t n, size, n_learnt, learnt_size;
	uint64_t said_bytes; /* of all together */
	bool settled;
};

struct memory_writer *memory_writer_new(const struct memory_about *about,
                                        const struct siphash_key *key,
                                        const struct memory *old)
{
	struct memory_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->kept = calloc(old ? old->n_items + 1 : 1, 1);
	if (!w->kept) {
		free(w);
		return NULL;
	}
	w->about = *about;
	w->key = *key;
	w->old = old;
	arena_init(&w->mem, MEMORY_BYTES_MAX);
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

void memory_writer_free(struct memory_writer *w)
{
	if (!w)
		return;
	arena_finish(&w->mem);
	pthread_mutex_destroy(&w->lock);
	free(w->kept);
	free(w->entries);
	free(w->learnt);
	free(w);
}

/* ---- adding ------------------------------------------------------------ */

static bool grow(void **list, size_t n, size_t *size, size_t each)
{
	if (n < *size)
		return true;
	size_t more = *size ? *size * 2 : FIRST;
	void *p = reallocarray(*list, more, each);
	if (!p)
		return false;
	*list = p;
	*size = more;
	return true;
}

static int add_learnt(struct memory_writer *w, uint64_t print,
                      const struct memory_item *item)
{
	const size_t n = item->path.n + item->messages.n;

	if (w->said_bytes + n > MEMORY_BYTES_MAX)
		return -E2BIG;
	if (!grow((void **)&w->learnt, w->n_learnt, &w->learnt_size,
	          sizeof(*w->learnt)))
		return -ENOMEM;
	struct learnt *one = &w->learnt[w->n_learnt];
	*one = (struct learnt){
		.path = arena_copy(&w->mem, item->path),
		.messages = arena_copy(&w->mem, item->messages),
		.extractors = item->extractors,
		.flags = (uint8_t)item->flags,
		.passing = print == 0,
	};
	if (!one->path.p || !one->messages.p)
		return -ENOMEM;
	w->n_learnt++;
	w->said_bytes += n;
	return 0;
}

static int add(struct memory_writer *w, uint64_t print,
               const struct memory_item *item)
{
	struct entry one = {.print = print, .flags = (uint8_t)item->flags};

	if (w->n == MEMORY_ITEMS_MAX)
		return -E2BIG;
	if (!grow((void **)&w->entries, w->n, &w->size, sizeof(*w->entries)))
		return -ENOMEM;
	if (item->messages.n || item->extractors) {
		int r = add_learnt(w, print, item);
		if (r < 0)
			return r;
		one.learnt = (uint32_t)w->n_learnt;
	}
	if (print)
		w->entries[w->n++] = one;
	return 0;
}

int memory_add(struct memory_writer *w, uint64_t print,
               const struct memory_item *item)
{
	pthread_mutex_lock(&w->lock);
	int r = add(w, print, item);
	pthread_mutex_unlock(&w->lock);
	return r;
}

/* Bytes of their own, so that threads need no lock for it. */
void memory_keep(struct memory_writer *w, const struct memory_item *item)
{
	w->kept[item->place] = 1;
}

/* ---- settling ---------------------------------------------------------- */

/* Prints are as good as random: their first bits sort them nearly, and a short
 * insertion does the rest. Both steps keep the order of equals. */
static int sort(struct memory_writer *w)
{
	uint32_t *at = calloc(MEMORY_BUCKETS + 1, sizeof(*at));
	struct entry *sorted = calloc(w->n + 1, sizeof(*sorted));

	if (!at || !sorted) {
		free(at);
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < w->n; i++)
		at[(w->entries[i].print >> MEMORY_BUCKET_SHIFT) + 1]++;
	for (size_t i = 0; i < MEMORY_BUCKETS; i++)
		at[i + 1] += at[i];
	for (size_t i = 0; i < w->n; i++)
		sorted[at[w->entries[i].print >> MEMORY_BUCKET_SHIFT]++] =
			w->entries[i];
	for (size_t i = 1; i < w->n; i++) {
		const struct entry x = sorted[i];
		size_t k = i;
		for (; k > 0 && sorted[k - 1].print > x.print; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = x;
	}
	free(at);
	free(w->entries);
	w->entries = sorted;
	w->size = w->n + 1;
	return 0;
}

/* Of those with one print the last. */
static void drop_doubles(struct memory_writer *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct entry *e = &w->entries[i];
		if (i + 1 == w->n || e->print != e[1].print)
			w->entries[kept++] = *e;
		else if (e->learnt)
			w->learnt[e->learnt - 1].dead = true;
	}
	w->n = kept;
}

static uint64_t old_print(const struct memory_writer *w, uint64_t place)
{
	return memory_u64(w->old->prints + 8 * place);
}

/* What was kept and then added all the same, as by a second look. */
static void drop_added(struct memory_writer *w)
{
	uint64_t place = 0;

	for (size_t i = 0; w->old && i < w->n; i++) {
		while (place < w->old->n_items &&
		       old_print(w, place) < w->entries[i].print)
			place++;
		if (place < w->old->n_items &&
		    old_print(w, place) == w->entries[i].print)
			w->kept[place] = 0;
	}
}

/* Two threads may come here, one to go through the items, one to write. */
static int settle(struct memory_writer *w)
{
	int r = 0;

	pthread_mutex_lock(&w->lock);
	if (!w->settled) {
		r = sort(w);
		if (r == 0) {
			drop_doubles(w);
			drop_added(w);
			w->settled = true;
		}
	}
	pthread_mutex_unlock(&w->lock);
	return r;
}

/* ---- all items --------------------------------------------------------- */

/* What was said of a kept item, which was verified when it was found; false when
 * nothing was. */
static bool kept_learnt(const struct memory_writer *w, uint64_t place,
                        struct memory_item *ret)
{
	const uint32_t number = memory_u32(w->old->learnt + 4 * place);
	uint64_t readers;

	if (!w->kept[place] || !number ||
	    !memory_learnt(w->old, number, false, ret, &readers))
		return false;
	ret->flags = w->old->flags[place];
	ret->extractors = memory_present(w->old, readers);
	return true;
}

static uint64_t n_old(const struct memory_writer *w)
{
	return w->old ? w->old->n_items : 0;
}

int memory_each(struct memory_writer *w,
                int (*fn)(void *ctx, const struct memory_item *item), void *ctx)
{
	struct memory_item item = {0};
	int r = settle(w);

	for (uint64_t i = 0; i < n_old(w) && r == 0; i++)
		if (kept_learnt(w, i, &item))
			r = fn(ctx, &item);
	for (size_t i = 0; i < w->n_learnt && r == 0; i++) {
		const struct learnt *x = &w->learnt[i];
		if (x->dead)
			continue;
		r = fn(ctx, &(struct memory_item){.flags = x->flags,
		                                  .path = x->path,
		                                  .messages = x->messages,
		                                  .extractors = x->extractors});
	}
	return r;
}

/* ---- the file ---------------------------------------------------------- */

/* The file as it is put together: parts that are written one after the other. */
struct image {
	struct str header, extractors, prints, flags, learnt, index;
	uint64_t said_bytes;
	uint32_t n_learnt;
	/* What was said, in the order of the index. */
	struct slice *said;  /* path and messages in turn */
	size_t n_said, said_size;
	bool failed;
};

static void image_finish(struct image *m)
{
	struct str *parts[] = {&m->header, &m->extractors, &m->prints,
	                       &m->flags,  &m->learnt,     &m->index};

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		m->failed |= str_failed(parts[i]);
		str_finish(parts[i]);
	}
	free(m->said);
}

static void put(struct str *out, uint64_t v, size_t n)
{
	const uint64_t little = htole64(v);

	str_add(out, slice_of(&little, n));
}

static void put_extractors(struct str *out)
{
	for (unsigned i = 0; i < EXTRACTORS_MAX && extractors[i]; i++) {
		put(out, memory_name_hash(extractors[i]), 8);
		put(out, extractors[i]->version, 4);
		put(out, memory_probes_hash(extractors[i]), 8);
	}
}

static void add_said(struct image *m, struct slice s)
{
	m->failed |= !grow((void **)&m->said, m->n_said, &m->said_size,
	                   sizeof(*m->said));
	if (!m->failed)
		m->said[m->n_said++] = s;
	m->said_bytes += s.n;
}

/* Adds what was said of an item to the index; its place is put later, when all
 * before it is known. Returns its number. */
static uint32_t put_learnt(struct image *m, struct str *scratch,
                           const struct memory_item *item)
{
	str_clear(scratch);
	str_add(scratch, item->path);
	str_add(scratch, item->messages);
	put(&m->index, m->said_bytes, 8);
	put(&m->index, item->path.n, 4);
	put(&m->index, item->messages.n, 4);
	put(&m->index, item->extractors, 8);
	put(&m->index, memory_sum(0, str_slice(scratch)), 8);
	m->failed |= str_failed(scratch);
	add_said(m, item->path);
	add_said(m, item->messages);
	return ++m->n_learnt;
}

static void put_item(struct image *m, uint64_t print, uint8_t flags,
                     uint32_t learnt)
{
	put(&m->prints, print, 8);
	str_putc(&m->flags, (char)flags);
	put(&m->learnt, learnt, 4);
}

static void put_kept(const struct memory_writer *w, uint64_t place,
                     struct image *m, struct str *scratch)
{
	struct memory_item item = {0};
	uint8_t flags = w->old->flags[place];

	if (!w->old->same_markers)
		flags &= (uint8_t)~MEMORY_SEARCHED;
	put_item(m, old_print(w, place), flags,
	         kept_learnt(w, place, &item) ? put_learnt(m, scratch, &item) : 0);
}

static void put_new(const struct memory_writer *w, const struct entry *e,
                    struct image *m, struct str *scratch)
{
	const struct learnt *x = e->learnt ? &w->learnt[e->learnt - 1] : NULL;
	uint32_t number = 0;

	if (x)
		number = put_learnt(m, scratch,
		                    &(struct memory_item){.path = x->path,
		                                          .messages = x->messages,
		                                          .extractors = x->extractors});
	put_item(m, e->print, e->flags, number);
}

/* Old and new items in the order of their prints. */
static void put_items(const struct memory_writer *w, struct image *m)
{
	struct str scratch = {0};
	uint64_t place = 0;

	for (size_t i = 0; i <= w->n; i++) {
		const struct entry *e = i < w->n ? &w->entries[i] : NULL;
		for (; place < n_old(w) &&
		       (!e || old_print(w, place) < e->print); place++)
			if (w->kept[place])
				put_kept(w, place, m, &scratch);
		if (e)
			put_new(w, e, m, &scratch);
	}
	str_finish(&scratch);
}

static uint64_t bytes_before_said(const struct image *m)
{
	return MEMORY_HEADER + m->extractors.n + m->prints.n + m->flags.n +
	       m->learnt.n + m->index.n;
}

/* Places were counted from the first byte that was said. */
static void place_index(struct image *m)
{
	const uint64_t before = bytes_before_said(m);

	for (size_t i = 0; i < m->index.n; i += MEMORY_INDEX) {
		uint8_t *p = (uint8_t *)m->index.p + i;
		const uint64_t at = htole64(memory_u64(p) + before);
		memcpy(p, &at, sizeof(at));
	}
}

/* The parts behind the header as memory_sum() of the file would see them. */
static uint64_t sum_of(struct image *m)
{
	const struct str *parts[] = {&m->extractors, &m->prints, &m->flags,
	                             &m->learnt, &m->index};
	struct str all = {0};

	for (size_t i = 0; i < COUNT_OF(parts); i++)
		str_add(&all, str_slice(parts[i]));
	m->failed |= str_failed(&all);
	uint64_t sum = memory_sum(m->said_bytes, str_slice(&all));
	str_finish(&all);
	return sum;
}

static void put_header(const struct memory_writer *w, struct image *m)
{
	struct str *out = &m->header;
	unsigned n = 0;

	while (n < EXTRACTORS_MAX && extractors[n])
		n++;
	str_add(out, slice_of(memory_magic, MEMORY_MAGIC));
	put(out, MEMORY_FORMAT, 4);
	put(out, n, 4);
	put(out, memory_vocabulary(), 8);
	str_add(out, slice_of(w->about.packs, MEMORY_DIGEST));
	str_add(out, slice_of(w->about.markers, MEMORY_DIGEST));
	put(out, w->key.k0, 8);
	put(out, w->key.k1, 8);
	put(out, m->flags.n, 8);
	put(out, m->n_learnt, 8);
	put(out, m->said_bytes, 8);
	put(out, sum_of(m), 8);
	while (out->n < MEMORY_HEADER && !str_failed(out))
		str_putc(out, 0);
}

static bool write_all(const struct image *m, FILE *out)
{
	const struct str *parts[] = {&m->header, &m->extractors, &m->prints,
	                             &m->flags,  &m->learnt,     &m->index};

	(void)setvbuf(out, NULL, _IOFBF, STREAM_BUFFER);
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (parts[i]->n)
			(void)fwrite(parts[i]->p, 1, parts[i]->n, out);
	for (size_t i = 0; i < m->n_said; i++)
		if (m->said[i].n)
			(void)fwrite(m->said[i].p, 1, m->said[i].n, out);
	return !ferror(out);
}

/* Not made durable: a file that a power cut tore is seen by its sums, and then
 * the next sweep reads all, which is all that is lost. */
static int replace(const struct image *m, const char *path, struct err *e)
{
	struct str name = {0};

	str_printf(&name, "%s.XXXXXX", path);
	int fd = str_failed(&name) ? -1 : mkostemp(name.p, O_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int r = 0;
	if (!out) {
		r = err_sys(e, fd < 0 && errno ? -errno : -ENOMEM, "%s", path);
		if (fd >= 0)
			(void)close(fd);
	} else {
		bool good = write_all(m, out);
		good = fclose(out) == 0 && good;
		if (!good || rename(name.p, path) < 0)
			r = err_sys(e, errno ? -errno : -EIO, "%s", path);
	}
	if (r < 0 && fd >= 0)
		(void)unlink(name.p);
	str_finish(&name);
	return r;
}

/* Is the old file what would be written? */
static bool is_the_same(const struct memory_writer *w)
{
	if (!w->old || w->n > 0 || !w->old->same_packs || !w->old->same_markers ||
	    w->old->stale || w->old->n_fresh)
		return false;
	return memchr(w->kept, 0, w->old->n_items) == NULL;
}

int memory_write(struct memory_writer *w, const char *path, struct err *e)
{
	struct image m = {0};
	int r = settle(w);

	if (r < 0)
		return err_sys(e, r, "%s", path);
	if (is_the_same(w))
		return 0;
	put_extractors(&m.extractors);
	put_items(w, &m);
	place_index(&m);
	put_header(w, &m);
	const bool failed = m.failed || str_failed(&m.header) ||
	                    str_failed(&m.prints) || str_failed(&m.flags) ||
	                    str_failed(&m.learnt) || str_failed(&m.index);
	r = failed ? err_sys(e, -ENOMEM, "%s", path) : replace(&m, path, e);
	image_finish(&m);
	return r;
}
