/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample/decode.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "linalg/dense.h"
#include "parallel/loop.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "sample/draw.h"
#include "sample/kernel.h"

/* One thread's place: a server, its workers, and the true gradient. */
typedef struct bench {
  testudo_i_failures failures;
  double *time, *room, *deadline_error;
  testudo_progress *progress;
  testudo_codec *codec;
  double *gradient;          /* chunks x dim */
  double *message;           /* workers x message length */
  double *truth, *decoded;   /* dim */
  double *coefficient;       /* max load x parts */
  const double **of_chunk;   /* max load */
  const double **of_worker;  /* workers */
  testudo_decode_report report;
  testudo_error error;
} bench;

typedef struct rig {
  const testudo_i_plan *plan;
  const testudo_simulation_options *options;
  const double *completion;
  double share;
  bench *thread;
} rig;

testudo_status testudo_i_decode_check(const testudo_i_plan *plan, const testudo_simulation_options *options,
                                      testudo_error *error)
{
  if (options->decode_trials > 0 && testudo_design_scheme(plan->design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme ignore-stragglers estimates the gradient: there is nothing to decode and compare");
  return TESTUDO_OK;
}

double testudo_i_decode_share(const testudo_i_plan *plan, const testudo_simulation_options *options)
{
  if (options->decode_trials == 0)
    return 1.0;
  /* A decoding trial touches every entry dim times and solves a small problem a chunk; a plain one costs about
     5 ns an entry at most. */
  double plain = 5.0 * (double)options->trials;
  double decode = (double)options->decode_trials * (2.0 * (double)options->dim + 500.0);
  (void)plan;
  return plain / (plain + decode);
}

static void bench_clear(bench *b)
{
  testudo_i_failures_clear(&b->failures);
  testudo_progress_free(b->progress);
  testudo_codec_free(b->codec);
  free(b->time);
  free(b->room);
  free(b->deadline_error);
  free(b->gradient);
  free(b->message);
  free(b->truth);
  free(b->decoded);
  free(b->coefficient);
  free(b->of_chunk);
  free(b->of_worker);
}

static testudo_status bench_make(bench *b, const testudo_i_plan *plan, int64_t dim, testudo_error *error)
{
  const testudo_design *design = plan->design;
  size_t chunks = (size_t)testudo_design_chunks(design), workers = (size_t)testudo_design_workers(design);
  size_t load = (size_t)testudo_design_max_load(design), length = testudo_message_length(design, (size_t)dim);
  testudo_status status = testudo_i_failures_make(&b->failures, (int32_t)workers, error);
  if (status == TESTUDO_OK)
    status = testudo_progress_create(design, &b->progress, error);
  if (status == TESTUDO_OK)
    status = testudo_codec_create(design, &b->codec, error);
  if (status != TESTUDO_OK)
    return status;
  struct { double **array; size_t count, each; } wanted[] = {
      {&b->time, (size_t)plan->slots, 1}, {&b->room, testudo_i_kernel_room(plan), 1},
      {&b->deadline_error, (size_t)plan->time_count, 1}, {&b->gradient, chunks, (size_t)dim},
      {&b->message, workers, length}, {&b->truth, (size_t)dim, 1}, {&b->decoded, (size_t)dim, 1},
      {&b->coefficient, load, (size_t)testudo_design_parts(design)}};
  for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
    if (wanted[k].each > SIZE_MAX / sizeof(double))
      return testudo_i_fail_memory(error);
    *wanted[k].array = testudo_i_alloc(wanted[k].count, wanted[k].each * sizeof(double));
    if (*wanted[k].array == NULL)
      return testudo_i_fail_memory(error);
  }
  b->of_chunk = testudo_i_alloc(load, sizeof *b->of_chunk);
  b->of_worker = testudo_i_alloc(workers, sizeof *b->of_worker);
  return b->of_chunk == NULL || b->of_worker == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

/* What the server credits the worker with at t: chunks with C <= t, or < t when `before`. */
static int32_t credit(const testudo_i_plan *plan, const double *time, int32_t worker, double t, bool before)
{
  int32_t load = testudo_i_progress_most(plan->design, worker), done = 0;
  while (done < load) {
    double c = testudo_i_time_of(plan, time, 1, 0, worker, done + 1);
    if (before ? !(c < t) : !(c <= t))
      break;
    done++;
  }
  return plan->report == TESTUDO_REPORT_WHOLE && done < load ? 0 : done;
}

static testudo_status mark_all(const testudo_i_plan *plan, bench *b, double t, bool before)
{
  for (int32_t j = 0; j < testudo_design_workers(plan->design); j++) {
    testudo_status status = testudo_progress_mark(b->progress, j, credit(plan, b->time, j, t, before), &b->error);
    if (status != TESTUDO_OK)
      return status;
  }
  return TESTUDO_OK;
}

void testudo_i_draw_gradients(const testudo_design *design, uint64_t seed, int64_t trial, size_t dim, double *gradient,
                              double *sum)
{
  memset(sum, 0, dim * sizeof *sum);
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_GRADIENT, (uint64_t)trial, (uint64_t)i);
    double *of_chunk = gradient + (size_t)i * dim;
    for (size_t k = 0; k < dim; k++) {
      of_chunk[k] = testudo_i_random_normal(&random);
      sum[k] += of_chunk[k];
    }
  }
}

static testudo_status send_messages(const rig *r, bench *b)
{
  const testudo_design *design = r->plan->design;
  size_t dim = (size_t)r->options->dim, length = testudo_message_length(design, dim);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int32_t done = testudo_progress_done(b->progress, j);
    b->of_worker[j] = NULL;
    if (done == 0)
      continue;
    bool blocks = testudo_design_scheme(design) == TESTUDO_SCHEME_BLOCK;
    int32_t used = blocks ? design->family.tolerance[done - 1] + 1 : done;
    for (int32_t k = 0; k < used; k++)
      b->of_chunk[k] = b->gradient + (size_t)testudo_design_order(design, j)[k] * dim;
    double *message = b->message + (size_t)j * length;
    testudo_status status =
        blocks ? TESTUDO_OK : testudo_coefficients(b->codec, b->progress, j, b->coefficient, &b->error);
    if (status == TESTUDO_OK)
      status = testudo_encode_double(b->codec, j, done, b->coefficient, b->of_chunk, dim, message, &b->error);
    if (status != TESTUDO_OK)
      return status;
    b->of_worker[j] = message;
  }
  return TESTUDO_OK;
}

static double relative_error(const double *found, const double *truth, size_t dim)
{
  double apart = 0.0, size = 0.0;
  for (size_t k = 0; k < dim; k++) {
    apart += (found[k] - truth[k]) * (found[k] - truth[k]);
    size += truth[k] * truth[k];
  }
  return apart == 0.0 ? 0.0 : sqrt(apart / size);
}

/* Is it for its conditioning that the decoder refused this set of finished workers, decodable by rule? Judged by the
   condition number of the first n - s of them; of a nested or block code by its amplification alone. Rare, so it may
   allocate. */
static testudo_status badly_conditioned(const testudo_design *design, bench *b, bool *bad)
{
  double amplification, condition = 0.0;
  *bad = false;
  testudo_status status = testudo_amplification(b->codec, b->progress, &amplification, NULL, &b->error);
  *bad = status == TESTUDO_OK && !(amplification <= TESTUDO_MAX_AMPLIFICATION);
  if (status != TESTUDO_OK || *bad || testudo_design_scheme(design) != TESTUDO_SCHEME_GRADIENT_CODE)
    return status;
  int32_t chunks = testudo_design_chunks(design), workers = testudo_design_workers(design);
  int32_t wanted = workers - testudo_design_stragglers(design), count = 0;
  size_t entries = (size_t)chunks * (size_t)wanted;
  double *rows = testudo_i_calloc(entries, sizeof *rows), *inverse = testudo_i_alloc(entries, sizeof *inverse);
  double *work = testudo_i_alloc(testudo_i_pseudo_inverse_room(chunks, wanted), sizeof *work);
  for (int32_t j = 0; rows != NULL && j < workers && count < wanted; j++) {
    int32_t load = testudo_design_load(design, j);
    if (testudo_progress_done(b->progress, j) < load)
      continue;
    for (int32_t k = 0; k < load; k++)
      rows[(size_t)count * (size_t)chunks + (size_t)testudo_design_order(design, j)[k]] =
          testudo_design_coefficients(design, j)[k];
    count++;
  }
  status = rows == NULL || inverse == NULL || work == NULL
               ? testudo_i_fail_memory(&b->error)
               : testudo_i_pseudo_inverse(chunks, wanted, rows, inverse, &condition, work, &b->error);
  *bad = status == TESTUDO_OK && condition > 1e9;
  free(rows);
  free(inverse);
  free(work);
  return status;
}

/* At T, decodable by rule: encode, decode, compare. *good is left alone where the gradient is right. */
static testudo_status decode_here(const rig *r, bench *b, int64_t trial, bool *good)
{
  size_t dim = (size_t)r->options->dim;
  double amplification = 1.0;
  testudo_i_draw_gradients(r->plan->design, r->options->seed, trial, dim, b->gradient, b->truth);
  testudo_status status = send_messages(r, b);
  if (status == TESTUDO_OK)
    status = testudo_decode_double(b->codec, b->progress, b->of_worker, dim, b->decoded, &b->error);
  if (status == TESTUDO_OK)
    status = testudo_amplification(b->codec, b->progress, &amplification, NULL, &b->error);
  if (status == TESTUDO_UNDECODABLE) {
    bool bad;
    status = badly_conditioned(r->plan->design, b, &bad);
    b->report.refused += bad;
    *good = *good && bad;
    return status;
  }
  if (status == TESTUDO_ERROR_SYSTEM)
    return status;
  if (status != TESTUDO_OK) {
    *good = false;
    return TESTUDO_OK;
  }
  double missed = relative_error(b->decoded, b->truth, dim);
  if (!(missed <= fmax(1e-9, 100.0 * DBL_EPSILON * amplification)))
    *good = false;
  b->report.max_rel_error = fmax(b->report.max_rel_error, missed);
  b->report.max_amplification = fmax(b->report.max_amplification, amplification);
  return TESTUDO_OK;
}

static testudo_status decode_trial(void *context, int32_t thread, int64_t trial)
{
  rig *r = context;
  bench *b = &r->thread[thread];
  double t;
  testudo_i_draw_base(r->plan, r->options->seed, trial, &b->failures, b->time);
  testudo_i_kernel_base(r->plan, b->time, &t, b->deadline_error, b->room);
  double step = r->options->round_up;
  bool good = (step > 0.0 ? testudo_i_round_up(t, step) : t) == r->completion[trial];
  testudo_progress_reset(b->progress);
  testudo_status status = mark_all(r->plan, b, t, true);
  if (status == TESTUDO_OK && t > 0.0 && testudo_progress_decodable(b->progress))
    good = false;
  if (status == TESTUDO_OK && isinf(t))
    b->report.undecodable++;
  else if (status == TESTUDO_OK) {
    b->report.decodes++;
    status = mark_all(r->plan, b, t, false);
    if (status == TESTUDO_OK && testudo_progress_decodable(b->progress))
      status = decode_here(r, b, trial, &good);
    else
      good = false;
  }
  b->report.failures += !good;
  return status;
}

static bool step_decode(void *context, double fraction)
{
  rig *r = context;
  const testudo_monitor *monitor = r->options->monitor;
  return monitor->step(monitor->context, r->share + (1.0 - r->share) * fmax(fraction, 0.0));
}

testudo_status testudo_i_decode_run(const testudo_i_plan *plan, const testudo_simulation_options *options,
                                    const double *completion, int64_t trials, double share,
                                    testudo_decode_report *report, bool *interrupted, testudo_error *error)
{
  int64_t count = options->decode_trials < trials ? options->decode_trials : trials;
  int32_t threads = options->threads > 0 ? options->threads : testudo_i_cores();
  if (threads > count)
    threads = (int32_t)count;
  rig r = {.plan = plan, .options = options, .completion = completion, .share = share};
  r.thread = testudo_i_calloc((size_t)threads, sizeof *r.thread);
  if (r.thread == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = TESTUDO_OK;
  for (int32_t k = 0; status == TESTUDO_OK && k < threads; k++)
    status = bench_make(&r.thread[k], plan, options->dim, error);
  bool watched = options->monitor != NULL && options->monitor->step != NULL;
  testudo_monitor monitor = {.step = step_decode, .context = &r};
  if (status == TESTUDO_OK) {
    status = testudo_i_parallel_for(count, threads, decode_trial, &r, watched ? &monitor : NULL);
    *interrupted = status == TESTUDO_INTERRUPTED;
    if (*interrupted)
      status = TESTUDO_OK;
  }
  for (int32_t k = 0; k < threads; k++) {
    const testudo_decode_report *part = &r.thread[k].report;
    report->decodes += part->decodes;
    report->failures += part->failures;
    report->undecodable += part->undecodable;
    report->refused += part->refused;
    report->max_rel_error = fmax(report->max_rel_error, part->max_rel_error);
    report->max_amplification = fmax(report->max_amplification, part->max_amplification);
    if (status != TESTUDO_OK && error != NULL && r.thread[k].error.text[0] != 0)
      *error = r.thread[k].error;
    bench_clear(&r.thread[k]);
  }
  free(r.thread);
  return status;
}
