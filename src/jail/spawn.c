/* SPDX-License-Identifier: Apache-2.0 */
#include "jail/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/sandbox.h"
#include "jail/wire.h"
#include "jail/worker.h"

enum { REAP_WAIT_MS = 5000, READY_WAIT_MS = 30 * 1000 };

/* A worker may report on no slot but its own. */
static int keep_one_slot(uint8_t *slots, unsigned slot)
{
	const size_t before = (size_t)slot * SLOT_BYTES;
	const size_t after = (size_t)(JAIL_WORKERS_MAX - 1 - slot) * SLOT_BYTES;

	if (before && munmap(slots, before) < 0)
		return -errno;
	if (after && munmap(slots + before + SLOT_BYTES, after) < 0)
		return -errno;
	return 0;
}

/* First words of a new worker: did the sandbox close, what was refused. */
static int report_start(int fd, int result, const struct jail_limits *limits)
{
	struct spawn_answer answer = {.result = result, .limits = *limits};
	return wire_send(fd, slice_of(&answer, sizeof(answer)), NULL, 0);
}

static NO_RETURN void be_worker(const struct jail_args *args, uint8_t *slots,
                                   unsigned slot, int fd,
                                   struct jail_limits *limits)
{
	const struct sandbox_args sandbox = {.memory_bytes = args->memory_bytes};
	int r = sandbox_close_others(fd);

	if (r == 0)
		r = keep_one_slot(slots, slot);
	struct worker *w = worker_new(
		args, fd, (struct slot *)(void *)(slots + (size_t)slot * SLOT_BYTES));
	if (r == 0 && !w)
		r = -ENOMEM;
	if (r == 0)
		r = sandbox_enter(&sandbox, limits);
	if (report_start(fd, r, limits) < 0 || r < 0)
		_exit(1);
	worker_run(w);
}

static int make_worker(const struct jail_args *args, uint8_t *slots,
                       unsigned slot, struct spawn_answer *answer, int fds[2])
{
	struct jail_limits limits = {0};
	int pair[2];

	if (slot >= JAIL_WORKERS_MAX)
		return -EINVAL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid_t pid = sandbox_fork(&limits);
	if (pid == 0)
		be_worker(args, slots, slot, pair[1], &limits);
	int r = pid < 0 ? -errno : 0;
	(void)close(pair[1]);
	if (r == 0) {
		fds[1] = (int)syscall(SYS_pidfd_open, pid, 0);
		if (fds[1] < 0) {
			r = -errno;
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, NULL, 0);
		}
	}
	if (r < 0) {
		(void)close(pair[0]);
		return r;
	}
	fds[0] = pair[0];
	answer->pid = pid;
	return 0;
}

static NO_RETURN void be_spawner(const struct jail_args *args, uint8_t *slots,
                                    int fd)
{
	/* Ctrl-C is for the broker, which then ends us in order. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	for (;;) {
		struct spawn_request request;
		struct spawn_answer answer = {0};
		int fds[2];
		ptrdiff_t n = wire_receive(fd, &request, sizeof(request), NULL, 0,
		                           NULL);
		if (n != sizeof(request))
			_exit(0);
		if (request.kind == SPAWN_WORKER) {
			answer.result = make_worker(args, slots, request.slot,
			                            &answer, fds);
			bool ok = answer.result == 0;
			n = wire_send(fd, slice_of(&answer, sizeof(answer)), fds,
			              ok ? 2 : 0);
			if (ok) {
				(void)close(fds[0]);
				(void)close(fds[1]);
			}
		} else {
			if (waitpid(request.pid, &answer.status, 0) < 0)
				answer.result = -errno;
			n = wire_send(fd, slice_of(&answer, sizeof(answer)), NULL,
			              0);
		}
		if (n < 0)
			_exit(1);
	}
}

int spawner_start(const struct jail_args *args, struct spawner *ret,
                  struct err *e)
{
	int pair[2];
	void *slots = mmap(NULL, (size_t)JAIL_WORKERS_MAX * SLOT_BYTES,
	                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (slots == MAP_FAILED)
		return err_sys(e, -errno, "reserving shared memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, -errno, "making a socket pair");
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(e, -errno, "forking");
	if (pid == 0) {
		(void)close(pair[0]);
		be_spawner(args, slots, pair[1]);
	}
	(void)close(pair[1]);
	*ret = (struct spawner){.fd = pair[0], .pid = pid, .slots = slots};
	return 0;
}

static int ask(const struct spawner *s, const struct spawn_request *request,
               struct spawn_answer *answer, int *fds, size_t max_fds,
               size_t *ret_fds)
{
	int r = wire_send(s->fd, slice_of(request, sizeof(*request)), NULL, 0);
	if (r < 0)
		return r;
	ptrdiff_t n = wire_receive(s->fd, answer, sizeof(*answer), fds, max_fds,
	                           ret_fds);
	if (n != sizeof(*answer))
		return n < 0 ? (int)n : -EPIPE;
	return answer->result;
}

int spawner_worker(const struct spawner *s, unsigned slot,
                   struct worker_handle *ret)
{
	const struct spawn_request request = {.kind = SPAWN_WORKER, .slot = slot};
	struct spawn_answer answer;
	int fds[2] = {-1, -1};
	size_t n_fds = 0;

	atomic_store(&spawner_slot(s, slot)->progress, 0);
	int r = ask(s, &request, &answer, fds, 2, &n_fds);
	if (r < 0)
		return r;
	if (n_fds != 2)
		return -EPROTO;
	*ret = (struct worker_handle){fds[0], fds[1], answer.pid};
	return 0;
}

int spawner_ready(const struct spawner *s, struct worker_handle *worker,
                  struct jail_limits *limits)
{
	struct spawn_answer start;
	int status;
	struct pollfd word = {.fd = worker->fd, .events = POLLIN};
	ptrdiff_t n = -ETIMEDOUT;
	int ready;

	while ((ready = poll(&word, 1, READY_WAIT_MS)) < 0 && errno == EINTR)
		;
	if (ready == 1)
		n = wire_receive(worker->fd, &start, sizeof(start), NULL, 0, NULL);
	else
		(void)syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL,
		              NULL, 0);
	if (n == sizeof(start) && start.result == 0) {
		start.limits.text[sizeof(start.limits.text) - 1] = 0;
		*limits = start.limits;
		return 0;
	}
	(void)spawner_reap(s, worker, &status);
	return n == sizeof(start) ? start.result : -EPIPE;
}

int spawner_reap(const struct spawner *s, struct worker_handle *worker,
                 int *ret_status)
{
	const struct spawn_request request = {.kind = SPAWN_REAP,
	                                      .pid = worker->pid};
	struct spawn_answer answer = {0};
	struct pollfd ended = {.fd = worker->pidfd, .events = POLLIN};
	int r = -ETIMEDOUT;

	/* Killed, but the kernel holds it: on a disk that does not answer. It
	 * is left behind rather than waited for. */
	if (poll(&ended, 1, REAP_WAIT_MS) == 1)
		r = ask(s, &request, &answer, NULL, 0, NULL);

	(void)close(worker->fd);
	(void)close(worker->pidfd);
	worker->fd = worker->pidfd = -1;
	*ret_status = answer.status;
	return r;
}

void spawner_stop(struct spawner *s)
{
	(void)close(s->fd);
	(void)waitpid(s->pid, NULL, 0);
	(void)munmap(s->slots, (size_t)JAIL_WORKERS_MAX * SLOT_BYTES);
}
