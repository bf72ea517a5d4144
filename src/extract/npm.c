/* SPDX-License-Identifier: Apache-2.0 */
/*
 * package.json: an npm package's own manifest. One that lies in a node_modules
 * folder is an installed package; any other is somebody's project or a copy,
 * and what it depends on is claimed too.
 */
#include "extract/code_util.h"

enum {
	MANIFEST_MAX = 8 * 1024 * 1024,
	PEOPLE_MAX = 256,       /* in one list of contributors */
	DEPENDENCIES_MAX = 8192 /* in one list of dependencies */
};

static void claim_text_as_people(struct extraction *x, struct json v)
{
	struct code_text text = code_json(v, x->mem);

	if (text.value.n != text.length)
		text.length = 0; /* escapes: its parts cannot be located */
	code_claim_people(x->out, ATTR_NPM_AUTHOR, &text);
}

/* A person is "Name <e-mail> (URL)" or an object with these three. */
static void claim_person(struct extraction *x, struct json person)
{
	static const char *const parts[] = {"name", "email", "url"};

	if (person.kind == JSON_STRING)
		claim_text_as_people(x, person);
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		code_claim_json(x, ATTR_NPM_AUTHOR, json_get(person, parts[i]));
}

static void claim_people(struct extraction *x, struct json people)
{
	struct json_iter it = json_members(people);
	struct json key, person;

	if (people.kind != JSON_ARRAY) {
		claim_person(x, people);
		return;
	}
	for (unsigned i = 0; i < PEOPLE_MAX && json_next(&it, &key, &person); i++)
		claim_person(x, person);
}

static void claim_repository(struct extraction *x, struct json repository)
{
	code_claim_json(x, ATTR_NPM_REPOSITORY, repository);
	code_claim_json(x, ATTR_NPM_REPOSITORY, json_get(repository, "url"));
}

static void claim_package(struct extraction *x, struct json root, bool installed)
{
	static const char *const people[] = {"author", "contributors",
	                                     "maintainers", "publisher"};
	struct json name = json_get(root, "name");

	sink_record(x->out, &(struct record){
				    .scope = SCOPE_FOLDER,
				    .kind = ARTICLE_SOFTWARE,
				    .state = installed ? STATE_INSTALLED
	                                               : STATE_STORED,
				    .ecosystem = "npm",
				    .name = json_text(name, x->mem),
				    .version = json_text(
					    json_get(root, "version"), x->mem),
				    .root = slice_dirname(x->item->path),
			    });
	code_claim_json(x, ATTR_NPM_NAME, name);
	for (size_t i = 0; i < COUNT_OF(people); i++)
		claim_people(x, json_get(root, people[i]));
	claim_repository(x, json_get(root, "repository"));
	code_claim_json(x, ATTR_PACKAGE_URL, json_get(root, "homepage"));
}

/* "npm:@scope/name@^1.2" asks for another package than the key says: its real
 * name; otherwise the key. */
static struct slice real_name(struct slice key, struct slice range)
{
	if (!slice_starts(range, SLICE("npm:")))
		return key;
	struct slice target = slice_from(range, 4);
	size_t at = slice_find_byte(slice_from(target, 1), '@');
	return slice_first(target, at + 1);
}

static void claim_dependency(struct extraction *x, struct json key,
                             struct json range)
{
	struct slice text = json_text(range, x->mem);
	struct code_text name = code_json(key, x->mem);

	name.value = real_name(name.value, text);

	sink_record(x->out, &(struct record){
				    .scope = SCOPE_ITEM,
				    .kind = ARTICLE_SOFTWARE,
				    .state = STATE_REFERENCED,
				    .ecosystem = "npm",
				    .name = name.value,
				    .version = text,
			    });
	code_claim(x->out, ATTR_NPM_DEPENDENCY, &name);
}

static void claim_dependencies(struct extraction *x, struct json list)
{
	struct json_iter it = json_members(list);
	struct json key, range;

	if (list.kind != JSON_OBJECT)
		return;
	for (unsigned i = 0; json_next(&it, &key, &range); i++) {
		if (i == DEPENDENCIES_MAX) {
			sink_unread(x->out, WHY_TOO_MANY, (struct slice){0});
			return;
		}
		claim_dependency(x, key, range);
	}
}

static int npm_run(struct extraction *x)
{
	static const char *const lists[] = {
		"dependencies",
		"devDependencies",
		"peerDependencies",
		"optionalDependencies",
	};
	struct slice text;
	struct json root;

	int r = input_get_all(x->in, MANIFEST_MAX, x->mem, &text);
	if (r < 0)
		return r;
	r = json_root(text, &root);
	if (r < 0)
		return r;
	if (json_text(json_get(root, "name"), x->mem).n == 0)
		return 0;
	bool below = code_behind(x->item->path, "node_modules") != SIZE_MAX;
	bool installed = code_npm_installed(x->item->path);
	claim_package(x, root, installed);
	if (below || installed)
		return 0;
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		claim_dependencies(x, json_get(root, lists[i]));
	return 0;
}

const struct extractor extract_npm = {
	.name = "npm",
	.version = 2,
	.probes = {{.path = "package.json"}},
	.run = npm_run,
};
