/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/choice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"

bool words_add(struct words *w, const char *word)
{
	if (w->n == WORDS_MAX) {
		cmd_error("an option was given more than %d times", WORDS_MAX);
		return false;
	}
	w->list[w->n++] = word;
	return true;
}

/* ---- packs, orders, entities ------------------------------------------- */

static bool out_of_memory(void)
{
	cmd_error("out of memory");
	return false;
}

static bool all_orders(struct choice *c)
{
	c->orders = calloc(c->pack->n_orders + 1, sizeof(struct order *));
	if (!c->orders)
		return out_of_memory();
	for (; c->n_orders < c->pack->n_orders; c->n_orders++)
		c->orders[c->n_orders] = &c->pack->orders[c->n_orders];
	return true;
}

static bool has_order(const struct choice *c, const struct order *order)
{
	for (size_t i = 0; i < c->n_orders; i++)
		if (c->orders[i] == order)
			return true;
	return false;
}

static bool choose_orders(struct choice *c, const struct words *words)
{
	if (words->n == 0)
		return all_orders(c);
	c->orders = calloc(words->n, sizeof(struct order *));
	c->entities = calloc(c->pack->n_entities + 1, sizeof(bool));
	if (!c->orders || !c->entities)
		return out_of_memory();
	for (size_t i = 0; i < words->n; i++) {
		const struct order *order = pack_order(c->pack, words->list[i]);
		if (!order) {
			cmd_error("there is no order \"%s\"; \"debar orders list\" "
			          "shows those that are known", words->list[i]);
			return false;
		}
		if (!has_order(c, order))
			c->orders[c->n_orders++] = order;
		law_entities(c->pack, order, c->entities);
	}
	return true;
}

static bool choose_entities(struct choice *c, const struct words *words)
{
	size_t n = 0;

	if (words->n == 0)
		return true;
	bool *wanted = calloc(c->pack->n_entities + 1, sizeof(bool));
	if (!wanted)
		return out_of_memory();
	for (size_t i = 0; i < words->n; i++) {
		const struct entity *entity = pack_entity(c->pack, words->list[i]);
		if (!entity) {
			cmd_error("there is no entity \"%s\" in the packs",
			          words->list[i]);
			free(wanted);
			return false;
		}
		wanted[entity->index] = !c->entities || c->entities[entity->index];
		n += wanted[entity->index];
	}
	free(c->entities);
	c->entities = wanted;
	if (n == 0)
		cmd_error("none of these entities is named by these orders: there is "
		          "nothing to look for");
	return n > 0;
}

bool choice_make(struct choice *c, const struct words *packs, bool no_default,
                 const struct words *orders, const struct words *entities)
{
	struct err e = {0};

	*c = (struct choice){0};
	c->pack = cmd_load_packs(packs->list, packs->n, no_default);
	if (!c->pack || !choose_orders(c, orders) || !choose_entities(c, entities))
		return false;
	if (matcher_new(c->pack, cmd_cache_dir(), &e, &c->matcher) < 0) {
		cmd_error("packs: %s", e.text);
		return false;
	}
	return choice_law(c, NULL, NULL);
}

/* ---- for whom, and when ------------------------------------------------ */

struct profile *choice_profile(const struct pack *pack, const char *path)
{
	struct pack_problems problems = {0};
	struct profile *profile = NULL;
	struct err e = {0};
	const int r = profile_load(path, pack, &e, &problems, &profile);

	if (r == -EBADMSG)
		cmd_problems(&problems, NULL);
	else if (r < 0)
		cmd_error("%s", e.text);
	pack_problems_finish(&problems);
	return profile;
}

day choice_today(void)
{
	return (day)(time(NULL) / 86400);
}

day choice_day(const char *option, const char *word, day unless)
{
	const day d = word ? day_parse(slice_str(word)) : unless;

	if (d == DAY_NONE)
		cmd_error("%s: \"%s\" is not a date (YYYY-MM-DD)", option, word ? word : "today");
	return d;
}

bool choice_law(struct choice *c, const char *profile, const char *as_of)
{
	if (profile && !(c->profile = choice_profile(c->pack, profile)))
		return false;
	c->law = (struct law_context){.pack = c->pack, .profile = c->profile,
	                              .as_of = choice_day("--as-of", as_of, choice_today())};
	return c->law.as_of != DAY_NONE;
}

void choice_finish(struct choice *c)
{
	profile_free(c->profile);
	matcher_free(c->matcher);
	pack_free(c->pack);
	free(c->orders);
	free(c->entities);
	*c = (struct choice){0};
}

/* ---- looks ------------------------------------------------------------- */

bool choice_color(const char *word)
{
	if (strcmp(word, "auto") == 0 || strcmp(word, "always") == 0 ||
	    strcmp(word, "never") == 0)
		return true;
	cmd_error("--color takes auto, always or never, not \"%s\"", word);
	return false;
}

/* A day means its end: what was reported on that day is known. */
int64_t choice_time(const char *word)
{
	struct tm tm = {0};
	const char *end = strptime(word, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (!end) {
		tm = (struct tm){0};
		end = strptime(word, "%Y-%m-%d", &tm);
		tm.tm_hour = 23;
		tm.tm_min = tm.tm_sec = 59;
	}
	int64_t at = end && !*end ? (int64_t)timegm(&tm) : 0;
	return at > 0 ? at : 0;
}

struct report_style choice_style(const char *color, const char *output)
{
	const bool terminal = !output && isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR");
	struct report_style style = {0};
	struct winsize size;

	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		style.columns = size.ws_col;
	if (strcmp(color, "always") == 0)
		style.color = true;
	else if (strcmp(color, "auto") == 0)
		style.color = terminal && !(no_color && no_color[0]);
	return style;
}

/* ---- the inventory ----------------------------------------------------- */

struct store *choice_store(const char *url, unsigned flags)
{
	struct store *store = NULL;
	struct err e = {0};

	if (!url)
		url = cmd_store_path();
	if (!url) {
		cmd_error("there is no place for an inventory: HOME is not set; name "
		          "one with --store");
		return NULL;
	}
	int r = store_open(url, flags, &e, &store);
	if (r == -ENOENT && !(flags & STORE_CREATE))
		cmd_error("there is no inventory at %s yet; \"debar sweep\" makes "
		          "one, --store names another", choice_store_name(url));
	else if (r < 0)
		cmd_error("%s", e.text);
	return r < 0 ? NULL : store;
}

const char *choice_store_name(const char *url)
{
	static char name[1024];

	if (!url)
		url = cmd_store_path();
	struct slice s = slice_str(url ? url : "");
	size_t scheme = slice_find(s, SLICE("://"));
	if (scheme == SIZE_MAX)
		return url ? url : "";
	/* scheme://user:password@host/... : all up to the last @ is left out */
	struct slice rest = slice_from(s, scheme + 3);
	struct slice authority = slice_first(rest, slice_find_byte(rest, '/'));
	for (size_t i = authority.n; i-- > 0;)
		if (authority.p[i] == '@') {
			rest = slice_from(rest, i + 1);
			break;
		}
	/* parameters may hold one too */
	rest = slice_first(rest, slice_find_byte(rest, '?'));
	(void)snprintf(name, sizeof(name), "%.*s://%.*s", (int)scheme,
	               (const char *)s.p, SLICE_ARG(rest));
	return name;
}
