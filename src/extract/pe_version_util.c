/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version resource: a tree of resource directories (type, name, language)
 * leads to blocks of nested, length-prefixed nodes with UTF-16 keys.
 */
#include <errno.h>

#include "base/str.h"
#include "base/text.h"
#include "extract/pe_util.h"

enum {
	RT_VERSION = 16,
	LEVELS = 3,               /* type, name, language */
	ENTRIES_MAX = 4096,       /* of one directory */
	DIRECTORIES_MAX = 1024,
	BLOCKS_MAX = 128,         /* version resources of one file */
	BLOCK_MAX = 64 * 1024,    /* bytes of one */
	NODES_MAX = 4096,         /* of one block */
	FIXED_INFO_MAGIC = 0xfeef04bd,
	SUBDIRECTORY = 0x80000000,
};

struct version {
	struct pe *pe;
	uint32_t base;         /* address of the resource section */
	struct value_set seen;
	unsigned directories, blocks, nodes; /* seen; nodes: in this block */
	uint64_t block_at;     /* file offset of the block that is read */
	struct slice file_version, product_version, fixed_version;
	struct slice product, original;
};

struct node {
	struct slice key;    /* UTF-8 */
	struct cursor value; /* over the block: from the value to the node's end */
};

static const struct {
	const char *key;
	enum attr attr;
	bool imitated; /* said by an imitation too, which makes it worthless */
} fields[] = {
	{"CompanyName", ATTR_PE_COMPANY, false},
	{"ProductName", ATTR_PE_PRODUCT, true},
	{"FileDescription", ATTR_PE_DESCRIPTION, true},
	{"LegalCopyright", ATTR_PE_COPYRIGHT, true},
	{"LegalTrademarks", ATTR_PE_TRADEMARKS, true},
	{"InternalName", ATTR_PE_INTERNAL_NAME, false},
	{"OriginalFilename", ATTR_PE_ORIGINAL_NAME, false},
};

/* UTF-16 up to a NUL as UTF-8 in the arena; .p is NULL when out of memory. */
static struct slice utf8(struct version *v, struct slice utf16)
{
	struct str text = {0};
	struct slice copy = {0};

	text_from_utf16le(&text, utf16);
	if (!str_failed(&text))
		copy = arena_copy(v->pe->x->mem, str_slice(&text));
	str_finish(&text);
	return copy;
}

/* Bytes before the first NUL unit. */
static size_t utf16_length(struct slice s)
{
	size_t n = 0;

	while (n + 1 < s.n && (s.p[n] || s.p[n + 1]))
		n += 2;
	return n;
}

static void skip_some(struct cursor *c, size_t n)
{
	cursor_skip(c, n < cursor_left(c) ? n : cursor_left(c));
}

/*
 * The next of the nodes that c goes over. Returns 1, 0 at their end, or
 * -ENOMEM. A length that reaches past the parent is cut there: compilers of
 * resources differ in what they count.
 */
static int next_node(struct version *v, struct cursor *c, struct node *ret)
{
	if (c->at % 4 && cursor_left(c) < 4)
		return 0;
	cursor_align(c, 4);
	size_t start = c->at, left = cursor_left(c);
	size_t n = cursor_u16le(c);
	cursor_skip(c, 4); /* length and type of the value */
	if (cursor_failed(c) || n < 6 || ++v->nodes > NODES_MAX)
		return 0;
	struct slice upto = slice_first(c->all, start + (n < left ? n : left));
	struct cursor in = {.all = upto, .at = c->at};
	struct slice rest = slice_from(upto, in.at);
	size_t key_n = utf16_length(rest);
	ret->key = utf8(v, slice_first(rest, key_n));
	if (!ret->key.p)
		return -ENOMEM;
	skip_some(&in, key_n + 2);
	skip_some(&in, -in.at % 4);
	ret->value = in;
	c->at = upto.n;
	return 1;
}

static void keep_first(struct slice *kept, struct slice value)
{
	if (kept->n == 0)
		*kept = value;
}

static int claim_field(struct version *v, enum attr attr, struct slice value,
                       size_t at, size_t n)
{
	int r = value_set_add(&v->seen, attr, value);

	if (r > 0)
		sink_claim(v->pe->x->out, &(struct claim){
			.attr = attr,
			.value = value,
			.offset = v->block_at + at,
			.length = n,
		});
	return r < 0 ? r : 0;
}

/* One "Name = value" of a language's table. */
static int read_string(struct version *v, const struct node *node)
{
	bool imitation = v->pe->imitation;
	struct slice raw = slice_from(node->value.all, node->value.at);
	size_t n = utf16_length(raw);
	struct slice value = utf8(v, slice_first(raw, n));

	if (!value.p)
		return -ENOMEM;
	if (slice_trim(value).n == 0)
		return 0;
	if (slice_eq_nocase(node->key, SLICE("FileVersion")))
		keep_first(&v->file_version, slice_trim(value));
	if (slice_eq_nocase(node->key, SLICE("ProductVersion")))
		keep_first(&v->product_version, slice_trim(value));
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		enum attr attr = fields[i].attr;
		if (!slice_eq_nocase(node->key, slice_str(fields[i].key)))
			continue;
		if (imitation && fields[i].imitated)
			return 0;
		if (imitation && attr == ATTR_PE_COMPANY)
			attr = ATTR_PE_COMPATIBLE;
		if (attr == ATTR_PE_PRODUCT)
			keep_first(&v->product, slice_trim(value));
		if (attr == ATTR_PE_ORIGINAL_NAME)
			keep_first(&v->original, slice_trim(value));
		return claim_field(v, attr, value, node->value.at, n);
	}
	return 0;
}

/* StringFileInfo holds a table for each language, and that holds strings. */
static int read_tables(struct version *v, struct node *info)
{
	struct node table, string;
	int r, s = 0;

	while ((r = next_node(v, &info->value, &table)) > 0) {
		while ((s = next_node(v, &table.value, &string)) > 0) {
			s = read_string(v, &string);
			if (s < 0)
				return s;
		}
		if (s < 0)
			return s;
	}
	return r;
}

/* The fixed part: numbers only, used when no string says the version. */
static int read_fixed(struct version *v, struct cursor *c)
{
	struct cursor f = *c;

	if (cursor_u32le(&f) != FIXED_INFO_MAGIC)
		return 0;
	cursor_skip(&f, 4);
	uint16_t minor = cursor_u16le(&f), major = cursor_u16le(&f);
	uint16_t build = cursor_u16le(&f), patch = cursor_u16le(&f);
	if (cursor_failed(&f))
		return 0;
	char *text = arena_printf(v->pe->x->mem, "%u.%u.%u.%u", major, minor,
	                          patch, build);
	if (!text)
		return -ENOMEM;
	keep_first(&v->fixed_version, slice_str(text));
	return 0;
}

static int read_block(struct version *v, struct slice block)
{
	struct cursor c = cursor_on(block), head = c;
	struct node root, child;

	cursor_skip(&head, 2);
	size_t fixed_n = cursor_u16le(&head);
	v->nodes = 0;
	int r = next_node(v, &c, &root);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	if (!slice_eq(root.key, SLICE("VS_VERSION_INFO")))
		return -EBADMSG;
	r = fixed_n ? read_fixed(v, &root.value) : 0;
	if (r < 0)
		return r;
	cursor_skip(&root.value, fixed_n);
	while ((r = next_node(v, &root.value, &child)) > 0) {
		if (!slice_eq_nocase(child.key, SLICE("StringFileInfo")))
			continue;
		r = read_tables(v, &child);
		if (r < 0)
			return r;
	}
	return v->nodes > NODES_MAX ? -E2BIG : r;
}

static int read_data(struct version *v, uint32_t at)
{
	struct slice entry, block;

	int r = pe_get(v->pe, (uint64_t)v->base + at, 16, &entry, NULL);
	if (r < 0)
		return r;
	if (v->blocks++ == BLOCKS_MAX)
		return -E2BIG;
	struct cursor c = cursor_on(entry);
	uint32_t rva = cursor_u32le(&c), size = cursor_u32le(&c);
	if (size > BLOCK_MAX)
		return -EFBIG;
	r = pe_get(v->pe, rva, size, &block, &v->block_at);
	return r < 0 ? r : read_block(v, block);
}

/* One directory; `level` bounds the depth whatever the offsets say. A broken
 * resource does not hide the others. */
static int walk(struct version *v, uint32_t at, unsigned level)
{
	struct slice head, entries;

	if (v->directories++ == DIRECTORIES_MAX)
		return -E2BIG;
	int r = pe_get(v->pe, (uint64_t)v->base + at, 16, &head, NULL);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(head);
	cursor_skip(&c, 12);
	size_t n = cursor_u16le(&c);
	n += cursor_u16le(&c);
	if (n > ENTRIES_MAX)
		return -E2BIG;
	r = pe_get(v->pe, (uint64_t)v->base + at + 16, n * 8, &entries, NULL);
	c = cursor_on(r < 0 ? (struct slice){0} : entries);
	while (cursor_left(&c) > 0) {
		uint32_t id = cursor_u32le(&c), to = cursor_u32le(&c);
		int s = -ELOOP;
		if (level == 0 && id != RT_VERSION)
			continue;
		if (!(to & SUBDIRECTORY))
			s = read_data(v, to);
		else if (level + 1 < LEVELS)
			s = walk(v, to & ~SUBDIRECTORY, level + 1);
		if (s == -E2BIG)
			return s;
		r = r < 0 ? r : s;
	}
	return r;
}

int pe_version(struct pe *pe)
{
	struct version v = {
		.pe = pe,
		.base = pe->directories[PE_DIR_RESOURCE].rva,
		.seen = value_set_on(pe->x->mem),
	};

	if (v.base == 0)
		return 0;
	int r = walk(&v, 0, 0);
	struct slice name = v.product.n ? v.product : v.original;
	if (name.n > 0 && !pe->imitation)
		sink_name(pe->x->out, pe->head.name = name);
	keep_first(&v.file_version, v.product_version);
	keep_first(&v.file_version, v.fixed_version);
	if (v.file_version.n > 0)
		sink_version(pe->x->out, pe->head.version = v.file_version);
	return r;
}
