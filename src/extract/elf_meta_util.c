/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What builders leave in ELF files: where Go's build information is, and as
 * JSON the audit section of Rust programs, the packaging note of
 * distributions, DPDK's driver descriptions.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <zlib.h>

#include "base/str.h"
#include "extract/elf_util.h"
#include "extract/go_util.h"

#define PMD_PREFIX "PMD_INFO_STRING= "

enum {
	AUDIT_MAX = 1024 * 1024,          /* compressed */
	AUDIT_TEXT_MAX = 8 * 1024 * 1024, /* inflated */
	INFLATE_STEP = 64 * 1024,
	NOTES_MAX = 64 * 1024,            /* bytes of one segment or section */
	NOTE_PACKAGE = 0xcafe1a7e,
	RODATA_MAX = 16 * 1024 * 1024,
	PMD_TEXT_MAX = 64 * 1024,
	PMD_MAX = 256,
};

/* Where the header starts: its section, or without sections an aligned place
 * at the start of the first writable segment. Returns 1, 0, or an error. */
static int find_go(struct elf *e, uint64_t *ret)
{
	struct elf_section s;
	struct slice data;

	if (elf_section_named(e, SLICE(".go.buildinfo"), &s)) {
		*ret = s.offset;
		return s.type != ELF_SHT_NOBITS && s.size >= GO_HEADER;
	}
	for (unsigned i = 0; e->n_sections == 0 && i < e->n_segments; i++) {
		struct elf_segment g = elf_segment(e, i);
		if (g.type != ELF_PT_LOAD || !(g.flags & ELF_PF_W))
			continue;
		int r = input_get_some(e->x->in, g.offset,
		                       g.size < GO_SEARCH_MAX ? (size_t)g.size
		                                              : GO_SEARCH_MAX,
		                       e->x->mem, &data);
		if (r < 0)
			return r;
		size_t at = go_find(data);
		*ret = g.offset + at;
		return at != SIZE_MAX;
	}
	return 0;
}

static bool place(const void *image, uint64_t addr, uint64_t *ret_offset,
                  uint64_t *ret_room)
{
	return elf_file_offset(image, addr, ret_offset, ret_room);
}

int elf_go(struct elf *e, const struct record *head)
{
	uint64_t at;
	struct elf_section data;
	struct go_program program = {
		.x = e->x,
		.file = &e->file,
		.head = head,
		.place = place,
		.image = e,
	};

	int r = find_go(e, &at);
	if (r != 0)
		return r < 0 ? r : go_modules(&program, at);
	/* A builder may have taken the header out; the text remains. */
	if (elf_section_named(e, SLICE(".gopclntab"), &data) &&
	    elf_section_named(e, SLICE(".rodata"), &data) &&
	    data.type != ELF_SHT_NOBITS)
		return go_modules_in(&program, data.offset, data.size);
	return 0;
}

/* Inflates all of a zlib stream; -EBADMSG, -EFBIG or -ENOMEM. */
static int inflate_all(struct slice in, struct str *out)
{
	uint8_t step[INFLATE_STEP];
	z_stream z = {
		.next_in = (Bytef *)(uintptr_t)in.p,
		.avail_in = (uInt)in.n,
	};
	int r = inflateInit(&z) == Z_OK ? Z_OK : Z_MEM_ERROR;

	while (r == Z_OK) {
		z.next_out = step;
		z.avail_out = sizeof(step);
		r = inflate(&z, Z_NO_FLUSH);
		str_add(out, slice_of(step, sizeof(step) - z.avail_out));
		if (out->n > AUDIT_TEXT_MAX)
			break;
	}
	(void)inflateEnd(&z);
	if (r == Z_MEM_ERROR || str_failed(out))
		return -ENOMEM;
	if (out->n > AUDIT_TEXT_MAX)
		return -EFBIG;
	return r == Z_STREAM_END ? 0 : -EBADMSG;
}

static struct slice json_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return slice_of(json_string_value(value),
	                json_is_string(value) ? json_string_length(value) : 0);
}

static int claim_crates(struct elf *e, const json_t *doc,
                        const struct record *head,
                        const struct elf_section *from)
{
	struct value_set seen = value_set_on(e->x->mem);
	struct value_run run = value_run_on(e->x, head);
	const json_t *packages = json_object_get(doc, "packages");

	if (!json_is_array(packages))
		return -EBADMSG;
	for (size_t i = 0; i < json_array_size(packages); i++) {
		const json_t *package = json_array_get(packages, i);
		struct slice name = json_text(package, "name");
		if (json_is_true(json_object_get(package, "root")))
			sink_version(e->x->out, json_text(package, "version"));
		int r = value_set_add(&seen, ATTR_RUST_CRATE, name);
		if (r < 0)
			return r;
		if (r > 0 && name.n > 0)
			value_run_add(&run, &(struct claim){
				.attr = ATTR_RUST_CRATE,
				.value = name,
				.offset = from->offset,
				.length = from->size,
			});
	}
	return 0;
}

int elf_rust(struct elf *e, const struct record *head)
{
	struct elf_section s;
	struct slice packed;
	struct str text = {0};
	json_t *doc = NULL;

	if (!elf_section_named(e, SLICE(".dep-v0"), &s))
		return 0;
	int r = elf_section_bytes(e, &s, AUDIT_MAX, &packed);
	if (r < 0 || packed.n == 0)
		return r;
	r = inflate_all(packed, &text);
	if (r == 0) {
		doc = json_loadb(text.p, text.n, 0, NULL);
		r = doc ? claim_crates(e, doc, head, &s) : -EBADMSG;
	}
	json_decref(doc);
	str_finish(&text);
	return r;
}

/* Claims one field of the note; found again in the text it came from unless
 * it was written with escapes, when the whole text is the evidence. */
static void claim_field(struct elf *e, struct slice text, uint64_t offset,
                        struct slice value)
{
	size_t at = slice_find(text, value);

	sink_claim(e->x->out, &(struct claim){
		.attr = ATTR_ELF_PACKAGE,
		.value = value,
		.offset = at == SIZE_MAX ? offset : offset + at,
		.length = at == SIZE_MAX ? text.n : value.n,
	});
}

static int read_package(struct elf *e, struct slice text, uint64_t offset)
{
	static const char *const fields[] = {
		"name", "vendor", "maintainer", "type",
		"os",   "osCpe",  "appCpe",     "debugInfoUrl",
	};

	text = slice_first(text, slice_find_byte(text, 0));
	json_t *doc = json_loadb((const char *)text.p, text.n, 0, NULL);
	if (!json_is_object(doc)) {
		json_decref(doc);
		return -EBADMSG;
	}
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct slice value = json_text(doc, fields[i]);
		if (value.n > 0)
			claim_field(e, text, offset, value);
	}
	struct slice version = json_text(doc, "version");
	if (version.n > 0)
		sink_version(e->x->out, version);
	json_decref(doc);
	return 0;
}

/* Notes: three words, the owner's name and the content, both padded to 4. */
static int read_notes(struct elf *e, uint64_t offset, uint64_t size)
{
	struct slice notes;

	if (size > NOTES_MAX)
		return 0; /* debug annotations; a packaging note is small */
	int r = window_get(&e->file, offset, (size_t)size, &notes);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(notes);
	while (cursor_left(&c) > 0) {
		uint32_t name_n = elf_u32(e, &c), n = elf_u32(e, &c);
		uint32_t type = elf_u32(e, &c);
		struct slice name = cursor_take(&c, name_n);
		cursor_align(&c, 4);
		uint64_t at = offset + c.at;
		struct slice text = cursor_take(&c, n);
		if (cursor_failed(&c))
			return 0; /* other owners pad in other ways */
		if (type == NOTE_PACKAGE && slice_eq(name, SLICE("FDO\0")))
			return read_package(e, text, at);
		if (c.at % 4 && cursor_left(&c) >= 4 - c.at % 4)
			cursor_align(&c, 4);
		else if (c.at % 4)
			break;
	}
	return 0;
}

int elf_package_note(struct elf *e)
{
	struct elf_section s;

	if (elf_section_named(e, SLICE(".note.package"), &s))
		return s.type == ELF_SHT_NOBITS
		               ? 0
		               : read_notes(e, s.offset, s.size);
	for (unsigned i = 0; e->n_sections == 0 && i < e->n_segments; i++) {
		struct elf_segment g = elf_segment(e, i);
		if (g.type != ELF_PT_NOTE || g.size == 0)
			continue;
		int r = read_notes(e, g.offset, g.size);
		if (r < 0)
			return r;
	}
	return 0;
}

static int claim_pci_ids(struct elf *e, const json_t *doc, uint64_t offset,
                         size_t n, struct value_set *seen)
{
	const json_t *ids = json_object_get(doc, "pci_ids");

	for (size_t i = 0; i < json_array_size(ids); i++) {
		json_int_t vendor = json_integer_value(
			json_array_get(json_array_get(ids, i), 0));
		if (vendor <= 0 || vendor >= 0xffff) /* ffff: any vendor */
			continue;
		const char *hex = arena_printf(e->x->mem, "%04x",
		                               (unsigned)vendor);
		if (!hex)
			return -ENOMEM;
		struct slice value = slice_str(hex);
		int r = value_set_add(seen, ATTR_PCI_VENDOR, value);
		if (r < 0)
			return r;
		if (r > 0)
			sink_claim(e->x->out, &(struct claim){
				.attr = ATTR_PCI_VENDOR,
				.value = value,
				.offset = offset,
				.length = n,
			});
	}
	return 0;
}

static int read_pmd(struct elf *e, struct slice text, uint64_t offset,
                    struct value_set *seen)
{
	json_t *doc = json_loadb((const char *)text.p, text.n, 0, NULL);
	if (!doc)
		return -EBADMSG;
	int r = claim_pci_ids(e, doc, offset, text.n, seen);
	json_decref(doc);
	return r;
}

int elf_dpdk(struct elf *e)
{
	struct value_set seen = value_set_on(e->x->mem);
	struct elf_section s;
	struct slice data;
	size_t at = 0;

	if (!elf_section_named(e, SLICE(".rodata"), &s))
		return 0;
	int r = elf_section_bytes(e, &s, RODATA_MAX, &data);
	for (unsigned i = 0; r == 0; i++) {
		struct slice rest = slice_from(data, at);
		size_t found = slice_find(rest, SLICE(PMD_PREFIX));
		if (found == SIZE_MAX)
			break;
		if (i == PMD_MAX)
			return -E2BIG;
		at += found + sizeof(PMD_PREFIX) - 1;
		struct slice text = slice_first(slice_from(data, at),
		                                PMD_TEXT_MAX);
		text = slice_first(text, slice_find_byte(text, 0));
		r = read_pmd(e, text, s.offset + at, &seen);
	}
	return r;
}
