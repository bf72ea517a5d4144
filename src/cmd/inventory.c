/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/inventory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/unprivileged.h"
#include "export/export.h"
#include "map/map.h"
#include "system/file.h"

/* ---- the question, asked by a child ------------------------------------ */

struct asking {
	const struct inventory_question *q;
	struct choice choice;
	struct store *store;
	char host[256];
	int out;          /* a memory file for the packed answer */
	struct articles articles;
};

static int on_host(void *ctx, const struct map_host *host)
{
	struct asking *ask = ctx;
	struct articles *a = &ask->articles;

	a->complete = host->complete;
	/* The host's own texts live during this call only. */
	a->sources[0].finished = arena_copy(&a->mem, slice_str(host->last_seen));
	a->list = arena_zalloc(&a->mem, host->n_cases + 1, sizeof(*a->list));
	if (!a->sources[0].finished.p || !a->list || host->n_cases > ARTICLES_MAX)
		return -ENOMEM;
	for (; a->n < host->n_cases; a->n++) {
		struct article *one = &a->list[a->n];
		const int r = export_article(host->cases[a->n]->finding, &a->mem, one);
		if (r < 0)
			return r;
		one->source = a->sources[0].id; /* a class of hosts there, this host here */
	}
	return 0;
}

/* "name" is a machine, "name:path" another root that was swept on it. */
static int name_source(struct asking *ask)
{
	struct articles *a = &ask->articles;
	const struct slice host = slice_str(ask->host);
	const size_t colon = slice_find_byte(host, ':');

	a->sources = arena_zalloc(&a->mem, 1, sizeof(*a->sources));
	if (!a->sources)
		return -ENOMEM;
	a->n_sources = 1;
	a->sources[0] = (struct article_source){
		.kind = SLICE("root"),
		.path = colon < host.n ? slice_from(host, colon + 1) : SLICE("/"),
		.host = host,
	};
	a->packs_sha256 = slice_str(ask->choice.pack->sha256);
	a->orders = arena_zalloc(&a->mem, ask->choice.n_orders + 1, sizeof(*a->orders));
	for (size_t i = 0; a->orders && i < ask->choice.n_orders; i++)
		a->orders[i] = slice_str(ask->choice.orders[i]->id);
	a->n_orders = ask->choice.n_orders;
	return a->orders ? 0 : -ENOMEM;
}

static int send_articles(struct asking *ask)
{
	struct str packed = {0};
	int r = articles_pack(&ask->articles, &packed);

	if (r == 0)
		r = file_write(ask->out, str_slice(&packed));
	str_finish(&packed);
	return r;
}

static int open_inventory(void *ctx)
{
	struct asking *ask = ctx;
	struct store_counts counts;
	struct err e = {0};

	ask->store = choice_store(ask->q->store, STORE_READ_ONLY);
	if (!ask->store)
		return EXIT_FAILED;
	if (store_counts(ask->store, &counts, &e) < 0) {
		cmd_error("%s", e.text);
		return EXIT_FAILED;
	}
	return EXIT_CLEAN;
}

static int ask_map(struct asking *ask, struct map **map, struct err *e)
{
	const struct map_where where = {SLICE("host"), slice_str(ask->host)};
	const struct map_args args = {
		.store = ask->store,
		.pack = ask->choice.pack,
		.matcher = ask->choice.matcher,
		.orders = ask->choice.orders,
		.n_orders = ask->choice.n_orders,
		.law = &ask->choice.law,
		.entities = ask->choice.entities,
		.where = &where,
		.n_where = 1,
		.by = MAP_BY_HOST,
	};
	int r = map_run(&args, e, map);

	if (r < 0)
		return r;
	const struct map_report *report = map_report(*map);
	if (report->coverage.reported == 0)
		return err_set(e, -ENOENT, "the inventory has no report of %s; sweep it, or "
		                           "name another with --host", ask->host);
	/* Nothing found, and all of it known: then each_host() has no host. */
	ask->articles.complete = report->coverage.complete;
	r = report->each_host(report, on_host, ask);
	return r < 0 ? err_sys(e, r, "asking the inventory") : r;
}

static int ask_and_send(void *ctx)
{
	struct asking *ask = ctx;
	struct map *map = NULL;
	struct err e = {0};

	arena_init(&ask->articles.mem, 0);
	int r = name_source(ask);
	if (r == 0)
		r = ask_map(ask, &map, &e);
	if (r == 0)
		r = send_articles(ask);
	if (r < 0)
		cmd_error("%s", *e.text ? e.text : strerror(-r));
	map_free(map);
	articles_finish(&ask->articles);
	return r < 0 ? EXIT_FAILED : EXIT_CLEAN;
}

static bool take_answer(int fd, struct articles *ret)
{
	struct err e = {0};
	const off_t n = lseek(fd, 0, SEEK_END);
	void *p = n > 0 ? mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;

	if (p == MAP_FAILED) {
		cmd_error("reading the inventory's answer: %s", strerror(n > 0 ? errno : EIO));
		return false;
	}
	const int r = articles_unpack(slice_of(p, (size_t)n), &e, ret);
	if (r < 0)
		cmd_error("%s", e.text);
	(void)munmap(p, (size_t)n);
	return r == 0;
}

bool inventory_articles(const struct inventory_question *q, struct articles *ret)
{
	static const struct words all;
	struct asking ask = {.q = q, .out = -1};
	bool good = choice_make(&ask.choice, q->packs, q->no_default_packs, q->orders, &all);

	if (q->host)
		(void)snprintf(ask.host, sizeof(ask.host), "%s", q->host);
	else if (good && gethostname(ask.host, sizeof(ask.host) - 1) < 0)
		good = false;
	if (good) {
		ask.out = memfd_create("articles", MFD_CLOEXEC);
		good = ask.out >= 0 &&
		       unprivileged_run(open_inventory, ask_and_send, &ask) == EXIT_CLEAN &&
		       take_answer(ask.out, ret);
	}
	if (ask.out >= 0)
		(void)close(ask.out);
	store_close(ask.store);
	choice_finish(&ask.choice);
	return good;
}
