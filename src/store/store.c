/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/internal.h"
#include "store/meta.h"

enum { OPEN_WAIT_MS = 5000, PAUSE_MS = 20, ARRAY_FIRST = 64 };

int array_grow(void *array, size_t n, size_t *size, size_t element)
{
	size_t more = *size ? *size * 2 : ARRAY_FIRST;
	void *p;

	if (n < *size)
		return 0;
	memcpy(&p, array, sizeof(p));
	p = reallocarray(p, more, element);
	if (!p)
		return -ENOMEM;
	memcpy(array, &p, sizeof(p));
	*size = more;
	return 0;
}

/* ---- words ------------------------------------------------------------- */

int store_error(const struct store *s, struct err *e, int r, const char *doing)
{
	switch (r) {
	case -EBUSY:
		return err_set(e, r, "another sweep is writing to %s; try again later "
		               "or name another --store", s->url);
	case -ENOSPC:
		return err_set(e, r, "no space is left for the inventory %s", s->url);
	case -EROFS:
		return err_set(e, r, "the inventory %s cannot be written to", s->url);
	case -EUCLEAN:
		return err_set(e, r, "the inventory %s is damaged: %s", s->url,
		               db_error(s->db));
	case -EPROTO:
		return err_set(e, r, "the inventory %s was made by a newer version of "
		               "debar", s->url);
	case -ENOTSUP:
		return err_set(e, r, "the inventory %s was made by an older version "
		               "of debar; sweep into it once to renew it", s->url);
	case -ENOENT:
		return err_set(e, r, "there is no inventory in %s yet", s->url);
	case -ENOMEM:
		return err_sys(e, r, "%s the inventory %s", doing, s->url);
	default:
		return err_set(e, r, "%s the inventory %s: %s", doing, s->url,
		               db_error(s->db)[0] ? db_error(s->db) : strerror(-r));
	}
}

/* ---- opening ----------------------------------------------------------- */

/* A URL without a password, for people. */
static char *show_url(const char *url)
{
	struct slice s = slice_str(url);
	size_t scheme = slice_find(s, SLICE("://")), at = slice_find_byte(s, '@');
	char *shown;

	if (scheme == SIZE_MAX || at == s.n || at < scheme)
		return strdup(url);
	return asprintf(&shown, "%.*s%s", (int)scheme + 3, url, url + at + 1) < 0
	               ? NULL
	               : shown;
}

static void forget(struct store *s)
{
	values_finish(&s->values);
	idmap_finish(&s->artefacts);
	s->artefacts_loaded = false;
	manifests_finish(&s->manifests);
	hosts_finish(&s->hosts);
}

static void pause_for(unsigned ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	(void)nanosleep(&t, NULL);
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Makes or renews the tables, waiting for a sweep that is just ending. */
static int prepare(struct store *s)
{
	int64_t until = now_ms() + OPEN_WAIT_MS;
	int r;

	while ((r = meta_migrate(s->db, !s->read_only)) == -EBUSY && now_ms() < until)
		pause_for(PAUSE_MS);
	return r;
}

int store_open_db(struct db *db, const char *url, unsigned flags, struct err *e,
                  struct store **ret)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s)
		s->url = show_url(url);
	if (!s || !s->url) {
		free(s);
		db_close(db);
		return err_sys(e, -ENOMEM, "opening the inventory");
	}
	s->db = db;
	s->read_only = flags & STORE_READ_ONLY;
	int r = prepare(s);
	if (r == 0)
		r = meta_read(db, s->meta);
	if (r < 0) {
		r = store_error(s, e, r, "opening");
		store_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

int store_open(const char *url, unsigned flags, struct err *e,
               struct store **ret)
{
	unsigned how = (flags & STORE_READ_ONLY ? DB_READ_ONLY : 0) |
	               (flags & STORE_CREATE ? DB_CREATE : 0);
	struct db *db;
	int r = db_open(url, how, e, &db);

	return r < 0 ? r : store_open_db(db, url, flags, e, ret);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->batch)
		store_cancel(s->batch);
	if (s->reading)
		s->db->driver->rollback(s->db);
	forget(s);
	db_close(s->db);
	free(s->url);
	free(s);
}

/* ---- reading ----------------------------------------------------------- */

/* The numbers; when somebody else has written, what is in memory is old. */
static int read_meta(struct store *s)
{
	int64_t meta[META_COUNT];
	int r = meta_read(s->db, meta);

	if (r < 0)
		return r;
	if (meta[META_GENERATION] != s->meta[META_GENERATION])
		forget(s);
	memcpy(s->meta, meta, sizeof(meta));
	return 0;
}

int read_begin(struct store *s, struct err *e)
{
	if (s->batch)
		return err_set(e, -EBUSY, "the inventory %s is not to be asked while "
		               "a batch is open", s->url);
	if (s->reading) {
		s->reading++;
		return 0;
	}
	int r = s->db->driver->begin(s->db, false);
	if (r == 0)
		r = read_meta(s);
	if (r < 0) {
		s->db->driver->rollback(s->db);
		return store_error(s, e, r, "reading");
	}
	s->reading = s->read_only ? 2 : 1;
	return 0;
}

/* A read-only store stays in the state that it saw first. */
void read_end(struct store *s)
{
	if (--s->reading == 0)
		s->db->driver->rollback(s->db);
}

/* ---- the batch --------------------------------------------------------- */

int batch_fail(struct store_batch *b, int r)
{
	if (!b->failed) {
		b->failed = r;
		memcpy(b->words, b->s->db->error, sizeof(b->words));
	}
	return r;
}

static void batch_free(struct store_batch *b)
{
	b->s->batch = NULL;
	rows_finish(&b->attributes);
	rows_finish(&b->value_blocks);
	rows_finish(&b->artefacts);
	rows_finish(&b->units);
	rows_finish(&b->hosts);
	rows_finish(&b->reports);
	for (size_t i = 0; i < POSTING_KINDS; i++)
		free(b->pending[i].v);
	numbers_finish(&b->seen);
	numbers_finish(&b->difference.added);
	numbers_finish(&b->difference.removed);
	free(b->coverages);
	arena_finish(&b->mem);
	free(b);
}

static struct store_batch *batch_new(struct store *s)
{
	struct store_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->s = s;
	memcpy(b->meta_before, s->meta, sizeof(s->meta));
	arena_init(&b->mem, 0);
	rows_init(&b->attributes, s->db, TABLE_ATTRIBUTE);
	rows_init(&b->value_blocks, s->db, TABLE_VALUE_BLOCK);
	rows_init(&b->artefacts, s->db, TABLE_ARTEFACT);
	rows_init(&b->units, s->db, TABLE_UNIT);
	rows_init(&b->hosts, s->db, TABLE_HOST);
	rows_init(&b->reports, s->db, TABLE_REPORT);
	hosts_make_room(&s->hosts);
	s->batch = b;
	return b;
}

static int begin_write(struct store *s, unsigned wait_ms)
{
	int64_t until = now_ms() + wait_ms;
	int r;

	while ((r = s->db->driver->begin(s->db, true)) == -EBUSY &&
	       now_ms() < until)
		pause_for(PAUSE_MS);
	return r ? r : read_meta(s);
}

int store_begin(struct store *s, unsigned wait_ms, struct err *e,
                struct store_batch **ret)
{
	if (s->batch)
		return err_set(e, -EBUSY, "a batch is open already");
	if (s->read_only)
		return store_error(s, e, -EROFS, "writing to");
	int r = begin_write(s, wait_ms);
	struct store_batch *b = r == 0 ? batch_new(s) : NULL;
	if (!b) {
		s->db->driver->rollback(s->db);
		return store_error(s, e, r ? r : -ENOMEM, "writing to");
	}
	*ret = b;
	return 0;
}

void store_cancel(struct store_batch *b)
{
	struct store *s = b->s;

	s->db->driver->rollback(s->db);
	memcpy(s->meta, b->meta_before, sizeof(s->meta));
	batch_free(b);
	forget(s);
}

/* In an order in which nothing refers to what is not there yet. */
static int flush(struct store_batch *b)
{
	struct store *s = b->s;
	int r = values_flush(b);

	if (r == 0)
		r = rows_flush(&b->artefacts);
	if (r == 0)
		r = hosts_flush(b);
	if (r == 0)
		r = rows_flush(&b->reports);
	if (r == 0)
		r = postings_flush(b);
	s->meta[META_GENERATION]++;
	return r ? r : meta_write(s->db, s->meta, b->meta_before);
}

int store_commit(struct store_batch *b, struct err *e)
{
	struct store *s = b->s;
	int r = b->failed;

	if (r < 0)
		memcpy(s->db->error, b->words, sizeof(b->words));
	else
		r = flush(b);
	if (r == 0)
		r = s->db->driver->commit(s->db);
	if (r < 0) {
		r = store_error(s, e, r, "writing to");
		store_cancel(b);
		return r;
	}
	batch_free(b);
	return 0;
}
