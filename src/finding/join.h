/* SPDX-License-Identifier: Apache-2.0 */
/* Private to finding/: the layout of a set, which finding.c fills and join.c
 * settles. */
#ifndef FINDING_JOIN_H
#define FINDING_JOIN_H

#include <pthread.h>

#include "finding/hits.h"

struct findings {
	const struct pack *pack;
	pthread_mutex_t lock;   /* held while a hit is added */
	struct arena mem;       /* strings of hits, then the settled findings */
	struct intern strings;
	struct kept *hits;
	size_t n_hits, hits_size;
	struct finding *list;   /* in mem; NULL until settled */
	size_t n_list;
};

#endif
