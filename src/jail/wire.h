/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes over the sockets between broker and worker: typed, fixed-width,
 * little-endian messages, several in one packet, each packet at most
 * WIRE_PACKET_MAX bytes. Reading is done with a cursor; nothing may be left.
 *
 *   request  u32 item count, then per item:
 *            u32 id, u64 size, u64 at, u32 mode, u8 flags, text path
 *   reply    any number of: u8 type, u32 item id, then by type:
 *     HIT      u32 mark, u8 scope, u8 kind, u8 state, text8 ecosystem,
 *              u8 flags, u16 attr, u64 offset, u64 length,
 *              text name, version, root, maker, value, member
 *     PACKAGE  text8 ecosystem, text name, version, maker
 *     OWNED    u16 count, count times u64 hash
 *     OWNED_PATH  text path
 *     FOLDER   text8 ecosystem, text root, name, version
 *     UNREAD   u8 why, text member
 *     MENTION  u32 entity, u32 count
 *     RECORD   u8 scope, u8 kind, u8 state, text8 ecosystem,
 *              text name, version, root; its claims follow, then END
 *     CLAIM    u16 attr, u8 verified, u64 offset, u64 length,
 *              text value, member
 *     END
 *     DONE     u64 bytes read, u64 extractors, u8 flags (1 program, 2 searched)
 *   text is u16 length and the bytes; text8 has a u8 length.
 */
#ifndef JAIL_WIRE_H
#define JAIL_WIRE_H

#include "base/cursor.h"
#include "jail/jail.h"

enum { WIRE_PACKET_MAX = 64 * 1024, WIRE_OWNED_MAX = 4096 };

enum wire_type {
	WIRE_HIT = 1,
	WIRE_PACKAGE,
	WIRE_OWNED,
	WIRE_OWNED_PATH,
	WIRE_FOLDER,
	WIRE_UNREAD,
	WIRE_MENTION,
	WIRE_RECORD,
	WIRE_CLAIM,
	WIRE_END,
	WIRE_DONE,
};

/* A packet being written. Overflow is sticky, as with a cursor. */
struct wire {
	uint8_t buf[WIRE_PACKET_MAX];
	size_t n;
	bool failed;
};

void wire_u8(struct wire *w, uint8_t v);
void wire_u16(struct wire *w, uint16_t v);
void wire_u32(struct wire *w, uint32_t v);
void wire_u64(struct wire *w, uint64_t v);
void wire_text(struct wire *w, struct slice s);  /* at most 65535 bytes */
void wire_text8(struct wire *w, struct slice s); /* at most 255 bytes */

/* The counterparts; a text longer than `most` is a failure of the cursor. */
struct slice wire_get_text(struct cursor *c, size_t most);
struct slice wire_get_text8(struct cursor *c);

struct wire_request_item {
	uint32_t id;
	uint64_t size, at;
	uint32_t mode;
	uint8_t flags;
	struct slice path;
};

void wire_put_request_item(struct wire *w, const struct wire_request_item *item);
void wire_get_request_item(struct cursor *c, struct wire_request_item *ret);

void wire_put_hit(struct wire *w, uint32_t item, const struct jail_hit *hit);
void wire_put_package(struct wire *w, uint32_t item,
                      const struct jail_package *package);
void wire_put_folder(struct wire *w, uint32_t item, const struct record *head);
/* The head of a record; each of its claims; its end. */
void wire_put_record(struct wire *w, uint32_t item, const struct record *head);
void wire_put_claim(struct wire *w, uint32_t item, const struct claim *claim);
void wire_put_end(struct wire *w, uint32_t item);
void wire_put_done(struct wire *w, uint32_t item, const struct jail_done *done);

/*
 * One reply message, taken apart and checked: enums in range, indices below
 * the pack's counts, lengths below their limits.
 */
struct wire_reply {
	enum wire_type type;
	uint32_t item;
	struct jail_hit hit;
	struct jail_package package;
	struct record folder;
	struct record record;    /* RECORD: a head */
	struct claim claim;      /* CLAIM */
	struct slice text;       /* OWNED_PATH, UNREAD (member) */
	enum why why;
	uint32_t entity, count;  /* MENTION */
	uint64_t hashes[WIRE_OWNED_MAX];
	size_t n_hashes;
	struct jail_done done;
};

/* Reads the next message. Returns false when it breaks a rule. Without a pack
 * marks and entities may have any number. */
bool wire_get_reply(struct cursor *c, const struct pack *pack,
                    struct wire_reply *ret);

/*
 * The spawner's protocol: one request and one answer at a time, fixed structs
 * of one program image (both ends are forks of the same process and neither
 * has read a stranger's byte).
 */
enum spawn_kind { SPAWN_WORKER = 1, SPAWN_REAP };

struct spawn_request {
	uint32_t kind;
	uint32_t slot; /* SPAWN_WORKER */
	int32_t pid;   /* SPAWN_REAP: waits for this worker's end */
};

struct spawn_answer {
	int32_t result; /* 0 or a negative errno */
	int32_t pid;
	int32_t status; /* SPAWN_REAP: as waitpid gives it */
	struct jail_limits limits; /* first answer of each worker */
};

/* Sends one packet with up to BATCH_ITEMS_MAX descriptors. 0 or -errno. */
int wire_send(int fd, struct slice packet, const int *fds, size_t n_fds);

/*
 * Receives one packet; descriptors are close-on-exec. Returns its length, 0
 * when the other end is gone, or a negative errno (-EMSGSIZE: it was cut).
 */
ptrdiff_t wire_receive(int fd, void *buf, size_t size, int *fds, size_t max_fds,
                       size_t *ret_fds);

#endif
