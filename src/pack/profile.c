/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/profile.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "pack/files.h"
#include "pack/reader.h"

enum {
	LIST_MAX = 10000, /* entries of one list of a profile */
	PROFILE_BYTES_MAX = 64 * 1024 * 1024,
	TREE_BYTES_MAX = 256 * 1024 * 1024,
};

#define MEMBER(type, member) .at = offsetof(struct type, member)
#define MEMBERS(type, member) MEMBER(type, member), .at_n = offsetof(struct type, n_##member)

/* ---- places ------------------------------------------------------------ */

/* The keys that narrow an entry, for tables of structs that have a `place`. */
#define PLACE(type, member) \
	.at = offsetof(struct type, place.member), \
	.at_n = offsetof(struct type, place.n_##member)
#define PLACE_KEYS(type) \
	{.name = "articles", .read = read_slices, PLACE(type, articles)}, \
	{.name = "sources", .read = read_slices, PLACE(type, sources)}, \
	{.name = "entities", .read = read_ids, PLACE(type, entities), .tag = REF_ENTITY}, \
	{.name = "orders", .read = read_ids, PLACE(type, orders), .tag = REF_ORDER}

/* ---- entries ----------------------------------------------------------- */

static int answer_by_name(const char *word)
{
	return strcmp(word, "yes") == 0 ? ANSWER_YES : strcmp(word, "no") == 0 ? ANSWER_NO : -1;
}

static const struct key clause_keys[] = {
	{.name = "clause", .flags = KEY_REQUIRED, .read = read_text,
	 MEMBER(profile_clause, clause)},
	{.name = "contract", .read = read_text, MEMBER(profile_clause, contract)},
	{.name = "orders", .read = read_texts, MEMBERS(profile_clause, orders)},
	{.name = "officer", .read = read_text, MEMBER(profile_clause, officer)},
	{.name = "since", .read = read_date, MEMBER(profile_clause, since)},
	{.name = "until", .read = read_date, MEMBER(profile_clause, until)},
};

static const struct key system_keys[] = {
	{.name = "is", .flags = KEY_REQUIRED, .read = read_terms, MEMBER(profile_system, is),
	 .tag = TERM_SYSTEM},
	{.name = "activities", .read = read_verbs, MEMBER(profile_system, activities)},
	PLACE_KEYS(profile_system),
};

static const struct key answer_keys[] = {
	{.name = "question", .flags = KEY_REQUIRED, .read = read_term,
	 MEMBER(profile_answer, question), .tag = TERM_QUESTION},
	{.name = "is", .flags = KEY_REQUIRED, .read = read_word, MEMBER(profile_answer, is),
	 .by_name = answer_by_name, .words = "yes, no"},
	{.name = "by", .flags = KEY_REQUIRED, .read = read_text, MEMBER(profile_answer, by)},
	{.name = "on", .read = read_date, MEMBER(profile_answer, on)},
	{.name = "because", .read = read_text, MEMBER(profile_answer, because)},
	PLACE_KEYS(profile_answer),
};

static const struct key waiver_keys[] = {
	{.name = "by", .flags = KEY_REQUIRED, .read = read_text, MEMBER(profile_waiver, by)},
	{.name = "cite", .read = read_text, MEMBER(profile_waiver, cite)},
	{.name = "since", .read = read_date, MEMBER(profile_waiver, since)},
	{.name = "until", .flags = KEY_REQUIRED, .read = read_date,
	 MEMBER(profile_waiver, until)},
	{.name = "clock", .read = read_id, MEMBER(profile_waiver, clock)},
	PLACE_KEYS(profile_waiver),
};

static const struct key event_keys[] = {
	{.name = "is", .flags = KEY_REQUIRED, .read = read_word, MEMBER(profile_event, kind),
	 .by_name = event_by_name,
	 .words = "identified, notified, submitted, contract, solicitation, done"},
	{.name = "on", .flags = KEY_REQUIRED, .read = read_date, MEMBER(profile_event, on)},
	{.name = "clock", .read = read_id, MEMBER(profile_event, clock)},
	{.name = "contract", .read = read_text, MEMBER(profile_event, contract)},
	{.name = "what", .read = read_text, MEMBER(profile_event, what)},
	PLACE_KEYS(profile_event),
};

static const struct key fact_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, MEMBER(profile_fact, id)},
	{.name = "text", .flags = KEY_REQUIRED, .read = read_text, MEMBER(profile_fact, text)},
	PLACE_KEYS(profile_fact),
};

/* ---- rules between keys ------------------------------------------------ */

static void check_clause(struct reader *r, const struct node *node, const void *item)
{
	const struct profile_clause *c = item;

	read_check_period(r, node, c->since, c->until);
}

static void check_waiver(struct reader *r, const struct node *node, const void *item)
{
	const struct profile_waiver *w = item;

	read_check_period(r, node, w->since, w->until);
	if (w->place.n_orders == 0)
		read_problem(r, node, "it must name the orders that it is of");
}

static void check_event(struct reader *r, const struct node *node, const void *item)
{
	const struct profile_event *e = item;

	if (node_get(node, "is") && (e->kind == EVENT_ISSUED || e->kind == EVENT_EFFECTIVE))
		read_problem(r, node, "when an order was issued or takes effect stands in "
		             "the order");
	if (e->kind == EVENT_SUBMITTED && !e->clock)
		read_problem(r, node, "say of which clock the paper was submitted");
}

/* ---- lists ------------------------------------------------------------- */

enum { CLAUSES, SYSTEMS, ANSWERS, WAIVERS, EVENTS, FACTS };

#define ENTRY(type, words, checker) \
	{.what = (words), .keys = type##_keys, .n_keys = COUNT_OF(type##_keys), \
	 .size = sizeof(struct profile_##type), .limit = LIST_MAX, .check = (checker)}

static const struct list_form entries[] = {
	[CLAUSES] = ENTRY(clause, "a clause that binds you", check_clause),
	[SYSTEMS] = ENTRY(system, "a system", NULL),
	[ANSWERS] = ENTRY(answer, "an answer", NULL),
	[WAIVERS] = ENTRY(waiver, "a waiver", check_waiver),
	[EVENTS] = ENTRY(event, "an event", check_event),
	[FACTS] = ENTRY(fact, "a fact", NULL),
};

static void read_list(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	read_list_of(r, node, object, key, &entries[key->tag]);
}

/* "none" says that there are none, which differs from saying nothing. */
static void read_clauses(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	((struct profile *)object)->clauses_said = true;
	if (node->kind != NODE_TEXT || !slice_eq(node->text, SLICE("none")))
		read_list(r, node, object, key);
}

/* ---- the whole --------------------------------------------------------- */

static const struct key contact_keys[] = {
	{.name = "name", .read = read_text, MEMBER(profile, contact_name)},
	{.name = "phone", .read = read_text, MEMBER(profile, contact_phone)},
	{.name = "email", .read = read_text, MEMBER(profile, contact_email)},
};

static void read_contact(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	(void)key;
	read_map(r, node, "a contact", contact_keys, COUNT_OF(contact_keys), object);
}

static void read_calendar(struct reader *r, const struct node *node, void *object,
                          const struct key *key)
{
	const struct slice id = read_slice(r, node);

	if (id.n)
		reader_ref(r, (struct ref){
			.kind = REF_CALENDAR, .id = id, .node = node,
			.calendar = (const struct calendar **)((uint8_t *)object + key->at)});
}

static const struct key profile_keys[] = {
	{.name = "name", .read = read_text, MEMBER(profile, name)},
	{.name = "unit", .read = read_text, MEMBER(profile, unit)},
	{.name = "contact", .read = read_contact},
	{.name = "uei", .read = read_text, MEMBER(profile, uei)},
	{.name = "cage", .read = read_text, MEMBER(profile, cage)},
	{.name = "country", .read = read_country, MEMBER(profile, country)},
	{.name = "is", .read = read_terms, MEMBER(profile, is), .tag = TERM_PARTY},
	{.name = "activities", .read = read_verbs, MEMBER(profile, activities)},
	{.name = "calendar", .read = read_calendar, MEMBER(profile, calendar)},
	{.name = "clauses", .read = read_clauses, MEMBERS(profile, clauses), .tag = CLAUSES},
	{.name = "systems", .read = read_list, MEMBERS(profile, systems), .tag = SYSTEMS},
	{.name = "answers", .read = read_list, MEMBERS(profile, answers), .tag = ANSWERS},
	{.name = "waivers", .read = read_list, MEMBERS(profile, waivers), .tag = WAIVERS},
	{.name = "events", .read = read_list, MEMBERS(profile, events), .tag = EVENTS},
	{.name = "facts", .read = read_list, MEMBERS(profile, facts), .tag = FACTS},
};

static_assert(COUNT_OF(profile_keys) <= KEYS_MAX, "keys are bits of a set");

void profile_read(struct reader *r, const struct node *node, struct profile *p)
{
	read_map(r, node, "a profile", profile_keys, COUNT_OF(profile_keys), p);
}

/* ---- files ------------------------------------------------------------- */

struct document {
	const struct node *profile;
};

static const struct key document_keys[] = {
	{.name = "profile", .flags = KEY_REQUIRED, .read = read_node,
	 .at = offsetof(struct document, profile)},
};

static int load(struct reader *r, const char *path, struct profile *p, struct err *e)
{
	uint8_t *bytes = NULL;
	size_t n = 0;
	struct document doc = {0};
	const int rc = pack_file_read(path, e, &bytes, &n);

	if (rc < 0)
		return rc;
	const struct node *root = node_compose(slice_of(bytes, n), path, &r->nodes, r->mem,
	                                       r->problems, &r->nomem);
	free(bytes);
	if (root && read_map(r, root, "a profile file", document_keys,
	                     COUNT_OF(document_keys), &doc) && doc.profile)
		profile_read(r, doc.profile, p);
	if (!r->nomem)
		links_resolve(r);
	return r->nomem ? err_set(e, -ENOMEM, "out of memory while reading %s", path) : 0;
}

int profile_load(const char *path, const struct pack *pack, struct err *e,
                 struct pack_problems *problems, struct profile **ret)
{
	struct profile *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(e, -ENOMEM, "out of memory while reading %s", path);
	problems_init(problems);
	arena_init(&p->mem, PROFILE_BYTES_MAX);
	p->file = arena_str(&p->mem, slice_str(path));
	struct reader r = {.known = pack, .mem = &p->mem, .problems = problems, .file = path};
	arena_init(&r.nodes, TREE_BYTES_MAX);
	int rc = load(&r, path, p, e);
	arena_finish(&r.nodes);
	problems_sort(problems);
	if (rc == 0 && problems_any(problems))
		rc = err_set(e, -EBADMSG, "the profile has problems");
	if (rc == 0)
		*ret = p;
	else
		profile_free(p);
	return rc;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	arena_finish(&p->mem);
	free(p);
}
