/* SPDX-License-Identifier: Apache-2.0 */
#include "law/private.h"

/* Does the day lie in [since, until]? NULL: open on that side. */
bool law_within(day d, const char *since, const char *until)
{
	return !(since && d < day_parse(slice_str(since))) &&
	       !(until && d > day_parse(slice_str(until)));
}

enum order_state law_state(const struct order *o, day d, const struct order_period **ret)
{
	*ret = NULL;
	/* the last stretch that holds the day: later ones mend earlier ones */
	for (size_t i = 0; i < o->n_history; i++)
		if (law_within(d, o->history[i].since, o->history[i].until))
			*ret = &o->history[i];
	return *ret ? (*ret)->state : ORDER_IN_FORCE;
}
