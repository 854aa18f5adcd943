/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker: goes through its chunks for the newest parameters, says so after every step, and answers the server's
   request with one message. It looks at what has come while it works and while it waits, so that it stops at once when
   it is no longer wanted, and ends by itself when the server is no more. */
#include "job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_PARAMETERS, SLOT_REQUEST, SLOT_SEEN, SLOT_END, SLOTS };

/* So many samples at a time between two looks. */
enum { SLICE = 256 };

typedef struct worker {
  job *j;
  int32_t number;
  const int32_t *order;
  int32_t steps;
  double *w;             /* the parameters of `version` */
  int64_t version, iteration;
  bool fresh;            /* they came since the last iteration began */
  bool closed;           /* the server has fixed this version's progress */
  bool ended, in_order;
  int32_t done, computed;/* steps; chunks whose gradients are there */
  int32_t seen, ahead;   /* steps that the server has marked; how many chunks more may be added, 0: any number */
  testudo_stream *stream;/* NULL: .. */
  char *gradients;       /* .. chunk after chunk of the order, of the wire's numbers */
  const void **gradient; /* where each begins */
  double *sum;           /* of the chunk under way */
  void *message;
  outbox out;
  inbox in;
  double heard, said;
  const char *failure;   /* why it cannot go on */
} worker;

static void say(worker *w, signal_kind kind, double seconds)
{
  const head what = {.version = w->version, .iteration = w->iteration, .kind = kind, .done = w->done,
                     .seconds = seconds};
  if (!outbox_put(&w->out, 0, TAG_SIGNAL, &what, NULL, 0))
    w->failure = "not enough memory";
  w->said = MPI_Wtime();
}

/* ---- what comes ---- */

static testudo_status combine(worker *w, const testudo_request *request, testudo_error *error)
{
  const job *j = w->j;
  memset(w->message, 0, j->message * j->number);
  if (w->stream != NULL)
    return j->set.doubles ? testudo_stream_message_double(w->stream, request, w->message, error)
                          : testudo_stream_message_float(w->stream, request, w->message, error);
  return j->set.doubles ? testudo_encode_double(j->codec, request, (const double *const *)w->gradient, j->dim,
                                                w->message, error)
                        : testudo_encode_float(j->codec, request, (const float *const *)w->gradient, j->dim,
                                               w->message, error);
}

static void answer(worker *w, const head *what, const void *packed, size_t length)
{
  testudo_request request;
  testudo_error error;
  job *j = w->j;
  if (what->version != w->version)
    return;
  w->closed = true;
  if (length == 0) /* a stop word */
    return;
  testudo_status status = testudo_request_unpack(w->j->codec, packed, length, &request, &error);
  if (status == TESTUDO_OK && request.chunks > w->computed)
    w->failure = "the server asks for chunks that are not done";
  if (status == TESTUDO_OK && w->failure == NULL)
    status = combine(w, &request, &error);
  if (status != TESTUDO_OK) {
    fprintf(stderr, "train: worker %d: %s\n", (int)w->number, error.text);
    w->failure = "it cannot encode";
  }
  if (w->failure == NULL && !outbox_put(&w->out, 0, TAG_MESSAGE, what, w->message, j->message * j->number))
    w->failure = "not enough memory";
}

static void listen(worker *w)
{
  size_t length;
  double now = MPI_Wtime();
  for (int slot; (slot = inbox_next(&w->in, &length)) >= 0; inbox_again(&w->in, slot)) {
    const head *what = inbox_head(&w->in, slot);
    w->heard = now;
    if (slot == SLOT_PARAMETERS && length > 0 && what->version > w->version) {
      memcpy(w->w, inbox_body(&w->in, slot), w->j->dim * sizeof *w->w);
      w->version = what->version;
      w->iteration = what->iteration;
      w->fresh = true;
    }
    if (slot == SLOT_REQUEST)
      answer(w, what, inbox_body(&w->in, slot), length);
    if (slot == SLOT_SEEN && what->version == w->version)
      w->seen = what->done;
    if (slot == SLOT_END) {
      w->ended = true;
      w->in_order = what->lost == 0;
    }
  }
  outbox_sweep(&w->out);
  if (now - w->said > 1.0)
    say(w, SIGNAL_ALIVE, 0.0);
  if (!w->ended && now - w->heard > w->j->set.patience)
    w->failure = "the server has been silent for too long";
}

static bool is_off(const worker *w)
{
  return w->fresh || w->closed || w->ended || w->failure != NULL;
}

/* Until then, or until this version is no longer wanted. */
static void wait_until(worker *w, double time)
{
  for (listen(w); !is_off(w); listen(w)) {
    double left = time - MPI_Wtime();
    if (left <= 0.0)
      break;
    sleep_for(left < w->j->set.poll ? left : w->j->set.poll);
  }
}

/* ---- what it does ---- */

/* The gradient of a chunk, which is in `sum`, into a place of its own or into the sums. */
static void store(worker *w, int32_t place)
{
  size_t dim = w->j->dim;
  bool doubles = w->j->set.doubles;
  testudo_error error;
  char *to = w->gradients + (w->stream != NULL ? 0 : (size_t)place * dim * w->j->number);
  if (doubles)
    memcpy(to, w->sum, dim * sizeof(double));
  else
    for (size_t k = 0; k < dim; k++)
      ((float *)(void *)to)[k] = (float)w->sum[k];
  if (w->stream == NULL)
    return;
  testudo_status status = doubles ? testudo_stream_add_double(w->stream, place, (double *)(void *)to, 0, dim, &error)
                                  : testudo_stream_add_float(w->stream, place, (float *)(void *)to, 0, dim, &error);
  if (status != TESTUDO_OK) {
    fprintf(stderr, "train: worker %d: %s\n", (int)w->number, error.text);
    w->failure = "it cannot add";
  }
}

/* False: stopped before its end, which counts for nothing. */
static bool compute_chunk(worker *w, int32_t place)
{
  job *j = w->j;
  int32_t chunk = w->order[place], from = j->first[chunk], until = j->first[chunk + 1];
  double looked = MPI_Wtime();
  memset(w->sum, 0, j->dim * sizeof *w->sum);
  for (; from < until && !is_off(w); from += SLICE) {
    job_add_gradient(j, w->w, from, until - from < SLICE ? until - from : SLICE, w->sum);
    if (MPI_Wtime() - looked > j->set.poll) {
      listen(w);
      looked = MPI_Wtime();
    }
  }
  if (from < until)
    return false;
  store(w, place);
  return true;
}

/* Until chunk `place` may be added: a mirrored pair is asked for what the server has seen, and keeps no more apart. */
static bool may_add(worker *w, int32_t place)
{
  while (w->stream != NULL && w->ahead > 0 && place >= w->seen + w->ahead && !is_off(w)) {
    sleep_for(w->j->set.poll);
    listen(w);
  }
  return !is_off(w);
}

/* The steps of one iteration. Each ends at the time that its delay says, counted from where the one before it ended by
   the same count: the clock's and the kernel's delays do not add up. Work that takes longer moves what follows. */
static void run(worker *w)
{
  job *j = w->j;
  double planned = MPI_Wtime();
  w->fresh = w->closed = false;
  w->done = w->computed = w->seen = 0;
  testudo_stream_begin(w->stream);
  while (w->done < w->steps) {
    double began = MPI_Wtime(), delay = job_delay(j, w->iteration, w->number, w->done);
    while (w->computed < job_chunks_until(j, w->done) && may_add(w, w->computed) && compute_chunk(w, w->computed))
      w->computed++;
    double worked = MPI_Wtime() - began;
    if (j->law == NULL)
      delay = worked * settings_slow(&j->set, w->number);
    planned += delay;
    if (planned < MPI_Wtime())
      planned = MPI_Wtime();
    wait_until(w, planned);
    if (is_off(w)) {
      if (w->closed)
        say(w, SIGNAL_STOPPED, MPI_Wtime() - began);
      return;
    }
    w->done++;
    say(w, SIGNAL_STEP, MPI_Wtime() - began);
    listen(w);
    if (is_off(w))
      return;
  }
}

static bool worker_make(worker *w)
{
  job *j = w->j;
  size_t load = j->streams ? 1 : (size_t)testudo_design_load(j->design, w->number) + 1;
  w->order = testudo_design_order(j->design, w->number);
  w->steps = testudo_design_steps(j->design, w->number);
  w->ahead = testudo_codec_ahead(j->codec, w->number);
  w->w = calloc(j->dim, sizeof *w->w);
  w->sum = calloc(j->dim, sizeof *w->sum);
  w->message = calloc(j->message, j->number);
  w->gradients = calloc(load * j->dim, j->number);
  w->gradient = calloc(load, sizeof *w->gradient);
  if (w->w == NULL || w->sum == NULL || w->message == NULL || w->gradients == NULL || w->gradient == NULL)
    return false;
  for (size_t k = 0; k < load; k++)
    w->gradient[k] = w->gradients + k * j->dim * j->number;
  if (j->streams && testudo_design_load(j->design, w->number) > 0) {
    testudo_error error;
    if ((j->set.doubles ? testudo_stream_create_double : testudo_stream_create_float)(j->codec, w->number, j->dim,
                                                                                      &w->stream, &error) != TESTUDO_OK)
      return false;
  }
  return inbox_make(&w->in, SLOTS) && inbox_open(&w->in, SLOT_PARAMETERS, 0, TAG_PARAMETERS, j->dim * sizeof(double)) &&
         inbox_open(&w->in, SLOT_REQUEST, 0, TAG_REQUEST, testudo_request_bytes_most(w->j->codec)) &&
         inbox_open(&w->in, SLOT_SEEN, 0, TAG_SEEN, 0) &&
         inbox_open(&w->in, SLOT_END, 0, TAG_END, 0);
}

int work(job *j, bool *orderly)
{
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  worker w = {.j = j, .number = rank - 1, .version = -1, .heard = MPI_Wtime(), .said = MPI_Wtime()};
  *orderly = false;
  if (!worker_make(&w)) {
    fprintf(stderr, "train: worker %d: not enough memory\n", (int)w.number);
    return TESTUDO_ERROR_SYSTEM;
  }
  while (!w.ended && w.failure == NULL) {
    w.closed = false;
    for (listen(&w); !w.fresh && !w.ended && w.failure == NULL; listen(&w))
      sleep_for(j->set.poll);
    if (!w.fresh)
      break;
    if (rank == j->set.fail_rank && w.iteration == j->set.fail_iteration)
      raise(SIGKILL);
    run(&w);
  }
  if (w.failure != NULL)
    fprintf(stderr, "train: worker %d: %s; it ends\n", (int)w.number, w.failure);
  outbox_empty(&w.out, 1.0);
  testudo_stream_free(w.stream);
  *orderly = w.ended && w.in_order;
  return w.failure == NULL ? TESTUDO_OK : TESTUDO_ERROR_SYSTEM;
}
