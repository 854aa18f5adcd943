/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws: failures and delays of a trial, alone or eight side by side. */
#include "sample/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "delay/model.h"
#include "sample/stream.h"
#include "sample/terms/terms.h"

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

/* ---- plain models with a slot per step ---- */

/* The times of a worker's steps from those of its chunks, over `lanes` trials side by side. */
TESTUDO_I_INLINED void add_up(double *restrict time, int64_t steps, int lanes, double rate)
{
  double sum[LANES] = {0};
  for (int64_t e = 0; e < steps; e++)
    for (int k = 0; k < lanes; k++) {
      sum[k] += time[e * lanes + k];
      time[e * lanes + k] = sum[k] / rate;
    }
}

TESTUDO_I_CLONES static void add_up_lanes(double *time, int64_t steps, double rate)
{
  if (rate == 1)
    add_up(time, steps, LANES, 1);
  else
    add_up(time, steps, LANES, rate);
}

/* C_{j,k} = (x_1 + .. + x_k) / r_j */
static void accumulate(const testudo_i_plan *plan, int lanes, double *time)
{
  int32_t workers = testudo_design_workers(plan->design);
  for (int32_t j = 0; j < workers; j++) {
    double rate = testudo_i_rate(plan->model, j), *first = time + plan->slot_row[j] * lanes;
    int64_t steps = plan->slot_row[j + 1] - plan->slot_row[j];
    if (lanes == LANES)
      add_up_lanes(first, steps, rate);
    else
      add_up(first, steps, lanes, rate);
  }
}

/* ---- all models ---- */

static void join_times(const testudo_i_plan *plan, int lanes, double *time)
{
  if (plan->terms)
    testudo_i_terms_join(plan, lanes, time);
  else if (plan->timed)
    accumulate(plan, lanes, time);
}

static void stop_slots(int64_t first, int64_t count, int lanes, int lane, double *time)
{
  for (int64_t s = first; s < first + count; s++)
    time[s * lanes + lane] = HUGE_VAL;
}

static void stop_failed(const testudo_i_plan *plan, const testudo_i_failures *failures, int lanes, int lane,
                        double *time)
{
  for (int32_t f = 0; f < failures->count; f++) {
    int32_t j = failures->worker[f];
    stop_slots(plan->slot_row[j], plan->slot_row[j + 1] - plan->slot_row[j], lanes, lane, time);
    stop_slots(plan->further_slot + (int64_t)j * plan->further, plan->further, lanes, lane, time);
    if (plan->computed >= 0)
      stop_slots((int64_t)plan->computed + j, 1, lanes, lane, time);
  }
}

/* Slots start .. start + slots - 1 of what is drawn, from their uniforms. */
static void fill_runs(const testudo_i_run **run, int32_t start, int32_t slots, const double *uniform, double *time)
{
  for (int32_t s = 0; s < slots;) {
    while ((*run)->end <= start + s)
      ++*run;
    int32_t next = (*run)->end - start < slots ? (*run)->end - start : slots;
    size_t count = (size_t)(next - s) * LANES;
    if ((*run)->law != NULL)
      testudo_i_law_fill((*run)->law, uniform + s * LANES, time + (size_t)s * LANES, count);
    else
      memcpy(time + (size_t)s * LANES, uniform + s * LANES, count * sizeof *time);
    s = next;
  }
}

static void draw_lanes(const testudo_i_drawn *drawn, uint64_t seed, int64_t first, double *time)
{
  double uniform[TILE * LANES];
  const testudo_i_run *run = drawn->run;
  for (int32_t start = 0; start < drawn->count; start += TILE) {
    int32_t slots = drawn->count - start < TILE ? drawn->count - start : TILE;
    for (int32_t s = 0; s < slots; s += 4)
      testudo_i_uniform_lanes(seed, drawn->purpose, (uint64_t)first, (uint64_t)(start + s) / 4, uniform + s * LANES);
    fill_runs(&run, start, slots, uniform, time + ((size_t)drawn->first + (size_t)start) * LANES);
  }
}

void testudo_i_draw_lanes(const testudo_i_plan *plan, uint64_t seed, int64_t first, testudo_i_failures *failures,
                          double *time)
{
  for (int k = 0; k < plan->drawn_count; k++)
    draw_lanes(&plan->drawn[k], seed, first, time);
  for (int lane = 0; plan->model->replay != NULL && lane < LANES; lane++)
    testudo_i_terms_replay(plan, first + lane, LANES, lane, time);
  join_times(plan, LANES, time);
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
  for (int k = 0; k < plan->drawn_count; k++) {
    const testudo_i_drawn *drawn = &plan->drawn[k];
    const testudo_i_run *run = drawn->run;
    testudo_i_random random;
    testudo_i_random_start(&random, seed, drawn->purpose, (uint64_t)trial, 0);
    for (int32_t s = 0; s < drawn->count; s++) {
      while (run->end <= s)
        run++;
      double uniform = testudo_i_random_uniform(&random);
      time[drawn->first + s] = run->law != NULL ? testudo_i_law_draw(run->law, uniform) : uniform;
    }
  }
  if (plan->model->replay != NULL)
    testudo_i_terms_replay(plan, trial, 1, 0, time);
  join_times(plan, 1, time);
  testudo_i_draw_failures(plan, seed, trial, failures);
  stop_failed(plan, failures, 1, 0, time);
}
