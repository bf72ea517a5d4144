/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "jail/jail.h"

struct batch *batch_new(void)
{
	struct batch *b = malloc(sizeof(*b));
	if (b)
		b->deep_bytes = b->n = b->text_n = 0;
	return b;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	for (uint32_t i = 0; i < b->n; i++)
		if (b->items[i].fd >= 0)
			(void)close(b->items[i].fd);
	free(b);
}

bool batch_has_room(const struct batch *b, size_t path_n)
{
	return b->n < BATCH_ITEMS_MAX && b->deep_bytes < BATCH_DEEP_BYTES &&
	       path_n <= sizeof(b->text) - b->text_n;
}

void batch_add(struct batch *b, const struct batch_item *item, struct slice path)
{
	assert(batch_has_room(b, path.n) && path.n <= ITEM_PATH_MAX);
	struct batch_item *mine = &b->items[b->n++];
	*mine = *item;
	mine->done = false;
	if (item->flags & ITEM_DEEP)
		b->deep_bytes += item->size;
	mine->path_at = b->text_n;
	mine->path_n = (uint32_t)path.n;
	memcpy(b->text + b->text_n, path.p, path.n);
	b->text_n += (uint32_t)path.n;
}
