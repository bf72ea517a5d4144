/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF programs, libraries, objects and kernel modules: what they call
 * themselves, what they need, who built them and out of what.
 *
 * A machine has tens of thousands of these, so the common case costs three
 * or four small reads behind the head: the section table with what stands
 * right before it, the dynamic section, and the neighbourhood of its strings.
 */
#include <errno.h>

#include "extract/elf_util.h"
#include "extract/kmod_util.h"

enum {
	DYNAMIC_MAX = 128 * 1024, /* bytes of the dynamic section */
	NEEDED_MAX = 1024,
	STRING_MAX = 4096,        /* bytes of one name */
	COMMENT_MAX = 64 * 1024,
	COMMENTS_MAX = 64,        /* distinct strings */
	SYMBOLS_MAX = 12 * 1024 * 1024, /* bytes of the symbol table */
	SYMBOL_NAMES_MAX = 24 * 1024 * 1024,
};

enum { DT_NULL, DT_NEEDED, DT_STRTAB = 5, DT_STRSZ = 10, DT_SONAME = 14,
       DT_RPATH = 15, DT_RUNPATH = 29 };

struct strings {
	uint64_t at, size; /* in the file */
};

/* The dynamic section as a table of (tag, value); empty when there is none.
 * A file of debug information keeps the segment's entry and not its bytes. */
static int dynamic_table(struct elf *e, struct slice *ret)
{
	struct elf_section s;

	*ret = (struct slice){0};
	if (elf_section_named(e, SLICE(".dynamic"), &s) &&
	    s.type == ELF_SHT_NOBITS)
		return 0;
	for (unsigned i = 0; i < e->n_segments; i++) {
		struct elf_segment g = elf_segment(e, i);
		if (g.type != ELF_PT_DYNAMIC || g.size == 0)
			continue;
		if (g.size > DYNAMIC_MAX)
			return -EFBIG;
		return window_get(&e->file, g.offset, (size_t)g.size, ret);
	}
	return 0;
}

static bool next_dynamic(const struct elf *e, struct cursor *c, uint64_t *tag,
                         uint64_t *value)
{
	*tag = elf_word(e, c);
	*value = elf_word(e, c);
	return !cursor_failed(c) && *tag != DT_NULL;
}

/* The string table that the dynamic section names, as a place in the file. */
static int find_strings(const struct elf *e, struct slice table,
                        struct strings *ret)
{
	struct cursor c = cursor_on(table);
	uint64_t tag, value, addr = 0, size = 0, room;

	while (next_dynamic(e, &c, &tag, &value)) {
		if (tag == DT_STRTAB)
			addr = value;
		else if (tag == DT_STRSZ)
			size = value;
	}
	if (!elf_file_offset(e, addr, &ret->at, &room))
		return -EBADMSG;
	ret->size = size < room ? size : room;
	return 0;
}

static int get_string(struct elf *e, const struct strings *s, uint64_t at,
                      struct slice *ret)
{
	if (at >= s->size)
		return -EBADMSG;
	uint64_t left = s->size - at;
	return window_cstr(&e->file, s->at + at,
	                   left < STRING_MAX ? (size_t)left : STRING_MAX, ret);
}

/* "libfoo.so.1.2" gives "libfoo"; other names stay as they are. */
static struct slice stem(struct slice soname)
{
	size_t n = slice_find(soname, SLICE(".so"));

	return n == SIZE_MAX || n == 0 ? soname : slice_first(soname, n);
}

struct dynamic_facts {
	unsigned needed;
	bool dpdk; /* something in it is a DPDK library */
	struct slice soname;
};

static const struct {
	uint64_t tag;
	enum attr attr;
} dynamic_attrs[] = {
	{DT_NEEDED, ATTR_ELF_NEEDED},
	{DT_SONAME, ATTR_ELF_SONAME},
	{DT_RPATH, ATTR_ELF_RUNPATH},
	{DT_RUNPATH, ATTR_ELF_RUNPATH},
};

static int claim_dynamic(struct elf *e, const struct strings *s, uint64_t tag,
                         uint64_t value, struct dynamic_facts *facts)
{
	struct slice text;

	for (size_t i = 0; i < COUNT_OF(dynamic_attrs); i++) {
		if (dynamic_attrs[i].tag != tag)
			continue;
		if (tag == DT_NEEDED && facts->needed++ == NEEDED_MAX)
			return -E2BIG;
		int r = get_string(e, s, value, &text);
		if (r < 0)
			return r;
		sink_text(e->x->out, dynamic_attrs[i].attr, text, s->at + value);
		if (tag == DT_SONAME)
			facts->soname = text;
		if (tag != DT_RPATH && tag != DT_RUNPATH &&
		    slice_starts(text, SLICE("librte_")))
			facts->dpdk = true;
	}
	return 0;
}

static int read_dynamic(struct elf *e, struct dynamic_facts *facts)
{
	struct slice table;
	struct strings strings;
	uint64_t tag, value;

	int r = dynamic_table(e, &table);
	if (r < 0 || table.n == 0)
		return r;
	r = find_strings(e, table, &strings);
	struct cursor c = cursor_on(table);
	while (r == 0 && next_dynamic(e, &c, &tag, &value))
		r = claim_dynamic(e, &strings, tag, value, facts);
	return r;
}

/* .comment: NUL-terminated strings, one of each compiler that took part. */
static int read_comment(struct elf *e)
{
	struct value_set seen = value_set_on(e->x->mem);
	struct elf_section s;
	struct slice bytes, text;

	if (!elf_section_named(e, SLICE(".comment"), &s))
		return 0;
	int r = elf_section_bytes(e, &s, COMMENT_MAX, &bytes);
	if (r < 0)
		return r;
	struct slice rest = bytes;
	while (slice_split(&rest, 0, &text)) {
		if (text.n == 0)
			continue;
		r = value_set_add(&seen, ATTR_ELF_COMMENT, text);
		if (r < 0)
			return r;
		if (seen.n > COMMENTS_MAX)
			return -E2BIG;
		if (r > 0)
			sink_text(e->x->out, ATTR_ELF_COMMENT, text,
			          s.offset + (size_t)(text.p - bytes.p));
	}
	return 0;
}

/* Index of a symbol's name in the string table. */
static uint32_t symbol_name(const struct elf *e, struct slice table, size_t at)
{
	struct cursor c = cursor_on(slice_from(table, at));

	return elf_u32(e, &c);
}

/* Names of dynamic symbols, needed and defined: by the thousand, so only when
 * every byte was asked for. */
static int claim_symbols(struct elf *e, const struct record *head,
                         const struct elf_section *symbols)
{
	size_t entry = e->is64 ? 24 : 16;
	struct value_run run = value_run_on(e->x, head);
	struct slice table, names;

	if (symbols->link >= e->n_sections)
		return -EBADMSG;
	struct elf_section s = elf_section(e, symbols->link);
	int r = elf_section_bytes(e, symbols, SYMBOLS_MAX, &table);
	if (r == 0)
		r = elf_section_bytes(e, &s, SYMBOL_NAMES_MAX, &names);
	if (r < 0)
		return r;
	for (size_t at = entry; at + entry <= table.n; at += entry) {
		uint32_t index = symbol_name(e, table, at);
		struct slice name = slice_from(names, index);
		name = slice_first(name, slice_find_byte(
						 slice_first(name, STRING_MAX), 0));
		if (name.n > 0)
			value_run_add(&run, &(struct claim){
				.attr = ATTR_ELF_SYMBOL,
				.value = name,
				.offset = s.offset + index,
				.length = name.n,
			});
	}
	return 0;
}

static int read_symbols(struct elf *e, const struct record *head)
{
	for (unsigned i = 0; i < e->n_sections; i++) {
		struct elf_section s = elf_section(e, i);
		if (s.type == ELF_SHT_DYNSYM)
			return claim_symbols(e, head, &s);
	}
	return 0;
}

static int read_program(struct elf *e)
{
	const struct item *item = e->x->item;
	struct record head = value_item_head(item);
	struct dynamic_facts facts = {
		.dpdk = slice_starts(head.name, SLICE("librte_")),
	};

	sink_record(e->x->out, &head);
	int r = read_comment(e);
	r = elf_first_error(r, read_dynamic(e, &facts));
	if (facts.soname.n > 0)
		sink_name(e->x->out, head.name = stem(facts.soname));
	r = elf_first_error(r, elf_package_note(e));
	r = elf_first_error(r, elf_go(e, &head));
	r = elf_first_error(r, elf_rust(e, &head));
	if (facts.dpdk)
		r = elf_first_error(r, elf_dpdk(e));
	if (item->deep)
		r = elf_first_error(r, read_symbols(e, &head));
	return r;
}

static int elf_run(struct extraction *x)
{
	struct elf e;
	struct elf_section s;

	int r = elf_open(&e, x);
	if (!e.open)
		return r;
	if (e.type == ELF_TYPE_REL &&
	    elf_section_named(&e, SLICE(".modinfo"), &s))
		return elf_first_error(r, kmod_read(&e, (struct slice){0}));
	return elf_first_error(r, read_program(&e));
}

const struct extractor extract_elf = {
	.name = "elf",
	.version = 2,
	.probes = {{MAGIC("\x7f" "ELF")}},
	.run = elf_run,
};
