/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract/sink.h"
#include "jail/hostile.h"
#include "jail/wire.h"

enum {
	ITEM_MEMORY_MAX = 64 * 1024 * 1024,
	SCAN_BLOCK = 256 * 1024,
	/* Room that any one message fits in. */
	MESSAGE_MAX = 4 * CLAIM_VALUE_MAX + 2048,
	OWNED_BATCH = 1024,
};

struct worker {
	const struct jail_args *args;
	int fd;
	struct slot *slot;
	uint64_t begun;
	struct sink *sink;
	struct arena item_mem, match_mem;
	struct wire out;
	/* the item at hand */
	struct wire_request_item request;
	struct item item;
	struct input in;
	bool matched_path;     /* its path went along with a record */
	struct jail_done done; /* how it was looked at */
	struct claim *byte_claims;
	size_t n_byte_claims;
	/* the package record at hand */
	bool package_sent;
	uint64_t owned[OWNED_BATCH];
	size_t n_owned;
	uint32_t *mentions;    /* one count per entity */
	bool *found, any_found; /* entities whose marks fired on the item */
	uint8_t head[INPUT_HEAD_MAX];
	uint8_t block[SCAN_BLOCK];
	uint8_t packet[WIRE_PACKET_MAX];
};

static void send_out(struct worker *w)
{
	if (w->out.n == 0)
		return;
	if (w->out.failed ||
	    wire_send(w->fd, slice_of(w->out.buf, w->out.n), NULL, 0) < 0)
		_exit(3); /* the broker is gone, or a message was too long */
	w->out.n = 0;
}

/* Every message starts here, so that it fits into the packet whole. */
static struct wire *message(struct worker *w)
{
	if (w->out.n > WIRE_PACKET_MAX - MESSAGE_MAX)
		send_out(w);
	return &w->out;
}

static void send_unread(struct worker *w, enum why why, struct slice member)
{
	struct wire *m = message(w);

	wire_u8(m, WIRE_UNREAD);
	wire_u32(m, w->request.id);
	wire_u8(m, (uint8_t)why);
	wire_text(m, slice_first(member, CLAIM_VALUE_MAX));
}

static void match_and_send(struct worker *w, const struct record *record)
{
	struct hit *hits;
	size_t n;

	if (match_record(w->args->matcher, record, &w->match_mem, &hits, &n) < 0) {
		send_unread(w, WHY_OUT_OF_MEMORY, (struct slice){0});
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct mark *mark = &w->args->pack->marks[hits[i].mark];
		struct jail_hit hit = {
			.mark = hits[i].mark,
			.head = *record,
			.claim = record->claims[hits[i].claim],
			.parts_known =
				record->scope == SCOPE_PART &&
				match_part_known(w->args->pack, record, mark->entity),
		};
		hit.head.maker = record_maker(record);
		wire_put_hit(message(w), w->request.id, &hit);
		w->found[mark->entity] = w->any_found = true;
	}
	if (n > 0)
		arena_reset(&w->match_mem);
}

/* Says a record as it was matched, for whoever keeps it. */
static void send_record(struct worker *w, const struct record *record)
{
	if (!w->args->records || w->request.flags & ITEM_RECALLED)
		return;
	wire_put_record(message(w), w->request.id, record);
	for (size_t i = 0; i < record->n_claims; i++)
		wire_put_claim(message(w), w->request.id, &record->claims[i]);
	wire_put_end(message(w), w->request.id);
}

/* The record with the item's path and byte hits among its claims. */
static void match_item_record(struct worker *w, const struct record *record)
{
	const size_t n = record->n_claims + w->n_byte_claims + 1;
	struct claim *claims = arena_zalloc(&w->match_mem, n, sizeof(*claims));
	struct record with = *record;

	if (!claims) {
		send_unread(w, WHY_OUT_OF_MEMORY, (struct slice){0});
		return;
	}
	if (record->n_claims)
		memcpy(claims, record->claims, record->n_claims * sizeof(*claims));
	if (w->n_byte_claims)
		memcpy(claims + record->n_claims, w->byte_claims,
		       w->n_byte_claims * sizeof(*claims));
	claims[n - 1] = (struct claim){
		.attr = S_ISDIR(w->request.mode) ? ATTR_DIRECTORY : ATTR_PATH,
		.value = w->item.path,
	};
	with.claims = claims;
	with.n_claims = n;
	w->matched_path = true;
	send_record(w, &with);
	match_and_send(w, &with);
	arena_reset(&w->match_mem);
}

static struct slice first_value(const struct record *record, enum attr attr)
{
	for (size_t i = 0; i < record->n_claims; i++)
		if (record->claims[i].attr == attr)
			return record->claims[i].value;
	return (struct slice){0};
}

static void send_package(struct worker *w, const struct record *record,
                         struct slice maker)
{
	const struct jail_package package = {
		.ecosystem = record->ecosystem,
		.name = record->name,
		.version = record->version,
		.maker = maker,
	};
	wire_put_package(message(w), w->request.id, &package);
}

static void send_owned(struct worker *w)
{
	if (w->n_owned == 0)
		return;
	struct wire *m = message(w);
	wire_u8(m, WIRE_OWNED);
	wire_u32(m, w->request.id);
	wire_u16(m, (uint16_t)w->n_owned);
	for (size_t i = 0; i < w->n_owned; i++)
		wire_u64(m, w->owned[i]);
	w->n_owned = 0;
}

static void on_record(void *ctx, const struct record *record)
{
	struct worker *w = ctx;

	if (record->scope == SCOPE_PACKAGE) {
		struct slice maker = first_value(record, ATTR_PACKAGE_VENDOR);
		if (maker.n == 0)
			maker = first_value(record, ATTR_PACKAGE_MAINTAINER);
		send_owned(w);
		w->package_sent = false;
		send_package(w, record, maker);
	}
	if (record->scope == SCOPE_FOLDER && w->request.flags & ITEM_HEADS)
		wire_put_folder(message(w), w->request.id, record);
	if (record->scope == SCOPE_ITEM) {
		match_item_record(w, record);
		return;
	}
	send_record(w, record);
	match_and_send(w, record);
}

/* Paths are hashed without "./" or "/" in front, as databases differ. */
static struct slice bare(struct slice path)
{
	while (path.n > 0 && (path.p[0] == '/' ||
	                      (path.p[0] == '.' && path.n > 1 && path.p[1] == '/')))
		path = slice_from(path, 1);
	return path;
}

static void on_owns(void *ctx, const struct record *owner, struct slice path)
{
	struct worker *w = ctx;

	if (!w->package_sent) {
		send_package(w, owner, (struct slice){0});
		w->package_sent = true;
	}
	if (w->request.flags & ITEM_LIST_OWNED) {
		struct wire *m = message(w);
		wire_u8(m, WIRE_OWNED_PATH);
		wire_u32(m, w->request.id);
		wire_text(m, slice_first(bare(path), CLAIM_VALUE_MAX));
		return;
	}
	w->owned[w->n_owned++] = siphash(&w->args->key, bare(path));
	if (w->n_owned == OWNED_BATCH)
		send_owned(w);
}

static void on_unread(void *ctx, enum why why, struct slice member)
{
	send_unread(ctx, why, member);
}

/* Programs and libraries: what a byte marker may stand in. */
static bool is_program(const struct item *item, struct slice head)
{
	static const struct slice magics[] = {
		{(const uint8_t *)"\x7f" "ELF", 4},
		{(const uint8_t *)"MZ", 2},
		{(const uint8_t *)"!<arch>\n", 8},
		{(const uint8_t *)"\xcf\xfa\xed\xfe", 4}, /* Mach-O, 64 bit */
		{(const uint8_t *)"\xce\xfa\xed\xfe", 4}, /* Mach-O, 32 bit */
		{(const uint8_t *)"\xca\xfe\xba\xbe", 4}, /* fat Mach-O, class */
		{(const uint8_t *)"dex\n", 4},
		{(const uint8_t *)"\0asm", 4},
	};

	if (item->mode & 0111)
		return true;
	for (size_t i = 0; i < COUNT_OF(magics); i++)
		if (slice_starts(head, magics[i]))
			return true;
	return false;
}

static void keep_byte_hits(struct worker *w, struct byte_scan *scan)
{
	const struct byte_hit *hits;
	size_t n;

	if (byte_scan_end(scan, &hits, &n) < 0) {
		send_unread(w, WHY_OUT_OF_MEMORY, (struct slice){0});
		return;
	}
	if (n == 0)
		return;
	w->byte_claims = arena_zalloc(&w->item_mem, n, sizeof(struct claim));
	if (!w->byte_claims) {
		send_unread(w, WHY_OUT_OF_MEMORY, (struct slice){0});
		return;
	}
	w->n_byte_claims =
		match_bytes_claims(w->args->matcher, hits, n, w->byte_claims, n);
}

/* Where bytes begin again, at or after `at`: nobody marks what a hole reads as,
 * and a sparse file can claim to be larger than any deadline. A block of the
 * hole is read, so that nothing is joined that is apart. */
static uint64_t after_hole(const struct worker *w, uint64_t at)
{
	const off_t data = lseek(w->in.fd, (off_t)at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? w->in.size : at;
	return (uint64_t)data > at + SCAN_BLOCK ? (uint64_t)data - SCAN_BLOCK : at;
}

static void scan_bytes(struct worker *w)
{
	struct byte_scan *scan = byte_scan_begin(w->args->matcher);
	uint64_t at = 0;

	if (!scan) {
		send_unread(w, WHY_OUT_OF_MEMORY, (struct slice){0});
		return;
	}
	for (;;) {
		ptrdiff_t n = input_read(&w->in, at, w->block, sizeof(w->block));
		if (n < 0) {
			send_unread(w, extract_why((int)n), (struct slice){0});
			break;
		}
		if (byte_scan_feed(scan, slice_of(w->block, (size_t)n)) < 0) {
			send_unread(w, WHY_OUT_OF_MEMORY, (struct slice){0});
			break;
		}
		at += (size_t)n;
		if ((size_t)n < sizeof(w->block))
			break;
		at = after_hole(w, at);
	}
	keep_byte_hits(w, scan);
}

static bool is_text(struct slice head)
{
	return head.n > 0 && memchr(head.p, 0, head.n) == NULL &&
	       head.p[0] != 0x1f; /* gzip may have no NUL in its head */
}

/* Whole lines of the text at a time, so that no word is cut in two. */
static size_t count_all_mentions(struct worker *w)
{
	uint64_t at = 0;
	size_t sum = 0;

	for (;;) {
		ptrdiff_t n = input_read(&w->in, at, w->block, sizeof(w->block));
		if (n <= 0)
			return sum;
		struct slice some = slice_of(w->block, (size_t)n);
		const uint8_t *end = memrchr(some.p, '\n', some.n);
		if (end && some.n == sizeof(w->block))
			some.n = (size_t)(end - some.p) + 1;
		sum += match_mentions(w->args->matcher, some, w->mentions);
		at += some.n;
	}
}

static void count_mentions(struct worker *w)
{
	const size_t n = w->args->pack->n_entities;
	size_t sum = 0;

	memset(w->mentions, 0, n * sizeof(*w->mentions));
	sum += match_mentions(w->args->matcher, slice_basename(w->item.path),
	                      w->mentions);
	if (is_text(w->in.head))
		sum += w->request.flags & ITEM_ALL_TEXT
		               ? count_all_mentions(w)
		               : match_mentions(w->args->matcher, w->in.head,
		                                w->mentions);
	for (uint32_t i = 0; sum > 0 && i < n; i++) {
		/* What is found is more than talked about. */
		if (w->mentions[i] == 0 || w->found[i])
			continue;
		struct wire *m = message(w);
		wire_u8(m, WIRE_MENTION);
		wire_u32(m, w->request.id);
		wire_u32(m, i);
		wire_u32(m, w->mentions[i]);
	}
}

static void extract(struct worker *w)
{
	const struct extractor *picked[EXTRACT_PICK_MAX];
	struct extraction x = {&w->item, &w->in, &w->item_mem, w->sink};
	size_t n = extract_pick(&w->item, w->in.head, picked);

	for (size_t i = 0; i < n; i++) {
		w->done.extractors |= extract_bit(picked[i]);
		int r = picked[i]->run(&x);
		if (r < 0)
			send_unread(w, extract_why(r), (struct slice){0});
		sink_flush(w->sink);
	}
}

/* The path by itself, when no record has taken it along. */
static void match_path(struct worker *w)
{
	const struct claim claim = {
		.attr = S_ISDIR(w->request.mode) ? ATTR_DIRECTORY : ATTR_PATH,
		.value = w->item.path,
	};
	const struct record record = {
		.scope = SCOPE_ITEM,
		.state = extract_file_state(&w->item),
		.ecosystem = "",
		.claims = &claim,
		.n_claims = 1,
	};

	if (w->n_byte_claims)
		match_item_record(w, &(struct record){.scope = SCOPE_ITEM,
		                                      .state = record.state,
		                                      .ecosystem = ""});
	else
		match_and_send(w, &record);
}

static void look_at_bytes(struct worker *w)
{
	ptrdiff_t n = 0;

	/* Of a file that is said to be empty one byte is tried: some file
	 * systems do not know the size of what they hold. */
	n = input_read(&w->in, 0, w->head, w->in.size ? sizeof(w->head) : 1);
	if (n < 0) {
		send_unread(w, extract_why((int)n), (struct slice){0});
		return;
	}
	const size_t due = w->in.size < sizeof(w->head) ? (size_t)w->in.size
	                                                : sizeof(w->head);
	if ((size_t)n < due || (w->in.size == 0 && n > 0))
		send_unread(w, WHY_CHANGED, (struct slice){0});
	w->in.head = slice_of(w->head, (size_t)n);
	hostile_item(w->in.head, w->fd, w->request.id, w->slot);
	w->done.program = is_program(&w->item, w->in.head);
	w->done.searched = w->done.program && w->request.flags & ITEM_DEEP;
	if (w->done.searched && match_has_bytes(w->args->matcher))
		scan_bytes(w);
	extract(w);
}

/* Matches what was once extracted: kept messages stand in the descriptor. */
static int match_kept(struct worker *w)
{
	struct slice messages;
	struct record record;
	int r = input_get(&w->in, w->request.at, (size_t)w->request.size,
	                  &w->item_mem, &messages);

	if (r < 0)
		return r;
	while ((r = jail_next_record(&messages, &w->match_mem, &record)) > 0) {
		w->matched_path |= record.scope == SCOPE_ITEM;
		match_and_send(w, &record);
		arena_reset(&w->match_mem);
	}
	return r;
}

static void recall(struct worker *w)
{
	w->in.size = w->request.at + w->request.size;
	int r = match_kept(w);
	if (r < 0)
		send_unread(w, extract_why(r), (struct slice){0});
}

static void look_at(struct worker *w, int fd)
{
	w->item = (struct item){
		.path = w->request.path,
		.mode = w->request.mode,
		.in_root = w->request.flags & ITEM_IN_ROOT,
		.deep = w->request.flags & ITEM_DEEP,
		.list_owned = w->request.flags & ITEM_LIST_OWNED,
	};
	w->in = (struct input){.fd = fd, .size = w->request.size};
	if (w->any_found)
		memset(w->found, 0, w->args->pack->n_entities * sizeof(*w->found));
	w->any_found = false;
	w->matched_path = false;
	w->n_byte_claims = 0;
	w->package_sent = false;
	w->done = (struct jail_done){0};
	if (fd >= 0 && w->request.flags & ITEM_RECALLED)
		recall(w);
	else if (fd >= 0)
		look_at_bytes(w);
	if (!w->matched_path)
		match_path(w);
	count_mentions(w);
	send_owned(w);
	w->done.bytes = w->request.flags & ITEM_RECALLED ? 0 : w->in.read_bytes;
	wire_put_done(message(w), w->request.id, &w->done);
	arena_reset(&w->item_mem);
}

static void serve_packet(struct worker *w, struct slice packet, const int *fds,
                         size_t n_fds)
{
	struct cursor c = cursor_on(packet);
	uint32_t n = cursor_u32le(&c);
	size_t used = 0;

	for (uint32_t i = 0; i < n; i++) {
		int fd = -1;
		wire_get_request_item(&c, &w->request);
		if (cursor_failed(&c))
			_exit(4);
		if (!(w->request.flags & ITEM_NO_BYTES)) {
			if (used == n_fds)
				_exit(4);
			fd = fds[used++];
		}
		atomic_store_explicit(&w->slot->progress,
		                      ++w->begun << 32 | w->request.id,
		                      memory_order_relaxed);
		look_at(w, fd);
		if (fd >= 0)
			(void)close(fd);
	}
	send_out(w);
	/* Idle: no item is being looked at, whatever the clock says. */
	atomic_store_explicit(&w->slot->progress, 0, memory_order_relaxed);
}

struct worker *worker_new(const struct jail_args *args, int fd,
                          struct slot *slot)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->args = args;
	w->fd = fd;
	w->slot = slot;
	arena_init(&w->item_mem, ITEM_MEMORY_MAX);
	arena_init(&w->match_mem, ITEM_MEMORY_MAX);
	w->mentions = calloc(args->pack->n_entities + 1, sizeof(*w->mentions));
	w->found = calloc(args->pack->n_entities + 1, sizeof(*w->found));
	w->sink = sink_new(&(struct sink_args){
		.ctx = w,
		.on_record = on_record,
		.on_owns = on_owns,
		.on_unread = on_unread,
	});
	if (w->sink && w->mentions && w->found)
		return w;
	sink_free(w->sink);
	free(w->mentions);
	free(w->found);
	free(w);
	return NULL;
}

void worker_run(struct worker *w)
{
	int fds[BATCH_ITEMS_MAX];
	size_t n_fds;

	for (;;) {
		ptrdiff_t n = wire_receive(w->fd, w->packet, sizeof(w->packet), fds,
		                           COUNT_OF(fds), &n_fds);
		if (n <= 0)
			_exit(n == 0 ? 0 : 5);
		serve_packet(w, slice_of(w->packet, (size_t)n), fds, n_fds);
	}
}
