/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	POOL = 6000,            /* packages that images are made of */
	POOL_CORE = 1000,       /* of these, in every image */
	POOL_SHARE = 16,        /* of the others, in percent of the images */
	LEVELS = 20,            /* patch levels; a package has at most as many versions */
	LEVELS_AT_START = 4,    /* images begin at levels 0 to 3 */
	PATCH_ONE_IN = 90,      /* packages that a patch level changes */
	PATCH_EVERY_DAYS = 10,  /* each image */
	HOSTS_PER_IMAGE = 2000,
	IMAGES_MIN = 20,
	TAIL_MIN = 100,
	TAIL_MAX = 300,
	TAIL_POOL = 50000,
	CHANGE_ONE_IN = 100,    /* hosts that change on a day */
	CHANGE_SLOTS = 5,       /* at most so many articles each time */
	SILENT_ONE_IN = 50,
	MAINTAINERS = 900,
	NO_PROGRAM_ONE_IN = 50,
	PROGRAMS_MIN = 300,
	PROGRAMS_MAX = 6000,
	SEARCHED_ONE_IN = 10,
	SEARCHED_AGAIN_DAY = 12,
	DEPARTMENTS = 24, AGENCIES = 12, UNITS = 40,
};

/* What a random number is for; keeps draws apart. */
enum purpose {
	FOR_SILENCE, FOR_IMAGE, FOR_UNIT, FOR_POOL, FOR_PATCH, FOR_TAIL_SIZE,
	FOR_TAIL, FOR_CHANGE, FOR_SLOT, FOR_NAME, FOR_PLANT, FOR_FIELD,
	FOR_PROGRAMS, FOR_SEARCH,
};

/* An article whose hosts are known. */
struct plant {
	const char *label;     /* what truth is asked for */
	const char *name, *version;
	const char *vendor;    /* package.vendor, or NULL */
	const char *holder;    /* copyright.holder of one part of it, or NULL */
	enum state state;
	uint32_t per_100000;   /* hosts that have it */
	uint32_t one_image_in; /* or: images that hold it, from the fourth on */
	uint32_t from, until;  /* days */
};

static const struct plant plants[] = {
	{"new", "examplesoft-agent", "4.2.1", "Examplesoft Ltd", NULL,
	 STATE_INSTALLED, 240, 0, 0, WORLD_DAYS_MAX},
	{"new", "examplesoft-agent", "4.3.0", "Examplesoft Ltd", NULL,
	 STATE_INSTALLED, 60, 0, 0, 15},
	{"new", "examplesoft-reader", "11.0", "Examplesoft, Inc.", NULL,
	 STATE_INSTALLED, 30, 0, 10, WORLD_DAYS_MAX},
	{"new-residue", "examplesoft-agent", "3.9.9", "Examplesoft Ltd", NULL,
	 STATE_RESIDUE, 50, 0, 0, WORLD_DAYS_MAX},
	{"new-part", "monitor-checks", "2.4", NULL,
	 "2009-2014 Examplesoft Ltd", STATE_INSTALLED, 1000, 0, 0,
	 WORLD_DAYS_MAX},
	{"spared", "sampler", "1.0", "Examplesofter Foods", NULL,
	 STATE_INSTALLED, 500, 0, 0, WORLD_DAYS_MAX},
	{"embedded", "gilded-print", "7.1", "Gildedware GmbH", NULL,
	 STATE_INSTALLED, 0, 100, 0, WORLD_DAYS_MAX},
	{"real", "kesl", "12.1.0", "AO Kaspersky Lab", NULL, STATE_INSTALLED,
	 100, 0, 0, WORLD_DAYS_MAX},
};

_Static_assert(COUNT_OF(plants) <= WORLD_PLANTS_MAX, "plants are bits");

/* The finaliser of SplitMix64 over the four numbers, one after the other. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static uint64_t draw(const struct world *w, enum purpose purpose, uint64_t a,
                     uint64_t b)
{
	return mix(mix(w->seed ^ mix(purpose)) ^ mix(a << 32 ^ b));
}

/* [0, n), small numbers more often: x to the power 2 or 4 of an even x. */
static uint32_t skewed(uint64_t random, uint32_t n, unsigned power)
{
	double x = (double)(random >> 11) / (double)(1ull << 53);

	for (; power > 1; power /= 2)
		x *= x;
	return (uint32_t)(x * n);
}

void world_init(struct world *w, uint64_t seed, uint32_t hosts, uint32_t slim)
{
	assert(slim >= 1 && slim <= WORLD_SLIM_MAX);
	*w = (struct world){.seed = seed, .hosts = hosts, .slim = slim};
	w->images = (hosts + HOSTS_PER_IMAGE - 1) / HOSTS_PER_IMAGE;
	if (w->images < IMAGES_MIN)
		w->images = IMAGES_MIN;
	w->tail_at = POOL * LEVELS;
	w->tail_n = TAIL_POOL + hosts / 4;
	w->plants_at = w->tail_at + w->tail_n;
	w->articles = w->plants_at + COUNT_OF(plants);
}

bool world_host_reports(const struct world *w, uint32_t host)
{
	return draw(w, FOR_SILENCE, host, 0) % SILENT_ONE_IN != 0;
}

void world_host_name(const struct world *w, uint32_t host,
                     char ret_name[WORLD_NAME_SIZE],
                     char ret_unit[WORLD_NAME_SIZE])
{
	(void)snprintf(ret_name, WORLD_NAME_SIZE, "host-%07u", host);
	(void)snprintf(ret_unit, WORLD_NAME_SIZE,
	               "department-%02u/agency-%02u/unit-%02u",
	               skewed(draw(w, FOR_UNIT, host, 0), DEPARTMENTS, 2),
	               skewed(draw(w, FOR_UNIT, host, 1), AGENCIES, 2),
	               skewed(draw(w, FOR_UNIT, host, 2), UNITS, 2));
}

uint32_t world_host_image(const struct world *w, uint32_t host)
{
	return (uint32_t)(draw(w, FOR_IMAGE, host, 0) % w->images);
}

/* ---- images ---- */

uint32_t world_image_level(const struct world *w, uint32_t image, uint32_t day)
{
	const uint32_t at_start = image / PATCH_EVERY_DAYS % LEVELS_AT_START;
	const uint32_t turn = image % PATCH_EVERY_DAYS + 1; /* first day of a patch */

	(void)w;
	if (day < turn)
		return at_start;
	uint32_t level = at_start + (day - turn) / PATCH_EVERY_DAYS + 1;
	return level < LEVELS ? level : LEVELS - 1;
}

static bool in_image(const struct world *w, uint32_t image, uint32_t package)
{
	return package % w->slim == 0 &&
	       (package < POOL_CORE ||
	        draw(w, FOR_POOL, image, package) % 100 < POOL_SHARE);
}

/* The last level at or below that one which brought a new version. */
static uint32_t version_at(const struct world *w, uint32_t package,
                           uint32_t level)
{
	while (level > 0 && draw(w, FOR_PATCH, package, level) % PATCH_ONE_IN != 0)
		level--;
	return level;
}

static bool plant_in_image(const struct plant *p, uint32_t image)
{
	return p->one_image_in && image % p->one_image_in == 3;
}

size_t world_image_articles(const struct world *w, uint32_t image,
                            uint32_t level, uint32_t *ret)
{
	size_t n = 0;

	for (uint32_t p = 0; p < POOL && n < WORLD_ARTICLES_MAX; p++)
		if (in_image(w, image, p))
			ret[n++] = p * LEVELS + version_at(w, p, level);
	for (uint32_t i = 0; i < COUNT_OF(plants) && n < WORLD_ARTICLES_MAX; i++)
		if (plant_in_image(&plants[i], image))
			ret[n++] = w->plants_at + i;
	return n;
}

/* ---- tails ---- */

static int compare_articles(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static size_t sort_and_join(uint32_t *articles, size_t n)
{
	size_t kept = 0;

	qsort(articles, n, sizeof(*articles), compare_articles);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || articles[kept - 1] != articles[i])
			articles[kept++] = articles[i];
	return kept;
}

/* On which day each slot of the tail was filled: 0, or that of a change. */
static void slot_days(const struct world *w, uint32_t host, uint32_t day,
                      uint32_t slots, uint8_t *ret)
{
	memset(ret, 0, slots);
	for (uint32_t d = 1; d <= day; d++) {
		const uint64_t r = draw(w, FOR_CHANGE, host, d);
		if (r % CHANGE_ONE_IN != 0)
			continue;
		for (uint64_t k = 0; k <= r / CHANGE_ONE_IN % CHANGE_SLOTS; k++)
			ret[draw(w, FOR_SLOT, host, d << 8 | k) % slots] =
				(uint8_t)d;
	}
}

size_t world_host_tail(const struct world *w, uint32_t host, uint32_t day,
                       uint32_t *ret)
{
	const uint64_t size = draw(w, FOR_TAIL_SIZE, host, 0);
	const uint32_t slots =
		(uint32_t)(TAIL_MIN + size % (TAIL_MAX - TAIL_MIN + 1)) / w->slim;
	const uint32_t own = world_host_plants(w, host, day);
	uint8_t days[TAIL_MAX];
	size_t n = 0;

	assert(day < WORLD_DAYS_MAX);
	slot_days(w, host, day, slots, days);
	for (uint32_t i = 0; i < slots; i++)
		ret[n++] = w->tail_at + skewed(draw(w, FOR_TAIL, host,
		                                    (uint64_t)days[i] << 16 | i),
		                               w->tail_n, 4);
	for (uint32_t i = 0; i < COUNT_OF(plants); i++)
		if (own >> i & 1 && !plants[i].one_image_in)
			ret[n++] = w->plants_at + i;
	return sort_and_join(ret, n);
}

uint32_t world_host_plants(const struct world *w, uint32_t host, uint32_t day)
{
	const uint32_t image = world_host_image(w, host);
	uint32_t bits = 0;

	for (uint32_t i = 0; i < COUNT_OF(plants); i++) {
		const struct plant *p = &plants[i];
		if (day < p->from || day >= p->until)
			continue;
		if (plant_in_image(p, image) ||
		    draw(w, FOR_PLANT, host, i) % 100000 < p->per_100000)
			bits |= 1u << i;
	}
	return bits;
}

uint32_t world_host_programs(const struct world *w, uint32_t host)
{
	const uint64_t r = draw(w, FOR_PROGRAMS, host, 0);

	if (r % NO_PROGRAM_ONE_IN == 0)
		return 0;
	return PROGRAMS_MIN + (uint32_t)(r / NO_PROGRAM_ONE_IN %
	                                 (PROGRAMS_MAX - PROGRAMS_MIN + 1));
}

uint32_t world_host_searched(const struct world *w, uint32_t host, uint32_t day,
                             uint32_t known)
{
	const uint64_t r = draw(w, FOR_SEARCH, host, 0);

	if (r % SEARCHED_ONE_IN != 0)
		return 0;
	const bool again = r / SEARCHED_ONE_IN % 2 && day >= SEARCHED_AGAIN_DAY;
	return again ? known : known * 3 / 4;
}

uint32_t world_plants_of(const char *label)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < COUNT_OF(plants); i++)
		if (strcmp(plants[i].label, label) == 0)
			bits |= 1u << i;
	return bits;
}

/* ---- records ---- */

static struct slice text(struct world_record *r, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

static struct slice text(struct world_record *r, const char *fmt, ...)
{
	char *at = r->text + r->used;
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(at, sizeof(r->text) - r->used, fmt, args);
	va_end(args);
	assert(n >= 0 && (size_t)n < sizeof(r->text) - r->used);
	r->used += (size_t)n + 1;
	return slice_of(at, (size_t)n);
}

/* Offsets are those inside a package's own stanza. */
static void claim(struct world_record *r, enum attr attr, struct slice value,
                  uint64_t offset)
{
	assert(r->record.n_claims < WORLD_CLAIMS_MAX);
	r->claims[r->record.n_claims++] = (struct claim){
		.attr = attr, .value = value, .offset = offset, .length = value.n};
}

/* A word that can be spoken, another one for each number. */
static struct slice word(const struct world *w, struct world_record *r,
                         uint64_t kind, uint64_t number)
{
	static const char *const parts[] = {
		"ba", "den", "fo", "gri", "hul", "ja", "kon", "lim", "mo", "nu",
		"pra", "qui", "ros", "stu", "ter", "vel",
	};
	uint64_t bits = draw(w, FOR_NAME, kind, number);

	return text(r, "%s%s%s%lx", parts[bits & 15], parts[bits >> 4 & 15],
	            parts[bits >> 8 & 15], (unsigned long)number);
}

/* The sweep adds to a record where its item lies. */
static void lies_in(struct world_record *r, struct slice path)
{
	claim(r, ATTR_PATH, path, 0);
	r->claims[r->record.n_claims - 1].length = 0;
}

/* A package as the extractor for dpkg's status file tells it. */
static void package(const struct world *w, uint64_t number, uint32_t version,
                    struct world_record *ret)
{
	const uint64_t maker = draw(w, FOR_FIELD, number, 0) % MAINTAINERS;
	/* some packages are built from one source */
	const uint64_t source = number - draw(w, FOR_FIELD, number, 1) % 3;
	struct slice name = word(w, ret, 0, number), who = word(w, ret, 1, maker);

	ret->record.name = name;
	ret->record.version = text(ret, "%u.%u-%u+deb12u%u",
	                           (unsigned)(draw(w, FOR_FIELD, number, 2) % 20),
	                           (unsigned)(draw(w, FOR_FIELD, number, 3) % 30),
	                           1 + (unsigned)(number % 4), version);
	claim(ret, ATTR_PACKAGE_NAME, name, 9);
	claim(ret, ATTR_PACKAGE_MAINTAINER,
	      text(ret, "%.*s maintainers <pkg-%.*s@lists.example.org>",
	           SLICE_ARG(who), SLICE_ARG(who)), 108);
	if (draw(w, FOR_FIELD, number, 4) % 10 < 7)
		claim(ret, ATTR_PACKAGE_URL,
		      text(ret, "https://www.%.*s.example.org/",
		           SLICE_ARG(word(w, ret, 2, source))), 458);
	claim(ret, ATTR_PACKAGE_SOURCE, word(w, ret, 0, source), 9);
	lies_in(ret, SLICE("/var/lib/dpkg/status"));
}

static void planted(const struct plant *p, struct world_record *ret)
{
	ret->record.name = slice_str(p->name);
	ret->record.state = p->state;
	if (p->holder) {
		ret->record.scope = SCOPE_PART;
		claim(ret, ATTR_COPYRIGHT_HOLDER, slice_str(p->holder), 1136);
		claim(ret, ATTR_COPYRIGHT_FILES, SLICE("src/acl.c"), 980);
		lies_in(ret, text(ret, "/usr/share/doc/%s/copyright", p->name));
		return;
	}
	ret->record.version = slice_str(p->version);
	claim(ret, ATTR_PACKAGE_NAME, slice_str(p->name), 9);
	claim(ret, ATTR_PACKAGE_VENDOR, slice_str(p->vendor), 60);
	lies_in(ret, SLICE("/var/lib/dpkg/status"));
}

void world_article(const struct world *w, uint32_t article,
                   struct world_record *ret)
{
	ret->used = 0;
	ret->record = (struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED,
		.ecosystem = "deb",
		.claims = ret->claims,
	};
	assert(article < w->articles);
	if (article >= w->plants_at)
		planted(&plants[article - w->plants_at], ret);
	else if (article >= w->tail_at)
		package(w, POOL + article - w->tail_at, 0, ret);
	else
		package(w, article / LEVELS, article % LEVELS, ret);
}
