/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks: the duties of an order that have a date. */
#include "pack/reader.h"

#define MEMBER(member) .at = offsetof(struct clock, member)

#define EVENTS "issued, effective, identified, notified, submitted, contract, " \
	"solicitation, done"

/* "30 days", "1 business day", "3 months". */
static bool span_of(struct slice s, struct span *ret)
{
	static const struct {
		const char *word;
		enum span_unit unit;
	} units[] = {
		{"day", SPAN_DAYS},
		{"calendar day", SPAN_DAYS},
		{"business day", SPAN_BUSINESS_DAYS},
		{"month", SPAN_MONTHS},
	};
	const size_t space = slice_find_byte(s, ' ');
	struct slice word = slice_from(s, space + 1);
	uint64_t n;

	if (slice_number(slice_first(s, space), 10, &n) < 0 || n > SPAN_MAX)
		return false;
	if (n != 1 && word.n && word.p[word.n - 1] == 's')
		word.n--;
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (slice_eq(word, slice_str(units[i].word))) {
			*ret = (struct span){(int)n, units[i].unit};
			return true;
		}
	return false;
}

static void read_span(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	const struct slice s = slice_trim(read_slice(r, node));

	if (s.n && !span_of(s, (struct span *)(void *)((uint8_t *)object + key->at)))
		read_problem(r, node, "\"%.40s\" is not a span of time such as 30 days, 1 "
		             "business day or 3 months", (const char *)s.p);
}

static void read_ends(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	const struct key word = {.name = key->name, .by_name = event_by_name, .words = EVENTS};
	unsigned event = EVENT_KIND_COUNT;

	read_word(r, node, &event, &word);
	if (event < EVENT_KIND_COUNT)
		((struct clock *)object)->ends = (int)event;
}

static void read_form(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	const char **id = (void *)((uint8_t *)object + key->at);

	read_id(r, node, object, key);
	if (*id)
		reader_ref(r, (struct ref){.kind = REF_FORM, .id = slice_str(*id),
		                           .node = node});
}

static const struct key clock_keys[] = {
	{.name = "id", .flags = KEY_REQUIRED, .read = read_id, MEMBER(id)},
	{.name = "what", .flags = KEY_REQUIRED, .read = read_text, MEMBER(what)},
	{.name = "who", .read = read_terms, MEMBER(who), .tag = TERM_PARTY},
	{.name = "from", .read = read_word, MEMBER(from), .by_name = event_by_name,
	 .words = EVENTS},
	{.name = "after-clock", .read = read_id, MEMBER(after_clock)},
	{.name = "after", .read = read_span, MEMBER(after)},
	{.name = "on", .read = read_date, MEMBER(on)},
	{.name = "every", .read = read_span, MEMBER(every)},
	{.name = "ends", .read = read_ends},
	{.name = "since", .read = read_date, MEMBER(since)},
	{.name = "until", .read = read_date, MEMBER(until)},
	{.name = "form", .read = read_form, MEMBER(form)},
	{.name = "clause", .read = read_clause, MEMBER(clause)},
};

/* Two clocks may share an id when they are the same duty in two wordings, one
 * after the other. */
static bool meet(const struct clock *a, const struct clock *b)
{
	return !(a->until && b->since && strcmp(a->until, b->since) < 0) &&
	       !(b->until && a->since && strcmp(b->until, a->since) < 0);
}

/* What the clocks that stand before it in the order say of this one. */
static void check_others(struct reader *r, const struct node *node, const struct clock *c)
{
	const struct order *o = r->order;
	bool found = false;

	for (size_t i = 0; o && c->id && i < o->n_clocks && &o->clocks[i] != c; i++) {
		const struct clock *other = &o->clocks[i];
		if (!other->id)
			continue;
		found |= c->after_clock && strcmp(other->id, c->after_clock) == 0;
		if (strcmp(other->id, c->id) == 0 && meet(other, c))
			read_problem(r, node, "two clocks have the id \"%s\" at the same time",
			             c->id);
	}
	if (o && c->after_clock && !found)
		read_problem(r, node_get(node, "after-clock"),
		             "no clock \"%s\" stands before this one", c->after_clock);
}

static void check_clock(struct reader *r, const struct node *node, const struct clock *c)
{
	const bool from = node_get(node, "from"), after = node_get(node, "after");
	const bool submitted = from && c->from == EVENT_SUBMITTED;

	if (c->on ? from || after : !from || !after)
		read_problem(r, node, "a clock needs either on, or from and after");
	if (submitted != (c->after_clock != NULL))
		read_problem(r, node, submitted ? "from: submitted needs after-clock"
		                                : "after-clock belongs to from: submitted");
	if (node_get(node, "every") && c->every.n == 0)
		read_problem(r, node_get(node, "every"), "every needs a span above 0");
	if (node_get(node, "ends") && !node_get(node, "every"))
		read_problem(r, node, "ends belongs to every");
	read_check_period(r, node, c->since, c->until);
	check_others(r, node, c);
}

void clock_read(struct reader *r, const struct node *node, struct clock *c)
{
	c->ends = -1;
	if (read_map(r, node, "a clock", clock_keys, COUNT_OF(clock_keys), c))
		check_clock(r, node, c);
}
