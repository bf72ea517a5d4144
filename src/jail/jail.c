/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's side. Each worker has a lane: a window of batches in flight and
 * a thread that receives answers. Two locks:
 *   jail.lock       which batches are in flight; held for moments
 *   lane.send_lock  the worker's socket and descriptors; taken before jail.lock
 * A lane's thread alone reads its socket, marks items done and replaces its
 * worker. To replace a worker it first kills it, so that a sender blocked on
 * the socket gets an error and lets go of send_lock.
 */
#include "jail/jail.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "extract/extract.h"
#include "jail/reply.h"
#include "jail/spawn.h"
#include "jail/wire.h"

enum {
	TICK_MS = 50,
	STOPPED_MS = 2000, /* between two ticks: not a moment of ours */
	/* A file gets the deadline plus the time to read it at this rate. */
	SLOW_DISK_BYTES_PER_MS = 8 * 1024,
	/* Workers in a row that ended without an answer: something else is wrong. */
	BARREN_MAX = 5,
	/* An honest worker cannot begin more items than it has been given. */
	MOVES_MAX = JAIL_WINDOW * BATCH_ITEMS_MAX,
	/* How long an answer waits until the question has been asked. */
	OUT_YIELDS = 100,
	OUT_WAIT_MS = 10 * 1000,
};

struct flight {
	struct batch *batch;
	uint32_t first_id; /* its items are first_id + 0, 1, ... */
	uint32_t n_done;
	bool sent; /* somebody sends it or has sent it */
	bool out;  /* it has been sent: nobody else reads the batch any more */
};

struct lane {
	struct jail *jail;
	unsigned slot;
	pthread_t thread;
	bool started;
	struct worker_handle worker;
	pthread_mutex_t send_lock;
	struct wire request;      /* under send_lock */
	struct flight flights[JAIL_WINDOW]; /* oldest first; under jail.lock */
	unsigned n_flights;
	uint32_t next_id;
	unsigned barren;
	uint64_t seen_progress;   /* to tell a slow item from a new one */
	unsigned moves;           /* of progress since an item was done */
	int64_t since_ms, tick_ms; /* when it was first seen; last judgement */
	struct reply_package package; /* last one reported, for OWNED */
	uint32_t package_item;    /* by this item */
	bool in_record;           /* of record_item, n_claims so far */
	uint32_t record_item;
	size_t n_claims;
	struct wire_reply reply;
	uint8_t packet[WIRE_PACKET_MAX];
};

struct jail {
	struct jail_args args;
	struct spawner spawner;
	pthread_mutex_t spawn_lock;
	pthread_mutex_t lock;
	pthread_cond_t changed;   /* a flight ended, or the jail broke */
	bool closing;
	int broken;               /* 0, or why no worker can be made */
	unsigned n_lanes;
	struct lane lanes[];
};

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- sending ---------------------------------------------------------- */

static void send_flight(struct lane *lane, const struct flight *flight)
{
	const struct batch *b = flight->batch;
	int fds[BATCH_ITEMS_MAX];
	size_t n_fds = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->n; i++)
		n += !b->items[i].done;
	lane->request.n = 0;
	lane->request.failed = false;
	wire_u32(&lane->request, n);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct batch_item *item = &b->items[i];
		if (item->done)
			continue;
		wire_put_request_item(&lane->request,
		                      &(struct wire_request_item){
					      .id = flight->first_id + i,
					      .size = item->size,
					      .at = item->at,
					      .mode = item->mode,
					      .flags = item->flags,
					      .path = batch_path(b, item),
				      });
		if (!(item->flags & ITEM_NO_BYTES))
			fds[n_fds++] = item->fd;
	}
	/* An error means that the worker is gone; its lane will notice, and
	 * send this again to the next one. */
	(void)wire_send(lane->worker.fd,
	                slice_of(lane->request.buf, lane->request.n), fds, n_fds);
}

/* The sender of a flight needs its batch no more. */
static void now_out(struct lane *lane, uint32_t first_id)
{
	pthread_mutex_lock(&lane->jail->lock);
	for (unsigned i = 0; i < lane->n_flights; i++)
		if (lane->flights[i].first_id == first_id)
			lane->flights[i].out = true;
	pthread_mutex_unlock(&lane->jail->lock);
}

static struct lane *least_busy(struct jail *jail)
{
	struct lane *best = NULL;

	for (unsigned i = 0; i < jail->n_lanes; i++) {
		struct lane *lane = &jail->lanes[i];
		if (lane->n_flights < JAIL_WINDOW &&
		    (!best || lane->n_flights < best->n_flights))
			best = lane;
	}
	return best;
}

/* Puts the batch into the window of a lane; waits for room. */
static struct lane *enter_flight(struct jail *jail, struct batch *batch,
                                 uint32_t *ret_id)
{
	struct lane *lane = NULL;

	pthread_mutex_lock(&jail->lock);
	while (!jail->broken && !(lane = least_busy(jail)))
		pthread_cond_wait(&jail->changed, &jail->lock);
	if (!jail->broken) {
		*ret_id = lane->next_id;
		lane->flights[lane->n_flights++] =
			(struct flight){.batch = batch, .first_id = *ret_id};
		lane->next_id += batch->n;
	} else {
		lane = NULL;
	}
	pthread_mutex_unlock(&jail->lock);
	return lane;
}

static struct jail_item about_item(const struct batch *batch,
                                   const struct batch_item *item)
{
	return (struct jail_item){item->source, batch_path(batch, item), item->tag,
	                          item->flags};
}

static void give_up(const struct jail *jail, const struct batch *batch)
{
	const struct jail_events *on = &jail->args.events;

	for (uint32_t i = 0; i < batch->n; i++) {
		const struct batch_item *item = &batch->items[i];
		if (item->done)
			continue;
		const struct jail_item about = about_item(batch, item);
		on->unread(on->ctx, &about, (struct slice){0}, WHY_CRASHED);
		on->done(on->ctx, &about, &(struct jail_done){0});
	}
}

int jail_submit(struct jail *jail, struct batch *batch)
{
	uint32_t id;

	if (batch->n == 0) {
		batch_free(batch);
		return 0;
	}
	struct lane *lane = enter_flight(jail, batch, &id);
	if (!lane) {
		give_up(jail, batch);
		batch_free(batch);
		return -EIO;
	}
	pthread_mutex_lock(&lane->send_lock);
	/* The lane may have replaced its worker meanwhile, and then it sent
	 * this batch itself or even finished it. */
	struct flight *mine = NULL;
	pthread_mutex_lock(&jail->lock);
	for (unsigned i = 0; i < lane->n_flights; i++)
		if (lane->flights[i].first_id == id && !lane->flights[i].sent)
			mine = &lane->flights[i];
	struct flight copy = mine ? *mine : (struct flight){0};
	if (mine)
		mine->sent = true;
	pthread_mutex_unlock(&jail->lock);
	if (mine) {
		send_flight(lane, &copy);
		now_out(lane, id);
	}
	pthread_mutex_unlock(&lane->send_lock);
	return 0;
}

int jail_drain(struct jail *jail)
{
	pthread_mutex_lock(&jail->lock);
	for (;;) {
		unsigned n = 0;
		for (unsigned i = 0; i < jail->n_lanes; i++)
			n += jail->lanes[i].n_flights;
		if (n == 0)
			break;
		pthread_cond_wait(&jail->changed, &jail->lock);
	}
	int r = jail->broken ? -EIO : 0;
	pthread_mutex_unlock(&jail->lock);
	return r;
}

/* ---- receiving -------------------------------------------------------- */

/* The item of that number in a flight, when it is not done yet; else NULL. */
static struct batch_item *item_of(const struct flight *flight, uint32_t id)
{
	uint32_t at = id - flight->first_id;

	if (at >= flight->batch->n || flight->batch->items[at].done)
		return NULL;
	return &flight->batch->items[at];
}

/* The flight of an item that is not done yet, or NULL. Only this lane's
 * thread removes flights, so the pointer holds. */
static struct flight *flight_of(struct lane *lane, uint32_t id,
                                struct batch_item **ret_item)
{
	struct flight *found = NULL;

	pthread_mutex_lock(&lane->jail->lock);
	for (unsigned i = 0; i < lane->n_flights && !found; i++)
		if ((*ret_item = item_of(&lane->flights[i], id)))
			found = &lane->flights[i];
	pthread_mutex_unlock(&lane->jail->lock);
	return found;
}

static bool is_out(struct lane *lane, const struct flight *flight)
{
	pthread_mutex_lock(&lane->jail->lock);
	bool out = flight->out;
	pthread_mutex_unlock(&lane->jail->lock);
	return out;
}

/*
 * Numbers of items can be guessed, so a worker that has been taken over may
 * answer before it was asked. Such an answer must not end the flight while the
 * sender reads its batch. An honest answer can be early too, but only by the
 * moment between the kernel's taking the packet and the sender's saying so.
 */
static bool wait_until_out(struct lane *lane, const struct flight *flight)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	for (int i = 0; i < OUT_YIELDS + OUT_WAIT_MS; i++) {
		if (is_out(lane, flight))
			return true;
		if (i < OUT_YIELDS)
			(void)sched_yield();
		else
			(void)nanosleep(&moment, NULL);
	}
	return false;
}

/* The same for one answer after another, which mostly stay with one flight.
 * NULL also for a flight that is not out. */
static struct flight *flight_of_reply(struct lane *lane, struct flight *last,
                                      struct batch_item **ret_item)
{
	if (last && (*ret_item = item_of(last, lane->reply.item)))
		return last;
	struct flight *flight = flight_of(lane, lane->reply.item, ret_item);
	return flight && wait_until_out(lane, flight) ? flight : NULL;
}

static void end_flight(struct lane *lane, struct flight *flight)
{
	struct batch *batch = flight->batch;

	pthread_mutex_lock(&lane->jail->lock);
	size_t after = (size_t)(lane->flights + lane->n_flights - (flight + 1));
	memmove(flight, flight + 1, after * sizeof(*flight));
	lane->n_flights--;
	pthread_cond_broadcast(&lane->jail->changed);
	pthread_mutex_unlock(&lane->jail->lock);
	batch_free(batch);
}

/* Returns false when this was the flight's last item: it is gone then. */
static bool item_done(struct lane *lane, struct flight *flight,
                      struct batch_item *item, const struct jail_done *how)
{
	const struct jail_events *on = &lane->jail->args.events;
	const struct jail_item about = about_item(flight->batch, item);

	item->done = true;
	lane->moves = 0;
	lane->in_record = false;
	on->done(on->ctx, &about, how);
	if (++flight->n_done < flight->batch->n)
		return true;
	end_flight(lane, flight);
	return false;
}

/* Returns false when the flight is over. `message` is the reply as it came. */
static bool deliver(struct lane *lane, struct flight *flight,
                    struct batch_item *item, struct slice message)
{
	const struct jail_events *on = &lane->jail->args.events;
	const struct jail_item about = about_item(flight->batch, item);

	if (lane->reply.type == WIRE_DONE)
		return item_done(lane, flight, item, &lane->reply.done);
	if (on->said)
		on->said(on->ctx, &about, message);
	reply_deliver(on, &about, &lane->reply, &lane->package);
	return true;
}

/* Owned paths come after the package that owns them, for the same item, and
 * the parts of a record one after the other. */
static bool in_order(struct lane *lane)
{
	const struct wire_reply *r = &lane->reply;
	const bool same = lane->record_item == r->item;

	switch (r->type) {
	case WIRE_OWNED:
	case WIRE_OWNED_PATH:
		return lane->package.there && lane->package_item == r->item;
	case WIRE_PACKAGE:
		lane->package_item = r->item;
		return true;
	case WIRE_RECORD:
		if (lane->in_record && same)
			return false;
		lane->in_record = true;
		lane->record_item = r->item;
		lane->n_claims = 0;
		return true;
	case WIRE_CLAIM:
		return lane->in_record && same &&
		       lane->n_claims++ < JAIL_RECORD_CLAIMS_MAX;
	case WIRE_END:
		if (!lane->in_record || !same)
			return false;
		lane->in_record = false;
		return true;
	case WIRE_DONE:
		return !lane->in_record || !same;
	default:
		return true;
	}
}

/* Takes a packet apart. False when it breaks a rule of the wire. */
static bool take_packet(struct lane *lane, size_t n)
{
	struct cursor c = cursor_on(slice_of(lane->packet, n));
	struct flight *flight = NULL;

	while (cursor_left(&c) > 0) {
		struct batch_item *item;
		const size_t from = c.at;
		if (!wire_get_reply(&c, lane->jail->args.pack, &lane->reply))
			return false;
		struct slice message = slice_of(lane->packet + from, c.at - from);
		flight = flight_of_reply(lane, flight, &item);
		if (!flight || !in_order(lane))
			return false;
		if (!deliver(lane, flight, item, message))
			flight = NULL;
	}
	lane->barren = 0;
	return true;
}

/* ---- a worker's end --------------------------------------------------- */

static bool has_flights(struct lane *lane)
{
	pthread_mutex_lock(&lane->jail->lock);
	bool some = lane->n_flights > 0;
	pthread_mutex_unlock(&lane->jail->lock);
	return some;
}

static void blame_item(struct lane *lane, struct flight *flight,
                       struct batch_item *item, enum why why)
{
	const struct jail_events *on = &lane->jail->args.events;
	const struct jail_item about = about_item(flight->batch, item);

	lane->barren = 0;
	on->unread(on->ctx, &about, (struct slice){0}, why);
	(void)item_done(lane, flight, item, &(struct jail_done){0});
}

/* All that is open of the flight that was sent first: one item after another
 * would cost two deadlines for each. */
static void blame_first_flight(struct lane *lane, enum why why)
{
	struct flight *flight = &lane->flights[0];
	const uint32_t n = flight->batch->n - flight->n_done;
	struct batch_item *item;

	for (uint32_t left = n, i = 0; left > 0; i++) {
		item = item_of(flight, flight->first_id + i);
		if (!item)
			continue;
		left--; /* the last one ends the flight */
		blame_item(lane, flight, item, why);
	}
}

static void blame(struct lane *lane, uint64_t progress, enum why why)
{
	struct batch_item *item;
	struct flight *flight =
		progress ? flight_of(lane, (uint32_t)progress, &item) : NULL;

	/* One that hides what it was at must not end the sweep: when it happens
	 * again, the batch that comes first in line pays. */
	if (flight)
		blame_item(lane, flight, item, why);
	else if (lane->barren > 0 && has_flights(lane))
		blame_first_flight(lane, why);
}

static int fork_worker(struct lane *lane)
{
	struct jail *jail = lane->jail;

	pthread_mutex_lock(&jail->spawn_lock);
	int r = spawner_worker(&jail->spawner, lane->slot, &lane->worker);
	pthread_mutex_unlock(&jail->spawn_lock);
	return r;
}

static int await_worker(struct lane *lane, struct jail_limits *limits)
{
	const int size = 1024 * 1024;

	/* The lock, because a worker that failed is reaped. */
	pthread_mutex_lock(&lane->jail->spawn_lock);
	int r = spawner_ready(&lane->jail->spawner, &lane->worker, limits);
	pthread_mutex_unlock(&lane->jail->spawn_lock);
	/* Helps where the system allows it; the default is enough. */
	if (r == 0)
		(void)setsockopt(lane->worker.fd, SOL_SOCKET, SO_SNDBUF, &size,
		                 sizeof(size));
	return r;
}

static int make_worker(struct lane *lane)
{
	struct jail_limits limits;
	int r = fork_worker(lane);

	return r < 0 ? r : await_worker(lane, &limits);
}

static void break_jail(struct lane *lane, int error)
{
	struct jail *jail = lane->jail;

	pthread_mutex_lock(&jail->lock);
	jail->broken = error;
	pthread_cond_broadcast(&jail->changed);
	pthread_mutex_unlock(&jail->lock);
	while (has_flights(lane)) {
		give_up(jail, lane->flights[0].batch);
		end_flight(lane, &lane->flights[0]);
	}
}

/*
 * The worker ended or must end. The item it was at pays for it; everything
 * else that was not answered goes to a new worker. Returns false when there
 * can be none.
 */
static bool replace_worker(struct lane *lane, enum why why)
{
	struct jail *jail = lane->jail;
	int status;

	(void)syscall(SYS_pidfd_send_signal, lane->worker.pidfd, SIGKILL, NULL, 0);
	pthread_mutex_lock(&lane->send_lock);
	pthread_mutex_lock(&jail->spawn_lock);
	(void)spawner_reap(&jail->spawner, &lane->worker, &status);
	pthread_mutex_unlock(&jail->spawn_lock);
	blame(lane, atomic_load(&spawner_slot(&jail->spawner, lane->slot)->progress),
	      why);
	int r = -EIO;
	while (r < 0 && lane->barren++ < BARREN_MAX)
		r = make_worker(lane);
	if (r < 0) {
		break_jail(lane, r);
	} else {
		pthread_mutex_lock(&jail->lock);
		for (unsigned i = 0; i < lane->n_flights; i++)
			lane->flights[i].sent = true;
		unsigned n = lane->n_flights;
		pthread_mutex_unlock(&jail->lock);
		/* Only this thread removes flights: the first n stay. */
		for (unsigned i = 0; i < n; i++) {
			send_flight(lane, &lane->flights[i]);
			now_out(lane, lane->flights[i].first_id);
		}
	}
	pthread_mutex_unlock(&lane->send_lock);
	lane->seen_progress = 0;
	lane->moves = 0;
	lane->package.there = lane->in_record = false;
	lane->since_ms = lane->tick_ms = now_ms();
	return r == 0;
}

static int64_t allowed_ms(struct lane *lane, uint64_t progress)
{
	struct batch_item *item;
	int64_t ms = lane->jail->args.deadline_ms;

	if (flight_of(lane, (uint32_t)progress, &item))
		ms += (int64_t)(item->size / SLOW_DISK_BYTES_PER_MS);
	return ms;
}

static bool over_deadline(struct lane *lane)
{
	const int64_t now = now_ms(), gap = now - lane->tick_ms;
	uint64_t progress = atomic_load(
		&spawner_slot(&lane->jail->spawner, lane->slot)->progress);

	lane->tick_ms = now;
	if (!has_flights(lane)) {
		lane->since_ms = now;
		return false;
	}
	/* Believed only as often as there are items: a worker that has been
	 * taken over could go on turning the number, or hide behind a 0. */
	if (progress != 0 && progress != lane->seen_progress &&
	    lane->moves < MOVES_MAX) {
		lane->seen_progress = progress;
		lane->since_ms = now;
		lane->moves++;
		return false;
	}
	/* We were stopped (Ctrl-Z, a sleeping machine), and so was the worker. */
	if (gap > STOPPED_MS)
		lane->since_ms += gap;
	return now - lane->since_ms > allowed_ms(lane, progress);
}

static bool lane_over(struct lane *lane)
{
	pthread_mutex_lock(&lane->jail->lock);
	bool over = lane->jail->closing && lane->n_flights == 0;
	pthread_mutex_unlock(&lane->jail->lock);
	return over;
}

/* One turn of a lane's thread; false when the lane has ended. */
static bool lane_turn(struct lane *lane)
{
	struct pollfd p = {.fd = lane->worker.fd, .events = POLLIN};

	/* A signal is a tick as well. */
	if (poll(&p, 1, TICK_MS) <= 0) {
		if (lane_over(lane))
			return false;
		return over_deadline(lane) ? replace_worker(lane, WHY_TIMED_OUT)
		                           : true;
	}
	ptrdiff_t n = wire_receive(lane->worker.fd, lane->packet,
	                           sizeof(lane->packet), NULL, 0, NULL);
	/* Judged here too: one that never stops talking is late like any other. */
	if (n > 0 && take_packet(lane, (size_t)n))
		return over_deadline(lane) ? replace_worker(lane, WHY_TIMED_OUT)
		                           : true;
	if (lane_over(lane))
		return false;
	return replace_worker(lane, WHY_CRASHED);
}

static void *lane_main(void *arg)
{
	struct lane *lane = arg;

	while (lane_turn(lane))
		;
	return NULL;
}

/* ---- life ------------------------------------------------------------- */

/* Descriptors of all windows, and the walk's own, must fit. */
static void raise_descriptor_limit(void)
{
	struct rlimit both;

	if (getrlimit(RLIMIT_NOFILE, &both) == 0) {
		both.rlim_cur = both.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &both);
	}
}

static int start_lane(struct jail *jail, unsigned i)
{
	struct lane *lane = &jail->lanes[i];

	lane->jail = jail;
	lane->slot = i;
	lane->since_ms = lane->tick_ms = now_ms();
	pthread_mutex_init(&lane->send_lock, NULL);
	return fork_worker(lane);
}

int jail_new(const struct jail_args *args, struct err *e,
             struct jail_limits *ret_limits, struct jail **ret)
{
	struct jail *jail =
		calloc(1, sizeof(*jail) + args->workers * sizeof(struct lane));
	struct jail_limits limits = {0};

	if (!jail)
		return err_sys(e, -ENOMEM, "starting the jail");
	jail->args = *args;
	pthread_mutex_init(&jail->lock, NULL);
	pthread_mutex_init(&jail->spawn_lock, NULL);
	pthread_cond_init(&jail->changed, NULL);
	raise_descriptor_limit();
	extract_warm_up();
	int r = spawner_start(&jail->args, &jail->spawner, e);
	if (r < 0) {
		free(jail);
		return r;
	}
	/* All are forked before the first is awaited: they close together. */
	while (r == 0 && jail->n_lanes < args->workers)
		r = start_lane(jail, jail->n_lanes++);
	for (unsigned i = 0; r == 0 && i < jail->n_lanes; i++)
		r = await_worker(&jail->lanes[i], &limits);
	if (r < 0) {
		(void)err_sys(e, r, "closing the jail around a worker "
		                    "(seccomp is required)");
		jail_free(jail);
		return r;
	}
	for (unsigned i = 0; i < jail->n_lanes; i++) {
		struct lane *lane = &jail->lanes[i];
		r = -pthread_create(&lane->thread, NULL, lane_main, lane);
		if (r < 0) {
			(void)err_sys(e, r, "starting a thread");
			jail_free(jail);
			return r;
		}
		lane->started = true;
	}
	*ret_limits = limits;
	*ret = jail;
	return 0;
}

void jail_free(struct jail *jail)
{
	if (!jail)
		return;
	pthread_mutex_lock(&jail->lock);
	jail->closing = true;
	pthread_mutex_unlock(&jail->lock);
	for (unsigned i = 0; i < jail->n_lanes; i++) {
		struct lane *lane = &jail->lanes[i];
		/* The worker reads the end, exits, and so wakes the lane. */
		pthread_mutex_lock(&lane->send_lock);
		if (lane->worker.fd > 0)
			(void)shutdown(lane->worker.fd, SHUT_WR);
		pthread_mutex_unlock(&lane->send_lock);
	}
	for (unsigned i = 0; i < jail->n_lanes; i++) {
		struct lane *lane = &jail->lanes[i];
		int status;
		if (lane->started)
			(void)pthread_join(lane->thread, NULL);
		if (lane->worker.fd > 0)
			(void)spawner_reap(&jail->spawner, &lane->worker, &status);
		pthread_mutex_destroy(&lane->send_lock);
	}
	spawner_stop(&jail->spawner);
	pthread_mutex_destroy(&jail->lock);
	pthread_mutex_destroy(&jail->spawn_lock);
	pthread_cond_destroy(&jail->changed);
	free(jail);
}
