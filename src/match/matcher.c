/* SPDX-License-Identifier: Apache-2.0 */
#include "match/grams.h"
#include "match/matcher.h"

#include <errno.h>
#include <stdlib.h>

#include "match/fold.h"

/* Which form a test of a part of the text is run on; FORM_COUNT for none. */
static enum text_form form_of(enum test_kind kind)
{
	switch (kind) {
	case TEST_PREFIX:
	case TEST_GLOB:
		return FORM_RAW;
	case TEST_REGEX:
		return FORM_VALID;
	case TEST_WORDS:
		return FORM_WORDS;
	default:
		return FORM_COUNT;
	}
}

static void drop_front(struct str *s, size_t start, const char *prefix)
{
	struct slice all = slice_from(str_slice(s), start);

	if (!s->failed && slice_starts(all, slice_str(prefix))) {
		size_t n = strlen(prefix);
		memmove(s->p + start, s->p + start + n, all.n - n + 1);
		s->n -= n;
	}
}

void whole_key(struct str *out, enum test_kind kind, struct slice value)
{
	size_t start = out->n;

	switch (kind) {
	case TEST_NAME:
		fold_name(out, value);
		break;
	case TEST_BYTES:
		str_add(out, value);
		break;
	case TEST_ID:
		fold_text(out, value);
		drop_front(out, start, "0x");
		break;
	case TEST_DOMAIN:
		fold_text(out, value);
		drop_front(out, start, "*");
		drop_front(out, start, ".");
		break;
	default:
		fold_text(out, value);
		break;
	}
}

static void note_kinds(struct matcher *m)
{
	for (size_t i = 0; i < m->pack->n_tests; i++)
		for (int a = 0; a < ATTR_COUNT; a++)
			if (attrs_has(m->pack->tests[i]->attrs, (enum attr)a))
				m->kinds[a] |= 1u << m->pack->tests[i]->kind;
	for (size_t i = 0; i < m->pack->n_marks; i++)
		m->is_main[m->pack->marks[i].test->index] = true;
}

static void add_whole(struct matcher *m, const struct test *test,
                      struct slice key)
{
	lookup_add(&m->wholes, test->kind, key, test->index);
	for (int a = 0; a < ATTR_COUNT && test->kind == TEST_EXACT; a++)
		if (key.n > 0 && attrs_has(test->attrs, a))
			m->begins[a][key.p[0] / 8] |= (uint8_t)(1u << key.p[0] % 8);
}

static int add_wholes_of(struct matcher *m, const struct test *test)
{
	struct str key = {0};
	int r = 0;

	for (size_t i = 0; i < test->n_values && r == 0; i++) {
		str_clear(&key);
		whole_key(&key, test->kind, test->values[i]);
		struct slice copy = arena_copy(&m->mem, str_slice(&key));
		if (str_failed(&key) || !copy.p)
			r = -ENOMEM;
		else
			add_whole(m, test, copy);
	}
	str_finish(&key);
	return r;
}

static int prepare_wholes(struct matcher *m, struct err *e)
{
	size_t n = 0;
	int r;

	for (size_t i = 0; i < m->pack->n_tests; i++)
		n += m->pack->tests[i]->n_values;
	r = lookup_init(&m->wholes, &m->mem, n);
	for (size_t i = 0; i < m->pack->n_tests && r == 0; i++) {
		const struct test *test = m->pack->tests[i];
		if (!kind_is_whole(test->kind))
			continue;
		r = match_check_test(test, e);
		if (r == -EINVAL)
			blame_mark(m->pack, test->index, e);
		if (r == 0)
			r = add_wholes_of(m, test);
	}
	return r;
}

static int prepare_ranges(struct matcher *m)
{
	m->ranges = arena_zalloc(&m->mem, m->pack->n_tests, sizeof(*m->ranges));
	if (!m->ranges)
		return -ENOMEM;
	for (size_t i = 0; i < m->pack->n_tests; i++)
		if (m->pack->tests[i]->kind == TEST_RANGE)
			m->ranges[m->n_ranges++] = (uint32_t)i;
	return 0;
}

static int prepare_byte_values(struct matcher *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->pack->n_tests; i++)
		if (m->pack->tests[i]->kind == TEST_BYTES)
			n += m->pack->tests[i]->n_values;
	m->byte_values = arena_zalloc(&m->mem, n, sizeof(*m->byte_values));
	if (!m->byte_values)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->pack->n_tests; i++) {
		const struct test *test = m->pack->tests[i];
		if (test->kind != TEST_BYTES)
			continue;
		for (uint32_t j = 0; j < test->n_values; j++)
			m->byte_values[m->n_byte_values++] =
				(struct byte_value){.test = i, .value = j};
	}
	return 0;
}

static int prepare_grams(struct matcher *m, struct err *e)
{
	struct slice *literals =
		arena_zalloc(&m->mem, m->n_byte_values, sizeof(*literals));

	if (!literals)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_byte_values; i++) {
		const struct byte_value *v = &m->byte_values[i];
		literals[i] = m->pack->tests[v->test]->values[v->value];
		if (literals[i].n >= GRAM_BYTES)
			continue;
		err_set(e, -EINVAL, "a byte marker must have at least %d bytes",
		        GRAM_BYTES);
		blame_mark(m->pack, v->test, e);
		return -EINVAL;
	}
	return grams_new(literals, m->n_byte_values, &m->grams);
}

/* Writes the tests of one attribute in one form to `tests`. */
static size_t tests_of(const struct pack *pack, enum attr attr,
                       enum text_form form, uint32_t *tests)
{
	size_t n = 0;

	for (size_t i = 0; i < pack->n_tests; i++)
		if (form_of(pack->tests[i]->kind) == form &&
		    attrs_has(pack->tests[i]->attrs, attr))
			tests[n++] = (uint32_t)i;
	return n;
}

/* The database of these tests: one that is there already, or a new one. */
static const struct database *database_for(struct matcher *m,
                                           enum text_form form,
                                           const uint32_t *tests, size_t n)
{
	struct database *db;

	for (size_t i = 0; i < m->n_databases; i++) {
		db = &m->databases[i];
		if (db->kind == (enum database_kind)form && db->n_tests == n &&
		    memcmp(db->tests, tests, n * sizeof(*tests)) == 0)
			return db;
	}
	uint32_t *copy = arena_alloc(&m->mem, n * sizeof(*tests));
	if (!copy)
		return NULL;
	memcpy(copy, tests, n * sizeof(*tests));
	db = &m->databases[m->n_databases++];
	*db = (struct database){
		.kind = (enum database_kind)form,
		.tests = copy,
		.n_tests = n,
	};
	return db;
}

static const struct database *add_database(struct matcher *m,
                                           enum database_kind kind)
{
	struct database *db = &m->databases[m->n_databases++];

	*db = (struct database){.kind = kind};
	return db;
}

static int plan_databases(struct matcher *m)
{
	const size_t most = (size_t)ATTR_COUNT * FORM_COUNT + 1;
	uint32_t *tests = arena_zalloc(&m->mem, m->pack->n_tests, sizeof(*tests));

	m->databases = arena_zalloc(&m->mem, most, sizeof(*m->databases));
	if (!tests || !m->databases)
		return -ENOMEM;
	for (int a = 0; a < ATTR_COUNT; a++) {
		for (int f = 0; f < FORM_COUNT; f++) {
			size_t n = tests_of(m->pack, (enum attr)a,
			                    (enum text_form)f, tests);
			if (n == 0)
				continue;
			m->parts[a][f] = database_for(m, (enum text_form)f,
			                              tests, n);
			if (!m->parts[a][f])
				return -ENOMEM;
		}
	}
	m->mentioned = add_database(m, DATABASE_MENTIONS);
	return 0;
}

/* ICU opens its data when it is first used: now, before a jail forbids it. */
static int open_unicode_data(void)
{
	struct str text = {0};

	fold_name(&text, SLICE("\u00c9"));
	int r = str_failed(&text) ? -ENOMEM : 0;
	str_finish(&text);
	return r;
}

static int prepare(struct matcher *m, struct err *e)
{
	const struct pack *pack = m->pack;

	m->met = arena_zalloc(&m->mem, pack->n_tests, sizeof(*m->met));
	m->is_main = arena_zalloc(&m->mem, pack->n_tests, sizeof(*m->is_main));
	m->hits = arena_zalloc(&m->mem, pack->n_marks, sizeof(*m->hits));
	if (!m->met || !m->is_main || !m->hits)
		return -ENOMEM;
	note_kinds(m);
	int r = open_unicode_data();
	if (r == 0)
		r = prepare_ranges(m);
	if (r == 0)
		r = prepare_byte_values(m);
	if (r == 0)
		r = prepare_grams(m, e);
	if (r == 0)
		r = mentions_prepare(m, e);
	if (r == 0)
		r = plan_databases(m);
	return r ? r : prepare_wholes(m, e);
}

static int compile_all(struct matcher *m, struct err *e)
{
	for (size_t i = 0; i < m->n_databases; i++) {
		int r = database_compile(m, &m->databases[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Without a digest there is no telling which pack a cached file is of. */
static int compile_or_load(struct matcher *m, const char *cache_dir,
                           struct err *e)
{
	bool cached = cache_dir && m->pack->sha256[0];

	if (cached && cache_load(m, cache_dir) == 0)
		return 0;
	int r = compile_all(m, e);
	if (r == 0 && cached)
		cache_store(m, cache_dir);
	return r;
}

static int alloc_scratch(struct matcher *m)
{
	for (size_t i = 0; i < m->n_databases; i++)
		if (m->databases[i].hs &&
		    hs_alloc_scratch(m->databases[i].hs, &m->scratch))
			return -ENOMEM;
	return 0;
}

int matcher_new(const struct pack *pack, const char *cache_dir, struct err *e,
                struct matcher **ret)
{
	if (hs_valid_platform() != HS_SUCCESS)
		return err_set(e, -ENOTSUP, "this processor lacks instructions "
		               "that the pattern library needs");
	struct matcher *m = calloc(1, sizeof(*m));
	if (!m)
		return err_sys(e, -ENOMEM, "building the matcher");
	m->pack = pack;
	if (e)
		e->text[0] = 0;
	int r = prepare(m, e);
	if (r == 0)
		r = compile_or_load(m, cache_dir, e);
	if (r == 0)
		r = alloc_scratch(m);
	if (r < 0) {
		if (e && !e->text[0])
			err_sys(e, r, "building the matcher");
		matcher_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	byte_scan_free(m->scan);
	grams_free(m->grams);
	for (size_t i = 0; i < m->n_databases; i++)
		hs_free_database(m->databases[i].hs);
	hs_free_scratch(m->scratch);
	str_finish(&m->text);
	str_finish(&m->words);
	str_finish(&m->name);
	str_finish(&m->valid);
	arena_finish(&m->mem);
	free(m);
}

bool match_wants(const struct matcher *m, enum attr attr)
{
	return m->kinds[attr] != 0;
}

bool match_has_bytes(const struct matcher *m)
{
	return m->n_byte_values > 0;
}
