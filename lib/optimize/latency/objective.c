/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One design or two, measured by the objective: exactly where a law is exact, otherwise by trials. */
#include "optimize/latency/objective.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/sum.h"
#include "exact/latency.h"
#include "sample/sort.h"

#define DEFAULT_ERROR 1e-9
#define DEFAULT_TRIALS 100000

testudo_status testudo_i_objective_check(const testudo_objective *objective, testudo_error *error)
{
  double at = objective->at;
  if (objective->kind == TESTUDO_OBJECTIVE_QUANTILE && !(at > 0 && at < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the quantile %g is not between 0 and 1", at);
  if (objective->kind == TESTUDO_OBJECTIVE_MSE && !(at >= 0 && at <= DBL_MAX))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the deadline %g is not finite and not negative", at);
  if (objective->kind == TESTUDO_OBJECTIVE_DEADLINE && !(at > 0 && at <= DBL_MAX))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the deadline %g is not finite and positive", at);
  double prices = objective->chunk_price + objective->vector_price;
  if (objective->kind == TESTUDO_OBJECTIVE_PRICED &&
      !(objective->chunk_price >= 0 && objective->vector_price >= 0 && prices > 0 && prices <= DBL_MAX))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "prices of %g and %g: they are finite, not negative, and one"
                          " is above 0", objective->chunk_price, objective->vector_price);
  return TESTUDO_OK;
}

testudo_status testudo_i_goal_check(const testudo_i_goal *goal, int32_t workers, testudo_error *error)
{
  testudo_objective_kind kind = goal->objective.kind;
  if (kind != TESTUDO_OBJECTIVE_MEAN && kind != TESTUDO_OBJECTIVE_QUANTILE && kind != TESTUDO_OBJECTIVE_MSE &&
      kind != TESTUDO_OBJECTIVE_DEADLINE && kind != TESTUDO_OBJECTIVE_PRICED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the objective is neither mean, quantile, mse, deadline nor priced");
  TESTUDO_I_TRY(testudo_i_objective_check(&goal->objective, error));
  if (goal->trials < 0 || goal->first < 0 || goal->threads < 0 || goal->max_states < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "trials, threads and max_states are 0 (their defaults) or positive");
  return testudo_delay_check(goal->model, workers, error);
}

static int64_t trials_of(const testudo_i_goal *goal)
{
  return goal->trials > 0 ? goal->trials : DEFAULT_TRIALS;
}

/* ---- exact ---- */

static testudo_status exact_latency(const testudo_i_goal *goal, testudo_latency *latency, testudo_i_measure *measure,
                                    testudo_error *error)
{
  double unused;
  snprintf(measure->method, sizeof measure->method, "%.119s", testudo_latency_method(latency));
  measure->exact = true;
  if (goal->objective.kind == TESTUDO_OBJECTIVE_MEAN)
    return testudo_i_latency_mean(latency, &measure->value, &measure->spread, &measure->p_never, error);
  if (goal->objective.kind == TESTUDO_OBJECTIVE_DEADLINE) {
    TESTUDO_I_TRY(testudo_latency_tail(latency, goal->objective.at, &measure->value, &unused, error));
    measure->spread = 1e-12 * measure->value;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_latency_quantile(latency, goal->objective.at, &measure->value, &unused, error));
  measure->spread = measure->value < HUGE_VAL ? 1e-12 * measure->value : 0;
  return testudo_latency_tail(latency, HUGE_VAL, &measure->p_never, &unused, error);
}

/* measure->exact says whether there was an exact law. */
static testudo_status try_exact(const testudo_i_goal *goal, const testudo_design *design, testudo_i_measure *measure,
                                testudo_error *error)
{
  const testudo_analysis_options options = {goal->report,
                                            goal->max_states > 0 ? goal->max_states : TESTUDO_I_LIMIT_GOAL_STATES,
                                            goal->rel_error > 0 ? goal->rel_error : DEFAULT_ERROR, goal->monitor};
  if (goal->no_law || goal->objective.kind == TESTUDO_OBJECTIVE_PRICED)
    return TESTUDO_OK; /* what is computed and sent until T has no law together with T */
  const testudo_i_delay delay = testudo_i_goal_delay(goal);
  TESTUDO_I_HELD(testudo_i_latency_drop) testudo_latency *latency = NULL;
  testudo_status status = testudo_i_latency_create_exact(design, &delay, &options, &latency, error);
  if (status == TESTUDO_ERROR_LIMIT)
    return TESTUDO_OK; /* more states than allowed: simulated */
  return status == TESTUDO_OK && latency != NULL ? exact_latency(goal, latency, measure, error) : status;
}

/* ---- statistics of trials, of one design or two ---- */

static double spread_of(double squares, double count)
{
  return count > 1 ? sqrt(squares / (count - 1) / count) : NAN;
}

/* Mean and standard error of `after`, or of after - before, over the trials in which all that is there is finite; NAN
   where there are too few. */
static void mean_of(const double *before, const double *after, int64_t count, double *mean, double *spread)
{
  testudo_i_sum sum = {0}, squares = {0};
  int64_t finite = 0;
  for (int64_t r = 0; r < count; r++)
    if (after[r] <= DBL_MAX && (before == NULL || before[r] <= DBL_MAX)) {
      finite++;
      testudo_i_sum_add(&sum, before == NULL ? after[r] : after[r] - before[r]);
    }
  *mean = finite > 0 ? testudo_i_sum_value(&sum) / (double)finite : NAN;
  for (int64_t r = 0; r < count; r++)
    if (after[r] <= DBL_MAX && (before == NULL || before[r] <= DBL_MAX)) {
      double apart = (before == NULL ? after[r] : after[r] - before[r]) - *mean;
      testudo_i_sum_add(&squares, apart * apart);
    }
  *spread = spread_of(testudo_i_sum_value(&squares), (double)finite);
}

/* The fraction of the trials that are not done at t, and its standard error; with two trials more, one of them late,
   for a fraction of 0 or 1 is no certainty. */
static void late_of(const double *completion, int64_t count, double t, double *late, double *spread)
{
  int64_t of = 0;
  for (int64_t r = 0; r < count; r++)
    of += completion[r] > t;
  double n = (double)count, p = ((double)of + 1) / (n + 2);
  *late = (double)of / n;
  *spread = sqrt(p * (1 - p) / n);
}

/* Standard error of the difference of two such fractions: one trial more in which they differ either way. */
static double late_spread(const double *before, const double *after, int64_t count, double t)
{
  int64_t better = 0, worse = 0;
  for (int64_t r = 0; r < count; r++) {
    better += before[r] > t && after[r] <= t;
    worse += before[r] <= t && after[r] > t;
  }
  double n = (double)count, apart = (double)(worse - better) / n;
  return sqrt(fmax(0.0, (double)(better + worse + 2) / n - apart * apart) / n);
}

/* The k-th smallest from 1, k rounded into the range. */
static double at_rank(const double *sorted, int64_t count, double rank)
{
  double last = (double)count;
  int64_t k = (int64_t)ceil(fmin(fmax(rank, 1.0), last));
  return sorted[k - 1];
}

/* The q-quantile (HUGE_VAL where more than 1 - q of the trials are infinite) and its standard error, from the order
   statistics one standard deviation of the rank away. Sorts `completion`. */
static void quantile_of(double *completion, int64_t count, double q, double *quantile, double *spread)
{
  testudo_i_sort_times(completion, (size_t)count);
  double rank = q * (double)count, apart = sqrt(q * (1 - q) * (double)count);
  *quantile = at_rank(completion, count, rank);
  double above = at_rank(completion, count, rank + apart), below = at_rank(completion, count, rank - apart);
  *spread = above <= DBL_MAX ? (above - below) / 2 : HUGE_VAL;
}

/* Standard error of quantile(after) - quantile(before), both found as above: by Bahadur's representation each is a mean
   of indicators over the density there, which `spread` holds (R. Bahadur, A note on quantiles in
   large samples, 1966). */
static double quantile_spread(const double *before, const double *after, int64_t count, double q,
                              const double quantile[2], const double spread[2])
{
  /* spread = sqrt(q (1 - q) / count) / density, so that 1 / density is read off it. */
  double unit = sqrt(q * (1 - q) / (double)count), slope[2] = {spread[0] / unit, spread[1] / unit};
  testudo_i_sum sum = {0}, squares = {0};
  for (int64_t r = 0; r < count; r++) {
    double term = slope[0] * (before[r] <= quantile[0]) - slope[1] * (after[r] <= quantile[1]);
    testudo_i_sum_add(&sum, term);
    testudo_i_sum_add(&squares, term * term);
  }
  double n = (double)count, mean = testudo_i_sum_value(&sum) / n;
  return spread_of(fmax(0.0, testudo_i_sum_value(&squares) - n * mean * mean), n);
}

/* ---- simulated ---- */

static void summarise_trials(const testudo_i_goal *goal, double *completion, testudo_i_measure *measure)
{
  int64_t count = trials_of(goal), never = 0;
  snprintf(measure->method, sizeof measure->method, "simulation, %lld trials", (long long)count);
  if (goal->objective.kind == TESTUDO_OBJECTIVE_DEADLINE) {
    late_of(completion, count, goal->objective.at, &measure->value, &measure->spread);
    return;
  }
  for (int64_t r = 0; r < count; r++)
    never += completion[r] > DBL_MAX;
  measure->p_never = (double)never / (double)count;
  if (goal->objective.kind != TESTUDO_OBJECTIVE_QUANTILE)
    mean_of(NULL, completion, count, &measure->value, &measure->spread);
  else
    quantile_of(completion, count, goal->objective.at, &measure->value, &measure->spread);
  if (!(measure->value <= DBL_MAX)) {
    measure->value = HUGE_VAL;
    measure->spread = 0;
  }
}

static testudo_status run_trials(const testudo_i_goal *goal, const testudo_design *design, testudo_i_arena *arena,
                                 double **completion, testudo_error *error)
{
  int64_t count = trials_of(goal);
  *completion = testudo_i_arena_alloc(arena, (size_t)count, sizeof **completion);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  return testudo_i_trials_run(goal, design, goal->first, count, *completion, error);
}

/* ---- the error at a deadline ---- */

static testudo_status simulate_error(const testudo_i_goal *goal, const testudo_design *design,
                                     testudo_i_measure *measure, testudo_error *error)
{
  const testudo_simulation_options options = {.report = goal->report, .trials = trials_of(goal), .seed = goal->stream,
                                              .threads = goal->threads, .times = &goal->objective.at, .time_count = 1,
                                              .monitor = goal->monitor};
  TESTUDO_I_HELD(testudo_i_simulation_drop) testudo_simulation *simulation = NULL;
  TESTUDO_I_TRY(testudo_simulate(design, goal->model, &options, &simulation, error));
  measure->value = simulation->mse[0];
  measure->spread = simulation->mse_stderr[0];
  snprintf(measure->method, sizeof measure->method, "simulation, %lld trials", (long long)simulation->trials);
  return simulation->interrupted ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "the simulation was interrupted")
                                 : TESTUDO_OK;
}

static testudo_status measure_error(const testudo_i_goal *goal, const testudo_design *design,
                                    testudo_i_measure *measure, testudo_error *error)
{
  bool known;
  measure->p_never = NAN;
  if (testudo_i_stopped(goal->monitor, -1)) /* brackets take most of a second, without looking up */
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  TESTUDO_I_TRY(testudo_expected_error_known(design, goal->report, &known, error));
  if (!known)
    return goal->exact_only ? TESTUDO_OK : simulate_error(goal, design, measure, error);
  const testudo_i_delay delay = testudo_i_goal_delay(goal);
  testudo_status status =
      testudo_i_expected_error(design, &delay, goal->report, &goal->objective.at, 1, &measure->value, error);
  if (status == TESTUDO_ERROR_LIMIT && !goal->exact_only)
    return simulate_error(goal, design, measure, error);
  TESTUDO_I_TRY(status);
  measure->exact = true;
  measure->spread = 1e-13 * measure->value;
  snprintf(measure->method, sizeof measure->method, "expected error, chunk by chunk");
  return TESTUDO_OK;
}

/* ---- one design, two designs ---- */

testudo_status testudo_i_goal_measure(const testudo_i_goal *goal, const testudo_design *design,
                                      testudo_i_measure *measure, testudo_error *error)
{
  *measure = (testudo_i_measure){.value = NAN, .spread = NAN, .p_never = NAN};
  TESTUDO_I_TRY(testudo_i_goal_check(goal, testudo_design_workers(design), error));
  if (goal->objective.kind == TESTUDO_OBJECTIVE_MSE)
    return measure_error(goal, design, measure, error);
  TESTUDO_I_TRY(try_exact(goal, design, measure, error));
  if (measure->exact || goal->exact_only)
    return TESTUDO_OK;
  double *completion;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(run_trials(goal, design, &arena, &completion, error));
  summarise_trials(goal, completion, measure);
  return TESTUDO_OK;
}

static double paired_spread(const testudo_i_goal *goal, const testudo_i_comparison *comparison,
                            double *const completion[2])
{
  int64_t count = trials_of(goal);
  if (goal->objective.kind == TESTUDO_OBJECTIVE_MEAN || goal->objective.kind == TESTUDO_OBJECTIVE_PRICED) {
    double mean, spread;
    mean_of(completion[0], completion[1], count, &mean, &spread);
    return spread;
  }
  if (goal->objective.kind == TESTUDO_OBJECTIVE_DEADLINE)
    return late_spread(completion[0], completion[1], count, goal->objective.at);
  const double quantile[2] = {comparison->before.value, comparison->after.value};
  const double each[2] = {comparison->before.spread, comparison->after.spread};
  return quantile_spread(completion[0], completion[1], count, goal->objective.at, quantile, each);
}

/* Quantiles sort what they are found from, pairs need the order of the trials. Where one law is exact its value stays
   and the other one stands alone. */
static testudo_status compare_trials(const testudo_i_goal *goal, const testudo_design *const design[2],
                                     testudo_i_comparison *comparison, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_measure *measure[2] = {&comparison->before, &comparison->after};
  double *completion[2];
  size_t bytes = (size_t)trials_of(goal) * sizeof(double);
  double *sorted = testudo_i_arena_alloc(&arena, bytes, 1);
  for (int k = 0; k < 2; k++) {
    if (measure[k]->exact)
      continue;
    if (k == 1 && design[1] == design[0]) { /* nothing better was found: the same trials of the same design */
      completion[1] = completion[0];
      *measure[1] = *measure[0];
      continue;
    }
    TESTUDO_I_TRY(run_trials(goal, design[k], &arena, &completion[k], error));
    memcpy(sorted, completion[k], bytes);
    summarise_trials(goal, sorted, measure[k]);
  }
  if (!measure[0]->exact && !measure[1]->exact)
    comparison->spread = paired_spread(goal, comparison, completion);
  return TESTUDO_OK;
}

testudo_status testudo_i_goal_compare(const testudo_i_goal *goal, const testudo_design *before,
                                      const testudo_design *after, testudo_i_comparison *comparison,
                                      testudo_error *error)
{
  const testudo_design *const design[2] = {before, after};
  testudo_i_measure *measure[2] = {&comparison->before, &comparison->after};
  bool mse = goal->objective.kind == TESTUDO_OBJECTIVE_MSE;
  TESTUDO_I_TRY(testudo_i_goal_check(goal, testudo_design_workers(before), error));
  *comparison = (testudo_i_comparison){.difference = NAN, .spread = NAN};
  for (int k = 0; k < 2; k++) {
    *measure[k] = (testudo_i_measure){.value = NAN, .spread = NAN, .p_never = NAN};
    if (k == 1 && after == before)
      *measure[1] = *measure[0];
    else
      TESTUDO_I_TRY((mse ? measure_error : try_exact)(goal, design[k], measure[k], error));
  }
  bool exact = measure[0]->exact && measure[1]->exact;
  if (!exact && !mse)
    TESTUDO_I_TRY(compare_trials(goal, design, comparison, error));
  comparison->difference = comparison->after.value - comparison->before.value;
  /* Of values that do not share their trials. */
  bool apart = exact || mse || measure[0]->exact != measure[1]->exact;
  if (apart)
    comparison->spread = exact ? measure[0]->spread + measure[1]->spread
                               : hypot(testudo_i_measure_noise(measure[0]), testudo_i_measure_noise(measure[1]));
  return TESTUDO_OK;
}
