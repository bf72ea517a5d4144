/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/reader.h"

#include <stdarg.h>
#include <stdio.h>

/* Words of one problem before problem.c cuts them. */
enum { WORDS_MAX = 600 };

/* The member of an object that a key fills. */
static void *member(void *object, size_t at)
{
	return (uint8_t *)object + at;
}

void read_problem(struct reader *r, const struct node *at, const char *fmt, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	problems_add(r->problems, r->file, at->line, at->column, "%s", words);
}

void *reader_alloc(struct reader *r, size_t count, size_t size)
{
	void *p = arena_zalloc(r->mem, count, size);
	if (!p)
		r->nomem = true;
	return p;
}

void reader_ref(struct reader *r, struct ref ref)
{
	struct ref *copy = arena_alloc(&r->nodes, sizeof(*copy));
	if (!copy) {
		r->nomem = true;
		return;
	}
	*copy = ref;
	copy->file = r->file;
	copy->next = r->refs;
	r->refs = copy;
}

const struct node *node_get(const struct node *map, const char *key)
{
	if (map->kind != NODE_MAP)
		return NULL;
	for (const struct cell *c = map->first; c; c = c->next)
		if (c->key->kind == NODE_TEXT &&
		    slice_eq(c->key->text, slice_str(key)))
			return c->value;
	return NULL;
}

static const struct key *find_key(const struct key *keys, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(slice_str(keys[i].name), name))
			return &keys[i];
	return NULL;
}

/* Do a and b differ by one letter put in, left out, changed or swapped? */
static bool one_slip(struct slice a, struct slice b)
{
	if (a.n < b.n)
		return one_slip(b, a);
	if (a.n - b.n > 1)
		return false;
	size_t i = 0;
	while (i < b.n && a.p[i] == b.p[i])
		i++;
	if (a.n > b.n)
		return slice_eq(slice_from(a, i + 1), slice_from(b, i));
	if (slice_eq(slice_from(a, i + 1), slice_from(b, i + 1)))
		return true;
	return i + 1 < a.n && a.p[i] == b.p[i + 1] && a.p[i + 1] == b.p[i] &&
	       slice_eq(slice_from(a, i + 2), slice_from(b, i + 2));
}

static void unknown_key(struct reader *r, const struct node *name, const char *what,
                        const struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (one_slip(name->text, slice_str(keys[i].name))) {
			read_problem(r, name, "unknown key \"%.60s\" in %s: is it \"%s\"?",
			             (const char *)name->text.p, what, keys[i].name);
			return;
		}
	read_problem(r, name, "unknown key \"%.60s\" in %s",
	             (const char *)name->text.p, what);
}

static void read_pair(struct reader *r, const struct cell *c, const char *what,
                      const struct key *keys, size_t n, void *object,
                      uint64_t *seen)
{
	if (c->key->kind != NODE_TEXT) {
		read_problem(r, c->key, "a key must be text, not %s",
		             node_words(c->key));
		return;
	}
	const struct key *key = find_key(keys, n, c->key->text);
	if (!key) {
		unknown_key(r, c->key, what, keys, n);
		return;
	}
	uint64_t bit = (uint64_t)1 << (key - keys);
	if (*seen & bit) {
		read_problem(r, c->key, "key \"%s\" stands twice in %s", key->name, what);
		return;
	}
	*seen |= bit;
	key->read(r, c->value, object, key);
}

bool read_map(struct reader *r, const struct node *node, const char *what,
              const struct key *keys, size_t n, void *object)
{
	uint64_t seen = 0;

	if (node->kind != NODE_MAP) {
		read_problem(r, node, "%s must be a mapping, not %s", what,
		             node_words(node));
		return false;
	}
	for (const struct cell *c = node->first; c; c = c->next)
		read_pair(r, c, what, keys, n, object, &seen);
	for (size_t i = 0; i < n; i++)
		if (keys[i].flags & KEY_REQUIRED && !(seen >> i & 1))
			read_problem(r, node, "%s needs the key \"%s\"", what,
			             keys[i].name);
	return true;
}

const struct cell *read_items(struct reader *r, const struct node *node,
                              struct cell *single, size_t *ret_n)
{
	*ret_n = 1;
	*single = (struct cell){.value = node};
	if (node->kind != NODE_LIST)
		return single;
	*ret_n = node->n;
	if (node->n == 0)
		read_problem(r, node, "the list is empty");
	return node->first;
}

/* C0 controls, but for the line breaks and tabs of a long text. */
static bool has_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 0x7f || (s.p[i] < 0x20 && s.p[i] != '\n' &&
		                       s.p[i] != '\t'))
			return true;
	return false;
}

struct slice read_slice(struct reader *r, const struct node *node)
{
	const char *wrong = NULL;

	if (node->kind != NODE_TEXT)
		read_problem(r, node, "expected text, found %s", node_words(node));
	else if (slice_trim(node->text).n == 0)
		wrong = "the value is empty";
	else if (node->text.n > CLAIM_VALUE_MAX)
		wrong = "the text is longer than 4096 bytes";
	else if (has_control(node->text))
		wrong = "the text holds a control character";
	else
		return node->text;
	if (wrong)
		read_problem(r, node, "%s", wrong);
	return (struct slice){0};
}

void read_text(struct reader *r, const struct node *node, void *object,
               const struct key *key)
{
	struct slice s = slice_trim(read_slice(r, node));
	if (s.n == 0)
		return;
	const char *copy = arena_str(r->mem, s);
	if (!copy)
		r->nomem = true;
	*(const char **)member(object, key->at) = copy;
}

void read_date(struct reader *r, const struct node *node, void *object,
               const struct key *key)
{
	struct slice s = read_slice(r, node);

	if (s.n && day_parse(s) == DAY_NONE)
		read_problem(r, node, "\"%.40s\" is not a date (YYYY-MM-DD)",
		             (const char *)s.p);
	else if (s.n)
		*(const char **)member(object, key->at) = (const char *)s.p;
}

bool read_id_ok(struct slice id)
{
	if (id.n == 0 || id.n > ID_MAX || id.p[0] == '-' || id.p[id.n - 1] == '-')
		return false;
	for (size_t i = 0; i < id.n; i++) {
		uint8_t c = id.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

void read_id(struct reader *r, const struct node *node, void *object,
             const struct key *key)
{
	struct slice s = read_slice(r, node);

	if (s.n && !read_id_ok(s))
		read_problem(r, node, "\"%.60s\" is not an id: lower-case letters, "
		             "digits and \"-\" inside", (const char *)s.p);
	else if (s.n)
		*(const char **)member(object, key->at) = (const char *)s.p;
}

const char *read_pair_id(struct reader *r, const struct node *node, const char *what)
{
	struct slice s = read_slice(r, node);
	size_t slash = slice_find_byte(s, '/');

	if (s.n == 0)
		return NULL;
	if (slash < s.n && read_id_ok(slice_first(s, slash)) &&
	    read_id_ok(slice_from(s, slash + 1)))
		return (const char *)s.p;
	read_problem(r, node, "\"%.60s\" is not the id of %s: <entity>/<name> in "
	             "lower-case letters, digits and \"-\"", (const char *)s.p, what);
	return NULL;
}

void reader_ref_entity(struct reader *r, const char *pair_id, const struct node *node,
                       uint32_t *slot)
{
	struct slice id = slice_str(pair_id);

	reader_ref(r, (struct ref){
		.kind = REF_ENTITY,
		.id = slice_first(id, slice_find_byte(id, '/')),
		.node = node,
		.slot = slot,
	});
}

void read_slices(struct reader *r, const struct node *node, void *object,
                 const struct key *key)
{
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);
	struct slice *list = reader_alloc(r, n, sizeof(*list));
	size_t *count = member(object, key->at_n);

	if (!list)
		return;
	*(struct slice **)member(object, key->at) = list;
	*count = 0;
	for (; c; c = c->next) {
		struct slice s = slice_trim(read_slice(r, c->value));
		if (s.n)
			list[(*count)++] = s;
	}
}

void read_texts(struct reader *r, const struct node *node, void *object,
                const struct key *key)
{
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);
	const char **list = reader_alloc(r, n, sizeof(*list));
	size_t *count = member(object, key->at_n);

	if (!list)
		return;
	*(const char ***)member(object, key->at) = list;
	*count = 0;
	for (; c; c = c->next) {
		struct slice s = slice_trim(read_slice(r, c->value));
		if (s.n && !(list[(*count)++] = arena_str(r->mem, s)))
			r->nomem = true;
	}
}

void read_word(struct reader *r, const struct node *node, void *object,
               const struct key *key)
{
	struct slice s = read_slice(r, node);
	if (s.n == 0)
		return;
	int value = key->by_name((const char *)s.p);
	if (value < 0)
		read_problem(r, node, "unknown %s \"%.60s\": one of %s", key->name,
		             (const char *)s.p, key->words);
	else
		*(unsigned *)member(object, key->at) = (unsigned)value;
}

void read_node(struct reader *r, const struct node *node, void *object,
               const struct key *key)
{
	(void)r;
	*(const struct node **)member(object, key->at) = node;
}

void read_sureness(struct reader *r, const struct node *node, void *object,
                   const struct key *key)
{
	static const struct {
		char letter;
		enum sureness sureness;
	} letters[] = {
		{'V', SURE_VERIFIED}, {'P', SURE_VERIFIED}, {'S', SURE_SEEN},
		{'X', SURE_SEEN},     {'2', SURE_SEEN},     {'K', SURE_BACKGROUND},
	};
	struct slice s = read_slice(r, node);

	for (size_t i = 0; s.n == 1 && i < COUNT_OF(letters); i++)
		if (letters[i].letter == s.p[0]) {
			*(enum sureness *)member(object, key->at) = letters[i].sureness;
			return;
		}
	if (s.n)
		read_problem(r, node, "unknown confidence \"%.60s\": one of V, P, S, X, "
		             "2, K", (const char *)s.p);
}

void read_list_of(struct reader *r, const struct node *node, void *object,
                  const struct key *key, const struct list_form *form)
{
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	if (n > form->limit) {
		read_problem(r, node, "more than %zu in %s", form->limit, key->name);
		return;
	}
	uint8_t *list = reader_alloc(r, n, form->size);
	if (!list)
		return;
	*(void **)member(object, key->at) = list;
	*(size_t *)member(object, key->at_n) = n;
	for (; c; c = c->next, list += form->size)
		if (read_map(r, c->value, form->what, form->keys, form->n_keys, list) &&
		    form->check)
			form->check(r, c->value, list);
}

void read_check_period(struct reader *r, const struct node *at, const char *since,
                  const char *until)
{
	if (since && until && strcmp(until, since) < 0)
		read_problem(r, at, "it ends (%s) before it begins (%s)", until, since);
}
