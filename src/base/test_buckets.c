/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/buckets.h"

enum { N = 20000 };

struct pair {
	uint64_t number;
	uint32_t other;
};

static int by_number(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	return (a->number > b->number) - (a->number < b->number);
}

static size_t by_looking(const struct pair *pairs, size_t n, uint64_t number)
{
	size_t i = 0;

	while (i < n && pairs[i].number < number)
		i++;
	return i;
}

/* Random numbers, runs of equal ones, both ends. */
static void a_number_is_found_where_it_stands(void **state)
{
	static struct pair pairs[N];
	static struct buckets b;
	uint64_t x = 1;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		pairs[i].number = i % 10 ? x : i % 3 ? UINT64_MAX : 0;
	}
	qsort(pairs, N, sizeof(*pairs), by_number);
	buckets_init(&b, &pairs->number, sizeof(*pairs), N);
	for (size_t i = 0; i < N; i += 97) {
		const size_t at = buckets_find(&b, pairs[i].number);
		assert_int_equal(at, by_looking(pairs, N, pairs[i].number));
		assert_true(pairs[at].number == pairs[i].number);
	}
	assert_int_equal(buckets_find(&b, 0), 0);
	buckets_init(&b, &pairs->number, sizeof(*pairs), 0);
	assert_int_equal(buckets_find(&b, 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_found_where_it_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
