/* SPDX-License-Identifier: BSD-3-Clause */
/* Compressed gradient coding with error feedback (COCO-EF): descent on a least-squares loss, the workers as threads. A
   worker sends an eighth of its numbers, keeps what it dropped, and adds it to its next message; where it straggles,
   nothing is sent and nothing forgotten.

       cc compressed.c $(pkg-config --cflags --libs testudo-runtime) -pthread -lm -o compressed
       ./compressed design.json [top-k|grouped-sign|none]

   It applies to designs of scheme partial with 1 part. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/compress.h>
#include <testudo/runtime.h>

enum { DIM = 64, ITERATIONS = 600 };

static const double straggle_prob = 0.2;

/* What stands between the server and one worker; in a cluster, a connection. The last four say in how many iterations
   so far it has come to that. */
typedef struct link_to_worker {
  bool straggles;         /* its signal comes too late for this iteration */
  unsigned char *request; /* of the server */
  size_t length;
  unsigned char *message; /* of the worker */
  int signalled, answered, sent, arrived;
} link_to_worker;

typedef struct job {
  const testudo_design *design;
  const testudo_compressor *compressor;
  pthread_mutex_t lock;
  pthread_cond_t news;
  link_to_worker *link;
  int iteration;          /* the parameters are those of so many updates */
  double parameters[DIM];
} job;

typedef struct worker {
  job *of;
  int32_t number;
} worker;

static void stop(const char *what, const testudo_error *error)
{
  fprintf(stderr, "compressed: %s: %s\n", what, error->text);
  exit(EXIT_FAILURE);
}

static double optimum(int k)
{
  return cos(0.7 * k) + 0.1 * k;
}

/* Chunk i's loss is 1/2 sum_k a_ik (w_k - optimum_k)^2, a_ik around 1. */
static void compute_gradient(const double *parameters, int32_t chunk, double *gradient)
{
  for (int k = 0; k < DIM; k++)
    gradient[k] = (1.0 + 0.5 * sin(1.3 * chunk + k)) * (parameters[k] - optimum(k));
}

/* A fifth of the workers, others in every iteration. */
static bool is_straggling(int32_t number, int iteration)
{
  unsigned mixed = 2654435761u * (unsigned)(number + 1) + 2246822519u * (unsigned)iteration;
  mixed = (mixed ^ mixed >> 15) * 2246822519u;
  mixed = (mixed ^ mixed >> 13) * 3266489917u;
  return (mixed ^ mixed >> 16) % 1000 < 1000 * straggle_prob;
}

/* Waits until *count reaches the iteration. The lock is held. */
static void wait_for(job *j, const int *count, int iteration)
{
  while (*count < iteration)
    pthread_cond_wait(&j->news, &j->lock);
}

/* Says that *count has reached the iteration. The lock is held. */
static void announce(job *j, int *count, int iteration)
{
  *count = iteration;
  pthread_cond_broadcast(&j->news);
}

/* ---- a worker ---- */

typedef struct tools {
  testudo_codec *codec;
  testudo_feedback *feedback;
  double *numbers;         /* gradients of its chunks */
  const double **gradient;
  double coded[DIM];
} tools;

static tools open_tools(const worker *w)
{
  testudo_error error;
  tools t = {0};
  size_t load = (size_t)testudo_design_load(w->of->design, w->number);
  if (testudo_codec_create_stochastic(w->of->design, straggle_prob, &t.codec, &error) != TESTUDO_OK ||
      testudo_feedback_create_double(w->of->compressor, &t.feedback, &error) != TESTUDO_OK)
    stop("worker", &error);
  t.numbers = malloc((load + 1) * DIM * sizeof *t.numbers);
  t.gradient = malloc((load + 1) * sizeof *t.gradient);
  for (size_t k = 0; k < load; k++)
    t.gradient[k] = t.numbers + k * DIM;
  return t;
}

static void close_tools(tools *t)
{
  testudo_codec_free(t->codec);
  testudo_feedback_free(t->feedback);
  free(t->numbers);
  free(t->gradient);
}

/* Encodes as the request says, and compresses with what earlier messages left out. */
static void make_message(const worker *w, tools *t)
{
  link_to_worker *link = &w->of->link[w->number];
  testudo_error error;
  testudo_request request;
  double step = 0.05 / testudo_design_chunks(w->of->design);
  if (testudo_request_unpack(t->codec, link->request, link->length, &request, &error) != TESTUDO_OK ||
      testudo_encode_double(t->codec, &request, t->gradient, DIM, t->coded, &error) != TESTUDO_OK ||
      testudo_compress_with_memory_double(t->feedback, NULL, step, t->coded, link->message, &error) != TESTUDO_OK)
    stop("message", &error);
}

static void *run_worker(void *context)
{
  worker *w = context;
  job *j = w->of;
  link_to_worker *link = &j->link[w->number];
  testudo_error error;
  tools t = open_tools(w);
  for (int i = 1; i <= ITERATIONS; i++) {
    pthread_mutex_lock(&j->lock);
    wait_for(j, &j->iteration, i);
    pthread_mutex_unlock(&j->lock);
    for (int32_t k = 0; k < testudo_design_load(j->design, w->number); k++)
      compute_gradient(j->parameters, testudo_design_order(j->design, w->number)[k], t.numbers + k * DIM);
    pthread_mutex_lock(&j->lock);
    link->straggles = is_straggling(w->number, i);
    announce(j, &link->signalled, i);
    wait_for(j, &link->answered, i);
    if (link->length > 0) {
      pthread_mutex_unlock(&j->lock);
      make_message(w, &t);
      pthread_mutex_lock(&j->lock);
      announce(j, &link->sent, i);
      wait_for(j, &link->arrived, i);
      if (testudo_feedback_arrived(t.feedback, &error) != TESTUDO_OK)
        stop("feedback", &error);
    }
    pthread_mutex_unlock(&j->lock);
  }
  close_tools(&t);
  return NULL;
}

/* ---- the server ---- */

/* At the deadline: whoever has finished is asked for its message. The lock is held. */
static void ask(job *j, testudo_codec *codec, testudo_progress *progress, int iteration)
{
  testudo_error error;
  int32_t workers = testudo_design_workers(j->design);
  testudo_progress_reset(progress);
  for (int32_t w = 0; w < workers; w++) {
    wait_for(j, &j->link[w].signalled, iteration);
    int32_t done = j->link[w].straggles ? 0 : testudo_design_steps(j->design, w);
    if (testudo_progress_mark(progress, w, done, &error) != TESTUDO_OK)
      stop("mark", &error);
  }
  for (int32_t w = 0; w < workers; w++) {
    testudo_request request;
    if (testudo_request_make(codec, progress, w, &request, &error) != TESTUDO_OK)
      stop("request", &error);
    j->link[w].length = request.chunks == 0 ? 0 : testudo_request_bytes(&request);
    if (request.chunks > 0)
      testudo_request_pack(&request, j->link[w].request);
    announce(j, &j->link[w].answered, iteration);
  }
}

/* Decompresses what comes in, and says so; answers the bytes. The lock is held. */
static size_t collect(job *j, double **message, int iteration)
{
  testudo_error error;
  size_t length = testudo_compressor_bytes_double(j->compressor), bytes = 0;
  for (int32_t w = 0; w < testudo_design_workers(j->design); w++) {
    link_to_worker *link = &j->link[w];
    if (link->length == 0)
      continue;
    wait_for(j, &link->sent, iteration);
    if (testudo_decompress_double(j->compressor, link->message, length, message[w], &error) != TESTUDO_OK)
      stop("decompress", &error);
    announce(j, &link->arrived, iteration);
    bytes += length;
  }
  return bytes;
}

/* All iterations; answers the bytes of all messages. */
static size_t descend(job *j, testudo_codec *codec, testudo_progress *progress, double **message)
{
  testudo_error error;
  double update[DIM];
  size_t bytes = 0;
  pthread_mutex_lock(&j->lock);
  for (int i = 1; i <= ITERATIONS; i++) {
    announce(j, &j->iteration, i);
    ask(j, codec, progress, i);
    bytes += collect(j, message, i);
    if (testudo_decode_approximate_double(codec, progress, (const double *const *)message, DIM, update, &error) !=
        TESTUDO_OK)
      stop("decode", &error);
    for (int k = 0; k < DIM; k++)
      j->parameters[k] -= update[k];
  }
  pthread_mutex_unlock(&j->lock);
  return bytes;
}

static double distance(const double *parameters)
{
  double square = 0.0;
  for (int k = 0; k < DIM; k++)
    square += (parameters[k] - optimum(k)) * (parameters[k] - optimum(k));
  return sqrt(square);
}

static testudo_compressor *compressor_named(const char *name)
{
  testudo_error error;
  testudo_compressor *compressor;
  testudo_compressor_kind kind = TESTUDO_COMPRESSOR_TOP_K;
  if (strcmp(name, "grouped-sign") == 0)
    kind = TESTUDO_COMPRESSOR_GROUPED_SIGN;
  if (strcmp(name, "none") == 0)
    kind = TESTUDO_COMPRESSOR_NONE;
  if (testudo_compressor_create(kind, DIM, kind == TESTUDO_COMPRESSOR_NONE ? 0 : 8, &compressor, &error) != TESTUDO_OK)
    stop("compressor", &error);
  return compressor;
}

int main(int count, char **argument)
{
  testudo_error error;
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  if (count != 2 && count != 3)
    return EXIT_FAILURE;
  if (testudo_design_read(argument[1], &design, &error) != TESTUDO_OK ||
      testudo_progress_create(design, &progress, &error) != TESTUDO_OK ||
      testudo_codec_create_stochastic(design, straggle_prob, &codec, &error) != TESTUDO_OK)
    stop("design", &error);
  testudo_compressor *compressor = compressor_named(count == 3 ? argument[2] : "top-k");
  size_t workers = (size_t)testudo_design_workers(design);
  job j = {.design = design, .compressor = compressor, .link = calloc(workers, sizeof *j.link)};
  worker *w = calloc(workers, sizeof *w);
  pthread_t *thread = calloc(workers, sizeof *thread);
  double **message = calloc(workers, sizeof *message), before = distance(j.parameters);
  pthread_mutex_init(&j.lock, NULL);
  pthread_cond_init(&j.news, NULL);
  for (size_t k = 0; k < workers; k++) {
    w[k] = (worker){&j, (int32_t)k};
    j.link[k].request = malloc(testudo_request_bytes_most(codec));
    j.link[k].message = malloc(testudo_compressor_bytes_double(compressor));
    message[k] = malloc(DIM * sizeof **message);
    if (pthread_create(&thread[k], NULL, run_worker, &w[k]) != 0)
      return EXIT_FAILURE;
  }
  size_t bytes = descend(&j, codec, progress, message);
  for (size_t k = 0; k < workers; k++) {
    pthread_join(thread[k], NULL);
    free(j.link[k].request);
    free(j.link[k].message);
    free(message[k]);
  }
  double left = distance(j.parameters) / before;
  printf("%s: %d iterations, %zu bytes; the distance to the optimum fell to %.1e\n",
         testudo_compressor_name(testudo_compressor_kind_of(compressor)), ITERATIONS, bytes, left);
  free(message);
  free(thread);
  free(w);
  free(j.link);
  pthread_cond_destroy(&j.news);
  pthread_mutex_destroy(&j.lock);
  testudo_compressor_free(compressor);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  return left < 1e-6 ? EXIT_SUCCESS : EXIT_FAILURE;
}
