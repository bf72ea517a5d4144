/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/examples.h"

#include <errno.h>

#include "base/text.h"

/* Of each value of a failing example, this much is shown. */
enum { SHOWN_BYTES_MAX = 100, RUN_BYTES_MAX = 16 * 1024 * 1024 };

struct run {
	const struct pack *pack;
	struct matcher *matcher;
	struct arena mem; /* reset after each example */
	example_failed *failed;
	void *ctx;
	int n_failed;
};

/* The example as one record that no format limits. NULL: out of memory. */
static struct record *record_of(const struct mark *mark, const struct example *x,
                                struct arena *mem)
{
	struct record *record = arena_zalloc(mem, 1, sizeof(*record));
	struct claim *claims = arena_zalloc(mem, x->n_claims, sizeof(*claims));

	if (!record || !claims)
		return NULL;
	for (size_t i = 0; i < x->n_claims; i++)
		claims[i] = (struct claim){
			.attr = x->claims[i].attr,
			.value = x->claims[i].value,
			.length = x->claims[i].value.n,
		};
	*record = (struct record){
		.scope = SCOPE_ITEM,
		.kind = mark->kind,
		.state = mark->state_first,
		.ecosystem = "",
		.claims = claims,
		.n_claims = x->n_claims,
	};
	return record;
}

/* "value", or attr: "value", ... when there are several claims. */
static void describe(struct str *out, const struct example *x)
{
	for (size_t i = 0; i < x->n_claims; i++) {
		struct slice value = x->claims[i].value;
		if (x->n_claims > 1)
			str_printf(out, "%s%s: ", i ? ", " : "",
			           attr_name(x->claims[i].attr));
		str_putc(out, '"');
		text_show(out, slice_first(value, SHOWN_BYTES_MAX));
		str_puts(out, value.n > SHOWN_BYTES_MAX ? "...\"" : "\"");
	}
}

static int report(struct run *run, const struct mark *mark, const struct example *x,
                  const char *what)
{
	struct str words = {0};

	str_printf(&words, "mark %s %s ", mark->id, what);
	describe(&words, x);
	bool failed = str_failed(&words);
	if (!failed)
		run->failed(run->ctx, mark, x->line, words.p);
	str_finish(&words);
	run->n_failed++;
	return failed ? -ENOMEM : 0;
}

static int run_one(struct run *run, const struct mark *mark, const struct example *x,
                   bool must_fire)
{
	struct record *record = record_of(mark, x, &run->mem);
	if (!record)
		return -ENOMEM;
	int fired = match_mark(run->matcher, mark, record, &run->mem);
	arena_reset(&run->mem);
	if (fired < 0)
		return fired;
	if (fired == must_fire)
		return 0;
	return report(run, mark, x, must_fire ? "does not catch its example"
	                                      : "catches what it should spare:");
}

static int run_mark(struct run *run, const struct mark *mark)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < mark->n_catches; i++)
		rc = run_one(run, mark, &mark->catches[i], true);
	for (size_t i = 0; rc == 0 && i < mark->n_spares; i++)
		rc = run_one(run, mark, &mark->spares[i], false);
	return rc;
}

int examples_run(const struct pack *pack, struct matcher *m, example_failed *failed,
                 void *ctx, struct err *e)
{
	struct run run = {.pack = pack, .matcher = m, .failed = failed, .ctx = ctx};
	int rc = 0;

	arena_init(&run.mem, RUN_BYTES_MAX);
	for (size_t i = 0; rc == 0 && i < pack->n_marks; i++) {
		rc = run_mark(&run, &pack->marks[i]);
		if (rc < 0)
			err_sys(e, rc, "running the examples of mark %s",
			        pack->marks[i].id);
	}
	arena_finish(&run.mem);
	return rc < 0 ? rc : run.n_failed;
}
