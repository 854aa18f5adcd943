/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data and their chunks, gradients, and the delays that are put in. */
#define _POSIX_C_SOURCE 200809L
#include "job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* In mirrored pairs: so many chunks go on while a signal and the answer to it are on their way. */
enum { AHEAD = 3 };

static testudo_status read_data(job *j, testudo_error *error)
{
  const settings *s = &j->set;
  if (s->libsvm != NULL)
    return testudo_data_read_libsvm(s->libsvm, TESTUDO_LABELS_CLASSES, 0, &j->data, error);
  if (s->csv != NULL)
    return testudo_data_read_csv(s->csv, TESTUDO_LABELS_CLASSES, s->label, &j->data, error);
  const testudo_synthetic synthetic = {.samples = s->samples, .features = s->features, .classes = s->classes,
                                       .condition = 10.0, .axis = true, .signal = 1.0, .seed = s->seed};
  return testudo_data_make(&synthetic, &j->data, error);
}

static testudo_status make(job *j, testudo_error *error)
{
  testudo_status status = testudo_design_read(j->set.design, &j->design, error);
  if (status == TESTUDO_OK)
    status = j->set.prefixes ? testudo_codec_create_prefix(j->design, AHEAD, &j->codec, error)
                             : testudo_codec_create(j->design, j->set.decoder, &j->codec, error);
  if (status == TESTUDO_OK && j->set.delay != NULL)
    status = testudo_law_parse(j->set.delay, &j->law, error);
  if (status == TESTUDO_OK)
    status = read_data(j, error);
  if (status != TESTUDO_OK)
    return status;
  const testudo_split split = {.shards = testudo_design_chunks(j->design), .seed = j->set.seed};
  j->first = calloc((size_t)split.shards + 1, sizeof *j->first);
  if (j->first == NULL)
    return TESTUDO_ERROR_SYSTEM;
  if (j->data->samples < split.shards) {
    snprintf(error->text, sizeof error->text, "%d samples for %d chunks; each chunk needs one at least",
             (int)j->data->samples, (int)split.shards);
    return TESTUDO_ERROR_ARGUMENT;
  }
  status = testudo_data_split(j->data, &split, j->first, error);
  if (status == TESTUDO_OK)
    status = testudo_problem_create(j->data, j->data->classes > 2 ? TESTUDO_LOSS_SOFTMAX : TESTUDO_LOSS_LOGISTIC, 0.0,
                                    &j->problem, error);
  if (status == TESTUDO_OK)
    status = testudo_problem_work_create(j->problem, &j->work, error);
  return status;
}

bool job_make(job *j, char *error, size_t room)
{
  testudo_error why = {.text = "not enough memory"};
  if (make(j, &why) == TESTUDO_OK) {
    bool blocks = testudo_design_block_work(j->design) != NULL;
    j->dim = testudo_problem_dim(j->problem);
    j->message = testudo_message_length(j->design, j->dim);
    j->number = j->set.doubles ? sizeof(double) : sizeof(float);
    /* At a deadline the server may ask for less than has been added since. */
    j->streams = j->set.deadline == 0.0 && testudo_stream_sums(j->codec) > 0;
    j->piece = malloc(j->dim * sizeof *j->piece);
    if (j->dim > INT32_MAX / 16)
      snprintf(why.text, sizeof why.text, "gradients of %zu numbers; at most %d go into a message", j->dim,
               INT32_MAX / 16);
    else if (blocks && j->set.structure != TESTUDO_STRUCTURE_SCALED)
      snprintf(why.text, sizeof why.text, "blocks of a block design are done one after another of the same chunks:"
               " --structure must be scaled");
    else if (blocks && j->set.drawn != NULL)
      snprintf(why.text, sizeof why.text, "--drawn: no chunk of a block design is done as a whole");
    else if (j->piece != NULL)
      return true;
  }
  snprintf(error, room, "%s", why.text);
  return false;
}

void job_free(job *j)
{
  free(j->piece);
  free(j->first);
  free(j->set.slow);
  testudo_problem_work_free(j->work);
  testudo_problem_free(j->problem);
  testudo_data_free(j->data);
  testudo_law_free(j->law);
  testudo_codec_free(j->codec);
  testudo_design_free(j->design);
}

void job_add_gradient(job *j, const double *w, int32_t from, int32_t count, double *sum)
{
  double part = (double)count / testudo_problem_samples(j->problem);
  testudo_problem_gradient_range(j->problem, j->work, w, from, count, j->piece); /* their mean */
  for (size_t k = 0; k < j->dim; k++)
    sum[k] += part * j->piece[k];
}

/* A number in (0, 1) for each (seed, iteration, worker, step): SplitMix64 (Steele, Lea, Flood 2014), over one after the
   other. */
static double uniform(uint64_t seed, int64_t iteration, int32_t worker, int32_t step)
{
  const uint64_t word[] = {seed, (uint64_t)iteration, (uint64_t)worker, (uint64_t)step};
  uint64_t x = 0;
  for (size_t k = 0; k < sizeof word / sizeof *word; k++) {
    x += word[k] + UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
  }
  return ((double)(x >> 12) + 0.5) * 0x1p-52;
}

/* In chunks. */
static double step_work(const job *j, int32_t step)
{
  const double *until = testudo_design_block_work(j->design);
  return until == NULL ? 1.0 : step == 0 ? until[0] : until[step] - until[step - 1];
}

double job_delay(const job *j, int64_t iteration, int32_t worker, int32_t step)
{
  if (j->law == NULL)
    return 0.0;
  int32_t chunks = testudo_design_chunks(j->design), workers = testudo_design_workers(j->design);
  double part = j->set.unit == TESTUDO_UNIT_SHARE ? (double)workers / chunks : 1.0;
  bool once = j->set.structure == TESTUDO_STRUCTURE_SCALED;
  double x = testudo_law_quantile(j->law, uniform(j->set.seed, iteration, worker, once ? 0 : step));
  return step_work(j, step) * part * x * settings_slow(&j->set, worker);
}

int32_t job_chunks_until(const job *j, int32_t step)
{
  int32_t count;
  return testudo_design_block_work(j->design) == NULL ? step + 1
                                                       : testudo_design_tolerances(j->design, &count)[step] + 1;
}

void sleep_for(double seconds)
{
  if (seconds <= 0.0)
    return;
  struct timespec time = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
  nanosleep(&time, NULL);
}
