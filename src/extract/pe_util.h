/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows PE files as extractors read them. Opening reads the headers and the
 * section table; everything else is found through addresses (RVAs) that the
 * section table turns into places in the file.
 *
 * Functions return 0, or a negative errno value as `extractor.run` does.
 */
#ifndef EXTRACT_PE_UTIL_H
#define EXTRACT_PE_UTIL_H

#include "base/cursor.h"
#include "extract/values_util.h"
#include "extract/window_util.h"

/* Entries of the optional header's directory that are read. */
enum {
	PE_DIR_EXPORT = 0,
	PE_DIR_IMPORT = 1,
	PE_DIR_RESOURCE = 2,
	PE_DIR_CERTIFICATE = 4,
	PE_DIR_DELAY_IMPORT = 13,
	PE_DIR_CLI = 14,
	PE_DIR_COUNT = 16,
};

struct pe {
	struct extraction *x;
	struct window file;
	struct record head;    /* of the item's record, as it is known so far */
	bool imitation;        /* its DOS stub says that it only imitates */
	uint64_t image_base;   /* what addresses in memory count from */
	uint64_t checksum_at;  /* file offset of the checksum field */
	uint64_t directory_at; /* file offset of the directory */
	uint32_t headers_size, section_align;
	unsigned n_directories;
	struct {
		uint32_t rva, size;
	} directories[PE_DIR_COUNT]; /* zeros where the file has none */
	struct slice sections;       /* the table, entry after entry */
};

/* Returns 1 when it is a PE file, 0 when it is none (a DOS program, a text
 * that starts with the same two letters), or a negative errno value. */
int pe_open(struct pe *pe, struct extraction *x);

/* Where an address stands in the file; false when it does not. *ret_room (may
 * be NULL) is how many bytes its section has in the file from there. */
bool pe_file_offset(const struct pe *pe, uint32_t rva, uint64_t *ret_offset,
                    uint64_t *ret_room);

/* n bytes at an address, and their place in the file (may be NULL). */
int pe_get(struct pe *pe, uint64_t rva, size_t n, struct slice *ret,
           uint64_t *ret_offset);

/* The NUL-terminated string at an address, of at most `most` bytes. */
int pe_cstr(struct pe *pe, uint32_t rva, size_t most, struct slice *ret,
            uint64_t *ret_offset);

/* The bytes in the file of the first section of writable data. */
bool pe_writable(const struct pe *pe, uint64_t *ret_offset, size_t *ret_n);

/*
 * Claims of the version resources, in all their languages, each value once.
 * The record gets its name and version from the first.
 */
int pe_version(struct pe *pe);

/* DOTNET_ claims from the attributes of a .NET assembly. */
int pe_dotnet(struct pe *pe);

#endif
