/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the inventory holds of one host, as articles for a plan: the answer of
 * "debar map" for that host, with its evidence.
 */
#ifndef CMD_INVENTORY_H
#define CMD_INVENTORY_H

#include "cmd/choice.h"
#include "plan/article.h"

struct inventory_question {
	const char *store; /* NULL: the usual one */
	const char *host;  /* NULL: this machine */
	const struct words *packs, *orders;
	bool no_default_packs;
};

/* Reads in a child without rights. False: told. */
bool inventory_articles(const struct inventory_question *q, struct articles *ret);

#endif
