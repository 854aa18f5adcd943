/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring this machine. The parent and its workers talk through one socket pair each. The parent sends a byte to
   start an iteration; the worker answers with a record. A process that dies closes its socket, which the other side
   sees: nobody waits for the dead, so there is no barrier to be stuck at. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "measure/work.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

/* ---- a worker ---- */

/* What a worker sends: kind, then its record. The kind is an iteration or one of these. */
#define READY -1.0
#define NO_MEMORY -2.0

static size_t sent_length(const measure_options *o)
{
  return 1 + measure_record_length(o);
}

static bool send_record(const measure_options *o, int socket, const double *record)
{
  const char *byte = (const char *)record;
  for (size_t left = sent_length(o) * sizeof *record; left > 0;) {
    ssize_t sent = send(socket, byte, left, MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR)
      return false;
    if (sent > 0) {
      byte += sent;
      left -= (size_t)sent;
    }
  }
  return true;
}

static bool wait_for_start(int socket)
{
  char byte;
  ssize_t got;
  do
    got = recv(socket, &byte, 1, 0);
  while (got < 0 && errno == EINTR);
  return got == 1;
}

/* Runs in the child and never returns. The parent alone decides about Ctrl-C; its end closes the socket. */
static void work(const measure_options *o, int32_t worker, int socket, pid_t parent)
{
#ifdef __linux__
  /* A worker that still fills its data would not see the closed socket for long. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (getppid() != parent)
    _exit(TESTUDO_ERROR_SYSTEM);
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  measure_workload d;
  double *sent = testudo_i_calloc(sent_length(o), sizeof *sent);
  if (sent == NULL)
    _exit(TESTUDO_ERROR_SYSTEM);
  sent[0] = measure_workload_make(o, worker, &d) ? READY : NO_MEMORY;
  if (sent[0] == READY)
    measure_iteration(o, &d, sent + 1); /* caches and pages as they will be */
  bool more = send_record(o, socket, sent) && sent[0] == READY;
  for (int32_t iteration = 0; more && wait_for_start(socket); iteration++) {
    measure_iteration(o, &d, sent + 1);
    sent[0] = iteration;
    more = send_record(o, socket, sent);
  }
  _exit(TESTUDO_OK);
}

/* ---- the parent ---- */

typedef struct child {
  pid_t id;         /* 0: not started, or reaped */
  int socket;       /* -1: closed */
  size_t received;  /* bytes of the record being read */
  double *record;
} child;

typedef struct team {
  const measure_options *o;
  const testudo_monitor *monitor;
  child *child;
  struct pollfd *polled;
  measure_times *times;
  testudo_error *error;
  testudo_i_arena arena;
} team;

static testudo_status start_child(team *t, int32_t worker)
{
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
    return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "worker %d cannot be connected: %s", (int)worker,
                          strerror(errno));
  pid_t parent = getpid(), id = fork();
  if (id == 0) {
    /* Ends of other sockets held here would hide the parent's death from the other workers. */
    for (int32_t other = 0; other < worker; other++)
      close(t->child[other].socket);
    close(pair[0]);
    work(t->o, worker, pair[1], parent);
  }
  close(pair[1]);
  if (id < 0) {
    close(pair[0]);
    return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "worker %d cannot be started: %s", (int)worker,
                          strerror(errno));
  }
  t->child[worker].id = id;
  t->child[worker].socket = pair[0];
  return TESTUDO_OK;
}

static int reap(child *c)
{
  int how = 0;
  while (waitpid(c->id, &how, 0) < 0 && errno == EINTR)
    continue;
  c->id = 0;
  return how;
}

static testudo_status tell_death(team *t, int32_t worker)
{
  int how = reap(&t->child[worker]);
  if (WIFSIGNALED(how))
    return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "worker %d was killed by signal %d (%s)", (int)worker,
                          WTERMSIG(how), strsignal(WTERMSIG(how)));
  return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "worker %d ended before its work was done (exit code %d)",
                        (int)worker, WEXITSTATUS(how));
}

/* A whole record has come: does it belong here, and what does it say? */
static testudo_status take_record(team *t, int32_t worker, int32_t iteration)
{
  const measure_options *o = t->o;
  const double *record = t->child[worker].record;
  if (record[0] == NO_MEMORY)
    return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "worker %d: not enough memory for %d chunks of %lld x %lld",
                          (int)worker, (int)o->chunks, (long long)o->rows, (long long)o->dim);
  if (record[0] != iteration)
    return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "worker %d: it sent iteration %.17g in place of %d",
                          (int)worker, record[0], (int)iteration);
  return measure_times_take(o, t->times, worker, iteration, record + 1, t->error);
}

/* Reads what has come from one worker; *waiting falls by one when its record is whole. */
static testudo_status receive(team *t, int32_t worker, int32_t iteration, int32_t *waiting)
{
  child *c = &t->child[worker];
  size_t length = sent_length(t->o) * sizeof(double);
  ssize_t got = recv(c->socket, (char *)c->record + c->received, length - c->received, 0);
  if (got < 0 && errno == EINTR)
    return TESTUDO_OK;
  if (got <= 0)
    return tell_death(t, worker);
  c->received += (size_t)got;
  if (c->received < length)
    return TESTUDO_OK;
  (*waiting)--;
  t->polled[worker].fd = -1; /* poll passes over it */
  return take_record(t, worker, iteration);
}

static testudo_status collect(team *t, int32_t iteration)
{
  int32_t waiting = t->o->workers;
  for (int32_t j = 0; j < t->o->workers; j++) {
    t->child[j].received = 0;
    t->polled[j] = (struct pollfd){.fd = t->child[j].socket, .events = POLLIN};
  }
  while (waiting > 0) {
    if (testudo_i_stopped(t->monitor, (double)(iteration < 0 ? 0 : iteration) / t->o->iterations))
      return testudo_i_fail(t->error, TESTUDO_INTERRUPTED,
                            "interrupted before the first iteration was complete: no trace is written");
    if (poll(t->polled, (nfds_t)t->o->workers, 100) < 0 && errno != EINTR)
      return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM, "waiting for the workers failed: %s", strerror(errno));
    for (int32_t j = 0; j < t->o->workers; j++)
      if (t->polled[j].fd >= 0 && t->polled[j].revents != 0)
        TESTUDO_I_TRY(receive(t, j, iteration, &waiting));
  }
  return TESTUDO_OK;
}

static testudo_status run_team(team *t)
{
  for (int32_t j = 0; j < t->o->workers; j++)
    TESTUDO_I_TRY(start_child(t, j));
  TESTUDO_I_TRY(collect(t, -1));
  for (int32_t iteration = 0; iteration < t->o->iterations; iteration++) {
    /* A worker that has died is noticed by collect. */
    for (int32_t j = 0; j < t->o->workers; j++)
      (void)!send(t->child[j].socket, "s", 1, MSG_NOSIGNAL);
    TESTUDO_I_TRY(collect(t, iteration));
    t->times->complete++;
  }
  return TESTUDO_OK;
}

static void dismiss(team *t, bool at_once)
{
  for (int32_t j = 0; j < t->o->workers; j++) {
    if (t->child[j].socket >= 0)
      close(t->child[j].socket);
    if (t->child[j].id > 0 && at_once)
      kill(t->child[j].id, SIGKILL);
  }
  for (int32_t j = 0; j < t->o->workers; j++)
    if (t->child[j].id > 0)
      reap(&t->child[j]);
}

static testudo_status measure_team(team *t)
{
  const measure_options *o = t->o;
  double *room = testudo_i_arena_alloc(&t->arena, (size_t)o->workers, sent_length(o) * sizeof *room);
  t->child = testudo_i_arena_calloc(&t->arena, (size_t)o->workers, sizeof *t->child);
  t->polled = testudo_i_arena_calloc(&t->arena, (size_t)o->workers, sizeof *t->polled);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, t->error));
  for (int32_t j = 0; j < o->workers; j++)
    t->child[j] = (child){.socket = -1, .record = room + (size_t)j * sent_length(o)};
  testudo_status status = run_team(t);
  dismiss(t, status != TESTUDO_OK);
  return status;
}

/* ---- the whole ---- */

testudo_status measure_run(const measure_options *options, const testudo_monitor *monitor, measure_summary *summary,
                           testudo_error *error)
{
  measure_times times;
  TESTUDO_I_TRY(measure_check(options, error));
  team t = {.o = options, .monitor = monitor, .times = &times, .error = error};
  testudo_status status = measure_times_make(options, &times, error);
  if (status == TESTUDO_OK)
    status = measure_team(&t);
  testudo_i_arena_clear(&t.arena);
  return measure_times_finish(options, &times, status, summary, error);
}
