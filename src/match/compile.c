/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathers the patterns of tests and compiles them into databases.
 */
#include <errno.h>

#include "base/text.h"
#include "match/fold.h"
#include "match/matcher.h"
#include "match/pattern.h"

/* Patterns that are compiled together. Texts live in mem, NUL-terminated. */
struct patterns {
	struct arena mem;
	const char **texts;
	size_t *lengths; /* of literals, which may hold NUL */
	unsigned *flags, *ids;
	uint32_t *tests; /* where each comes from, for errors */
	size_t n, size;
	bool literal;
};

enum { PART_FLAGS = HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH };

static int patterns_init(struct patterns *p, size_t size)
{
	*p = (struct patterns){.size = size};
	if (size > PATTERNS_MAX)
		return -E2BIG;
	p->texts = arena_zalloc(&p->mem, size, sizeof(*p->texts));
	p->lengths = arena_zalloc(&p->mem, size, sizeof(*p->lengths));
	p->flags = arena_zalloc(&p->mem, size, sizeof(*p->flags));
	p->ids = arena_zalloc(&p->mem, size, sizeof(*p->ids));
	p->tests = arena_zalloc(&p->mem, size, sizeof(*p->tests));
	return p->texts && p->lengths && p->flags && p->ids && p->tests
	               ? 0 : -ENOMEM;
}

static int patterns_add(struct patterns *p, const struct str *text,
                        unsigned flags, unsigned id, uint32_t test)
{
	struct slice copy = arena_copy(&p->mem, str_slice(text));

	if (str_failed(text) || !copy.p)
		return -ENOMEM;
	p->texts[p->n] = (const char *)copy.p;
	p->lengths[p->n] = copy.n;
	p->flags[p->n] = flags;
	p->ids[p->n] = id;
	p->tests[p->n++] = test;
	return 0;
}

static bool only_wildcards(struct slice glob)
{
	for (size_t i = 0; i < glob.n; i++)
		if (!memchr("*?/", glob.p[i], 3))
			return false;
	return true;
}

static int add_glob(struct patterns *p, struct slice value, uint32_t test,
                    struct err *e)
{
	struct str text = {0};

	if (only_wildcards(value))
		return err_set(e, -EINVAL, "it matches everything");
	pattern_glob(&text, value);
	int r = patterns_add(p, &text, PART_FLAGS, test, test);
	str_finish(&text);
	return r;
}

static int add_prefix(struct patterns *p, struct slice value, uint32_t test)
{
	struct str text = {0};

	str_puts(&text, "^");
	pattern_literal(&text, value);
	int r = patterns_add(p, &text, PART_FLAGS, test, test);
	str_finish(&text);
	return r;
}

static int add_words(struct patterns *p, struct slice value, uint32_t test,
                     struct err *e)
{
	struct str text = {0};

	fold_words(&text, value);
	int r = text.n || str_failed(&text)
	                ? patterns_add(p, &text, HS_FLAG_SINGLEMATCH, test, test)
	                : err_set(e, -EINVAL, "there is no letter or digit in it");
	str_finish(&text);
	return r;
}

static int add_regex(struct patterns *p, struct slice value, uint32_t test,
                     struct err *e)
{
	struct str text = {0};
	int r = pattern_check_regex(value, e);

	if (r < 0)
		return r;
	str_add(&text, value);
	r = patterns_add(p, &text, PART_FLAGS | pattern_regex_flags(value), test, test);
	str_finish(&text);
	return r;
}

static int add_value(struct patterns *p, const struct test *test, size_t i,
                     struct err *e)
{
	struct slice value = test->values[i];

	if (value.n == 0 || value.n > TEST_VALUE_MAX)
		return err_set(e, -EINVAL, "a value must have 1 to %d bytes",
		               TEST_VALUE_MAX);
	switch (test->kind) {
	case TEST_PREFIX:
		return add_prefix(p, value, test->index);
	case TEST_GLOB:
		return add_glob(p, value, test->index, e);
	case TEST_WORDS:
		return add_words(p, value, test->index, e);
	case TEST_REGEX:
		return add_regex(p, value, test->index, e);
	default:
		return 0;
	}
}

/* The value as it stands in the pack, shortened, for a sentence. */
static void prefix_value(struct err *e, struct slice value)
{
	enum { SHOWN_MAX = 100 };
	struct str shown = {0};

	text_show(&shown, slice_first(value, SHOWN_MAX));
	err_prefix(e, "\"%s\"%s", shown.p ? shown.p : "",
	           value.n > SHOWN_MAX ? "..." : "");
	str_finish(&shown);
}

static int add_test(struct patterns *p, const struct test *test, struct err *e)
{
	for (size_t i = 0; i < test->n_values; i++) {
		int r = add_value(p, test, i, e);
		if (r == -EINVAL)
			prefix_value(e, test->values[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compile_failed(const struct patterns *p, hs_compile_error_t *error,
                          uint32_t *ret_test, struct err *e)
{
	int i = error ? error->expression : -1;
	bool known = i >= 0 && (size_t)i < p->n;

	if (known)
		*ret_test = p->tests[i];
	int r = err_set(e, -EINVAL, "%s", error ? error->message
	                                        : "the patterns do not compile");
	if (known && !p->literal)
		prefix_value(e, slice_str(p->texts[i]));
	hs_free_compile_error(error);
	return r;
}

/* *ret_test is the culprit when the patterns do not compile and it is known. */
static int patterns_compile(const struct patterns *p, unsigned mode,
                            hs_database_t **ret, uint32_t *ret_test,
                            struct err *e)
{
	hs_compile_error_t *error = NULL;
	hs_error_t r;

	*ret = NULL;
	if (p->n == 0)
		return 0;
	if (p->literal)
		r = hs_compile_lit_multi(p->texts, p->flags, p->ids, p->lengths,
		                         (unsigned)p->n, mode, NULL, ret, &error);
	else
		r = hs_compile_multi(p->texts, p->flags, p->ids, (unsigned)p->n,
		                     mode, NULL, ret, &error);
	if (r == HS_SUCCESS)
		return 0;
	if (r == HS_NOMEM)
		return err_set(e, -ENOMEM, "out of memory");
	return compile_failed(p, error, ret_test, e);
}

static size_t count_values(const struct matcher *m, const struct database *db)
{
	size_t n = 0;

	if (db->kind == DATABASE_MENTIONS)
		return m->n_mentions;
	for (size_t i = 0; i < db->n_tests; i++)
		n += m->pack->tests[db->tests[i]]->n_values;
	return n;
}

static int add_mentions(struct patterns *p, const struct matcher *m)
{
	struct str text = {0};
	unsigned id = 0;
	int r = 0;

	for (size_t i = 0; i < m->pack->n_entities && r == 0; i++) {
		const struct entity *entity = &m->pack->entities[i];
		for (size_t j = 0; j < entity->n_mentions && r == 0; j++) {
			str_clear(&text);
			mention_pattern(&text, entity->mentions[j]);
			r = patterns_add(p, &text, HS_FLAG_CASELESS, id++, UINT32_MAX);
		}
	}
	str_finish(&text);
	return r;
}

/* *ret_test is the test at fault, when it is one. */
static int gather(struct patterns *p, const struct matcher *m,
                  const struct database *db, uint32_t *ret_test, struct err *e)
{
	if (db->kind == DATABASE_MENTIONS)
		return add_mentions(p, m);
	for (size_t i = 0; i < db->n_tests; i++) {
		int r = add_test(p, m->pack->tests[db->tests[i]], e);
		if (r < 0) {
			*ret_test = db->tests[i];
			return r;
		}
	}
	return 0;
}

void blame_mark(const struct pack *pack, uint32_t test, struct err *e)
{
	for (size_t i = 0; i < pack->n_marks; i++) {
		const struct mark *mark = &pack->marks[i];
		bool here = mark->test->index == test;
		for (size_t j = 0; j < mark->n_all; j++)
			here |= mark->all[j]->index == test;
		for (size_t j = 0; j < mark->n_any; j++)
			here |= mark->any[j]->index == test;
		for (size_t j = 0; j < mark->n_unless; j++)
			here |= mark->unless[j]->index == test;
		if (here) {
			err_prefix(e, "mark %s", mark->id);
			return;
		}
	}
}

int database_compile(const struct matcher *m, struct database *db,
                     struct err *e)
{
	uint32_t culprit = UINT32_MAX;
	struct patterns p;
	int r = patterns_init(&p, count_values(m, db));

	p.literal = db->kind == DATABASE_WORDS;
	if (r == 0)
		r = gather(&p, m, db, &culprit, e);
	if (r == 0)
		r = patterns_compile(&p, HS_MODE_BLOCK, &db->hs, &culprit, e);
	if (r == -ENOMEM || r == -E2BIG)
		err_sys(e, r, "compiling the marks");
	else if (r < 0)
		blame_mark(m->pack, culprit, e);
	arena_finish(&p.mem);
	return r;
}

static int check_wholes(const struct test *test, struct err *e)
{
	for (size_t i = 0; i < test->n_values; i++) {
		struct str key = {0};
		bool ok = test->values[i].n <= TEST_VALUE_MAX;
		if (ok)
			whole_key(&key, test->kind, test->values[i]);
		bool failed = str_failed(&key);
		ok &= key.n > 0;
		str_finish(&key);
		if (failed)
			return err_set(e, -ENOMEM, "out of memory");
		if (!ok) {
			err_set(e, -EINVAL, "it is empty, too long, or nothing of "
			        "it remains to be compared");
			prefix_value(e, test->values[i]);
			return -EINVAL;
		}
	}
	return 0;
}

int match_check_test(const struct test *test, struct err *e)
{
	hs_database_t *hs = NULL;
	struct patterns p;
	uint32_t ignored;

	if (kind_is_whole(test->kind))
		return check_wholes(test, e);
	int r = patterns_init(&p, test->n_values);
	p.literal = test->kind == TEST_WORDS;
	if (r == 0)
		r = add_test(&p, test, e);
	if (r == 0)
		r = patterns_compile(&p, HS_MODE_BLOCK, &hs, &ignored, e);
	hs_free_database(hs);
	if (r == -ENOMEM || r == -E2BIG)
		err_sys(e, r, "compiling a test");
	arena_finish(&p.mem);
	return r;
}
