/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/form.h"

#include "pack/reader.h"

/* A paper of a page or ten, not a book. */
enum { PARTS_MAX = 100, FIELDS_MAX = 100, FROM_MAX = 8 };

#define ANY (~0u)
#define ARTICLE (FORM_IN(FINDING) | FORM_IN(PRODUCT))

static const struct {
	const char *name, *words;
	unsigned where;
} facts[] = {
#define FACT(symbol, name, where, words) [FACT_##symbol] = {name, words, where},
#include "pack/fact.def"
#undef FACT
};

const char *form_fact_words(enum form_fact fact)
{
	return facts[fact].words;
}

const struct form *pack_form(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_forms; i++)
		if (strcmp(pack->forms[i].id, id) == 0)
			return &pack->forms[i];
	return NULL;
}

/* -- a field ------------------------------------------------------------- */

/* False after a problem. */
static bool read_from(struct reader *r, const struct node *node, struct form_from *from)
{
	static const struct slice profile = {(const uint8_t *)"profile:", 8};
	struct slice s = read_slice(r, node);

	if (s.n == 0)
		return false;
	if (slice_starts(s, profile)) {
		const struct slice id = slice_from(s, profile.n);
		*from = (struct form_from){FACT_PROFILE, (const char *)id.p};
		if (!read_id_ok(id))
			read_problem(r, node, "\"%.60s\" is not the id of a fact: lower-case "
			             "letters, digits and \"-\" inside", (const char *)id.p);
		return read_id_ok(id);
	}
	for (size_t i = 0; i < COUNT_OF(facts); i++)
		if (strcmp(facts[i].name, (const char *)s.p) == 0) {
			*from = (struct form_from){.fact = (enum form_fact)i};
			return true;
		}
	read_problem(r, node, "there is no fact \"%.60s\" (the user's own are written "
	             "profile:<id>)", (const char *)s.p);
	return false;
}

static void read_froms(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	struct form_field *field = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > FROM_MAX) {
		read_problem(r, node, "more than 8 facts for one field");
		return;
	}
	field->from = reader_alloc(r, n, sizeof(*field->from));
	for (; field->from && c; c = c->next)
		if (read_from(r, c->value, &field->from[field->n_from]))
			field->n_from++;
}

static void read_required(struct reader *r, const struct node *node, void *object,
                          const struct key *key)
{
	const struct slice s = read_slice(r, node);

	(void)key;
	if (slice_eq(s, SLICE("no")))
		((struct form_field *)object)->optional = true;
	else if (s.n && !slice_eq(s, SLICE("yes")))
		read_problem(r, node, "required is yes (which need not be said) or no");
}

#define FIELD(member) .at = offsetof(struct form_field, member)

static const struct key field_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, FIELD(id)},
	{.name = "label", .flags = KEY_REQUIRED, .read = read_text, FIELD(label)},
	{.name = "from", .flags = KEY_REQUIRED, .read = read_froms},
	{.name = "hint", .read = read_text, FIELD(hint)},
	{.name = "clause", .read = read_text, FIELD(clause)},
	{.name = "required", .read = read_required},
};

/* -- a part -------------------------------------------------------------- */

static int each_by_name(const char *name)
{
	static const char *const words[FORM_EACH_COUNT] = {
		[FORM_ONCE] = "once",       [FORM_FINDING] = "finding",
		[FORM_PRODUCT] = "product", [FORM_SOURCE] = "source",
		[FORM_CONTRACT] = "contract",
	};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i], name) == 0)
			return (int)i;
	return -1;
}

static void read_kinds(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	struct form_part *part = object;
	struct cell single;
	size_t n;

	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next) {
		const struct slice s = read_slice(r, c->value);
		const int kind = s.n ? kind_by_name((const char *)s.p) : 0;
		if (kind < 0)
			read_problem(r, c->value, "unknown kind \"%.60s\": one of %s",
			             (const char *)s.p, key->words);
		else if (s.n)
			part->kinds |= 1u << kind;
	}
}

static void read_fields(struct reader *r, const struct node *node, void *object,
                        const struct key *key)
{
	struct form_part *part = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > FIELDS_MAX) {
		read_problem(r, node, "more than 100 fields");
		return;
	}
	part->fields = reader_alloc(r, n, sizeof(*part->fields));
	for (; part->fields && c; c = c->next)
		read_map(r, c->value, "a field", field_keys, COUNT_OF(field_keys),
		         &part->fields[part->n_fields++]);
}

#define PART(member) .at = offsetof(struct form_part, member)

static const struct key part_keys[] = {
	{.name = "heading", .flags = KEY_REQUIRED, .read = read_text, PART(heading)},
	{.name = "words", .read = read_text, PART(words)},
	{.name = "clause", .read = read_text, PART(clause)},
	{.name = "each", .read = read_word, PART(each), .by_name = each_by_name,
	 .words = "once, finding, product, source, contract"},
	{.name = "kinds", .read = read_kinds, .words = "software, hardware, service"},
	{.name = "fields", .read = read_fields},
};

/* A fact of one article says nothing in a part that stands once. */
static void check_facts(struct reader *r, const struct node *node,
                        const struct form_part *part)
{
	const struct node *fields = node_get(node, "fields");
	struct cell single;
	size_t n;

	if (!fields || fields->n == 0)
		return;
	const struct cell *c = read_items(r, fields, &single, &n);
	for (size_t i = 0; i < part->n_fields && c; i++, c = c->next)
		for (size_t k = 0; k < part->fields[i].n_from; k++) {
			const enum form_fact fact = part->fields[i].from[k].fact;
			const struct node *at = node_get(c->value, "from");
			if (fact == FACT_PROFILE || facts[fact].where >> part->each & 1)
				continue;
			read_problem(r, at, "the fact \"%s\" does not belong in a part that is "
			             "written %s", facts[fact].name,
			             part->each == FORM_ONCE ? "once" : "for each of these");
		}
}

static void read_parts(struct reader *r, const struct node *node, void *object,
                       const struct key *key)
{
	struct form *form = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > PARTS_MAX) {
		read_problem(r, node, "more than 100 parts");
		return;
	}
	form->parts = reader_alloc(r, n, sizeof(*form->parts));
	for (; form->parts && c; c = c->next) {
		struct form_part *part = &form->parts[form->n_parts++];
		if (read_map(r, c->value, "a part", part_keys, COUNT_OF(part_keys), part))
			check_facts(r, c->value, part);
	}
}

/* -- a form -------------------------------------------------------------- */

#define FORM(member) .at = offsetof(struct form, member)

static const struct key form_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, FORM(id)},
	{.name = "title", .flags = KEY_REQUIRED, .read = read_text, FORM(title)},
	{.name = "orders", .read = read_ids, FORM(orders),
	 .at_n = offsetof(struct form, n_orders),
	 .tag = REF_ORDER},
	{.name = "clause", .flags = KEY_REQUIRED, .read = read_text, FORM(clause)},
	{.name = "contracts", .read = read_texts, FORM(contracts),
	 .at_n = offsetof(struct form, n_contracts)},
	{.name = "to", .read = read_text, FORM(to)},
	{.name = "note", .read = read_text, FORM(note)},
	{.name = "parts", .flags = KEY_REQUIRED, .read = read_parts},
	{.name = "confidence", .flags = KEY_REQUIRED, .read = read_sureness, FORM(sureness)},
	{.name = "sources", .flags = KEY_REQUIRED, .read = read_texts, FORM(sources),
	 .at_n = offsetof(struct form, n_sources)},
};

/* Where the last field of that id stands. */
static const struct node *field_node(const struct node *form, const char *id)
{
	const struct node *parts = node_get(form, "parts"), *found = form;

	for (const struct cell *p = parts ? parts->first : NULL; p; p = p->next) {
		const struct node *fields = node_get(p->value, "fields");
		for (const struct cell *f = fields ? fields->first : NULL; f; f = f->next) {
			const struct node *is = f->value ? node_get(f->value, "id") : NULL;
			if (is && slice_eq(is->text, slice_str(id)))
				found = is;
		}
	}
	return found;
}

/* A field's id tells it from all others of the form, also in JSON. */
static void check_ids(struct reader *r, const struct node *node, const struct form *form)
{
	for (size_t i = 0; i < form->n_parts; i++)
		for (size_t k = 0; k < form->parts[i].n_fields; k++) {
			const char *id = form->parts[i].fields[k].id;
			size_t same = 0;
			for (size_t p = 0; id && p <= i; p++)
				for (size_t f = 0; f < (p < i ? form->parts[p].n_fields : k); f++)
					same += form->parts[p].fields[f].id &&
					        strcmp(form->parts[p].fields[f].id, id) == 0;
			if (same)
				read_problem(r, field_node(node, id), "the field \"%s\" stands "
				             "twice in the form", id);
		}
}

void form_read(struct reader *r, const struct node *node, struct form *form)
{
	if (read_map(r, node, "a form", form_keys, COUNT_OF(form_keys), form))
		check_ids(r, node, form);
}
