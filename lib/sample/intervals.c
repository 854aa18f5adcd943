/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What so many trials know: intervals of quantiles, limits of what was not seen, whether the standard error of their
   mean can be believed (docs/theory/trials.md); and intervals of what a replay says, by resampling blocks of its
   iterations. */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"
#include "base/random.h"
#include "numeric/integrate.h"
#include "sample/result.h"
#include "sample/sort.h"

#define CONFIDENCE 0.95

/* Trials that must be expected beyond a quantile. */
#define LEAST_BEYOND 3.0

/* Skewness^2 / trials up to which the interval of the mean covers what it says, but for some 1.5 %. */
#define MOST_SKEWNESS 0.05

/* Where the largest sqrt(n) trials fall off like a power of so little, the rest of the tail is not seen. */
#define LEAST_INDEX 1.6
enum { LEAST_TAIL = 10 };

#define RESAMPLES TESTUDO_REPLAY_RESAMPLES

/* ---- independent trials ---- */

double testudo_unseen_limit(int64_t trials)
{
  return -expm1(log(1.0 - CONFIDENCE) / (double)trials);
}

/* The largest rank whose trial is above the quantile with probability 0.025 at most; 0: none is. */
static int64_t rank_below(int64_t n, double q)
{
  int64_t low = 0, high = n;
  while (low < high) {
    int64_t middle = high - (high - low) / 2;
    if (testudo_i_binomial_below(middle - 1, n, q) <= (1.0 - CONFIDENCE) / 2.0)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

/* The least rank whose trial is below it with probability 0.025 at most; n + 1: none is. */
static int64_t rank_above(int64_t n, double q)
{
  int64_t low = 1, high = n + 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (testudo_i_binomial_above(middle, n, q) <= (1.0 - CONFIDENCE) / 2.0)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* The trial of a rank, or what a sketch knows of it. */
static testudo_interval trial_of_rank(const testudo_simulation *simulation, int64_t rank)
{
  int64_t finite = simulation->trials - simulation->never;
  double end = rank < 1 ? 0.0 : HUGE_VAL;
  if (rank < 1 || rank > finite)
    return (testudo_interval){end, end, end};
  if (simulation->sketch != NULL)
    return testudo_i_sketch_rank(simulation->sketch, rank);
  end = simulation->completion[rank - 1];
  return (testudo_interval){end, end, end};
}

testudo_interval testudo_simulation_quantile_interval(const testudo_simulation *simulation, double q)
{
  int64_t n = simulation->trials;
  double beyond = (double)n * fmin(q, 1.0 - q), rounded = LEAST_BEYOND * (1.0 - 1e-9);
  testudo_interval interval = {testudo_simulation_quantile(simulation, q),
                               trial_of_rank(simulation, rank_below(n, q)).low,
                               trial_of_rank(simulation, rank_above(n, q)).high};
  if (beyond < rounded && !isinf(interval.low))
    interval.value = NAN;
  return interval;
}

/* Sum over the `count` largest of n trials of log(T / from). */
static double log_sum(const testudo_simulation *simulation, int64_t n, int64_t count, double from)
{
  double sum = 0.0;
  if (simulation->sketch != NULL)
    return testudo_i_sketch_log_sum(simulation->sketch, count, from);
  for (int64_t k = n - count; k < n; k++)
    sum += log(simulation->completion[k] / from);
  return sum;
}

/* Hill's estimate of the index of the tail from the largest sqrt(n) trials; HUGE_VAL of too few, or of equal ones. */
static double tail_index(const testudo_simulation *simulation, int64_t n)
{
  int64_t count = (int64_t)sqrt((double)n);
  double from = count >= LEAST_TAIL ? trial_of_rank(simulation, n - count).value : 0.0;
  if (!(from > 0.0))
    return HUGE_VAL;
  double sum = log_sum(simulation, n, count, from);
  return sum > 0.0 ? (double)(count - 1) / sum : HUGE_VAL;
}

const char *testudo_simulation_stderr_doubt(const testudo_simulation *simulation)
{
  int64_t n = simulation->trials - simulation->never;
  if (n < 2)
    return "one trial has none";
  /* The skewness is no number where nothing varies, and where powers are beyond what a double holds. */
  if (simulation->stddev != 0.0 && !(simulation->skewness * simulation->skewness <= MOST_SKEWNESS * (double)n))
    return "a few of the largest trials make up most of it";
  if (tail_index(simulation, n) < LEAST_INDEX)
    return "the largest trials fall off so slowly that larger ones count which were not seen";
  return NULL;
}

/* ---- iterations of a replay ---- */

/* A trial, and the iteration that it is of. */
typedef struct timed_trial {
  double t;
  int64_t iteration;
} timed_trial;

typedef struct resampling {
  testudo_i_arena *arena;
  timed_trial *trial;   /* by time */
  int64_t trials, iterations, block;
  int32_t *times;       /* how often each iteration is in this sample */
  double weight;        /* trials in this sample, repetitions counted */
  const double *quantile;
  int64_t quantiles;
  double *mean;         /* of each resample with a finite T */
  int64_t means;
  double *found;        /* quantile q of resample r: q RESAMPLES + r */
} resampling;

static int by_time(const void *a, const void *b)
{
  const timed_trial *x = a, *y = b;
  return x->t != y->t ? TESTUDO_I_COMPARE(x->t, y->t) : TESTUDO_I_COMPARE(x->iteration, y->iteration);
}

static double sampled_mean(const resampling *r)
{
  double sum = 0.0, weight = 0.0;
  for (int64_t k = 0; k < r->trials && !isinf(r->trial[k].t); k++) {
    double times = r->times[r->trial[k].iteration];
    sum += times * r->trial[k].t;
    weight += times;
  }
  return weight > 0.0 ? sum / weight : NAN;
}

static double sampled_quantile(const resampling *r, double q)
{
  double rank = testudo_i_result_rank(q, r->weight), weight = 0.0;
  for (int64_t k = 0; k < r->trials; k++) {
    weight += r->times[r->trial[k].iteration];
    if (weight >= rank)
      return r->trial[k].t;
  }
  return HUGE_VAL;
}

/* Blocks of consecutive iterations, the last one cut, until there are as many as there were. */
static void draw_blocks(resampling *r, testudo_i_random *random)
{
  int64_t n = r->iterations, passes = r->trials / n, longer = r->trials % n;
  for (int64_t i = 0; i < n; i++)
    r->times[i] = 0;
  r->weight = 0.0;
  for (int64_t drawn = 0; drawn < n;) {
    int64_t first = (int64_t)testudo_i_random_below(random, (uint64_t)(n - r->block + 1));
    for (int64_t i = first; i < first + r->block && drawn < n; i++, drawn++) {
      r->times[i]++;
      r->weight += (double)(passes + (i < longer));
    }
  }
}

static testudo_status resampling_make(resampling *r, const double *ordered, testudo_error *error)
{
  while (r->block * r->block * r->block < r->iterations)
    r->block++;
  r->trial = testudo_i_arena_alloc(r->arena, (size_t)r->trials, sizeof *r->trial);
  r->times = testudo_i_arena_alloc(r->arena, (size_t)r->iterations, sizeof *r->times);
  r->mean = testudo_i_arena_alloc(r->arena, RESAMPLES, sizeof *r->mean);
  r->found = testudo_i_arena_alloc(r->arena, (size_t)r->quantiles, RESAMPLES * sizeof *r->found);
  TESTUDO_I_TRY(testudo_i_arena_check(r->arena, error));
  for (int64_t k = 0; k < r->trials; k++)
    r->trial[k] = (timed_trial){ordered[k], k % r->iterations};
  qsort(r->trial, (size_t)r->trials, sizeof *r->trial, by_time);
  return TESTUDO_OK;
}

static void resample_all(resampling *r, uint64_t seed)
{
  for (int64_t k = 0; k < RESAMPLES; k++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_BOOTSTRAP, (uint64_t)k, 0);
    draw_blocks(r, &random);
    double mean = sampled_mean(r);
    if (!isnan(mean))
      r->mean[r->means++] = mean;
    for (int64_t q = 0; q < r->quantiles; q++)
      r->found[q * RESAMPLES + k] = sampled_quantile(r, r->quantile[q]);
  }
}

/* Fewer measured iterations tell nothing of how they vary: blocks of them would be nearly the whole. */
#define LEAST_ITERATIONS 5

/* The middle 95 percent of some numbers, which it sorts. */
static testudo_interval middle_of(double value, double *number, int64_t count)
{
  if (count == 0)
    return (testudo_interval){value, NAN, NAN};
  testudo_i_sort_times(number, (size_t)count);
  return (testudo_interval){value, number[(int64_t)testudo_i_result_rank(0.025, (double)count) - 1],
                            number[(int64_t)testudo_i_result_rank(0.975, (double)count) - 1]};
}

static void conclude_intervals(resampling *r, testudo_interval *mean, testudo_interval *of_quantile)
{
  double n = (double)r->iterations, few = 1.0 - 1e-9; /* 10 (1 - 0.9) < 1 in doubles */
  for (int64_t i = 0; i < r->iterations; i++)
    r->times[i] = 1;
  r->weight = (double)r->trials;
  *mean = middle_of(sampled_mean(r), r->mean, r->means);
  for (int64_t k = 0; k < r->quantiles; k++) {
    double q = r->quantile[k];
    testudo_interval *found = &of_quantile[k];
    *found = middle_of(sampled_quantile(r, q), r->found + k * RESAMPLES, RESAMPLES);
    if (n * (1.0 - q) < few) {
      found->value = NAN;
      found->high = HUGE_VAL;
    }
    if (n * q < few) {
      found->value = NAN;
      found->low = 0.0;
    }
    if (r->iterations < LEAST_ITERATIONS && !isinf(found->value)) /* that it never ends is known */
      *found = (testudo_interval){NAN, 0.0, HUGE_VAL};
  }
  if (r->iterations < LEAST_ITERATIONS)
    mean->low = mean->high = NAN;
}

static testudo_status check_intervals(int64_t trials, int64_t iterations, const double *quantiles,
                                      int64_t quantile_count, testudo_error *error)
{
  if (trials < 1 || iterations < 1 || quantile_count < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "intervals: %lld trials of %lld iterations and %lld quantiles, but at least 1, 1 and 0 are "
                          "needed",
                          (long long)trials, (long long)iterations, (long long)quantile_count);
  for (int64_t k = 0; k < quantile_count; k++)
    if (!(quantiles[k] > 0.0 && quantiles[k] < 1.0))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "quantile %g, but quantiles are above 0 and below 1",
                            quantiles[k]);
  return TESTUDO_OK;
}

testudo_status testudo_replay_intervals(const double *ordered, int64_t trials, int64_t iterations, uint64_t seed,
                                        testudo_interval *mean, const double *quantiles, int64_t quantile_count,
                                        testudo_interval *of_quantile, int64_t *block, testudo_error *error)
{
  TESTUDO_I_TRY(check_intervals(trials, iterations, quantiles, quantile_count, error));
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  resampling r = {.arena = &arena, .trials = trials, .iterations = trials < iterations ? trials : iterations,
                  .block = 1, .quantile = quantiles, .quantiles = quantile_count};
  TESTUDO_I_TRY(resampling_make(&r, ordered, error));
  resample_all(&r, seed);
  conclude_intervals(&r, mean, of_quantile);
  if (block != NULL)
    *block = r.block;
  return TESTUDO_OK;
}
