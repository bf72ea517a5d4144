/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .NET assemblies: who says that they made it. The attributes of the assembly
 * stand in the metadata tables (ECMA-335, partition II, 22 to 24), whose row
 * sizes follow from the row counts of all tables: hence the schema below, up
 * to the table that is wanted.
 */
#include <errno.h>

#include "extract/pe_util.h"

enum {
	METADATA_MAGIC = 0x424a5342,
	CLI_HEADER = 16,
	STREAMS_MAX = 32,
	STREAM_NAME_MAX = 32,
	VERSION_MAX = 255,
	TABLES_MAX = 16 * 1024 * 1024, /* bytes of the tables stream */
	NAME_MAX_BYTES = 1024,
	VALUE_MAX = 4096,
	TABLES = 64,
	ROWS_SEEN_MAX = 1 << 20,
};

enum table {
	T_MODULE, T_TYPE_REF, T_TYPE_DEF, T_FIELD_PTR, T_FIELD, T_METHOD_PTR,
	T_METHOD_DEF, T_PARAM_PTR, T_PARAM, T_INTERFACE_IMPL, T_MEMBER_REF,
	T_CONSTANT, T_CUSTOM_ATTRIBUTE, T_DECL_SECURITY = 0x0e,
	T_STAND_ALONE_SIG = 0x11, T_EVENT = 0x14, T_PROPERTY = 0x17,
	T_MODULE_REF = 0x1a, T_TYPE_SPEC, T_ASSEMBLY = 0x20,
	T_ASSEMBLY_REF = 0x23, T_FILE = 0x26, T_EXPORTED_TYPE,
	T_MANIFEST_RESOURCE, T_GENERIC_PARAM = 0x2a, T_METHOD_SPEC,
	T_GENERIC_CONSTRAINT, T_NONE = 0xff,
};

/* What a column holds: a number, a heap index, an index into one table, or a
 * coded index whose low bits choose one of several tables. */
enum column {
	C_END, C_U16, C_U32, C_STRING, C_GUID, C_BLOB,
	C_TABLE = 0x100, /* + table */
	C_CODED = 0x200, /* + enum coded */
};

enum coded { TYPE_DEF_OR_REF, HAS_CONSTANT, HAS_ATTRIBUTE, MEMBER_PARENT,
             ATTRIBUTE_TYPE, RESOLUTION_SCOPE, CODED_COUNT };

static const struct {
	uint8_t bits, n;
	uint8_t tables[22];
} coded[CODED_COUNT] = {
	[TYPE_DEF_OR_REF] = {2, 3, {T_TYPE_DEF, T_TYPE_REF, T_TYPE_SPEC}},
	[HAS_CONSTANT] = {2, 3, {T_FIELD, T_PARAM, T_PROPERTY}},
	[HAS_ATTRIBUTE] = {5, 22,
		{T_METHOD_DEF, T_FIELD, T_TYPE_REF, T_TYPE_DEF, T_PARAM,
		 T_INTERFACE_IMPL, T_MEMBER_REF, T_MODULE, T_DECL_SECURITY,
		 T_PROPERTY, T_EVENT, T_STAND_ALONE_SIG, T_MODULE_REF,
		 T_TYPE_SPEC, T_ASSEMBLY, T_ASSEMBLY_REF, T_FILE,
		 T_EXPORTED_TYPE, T_MANIFEST_RESOURCE, T_GENERIC_PARAM,
		 T_GENERIC_CONSTRAINT, T_METHOD_SPEC}},
	[MEMBER_PARENT] = {3, 5,
		{T_TYPE_DEF, T_TYPE_REF, T_MODULE_REF, T_METHOD_DEF,
		 T_TYPE_SPEC}},
	[ATTRIBUTE_TYPE] = {3, 5,
		{T_NONE, T_NONE, T_METHOD_DEF, T_MEMBER_REF, T_NONE}},
	[RESOLUTION_SCOPE] = {2, 4,
		{T_MODULE, T_MODULE_REF, T_ASSEMBLY_REF, T_TYPE_REF}},
};

enum { COLUMNS_MAX = 7 };

static const uint16_t schema[][COLUMNS_MAX] = {
	[T_MODULE] = {C_U16, C_STRING, C_GUID, C_GUID, C_GUID},
	[T_TYPE_REF] = {C_CODED + RESOLUTION_SCOPE, C_STRING, C_STRING},
	[T_TYPE_DEF] = {C_U32, C_STRING, C_STRING, C_CODED + TYPE_DEF_OR_REF,
	                C_TABLE + T_FIELD, C_TABLE + T_METHOD_DEF},
	[T_FIELD_PTR] = {C_TABLE + T_FIELD},
	[T_FIELD] = {C_U16, C_STRING, C_BLOB},
	[T_METHOD_PTR] = {C_TABLE + T_METHOD_DEF},
	[T_METHOD_DEF] = {C_U32, C_U16, C_U16, C_STRING, C_BLOB,
	                  C_TABLE + T_PARAM},
	[T_PARAM_PTR] = {C_TABLE + T_PARAM},
	[T_PARAM] = {C_U16, C_U16, C_STRING},
	[T_INTERFACE_IMPL] = {C_TABLE + T_TYPE_DEF, C_CODED + TYPE_DEF_OR_REF},
	[T_MEMBER_REF] = {C_CODED + MEMBER_PARENT, C_STRING, C_BLOB},
	[T_CONSTANT] = {C_U16, C_CODED + HAS_CONSTANT, C_BLOB},
	[T_CUSTOM_ATTRIBUTE] = {C_CODED + HAS_ATTRIBUTE, C_CODED + ATTRIBUTE_TYPE,
	                        C_BLOB},
};

struct stream {
	uint32_t rva, size;
};

struct dotnet {
	struct pe *pe;
	struct stream tables, strings, blobs;
	uint32_t rows[TABLES];
	bool wide_strings, wide_guids, wide_blobs;
	struct slice bytes[COUNT_OF(schema)]; /* of each table in the schema */
	size_t row_size[COUNT_OF(schema)];
	struct value_set seen;
};

static size_t coded_size(const struct dotnet *d, enum coded kind)
{
	uint32_t most = 0;

	for (size_t i = 0; i < coded[kind].n; i++) {
		uint8_t t = coded[kind].tables[i];
		if (t != T_NONE && d->rows[t] > most)
			most = d->rows[t];
	}
	return most < 1u << (16 - coded[kind].bits) ? 2 : 4;
}

static size_t column_size(const struct dotnet *d, uint16_t column)
{
	if (column >= C_CODED)
		return coded_size(d, (enum coded)(column - C_CODED));
	if (column >= C_TABLE)
		return d->rows[column - C_TABLE] < 1u << 16 ? 2 : 4;
	switch (column) {
	case C_U16:
		return 2;
	case C_U32:
		return 4;
	case C_STRING:
		return d->wide_strings ? 4 : 2;
	case C_GUID:
		return d->wide_guids ? 4 : 2;
	case C_BLOB:
		return d->wide_blobs ? 4 : 2;
	default:
		return 0;
	}
}

/* Reads row `row` (from 1, as indexes count) of a table into cells. */
static bool get_row(const struct dotnet *d, enum table t, uint32_t row,
                    uint32_t cells[COLUMNS_MAX])
{
	if (row == 0 || row > d->rows[t])
		return false;
	struct cursor c = cursor_on(d->bytes[t]);
	cursor_seek(&c, (row - 1) * d->row_size[t]);
	for (size_t i = 0; i < COLUMNS_MAX && schema[t][i] != C_END; i++)
		cells[i] = column_size(d, schema[t][i]) == 2 ? cursor_u16le(&c)
		                                             : cursor_u32le(&c);
	return !cursor_failed(&c);
}

/* The head of the tables stream: heap sizes, which tables, how many rows. */
static int lay_out(struct dotnet *d, struct slice stream)
{
	struct cursor c = cursor_on(stream);

	cursor_skip(&c, 6);
	uint8_t heaps = cursor_u8(&c);
	d->wide_strings = heaps & 1;
	d->wide_guids = heaps & 2;
	d->wide_blobs = heaps & 4;
	cursor_skip(&c, 1);
	uint64_t present = cursor_u64le(&c);
	cursor_skip(&c, 8);
	for (unsigned t = 0; t < TABLES; t++)
		if (present >> t & 1)
			d->rows[t] = cursor_u32le(&c);
	if (heaps & 0x40)
		cursor_skip(&c, 4); /* extra data, in uncompressed metadata */
	for (unsigned t = 0; t < COUNT_OF(schema); t++) {
		size_t size = 0;
		for (size_t i = 0; i < COLUMNS_MAX; i++)
			size += column_size(d, schema[t][i]);
		d->row_size[t] = size;
		d->bytes[t] = cursor_take(&c, size * d->rows[t]);
	}
	return cursor_failed(&c) ? -EBADMSG : 0;
}

static int heap_string(struct dotnet *d, uint32_t at, struct slice *ret)
{
	uint64_t offset;

	if (at >= d->strings.size)
		return -EBADMSG;
	return pe_cstr(d->pe, d->strings.rva + at, NAME_MAX_BYTES, ret, &offset);
}

/* A length as blobs and their strings carry it: one, two or four bytes. */
static uint32_t packed_length(struct cursor *c)
{
	uint32_t n = cursor_u8(c);

	if (n < 0x80)
		return n;
	if (n < 0xc0)
		return (n & 0x3f) << 8 | cursor_u8(c);
	n = (n & 0x1f) << 8 | cursor_u8(c);
	return n << 16 | cursor_u16be(c);
}

/* The attribute that a constructor belongs to, if it is one of ours. */
static int attribute_of(struct dotnet *d, uint32_t type)
{
	uint32_t cells[COLUMNS_MAX];
	struct slice name;

	if (coded[ATTRIBUTE_TYPE].tables[(type & 7) % 5] != T_MEMBER_REF ||
	    (type & 7) >= 5 || !get_row(d, T_MEMBER_REF, type >> 3, cells))
		return -1;
	if ((cells[0] & 7) >= 5 ||
	    coded[MEMBER_PARENT].tables[cells[0] & 7] != T_TYPE_REF ||
	    !get_row(d, T_TYPE_REF, cells[0] >> 3, cells) ||
	    heap_string(d, cells[1], &name) < 0)
		return -1;
	if (slice_eq(name, SLICE("AssemblyCompanyAttribute")))
		return ATTR_DOTNET_COMPANY;
	if (slice_eq(name, SLICE("AssemblyProductAttribute")))
		return ATTR_DOTNET_PRODUCT;
	return -1;
}

/* The value: a length, 0x0001, a string with its own length. */
static int claim_value(struct dotnet *d, enum attr attr, uint32_t at)
{
	uint64_t offset, room;

	if (at >= d->blobs.size ||
	    !pe_file_offset(d->pe, d->blobs.rva + at, &offset, &room))
		return -EBADMSG;
	if (room > VALUE_MAX)
		room = VALUE_MAX;
	if (room > d->pe->x->in->size - offset)
		room = d->pe->x->in->size - offset;
	struct slice some;
	int r = window_get(&d->pe->file, offset, (size_t)room, &some);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(some);
	(void)packed_length(&c);
	uint16_t prologue = cursor_u16le(&c);
	struct slice value = cursor_take(&c, packed_length(&c));
	if (cursor_failed(&c) || prologue != 1)
		return -EBADMSG;
	r = value_set_add(&d->seen, attr, value);
	if (r > 0 && slice_trim(value).n > 0)
		sink_text(d->pe->x->out, attr, value, offset + c.at - value.n);
	return r < 0 ? r : 0;
}

static int read_attributes(struct dotnet *d)
{
	uint32_t cells[COLUMNS_MAX];

	for (uint32_t i = 1; i <= d->rows[T_CUSTOM_ATTRIBUTE]; i++) {
		if (i > ROWS_SEEN_MAX)
			return -E2BIG;
		if (!get_row(d, T_CUSTOM_ATTRIBUTE, i, cells))
			return -EBADMSG;
		uint32_t kind = cells[0] & 0x1f;
		if (kind >= coded[HAS_ATTRIBUTE].n ||
		    coded[HAS_ATTRIBUTE].tables[kind] != T_ASSEMBLY)
			continue;
		int attr = attribute_of(d, cells[1]);
		if (attr < 0)
			continue;
		int r = claim_value(d, (enum attr)attr, cells[2]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The metadata's head names its streams and where they are. */
static int find_streams(struct dotnet *d, uint32_t rva)
{
	struct slice head, names;

	int r = pe_get(d->pe, rva, 16, &head, NULL);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(head);
	uint32_t magic = cursor_u32le(&c);
	cursor_skip(&c, 8);
	uint32_t version_n = cursor_u32le(&c);
	if (magic != METADATA_MAGIC || version_n > VERSION_MAX + 1)
		return -EBADMSG;
	uint64_t at, room;
	if (!pe_file_offset(d->pe, rva + 16 + version_n, &at, &room))
		return -EBADMSG;
	r = input_get_some(d->pe->x->in, at,
	                   4 + STREAMS_MAX * (8 + STREAM_NAME_MAX),
	                   d->pe->x->mem, &names);
	if (r < 0)
		return r;
	c = cursor_on(names);
	cursor_skip(&c, 2);
	unsigned n = cursor_u16le(&c);
	for (unsigned i = 0; i < n && i < STREAMS_MAX; i++) {
		struct stream s = {.rva = rva + cursor_u32le(&c)};
		s.size = cursor_u32le(&c);
		struct slice name = cursor_cstr(&c);
		cursor_align(&c, 4);
		if (cursor_failed(&c))
			return -EBADMSG;
		if (slice_eq(name, SLICE("#~")) || slice_eq(name, SLICE("#-")))
			d->tables = s;
		else if (slice_eq(name, SLICE("#Strings")))
			d->strings = s;
		else if (slice_eq(name, SLICE("#Blob")))
			d->blobs = s;
	}
	return 0;
}

int pe_dotnet(struct pe *pe)
{
	struct slice header, stream;

	if (pe->directories[PE_DIR_CLI].rva == 0 || pe->imitation)
		return 0;
	struct dotnet *d = arena_zalloc(pe->x->mem, 1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->pe = pe;
	d->seen = value_set_on(pe->x->mem);
	int r = pe_get(pe, pe->directories[PE_DIR_CLI].rva, CLI_HEADER, &header,
	               NULL);
	if (r < 0)
		return r;
	struct cursor c = cursor_on(header);
	cursor_skip(&c, 8);
	r = find_streams(d, cursor_u32le(&c));
	if (r < 0 || d->tables.size == 0)
		return r;
	if (d->tables.size > TABLES_MAX)
		return -EFBIG;
	r = pe_get(pe, d->tables.rva, d->tables.size, &stream, NULL);
	if (r == 0)
		r = lay_out(d, stream);
	return r < 0 ? r : read_attributes(d);
}
