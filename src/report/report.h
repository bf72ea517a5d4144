/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report is one content and several writers. The content is a plain value
 * that cmd/ fills in; a writer turns it into bytes on a stream and formats
 * everything that came from a stranger through base/text.h.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "finding/finding.h"

/* Incomplete items listed one by one; more are counted per reason. */
enum { INCOMPLETE_MAX = 10000 };

struct report_source {
	uint32_t id;
	const char *kind;     /* root, directory, file, list */
	struct slice path;
	const char *host;     /* host name, for the live root and trees that say */
	const char *started, *finished; /* RFC 3339, UTC */
};

struct incomplete {
	uint32_t source;
	struct slice path, member;
	enum why why;
};

struct mention {
	uint32_t source;
	struct slice path;
	const struct entity *entity;
	uint32_t count;       /* in the part of the file that was read */
};

/* A place left out by design, such as a pseudo file system: said in one line. */
struct skipped {
	uint32_t source;
	struct slice path;
	const char *words;
};

/* What a thing that came, went or changed is told as. */
enum change_kind {
	CHANGE_PACKAGE, /* of the system or of code: ecosystem, name, version */
	CHANGE_FILE,    /* path; name and version when the file says them */
	CHANGE_FOLDER,  /* path */
	CHANGE_SETUP,   /* how the system is set up: name; path of where it stands */
};

enum change_word { CHANGE_APPEARED, CHANGE_WENT, CHANGE_CHANGED };

struct change {
	enum change_word word;
	enum change_kind kind;
	uint32_t source;
	const char *ecosystem;  /* "" for none */
	struct slice name, version, path;
	struct slice was;       /* the version before, when it is another one */
};

/* Against what the inventory held before; asked for by --changed-since. */
struct changes {
	const char *since;      /* RFC 3339: the report that is compared with; NULL:
	                         * there was none, and then nothing is listed */
	const struct change *list; /* in order of word, kind, name, path */
	size_t n;
	uint64_t more;          /* beyond the limit, not listed */
	uint64_t files;         /* of packages that are listed: not listed */
	uint64_t fresh;         /* sources without an earlier report: not compared */
};

struct coverage {
	bool complete;
	uint64_t items, bytes, examined;
	const struct incomplete *incomplete;
	size_t n_incomplete;
	uint64_t by_why[WHY_COUNT]; /* all of them, also beyond INCOMPLETE_MAX */
	const struct skipped *skipped;
	size_t n_skipped;
	double seconds;
	bool deep;
};

struct report {
	const char *version;       /* of the tool */
	const struct pack *pack;
	const struct order *const *orders;
	size_t n_orders;
	const struct report_source *sources;
	size_t n_sources;
	const struct finding *findings;
	size_t n_findings;
	uint64_t mentions;         /* files that mention an entity */
	uint64_t mute;             /* unchanged files that were not read for that */
	const struct mention *mention_list; /* with --mentions, else NULL */
	size_t n_mention_list;
	bool interrupted;
	const struct changes *changes; /* NULL: not asked for */
	struct coverage coverage;
};

struct report_style {
	bool color;  /* text: ANSI colours */
	int columns; /* text: width of the terminal; 0 = do not wrap */
};

/*
 * A writer writes the whole report to `out`, and the caller checks the
 * stream. Returns 0 or -ENOMEM; errors of writing stay on the stream.
 */
struct report_form {
	const char *name; /* the word after --format */
	int (*write)(const struct report *r, const struct report_style *style,
	             FILE *out);
};

extern const struct report_form report_text, report_json, report_jsonl, report_csv;

/* The form of that name, or NULL. */
const struct report_form *report_form(const char *name);

#endif
