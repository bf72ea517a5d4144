/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/internal.h"
#include "store/timeline.h"

static struct err err;

#define OK(call) \
	do { \
		int ok_r = (call); \
		if (ok_r < 0) \
			fail_msg("%s: %d, %s", #call, ok_r, err.text); \
	} while (0)

/* ---- a folder of its own ----------------------------------------------- */

static char folder[64];

static const char *path_of(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/test-store-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "chmod -R u+w %s; rm -rf %s",
	               folder, folder);
	return system(command);
}

static struct store *open_store(const char *path)
{
	struct store *s;

	OK(store_open(path, STORE_CREATE, &err, &s));
	return s;
}

static struct store_batch *begin(struct store *s)
{
	struct store_batch *b;

	OK(store_begin(s, 2000, &err, &b));
	return b;
}

/* ---- things to store --------------------------------------------------- */

/* Artefact number i of the tests, with a value of its own and a shared one. */
static struct digest give(struct store_batch *b, unsigned i)
{
	char name[32], version[32], url[64];
	struct claim claims[] = {
		{.attr = ATTR_PACKAGE_NAME, .value = {(uint8_t *)name, 0},
		 .offset = i * 100, .length = 7},
		{.attr = ATTR_PACKAGE_VENDOR, .value = SLICE("Example Ltd"),
		 .verified = i % 2},
		{.attr = ATTR_PACKAGE_URL, .value = {(uint8_t *)url, 0},
		 .member = i % 3 ? SLICE("a/b") : SLICE("")},
	};
	struct record r = {
		.scope = SCOPE_PACKAGE, .kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED, .ecosystem = "deb",
		.claims = claims, .n_claims = COUNT_OF(claims),
	};

	(void)snprintf(name, sizeof(name), "package-%u", i);
	(void)snprintf(version, sizeof(version), "1.%u", i);
	(void)snprintf(url, sizeof(url), "https://example.org/%u", i / 10);
	claims[0].value = r.name = slice_str(name);
	claims[2].value = slice_str(url);
	r.version = slice_str(version);
	struct digest d = store_digest(&r);
	if (b && !store_has(b, &d))
		OK(store_artefact(b, &d, &r, &err));
	return d;
}

/* A host reports artefacts [from, to) but for every skip-th. */
static int report(struct store_batch *b, const char *name, int64_t time,
                  unsigned from, unsigned to, unsigned skip)
{
	struct digest set[4096];
	size_t n = 0;
	char unit[32];
	struct store_coverage coverage = {
		.items = (uint64_t)time, .examined = to, .bytes = 1,
		.complete = to % 2, .json = SLICE("{\"complete\": false}"),
	};

	(void)snprintf(unit, sizeof(unit), "dept/%c", name[0]);
	for (unsigned i = to; i-- > from;)
		if (!skip || i % skip)
			set[n++] = give(b, i);
	struct store_host host = {slice_str(name), slice_str(unit),
	                          SLICE("{\"site\": \"north\"}")};
	int r = store_report(b, &host, time, &coverage, set, n, &err);
	OK(r);
	return r;
}

/* ---- what a store holds, as sorted text -------------------------------- */

struct dump {
	struct store *s;
	char **lines;
	size_t n, size;
	char *names[4096]; /* of hosts by number */
};

static void add_line(struct dump *d, struct str *line)
{
	assert_false(str_failed(line));
	assert_int_equal(array_grow(&d->lines, d->n, &d->size,
	                            sizeof(*d->lines)), 0);
	d->lines[d->n++] = line->p;
}

static void add_hex(struct str *out, const struct digest *digest)
{
	for (size_t i = 0; i < sizeof(digest->bytes); i++)
		str_printf(out, "%02x", digest->bytes[i]);
}

static int dump_host(void *ctx, const struct store_host_info *h)
{
	struct dump *d = ctx;
	struct timeline t = {0};
	struct str line = {0};

	str_printf(&line, "host %.*s unit %.*s labels %.*s first %lld last %lld "
	           "items %llu examined %llu complete %d json %.*s:",
	           SLICE_ARG(h->name), SLICE_ARG(h->unit), SLICE_ARG(h->labels),
	           (long long)h->first_seen, (long long)h->last_seen,
	           (unsigned long long)h->coverage.items,
	           (unsigned long long)h->coverage.examined,
	           h->coverage.complete, SLICE_ARG(h->coverage.json));
	OK(timeline_read(d->s, h->number, 0, &t));
	for (size_t i = 0; i < t.n; i++) {
		struct digest set = digests_digest(
			t.events[i].set, digests_sort(t.events[i].set, t.events[i].n));
		str_printf(&line, " %lld=", (long long)t.events[i].time);
		add_hex(&line, &set);
	}
	timeline_finish(&t);
	add_line(d, &line);
	assert_true(h->number < COUNT_OF(d->names));
	d->names[h->number] = strndup((const char *)h->name.p, h->name.n);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void dump_artefact(struct dump *d, uint32_t id)
{
	struct host_set set = {0};
	struct str line = {0};
	struct record r;
	struct arena mem;
	char *names[4096];
	size_t n = 0;

	arena_init(&mem, 0);
	OK(store_record(d->s, id, &mem, &r, &err));
	struct digest digest = store_digest(&r);
	str_printf(&line, "artefact %.*s ", SLICE_ARG(r.name));
	add_hex(&line, &digest);
	OK(store_hosts_with(d->s, &id, 1, 0, &set, &err));
	for (size_t i = 0; i < set.n_words * 64; i++)
		if (set.words[i / 64] >> i % 64 & 1)
			names[n++] = d->names[i];
	if (n)
		qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++)
		str_printf(&line, " %s", names[i]);
	free(set.words);
	arena_finish(&mem);
	add_line(d, &line);
}

static char *dump(struct store *s)
{
	struct dump d = {.s = s};
	struct store_counts counts;
	struct str all = {0};

	OK(read_begin(s, &err));
	OK(artefacts_load(s));
	OK(store_counts(s, &counts, &err));
	OK(store_hosts(s, NULL, dump_host, &d, &err));
	for (uint32_t id = 1; id <= counts.artefacts; id++)
		dump_artefact(&d, id);
	read_end(s);
	if (d.n)
		qsort(d.lines, d.n, sizeof(*d.lines), by_text);
	str_printf(&all, "hosts %llu expected %llu reports %llu artefacts %llu "
	           "values %llu\n", (unsigned long long)counts.hosts,
	           (unsigned long long)counts.expected,
	           (unsigned long long)counts.reports,
	           (unsigned long long)counts.artefacts,
	           (unsigned long long)counts.values);
	for (size_t i = 0; i < d.n; i++) {
		str_printf(&all, "%s\n", d.lines[i]);
		free(d.lines[i]);
	}
	for (size_t i = 0; i < COUNT_OF(d.names); i++)
		free(d.names[i]);
	free(d.lines);
	return all.p;
}

static void assert_sound(struct store *s)
{
	struct str words = {0};
	int r = store_check(s, &words, &err);

	if (r)
		fail_msg("check: %d, %s %s", r, err.text, words.p ? words.p : "");
	str_finish(&words);
}

static void assert_same_state(struct store *a, struct store *b)
{
	char *x = dump(a), *y = dump(b);

	assert_string_equal(x, y);
	free(x);
	free(y);
}

/* ---- digests and artefacts --------------------------------------------- */

static void a_digest_tells_every_field_apart(void **state)
{
	struct claim claims[2] = {{.attr = ATTR_PACKAGE_NAME, .value = SLICE("x")},
	                          {.attr = ATTR_PACKAGE_URL, .value = SLICE("y")}};
	struct record base = {.ecosystem = "deb", .name = SLICE("n"),
	                      .version = SLICE("v"), .root = SLICE("r"),
	                      .claims = claims, .n_claims = 2};
	struct record r[12];
	struct claim c[4][2];
	struct digest d[COUNT_OF(r)];

	for (size_t i = 0; i < COUNT_OF(r); i++)
		r[i] = base;
	r[1].scope = SCOPE_SETUP;
	r[2].kind = ARTICLE_HARDWARE;
	r[3].state = STATE_STORED;
	r[4].ecosystem = "rpm";
	r[5].name = SLICE("nv"); /* the border between fields counts */
	r[5].version = SLICE("");
	r[6].root = SLICE("");
	r[7].n_claims = 1;
	for (size_t i = 0; i < 4; i++) {
		memcpy(c[i], claims, sizeof(claims));
		r[8 + i].claims = c[i];
	}
	c[0][0].member = SLICE("m");
	c[1][0].offset = 1;
	c[2][0].length = 1;
	c[3][0].verified = true;
	for (size_t i = 0; i < COUNT_OF(r); i++)
		d[i] = store_digest(&r[i]);
	for (size_t i = 0; i < COUNT_OF(r); i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(&d[i], &d[j], sizeof(d[i]));
}

static void a_record_comes_back_as_it_was_given(void **state)
{
	static const uint8_t raw[] = {0xff, 0, '"', 0x80};
	struct claim claims[] = {
		{.attr = ATTR_PE_COMPANY, .value = slice_of(raw, sizeof(raw)),
		 .member = SLICE("in/side"), .offset = 1ull << 40, .length = 3,
		 .verified = true},
		{.attr = ATTR_PACKAGE_NAME, .value = SLICE("")},
		{.attr = ATTR_PE_COMPANY, .value = slice_of(raw, sizeof(raw))},
	};
	struct record r = {.scope = SCOPE_ITEM, .kind = ARTICLE_SERVICE,
	                   .state = STATE_RESIDUE, .ecosystem = "",
	                   .name = slice_of(raw, sizeof(raw)), .claims = claims,
	                   .n_claims = COUNT_OF(claims)};
	struct digest d = store_digest(&r), other = d;
	struct store *s = open_store(path_of("record.db"));
	struct store_batch *b = begin(s);
	struct record back;
	struct arena mem;

	other.bytes[3] ^= 1;
	assert_int_equal(store_artefact(b, &other, &r, &err), -EINVAL);
	assert_false(store_has(b, &d));
	OK(store_artefact(b, &d, &r, &err));
	assert_true(store_has(b, &d));
	OK(store_artefact(b, &d, &r, &err)); /* again is no harm */
	OK(store_commit(b, &err));
	arena_init(&mem, 0);
	OK(store_record(s, 1, &mem, &back, &err));
	struct digest again = store_digest(&back);
	assert_memory_equal(&again, &d, sizeof(d));
	assert_int_equal(back.claims[0].offset, 1ull << 40);
	assert_int_equal(store_record(s, 2, &mem, &back, &err), -EUCLEAN);
	arena_finish(&mem);
	store_close(s);
}

static int count_value(void *ctx, uint32_t id, enum attr attr, struct slice v)
{
	uint32_t *last = ctx;

	assert_true(id > *last);
	assert_int_equal(attr, ATTR_PACKAGE_VENDOR);
	assert_true(slice_eq(v, SLICE("Example Ltd")));
	*last = id;
	return 0;
}

static int stop_at_once(void *ctx, uint32_t id, enum attr attr, struct slice v)
{
	return 7;
}

static void a_value_is_stored_once_and_names_its_artefacts(void **state)
{
	struct store *s = open_store(path_of("values.db"));
	struct store_batch *b = begin(s);
	bool wanted[ATTR_COUNT] = {[ATTR_PACKAGE_VENDOR] = true};
	struct store_counts counts;
	uint32_t value = 0, *artefacts;
	struct arena mem;
	size_t n;

	for (unsigned i = 0; i < 1000; i++)
		(void)give(b, i);
	OK(store_commit(b, &err));
	OK(store_counts(s, &counts, &err));
	assert_int_equal(counts.artefacts, 1000);
	assert_int_equal(counts.values, 1000 + 1 + 100);
	OK(store_values(s, wanted, count_value, &value, &err));
	assert_int_equal(store_values(s, NULL, stop_at_once, NULL, &err), 7);
	arena_init(&mem, 0);
	OK(store_artefacts_of(s, value, &mem, &artefacts, &n, &err));
	assert_int_equal(n, 1000);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(artefacts[i], i + 1);
	arena_finish(&mem);
	assert_sound(s);
	store_close(s);
}

/* ---- reports ----------------------------------------------------------- */

static void assert_hosts(struct store *s, uint32_t artefact, int64_t as_of,
                         const char *numbers)
{
	struct host_set set = {0};
	struct str got = {0};

	OK(store_hosts_with(s, &artefact, 1, as_of, &set, &err));
	for (size_t i = 0; i < set.n_words * 64; i++)
		if (set.words[i / 64] >> i % 64 & 1)
			str_printf(&got, "%zu ", i);
	assert_string_equal(got.p ? got.p : "", numbers);
	str_finish(&got);
	free(set.words);
}

static size_t count_of(struct store *s, uint32_t host, int64_t as_of)
{
	struct arena mem;
	uint32_t *ids;
	size_t n;

	arena_init(&mem, 0);
	OK(store_host_artefacts(s, host, as_of, &mem, &ids, &n, &err));
	arena_finish(&mem);
	return n;
}

static void history_is_kept_and_now_is_the_last_report(void **state)
{
	struct store *s = open_store(path_of("history.db"));
	struct store_batch *b = begin(s);
	struct store_counts counts;

	/* artefact numbers follow the order in which they were given: from the
	 * last of the first report down to 1 */
	assert_int_equal(report(b, "a", 100, 0, 100, 0), 1);
	assert_int_equal(report(b, "b", 110, 0, 100, 50), 1);
	assert_int_equal(report(b, "a", 120, 0, 100, 0), 0);
	OK(store_commit(b, &err));
	assert_hosts(s, 100, 0, "1 "); /* package-0: b lacks it */
	assert_hosts(s, 99, 0, "1 2 ");
	b = begin(s);
	assert_int_equal(report(b, "a", 200, 1, 102, 0), 1);
	assert_int_equal(report(b, "a", 150, 0, 10, 0), 0); /* late: no effect */
	OK(store_commit(b, &err));
	assert_hosts(s, 100, 0, "");
	assert_hosts(s, 100, 199, "1 ");
	assert_hosts(s, 100, 99, "");
	assert_hosts(s, 101, 0, "1 ");
	assert_hosts(s, 101, 199, "");
	assert_int_equal(count_of(s, 1, 0), 101);
	assert_int_equal(count_of(s, 1, 150), 100);
	assert_int_equal(count_of(s, 1, 50), 0);
	assert_int_equal(count_of(s, 2, 0), 98);
	OK(store_counts(s, &counts, &err));
	assert_int_equal(counts.hosts, 2);
	assert_int_equal(counts.reports, 3);
	assert_int_equal(counts.manifests, 1);
	assert_sound(s);
	store_close(s);
}

static void a_host_that_comes_to_hold_nothing_is_in_no_answer(void **state)
{
	struct store *s = open_store(path_of("empty.db"));
	struct store_batch *b = begin(s);

	(void)report(b, "a", 100, 0, 20, 0);
	(void)report(b, "b", 100, 0, 20, 0);
	assert_int_equal(report(b, "a", 200, 0, 0, 0), 1);
	assert_int_equal(report(b, "a", 201, 0, 0, 0), 0);
	OK(store_commit(b, &err));
	for (uint32_t i = 1; i <= 20; i++)
		assert_hosts(s, i, 0, "2 ");
	assert_hosts(s, 1, 150, "1 2 ");
	assert_int_equal(count_of(s, 1, 0), 0);
	assert_sound(s);
	b = begin(s);
	(void)report(b, "a", 300, 0, 20, 0);
	OK(store_commit(b, &err));
	assert_hosts(s, 1, 0, "1 2 ");
	OK(store_compact(s, &err));
	assert_sound(s);
	store_close(s);
}

enum { HOSTS = 60, ARTEFACTS = 400, DAYS = 12 };

/* What a host holds on a day: nearly what it held the day before. */
static void drift(bool *has, const bool *before, int host)
{
	for (int i = 0; !before && i < ARTEFACTS / 2; i++)
		has[i + (host % 3) * 50] = random() % 20;
	if (before)
		memcpy(has, before, ARTEFACTS);
	for (long i = random() % 9; before && i > 0; i--)
		has[random() % ARTEFACTS] ^= 1;
	for (int i = 0; random() % 40 == 0 && i < ARTEFACTS; i++)
		has[i] = random() % 2; /* made anew */
}

static void report_day(struct store_batch *b, int day, int h, const bool *has)
{
	struct digest set[ARTEFACTS];
	char name[16];
	size_t n = 0;

	for (unsigned i = 0; i < ARTEFACTS; i++)
		if (has[i])
			set[n++] = give(b, i);
	(void)snprintf(name, sizeof(name), "host-%d", h);
	struct store_host host = {.name = slice_str(name)};
	OK(store_report(b, &host, 1000 + day * 10, NULL, set, n, &err));
}

static void drift_agrees_with_a_plain_table(void **state)
{
	static bool has[DAYS][HOSTS][ARTEFACTS];
	struct store *s = open_store(path_of("drift.db"));

	srandom(7);
	for (int day = 0; day < DAYS; day++) {
		struct store_batch *b = begin(s);
		for (int h = 0; h < HOSTS; h++) {
			drift(has[day][h], day ? has[day - 1][h] : NULL, h);
			report_day(b, day, h, has[day][h]);
		}
		OK(store_commit(b, &err));
	}
	OK(artefacts_load(s));
	for (unsigned i = 0; i < ARTEFACTS; i++) {
		struct digest d = give(NULL, i);
		uint32_t id = idmap_find(&s->artefacts, &d);
		for (int day = 0; id && day <= DAYS; day++) {
			struct host_set set = {0};
			int then = day == DAYS ? DAYS - 1 : day;
			OK(store_hosts_with(s, &id, 1, day == DAYS ? 0 : 1005 + day * 10,
			                    &set, &err));
			for (size_t h = 1; h <= HOSTS; h++)
				assert_int_equal(h / 64 < set.n_words &&
				                 (set.words[h / 64] >> h % 64 & 1),
				                 has[then][h - 1][i]);
			free(set.words);
		}
	}
	assert_sound(s);
	store_close(s);
}

static void a_report_of_unknown_artefacts_is_refused_and_harmless(void **state)
{
	struct store *s = open_store(path_of("unknown.db"));
	struct store_batch *b = begin(s);
	struct store_host host = {.name = SLICE("c")};
	struct store_host nameless = {.name = SLICE("")};
	struct digest strange = {{1, 2, 3}};

	(void)report(b, "a", 100, 0, 20, 0);
	assert_int_equal(store_report(b, &host, 100, NULL, &strange, 1, &err),
	                 -EINVAL);
	assert_int_equal(store_report(b, &nameless, 100, NULL, NULL, 0, &err),
	                 -EINVAL);
	OK(store_commit(b, &err));
	assert_hosts(s, 1, 0, "1 ");
	assert_sound(s);
	store_close(s);
}

static void nothing_of_a_cancelled_batch_stays(void **state)
{
	struct store *s = open_store(path_of("cancel.db"));
	struct store_batch *b = begin(s);

	(void)report(b, "a", 100, 0, 20, 0);
	OK(store_commit(b, &err));
	char *before = dump(s);
	b = begin(s);
	(void)report(b, "a", 200, 5, 90, 0);
	(void)report(b, "b", 200, 5, 90, 0);
	store_cancel(b);
	char *after = dump(s);
	assert_string_equal(before, after);
	b = begin(s);
	(void)report(b, "b", 200, 5, 90, 0);
	OK(store_commit(b, &err));
	assert_sound(s);
	free(before);
	free(after);
	store_close(s);
}

/* ---- hosts and units --------------------------------------------------- */

static int count_host(void *ctx, const struct store_host_info *host)
{
	uint32_t *n = ctx;

	++*n;
	return 0;
}

struct moved {
	const struct slice *names;
	uint32_t n;
};

/* Host i is in unit i % 7, host 4999 is elsewhere and reported at 10. */
static int check_units(void *ctx, const struct store_seen *hosts)
{
	struct moved *m = ctx;
	char where[16];

	for (uint32_t i = 0; i < hosts->n; i++) {
		const uint32_t host = hosts->first + i;
		if (host == 0)
			continue;
		m->n++;
		(void)snprintf(where, sizeof(where), "unit-%u", host % 7);
		assert_true(slice_eq(m->names[hosts->unit[i]],
		                     host == 4999 ? SLICE("elsewhere")
		                                  : slice_str(where)));
		assert_int_equal(hosts->last_seen[i], host == 4999 ? 10 : 0);
	}
	return 0;
}

static void units_are_read_at_once_and_hosts_may_move(void **state)
{
	struct store *s = open_store(path_of("units.db"));
	struct store_batch *b = begin(s);
	uint32_t n_hosts = 0;
	struct slice *names;
	size_t n_names;
	struct arena mem;
	char name[16], where[16];

	(void)state;
	for (int i = 1; i <= 5000; i++) {
		(void)snprintf(name, sizeof(name), "h%d", i);
		(void)snprintf(where, sizeof(where), "unit-%d", i % 7);
		struct store_host host = {slice_str(name), slice_str(where), SLICE("")};
		OK(store_expect(b, &host, &err));
	}
	struct store_host moved = {.name = SLICE("h4999"), .unit = SLICE("elsewhere")};
	OK(store_expect(b, &moved, &err));
	moved.unit = SLICE(""); /* says nothing, so it stays */
	OK(store_report(b, &moved, 10, NULL, NULL, 0, &err));
	OK(store_commit(b, &err));
	arena_init(&mem, 0);
	OK(store_unit_names(s, &mem, &names, &n_names, &err));
	struct moved seen = {names, 0};
	assert_int_equal(n_names, 9);
	OK(store_seen(s, check_units, &seen, &err));
	assert_int_equal(seen.n, 5000);
	arena_finish(&mem);
	struct store_counts counts;
	OK(store_counts(s, &counts, &err));
	assert_int_equal(counts.expected, 5000);
	assert_int_equal(counts.hosts, 1);
	uint64_t words[80] = {[0] = 6, [78] = 1}; /* 1, 2 and 4992 */
	struct host_set only = {words, 80};
	OK(store_hosts(s, &only, count_host, &n_hosts, &err));
	assert_int_equal(n_hosts, 3);
	assert_sound(s);
	store_close(s);
}

/* Listing a set gives its hosts and no others, however they lie. */
struct listed {
	struct host_set got;
	uint32_t last;
};

static int note_listed(void *ctx, const struct store_host_info *host)
{
	struct listed *l = ctx;

	assert_true(host->number > l->last);
	l->last = host->number;
	l->got.words[host->number / 64] |= UINT64_C(1) << host->number % 64;
	return 0;
}

static void a_set_of_hosts_is_listed_and_nothing_else(void **state)
{
	enum { MANY = 3000, WORDS = MANY / 64 + 1 };
	struct store *s = open_store(path_of("listing.db"));
	struct store_batch *b = begin(s);
	char name[16];

	(void)state;
	for (int i = 1; i <= MANY; i++) {
		(void)snprintf(name, sizeof(name), "h%d", i);
		struct store_host host = {.name = slice_str(name)};
		OK(store_expect(b, &host, &err));
	}
	OK(store_commit(b, &err));
	srand(7);
	for (int round = 0; round < 60; round++) {
		uint64_t words[WORDS] = {0}, got[WORDS] = {0};
		struct listed l = {.got = {got, WORDS}};
		for (int k = 0; k < round * round / 4; k++) {
			uint32_t host = 1 + (uint32_t)rand() % MANY;
			words[host / 64] |= UINT64_C(1) << host % 64;
		}
		struct host_set only = {words, WORDS};
		OK(store_hosts(s, &only, note_listed, &l, &err));
		assert_memory_equal(got, words, sizeof(words));
	}
	store_close(s);
}

static int count_labels(void *ctx, uint32_t host, struct slice labels)
{
	assert_int_equal(host, 2);
	assert_true(slice_eq(labels, SLICE("{\"a\": \"b\"}")));
	++*(int *)ctx;
	return 0;
}

static void labels_stay_until_others_are_given(void **state)
{
	struct store *s = open_store(path_of("labels.db"));
	struct store_batch *b = begin(s);
	struct store_host one = {.name = SLICE("one")}, two = {.name = SLICE("two")};
	int n = 0;

	(void)state;
	two.labels = SLICE("{}");
	OK(store_expect(b, &one, &err));
	OK(store_expect(b, &two, &err));
	two.labels = SLICE("{\"a\": \"b\"}");
	OK(store_expect(b, &two, &err));
	two.labels = SLICE("");
	OK(store_report(b, &two, 10, NULL, NULL, 0, &err));
	OK(store_commit(b, &err));
	OK(store_labels(s, count_labels, &n, &err));
	assert_int_equal(n, 1);
	assert_sound(s);
	store_close(s);
}

/* Hosts with 500 artefacts in common and 40 of their own each. */
static void hosts_alike_share_a_manifest_of_what_they_share(void **state)
{
	enum { ALIKE = 60, COMMON = 500, OWN = 40 };
	struct store *s = open_store(path_of("alike.db"));
	struct store_batch *b = begin(s);
	struct digest set[COMMON + OWN];
	struct store_counts counts;
	char name[16];

	(void)state;
	for (unsigned h = 0; h < ALIKE; h++) {
		for (unsigned i = 0; i < COMMON + OWN; i++)
			set[i] = give(b, i < COMMON ? i : i + h * OWN);
		(void)snprintf(name, sizeof(name), "h%u", h);
		struct store_host host = {.name = slice_str(name)};
		OK(store_report(b, &host, 10, NULL, set, COUNT_OF(set), &err));
	}
	OK(store_commit(b, &err));
	OK(store_counts(s, &counts, &err));
	/* the first host's, and the common one; nobody lacks anything of it */
	assert_int_equal(counts.manifests, 2);
	assert_sound(s);
	store_close(s);
}

static void a_count_that_cannot_be_kept_is_refused(void **state)
{
	struct store *s = open_store(path_of("counts.db"));
	struct store_batch *b = begin(s);
	struct store_host host = {.name = SLICE("h")};
	struct store_coverage coverage = {.programs = UINT64_MAX};

	(void)state;
	assert_int_equal(store_report(b, &host, 10, &coverage, NULL, 0, &err),
	                 -EINVAL);
	coverage.programs = INT64_MAX;
	OK(store_report(b, &host, 10, &coverage, NULL, 0, &err));
	OK(store_commit(b, &err));
	assert_sound(s);
	store_close(s);
}

/* ---- together ---------------------------------------------------------- */

/* A store with a bit of everything; `which` shifts it. */
static void fill(struct store *s, unsigned which)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};

	for (unsigned day = 0; day < 4; day++) {
		struct store_batch *b = begin(s);
		for (unsigned h = 0; h < COUNT_OF(names); h++)
			(void)report(b, names[h], 100 + 10 * day + which + h,
			             h * 3 + which, 120 + h + day * (h % 3),
			             11 + day % 2);
		OK(store_commit(b, &err));
	}
}

static void an_import_of_an_export_is_the_same_inventory(void **state)
{
	struct store *s = open_store(path_of("export.db"));
	struct store *t = open_store(path_of("import.db"));
	struct store_host expected = {.name = SLICE("late \"one\"\n"),
	                              .unit = SLICE("d/\xc3\xa9")};

	fill(s, 0);
	struct store_batch *b = begin(s);
	OK(store_expect(b, &expected, &err));
	OK(store_commit(b, &err));
	FILE *f = tmpfile();
	assert_non_null(f);
	OK(store_export(s, f, &err));
	rewind(f);
	OK(store_import(t, f, &err));
	assert_same_state(s, t);
	assert_sound(t);
	rewind(f);
	OK(store_import(t, f, &err)); /* again: nothing new */
	assert_same_state(s, t);
	(void)fclose(f);
	store_close(s);
	store_close(t);
}

static void a_wrong_import_says_where_and_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"{\"artefact\": 2}\n",
		"{\"report\": \"x\", \"since\": 1, \"manifest\": 1}\n",
		("{\"host\": \"x\"}\n{\"report\": \"x\", \"since\": 1, "
		 "\"manifest\": 9, \"added\": [], \"removed\": []}\n"),
		"{\"host\": \"x\"}\n[1]\n",
		"{\"host\": {\"base64\": \"!!!!\"}}\n{\"host\": \"y\"}\n",
		"nonsense\n",
		"{\"manifest\": 1, \"artefacts\": [1]}\n",
	};
	struct store *s = open_store(path_of("wrong.db"));
	char *before = dump(s);

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		FILE *f = fmemopen((void *)(uintptr_t)bad[i], strlen(bad[i]), "r");
		assert_non_null(f);
		if (store_import(s, f, &err) >= 0)
			fail_msg("import %zu was taken", i);
		assert_non_null(strstr(err.text, "line "));
		(void)fclose(f);
		char *after = dump(s);
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
	store_close(s);
}

static void merging_gives_the_same_from_both_sides(void **state)
{
	struct store *a = open_store(path_of("left.db"));
	struct store *b = open_store(path_of("right.db"));
	struct store *c = open_store(path_of("right-copy.db"));
	struct store *d = open_store(path_of("left-copy.db"));

	fill(a, 0);
	fill(d, 0);
	fill(b, 5); /* the same hosts at times between */
	fill(c, 5);
	OK(store_merge(a, b, &err));
	OK(store_merge(c, d, &err));
	assert_sound(a);
	assert_sound(c);
	assert_same_state(a, c);
	OK(store_merge(a, b, &err)); /* again: nothing new */
	assert_same_state(a, c);
	struct store_counts counts;
	OK(store_counts(a, &counts, &err));
	assert_int_equal(counts.hosts, 5);
	store_close(a);
	store_close(b);
	store_close(c);
	store_close(d);
}

/* ---- opening ----------------------------------------------------------- */

static void the_file_is_for_its_owner_only(void **state)
{
	const char *path = path_of("deep/er/inventory #1?.db");
	struct store *s = open_store(path);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(path_of("deep"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_close(s);
}

static void what_is_no_inventory_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *command, *words;
		int code;
	} cases[] = {
		{"true", "there is no inventory", -ENOENT},
		{"touch $0", "there is no inventory", -ENOENT},
		{"echo this is a text of some length > $0", "not an inventory",
		 -EMEDIUMTYPE},
		{"mkdir $0", "not an inventory", -EMEDIUMTYPE},
		{"printf 'SQLite format 3\\0' > $0; head -c 5000 /dev/zero >> $0",
		 "not an inventory", -EMEDIUMTYPE},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char command[512], name[32];
		struct store *s;
		(void)snprintf(name, sizeof(name), "no-%zu.db", i);
		const char *path = path_of(name);
		(void)snprintf(command, sizeof(command), "sh -c '%s' %s",
		               cases[i].command, path);
		if (i == 4)
			(void)snprintf(command, sizeof(command), "(printf 'SQLite "
			               "format 3\\0'; head -c 5000 /dev/zero) > %s",
			               path);
		assert_int_equal(system(command), 0);
		int r = store_open(path, STORE_READ_ONLY, &err, &s);
		if (r != cases[i].code || !strstr(err.text, cases[i].words))
			fail_msg("case %zu: %d, %s", i, r, err.text);
	}
}

static void a_newer_schema_is_refused(void **state)
{
	struct store *s = open_store(path_of("newer.db"));
	int64_t meta[META_COUNT] = {[META_SCHEMA] = 1000};

	OK(s->db->driver->begin(s->db, true));
	struct db_value row[] = {DB_T(SLICE("schema")), DB_N(meta[META_SCHEMA])};
	OK(row_put(s->db, TABLE_META, row));
	OK(s->db->driver->commit(s->db));
	store_close(s);
	assert_int_equal(store_open(path_of("newer.db"), 0, &err, &s), -EPROTO);
	assert_non_null(strstr(err.text, "newer"));
}

static void a_second_writer_waits_and_then_refuses(void **state)
{
	const char *path = path_of("two.db");
	struct store *s = open_store(path), *t = open_store(path), *reader;
	struct store_batch *b = begin(s), *c;

	(void)report(b, "a", 100, 0, 50, 0);
	assert_int_equal(store_begin(t, 50, &err, &c), -EBUSY);
	assert_non_null(strstr(err.text, "another sweep is writing"));
	OK(store_commit(b, &err));
	OK(store_open(path, STORE_READ_ONLY, &err, &reader));
	assert_hosts(reader, 1, 0, "1 ");
	c = begin(t); /* sees what the other wrote */
	assert_int_equal(report(c, "a", 110, 0, 50, 0), 0);
	assert_int_equal(report(c, "b", 110, 0, 60, 0), 1);
	OK(store_commit(c, &err));
	assert_hosts(reader, 1, 0, "1 "); /* stays with what it saw first */
	b = begin(s);
	assert_int_equal(report(b, "b", 120, 0, 60, 0), 0);
	assert_int_equal(report(b, "c", 120, 0, 60, 0), 1);
	OK(store_commit(b, &err));
	assert_hosts(s, 1, 0, "1 2 3 ");
	assert_sound(s);
	store_close(reader);
	store_close(s);
	store_close(t);
}

static void a_reader_needs_no_permission_to_write(void **state)
{
	const char *path = path_of("locked/inventory.db");
	struct store *s = open_store(path);

	fill(s, 0);
	store_close(s);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(path_of("locked"), 0555), 0);
	pid_t child = fork();
	if (child == 0) {
		/* root may write anywhere */
		if (geteuid() == 0 && (chmod(folder, 0755) != 0 ||
		                       chown(path, 65534, 65534) != 0 ||
		                       chown(path_of("locked"), 65534, 65534) != 0 ||
		                       setgid(65534) != 0 || setuid(65534) != 0))
			_exit(2);
		if (store_open(path, STORE_READ_ONLY, &err, &s) < 0)
			_exit(3);
		_exit(count_of(s, 1, 0) > 100 ? 0 : 4);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* ---- damage ------------------------------------------------------------ */

static void copy(const char *from, const char *to)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "rm -f %s-wal %s-shm; cp %s %s",
	               to, to, from, to);
	assert_int_equal(system(command), 0);
}

/* Opening fails, or check names it, or all is as it was. */
static bool noticed_or_intact(const char *path, const char *good)
{
	struct str words = {0};
	struct store *s;

	if (store_open(path, 0, &err, &s) < 0)
		return true;
	int r = store_check(s, &words, &err);
	bool fine = r != 0;
	if (r == 0) {
		char *now = dump(s);
		fine = strcmp(now, good) == 0;
		free(now);
	}
	str_finish(&words);
	store_close(s);
	return fine;
}

static void a_flipped_bit_is_noticed_or_harmless(void **state)
{
	const char *from = path_of("sound.db");
	char path[128];
	struct store *s = open_store(from);

	(void)snprintf(path, sizeof(path), "%s", path_of("flipped.db"));
	fill(s, 0);
	char *good = dump(s);
	store_close(s);
	struct stat st;
	assert_int_equal(stat(from, &st), 0);
	copy(from, path);
	for (off_t at = 16; at < st.st_size; at += 397) {
		uint8_t byte, was = 0;
		int fd = open(path, O_RDWR);
		assert_true(fd >= 0 && pread(fd, &was, 1, at) == 1);
		byte = was ^ (uint8_t)(1 << at % 8);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		(void)close(fd);
		if (!noticed_or_intact(path, good))
			fail_msg("a bit of byte %lld was flipped, and nobody noticed",
			         (long long)at);
		copy(from, path);
	}
	free(good);
}

/* ---- failing at every call --------------------------------------------- */

static struct store *open_faulty(const char *path, unsigned at, int error,
                                 bool for_ever)
{
	struct db *db;
	struct store *s;

	OK(db_open(path, DB_CREATE, &err, &db));
	db = db_faulty(db, at, error, for_ever);
	assert_non_null(db);
	return store_open_db(db, path, STORE_CREATE, &err, &s) < 0 ? NULL : s;
}

/* A batch that touches everything; 0 when it was committed. */
static int try_batch(struct store *s)
{
	struct store_batch *b;
	struct digest set[300];
	size_t n = 0;
	int r = store_begin(s, 0, &err, &b);

	if (r < 0)
		return r;
	for (unsigned i = 60; i < 200 && r >= 0; i++) {
		struct claim claim = {.attr = ATTR_SIGNER_NAME, .value = SLICE("v")};
		char name[16];
		(void)snprintf(name, sizeof(name), "other-%u", i);
		struct record record = {.ecosystem = "", .name = slice_str(name),
		                        .claims = &claim, .n_claims = 1};
		set[n] = store_digest(&record);
		r = store_has(b, &set[n]) ? 0 : store_artefact(b, &set[n], &record,
		                                               &err);
		n++;
	}
	struct store_host hosts[] = {{SLICE("a"), SLICE("new/unit"), SLICE("")},
	                             {SLICE("z"), SLICE("dept"), SLICE("{}")}};
	struct store_coverage coverage = {.items = 5};
	for (size_t i = 0; i < 2 && r >= 0; i++)
		r = store_report(b, &hosts[i], 900, &coverage, set, n - i, &err);
	/* Also when something failed: a careless caller must do no harm. */
	int committed = store_commit(b, &err);
	return r < 0 ? r : committed;
}

static void after_a_failure_at_any_call_there_is_old_or_new(void **state)
{
	static const int errors[] = {EIO, ENOSPC, ENOMEM};
	char base[128], path[128];
	bool done = false;

	(void)snprintf(base, sizeof(base), "%s", path_of("before.db"));
	(void)snprintf(path, sizeof(path), "%s", path_of("faulty.db"));
	struct store *s = open_store(base);
	fill(s, 0);
	char *old = dump(s);
	store_close(s);
	copy(base, path);
	s = open_store(path);
	OK(try_batch(s));
	char *new = dump(s);
	store_close(s);
	assert_string_not_equal(old, new);
	for (unsigned at = 1; !done; at++) {
		copy(base, path);
		s = open_faulty(path, at, errors[at % 3], at % 2);
		int r = s ? try_batch(s) : -EIO;
		done = r == 0 && at > 20;
		if (s && !(at % 2)) { /* it failed once only: the store can go on */
			int again = try_batch(s);
			if (r < 0 && again < 0)
				fail_msg("call %u: not again: %s", at, err.text);
			r = 0;
		}
		store_close(s);
		s = open_store(path);
		char *now = dump(s);
		if (strcmp(now, r == 0 ? new : old) != 0)
			fail_msg("call %u failed: neither old nor new", at);
		assert_sound(s);
		free(now);
		store_close(s);
	}
	free(old);
	free(new);
}

/* ---- kill -9 ----------------------------------------------------------- */

static void commit_for_ever(const char *path, int told)
{
	struct store *s;
	struct store_batch *b;

	if (store_open(path, STORE_CREATE, &err, &s) < 0)
		_exit(1);
	for (int64_t time = 1000;; time++) {
		if (store_begin(s, 1000, &err, &b) < 0)
			_exit(1);
		for (char name[] = "a"; name[0] <= 'h'; name[0]++)
			(void)report(b, name, time, (unsigned)time % 50,
			             100 + (unsigned)time % 37, 0);
		if (store_commit(b, &err) < 0)
			_exit(1);
		if (write(told, &time, sizeof(time)) != sizeof(time))
			_exit(1);
	}
}

/* All hosts of a batch were last seen at the same time. */
static int same_time(void *ctx, const struct store_host_info *host)
{
	int64_t *time = ctx;

	if (*time && *time != host->last_seen)
		return 1;
	*time = host->last_seen;
	return 0;
}

static void a_killed_writer_leaves_whole_batches(void **state)
{
	srandom(3);
	for (int round = 0; round < 25; round++) {
		char name[32], path[128];
		int told[2];
		int64_t last = 0, time = 0, seen = 0;
		(void)snprintf(name, sizeof(name), "killed-%d.db", round);
		(void)snprintf(path, sizeof(path), "%s", path_of(name));
		assert_int_equal(pipe(told), 0);
		pid_t child = fork();
		if (child == 0)
			commit_for_ever(path, told[1]);
		(void)close(told[1]);
		(void)usleep(20000 + (useconds_t)random() % 150000);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(told[0], &time, sizeof(time)) == sizeof(time))
			last = time;
		(void)close(told[0]);
		struct store *s = open_store(path);
		assert_int_equal(store_hosts(s, NULL, same_time, &seen, &err), 0);
		/* What was said to be stored is; at most one batch more. */
		assert_true(seen == last || seen == last + 1 || (!last && seen == 1000));
		assert_sound(s);
		store_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_tells_every_field_apart),
		cmocka_unit_test(a_record_comes_back_as_it_was_given),
		cmocka_unit_test(a_value_is_stored_once_and_names_its_artefacts),
		cmocka_unit_test(history_is_kept_and_now_is_the_last_report),
		cmocka_unit_test(a_host_that_comes_to_hold_nothing_is_in_no_answer),
		cmocka_unit_test(drift_agrees_with_a_plain_table),
		cmocka_unit_test(a_report_of_unknown_artefacts_is_refused_and_harmless),
		cmocka_unit_test(nothing_of_a_cancelled_batch_stays),
		cmocka_unit_test(units_are_read_at_once_and_hosts_may_move),
		cmocka_unit_test(a_set_of_hosts_is_listed_and_nothing_else),
		cmocka_unit_test(labels_stay_until_others_are_given),
		cmocka_unit_test(hosts_alike_share_a_manifest_of_what_they_share),
		cmocka_unit_test(a_count_that_cannot_be_kept_is_refused),
		cmocka_unit_test(an_import_of_an_export_is_the_same_inventory),
		cmocka_unit_test(a_wrong_import_says_where_and_changes_nothing),
		cmocka_unit_test(merging_gives_the_same_from_both_sides),
		cmocka_unit_test(the_file_is_for_its_owner_only),
		cmocka_unit_test(what_is_no_inventory_is_refused_with_a_sentence),
		cmocka_unit_test(a_newer_schema_is_refused),
		cmocka_unit_test(a_second_writer_waits_and_then_refuses),
		cmocka_unit_test(a_reader_needs_no_permission_to_write),
		cmocka_unit_test(a_flipped_bit_is_noticed_or_harmless),
		cmocka_unit_test(after_a_failure_at_any_call_there_is_old_or_new),
		cmocka_unit_test(a_killed_writer_leaves_whole_batches),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
