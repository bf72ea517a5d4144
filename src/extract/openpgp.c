/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenPGP keys that package managers trust: binary, ASCII-armoured, or in a
 * GnuPG keybox. Only packet heads and user ids are looked at: whose key it is.
 * A record is a key; its claims are the user ids of it.
 */
#include <errno.h>

#include "base/cursor.h"
#include "extract/field_util.h"
#include "extract/extract.h"
#include "extract/slide_util.h"

enum {
	WINDOW_BYTES = 64 * 1024,
	PACKETS_MAX = 4000000,  /* Debian's keyring of developers has 200,000 */
	PARTS_MAX = 1000,       /* pieces of one packet of unknown length */
	USER_ID_MAX = 2048,
	ARMOR_BYTES_MAX = 16 * 1024 * 1024,
	HEAD_BYTES_MAX = 6,     /* tag, and a length of up to five bytes */
	BLOB_HEAD_BYTES = 16,
	BLOBS_MAX = 100000,
};

enum tag { TAG_PUBLIC_KEY = 6, TAG_SECRET_KEY = 5, TAG_USER_ID = 13 };
enum blob_type { BLOB_HEADER = 1, BLOB_OPENPGP = 2 };

/* Packets come from the file, or from memory after the armour is taken off;
 * then the whole armoured block is the evidence. */
struct block {
	uint64_t at, length; /* in the file; length 0: not armoured */
};

struct reader {
	const struct extraction *x;
	struct slide slide;
	struct block armor;
	bool open;          /* a key's record has been started */
	bool named;         /* and its first user id seen */
	unsigned packets;
};

struct packet {
	unsigned tag;
	uint64_t body, length; /* of the body, or of its first part */
	bool partial;          /* more parts follow */
	bool endless;          /* an old packet that ends with the file */
};

/* Up to HEAD_BYTES_MAX bytes of a packet's head; fewer at the end. */
static int get_head(struct reader *r, uint64_t at, uint64_t end,
                    struct slice *ret)
{
	uint64_t left = end - at;

	return slide_get(&r->slide, at,
	                 left < HEAD_BYTES_MAX ? (size_t)left : HEAD_BYTES_MAX,
	                 ret);
}

/* The length in the new form; partial lengths are powers of two. */
static void new_length(struct cursor *c, struct packet *p)
{
	uint8_t first = cursor_u8(c);

	p->partial = false;
	if (first < 192) {
		p->length = first;
	} else if (first < 224) {
		p->length = ((first - 192u) << 8) + cursor_u8(c) + 192u;
	} else if (first < 255) {
		p->length = 1ull << (first & 0x1f);
		p->partial = true;
	} else {
		p->length = cursor_u32be(c);
	}
}

static void old_length(struct cursor *c, unsigned form, struct packet *p)
{
	switch (form) {
	case 0:
		p->length = cursor_u8(c);
		break;
	case 1:
		p->length = cursor_u16be(c);
		break;
	case 2:
		p->length = cursor_u32be(c);
		break;
	default:
		p->endless = true;
		break;
	}
}

static int packet_open(struct reader *r, uint64_t at, uint64_t end,
                       struct packet *ret)
{
	struct slice head;

	int e = get_head(r, at, end, &head);
	if (e < 0)
		return e;
	struct cursor c = cursor_on(head);
	uint8_t first = cursor_u8(&c);
	*ret = (struct packet){0};
	if (!(first & 0x80))
		return -EBADMSG;
	if (first & 0x40) {
		ret->tag = first & 0x3f;
		new_length(&c, ret);
	} else {
		ret->tag = (first >> 2) & 0x0f;
		old_length(&c, first & 3, ret);
	}
	ret->body = at + c.at;
	if (ret->endless)
		ret->length = end - ret->body;
	if (cursor_failed(&c) || ret->length > end - ret->body)
		return -EBADMSG;
	return 0;
}

/* Where the packet ends: behind its last part. */
static int packet_end(struct reader *r, const struct packet *packet,
                      uint64_t end, uint64_t *ret)
{
	struct packet part = *packet;
	struct slice head;

	for (unsigned n = 0; part.partial; n++) {
		uint64_t at = part.body + part.length;
		if (n == PARTS_MAX)
			return -E2BIG;
		int e = get_head(r, at, end, &head);
		if (e < 0)
			return e;
		struct cursor c = cursor_on(head);
		new_length(&c, &part);
		part.body = at + c.at;
		if (cursor_failed(&c) || part.length > end - part.body)
			return -EBADMSG;
	}
	*ret = part.body + part.length;
	return 0;
}

static void key_start(struct reader *r)
{
	r->open = true;
	r->named = false;
	sink_record(r->x->out, &(struct record){
		.scope = SCOPE_SETUP,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_REFERENCED,
	});
}

static void take_user_id(struct reader *r, struct slice text, uint64_t offset)
{
	if (!r->named)
		sink_name(r->x->out, text);
	r->named = true;
	sink_claim(r->x->out, &(struct claim){
		.attr = ATTR_REPO_KEY,
		.value = text,
		.offset = r->armor.length ? r->armor.at : offset,
		.length = r->armor.length ? r->armor.length : text.n,
	});
}

static int take_packet(struct reader *r, const struct packet *p)
{
	struct slice text;

	if (p->tag == TAG_PUBLIC_KEY || p->tag == TAG_SECRET_KEY)
		key_start(r);
	if (p->tag != TAG_USER_ID || !r->open || p->partial)
		return 0;
	if (p->length > USER_ID_MAX) {
		sink_unread(r->x->out, WHY_TOO_LARGE, (struct slice){0});
		return 0;
	}
	int e = slide_get(&r->slide, p->body, (size_t)p->length, &text);
	if (e == 0)
		take_user_id(r, text, p->body);
	return e;
}

static int read_packets(struct reader *r, uint64_t at, uint64_t end)
{
	struct packet packet;
	int e = 0;

	r->open = false;
	while (at < end) {
		if (r->packets++ == PACKETS_MAX)
			return -E2BIG;
		e = packet_open(r, at, end, &packet);
		if (e == 0)
			e = take_packet(r, &packet);
		if (e == 0)
			e = packet_end(r, &packet, end, &at);
		if (e < 0)
			return e == -ERANGE ? -EBADMSG : e;
	}
	return 0;
}

/* A keybox is blobs; one kind of them says where in it a key's packets lie. */
static int read_keybox(struct reader *r)
{
	uint64_t size = r->x->in->size;
	struct slice head;
	unsigned n = 0;

	for (uint64_t at = 0; at < size;) {
		if (n++ == BLOBS_MAX)
			return -E2BIG;
		int e = slide_get(&r->slide, at, BLOB_HEAD_BYTES, &head);
		if (e < 0)
			return e == -ERANGE ? -EBADMSG : e;
		struct cursor c = cursor_on(head);
		uint64_t length = cursor_u32be(&c);
		uint8_t type = cursor_u8(&c);
		cursor_skip(&c, 3);
		uint64_t key = cursor_u32be(&c), key_bytes = cursor_u32be(&c);
		if (length < BLOB_HEAD_BYTES || length > size - at ||
		    (type == BLOB_OPENPGP &&
		     (key > length || key_bytes > length - key)))
			return -EBADMSG;
		if (type == BLOB_OPENPGP)
			e = read_packets(r, at + key, at + key + key_bytes);
		if (e < 0)
			return e;
		at += length;
	}
	return 0;
}

static int base64_digit(uint8_t c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? memchr(digits, c, sizeof(digits) - 1) : NULL;

	return p ? (int)(p - digits) : -1;
}

struct decoder {
	uint8_t *out;  /* room for three quarters of the text */
	size_t n;
	uint32_t bits;
	unsigned have; /* bits that wait, below 8 */
};

/* Appends what a line of base64 says; false when it is none. */
static bool decode_line(struct decoder *d, struct slice line)
{
	for (size_t i = 0; i < line.n && line.p[i] != '='; i++) {
		int digit = base64_digit(line.p[i]);
		if (digit < 0)
			return false;
		d->bits = d->bits << 6 | (uint32_t)digit;
		d->have += 6;
		if (d->have < 8)
			continue;
		d->have -= 8;
		d->out[d->n++] = (uint8_t)(d->bits >> d->have);
	}
	return true;
}

/* In a .sources file a dot stands for the empty line of the armour. */
static bool is_empty(struct slice line)
{
	line = slice_trim(line);
	return line.n == 0 || slice_eq(line, SLICE("."));
}

/* The bytes of the next armoured block in *rest, which then is behind it.
 * Returns 1, 0 when there is no further one, or an error. */
static int next_armor(struct slice *rest, struct arena *mem, struct slice *ret)
{
	struct decoder d = {0};
	struct slice line;

	size_t start = slice_find(*rest, SLICE("-----BEGIN PGP PUBLIC KEY"));
	if (start == SIZE_MAX)
		return 0;
	*rest = slice_from(*rest, start);
	/* The first line, then headers ("Version: ...") up to an empty line. */
	while (slice_line(rest, &line) && !is_empty(line))
		continue;
	d.out = arena_alloc(mem, rest->n);
	if (!d.out)
		return -ENOMEM;
	while (slice_line(rest, &line)) {
		line = slice_trim(line);
		if (slice_starts(line, SLICE("-----END")) ||
		    slice_starts(line, SLICE("=")))
			break;
		if (!decode_line(&d, line))
			return -EBADMSG;
	}
	*ret = slice_of(d.out, d.n);
	return 1;
}

static int read_armor(struct reader *r)
{
	struct arena mem;
	struct slice text, rest, bytes;

	int e = input_get_all(r->x->in, ARMOR_BYTES_MAX, r->x->mem, &text);
	if (e < 0)
		return e;
	arena_init(&mem, ARMOR_BYTES_MAX + WINDOW_BYTES);
	rest = text;
	while ((e = next_armor(&rest, &mem, &bytes)) > 0) {
		struct input in = input_of_memory(bytes);
		r->armor.at += r->armor.length;
		r->armor.length = text.n - rest.n - r->armor.at;
		e = slide_init(&r->slide, &in, &mem, WINDOW_BYTES);
		if (e == 0)
			e = read_packets(r, 0, bytes.n);
		if (e < 0)
			break;
		arena_reset(&mem);
	}
	arena_finish(&mem);
	return e;
}

static bool is_armor(struct slice head)
{
	return slice_find(head, SLICE("-----BEGIN PGP PUBLIC KEY")) != SIZE_MAX;
}

/* A file in a folder of keys that is no key (a README, a script) is nobody's
 * business; one that starts like a packet and is broken is. */
static int run(struct extraction *x)
{
	struct reader r = {.x = x};
	struct slice head = x->in->head;

	if (is_armor(head))
		return read_armor(&r);
	int e = slide_init(&r.slide, x->in, x->mem, WINDOW_BYTES);
	if (e < 0)
		return e;
	if (slice_starts(slice_from(head, 8), SLICE("KBXf")))
		return read_keybox(&r);
	if (head.n == 0 || !(head.p[0] & 0x80))
		return 0;
	return read_packets(&r, 0, x->in->size);
}

const struct extractor extract_openpgp = {
	.name = "openpgp",
	.version = 1,
	.probes = {
		{.path = "etc/apt/trusted.gpg"},
		{.path = "etc/apt/trusted.gpg.d/*"},
		{.path = "etc/apt/keyrings/*"},
		{.path = "usr/share/keyrings/*"},
		{.path = "usr/local/share/keyrings/*"},
		{.path = "etc/pki/rpm-gpg/*"},
		{.path = "usr/share/distribution-gpg-keys/*/*"},
		{.path = "usr/lib/rpm/gnupg/keys/*"},
		{.path = "usr/share/pacman/keyrings/*.gpg"},
		{.path = "etc/pacman.d/gnupg/pubring.gpg"},
		{.path = "etc/apt/sources.list.d/*.sources"},
	},
	.run = run,
};
