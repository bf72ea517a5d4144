/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record is matched in two steps: each claim's value is put to all tests of
 * its attribute at once, which notes the tests that are met; then, only when
 * the main test of some mark was, the marks are gone through.
 */
#include <errno.h>

#include "base/text.h"
#include "match/fold.h"
#include "match/host.h"
#include "match/matcher.h"

static void meet(struct matcher *m, uint32_t test)
{
	struct met *met = &m->met[test];

	if (met->epoch == m->epoch)
		return;
	*met = (struct met){.epoch = m->epoch, .claim = m->claim};
	m->n_main += m->is_main[test];
}

static bool is_met(const struct matcher *m, const struct test *test)
{
	return m->met[test->index].epoch == m->epoch;
}

static int on_part(unsigned id, unsigned long long from, unsigned long long to,
                   unsigned flags, void *ctx)
{
	(void)from, (void)to, (void)flags;
	meet(ctx, id);
	return 0;
}

static int scan_part(struct matcher *m, enum text_form form, struct slice s)
{
	const struct database *db = m->parts[m->attr][form];

	if (!db || !db->hs || s.n == 0)
		return 0;
	hs_error_t r = hs_scan(db->hs, (const char *)s.p, (unsigned)s.n, 0,
	                       m->scratch, on_part, m);
	return r == HS_SUCCESS ? 0 : -EIO;
}

static void look_up(struct matcher *m, enum test_kind kind, struct slice key)
{
	struct lookup_walk walk = lookup_find(&m->wholes, kind, key);
	uint32_t test;

	while (lookup_next(&m->wholes, &walk, &test))
		if (attrs_has(m->pack->tests[test]->attrs, m->attr))
			meet(m, test);
}

/* The value with bytes that are not UTF-8 replaced, as a regex needs it. */
static struct slice valid_form(struct matcher *m, struct slice value)
{
	if (text_is_utf8(value))
		return value;
	str_clear(&m->valid);
	while (value.n > 0) {
		size_t n = text_rune(value, NULL);
		str_add(&m->valid, n ? slice_first(value, n)
		                     : SLICE("\xef\xbf\xbd"));
		value = slice_from(value, n ? n : 1);
	}
	return str_slice(&m->valid);
}

static int test_words(struct matcher *m, struct slice value)
{
	str_clear(&m->words);
	fold_words(&m->words, value);
	return str_failed(&m->words)
	               ? -ENOMEM
	               : scan_part(m, FORM_WORDS, str_slice(&m->words));
}

static int test_regex(struct matcher *m, struct slice value)
{
	struct slice valid = valid_form(m, value);

	return str_failed(&m->valid) ? -ENOMEM : scan_part(m, FORM_VALID, valid);
}

static int test_name(struct matcher *m, struct slice value)
{
	str_clear(&m->name);
	whole_key(&m->name, TEST_NAME, value);
	if (str_failed(&m->name))
		return -ENOMEM;
	if (m->name.n)
		look_up(m, TEST_NAME, str_slice(&m->name));
	return 0;
}

static void test_hosts(struct matcher *m, struct slice text)
{
	struct slice host;

	while (host_next(&text, &host))
		do
			look_up(m, TEST_DOMAIN, host);
		while (host_parent(&host));
}

/*
 * Does no exact test of the attribute begin as this value does? Programs claim
 * symbols by the thousand, and folding them all would take longer than reading
 * the file. Says nothing of a first letter that folding may change.
 */
static bool begins_otherwise(const struct matcher *m, struct slice value)
{
	uint8_t c = value.n ? value.p[0] : 0;

	if (value.n > 1 && value.p[1] >= 0x80)
		return false; /* perhaps an accent of the first letter */
	if (c >= 'A' && c <= 'Z')
		c = (uint8_t)(c - 'A' + 'a');
	if (!((c >= 'a' && c <= 'z') || c == '_'))
		return false;
	return !(m->begins[m->attr][c / 8] >> c % 8 & 1);
}

/* The tests that work on folded text. */
static int test_text(struct matcher *m, struct slice value, uint32_t kinds)
{
	if (!(kinds & (1u << TEST_ID | 1u << TEST_DOMAIN)) &&
	    begins_otherwise(m, value))
		return 0;
	str_clear(&m->text);
	fold_text(&m->text, value);
	if (str_failed(&m->text))
		return -ENOMEM;
	struct slice text = str_slice(&m->text);
	if (text.n == 0)
		return 0;
	if (kinds & 1u << TEST_EXACT)
		look_up(m, TEST_EXACT, text);
	if (kinds & 1u << TEST_ID)
		look_up(m, TEST_ID, slice_starts(text, SLICE("0x"))
		                            ? slice_from(text, 2) : text);
	if (kinds & 1u << TEST_DOMAIN)
		test_hosts(m, text);
	return 0;
}

static bool in_range(const struct test *test, struct slice value)
{
	uint64_t number;

	value = slice_trim(value);
	if (test->base == 16 && slice_eq_nocase(slice_first(value, 2), SLICE("0x")))
		value = slice_from(value, 2);
	return slice_number(value, (int)test->base, &number) == 0 &&
	       number >= test->low && number <= test->high;
}

static void test_ranges(struct matcher *m, struct slice value)
{
	for (size_t i = 0; i < m->n_ranges; i++) {
		const struct test *test = m->pack->tests[m->ranges[i]];
		if (attrs_has(test->attrs, m->attr) && in_range(test, value))
			meet(m, test->index);
	}
}

enum {
	RAW_KINDS = 1u << TEST_PREFIX | 1u << TEST_GLOB,
	TEXT_KINDS = 1u << TEST_EXACT | 1u << TEST_ID | 1u << TEST_DOMAIN,
};

static int test_claim(struct matcher *m, const struct claim *claim)
{
	const uint32_t kinds = m->kinds[claim->attr];
	struct slice value = slice_first(claim->value, CLAIM_VALUE_MAX);
	int r = 0;

	m->attr = claim->attr;
	if (kinds & RAW_KINDS)
		r = scan_part(m, FORM_RAW, value);
	if (r == 0 && kinds & 1u << TEST_REGEX)
		r = test_regex(m, value);
	if (r == 0 && kinds & 1u << TEST_WORDS)
		r = test_words(m, value);
	if (r == 0 && kinds & 1u << TEST_NAME)
		r = test_name(m, value);
	if (r == 0 && kinds & TEXT_KINDS)
		r = test_text(m, value, kinds);
	if (r == 0 && kinds & 1u << TEST_RANGE)
		test_ranges(m, value);
	if (r == 0 && kinds & 1u << TEST_BYTES)
		look_up(m, TEST_BYTES, value);
	return r;
}

/* Forgets the tests that the record before met. */
static void next_epoch(struct matcher *m)
{
	m->n_main = 0;
	if (++m->epoch != 0)
		return;
	memset(m->met, 0, m->pack->n_tests * sizeof(*m->met));
	m->epoch = 1;
}

static int test_record(struct matcher *m, const struct record *record)
{
	next_epoch(m);
	for (size_t i = 0; i < record->n_claims; i++) {
		const struct claim *claim = &record->claims[i];
		if ((unsigned)claim->attr >= ATTR_COUNT || !m->kinds[claim->attr])
			continue;
		m->claim = (uint32_t)i;
		int r = test_claim(m, claim);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool fires(const struct matcher *m, const struct mark *mark)
{
	bool any = mark->n_any == 0;

	if (!is_met(m, mark->test))
		return false;
	for (size_t i = 0; i < mark->n_all; i++)
		if (!is_met(m, mark->all[i]))
			return false;
	for (size_t i = 0; i < mark->n_unless; i++)
		if (is_met(m, mark->unless[i]))
			return false;
	for (size_t i = 0; i < mark->n_any && !any; i++)
		any = is_met(m, mark->any[i]);
	return any;
}

int match_record(struct matcher *m, const struct record *record,
                 struct arena *mem, struct hit **ret, size_t *ret_n)
{
	size_t n = 0;
	int r = test_record(m, record);

	if (r < 0)
		return r;
	for (uint32_t i = 0; m->n_main && i < m->pack->n_marks; i++) {
		const struct mark *mark = &m->pack->marks[i];
		if (fires(m, mark))
			m->hits[n++] = (struct hit){
				.mark = i,
				.claim = m->met[mark->test->index].claim,
			};
	}
	struct hit *hits = NULL;
	if (n > 0) {
		hits = arena_alloc(mem, n * sizeof(*hits));
		if (!hits)
			return -ENOMEM;
		memcpy(hits, m->hits, n * sizeof(*hits));
	}
	*ret = hits;
	*ret_n = n;
	return 0;
}

/* The marks whose main test was met; a caller of fires() asks for more. */
static int marks_met(const struct matcher *m, struct arena *mem,
                     uint32_t **ret, size_t *ret_n)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < m->pack->n_marks; i++)
		n += is_met(m, m->pack->marks[i].test);
	uint32_t *marks = arena_alloc(mem, n * sizeof(*marks));
	if (!marks)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->pack->n_marks; i++)
		if (is_met(m, m->pack->marks[i].test))
			marks[at++] = i;
	*ret = marks;
	*ret_n = n;
	return 0;
}

int match_value(struct matcher *m, enum attr attr, struct slice value,
                struct arena *mem, uint32_t **ret_marks, size_t *ret_n)
{
	const struct claim claim = {.attr = attr, .value = value};

	*ret_marks = NULL;
	*ret_n = 0;
	if ((unsigned)attr >= ATTR_COUNT || !m->kinds[attr])
		return 0;
	next_epoch(m);
	m->claim = 0;
	int r = test_claim(m, &claim);
	return r < 0 || m->n_main == 0 ? r : marks_met(m, mem, ret_marks, ret_n);
}

/* Meets a byte test when one of its values stands in the claim's value. */
static void search_bytes(struct matcher *m, const struct test *test,
                         const struct claim *claim)
{
	if (test->kind != TEST_BYTES || claim->attr != ATTR_FILE_BYTES)
		return;
	for (size_t i = 0; i < test->n_values; i++)
		if (slice_find(claim->value, test->values[i]) != SIZE_MAX)
			meet(m, test->index);
}

static void search_mark(struct matcher *m, const struct mark *mark,
                        const struct claim *claim)
{
	search_bytes(m, mark->test, claim);
	for (size_t i = 0; i < mark->n_all; i++)
		search_bytes(m, mark->all[i], claim);
	for (size_t i = 0; i < mark->n_any; i++)
		search_bytes(m, mark->any[i], claim);
	for (size_t i = 0; i < mark->n_unless; i++)
		search_bytes(m, mark->unless[i], claim);
}

int match_mark(struct matcher *m, const struct mark *mark,
               const struct record *record, struct arena *mem)
{
	int r = test_record(m, record);

	(void)mem;
	if (r < 0)
		return r;
	for (size_t i = 0; i < record->n_claims; i++) {
		m->claim = (uint32_t)i;
		search_mark(m, mark, &record->claims[i]);
	}
	return fires(m, mark);
}
