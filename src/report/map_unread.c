/* SPDX-License-Identifier: Apache-2.0 */
#include "report/map_unread.h"

#include <jansson.h>

static struct slice text_of(const json_t *value)
{
	return json_is_string(value)
	               ? slice_of(json_string_value(value),
	                          json_string_length(value))
	               : (struct slice){0};
}

void map_unread_each(const struct map_host *h,
                     void (*fn)(void *ctx, const struct map_unread *one),
                     void *ctx)
{
	json_t *all = h->coverage.n
	                      ? json_loadb((const char *)h->coverage.p,
	                                   h->coverage.n, JSON_ALLOW_NUL, NULL)
	                      : NULL;
	const json_t *list = json_object_get(all, "incomplete");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *why = json_string_value(json_object_get(one, "why"));
		const struct map_unread item = {
			.path = text_of(json_object_get(one, "path")),
			.member = text_of(json_array_get(
				json_object_get(one, "member"), 0)),
			.why = why ? why : "",
		};
		fn(ctx, &item);
	}
	json_decref(all);
}
