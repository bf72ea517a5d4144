/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of removing an entity's articles, and of what may take over
 * from them. Both are words and numbers for a plan; nothing here is run.
 */
#include <stdlib.h>

#include "pack/reader.h"

/* A rank orders a handful of packages of one maker. */
enum { RANK_MAX = 1000, EXIT_CODE_MAX = 0x7fffffff, SUCCESS_MAX = 16, COMM_MAX = 64 };

static int word_index(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -1;
}

/* -- words --------------------------------------------------------------- */

static const char *const platforms[PLATFORM_COUNT] = {
	[PLATFORM_WINDOWS] = "windows", [PLATFORM_LINUX] = "linux",
	[PLATFORM_MACOS] = "macos",     [PLATFORM_ANDROID] = "android",
	[PLATFORM_DOCKER] = "docker",
};

const char *platform_name(enum platform platform)
{
	return platforms[platform];
}

static int platform_by_name(const char *name)
{
	return word_index(platforms, COUNT_OF(platforms), name);
}

/* "none" is the last: a protection cannot have it. */
static const char *const roles[] = {"anti-virus", "firewall", "agent", "server", "none"};

enum { ROLE_NONE = COUNT_OF(roles) - 1 };

static void read_role(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	struct slice s = read_slice(r, node);

	if (s.n == 0)
		return;
	int role = word_index(roles, COUNT_OF(roles), (const char *)s.p);
	if (role < 0 || (role == ROLE_NONE && !key->tag))
		read_problem(r, node, "unknown role \"%.60s\": one of anti-virus, "
		             "firewall, agent, server%s", (const char *)s.p,
		             key->tag ? ", none" : "");
	else
		*(const char **)((uint8_t *)object + key->at) =
			role == ROLE_NONE ? "" : roles[role];
}

/* -- recipes ------------------------------------------------------------- */

static void read_success(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct recipe *recipe = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	if (n > SUCCESS_MAX) {
		read_problem(r, node, "more than 16 exit codes");
		return;
	}
	recipe->success = reader_alloc(r, n, sizeof(*recipe->success));
	for (; recipe->success && c; c = c->next) {
		struct slice s = read_slice(r, c->value);
		uint64_t v;
		if (s.n && (slice_number(s, 10, &v) < 0 || v > EXIT_CODE_MAX))
			read_problem(r, c->value, "\"%.40s\" is not an exit code",
			             (const char *)s.p);
		else if (s.n)
			recipe->success[recipe->n_success++] = (unsigned)v;
	}
}

#define RECIPE(member) .at = offsetof(struct recipe, member)

static const struct key recipe_keys[] = {
	{.name = "platform", .flags = KEY_REQUIRED, .read = read_word, RECIPE(platform),
	 .by_name = platform_by_name, .words = "windows, linux, macos, android, docker"},
	{.name = "what", .flags = KEY_REQUIRED, .read = read_text, RECIPE(what)},
	{.name = "command", .read = read_text, RECIPE(command)},
	{.name = "after", .read = read_text, RECIPE(after)},
	{.name = "success", .read = read_success},
	{.name = "confidence", .flags = KEY_REQUIRED, .read = read_sureness,
	 RECIPE(sureness)},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text, RECIPE(source)},
};

/* A command that nobody has confirmed is not handed to people to type. */
static void check_recipe(struct reader *r, const struct node *node,
                         const struct recipe *recipe)
{
	const struct node *command = node_get(node, "command");

	if (recipe->command && recipe->sureness == SURE_BACKGROUND)
		read_problem(r, command ? command : node, "confidence K (not "
		             "confirmed) allows no command; say it in what or after");
	if (recipe->n_success && !recipe->command)
		read_problem(r, node, "success belongs to a command");
}

static void read_recipes(struct reader *r, const struct node *node, void *object,
                         const struct key *key)
{
	struct removal *m = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	m->recipes = reader_alloc(r, n, sizeof(*m->recipes));
	for (; m->recipes && c; c = c->next) {
		struct recipe *recipe = &m->recipes[m->n_recipes++];
		if (read_map(r, c->value, "a recipe", recipe_keys,
		             COUNT_OF(recipe_keys), recipe))
			check_recipe(r, c->value, recipe);
	}
}

/* -- a removal ----------------------------------------------------------- */

static void read_rank(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	struct slice s = read_slice(r, node);
	uint64_t v;

	(void)key;
	if (s.n && (slice_number(s, 10, &v) < 0 || v > RANK_MAX))
		read_problem(r, node, "rank must be a number from 0 to 1000");
	else if (s.n)
		((struct removal *)object)->rank = (uint32_t)v;
}

static void read_removal_id(struct reader *r, const struct node *node, void *object,
                            const struct key *key)
{
	(void)key;
	((struct removal *)object)->id = read_pair_id(r, node, "a removal");
}

#define REMOVAL(member) .at = offsetof(struct removal, member)

static const struct key removal_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_removal_id},
	{.name = "articles", .flags = KEY_REQUIRED, .read = read_slices,
	 REMOVAL(articles), .at_n = offsetof(struct removal, n_articles)},
	{.name = "rank", .flags = KEY_REQUIRED, .read = read_rank},
	{.name = "role", .flags = KEY_REQUIRED, .read = read_role, REMOVAL(role),
	 .tag = true},
	{.name = "advice", .read = read_text, REMOVAL(advice)},
	{.name = "recipes", .read = read_recipes},
};

void removal_read(struct reader *r, const struct node *node, struct removal *m)
{
	m->role = "";
	read_map(r, node, "a removal", removal_keys, COUNT_OF(removal_keys), m);
	if (m->id)
		reader_ref_entity(r, m->id, node_get(node, "id"), &m->entity);
}

/* -- a protection -------------------------------------------------------- */

/* Names of programs, not paths: that is what a process shows. */
static void read_processes(struct reader *r, const struct node *node, void *object,
                           const struct key *key)
{
	struct protection *p = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);

	(void)key;
	p->processes = reader_alloc(r, n, sizeof(*p->processes));
	for (; p->processes && c; c = c->next) {
		struct slice s = read_slice(r, c->value);
		if (s.n == 0)
			continue;
		if (s.n > COMM_MAX || slice_find_byte(s, '/') < s.n)
			read_problem(r, c->value, "a process is the name of a program, "
			             "without a folder and at most 64 bytes long");
		else
			p->processes[p->n_processes++] = (const char *)s.p;
	}
}

#define PROTECTION(member) .at = offsetof(struct protection, member)

static const struct key protection_keys[] = {
	{.name = "role", .flags = KEY_REQUIRED, .read = read_role, PROTECTION(role)},
	{.name = "name", .flags = KEY_REQUIRED, .read = read_text, PROTECTION(name)},
	{.name = "processes", .flags = KEY_REQUIRED, .read = read_processes},
	{.name = "confidence", .flags = KEY_REQUIRED, .read = read_sureness,
	 PROTECTION(sureness)},
	{.name = "source", .flags = KEY_REQUIRED, .read = read_text, PROTECTION(source)},
};

void protection_read(struct reader *r, const struct node *node, struct protection *p)
{
	read_map(r, node, "a protection", protection_keys, COUNT_OF(protection_keys), p);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The processes of all protections of a role; false when there are none. */
static bool list_role(struct reader *r, const char *role, struct role_list *ret)
{
	const struct pack *p = r->pack;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < p->n_protections; i++)
		n += p->protections[i].n_processes;
	const char **list = reader_alloc(r, n + 1, sizeof(*list));
	if (!list)
		return false;
	n = 0;
	for (size_t i = 0; i < p->n_protections; i++) {
		const struct protection *m = &p->protections[i];
		if (!m->role || strcmp(m->role, role) != 0)
			continue;
		for (size_t j = 0; j < m->n_processes; j++)
			list[n++] = m->processes[j];
	}
	if (n)
		qsort(list, n, sizeof(*list), by_text);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)
			list[kept++] = list[i];
	list[kept] = NULL;
	*ret = (struct role_list){role, list, kept};
	return kept > 0;
}

void protections_list(struct reader *r)
{
	struct pack *p = r->pack;

	p->roles = reader_alloc(r, ROLE_NONE, sizeof(*p->roles));
	for (size_t i = 0; p->roles && i < ROLE_NONE; i++)
		if (list_role(r, roles[i], &p->roles[p->n_roles]))
			p->n_roles++;
}
