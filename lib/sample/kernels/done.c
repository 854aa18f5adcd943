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

/* Of step times that stand there: how many are later than t. */
TESTUDO_I_INLINED void count_timed(const double *restrict time, int32_t steps, const testudo_i_half *t,
                                   testudo_i_half_count *restrict later)
{
  for (int32_t s = 0; s < steps; s++, time += LANES) {
    const testudo_i_half *at = (const void *)time;
    testudo_i_count_greater(&at[0], &t[0], &later[0]);
    testudo_i_count_greater(&at[1], &t[1], &later[1]);
  }
}

/* Of multiples of the worker's X: testudo_i_time_of's doubles. A rate of 1 needs no division. */
TESTUDO_I_INLINED void count_scaled(const double *restrict x, const double *work, double rate, int32_t steps,
                                    const testudo_i_half *t, testudo_i_half_count *restrict later)
{
  for (int32_t s = 0; s < steps; s++) {
    double place = work == NULL ? s + 1.0 : work[s];
    testudo_i_half at[2];
    double *time = (double *)at;
    for (int k = 0; k < LANES; k++)
      time[k] = rate == 1.0 ? place * x[k] : place * x[k] / rate;
    testudo_i_count_greater(&at[0], &t[0], &later[0]);
    testudo_i_count_greater(&at[1], &t[1], &later[1]);
  }
}

/* The same of the first chunks, of so many that the compiler knows how many: no loop is left. */
TESTUDO_I_INLINED void count_few(const double *restrict x, int steps, const testudo_i_half *t,
                                 testudo_i_half_count *restrict later)
{
#pragma GCC unroll 8
  for (int s = 1; s <= steps; s++) {
    testudo_i_half at[2];
    double *time = (double *)at;
    for (int k = 0; k < LANES; k++)
      time[k] = (double)s * x[k];
    testudo_i_count_greater(&at[0], &t[0], &later[0]);
    testudo_i_count_greater(&at[1], &t[1], &later[1]);
  }
}

TESTUDO_I_INLINED void count_chunks(const double *x, int32_t steps, const testudo_i_half *t,
                                    testudo_i_half_count *later)
{
#define OF_STEPS(n) case n: count_few(x, n, t, later); return;
  switch (steps) {
    OF_STEPS(1) OF_STEPS(2) OF_STEPS(3) OF_STEPS(4) OF_STEPS(5) OF_STEPS(6) OF_STEPS(7) OF_STEPS(8)
  default:
    count_scaled(x, NULL, 1.0, steps, t, later);
  }
}

TESTUDO_I_INLINED void count_worker(const testudo_i_plan *plan, const double *time, int32_t worker, int32_t steps,
                                    const testudo_i_half *t, testudo_i_half_count *later)
{
  const double *x = time + (int64_t)worker * LANES, *rates = plan->model->rates;
  later[0] = later[1] = (testudo_i_half_count){0};
  if (plan->timed)
    count_timed(time + plan->slot_row[worker] * LANES, steps, t, later);
  else if (plan->work == NULL && (rates == NULL || rates[worker] == 1.0))
    count_chunks(x, steps, t, later);
  else
    count_scaled(x, plan->work, rates == NULL ? 1.0 : rates[worker], steps, t, later);
}

/* How many steps are not later: all of them less those that are. */
TESTUDO_I_INLINED void conclude(int32_t steps, const testudo_i_half_count *later, int32_t *restrict count)
{
  int64_t found[LANES];
  memcpy(found, later, sizeof found);
  for (int k = 0; k < LANES; k++)
    count[k] = steps - (int32_t)found[k];
}

TESTUDO_I_CLONES void testudo_i_kernel_done(const testudo_i_plan *plan, const double *time, const double *t,
                                            int32_t *done)
{
  int32_t workers = plan->design->workers;
  testudo_i_half bound[2];
  memcpy(bound, t, sizeof bound);
  for (int32_t j = 0; j < workers; j++) {
    int32_t count[LANES], steps = testudo_design_steps(plan->design, j);
    testudo_i_half_count later[2];
    if (steps > MANY)
      for (int k = 0; k < LANES; k++)
        count[k] = by_halving(plan, time, k, j, steps, t[k]);
    else {
      count_worker(plan, time, j, steps, bound, later);
      conclude(steps, later, count);
    }
    for (int k = 0; k < LANES; k++)
      done[(int64_t)k * workers + j] = count[k];
  }
}

TESTUDO_I_CLONES static void sum_workers(const testudo_i_plan *plan, const double *time, const double *t, bool whole,
                                         double *chunks, double *messages)
{
  const int64_t *row = plan->design->row;
  testudo_i_half_count sum[2] = {{0}}, sent[2] = {{0}}, later[2];
  testudo_i_half bound[2];
  int64_t found[2 * LANES];
  memcpy(bound, t, sizeof bound);
  for (int32_t j = 0; j < plan->design->workers; j++) {
    int32_t steps = (int32_t)(row[j + 1] - row[j]);
    if (steps == 0)
      continue;
    count_worker(plan, time, j, steps, bound, later);
    testudo_i_add_done(&later[0], steps, whole ? 1 : steps, &sum[0], &sent[0]);
    testudo_i_add_done(&later[1], steps, whole ? 1 : steps, &sum[1], &sent[1]);
  }
  memcpy(found, sum, sizeof sum);
  memcpy(found + LANES, sent, sizeof sent);
  for (int k = 0; k < LANES; k++) {
    chunks[k] = (double)found[k];
    messages[k] = (double)found[LANES + k];
  }
}

bool testudo_i_kernel_sums(const testudo_i_plan *plan, const double *time, const double *t, bool whole,
                           double *chunks, double *messages)
{
  if (plan->work != NULL || plan->computed >= 0 || plan->design->steps > 0 || plan->design->max_load > MANY)
    return false;
  sum_workers(plan, time, t, whole, chunks, messages);
  return true;
}
