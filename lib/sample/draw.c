/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws: failures and delays of a trial, alone or eight side by side. */
#include "sample/draw.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "delay/model.h"
#include "sample/stream.h"

#define LANES TESTUDO_I_LANES
#define TILE 32 /* slots whose uniforms are drawn at once; a multiple of the 4 words of a block */

testudo_status testudo_i_failures_make(testudo_i_failures *failures, int32_t workers, testudo_error *error)
{
  failures->count = 0;
  failures->worker = testudo_i_calloc((size_t)workers, sizeof *failures->worker + 1);
  TESTUDO_I_TRY(testudo_i_memory_check(failures->worker != NULL, error));
  failures->flag = (unsigned char *)(failures->worker + workers);
  return TESTUDO_OK;
}

void testudo_i_failures_clear(testudo_i_failures *failures)
{
  free(failures->worker);
  *failures = (testudo_i_failures){0};
}

static void fail_worker(testudo_i_failures *failures, int32_t worker)
{
  failures->flag[worker] = 1;
  failures->worker[failures->count++] = worker;
}

/* Exactly f of m: Floyd's sampling without replacement (Bentley and Floyd, A sample of brilliance, CACM 30, 1987). */
void testudo_i_draw_failures(const testudo_i_plan *plan, uint64_t seed, int64_t trial, testudo_i_failures *failures)
{
  const testudo_delay_model *model = plan->model;
  int32_t workers = testudo_design_workers(plan->design);
  for (int32_t k = 0; k < failures->count; k++)
    failures->flag[failures->worker[k]] = 0;
  failures->count = 0;
  if (model->failures == TESTUDO_FAILURES_NONE)
    return;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_FAILURE, (uint64_t)trial, 0);
  if (model->failures == TESTUDO_FAILURES_EXACTLY) {
    for (int32_t last = workers - model->failed; last < workers; last++) {
      int32_t drawn = (int32_t)testudo_i_random_below(&random, (uint64_t)last + 1);
      fail_worker(failures, failures->flag[drawn] ? last : drawn);
    }
    return;
  }
  for (int32_t j = 0; j < workers; j++)
    if (testudo_i_random_uniform(&random) < model->fail_prob)
      fail_worker(failures, j);
}

/* C_{j,k} = (x_1 + .. + x_k) / r_j, over `lanes` trials side by side. */
static void accumulate(const testudo_i_plan *plan, int lanes, double *time)
{
  int32_t workers = testudo_design_workers(plan->design);
  for (int32_t j = 0; j < workers; j++) {
    double rate = testudo_i_rate(plan->model, j);
    double sum[LANES] = {0};
    for (int64_t e = plan->slot_row[j]; e < plan->slot_row[j + 1]; e++)
      for (int k = 0; k < lanes; k++) {
        sum[k] += time[e * lanes + k];
        time[e * lanes + k] = sum[k] / rate;
      }
  }
}

static void stop_failed(const testudo_i_plan *plan, const testudo_i_failures *failures, int lanes, int lane,
                        double *time)
{
  for (int32_t f = 0; f < failures->count; f++) {
    int32_t j = failures->worker[f];
    for (int64_t e = plan->slot_row[j]; e < plan->slot_row[j + 1]; e++)
      time[e * lanes + lane] = HUGE_VAL;
  }
}

void testudo_i_draw_lanes(const testudo_i_plan *plan, uint64_t seed, int64_t first, testudo_i_failures *failures,
                          double *time)
{
  double uniform[TILE * LANES];
  for (int32_t start = 0; start < plan->slots; start += TILE) {
    int32_t slots = plan->slots - start < TILE ? plan->slots - start : TILE;
    for (int32_t s = 0; s < slots; s += 4)
      testudo_i_uniform_lanes(seed, (uint64_t)first, (uint64_t)(start + s) / 4, uniform + s * LANES);
    testudo_i_law_fill(plan->model->law, uniform, time + (size_t)start * LANES, (size_t)slots * LANES);
  }
  if (plan->additive)
    accumulate(plan, LANES, time);
  if (plan->model->failures == TESTUDO_FAILURES_NONE)
    return;
  for (int lane = 0; lane < LANES; lane++) {
    testudo_i_draw_failures(plan, seed, first + lane, failures);
    stop_failed(plan, failures, LANES, lane, time);
  }
}

void testudo_i_draw_base(const testudo_i_plan *plan, uint64_t seed, int64_t trial, testudo_i_failures *failures,
                         double *time)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_DELAY, (uint64_t)trial, 0);
  for (int32_t s = 0; s < plan->slots; s++)
    time[s] = testudo_i_law_draw(plan->model->law, testudo_i_random_uniform(&random));
  if (plan->additive)
    accumulate(plan, 1, time);
  testudo_i_draw_failures(plan, seed, trial, failures);
  stop_failed(plan, failures, 1, 0, time);
}
