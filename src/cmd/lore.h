/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the packs know of removal, said to plan/ and survey/, which know no
 * packs.
 */
#ifndef CMD_LORE_H
#define CMD_LORE_H

#include "pack/pack.h"
#include "plan/facts.h"
#include "plan/form.h"

enum { LORE_RECIPES_MAX = 10000 };

/*
 * Answers from the pack, which must outlive it. An article of which nothing is
 * known has rank LORE_RANK_UNKNOWN: it goes after what is known to stand in
 * front and before what is known to lie below.
 *
 * A role is told only of what protects the system (anti-virus, firewall): for
 * these a plan asks for a replacement.
 */
enum { LORE_RANK_UNKNOWN = 25 };
struct plan_lore lore_of(const struct pack *pack);

/*
 * Documented commands for Windows, for every article of a step of the plan
 * (also of a review), in order of the articles' ids and then of the pack. The
 * list lies in mem, its texts are the plan's and the pack's. Returns 0, -ENOMEM
 * or -E2BIG.
 */
int lore_recipes(const struct pack *pack, const struct plan *plan, struct arena *mem,
                 struct plan_recipe **ret, size_t *ret_n);

#endif
