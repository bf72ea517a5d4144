/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turning nodes into structs by tables of keys. A form (an entity, a mark, a
 * carve-out, ...) is a table; read_map() checks unknown, missing and repeated
 * keys, and each key's reader checks its value and records what is wrong.
 * Readers return nothing: they go on after a problem, so that all of them are
 * found in one run. Private to pack/.
 */
#ifndef PACK_READER_H
#define PACK_READER_H

#include "pack/node.h"
#include "pack/profile.h"

/* Keys of one table; their places are bits of a set. */
enum { KEYS_MAX = 64, ID_MAX = 100 };

/* What a name refers to, to be looked up when every file has been read. */
enum ref_kind { REF_ENTITY, REF_MARK, REF_ORDER, REF_REMOVAL, REF_TERM, REF_CALENDAR,
	REF_CLAUSE, REF_FORM, REF_KIND_COUNT };

/* At most one of the slots is not NULL, the one that fits the kind. */
struct ref {
	enum ref_kind kind;
	struct slice id;
	const char *file;
	const struct node *node; /* where the reference stands */
	uint32_t *slot;          /* gets the index */
	const struct entity **entity;
	const struct term **term;
	const struct calendar **calendar;
	const struct clause **clause;
	enum term_kind term_kind;  /* REF_TERM */
	const struct order *order; /* REF_CLAUSE: whose clause; REF_MARK: the order
	                            * that must name its entity, or NULL */
	struct ref *next;
};

/* State of one load. `file` is the file that is being read. */
struct reader {
	struct pack *pack;        /* that is being filled; NULL for a profile */
	const struct pack *known; /* where names are looked up */
	struct arena *mem;        /* what lives on */
	struct pack_problems *problems;
	const char *file;
	struct arena nodes; /* trees and other things of the load alone */
	struct ref *refs;
	const struct order *order; /* that is being read, or NULL */
	/* nodes of the pack's things, by index */
	const struct node **entity_nodes, **mark_nodes, **order_nodes, **removal_nodes,
		**term_nodes, **calendar_nodes,
		**form_nodes;
	bool nomem;
};

enum key_flags { KEY_REQUIRED = 1 };

struct key {
	const char *name;
	unsigned flags;
	/* Reads the value of this key into the object that the form fills. */
	void (*read)(struct reader *r, const struct node *value, void *object,
	             const struct key *key);
	size_t at;         /* offset of the member in the object */
	size_t at_n;       /* of its count, for lists */
	int tag;           /* what else the reader needs: a test kind */
	int (*by_name)(const char *name); /* words of an enumeration, and ... */
	const char *words; /* ... the list of them for a problem's text */
};

/* Records a problem at a node of the current file. */
void read_problem(struct reader *r, const struct node *at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* Fills object by the table; false when the node is not a mapping. `what` is
 * the form's name in problems: "a mark". */
bool read_map(struct reader *r, const struct node *node, const char *what,
              const struct key *keys, size_t n_keys, void *object);

/* The value of a key, or NULL. Says nothing about what is wrong. */
const struct node *node_get(const struct node *map, const char *key);

/*
 * Values of a node that is a list, or a single text or mapping standing for a
 * list of one. Returns the first cell and the number; an empty list is a
 * problem and gives NULL. `single` is the caller's room for that one cell.
 */
const struct cell *read_items(struct reader *r, const struct node *node,
                              struct cell *single, size_t *ret_n);

/* Non-empty text without control characters, or an empty slice and a problem. */
struct slice read_slice(struct reader *r, const struct node *node);

/* Zeroed memory of the pack or profile; NULL sets r->nomem. */
void *reader_alloc(struct reader *r, size_t count, size_t size);

/* Remembers a reference to be resolved at the end. */
void reader_ref(struct reader *r, struct ref ref);

/* Is this a well-formed id: a-z, 0-9 and single "-" inside? */
bool read_id_ok(struct slice id);

/* An id "<entity>/<name>" of `what` ("a mark"); NULL after a problem. */
const char *read_pair_id(struct reader *r, const struct node *node, const char *what);

/* Refers to the entity in front of such an id; the slot gets its index. */
void reader_ref_entity(struct reader *r, const char *pair_id, const struct node *node,
                       uint32_t *slot);

/*
 * The readers that forms share. `at` is the place of:
 *   text, date, id      const char *
 *   texts               const char ** and at_n
 *   slices              struct slice * and at_n
 *   word                an enumeration, by key->by_name
 *   node                const struct node *, to be read later
 *   sureness            enum sureness
 */
void read_text(struct reader *, const struct node *, void *, const struct key *);
void read_date(struct reader *, const struct node *, void *, const struct key *);
void read_id(struct reader *, const struct node *, void *, const struct key *);
void read_texts(struct reader *, const struct node *, void *, const struct key *);
void read_slices(struct reader *, const struct node *, void *, const struct key *);
void read_word(struct reader *, const struct node *, void *, const struct key *);
void read_node(struct reader *, const struct node *, void *, const struct key *);
void read_sureness(struct reader *, const struct node *, void *, const struct key *);

/*
 * Those of term.c:
 *   term        const struct term *, of the kind in key->tag
 *   terms       struct term_list, of that kind
 *   verbs       unsigned, a bit set of verbs
 *   flag        bool, from yes or no
 *   country     const char *; countries: const char ** and at_n
 *   clause      const struct clause *, of the order that is being read
 *   entity_ref  const struct entity *
 *   ids         texts that must be ids of things of the kind in key->tag
 */
void read_term(struct reader *, const struct node *, void *, const struct key *);
void read_terms(struct reader *, const struct node *, void *, const struct key *);
void read_verbs(struct reader *, const struct node *, void *, const struct key *);
void read_flag(struct reader *, const struct node *, void *, const struct key *);
void read_country(struct reader *, const struct node *, void *, const struct key *);
void read_countries(struct reader *, const struct node *, void *, const struct key *);
void read_clause(struct reader *, const struct node *, void *, const struct key *);
void read_entity_ref(struct reader *, const struct node *, void *, const struct key *);
void read_ids(struct reader *, const struct node *, void *, const struct key *);
bool read_yes(struct reader *r, const struct node *node, bool *ret);

/* A list of mappings of one form. */
struct list_form {
	const char *what;       /* one of them, in problems: "a clause" */
	const struct key *keys;
	size_t n_keys, size, limit;
	/* Rules between keys; or NULL. */
	void (*check)(struct reader *r, const struct node *node, const void *item);
};

/* Reads one at the key's member and count: an array of the form's structs. */
void read_list_of(struct reader *r, const struct node *node, void *object,
                  const struct key *key, const struct list_form *form);

/* A problem when until lies before since; either may be NULL. */
void read_check_period(struct reader *r, const struct node *at, const char *since,
                  const char *until);

/* One entry of `entities`, `marks`, `orders`, ...; fills the slot of that index. */
void entity_read(struct reader *r, const struct node *node, struct entity *e);
void mark_read(struct reader *r, const struct node *node, struct mark *m);
void order_read(struct reader *r, const struct node *node, struct order *o);
void removal_read(struct reader *r, const struct node *node, struct removal *m);
void protection_read(struct reader *r, const struct node *node, struct protection *p);
void form_read(struct reader *r, const struct node *node, struct form *form);

void term_read(struct reader *r, const struct node *node, struct term *t);
void calendar_read(struct reader *r, const struct node *node, struct calendar *c);
void clock_read(struct reader *r, const struct node *node, struct clock *c);
void profile_read(struct reader *r, const struct node *node, struct profile *p);

/* Parts of an order that have files of their own: the values of its keys `scope`,
 * `categories`, `carve-outs` and `examples`; object is the struct order. */
void scope_read(struct reader *, const struct node *, void *, const struct key *);
void categories_read(struct reader *, const struct node *, void *, const struct key *);
void carve_outs_read(struct reader *, const struct node *, void *, const struct key *);
void order_examples_read(struct reader *, const struct node *, void *, const struct key *);

/* Words of enumerations; -1 when there is no such word. */
int scope_word_by_name(const char *name);
int relation_by_name(const char *name);
int order_state_by_name(const char *name);
int verdict_by_name(const char *name);
int term_kind_by_name(const char *name);

/* Lists the processes of each role in the pack, once all files are read. */
void protections_list(struct reader *r);

/* What a mark or a second claim says of its test, while it is read. */
struct test_draft {
	struct test *test;
	const struct node *attr_node, *test_node;
	unsigned n_kinds;   /* test keys given; must be one */
	enum attr first;    /* the attribute listed first */
	bool attr_ok;
};

/* The keys of a test, for the tables of mark.c and test.c: the object must
 * start with a struct test_draft. */
#define TEST_KEYS \
	{"attr", KEY_REQUIRED, test_read_attr, 0, 0, 0, NULL, NULL}, \
	{"exact", 0, test_read_values, 0, 0, TEST_EXACT, NULL, NULL}, \
	{"name", 0, test_read_values, 0, 0, TEST_NAME, NULL, NULL}, \
	{"words", 0, test_read_values, 0, 0, TEST_WORDS, NULL, NULL}, \
	{"prefix", 0, test_read_values, 0, 0, TEST_PREFIX, NULL, NULL}, \
	{"glob", 0, test_read_values, 0, 0, TEST_GLOB, NULL, NULL}, \
	{"regex", 0, test_read_values, 0, 0, TEST_REGEX, NULL, NULL}, \
	{"domain", 0, test_read_values, 0, 0, TEST_DOMAIN, NULL, NULL}, \
	{"identifier", 0, test_read_values, 0, 0, TEST_ID, NULL, NULL}, \
	{"range", 0, test_read_range, 0, 0, TEST_RANGE, NULL, NULL}, \
	{"bytes", 0, test_read_bytes, 0, 0, TEST_BYTES, NULL, NULL}

void test_read_attr(struct reader *, const struct node *, void *, const struct key *);
void test_read_values(struct reader *, const struct node *, void *, const struct key *);
void test_read_range(struct reader *, const struct node *, void *, const struct key *);
void test_read_bytes(struct reader *, const struct node *, void *, const struct key *);

/* Starts a draft with a test of the pack's memory; false when there is none. */
bool test_new(struct reader *r, struct test_draft *draft);

/* Checks what only the whole of a draft shows: one test, bytes on file.bytes. */
void test_check(struct reader *r, const struct node *node,
                const struct test_draft *draft);

/* Second claims ({attr, <test>}): key->at is a struct test **, at_n its count. */
void test_read_list(struct reader *, const struct node *, void *, const struct key *);

/* A marker's bytes: text, {hex: ...} or {text: ..., utf16: true}. An empty
 * slice after a problem. */
struct slice test_bytes(struct reader *r, const struct node *node);

/* Is this mapping a marker ({hex: ...}, {text: ...}) and not claims? */
bool test_is_bytes(const struct node *node);

/* The examples of a mark whose first attribute is `first`. */
void examples_read(struct reader *r, const struct node *node, enum attr first,
                   struct example **ret, size_t *ret_n);

/* Last of all: looks up what refers to what; and in a pack, ids that stand twice
 * and what does not fit together. */
void links_resolve(struct reader *r);

/* Notes who has kin among the entities; complains of families in which somebody
 * owns, or succeeds, themselves. */
void family_check(struct reader *r);

#endif
