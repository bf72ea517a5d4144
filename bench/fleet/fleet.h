/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of the fleet program share. */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include "world.h"

enum { FLEET_FIRST_DAY = 1767225600 }; /* 2026-01-01 */

struct fleet_options {
	const char *store;    /* path or URL */
	uint64_t seed;
	uint32_t hosts;       /* of the whole fleet */
	uint32_t slim;        /* hosts have only one in so many articles */
	uint32_t from, to;    /* only these hosts: [from, to) */
	uint32_t day;         /* of the load, or the day that is asked about */
	uint32_t days;        /* drift: so many, after `day` */
	uint32_t batch;       /* reports in one transaction */
	uint32_t seconds;     /* stop after the day or batch that passes this; 0 never */
	uint32_t rounds;      /* ask: cold processes for each order */
	const char *debar;    /* ask: the program */
	const char *packs;    /* ask: folder of the test packs */
	const char *shipped;  /* folder of debar's own packs, whose byte markers
	                       * hosts were searched for; NULL: none were */
};

/* Monotonic seconds. */
double fleet_now(void);

/* Says what went wrong and ends the program with status 1. */
void fleet_die(const char *fmt, ...) PRINTF_LIKE(1, 2) NO_RETURN;

/* The byte markers of debar's own packs, in their order. */
enum { MARKERS_MAX = 64 };
struct markers {
	uint32_t n;
	char ids[MARKERS_MAX][80];
	char digests[MARKERS_MAX][33];
};

/* dir NULL: none. */
void markers_read(const char *dir, struct markers *ret);
/* Its place among them; `n` when it is none of them. */
uint32_t markers_find(const struct markers *m, const char *id);
/* What a host holds whose programs were searched for the first n. */
void markers_record(const struct markers *m, uint32_t n,
                    struct claim claims[MARKERS_MAX + 1], struct record *ret);

/* Asks the program about planted articles; ends with status 1 when an answer
 * is not the planted one. */
void fleet_ask(const struct world *w, const struct fleet_options *o);

#endif
