/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps counted eight trials side by side, by as many comparisons as there are steps, which branch on nothing; of a
   worker with many, trial by trial, by halving: a worker's times do not fall. */
#include "sample/kernels/done.h"

#include "base/clones.h"
#include "runtime/design.h"

#define LANES TESTUDO_I_LANES
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

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

/* Of step times that stand there. */
TESTUDO_I_INLINED void count_timed(const double *restrict time, int32_t steps, const double *restrict t,
                                   double *restrict count)
{
#define OPEN(k) double count##k = 0.0;
  EACH(OPEN)
  for (int32_t s = 0; s < steps; s++, time += LANES) {
#define COUNT(k) count##k += time[k] <= t[k] ? 1.0 : 0.0;
    EACH(COUNT)
  }
#define CLOSE(k) count[k] = count##k;
  EACH(CLOSE)
}

/* Of multiples of the worker's X: testudo_i_time_of's doubles. */
TESTUDO_I_INLINED void count_scaled(const double *restrict x, const double *work, double rate, int32_t steps,
                                    const double *restrict t, double *restrict count)
{
  EACH(OPEN)
  for (int32_t s = 0; s < steps; s++) {
    double place = work == NULL ? s + 1.0 : work[s];
#define COUNT_SCALED(k) count##k += place * x[k] / rate <= t[k] ? 1.0 : 0.0;
    EACH(COUNT_SCALED)
  }
  EACH(CLOSE)
}

TESTUDO_I_CLONES void testudo_i_kernel_done(const testudo_i_plan *plan, const double *time, const double *t,
                                            int32_t *done)
{
  int32_t workers = plan->design->workers;
  const double *rates = plan->timed ? NULL : plan->model->rates;
  for (int32_t j = 0; j < workers; j++) {
    double count[LANES];
    int32_t steps = testudo_design_steps(plan->design, j);
    if (steps > MANY) {
      for (int k = 0; k < LANES; k++)
        done[(int64_t)k * workers + j] = by_halving(plan, time, k, j, steps, t[k]);
      continue;
    }
    if (plan->timed)
      count_timed(time + plan->slot_row[j] * LANES, steps, t, count);
    else
      count_scaled(time + (int64_t)j * LANES, plan->work, rates == NULL ? 1.0 : rates[j], steps, t, count);
    for (int k = 0; k < LANES; k++)
      done[(int64_t)k * workers + j] = (int32_t)count[k];
  }
}
