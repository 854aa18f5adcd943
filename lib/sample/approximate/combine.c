/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample/approximate/combine.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>

#include "base/error.h"
#include "base/memory.h"
#include "parallel/loop.h"
#include "sample/decode.h"
#include "sample/draw.h"

/* One thread's place: a server and its workers. */
typedef struct bench {
  testudo_i_failures failures;
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_combiner *combiner;
  double *time;
  double *gradient, *message;           /* chunks x dim, workers x dim */
  double *truth, *promised, *estimate;  /* dim */
  double *coefficient;                  /* of every worker's chunks, in the order of the design's rows */
  const double **of_chunk, **of_worker; /* max load, workers */
  testudo_decode_report report;
  testudo_error error;
} bench;

typedef struct rig {
  const testudo_i_plan *plan;
  const testudo_simulation_options *options;
  double share;
  bench *thread;
  double *square; /* one a trial and deadline: ||estimate - gradient||^2 / dim */
} rig;

static void bench_clear(bench *b)
{
  testudo_i_failures_clear(&b->failures);
  testudo_progress_free(b->progress);
  testudo_codec_free(b->codec);
  testudo_combiner_free(b->combiner);
  free(b->time);
  free(b->gradient);
  free(b->message);
  free(b->truth);
  free(b->promised);
  free(b->estimate);
  free(b->coefficient);
  free(b->of_chunk);
  free(b->of_worker);
}

static testudo_status allocate(bench *b, const testudo_i_plan *plan, size_t dim, testudo_error *error)
{
  const testudo_design *design = plan->design;
  size_t chunks = (size_t)testudo_design_chunks(design), workers = (size_t)testudo_design_workers(design), entries = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    entries += (size_t)testudo_design_load(design, j);
  struct { double **array; size_t count, each; } wanted[] = {
      {&b->time, (size_t)plan->slots, 1}, {&b->gradient, chunks, dim}, {&b->message, workers, dim},
      {&b->truth, 1, dim}, {&b->promised, 1, dim}, {&b->estimate, 1, dim}, {&b->coefficient, entries, 1}};
  for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
    *wanted[k].array =
        wanted[k].each > SIZE_MAX / sizeof(double) ? NULL
                                                   : testudo_i_alloc(wanted[k].count, wanted[k].each * sizeof(double));
    if (*wanted[k].array == NULL)
      return testudo_i_fail_memory(error);
  }
  b->of_chunk = testudo_i_alloc((size_t)testudo_design_max_load(design), sizeof *b->of_chunk);
  b->of_worker = testudo_i_alloc(workers, sizeof *b->of_worker);
  return b->of_chunk == NULL || b->of_worker == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

static testudo_status bench_make(bench *b, const testudo_i_plan *plan, int64_t dim, testudo_error *error)
{
  const testudo_design *design = plan->design;
  testudo_status status = testudo_i_failures_make(&b->failures, testudo_design_workers(design), error);
  if (status == TESTUDO_OK)
    status = testudo_progress_create(design, &b->progress, error);
  if (status == TESTUDO_OK)
    status = testudo_codec_create(design, &b->codec, error);
  if (status == TESTUDO_OK)
    status = testudo_combiner_create(design, plan->decoder, &b->combiner, error);
  if (status == TESTUDO_OK)
    status = allocate(b, plan, (size_t)dim, error);
  double *coefficient = b->coefficient;
  for (int32_t j = 0; status == TESTUDO_OK && j < testudo_design_workers(design); j++) {
    status = testudo_combiner_coefficients(b->combiner, j, coefficient, error);
    coefficient += testudo_design_load(design, j);
  }
  return status;
}

/* Those that finish by t and have not been marked send their message. */
static testudo_status take_messages(const rig *r, bench *b, double t)
{
  const testudo_design *design = r->plan->design;
  size_t dim = (size_t)r->options->dim;
  const double *coefficient = b->coefficient;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int32_t load = testudo_design_load(design, j);
    const double *row = coefficient;
    coefficient += load;
    if (load == 0 || testudo_progress_done(b->progress, j) == load ||
        !(testudo_i_time_of(r->plan, b->time, 1, 0, j, load) <= t))
      continue;
    for (int32_t k = 0; k < load; k++)
      b->of_chunk[k] = b->gradient + (size_t)testudo_design_order(design, j)[k] * dim;
    double *message = b->message + (size_t)j * dim;
    testudo_status status = testudo_encode_double(b->codec, j, load, row, b->of_chunk, dim, message, &b->error);
    if (status == TESTUDO_OK)
      status = testudo_progress_mark(b->progress, j, load, &b->error);
    if (status != TESTUDO_OK)
      return status;
    b->of_worker[j] = message;
  }
  return TESTUDO_OK;
}

/* promised = sum_i c_i g_i, chunk by chunk; answers ||weights||. */
static double promise(const rig *r, bench *b, const double *weight)
{
  const testudo_design *design = r->plan->design;
  size_t dim = (size_t)r->options->dim;
  bool one_step = r->plan->decoder == TESTUDO_DECODER_ONE_STEP;
  double square = 0.0;
  memset(b->promised, 0, dim * sizeof *b->promised);
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    double c = 0.0;
    int32_t copies = testudo_design_replication(design, i);
    for (int32_t h = 0; h < copies; h++)
      c += weight[testudo_design_holders(design, i)[h]];
    c = one_step ? c / copies : c;
    for (size_t k = 0; k < dim; k++)
      b->promised[k] += c * b->gradient[(size_t)i * dim + k];
  }
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    square += weight[j] * weight[j];
  return sqrt(square);
}

static double distance(const double *x, const double *y, size_t dim)
{
  double square = 0.0;
  for (size_t k = 0; k < dim; k++)
    square += (x[k] - (y == NULL ? 0.0 : y[k])) * (x[k] - (y == NULL ? 0.0 : y[k]));
  return sqrt(square);
}

static testudo_status combine_here(const rig *r, bench *b, double *square)
{
  const double *weight;
  size_t dim = (size_t)r->options->dim;
  testudo_status status = testudo_combiner_weights(b->combiner, b->progress, &weight, NULL, &b->error);
  if (status == TESTUDO_OK)
    status = testudo_combine_double(b->combiner, b->progress, b->of_worker, dim, b->estimate, &b->error);
  if (status != TESTUDO_OK)
    return status;
  double norm = promise(r, b, weight), off = distance(b->estimate, b->promised, dim);
  double missed = off == 0.0 ? 0.0 : off / distance(b->truth, NULL, dim);
  b->report.decodes++;
  b->report.failures += !(missed <= fmax(1e-9, 100.0 * DBL_EPSILON * norm));
  b->report.max_rel_error = fmax(b->report.max_rel_error, missed);
  b->report.max_amplification = fmax(b->report.max_amplification, norm);
  off = distance(b->estimate, b->truth, dim);
  *square = off * off / (double)dim;
  return TESTUDO_OK;
}

static testudo_status combine_trial(void *context, int32_t thread, int64_t trial)
{
  rig *r = context;
  bench *b = &r->thread[thread];
  int64_t deadlines = r->plan->time_count;
  testudo_i_draw_base(r->plan, r->options->seed, trial, &b->failures, b->time);
  testudo_i_draw_gradients(r->plan->design, r->options->seed, trial, (size_t)r->options->dim, b->gradient, b->truth);
  memset(b->of_worker, 0, (size_t)testudo_design_workers(r->plan->design) * sizeof *b->of_worker);
  testudo_status status = TESTUDO_OK;
  for (int64_t k = 0; k < deadlines && status == TESTUDO_OK; k++) {
    /* Deadlines need not increase. */
    if (k == 0 || r->plan->times[k] < r->plan->times[k - 1])
      testudo_progress_reset(b->progress);
    status = take_messages(r, b, r->plan->times[k]);
    if (status == TESTUDO_OK)
      status = combine_here(r, b, &r->square[trial * deadlines + k]);
  }
  return status;
}

static bool step_combine(void *context, double fraction)
{
  rig *r = context;
  const testudo_monitor *monitor = r->options->monitor;
  return monitor->step(monitor->context, r->share + (1.0 - r->share) * fmax(fraction, 0.0));
}

/* Sums in the order of the trials, whatever thread ran them. */
static testudo_status conclude(const rig *r, int64_t count, testudo_simulation *found, testudo_error *error)
{
  int64_t deadlines = r->plan->time_count;
  found->combined_mse = testudo_i_calloc((size_t)deadlines, sizeof *found->combined_mse);
  if (found->combined_mse == NULL)
    return testudo_i_fail_memory(error);
  for (int64_t trial = 0; trial < count; trial++)
    for (int64_t k = 0; k < deadlines; k++)
      found->combined_mse[k] += r->square[trial * deadlines + k] / (double)count;
  return TESTUDO_OK;
}

static void gather(rig *r, int32_t threads, testudo_status status, testudo_decode_report *report, testudo_error *error)
{
  for (int32_t k = 0; k < threads; k++) {
    const testudo_decode_report *part = &r->thread[k].report;
    report->decodes += part->decodes;
    report->failures += part->failures;
    report->max_rel_error = fmax(report->max_rel_error, part->max_rel_error);
    report->max_amplification = fmax(report->max_amplification, part->max_amplification);
    if (status != TESTUDO_OK && error != NULL && r->thread[k].error.text[0] != 0)
      *error = r->thread[k].error;
    bench_clear(&r->thread[k]);
  }
}

testudo_status testudo_i_combine_run(const testudo_i_plan *plan, const testudo_simulation_options *options,
                                     int64_t trials, double share, testudo_simulation *found, bool *interrupted,
                                     testudo_error *error)
{
  int64_t count = options->decode_trials < trials ? options->decode_trials : trials;
  int32_t threads = options->threads > 0 ? options->threads : testudo_i_cores();
  if (threads > count)
    threads = (int32_t)count;
  rig r = {.plan = plan, .options = options, .share = share};
  testudo_status status = TESTUDO_OK;
  r.thread = testudo_i_calloc((size_t)threads, sizeof *r.thread);
  r.square = testudo_i_calloc((size_t)count, (size_t)plan->time_count * sizeof *r.square);
  if (r.thread == NULL || r.square == NULL) {
    status = testudo_i_fail_memory(error);
    threads = r.thread == NULL ? 0 : threads;
  }
  for (int32_t k = 0; status == TESTUDO_OK && k < threads; k++)
    status = bench_make(&r.thread[k], plan, options->dim, error);
  bool watched = options->monitor != NULL && options->monitor->step != NULL;
  testudo_monitor monitor = {.step = step_combine, .context = &r};
  if (status == TESTUDO_OK) {
    status = testudo_i_parallel_for(count, threads, combine_trial, &r, watched ? &monitor : NULL);
    *interrupted = status == TESTUDO_INTERRUPTED;
    if (*interrupted)
      status = TESTUDO_OK;
  }
  if (status == TESTUDO_OK && !*interrupted)
    status = conclude(&r, count, found, error);
  gather(&r, threads, status, &found->decode, error);
  free(r.thread);
  free(r.square);
  return status;
}
