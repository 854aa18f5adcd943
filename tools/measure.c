/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring this machine. The parent and its workers talk through one socket pair each. The parent sends a byte to
   start an iteration; the worker answers with a record. A process that dies closes its socket, which the other side
   sees: nobody waits for the dead, so there is no barrier to be stuck at. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "measure.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/sum.h"

/* ---- the work ---- */

static size_t chunk_cells(const measure_options *o)
{
  return (size_t)(o->rows * (o->dim + 1)); /* each row of X, then its y */
}

static void draw_chunk(const measure_options *o, int32_t worker, int32_t chunk, double *cells)
{
  testudo_i_random random;
  testudo_i_random_start(&random, o->seed, TESTUDO_I_FOR_DATA, (uint64_t)worker, (uint64_t)chunk);
  for (size_t k = 0; k < chunk_cells(o); k++)
    cells[k] = 2.0 * testudo_i_random_uniform(&random) - 1.0;
}

static void draw_model(const measure_options *o, double *w)
{
  testudo_i_random random;
  testudo_i_random_start(&random, o->seed, TESTUDO_I_FOR_DATA, UINT64_MAX, 0);
  for (int64_t k = 0; k < o->dim; k++)
    w[k] = 2.0 * testudo_i_random_uniform(&random) - 1.0;
}

/* gradient = X^T (X w - y); answers the sum of its entries, which nobody can know without computing them. */
static double chunk_gradient(const measure_options *o, const double *cells, const double *w, double *gradient)
{
  memset(gradient, 0, (size_t)o->dim * sizeof *gradient);
  for (int64_t row = 0; row < o->rows; row++) {
    const double *x = cells + row * (o->dim + 1);
    double residual = -x[o->dim];
    for (int64_t k = 0; k < o->dim; k++)
      residual += x[k] * w[k];
    for (int64_t k = 0; k < o->dim; k++)
      gradient[k] += residual * x[k];
  }
  double sum = 0.0;
  for (int64_t k = 0; k < o->dim; k++)
    sum += gradient[k];
  return sum;
}

/* ---- a worker ---- */

/* What a worker sends: kind, then for each chunk its seconds and its checksum. The kind is an iteration or one of
   these. */
#define READY -1.0
#define NO_MEMORY -2.0

static size_t record_length(const measure_options *o)
{
  return 1 + 2 * (size_t)o->chunks;
}

/* What a worker computes with; its process ends with it. */
typedef struct workload {
  double *cells, *w, *gradient, *record;
} workload;

static bool draw_workload(const measure_options *o, int32_t worker, workload *d)
{
  testudo_i_arena arena = {.last = NULL};
  d->cells = testudo_i_arena_alloc(&arena, (size_t)o->chunks, chunk_cells(o) * sizeof *d->cells);
  d->w = testudo_i_arena_alloc(&arena, (size_t)o->dim, sizeof *d->w);
  d->gradient = testudo_i_arena_alloc(&arena, (size_t)o->dim, sizeof *d->gradient);
  if (arena.failed)
    return false;
  draw_model(o, d->w);
  for (int32_t c = 0; c < o->chunks; c++)
    draw_chunk(o, worker, c, d->cells + (size_t)c * chunk_cells(o));
  return true;
}

static void run_iteration(const measure_options *o, const workload *d)
{
  for (int32_t c = 0; c < o->chunks; c++) {
    double start = testudo_i_seconds_now();
    d->record[2 + 2 * c] = chunk_gradient(o, d->cells + (size_t)c * chunk_cells(o), d->w, d->gradient);
    /* A trace holds positive times; a chunk of one number may be quicker than the clock's tick. */
    d->record[1 + 2 * c] = fmax(testudo_i_seconds_now() - start, 1e-9);
  }
}

static bool send_record(const measure_options *o, int socket, const double *record)
{
  const char *byte = (const char *)record;
  for (size_t left = record_length(o) * sizeof *record; left > 0;) {
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
  workload d = {.record = testudo_i_calloc(record_length(o), sizeof(double))};
  if (d.record == NULL)
    _exit(TESTUDO_ERROR_SYSTEM);
  d.record[0] = draw_workload(o, worker, &d) ? READY : NO_MEMORY;
  if (d.record[0] == READY)
    run_iteration(o, &d); /* caches and pages as they will be */
  bool more = send_record(o, socket, d.record) && d.record[0] == READY;
  for (int32_t iteration = 0; more && wait_for_start(socket); iteration++) {
    run_iteration(o, &d);
    d.record[0] = iteration;
    more = send_record(o, socket, d.record);
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
  double *seconds;  /* worker, iteration, chunk */
  int32_t complete; /* iterations that every worker has finished */
  double expected;  /* checksum of the last worker's last chunk, computed here */
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
  if (iteration >= 0)
    for (int32_t c = 0; c < o->chunks; c++)
      t->seconds[((size_t)worker * (size_t)o->iterations + (size_t)iteration) * (size_t)o->chunks + (size_t)c] =
          record[1 + 2 * c];
  double found = record[2 * o->chunks];
  if (record[0] != iteration || (worker == o->workers - 1 && fabs(found - t->expected) > 1e-9 * fabs(t->expected)))
    return testudo_i_fail(t->error, TESTUDO_ERROR_SYSTEM,
                          "worker %d: the gradient of its last chunk sums to %.17g, but %.17g is right", (int)worker,
                          found, t->expected);
  return TESTUDO_OK;
}

/* Reads what has come from one worker; *waiting falls by one when its record is whole. */
static testudo_status receive(team *t, int32_t worker, int32_t iteration, int32_t *waiting)
{
  child *c = &t->child[worker];
  size_t length = record_length(t->o) * sizeof(double);
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
    t->complete++;
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
  double *room = testudo_i_arena_alloc(&t->arena, (size_t)o->workers, record_length(o) * sizeof *room);
  double *cells = testudo_i_arena_alloc(&t->arena, chunk_cells(o) + 2 * (size_t)o->dim, sizeof *cells);
  t->child = testudo_i_arena_calloc(&t->arena, (size_t)o->workers, sizeof *t->child);
  t->polled = testudo_i_arena_calloc(&t->arena, (size_t)o->workers, sizeof *t->polled);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, t->error));
  double *w = cells + chunk_cells(o);
  draw_model(o, w);
  draw_chunk(o, o->workers - 1, o->chunks - 1, cells);
  t->expected = chunk_gradient(o, cells, w, w + o->dim);
  for (int32_t j = 0; j < o->workers; j++)
    t->child[j] = (child){.socket = -1, .record = room + (size_t)j * record_length(o)};
  testudo_status status = run_team(t);
  dismiss(t, status != TESTUDO_OK);
  return status;
}

/* ---- the trace ---- */

/* Moves the rows of the complete iterations together. */
static void keep_complete(const measure_options *o, int32_t complete, double *seconds)
{
  size_t kept = (size_t)complete * (size_t)o->chunks, all = (size_t)o->iterations * (size_t)o->chunks;
  for (size_t j = 1; j < (size_t)o->workers; j++)
    memmove(seconds + j * kept, seconds + j * all, kept * sizeof *seconds);
}

static void print_trace(const measure_options *o, int32_t iterations, const double *seconds, FILE *stream)
{
  fputs("worker,iteration,chunk,seconds\n", stream);
  for (int32_t j = 0; j < o->workers; j++)
    for (int32_t iteration = 0; iteration < iterations; iteration++)
      for (int32_t c = 0; c < o->chunks; c++)
        fprintf(stream, "%d,%d,%d,%.9g\n", (int)j, (int)iteration, (int)c, *seconds++);
}

static testudo_status write_trace(const measure_options *o, int32_t iterations, const double *seconds,
                                  testudo_error *error)
{
  if (o->output == NULL || strcmp(o->output, "-") == 0) {
    print_trace(o, iterations, seconds, stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
      return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "standard output: writing failed: %s", strerror(errno));
    return TESTUDO_OK;
  }
  testudo_i_output output;
  TESTUDO_I_TRY(testudo_i_output_open(&output, o->output, error));
  print_trace(o, iterations, seconds, output.stream);
  return testudo_i_output_commit(&output, error);
}

static void summarize(const double *seconds, int64_t rows, measure_summary *summary)
{
  testudo_i_sum sum = {0.0, 0.0}, squares = {0.0, 0.0};
  *summary = (measure_summary){.rows = rows, .least = seconds[0], .most = seconds[0]};
  for (int64_t k = 0; k < rows; k++) {
    testudo_i_sum_add(&sum, seconds[k]);
    summary->least = fmin(summary->least, seconds[k]);
    summary->most = fmax(summary->most, seconds[k]);
  }
  summary->mean = testudo_i_sum_value(&sum) / (double)rows;
  for (int64_t k = 0; k < rows; k++)
    testudo_i_sum_add(&squares, (seconds[k] - summary->mean) * (seconds[k] - summary->mean));
  summary->stddev = sqrt(testudo_i_sum_value(&squares) / (double)rows);
}

static testudo_status check_options(const measure_options *o, testudo_error *error)
{
  const double rows = (double)o->rows * (double)o->dim, trace = (double)o->workers * o->chunks * o->iterations;
  const struct {
    const char *name;
    double value, most;
  } range[] = {
      {"workers", o->workers, MEASURE_MOST_WORKERS},          {"chunks", o->chunks, MEASURE_MOST_CHUNKS},
      {"iterations", o->iterations, MEASURE_MOST_ITERATIONS}, {"rows", (double)o->rows, MEASURE_MOST_CELLS},
      {"dim", (double)o->dim, MEASURE_MOST_CELLS},            {"rows * dim", rows, MEASURE_MOST_CELLS},
      {"workers * chunks * iterations", trace, MEASURE_MOST_CELLS},
  };
  for (size_t k = 0; k < sizeof range / sizeof *range; k++)
    if (!(range[k].value >= 1 && range[k].value <= range[k].most))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s is %.0f, but it must be from 1 to %.0f", range[k].name,
                            range[k].value, range[k].most);
  return TESTUDO_OK;
}

testudo_status measure_run(const measure_options *options, const testudo_monitor *monitor, measure_summary *summary,
                           testudo_error *error)
{
  TESTUDO_I_TRY(check_options(options, error));
  int64_t rows = (int64_t)options->workers * options->chunks * options->iterations;
  team t = {.o = options, .monitor = monitor, .error = error};
  t.seconds = testudo_i_arena_alloc(&t.arena, (size_t)rows, sizeof *t.seconds);
  testudo_status status = measure_team(&t);
  bool cut = status == TESTUDO_INTERRUPTED && t.complete > 0;
  if (status == TESTUDO_OK || cut) {
    keep_complete(options, t.complete, t.seconds);
    status = write_trace(options, t.complete, t.seconds, error);
    if (status == TESTUDO_OK && summary != NULL)
      summarize(t.seconds, rows / options->iterations * t.complete, summary);
  }
  testudo_i_arena_clear(&t.arena);
  if (status == TESTUDO_OK && cut)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted: the trace holds the %d of %d iterations that are"
                          " complete", (int)t.complete, (int)options->iterations);
  return status;
}
