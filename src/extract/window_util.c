/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/window_util.h"

#include <errno.h>

static bool holds(const struct window *w, uint64_t offset, size_t n)
{
	return offset >= w->at && offset - w->at <= w->have.n &&
	       n <= w->have.n - (offset - w->at);
}

/* Makes the window start at `offset` with at least n bytes, or what is left. */
static int move(struct window *w, uint64_t offset, size_t n)
{
	struct slice s;

	int r = input_get_some(w->in, offset, n > w->ahead ? n : w->ahead,
	                       w->mem, &s);
	if (r < 0)
		return r;
	w->at = offset;
	w->have = s;
	return 0;
}

int window_get(struct window *w, uint64_t offset, size_t n, struct slice *ret)
{
	if (offset > w->in->size || n > w->in->size - offset)
		return -EBADMSG;
	if (offset <= w->in->head.n && n <= w->in->head.n - offset) {
		*ret = slice_of(w->in->head.p + offset, n);
		return 0;
	}
	if (!holds(w, offset, n)) {
		int r = move(w, offset, n);
		if (r < 0)
			return r;
	}
	if (!holds(w, offset, n))
		return -EBADMSG;
	*ret = slice_of(w->have.p + (offset - w->at), n);
	return 0;
}

static bool find_nul(struct slice s, size_t most, struct slice *ret)
{
	s = slice_first(s, most);
	size_t n = slice_find_byte(s, 0);
	if (n == s.n)
		return false;
	*ret = slice_first(s, n);
	return true;
}

int window_cstr(struct window *w, uint64_t offset, size_t most,
                struct slice *ret)
{
	if (offset >= w->in->size)
		return -EBADMSG;
	if (offset < w->in->head.n &&
	    find_nul(slice_from(w->in->head, (size_t)offset), most, ret))
		return 0;
	if (holds(w, offset, 1) &&
	    find_nul(slice_from(w->have, (size_t)(offset - w->at)), most, ret))
		return 0;
	int r = move(w, offset, w->ahead);
	if (r < 0)
		return r;
	if (find_nul(w->have, most, ret))
		return 0;
	if (most <= w->ahead)
		return -EBADMSG;
	r = move(w, offset, most);
	if (r < 0)
		return r;
	return find_nul(w->have, most, ret) ? 0 : -EBADMSG;
}
