/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to map/: the answer as it is made, in the order of its files.
 *
 *   where.c     the hosts that the answer is about
 *   coverage.c  who reported, and how well
 *   scan.c      values -> artefacts that meet a mark (candidates) -> their hosts
 *   classes.c   candidates that speak of one article; hosts that hold the same
 *   judge.c     each class settled as a source -> cases -> articles
 *   tally.c     hosts per word, order and group
 *   units.c     hosts per unit
 *   remains.c   what would have to be looked at again
 *   map.c       all of it, and the list of hosts
 */
#ifndef MAP_STATE_H
#define MAP_STATE_H

#include "map/map.h"
#include "map/set.h"

/* Candidates are kept whole in memory; a wider question should be narrowed. */
enum { CANDIDATES_MAX = 200000, VALUES_HIT_MAX = 1000000 };

struct kept_hit {
	const struct mark *mark;
	struct claim claim;
	bool part_known; /* SCOPE_PART: its code would have been found, were it in
	                  * the package's programs */
};

/* An artefact that some wanted mark fires on, without its other claims. */
struct candidate {
	uint32_t number;
	struct record head;   /* no claims */
	struct slice path;    /* of the item it was found in */
	struct owner owner;   /* package that owns the item; name "": none */
	struct slice maker;   /* of that package */
	struct kept_hit *hits;
	size_t n_hits;
	struct sparse_set hosts;
};

/* Candidates that may speak of the same article. */
struct group {
	uint32_t entity;
	enum article_kind kind;
	struct slice name;
	uint32_t *members;    /* indices in candidates */
	size_t n_members;
};

/* Hosts that hold the same candidates of a group. */
struct host_class {
	uint32_t group;
	const uint32_t *members;
	size_t n_members;
	struct sparse_set hosts;
};

/* A mark that looks for bytes. */
struct marker {
	const struct mark *mark;
	char digest[33];      /* of what it looks for */
	uint32_t value;       /* the digest's number in the store; 0: nobody
	                       * searched for it */
};

/* A growing array of numbers. */
struct ids {
	uint32_t *list;
	size_t n, size;
};

struct map {
	struct map_args args;
	struct arena mem;
	struct err error;         /* of each_host() */

	struct candidate *candidates;
	size_t n_candidates, candidates_size;

	struct findings *names;   /* each candidate settled alone */
	struct group *groups;     /* by entity, kind, name */
	size_t n_groups;
	struct host_class *classes;
	size_t n_classes, classes_size;
	struct host_set undecided; /* hosts of what went over a limit */
	bool source_is_class;     /* of what is being settled */

	struct findings *findings; /* each class settled as a source */
	struct map_case *cases;    /* in order of article */
	struct sparse_set *case_hosts;
	size_t n_cases;
	struct map_article *articles;
	size_t n_articles;

	struct marker *markers;
	size_t n_markers;

	uint32_t *unit_of;        /* by host number: index in unit_names */
	size_t n_unit_of;
	struct slice *unit_names;
	size_t n_unit_names;

	bool *units_within;       /* by index in unit_names; NULL: all */
	bool by_label;            /* only hosts in `labelled` */
	struct host_set labelled;
	bool by_name;             /* only hosts in `named` */
	struct host_set named;
	struct host_set within;   /* hosts that the answer is about */
	struct host_set words[MAP_WORD_COUNT]; /* each host under one word */
	struct host_set reported, never, incomplete, deep;
	struct host_set with_programs; /* of those that reported */
	struct host_set search_again;  /* of these, for a byte mark */
	struct map_report report;
};

int ids_add(struct ids *list, uint32_t number);
/* Ascending, each once. */
void ids_sort(struct ids *list);
void ids_finish(struct ids *list);

bool map_wants(const struct map *m, const struct mark *mark);

/* Each step: 0 or a negative errno with the sentence in e. */
int map_markers(struct map *m, struct err *e);
int map_scan(struct map *m, struct err *e);
int map_classes(struct map *m, struct err *e);
int map_judge(struct map *m, struct err *e);
int map_choose(struct map *m, struct err *e);
int map_seen(struct map *m, struct err *e);
int map_tally(struct map *m, struct err *e);
int map_units(struct map *m, struct err *e);
int map_groups(struct map *m, struct err *e);
int map_remains(struct map *m, struct err *e);

/* Is the answer about that host? */
bool map_within(const struct map *m, uint32_t host, uint64_t unit);

/* The store holds a value of ATTR_SEARCH_MARKER. */
void map_note_search(struct map *m, uint32_t id, struct slice digest);

/* What settling may ask; a source is a class, or one candidate. */
struct finding_context map_context(struct map *m, bool classes);

/* Adds the hits of a candidate to a set. entity UINT32_MAX: all of them. */
int map_add_hits(struct findings *set, uint32_t source,
                 const struct candidate *c, uint32_t entity);

/* Leaves each host under its most urgent word only. */
void map_words_apart(struct host_set words[MAP_WORD_COUNT]);
struct map_tally map_tally_of(const struct host_set words[MAP_WORD_COUNT]);

/* RFC 3339 in mem; NULL for 0 or without memory. */
const char *map_time(struct arena *mem, int64_t at);

#endif
