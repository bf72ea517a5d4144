/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "match/grams.h"

enum { TEXT_BYTES = 4096, LITERALS = 40, PLACES_MAX = 1 << 20 };

static struct {
	uint32_t literal;
	size_t at;
} places[PLACES_MAX];
static size_t n_places;

static bool wanted(void *ctx, uint32_t literal)
{
	(void)ctx, (void)literal;
	return true;
}

static void found(void *ctx, uint32_t literal, size_t at)
{
	(void)ctx;
	assert_true(n_places < PLACES_MAX);
	places[n_places].literal = literal;
	places[n_places++].at = at;
}

static const struct grams_use use = {NULL, wanted, found};

static bool was_found(uint32_t literal, size_t at)
{
	for (size_t i = 0; i < n_places; i++)
		if (places[i].literal == literal && places[i].at == at)
			return true;
	return false;
}

/* Every place that a plain search finds, and no other. */
static void compare_with_plain_search(const struct slice *literals, size_t n,
                                      struct slice text)
{
	struct grams *g = NULL;
	size_t plain = 0;

	assert_int_equal(grams_new(literals, n, &g), 0);
	n_places = 0;
	grams_find(g, text, &use);
	for (uint32_t i = 0; i < n; i++)
		for (size_t at = 0; at + literals[i].n <= text.n; at++) {
			if (memcmp(text.p + at, literals[i].p, literals[i].n) != 0)
				continue;
			plain++;
			if (!was_found(i, at))
				fail_msg("literal %u at %zu was missed", i, at);
		}
	assert_int_equal(n_places, plain);
	grams_free(g);
}

/* A small alphabet, so that literals overlap, repeat and hide in each other. */
static void random_bytes(uint8_t *p, size_t n, unsigned alphabet)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(rand() % (int)alphabet);
}

static void the_same_places_as_a_plain_search(void **state)
{
	static uint8_t text[TEXT_BYTES], bytes[LITERALS][64];
	struct slice literals[LITERALS];

	(void)state;
	srand(1);
	for (int round = 0; round < 60; round++) {
		unsigned alphabet = 2 + (unsigned)rand() % 5;
		size_t least = 4 + (size_t)rand() % 20;
		random_bytes(text, sizeof(text), alphabet);
		for (size_t i = 0; i < LITERALS; i++) {
			size_t n = least + (size_t)rand() % 8;
			random_bytes(bytes[i], n, alphabet);
			literals[i] = slice_of(bytes[i], n);
			/* some of them planted, also at both ends */
			size_t at = (size_t)rand() % (sizeof(text) - n);
			if (i % 4 == 0)
				memcpy(text + at, bytes[i], n);
		}
		memcpy(text, bytes[0], literals[0].n);
		memcpy(text + sizeof(text) - literals[1].n, bytes[1],
		       literals[1].n);
		compare_with_plain_search(literals, LITERALS,
		                          slice_of(text, sizeof(text)));
	}
}

static void a_text_of_any_length_is_searched(void **state)
{
	const struct slice literals[] = {SLICE("needle"), SLICE("needles")};

	(void)state;
	for (size_t n = 0; n <= 13; n++)
		compare_with_plain_search(literals, 2,
		                          slice_first(SLICE("xxneedlesxxxx"), n));
}

static void short_and_no_literals_are_told(void **state)
{
	const struct slice shorty = SLICE("abc");
	struct grams *g = NULL;

	(void)state;
	assert_int_equal(grams_new(&shorty, 1, &g), -EINVAL);
	assert_int_equal(grams_new(NULL, 0, &g), 0);
	n_places = 0;
	grams_find(g, SLICE("anything"), &use);
	assert_int_equal(n_places, 0);
	assert_int_equal(grams_longest(g), 0);
	grams_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_places_as_a_plain_search),
		cmocka_unit_test(a_text_of_any_length_is_searched),
		cmocka_unit_test(short_and_no_literals_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
