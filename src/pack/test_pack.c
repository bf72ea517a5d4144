/* SPDX-License-Identifier: Apache-2.0 */
/* Packs are read, and every kind of mistake in them is told with its place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "pack/pack.h"

static char dir[] = "/tmp/debar-test-pack-XXXXXX";

/* A pack without a fault; the cases change one line of it. */
static const char *const good[] = {
	/*  1 */ "entities:",
	/*  2 */ "- id: examplesoft",
	/*  3 */ "  name: Examplesoft AG",
	/*  4 */ "  country: NO",
	/*  5 */ "  names: [{name: Old Example, until: 2016-01-01, source: s}]",
	/*  6 */ "  family: [{relation: parent, name: P, percent: 60, source: s}]",
	/*  7 */ "  mentions: [examplesoft]",
	/*  8 */ "marks:",
	/*  9 */ "- id: examplesoft/vendor",
	/* 10 */ "  attr: [package.vendor, pe.company]",
	/* 11 */ "  name: [Examplesoft, Old Example]",
	/* 12 */ "  all-of: [{attr: package.name, prefix: ex}]",
	/* 13 */ "  kind: software",
	/* 14 */ "  basis: developed",
	/* 15 */ "  strength: strong",
	/* 16 */ "  states: [stored, installed]",
	/* 17 */ "  confidence: V",
	/* 18 */ "  source: a package",
	/* 19 */ "  since: 2016-02-29",
	/* 20 */ "  catches: [{package.vendor: Examplesoft, package.name: [ex, exa]}]",
	/* 21 */ "  spares: [Other Soft]",
	/* 22 */ "- id: examplesoft/marker",
	/* 23 */ "  attr: file.bytes",
	/* 24 */ "  bytes: [examplesoft, {hex: 65 78616d706c6573}, "
	         "{text: Example, utf16: true}]",
	/* 25 */ "  parts: [\"src/*.c\"]",
	/* 26 */ "  basis: in-part",
	/* 27 */ "  strength: weak",
	/* 28 */ "  states: [installed]",
	/* 29 */ "  confidence: K",
	/* 30 */ "  source: a program",
	/* 31 */ "  catches: [an examplesoft program, {hex: 65 78616d706c6573}]",
	/* 32 */ "  spares: [another program]",
	/* 33 */ "orders:",
	/* 34 */ "- id: order-1",
	/* 35 */ "  title: A ban",
	/* 36 */ "  issuer: An agency",
	/* 37 */ "  issued: 2017-09-13",
	/* 38 */ "  effective: 2017-10-13",
	/* 39 */ "  bans: [have, use]",
	/* 40 */ "  applies-to: Everyone.",
	/* 41 */ "  entities: [{id: examplesoft, purpose: security}]",
	/* 42 */ "  scope: {software: included, in-part: {is: excluded, because: why}}",
	/* 43 */ "  carve-outs: [{id: c, text: t, articles: \"a*\", "
	         "marks: [examplesoft/marker]}]",
	/* 44 */ "  confidence: P",
	/* 45 */ "  sources: [a law]",
	/* 46 */ "removals:",
	/* 47 */ "- id: examplesoft/agent",
	/* 48 */ "  articles: [\"exsoft-agent*\", Examplesoft Agent]",
	/* 49 */ "  rank: 30",
	/* 50 */ "  role: none",
	/* 51 */ "  advice: Tell its server first.",
	/* 52 */ "  recipes:",
	/* 53 */ "  - platform: windows",
	/* 54 */ "    what: the agent",
	/* 55 */ "    command: msiexec /x {PRODUCT} /qn",
	/* 56 */ "    after: restart",
	/* 57 */ "    success: [0, 3010]",
	/* 58 */ "    confidence: S",
	/* 59 */ "    source: its manual",
	/* 60 */ "protections:",
	/* 61 */ "- role: anti-virus",
	/* 62 */ "  name: Another",
	/* 63 */ "  processes: [anotherd, another-scan]",
	/* 64 */ "  confidence: K",
	/* 65 */ "  source: general knowledge",
};

static void write_file(const char *name, struct slice text)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *name)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

/* The good pack with line `line` (from 1) replaced by `text`. */
static void write_changed(const char *name, int line, const char *text)
{
	struct str s = {0};

	for (size_t i = 0; i < COUNT_OF(good); i++)
		str_printf(&s, "%s\n", (int)i + 1 == line ? text : good[i]);
	write_file(name, str_slice(&s));
	str_finish(&s);
}

struct loaded {
	struct err e;
	struct pack_problems problems;
	struct pack *pack;
	int rc;
};

static struct loaded load(const char *place)
{
	struct loaded l = {0};

	l.rc = pack_load(&place, 1, &l.e, &l.problems, &l.pack);
	return l;
}

static void unload(struct loaded *l)
{
	pack_problems_finish(&l->problems);
	pack_free(l->pack);
}

static const struct loaded *show(const struct loaded *l)
{
	for (size_t i = 0; i < l->problems.n; i++)
		print_message("%s:%d:%d: %s\n", l->problems.list[i].file,
		              l->problems.list[i].line, l->problems.list[i].column,
		              l->problems.list[i].words);
	return l;
}

/* The first problem is at this place with these words in it, and is the only
 * one unless `more` follow from it. */
static bool is_problem(const char *what, int line, int column, const char *words,
                       bool more)
{
	struct loaded l = load(dir);
	const struct pack_problem *p = l.problems.list;

	bool met = l.rc == -EBADMSG && !l.pack && p && (l.problems.n == 1 || more) &&
	           p->line == line && p->column == column && strstr(p->words, words);
	if (!met) {
		show(&l);
		print_message("expected %d:%d: ...%s... (%s), got %d\n", line, column,
		              words, what, l.rc);
	}
	unload(&l);
	return met;
}

struct mistake {
	int change;       /* which line becomes ... */
	const char *text; /* ... this */
	int line, column;
	const char *words;
};

static const struct mistake alone[] = {
	/* keys */
	{3, "  nmae: x\n  name: y", 3, 3, "unknown key \"nmae\" in an entity: is it \"name\"?"},
	{3, "  name: x\n  founded: 1997", 4, 3, "unknown key \"founded\" in an entity"},
	{3, "  name: x\n  name: y", 4, 3, "\"name\" stands twice"},
	{3, "  # none", 2, 3, "an entity needs the key \"name\""},
	{3, "  name: x\n  [a]: b", 4, 3, "a key must be text"},
	{3, "  name:", 3, 8, "the value is empty"},
	{3, "  name: [x]", 3, 9, "expected text, found a list"},
	{3, "  name: {x: y}", 3, 9, "expected text, found a mapping"},
	{3, "  name: \"a\\0b\"", 3, 9, "control character"},
	{3, "  name: \"a\\eb\"", 3, 9, "control character"},
	{3, "  name: !!str x", 3, 9, "tags"},
	{5, "  names: []", 5, 10, "the list is empty"},
	{5, "  names: [Old Example]", 5, 11, "a name must be a mapping, not text"},
	{7, "  mentions: [a, \"\"]", 7, 17, "the value is empty"},
	{33, "order:", 33, 1, "unknown key \"order\" in a pack file: is it \"orders\"?"},
	{33, "marks:", 33, 1, "stands twice"},
	/* ids, dates, numbers, words */
	{4, "  country: Norway", 4, 12, "not a country"},
	{5, "  names: [{name: O, since: 2020-01-01, until: 2016-01-01, source: s}]",
	 5, 11, "it ends (2016-01-01) before it begins (2020-01-01)"},
	{6, "  family: [{relation: cousin, name: P, source: s}]", 6, 23,
	 "unknown relation \"cousin\": one of parent"},
	{6, "  family: [{relation: parent, name: P, percent: 101, source: s}]", 6, 49,
	 "percent must be"},
	{6, "  family: [{relation: parent, name: P, entity: nobody, source: s}]", 6, 48,
	 "there is no entity \"nobody\""},
	{19, "  since: 2015-02-29", 19, 10, "not a date"},
	{19, "  since: 2015-1-1", 19, 10, "not a date"},
	{19, "  since: 2015-13-01", 19, 10, "not a date"},
	{19, "  since: 2015-01-01\n  until: 2014-01-01", 9, 3, "before it begins"},
	{9, "- id: vendor", 9, 7, "not the id of a mark"},
	{9, "- id: examplesoft/", 9, 7, "not the id of a mark"},
	{9, "- id: examplesoft/a/b", 9, 7, "not the id of a mark"},
	{9, "- id: someone/vendor", 9, 7, "there is no entity \"someone\""},
	{9, "- id: examplesoft/marker", 22, 7, "the mark \"examplesoft/marker\" stands already"},
	/* tests */
	{10, "  attr: package.vendr", 10, 9, "unknown attribute \"package.vendr\""},
	{10, "  attr: [package.vendor, file.bytes]", 10, 9, "only tested by bytes"},
	{10, "  attr: item.path", 10, 9, "\"item.path\" is claimed by the inventory"},
	{10, "  attr: path.list", 10, 9, "\"path.list\" is claimed by the inventory"},
	{10, "  attr: part.marker", 10, 9, "\"part.marker\" is claimed by the"},
	{10, "  attr: [package.vendor, search.marker]", 10, 26, "\"search.marker\" is"},
	{12, "  all-of: [{attr: package.owner, words: ex}]", 12, 19,
	 "\"package.owner\" is claimed by the inventory alone; no mark can test it"},
	{11, "  # no test", 9, 3, "it has 0 tests: one of exact"},
	{11, "  name: x\n  words: y", 9, 3, "it has 2 tests, where one must be"},
	{11, "  name: [x, ~, \"\"]", 11, 16, "the value is empty"},
	{11, "  domain: https://a.example", 11, 11, "no scheme, port, path"},
	{11, "  domain: .a.example", 11, 11, "no empty label"},
	{11, "  domain: a.example.", 11, 11, "without a dot at its end"},
	{11, "  range: 5", 11, 10, "a range is [low, high]"},
	{11, "  range: [1, 2, 3]", 11, 10, "a range is [low, high]"},
	{11, "  range: [1, 0x2]", 11, 10, "both ends"},
	{11, "  range: 1-x", 11, 10, "must be numbers"},
	{11, "  range: 0x20-0x1f", 11, 10, "ends before it begins"},
	{11, "  bytes: examplesoft", 10, 9, "bytes only tests the attribute file.bytes"},
	{12, "  all-of: [{attr: package.name}]", 12, 12, "it has 0 tests"},
	{12, "  all-of: [{attr: package.name, prefix: a, basis: x}]", 12, 44,
	 "unknown key \"basis\" in a second claim"},
	{24, "  bytes: [exampl]", 24, 11, "a byte marker of 6 bytes"},
	{24, "  bytes: {hex: 657}", 24, 16, "pairs of hexadecimal digits"},
	{24, "  bytes: {hex: 65 78 61 6d}", 24, 10, "a byte marker of 4 bytes"},
	{24, "  bytes: {hex: 00 65 78616d706c6573}", 24, 10, "begin with a zero byte"},
	{24, "  bytes: {utf16: true}", 24, 10, "needs either hex or text"},
	{24, "  bytes: {text: examplesoft, utf16: maybe}", 24, 37, "unknown utf16"},
	/* marks */
	{13, "  kind: softwear", 13, 9, "unknown kind \"softwear\": one of software"},
	{14, "  basis: made", 14, 10, "unknown basis \"made\""},
	{15, "  strength: sure", 15, 13, "unknown strength \"sure\""},
	{16, "  states: [here]", 16, 12, "unknown state \"here\""},
	{16, "  states: []", 16, 11, "the list is empty"},
	{17, "  confidence: K", 15, 13, "allows only strength: weak"},
	{17, "  confidence: Z", 17, 15, "unknown confidence \"Z\""},
	{18, "  source: a\n  parts: [a.c]", 19, 10, "parts belong to byte marks"},
	{20, "  catches: []", 20, 12, "the list is empty"},
	{20, "  catches: [{package.vendr: x}]", 20, 14, "unknown attribute"},
	{20, "  catches: [[a]]", 20, 13, "an example is text or a mapping"},
	{20, "  catches: [{}]", 20, 13, "an example is text or a mapping"},
	{20, "  catches: [{package.name: []}]", 20, 28, "the list is empty"},
	{20, "  # none", 9, 3, "a mark needs the key \"catches\""},
	{21, "  # none", 9, 3, "a mark needs the key \"spares\""},
	{21, "  spares: [\"\"]", 21, 12, "the value is empty"},
	/* orders */
	{34, "- id: order-1\n  ID: x", 35, 3, "unknown key \"ID\" in an order"},
	{38, "  effective: soon", 38, 14, "not a date"},
	{38, "  effective: 2017-10-13\n  until: 2017-01-01", 34, 3, "before it begins"},
	{39, "  bans: [think]", 39, 10, "unknown verb \"think\""},
	{41, "  entities: [nobody]", 41, 14, "there is no entity \"nobody\""},
	{41, "  entities: [examplesoft, examplesoft]", 34, 3, "names the entity"},
	{42, "  scope: {software: yes}", 42, 21, "unknown is \"yes\": one of included"},
	{42, "  scope: {firmware: included}", 42, 11, "unknown key \"firmware\" in a scope"},
	{42, "  scope: {family: {because: x}}", 42, 19, "needs the key \"is\""},
	{43, "  carve-outs: [{id: c, text: t, marks: [examplesoft/gone]}]", 43, 41,
	 "there is no mark \"examplesoft/gone\""},
	{43, "  carve-outs: [{id: c, text: t}, {id: c, text: u}]", 43, 34,
	 "two carve-outs have the id \"c\""},
	{37, "  issued: 2017-02-29", 37, 11, "\"2017-02-29\" is not a date"},
	{45, "  sources: [a law]\n- {id: order-1, title: t, issuer: i, issued: 2020-01-01, "
	     "effective: 2020-01-01, bans: use, applies-to: a, entities: examplesoft, "
	     "confidence: P, sources: s}", 46, 8, "the order \"order-1\" stands already in"},
	{42, "  scope: {in-part: {is: excluded, clause: (z)}}", 42, 43,
	 "the order has no clause \"(z)\""},
	{42, "  scope: {in-part: {is: included, question: big}}", 42, 45,
	 "there is no question \"big\""},
	{42, "  scope: {family: {is: included, share: most}}", 42, 41, "\"most\" is no share"},
	{42, "  scope: {family: {is: included, relations: [cousin]}}", 42, 46,
	 "unknown relation \"cousin\""},
	{42, "  binds: [{who: us}]", 42, 17, "there is no party \"us\""},
	{42, "  country: usa", 42, 12, "\"usa\" is not a country"},
	{42, "  history: [{is: gone, since: 2020-01-01}]", 42, 18, "unknown is \"gone\""},
	{42, "  history: [{is: superseded, since: 2020-01-01, by: order-2}]", 42, 53,
	 "there is no order \"order-2\""},
	{42, "  categories: [{category: router}]", 42, 27, "there is no category \"router\""},
	{42, "  examples: [{name: x, is: covered, article: {name: a}}]", 42, 46,
	 "an article needs an entity or a category"},
	{42, "  examples: [{name: x, is: so, article: {name: a, entity: examplesoft}}]", 42, 28,
	 "unknown is \"so\": one of covered, excluded, review"},
	{42, "  examples: [{name: x, is: review, article: {name: a, entity: examplesoft}, "
	     "profile: {is: me}}]", 42, 91, "there is no party \"me\""},
	/* families */
	{6, "  family: [{relation: parent, name: P, entity: examplesoft, source: s}]", 2, 3,
	 "the family of \"examplesoft\" runs in a circle: it would own itself"},
	{6, "  family: [{relation: successor, name: P, entity: b, source: s}]\n- id: b\n"
	    "  name: B\n  family: [{relation: successor, name: A, entity: examplesoft, "
	    "source: s}]", 2, 3, "it would succeed itself"},
	{6, "  family: [{relation: owned, name: P, source: s}]", 6, 12, "needs a percent"},
	{14, "  basis: developed\n  company: P", 15, 12, "belongs to basis: family"},
	{14, "  basis: family\n  company: Q", 15, 12, "\"Q\" is not in the family"},
	/* terms */
	{33, "terms: [{id: a, kind: party, text: t}, {id: a, kind: system, text: u}]\norders:",
	 33, 45, "the term \"a\" stands already in"},
	{33, "terms: [{id: a, kind: people, text: t}]\norders:", 33, 23, "unknown kind \"people\""},
	/* removals and protections */
	{47, "- id: nobody/agent", 47, 7, "there is no entity \"nobody\""},
	{47, "- id: agent", 47, 7, "\"agent\" is not the id of a removal"},
	{47, "- id: examplesoft/agent\n  articles: x\n  rank: 1\n  role: none\n"
	     "- id: examplesoft/agent", 51, 7, "\"examplesoft/agent\" stands already in"},
	{48, "  articles: []", 48, 13, "the list is empty"},
	{48, "", 47, 3, "a removal needs the key \"articles\""},
	{49, "  rank: last", 49, 9, "rank must be a number from 0 to 1000"},
	{49, "  rank: 1001", 49, 9, "rank must be a number from 0 to 1000"},
	{50, "  role: antivirus", 50, 9, "unknown role \"antivirus\": one of anti-virus, "
	     "firewall, agent, server, none"},
	{51, "  advise: x", 51, 3, "in a removal: is it \"advice\"?"},
	{53, "  - platform: beos", 53, 15, "unknown platform \"beos\": one of windows"},
	{54, "    wat: x\n    what: y", 54, 5, "in a recipe: is it \"what\"?"},
	{55, "", 53, 5, "success belongs to a command"},
	{57, "    success: [0, -1]", 57, 18, "\"-1\" is not an exit code"},
	{57, "    success: 2147483648", 57, 14, "is not an exit code"},
	{58, "    confidence: K", 55, 14, "allows no command"},
	{59, "", 53, 5, "a recipe needs the key \"source\""},
	{61, "- role: none", 61, 9, "unknown role \"none\""},
	{62, "", 61, 3, "a protection needs the key \"name\""},
	{63, "  processes: []", 63, 14, "the list is empty"},
	{63, "  processes: [/usr/sbin/clamd]", 63, 15, "without a folder"},
	{64, "  confidence: high", 64, 15, "unknown confidence \"high\""},
	/* YAML itself */
	{33, "---\norders:", 33, 1, "second document"},
	{33, "orders: [", 34, 1, "not YAML: "},
	{3, "  name: \"\\x\"", 3, 12, "not YAML: "},
	{3, "  name: *nobody", 3, 9, "alias of an anchor that is not defined"},
	{5, "  names: &n [{name: *n, source: s}]", 5, 21, "alias of a value that contains it"},
	{3, "  name: \xff", 3, 9, "not YAML: "},
};

/* Mistakes from which others follow. */
static const struct mistake first[] = {
	{2, "- id: Example", 2, 7, "\"Example\" is not an id"},
	{41, "", 34, 3, "an order needs entities or categories"},
	{24, "  words: examplesoft", 23, 9, "only tested by bytes"},
	{46, "removals: []\nx:", 46, 11, "the list is empty"},
	{52, "  recipes: []\nx:", 52, 12, "the list is empty"},
};

static size_t count_untold(const struct mistake *list, size_t n, bool more)
{
	size_t untold = 0;

	for (size_t i = 0; i < n; i++) {
		write_changed("a.yaml", list[i].change, list[i].text);
		untold += !is_problem(list[i].text, list[i].line, list[i].column,
		                      list[i].words, more);
	}
	remove_file("a.yaml");
	return untold;
}

static void test_each_mistake_is_told_with_its_place(void **state)
{
	(void)state;
	assert_int_equal(count_untold(alone, COUNT_OF(alone), false), 0);
	assert_int_equal(count_untold(first, COUNT_OF(first), true), 0);
}

static void test_all_problems_are_gathered_in_order(void **state)
{
	(void)state;
	write_file("b.yaml", SLICE("marks:\n- id: x\n- 5\n"));
	write_changed("a.yaml", 3, "  nme: x");
	struct loaded l = load(dir);
	assert_int_equal(l.rc, -EBADMSG);
	assert_true(l.problems.n > 9);
	for (size_t i = 1; i < l.problems.n; i++) {
		const struct pack_problem *a = &l.problems.list[i - 1], *b = a + 1;
		int files = strcmp(a->file, b->file);
		assert_true(files < 0 || (files == 0 && a->line <= b->line));
	}
	unload(&l);
	remove_file("a.yaml");
	remove_file("b.yaml");
}

static void check_marks(const struct pack *p)
{
	const struct mark *m = pack_mark(p, "examplesoft/vendor");
	assert_non_null(m);
	assert_int_equal(m->entity, 0);
	assert_int_equal(m->test->kind, TEST_NAME);
	assert_true(attrs_has(m->test->attrs, ATTR_PE_COMPANY));
	assert_true(attrs_has(m->test->attrs, ATTR_PACKAGE_VENDOR));
	assert_false(attrs_has(m->test->attrs, ATTR_PACKAGE_NAME));
	assert_int_equal(m->test->n_values, 2);
	assert_true(slice_eq(m->test->values[1], SLICE("Old Example")));
	assert_int_equal(m->n_all, 1);
	assert_int_equal(m->all[0]->kind, TEST_PREFIX);
	assert_int_equal(m->states, 1u << STATE_STORED | 1u << STATE_INSTALLED);
	assert_int_equal(m->state_first, STATE_STORED);
	assert_int_equal(m->catches[0].n_claims, 3);
	assert_int_equal(m->spares[0].claims[0].attr, ATTR_PACKAGE_VENDOR);
	assert_int_equal(m->line, 9);

	m = pack_mark(p, "examplesoft/marker");
	assert_int_equal(m->sureness, SURE_BACKGROUND);
	assert_int_equal(m->test->n_values, 3);
	assert_true(slice_eq(m->test->values[1], SLICE("examples")));
	assert_true(slice_eq(m->test->values[2], SLICE("E\0x\0a\0m\0p\0l\0e\0")));
	assert_true(slice_eq(m->catches[1].claims[0].value, SLICE("examples")));
	assert_int_equal(m->n_parts, 1);
	assert_int_equal(p->n_tests, 3);
	for (size_t i = 0; i < p->n_tests; i++)
		assert_int_equal(p->tests[i]->index, i);
}

static void check_removals(const struct pack *p)
{
	assert_int_equal(p->n_removals, 1);
	const struct removal *m = p->removals;
	assert_string_equal(m->id, "examplesoft/agent");
	assert_int_equal(m->entity, 0);
	assert_int_equal(m->n_articles, 2);
	assert_int_equal(m->rank, 30);
	assert_string_equal(m->role, "");
	assert_string_equal(m->advice, "Tell its server first.");
	assert_int_equal(m->line, 47);
	assert_int_equal(m->n_recipes, 1);
	const struct recipe *r = m->recipes;
	assert_string_equal(platform_name(r->platform), "windows");
	assert_string_equal(r->command, "msiexec /x {PRODUCT} /qn");
	assert_int_equal(r->n_success, 2);
	assert_int_equal(r->success[1], 3010);
	assert_int_equal(r->sureness, SURE_SEEN);
	assert_int_equal(p->n_protections, 1);
	assert_string_equal(p->protections[0].role, "anti-virus");
	assert_int_equal(p->protections[0].n_processes, 2);
	assert_string_equal(p->protections[0].processes[1], "another-scan");
	assert_int_equal(p->protections[0].sureness, SURE_BACKGROUND);
	const char *const *processes = pack_protections(p, SLICE("anti-virus"));
	assert_string_equal(processes[0], "another-scan");
	assert_string_equal(processes[1], "anotherd");
	assert_null(processes[2]);
	assert_null(pack_protections(p, SLICE("firewall"))[0]);
	size_t at = 0;
	assert_ptr_equal(pack_removal(p, "examplesoft", SLICE("Exsoft-Agent64"), &at), m);
	assert_null(pack_removal(p, "examplesoft", SLICE("Exsoft-Agent64"), &at));
	at = 0;
	assert_null(pack_removal(p, "example", SLICE("exsoft-agent"), &at));
}

static void test_names_of_articles_meet_globs(void **state)
{
	(void)state;
	assert_true(pack_name_meets(SLICE("ex*"), SLICE("Examplesoft")));
	assert_true(pack_name_meets(SLICE("*soft*a?ent"), SLICE("Softsoft agent")));
	assert_false(pack_name_meets(SLICE("ex"), SLICE("exa")));
	assert_false(pack_name_meets(SLICE("ex?"), SLICE("ex")));
	assert_true(pack_name_meets(SLICE("**"), SLICE("")));
}

static void test_a_good_pack_is_read_whole(void **state)
{
	(void)state;
	write_changed("a.yaml", 0, "");
	struct loaded l = load(dir);
	assert_int_equal(show(&l)->rc, 0);
	const struct pack *p = l.pack;
	const struct entity *e = pack_entity(p, "examplesoft");
	assert_string_equal(e->country, "NO");
	assert_string_equal(e->names[0].until, "2016-01-01");
	assert_int_equal(e->family[0].percent, 60);
	check_marks(p);
	const struct order *o = pack_order(p, "order-1");
	assert_int_equal(o->bans, 1u << VERB_HAVE | 1u << VERB_USE);
	assert_string_equal(o->entities[0].purpose, "security");
	assert_int_equal(o->kind[ARTICLE_SOFTWARE].word, SCOPE_INCLUDED);
	assert_int_equal(o->kind[ARTICLE_HARDWARE].word, SCOPE_NOT_STATED);
	assert_int_equal(o->basis[BASIS_IN_PART].word, SCOPE_EXCLUDED);
	assert_string_equal(o->basis[BASIS_IN_PART].because, "why");
	assert_int_equal(o->carve_outs[0].marks[0], 1);
	check_removals(p);
	assert_null(pack_order(p, "order"));
	assert_null(pack_mark(p, "examplesoft"));
	assert_null(pack_entity(p, "example"));
	unload(&l);
	remove_file("a.yaml");
}

static void test_files_may_refer_to_one_another(void **state)
{
	(void)state;
	char sub[200];

	(void)snprintf(sub, sizeof(sub), "%s/sub", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	write_file("a.yaml", SLICE("orders:\n- {id: o, title: t, issuer: i, issued: "
	                           "2020-01-01, effective: 2020-01-01, bans: [use], "
	                           "applies-to: x, entities: [e], confidence: S, "
	                           "sources: s}\n"));
	write_file("sub/z.yaml", SLICE("entities:\n- {id: e, name: n}\n"));
	write_file(".hidden.yaml", SLICE("nonsense"));
	write_file("notes.txt", SLICE("nonsense"));
	struct loaded l = load(dir);
	assert_int_equal(show(&l)->rc, 0);
	assert_int_equal(l.pack->orders[0].entities[0].entity, 0);
	unload(&l);

	write_file("b.yaml", SLICE("entities:\n- {id: e, name: m}\n"));
	l = load(dir);
	assert_int_equal(l.rc, -EBADMSG);
	assert_non_null(strstr(l.problems.list[0].file, "sub/z.yaml"));
	assert_non_null(strstr(l.problems.list[0].words, "b.yaml:2"));
	unload(&l);
	remove_file("a.yaml");
	remove_file("b.yaml");
	remove_file(".hidden.yaml");
	remove_file("notes.txt");
	remove_file("sub/z.yaml");
	assert_int_equal(rmdir(sub), 0);
}

static void test_a_file_named_twice_is_read_once(void **state)
{
	(void)state;
	char path[200];
	struct loaded l = {0};

	write_changed("a.yaml", 0, "");
	(void)snprintf(path, sizeof(path), "%s/a.yaml", dir);
	const char *const places[] = {dir, path, dir};
	l.rc = pack_load(places, COUNT_OF(places), &l.e, &l.problems, &l.pack);
	assert_int_equal(show(&l)->rc, 0);
	assert_int_equal(l.pack->n_marks, 2);
	unload(&l);
	remove_file("a.yaml");
}

static void digest_of(const char *name, const char *text, char ret[65])
{
	write_file(name, slice_str(text));
	struct loaded l = load(dir);
	assert_int_equal(show(&l)->rc, 0);
	memcpy(ret, l.pack->sha256, 65);
	unload(&l);
	remove_file(name);
}

static void test_the_digest_tells_packs_apart_and_is_stable(void **state)
{
	(void)state;
	char a[65], again[65], other_name[65], other_text[65];

	digest_of("a.yaml", "entities: [{id: e, name: n}]", a);
	digest_of("a.yaml", "entities: [{id: e, name: n}]", again);
	digest_of("b.yaml", "entities: [{id: e, name: n}]", other_name);
	digest_of("a.yaml", "entities: [{id: e, name: n}] ", other_text);
	/* computed with other means: lengths as 8 bytes, big-endian, before each */
	assert_string_equal(a, "6168684103f0a3f28bb5bef0d14fb3dd728394dacc6d5a9082d799e76ab81a85");
	assert_string_equal(a, again);
	assert_string_not_equal(a, other_name);
	assert_string_not_equal(a, other_text);
}

static void test_aliases_stand_for_their_value(void **state)
{
	(void)state;
	write_file("a.yaml", SLICE("entities:\n"
	                           "- {id: a, name: &n Example, mentions: &m [x, y]}\n"
	                           "- {id: b, name: *n, mentions: *m}\n"));
	struct loaded l = load(dir);
	assert_int_equal(show(&l)->rc, 0);
	assert_string_equal(l.pack->entities[1].name, "Example");
	assert_int_equal(l.pack->entities[1].n_mentions, 2);
	unload(&l);
	remove_file("a.yaml");
}

static void expect_words(const char *words)
{
	struct loaded l = load(dir);
	assert_int_equal(l.rc, -EBADMSG);
	assert_int_equal(show(&l)->problems.n, 1);
	assert_non_null(strstr(l.problems.list[0].words, words));
	unload(&l);
}

static void test_aliases_cannot_be_piled_up(void **state)
{
	(void)state;
	struct str s = {0};

	str_puts(&s, "entities:\n- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++) {
		str_printf(&s, "- &a%d [", i);
		for (int j = 0; j < 10; j++)
			str_printf(&s, "*a%d, ", i - 1);
		str_puts(&s, "]\n");
	}
	write_file("a.yaml", str_slice(&s));
	str_finish(&s);
	expect_words("aliases counted");
	remove_file("a.yaml");
}

static void test_hostile_files_are_problems_and_nothing_worse(void **state)
{
	(void)state;
	enum { MANY = 600000, HUGE_BYTES = 4 * 1024 * 1024 + 1 };
	char *bytes = malloc(HUGE_BYTES);
	assert_non_null(bytes);

	memset(bytes, '[', MANY);
	write_file("a.yaml", slice_of(bytes, MANY));
	expect_words("nested deeper than 16");
	memset(bytes, '{', MANY);
	write_file("a.yaml", slice_of(bytes, MANY));
	expect_words("nested deeper than 16");
	for (size_t i = 0; i < MANY; i++)
		bytes[2 * i] = i ? 'a' : '[', bytes[2 * i + 1] = i ? ',' : ' ';
	write_file("a.yaml", slice_of(bytes, MANY * 2));
	expect_words("more than 500000 values");
	for (size_t i = 0; i < 1000; i++)
		memcpy(bytes + i * 8, i ? "- &aa x\n" : "- &bb x\n", 8);
	write_file("a.yaml", slice_of(bytes, 8000));
	expect_words("more than 256 anchors");
	memset(bytes, ' ', HUGE_BYTES);
	write_file("a.yaml", slice_of(bytes, HUGE_BYTES));
	expect_words("larger than 4 MiB");
	write_file("a.yaml", slice_of(bytes, HUGE_BYTES - 1));
	expect_words("the file is empty");
	write_file("a.yaml", SLICE(""));
	expect_words("the file is empty");
	write_file("a.yaml", SLICE("{}"));
	expect_words("the file is empty");
	write_file("a.yaml", SLICE("[]"));
	expect_words("a pack file must be a mapping, not a list");
	write_file("a.yaml", SLICE("\xff\xfe" "e\0:\0"));
	expect_words("not YAML");
	remove_file("a.yaml");
	free(bytes);
}

static void test_more_problems_than_the_limit_are_said_to_be_more(void **state)
{
	(void)state;
	struct str s = {0};

	str_puts(&s, "entities:\n");
	for (int i = 0; i < 600; i++)
		str_puts(&s, "- {}\n");
	write_file("a.yaml", str_slice(&s));
	str_finish(&s);
	struct loaded l = load(dir);
	assert_int_equal(l.rc, -EBADMSG);
	assert_int_equal(l.problems.n, 1000);
	assert_true(l.problems.over);
	unload(&l);
	remove_file("a.yaml");
}

static void test_a_place_that_cannot_be_read_is_one_sentence(void **state)
{
	(void)state;
	char fifo[200];

	struct loaded l = load("/nonexistent/packs");
	assert_int_equal(l.rc, -ENOENT);
	assert_string_equal(l.e.text, "the packs folder /nonexistent/packs does not exist");
	unload(&l);
	l = load("/dev/null");
	assert_int_equal(l.rc, -ENOTDIR);
	unload(&l);
	(void)snprintf(fifo, sizeof(fifo), "%s/a.yaml", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	l = load(dir);
	assert_int_equal(l.rc, -EINVAL);
	assert_non_null(strstr(l.e.text, "a.yaml is not a regular file"));
	unload(&l);
	remove_file("a.yaml");
	assert_int_equal(symlink("nowhere", fifo), 0);
	l = load(dir);
	assert_int_equal(l.rc, -ENOENT);
	unload(&l);
	remove_file("a.yaml");
}

static void test_an_empty_folder_is_an_empty_pack(void **state)
{
	(void)state;
	struct loaded l = load(dir);
	assert_int_equal(l.rc, 0);
	assert_int_equal(l.pack->n_entities + l.pack->n_marks + l.pack->n_orders, 0);
	unload(&l);
}

static void test_numbers_of_a_range_keep_their_base(void **state)
{
	(void)state;
	write_changed("a.yaml", 11, "  range: [0x12d0, 0x12ff]");
	struct loaded l = load(dir);
	assert_int_equal(show(&l)->rc, 0);
	const struct test *t = l.pack->marks[0].test;
	assert_int_equal(t->base, 16);
	assert_int_equal(t->low, 0x12d0);
	assert_int_equal(t->high, 0x12ff);
	unload(&l);
	write_changed("a.yaml", 11, "  range: \"5 - 18446744073709551615\"");
	l = load(dir);
	t = l.pack->marks[0].test;
	assert_int_equal(t->base, 10);
	assert_int_equal(t->low, 5);
	assert_true(t->high == UINT64_MAX);
	unload(&l);
	remove_file("a.yaml");
}

/* The man page, for the two tests that hold it against the code. */
static char *man_page(void)
{
	enum { MAN_BYTES_MAX = 256 * 1024 };
	char *text = calloc(1, MAN_BYTES_MAX);
	FILE *f = fopen(TEST_DATA "/../../doc/debar-packs.5", "r");

	assert_non_null(text);
	assert_non_null(f);
	assert_true(fread(text, 1, MAN_BYTES_MAX - 1, f) > 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void test_the_man_page_lists_every_attribute(void **state)
{
	char *man = man_page(), line[200];
	size_t missing = 0;

	(void)state;
	for (int a = 0; a < ATTR_COUNT; a++) {
		(void)snprintf(line, sizeof(line), "\n.It Cm %s\n", attr_name((enum attr)a));
		if (strstr(man, line))
			continue;
		print_message("doc/debar-packs.5 lacks the attribute %s\n",
		              attr_name((enum attr)a));
		missing++;
	}
	free(man);
	assert_int_equal(missing, 0);
}

static void test_the_example_of_the_man_page_is_sound(void **state)
{
	char *man = man_page();
	char *start = strstr(man, "\nentities:\n");

	(void)state;
	assert_non_null(start);
	char *end = strstr(start, "\n.Ed");
	assert_non_null(end);
	write_file("a.yaml", slice_of(start, (size_t)(end - start)));
	struct loaded l = load(dir);
	assert_int_equal(show(&l)->rc, 0);
	assert_int_equal(l.pack->n_marks, 3);
	assert_int_equal(l.pack->n_orders, 1);
	assert_int_equal(l.pack->n_removals, 1);
	assert_int_equal(l.pack->n_protections, 1);
	unload(&l);
	remove_file("a.yaml");
	free(man);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_mistake_is_told_with_its_place),
		cmocka_unit_test(test_all_problems_are_gathered_in_order),
		cmocka_unit_test(test_a_good_pack_is_read_whole),
		cmocka_unit_test(test_names_of_articles_meet_globs),
		cmocka_unit_test(test_files_may_refer_to_one_another),
		cmocka_unit_test(test_a_file_named_twice_is_read_once),
		cmocka_unit_test(test_the_digest_tells_packs_apart_and_is_stable),
		cmocka_unit_test(test_aliases_stand_for_their_value),
		cmocka_unit_test(test_aliases_cannot_be_piled_up),
		cmocka_unit_test(test_hostile_files_are_problems_and_nothing_worse),
		cmocka_unit_test(test_more_problems_than_the_limit_are_said_to_be_more),
		cmocka_unit_test(test_a_place_that_cannot_be_read_is_one_sentence),
		cmocka_unit_test(test_an_empty_folder_is_an_empty_pack),
		cmocka_unit_test(test_numbers_of_a_range_keep_their_base),
		cmocka_unit_test(test_the_man_page_lists_every_attribute),
		cmocka_unit_test(test_the_example_of_the_man_page_is_sound),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
