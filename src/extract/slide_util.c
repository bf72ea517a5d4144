/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/slide_util.h"

#include <errno.h>

int slide_init(struct slide *s, struct input *in, struct arena *mem,
               size_t size)
{
	*s = (struct slide){
		.in = in,
		.buf = arena_alloc(mem, size),
		.size = size,
	};
	return s->buf ? 0 : -ENOMEM;
}

int slide_get(struct slide *s, uint64_t offset, size_t n, struct slice *ret)
{
	if (n > s->size)
		return -EFBIG;
	if (offset < s->at || offset - s->at > s->have ||
	    n > s->have - (offset - s->at)) {
		ptrdiff_t got = input_read(s->in, offset, s->buf, s->size);
		if (got < 0) {
			s->have = 0;
			return (int)got;
		}
		s->at = offset;
		s->have = (size_t)got;
	}
	if (n > s->have - (offset - s->at))
		return -ERANGE;
	*ret = slice_of(s->buf + (offset - s->at), n);
	return 0;
}
