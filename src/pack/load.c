/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "pack/files.h"
#include "pack/reader.h"

/* All packs together: text and structs, and the trees while they are read. */
enum { PACK_BYTES_MAX = 256 * 1024 * 1024, TREES_BYTES_MAX = 512 * 1024 * 1024 };

/* One file once its YAML is a tree. */
struct document {
	const char *path;
	/* lists, or NULL */
	const struct node *entities, *marks, *orders, *removals, *protections, *terms,
		*calendars, *forms;
};

struct load {
	struct reader r;
	struct pack_files files;
	struct document *docs;
	size_t n_docs;
	EVP_MD_CTX *digest;
	struct err *e;
};

/* -- a file's outermost mapping ---------------------------------------- */

static void read_section(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	if (node->kind != NODE_LIST)
		read_problem(r, node, "%s must be a list, not %s", key->name,
		             node_words(node));
	else if (node->n == 0)
		read_problem(r, node, "the list is empty");
	else
		read_node(r, node, object, key);
}

static const struct key file_keys[] = {
	{.name = "entities", .read = read_section,
	 .at = offsetof(struct document, entities)},
	{.name = "marks", .read = read_section, .at = offsetof(struct document, marks)},
	{.name = "orders", .read = read_section, .at = offsetof(struct document, orders)},
	{.name = "removals", .read = read_section,
	 .at = offsetof(struct document, removals)},
	{.name = "protections", .read = read_section,
	 .at = offsetof(struct document, protections)},
	{.name = "terms", .read = read_section, .at = offsetof(struct document, terms)},
	{.name = "calendars", .read = read_section,
	 .at = offsetof(struct document, calendars)},
	{.name = "forms", .read = read_section, .at = offsetof(struct document, forms)},
};

static int digest_number(EVP_MD_CTX *ctx, uint64_t v)
{
	uint8_t be[8];

	for (size_t i = 0; i < sizeof(be); i++)
		be[i] = (uint8_t)(v >> (56 - 8 * i));
	return EVP_DigestUpdate(ctx, be, sizeof(be));
}

/* Each part is preceded by its length, so that no two packs run together. */
static int digest_file(EVP_MD_CTX *ctx, const char *name, struct slice bytes)
{
	size_t n = strlen(name);

	return digest_number(ctx, n) && EVP_DigestUpdate(ctx, name, n) &&
	       digest_number(ctx, bytes.n) && EVP_DigestUpdate(ctx, bytes.p, bytes.n);
}

static void compose_file(struct load *l, const struct pack_file *file,
                         struct slice bytes)
{
	struct reader *r = &l->r;
	struct document doc = {.path = file->path};

	r->file = file->path;
	const struct node *root = node_compose(bytes, file->path, &r->nodes,
	                                       r->mem, r->problems, &r->nomem);
	if (!root)
		return;
	if (read_map(r, root, "a pack file", file_keys, COUNT_OF(file_keys), &doc) &&
	    root->n == 0)
		read_problem(r, root, "the file is empty");
	l->docs[l->n_docs++] = doc;
}

static int load_file(struct load *l, const struct pack_file *file)
{
	uint8_t *bytes = NULL;
	size_t n = 0;

	int rc = pack_file_read(file->path, l->e, &bytes, &n);
	if (rc == -EFBIG) {
		problems_add(l->r.problems, file->path, 1, 1,
		             "the file is larger than 4 MiB");
		return 0;
	}
	if (rc < 0)
		return rc;
	if (!digest_file(l->digest, file->name, slice_of(bytes, n)))
		rc = err_set(l->e, -EIO, "computing the digest of the packs failed");
	else
		compose_file(l, file, slice_of(bytes, n));
	free(bytes);
	return rc;
}

/* -- entries of all files ---------------------------------------------- */

static size_t count(const struct node *list)
{
	return list ? list->n : 0;
}

/* Room for the entries of one section in the pack, and for their nodes unless
 * these are not wanted. */
static void *section_room(struct load *l, size_t at, size_t size,
                          const struct node ***nodes)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_docs; i++)
		n += count(*(const struct node *const *)
		           ((const uint8_t *)&l->docs[i] + at));
	if (nodes && !(*nodes = arena_zalloc(&l->r.nodes, n, sizeof(**nodes))))
		return NULL;
	return reader_alloc(&l->r, n, size);
}

/* Makes room for every entry, so that pointers to them never move. */
static bool make_room(struct load *l)
{
	struct pack *p = l->r.pack;
	struct reader *r = &l->r;

#define ROOM(section, nodes) \
	(p->section = section_room(l, offsetof(struct document, section), \
	                           sizeof(*p->section), nodes))
	return ROOM(entities, &r->entity_nodes) && ROOM(marks, &r->mark_nodes) &&
	       ROOM(orders, &r->order_nodes) && ROOM(removals, &r->removal_nodes) &&
	       ROOM(protections, NULL) && ROOM(terms, &r->term_nodes) &&
	       ROOM(calendars, &r->calendar_nodes) && ROOM(forms, &r->form_nodes);
#undef ROOM
}

static const struct cell *cells(const struct node *list)
{
	return list ? list->first : NULL;
}

/* What is known of removal, and what may take over. */
static void read_removals(struct reader *r, const struct document *doc)
{
	struct pack *p = r->pack;

	for (const struct cell *c = cells(doc->removals); c; c = c->next) {
		struct removal *m = &p->removals[p->n_removals];
		*m = (struct removal){.file = doc->path, .line = c->value->line};
		r->removal_nodes[p->n_removals++] = c->value;
		removal_read(r, c->value, m);
	}
	for (const struct cell *c = cells(doc->protections); c; c = c->next) {
		struct protection *m = &p->protections[p->n_protections++];
		*m = (struct protection){.file = doc->path, .line = c->value->line};
		protection_read(r, c->value, m);
	}
}

static void read_forms(struct reader *r, const struct document *doc)
{
	for (const struct cell *c = cells(doc->forms); c; c = c->next) {
		struct form *f = &r->pack->forms[r->pack->n_forms];
		*f = (struct form){.file = doc->path, .line = c->value->line};
		r->form_nodes[r->pack->n_forms++] = c->value;
		form_read(r, c->value, f);
	}
}

/* What orders refer to. */
static void read_words(struct reader *r, const struct document *doc)
{
	struct pack *p = r->pack;

	for (const struct cell *c = cells(doc->terms); c; c = c->next) {
		struct term *t = &p->terms[p->n_terms];
		*t = (struct term){.file = doc->path, .line = c->value->line};
		r->term_nodes[p->n_terms++] = c->value;
		term_read(r, c->value, t);
	}
	for (const struct cell *c = cells(doc->calendars); c; c = c->next) {
		struct calendar *k = &p->calendars[p->n_calendars];
		*k = (struct calendar){.file = doc->path, .line = c->value->line};
		r->calendar_nodes[p->n_calendars++] = c->value;
		calendar_read(r, c->value, k);
	}
}

static void read_document(struct reader *r, const struct document *doc)
{
	struct pack *p = r->pack;

	r->file = doc->path;
	read_words(r, doc);
	for (const struct cell *c = cells(doc->entities); c; c = c->next) {
		struct entity *e = &p->entities[p->n_entities];
		*e = (struct entity){.index = (uint32_t)p->n_entities,
		                     .file = doc->path, .line = c->value->line};
		r->entity_nodes[p->n_entities++] = c->value;
		entity_read(r, c->value, e);
	}
	for (const struct cell *c = cells(doc->marks); c; c = c->next) {
		struct mark *m = &p->marks[p->n_marks];
		*m = (struct mark){.index = (uint32_t)p->n_marks, .file = doc->path,
		                   .line = c->value->line};
		r->mark_nodes[p->n_marks++] = c->value;
		mark_read(r, c->value, m);
	}
	for (const struct cell *c = cells(doc->orders); c; c = c->next) {
		struct order *o = &p->orders[p->n_orders];
		*o = (struct order){.index = (uint32_t)p->n_orders, .file = doc->path,
		                    .line = c->value->line};
		r->order_nodes[p->n_orders++] = c->value;
		order_read(r, c->value, o);
	}
	read_removals(r, doc);
	read_forms(r, doc);
}

/* Numbers the tests of all marks and lists them in the pack. */
static void number_tests(struct reader *r)
{
	struct pack *p = r->pack;
	size_t n = 0;

	for (size_t i = 0; i < p->n_marks; i++)
		n += 1 + p->marks[i].n_all + p->marks[i].n_any + p->marks[i].n_unless;
	p->tests = reader_alloc(r, n, sizeof(struct test *));
	if (!p->tests)
		return;
	for (size_t i = 0; i < p->n_marks; i++) {
		struct mark *m = &p->marks[i];
		if (m->test)
			p->tests[p->n_tests++] = m->test;
		for (size_t j = 0; j < m->n_all; j++)
			p->tests[p->n_tests++] = m->all[j];
		for (size_t j = 0; j < m->n_any; j++)
			p->tests[p->n_tests++] = m->any[j];
		for (size_t j = 0; j < m->n_unless; j++)
			p->tests[p->n_tests++] = m->unless[j];
	}
	for (size_t i = 0; i < p->n_tests; i++)
		p->tests[i]->index = (uint32_t)i;
}

/* -- the whole --------------------------------------------------------- */

static int load_files(struct load *l)
{
	l->docs = arena_zalloc(&l->r.nodes, l->files.n, sizeof(*l->docs));
	if (!l->docs)
		return -ENOMEM;
	for (size_t i = 0; i < l->files.n; i++) {
		int rc = load_file(l, &l->files.list[i]);
		if (rc < 0)
			return rc;
		if (l->r.nomem)
			return -ENOMEM;
	}
	return 0;
}

static int digest_finish(struct load *l)
{
	uint8_t raw[EVP_MAX_MD_SIZE];
	static const char hex[] = "0123456789abcdef";
	char *out = l->r.pack->sha256;

	if (!EVP_DigestFinal_ex(l->digest, raw, NULL))
		return err_set(l->e, -EIO, "computing the digest of the packs failed");
	for (size_t i = 0; i < 32; i++) {
		out[2 * i] = hex[raw[i] >> 4];
		out[2 * i + 1] = hex[raw[i] & 15];
	}
	return 0;
}

static int run(struct load *l, const char *const *dirs, size_t n_dirs)
{
	int rc = 0;

	if (!l->digest || !EVP_DigestInit_ex(l->digest, EVP_sha256(), NULL))
		return err_set(l->e, -EIO, "computing the digest of the packs failed");
	for (size_t i = 0; rc == 0 && i < n_dirs; i++)
		rc = pack_files_add(&l->files, dirs[i], l->e);
	if (rc == 0)
		rc = load_files(l);
	if (rc < 0)
		return rc;
	if (!make_room(l))
		return -ENOMEM;
	for (size_t i = 0; i < l->n_docs; i++)
		read_document(&l->r, &l->docs[i]);
	number_tests(&l->r);
	protections_list(&l->r);
	if (!l->r.nomem)
		links_resolve(&l->r);
	if (l->r.nomem)
		return -ENOMEM;
	return digest_finish(l);
}

int pack_load(const char *const *dirs, size_t n_dirs, struct err *e,
              struct pack_problems *problems, struct pack **ret)
{
	struct pack *pack = calloc(1, sizeof(*pack));
	if (!pack)
		return err_set(e, -ENOMEM, "out of memory while reading packs");
	struct load l = {
		.r = {.pack = pack, .known = pack, .mem = &pack->mem, .problems = problems},
		.e = e,
	};

	problems_init(problems);
	arena_init(&pack->mem, PACK_BYTES_MAX);
	arena_init(&l.r.nodes, TREES_BYTES_MAX);
	l.files.mem = &pack->mem;
	l.digest = EVP_MD_CTX_new();
	int rc = run(&l, dirs, n_dirs);
	EVP_MD_CTX_free(l.digest);
	pack_files_finish(&l.files);
	arena_finish(&l.r.nodes);
	problems_sort(problems);
	if (rc == -ENOMEM)
		err_set(e, rc, "out of memory while reading packs, or they are larger "
		        "than 256 MiB");
	if (rc == 0 && problems_any(problems))
		rc = err_set(e, -EBADMSG, "the packs have problems");
	if (rc == 0)
		*ret = pack;
	else
		pack_free(pack);
	return rc;
}
