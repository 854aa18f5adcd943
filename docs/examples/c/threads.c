/* SPDX-License-Identifier: BSD-3-Clause */
/* Server and workers as threads: a signal after every step, a request as bytes, one message back. The last worker is
   slower than the others by far; where the scheme tolerates it, nobody waits for it.

       cc threads.c $(pkg-config --cflags --libs testudo-runtime) -pthread -lm -o threads
       ./threads design.json */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <testudo/runtime.h>

enum { DIM = 300 };

/* What stands between the server and one worker; in a cluster, a connection. */
typedef struct link_to_worker {
  int32_t signalled;      /* steps that the worker has reported */
  unsigned char *request; /* of the server; NULL: not yet */
  size_t length;
  double *message;        /* of the worker; NULL: not yet */
} link_to_worker;

typedef struct job {
  const testudo_design *design;
  pthread_mutex_t lock;
  pthread_cond_t news;
  link_to_worker *link;
  bool closed;            /* the server has fixed the progress: no more steps */
} job;

typedef struct worker {
  job *of;
  int32_t number;
  double pause;           /* seconds per step */
} worker;

static void stop(const char *what, const testudo_error *error)
{
  fprintf(stderr, "threads: %s: %s\n", what, error->text);
  exit(EXIT_FAILURE);
}

static void compute_gradient(int32_t chunk, double *gradient)
{
  for (int k = 0; k < DIM; k++)
    gradient[k] = sin(1.7 * chunk + 0.31 * k) + 2.0;
}

static void sleep_for(double seconds)
{
  struct timespec time = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
  nanosleep(&time, NULL);
}

/* ---- a worker ---- */

/* Steps, each followed by a signal, until all are done or the server wants no more. Answers whether a request came. */
static bool work_and_signal(worker *w)
{
  job *j = w->of;
  link_to_worker *link = &j->link[w->number];
  int32_t steps = testudo_design_steps(j->design, w->number);
  for (int32_t done = 1; done <= steps; done++) {
    sleep_for(w->pause);
    pthread_mutex_lock(&j->lock);
    bool closed = j->closed;
    if (!closed)
      link->signalled = done;
    pthread_cond_broadcast(&j->news);
    pthread_mutex_unlock(&j->lock);
    if (closed)
      break;
  }
  pthread_mutex_lock(&j->lock);
  while (!j->closed || (link->signalled > 0 && link->request == NULL))
    pthread_cond_wait(&j->news, &j->lock);
  pthread_mutex_unlock(&j->lock);
  return link->request != NULL;
}

static void *run_worker(void *context)
{
  worker *w = context;
  job *j = w->of;
  testudo_error error;
  testudo_codec *codec; /* its own, for encoding */
  testudo_request request;
  if (testudo_codec_create(j->design, TESTUDO_DECODER_EXACT, &codec, &error) != TESTUDO_OK)
    stop("codec", &error);
  if (!work_and_signal(w)) {
    testudo_codec_free(codec);
    return NULL;
  }
  link_to_worker *link = &j->link[w->number];
  if (testudo_request_unpack(codec, link->request, link->length, &request, &error) != TESTUDO_OK)
    stop("request", &error);
  const int32_t *order = testudo_design_order(j->design, w->number);
  double *numbers = malloc(((size_t)request.chunks + 1) * DIM * sizeof *numbers);
  const double **gradient = malloc(((size_t)request.chunks + 1) * sizeof *gradient);
  double *message = calloc(testudo_message_length(j->design, DIM), sizeof *message);
  for (int32_t k = 0; k < request.chunks; k++) {
    compute_gradient(order[k], numbers + (size_t)k * DIM);
    gradient[k] = numbers + (size_t)k * DIM;
  }
  if (testudo_encode_double(codec, &request, gradient, DIM, message, &error) != TESTUDO_OK)
    stop("encode", &error);
  pthread_mutex_lock(&j->lock);
  link->message = message;
  pthread_cond_broadcast(&j->news);
  pthread_mutex_unlock(&j->lock);
  free(numbers);
  free(gradient);
  testudo_codec_free(codec);
  return NULL;
}

/* ---- the server ---- */

/* Takes the signals over until the progress is decodable; then it is fixed. The lock is held. */
static void collect_signals(job *j, testudo_progress *progress)
{
  testudo_error error;
  for (;;) {
    for (int32_t w = 0; w < testudo_design_workers(j->design); w++)
      if (testudo_progress_mark(progress, w, j->link[w].signalled, &error) != TESTUDO_OK)
        stop("mark", &error);
    if (testudo_progress_decodable(progress))
      break;
    pthread_cond_wait(&j->news, &j->lock);
  }
  j->closed = true;
}

/* Asks every worker whose message is useful; answers how many. The lock is held. */
static int32_t send_requests(job *j, testudo_codec *codec, const testudo_progress *progress)
{
  testudo_error error;
  int32_t asked = 0;
  for (int32_t w = 0; w < testudo_design_workers(j->design); w++) {
    testudo_request request;
    link_to_worker *link = &j->link[w];
    if (testudo_request_make(codec, progress, w, &request, &error) != TESTUDO_OK)
      stop("request", &error);
    if (request.chunks == 0) {
      link->signalled = 0; /* nothing more is wanted of it */
      continue;
    }
    link->length = testudo_request_bytes(&request);
    link->request = malloc(link->length);
    testudo_request_pack(&request, link->request);
    asked++;
  }
  pthread_cond_broadcast(&j->news);
  return asked;
}

static void wait_for_messages(job *j)
{
  for (int32_t w = 0; w < testudo_design_workers(j->design);)
    if (j->link[w].request != NULL && j->link[w].message == NULL)
      pthread_cond_wait(&j->news, &j->lock);
    else
      w++;
}

static double error_of(const testudo_design *design, const double *gradient)
{
  static double chunk[DIM], truth[DIM];
  double away = 0.0, size = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    compute_gradient(i, chunk);
    for (int k = 0; k < DIM; k++)
      truth[k] += chunk[k];
  }
  for (int k = 0; k < DIM; k++) {
    away = fmax(away, fabs(gradient[k] - truth[k]));
    size = fmax(size, fabs(truth[k]));
  }
  return away / size;
}

int main(int count, char **argument)
{
  testudo_error error;
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  static double gradient[DIM];
  if (count != 2)
    return EXIT_FAILURE;
  if (testudo_design_read(argument[1], &design, &error) != TESTUDO_OK ||
      testudo_progress_create(design, &progress, &error) != TESTUDO_OK ||
      testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, &error) != TESTUDO_OK)
    stop("design", &error);
  size_t workers = (size_t)testudo_design_workers(design);
  job j = {.design = design, .link = calloc(workers, sizeof *j.link)};
  worker *w = calloc(workers, sizeof *w);
  pthread_t *thread = calloc(workers, sizeof *thread);
  pthread_mutex_init(&j.lock, NULL);
  pthread_cond_init(&j.news, NULL);
  for (size_t k = 0; k < workers; k++) {
    w[k] = (worker){&j, (int32_t)k, k + 1 == workers ? 0.2 : 0.002};
    if (pthread_create(&thread[k], NULL, run_worker, &w[k]) != 0)
      return EXIT_FAILURE;
  }
  pthread_mutex_lock(&j.lock);
  collect_signals(&j, progress);
  int32_t asked = send_requests(&j, codec, progress);
  wait_for_messages(&j);
  pthread_mutex_unlock(&j.lock);
  const double **message = calloc(workers, sizeof *message);
  for (size_t k = 0; k < workers; k++)
    message[k] = j.link[k].message;
  if (testudo_decode_double(codec, progress, message, DIM, gradient, &error) != TESTUDO_OK)
    stop("decode", &error);
  double off = error_of(design, gradient);
  printf("decoded from %d of %d workers, off by %.1e; the slow one had done %d of %d steps\n", (int)asked, (int)workers,
         off, (int)testudo_progress_done(progress, (int32_t)workers - 1),
         (int)testudo_design_steps(design, (int32_t)workers - 1));
  for (size_t k = 0; k < workers; k++) {
    pthread_join(thread[k], NULL);
    free(j.link[k].request);
    free(j.link[k].message);
  }
  free(message);
  free(thread);
  free(w);
  free(j.link);
  pthread_cond_destroy(&j.news);
  pthread_mutex_destroy(&j.lock);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  return off < 1e-8 ? EXIT_SUCCESS : EXIT_FAILURE;
}
