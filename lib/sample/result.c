/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a simulation found: taking the times of its trials, its law, and giving it back. */
#include "sample/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "sample/sort.h"

void testudo_simulation_free(testudo_simulation *simulation)
{
  if (simulation == NULL)
    return;
  free(simulation->completion);
  testudo_i_sketch_free(simulation->sketch);
  free(simulation->ordered);
  free(simulation->mse); /* with the other numbers per deadline behind it */
  free(simulation->error_trials);
  free(simulation->combined_mse);
  free(simulation);
}

testudo_status testudo_i_result_take(testudo_simulation *found, testudo_i_times *times, testudo_error *error)
{
  double *completion = times->time;
  int64_t trials = times->trials, finite = 0;
  found->trials = trials;
  if (times->sketch != NULL) {
    found->sketch = times->sketch;
    times->sketch = NULL;
    found->sketch_error = TESTUDO_I_SKETCH_ERROR;
    found->never = trials - testudo_i_sketch_count(found->sketch);
    return TESTUDO_OK;
  }
  if (times->options->keep_order) {
    found->ordered = testudo_i_alloc((size_t)trials, sizeof *completion);
    TESTUDO_I_TRY(testudo_i_memory_check(found->ordered != NULL, error));
    memcpy(found->ordered, completion, (size_t)trials * sizeof *completion);
  }
  for (int64_t k = 0; k < trials; k++)
    if (!isinf(completion[k]))
      completion[finite++] = completion[k];
  testudo_i_sort_times(completion, (size_t)finite);
  found->completion = completion;
  times->time = NULL;
  found->never = trials - finite;
  return TESTUDO_OK;
}

void testudo_i_result_moments(testudo_simulation *found, const testudo_i_moments *moments)
{
  found->mean = testudo_i_moments_mean(moments);
  found->stddev = testudo_i_moments_stddev(moments);
  found->stderr_mean = testudo_i_moments_stderr(moments);
  found->skewness = testudo_i_moments_skewness(moments);
  found->kurtosis = testudo_i_moments_kurtosis(moments);
}

/* Ties included: the number of completion times <= t. */
static int64_t trials_done_by(const testudo_simulation *simulation, double t)
{
  if (simulation->sketch != NULL)
    return testudo_i_sketch_until(simulation->sketch, t);
  return testudo_i_count_until(simulation->completion, simulation->trials - simulation->never, t);
}

double testudo_simulation_cdf(const testudo_simulation *simulation, double t)
{
  return (double)trials_done_by(simulation, t) / (double)simulation->trials;
}

double testudo_simulation_exact_time(const testudo_simulation *simulation, double t)
{
  return simulation->sketch == NULL ? t : testudo_i_sketch_exact_time(simulation->sketch, t);
}

double testudo_i_result_rank(double q, double count)
{
  /* One step either way mends the rounding of the product. */
  double rank = ceil(q * count);
  if (rank > 1.0 && (rank - 1.0) / count >= q)
    rank--;
  if (rank < 1.0)
    rank = 1.0;
  return rank / count < q ? rank + 1.0 : rank;
}

double testudo_simulation_quantile(const testudo_simulation *simulation, double q)
{
  double rank = testudo_i_result_rank(q, (double)simulation->trials);
  int64_t finite = simulation->trials - simulation->never;
  if (rank > (double)finite)
    return HUGE_VAL;
  return simulation->sketch != NULL ? testudo_i_sketch_rank(simulation->sketch, (int64_t)rank).value
                                    : simulation->completion[(int64_t)rank - 1];
}

/* The mean of min(T, t) over all trials, and the sum of the squares of the distances from it unless NULL. */
static double capped_mean(const testudo_simulation *simulation, double t, double *squares)
{
  int64_t done = trials_done_by(simulation, t);
  double trials = (double)simulation->trials, late = trials - (double)done;
  testudo_i_sum sum = {0}, square = {0};
  for (int64_t k = 0; k < done; k++)
    testudo_i_sum_add(&sum, simulation->completion[k]);
  testudo_i_sum_add(&sum, late * t);
  double mean = testudo_i_sum_value(&sum) / trials;
  for (int64_t k = 0; squares != NULL && k < done; k++)
    testudo_i_sum_add(&square, (simulation->completion[k] - mean) * (simulation->completion[k] - mean));
  testudo_i_sum_add(&square, late * (t - mean) * (t - mean));
  if (squares != NULL)
    *squares = testudo_i_sum_value(&square);
  return mean;
}

double testudo_simulation_mean_until(const testudo_simulation *simulation, double t, double *stderr_mean)
{
  double trials = (double)simulation->trials, mean, squares = 0.0;
  if (simulation->sketch != NULL)
    testudo_i_sketch_capped(simulation->sketch, t, &mean, &squares);
  else
    mean = capped_mean(simulation, t, stderr_mean == NULL ? NULL : &squares);
  if (stderr_mean != NULL)
    *stderr_mean = trials > 1.0 ? sqrt(squares / (trials - 1.0) / trials) : NAN;
  return mean;
}
