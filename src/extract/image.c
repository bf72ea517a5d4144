/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disk images and installer databases that this version does not open: said,
 * as archive.c says it of archives.
 */
#include "extract/extract.h"

#include "base/cursor.h"

#include <errno.h>

/* ISO 9660: the first volume descriptor's name stands past the head. */
enum { ISO_NAME_AT = 32769 };

/* OLE2 compound files: offsets in the header and in a directory entry. */
enum {
	OLE_SECTOR_SHIFT_AT = 30,
	OLE_DIRECTORY_AT = 48,
	OLE_CLASS_AT = 80,
	OLE_CLASS_SIZE = 16
};

static const char iso_name[] = "CD001";
static const char ole_magic[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

static int iso_run(struct extraction *x)
{
	struct slice s;

	int r = input_get(x->in, ISO_NAME_AT, sizeof(iso_name) - 1, x->mem, &s);
	if (r < 0)
		return r == -ERANGE ? 0 : r;
	if (slice_eq(s, slice_str(iso_name)))
		sink_unread(x->out, WHY_ARCHIVE, (struct slice){0});
	return 0;
}

/*
 * Installer databases, and the patches and transforms for them, are OLE2 files
 * like any old text document; the class of the root entry tells which.
 */
static int ole_run(struct extraction *x)
{
	struct cursor c = cursor_on(x->in->head);
	struct slice s;

	cursor_seek(&c, OLE_SECTOR_SHIFT_AT);
	uint16_t shift = cursor_u16le(&c);
	cursor_seek(&c, OLE_DIRECTORY_AT);
	uint64_t sector = cursor_u32le(&c);
	if (cursor_failed(&c) || (shift != 9 && shift != 12))
		return -EBADMSG;
	uint64_t at = ((sector + 1) << shift) + OLE_CLASS_AT;
	int r = input_get(x->in, at, OLE_CLASS_SIZE, x->mem, &s);
	if (r < 0)
		return r == -ERANGE ? -EBADMSG : r;
	c = cursor_on(s);
	uint32_t class = cursor_u32le(&c);
	bool windows = slice_eq(slice_from(s, 4),
	                        SLICE("\0\0\0\0\xc0\0\0\0\0\0\0\x46"));
	if (windows && (class == 0xc1084 || class == 0xc1086 || class == 0xc1082))
		sink_unread(x->out, WHY_ARCHIVE, (struct slice){0});
	return 0;
}

static int image_run(struct extraction *x)
{
	if (slice_starts(x->in->head, slice_str(ole_magic)))
		return ole_run(x);
	if (slice_ends(x->item->path, SLICE(".iso")))
		return iso_run(x);
	sink_unread(x->out, WHY_ARCHIVE, (struct slice){0});
	return 0;
}

const struct extractor extract_image = {
	.name = "image",
	.version = 1,
	.probes = {{MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
	           {MAGIC("hsqs")},
	           {MAGIC("QFI\xfb")},
	           {MAGIC("KDMV")},
	           {MAGIC("# Disk DescriptorFile")},
	           {MAGIC("vhdxfile")},
	           {MAGIC("conectix")},
	           {.path = "*.iso"}},
	.run = image_run,
};
