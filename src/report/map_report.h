/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What map answers, as a plain value: which articles the inventory holds, on
 * how many hosts, what each order says of that, and what is not known. Several
 * writers turn it into bytes, as with report.h; text from strangers goes
 * through base/text.h in them.
 *
 * Counts are of hosts. A host stands in a tally once, under the most urgent
 * word that any of its articles has: covered, then review, then excluded.
 * Review is also the word of an article whose maker no asked order names.
 */
#ifndef REPORT_MAP_REPORT_H
#define REPORT_MAP_REPORT_H

#include "report/report.h"

enum map_word { MAP_NONE, MAP_EXCLUDED, MAP_REVIEW, MAP_COVERED, MAP_WORD_COUNT };

/* What --group-by may ask for, as bits. */
enum map_by {
	MAP_BY_HOST = 1,
	MAP_BY_UNIT = 2,
	MAP_BY_ARTICLE = 4,
	MAP_BY_ORDER = 8,
	MAP_BY_STATE = 16,
};

/* Hosts by word; [MAP_NONE] is not used. */
struct map_tally {
	uint64_t hosts[MAP_WORD_COUNT];
};

struct map_order {
	const struct order *order;
	struct map_tally tally;
};

/* A unit and all below it; "" is the hosts without one. */
struct map_unit {
	struct slice path;
	unsigned depth;           /* slashes in it */
	uint64_t reported, never;
	struct map_tally tally;
};

/* An article as it is on some hosts: same state, basis, strength, verdicts. */
struct map_case {
	const struct finding *finding; /* of one of them */
	enum map_word word;
	uint64_t hosts;
};

struct map_article {
	const struct map_case *cases;  /* most urgent first; never empty */
	size_t n_cases;
	struct map_tally tally;
};

/* One row of --group-by; what was not asked for is NULL, -1, or .p NULL. */
struct map_group {
	const struct finding *article;
	const struct order *order;
	int state;
	struct slice unit;
	struct map_tally tally;
};

/* A host that has an article, or of which not all is known. */
struct map_host {
	struct slice name, unit, labels;
	struct slice coverage;    /* the object that its sweep kept, or "" */
	const char *first_seen, *last_seen; /* RFC 3339; NULL: never reported */
	bool complete, deep;
	uint64_t items, examined, incomplete;
	uint64_t programs;
	bool search_again;        /* its programs, for byte marks */
	enum map_word word;
	const struct map_case *const *cases;
	size_t n_cases;
};

/* Hosts that could have told more, and when the others last reported. */
struct map_coverage {
	bool complete;            /* nothing below is missing */
	uint64_t reported, never; /* hosts; their sum is what is expected */
	uint64_t incomplete;      /* hosts that were not fully examined */
	uint64_t not_examined;    /* items on them */
	uint64_t deep;            /* hosts whose programs were read whole */
	const char *oldest, *newest; /* last report of a host; NULL: none */
};

/* A mark that looks for bytes, and how many hosts have programs that were not
 * searched for them. */
struct map_marker {
	const struct mark *mark;
	uint64_t hosts;
};

/* What values cannot answer: marks in bytes that nobody kept. */
struct map_remainder {
	const struct map_marker *marks;
	size_t n_marks;
	uint64_t hosts;           /* to be looked at again, for any of the marks */
	uint64_t programs;        /* that these have */
	bool exact;               /* false: some of them reported after as_of, and
	                           * programs are counted by that report */
};

/* Only hosts of a unit and those below it (key "unit"), or with a label. */
struct map_where {
	struct slice key, value;
};

struct map_report {
	const char *version;
	const char *store;        /* path or URL, without a password */
	const struct pack *pack;
	const struct order *const *orders;
	size_t n_orders;
	const bool *entities;     /* by index: those asked for; NULL = all */
	const char *as_of;        /* RFC 3339, or NULL: as it is now */
	const struct map_where *where; /* any value of a key, and each key */
	size_t n_where;
	unsigned by;              /* set of enum map_by */
	size_t limit;             /* longest list; 0 = all */
	struct map_tally total;
	const struct map_order *by_order;  /* n_orders, as orders */
	const struct map_unit *units;
	size_t n_units;
	const struct map_article *articles;
	size_t n_articles;
	const struct map_group *groups;    /* when by asks for more than hosts */
	size_t n_groups;
	uint64_t undecided;       /* hosts counted as review past a limit */
	struct map_coverage coverage;
	struct map_remainder remainder;
	uint64_t values, artefacts; /* looked through; looked at */
	double seconds;

	/* Calls fn for each map_host, in order of number. Returns 0, what fn
	 * returned, or a negative errno. NULL unless by asks for hosts. */
	int (*each_host)(const struct map_report *r,
	                 int (*fn)(void *ctx, const struct map_host *host),
	                 void *ctx);
	void *ctx;
};

/* As report_form; returns a negative errno also when each_host() failed. */
struct map_form {
	const char *name;
	int (*write)(const struct map_report *r, const struct report_style *style,
	             FILE *out);
};

extern const struct map_form map_text, map_json, map_jsonl, map_csv;

/* The form of that name, or NULL. */
const struct map_form *map_form(const char *name);

static inline uint64_t map_affected(const struct map_tally *t)
{
	return t->hosts[MAP_COVERED] + t->hosts[MAP_REVIEW];
}

/* How many of n rows are listed. */
static inline size_t map_listed(const struct map_report *r, size_t n)
{
	return r->limit && n > r->limit ? r->limit : n;
}

/* "covered", "review", "excluded", and "none" for MAP_NONE. */
const char *map_word_name(enum map_word word);

#endif
