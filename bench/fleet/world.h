/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up fleet, as a pure function of a seed, a number of hosts and a day:
 * nothing is kept per host, so the truth about any host on any day can be
 * asked again at any time.
 *
 *   image     what a host is installed from: about 1,800 packages of a common
 *             pool, 1,000 of them in every image. One image in ten is patched
 *             each day: about 20 packages get another version, the same for
 *             every image that comes to that level.
 *   tail      100 to 300 articles of a host's own, Zipf-like, from a pool that
 *             grows with the fleet. Each day one host in a hundred changes a
 *             few of them.
 *   plant     an article whose hosts are known, so that an order has a known
 *             answer (the table in world.c).
 *
 * Articles are numbered; their records look like those of a Debian host.
 */
#ifndef FLEET_WORLD_H
#define FLEET_WORLD_H

#include "claim/claim.h"

enum {
	WORLD_ARTICLES_MAX = 3000, /* of one host */
	WORLD_PLANTS_MAX = 32,
	WORLD_DAYS_MAX = 120,
	WORLD_DAY_SECONDS = 86400,
};

struct world {
	uint64_t seed;
	uint32_t hosts, images;
	uint32_t slim;            /* only one in so many packages and tail articles */
	uint32_t tail_at, tail_n; /* article numbers of the tail */
	uint32_t plants_at;       /* and of the plants, the last ones */
	uint32_t articles;        /* how many there can be in all */
};

/* hosts: 1 to 10 million; they are numbered from 0. slim: 1 for hosts of the
 * usual size, up to 100 for a store that is quickly written and checked. */
enum { WORLD_SLIM_MAX = 100 };
void world_init(struct world *w, uint64_t seed, uint32_t hosts, uint32_t slim);

/* Two hosts in a hundred are expected and never report. */
bool world_host_reports(const struct world *w, uint32_t host);

/* Writes the host's name and "department/agency/unit" as text. */
enum { WORLD_NAME_SIZE = 64 };
void world_host_name(const struct world *w, uint32_t host,
                     char ret_name[WORLD_NAME_SIZE],
                     char ret_unit[WORLD_NAME_SIZE]);

uint32_t world_host_image(const struct world *w, uint32_t host);

/* How often an image has been patched up to and including that day. */
uint32_t world_image_level(const struct world *w, uint32_t image, uint32_t day);

/* The articles of an image at a level, ascending; their number, at most
 * WORLD_ARTICLES_MAX. */
size_t world_image_articles(const struct world *w, uint32_t image,
                            uint32_t level, uint32_t *ret);

/* What a host has beside its image on that day, ascending, each once. */
size_t world_host_tail(const struct world *w, uint32_t host, uint32_t day,
                       uint32_t *ret);

/* Which plants a host has on that day, its image's included: a bit each. */
uint32_t world_host_plants(const struct world *w, uint32_t host, uint32_t day);

/* Files on the host in which byte markers could stand; one host in fifty has
 * none. */
uint32_t world_host_programs(const struct world *w, uint32_t host);

/*
 * Of `known` byte markers, the oldest first: the programs of the host were
 * searched for so many of them by that day. One host in ten is searched on the
 * first day, when only the first three quarters of the markers were known; half
 * of these are searched once more on day 12, for all.
 */
uint32_t world_host_searched(const struct world *w, uint32_t host, uint32_t day,
                             uint32_t known);

/* The bit of the plants whose label that is; 0 when there is none. */
uint32_t world_plants_of(const char *label);

/* Memory for a record's claims and their text. */
enum { WORLD_CLAIMS_MAX = 8, WORLD_TEXT_SIZE = 2048 };
struct world_record {
	struct record record;
	struct claim claims[WORLD_CLAIMS_MAX];
	char text[WORLD_TEXT_SIZE];
	size_t used;
};

/* The record of an article, in the caller's memory. */
void world_article(const struct world *w, uint32_t article,
                   struct world_record *ret);

#endif
