/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/elf_util.h"

#include <errno.h>

enum {
	EI_CLASS_AT = 4,
	EI_DATA_AT = 5,
	EHDR_MAX = 64,
	SECTIONS_MAX = 65536,
	SEGMENTS_MAX = 4096,
	NAME_BYTES = 256, /* of a section's name; ours are short */
	SECTION_NAMES_MAX = 8 * 1024 * 1024,
	/* The section names, .comment and debug links of a stripped file stand
	 * right before the section table: one read gets them all. */
	BEFORE_TABLE = 1024,
	READ_AHEAD = 1024,
	NUMBER_ELSEWHERE = 0xffff, /* the real number is in section 0 */
};

uint16_t elf_u16(const struct elf *e, struct cursor *c)
{
	return e->big ? cursor_u16be(c) : cursor_u16le(c);
}

uint32_t elf_u32(const struct elf *e, struct cursor *c)
{
	return e->big ? cursor_u32be(c) : cursor_u32le(c);
}

uint64_t elf_u64(const struct elf *e, struct cursor *c)
{
	return e->big ? cursor_u64be(c) : cursor_u64le(c);
}

uint64_t elf_word(const struct elf *e, struct cursor *c)
{
	return e->is64 ? elf_u64(e, c) : elf_u32(e, c);
}

struct elf_segment elf_segment(const struct elf *e, unsigned i)
{
	struct cursor c = cursor_on(slice_first(
		slice_from(e->segments, i * e->segment_size), e->segment_size));
	struct elf_segment s = {0};

	s.type = elf_u32(e, &c);
	if (e->is64)
		s.flags = elf_u32(e, &c);
	s.offset = elf_word(e, &c);
	s.addr = elf_word(e, &c);
	(void)elf_word(e, &c); /* physical address */
	s.size = elf_word(e, &c);
	(void)elf_word(e, &c); /* size in memory */
	if (!e->is64)
		s.flags = elf_u32(e, &c);
	return s;
}

static struct slice name_at(const struct elf *e, uint32_t at)
{
	struct slice rest = slice_first(slice_from(e->names, at), NAME_BYTES);

	return slice_first(rest, slice_find_byte(rest, 0));
}

struct elf_section elf_section(const struct elf *e, unsigned i)
{
	struct cursor c = cursor_on(slice_first(
		slice_from(e->sections, i * e->section_size), e->section_size));
	struct elf_section s = {0};

	s.name = name_at(e, elf_u32(e, &c));
	s.type = elf_u32(e, &c);
	s.flags = elf_word(e, &c);
	s.addr = elf_word(e, &c);
	s.offset = elf_word(e, &c);
	s.size = elf_word(e, &c);
	s.link = elf_u32(e, &c);
	return s;
}

/* Looks at the name alone: most sections are asked for and not there. */
static bool is_named(const struct elf *e, unsigned i, struct slice name)
{
	struct cursor c = cursor_on(slice_from(e->sections, i * e->section_size));
	struct slice rest = slice_from(e->names, elf_u32(e, &c));

	return slice_starts(rest, name) && rest.n > name.n && rest.p[name.n] == 0;
}

bool elf_section_named(const struct elf *e, struct slice name,
                       struct elf_section *ret)
{
	for (unsigned i = 0; i < e->n_sections; i++) {
		if (!is_named(e, i, name))
			continue;
		*ret = elf_section(e, i);
		return true;
	}
	return false;
}

int elf_section_bytes(struct elf *e, const struct elf_section *s, size_t most,
                      struct slice *ret)
{
	if (s->type == ELF_SHT_NOBITS || s->size == 0) {
		*ret = (struct slice){0};
		return 0;
	}
	if (s->size > most)
		return -EFBIG;
	return window_get(&e->file, s->offset, (size_t)s->size, ret);
}

bool elf_file_offset(const struct elf *e, uint64_t addr, uint64_t *ret_offset,
                     uint64_t *ret_room)
{
	for (unsigned i = 0; i < e->n_segments; i++) {
		struct elf_segment s = elf_segment(e, i);
		if (s.type != ELF_PT_LOAD || addr < s.addr ||
		    addr - s.addr >= s.size || s.offset > e->x->in->size)
			continue;
		*ret_offset = s.offset + (addr - s.addr);
		if (ret_room)
			*ret_room = s.size - (addr - s.addr);
		return *ret_offset >= s.offset;
	}
	return false;
}

/* The counts and places that the header names. */
struct header {
	uint64_t segments_at, sections_at;
	unsigned n_segments, n_sections, names_index;
};

static int read_header(struct elf *e, struct header *h)
{
	struct slice head = slice_first(e->x->in->head, EHDR_MAX);
	struct cursor c = cursor_on(head);

	cursor_skip(&c, EI_CLASS_AT);
	uint8_t class = cursor_u8(&c), data = cursor_u8(&c);
	if (class < 1 || class > 2 || data < 1 || data > 2)
		return -EBADMSG;
	e->is64 = class == 2;
	e->big = data == 2;
	cursor_seek(&c, 16);
	e->type = elf_u16(e, &c);
	cursor_skip(&c, 2 + 4);
	(void)elf_word(e, &c); /* entry point */
	h->segments_at = elf_word(e, &c);
	h->sections_at = elf_word(e, &c);
	cursor_skip(&c, 4 + 2);
	e->segment_size = elf_u16(e, &c);
	h->n_segments = elf_u16(e, &c);
	e->section_size = elf_u16(e, &c);
	h->n_sections = elf_u16(e, &c);
	h->names_index = elf_u16(e, &c);
	return cursor_failed(&c) ? -EBADMSG : 0;
}

/* Numbers too large for the header stand in section 0. */
static int read_section_zero(struct elf *e, struct header *h)
{
	int r = window_get(&e->file, h->sections_at, e->section_size,
	                   &e->sections);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(e->sections);
	struct elf_section zero = elf_section(e, 0);
	cursor_seek(&c, e->is64 ? 44 : 28);
	uint32_t info = elf_u32(e, &c);
	if (h->n_sections == 0)
		h->n_sections = zero.size > SECTIONS_MAX ? SECTIONS_MAX + 1
		                                         : (unsigned)zero.size;
	if (h->names_index == NUMBER_ELSEWHERE)
		h->names_index = zero.link;
	if (h->n_segments == NUMBER_ELSEWHERE)
		h->n_segments = info;
	return 0;
}

static int read_names(struct elf *e, unsigned index)
{
	if (index == 0)
		return 0;
	if (index >= e->n_sections)
		return -EBADMSG;
	struct elf_section s = elf_section(e, index);
	return elf_section_bytes(e, &s, SECTION_NAMES_MAX, &e->names);
}

static int read_sections(struct elf *e, struct header *h)
{
	if (h->sections_at == 0)
		return 0;
	if (e->section_size < (e->is64 ? 64 : 40))
		return h->n_sections ? -EBADMSG : 0;
	if (h->n_sections == 0 || h->names_index == NUMBER_ELSEWHERE ||
	    h->n_segments == NUMBER_ELSEWHERE) {
		int r = read_section_zero(e, h);
		if (r < 0)
			return r;
	}
	if (h->n_sections > SECTIONS_MAX)
		return -E2BIG;
	size_t n = h->n_sections * e->section_size;
	uint64_t before = h->sections_at < BEFORE_TABLE ? h->sections_at
	                                                : BEFORE_TABLE;
	struct slice tail;
	int r = window_get(&e->file, h->sections_at - before,
	                   (size_t)before + n, &tail);
	if (r < 0)
		return r;
	e->sections = slice_from(tail, (size_t)before);
	e->n_sections = h->n_sections;
	return read_names(e, h->names_index);
}

static int read_segments(struct elf *e, const struct header *h)
{
	if (h->segments_at == 0 || h->n_segments == 0)
		return 0;
	if (e->segment_size < (e->is64 ? 56 : 32))
		return -EBADMSG;
	if (h->n_segments > SEGMENTS_MAX && e->type == ELF_TYPE_CORE)
		return 0; /* a memory dump, whose segments are not read */
	if (h->n_segments > SEGMENTS_MAX)
		return -E2BIG;
	int r = window_get(&e->file, h->segments_at,
	                   h->n_segments * e->segment_size, &e->segments);
	if (r == 0)
		e->n_segments = h->n_segments;
	return r;
}

int elf_open(struct elf *e, struct extraction *x)
{
	struct header h = {0};

	*e = (struct elf){
		.x = x,
		.file = window_on(x, READ_AHEAD),
		.names = SLICE(""),
	};
	int r = read_header(e, &h);
	if (r < 0)
		return r;
	e->open = true;
	r = read_sections(e, &h);
	int s = read_segments(e, &h);
	return r < 0 ? r : s;
}
