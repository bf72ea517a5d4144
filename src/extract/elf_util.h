/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF as extractors read it: 32 and 64 bit, both byte orders, a few small
 * reads. The header and the two tables are checked when it is opened; what
 * the tables point at is checked when it is asked for.
 *
 * Functions return 0, or a negative errno value as `extractor.run` does.
 */
#ifndef EXTRACT_ELF_UTIL_H
#define EXTRACT_ELF_UTIL_H

#include "base/cursor.h"
#include "extract/values_util.h"
#include "extract/window_util.h"

enum { ELF_TYPE_REL = 1, ELF_TYPE_EXEC = 2, ELF_TYPE_DYN = 3, ELF_TYPE_CORE = 4 };

enum { ELF_PT_LOAD = 1, ELF_PT_DYNAMIC = 2, ELF_PT_NOTE = 4, ELF_PF_W = 2 };

enum { ELF_SHT_NOTE = 7, ELF_SHT_NOBITS = 8, ELF_SHT_DYNSYM = 11 };

struct elf {
	struct extraction *x;
	struct window file;
	bool open; /* the header was understood */
	bool is64, big;
	uint16_t type;
	struct slice segments, sections; /* the tables, entry after entry */
	unsigned n_segments, n_sections;
	size_t segment_size, section_size; /* bytes of one entry */
	struct slice names;                /* of sections */
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, addr, size; /* size in the file */
};

struct elf_section {
	struct slice name;
	uint32_t type, link;
	uint64_t flags, addr, offset, size;
};

/* Reads the header and both tables. After a failure `open` says whether the
 * rest can be used: a table that could not be read is empty then. */
int elf_open(struct elf *e, struct extraction *x);

/* Numbers in the file's byte order; a word is as wide as an address. */
uint16_t elf_u16(const struct elf *e, struct cursor *c);
uint32_t elf_u32(const struct elf *e, struct cursor *c);
uint64_t elf_u64(const struct elf *e, struct cursor *c);
uint64_t elf_word(const struct elf *e, struct cursor *c);

/* Entry i, which must be below n_segments or n_sections. */
struct elf_segment elf_segment(const struct elf *e, unsigned i);
struct elf_section elf_section(const struct elf *e, unsigned i);

/* The first section of that name; false when there is none. */
bool elf_section_named(const struct elf *e, struct slice name,
                       struct elf_section *ret);

/* A section's bytes; empty when it has none in the file, -EFBIG when it has
 * more than `most`. */
int elf_section_bytes(struct elf *e, const struct elf_section *s, size_t most,
                      struct slice *ret);

/* Where a loaded address stands in the file; false when it does not. *ret_room
 * (may be NULL) is how many bytes of its segment the file has from there. */
bool elf_file_offset(const struct elf *e, uint64_t addr, uint64_t *ret_offset,
                     uint64_t *ret_room);

/* Each part of a file is read even when another one is broken; the first
 * error stays. */
static inline int elf_first_error(int before, int now)
{
	return before < 0 ? before : now;
}

/* GO_MODULE claims from the build information of a Go program; the main
 * module's version becomes the record's. */
int elf_go(struct elf *e, const struct record *head);

/* RUST_CRATE claims from the audit section of a Rust program; the root
 * package's version becomes the record's. */
int elf_rust(struct elf *e, const struct record *head);

/* ELF_PACKAGE claims from the packaging note. */
int elf_package_note(struct elf *e);

/* PCI_VENDOR claims from the driver descriptions in a DPDK library. */
int elf_dpdk(struct elf *e);

#endif
