/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/input.h"

#include <errno.h>
#include <unistd.h>

struct input input_of_memory(struct slice bytes)
{
	return (struct input){
		.fd = -1,
		.memory = bytes,
		.size = bytes.n,
		.head = slice_first(bytes, INPUT_HEAD_MAX),
	};
}

static size_t copy_from(struct slice s, uint64_t offset, void *buf, size_t n)
{
	if (offset >= s.n)
		return 0;
	struct slice part = slice_first(slice_from(s, (size_t)offset), n);
	memcpy(buf, part.p, part.n);
	return part.n;
}

ptrdiff_t input_read(struct input *in, uint64_t offset, void *buf, size_t n)
{
	size_t done = 0;

	if (in->fd < 0)
		return (ptrdiff_t)copy_from(in->memory, offset, buf, n);
	if (offset > INT64_MAX - n)
		return 0;
	while (done < n) {
		ssize_t got = pread(in->fd, (uint8_t *)buf + done, n - done,
		                    (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	in->read_bytes += done;
	return (ptrdiff_t)done;
}

int input_get_some(struct input *in, uint64_t offset, size_t n,
                   struct arena *mem, struct slice *ret)
{
	if (offset >= in->size) {
		*ret = (struct slice){in->head.p, 0};
		return 0;
	}
	if (n > in->size - offset)
		n = (size_t)(in->size - offset);
	struct slice held = in->fd < 0 ? in->memory : in->head;
	if (offset <= held.n && n <= held.n - offset) {
		*ret = slice_of(held.p + offset, n);
		return 0;
	}
	uint8_t *buf = arena_alloc(mem, n);
	if (!buf)
		return -ENOMEM;
	ptrdiff_t got = input_read(in, offset, buf, n);
	if (got < 0)
		return (int)got;
	*ret = slice_of(buf, (size_t)got);
	return 0;
}

int input_get(struct input *in, uint64_t offset, size_t n, struct arena *mem,
              struct slice *ret)
{
	struct slice some;

	if (offset > in->size || n > in->size - offset)
		return -ERANGE;
	int r = input_get_some(in, offset, n, mem, &some);
	if (r < 0)
		return r;
	if (some.n < n)
		return -ERANGE;
	*ret = some;
	return 0;
}

int input_get_all(struct input *in, size_t most, struct arena *mem,
                  struct slice *ret)
{
	if (in->size > most)
		return -EFBIG;
	return input_get_some(in, 0, (size_t)in->size, mem, ret);
}

int lines_init(struct lines *l, struct input *in, struct arena *mem,
               size_t window_size)
{
	*l = (struct lines){
		.in = in,
		.window = arena_alloc(mem, window_size),
		.window_size = window_size,
	};
	return l->window ? 0 : -ENOMEM;
}

/* Moves what is left to the front and reads behind it; 0 at the end. */
static ptrdiff_t refill(struct lines *l)
{
	size_t left = l->have - l->at;

	memmove(l->window, l->window + l->at, left);
	l->offset += l->at;
	l->at = 0;
	l->have = left;
	ptrdiff_t got = input_read(l->in, l->offset + left, l->window + left,
	                           l->window_size - left);
	if (got > 0)
		l->have += (size_t)got;
	return got;
}

static int skip_rest_of_line(struct lines *l)
{
	for (;;) {
		struct slice rest = slice_of(l->window + l->at, l->have - l->at);
		size_t n = slice_find_byte(rest, '\n');
		if (n < rest.n) {
			l->at += n + 1;
			return 0;
		}
		l->at = l->have;
		ptrdiff_t got = refill(l);
		if (got <= 0)
			return (int)got;
	}
}

static void hand_out(struct lines *l, struct slice line, struct slice *ret_line,
                     uint64_t *ret_offset)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	*ret_line = line;
	*ret_offset = l->offset + l->at;
}

/*
 * A line that fills the window is handed out from a window that the rest of
 * the line must not overwrite: so the rest is skipped at the next call.
 */
int lines_next(struct lines *l, struct slice *ret_line, uint64_t *ret_offset)
{
	if (l->in_long_line) {
		l->in_long_line = false;
		int r = skip_rest_of_line(l);
		if (r < 0)
			return r;
	}
	for (;;) {
		struct slice rest = slice_of(l->window + l->at, l->have - l->at);
		size_t n = slice_find_byte(rest, '\n');
		if (n < rest.n) {
			hand_out(l, slice_first(rest, n), ret_line, ret_offset);
			l->at += n + 1;
			return 1;
		}
		if (rest.n == l->window_size) {
			hand_out(l, rest, ret_line, ret_offset);
			l->at = l->have;
			l->cut++;
			l->in_long_line = true;
			return 1;
		}
		ptrdiff_t got = refill(l);
		if (got < 0)
			return (int)got;
		if (got > 0)
			continue;
		rest = slice_of(l->window + l->at, l->have - l->at);
		if (rest.n == 0)
			return 0;
		hand_out(l, rest, ret_line, ret_offset);
		l->at = l->have;
		return 1;
	}
}
