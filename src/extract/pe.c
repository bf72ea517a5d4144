/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows programs and libraries: what they say about their maker, what they
 * offer and need, and who signed them.
 *
 * Some free rewrites of Windows libraries must carry the version resource of
 * what they replace, and say in their DOS stub that they are replacements.
 * Their CompanyName is claimed as pe.compatible, and their product,
 * description, copyright and trademarks are not claimed at all.
 */
#include <errno.h>

#include "extract/authenticode_util.h"
#include "extract/go_util.h"
#include "extract/pe_util.h"

enum {
	NAME_BYTES_MAX = 1024,   /* of one DLL or function */
	IMPORTS_MAX = 256,
	EXPORTS_MAX = 65536,
	IMPORT_SIZE = 20,
	DELAY_IMPORT_SIZE = 32,
	DELAY_IMPORT_BY_RVA = 1, /* older ones hold addresses in memory */
	EXPORT_SIZE = 40,
};

static int first_error(int before, int now)
{
	return before < 0 ? before : now;
}

/* Names of needed DLLs: a row of descriptors, ended by an empty one. */
static int read_imports(struct pe *pe, unsigned dir, size_t size,
                        size_t name_at, struct value_set *seen)
{
	uint32_t rva = pe->directories[dir].rva;
	struct slice entry, name;
	uint64_t at;

	for (unsigned i = 0; rva != 0; i++, rva += (uint32_t)size) {
		if (i == IMPORTS_MAX)
			return -E2BIG;
		int r = pe_get(pe, rva, size, &entry, NULL);
		if (r < 0)
			return r;
		struct cursor c = cursor_on(entry);
		uint32_t flags = cursor_u32le(&c);
		cursor_seek(&c, name_at);
		uint32_t name_rva = cursor_u32le(&c);
		if (name_rva == 0)
			break;
		if (dir == PE_DIR_DELAY_IMPORT && !(flags & DELAY_IMPORT_BY_RVA))
			continue;
		r = pe_cstr(pe, name_rva, NAME_BYTES_MAX, &name, &at);
		if (r < 0)
			return r;
		r = value_set_add(seen, ATTR_PE_IMPORT, name);
		if (r > 0)
			sink_text(pe->x->out, ATTR_PE_IMPORT, name, at);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Names of functions, by the thousand: only when every byte was asked for. */
static int read_export_names(struct pe *pe, uint32_t rva, uint32_t n)
{
	struct value_run run = value_run_on(pe->x, &pe->head);
	struct slice table, name;
	uint64_t at;

	if (n > EXPORTS_MAX)
		return -E2BIG;
	int r = pe_get(pe, rva, (size_t)n * 4, &table, NULL);
	struct cursor c = cursor_on(r < 0 ? (struct slice){0} : table);
	while (r == 0 && cursor_left(&c) > 0) {
		r = pe_cstr(pe, cursor_u32le(&c), NAME_BYTES_MAX, &name, &at);
		if (r == 0)
			value_run_add(&run, &(struct claim){
				.attr = ATTR_PE_EXPORT,
				.value = name,
				.offset = at,
				.length = name.n,
			});
	}
	return r;
}

static int read_exports(struct pe *pe)
{
	struct slice entry, name;
	uint64_t at;

	if (pe->directories[PE_DIR_EXPORT].rva == 0)
		return 0;
	int r = pe_get(pe, pe->directories[PE_DIR_EXPORT].rva, EXPORT_SIZE,
	               &entry, NULL);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(entry);
	cursor_skip(&c, 12);
	uint32_t name_rva = cursor_u32le(&c);
	cursor_skip(&c, 8);
	uint32_t n = cursor_u32le(&c);
	cursor_skip(&c, 4);
	uint32_t names_rva = cursor_u32le(&c);
	if (name_rva != 0) {
		r = pe_cstr(pe, name_rva, NAME_BYTES_MAX, &name, &at);
		if (r == 0)
			sink_text(pe->x->out, ATTR_PE_EXPORT, name, at);
	}
	if (pe->x->item->deep && n > 0)
		r = first_error(r, read_export_names(pe, names_rva, n));
	return r;
}

static bool place(const void *image, uint64_t addr, uint64_t *ret_offset,
                  uint64_t *ret_room)
{
	const struct pe *pe = image;

	return addr >= pe->image_base &&
	       addr - pe->image_base <= UINT32_MAX &&
	       pe_file_offset(pe, (uint32_t)(addr - pe->image_base), ret_offset,
	                      ret_room);
}

/* Go's linker puts its build information into the writable data. */
static int read_go(struct pe *pe)
{
	struct go_program program = {
		.x = pe->x,
		.file = &pe->file,
		.head = &pe->head,
		.place = place,
		.image = pe,
	};
	struct slice data;
	uint64_t at;
	size_t n;

	if (pe->imitation || !pe_writable(pe, &at, &n))
		return 0;
	int r = input_get_some(pe->x->in, at,
	                       n < GO_SEARCH_MAX ? n : GO_SEARCH_MAX,
	                       pe->x->mem, &data);
	size_t found = r < 0 ? SIZE_MAX : go_find(data);
	return found == SIZE_MAX ? r : go_modules(&program, at + found);
}

/* Each part is read even when another one is broken; the first error stays. */
static int pe_run(struct extraction *x)
{
	struct value_set seen = value_set_on(x->mem);
	struct pe pe;

	int r = pe_open(&pe, x);
	if (r <= 0)
		return r;
	sink_record(x->out, &pe.head);
	r = pe_version(&pe);
	r = first_error(r, pe_dotnet(&pe));
	r = first_error(r, authenticode_read(&pe));
	r = first_error(r, read_imports(&pe, PE_DIR_IMPORT, IMPORT_SIZE, 12,
	                                &seen));
	r = first_error(r, read_imports(&pe, PE_DIR_DELAY_IMPORT,
	                                DELAY_IMPORT_SIZE, 4, &seen));
	r = first_error(r, read_exports(&pe));
	return first_error(r, read_go(&pe));
}

const struct extractor extract_pe = {
	.name = "pe",
	.version = 1,
	.probes = {{MAGIC("MZ")}},
	.run = pe_run,
};
