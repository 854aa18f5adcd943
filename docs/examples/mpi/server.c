/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server: sends parameters out, marks what workers say, fixes the progress as soon as it is decodable (or at the
   deadline), asks for messages and decodes them, and takes a step of gradient descent. Workers that are silent for too
   long are lost: the job goes on while the others can be decoded, and says who is missing when they cannot. */
#define _POSIX_C_SOURCE 200809L
#include "job.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct trace_row {
  int64_t iteration;
  int32_t worker, step;
  bool censored;
  double seconds;
} trace_row;

typedef struct server {
  job *j;
  int32_t workers;
  testudo_progress *progress;
  outbox out;
  inbox in;               /* slot 2 k: signals of worker k, 2 k + 1: its message */
  double *heard;          /* when each worker last said something */
  bool *lost, *behind;    /* behind: has not been sent the newest parameters */
  bool *sent, *asked;     /* a request or stop word; a message is to come */
  int32_t lost_count, missing; /* messages that are still to come */
  bool open;              /* progress is being marked */
  int64_t version, iteration;
  char *messages;
  const void **message;   /* of each worker; NULL: none */
  double *w, *gradient, *direct, *chunk;
  void *decoded;
  unsigned char *request;
  double *seconds, *decodable; /* of every iteration, from sending the parameters out */
  double worst;           /* relative error of the gradients .. */
  double amplification;   /* .. and the most that the code may have magnified rounding; over all iterations */
  trace_row *row;
  size_t rows, row_room;
  double said;
  bool undecodable;       /* without those that are lost */
  const char *failure;
  char sentence[1024];
} server;

static volatile sig_atomic_t is_interrupted, is_warned;

static void interrupt(int signal_number)
{
  (void)signal_number;
  is_interrupted = 1;
}

/* After Ctrl-C mpirun sends SIGCONT, a second later SIGTERM, and SIGKILL with it: time enough to write what there
   is. */
static void warn(int signal_number)
{
  (void)signal_number;
  is_warned = 1;
}

static void write_files(server *s);

/* ---- what comes ---- */

static void keep_row(server *s, int32_t worker, const head *what)
{
  if (s->j->set.trace == NULL || what->kind == SIGNAL_ALIVE)
    return;
  if (s->rows == s->row_room) {
    size_t room = 2 * s->row_room + 1024;
    trace_row *more = realloc(s->row, room * sizeof *more);
    if (more == NULL) {
      s->failure = "not enough memory for the trace";
      return;
    }
    s->row = more;
    s->row_room = room;
  }
  bool stopped = what->kind == SIGNAL_STOPPED;
  s->row[s->rows++] = (trace_row){.iteration = what->iteration, .worker = worker, .censored = stopped,
                                  .step = stopped ? what->done : what->done - 1, .seconds = what->seconds};
}

static void fail_with(server *s, int32_t worker, const testudo_error *error)
{
  snprintf(s->sentence, sizeof s->sentence, "worker %d: %s", (int)worker, error->text);
  s->failure = s->sentence;
}

/* A request, or an empty one that says stop. */
static void send_request(server *s, int32_t worker)
{
  testudo_request request;
  testudo_error error;
  const head what = {.version = s->version, .iteration = s->iteration};
  if (testudo_request_make(s->j->codec, s->progress, worker, &request, &error) != TESTUDO_OK) {
    fail_with(s, worker, &error);
    return;
  }
  size_t length = request.chunks > 0 ? testudo_request_bytes(&request) : 0;
  s->sent[worker] = true;
  s->asked[worker] = length > 0;
  if (length > 0) {
    testudo_request_pack(&request, s->request);
    s->missing++;
  }
  if (!s->lost[worker] && !outbox_put(&s->out, worker + 1, TAG_REQUEST, &what, s->request, length))
    s->failure = "not enough memory";
}

/* Where prefixes are asked for, workers whose chunks are all done need not wait for the others. */
static void send_settled(server *s, int32_t worker)
{
  int32_t count;
  const int32_t *family = testudo_codec_family(s->j->codec, worker, &count);
  if (count > 0 && testudo_codec_settled(s->j->codec, s->progress, worker))
    for (int32_t k = 0; k < count; k++)
      send_request(s, family[k]);
}

static void take_signal(server *s, int32_t worker, const head *what)
{
  testudo_error error;
  keep_row(s, worker, what);
  if (!s->open || what->version != s->version || what->kind != SIGNAL_STEP || s->sent[worker] ||
      testudo_progress_decodable(s->progress))
    return;
  if (testudo_progress_mark(s->progress, worker, what->done, &error) != TESTUDO_OK)
    fail_with(s, worker, &error);
  else
    send_settled(s, worker);
  const head seen = {.version = s->version, .iteration = s->iteration, .done = what->done};
  if (testudo_codec_ahead(s->j->codec, worker) > 0 && !s->sent[worker] &&
      !outbox_put(&s->out, worker + 1, TAG_SEEN, &seen, NULL, 0))
    s->failure = "not enough memory";
}

static void take_message(server *s, int32_t worker, const head *what, const void *body, size_t length)
{
  job *j = s->j;
  if (what->version != s->version || !s->asked[worker] || length != j->message * j->number)
    return;
  char *to = s->messages + (size_t)worker * j->message * j->number;
  memcpy(to, body, length);
  s->message[worker] = to;
  s->asked[worker] = false;
  s->missing--;
}

static void send_parameters(server *s)
{
  const head what = {.version = s->version, .iteration = s->iteration};
  for (int32_t k = 0; k < s->workers; k++) {
    /* One at a time: who has not taken the last one gets the newest later. */
    if (s->lost[k] || !s->behind[k] || outbox_holds(&s->out, k + 1, TAG_PARAMETERS))
      continue;
    if (!outbox_put(&s->out, k + 1, TAG_PARAMETERS, &what, s->w, s->j->dim * sizeof *s->w))
      s->failure = "not enough memory";
    s->behind[k] = false;
  }
}

static void keep_alive(server *s)
{
  const head what = {.version = -1}; /* parameters of no version: a sign of life */
  s->said = MPI_Wtime();
  for (int32_t k = 0; k < s->workers; k++)
    if (!s->lost[k] && !outbox_holds(&s->out, k + 1, TAG_PARAMETERS) &&
        !outbox_put(&s->out, k + 1, TAG_PARAMETERS, &what, NULL, 0))
      s->failure = "not enough memory";
}

static void listen(server *s)
{
  size_t length;
  double now = MPI_Wtime();
  if (is_warned) {
    const char *failure = s->failure;
    is_warned = 0;
    write_files(s);
    s->failure = failure; /* the job goes on, and says so when it ends */
  }
  for (int slot; (slot = inbox_next(&s->in, &length)) >= 0; inbox_again(&s->in, slot)) {
    int32_t worker = slot / 2;
    if (s->lost[worker]) { /* it was slow, not dead */
      s->lost[worker] = false;
      s->lost_count--;
      s->behind[worker] = true;
    }
    s->heard[worker] = now;
    if (slot % 2 == 0)
      take_signal(s, worker, inbox_head(&s->in, slot));
    else
      take_message(s, worker, inbox_head(&s->in, slot), inbox_body(&s->in, slot), length);
  }
  outbox_sweep(&s->out);
  send_parameters(s);
  if (now - s->said > 1.0)
    keep_alive(s);
}

/* ---- who is lost ---- */

/* Could the others be decoded if they did all they have to do? */
static bool others_suffice(server *s)
{
  testudo_progress *all;
  testudo_error error;
  if (testudo_progress_create(s->j->design, &all, &error) != TESTUDO_OK)
    return false;
  for (int32_t k = 0; k < s->workers; k++)
    if (!s->lost[k] &&
        testudo_progress_mark(all, k, testudo_design_steps(s->j->design, k), &error) != TESTUDO_OK)
      break;
  bool suffice = testudo_progress_decodable(all);
  testudo_progress_free(all);
  return suffice;
}

static void name_the_lost(server *s)
{
  size_t used = (size_t)snprintf(s->sentence, sizeof s->sentence, "%s can no longer be decoded: silent for %g s:",
                                 testudo_scheme_name(testudo_design_scheme(s->j->design)), s->j->set.patience);
  for (int32_t k = 0; k < s->workers && used < sizeof s->sentence; k++)
    if (s->lost[k])
      used += (size_t)snprintf(s->sentence + used, sizeof s->sentence - used, " worker %d (rank %d)", (int)k,
                               (int)k + 1);
  s->failure = s->sentence;
  s->undecodable = true;
}

/* Answers whether a worker has been lost whose message was to come. */
static bool look_for_lost(server *s)
{
  bool was_asked = false;
  double now = MPI_Wtime();
  for (int32_t k = 0; k < s->workers; k++) {
    if (s->lost[k] || now - s->heard[k] <= s->j->set.patience)
      continue;
    s->lost[k] = true;
    s->lost_count++;
    was_asked = was_asked || s->asked[k];
    fprintf(stderr, "train: worker %d (rank %d) has been silent for %g s and is given up, in iteration %lld\n", (int)k,
            (int)k + 1, s->j->set.patience, (long long)s->iteration);
    if (s->j->set.deadline == 0.0 && !others_suffice(s))
      name_the_lost(s);
  }
  return was_asked;
}

/* ---- an iteration ---- */

static bool is_over(const server *s)
{
  return s->failure != NULL || is_interrupted;
}

/* False: a worker was lost that had been asked; all is computed again without it. */
static bool collect_signals(server *s, double began)
{
  double deadline = s->j->set.deadline;
  for (listen(s); !is_over(s) && !testudo_progress_decodable(s->progress); listen(s)) {
    if (deadline > 0.0 && MPI_Wtime() - began >= deadline)
      break;
    if (look_for_lost(s))
      return false;
    sleep_for(s->j->set.poll);
  }
  return true;
}

/* To everyone who has not had one. */
static void send_requests(server *s)
{
  s->open = false;
  for (int32_t k = 0; k < s->workers && s->failure == NULL; k++)
    if (!s->sent[k])
      send_request(s, k);
}

static void begin_version(server *s)
{
  testudo_progress_reset(s->progress);
  s->version++;
  s->open = true;
  s->missing = 0;
  for (int32_t k = 0; k < s->workers; k++) {
    s->behind[k] = true;
    s->sent[k] = s->asked[k] = false;
    s->message[k] = NULL;
  }
}

/* False as above. */
static bool collect_messages(server *s)
{
  for (listen(s); !is_over(s) && s->missing > 0; listen(s)) {
    if (look_for_lost(s))
      return false;
    sleep_for(s->j->set.poll);
  }
  return true;
}

static void decode(server *s)
{
  job *j = s->j;
  testudo_error error;
  bool approximate = j->set.deadline > 0.0 || j->set.decoder != TESTUDO_DECODER_EXACT;
  testudo_status status;
  if (j->set.doubles)
    status = (approximate ? testudo_decode_approximate_double : testudo_decode_double)(
        s->j->codec, s->progress, (const double *const *)s->message, j->dim, s->decoded, &error);
  else
    status = (approximate ? testudo_decode_approximate_float : testudo_decode_float)(
        s->j->codec, s->progress, (const float *const *)s->message, j->dim, s->decoded, &error);
  if (status != TESTUDO_OK) {
    snprintf(s->sentence, sizeof s->sentence, "%s", error.text);
    s->failure = s->sentence;
    return;
  }
  for (size_t k = 0; k < j->dim; k++)
    s->gradient[k] = j->set.doubles ? ((double *)s->decoded)[k] : (double)((float *)s->decoded)[k];
}

static double norm_of(const double *x, size_t dim)
{
  double sum = 0.0;
  for (size_t k = 0; k < dim; k++)
    sum += x[k] * x[k];
  return sqrt(sum);
}

/* The decoded gradient against the sum over all chunks, computed here: how far away it is, over the sum of the chunks'
   norms. (Near an optimum the gradient is a small difference of large chunks, and any sum of floats is far from it when
   measured by its own norm.) */
static void compare(server *s)
{
  job *j = s->j;
  double size = 0.0, amplification;
  testudo_error error;
  memset(s->direct, 0, j->dim * sizeof *s->direct);
  for (int32_t chunk = 0; chunk < testudo_design_chunks(j->design); chunk++) {
    memset(s->chunk, 0, j->dim * sizeof *s->chunk);
    for (int32_t from = j->first[chunk], until = j->first[chunk + 1], slice = 4096; from < until; from += slice) {
      job_add_gradient(j, s->w, from, until - from < slice ? until - from : slice, s->chunk);
      listen(s); /* so that nobody takes it for dead */
    }
    size += norm_of(s->chunk, j->dim);
    for (size_t k = 0; k < j->dim; k++)
      s->direct[k] += s->chunk[k];
  }
  for (size_t k = 0; k < j->dim; k++)
    s->direct[k] -= s->gradient[k];
  s->worst = fmax(s->worst, size > 0.0 ? norm_of(s->direct, j->dim) / size : norm_of(s->direct, j->dim));
  if (testudo_amplification(j->codec, s->progress, &amplification, NULL, &error) == TESTUDO_OK)
    s->amplification = fmax(s->amplification, amplification);
}

static void iterate(server *s)
{
  bool whole;
  double began = MPI_Wtime();
  do {
    begin_version(s);
    whole = collect_signals(s, began);
    if (is_over(s))
      return;
    if (!whole)
      continue;
    s->decodable[s->iteration] = MPI_Wtime() - began;
    send_requests(s);
    whole = collect_messages(s);
    if (is_over(s))
      return;
  } while (!whole);
  decode(s);
  if (is_over(s))
    return;
  s->seconds[s->iteration] = MPI_Wtime() - began;
  if (s->j->set.check)
    compare(s);
  for (size_t k = 0; k < s->j->dim; k++)
    s->w[k] -= s->j->set.step * s->gradient[k];
}

/* ---- what is written ---- */

static int by_place(const void *a, const void *b)
{
  const trace_row *x = a, *y = b;
  if (x->iteration != y->iteration)
    return x->iteration < y->iteration ? -1 : 1;
  if (x->worker != y->worker)
    return x->worker < y->worker ? -1 : 1;
  return x->step < y->step ? -1 : x->step > y->step;
}

/* What `print` prints, into a file; without a name there is none. Whoever is killed on the way leaves the file that was
   there before. */
static void write_file(server *s, const char *path, void (*print)(const server *s, FILE *file))
{
  struct stat there;
  if (path == NULL)
    return;
  bool plain = lstat(path, &there) != 0 || S_ISREG(there.st_mode); /* through a link, or into a pipe, as it is */
  size_t room = strlen(path) + sizeof ".part";
  char *part = malloc(room);
  if (part != NULL)
    snprintf(part, room, "%s%s", path, plain ? ".part" : "");
  FILE *file = part == NULL ? NULL : fopen(part, "w");
  bool whole = file != NULL;
  if (whole) {
    print(s, file);
    whole = ferror(file) == 0;
    whole = fclose(file) == 0 && whole;
    whole = whole && (!plain || rename(part, path) == 0);
    if (!whole && plain)
      remove(part);
  }
  free(part);
  if (whole)
    return;
  snprintf(s->sentence, sizeof s->sentence, "%s %s", path,
           file == NULL ? "cannot be written" : "could not be written whole");
  s->failure = s->sentence;
}

static void print_trace(const server *s, FILE *file)
{
  qsort(s->row, s->rows, sizeof *s->row, by_place);
  bool censored = false;
  for (size_t k = 0; k < s->rows; k++)
    censored = censored || s->row[k].censored;
  fprintf(file, "worker,iteration,chunk,seconds%s\n", censored ? ",censored" : "");
  for (size_t k = 0; k < s->rows; k++) {
    const trace_row *r = &s->row[k];
    if (r->iteration < s->iteration) /* whole iterations only */
      fprintf(file, "%d,%lld,%d,%.9g%s\n", (int)r->worker, (long long)r->iteration, (int)r->step,
              fmax(r->seconds, 1e-9), !censored ? "" : r->censored ? ",1" : ",0");
  }
}

static void print_drawn(const server *s, FILE *file)
{
  fprintf(file, "worker,iteration,chunk,seconds\n");
  for (int64_t i = 0; i < s->iteration; i++)
    for (int32_t k = 0; k < s->workers; k++)
      for (int32_t c = 0; c < testudo_design_load(s->j->design, k); c++)
        fprintf(file, "%d,%lld,%d,%.12g\n", (int)k, (long long)i, (int)c, job_delay(s->j, i, k, c));
}

static void print_times(const server *s, FILE *file)
{
  fprintf(file, "iteration,decodable,seconds\n");
  for (int64_t i = 0; i < s->iteration; i++)
    fprintf(file, "%lld,%.9g,%.9g\n", (long long)i, s->decodable[i], s->seconds[i]);
}

static void write_files(server *s)
{
  write_file(s, s->j->set.trace, print_trace);
  write_file(s, s->j->set.drawn, print_drawn);
  write_file(s, s->j->set.times, print_times);
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void show(const char *key, double number)
{
  if (isfinite(number))
    printf(",\"%s\":%.9g", key, number);
  else
    printf(",\"%s\":null", key);
}

/* One line of JSON. Times are from sending the parameters out until the gradient is decoded. */
static void report(server *s)
{
  job *j = s->j;
  double n = (double)s->iteration, mean = 0.0, decodable = 0.0, square = 0.0;
  for (int64_t i = 0; i < s->iteration; i++) {
    mean += s->seconds[i] / n;
    decodable += s->decodable[i] / n;
  }
  for (int64_t i = 0; i < s->iteration; i++)
    square += (s->seconds[i] - mean) * (s->seconds[i] - mean);
  qsort(s->seconds, (size_t)s->iteration, sizeof *s->seconds, ascending);
  printf("{\"iterations\":%lld,\"scheme\":\"%s\",\"workers\":%d,\"dim\":%zu", (long long)s->iteration,
         testudo_scheme_name(testudo_design_scheme(j->design)), (int)s->workers, j->dim);
  show("max_rel_error", j->set.check && n > 0 ? s->worst : NAN);
  show("amplification", j->set.check && n > 0 ? s->amplification : NAN);
  show("mean_seconds", n > 0 ? mean : NAN);
  show("stderr_seconds", n > 1 ? sqrt(square / (n - 1.0) / n) : NAN);
  show("q90", n > 0 ? s->seconds[(int64_t)ceil(0.9 * n) - 1] : NAN);
  show("mean_decodable", n > 0 ? decodable : NAN);
  show("kept", j->streams ? testudo_stream_sums(j->codec) : testudo_design_max_load(j->design));
  show("loss", testudo_problem_loss(j->problem, j->work, s->w));
  show("accuracy", testudo_problem_accuracy(j->problem, j->work, s->w));
  printf(",\"lost\":[");
  for (int32_t k = 0, shown = 0; k < s->workers; k++)
    if (s->lost[k])
      printf("%s%d", shown++ > 0 ? "," : "", (int)k);
  printf("]}\n");
  fflush(stdout);
}

/* ---- the whole ---- */

static bool server_make(server *s, testudo_error *error)
{
  job *j = s->j;
  size_t m = (size_t)s->workers, n = (size_t)j->set.iterations;
  if (testudo_progress_create(j->design, &s->progress, error) != TESTUDO_OK)
    return false;
  snprintf(error->text, sizeof error->text, "not enough memory");
  s->heard = calloc(m, sizeof *s->heard);
  s->lost = calloc(m, sizeof *s->lost);
  s->behind = calloc(m, sizeof *s->behind);
  s->sent = calloc(m, sizeof *s->sent);
  s->asked = calloc(m, sizeof *s->asked);
  s->messages = calloc(m * j->message, j->number);
  s->message = calloc(m, sizeof *s->message);
  s->w = calloc(j->dim, sizeof *s->w);
  s->gradient = calloc(j->dim, sizeof *s->gradient);
  s->direct = calloc(j->dim, sizeof *s->direct);
  s->chunk = calloc(j->dim, sizeof *s->chunk);
  s->decoded = calloc(j->dim, sizeof(double));
  s->request = calloc(testudo_request_bytes_most(s->j->codec), 1);
  s->seconds = calloc(n, sizeof *s->seconds);
  s->decodable = calloc(n, sizeof *s->decodable);
  if (s->heard == NULL || s->lost == NULL || s->behind == NULL || s->sent == NULL || s->asked == NULL ||
      s->messages == NULL || s->message == NULL || s->w == NULL || s->gradient == NULL || s->direct == NULL ||
      s->chunk == NULL || s->decoded == NULL || s->request == NULL || s->seconds == NULL || s->decodable == NULL ||
      !inbox_make(&s->in, 2 * s->workers))
    return false;
  for (int32_t k = 0; k < s->workers; k++) {
    s->heard[k] = MPI_Wtime();
    if (!inbox_open(&s->in, 2 * k, k + 1, TAG_SIGNAL, 0) ||
        !inbox_open(&s->in, 2 * k + 1, k + 1, TAG_MESSAGE, j->message * j->number))
      return false;
  }
  return true;
}

static void dismiss(server *s)
{
  const head what = {.lost = s->lost_count};
  for (int32_t k = 0; k < s->workers; k++)
    if (!s->lost[k])
      (void)outbox_put(&s->out, k + 1, TAG_END, &what, NULL, 0);
  outbox_empty(&s->out, 1.0);
}

static void server_free(server *s)
{
  testudo_progress_free(s->progress);
  free(s->row);
  free(s->seconds);
  free(s->decodable);
  free(s->w);
  free(s->gradient);
  free(s->direct);
  free(s->chunk);
  free(s->decoded);
  free(s->request);
}

int serve(job *j, bool *orderly)
{
  testudo_error error = {.text = ""};
  server s = {.j = j, .workers = testudo_design_workers(j->design), .version = -1, .said = MPI_Wtime()};
  *orderly = false;
  if (!server_make(&s, &error)) {
    fprintf(stderr, "train: %s\n", error.text);
    return TESTUDO_ERROR_SYSTEM;
  }
  signal(SIGINT, interrupt);
  signal(SIGTERM, interrupt);
  sigaction(SIGCONT, &(struct sigaction){.sa_handler = warn, .sa_flags = SA_RESTART}, NULL);
  for (; s.iteration < j->set.iterations && !is_over(&s); s.iteration += is_over(&s) ? 0 : 1) {
    if (j->set.fail_rank == 0 && s.iteration == j->set.fail_iteration)
      raise(SIGKILL);
    iterate(&s);
    if (!j->set.quiet && s.iteration % 100 == 99)
      fprintf(stderr, "train: iteration %lld of %d\n", (long long)s.iteration + 1, (int)j->set.iterations);
  }
  write_files(&s);
  dismiss(&s);
  if (s.failure != NULL)
    fprintf(stderr, "train: %s\n", s.failure);
  report(&s);
  *orderly = s.lost_count == 0;
  server_free(&s);
  if (s.undecodable)
    return 1;
  return s.failure != NULL ? TESTUDO_ERROR_SYSTEM : is_interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}
