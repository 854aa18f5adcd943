/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "advise/cost.h"

#include <math.h>

#include "base/error.h"

/* Mean of the slowest over the mean of all, once workers are as fast as each other (`rates`, NULL: as they are) and a
   share `left` of the logarithm of what is a worker's alone in an iteration is left. */
static double slowest_over_mean(const testudo_i_iterations *of, const double *rates, const double *iteration,
                                double mean, double left)
{
  double slowest = 0.0, all = 0.0;
  for (int64_t i = 0; i < of->count; i++) {
    double most = 0.0;
    for (int32_t w = 0; w < of->workers && !isnan(iteration[i]); w++) {
      double time = testudo_i_iterations_share(of, i, w) * (rates != NULL ? rates[w] : 1.0);
      double alone = time / (mean * iteration[i]);
      if (left < 1.0)
        time *= pow(alone, left - 1.0);
      most = fmax(most, time);
      all += time / of->workers;
    }
    slowest += most;
  }
  return slowest / all;
}

/* How much the iterations' means differ, whatever the workers. */
static double variation(const testudo_i_iterations *of, const double *iteration, int64_t ended)
{
  double squares = 0.0;
  for (int64_t i = 0; i < of->count; i++)
    if (!isnan(iteration[i]))
      squares += (iteration[i] - 1.0) * (iteration[i] - 1.0);
  return ended > 1 ? sqrt(squares / (double)(ended - 1)) : NAN;
}

testudo_status testudo_i_straggler_cost(const testudo_i_iterations *of, const double *rates,
                                        testudo_straggler_cost *cost, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  double *iteration = testudo_i_arena_alloc(&arena, (size_t)of->count, sizeof *iteration);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  int64_t ended;
  *cost = (testudo_straggler_cost){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  double mean = testudo_i_iterations_factors(of, NULL, iteration, &ended);
  if (ended == 0 || !(mean > 0.0))
    return TESTUDO_OK;
  double whole = slowest_over_mean(of, NULL, iteration, mean, 1.0);
  double alike = slowest_over_mean(of, rates, iteration, mean, 1.0);
  cost->mean = mean;
  cost->slowest = whole * mean;
  cost->slowest_over_mean = whole;
  cost->persistent = whole - alike;
  cost->common = variation(of, iteration, ended);
  testudo_i_effects effects;
  TESTUDO_I_TRY(testudo_i_iterations_effects(of, iteration, &effects, error));
  if (isnan(effects.cell)) {
    cost->iteration = alike - 1.0;
    return TESTUDO_OK;
  }
  /* What is left varies by as much as single chunks make it. */
  double both = effects.cell + effects.chunk, left = both > 0.0 ? sqrt(effects.chunk / both) : 1.0;
  double chunks = slowest_over_mean(of, rates, iteration, mean, left);
  cost->iteration = alike - chunks;
  cost->chunk = chunks - 1.0;
  return TESTUDO_OK;
}
