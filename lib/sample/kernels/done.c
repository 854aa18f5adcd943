/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps counted eight trials side by side, by as many comparisons as there are steps, which branch on nothing; of a
   worker with many, trial by trial, by halving: a worker's times do not fall. */
#include "sample/kernels/done.h"

#include <string.h>

#include "base/clones.h"
#include "runtime/design.h"
#include "sample/kernels/halves.h"

#define LANES TESTUDO_I_LANES

/* From so many steps on halving is faster. */
#define MANY 48

static int32_t by_halving(const testudo_i_plan *plan, const double *time, int lane, int32_t worker, int32_t steps,
                          double t)
{
  int32_t least = 0, most = steps;
  if (testudo_i_time_of(plan, time, LANES, lane, worker, most) <= t)
    return most;
  while (least + 1 < most) {
    int32_t middle = least + (most - least) / 2;
    if (testudo_i_time_of(plan, time, LANES, lane, worker, middle) <= t)
      least = middle;
    else
      most = middle;
  }
  return least;
}

/* How many steps are not later than t: all of them less those that are. */
TESTUDO_I_INLINED void conclude(int32_t steps, const testudo_i_half_count *later, int32_t *restrict count)
{
  int64_t found[LANES];
  memcpy(found, later, sizeof found);
  for (int k = 0; k < LANES; k++)
    count[k] = steps - (int32_t)found[k];
}

/* Of step times that stand there. */
TESTUDO_I_INLINED void count_timed(const double *restrict time, int32_t steps, const testudo_i_half *t,
                                   int32_t *restrict count)
{
  testudo_i_half_count later[2] = {{0}, {0}};
  for (int32_t s = 0; s < steps; s++, time += LANES) {
    const testudo_i_half *at = (const void *)time;
    testudo_i_count_greater(&at[0], &t[0], &later[0]);
    testudo_i_count_greater(&at[1], &t[1], &later[1]);
  }
  conclude(steps, later, count);
}

/* Of multiples of the worker's X: testudo_i_time_of's doubles. A rate of 1 needs no division. */
TESTUDO_I_INLINED void count_scaled(const double *restrict x, const double *work, double rate, int32_t steps,
                                    const testudo_i_half *t, int32_t *restrict count)
{
  testudo_i_half_count later[2] = {{0}, {0}};
  for (int32_t s = 0; s < steps; s++) {
    double place = work == NULL ? s + 1.0 : work[s];
    testudo_i_half at[2];
    double *time = (double *)at;
    for (int k = 0; k < LANES; k++)
      time[k] = rate == 1.0 ? place * x[k] : place * x[k] / rate;
    testudo_i_count_greater(&at[0], &t[0], &later[0]);
    testudo_i_count_greater(&at[1], &t[1], &later[1]);
  }
  conclude(steps, later, count);
}

TESTUDO_I_INLINED void count_worker(const testudo_i_plan *plan, const double *time, int32_t worker,
                                    const testudo_i_half *t, int32_t *count)
{
  int32_t steps = testudo_design_steps(plan->design, worker);
  const double *x = time + (int64_t)worker * LANES, *rates = plan->model->rates;
  if (plan->timed)
    count_timed(time + plan->slot_row[worker] * LANES, steps, t, count);
  else if (rates == NULL || rates[worker] == 1.0)
    count_scaled(x, plan->work, 1.0, steps, t, count);
  else
    count_scaled(x, plan->work, rates[worker], steps, t, count);
}

TESTUDO_I_CLONES void testudo_i_kernel_done(const testudo_i_plan *plan, const double *time, const double *t,
                                            int32_t *done)
{
  int32_t workers = plan->design->workers;
  testudo_i_half bound[2];
  memcpy(bound, t, sizeof bound);
  for (int32_t j = 0; j < workers; j++) {
    int32_t count[LANES], steps = testudo_design_steps(plan->design, j);
    if (steps > MANY)
      for (int k = 0; k < LANES; k++)
        count[k] = by_halving(plan, time, k, j, steps, t[k]);
    else
      count_worker(plan, time, j, bound, count);
    for (int k = 0; k < LANES; k++)
      done[(int64_t)k * workers + j] = count[k];
  }
}
