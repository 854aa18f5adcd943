/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P(T > t) as the probability of a union of rows that are late. */
#include <testudo/rare.h>

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "delay/answer.h"
#include "delay/sums/brackets.h"
#include "exact/answered.h"
#include "exact/latency.h"
#include "parallel/loop.h"
#include "rare/rows.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/moments.h"

/* Trials that one thread does at a time; the order in which batches are merged is part of the result. */
enum { BATCH = 256, LEAST_TRIALS = 100 };

/* Half a 95 % interval in standard errors; and 1 minus its confidence. */
#define HALF 1.959963984540054
#define MISSED 0.05

typedef struct crew {
  testudo_i_rare_row row;
  int32_t *progress;     /* one per worker */
  testudo_i_fate *fate;  /* one per pair of a row */
  char *failed;          /* one per worker */
} crew;

typedef struct rare {
  const testudo_rare_options *options;
  testudo_i_cluster cluster;
  double shift;          /* seconds that pass after the progress is fixed */
  testudo_i_rare_time at;
  double *sums;          /* rows + 1: of the rows' probabilities, before each */
  crew *crew;
  int32_t threads;
  testudo_i_moments *batch; /* of 1 / M */
  int64_t batches;
  size_t number;         /* of the time in hand .. */
  double share;          /* .. and what it is of all work */
  testudo_i_arena arena;
} rare;

static void rare_clear(rare *r)
{
  testudo_i_cluster_free(&r->cluster);
  testudo_i_arena_clear(&r->arena);
}

/* ---- trials ---- */

static int32_t row_of(const rare *r, double place)
{
  return (int32_t)testudo_i_count_until(r->sums + 1, r->cluster.rule.rows - 1, place);
}

/* Of the workers beside the row's, so many fail, any as likely as any other. */
static void draw_failures(const rare *r, crew *c, int32_t failing, testudo_i_random *random)
{
  int32_t left = r->cluster.workers - c->row.pairs;
  for (int32_t j = 0; failing > 0 && j < r->cluster.workers; j++) {
    if (c->progress[j] >= 0)
      continue;
    if (testudo_i_random_below(random, (uint64_t)left) < (uint64_t)failing) {
      c->failed[j] = 1;
      failing--;
    }
    left--;
  }
}

/* The progress of everyone, given that the row in hand is late; -1 stands for not drawn yet. */
static void draw_progress(const rare *r, crew *c, testudo_i_random *random)
{
  const testudo_i_rule *rule = &r->cluster.rule;
  int32_t failing = r->at.failed - testudo_i_rare_row_draw(&c->row, &r->at, random, c->fate);
  memset(c->failed, 0, (size_t)r->cluster.workers);
  for (int32_t j = 0; j < r->cluster.workers; j++)
    c->progress[j] = -1;
  for (int32_t k = 0; k < c->row.pairs; k++) {
    int32_t worker = c->row.worker[k], step = c->row.step[k], steps = testudo_i_rule_steps(rule, worker);
    c->progress[worker] = c->fate[k] == TESTUDO_I_FATE_FAILED ? 0
                          : c->fate[k] == TESTUDO_I_FATE_LATE
                              ? testudo_i_rare_progress(&r->at, worker, 0, step - 1, random)
                              : testudo_i_rare_progress(&r->at, worker, step, steps, random);
  }
  draw_failures(r, c, failing, random);
  for (int32_t j = 0; j < r->cluster.workers; j++)
    if (c->progress[j] < 0)
      c->progress[j] =
          c->failed[j] ? 0 : testudo_i_rare_progress(&r->at, j, 0, testudo_i_rule_steps(rule, j), random);
}

static int32_t count_late_rows(const testudo_i_rule *rule, const int32_t *progress)
{
  int32_t late = 0;
  for (int32_t i = 0; i < rule->rows; i++) {
    int64_t pairs = testudo_i_rule_pairs(rule, i), done = 0;
    for (int64_t k = 0; k < pairs; k++) {
      int32_t worker = testudo_i_rule_pair_worker(rule, i, k);
      /* A worker without steps has done everything. */
      done += progress[worker] >= testudo_i_rule_pair_step(rule, i, k);
    }
    late += done < testudo_i_rule_need(rule, i);
  }
  return late;
}

static testudo_status run_batch(void *context, int32_t thread, int64_t index)
{
  rare *r = context;
  crew *c = &r->crew[thread];
  testudo_i_shifted shares = {0};
  testudo_i_random random;
  int64_t left = r->options->trials - index * BATCH, count = left < BATCH ? left : BATCH;
  int32_t rows = r->cluster.rule.rows;
  testudo_i_random_start(&random, r->options->seed, TESTUDO_I_FOR_RARE, (uint64_t)r->number, (uint64_t)index);
  for (int64_t k = 0; k < count; k++) {
    int32_t number = row_of(r, testudo_i_random_uniform(&random) * r->sums[rows]);
    (void)testudo_i_rare_row_late(&c->row, &r->at, number, NULL);
    draw_progress(r, c, &random);
    int32_t late = count_late_rows(&r->cluster.rule, c->progress);
    testudo_i_shifted_add(&shares, 1.0 / (late > 1 ? late : 1));
  }
  r->batch[index] = testudo_i_shifted_moments(&shares);
  return TESTUDO_OK;
}

/* ---- one time ---- */

static bool step_time(void *context, double fraction)
{
  rare *r = context;
  double done = fraction > 0.0 ? fraction : 0.0;
  return !testudo_i_stopped(r->options->monitor, r->share * ((double)r->number + done));
}

/* shares: of 1 / M, over all trials. */
static void conclude(const rare *r, const testudo_i_moments *shares, testudo_rare *found)
{
  double sum = r->sums[r->cluster.rule.rows], n = (double)r->options->trials;
  double tables = r->cluster.tables_error * r->cluster.workers;
  found->union_bound = sum * (1.0 + tables);
  found->p = fmin(1.0, sum * shares->mean);
  found->stderr_p = sum * testudo_i_moments_stderr(shares);
  /* What no trial showed may hide a share of 1 - MISSED^(1/n), in which 1 / M is anything up to 1. */
  double unseen = r->cluster.rule.rows > 1 ? -sum * expm1(log(MISSED) / n) : 0.0;
  double off = HALF * found->stderr_p + unseen + tables * found->p;
  found->low = fmax(0.0, fmax(found->p - off, sum / r->cluster.rule.rows * (1.0 - tables)));
  found->high = fmin(fmin(1.0, found->union_bound), found->p + off);
}

static testudo_status one_time(rare *r, double t, testudo_rare *found, testudo_error *error)
{
  int32_t rows = r->cluster.rule.rows;
  double early = testudo_i_latest_progress(t, r->shift);
  *found = (testudo_rare){.t = t, .p = 1.0, .low = 1.0, .high = 1.0, .union_bound = 1.0};
  if (early < 0.0)
    return TESTUDO_OK;
  testudo_i_rare_time_set(&r->at, early);
  for (int32_t i = 0; i < rows; i++) {
    r->sums[i + 1] = r->sums[i] + testudo_i_rare_row_late(&r->crew[0].row, &r->at, i, r->options->monitor);
    if ((i % 64 == 0 || i + 1 == rows) && testudo_i_stopped(r->options->monitor, -1.0))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "rare tails: interrupted");
  }
  *found = (testudo_rare){.t = t};
  if (!(r->sums[rows] > 0.0))
    return TESTUDO_OK;
  if (rows == 1) { /* it is late alone */
    const testudo_i_moments alone = {.count = r->options->trials, .mean = 1.0};
    conclude(r, &alone, found);
    return TESTUDO_OK;
  }
  const testudo_monitor monitor = {.step = step_time, .context = r};
  testudo_status status = testudo_i_parallel_for(r->batches, r->threads, run_batch, r, &monitor);
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "rare tails: interrupted");
  testudo_i_moments all = {0};
  for (int64_t k = 0; k < r->batches; k++)
    testudo_i_moments_merge(&all, &r->batch[k]);
  conclude(r, &all, found);
  return TESTUDO_OK;
}

/* ---- all ---- */

static testudo_status check_options(const testudo_rare_options *options, const double *times, size_t count,
                                    testudo_error *error)
{
  if (options->trials < LEAST_TRIALS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "trials: %lld, but at least %d are needed",
                          (long long)options->trials, (int)LEAST_TRIALS);
  if (options->threads < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "threads: %d, but it is 0 (all cores) or positive",
                          (int)options->threads);
  if (count > 0 && times == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "times: %zu times, but the list has none", count);
  for (size_t k = 0; k < count; k++)
    if (!(times[k] >= 0.0 && times[k] < HUGE_VAL))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "times[%zu]: %g, but a time is finite and not negative", k,
                            times[k]);
  return TESTUDO_OK;
}

static testudo_status check_model(const testudo_design *design, const testudo_delay_model *model,
                                  const testudo_rare_options *options, testudo_error *error)
{
  if (testudo_i_answers_randomly(design, model, options->report))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "rare tails are known of the time when the progress is fixed; messages of random time come "
                          "after it");
  if (testudo_i_wants_brackets(model, testudo_design_max_load(design)))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "rare tails need the law of a worker's progress, which this model only brackets");
  return TESTUDO_OK;
}

static testudo_status reserve(rare *r, testudo_error *error)
{
  size_t workers = (size_t)r->cluster.workers;
  r->batches = (r->options->trials - 1) / BATCH + 1;
  r->threads = r->options->threads > 0 ? r->options->threads : testudo_i_cores();
  if (r->threads > r->batches)
    r->threads = (int32_t)r->batches;
  r->sums = testudo_i_arena_calloc(&r->arena, (size_t)r->cluster.rule.rows + 1, sizeof *r->sums);
  r->batch = testudo_i_arena_calloc(&r->arena, (size_t)r->batches, sizeof *r->batch);
  r->crew = testudo_i_arena_calloc(&r->arena, (size_t)r->threads, sizeof *r->crew);
  TESTUDO_I_TRY(testudo_i_arena_check(&r->arena, error));
  TESTUDO_I_TRY(testudo_i_rare_time_make(&r->at, &r->arena, &r->cluster, error));
  for (int32_t k = 0; k < r->threads; k++) {
    crew *c = &r->crew[k];
    c->progress = testudo_i_arena_alloc(&r->arena, workers, sizeof *c->progress);
    c->fate = testudo_i_arena_alloc(&r->arena, (size_t)r->at.longest, sizeof *c->fate);
    c->failed = testudo_i_arena_alloc(&r->arena, workers, 1);
    TESTUDO_I_TRY(testudo_i_rare_row_make(&c->row, &r->arena, &r->at, r->cluster.rule.rows > 1, error));
  }
  return testudo_i_arena_check(&r->arena, error);
}

testudo_status testudo_rare_tail(const testudo_design *design, const testudo_delay_model *model,
                                 const testudo_rare_options *options, const double *times, size_t count,
                                 testudo_rare *found, testudo_error *error)
{
  TESTUDO_I_HELD(rare_clear) rare r = {.options = options, .share = 1.0 / (double)(count > 0 ? count : 1)};
  TESTUDO_I_TRY(check_options(options, times, count, error));
  TESTUDO_I_TRY(testudo_i_scheme_check_report(design, options->report, error));
  TESTUDO_I_TRY(testudo_delay_check(model, testudo_design_workers(design), error));
  TESTUDO_I_TRY(check_model(design, model, options, error));
  TESTUDO_I_TRY(testudo_i_cluster_init(&r.cluster, design, TESTUDO_I_ALONE(model),
                                       options->report == TESTUDO_REPORT_WHOLE, error));
  if (r.cluster.rule.join != TESTUDO_I_ALL)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "scheme %s ends with any of its tolerances; rare tails are known of schemes that wait for "
                          "every chunk, block or worker of some set", testudo_i_scheme_of(design)->name);
  TESTUDO_I_TRY(testudo_i_after_progress(design, r.cluster.model, r.cluster.whole, &r.shift, error));
  TESTUDO_I_TRY(reserve(&r, error));
  for (; r.number < count; r.number++)
    TESTUDO_I_TRY(one_time(&r, times[r.number], &found[r.number], error));
  return TESTUDO_OK;
}
