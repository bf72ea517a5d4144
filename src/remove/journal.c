/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/siphash.h"
#include "remove/journal.h"

static const uint8_t magic[4] = {'d', 'b', 'r', 'j'};
static const char file[] = "journal";

enum { ALIGN = 8, CHUNK = 1 << 20, GROWTH = 1 << 20 };

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

uint64_t record_bytes(size_t text)
{
	return RECORD_HEAD + aligned(text) + RECORD_SUM;
}

static uint64_t sum_of(uint64_t sequence, struct slice bytes)
{
	const struct siphash_key key = {sequence, 0x6a72626400000001};

	return siphash(&key, bytes);
}

static void add_number(struct str *s, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		str_putc(s, (char)(number >> 8 * i & 0xff));
}

void journal_add(struct journal *j, const struct entry *record)
{
	struct slice text = slice_first(record->text, RECORD_TEXT_MAX);
	size_t start = j->pending.n;

	str_add(&j->pending, slice_of(magic, sizeof(magic)));
	add_number(&j->pending, record->type, 2);
	add_number(&j->pending, text.n, 2);
	add_number(&j->pending, j->next, 8);
	add_number(&j->pending, j->synced, 8);
	add_number(&j->pending, record->step, 4);
	add_number(&j->pending, record->object, 4);
	add_number(&j->pending, (uint64_t)record->a, 8);
	add_number(&j->pending, record->b, 8);
	str_add(&j->pending, text);
	for (size_t n = text.n; n < aligned(text.n); n++)
		str_putc(&j->pending, '\0');
	add_number(&j->pending,
	           sum_of(j->next, slice_from(str_slice(&j->pending), start)), 8);
	if (str_failed(&j->pending))
		j->failed = j->failed ? j->failed : -ENOMEM;
	else
		j->next++;
}

/* ---- writing ------------------------------------------------------------ */

/* All of it, however short each write falls. */
static int write_all(struct journal *j, struct slice bytes, off_t at)
{
	while (bytes.n > 0) {
		ssize_t n = j->fs->write(j->fs, j->fd, bytes.p, bytes.n, at);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		bytes = slice_from(bytes, (size_t)n);
		at += n;
	}
	return 0;
}

static int write_zeros(struct journal *j, off_t from, off_t to)
{
	uint8_t *zeros = calloc(1, CHUNK);
	int r = zeros ? 0 : -ENOMEM;

	while (r == 0 && from < to) {
		off_t n = to - from < CHUNK ? to - from : CHUNK;
		r = write_all(j, slice_of(zeros, (size_t)n), from);
		from += n;
	}
	free(zeros);
	return r;
}

/* Space up to `size`, with zeros in it, on the disk. */
static int reserve(struct journal *j, off_t size)
{
	int r = j->fs->allocate(j->fs, j->fd, size);

	if (r == 0)
		r = write_zeros(j, j->size, size);
	if (r == 0)
		r = j->fs->sync(j->fs, j->fd);
	if (r == 0)
		j->size = size;
	return r;
}

int journal_create(struct journal *j, const struct fs *fs, int dir, uint64_t space,
                   struct err *e)
{
	*j = (struct journal){.fs = fs, .fd = -1, .next = 1};
	if (space > JOURNAL_MAX)
		return err_set(e, -EFBIG, "the plan is too large for a journal");
	j->fd = fs->open(fs, dir, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (j->fd < 0)
		return err_sys(e, j->fd, "making the journal");
	int r = reserve(j, (off_t)space);
	if (r < 0) {
		journal_close(j);
		return err_sys(e, r, "reserving %llu bytes for the journal",
		               (unsigned long long)space);
	}
	return 0;
}

/* More than was reserved: the space is had first, or nothing is written. */
static int grow(struct journal *j)
{
	off_t need = j->at + (off_t)j->pending.n;

	if (need <= j->size)
		return 0;
	if (need > JOURNAL_MAX - GROWTH)
		return -EFBIG;
	return reserve(j, need + GROWTH);
}

int journal_write(struct journal *j, struct err *e)
{
	int r = j->failed;

	if (r == 0)
		r = grow(j);
	if (r == 0)
		r = write_all(j, str_slice(&j->pending), j->at);
	if (r == 0) {
		j->at += (off_t)j->pending.n;
		str_clear(&j->pending);
		return 0;
	}
	j->failed = r;
	return err_sys(e, r, "writing the journal");
}

int journal_sync(struct journal *j, struct err *e)
{
	int r = journal_write(j, e);

	if (r < 0)
		return r;
	r = j->fs->sync(j->fs, j->fd);
	if (r < 0) {
		j->failed = r;
		return err_sys(e, r, "syncing the journal");
	}
	j->synced = j->next - 1;
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		(void)j->fs->close(j->fs, j->fd);
	j->fd = -1;
	str_finish(&j->pending);
}

/* ---- reading ------------------------------------------------------------ */

struct head {
	uint64_t sequence, synced;
	size_t bytes;
};

/* The record at the cursor, if it is whole; the cursor is then behind it. */
static bool whole(struct cursor *c, struct head *head, struct entry *ret)
{
	size_t start = c->at;
	struct slice mark = cursor_take(c, sizeof(magic));
	ret->type = (enum record_type)cursor_u16le(c);
	size_t n = cursor_u16le(c);
	head->sequence = cursor_u64le(c);
	head->synced = cursor_u64le(c);
	ret->step = cursor_u32le(c);
	ret->object = cursor_u32le(c);
	ret->a = (int64_t)cursor_u64le(c);
	ret->b = cursor_u64le(c);
	ret->text = cursor_take(c, n);
	cursor_skip(c, aligned(n) - n);
	size_t end = c->at;
	uint64_t sum = cursor_u64le(c);

	if (cursor_failed(c) || memcmp(mark.p, magic, sizeof(magic)) != 0)
		return false;
	head->bytes = c->at - start;
	return ret->type > RECORD_NONE && ret->type < RECORD_TYPE_COUNT &&
	       n <= RECORD_TEXT_MAX &&
	       sum == sum_of(head->sequence, slice_of(c->all.p + start, end - start));
}

/* Does a whole record somewhere in there say that this one had been synced? */
static bool was_synced(struct slice rest, uint64_t sequence)
{
	struct entry record;
	struct head head;

	for (size_t at = 0; at + RECORD_HEAD + RECORD_SUM <= rest.n; at += ALIGN) {
		if (memcmp(rest.p + at, magic, sizeof(magic)) != 0)
			continue;
		struct cursor c = cursor_on(slice_from(rest, at));
		if (whole(&c, &head, &record) && head.synced >= sequence)
			return true;
	}
	return false;
}

static bool all_zeros(struct slice s)
{
	return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

/* Makes sure that nothing is behind the end that a later record could meet. */
static int wipe(struct journal *j, struct slice rest, struct journal_end *end)
{
	if (all_zeros(rest))
		return 0;
	end->torn = true;
	int r = write_zeros(j, j->at, j->size);
	return r < 0 ? r : j->fs->sync(j->fs, j->fd);
}

static int read_records(struct journal *j, struct slice all,
                        int (*fn)(void *ctx, const struct entry *record), void *ctx,
                        struct err *e, struct journal_end *end)
{
	struct cursor c = cursor_on(all);
	struct entry record;
	struct head head;

	for (;;) {
		struct cursor next = c;
		if (!whole(&next, &head, &record) || head.sequence != j->next)
			break;
		int r = fn(ctx, &record);
		if (r < 0)
			return err_sys(e, r, "record %llu of the journal",
			               (unsigned long long)j->next);
		c = next;
		j->next++;
		end->records++;
	}
	j->at = (off_t)c.at;
	j->synced = j->next - 1;
	struct slice rest = slice_from(all, c.at);
	if (was_synced(rest, j->next))
		return err_set(e, -EBADMSG, "the journal is damaged at byte %zu (record "
		               "%llu), before its end", c.at, (unsigned long long)j->next);
	int r = wipe(j, rest, end);
	return r < 0 ? err_sys(e, r, "wiping the torn end of the journal") : 0;
}

static int read_all(struct journal *j, uint8_t *bytes)
{
	off_t at = 0;

	while (at < j->size) {
		ssize_t n = j->fs->read(j->fs, j->fd, bytes + at,
		                        (size_t)(j->size - at), at);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		at += n;
	}
	return 0;
}

/* The file's size, and its bytes in memory of their own. */
static int load(struct journal *j, int dir, uint8_t **ret, struct err *e)
{
	struct stat st;

	j->fd = j->fs->open(j->fs, dir, file, O_RDWR | O_NOFOLLOW, 0);
	if (j->fd < 0)
		return err_sys(e, j->fd, "opening the journal");
	int r = j->fs->stat(j->fs, j->fd, "", &st);
	if (r == 0 && (!S_ISREG(st.st_mode) || st.st_size > JOURNAL_MAX))
		return err_set(e, -EBADMSG, "the journal is no file, or too large");
	if (r == 0) {
		j->size = st.st_size;
		*ret = malloc((size_t)st.st_size + 1);
		r = *ret ? read_all(j, *ret) : -ENOMEM;
	}
	return r < 0 ? err_sys(e, r, "reading the journal") : 0;
}

int journal_open(struct journal *j, const struct fs *fs, int dir,
                 int (*fn)(void *ctx, const struct entry *record), void *ctx,
                 struct err *e, struct journal_end *ret)
{
	uint8_t *bytes = NULL;

	*j = (struct journal){.fs = fs, .fd = -1, .next = 1};
	*ret = (struct journal_end){0};
	int r = load(j, dir, &bytes, e);
	if (r == 0)
		r = read_records(j, slice_of(bytes, (size_t)j->size), fn, ctx, e, ret);
	/* What was read might not be on the disk yet: it was in memory, and the
	 * process was killed, not the machine. */
	if (r == 0) {
		r = fs->sync(fs, j->fd);
		if (r < 0)
			(void)err_sys(e, r, "syncing the journal");
	}
	free(bytes);
	if (r < 0)
		journal_close(j);
	return r;
}
