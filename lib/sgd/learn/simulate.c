/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All runs of all methods, side by side, and what they show together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "numeric/integrate.h"
#include "parallel/loop.h"
#include "sgd/learn/learn.h"

/* A run goes on for so long before others, and the monitor, have their turn. */
#define SLICE_SECONDS 0.2

typedef struct whole {
  testudo_sgd sgd;
  testudo_i_arena arena;
} whole;

typedef struct runner {
  const testudo_sgd_setting *setting;
  const testudo_sgd_method *method;
  const testudo_sgd_options *options;
  testudo_sgd *sgd;
  testudo_i_learner *learner; /* of each run */
  int64_t *open;              /* the runs that are not done */
  int64_t open_count;
  testudo_error *why;         /* of each run */
} runner;

/* ---- one slice of one run ---- */

static testudo_status go_on_run(void *context, int32_t thread, int64_t index)
{
  runner *all = context;
  int64_t at = all->open[index];
  testudo_i_learner *learner = &all->learner[at];
  bool ended = false;
  (void)thread;
  if (learner->setting == NULL)
    TESTUDO_I_TRY(testudo_i_learner_begin(learner, all->setting, &all->method[at / all->options->runs], all->options,
                                          all->options->seed + (uint64_t)(at % all->options->runs),
                                          &all->sgd->run[at], &all->why[at]));
  TESTUDO_I_TRY(testudo_i_learner_go_on(learner, SLICE_SECONDS, &ended, &all->why[at]));
  all->why[at].text[0] = '\0'; /* of an update that could not be decoded, or will never come: no failure of the run */
  if (ended)
    testudo_i_learner_end(learner);
  return TESTUDO_OK;
}

static double part_done(const runner *all)
{
  int64_t runs = (int64_t)all->sgd->methods * all->sgd->runs;
  double done = 0.0;
  for (int64_t k = 0; k < runs; k++)
    done += all->sgd->run[k].done ? 1.0 : (double)all->learner[k].point / (double)all->options->time_count;
  return done / (double)runs;
}

/* The first run with a sentence is the one that failed. */
static testudo_status keep_sentence(const runner *all, testudo_status status, testudo_error *error)
{
  for (int64_t k = 0; error != NULL && k < all->open_count; k++)
    if (all->why[all->open[k]].text[0] != '\0') {
      *error = all->why[all->open[k]];
      testudo_i_error_prefix(error, testudo_sgd_name(all->method[all->open[k] / all->options->runs].kind));
      break;
    }
  return status;
}

/* Of a slice: runs are written while it is watched, so that it shows what was done before. */
typedef struct slice_monitor {
  const testudo_monitor *outer;
  double part;
} slice_monitor;

static bool watch_slice(void *context, double fraction)
{
  slice_monitor *watch = context;
  (void)fraction;
  return !testudo_i_stopped(watch->outer, watch->part);
}

/* The runs that are not done, run by run and not method by method, so that all methods have about as many whenever it
   stops; answers how many of them may go on now. Few, so that those that have begun are done, and their memory is given
   back, before others begin; and where one method is slow the others wait for it. */
static int64_t list_open(runner *all, int32_t threads)
{
  int64_t methods = all->sgd->methods, runs = all->sgd->runs, now = 0, last = -1;
  all->open_count = 0;
  for (int64_t k = 0; k < methods * runs; k++) {
    int64_t number = k / methods, at = k % methods * runs + number;
    if (all->sgd->run[at].done)
      continue;
    last = last < 0 ? number + 1 + threads / methods : last;
    now += now < threads && number <= last;
    all->open[all->open_count++] = at;
  }
  return now;
}

static testudo_status run_all(runner *all, testudo_error *error)
{
  int32_t threads = all->options->threads > 0 ? all->options->threads : testudo_i_cores();
  slice_monitor watch = {all->options->monitor, 0.0};
  testudo_monitor monitor = {watch_slice, &watch};
  for (int64_t now; (now = list_open(all, threads)) > 0;) {
    watch.part = part_done(all);
    testudo_status status = testudo_i_parallel_for(now, threads, go_on_run, all, &monitor);
    if (status == TESTUDO_INTERRUPTED)
      return status;
    if (status != TESTUDO_OK)
      return keep_sentence(all, status, error);
  }
  return TESTUDO_OK;
}

/* ---- what the runs show together ---- */

/* Mean and interval of count numbers; what is not finite is its own mean. */
static void find_band(const double *value, int64_t count, double *mean, double *low, double *high)
{
  double sum = 0.0, squares = 0.0;
  for (int64_t k = 0; k < count; k++)
    sum += value[k];
  *mean = sum / (double)count;
  for (int64_t k = 0; k < count; k++)
    squares += (value[k] - *mean) * (value[k] - *mean);
  *low = *high = NAN;
  if (count < 2 || !isfinite(squares))
    return;
  double half = testudo_i_student_quantile(0.975, (double)count - 1.0) *
                sqrt(squares / ((double)count - 1.0) / (double)count);
  *low = *mean - half;
  *high = *mean + half;
}

static void summarise_method(const testudo_sgd *sgd, int32_t method, double *value)
{
  testudo_sgd_summary *summary = &sgd->summary[method];
  const testudo_sgd_run *run = &sgd->run[(int64_t)method * sgd->runs];
  int32_t count = 0;
  for (int q = 0; q < TESTUDO_SGD_CURVES; q++)
    for (int64_t at = 0; at < sgd->time_count; at++) {
      count = 0;
      for (int32_t r = 0; r < sgd->runs; r++)
        if (run[r].done)
          value[count++] = run[r].curve[q * sgd->time_count + at];
      testudo_sgd_band *band = &summary->band[q];
      if (count > 0)
        find_band(value, count, &band->mean[at], &band->low[at], &band->high[at]);
      else
        band->mean[at] = band->low[at] = band->high[at] = NAN;
    }
  summary->runs = count;
  count = 0;
  for (int32_t r = 0; r < sgd->runs; r++) {
    if (!run[r].done)
      continue;
    summary->lost += run[r].lost;
    summary->failed += run[r].failed;
    summary->stuck += run[r].stuck;
    if (run[r].updates > run[r].failed)
      value[count++] = run[r].ended / (double)run[r].updates;
  }
  double low, high;
  summary->update_time = summary->update_time_stderr = NAN;
  if (count == 0)
    return;
  find_band(value, count, &summary->update_time, &low, &high);
  if (count > 1)
    summary->update_time_stderr = (high - low) / 2.0 / testudo_i_student_quantile(0.975, (double)count - 1.0);
}

/* ---- making ---- */

static testudo_status make_whole(runner *all, int32_t methods, const testudo_sgd_run *known, whole **made,
                                 testudo_error *error)
{
  const testudo_sgd_options *options = all->options;
  *made = testudo_i_calloc(1, sizeof **made);
  TESTUDO_I_TRY(testudo_i_memory_check(*made != NULL, error));
  testudo_i_arena *arena = &(*made)->arena;
  testudo_sgd *sgd = &(*made)->sgd;
  size_t runs = (size_t)methods * (size_t)options->runs, count = (size_t)options->time_count;
  *sgd = (testudo_sgd){.methods = methods, .runs = options->runs, .time_count = options->time_count};
  sgd->run = testudo_i_arena_calloc(arena, runs, sizeof *sgd->run);
  sgd->summary = testudo_i_arena_calloc(arena, (size_t)methods, sizeof *sgd->summary);
  all->learner = testudo_i_arena_calloc(arena, runs, sizeof *all->learner);
  all->open = testudo_i_arena_calloc(arena, runs, sizeof *all->open);
  all->why = testudo_i_arena_calloc(arena, runs, sizeof *all->why);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  all->sgd = sgd;
  for (size_t k = 0; k < runs; k++) {
    double *curve = testudo_i_arena_calloc(arena, count * TESTUDO_SGD_CURVES, sizeof *curve);
    TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
    if (known != NULL && known[k].done) {
      sgd->run[k] = known[k];
      memcpy(curve, known[k].curve, count * TESTUDO_SGD_CURVES * sizeof *curve);
    }
    sgd->run[k].curve = curve;
  }
  for (int32_t m = 0; m < methods; m++)
    for (int q = 0; q < TESTUDO_SGD_CURVES; q++) {
      testudo_sgd_band *band = &sgd->summary[m].band[q];
      band->mean = testudo_i_arena_calloc(arena, count, sizeof *band->mean);
      band->low = testudo_i_arena_calloc(arena, count, sizeof *band->low);
      band->high = testudo_i_arena_calloc(arena, count, sizeof *band->high);
    }
  return testudo_i_arena_check(arena, error);
}

static testudo_status simulate_whole(runner *all, int32_t methods, const testudo_sgd_run *known, whole **made,
                                     testudo_error *error)
{
  TESTUDO_I_TRY(make_whole(all, methods, known, made, error));
  testudo_status status = run_all(all, error);
  testudo_sgd *sgd = all->sgd;
  int64_t runs = (int64_t)methods * sgd->runs, done = 0;
  for (int64_t k = 0; k < runs; k++) {
    testudo_i_learner_end(&all->learner[k]);
    done += sgd->run[k].done;
  }
  if (status == TESTUDO_INTERRUPTED && done == runs) /* asked to stop when there was nothing left to do */
    status = TESTUDO_OK;
  if (status != TESTUDO_OK && (status != TESTUDO_INTERRUPTED || done == 0))
    return status;
  sgd->interrupted = done < runs;
  double *value = testudo_i_arena_calloc(&(*made)->arena, (size_t)sgd->runs, sizeof *value);
  TESTUDO_I_TRY(testudo_i_arena_check(&(*made)->arena, error));
  for (int32_t m = 0; m < methods; m++)
    summarise_method(sgd, m, value);
  return status;
}

testudo_status testudo_sgd_simulate(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                    int32_t methods, const testudo_sgd_options *options, const testudo_sgd_run *known,
                                    testudo_sgd **sgd, testudo_error *error)
{
  *sgd = NULL;
  if (methods < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d methods; there must be one at least", (int)methods);
  for (int32_t m = 0; m < methods; m++)
    TESTUDO_I_TRY(testudo_i_learn_check(setting, &method[m], options, error));
  runner all = {.setting = setting, .method = method, .options = options};
  whole *made = NULL;
  testudo_status status = simulate_whole(&all, methods, known, &made, error);
  if (status == TESTUDO_OK || (status == TESTUDO_INTERRUPTED && all.sgd != NULL && all.sgd->interrupted))
    *sgd = &made->sgd;
  else if (made != NULL)
    testudo_sgd_free(&made->sgd);
  return status;
}

void testudo_sgd_free(testudo_sgd *sgd)
{
  if (sgd == NULL)
    return;
  whole *made = (whole *)(void *)sgd; /* its first member */
  testudo_i_arena_clear(&made->arena);
  free(made);
}

double testudo_sgd_time_to(const testudo_sgd *sgd, const double *times, int32_t method, double target)
{
  const double *loss = sgd->summary[method].band[TESTUDO_SGD_LOSS].mean;
  int64_t at = sgd->time_count;
  while (at > 0 && loss[at - 1] <= target)
    at--;
  return at == sgd->time_count ? HUGE_VAL : times[at];
}
