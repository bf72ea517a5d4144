/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/pe_util.h"

#include <errno.h>

enum {
	DOS_HEADER = 64,
	DOS_NEW_HEADER_AT = 0x3c,
	COFF_HEADER = 4 + 20,     /* with "PE\0\0" */
	OPTIONAL_MAX = 4096,
	SECTION_SIZE = 40,
	SECTION_WRITE = 0x80000000,
	SECTIONS_MAX = 1024,
	MAGIC_PE32 = 0x10b,
	MAGIC_PE32_PLUS = 0x20b,
	READ_AHEAD = 8 * 1024,
	PAGE = 4096,
	RAW_ALIGN = 512, /* the loader rounds a section's place down to this */
};

bool pe_file_offset(const struct pe *pe, uint32_t rva, uint64_t *ret_offset,
                    uint64_t *ret_room)
{
	struct cursor c = cursor_on(pe->sections);
	uint64_t at = 0, room = 0;
	bool found = rva < pe->headers_size;

	if (found) {
		at = rva;
		room = pe->headers_size - rva;
	}
	while (!found && cursor_left(&c) >= SECTION_SIZE) {
		cursor_skip(&c, 8 + 4); /* name, size in memory */
		uint32_t addr = cursor_u32le(&c), size = cursor_u32le(&c);
		uint32_t raw = cursor_u32le(&c);
		cursor_skip(&c, SECTION_SIZE - 24);
		if (rva < addr || rva - addr >= size)
			continue;
		if (pe->section_align >= PAGE)
			raw -= raw % RAW_ALIGN;
		found = true;
		at = (uint64_t)raw + (rva - addr);
		room = size - (rva - addr);
	}
	if (!found || at > pe->x->in->size)
		return false;
	*ret_offset = at;
	if (ret_room)
		*ret_room = room;
	return true;
}

bool pe_writable(const struct pe *pe, uint64_t *ret_offset, size_t *ret_n)
{
	struct cursor c = cursor_on(pe->sections);

	while (cursor_left(&c) >= SECTION_SIZE) {
		cursor_skip(&c, 16);
		uint32_t n = cursor_u32le(&c), raw = cursor_u32le(&c);
		cursor_skip(&c, 12);
		if (!(cursor_u32le(&c) & SECTION_WRITE) || n == 0)
			continue;
		*ret_offset = raw;
		*ret_n = n;
		return true;
	}
	return false;
}

int pe_get(struct pe *pe, uint64_t rva, size_t n, struct slice *ret,
           uint64_t *ret_offset)
{
	uint64_t at, room;

	if (rva > UINT32_MAX ||
	    !pe_file_offset(pe, (uint32_t)rva, &at, &room) || n > room)
		return -EBADMSG;
	if (ret_offset)
		*ret_offset = at;
	return window_get(&pe->file, at, n, ret);
}

int pe_cstr(struct pe *pe, uint32_t rva, size_t most, struct slice *ret,
            uint64_t *ret_offset)
{
	uint64_t room;

	if (!pe_file_offset(pe, rva, ret_offset, &room))
		return -EBADMSG;
	return window_cstr(&pe->file, *ret_offset,
	                   room < most ? (size_t)room : most, ret);
}

/* The part of the optional header that differs between 32 and 64 bit is what
 * stands before the directory. */
static int read_optional(struct pe *pe, struct slice optional, uint64_t at)
{
	struct cursor c = cursor_on(optional);
	uint16_t magic = cursor_u16le(&c);

	if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)
		return -EBADMSG;
	cursor_seek(&c, magic == MAGIC_PE32 ? 28 : 24);
	pe->image_base = magic == MAGIC_PE32 ? cursor_u32le(&c)
	                                     : cursor_u64le(&c);
	pe->section_align = cursor_u32le(&c);
	cursor_seek(&c, 60);
	pe->headers_size = cursor_u32le(&c);
	pe->checksum_at = at + c.at;
	cursor_seek(&c, magic == MAGIC_PE32 ? 92 : 108);
	uint32_t n = cursor_u32le(&c);
	if (cursor_failed(&c))
		return -EBADMSG;
	pe->directory_at = at + c.at;
	for (unsigned i = 0; i < n && i < PE_DIR_COUNT; i++) {
		uint32_t rva = cursor_u32le(&c), size = cursor_u32le(&c);
		if (cursor_failed(&c))
			break;
		pe->directories[i].rva = rva;
		pe->directories[i].size = size;
		pe->n_directories = i + 1;
	}
	return 0;
}

/* Does the DOS stub say that the file stands in for one of Windows? */
static bool imitates(struct slice head)
{
	struct slice stub = slice_from(head, DOS_HEADER);

	return slice_starts(stub, SLICE("Wine builtin DLL")) ||
	       slice_starts(stub, SLICE("Wine placeholder DLL"));
}

/* A DOS program needs no second header; a file whose second header is cut off
 * shows itself by the usual words of its stub. */
static int no_header(struct slice head)
{
	return slice_find(head, SLICE("in DOS mode")) != SIZE_MAX ? -EBADMSG : 0;
}

int pe_open(struct pe *pe, struct extraction *x)
{
	struct slice dos = slice_first(x->in->head, DOS_HEADER), coff, optional;
	struct cursor c = cursor_on(dos);

	*pe = (struct pe){
		.x = x,
		.file = window_on(x, READ_AHEAD),
		.head = value_item_head(x->item),
		.imitation = imitates(x->in->head),
	};
	cursor_seek(&c, DOS_NEW_HEADER_AT);
	uint32_t at = cursor_u32le(&c);
	if (cursor_failed(&c))
		return 0;
	int r = window_get(&pe->file, at, COFF_HEADER, &coff);
	if (r == -EBADMSG)
		return no_header(x->in->head);
	if (r < 0)
		return r;
	if (!slice_starts(coff, SLICE("PE\0\0")))
		return slice_starts(coff, SLICE("NE")) ? -ENOTSUP : 0;
	c = cursor_on(coff);
	cursor_skip(&c, 6);
	size_t n_sections = cursor_u16le(&c);
	cursor_skip(&c, 12);
	size_t optional_n = cursor_u16le(&c);
	if (n_sections > SECTIONS_MAX || optional_n > OPTIONAL_MAX)
		return -EBADMSG;
	r = window_get(&pe->file, (uint64_t)at + COFF_HEADER, optional_n,
	               &optional);
	if (r == 0)
		r = read_optional(pe, optional, (uint64_t)at + COFF_HEADER);
	if (r == 0)
		r = window_get(&pe->file,
		               (uint64_t)at + COFF_HEADER + optional_n,
		               n_sections * SECTION_SIZE, &pe->sections);
	return r < 0 ? r : 1;
}
