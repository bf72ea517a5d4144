/* SPDX-License-Identifier: Apache-2.0 */
/* Services that run or would start, of units that go. */
#include "plan/make.h"

/* Does this unit go, by us or with its package? */
static const struct place *going(const struct making *m, const struct target *t)
{
	for (size_t i = 0; i < m->n_places; i++) {
		const struct place *p = &m->places[i];
		if (p->target == t)
			return p->state == PLACE_GOES || p->state == PLACE_COVERED ? p : NULL;
	}
	return NULL;
}

static bool done(const struct making *m, struct slice unit)
{
	for (size_t i = 0; i < m->n_steps; i++)
		if (m->steps[i].kind == STEP_SERVICE && slice_eq(m->steps[i].subject, unit))
			return true;
	return false;
}

static void add_step(struct making *m, const struct target *t, const struct fact_unit *f,
                     struct slice unit)
{
	struct step *s = step_add(m, t->article, t->evidence, STEP_SERVICE, STAGE_SERVICE);

	if (!s)
		return;
	s->rank = article_lore(m->options, t->article).rank;
	s->subject = step_copy(m, unit);
	s->was_active = f->active;
	s->was_enabled = f->enabled;
	s->words = step_text(m, "%s%s%s the service %.*s", f->active ? "stop" : "",
	                     f->active && f->enabled ? " and " : "",
	                     f->enabled ? "disable" : "", SLICE_ARG(unit));
	step_risk(m, s, f->active ? RISK_MEDIUM : RISK_LOW,
	          f->active ? "what it does for the system ends here"
	                    : "it does not run");
	step_after(m, s, step_text(m, "%.*s is neither active nor enabled", SLICE_ARG(unit)));
}

void make_services(struct making *m)
{
	for (size_t i = 0; m->code == 0 && i < m->n_targets; i++) {
		const struct target *t = &m->targets[i];
		const struct fact *f = t->thing == THING_UNIT
		                               ? make_fact(m, NEED_UNIT, "", 0, t->text) : NULL;
		if (!f || !going(m, t))
			continue;
		if (f->why.n) {
			make_note(m, t->article, make_words(m, "whether this service runs could"
			          " not be found out (%.*s)", SLICE_ARG(f->why)), t->text);
			continue;
		}
		struct slice unit = f->unit.name.n ? f->unit.name : slice_basename(t->text);
		if (f->unit.known && (f->unit.active || f->unit.enabled) && !done(m, unit))
			add_step(m, t, &f->unit, unit);
	}
}
