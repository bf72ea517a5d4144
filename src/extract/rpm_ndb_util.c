/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm's own database format: a header of 32 bytes, then slots of 16 bytes to
 * the end of some pages; each slot that is in use points at a run of 16-byte
 * blocks with one package's header. All numbers are little-endian.
 */
#include <errno.h>

#include "base/cursor.h"
#include "extract/rpm_util.h"
#include "extract/slide_util.h"

enum {
	PAGE_BYTES = 4096,
	PAGES_MAX = 16384, /* 256 slots each */
	SLOT_BYTES = 16,
	FIRST_SLOT = 2,    /* the header takes the place of two */
	BLOCK_BYTES = 16,
	BLOB_HEAD_BYTES = 16,
};

struct slot {
	uint32_t package, block, blocks;
};

/* Says where the blob of a slot is; -EBADMSG when the slot points astray. */
static int blob_place(struct input *in, struct arena *mem,
                      const struct slot *slot, struct rpm_blob *blob)
{
	uint64_t at = (uint64_t)slot->block * BLOCK_BYTES;
	uint64_t room = (uint64_t)slot->blocks * BLOCK_BYTES;
	struct slice head;

	int r = input_get(in, at, BLOB_HEAD_BYTES, mem, &head);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	struct cursor c = cursor_on(head);
	struct slice magic = cursor_take(&c, 4);
	uint32_t package = cursor_u32le(&c);
	cursor_skip(&c, 4);
	uint32_t n = cursor_u32le(&c);
	if (!slice_eq(magic, SLICE("BlbS")) || package != slot->package ||
	    room < BLOB_HEAD_BYTES || n > room - BLOB_HEAD_BYTES)
		return -EBADMSG;
	if (n > RPM_BLOB_MAX)
		return -EFBIG;
	blob->at = at + BLOB_HEAD_BYTES;
	r = input_get(in, blob->at, n, mem, &blob->bytes);
	return r == -ERANGE ? -EBADMSG : r;
}

static int take_slot(struct rpm_db *db, const struct slot *slot)
{
	struct rpm_blob blob = {0};

	arena_reset(&db->mem);
	int r = blob_place(db->x->in, &db->mem, slot, &blob);
	if (r == -EBADMSG || r == -EFBIG)
		return rpm_unread(db, r == -EFBIG ? WHY_TOO_LARGE : WHY_DAMAGED,
		                  rpm_member(db, slot->package));
	return r < 0 ? r : rpm_take_header(db, &blob);
}

static int take_slots(struct rpm_db *db, struct slide *s, uint64_t end)
{
	struct slice bytes;

	for (uint64_t at = FIRST_SLOT * SLOT_BYTES; at < end; at += SLOT_BYTES) {
		int r = slide_get(s, at, SLOT_BYTES, &bytes);
		if (r < 0)
			return r == -ERANGE ? -EBADMSG : r;
		struct cursor c = cursor_on(bytes);
		if (!slice_eq(cursor_take(&c, 4), SLICE("Slot")))
			return -EBADMSG;
		struct slot slot = {.package = cursor_u32le(&c)};
		slot.block = cursor_u32le(&c);
		slot.blocks = cursor_u32le(&c);
		r = slot.block ? take_slot(db, &slot) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int rpm_read_ndb(struct rpm_db *db)
{
	struct cursor c = cursor_on(db->x->in->head);
	struct slide s;

	cursor_skip(&c, 4); /* the magic that brought us here */
	uint32_t version = cursor_u32le(&c);
	cursor_skip(&c, 4);
	uint32_t pages = cursor_u32le(&c);
	if (cursor_failed(&c))
		return -EBADMSG;
	if (version != 0)
		return -ENOTSUP;
	if (pages > PAGES_MAX)
		return -E2BIG;
	int r = slide_init(&s, db->x->in, db->x->mem, PAGE_BYTES);
	return r < 0 ? r : take_slots(db, &s, (uint64_t)pages * PAGE_BYTES);
}
