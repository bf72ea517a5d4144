/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar map: what the inventory knows of an order, without touching a host.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/choice.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/output.h"
#include "cmd/unprivileged.h"
#include "map/map.h"

enum { LIMIT_TEXT = 20, LIMIT_MAX = 1000000000, WHERE_MAX = 64 };

struct options {
	struct words packs, orders, entities;
	bool no_default_packs, limited;
	const struct map_form *form;
	const char *store, *output, *color, *profile;
	struct map_where where[WHERE_MAX];
	size_t n_where;
	int64_t as_of;
	unsigned by;
	size_t limit;
};

enum {
	OPT_PACKS = 256,
	OPT_NO_DEFAULT_PACKS,
	OPT_ORDER,
	OPT_ENTITY,
	OPT_STORE,
	OPT_FORMAT,
	OPT_GROUP_BY,
	OPT_WHERE,
	OPT_AS_OF,
	OPT_LIMIT,
	OPT_COLOR,
	OPT_PROFILE,
};

static const struct option long_options[] = {
	{"packs", required_argument, NULL, OPT_PACKS},
	{"no-default-packs", no_argument, NULL, OPT_NO_DEFAULT_PACKS},
	{"order", required_argument, NULL, OPT_ORDER},
	{"entity", required_argument, NULL, OPT_ENTITY},
	{"store", required_argument, NULL, OPT_STORE},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"group-by", required_argument, NULL, OPT_GROUP_BY},
	{"where", required_argument, NULL, OPT_WHERE},
	{"as-of", required_argument, NULL, OPT_AS_OF},
	{"limit", required_argument, NULL, OPT_LIMIT},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"output", required_argument, NULL, 'o'},
	{"color", required_argument, NULL, OPT_COLOR},
	{"quiet", no_argument, NULL, 'q'},
	OPTIONS_COMMON,
};

static const char help[] =
	"Usage: debar map [OPTION...]\n"
	"\n"
	"Answers from the inventory: which articles of banned makers are known, on how\n"
	"many hosts, under which order, and what is not known. No host is touched.\n"
	"\n"
	"  --store PATH|URL      this inventory, not the usual one\n"
	"  --order ID            ask for this order only (may be repeated)\n"
	"  --entity ID           ask for this entity only (may be repeated)\n"
	"  --packs DIR           use the packs in DIR too (may be repeated)\n"
	"  --no-default-packs    use only those\n"
	"  --profile FILE        who you are and what binds you: verdicts are for that;\n"
	"                        what it says of single hosts is not asked\n"
	"  --group-by WORDS      count by host, unit, article, order, state (with commas)\n"
	"  --where KEY=VALUE     only hosts with that label, unit=PATH: of that unit and\n"
	"                        below, host=NAME: of that name (may be repeated: any value\n"
	"                        of a key, each key)\n"
	"  --as-of DATE          as it was known then: 2026-11-21 (its end, in UTC) or\n"
	"                        2026-11-21T22:00:00Z\n"
	"  --limit N             longest list; 0: all (text: 20, otherwise all)\n"
	"  --format FORM         text (default), json, jsonl or csv\n"
	"  -o, --output FILE     write the answer there\n"
	"  --color WHEN          auto, always or never\n"
	"  -q, --quiet           no notes\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 none found and all is known, 1 failed, 2 found, 3 none found\n"
	"but not all is known.\n"
	"\n"
	"Examples:\n"
	"  debar map                                  all orders, the usual inventory\n"
	"  debar map --order us-bod-17-01 --group-by unit,state\n"
	"  debar map --where unit=treasury/irs --where site=berlin\n"
	"  debar map --packs draft-order --entity examplesoft\n"
	"  debar map --group-by host --limit 0        every host that has something\n"
	"  debar map --as-of 2026-10-01 --format json -o then.json\n"
	"  debar map --store postgresql://db/debar --format csv -o hosts.csv\n";

/* ---- options ----------------------------------------------------------- */

static bool take_format(struct options *o, const char *word)
{
	o->form = map_form(word);
	if (!o->form)
		cmd_error("there is no format \"%s\": use text, json, jsonl or csv",
		          word);
	return o->form != NULL;
}

static bool take_group_by(struct options *o, const char *words)
{
	static const struct {
		const char *name;
		enum map_by by;
	} names[] = {
		{"host", MAP_BY_HOST},       {"unit", MAP_BY_UNIT},
		{"article", MAP_BY_ARTICLE}, {"order", MAP_BY_ORDER},
		{"state", MAP_BY_STATE},
	};
	struct slice rest = slice_str(words), word;

	while (slice_split(&rest, ',', &word)) {
		size_t i = 0;
		while (i < COUNT_OF(names) &&
		       !slice_eq(word, slice_str(names[i].name)))
			i++;
		if (i == COUNT_OF(names)) {
			cmd_error("--group-by takes host, unit, article, order and "
			          "state, with commas between, not \"%s\"", words);
			return false;
		}
		o->by |= names[i].by;
	}
	return true;
}

static bool take_where(struct options *o, const char *word)
{
	const struct slice s = slice_str(word);
	const size_t at = slice_find_byte(s, '=');

	if (at == 0 || at == s.n) {
		cmd_error("--where takes KEY=VALUE, such as unit=treasury/irs, not "
		          "\"%s\"", word);
		return false;
	}
	if (o->n_where == WHERE_MAX) {
		cmd_error("--where may be given %d times at most", WHERE_MAX);
		return false;
	}
	o->where[o->n_where++] = (struct map_where){
		slice_first(s, at), slice_from(s, at + 1)};
	return true;
}

static bool take_as_of(struct options *o, const char *word)
{
	o->as_of = choice_time(word);
	if (o->as_of > 0)
		return true;
	cmd_error("--as-of takes a date such as 2026-11-21 or "
	          "2026-11-21T22:00:00Z, not \"%s\"", word);
	return false;
}

static bool take_limit(struct options *o, const char *word)
{
	uint64_t value;

	o->limited = slice_number(slice_str(word), 10, &value) == 0 &&
	             value <= LIMIT_MAX;
	if (o->limited)
		o->limit = (size_t)value;
	else
		cmd_error("--limit takes a number from 0 to %d, not \"%s\"",
		          LIMIT_MAX, word);
	return o->limited;
}

static bool take_option(void *ctx, int c, const char *word)
{
	struct options *o = ctx;

	switch (c) {
	case OPT_PACKS:
		return words_add(&o->packs, word);
	case OPT_ORDER:
		return words_add(&o->orders, word);
	case OPT_ENTITY:
		return words_add(&o->entities, word);
	case OPT_FORMAT:
		return take_format(o, word);
	case OPT_GROUP_BY:
		return take_group_by(o, word);
	case OPT_WHERE:
		return take_where(o, word);
	case OPT_AS_OF:
		return take_as_of(o, word);
	case OPT_LIMIT:
		return take_limit(o, word);
	case OPT_COLOR:
		o->color = word;
		return choice_color(word);
	case OPT_STORE:
		o->store = word;
		return true;
	case OPT_PROFILE:
		o->profile = word;
		return true;
	case 'o':
		o->output = word;
		return true;
	case OPT_NO_DEFAULT_PACKS:
		o->no_default_packs = true;
		return true;
	default: /* -q: there is no progress and no note to be left out so far */
		return true;
	}
}

/* 1 to go on, 0 when all is said, -1 when the words are wrong. */
static int parse(int argc, char **argv, struct options *o)
{
	*o = (struct options){.form = &map_text, .color = "auto"};
	const int go_on = options_parse(&(struct options_args){
		.command = "debar map",
		.shorts = "o:qh",
		.longs = long_options,
		.help = help,
		.take = take_option,
		.ctx = o,
	}, argc, argv);
	if (go_on <= 0)
		return go_on;
	if (optind < argc) {
		cmd_error("map takes no argument \"%s\"; name an inventory with "
		          "--store", argv[optind]);
		return -1;
	}
	if (!o->limited && o->form == &map_text)
		o->limit = LIMIT_TEXT;
	return 1;
}

/* ---- the run ----------------------------------------------------------- */

static int exit_status(const struct map_report *r)
{
	if (r->n_articles > 0 || r->undecided > 0)
		return EXIT_FOUND;
	return r->coverage.complete ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

/* What asking needs, and what it gets. */
struct asking {
	const struct options *o;
	const struct choice *choice;
	struct store *store;
	struct output *out;
};

static int write_answer(const struct asking *a, const struct map *map)
{
	const struct options *o = a->o;
	const struct report_style style = choice_style(o->color, o->output);
	struct map_report report = *map_report(map);

	report.version = DEBAR_VERSION;
	report.store = choice_store_name(o->store);
	int r = o->form->write(&report, &style, a->out->stream);
	if (r == 0 && fflush(a->out->stream) != 0)
		r = -errno;
	if (r < 0) {
		const char *why = map_error(map);
		cmd_error("writing the answer: %s", *why ? why : strerror(-r));
		return EXIT_FAILED;
	}
	return exit_status(&report);
}

/* Opens the inventory and holds on to the state that it has now, which later
 * nobody else's rights will do for. */
static int open_inventory(void *ctx)
{
	struct asking *a = ctx;
	struct store_counts counts;
	struct err e = {0};

	a->store = choice_store(a->o->store, STORE_READ_ONLY);
	if (!a->store)
		return EXIT_FAILED;
	if (store_counts(a->store, &counts, &e) < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	return EXIT_CLEAN;
}

static int ask(void *ctx)
{
	const struct asking *a = ctx;
	struct map *map = NULL;
	struct err e = {0};
	const struct map_args args = {
		.store = a->store,
		.pack = a->choice->pack,
		.matcher = a->choice->matcher,
		.orders = a->choice->orders,
		.n_orders = a->choice->n_orders,
		.law = &a->choice->law,
		.entities = a->choice->entities,
		.where = a->o->where,
		.n_where = a->o->n_where,
		.as_of = a->o->as_of,
		.by = a->o->by,
		.limit = a->o->limit,
	};

	if (map_run(&args, &e, &map) < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	int status = write_answer(a, map);
	map_free(map);
	return status;
}

static int answer(struct asking *a)
{
	struct output out;
	struct err e = {0};

	if (output_open(&out, a->o->output, &e) < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	a->out = &out;
	int status = unprivileged_run(open_inventory, ask, a);
	store_close(a->store);
	if (status == EXIT_FAILED) {
		output_cancel(&out);
	} else if (output_close(&out, &e) < 0) {
		cmd_error("%s", e.text);
		status = EXIT_FAILED;
	}
	return status;
}

int cmd_map(int argc, char **argv)
{
	static struct options o; /* large */
	struct choice choice = {0};
	struct asking asking = {.o = &o, .choice = &choice};
	int status = EXIT_FAILED;
	int go_on = parse(argc, argv, &o);

	if (go_on <= 0)
		return options_status(go_on);
	if (choice_make(&choice, &o.packs, o.no_default_packs, &o.orders,
	                &o.entities) && choice_law(&choice, o.profile, NULL))
		status = answer(&asking);
	choice_finish(&choice);
	return status;
}
