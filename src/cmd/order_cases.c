/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "cmd/examples.h"

struct run {
	const struct pack *pack;
	struct arena mem; /* reset after each case */
	case_failed *failed;
	void *ctx;
	int n_failed;
};

static int report(struct run *run, const struct order *o, const struct order_example *x,
                  const char *words)
{
	const char *text = arena_printf(&run->mem, "order %s, case \"%s\": %s", o->id, x->name,
	                                words);

	run->n_failed++;
	if (!text)
		return -ENOMEM;
	run->failed(run->ctx, o, x->line, text);
	return 0;
}

static int run_case(struct run *run, const struct order *o, const struct order_example *x)
{
	const struct law_context c = {
		.pack = run->pack, .profile = x->profile,
		.as_of = day_parse(slice_str(x->as_of ? x->as_of : o->effective))};
	struct verdict v;
	int rc = 0;

	if (!law_judge(&c, o, &x->subject, &run->mem, &v))
		rc = report(run, o, x, "the order does not concern it");
	else if (!v.because)
		rc = -ENOMEM;
	else if (v.word != x->word)
		rc = report(run, o, x, arena_printf(&run->mem, "it is %s and should be %s: %s",
		                                    verdict_name(v.word), verdict_name(x->word),
		                                    v.because));
	else if (x->clause && v.clause != x->clause)
		rc = report(run, o, x, arena_printf(&run->mem, "clause %s decides and not %s",
		                                    v.clause ? v.clause->id : "(none)",
		                                    x->clause->id));
	arena_reset(&run->mem);
	return rc;
}

int order_cases_run(const struct pack *pack, case_failed *failed, void *ctx)
{
	struct run run = {.pack = pack, .failed = failed, .ctx = ctx};
	int rc = 0;

	arena_init(&run.mem, 0);
	for (size_t i = 0; i < pack->n_orders; i++)
		for (size_t k = 0; rc == 0 && k < pack->orders[i].n_examples; k++)
			rc = run_case(&run, &pack->orders[i], &pack->orders[i].examples[k]);
	arena_finish(&run.mem);
	return rc < 0 ? rc : run.n_failed;
}
