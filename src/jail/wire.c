/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t *room(struct wire *w, size_t n)
{
	if (w->failed || n > sizeof(w->buf) - w->n) {
		w->failed = true;
		return NULL;
	}
	uint8_t *p = w->buf + w->n;
	w->n += n;
	return p;
}

static void little(struct wire *w, uint64_t v, size_t n)
{
	uint8_t *p = room(w, n);
	for (size_t i = 0; p && i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

void wire_u8(struct wire *w, uint8_t v)
{
	little(w, v, 1);
}

void wire_u16(struct wire *w, uint16_t v)
{
	little(w, v, 2);
}

void wire_u32(struct wire *w, uint32_t v)
{
	little(w, v, 4);
}

void wire_u64(struct wire *w, uint64_t v)
{
	little(w, v, 8);
}

static void bytes(struct wire *w, struct slice s)
{
	uint8_t *p = room(w, s.n);
	if (p && s.n)
		memcpy(p, s.p, s.n);
}

void wire_text(struct wire *w, struct slice s)
{
	s = slice_first(s, UINT16_MAX);
	wire_u16(w, (uint16_t)s.n);
	bytes(w, s);
}

void wire_text8(struct wire *w, struct slice s)
{
	s = slice_first(s, UINT8_MAX);
	wire_u8(w, (uint8_t)s.n);
	bytes(w, s);
}

struct slice wire_get_text(struct cursor *c, size_t most)
{
	size_t n = cursor_u16le(c);
	if (n > most)
		c->failed = true;
	return cursor_take(c, n);
}

struct slice wire_get_text8(struct cursor *c)
{
	return cursor_take(c, cursor_u8(c));
}

void wire_put_request_item(struct wire *w, const struct wire_request_item *item)
{
	wire_u32(w, item->id);
	wire_u64(w, item->size);
	wire_u64(w, item->at);
	wire_u32(w, item->mode);
	wire_u8(w, item->flags);
	wire_text(w, item->path);
}

void wire_get_request_item(struct cursor *c, struct wire_request_item *ret)
{
	ret->id = cursor_u32le(c);
	ret->size = cursor_u64le(c);
	ret->at = cursor_u64le(c);
	ret->mode = cursor_u32le(c);
	ret->flags = cursor_u8(c);
	ret->path = wire_get_text(c, ITEM_PATH_MAX);
}

enum { HIT_VERIFIED = 1, HIT_PARTS_KNOWN = 2 };

void wire_put_hit(struct wire *w, uint32_t item, const struct jail_hit *hit)
{
	wire_u8(w, WIRE_HIT);
	wire_u32(w, item);
	wire_u32(w, hit->mark);
	wire_u8(w, (uint8_t)hit->head.scope);
	wire_u8(w, (uint8_t)hit->head.kind);
	wire_u8(w, (uint8_t)hit->head.state);
	wire_text8(w, slice_str(hit->head.ecosystem));
	wire_u8(w, (uint8_t)((hit->claim.verified ? HIT_VERIFIED : 0) |
	                     (hit->parts_known ? HIT_PARTS_KNOWN : 0)));
	wire_u16(w, (uint16_t)hit->claim.attr);
	wire_u64(w, hit->claim.offset);
	wire_u64(w, hit->claim.length);
	wire_text(w, hit->head.name);
	wire_text(w, hit->head.version);
	wire_text(w, hit->head.root);
	wire_text(w, hit->head.maker);
	wire_text(w, hit->claim.value);
	wire_text(w, hit->claim.member);
}

static bool get_hit(struct cursor *c, const struct pack *pack,
                    struct jail_hit *ret)
{
	ret->mark = cursor_u32le(c);
	ret->head.scope = cursor_u8(c);
	ret->head.kind = cursor_u8(c);
	ret->head.state = cursor_u8(c);
	ret->head.ecosystem = ecosystem_by_name(wire_get_text8(c));
	uint8_t flags = cursor_u8(c);
	ret->claim.verified = flags & HIT_VERIFIED;
	ret->parts_known = flags & HIT_PARTS_KNOWN;
	ret->claim.attr = cursor_u16le(c);
	ret->claim.offset = cursor_u64le(c);
	ret->claim.length = cursor_u64le(c);
	ret->head.name = wire_get_text(c, RECORD_NAME_MAX);
	ret->head.version = wire_get_text(c, RECORD_NAME_MAX);
	ret->head.root = wire_get_text(c, CLAIM_VALUE_MAX);
	ret->head.maker = wire_get_text(c, CLAIM_VALUE_MAX);
	ret->claim.value = wire_get_text(c, CLAIM_VALUE_MAX);
	ret->claim.member = wire_get_text(c, CLAIM_VALUE_MAX);
	return (!pack || ret->mark < pack->n_marks) && ret->head.scope < SCOPE_COUNT &&
	       ret->head.kind < ARTICLE_KIND_COUNT &&
	       ret->head.state < STATE_COUNT && ret->head.ecosystem &&
	       flags <= (HIT_VERIFIED | HIT_PARTS_KNOWN) &&
	       ret->claim.attr < ATTR_COUNT;
}

void wire_put_package(struct wire *w, uint32_t item,
                      const struct jail_package *package)
{
	wire_u8(w, WIRE_PACKAGE);
	wire_u32(w, item);
	wire_text8(w, slice_str(package->ecosystem));
	wire_text(w, package->name);
	wire_text(w, package->version);
	wire_text(w, package->maker);
}

static bool get_package(struct cursor *c, struct jail_package *ret)
{
	ret->ecosystem = ecosystem_by_name(wire_get_text8(c));
	ret->name = wire_get_text(c, RECORD_NAME_MAX);
	ret->version = wire_get_text(c, RECORD_NAME_MAX);
	ret->maker = wire_get_text(c, CLAIM_VALUE_MAX);
	return ret->ecosystem != NULL;
}

void wire_put_folder(struct wire *w, uint32_t item, const struct record *head)
{
	wire_u8(w, WIRE_FOLDER);
	wire_u32(w, item);
	wire_text8(w, slice_str(head->ecosystem));
	wire_text(w, head->root);
	wire_text(w, head->name);
	wire_text(w, head->version);
}

static bool get_folder(struct cursor *c, struct record *ret)
{
	*ret = (struct record){.scope = SCOPE_FOLDER};
	ret->ecosystem = ecosystem_by_name(wire_get_text8(c));
	ret->root = wire_get_text(c, CLAIM_VALUE_MAX);
	ret->name = wire_get_text(c, RECORD_NAME_MAX);
	ret->version = wire_get_text(c, RECORD_NAME_MAX);
	return ret->ecosystem != NULL;
}

void wire_put_record(struct wire *w, uint32_t item, const struct record *head)
{
	wire_u8(w, WIRE_RECORD);
	wire_u32(w, item);
	wire_u8(w, (uint8_t)head->scope);
	wire_u8(w, (uint8_t)head->kind);
	wire_u8(w, (uint8_t)head->state);
	wire_text8(w, slice_str(head->ecosystem));
	wire_text(w, head->name);
	wire_text(w, head->version);
	wire_text(w, head->root);
}

static bool get_record(struct cursor *c, struct record *ret)
{
	*ret = (struct record){.scope = cursor_u8(c)};
	ret->kind = cursor_u8(c);
	ret->state = cursor_u8(c);
	ret->ecosystem = ecosystem_by_name(wire_get_text8(c));
	ret->name = wire_get_text(c, RECORD_NAME_MAX);
	ret->version = wire_get_text(c, RECORD_NAME_MAX);
	ret->root = wire_get_text(c, CLAIM_VALUE_MAX);
	return ret->scope < SCOPE_COUNT && ret->kind < ARTICLE_KIND_COUNT &&
	       ret->state < STATE_COUNT && ret->ecosystem;
}

void wire_put_claim(struct wire *w, uint32_t item, const struct claim *claim)
{
	wire_u8(w, WIRE_CLAIM);
	wire_u32(w, item);
	wire_u16(w, (uint16_t)claim->attr);
	wire_u8(w, claim->verified);
	wire_u64(w, claim->offset);
	wire_u64(w, claim->length);
	wire_text(w, claim->value);
	wire_text(w, claim->member);
}

static bool get_claim(struct cursor *c, struct claim *ret)
{
	*ret = (struct claim){.attr = cursor_u16le(c)};
	uint8_t verified = cursor_u8(c);
	ret->verified = verified;
	ret->offset = cursor_u64le(c);
	ret->length = cursor_u64le(c);
	ret->value = wire_get_text(c, CLAIM_VALUE_MAX);
	ret->member = wire_get_text(c, CLAIM_VALUE_MAX);
	return ret->attr < ATTR_COUNT && verified <= 1;
}

void wire_put_end(struct wire *w, uint32_t item)
{
	wire_u8(w, WIRE_END);
	wire_u32(w, item);
}

enum { DONE_PROGRAM = 1, DONE_SEARCHED = 2 };

void wire_put_done(struct wire *w, uint32_t item, const struct jail_done *done)
{
	wire_u8(w, WIRE_DONE);
	wire_u32(w, item);
	wire_u64(w, done->bytes);
	wire_u64(w, done->extractors);
	wire_u8(w, (uint8_t)((done->program ? DONE_PROGRAM : 0) |
	                     (done->searched ? DONE_SEARCHED : 0)));
}

static bool get_done(struct cursor *c, struct jail_done *ret)
{
	ret->bytes = cursor_u64le(c);
	ret->extractors = cursor_u64le(c);
	uint8_t flags = cursor_u8(c);
	ret->program = flags & DONE_PROGRAM;
	ret->searched = flags & DONE_SEARCHED;
	return flags <= (DONE_PROGRAM | DONE_SEARCHED);
}

static bool get_owned(struct cursor *c, struct wire_reply *ret)
{
	ret->n_hashes = cursor_u16le(c);
	if (ret->n_hashes > WIRE_OWNED_MAX)
		return false;
	for (size_t i = 0; i < ret->n_hashes; i++)
		ret->hashes[i] = cursor_u64le(c);
	return true;
}

static bool get_body(struct cursor *c, const struct pack *pack,
                     struct wire_reply *ret)
{
	switch (ret->type) {
	case WIRE_HIT:
		return get_hit(c, pack, &ret->hit);
	case WIRE_PACKAGE:
		return get_package(c, &ret->package);
	case WIRE_OWNED:
		return get_owned(c, ret);
	case WIRE_OWNED_PATH:
		ret->text = wire_get_text(c, CLAIM_VALUE_MAX);
		return true;
	case WIRE_FOLDER:
		return get_folder(c, &ret->folder);
	case WIRE_UNREAD:
		ret->why = cursor_u8(c);
		ret->text = wire_get_text(c, CLAIM_VALUE_MAX);
		return ret->why > WHY_NONE && ret->why < WHY_COUNT;
	case WIRE_MENTION:
		ret->entity = cursor_u32le(c);
		ret->count = cursor_u32le(c);
		return !pack || ret->entity < pack->n_entities;
	case WIRE_RECORD:
		return get_record(c, &ret->record);
	case WIRE_CLAIM:
		return get_claim(c, &ret->claim);
	case WIRE_END:
		return true;
	case WIRE_DONE:
		return get_done(c, &ret->done);
	}
	return false;
}

bool wire_get_reply(struct cursor *c, const struct pack *pack,
                    struct wire_reply *ret)
{
	ret->type = cursor_u8(c);
	ret->item = cursor_u32le(c);
	return get_body(c, pack, ret) && !cursor_failed(c);
}

int wire_send(int fd, struct slice packet, const int *fds, size_t n_fds)
{
	union {
		char bytes[CMSG_SPACE(BATCH_ITEMS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {(void *)(uintptr_t)packet.p, packet.n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n_fds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, n_fds * sizeof(int));
	}
	while (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static size_t take_fds(struct msghdr *msg, int *fds, size_t max_fds)
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t have = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < have; i++) {
			int got;
			memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (n < max_fds)
				fds[n++] = got;
			else
				close(got);
		}
	}
	return n;
}

ptrdiff_t wire_receive(int fd, void *buf, size_t size, int *fds, size_t max_fds,
                       size_t *ret_fds)
{
	union {
		char bytes[CMSG_SPACE(BATCH_ITEMS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {buf, size};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	while ((n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC)) < 0)
		if (errno != EINTR)
			return -errno;
	size_t got = take_fds(&msg, fds, max_fds);
	if (ret_fds)
		*ret_fds = got;
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EMSGSIZE;
	return n;
}
