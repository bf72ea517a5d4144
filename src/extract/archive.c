/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives and compressed files that this version does not open. Nothing is
 * claimed about them; that they were not looked into is said, because "none
 * found" must not mean "not looked".
 */
#include "extract/extract.h"


/* One compressed file, and the ending that names are given then. */
static const struct {
	struct slice magic, ending;
} packers[] = {
	{SLICE("\x1f\x8b"), SLICE(".gz")},
	{SLICE("\xfd" "7zXZ\0"), SLICE(".xz")},
	{SLICE("\x28\xb5\x2f\xfd"), SLICE(".zst")},
	{SLICE("BZh"), SLICE(".bz2")},
	{SLICE("\x04\x22\x4d\x18"), SLICE(".lz4")},
};

/* Folders of text for people and tables for programs, none of which can hold a
 * program: a compressed file there is no article. Logs and package lists are
 * not looked into when they are not compressed either. */
static const struct slice text_folders[] = {
	SLICE("/usr/share/doc/"),          SLICE("/usr/share/man/"),
	SLICE("/usr/share/info/"),         SLICE("/usr/share/locale/"),
	SLICE("/usr/local/share/man/"),    SLICE("/usr/share/keymaps/"),
	SLICE("/usr/share/consolefonts/"), SLICE("/usr/share/consoletrans/"),
	SLICE("/usr/share/i18n/"),         SLICE("/usr/share/fonts/"),
	SLICE("/usr/share/X11/"),          SLICE("/usr/share/groff/"),
	SLICE("/usr/share/icons/"),        SLICE("/usr/share/help/"),
	SLICE("/usr/local/share/doc/"),    SLICE("/usr/share/calendar/"),
	SLICE("/var/log/"),                SLICE("/var/backups/"),
	SLICE("/var/lib/apt/lists/"),      SLICE("/perl/debian-config-data-"),
	SLICE("/finclude/"),               SLICE("/var/cache/man/"),
};

/* Endings of data that is no program, in front of the compression's own. */
static const struct slice data_endings[] = {
	SLICE(".json"), SLICE(".txt"), SLICE(".csv"), SLICE(".xml"),
	SLICE(".svg"),  SLICE(".html"), SLICE(".md"), SLICE(".log"),
	SLICE(".css"),  SLICE(".pdf"), SLICE(".ps"),  SLICE(".psf"),
	SLICE(".pcf"),  SLICE(".map"), SLICE(".tsv"), SLICE(".dtd"),
};

/* Files that other extractors open, by what is left of their name when the
 * compression's ending is gone. */
static const struct slice read_elsewhere[] = {
	SLICE(".ko"),
};

/* A package database's own scripts; what they belong to is claimed from the
 * database beside them. */
static const char apk_scripts[] = "lib/apk/db/scripts.tar";

/* The path without the ending of its compression; all of it when it has none. */
static struct slice inner_name(struct slice path)
{
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		if (slice_ends(path, packers[i].ending))
			return slice_first(path,
			                   path.n - packers[i].ending.n);
	return path;
}

static bool is_single(struct slice head)
{
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		if (slice_starts(head, packers[i].magic))
			return true;
	return false;
}

static bool is_tar_name(struct slice path)
{
	return slice_ends(inner_name(path), SLICE(".tar")) ||
	       slice_ends(path, SLICE(".tgz")) ||
	       slice_ends(path, SLICE(".txz")) || slice_ends(path, SLICE(".tbz2"));
}

/* Does it lie in a folder of manual pages: "man", "man1" to "man9"? */
static bool is_manual(struct slice path)
{
	struct slice folder = slice_basename(slice_dirname(path));

	if (!slice_starts(folder, SLICE("man")) || folder.n > 4)
		return false;
	return folder.n == 3 || (folder.p[3] >= '0' && folder.p[3] <= '9');
}

static bool is_data(struct slice path)
{
	for (size_t i = 0; i < COUNT_OF(text_folders); i++)
		if (slice_find(path, text_folders[i]) != SIZE_MAX)
			return true;
	struct slice name = inner_name(path);
	for (size_t i = 0; i < COUNT_OF(data_endings); i++)
		if (slice_ends(name, data_endings[i]))
			return true;
	return is_manual(path);
}

static bool is_read_elsewhere(struct slice path)
{
	struct slice name = inner_name(path);

	for (size_t i = 0; i < COUNT_OF(read_elsewhere); i++)
		if (slice_ends(name, read_elsewhere[i]))
			return true;
	return false;
}

static int archive_run(struct extraction *x)
{
	struct slice path = x->item->path;

	if (!is_tar_name(path) && is_single(x->in->head) &&
	    (is_read_elsewhere(path) || is_data(path)))
		return 0;
	if (slice_ends(inner_name(path), slice_str(apk_scripts)))
		return 0;
	sink_unread(x->out, WHY_ARCHIVE, (struct slice){0});
	return 0;
}

const struct extractor extract_archive = {
	.name = "archive",
	.version = 1,
	.probes = {{MAGIC("\x1f\x8b")},
	           {MAGIC("\xfd" "7zXZ\0")},
	           {MAGIC("\x28\xb5\x2f\xfd")},
	           {MAGIC("BZh")},
	           {MAGIC("7z\xbc\xaf\x27\x1c")},
	           {MAGIC("Rar!\x1a\x07")},
	           {MAGIC("MSCF\0\0\0\0")},
	           {MAGIC("!<arch>\ndebian-binary")},
	           {MAGIC("\xed\xab\xee\xdb")},
	           {MAGIC("07070")},
	           {MAGIC("ustar"), .at = 257},
	           {MAGIC("Cr24")},
	           {MAGIC("\x04\x22\x4d\x18")},
	           {MAGIC("LZIP\1")}},
	.run = archive_run,
};
