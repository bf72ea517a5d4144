/* SPDX-License-Identifier: Apache-2.0 */
#include "store/page.h"

#include <errno.h>

#include "store/members.h"
#include "store/numbers.h"

static const uint8_t form[] = {0x21};

int page_open(struct page *page, struct slice bytes)
{
	*page = (struct page){.c = cursor_on(bytes), .last = -1};
	return bytes.n == 0 || cursor_u8(&page->c) == form[0] ? 0 : -EUCLEAN;
}

int page_next(struct page *page, struct page_entry *ret)
{
	struct cursor *c = &page->c;

	if (cursor_left(c) == 0)
		return 0;
	ret->place = cursor_u8(c);
	ret->set = cursor_take(c, cursor_varint(c));
	if (cursor_failed(c) || ret->place >= PAGE_KEYS ||
	    (int)ret->place <= page->last || members_is_empty(ret->set))
		return -EUCLEAN;
	page->last = (int)ret->place;
	return 1;
}

int page_find(struct slice bytes, uint32_t place, struct slice *ret)
{
	struct page page;
	struct page_entry entry;
	int r = page_open(&page, bytes);

	*ret = slice_of(NULL, 0);
	if (r < 0)
		return r;
	while ((r = page_next(&page, &entry)) > 0 && entry.place <= place)
		if (entry.place == place)
			*ret = entry.set;
	return r < 0 ? r : 0;
}

void page_begin(struct str *out)
{
	str_clear(out);
	str_add(out, page_empty());
}

void page_put(struct str *out, uint32_t place, struct slice set)
{
	if (members_is_empty(set))
		return;
	str_putc(out, (char)place);
	put_varint(out, set.n);
	str_add(out, set);
}

struct slice page_empty(void)
{
	return slice_of(form, sizeof(form));
}
