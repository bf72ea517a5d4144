/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed kernel modules: unpacked in memory, then read like others. (One
 * that is not compressed is an ELF file and reaches kmod_read from there.)
 * Claims point into the unpacked module, which is named as a member.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "base/str.h"
#include "extract/kmod_util.h"

enum { UNPACKED_MAX = 64 * 1024 * 1024, STEP = 64 * 1024 };

/* The packings of modules: the name's end, its first bytes, its reader. */
static const struct packing {
	const char *suffix, *magic;
	size_t magic_n;
	int (*filter)(struct archive *a);
} packings[] = {
	{".xz", "\xfd" "7zXZ\0", 6, archive_read_support_filter_xz},
	{".zst", "\x28\xb5\x2f\xfd", 4, archive_read_support_filter_zstd},
	{".gz", "\x1f\x8b", 2, archive_read_support_filter_gzip},
};

static const struct packing *packing_of(struct slice head)
{
	for (size_t i = 0; i < COUNT_OF(packings); i++) {
		const struct packing *p = &packings[i];
		if (slice_starts(head, slice_of(p->magic, p->magic_n)))
			return p;
	}
	return NULL;
}

struct feed {
	struct input *in;
	uint64_t at;
	int error;
	uint8_t bytes[STEP];
};

static la_ssize_t feed_read(struct archive *a, void *ctx, const void **buffer)
{
	struct feed *f = ctx;

	ptrdiff_t n = input_read(f->in, f->at, f->bytes, sizeof(f->bytes));
	if (n < 0) {
		f->error = (int)n;
		archive_set_error(a, (int)-n, "reading");
		return -1;
	}
	f->at += (size_t)n;
	*buffer = f->bytes;
	return n;
}

/* Opens the stream; libarchive must not start a program to unpack it. */
static int open_stream(struct archive *a, const struct packing *p,
                       struct feed *f)
{
	struct archive_entry *entry;

	if (p->filter(a) != ARCHIVE_OK)
		return -ENOTSUP;
	if (archive_read_support_format_raw(a) != ARCHIVE_OK)
		return -ENOMEM;
	if (archive_read_open(a, f, NULL, feed_read, NULL) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return -EBADMSG;
	return 0;
}

static int read_stream(struct archive *a, struct str *out)
{
	uint8_t step[STEP];
	la_ssize_t n;

	while ((n = archive_read_data(a, step, sizeof(step))) > 0) {
		str_add(out, slice_of(step, (size_t)n));
		if (str_failed(out))
			return -ENOMEM;
		if (out->n > UNPACKED_MAX)
			return -EFBIG;
	}
	return n < 0 ? -EBADMSG : 0;
}

static int unpack(struct extraction *x, const struct packing *p,
                  struct str *out)
{
	struct feed *f = arena_alloc(x->mem, sizeof(*f));
	struct archive *a = archive_read_new();

	int r = a && f ? 0 : -ENOMEM;
	if (r == 0) {
		*f = (struct feed){.in = x->in};
		r = open_stream(a, p, f);
	}
	if (r == 0)
		r = read_stream(a, out);
	archive_read_free(a);
	return f && f->error ? f->error : r;
}

/* The name without what the packing added to it. */
static struct slice member_name(struct slice path, const struct packing *p)
{
	struct slice name = slice_basename(path), end = slice_str(p->suffix);

	return slice_ends(name, end) ? slice_first(name, name.n - end.n) : name;
}

static int read_module(struct extraction *x, struct slice bytes,
                       struct slice member)
{
	struct input in = input_of_memory(bytes);
	struct extraction inner = *x;
	struct elf_section s;
	struct elf e;

	inner.in = &in;
	if (!slice_starts(bytes, SLICE("\x7f" "ELF")))
		return 0; /* named like a module, and none */
	int r = elf_open(&e, &inner);
	if (!e.open || !elf_section_named(&e, SLICE(".modinfo"), &s))
		return r;
	return elf_first_error(r, kmod_read(&e, member));
}

static int kmod_run(struct extraction *x)
{
	const struct packing *p = packing_of(x->in->head);
	struct str bytes = {0};

	if (!p)
		return 0;
	int r = unpack(x, p, &bytes);
	if (r == 0)
		r = read_module(x, str_slice(&bytes),
		                member_name(x->item->path, p));
	str_finish(&bytes);
	return r;
}

const struct extractor extract_kmod = {
	.name = "kmod",
	.version = 1,
	.probes = {
		{MAGIC("\xfd" "7zXZ\0"), .path = "*.ko.xz"},
		{MAGIC("\x28\xb5\x2f\xfd"), .path = "*.ko.zst"},
		{MAGIC("\x1f\x8b"), .path = "*.ko.gz"},
	},
	.run = kmod_run,
};
