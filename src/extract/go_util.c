/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build information that the Go linker leaves in a program: which modules
 * it is made of. Programs since Go 1.18 carry it inline; older ones carry
 * addresses of two string headers.
 */
#include <errno.h>

#include "base/cursor.h"
#include "extract/go_util.h"
#include "extract/slide_util.h"

enum {
	GO_POINTER_SIZE_AT = 14,
	GO_POINTERS_AT = 16,
	GO_BIG_ENDIAN = 1,     /* flags */
	GO_INLINE = 2,
	GO_TEXT_MAX = 4 * 1024 * 1024,
	GO_VERSION_MAX = 1024,
	GO_SENTINEL = 16,      /* around the module text, so it can be found */
	GO_LINES_MAX = 20000,
	GO_SEARCH_STEP = 1024 * 1024,
};

size_t go_find(struct slice data)
{
	for (size_t at = 0; at + GO_HEADER <= data.n; at += GO_ALIGN)
		if (slice_starts(slice_from(data, at), SLICE(GO_MAGIC)))
			return at;
	return SIZE_MAX;
}

/* An inline string: a length and its bytes. Moves *at behind it. */
static int inline_string(const struct go_program *p, uint64_t *at, size_t most,
                         struct slice *ret, uint64_t *ret_offset)
{
	struct slice some;

	int r = input_get_some(p->x->in, *at, 10, p->x->mem, &some);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(some);
	uint64_t n = cursor_varint(&c);
	if (cursor_failed(&c))
		return -EBADMSG;
	if (n > most)
		return -EFBIG;
	*ret_offset = *at + c.at;
	*at = *ret_offset + n;
	return window_get(p->file, *ret_offset, (size_t)n, ret);
}

static uint64_t pointer(struct cursor *c, bool big, size_t size)
{
	if (size == 8)
		return big ? cursor_u64be(c) : cursor_u64le(c);
	return big ? cursor_u32be(c) : cursor_u32le(c);
}

/* The module text that the second of two string headers points at. */
static int pointed_string(const struct go_program *p, struct slice header, bool big,
                          struct slice *ret, uint64_t *ret_offset)
{
	size_t size = header.p[GO_POINTER_SIZE_AT];
	struct cursor c = cursor_on(header);
	uint64_t at, room;
	struct slice s;

	if (size != 4 && size != 8)
		return -EBADMSG;
	cursor_seek(&c, GO_POINTERS_AT + size);
	if (!p->place(p->image, pointer(&c, big, size), &at, &room))
		return -EBADMSG;
	int r = window_get(p->file, at, 2 * size, &s);
	if (r < 0)
		return r;
	c = cursor_on(s);
	uint64_t addr = pointer(&c, big, size), n = pointer(&c, big, size);
	if (n == 0) {
		*ret = SLICE("");
		return 0;
	}
	if (!p->place(p->image, addr, ret_offset, &room) || n > room)
		return -EBADMSG;
	if (n > GO_TEXT_MAX)
		return -EFBIG;
	return window_get(p->file, *ret_offset, (size_t)n, ret);
}

/* The text between the sentinels, and where it stands. */
static int module_text(const struct go_program *p, uint64_t at,
                       struct slice *ret, uint64_t *ret_offset)
{
	struct slice header, version;

	int r = window_get(p->file, at, GO_HEADER, &header);
	if (r < 0)
		return r;
	if (!slice_starts(header, SLICE(GO_MAGIC)))
		return -EBADMSG;
	uint8_t flags = header.p[GO_POINTER_SIZE_AT + 1];
	if (flags & GO_INLINE) {
		at += GO_HEADER;
		r = inline_string(p, &at, GO_VERSION_MAX, &version, ret_offset);
		if (r == 0)
			r = inline_string(p, &at, GO_TEXT_MAX, ret, ret_offset);
	} else {
		r = pointed_string(p, header, flags & GO_BIG_ENDIAN, ret,
		                   ret_offset);
	}
	if (r < 0 || ret->n <= 2 * GO_SENTINEL)
		return r;
	*ret = slice_of(ret->p + GO_SENTINEL, ret->n - 2 * GO_SENTINEL);
	*ret_offset += GO_SENTINEL;
	return 1;
}

/* The kinds of line that name a module or package path. */
static bool names_module(struct slice word)
{
	static const char *const words[] = {"path", "mod", "dep", "=>"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_eq(word, slice_str(words[i])))
			return true;
	return false;
}

static int claim_modules(const struct go_program *p, struct slice text,
                         uint64_t offset)
{
	struct value_set seen = value_set_on(p->x->mem);
	struct value_run run = value_run_on(p->x, p->head);
	struct slice line, word, path, version;
	const uint8_t *start = text.p;
	int r;

	for (unsigned n = 0; slice_line(&text, &line); n++) {
		if (n == GO_LINES_MAX)
			return -E2BIG;
		if (!slice_split(&line, '\t', &word) || !names_module(word) ||
		    !slice_split(&line, '\t', &path))
			continue;
		if (slice_eq(word, SLICE("mod")) &&
		    slice_split(&line, '\t', &version) &&
		    !slice_eq(version, SLICE("(devel)")))
			sink_version(p->x->out, run.head.version = version);
		r = value_set_add(&seen, ATTR_GO_MODULE, path);
		if (r < 0)
			return r;
		if (r > 0)
			value_run_add(&run, &(struct claim){
				.attr = ATTR_GO_MODULE,
				.value = path,
				.offset = offset + (size_t)(path.p - start),
				.length = path.n,
			});
	}
	return 0;
}

int go_modules(const struct go_program *p, uint64_t header_at)
{
	struct slice text = {0};
	uint64_t offset = 0;

	int r = module_text(p, header_at, &text, &offset);
	return r <= 0 ? r : claim_modules(p, text, offset);
}

/* What the linker puts before and after the module text. */
static const struct slice text_start = SLICE(
	"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6");
static const struct slice text_end = SLICE(
	"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2");

/* Where the start stands in [at, end); returns 1, 0, or an error. */
static int find_text(const struct go_program *p, uint64_t at, uint64_t end,
                     uint64_t *ret)
{
	struct slide slide;
	struct slice some;

	int r = slide_init(&slide, p->x->in, p->x->mem, GO_SEARCH_STEP);
	while (r == 0 && end - at >= GO_SENTINEL) {
		size_t n = end - at < GO_SEARCH_STEP ? (size_t)(end - at)
		                                     : GO_SEARCH_STEP;
		r = slide_get(&slide, at, n, &some);
		size_t found = r < 0 ? SIZE_MAX : slice_find(some, text_start);
		*ret = at + found;
		if (found != SIZE_MAX)
			return 1;
		at += n - (GO_SENTINEL - 1);
	}
	return r == -ERANGE ? -EBADMSG : r;
}

int go_modules_in(const struct go_program *p, uint64_t at, uint64_t n)
{
	struct slice text;

	if (n > GO_TEXT_SEARCH_MAX)
		n = GO_TEXT_SEARCH_MAX;
	int r = find_text(p, at, at + n, &at);
	if (r <= 0)
		return r;
	at += GO_SENTINEL;
	r = input_get_some(p->x->in, at, GO_TEXT_MAX, p->x->mem, &text);
	size_t end = r < 0 ? SIZE_MAX : slice_find(text, text_end);
	return end == SIZE_MAX ? r : claim_modules(p, slice_first(text, end), at);
}
