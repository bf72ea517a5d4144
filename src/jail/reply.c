/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/reply.h"

#include <errno.h>

static void remember_package(struct reply_package *package,
                             const struct jail_package *p)
{
	uint8_t *text = package->text;

	package->there = true;
	package->is = *p;
	package->is.maker = (struct slice){0};
	if (p->name.n)
		memcpy(text, p->name.p, p->name.n);
	package->is.name = slice_of(text, p->name.n);
	if (p->version.n)
		memcpy(text + RECORD_NAME_MAX, p->version.p, p->version.n);
	package->is.version = slice_of(text + RECORD_NAME_MAX, p->version.n);
}

void reply_deliver(const struct jail_events *on, const struct jail_item *item,
                   const struct wire_reply *r, struct reply_package *package)
{
	switch (r->type) {
	case WIRE_HIT:
		on->hit(on->ctx, item, &r->hit);
		break;
	case WIRE_PACKAGE:
		remember_package(package, &r->package);
		on->package(on->ctx, item, &r->package);
		break;
	case WIRE_OWNED:
		on->owned(on->ctx, item, &package->is, r->hashes, r->n_hashes);
		break;
	case WIRE_OWNED_PATH:
		on->owned_path(on->ctx, item, &package->is, r->text);
		break;
	case WIRE_FOLDER:
		on->folder(on->ctx, item, &r->folder);
		break;
	case WIRE_UNREAD:
		on->unread(on->ctx, item, r->text, r->why);
		break;
	case WIRE_MENTION:
		on->mention(on->ctx, item, r->entity, r->count);
		break;
	case WIRE_RECORD:
	case WIRE_CLAIM:
	case WIRE_END:
	case WIRE_DONE:
		break;
	}
}

/* Those that depend on packs name marks and entities of other ones. */
static bool of_packs(enum wire_type type)
{
	return type == WIRE_HIT || type == WIRE_MENTION;
}

/* Large, and wanted once a thread at most: nothing here calls itself. */
static _Thread_local struct wire_reply kept;

int jail_replay(const struct jail_args *args, const struct jail_item *item,
                struct slice messages, bool again)
{
	struct cursor c = cursor_on(messages);
	struct reply_package package = {0};

	while (cursor_left(&c) > 0) {
		if (!wire_get_reply(&c, again ? NULL : args->pack, &kept) ||
		    kept.type == WIRE_DONE)
			return -EBADMSG;
		if ((kept.type == WIRE_OWNED || kept.type == WIRE_OWNED_PATH) &&
		    !package.there)
			return -EBADMSG;
		if (!again || !of_packs(kept.type))
			reply_deliver(&args->events, item, &kept, &package);
	}
	return 0;
}

bool jail_speaks_for_item(struct slice message)
{
	enum { SCOPE_AT = 5 }; /* behind type and number of the item */

	return message.n > SCOPE_AT && message.p[0] == WIRE_RECORD &&
	       message.p[SCOPE_AT] == SCOPE_ITEM;
}

void jail_strip(struct slice messages, struct str *out)
{
	struct cursor c = cursor_on(messages);

	while (cursor_left(&c) > 0) {
		const size_t from = c.at;
		if (!wire_get_reply(&c, NULL, &kept))
			return;
		if (!of_packs(kept.type))
			str_add(out, slice_of(messages.p + from, c.at - from));
	}
}

/* ---- records ----------------------------------------------------------- */

/* Claims are gathered in an array that is grown by copying, in an arena. */
static int add_claim(struct arena *mem, struct claim **claims, size_t *size,
                     size_t n, const struct claim *claim)
{
	if (n == *size) {
		size_t more = n ? n * 2 : 16;
		struct claim *grown = arena_alloc(mem, more * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		if (n)
			memcpy(grown, *claims, n * sizeof(*grown));
		*claims = grown;
		*size = more;
	}
	(*claims)[n] = *claim;
	return 0;
}

static int get_claims(struct cursor *c, struct arena *mem, struct record *ret)
{
	struct claim *claims = NULL;
	size_t size = 0, n = 0;

	for (;;) {
		if (!wire_get_reply(c, NULL, &kept))
			return -EBADMSG;
		if (kept.type == WIRE_END)
			break;
		if (kept.type != WIRE_CLAIM || n == JAIL_RECORD_CLAIMS_MAX)
			return -EBADMSG;
		int error = add_claim(mem, &claims, &size, n++, &kept.claim);
		if (error < 0)
			return error;
	}
	ret->claims = claims;
	ret->n_claims = n;
	return 1;
}

int jail_next_record(struct slice *messages, struct arena *mem,
                     struct record *ret)
{
	struct cursor c = cursor_on(*messages);
	int r = 0;

	while (cursor_left(&c) > 0 && r == 0) {
		if (!wire_get_reply(&c, NULL, &kept))
			return -EBADMSG;
		if (kept.type != WIRE_RECORD)
			continue;
		*ret = kept.record;
		r = get_claims(&c, mem, ret);
	}
	*messages = slice_from(*messages, c.at);
	return r;
}
